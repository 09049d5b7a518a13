"""Which captures are read again, with which furniture, and what they came to until it is compared.

What was read waits in an SQLite file of its own, so that memory does not grow with the archive.
"""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from pipelines.archive.connection import moment, sqlite3
from pipelines.archive.furniture import FurnitureRows
from pipelines.items import Capture
from pipelines.rereads import Difference, Page, Reread, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipelines.archive.connection import Connection

TOGETHER = 100
"""Pages that one process reads at a time."""
PAGES = """
SELECT c.id, c.paper, c.url, c.url_key, c.fetched_at, c.headers, c.record, c.payload_digest, c.article_id,
  coalesce(o.warc_file, c.warc_file) AS file, coalesce(o.warc_offset, c.warc_offset) AS at,
  s.paper, a.furniture_version,
  (SELECT min(f.fetched_at) FROM captures f WHERE f.article_id = a.id AND f.paper = c.paper
    AND f.outcome <> 'refused')
FROM captures c LEFT JOIN captures o ON c.record = 'revisit' AND o.id = (SELECT r.id FROM captures r
    WHERE r.payload_digest = c.payload_digest AND r.record = 'response' LIMIT 1)
  LEFT JOIN articles a ON a.id = c.article_id LEFT JOIN captures s ON s.id = a.capture_id
WHERE (c.outcome = 'article' OR c.outcome LIKE 'page/%') AND c.status = 200 AND c.truncated IS NULL
  AND (?1 IS NULL OR c.paper = ?1 OR a.paper = ?1)
ORDER BY file, at, c.fetched_at, c.id
"""
VERSION_AT = """
SELECT max(coalesce(max(since_version) FILTER (WHERE learned_at < ?2), 0),
  coalesce(max(until_version) FILTER (WHERE dropped_at < ?2), 0)) FROM furniture WHERE paper = ?1
"""


def papers_read(db: Connection, paper: str | None) -> list[str]:
    """Return the papers whose captures are read again when ``paper``, or all (None), is asked for."""
    rows = db.execute(
        "SELECT DISTINCT c.paper FROM captures c LEFT JOIN articles a ON a.id = c.article_id "
        "WHERE ?1 IS NULL OR c.paper = ?1 OR a.paper = ?1 ORDER BY 1",
        (paper,),
    )
    return [str(row[0]) for row in rows]


def files_of(db: Connection, paper: str) -> list[str]:
    """Return the WARC files that captures of a paper stand in, newest first."""
    rows = db.execute(
        "SELECT warc_file FROM captures WHERE paper = ? GROUP BY warc_file ORDER BY max(fetched_at) DESC", (paper,)
    )
    return [str(row[0]) for row in rows]


def tasks(db: Connection, paper: str | None) -> Iterator[Task]:
    """Give the pages of ``paper``, or of all papers, file by file in the order of their bodies."""
    rows = FurnitureRows(Database(db))
    lines = lru_cache(maxsize=256)(rows.lines)
    waiting: list[Page] = []
    for row in db.execute(PAGES, (paper,)):
        page = _page(row, _version(db, rows, row))
        full = len(waiting) >= TOGETHER and waiting[-1].place != page.place
        if waiting and (full or waiting[-1].warc_file != page.warc_file):
            yield _task(waiting, lines)
            waiting = []
        waiting.append(page)
    if waiting:
        yield _task(waiting, lines)


def _task(pages: list[Page], lines: Any) -> Task:
    return Task(pages, {key: lines(*key) for key in {(page.paper, page.furniture) for page in pages}})


def _page(row: tuple[Any, ...], furniture: int) -> Page:
    at = moment(row[4])
    assert at is not None
    headers = tuple((str(name), str(value)) for name, value in json.loads(row[5]))
    capture = Capture(
        url=row[2],
        fetched_at=at,
        status=200,
        headers=headers,
        record=row[6],
        payload_digest=row[7],
        warc_file=row[9],
        warc_offset=row[10],
    )
    return Page(row[0], row[1], capture, row[8], row[9], row[10], furniture)


def _version(db: Connection, rows: FurnitureRows, row: tuple[Any, ...]) -> int:
    """Return the version of the paper's furniture that a page was read with.

    The article knows it, and what it shows stands on a page of one paper; on another paper's, and where there
    was no article, it is the one that was in force.
    """
    paper, key, at, article_id = row[1], row[3], row[4], row[8]
    shown_by, stored, first_at = row[11:14]
    if article_id is not None and shown_by == paper:
        return int(stored or 0)
    held = rows.read_with(paper, "", key) if article_id is None else None
    if held is not None:
        return held
    (version,) = db.execute(VERSION_AT, (paper, first_at or at)).fetchone()
    return int(version or 0)


class Spill:
    """An SQLite file that holds what was read until it is compared, and what differs until it is told."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(str(path), isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE rereads (capture_id INTEGER PRIMARY "
            "KEY, article_id INTEGER, at TEXT, gained INTEGER, reread BLOB); CREATE TABLE differences (kind TEXT, "
            "difference BLOB)"
        )
        # Without a name it is gone whatever becomes of this process; a system that keeps open files' names keeps this.
        with suppress(PermissionError):
            path.unlink()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, rereads: Iterable[Reread]) -> None:
        """Keep what was read."""
        self._db.execute("BEGIN")
        for one in rereads:
            gained = one.page.article_id is None and one.visit is not None and one.visit.article is not None
            at = one.page.capture.fetched_at.isoformat()
            values = (one.page.id, one.page.article_id, at, gained, pickle.dumps(one))
            self._db.execute("INSERT INTO rereads VALUES (?, ?, ?, ?, ?)", values)
        self._db.execute("COMMIT")

    def index(self) -> None:
        """Call it when all is put."""
        self._db.execute("CREATE INDEX by_article ON rereads (article_id)")

    def articles(self) -> Iterator[int]:
        """Give the row ids of the articles whose pages were read."""
        for (article_id,) in self._db.execute(
            "SELECT DISTINCT article_id FROM rereads WHERE article_id IS NOT NULL ORDER BY 1"
        ):
            yield int(article_id)

    def of(self, article_id: int) -> dict[int, Reread]:
        """Return what was read on the pages of an article, by capture."""
        rows = self._db.execute("SELECT reread FROM rereads WHERE article_id = ?", (article_id,))
        return {one.page.id: one for one in map(_unpacked, rows)}

    def others(self, *, gained: bool) -> Iterator[Reread]:
        """Give the pages that were no article, by time: those that are one now, or those that are none still."""
        rows = self._db.execute(
            "SELECT reread FROM rereads WHERE article_id IS NULL AND gained = ? ORDER BY at, capture_id", (gained,)
        )
        return map(_unpacked, rows)

    def tell(self, one: Difference) -> None:
        """Keep what differs."""
        self._db.execute("INSERT INTO differences VALUES (?, ?)", (one.kind, pickle.dumps(one)))

    def differences(self, kind: str | None = None, limit: int = -1) -> Iterator[Difference]:
        """Give what differs, of one kind or all, in the order it was told."""
        rows = self._db.execute(
            "SELECT difference FROM differences WHERE ?1 IS NULL OR kind = ?1 ORDER BY rowid LIMIT ?2", (kind, limit)
        )
        return map(_unpacked, rows)


def _unpacked(row: tuple[bytes, ...]) -> Any:
    return pickle.loads(row[0])  # noqa: S301 - our own, in a file that this process made
