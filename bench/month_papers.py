"""Made-up newspapers over a month: what each has written, edited and deleted, and what its site answers at a moment.

All of it is a pure function of the simulated time; the texts are invented, syllable by syllable.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import format_datetime
from functools import cache, cached_property
from hashlib import sha256
from typing import Literal

VIETNAM = timezone(timedelta(hours=7))
FIRST = date(2026, 11, 2)
"""The month's first day, a Monday."""
BEFORE = 3
"""Days of articles that a paper shows already when the month begins."""
VOCABULARY = """
bến đò sông làng chợ thuyền lúa mưa nắng cầu đường sắt người dân xã huyện tỉnh năm tháng ngày mới việc làm được
trong ngoài trên dưới cùng với những các một hai ba trường học thầy cô giáo đồng ruộng vườn cây quả xanh đỏ vàng
gió núi biển đảo rừng suối ghe lưới cá tôm muối nhà máy kho bãi công nhân thợ xây đá gạch ngói cửa sổ mái hiên
"""
SYLLABLES = VOCABULARY.split()
LETTERS = str.maketrans(
    "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ",
    "a" * 17 + "e" * 11 + "i" * 5 + "o" * 17 + "u" * 11 + "y" * 5 + "d",
)
MORNING = {5: 2, 6: 5, 7: 5, 8: 3, 9: 2, 10: 1, 14: 1, 15: 1, 16: 1}
OFFICE = {8: 2, 9: 3, 10: 4, 11: 2, 14: 3, 15: 3, 16: 3, 17: 2}
EVENING = {9: 1, 11: 1, 15: 2, 17: 3, 18: 4, 19: 4, 20: 3, 21: 2}
SPREAD = dict.fromkeys(range(6, 22), 1)
"""How much of a day's articles come in each hour; nothing at night."""
PAGES = {
    "onecms": ("/{slug}-{number}.html", r"^/[^/]+-(?P<id>\d{6,})\.html$"),
    "vdoc": ("/{slug}-a{number}.html", r"^/[^/]+-a(?P<id>\d+)\.html$"),
    "epi": ("/{slug}-post{number}.html", r"^/[^/]+-post(?P<id>\d+)\.html$"),
}
"""Newsroom systems: the path of an article and the pattern of such paths."""
MARKUP = {
    "onecms": (
        '<div class="c-news-detail"><div class="c-detail-head"><h1 class="c-detail-head__title">{title}</h1></div>'
        '<h2 class="block-sc-sapo">{lead}</h2><div class="b-maincontent"><article class="entry">{body}</article></div>'
    ),
    "vdoc": (
        '<div class="detail"><div class="detail-title"><h1>{title}</h1></div><div class="detail-desc"><p>{lead}</p>'
        '</div><div id="newscontents"><div class="content-fck">{body}</div></div>'
    ),
    "epi": (
        '<div class="article"><h1 class="article__title cms-title">{title}</h1><div class="article__sapo cms-desc">'
        '{lead}</div><div class="article__body cms-body">{body}</div>'
    ),
    "redesign": (
        '<main class="khung"><header><h1 class="tua">{title}</h1></header><section class="doc-bai">'
        '<p class="dan">{lead}</p>{body}</section>'
    ),
}
Doors = Literal["atom", "rss", "rss+sitemap", "sections"]
"""How a paper lists its articles: Atom with ``updated``, RSS without, that and a sitemap with ``lastmod``, pages."""
SHOWN = 20
"""Articles that a feed or page shows, newest first."""


@dataclass(frozen=True, slots=True)
class Story:
    """One article: when it came out, when it was edited, when it vanished. ``number`` is its newsroom's."""

    number: int
    published: datetime
    edits: tuple[datetime, ...] = ()
    deleted: datetime | None = None

    def edited(self, at: datetime) -> int:
        """Return how often it had been edited by ``at``."""
        return sum(moment <= at for moment in self.edits)

    def is_out(self, at: datetime) -> bool:
        """Say whether its address shows it."""
        return self.published <= at and (self.deleted is None or at < self.deleted)

    def modified(self, at: datetime) -> datetime:
        """Return when what is shown at ``at`` was written."""
        return max((moment for moment in self.edits if moment <= at), default=self.published)

    def words(self, part: object, many: int) -> str:
        """Return ``many`` invented syllables, the same for each ``part`` of it whenever asked."""
        return " ".join(random.Random(f"{self.number}/{part}").choices(SYLLABLES, k=many)).capitalize()

    @property
    def title(self) -> str:
        """The headline."""
        return self.words("title", 10)

    def added(self, edit: int) -> str:
        """Return the paragraph that an edit (1, 2...) added at the end."""
        return f"{self.words(f'edit {edit}', 25)}."

    def paragraphs(self, at: datetime) -> list[str]:
        """Return its text as it stood at ``at``."""
        body = [f"{self.words(part, 40)}." for part in range(6)]
        return [*body, *(self.added(edit + 1) for edit in range(self.edited(at)))]


