"""Keeps the row of a crawl in table ``runs``: when, with which settings and versions, and what it came to."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall

from crawler.clock import Clock, clock_from
from crawler.extraction.drift import BOUND, LATEST, drifted
from crawler.failures import printable
from crawler.warc import archive_of
from pipelines.archive import ArchiveError
from pipelines.archive.connection import transaction
from pipelines.archive.layout_changes import judge, note_disagreement
from pipelines.archive.runs import BROKEN_OFF
from pipelines.archive.tallies import Tally, tally
from pipelines.fixity import is_finished, paper_files, paper_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from pipelines.archive import Archive
    from pipelines.days import Days
    from pipelines.items import Paper

logger = logging.getLogger(__name__)

OURS = ("scrapy", "trafilatura", "warcio", "selectolax", "sqlite-utils")
SHOW_EVERY = 10.0
"""Seconds between two lines of progress on a terminal."""
SEALED = 31
"""Files of days before that one crawl reads for their digest; an archive's from before this was done take several."""
STOPPED = "shutdown"
"""Scrapy's reason for the end of a crawl that somebody stopped."""
LISTED = ("listing/read", "listing/unchanged")
DEAD = 2
"""Listings unread in a round of ``--due`` that read none: from so many on the paper fails; one may be a dead feed."""
TOLD = {
    "new": "new",
    "revised": "revised",
    "same": "same",
    "alias": "read at a 2nd address",
    "copied": "copied",
    "gone": "gone",
}
FAILED = ("failed", "refused", "listing/unreadable")


class Run:
    """Extension: opens a run's row with the spider and closes it, and the archive, at the end."""

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self._crawler = crawler
        self._clock = clock
        self._progress: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the beginning and the end of a crawl."""
        self = cls(crawler, clock_from(crawler.settings["CLOCK"]))
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        return self

    def spider_opened(self, spider: Spider) -> None:
        """Open the run's row; on a terminal, begin to show how the crawl gets on."""
        paper = getattr(spider, "paper", None)
        archive_of(self._crawler).begin_run(
            paper.name if paper else None,
            str(self._crawler.settings.get("RUN_COMMAND", "crawl")),
            self._clock.now(),
            settings_digest(self._crawler.settings),
            versions(),
            str(getattr(spider, "days", None) or ""),
        )
        if paper and sys.stderr.isatty():
            self._progress = create_looping_call(self._show, paper.name)
            self._progress.start(SHOW_EVERY, now=False)

    def _show(self, name: str) -> None:
        archive = archive_of(self._crawler)
        counts = archive.counts
        line = f"{name}: {counts['requests']} requests, {counts['article/new']} new articles"
        days = getattr(self._crawler.spider, "days", None)
        if days:
            line += f"; {came_to(name, days, tally(archive.db, name, days)).partition(';')[0]}"
        else:
            line += f", {archive.frontier.due(name, self._clock.now())} addresses due"
        sys.stderr.write(f"{line}\n")

    def spider_closed(self, reason: str) -> None:
        """Close the run's row and the archive; leave the counts with the crawl's stats."""
        archive = archive_of(self._crawler)
        assert self._crawler.stats is not None
        if self._progress is not None and self._progress.running:
            self._progress.stop()
        try:
            warc_dir, now = Path(self._crawler.settings["WARC_DIR"]), self._clock.now()
            files = [(name, (warc_dir / name).stat().st_size) for name in archive.written_files()]
            archive.flush()
            self._note_backfill(archive)
            self._crawler.stats.set_value("run/counts", dict(archive.counts))
            self._crawler.stats.set_value("run/reason", reason)
            self._crawler.stats.set_value("run/id", archive.run_id)
            if self._crawler.settings.getbool("DUE_ONLY") and self._paper:
                self._crawler.stats.set_value("run/listed", archive.frontier.is_listed(self._paper.name))
            archive.end_run(reason, now, files, problem(self._crawler.stats.get_stats()) if self._paper else None)
            archive.seal(warc_dir, self._finished(warc_dir, archive, now), now)
            for line in (*drifts(archive, now), *layout_changes(archive, now)):
                logger.warning("%s", line)
        except (ArchiveError, OSError) as error:
            self._crawler.stats.set_value("archive/error", str(error))
        else:
            if reason == STOPPED and self._crawler.spider is not None:
                due = archive.frontier.due(self._crawler.spider.name, self._clock.now())
                self._crawler.stats.set_value("run/due", due)
        finally:
            archive.db.close()
        self._crawler.stats.set_value("run/counts", dict(archive.counts))
        self._crawler.stats.set_value("run/reason", reason)

    @property
    def _paper(self) -> Paper | None:
        """The paper that is crawled; None in a replay, which is of several."""
        return getattr(self._crawler.spider, "paper", None)

    def _finished(self, warc_dir: Path, archive: Archive, now: datetime) -> list[str]:
        """Return the WARC files whose digest can be kept: the paper's of days before, or others' that were replayed.

        A crawl holds its paper's lock and has cut what a killed one tore, which a replay has not.
        """
        paper = self._paper
        if paper is None:
            return archive.unsealed(name for name in archive.written_files() if paper_of(name) is None)
        finished = (name for name in paper_files(warc_dir, paper.name) if is_finished(name, now))
        return archive.unsealed(finished)[:SEALED]

    def _note_backfill(self, archive: Archive) -> None:
        """Leave with the crawl's stats what a backfill has come to."""
        spider = self._crawler.spider
        days = getattr(spider, "days", None)
        if spider is not None and days and self._crawler.stats is not None:
            found = tally(archive.db, spider.name, days)
            self._crawler.stats.set_value("backfill", came_to(spider.name, days, found))


