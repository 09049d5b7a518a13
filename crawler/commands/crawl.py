"""``scrapy crawl PAPER``: crawls one paper into the archive; stands in for Scrapy's own."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from contextlib import ExitStack
from dataclasses import asdict
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, cast

from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import UsageError

from crawler.clock import clock_from, local_day
from crawler.crawling import prepare, run
from crawler.estimate import estimates, sentence
from crawler.given import check_arguments, check_manners, check_settings, start_clock
from crawler.naming import WrongUseError, known
from crawler.settings import ARCHIVING, BROWSING, LAUNCHING
from pipelines.archive import ArchiveError
from pipelines.days import asked

if TYPE_CHECKING:
    import argparse

    from crawler.loader import PaperLoader
    from pipelines.days import Days


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

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a backfill to Scrapy's."""
        super().add_options(parser)
        backfill = parser.add_argument_group(title="Backfill")
        backfill.add_argument("--since", metavar="DAY", help="fetch the articles from this day on (2015-01-31)")
        backfill.add_argument("--until", metavar="DAY", help="... to this day; without it to today")
        backfill.add_argument("--plan", action="store_true", help="only say what that is likely to cost")
        backfill.add_argument("--json", action="store_true", help="say it as JSON, a line a paper")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl the papers named; one sentence on stderr for what prevents it; sets the exit code."""
        try:
            self._run(args, opts)
        except WrongUseError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take Scrapy's options; what is wrong with one ends the program in a sentence, exit code 2."""
        try:
            super().process_options(args, opts)
        except UsageError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(2) from None

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        for word in args:
            if word.startswith("-"):
                raise WrongUseError(f"unknown option {word}; 'scrapy crawl -h' shows those there are")
        check_settings(self.settings)
        check_manners(self.settings)
        check_arguments(opts.spargs)
        start_clock(self.settings)
        days = self.days(opts)
        if opts.plan:
            self.plan(self.papers(args), days, as_json=opts.json)
            return
        self.start_browser()
        self.crawl(self.papers(args), opts, days)

    def days(self, opts: argparse.Namespace) -> Days | None:
        """Return the range that a backfill is asked for by options or spider arguments, or None.

        Raises WrongUseError for a range that is none.
        """
        assert self.settings is not None
        opts.spargs |= {name: value for name in ("since", "until") if (value := getattr(opts, name)) is not None}
        today = local_day(clock_from(self.settings["CLOCK"]).now())
        try:
            days = asked(opts.spargs.get("since"), opts.spargs.get("until"), today)
        except ValueError as error:
            raise WrongUseError(f"--{error}") from None
        if opts.json and not opts.plan:
            raise WrongUseError("--json: only a plan is said as JSON; add --plan")
        if opts.plan and days is None:
            raise WrongUseError("--plan: expected the days to plan for; add --since 2015-01-01")
        return days

    def papers(self, args: list[str]) -> list[str]:
        """Return the names of the papers to crawl. Raises WrongUseError for anything but one known paper."""
        if len(args) != 1:
            raise WrongUseError(f"expected one paper, found {len(args)}; several: 'scrapy crawlall PAPER PAPER'")
        return self.known(args)

    def start_browser(self) -> None:
        """Where BROWSER is on, switch on what it takes. Raises WrongUseError where that is not installed."""
        assert self.settings is not None
        if not self.settings.getbool("BROWSER"):
            return
        path = shutil.which(self.settings["CHROMIUM"])
        if path is None or find_spec("scrapy_playwright") is None:
            raise WrongUseError(LACKING.format(self.settings["CHROMIUM"]))
        launch = {**LAUNCHING, "executable_path": path}
        self.settings.setdict({**BROWSING, "PLAYWRIGHT_LAUNCH_OPTIONS": launch}, priority="cmdline")
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

    def known(self, names: list[str]) -> list[str]:
        """Return ``names`` if all are papers. Raises WrongUseError with the nearest names."""
        for name in names:
            known("paper", name, self._loader.directory.papers)
        return names

    def plan(self, names: list[str], days: Days | None, *, as_json: bool) -> None:
        """Print what a backfill of the days is likely to cost, a line a paper; sets the exit code."""
        assert self.settings is not None
        assert days is not None
        papers = [self._loader.directory.papers[name] for name in names]
        try:
            for found in estimates(papers, days, self.settings):
                line = json.dumps(asdict(found), ensure_ascii=False) if as_json else sentence(found)
                sys.stdout.write(f"{line}\n")
        except ArchiveError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1

    def crawl(self, names: list[str], opts: argparse.Namespace, days: Days | None) -> None:
        """Check, lock and crawl, a backfill after its estimate; one line on stderr for what prevents it."""
        assert self.crawler_process is not None
        assert self.settings is not None
        directory = self._loader.directory
        with ExitStack() as locks:
            found = prepare(self.settings, directory, [directory.papers[name] for name in names], locks)
            sys.stderr.writelines(f"{line}\n" for line in found.wrong)
            self.exitcode = 1 if found.wrong else 0
            if not found.papers:
                return
            if days:
                self.plan(found.papers, days, as_json=False)
                sys.stdout.flush()
            crawlers = [self.crawler_process.create_crawler(name) for name in found.papers]
            self.exitcode = run(self.crawler_process, crawlers, opts.spargs) or self.exitcode

    @property
    def _loader(self) -> PaperLoader:
        assert self.crawler_process is not None
        return cast("PaperLoader", self.crawler_process.spider_loader)
