"""What may be taken out of an archive, and its rows: the one place that decides, for every format."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.archive.connection import ArchiveError, sqlite3
from pipelines.archive.stays import Sayings, digests, own_runs
from pipelines.queries import INDEX, as_phrases, as_words
from pipelines.runs_of_words import Runs

ALLOWED = "{0}.visibility = 'public'"
"""Which articles may leave the archive without being asked for by name; ``{0}`` is the row of ``articles``."""

KEPT = (
    "NOT EXISTS (SELECT 1 FROM takedowns k WHERE k.state = 'hidden' AND (k.uid = {0}.uid OR k.uid IN "
    "(SELECT url_key FROM aliases WHERE article_id = {0}.id AND kind = 'uid')))"
)
"""Which may when private ones are asked for, too: none that was taken down."""

COPIED = (
    "uid", "paper", "url", "url_key", "newsroom_id", "title", "lead", "author", "source", "byline_printed", "section",
    "language", "published", "published_date", "published_precision", "modified", "words", "revisions", "first_seen",
    "last_seen", "gone_at", "content_sha256", "text_sha256", "template", "extractor", "confidence", "visibility",
    "furniture_version", "provenance",
)  # fmt: skip
"""Columns of ``articles`` that are given as they are: all but the numbers of rows, which are not for citing."""

JOINED = {
    "paper_title": "p.title",
    "province": "p.province",
    "provinces_before": "p.provinces_before",
    "text": "t.text",
    "captured_at": "c.fetched_at",
    "capture_url": "c.url",
    "capture_record": "c.record",
    "http_status": "c.status",
    "payload_digest": "c.payload_digest",
    "warc_file": "c.warc_file",
    "warc_offset": "c.warc_offset",
    "warc_length": "c.warc_length",
}

LISTS = {
    "authors": "SELECT author AS v FROM authors x WHERE x.article_id = a.id ORDER BY x.rowid",
    "tags": "SELECT tag AS v FROM tags x WHERE x.article_id = a.id ORDER BY x.rowid",
    "captions": (
        "SELECT caption AS v FROM images x WHERE x.article_id = a.id AND caption IS NOT NULL ORDER BY x.position"
    ),
    "images": (
        "SELECT json_object('url', x.url, 'caption', x.caption, 'credit', x.credit, 'payload_digest', "
        "x.payload_digest, 'bytes', x.bytes) AS v FROM images x "
        "WHERE x.article_id = a.id ORDER BY x.position"
    ),
    "other_urls": (
        "SELECT url AS v FROM aliases x WHERE x.article_id = a.id AND kind <> 'uid' ORDER BY x.paper, x.url_key"
    ),
    "other_uids": "SELECT url_key AS v FROM aliases x WHERE x.article_id = a.id AND kind = 'uid' ORDER BY x.url_key",
    "copy_of": (
        "SELECT f.uid AS v FROM copies x JOIN articles f ON f.id = x.first_id "
        "WHERE x.article_id = a.id AND {allowed} ORDER BY f.uid"
    ),
}
STORY = "SELECT f.uid FROM stories s JOIN articles f ON f.uid = s.first_uid WHERE s.id = a.story_id AND {allowed}"
FROM = """FROM articles a JOIN papers p ON p.name = a.paper JOIN article_text t ON t.article_id = a.id
  JOIN captures c ON c.id = a.capture_id WHERE a.id = ?"""

ADDRESSES = (
    "SELECT url FROM articles WHERE id = ?1 UNION SELECT url FROM aliases WHERE article_id = ?1 AND kind <> 'uid'"
)
HELD = "warc_file, warc_offset, warc_length, url, fetched_at, status, record, payload_digest, headers, paper"
CAPTURES = """
WITH chosen AS (SELECT a.id FROM articles a WHERE {chosen}),
own AS (SELECT c.id, c.paper, c.url_key, c.record, c.payload_digest, c.fetched_at, c.warc_file, c.warc_offset
  FROM captures c WHERE c.id IN (SELECT id FROM captures WHERE article_id IN (SELECT id FROM chosen)
    UNION SELECT capture_id FROM images WHERE article_id IN (SELECT id FROM chosen)))