def came_to(paper: str, days: Days, found: Tally) -> str:
    """Return in words what is held and left of a backfill's days, what else it fetched, and how to go on."""
    held = "1 article" if found.held == 1 else f"{found.held} articles"
    beside = f", {found.others} of other days fetched to find where these begin and end" if found.others else ""
    left = "1 address" if found.left == 1 else f"{found.left} addresses"
    said = f"the archive holds {held} of {days}{beside}, {left} left to fetch"
    if not found.left:
        return said
    until = f" --until {days.until}" if days.until else ""
    return f"{said}; go on with: scrapy crawl {paper} --since {days.since}{until}"


def layout_changes(archive: Archive, now: datetime) -> Iterator[str]:
    """Give a sentence for each change that the run's pages, with those before, show; keep what was found and ended."""
    for paper, template in sorted(archive.layouts.read, key=str):
        with transaction(archive.db):
            found = judge(archive.db, paper, template, now)
        for change, url in found:
            yield (
                f"{paper}: its pages are read otherwise since {change.page.at}: {change.signal} {change.after:.2f}, "
                f"before {change.before:.2f}; the first is {printable(url)}; 'scrapy status {paper}' tells more"
            )


def drifts(archive: Archive, now: datetime) -> Iterator[str]:
    """Give a sentence for each template that the run's pages, with those before, show to have drifted."""
    for paper, template in sorted(archive.layouts.sampled):
        samples = archive.samples(paper, template, LATEST)
        mean = drifted([apart for _, apart in samples])
        with transaction(archive.db):
            note_disagreement(archive.db, paper, template, samples, mean, now)
        if mean is not None:
            yield (
                f"{paper}: template '{template}' has drifted: on the last {len(samples)} pages sampled it and the "
                f"reading without it differ by {mean:.2f}, expected at most {BOUND}; look at "
                f"{printable(samples[0][0])} and correct templates.toml, or name the system of today in papers.toml"
            )


def settings_digest(settings: BaseSettings) -> str:
    """Return 16 hex digits of sha256 over all settings, so that runs with the same ones can be told."""
    shown = json.dumps({name: settings[name] for name in settings}, sort_keys=True, default=_shown)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _shown(value: object) -> object:
    """Return a setting that JSON does not know: settings within settings as they are, else the name of its type."""
    return dict(value.items()) if isinstance(value, Mapping) else type(value).__name__


@cache
def versions() -> dict[str, str]:
    """Return the versions of what had a part in the run."""
    return {"baotinh": version("baotinh"), "python": platform.python_version()} | {p: version(p) for p in OURS}


def problem(stats: Mapping[str, Any]) -> str | None:
    """Return in a sentence why a crawl of a paper failed as a whole, or None; the rule of the exit code.

    ``stats`` are those `Run` leaves with the crawl's.
    """
    counts = stats.get("run/counts", {})
    if stats.get("archive/error"):
        return str(stats["archive/error"])
    if any(counts.get(name) for name in LISTED) or stats.get("run/reason") == STOPPED:
        return None
    if stats.get("run/unreachable") or stats.get("run/left_alone"):
        return _not_asked(stats)
    read = any(name.startswith("article/") for name in counts)
    due = stats.get("run/listed") and counts.get("listing/unreadable", 0) < DEAD
    if due or (stats.get("backfill") and (read or not counts.get("listing/unreadable"))):
        return None
    if "run/reason" not in stats:
        return BROKEN_OFF
    return f"no listing could be read; the crawl ended as '{stats['run/reason']}'"


def _not_asked(stats: Mapping[str, Any]) -> str | None:
    """Return why a host could not be asked, None where the operator did not want it."""
    if stats.get("run/unreachable"):
        return str(stats["run/unreachable"])
    return None if stats["run/own_wish"] else f"{stats['run/left_alone']}; what is due stays due"


def told(stats: Mapping[str, Any]) -> str:
    """Return what a crawl came to in one line, for the operator."""
    counts = stats.get("run/counts", {})
    left_alone = f"{stats['run/left_alone']}; what is due stays due" if stats.get("run/left_alone") else ""
    if left_alone and not counts.get("requests"):
        return left_alone
    articles = ", ".join(f"{counts.get(f'article/{name}', 0)} {word}" for name, word in TOLD.items())
    pages = sum(n for name, n in counts.items() if name.startswith("page/"))
    failed = sum(counts.get(name, 0) for name in FAILED)
    failed += counts.get("image/failed", 0) + counts.get("image/refused", 0)
    images = f"{counts['image/kept']} images, " if counts.get("image/kept") else ""
    said = f"{articles}; {images}{pages} pages no article, {failed} failed; {counts.get('requests', 0)} requests"
    said += f"; {left_alone}" if left_alone else ""
    if stats.get("backfill"):
        return f"{said}; {stats['backfill']}"
    return f"{said}; stopped, {stats['run/due']} addresses due for the next crawl" if stats.get("run/due") else said
