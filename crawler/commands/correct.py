"""``scrapy correct UID FIELD VALUE``: a curator's correction of what an article shows."""

from __future__ import annotations

import getpass
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.correcting import Corrections
from crawler.given import start_clock
from crawler.naming import WrongUseError
from crawler.stopping import StoppedError, say, stoppable
from crawler.tables import nearest
from crawler.warc_writing import LockedError
from pipelines import text
from pipelines.archive import Archive, ArchiveError, corrections
from pipelines.archive.connection import stamp
from pipelines.corrections import FIELDS, Correction, CorrectionError, as_value
from pipelines.records import RecordError

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0 corrected, or shown so already; 1 archive or WARC files failed; 2 wrong use, nothing is written."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "UID FIELD VALUE --reason TEXT"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Correct what an article shows; what the paper printed is kept beside it"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--reason", metavar="TEXT", default="", help="why, for readers; needed")
        parser.add_argument("--by", metavar="NAME", help="who corrects (default: your login name)")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Correct; one sentence on stderr for what prevents it."""
        try:
            with stoppable():
                told = self._correct(args, opts)
        except StoppedError as error:
            self.exitcode = say(error, "what was begun is finished by the same command again")
        except (WrongUseError, CorrectionError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, LockedError, RecordError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
        else:
            sys.stdout.write(f"{json.dumps(told, ensure_ascii=False) if opts.json else _said(told)}\n")

    def _correct(self, args: list[str], opts: argparse.Namespace) -> dict[str, Any]:
        assert self.settings is not None
        start_clock(self.settings)
        clock = self.settings["CLOCK"]
        if len(args) != 3:
            raise WrongUseError(f"expected UID FIELD VALUE, found {len(args)} words; put a value of several in quotes")
        uid, field, typed = args
        if field not in FIELDS:
            raise WrongUseError(f"unknown field {field!r}{nearest(field, FIELDS)}; one can correct {', '.join(FIELDS)}")
        value = as_value(field, typed, clock.now())
        reason = text.collapse(text.clean(opts.reason))
        if not reason:
            raise WrongUseError('--reason: expected why, found nothing; say it: --reason "…"')
        archive = Path(self.settings["ARCHIVE"])
        if not archive.is_file():
            raise ArchiveError(f"{archive}: no archive; correct ARCHIVE")
        one = Correction(uid, field, value, reason, opts.by or getpass.getuser(), stamp(clock.now()))
        with closing(Archive(archive)) as held, Corrections(Path(self.settings["WARC_DIR"]), clock) as files:
            corrections.put(held.db, files.kept())
            return _apply(held, files, one)


def _apply(held: Archive, files: Corrections, one: Correction) -> dict[str, Any]:
    """Write a correction, to its WARC file first; nothing where the article shows the value already."""
    article = corrections.article_of(held.db, one.uid)
    if article is None:
        raise WrongUseError(f"unknown article {one.uid!r}; its uid is on its page, in every export and in 'articles'")
    article_id, uid, url = article
    before = corrections.shown(held.db, article_id, one.field)
    if before != one.value:
        files.write(one, url)
        corrections.put(held.db, [one])
    return {"uid": uid, "field": one.field, "before": before, "value": one.value, "corrected": before != one.value}


def _said(told: dict[str, Any]) -> str:
    value = "nothing" if told["value"] is None else repr(told["value"])
    if not told["corrected"]:
        return f"{told['uid']}: {told['field']} is {value} already; nothing was written"
    before = "nothing" if told["before"] is None else repr(told["before"])
    return f"{told['uid']}: {told['field']} was {before}, is {value}"
