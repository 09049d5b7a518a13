"""``scrapy takedown``: hides an article or erases it everywhere; the ledger keeps why, not what it said."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.correcting import Corrections
from crawler.given import start_clock
from crawler.naming import WrongUseError
from crawler.notifying import write_again
from crawler.stopping import StoppedError, say, stoppable
from crawler.taking_down import Outcome, decide, erase, erase_more, finish, follow, lines
from crawler.warc_writing import LockedError
from pipelines.archive import ArchiveError, open_archive
from pipelines.archive.connection import DatabaseError, explain
from pipelines.archive.takedowns import entry, held
from pipelines.hidings import Hiding
from pipelines.records import RecordError

if TYPE_CHECKING:
    import argparse

    from pipelines.archive.connection import Database
    from pipelines.archive.takedowns import Entry, Shown


ENDED = "its erasure, which was interrupted, is done; 'scrapy takedown {0} --erase --reason TEXT' says what stays"


class Command(ScrapyCommand):
    """Exit 0 done, 1 the archive, a WARC file or a lock prevented it, 2 wrong use or no such article."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "UID|URL --reason TEXT [--erase]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Hide an article from readers, or erase it from archive and WARC files"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument(
            "--reason", metavar="TEXT", help="why; kept in the table takedowns (with --undo it may be left out)"
        )
        parser.add_argument("--erase", action="store_true", help="erase it for good, its WARC records too")
        parser.add_argument("--undo", action="store_true", help="show a hidden article again")
        parser.add_argument("--json", action="store_true", help="say what was done as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take down what is named; one sentence on stderr for what prevents it; sets the exit code."""
        assert self.settings is not None
        archive = Path(self.settings["ARCHIVE"])
        try:
            start_clock(self.settings)
            named, reason = _asked(args, opts)
            with stoppable(), closing(_opened(archive)) as db:
                done = self._take_down(db, named, reason, opts)
                write_again(self.settings, db)
                _say(done, as_json=opts.json)
        except StoppedError as error:
            self.exitcode = say(error, "what was begun is finished by the same command again")
        except WrongUseError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (ArchiveError, RecordError, LockedError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
        except DatabaseError as error:
            sys.stderr.write(f"{explain(archive, error)}; the same command goes on where it stopped\n")
            self.exitcode = 1
        except OSError as error:
            sys.stderr.write(f"{error.filename}: {error.strerror}; correct it, then run the same command again\n")
            self.exitcode = 1

    def _take_down(self, db: Database, named: str, reason: str, opts: argparse.Namespace) -> Outcome:
        assert self.settings is not None
        warc_dir, clock = Path(self.settings["WARC_DIR"]), self.settings["CLOCK"]
        now = clock.now()
        with Corrections(warc_dir, clock) as decisions:
            finished = finish(db, warc_dir, now)
            told = entry(db, named)
            for uid in sorted(set(finished) - {told.uid if told else ""}):
                sys.stderr.write(f"{uid}: {ENDED.format(uid)}\n")
            follow(db, decisions.hidings())
            found = held(db, named)
            if len(found) > 1:
                uids = " and ".join(article.uid for article in found)
                raise WrongUseError(f"{named}: {uids} have this address; name one by its uid")
            if not found:
                return self._again(db, named, finished, opts)
            (article,) = found
            if opts.erase:
                return erase(db, warc_dir, article, reason, now)
            if opts.undo:
                told = _hidden(article, entry(db, named) or entry(db, article.uid))
                return decide(db, decisions, article, Hiding(told.uid, article.url, now, "undone", reason))
            return decide(db, decisions, article, Hiding(article.uid, article.url, now, "hidden", reason))

    def _again(self, db: Database, named: str, finished: dict[str, int], opts: argparse.Namespace) -> Outcome:
        """Erase what came in of an article that was erased before."""
        assert self.settings is not None
        told = entry(db, named)
        if told is None or told.state not in ("erasing", "erased"):
            raise WrongUseError(
                f"{named}: no article is held by this uid or address; see it in the reading room's page"
            )
        if not opts.erase:
            raise WrongUseError(f"{told.uid}: was erased on {told.at:%Y-%m-%d}; there is nothing to hide or show again")
        done = erase_more(db, Path(self.settings["WARC_DIR"]), told, self.settings["CLOCK"].now())
        return replace(done, records=done.records + finished.get(told.uid, 0))


def _opened(archive: Path) -> Database:
    if not archive.is_file():
        raise ArchiveError(f"{archive}: no archive; correct ARCHIVE")
    return open_archive(archive)


def _asked(args: list[str], opts: argparse.Namespace) -> tuple[str, str]:
    """Return which article, and why. Raises WrongUseError."""
    if len(args) != 1:
        raise WrongUseError(f"expected one UID or URL, found {len(args)}; name the article as its page does")
    reason = " ".join((opts.reason or "").split())
    if opts.undo and opts.erase:
        raise WrongUseError(
            "--undo: shows a hidden article again, and nothing brings back what is erased; leave one out"
        )
    if not opts.undo and not reason:
        raise WrongUseError("--reason: expected why it is taken down, found nothing; say who asked for it, and when")
    return args[0], reason


def _hidden(article: Shown, told: Entry | None) -> Entry:
    if told is None or told.state != "hidden":
        raise WrongUseError(f"{article.uid}: was not hidden; there is nothing to undo")
    return told


def _say(done: Outcome, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in lines(done)))
