"""The rows of what is learned of a paper's template: its latest pages, and the lines of each numbered version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp
from pipelines.observed import Line, ObservedPage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.observed import Learned


class FurnitureRows:
    """Reads tables ``furniture`` and ``furniture_pages``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def version(self, paper: str) -> int:
        """Return the number of the paper's newest furniture; 0 where nothing was learned yet."""
        row = self._db.conn.execute(
            "SELECT max(max(since_version), coalesce(max(until_version), 0)) FROM furniture WHERE paper = ?", (paper,)
        ).fetchone()
        return int(row[0] or 0)

    def lines(self, paper: str, version: int) -> frozenset[str]:
        """Return the keys of the lines that are furniture in a version."""
        rows = self._db.conn.execute(
            "SELECT line FROM furniture WHERE paper = ?1 AND since_version <= ?2 "
            "AND (until_version IS NULL OR until_version > ?2)",
            (paper, version),
        )
        return frozenset(str(line) for (line,) in rows)

    def pages(self, paper: str, limit: int) -> list[ObservedPage]:
        """Return the paper's latest observed pages, oldest first."""
        rows = self._db.conn.execute(
            "SELECT number, uid, section, author, lines FROM furniture_pages WHERE paper = ? "
            "ORDER BY number DESC LIMIT ?",
            (paper, limit),
        ).fetchall()
        return [_page(*row) for row in reversed(rows)]

    def read_with(self, paper: str, uid: str, key: str) -> int | None:
        """Return the version that the article of this uid or address, or that moved here, was read with; else None."""
        row = self._db.conn.execute(
            "SELECT coalesce(furniture_version, 0) FROM articles WHERE uid = ?1 OR (paper = ?2 AND url_key = ?3) "
            "OR id IN (SELECT article_id FROM aliases WHERE paper = ?2 AND url_key IN (?1, ?3) AND kind <> 'redirect') "
            "LIMIT 1",
            (uid, paper, key),
        ).fetchone()
        return int(row[0]) if row else self._moved_from(paper, key)

    def _moved_from(self, paper: str, key: str) -> int | None:
        row = self._db.conn.execute(
            "SELECT coalesce(a.furniture_version, 0) FROM pointers p JOIN articles a ON a.id = coalesce("
            "(SELECT id FROM articles WHERE paper = p.paper AND url_key = p.url_key), (SELECT article_id FROM aliases "
            "WHERE paper = p.paper AND url_key = p.url_key AND kind <> 'redirect')) "
            "WHERE p.to_paper = ?1 AND p.to_key = ?2 AND p.kind = 'moved' AND p.paper = ?1 LIMIT 1",
            (paper, key),
        ).fetchone()
        return int(row[0]) if row else None


def _page(number: int, uid: str, section: str, author: str, lines: str) -> ObservedPage:
    return ObservedPage(number, uid, section, author, tuple(Line(*line) for line in json.loads(lines)))


def put(db: Database, paper: str, learned: Learned, at: datetime) -> None:
    """Keep what a page taught and forget the page that is too old; runs in the caller's transaction."""
    page = learned.page
    shown = [(line.key, line.place, line.standing) for line in page.lines]
    lines = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    db.conn.execute(
        "INSERT INTO furniture_pages (paper, number, uid, section, author, lines) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (paper, page.number, page.uid, page.section, page.author, lines),
    )
    db.conn.execute("DELETE FROM furniture_pages WHERE paper = ? AND number < ?", (paper, learned.oldest))
    if learned.version is None:
        return
    db.conn.executemany(
        "UPDATE furniture SET until_version = ?, dropped_at = ? WHERE paper = ? AND line = ? AND until_version IS NULL",
        [(learned.version, stamp(at), paper, line) for line in learned.dropped],
    )
    db.conn.executemany(
        "INSERT INTO furniture (paper, line, since_version, learned_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(paper, line, learned.version, stamp(at)) for line in learned.added],
    )
