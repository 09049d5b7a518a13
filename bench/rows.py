"""The rows of an archive of any number of made-up articles: a pure function of an article's number."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import stamp
from pipelines.archive.revisions import FACTS
from pipelines.likeness import ALGORITHM, VALUES
from pipelines.urls import uid, url_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.sentences import Sentences
    from pipelines.items import Paper

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows by table, in the order of `COLUMNS`."""

VIETNAM = timezone(timedelta(hours=7))
END = datetime(2026, 11, 24, 17, tzinfo=UTC)
"""When the newest article was found."""
CRAWLED, PRINTED = timedelta(days=730), timedelta(days=12 * 365)
"""How long the archive has crawled, and how far back its articles go: every second one was backfilled."""
SIGNED, LED, TAKEN = 0.7, 0.85, 0.15
"""Shares of articles that have a byline, a lead, a source."""
EDITED, REFUSED, PICTURED, PRIVATE = (50, 1), (100, 7), (5, 2), (400, 3)
"""Articles that were edited, are gone, have a picture, are private: of so many the one with this remainder."""
STORY, FIRST, COPIES = 20, 4, (8, 12)
"""Of so many articles one is copied by the paper after its own, and of twice as many by the one after that, too."""
SECTIONS = (
    "Thời sự", "Chính trị", "Kinh tế", "Xã hội", "Văn hóa", "Giáo dục", "Y tế", "Pháp luật", "Thể thao", "Du lịch",
    "Nông nghiệp", "Quốc tế", "Bạn đọc", "Khoa học",
)  # fmt: skip
SOURCES = ("TTXVN", "VOV", "Báo Chính phủ", "Theo Nhân Dân", "Công an tỉnh", "QĐND", "Báo Tin tức", "VietNamNet")
NAMES = """
Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Lò Hà Mai Cao
Văn Thị Minh Đức Thanh Ngọc Hữu Quang Thu Hồng Xuân Anh Hoài Bảo Gia Kim
An Bình Chi Dũng Giang Hà Hải Hạnh Hiếu Hòa Hương Khánh Lan Linh Long Mai Nam Phương Quân Sơn Thảo Tuấn
"""
"""Names of families, middle names and given names."""
FAMILY, MIDDLE, GIVEN = (line.split() for line in NAMES.strip().splitlines())
COLUMNS = {
    "articles": "id uid paper url url_key newsroom_id title lead author source byline_printed section language "
    "published published_date published_precision words revisions first_seen last_seen gone_at story_id capture_id "
    "content_sha256 text_sha256 template extractor visibility provenance",
    "article_text": "article_id text",
    "revisions": "id article_id kind seen_at capture_id content_sha256 text_sha256 title lead text facts",
    "captures": "id paper url url_key fetched_at status headers record warc_file warc_offset warc_length "
    "payload_digest outcome article_id content_sha256",
    "urls": "paper url url_key kind state discovered_at fetched_at listed_modified",
    "authors": "article_id author",
    "tags": "article_id tag",
    "images": "article_id position url caption",
    "stories": "id first_uid articles",
    "copies": "article_id first_id score kind",
    "signatures": "id article_id digest algorithm signature",
    "layout_stats": "capture_id paper template at day by_template words provenance",
}
HEADERS = json.dumps([["Content-Type", "text/html; charset=utf-8"], ["Content-Encoding", "gzip"]])


@dataclass(frozen=True, slots=True)
class Printed:
    """What an article says, before it is a row; ``first`` is the article that it was copied from, if it was."""

    number: int
    first: int | None
    paper: Paper
    seen_at: datetime
    published: str
    title: str
    lead: str | None
    author: str | None
    source: str | None
    section: str
    text: str
    tags: tuple[str, ...]

    def is_one_of(self, kind: tuple[int, int]) -> bool:
        """Say whether it is one of the articles that a constant names."""
        return self.number % kind[0] == kind[1]

    @property
    def facts(self) -> str:
        """Return its small facts, as a version keeps them."""
        said = dict.fromkeys(FACTS) | {"author": self.author, "source": self.source, "byline_printed": self.author}
        said |= {"section": self.section, "published": self.published, "published_precision": "minute"}
        return json.dumps(said | {"language": "vi"}, ensure_ascii=False)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"https://{self.paper.hosts[0]}/bai-viet-so-{self.number:07}.html"

    @property
    def uid(self) -> str:
        """Return its permanent id."""
        return uid(self.paper.name, self.newsroom, url_key(self.url))

    @property
    def newsroom(self) -> str:
        """Return its newsroom's number."""
        return f"{self.paper.template or self.paper.name}:{self.number}"


