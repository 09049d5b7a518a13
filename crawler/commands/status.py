"""``scrapy status``: says how each paper fares, and in a sentence what is wrong with one."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.failures import printable
from crawler.given import start_clock
from crawler.naming import WrongUseError, known
from crawler.notifying import notify
from crawler.papers import DataError, load
from pipelines.archive import ArchiveError
from pipelines.archive.connection import DatabaseError, explain, updating
from pipelines.archive.health import accept, health

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

HEAD: tuple[str, ...] = (
    "paper",
    "state",
    "last good crawl",
    "24 h/usual",
    "7 d/usual",
    "byline",
    "section",
    "lead",
    "time",
)
HEAD += ("words/before", "left over", "next due", "errors")
ROUNDS = timedelta(minutes=30)
"""How long after it was due an address has usually been asked for where a timer calls every few minutes."""
ASIDE = ("unknown", "closed")
"""States of papers that a table shows only where they are named."""


class Command(ScrapyCommand):
    """Exit 0 when no paper fails, 1 when one does or the archive cannot be read, 2 wrong use."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[PAPER ...] [options]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Say how each paper fares: crawls, new articles, fields; and what is wrong"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print the rows of view health, an object a line")
        parser.add_argument("--accept", action="store_true", help="the named papers' pages are good as they are now")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the view and print it; one sentence on stderr for what prevents it."""
        try:
            rows = self._rows(args, opts)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
            return
        except ArchiveError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
            return
        lines = (json.dumps(row, ensure_ascii=False) for row in rows) if opts.json else table(rows, named=bool(args))
        sys.stdout.writelines(f"{line}\n" for line in lines)
        self.exitcode = int(any(row["fails"] for row in rows))

    def _rows(self, args: list[str], opts: argparse.Namespace) -> list[dict[str, Any]]:
        settings = self.settings
        assert settings is not None
        start_clock(settings)
        files = (settings.getlist(name) for name in ("PAPER_FILES", "TEMPLATE_FILES"))
        directory = load(*files, allow_loopback=True)
        for name in args:
            known("paper", name, directory.papers)
        if opts.accept and not args:
            raise WrongUseError("--accept: expected the papers whose pages are good as they are; name them")
        now, place = settings["CLOCK"].now(), Path(settings["ARCHIVE"])
        if place.is_file():
            notify(settings)
        with updating(place) as db:
            try:
                if opts.accept:
                    ended = accept(db, now, args)
                    sys.stderr.write(f"{ended} changes of layout taken to be good\n")
                return health(db, now, args)
            except DatabaseError as error:
                raise ArchiveError(explain(place, error)) from None


def table(rows: Sequence[dict[str, Any]], *, named: bool) -> Iterator[str]:
    """Give the rows as lines for people: a table, then a sentence for each paper that has one.

    ``named``: papers that closed or were never crawled are shown too.
    """
    shown = [row for row in rows if named or row["state"] not in ASIDE]
    cells = [HEAD, *(_cells(row) for row in shown)] if shown else []
    widths = [max((len(line[at]) for line in cells), default=0) for at in range(len(HEAD))]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()
    if not shown:
        yield "no paper was crawled into this archive yet; 'scrapy crawlall' begins with all of them"
    for row in shown:
        if row["said"]:
            yield printable(f"{row['paper']}: {row['state']}: {row['said']}")
    for state in ASIDE:
        if not named and (left := sum(row["state"] == state for row in rows)):
            yield f"{left} papers {'were never crawled' if state == 'unknown' else 'are closed'}"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    fills = (_share(row[name], row[f"{name}_before"]) for name in ("byline", "section", "lead", "published"))
    return (
        row["paper"],
        row["state"].upper() if row["fails"] else row["state"],
        _minute(row["last_good"]),
        f"{_number(row['new_24h'])}/{_number(row['usual_24h'])}",
        f"{_number(row['new_7d'])}/{_number(row['usual_7d'])}",
        *fills,
        f"{_number(row['words'])}/{_number(row['words_before'])}",
        _number(row["furniture"]),
        _due(row["next_due"], row["as_of"]),
        ", ".join(f"{outcome} {pages}" for outcome, pages in row["errors"].items()),
    )


def _share(value: float | None, before: float | None) -> str:
    return "-" if value is None else f"{value:.0%}" if before is None else f"{value:.0%}/{before:.0%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _due(at: str | None, now: str) -> str:
    """Return when something is due: "now" for what is, "overdue" with the moment for what is since `ROUNDS`."""
    if at is None or at > now:
        return _minute(at)
    late = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    return "now" if late < ROUNDS else f"overdue since {_minute(at)}"


def _minute(at: str | None) -> str:
    return f"{at[:10]} {at[11:16]}Z" if at else "-"
