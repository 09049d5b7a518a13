"""``scrapy reextract``: reads all captures again with today's rules, shows what changes, or writes it."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.failures import printable
from crawler.given import start_clock
from crawler.naming import WrongUseError
from crawler.papers import DataError, load
from crawler.reextraction import accept, report
from crawler.rereading import Reader
from crawler.stopping import StoppedError, say, stoppable
from crawler.warc_writing import LockedError
from pipelines.archive import ArchiveError
from pipelines.archive.rereads import Spill

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipelines.rereads import Difference, Totals

SHOWN = 5
"""Articles of each kind that a report for people shows."""
LONGEST = 160
"""Characters of a value that a report shows."""


class Command(ScrapyCommand):
    """Exit 0 done, 1 the archive failed or captures could not be read (their old reading stays), 2 wrong use."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--paper P] [--accept] [options]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Read all captures again with today's rules: show what changes, or with --accept write it"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--paper", metavar="P", help="captures of this paper alone")
        parser.add_argument("--accept", action="store_true", help="write what changes; without it nothing is written")
        parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object, all articles")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, compare and report; one sentence on stderr for what prevents it."""
        if args:
            raise UsageError(f"expected options alone, found {args[0]!r}; a paper is named with --paper")
        if opts.jobs is not None and opts.jobs < 1:
            raise UsageError(f"--jobs: expected 1 or more, found {opts.jobs}", print_help=False)
        try:
            with stoppable():
                self._run(opts)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, LockedError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
        except StoppedError as error:
            self.exitcode = say(error, "nothing was written")
        except BrokenProcessPool:
            sys.stderr.write("a process was killed while it read (memory?); nothing was written, try fewer --jobs\n")
            self.exitcode = 1

    def _run(self, opts: argparse.Namespace) -> None:
        settings = self.settings
        assert settings is not None
        start_clock(settings)
        directory = load(
            settings.getlist("PAPER_FILES"),
            settings.getlist("TEMPLATE_FILES"),
            allow_loopback=True,
        )
        reader = Reader(
            directory,
            Path(settings["WARC_DIR"]),
            settings.getint("DRIFT_SAMPLE"),
            settings.getint("DOWNLOAD_MAXSIZE"),
        )
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="baotinh-reextract-"))
            spill = Spill(Path(folder) / "reread.db")
            stack.callback(spill.close)
            work = accept if opts.accept else report
            totals = work(settings, reader, spill, opts.paper, opts.jobs or os.cpu_count() or 1)
            lines = _as_json(totals, spill, accepted=opts.accept) if opts.json else _told(totals, spill, opts.accept)
            sys.stdout.writelines(f"{line}\n" for line in lines)
        for line in totals.failures:
            sys.stderr.write(f"{printable(line)}\n")
        self.exitcode = 1 if totals.unread else 0


def _as_json(totals: Totals, spill: Spill, *, accepted: bool) -> Iterator[str]:
    """Give the report as one JSON object, line by line."""
    said = json.dumps({"accepted": accepted, **asdict(totals)}, ensure_ascii=False)
    yield f'{said[:-1]}, "articles_read_otherwise": ['
    before = None
    for one in spill.differences():
        if before is not None:
            yield f"{before},"
        before = json.dumps(asdict(one), ensure_ascii=False)
    if before is not None:
        yield before
    yield "]}"


def _told(totals: Totals, spill: Spill, accepted: bool) -> Iterator[str]:
    """Give the report for people."""
    yield f"{totals.captures} pages of {totals.articles} articles read again; {totals.unread} could not be read"
    yield f"{totals.changed} articles change: {totals.longer} texts get longer, {totals.shorter} shorter"
    for name, count in sorted(totals.fields.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"  {name}: {count}"
    yield f"{totals.lost} articles are found on none of their pages any more, {totals.gained} are found anew"
    for kind in ("changed", "lost", "gained"):
        for one in spill.differences(kind, SHOWN):
            yield from map(printable, _example(one))
    if accepted:
        yield "accepted: the archive shows this reading; the old one is kept as revisions of kind 'extraction'"
    else:
        yield "nothing was written; 'scrapy reextract --accept' writes it"


def _example(one: Difference) -> Iterator[str]:
    said = f", {one.words_before} syllables, now {one.words_after}" if one.kind == "changed" else ""
    found = f", now {one.outcome}" if one.kind == "lost" else ""
    yield f"{one.kind}: {one.uid} {one.title}{found}{said}"
    for name, (old, new) in one.examples.items():
        yield f"  {name}: {_short(old)}"
        yield f"  {' ' * len(name)}→ {_short(new)}"


def _short(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 50]} … {told[-40:]}"
