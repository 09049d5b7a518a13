"""``scrapy coverage``: says day by day what of a paper's articles is held, and makes due what is missing."""

from __future__ import annotations

import json
import sys
from calendar import monthrange
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.clock import local_day
from crawler.given import start_clock
from crawler.naming import WrongUseError, known
from crawler.papers import DataError, load
from pipelines.archive import ArchiveError
from pipelines.archive.connection import DatabaseError, explain, updating
from pipelines.archive.coverage import Day, coverage, covered, fill
from pipelines.days import Days, asked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

SHOWN = timedelta(days=62)
"""How far back is shown where no day is given."""
LEGEND = "# all held   + some missing   - all missing   . nothing known"


class Command(ScrapyCommand):
    """Exit 0 done, 1 the archive cannot be read or written, 2 wrong use."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[PAPER ...] [options]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Show day by day what of the papers is held and what is missing; --fill queues it"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--since", metavar="DAY", help="from this day on (2015-01-31); without it, 62 days back")
        parser.add_argument("--until", metavar="DAY", help="... to this day; without it to today")
        parser.add_argument(
            "--fill", action="store_true", help="queue what is missing; the next crawl of the paper fetches it"
        )
        parser.add_argument("--json", action="store_true", help="print the days, an object a line")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the view and print it; one sentence on stderr for what prevents it."""
        try:
            self._run(args, opts)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except ArchiveError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        settings = self.settings
        assert settings is not None
        start_clock(settings)
        files = (settings.getlist(name) for name in ("PAPER_FILES", "TEMPLATE_FILES"))
        directory = load(*files, allow_loopback=True)
        for name in args:
            known("paper", name, directory.papers)
        now, place = settings["CLOCK"].now(), Path(settings["ARCHIVE"])
        today = local_day(now)
        try:
            days = asked(opts.since, opts.until, today) or Days(today - SHOWN, today)
        except ValueError as error:
            raise WrongUseError(f"--{error}") from None
        with updating(place) as db:
            try:
                papers = args or covered(db)
                found = coverage(db, papers, days)
                filled = fill(db, papers, days, now) if opts.fill else None
            except DatabaseError as error:
                raise ArchiveError(explain(place, error)) from None
        lines = (json.dumps(asdict(day)) for day in found) if opts.json else calendar(found)
        sys.stdout.writelines(f"{line}\n" for line in lines)
        if filled is not None:
            sys.stderr.write(f"{_queued(filled)}\n")


def _queued(filled: Mapping[str, int]) -> str:
    """Say what was queued, and which command fetches it."""
    if not filled:
        return "nothing was queued: what is missing of these days is queued already, or there is none"
    many = ", ".join(f"{number} of {paper}" for paper, number in sorted(filled.items()))
    return f"queued {many}; fetch it with: scrapy crawlall --due {' '.join(sorted(filled))}"


def calendar(days: Sequence[Day]) -> Iterator[str]:
    """Give a line a month of each paper: a sign a day, then the month's figures."""
    for paper, of_paper in groupby(days, lambda day: day.paper):
        yield f"{paper}   {LEGEND}"
        for month, of_month in groupby(of_paper, lambda day: day.day[:7]):
            known_days = {int(day.day[8:10]): day for day in of_month}
            length = monthrange(int(month[:4]), int(month[5:7]))[1]
            signs = "".join(_sign(known_days.get(n)) for n in range(1, length + 1))
            held, missing = (sum(getattr(day, name) for day in known_days.values()) for name in ("held", "missing"))
            yield f"  {month}  {signs:<31}  {held} held, {missing} missing"


def _sign(day: Day | None) -> str:
    if day is None or not day.held + day.missing:
        return "."
    if not day.missing:
        return "#"
    return "+" if day.held else "-"