@dataclass(frozen=True)
class Newsroom:
    """A made-up paper: ``daily`` articles on a weekday by the hours of ``rhythm``, and the days of what befalls it."""

    name: str
    daily: int
    rhythm: tuple[tuple[int, int], ...]
    system: str
    doors: Doors
    redesigned: int | None = None
    feed_dead: int | None = None
    holiday: tuple[int, ...] = ()
    busy: int | None = None
    days: int = 30

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """All it publishes, oldest first, with the days `BEFORE` the month."""
        chance = random.Random(self.name)
        made = [story for day in range(-BEFORE, self.days) for story in self._of_day(day, chance)]
        made.sort(key=lambda story: story.published)
        return tuple(replace(story, number=100_000 + n) for n, story in enumerate(made))

    def _of_day(self, day: int, chance: random.Random) -> list[Story]:
        midnight = beginning(day)
        share = 0.55 if midnight.weekday() >= 5 else 1.0
        many = max(round(chance.gauss(self.daily * share, self.daily**0.5 / 2)), 1)
        hours, weights = zip(*self.rhythm, strict=True)
        if day in self.holiday:
            return []
        return [
            _story(midnight + timedelta(hours=hour, seconds=chance.randrange(3600)), chance)
            for hour in chance.choices(hours, weights, k=many)
        ]

    @cached_property
    def by_path(self) -> dict[str, Story]:
        """Its articles by the path of their address."""
        return {self.path(story): story for story in self.stories}

    @cached_property
    def _published(self) -> list[datetime]:
        return [story.published for story in self.stories]

    def path(self, story: Story) -> str:
        """Return the path of an article's address."""
        slug = story.title.lower().translate(LETTERS).replace(" ", "-")
        return PAGES[self.system][0].format(slug=slug, number=story.number)

    def newest(self, at: datetime) -> list[Story]:
        """Return the articles that are out at ``at``, newest first, `SHOWN` at most."""
        known = self.stories[: bisect_right(self._published, at)]
        return [story for story in known[-2 * SHOWN :][::-1] if story.is_out(at)][:SHOWN]

    def entry(self, host: str) -> str:
        """Return its table of papers.toml when it is served at ``host``."""
        doors = {
            "atom": ('feeds = ["{}/tin.atom"]', "sitemaps = []"),
            "rss": ('feeds = ["{}/tin.rss"]',),
            "rss+sitemap": ('feeds = ["{}/tin.rss"]', 'sitemaps = ["{}/sitemap.xml"]'),
            "sections": ('sections = ["{}/tin-moi"]',),
        }[self.doors]
        lines = [line.format(f"http://{host}") for line in doors if not line.endswith("[]")]
        told = [
            f"[{self.name}]",
            f'title = "Báo {self.name}"',
            'province = "Nghệ An"',
            f'hosts = ["{host}"]',
            f'template = "{self.system}"',
            *lines,
            f"article = ['{PAGES[self.system][1]}']",
        ]
        return "\n".join([*told, ""])


def beginning(day: int) -> datetime:
    """Return the midnight with which a day of the month begins in Vietnam; day 0 is the first."""
    return datetime.combine(FIRST, time(), VIETNAM) + timedelta(days=day)


def _story(published: datetime, chance: random.Random) -> Story:
    """Return an article with its fate: 15 of 100 are edited, most within the first hours, 1 of 100 vanishes."""
    edits: tuple[datetime, ...] = ()
    if chance.random() < 0.15:
        edits = (published + timedelta(minutes=10 + chance.expovariate(1 / 120)),)
        if chance.random() < 0.2:
            next_day = published.replace(hour=7, minute=0) + timedelta(days=1, hours=chance.random() * 11)
            edits = (next_day,) if chance.random() < 0.75 else (*edits, next_day)
    deleted = published + timedelta(hours=chance.uniform(2, 120)) if chance.random() < 0.01 else None
    return Story(0, published, tuple(sorted(edits)), deleted)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a site before its body is told unchanged."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def etag(self) -> str:
        """The entity tag of the body."""
        return f'"{sha256(self.body).hexdigest()[:16]}"'


ABSENT = Reply("<html><title>404</title><body><h1>Không tìm thấy trang</h1></body></html>".encode(), status=404)


def answer(paper: Newsroom, base: str, target: str, at: datetime) -> Reply:
    """Return what ``paper``, served under ``base``, answers to a path at a moment."""
    if paper.busy is not None and beginning(paper.busy) <= at < beginning(paper.busy + 1):
        return Reply(b"", status=429, headers=(("Retry-After", "3600"),))
    if target == "/robots.txt":
        return Reply(b"User-agent: *\nDisallow: /tim-kiem/\n", "text/plain")
    story = paper.by_path.get(target)
    if story is None:
        return _listing(paper, base, target, at)
    redesigned = paper.redesigned is not None and at >= beginning(paper.redesigned)
    return _page(paper, story, story.edited(at), redesigned) if story.is_out(at) else ABSENT


