"""Runs crawls into the archive for the commands: checks and locks first, then Scrapy, then the exit code."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.papers import provinces
from crawler.run import problem, told
from crawler.warc_reading import recover
from crawler.warc_writing import LockedError, PaperLock
from pipelines.archive import Archive, ArchiveError
from pipelines.records import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scrapy.crawler import Crawler, CrawlerProcessBase
    from scrapy.settings import BaseSettings

    from crawler.papers import Directory
    from pipelines.items import Paper


def prepare(settings: BaseSettings, directory: Directory, papers: Sequence[Paper], locks: ExitStack) -> list[str]:
    """Open and update the archive, lock the papers, take up what a killed crawl wrote; return what is wrong.

    ``locks`` holds the locks until it is closed. One sentence for each thing wrong; none: go ahead.
    """
    try:
        archive = Archive(settings["ARCHIVE"], busy_seconds=10)
    except ArchiveError as error:
        return [str(error)]
    try:
        archive.sync_directory(directory.papers.values(), provinces())
        for paper in papers:
            locks.enter_context(PaperLock(Path(settings["WARC_DIR"]), paper.name))
            for capture in recover(Path(settings["WARC_DIR"]), paper.name, archive.warc_ends(paper.name)):
                archive.record(paper.name, capture)
    except (ArchiveError, LockedError, RecordError, OSError) as error:
        return [str(error)]
    else:
        return []
    finally:
        archive.close()


def run(process: CrawlerProcessBase, crawlers: Iterable[Crawler], spider_arguments: Mapping[str, str]) -> int:
    """Crawl and return the exit code: 1 if the archive failed or a paper's listings could not be read."""
    started = list(crawlers)
    for crawler in started:
        process.crawl(crawler, **spider_arguments)
    process.start()
    failed = False
    for crawler in started:
        stats = crawler.stats.get_stats() if crawler.stats else {}
        failure = problem(stats)
        failed = failed or failure is not None
        line = f"{crawler.spidercls.name}: {failure or told(stats)}\n"
        (sys.stderr if failure else sys.stdout).write(line)
    return 1 if failed or process.bootstrap_failed else 0
