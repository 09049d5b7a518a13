"""The rows that tell how each page was read, by which a redesign is noticed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from pipelines.items import Visit

NEW = {"article/new", "article/copied"}
RECENT = 300
"""Rows in which the latest samples are looked for: a page read again has several, of which the newest counts."""


@dataclass(slots=True)
class Layouts:
    """Paper and template of pages that one process put: those ``read`` first, those ``sampled`` without it."""

    read: set[tuple[str, str | None]] = field(default_factory=set)
    sampled: set[tuple[str, str]] = field(default_factory=set)

    def put(self, db: Database, capture_id: int | None, visit: Visit, names: Sequence[str]) -> None:
        """Keep how a capture was read, once; ``names``: what it is counted by. Runs in the caller's transaction."""
        if capture_id is None or visit.layout is None:
            return
        put(db, capture_id, visit)
        if visit.article is None or NEW.intersection(names):
            self.read.add((visit.paper, visit.layout.template))
        if visit.layout.template and visit.layout.disagreement is not None:
            self.sampled.add((visit.paper, visit.layout.template))


def put(db: Database, capture_id: int, visit: Visit) -> None:
    """Keep how a capture was read, once; runs in the caller's transaction."""
    if visit.layout is None:
        return
    article, said = visit.article, visit.article.reading.provenance if visit.article else {}
    db.conn.execute(
        "INSERT INTO layout_stats (capture_id, paper, template, at, day, by_template, words, provenance, disagreement) "
        "VALUES (?1, ?2, ?3, ?4, date(?4, '+7 hours'), ?5, ?6, ?7, ?8) ON CONFLICT (capture_id) DO UPDATE "
        "SET template = excluded.template, by_template = excluded.by_template, words = excluded.words, "
        "provenance = excluded.provenance, disagreement = excluded.disagreement",
        (
            capture_id,
            visit.paper,
            visit.layout.template,
            stamp(visit.at),
            None if article is None else said.get("text") == "template",
            article.words if article else 0,
            json.dumps(dict(said), ensure_ascii=False, sort_keys=True),
            visit.layout.disagreement,
        ),
    )


def samples(db: Database, paper: str, template: str, limit: int) -> list[tuple[str, float]]:
    """Return address and disagreement of the pages sampled last with a template, newest first, each page once."""
    rows = db.conn.execute(
        "SELECT url, disagreement, max(at) FROM (SELECT c.url, c.url_key, l.disagreement, l.at FROM layout_stats l "
        "JOIN captures c ON c.id = l.capture_id WHERE l.paper = ? AND l.template = ? "
        "AND l.disagreement IS NOT NULL ORDER BY l.at DESC LIMIT ?) GROUP BY url_key ORDER BY 3 DESC, 1 LIMIT ?",
        (paper, template, RECENT, limit),
    )
    return [(str(url), float(apart)) for url, apart, _ in rows]
