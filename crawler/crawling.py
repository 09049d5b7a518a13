"""Runs crawls into the archive for the commands: checks and locks first, then Scrapy, then the exit code."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from, local_day
from crawler.images import Allowance
from crawler.notifying import notify
from crawler.papers import provinces
from crawler.patience import Manners, held_off
from crawler.run import STOPPED, problem, told
from crawler.taking_down import bury_begun
from crawler.warc_reading import recover
from crawler.warc_writing import LockedError, PaperLock
from pipelines.archive import Archive, ArchiveError
from pipelines.archive.connection import updating
from pipelines.archive.hosts import HostRows
from pipelines.records import RecordError
from pipelines.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scrapy.crawler import Crawler, CrawlerProcessBase
    from scrapy.settings import BaseSettings

    from crawler.papers import Directory
    from pipelines.items import Paper


SILENT = 3
"""Hosts that are silent together from which on the fault is taken to be this machine's network."""


@dataclass(slots=True)
class Prepared:
    """The names of the papers that may be crawled, and a sentence for each thing wrong."""

    papers: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def prepare(settings: BaseSettings, directory: Directory, papers: Sequence[Paper], locks: ExitStack) -> Prepared:
    """Open and update the archive, lock the papers, take up what a killed crawl wrote; say which can be crawled.

    ``locks`` holds the locks until it is closed. What is wrong with one paper keeps no other from being crawled.
    Where only what is due is asked for (DUE_ONLY), papers of which nothing is, or that another
    process crawls, are left out without a word.
    """
    try:
        archive = Archive(settings["ARCHIVE"], busy_seconds=10)
    except ArchiveError as error:
        return Prepared(wrong=[str(error)])
    found = Prepared()
    try:
        archive.sync_directory(directory.papers.values(), provinces())
        bury_begun(archive.db, Path(settings["WARC_DIR"]), clock_from(settings["CLOCK"]).now())
        for paper in papers:
            if not settings.getbool("DUE_ONLY") or is_due(archive, paper, settings):
                _prepare_one(settings, paper, archive, locks, found)
        archive.flush()
    except (ArchiveError, RecordError) as error:
        return Prepared(wrong=[str(error)])
    except OSError as error:
        wrong = f"setting WARC_DIR: {settings['WARC_DIR']} cannot be written ({error.strerror}); correct it"
        return Prepared(wrong=[wrong])
    else:
        return found
    finally:
        archive.db.close()


def is_due(archive: Archive, paper: Paper, settings: BaseSettings) -> bool:
    """Say whether a crawl of the paper would ask for anything: something is due whose host is not left alone."""
    now, hosts, manners = clock_from(settings["CLOCK"]).now(), HostRows(archive.db), Manners.of(settings)
    is_open = cache(lambda host: held_off(host, hosts, manners, now) is None)
    if not is_open(host_of(f"https://{paper.hosts[0]}")):
        return False
    room = paper.images > 0 and Allowance.of(paper, archive.images, now).is_left(local_day(now))
    return archive.frontier.is_due(paper.name, now, images=room, may_ask=lambda url: is_open(host_of(url)))


def _prepare_one(settings: BaseSettings, paper: Paper, archive: Archive, locks: ExitStack, found: Prepared) -> None:
    with ExitStack() as held:
        try:
            held.enter_context(PaperLock(Path(settings["WARC_DIR"]), paper.name))
            ends = archive.warc_ends(paper.name)
            _check_todays_file(settings, paper.name, ends)
            for capture in recover(Path(settings["WARC_DIR"]), paper.name, ends):
                archive.record(paper.name, capture)
        except LockedError as error:
            found.wrong += [] if settings.getbool("DUE_ONLY") else [str(error)]
            return
        except RecordError as error:
            found.wrong.append(str(error))
            return
        found.papers.append(paper.name)
        locks.push(held.pop_all())


def _check_todays_file(settings: BaseSettings, paper: str, ends: Mapping[str, int]) -> None:
    """Refuse to begin a day's WARC file anew that the archive points into. Raises RecordError."""
    name = f"{paper}/{paper}-{clock_from(settings['CLOCK']).now():%Y%m%d}.warc.gz"
    if name in ends and not (Path(settings["WARC_DIR"]) / name).exists():
        raise RecordError(
            f"{name}: the archive points into it, but it is not in WARC_DIR ({settings['WARC_DIR']}); "
            "correct WARC_DIR or bring the file back"
        )


def run(process: CrawlerProcessBase, crawlers: Iterable[Crawler], spider_arguments: Mapping[str, str]) -> int:
    """Crawl and return the exit code: 1 if the archive failed or a paper's listings could not be read.

    A line a paper says what it came to; where only what is due is asked for and nobody looks on, failures alone.
    """
    started = list(crawlers)
    for crawler in started:
        process.crawl(crawler, **spider_arguments)
    process.start()
    if said := no_network(started):
        sys.stderr.write(f"{said}\n")
        return 1
    failed = False
    for crawler in started:
        stats = crawler.stats.get_stats() if crawler.stats else {}
        failure = problem(stats)
        failed = failed or failure is not None
        line = f"{crawler.spidercls.name}: {failure or told(stats)}\n"
        if failure:
            sys.stderr.write(line)
        elif sys.stdout.isatty() or not crawler.settings.getbool("DUE_ONLY"):
            sys.stdout.write(line)
    if started and not _stopped(started):
        notify(started[0].settings)
    return 1 if failed or process.bootstrap_failed else 0


def _stopped(crawlers: Sequence[Crawler]) -> bool:
    """Return whether somebody stopped the crawls: nothing is told then, the next round tells what changed."""
    return any(crawler.stats and crawler.stats.get_value("finish_reason") == STOPPED for crawler in crawlers)


def no_network(crawlers: Sequence[Crawler]) -> str | None:
    """Return a sentence where no host at all answered, and hold nothing against those that were asked.

    So it is when none of these crawls got an answer, and `SILENT` hosts or more are silent since the last that any
    crawl got: a round may be of one paper alone, whose own fault it would be.
    """
    told = [crawler.stats.get_stats() if crawler.stats else {} for crawler in crawlers]
    unreachable = [str(stats["run/unreachable"]) for stats in told if stats.get("run/unreachable")]
    if not unreachable or any(stats.get("downloader/response_count") for stats in told):
        return None
    try:
        with updating(crawlers[0].settings["ARCHIVE"]) as db:
            hosts = HostRows(db, crawlers[0].settings["ARCHIVE"])
            if (silent := hosts.silent()) < SILENT:
                return None
            hosts.forgive_silence([stats["run/id"] for stats in told if stats.get("run/id")])
    except ArchiveError:
        return None
    return (
        f"no host answered, {silent} are silent: is this machine's network down? Nothing is held against the papers, "
        f"what is due stays due; the first of them: {unreachable[0]}"
    )