SELECT id, warc_file, warc_offset FROM own
UNION SELECT r.id, r.warc_file, r.warc_offset FROM captures r WHERE r.id IN (
  SELECT s.id FROM own JOIN captures s ON s.payload_digest = own.payload_digest AND s.record = 'response'
  WHERE own.record = 'revisit' AND own.payload_digest <> '')
  AND NOT EXISTS (SELECT 1 FROM articles f WHERE f.id = r.article_id AND NOT ({allowed}))
UNION SELECT r.id, r.warc_file, r.warc_offset FROM captures r WHERE r.id IN (
  SELECT (SELECT s.id FROM captures s WHERE s.paper = own.paper AND s.url_key = own.url_key
    AND s.record = 'response' AND s.fetched_at <= own.fetched_at ORDER BY s.fetched_at DESC LIMIT 1)
  FROM own WHERE own.record = 'conversion')
ORDER BY warc_file, warc_offset
"""
"""The exchanges of the chosen articles and their pictures; bodies that revisits name; pages that browsers completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles: of these papers, of these provinces' papers, printed on these local days, with these words.

    What is empty or None chooses all. ``provinces`` are names as `crawler.papers.provinces` has them, of today
    or of before 2025. ``query`` is read as the reading room reads it, over public articles alone.
    ``private``: those too that are kept from strangers.
    """

    papers: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    query: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One capture's record: where it stands (bytes), and what an index of it says; ``headers`` is JSON."""

    warc_file: str
    warc_offset: int
    warc_length: int
    url: str
    fetched_at: str
    status: int
    record: str
    payload_digest: str
    headers: str
    paper: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden article: row id, paper, addresses, and all runs of words that its versions say."""

    id: int
    paper: str
    urls: tuple[str, ...]
    runs: Runs


class Outlet:
    """An archive open for taking out, as it was at the moment of opening; a crawl may go on beside it."""

    def __init__(self, connection: Any) -> None:
        self._db = connection

    def papers(self) -> list[str]:
        """Return the names of the papers that the archive knows."""
        return [str(row[0]) for row in self._db.execute("SELECT name FROM papers ORDER BY name")]

    def articles(self, selection: Selection) -> Iterator[Mapping[str, Any]]:
        """Give the chosen articles by uid, one at a time; lists are JSON. The names are `names`."""
        where, values = self._chosen(selection)
        ids = self._numbers(f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.uid", values)
        sql, keys = f"SELECT {_columns(selection)} {FROM}", names()
        for number in ids:
            row = self._db.execute(sql, (number,)).fetchone()
            if row is None:
                raise ArchiveError(
                    f"article {number} (row number): expected its paper, text and capture, found one missing; "
                    "run 'scrapy verify'"
                )
            yield dict(zip(keys, row, strict=True))

    def captures(self, selection: Selection) -> Iterator[Held]:
        """Give the captures of the chosen articles by WARC file and offset, with those they cannot be read without."""
        where, values = self._chosen(selection)
        ids = self._numbers(CAPTURES.format(chosen=where, allowed=_allowed(selection, "f")), values)
        for number in ids:
            yield Held(*self._db.execute(f"SELECT {HELD} FROM captures WHERE id = ?", (number,)).fetchone())

    def erased(self) -> dict[str, list[str]]:
        """Return the addresses (as `url_key` has them, and as they were) of what was erased, by paper."""
        rows = self._db.execute(
            "SELECT paper, value FROM takedown_marks WHERE kind = 'url' UNION SELECT m.paper, t.url "
            "FROM takedown_marks m JOIN takedowns t ON t.uid = m.uid WHERE t.url <> '' ORDER BY 1, 2"
        )
        found: dict[str, list[str]] = {}
        for paper, url in rows:
            found.setdefault(str(paper), []).append(str(url))
        return found

    def hidden(self) -> list[Hidden]:
        """Return what is known of the articles that are hidden and held."""
        rows = self._db.execute(f"SELECT a.id, a.paper FROM articles a WHERE NOT ({KEPT.format('a')})").fetchall()
        return [
            Hidden(n, paper, tuple(row[0] for row in self._db.execute(ADDRESSES, (n,))), own_runs(self._db, n))
            for n, paper in rows
        ]

    def quoting(self) -> set[str]:
        """Return the payload digests of pages that show some of what was erased, whether they name it or not."""
        return digests(self._db)

    def sayings(self, but: Sequence[int]) -> Sayings:
        """Return what articles say, but for those of these row ids."""
        return Sayings(self._db, but)

    def records(self, warc_file: str) -> list[tuple[int, int]]:
        """Return offset and length (bytes) of every capture in a WARC file, chosen or not, in order."""
        rows = self._db.execute(
            "SELECT warc_offset, warc_length FROM captures WHERE warc_file = ? ORDER BY warc_offset", (warc_file,)
        )
        return [(int(row[0]), int(row[1])) for row in rows]

    def _numbers(self, sql: str, values: Mapping[str, Any]) -> array[int]:
        """Return the first column of a query: 8 bytes a row, so that only numbers are ever put in order."""
        return array("q", (row[0] for row in self._db.execute(sql, values)))

    def _chosen(self, selection: Selection) -> tuple[str, dict[str, Any]]:
        """Return the condition on ``articles a``, and the values it is bound to."""
        parts, values = [_allowed(selection, "a")], dict[str, Any]()
        if selection.papers:
            parts.append(f"a.paper IN ({_bound('paper', selection.papers, values)})")
        if selection.provinces:
            wanted = _bound("province", selection.provinces, values)
            before = f"SELECT 1 FROM json_each(b.provinces_before) WHERE value IN ({wanted})"
            parts.append(
                f"a.paper IN (SELECT name FROM papers b WHERE b.province IN ({wanted}) OR EXISTS ({before}) "
                f"UNION SELECT b.successor FROM papers b WHERE EXISTS ({before}))"
            )
        if selection.since:
            parts.append("a.published_date >= :since")
            values["since"] = selection.since.isoformat()
        if selection.until:
            parts.append("a.published_date <= :until")
            values["until"] = selection.until.isoformat()
        if selection.query:
            parts.append(f"a.id IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH :query)")
            values["query"] = self._expression(selection.query)
        return " AND ".join(parts), values

    def _expression(self, typed: str) -> str:
        """Return what the reading room searches: the phrases, or all the words where the phrases are nowhere."""
        found = self._db.execute(f"SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT 1", (as_phrases(typed),))
        return as_phrases(typed) if found.fetchone() else as_words(typed)


@contextmanager
def outlet(archive: Path) -> Iterator[Outlet]:
    """Open ``archive`` for taking out, without writing to it. Raises ArchiveError where that cannot be done."""
    if not archive.is_file():
        raise ArchiveError(f"{archive}: no archive yet; fill it with 'make crawl', or without a network 'make demo'")
    db = sqlite3.connect(f"file:{quote(str(archive))}?mode=ro", uri=True, isolation_level=None)
    try:
        db.execute("BEGIN")
        yield Outlet(db)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{archive}: not readable as an archive of this version ({error}); correct ARCHIVE, "
            "or bring an older one up to date with any command that writes"
        ) from None
    finally:
        db.close()


def names() -> tuple[str, ...]:
    """Return the names of what `Outlet.articles` gives of an article, in order."""
    return (*COPIED, *JOINED, *LISTS, "story")


def _columns(selection: Selection) -> str:
    allowed = _allowed(selection, "f")
    lists = (
        f"(SELECT json_group_array({'json(v)' if name == 'images' else 'v'}) FROM ({sql.format(allowed=allowed)}))"
        for name, sql in LISTS.items()
    )
    return ", ".join(
        [*(f"a.{name}" for name in COPIED), *JOINED.values(), *lists, f"({STORY.format(allowed=allowed)})"]
    )


def _allowed(selection: Selection, row: str) -> str:
    return (KEPT if selection.private else ALLOWED).format(row)


def _bound(name: str, wanted: tuple[str, ...], values: dict[str, Any]) -> str:
    """Bind each of ``wanted`` and return their places for an IN."""
    values |= {f"{name}{n}": value for n, value in enumerate(wanted)}
    return ", ".join(f":{name}{n}" for n in range(len(wanted)))
