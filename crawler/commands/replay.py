"""``scrapy replay WARC…``: fills the archive from WARC files, without a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from scrapy.commands import ScrapyCommand

from crawler.given import start_clock
from crawler.naming import WrongUseError
from crawler.papers import provinces
from crawler.replaying import ReplaySpider, records, warc_files
from crawler.settings import REPLAYING
from crawler.visits import Reach
from pipelines.archive import Archive, ArchiveError, corrections
from pipelines.archive.connection import transaction
from pipelines.archive.takedowns import follow, restore
from pipelines.records import RecordError

if TYPE_CHECKING:
    import argparse

    from crawler.loader import PaperLoader
    from crawler.papers import Directory
    from crawler.replaying import Found


class Command(ScrapyCommand):
    """Exit 0 done, 1 the archive failed or no record is of a paper, 2 wrong use."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "WARC ..."

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Fill the archive from WARC or ARC files or folders of them, ours or others', without a network"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's shape
        """Replay the files named; one sentence on stderr for what prevents it; sets the exit code."""
        try:
            self._replay(self._files(args))
        except WrongUseError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, RecordError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1

    def _files(self, args: list[str]) -> list[Path]:
        """Return the files to replay. Raises WrongUseError."""
        assert self.settings is not None
        start_clock(self.settings)
        if not args:
            raise WrongUseError("expected WARC files or folders, found none; name them: scrapy replay warc/")
        try:
            return warc_files(map(Path, args))
        except FileNotFoundError as error:
            raise WrongUseError(str(error)) from None

    def _replay(self, files: list[Path]) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        directory = cast("PaperLoader", self.crawler_process.spider_loader).directory
        found = records(files, Path(self.settings["WARC_DIR"]), directory)
        self._note(found, directory)
        reach = Reach(
            sitemap_children=self.settings.getint("SITEMAP_CHILDREN"), sitemap_days=self.settings.getint("SITEMAP_DAYS")
        )
        crawler = self.crawler_process.create_crawler(ReplaySpider)
        crawler.settings.setdict(REPLAYING, priority="cmdline")
        self.crawler_process.crawl(crawler, queue=found.records, directory=directory, reach=reach)
        self.crawler_process.start()
        stats = crawler.stats.get_stats() if crawler.stats else {}
        self._say(stats.get("run/counts", {}), found)
        failed = stats.get("archive/error") or self.crawler_process.bootstrap_failed
        self.exitcode = 1 if failed or not (found.records or found.corrections or found.hidings) else 0

    def _note(self, found: Found, directory: Directory) -> None:
        """Make known in the archive whose papers' records there are, those after, corrections and takedowns."""
        assert self.settings is not None
        archive = Archive(self.settings["ARCHIVE"], busy_seconds=10)
        try:
            lines = [directory.line_of(r.paper) for r in found.records]
            archive.sync_directory({p.name: p for line in lines for p in reversed(line)}.values(), provinces())
            corrections.put(archive.db, found.corrections)
            with transaction(archive.db):
                held = restore(archive.db, found.stones)
                follow(archive.db, found.hidings)
            for uid in held:
                sys.stderr.write(
                    f"{uid}: was taken down where these files come from and is held here; if it is to go "
                    f"here, too: scrapy takedown {uid} --erase --reason TEXT\n"
                )
        finally:
            archive.close()

    def _say(self, counts: dict[str, int], found: Found) -> None:
        shown = ", ".join(
            f"{n} {name}" for name, n in sorted(counts.items()) if name not in ("requests", "bytes", "replay/known")
        )
        known = counts.get("replay/known", 0)
        line = f"{len(found.records)} records read, {known} of them known already; {found.others} of no paper left out"
        sys.stdout.write(f"{line}: {shown}\n" if shown else f"{line}\n")
