"""Takes an article down: hides it, shows it again, or erases it from rows and WARC files, so that a kill does no harm.

First one transaction takes the rows out and writes down which records are to go; then these are replaced,
file by file; then the database is written anew. Whatever was interrupted is finished by the next call.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.correcting import FOLDER
from crawler.quoting import quoting
from crawler.warc_erasing import bury, digests, elsewhere, notes_on, records_of, set_aside, with_room
from crawler.warc_writing import PaperLock
from pipelines.archive import erasing, stays, takedowns, traces
from pipelines.archive.connection import transaction
from pipelines.fixity import paper_of, sha256_of
from pipelines.runs_of_words import runs_of
from pipelines.tombstones import Tombstone

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from crawler.correcting import Corrections
    from crawler.warc_erasing import Elsewhere, Where
    from pipelines.archive.connection import Database
    from pipelines.archive.stays import Stay
    from pipelines.archive.takedowns import Entry, Shown
    from pipelines.archive.traces import Copy, Doomed, Place
    from pipelines.hidings import Hiding
    from pipelines.runs_of_words import Runs


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the article, how many WARC records were replaced, and what stays.

    ``copies`` are other papers' own; ``shown_by`` other articles whose pages show some of it (a box of related
    articles), and addresses of other papers' listings that do; ``said_by`` articles that say some of it in their own
    text, and listings that show those; ``aside`` files below WARC_DIR in which nothing could be looked for.
    """

    uid: str
    state: str
    records: int = 0
    copies: tuple[Copy, ...] = ()
    shown_by: tuple[str, ...] = ()
    said_by: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()


DONE = {
    "hidden": "{0}: hidden; 'scrapy takedown {0} --undo' shows it again",
    "undone": "{0}: shown again as before",
    "erased": "{0}: erased, {1} WARC records replaced",
}


def lines(done: Outcome) -> list[str]:
    """Return what an operator is told of it."""
    told = [DONE[done.state].format(done.uid, done.records)]
    told += [f"another paper's copy stays: {c.uid} {c.paper} {c.url} ({c.score:.2f})" for c in done.copies]
    if done.shown_by:
        told.append(f"pages that show some of it beside their own text stay: {', '.join(done.shown_by)}")
    if done.said_by:
        told.append(f"what says some of its words itself stays: {', '.join(done.said_by)}")
    if done.aside:
        files = ", ".join(done.aside)
        told.append(f"not looked through, delete them if they may hold it: {files} (in WARC_DIR)")
    return told


def decide(db: Database, decisions: Corrections, article: Shown, one: Hiding) -> Outcome:
    """Hide an article from every public place, or show it again; its rows and records stay.

    It goes to a WARC file first, so that an archive made again from the files hides it, too.
    """
    decisions.write_hiding(one)
    follow(db, [one])
    return Outcome(one.uid, one.state, copies=tuple(traces.copies_of(db, article)) if one.state == "hidden" else ())


def follow(db: Database, hidings: Iterable[Hiding]) -> int:
    """Do what was decided; return how many decisions are new."""
    with transaction(db):
        return takedowns.follow(db, hidings)


def erase(db: Database, warc_dir: Path, article: Shown, reason: str, now: datetime) -> Outcome:
    """Erase an article.

    Raises RecordError where a record is not what the archive says (nothing is erased then), LockedError
    where its paper is being crawled, OSError, and ArchiveError where the archive is in use: then the next call
    goes on. The caller keeps others from deciding meanwhile.
    """
    erasing.forget_safely(db)
    with ExitStack() as locks:
        _lock_all(locks, db, warc_dir, article)
        erasure = plan(db, warc_dir, article, reason, now)
        with transaction(db):
            take_out(db, warc_dir, erasure, reason, now)
        finish(db, warc_dir, now)
    return _told(db, warc_dir, article.uid, len(erasure.records), erasure.unread)


