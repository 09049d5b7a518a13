"""Says before a backfill begins what it is likely to cost: requests, time, nights, and what that rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from, local_day
from crawler.discovery.sitemaps import period
from crawler.politeness import pause_captured
from pipelines.archive import Archive
from pipelines.archive.tallies import FULL, Tally, tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scrapy.settings import BaseSettings

    from pipelines.days import Days
    from pipelines.items import Paper

A_PAGE = (20, 60)
"""Articles that a page of a section is taken to list: few, which costs the most requests, and many."""
FEW_DAYS = 7
"""Where fewer days than a week tell a paper's rate, it is called a guess."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a backfill of ``days`` (an ISO 8601 interval) is likely to cost; the keys of ``--plan --json``.

    ``requests``, ``seconds`` and ``nights`` are the most that is likely, ``…_least`` the least, one request
    every ``pause`` seconds; null where nothing tells how much the paper prints a day. ``pending`` is what is
    known to be left of a backfill that was begun, ``doors`` what reaches back and since when, in words.
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
    requests_least: int | None
    seconds: int | None
    seconds_least: int | None
    nights: int | None
    nights_least: int | None
    pause: float
    basis: str
    doors: str


def estimates(papers: Sequence[Paper], days: Days, settings: BaseSettings) -> list[Estimate]:
    """Estimate each paper's backfill from what the archive knows; no archive is made. Raises ArchiveError."""
    today = local_day(clock_from(settings["CLOCK"]).now())
    most = settings.getint("BACKFILL_REQUESTS")
    pauses = {paper.name: pause_captured(settings, paper.hosts) for paper in papers}
    if not Path(settings["ARCHIVE"]).exists():
        return [estimate(paper, days, Tally(), today, pauses[paper.name], most) for paper in papers]
    archive = Archive(settings["ARCHIVE"], busy_seconds=10)
    try:
        told = {paper.name: tally(archive.db, paper.name, days) for paper in papers}
    finally:
        archive.db.close()
    return [estimate(paper, days, told[paper.name], today, pauses[paper.name], most) for paper in papers]


def estimate(paper: Paper, days: Days, known: Tally, today: date, pause: float, most: int) -> Estimate:
    """Return what a backfill that knows this much will cost at a request every ``pause`` seconds."""
    rate, basis = _rate(paper, known)
    last = min(days.until or today, paper.until or today)
    wanted, walked = ((end - days.since).days + 1 for end in (last, today))
    requests: tuple[int, int] | None = None
    if known.left and not known.listings:
        requests, basis = (known.left, known.left), "the addresses that are left"
    elif rate:
        requests = _requests(paper, known, rate, max(wanted, 0), walked)
    least, much = requests or (None, None)
    return Estimate(
        paper=paper.name,
        days=str(days),
        begun=known.left > 0,
        held=known.held,
        known=known.known,
        pending_articles=known.articles,
        pending_listings=known.listings,
        expected_articles=round(rate[0] * max(wanted, 0)) if rate else None,
        requests=much,
        requests_least=least,
        seconds=None if much is None else round(much * pause),
        seconds_least=None if least is None else round(least * pause),
        nights=None if much is None else _nights(much, most),
        nights_least=None if least is None else _nights(least, most),
        pause=pause,
        basis=basis,
        doors=_doors(paper, known),
    )


def _requests(paper: Paper, known: Tally, rate: tuple[float, float], wanted: int, walked: int) -> tuple[int, int]:
    """Return the least and the most: articles of ``wanted`` days, listings of the ``walked`` ones back from today.

    Pages of sections that only show newer articles may be passed over, and where there are sitemaps, sections may
    add nothing: they then cost no page.
    """
    few, many = (max(round(a_day * wanted) - known.held, known.articles, known.known) for a_day in rate)
    sitemaps = bool(paper.sitemaps or known.sitemaps)
    least = 1 if sitemaps else math.ceil(rate[0] * wanted / A_PAGE[1])
    most = math.ceil(rate[1] * walked / A_PAGE[0]) + sitemaps * math.ceil(wanted / 30)
    return few + max(known.listings, least), many + max(known.listings, most)


def _rate(paper: Paper, known: Tally) -> tuple[tuple[float, float] | None, str]:
    """Return how many articles the paper prints a day, at least and at most, and how we know."""
    pages = f"{A_PAGE[0]} to {A_PAGE[1]} on a listing page"
    if (stated := paper.expect.get("per_day")) is not None:
        return (stated, stated), f"{stated:g} articles a day (papers.toml: expect.per_day) and {pages}"
    if not known.recent:
        return None, "papers.toml has no expect.per_day, and the archive no article of the paper to measure by"
    rate = known.recent / known.recent_days
    most = max(rate, known.busiest / min(FULL, known.recent_days))
    said = f"{rate:.1f} to {most:.1f}" if round(rate, 1) < round(most, 1) else f"{rate:.1f}"
    few = ", few days: a rough guess" if known.recent_days < FEW_DAYS else ""
    latest = f"the latest in the archive: {known.recent} of {_counted(known.recent_days, 'day')}{few}"
    return (rate, most), f"{said} articles a day ({latest}) and {pages}"


def _doors(paper: Paper, known: Tally) -> str:
    """Return in words what listings reach back, and since when."""
    named = {*paper.sitemaps, *known.sitemaps}
    spans = [span for url in named if (span := period(url))]
    since = f" back to {min(spans)[0]}" if spans else " (how far is told by crawling)"
    said = [f"sitemaps{since}"] if named else []
    said += ["sections, page by page"] if paper.sections else []
    return " and ".join(said) or "none is named in papers.toml; the first crawl looks for sitemaps and sections"


def _nights(requests: int, most: int) -> int:
    return max(1, math.ceil(requests / most)) if most else 1


def sentence(of: Estimate) -> str:
    """Return an estimate in one line, for the operator."""
    known = f"Here already: {_counted(of.held, 'article')} of these days; {of.known} more are known by address"
    if of.begun:
        left = f"{_counted(of.pending_articles, 'article')} and {_counted(of.pending_listings, 'listing')}"
        known += f"; {left} of a backfill that was begun are left"
    head, doors = f"{of.paper}, {of.days}", f"The way back: {of.doors}"
    if of.requests is None:
        first = f"run 'scrapy crawl {of.paper}' once, then ask again"
        told = f" {known}." if of.held or of.known or of.begun else ""
        return f"{head}: no estimate yet, since nothing tells how much the paper prints; {first}.{told} {doors}."
    assert of.requests_least is not None
    assert of.seconds is not None
    assert of.seconds_least is not None
    assert of.nights is not None
    assert of.nights_least is not None
    nights = _span(of.nights_least, of.nights, "night")
    cost = f"{_span(of.requests_least, of.requests, 'request')}, one every {of.pause:g} s, which takes "
    cost += f"{_time(of.seconds_least, of.seconds)} ({nights} of BACKFILL_REQUESTS)"
    return f"{head}: {cost}. Reckoned by {of.basis}. {known}. {doors}."


def _time(least: int, most: int) -> str:
    if most < 2 * 3600:
        return _span(math.ceil(least / 60), math.ceil(most / 60), "minute")
    size, unit = (3600, "hours") if most < 2 * 86400 else (86400, "days")
    short, long = f"{least / size:.1f}", f"{most / size:.1f}"
    return f"{long} {unit}" if short == long else f"{short} to {long} {unit}"


def _span(least: int, most: int, of: str) -> str:
    return _counted(most, of) if least == most else f"{least} to {_counted(most, of)}"


def _counted(number: int, of: str) -> str:
    return f"{number} {of}" if number == 1 else f"{number} {of}s"
