"""Says before a backfill begins what it is likely to cost: requests, time, nights, and what that rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from, local_day
from pipelines.archive import Archive
from pipelines.archive.tallies import Tally, tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scrapy.settings import BaseSettings

    from pipelines.days import Days
    from pipelines.items import Paper

A_PAGE = 20
"""Articles that a page of a section is taken to list."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a backfill of ``days`` (an ISO 8601 interval) is likely to cost; the keys of ``--plan --json``.

    ``requests``, ``seconds`` and ``nights`` are null where nothing tells how much the paper prints a
    day; ``pending`` is what is known to be left of a backfill that was begun.
    """

    paper: str
    days: str
    begun: bool
    held: int
    known: int
    pending_articles: int
    pending_listings: int
    expected_articles: int | None
    requests: int | None
    seconds: int | None
    nights: int | None
    basis: str


def estimates(papers: Sequence[Paper], days: Days, settings: BaseSettings) -> list[Estimate]:
    """Estimate each paper's backfill from what the archive knows; no archive is made. Raises ArchiveError."""
    today = local_day(clock_from(settings["CLOCK"]).now())
    pace = (settings.getfloat("DOWNLOAD_DELAY"), settings.getint("BACKFILL_REQUESTS"))
    if not Path(settings["ARCHIVE"]).exists():
        return [estimate(paper, days, Tally(), today, *pace) for paper in papers]
    archive = Archive(settings["ARCHIVE"], busy_seconds=10)
    try:
        return [estimate(paper, days, tally(archive.db, paper.name, days), today, *pace) for paper in papers]
    finally:
        archive.db.close()


def estimate(paper: Paper, days: Days, known: Tally, today: date, delay: float, most: int) -> Estimate:
    """Return what a backfill that knows this much will cost at a request every ``delay`` seconds."""
    a_day, basis = _rate(paper, known)
    requests = known.left if known.left and not known.listings else None
    expected = None
    if a_day is not None:
        last = min(days.until or today, paper.until or today)
        expected = round(a_day * max((last - days.since).days + 1, 0))
    if requests is None and expected is not None and a_day is not None:
        articles = max(expected - known.held, known.articles, known.known)
        requests = articles + max(known.listings, math.ceil(a_day * ((today - days.since).days + 1) / A_PAGE))
    return Estimate(
        paper=paper.name,
        days=str(days),
        begun=known.left > 0,
        held=known.held,
        known=known.known,
        pending_articles=known.articles,
        pending_listings=known.listings,
        expected_articles=expected,
        requests=requests,
        seconds=None if requests is None else round(requests * delay),
        nights=None if requests is None else max(1, math.ceil(requests / most)) if most else 1,
        basis="the addresses that are left" if known.left and not known.listings else basis,
    )


def _rate(paper: Paper, known: Tally) -> tuple[float | None, str]:
    """Return how many articles the paper prints a day, and how we know."""
    if (stated := paper.expect.get("per_day")) is not None:
        return stated, f"{stated:g} articles a day (papers.toml: expect.per_day) and {A_PAGE} on a listing page"
    if known.recent:
        measured = known.recent / known.recent_days
        return measured, f"{measured:.1f} articles a day (the latest in the archive) and {A_PAGE} on a listing page"
    return None, "papers.toml has no expect.per_day, and the archive no article of the paper to measure by"


def sentence(of: Estimate) -> str:
    """Return an estimate in one line, for the operator."""
    known = f"{of.held} articles held, {of.known} known and not held"
    if of.begun:
        known += f", {of.pending_articles} articles and {of.pending_listings} listings left of what was begun"
    if of.requests is None:
        return f"{of.paper}: {of.days}: how much there is to fetch is not known: {of.basis}; {known}"
    assert of.seconds is not None
    cost = f"about {of.requests} requests, {_time(of.seconds)} at the polite rate, nights: {of.nights}"
    return f"{of.paper}: {of.days}: {cost}; by {of.basis}; {known}"


def _time(seconds: int) -> str:
    if seconds < 2 * 3600:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 2 * 86400 else f"{seconds / 86400:.1f} days"