def _listing(paper: Newsroom, base: str, target: str, at: datetime) -> Reply:
    dead = paper.feed_dead is not None and at >= beginning(paper.feed_dead)
    shown = paper.newest(at)
    if target == "/" or (target == "/tin-moi" and paper.doors == "sections"):
        return _list(paper, shown, target)
    if target == "/tin.rss" and paper.doors.startswith("rss"):
        return _rss(paper, base, paper.newest(beginning(paper.feed_dead or 0)) if dead else shown)
    if target == "/tin.atom" and paper.doors == "atom":
        return _atom(paper, base, shown, at)
    if target == "/sitemap.xml" and paper.doors == "rss+sitemap":
        return _sitemap(paper, base, shown, at)
    return ABSENT


@cache
def _page(paper: Newsroom, story: Story, edited: int, redesigned: bool) -> Reply:
    at = story.edits[edited - 1] if edited else story.published
    body = "".join(f"<p>{line}</p>\n" for line in story.paragraphs(at))
    markup = MARKUP["redesign" if redesigned else paper.system]
    related = "".join(f'<li><a href="/tin-moi?{n}">{story.words(f"other {n}", 9)}</a></li>' for n in range(6))
    html = (
        f'<html lang="vi"><head><meta charset="utf-8"><title>{story.title}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{story.title}">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}"></head><body>'
        f'<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin-moi">Tin mới</a></li></ul></nav>'
        f"{markup.format(title=story.title, lead=story.words('lead', 24), body=body)}"
        f"{'</main>' if redesigned else '</div>'}<aside><h3>Tin khác</h3><ul>{related}</ul></aside>"
        f"<footer><p>Cơ quan chủ quản: báo mẫu {paper.name}, giấy phép số 00/GP</p></footer></body></html>"
    )
    return Reply(html.encode())


def _list(paper: Newsroom, shown: list[Story], target: str) -> Reply:
    items = "".join(f'<article><h3><a href="{paper.path(s)}">{s.title}</a></h3></article>\n' for s in shown)
    return Reply(f"<html><title>{paper.name} {target}</title><body><main>{items}</main></body></html>".encode())


def _rss(paper: Newsroom, base: str, shown: list[Story]) -> Reply:
    items = "".join(
        f"<item><title>{s.title}</title><link>{base}{paper.path(s)}</link><guid>{s.number}</guid>"
        f"<pubDate>{format_datetime(s.published)}</pubDate></item>\n"
        for s in shown
    )
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{paper.name}</title>{items}'
    return Reply(f"{body}</channel></rss>".encode(), "application/rss+xml; charset=utf-8")


def _atom(paper: Newsroom, base: str, shown: list[Story], at: datetime) -> Reply:
    entries = "".join(
        f'<entry><title>{s.title}</title><id>{base}{paper.path(s)}</id><link href="{base}{paper.path(s)}"/>'
        f"<published>{s.published.isoformat()}</published><updated>{s.modified(at).isoformat()}</updated></entry>\n"
        for s in shown
    )
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{paper.name}</title>'
    )
    return Reply(f"{body}{entries}</feed>".encode(), "application/atom+xml; charset=utf-8")


def _sitemap(paper: Newsroom, base: str, shown: list[Story], at: datetime) -> Reply:
    urls = "".join(
        f"<url><loc>{base}{paper.path(s)}</loc><lastmod>{s.modified(at).astimezone(UTC).isoformat()}</lastmod></url>\n"
        for s in shown
    )
    body = '<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return Reply(f"{body}{urls}</urlset>".encode(), "text/xml; charset=utf-8")


def _room(name: str, daily: int, rhythm: dict[int, int], system: str, doors: Doors) -> Newsroom:
    return Newsroom(name, daily, tuple(rhythm.items()), system, doors)


PAPERS = (
    _room("bai-cat", 20, SPREAD, "onecms", "atom"),
    replace(_room("ben-da", 17, OFFICE, "vdoc", "rss"), redesigned=12),
    _room("cua-song", 14, EVENING, "epi", "rss+sitemap"),
    replace(_room("dao-xa", 12, MORNING, "onecms", "rss"), feed_dead=15),
    replace(_room("deo-gio", 10, SPREAD, "vdoc", "atom"), busy=9),
    _room("dong-lua", 9, OFFICE, "epi", "sections"),
    replace(_room("ghenh-do", 8, EVENING, "onecms", "rss+sitemap"), holiday=(19, 20)),
    _room("hon-khoi", 7, MORNING, "vdoc", "rss"),
    _room("lang-nghe", 6, SPREAD, "epi", "atom"),
    _room("nui-xanh", 5, OFFICE, "onecms", "rss"),
    _room("rung-tram", 4, MORNING, "vdoc", "rss+sitemap"),
    _room("vung-sau", 3, OFFICE, "epi", "sections"),
)
"""The twelve: one is redesigned, one's feed dies, one has a holiday, one's host asks us to wait for a day."""