@dataclass(frozen=True)
class Press:
    """Papers and sentences that ``articles`` articles are made of, the same each time."""

    papers: Sequence[Paper]
    sentences: Sentences
    articles: int

    def printed(self, number: int) -> Printed:
        """Return article ``number``, from 1."""
        chance = random.Random(f"article {number}")
        seen = END - CRAWLED * ((self.articles - number) / self.articles)
        at = seen - (timedelta(minutes=30) if number % 2 == 0 else CRAWLED / 2 + (PRINTED - CRAWLED) * chance.random())
        place, first = int(len(self.papers) * chance.random() ** 1.5), first_of(number)
        if first is not None:
            place = self.papers.index(self.printed(first).paper) + COPIES.index(number % STORY) + 1
        paper = self.papers[place % len(self.papers)]
        return Printed(
            number=number,
            first=first,
            paper=paper,
            seen_at=seen,
            published=at.astimezone(VIETNAM).replace(second=0, microsecond=0).isoformat(),
            title=self.sentences.title(chance),
            lead=self.sentences.paragraph(-number) if chance.random() < LED else None,
            author=_name(chance, paper) if chance.random() < SIGNED else None,
            source=chance.choice(SOURCES) if chance.random() < TAKEN else None,
            section=chance.choice(SECTIONS),
            tags=tuple(dict.fromkeys(self.sentences.words(chance, 2) for _ in range(chance.randrange(4)))),
            text=self.sentences.text(first or number, random.Random(f"text {first or number}")),
        )

    def rows(self, numbers: range) -> Rows:
        """Return the rows of the articles of these numbers, by table."""
        made: Rows = {table: [] for table in COLUMNS}
        for number in numbers:
            printed = self.printed(number)
            _put_article(made, printed, self._story(number))
            _put_visits(made, printed)
            if printed.first is not None:
                made["copies"].append((number, printed.first, 1.0, "same-text"))
            if number % STORY == FIRST and (story := self._story(number)):
                made["stories"].append((story, printed.uid, 1 + len(copies_of(number, self.articles))))
        return made

    def _story(self, number: int) -> int | None:
        first = first_of(number) or number
        return first if copies_of(first, self.articles) else None


def first_of(number: int) -> int | None:
    """Return the article that article ``number`` was copied from, if it was."""
    first = number - number % STORY + FIRST
    return first if number in copies_of(first, number) else None


def copies_of(first: int, articles: int) -> list[int]:
    """Return the copies of an article that are among the first ``articles``."""
    if first % STORY != FIRST:
        return []
    told = COPIES if first // STORY % 2 else COPIES[:1]
    return [number for number in (first - FIRST + place for place in told) if number <= articles]


def _name(chance: random.Random, paper: Paper) -> str:
    """Return the name of one of a paper's forty reporters."""
    own = random.Random(f"{paper.name} {int(40 * chance.random() ** 2)}")
    return f"{own.choice(FAMILY)} {own.choice(MIDDLE)} {own.choice(GIVEN)}"


def _content(printed: Printed, text: str) -> str:
    parts = (printed.title, printed.lead or "", text)  # in the archive's one spelling already
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _put_article(made: Rows, p: Printed, story: int | None) -> None:
    """Put an article, its text and what is known by it; its last capture is the one after the first if edited."""
    edited = p.is_one_of(EDITED)
    content, digest = _content(p, p.text), hashlib.sha256(p.text.encode()).hexdigest()
    seen, last = stamp(p.seen_at), stamp(p.seen_at + timedelta(hours=5 * edited))
    gone = stamp(p.seen_at + timedelta(days=9)) if p.is_one_of(REFUSED) else None
    images = {"images": "template"} if p.is_one_of(PICTURED) else {}
    provenance = json.dumps({"title": "template", "text": "template"} | images)
    made["articles"].append((
        p.number, p.uid, p.paper.name, p.url, url_key(p.url), p.newsroom, p.title, p.lead, p.author, p.source, p.author,
        p.section, "vi", p.published, p.published[:10], "minute", len(p.text.split()), 1 + edited, seen, last, gone,
        story, 2 * p.number + edited, content, digest, p.paper.template, "bench",
        "private" if p.is_one_of(PRIVATE) else "public", provenance,
    ))  # fmt: skip
    made["article_text"].append((p.number, p.text))
    made["authors"] += [(p.number, p.author)] if p.author else []
    made["tags"] += [(p.number, tag) for tag in p.tags]
    made["images"] += [(p.number, 1, p.url + ".jpg", p.title)] if p.is_one_of(PICTURED) else []
    _put_versions(made, p, content, digest)


def _put_versions(made: Rows, p: Printed, content: str, digest: str) -> None:
    """Put an article's versions and their signatures; before its edit it lacked its last paragraph."""
    shown: list[tuple[str, str, str | None]] = [(content, digest, None)]
    if p.is_one_of(EDITED):
        before = p.text.rpartition("\n")[0] or p.text + " Tin đang cập nhật."
        shown.insert(0, (_content(p, before), hashlib.sha256(before.encode()).hexdigest(), before))
    for place, (of_content, of_text, text) in enumerate(shown):
        number, seen = 2 * p.number + place, stamp(p.seen_at + timedelta(hours=5 * place))
        kind = "edit" if place else "first"
        made["revisions"].append(
            (number, p.number, kind, seen, number, of_content, of_text, p.title, p.lead, text, p.facts)
        )
        # Drawn, not made of the text: a signature takes longer than all else.
        drawn = hashlib.shake_256(of_text.encode()).digest(2 * VALUES)
        made["signatures"].append((number, p.number, bytes.fromhex(of_text[:16]), ALGORITHM, drawn))
        made["captures"].append((
            number, p.paper.name, p.url, url_key(p.url), seen, 200, HEADERS, "response",
            f"{p.paper.name}/{seen[:7]}.warc.gz", number * 20_000, 20_000, "sha256:" + of_text, "article", p.number,
            of_content,
        ))  # fmt: skip


def _put_visits(made: Rows, p: Printed) -> None:
    """Put an article's address, and how its page was read."""
    seen, state = stamp(p.seen_at), "refused" if p.is_one_of(REFUSED) else "held"
    made["urls"].append((p.paper.name, p.url, url_key(p.url), "article", state, seen, seen, p.published))
    day = p.seen_at.astimezone(VIETNAM).date().isoformat()
    told = (2 * p.number, p.paper.name, p.paper.template, seen, day, 1, len(p.text.split()), '{"text": "template"}')
    made["layout_stats"].append(told)
