"""``scrapy crawl PAPER``: crawls one paper into the archive; stands in for Scrapy's own."""

from __future__ import annotations

import logging
import shutil
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, cast

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler.clock import clock_from
from crawler.crawling import prepare, run
from crawler.settings import ARCHIVING, BROWSING, LAUNCHING

if TYPE_CHECKING:
    import argparse

    from crawler.loader import PaperLoader


NUMBERS = (
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "LISTING_PAGES",
    "DRIFT_SAMPLE",
    "RETRY_TIMES",
    "SITEMAP_CHILDREN",
    "SITEMAP_DAYS",
)
"""Settings of a crawl that are numbers."""
LACKING = (
    "BROWSER is on, but the program CHROMIUM names ({!r}) or scrapy-playwright is not installed; "
    "apt-get install chromium and .venv/bin/pip install 'scrapy-playwright>=0.0.48', or leave BROWSER off"
)


class Command(BaseRunSpiderCommand):
    """Exit 0 done, 1 no listing could be read or the archive failed, 2 wrong use."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {**ARCHIVING, "RUN_COMMAND": "crawl"}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "PAPER"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Crawl a paper into the archive: new articles, and known ones that are due again"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl the papers named; sets the exit code."""
        for word in args:
            if word.startswith("-"):
                raise UsageError(f"unknown option {word}; 'scrapy crawl -h' shows those there are", print_help=False)
        self.check_numbers()
        self.start_clock()
        self.start_browser()
        self.crawl(self.papers(args), opts)

    def papers(self, args: list[str]) -> list[str]:
        """Return the names of the papers to crawl. Raises UsageError for anything but one known paper."""
        if len(args) != 1:
            raise UsageError(
                f"expected one paper, found {len(args)}; several: 'scrapy crawlall PAPER PAPER'", print_help=False
            )
        return self.known(args)

    def check_numbers(self) -> None:
        """Raise UsageError for a setting that must be a number and is none."""
        assert self.settings is not None
        for name in NUMBERS:
            try:
                self.settings.getfloat(name)
            except (TypeError, ValueError):
                value = self.settings[name]
                raise UsageError(f"setting {name}: expected a number, found {value!r}", print_help=False) from None

    def start_clock(self) -> None:
        """Make the one clock of this process. Raises UsageError for a setting CLOCK that is no moment."""
        assert self.settings is not None
        try:
            self.settings.set("CLOCK", clock_from(self.settings["CLOCK"]), priority="cmdline")
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None

    def start_browser(self) -> None:
        """Where BROWSER is on, switch on what it takes. Raises UsageError where that is not installed."""
        assert self.settings is not None
        if not self.settings.getbool("BROWSER"):
            return
        path = shutil.which(self.settings["CHROMIUM"])
        if path is None or find_spec("scrapy_playwright") is None:
            raise UsageError(LACKING.format(self.settings["CHROMIUM"]), print_help=False)
        launch = {**LAUNCHING, "executable_path": path}
        self.settings.setdict({**BROWSING, "PLAYWRIGHT_LAUNCH_OPTIONS": launch}, priority="cmdline")
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

    def known(self, names: list[str]) -> list[str]:
        """Return ``names`` if all are papers. Raises UsageError with the nearest names."""
        for name in names:
            try:
                self._loader.load(name)
            except KeyError as error:
                raise UsageError(f"{error.args[0]}; 'scrapy list' shows all", print_help=False) from None
        return names

    def crawl(self, names: list[str], opts: argparse.Namespace) -> None:
        """Check, lock and crawl; one line on stderr for what prevents it."""
        assert self.crawler_process is not None
        assert self.settings is not None
        directory = self._loader.directory
        with ExitStack() as locks:
            wrong = prepare(self.settings, directory, [directory.papers[name] for name in names], locks)
            if wrong:
                sys.stderr.write("\n".join(wrong) + "\n")
                self.exitcode = 1
                return
            crawlers = [self.crawler_process.create_crawler(name) for name in names]
            self.exitcode = run(self.crawler_process, crawlers, opts.spargs)

    @property
    def _loader(self) -> PaperLoader:
        assert self.crawler_process is not None
        return cast("PaperLoader", self.crawler_process.spider_loader)
