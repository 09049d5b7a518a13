"""Judges when a visited URL is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.items import FrontierRow, Visit

LISTING_EVERY = timedelta(hours=1)
"""A feed, sitemap or section the paper's entry names; every crawl asks it in any case."""
GUESS_EVERY = timedelta(days=7)
"""A listing we only guessed and did not find."""
NAMED = ("papers.toml", "probe")
"""``discovered_from`` of the listings that are asked in every crawl."""
FORBIDDEN_EVERY = timedelta(days=7)
"""What robots.txt did not allow; its rules may change."""
AGES = (
    (timedelta(hours=6), timedelta(hours=3)),
    (timedelta(days=2), timedelta(hours=20)),
    (timedelta(days=7), timedelta(days=2)),
    (timedelta(days=30), timedelta(days=10)),
    (timedelta(days=365), timedelta(days=90)),
)
"""(age since first known, pause before the next visit): papers edit in the first hours, then hardly."""
OLD = timedelta(days=365)
CONFIRM_GONE = timedelta(hours=20)
"""DESIGN: an article is gone when a second refusal comes at least this long after the first."""
FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=7)
TRIES = 8
"""Failures in a row after which a URL is left until a listing shows it again."""


def next_due(row: FrontierRow, visit: Visit, at: datetime) -> datetime | None:
    """Return when ``row`` is due again after ``visit`` at ``at``; None for never by itself."""
    outcome = visit.outcome
    if outcome in ("article", "unchanged"):
        return at + pause(at - _first_known(row, visit, at))
    if outcome in ("refused", "page/soft-404"):
        return _after_refusal(row, at)
    if outcome.startswith(("image/", "listing/")):
        return (_image if outcome.startswith("image/") else _listing)(row, outcome, at)
    if outcome in ("failed", "page/challenge"):
        return at + _back_off(row.failures) if row.failures < TRIES else None
    if outcome == "forbidden":
        return at + FORBIDDEN_EVERY
    return at + timedelta(days=1) if outcome.startswith("page/") and row.failures == 0 else None


def _image(row: FrontierRow, outcome: str, at: datetime) -> datetime | None:
    """Return when a picture is asked for again that could not be had; one that is kept never is."""
    if outcome == "image/refused":
        return at + CONFIRM_GONE if not row.failures else None
    if outcome == "image/failed":
        return at + _back_off(row.failures) if row.failures < TRIES else None
    return at + FORBIDDEN_EVERY if outcome == "image/forbidden" else None


def _listing(row: FrontierRow, outcome: str, at: datetime) -> datetime | None:
    if outcome == "listing/absent":
        return at + GUESS_EVERY
    if row.discovered_from in NAMED:
        return at + LISTING_EVERY
    return at + _back_off(row.failures) if outcome == "listing/unreadable" and row.failures < TRIES else None


def _first_known(row: FrontierRow, visit: Visit, at: datetime) -> datetime:
    """Return since when an article is known; one that a backfill fetched, since it was published."""
    published = visit.article.reading.published if visit.backfill and visit.article else None
    known = row.discovered_at or at
    return min(known, datetime.fromisoformat(published[:10]).replace(tzinfo=UTC)) if published else known


def pause(age: timedelta) -> timedelta:
    """Return how long an article of this age is left before it is looked at again."""
    return next((wait for limit, wait in AGES if age < limit), OLD)


def _after_refusal(row: FrontierRow, at: datetime) -> datetime | None:
    if row.state == "known":
        return None if row.failures else at + CONFIRM_GONE
    if row.refused_at is None:
        return at + CONFIRM_GONE
    confirmed = at - row.refused_at >= CONFIRM_GONE
    return at + timedelta(days=30) if confirmed else row.refused_at + CONFIRM_GONE


def _back_off(failures: int) -> timedelta:
    return min(FIRST_RETRY * float(2**failures), LONGEST_RETRY)
