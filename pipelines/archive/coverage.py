"""Reads what of a paper's days is held and what is known and missing, and makes the missing due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.days import Days


@dataclass(frozen=True, slots=True)
class Day:
    """A local day of a paper: of ``listed`` articles that are ``held``, ``missing``, ``refused``, no article at all."""

    paper: str
    day: str
    listed: int
    held: int
    missing: int
    refused: int
    no_article: int


def coverage(db: Database, papers: Sequence[str], days: Days) -> list[Day]:
    """Return the rows of view ``coverage`` of these papers and days, by paper and day."""
    rows = db.conn.execute(
        "SELECT paper, day, listed, held, missing, refused, no_article FROM coverage "
        f"WHERE paper IN ({', '.join('?' * len(papers))}) AND day >= ? AND (? IS NULL OR day <= ?) ORDER BY 1, 2",
        (*papers, str(days.since), *[str(days.until) if days.until else None] * 2),
    )
    return [Day(*row) for row in rows.fetchall()]


def covered(db: Database) -> list[str]:
    """Return the papers that the archive knows an address of."""
    rows = db.conn.execute("SELECT name FROM papers WHERE EXISTS (SELECT 1 FROM urls WHERE paper = name) ORDER BY 1")
    return [str(name) for (name,) in rows]


def fill(db: Database, papers: Sequence[str], days: Days, now: datetime) -> Counter[str]:
    """Make what is known of these days, not held and due to no crawl, due now; return how many addresses by paper.

    What the paper refused, what is no article, and what was erased stays as it is.
    """
    with transaction(db):
        cursor = db.conn.execute(
            "UPDATE urls SET due_at = ?, failures = 0 WHERE id IN (SELECT id FROM lacking WHERE "
            f"paper IN ({', '.join('?' * len(papers))}) AND state IN ('known', 'failed') AND due_at IS NULL "
            "AND day >= ? AND (? IS NULL OR day <= ?)) RETURNING paper",
            (stamp(now), *papers, str(days.since), *[str(days.until) if days.until else None] * 2),
        )
        return Counter(str(paper) for (paper,) in cursor.fetchall())
