"""``scrapy export``: takes articles out of the archive, each citable and provable, for other tools."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.exporting import (
    FORMATS,
    PACKED,
    ROWS,
    STDOUT,
    WACZ,
    check_place,
    chosen_format,
    days_named,
    digest_of,
    maybe_packed,
    provinces_named,
    whole_file,
)
from crawler.given import check_settings
from crawler.naming import WrongUseError, known
from crawler.papers import DataError, load, provinces
from crawler.stopping import StoppedError, say, stoppable
from pipelines.archive import ArchiveError
from pipelines.archive.exporting import Outlet, Selection, outlet
from pipelines.exports.columns import MissingError, require_pyarrow
from pipelines.exports.fields import rows
from pipelines.exports.wacz import EmptyError, write_wacz
from pipelines.queries import phrases
from pipelines.records import RecordError

if TYPE_CHECKING:
    import argparse
    from typing import BinaryIO


class Command(ScrapyCommand):
    """Exit 0 written, 1 the archive, a WARC record or the file failed, 2 wrong use; then nothing is written."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options] OUT"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Take articles out of the archive as JSON Lines, CSV, Parquet or WACZ"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        many: dict[str, Any] = {"action": "append", "default": []}
        parser.add_argument("--format", metavar="|".join(FORMATS), help="(default: what OUT ends in)")
        parser.add_argument("--paper", metavar="P", help="articles of this paper; again for another", **many)
        parser.add_argument(
            "--province", metavar="NAME", help="of the papers of this province, of today or before 2025", **many
        )
        parser.add_argument("--since", metavar="DAY", help="published on this day or later (2015-01-31)")
        parser.add_argument("--until", metavar="DAY", help="published on this day or earlier")
        parser.add_argument("--query", metavar="TEXT", help="that the reading room finds with these words")
        parser.add_argument("--private", action="store_true", help="also those that are kept from strangers")
        parser.add_argument("--force", action="store_true", help="write over an OUT that is there already")
        parser.add_argument("--json", action="store_true", help="say what was written as JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the export; one sentence on stderr for what prevents it."""
        try:
            with stoppable():
                self._run(args, opts)
        except (WrongUseError, DataError, MissingError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, RecordError, EmptyError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
        except StoppedError as error:
            self.exitcode = say(error, "nothing was left there")
        except OSError as error:
            sys.stderr.write(f"{args[0]}: could not be written ({error.strerror}); nothing was left there\n")
            self.exitcode = 1

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_settings(self.settings)
        if len(args) != 1:
            raise WrongUseError(f"expected one OUT, found {len(args)}; name a file, like articles.jsonl")
        out, format_ = args[0], chosen_format(opts.format, args[0])
        check_place(out, force=opts.force)
        if format_ == "parquet":
            require_pyarrow()
        with outlet(Path(self.settings["ARCHIVE"])) as archive:
            selection = self._selection(opts, archive)
            written = self._write(archive, selection, out, format_)
        _say(written, as_json=opts.json)

    def _selection(self, opts: argparse.Namespace, archive: Outlet) -> Selection:
        """Return what the options choose. Raises WrongUseError with the nearest for a name that is none."""
        assert self.settings is not None
        if opts.query is not None and not phrases(opts.query):
            raise WrongUseError(f"--query: expected words, found {opts.query!r}; leave it out to take all articles")
        if opts.private and opts.query:
            raise WrongUseError("--private: private articles are in no index that --query searches; leave one out")
        listed = load(
            self.settings.getlist("PAPER_FILES"), self.settings.getlist("TEMPLATE_FILES"), allow_loopback=True
        )
        papers = {name: name for name in (*listed.papers, *archive.papers())}
        first, last = days_named(opts.since, opts.until)
        return Selection(
            papers=tuple(known("paper", name, papers) for name in opts.paper),
            provinces=provinces_named(opts.province, provinces()),
            since=first,
            until=last,
            query=opts.query or "",
            private=opts.private,
        )

    def _write(self, archive: Outlet, selection: Selection, out: str, format_: str) -> dict[str, Any]:
        if out == STDOUT:
            return {"out": out, "format": format_, **self._put(archive, selection, format_, sys.stdout.buffer)}
        path = Path(out)
        with whole_file(path) as file, maybe_packed(file, packed=out.endswith(PACKED)) as target:
            counts = self._put(archive, selection, format_, target)
        told = {"bytes": path.stat().st_size, "sha256": digest_of(path)}
        return {"out": out, "format": format_, **counts, **told}

    def _put(self, archive: Outlet, selection: Selection, format_: str, out: BinaryIO) -> dict[str, int]:
        assert self.settings is not None
        if format_ == WACZ:
            packed = write_wacz(archive, selection, Path(self.settings["WARC_DIR"]), out)
            told = {"left_out": packed.in_arc, "naming_erased": packed.naming, "records_naming_erased": packed.records}
            return {"articles": packed.articles, **told}
        return {"articles": ROWS[format_](rows(archive.articles(selection)), out), "left_out": 0}


def _say(written: dict[str, Any], *, as_json: bool) -> None:
    """Say what was written: beside the articles where they went to standard output."""
    stream = sys.stderr if written["out"] == STDOUT else sys.stdout
    if as_json:
        stream.write(json.dumps(written, ensure_ascii=False) + "\n")
        return
    where = "standard output" if written["out"] == STDOUT else written["out"]
    line = f"{written['articles']} article{'s' if written['articles'] != 1 else ''} in {where}"
    if "bytes" in written:
        line += f", {written['bytes']} bytes, {written['sha256']}"
    if written["left_out"]:
        line += f"; {written['left_out']} left out, whose only record is in an ARC file: WACZ takes WARC"
    if written.get("records_naming_erased"):
        line += (
            f"; {written['records_naming_erased']} records whose pages show an article that was taken down left out, "
            f"and {written['naming_erased']} articles read from them"
        )
    stream.write(f"{line}\n")
