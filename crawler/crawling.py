"""Runs crawls into the archive for the commands: checks and locks first, then Scrapy, then the exit code."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from
from crawler.papers import provinces
from crawler.run import problem, told
from crawler.taking_down import bury_begun
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
        bury_begun(archive.db, Path(settings["WARC_DIR"]), clock_from(settings["CLOCK"]).now())
        for paper in papers:
            locks.enter_context(PaperLock(Path(settings["WARC_DIR"]), paper.name))
            _check_todays_file(settings, paper.name, archive)
            for capture in recover(Path(settings["WARC_DIR"]), paper.name, archive.warc_ends(paper.name)):
                archive.record(paper.name, capture)
        archive.flush()
    except (ArchiveError, LockedError, RecordError) as error:
        return [str(error)]
    except OSError as error:
        return [f"setting WARC_DIR: {settings['WARC_DIR']} cannot be written ({error.strerror}); correct it"]
    else:
        return []
    finally:
        archive.db.close()


def _check_todays_file(settings: BaseSettings, paper: str, archive: Archive) -> None:
    """Refuse to begin a day's WARC file anew that the archive points into. Raises RecordError."""
    name = f"{paper}/{paper}-{clock_from(settings['CLOCK']).now():%Y%m%d}.warc.gz"
    if name in archive.warc_ends(paper) and not (Path(settings["WARC_DIR"]) / name).exists():
        raise RecordError(
            f"{name}: the archive points into it, but it is not in WARC_DIR ({settings['WARC_DIR']}); "
            "correct WARC_DIR or bring the file back"
        )


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
