"""``scrapy crawlall [PAPER…]``: crawls all papers that are still written, or those named, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from crawler.clock import LOCAL, clock_from
from crawler.commands import crawl
from crawler.naming import WrongUseError
from crawler.settings import ARCHIVING

if TYPE_CHECKING:
    import argparse

    from pipelines.days import Days


class Command(crawl.Command):
    """Like ``crawl``, for several papers in one process: one host each, so none waits for another."""

    default_settings: ClassVar[dict[str, Any]] = {**ARCHIVING, "RUN_COMMAND": "crawlall"}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[PAPER ...]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Crawl all papers, or those named; papers that closed are skipped unless named"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add ``--due`` to the options of ``crawl``."""
        super().add_options(parser)
        parser.add_argument("--due", action="store_true", help="only what is due by now; for cron, every few minutes")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take Scrapy's options; with ``--due``, what is not due is left alone."""
        super().process_options(args, opts)
        assert self.settings is not None
        if opts.due:
            self.settings.set("DUE_ONLY", value=True, priority="cmdline")

    def days(self, opts: argparse.Namespace) -> Days | None:
        """Return the range of a backfill. Raises WrongUseError for one that is to be due as well."""
        days = super().days(opts)
        if days and opts.due:
            raise WrongUseError("--due: a backfill is not due by itself; leave out --due, or --since and --until")
        return days

    def papers(self, args: list[str]) -> list[str]:
        """Return the names of the papers to crawl. Raises WrongUseError for an unknown one."""
        assert self.settings is not None
        today = clock_from(self.settings["CLOCK"]).now().astimezone(LOCAL).date()
        papers = self._loader.directory.papers.values()
        open_today = [p.name for p in papers if p.until is None or p.until >= today]
        return self.known(list(dict.fromkeys(args))) or open_today