def _told(db: Database, warc_dir: Path, uid: str, records: int, unread: Sequence[str]) -> Outcome:
    """Return what was done, with what stays: it was kept with the ledger before the rows went."""
    left = stays.told(db, uid)
    return Outcome(uid, "erased", records, left.copies, left.shown_by, left.said_by, (*unread, *set_aside(warc_dir)))


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure is to take away: all by which the article is known, its prose, its WARC records.

    ``staying`` is what is told of others; ``unread`` are files in which it could not be looked for.
    """

    known: Doomed
    runs: Runs
    records: list[Where]
    staying: tuple[Stay, ...]
    unread: tuple[str, ...]


def plan(
    db: Database, warc_dir: Path, article: Shown, reason: str, at: datetime, buried: Container[tuple[str, int]] = ()
) -> Erasure:
    """Find what is to go; nothing is changed. Raises RecordError where a record is not what the archive says.

    ``buried``: records (file, offset) that were replaced before; their captures go, and nothing is read there.
    """
    known = traces.doomed(db, article)
    runs = runs_of(known.said)
    found = quoting(db, warc_dir, known, runs, buried)
    revisits = traces.revisits_of(db, [p.capture_id for p in found.going])
    everywhere = _once([*known.captures, *found.going, *revisits])
    places = [place for place in everywhere if (place.file, place.offset) not in buried]
    others = elsewhere(warc_dir, [*known.urls, *known.pictures], traces.digests_of(db, places))
    stone = Tombstone(article.uid, article.url, at, reason, known.text_sha256)
    written = [*records_of(warc_dir, places), *notes_on(warc_dir, FOLDER, known.urls)]
    records = _to_replace(db, warc_dir, article, written, places, others, stone)
    done = [(p.file, p.offset, p.length, p.url) for p in everywhere if (p.file, p.offset) in buried]
    return Erasure(known, runs, [*records, *done], tuple(found.staying), tuple(others.unread))


def take_out(db: Database, warc_dir: Path, erasure: Erasure, reason: str, at: datetime) -> None:
    """Take the rows out and write down which records are to be replaced; runs in the caller's transaction."""
    erasing.erase_rows(db, erasure.known, reason, at, erasure.records, erasure.runs)
    stays.put(db, erasure.known.article.uid, erasure.staying)
    erasing.unseal(db, _sound(db, warc_dir, erasure.records))


def _lock_all(locks: ExitStack, db: Database, warc_dir: Path, article: Shown) -> None:
    known = traces.doomed(db, article)
    _lock(locks, warc_dir, [*known.papers, *(paper_of(place.file) for place in known.captures)])


def plan_more(db: Database, warc_dir: Path, uid: str, places: Sequence[Place]) -> tuple[list[Where], tuple[str, ...]]:
    """Return the records of an erased article that came in since (``places`` are its captures), and unread files."""
    others = elsewhere(warc_dir, traces.addresses_of_erased(db, uid), traces.digests_of(db, places))
    found = records_of(warc_dir, places)
    records = _to_replace(db, warc_dir, None, found, places, others, takedowns.stone_of(db, uid))
    return records, tuple(others.unread)


def _to_replace(
    db: Database,
    warc_dir: Path,
    article: Shown | None,
    found: Sequence[Where],
    places: Sequence[Place],
    others: Elsewhere,
    stone: Tombstone,
) -> list[Where]:
    """Return the records that are to be replaced: those found, and in files of others what no other article shows."""
    kept = traces.of_others(db, article.id if article else 0, [where[:2] for where in others.records])
    further = [where for where in others.records if where[:2] not in kept]
    answers = {(place.file, place.offset) for place in places} | others.answers
    return with_room(warc_dir, sorted({*found, *further}), answers, stone)


def erase_more(db: Database, warc_dir: Path, erased: Entry, now: datetime) -> Outcome:
    """Erase what came in of an erased article by addresses that were not known to be its. Raises as `erase`."""
    erasing.forget_safely(db)
    with ExitStack() as locks:
        places = traces.found_again(db, erased.uid)
        _lock(locks, warc_dir, [erased.paper, *(paper_of(place.file) for place in places)])
        places = traces.found_again(db, erased.uid)
        records, unread = plan_more(db, warc_dir, erased.uid, places)
        if records:
            with transaction(db):
                erasing.erase_more(db, erased.uid, records)
                erasing.unseal(db, _sound(db, warc_dir, records))
            finish(db, warc_dir, now)
    return _told(db, warc_dir, erased.uid, len(records), unread)


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


def _lock(locks: ExitStack, warc_dir: Path, papers: Iterable[str | None]) -> None:
    for paper in sorted({paper for paper in papers if paper}):
        locks.enter_context(PaperLock(warc_dir, paper))


def _once(places: Iterable[Place]) -> list[Place]:
    return list({place.capture_id: place for place in places}.values())


def _sound(db: Database, warc_dir: Path, records: Iterable[Where]) -> list[str]:
    """Return the files that are what they were; the digest of another stays, so that its damage is not sealed."""
    files = sorted({where[0] for where in records})
    return [file for file in files if erasing.sealed_as(db, file) in (None, sha256_of(warc_dir / file))]
