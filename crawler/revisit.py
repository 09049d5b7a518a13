"""Judges when a visited URL is due again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from crawler.clock import LOCAL
from pipelines.rhythm import Rhythm

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from pipelines.items import FrontierRow, Visit

GUESS_EVERY = timedelta(days=7)
"""A listing we only guessed and did not find."""
NAMED = ("papers.toml", "probe")
"""``discovered_from`` of the listings that are asked in every crawl but ``crawlall --due``."""
WATCHED = ("feed", "section")
"""Listings that are due by themselves wherever they were found; a sitemap of an index is when that says it changed."""
FORBIDDEN_EVERY = timedelta(days=7)
"""What robots.txt did not allow; its rules may change."""
AGES = (
    (timedelta(hours=2), timedelta(hours=3)),
    (timedelta(hours=12), timedelta(hours=20)),
    (timedelta(hours=36), timedelta(hours=20)),
    (timedelta(days=20), timedelta(days=30)),
    (timedelta(days=365), timedelta(days=90)),
)
"""(age since first known, pause before the next visit): papers edit in the first hours, then hardly.

A month's articles are looked at three times each: hours later, the day after, and the day after that.
"""
OLD = timedelta(days=365)
CONFIRM_GONE = timedelta(hours=20)
"""DESIGN: an article is gone when a second refusal comes at least this long after the first."""
FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=7)
TRIES = 8
"""Failures in a row after which a URL is left until a listing shows it again."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Says when an address is due again after a visit; a listing by the hours at which it shows new articles.

    ``patience``: how long its articles to be expected may wait, all their waiting taken together;
    ``shortest``, ``longest``: bounds of the time between two looks.
    """

    patience: timedelta = timedelta(minutes=3)
    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=6)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read POLL_PATIENCE (minutes), POLL_SHORTEST and POLL_LONGEST (seconds)."""
        return cls(
            timedelta(minutes=settings.getfloat("POLL_PATIENCE")),
            timedelta(seconds=settings.getfloat("POLL_SHORTEST")),
            timedelta(seconds=settings.getfloat("POLL_LONGEST")),
        )

    def __call__(self, row: FrontierRow, visit: Visit, at: datetime) -> datetime | None:
        """Return when ``row`` is due again after ``visit`` at ``at``; None for never by itself."""
        outcome = visit.outcome
        if outcome in ("article", "unchanged"):
            return at + pause(at - _first_known(row, visit, at))
        if outcome in ("refused", "page/soft-404"):
            return _after_refusal(row, at)
        if outcome.startswith(("listing/", "image/")):
            return (self._listing if outcome.startswith("listing/") else _image)(row, outcome, at)
        if outcome in ("failed", "page/challenge"):
            return at + _back_off(row.failures) if row.failures < TRIES else None
        if outcome == "forbidden":
            return at + FORBIDDEN_EVERY
        return at + timedelta(days=1) if outcome.startswith("page/") and row.failures == 0 else None

    def _listing(self, row: FrontierRow, outcome: str, at: datetime) -> datetime | None:
        """Return when a listing is due; one that cannot be read, later each time, but not seldom where it is named."""
        if outcome == "listing/absent":
            return at + GUESS_EVERY
        named = row.discovered_from in NAMED
        unreadable = outcome == "listing/unreadable"
        if not named and (row.depth or row.kind not in WATCHED or row.backfill):
            return at + _back_off(row.failures) if unreadable and row.failures < TRIES else None
        wait = (row.rhythm or Rhythm.unknown(at)).wait(at, self.patience / timedelta(hours=1), self.longest)
        wait = max(wait, self.shortest)
        if not unreadable:
            return at + wait
        longer = max(wait, _back_off(row.failures))
        return at + min(longer, self.longest) if named else at + longer if row.failures < TRIES else None


def _image(row: FrontierRow, outcome: str, at: datetime) -> datetime | None:
    """Return when a picture is asked for again that could not be had; one that is kept never is."""
    if outcome == "image/refused":
        return at + CONFIRM_GONE if not row.failures else None
    if outcome == "image/failed":
        return at + _back_off(row.failures) if row.failures < TRIES else None
    return at + FORBIDDEN_EVERY if outcome == "image/forbidden" else None


def _first_known(row: FrontierRow, visit: Visit, at: datetime) -> datetime:
    """Return since when an article is out, as far as we can tell: known to us, or published by its page."""
    known = row.discovered_at or at
    printed = visit.article.reading.published if visit.article else None
    return min(known, _end_of(printed)) if printed else known


def _end_of(published: str) -> datetime:
    """Return the moment of publication, of a bare day its end."""
    moment = datetime.fromisoformat(published)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL) + timedelta(days=1)


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
