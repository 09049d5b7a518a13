"""Counts what is known of a range of days of a paper: held, listed, left to fetch, printed in a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.days import Days

WITHIN = "published_date >= ?2 AND (?3 IS NULL OR published_date <= ?3)"
RECENT = 28
"""Days up to the latest article that tell how many are printed in a day."""
FULL = 3
"""Days in a row that a listing shows whole, when it shows no more of the weeks before than a few articles."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the archive knows of a paper's days.

    ``held``: its articles of these days; ``others``: articles of other days that their backfill
    fetched; ``articles`` and ``listings``: addresses their backfill has yet to fetch; ``known``:
    addresses that a listing dates on these days and nobody fetched. The archive's latest ``recent``
    articles were printed in ``recent_days`` days, ``busiest`` of them within `FULL` days in a row.
    ``sitemaps``: the addresses of the sitemaps that listings of the paper name.
    """

    held: int = 0
    others: int = 0
    articles: int = 0
    listings: int = 0
    known: int = 0
    recent: int = 0
    recent_days: int = 0
    busiest: int = 0
    sitemaps: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """How many addresses the backfill has yet to fetch."""
        return self.articles + self.listings


def tally(db: Database, paper: str, days: Days) -> Tally:
    """Count what the archive knows of ``days`` of ``paper``."""
    span = (paper, str(days.since), str(days.until) if days.until else None)
    (held,) = _one(db, f"SELECT count(*) FROM articles WHERE paper = ?1 AND {WITHIN}", *span)
    (known,) = _one(
        db,
        "SELECT count(*) FROM urls WHERE paper = ?1 AND kind = 'article' AND state = 'known' "
        "AND substr(listed_modified, 1, 10) >= ?2 AND (?3 IS NULL OR substr(listed_modified, 1, 10) <= ?3)",
        *span,
    )
    return Tally(held, *_backfill(db, days, *span), known, *_recent(db, paper), _sitemaps(db, paper))


def _backfill(db: Database, days: Days, paper: str, since: str, until: str | None) -> tuple[int, int, int]:
    """Return the articles of other days that were fetched, and articles and listings yet to fetch."""
    others, articles, listings = _one(
        db,
        "SELECT count(*) FILTER (WHERE visited_at IS NOT NULL AND u.kind = 'article' AND u.state = 'held' "
        "AND NOT coalesce(substr(published, 1, 10) >= ?3 AND (?4 IS NULL OR substr(published, 1, 10) <= ?4), 0)), "
        "count(*) FILTER (WHERE b.due_at IS NOT NULL AND u.kind = 'article'), "
        "count(*) FILTER (WHERE b.due_at IS NOT NULL AND u.kind <> 'article') "
        "FROM backfills f JOIN backfill_urls b ON b.backfill_id = f.id JOIN urls u ON u.id = b.url_id "
        "WHERE f.paper = ?1 AND f.days = ?2",
        paper,
        str(days),
        since,
        until,
    )
    return others, articles, listings


def _recent(db: Database, paper: str) -> tuple[int, int, int]:
    """Return how many of the latest articles there are, in how many days, and in the busiest `FULL` of these."""
    rows = db.conn.execute(
        "SELECT CAST(julianday(published_date) AS INTEGER), count(*) FROM articles WHERE paper = ?1 AND "
        "published_date > (SELECT date(max(published_date), ?2) FROM articles WHERE paper = ?1) GROUP BY 1",
        (paper, f"-{RECENT} days"),
    )
    printed: dict[int, int] = dict(rows.fetchall())
    busiest = max((sum(printed.get(day + n, 0) for n in range(FULL)) for day in printed), default=0)
    return sum(printed.values()), max(printed) - min(printed) + 1 if printed else 0, busiest


def _sitemaps(db: Database, paper: str) -> tuple[str, ...]:
    rows = db.conn.execute(
        "SELECT url FROM urls WHERE paper = ? AND kind = 'sitemap' AND state IN ('known', 'held')", (paper,)
    )
    return tuple(str(r[0]) for r in rows)


def _one(db: Database, sql: str, *values: Any) -> tuple[int, ...]:
    row: tuple[int, ...] = db.conn.execute(sql, values).fetchone()
    return row
