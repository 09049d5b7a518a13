"""A made-up paper of many pages: twelve kinds of lines of its template, five of its writers, worded at random."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SYLLABLES = """
an bờ cầu chợ dòng đồi đường đầm ghe gò hồ hoa kênh khe lúa làng mây mưa nắng ngõ non núi phà quán rẫy ruộng sáng
sông suối thuyền trăng tre vườn xuân xóm yên biển bản bến cánh chiều đêm đèo đá gió giếng hạt hội lối mai mùa nhà
nương ong phố quê rừng sao sen sớm tháng thu tiếng trà trống vải vụ vàng xanh
"""
FRAMES = (
    "<p>{}</p>",
    '<p class="ghi-chu">{}</p>',
    "<div>{}</div>",
    '<div class="o-nho"><p>{}</p></div>',
    "<span>{}</span>",
    "<p><strong>{}</strong></p>",
    "<p><em>{}</em></p>",
    "<h4>{}</h4>",
    "<ul><li>{}</li></ul>",
    "<blockquote><p>{}</p></blockquote>",
    '<p style="text-align:center">{}</p>',
    "<strong>{}</strong>",
    "<table><tr><td>{}</td></tr></table>",
)
PLACES = ("start", "end", "nth")
KINDS = (
    "{w} mỗi sáng qua hộp thư",
    "Đường nóng {w}: 0{d}",
    "Cài {w} để đọc trên điện thoại",
    "Giữ bản quyền {w} năm {n}",
    "Đọc cùng chủ đề {w}",
    "Đã có {n} người xem {w}",
    "Gửi {w} cho người thân cùng đọc",
    "Mời trả lời {w} trong vài phút",
    "Bạn đọc cho bài {n} điểm {w}",
    "Cùng đồng hành có {w}",
    "Bạn đọc có thể phản ánh {w} về tòa soạn",
    "Nhãn {w}",
)


@dataclass(frozen=True)
class Noise:
    """A line of the template: its words (``{n}`` changes from page to page), markup, place and the pages it is on."""

    words: str
    frame: str
    place: str
    nth: int
    pages: frozenset[int]


@dataclass(frozen=True)
class Sentence:
    """A sentence that writers repeat: its words, markup, where it stands and the pages it is on."""

    words: str
    frame: str
    place: str
    pages: frozenset[int]


@dataclass(frozen=True)
class Page:
    path: str
    html: bytes
    noise: tuple[str, ...]
    true: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass
class MadeUpPaper:
    """Pages in the order they are fetched; ``seed`` decides all."""

    seed: int
    size: int = 200
    sections: tuple[str, ...] = ("thoi-su", "kinh-te", "van-hoa", "xa-hoi")
    frames: tuple[str, ...] = FRAMES
    noise: list[Noise] = field(default_factory=list)
    true: list[Sentence] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.syllables = SYLLABLES.split()
        self.of_section = self._sections_of_pages()
        self.writers = [self._name() for _ in range(9)]
        self.noise = [self._noise(kind) for kind in KINDS]
        self.true = self._sentences()

    def _sections_of_pages(self) -> list[str]:
        """Return each page's section: all equally often, in no order."""
        found: list[str] = []
        while len(found) < self.size:
            found += self.random.sample(self.sections, len(self.sections))
        return found

    def words(self, least: int, most: int) -> str:
        return " ".join(self.random.choice(self.syllables) for _ in range(self.random.randint(least, most)))

    def sentence(self, least: int = 12, most: int = 30) -> str:
        return self.words(least, most).capitalize() + "."

    def _name(self) -> str:
        return " ".join(self.random.choice(self.syllables).capitalize() for _ in range(3))

    def _noise(self, kind: str) -> Noise:
        words = kind.replace("{w}", self.words(3, 8)).replace("{d}", str(self.random.randint(10**8, 10**9 - 1)))
        everywhere = frozenset(range(self.size))
        spread = self.random.random()
        if spread < 0.5:
            pages = everywhere
        elif spread < 0.75:
            pages = frozenset(range(self.random.randint(0, 1), self.size, 2))
        else:
            section = self.random.choice(self.sections)
            pages = frozenset(n for n in everywhere if self.of_section[n] == section)
        return Noise(
            words, self.random.choice(self.frames), self.random.choice(PLACES), self.random.randint(1, 3), pages
        )

    def _sentences(self) -> list[Sentence]:
        """A motto, a serial's introduction, an advice, a law's title, a columnist's farewell."""
        pages = range(self.size)
        start = self.random.randint(20, self.size - 40)
        serial = frozenset(range(start, start + self.random.randint(8, 20)))
        often = [frozenset(n for n in pages if self.random.random() < share) for share in (0.3, 0.2, 0.12)]
        column = frozenset(n for n in pages if self.random.random() < 0.1)
        return [
            Sentence(self.sentence(8, 14), "<p>{}</p>", "anywhere", often[0]),
            Sentence(self.sentence(15, 30), "<p><em>{}</em></p>", "start", serial),
            Sentence(self.sentence(12, 25), "<p>{}</p>", "anywhere", often[1]),
            Sentence(self.sentence(12, 25), "<p><strong>{}</strong></p>", "anywhere", often[2]),
            Sentence(self.sentence(8, 16), "<p>{}</p>", "end", column),
        ]

    def page(self, number: int) -> Page:
        paragraphs = [self.sentence(25, 60) for _ in range(self.random.randint(3, 10))]
        own = [f"<p>{p}</p>" for p in paragraphs]
        true = [s for s in self.true if number in s.pages]
        for one in true:
            at = {"start": 0, "end": len(own)}.get(one.place, self.random.randint(1, len(own)))
            own.insert(at, one.frame.format(one.words))
        body, noise = self._with_noise(own, number)
        section = self.of_section[number]
        name = "-".join(self.words(3, 5).split()) + f"-{number}"
        html = self._html(section, self.sentence(7, 12)[:-1], body, self.random.choice(self.writers))
        return Page(f"/{section}/{name}.html", html, noise, tuple(s.words for s in true), tuple(paragraphs))

    def _with_noise(self, own: list[str], number: int) -> tuple[list[str], tuple[str, ...]]:
        after: dict[int, list[str]] = {}
        printed = []
        for one in self.noise:
            if number in one.pages:
                words = one.words.replace("{n}", str(self.random.randint(1, 99999)))
                printed.append(words)
                at = {"start": 0, "end": len(own)}.get(one.place, min(one.nth, len(own)))
                after.setdefault(at, []).append(one.frame.format(words))
        body = [*after.get(0, [])]
        for index, paragraph in enumerate(own, 1):
            body += [paragraph, *after.get(index, [])]
        return body, tuple(printed)

    def _html(self, section: str, title: str, body: list[str], writer: str) -> bytes:
        return (
            f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
            f'<meta property="article:section" content="{section}">'
            '<meta property="article:published_time" content="2026-11-20T08:30:00+07:00"></head><body>'
            f'<div class="khung"><h1>{title}</h1><div class="ngay">20/11/2026 08:30</div><div class="noi-dung">'
            + "".join(body)
            + f'<p style="text-align:right"><strong>{writer}</strong></p></div></div></body></html>'
        ).encode()
