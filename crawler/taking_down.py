"""Takes an article down: hides it, shows it again, or erases it from rows and WARC files, so that a kill does no harm.

First one transaction takes the rows out and writes down which records are to go; then these are replaced,
file by file; then the database is written anew. Whatever was interrupted is finished by the next call.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.warc_erasing import bury, digests, notes_on, records_of, shown_on, with_room
from crawler.warc_writing import PaperLock
from pipelines.archive import erasing, takedowns, traces
from pipelines.archive.connection import transaction
from pipelines.fixity import paper_of, sha256_of
from pipelines.runs_of_words import runs_of
from pipelines.tombstones import Tombstone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from crawler.warc_erasing import Where
    from pipelines.archive.connection import Database
    from pipelines.archive.takedowns import Entry, Shown
    from pipelines.archive.traces import Copy, Doomed, Place
    from pipelines.runs_of_words import Runs


CORRECTIONS = "corrections"
"""Folder below WARC_DIR of what a curator corrected."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the article, how many WARC records were replaced, and what stays.

    ``copies`` are other papers' own, ``shown_by`` other articles of the paper whose pages name it with its
    title or lead (a box of related articles).
    """

    uid: str
    state: str
    records: int = 0
    copies: tuple[Copy, ...] = ()
    shown_by: tuple[str, ...] = ()


def hide(db: Database, article: Shown, reason: str, now: datetime) -> Outcome:
    """Keep an article from every public place; its rows and records stay."""
    with transaction(db):
        takedowns.hide(db, article, reason, now)
    return Outcome(article.uid, "hidden", copies=tuple(traces.copies_of(db, article)))


def show_again(db: Database, hidden: Entry) -> Outcome:
    """Show a hidden article as it was shown before."""
    with transaction(db):
        takedowns.show_again(db, hidden)
    return Outcome(hidden.uid, "undone")


def erase(db: Database, warc_dir: Path, article: Shown, reason: str, now: datetime) -> Outcome:
    """Erase an article.

    Raises RecordError where a record is not what the archive says (nothing is erased then), LockedError
    where its paper is being crawled, OSError, and ArchiveError where the archive is in use: then the next call
    goes on.
    """
    erasing.forget_safely(db)
    with ExitStack() as locks:
        known = traces.doomed(db, article)
        _lock(locks, warc_dir, [article.paper, *(paper_of(place.file) for place in known.captures)])
        known = traces.doomed(db, article)
        runs = runs_of(known.said)
        showing, staying = (_showing(db, warc_dir, known, runs, of_articles=which) for which in (False, True))
        places = _once([*known.captures, *showing, *traces.revisits_of(db, [p.capture_id for p in showing])])
        stone = Tombstone(article.uid, article.url, now, reason, known.texts[0][0])
        found = [*records_of(warc_dir, places), *notes_on(warc_dir, CORRECTIONS, known.urls)]
        records = with_room(warc_dir, found, places, stone)
        copies, shown_by = traces.copies_of(db, article), traces.uids_of(db, [p.capture_id for p in staying])
        with transaction(db):
            erasing.erase_rows(db, known, reason, now, records, runs)
            erasing.unseal(db, _sound(db, warc_dir, records))
        finish(db, warc_dir, now)
    return Outcome(article.uid, "erased", len(records), tuple(copies), tuple(shown_by))


def _showing(db: Database, warc_dir: Path, known: Doomed, runs: Runs, *, of_articles: bool) -> list[Place]:
    pages = traces.others_pages(db, known.article, of_articles=of_articles)
    return shown_on(warc_dir, pages, [_path(url) for url in known.urls], runs)


def erase_more(db: Database, warc_dir: Path, erased: Entry, now: datetime) -> Outcome:
    """Erase what came in of an erased article by addresses that were not known to be its. Raises as `erase`."""
    erasing.forget_safely(db)
    with ExitStack() as locks:
        places = traces.found_again(db, erased.uid)
        _lock(locks, warc_dir, [erased.paper, *(paper_of(place.file) for place in places)])
        places = traces.found_again(db, erased.uid)
        stone = takedowns.stone_of(db, erased.uid)
        records = with_room(warc_dir, records_of(warc_dir, places), places, stone)
        if records:
            with transaction(db):
                erasing.erase_more(db, erased.uid, records)
                erasing.unseal(db, _sound(db, warc_dir, records))
            finish(db, warc_dir, now)
    return Outcome(erased.uid, "erased", len(records))


def finish(db: Database, warc_dir: Path, now: datetime) -> dict[str, int]:
    """Finish all erasures that were begun; return their articles, and how many records were still to be replaced.

    Raises OSError and ArchiveError as `erase`.
    """
    begun = takedowns.unfinished(db)
    bury_begun(db, warc_dir, now)
    if begun:
        erasing.scrub(db)
        with transaction(db):
            for erasure in begun:
                erasing.conclude(db, erasure.uid, now)
    return {erasure.uid: len(erasure.records) for erasure in begun}


def bury_begun(db: Database, warc_dir: Path, now: datetime) -> None:
    """Replace the records of all erasures that were begun."""
    for erasure in takedowns.unfinished(db):
        if not erasure.records:
            continue
        bury(warc_dir, erasure.records, takedowns.stone_of(db, erasure.uid))
        files = digests(warc_dir, (where[0] for where in erasure.records), now)
        with transaction(db):
            erasing.buried(db, erasure.uid, files, now)


def _path(url: str) -> str:
    """Return how a page of the same site may name an address."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _lock(locks: ExitStack, warc_dir: Path, papers: Iterable[str | None]) -> None:
    for paper in sorted({paper for paper in papers if paper}):
        locks.enter_context(PaperLock(warc_dir, paper))


def _once(places: Iterable[Place]) -> list[Place]:
    return list({place.capture_id: place for place in places}.values())


def _sound(db: Database, warc_dir: Path, records: Iterable[Where]) -> list[str]:
    """Return the files that are what they were; the digest of another stays, so that its damage is not sealed."""
    files = sorted({where[0] for where in records})
    return [file for file in files if erasing.sealed_as(db, file) in (None, sha256_of(warc_dir / file))]
