"""``scrapy merge OTHER.db…``: brings the archives of other machines into this one."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.clock import clock_from
from crawler.failures import printable
from crawler.given import start_clock
from crawler.merging import Merger
from crawler.merging_files import Other
from crawler.naming import WrongUseError
from crawler.papers import DataError, load
from crawler.taking_down import Outcome
from crawler.taking_down import lines as said_of
from crawler.warc_writing import LockedError
from pipelines.archive import ArchiveError
from pipelines.records import RecordError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pipelines.archive.union.findings import Findings
    from pipelines.items import Paper

SHOWN = 20
"""Conflicts that are printed one by one; ``--json`` has all."""
WORDS = {
    "articles": "new articles",
    "articles_joined": "with more of their history",
    "articles_known": "known",
    "captures": "new captures",
    "captures_known": "known",
    "addresses": "new addresses",
}


class Command(ScrapyCommand):
    """Exit 0 merged (conflicts are told), 1 an archive or a file failed and nothing is changed, 2 wrong use."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options] OTHER.db ..."

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Bring archives of other machines into this one, with their WARC files"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        told = "WARC files of OTHER (default: folder 'warc' beside it); once for each OTHER"
        parser.add_argument("--warc", metavar="DIR", action="append", default=[], help=told)
        parser.add_argument("--no-copy", action="store_true", help="rows alone; the WARC files come by other means")
        parser.add_argument("--json", action="store_true", help="print what was brought as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Merge, say what was brought and what differs, and set the exit code."""
        assert self.settings is not None
        try:
            others = _others(args, opts.warc)
            archive, warc_dir = Path(self.settings["ARCHIVE"]), Path(self.settings["WARC_DIR"])
            start_clock(self.settings)
            now = clock_from(self.settings["CLOCK"]).now()
            found = Merger(archive, warc_dir, self._listed(), now, copy=not opts.no_copy).merge(others)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, LockedError, RecordError) as error:
            sys.stderr.write(f"{printable(str(error))}\n")
            self.exitcode = 1
        except KeyboardInterrupt:
            self.exitcode = 128 + signal.SIGINT
        except OSError as error:
            place = error.filename or self.settings["WARC_DIR"]
            sys.stderr.write(f"{place}: cannot be read or written ({error.strerror}); nothing was merged\n")
            self.exitcode = 1
        else:
            sys.stdout.write(f"{_as_json(found) if opts.json else _told(found)}\n")

    def _listed(self) -> Mapping[str, Paper]:
        assert self.settings is not None
        files, templates = self.settings.getlist("PAPER_FILES"), self.settings.getlist("TEMPLATE_FILES")
        return load(files, templates, allow_loopback=True).papers


def _others(args: list[str], folders: list[str]) -> list[Other]:
    """Return the archives named, each once, with their folders. Raises WrongUseError."""
    if not args:
        raise WrongUseError("expected archives of other machines, found none; name them: scrapy merge OTHER.db")
    if folders and len(folders) != len(args):
        raise WrongUseError(f"--warc: expected one folder for each of {len(args)} archives, found {len(folders)}")
    folder = next((name for name in args if Path(name).is_dir()), None)
    if folder is not None:
        raise WrongUseError(f"{folder}: is a folder; name the archive in it, like {Path(folder) / 'archive.db'}")
    absent = next((name for name in args if not Path(name).is_file()), None)
    if absent is not None:
        raise WrongUseError(f"{absent}: no such file; name archives of other machines")
    places = [Path(name) for name in folders] or [Path(name).parent / "warc" for name in args]
    return [Other(Path(name), place) for name, place in zip(args, places, strict=True)]


def _as_json(found: Findings) -> str:
    told = {
        "papers": {name: dict(sorted(counts.items())) for name, counts in sorted(found.papers.items())},
        "papers_here": found.papers_here,
        "papers_there": found.papers_there,
        "warc_files": found.files,
        "erased": [
            {
                "uid": o.uid,
                "records": o.records,
                "copies": [asdict(c) for c in o.copies],
                "shown_by": o.shown_by,
                "said_by": o.said_by,
            }
            for o in _outcomes(found)
        ],
        "conflicts": [{"kind": c.kind, "place": c.place, "said": c.said} for c in found.conflicts],
    }
    return json.dumps(told, ensure_ascii=False)


def _outcomes(found: Findings) -> list[Outcome]:
    """Return what was erased here since the other archive did, as `scrapy takedown` says it."""
    return [
        Outcome(
            uid,
            "erased",
            one.records,
            tuple(one.copies.values()),
            tuple(sorted(one.shown_by)),
            tuple(sorted(one.said_by)),
        )
        for uid, one in found.erased().items()
    ]


def _told(found: Findings) -> str:
    lines = [f"{name}: {_counts(counts)}" for name, counts in sorted(found.papers.items())]
    for names, where in ((found.papers_here, "this archive"), (found.papers_there, "the others")):
        if names:
            lines.append(f"in {where} alone: {', '.join(names)}")
    lines += [printable(f"differs: {c.kind}: {c.place}: {c.said}") for c in found.conflicts[:SHOWN]]
    if len(found.conflicts) > SHOWN:
        kinds = Counter(c.kind for c in found.conflicts[SHOWN:])
        lines.append("differs: " + ", ".join(f"{n} more of kind {kind}" for kind, n in sorted(kinds.items())))
    lines += [printable(line) for done in _outcomes(found) for line in said_of(done)]
    total = Counter[str]()
    for counts in found.papers.values():
        total.update(counts)
    lines.append(f"merged: {_counts(total)}; {found.files} WARC files copied")
    return "\n".join(lines)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]} {words}" for name, words in WORDS.items() if counts[name]) or "nothing new"
