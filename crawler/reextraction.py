"""Reads an archive's captures again and compares or replaces what they show, for the command."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.utils.misc import load_object

from crawler.naming import known
from crawler.rereading import read_all, with_remembered
from crawler.run import settings_digest, versions
from crawler.warc_writing import PaperLock
from pipelines.archive import Archive, ArchiveError
from pipelines.archive.connection import DatabaseError, explain, reading
from pipelines.archive.reextracting import Reextraction
from pipelines.archive.rereads import files_of, papers_read, tasks

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.rereading import Reader
    from pipelines.archive.connection import Connection
    from pipelines.archive.rereads import Spill
    from pipelines.rereads import Totals

FAILURES = 20
"""Captures that could not be read of which the reason is kept."""


def report(settings: BaseSettings, reader: Reader, spill: Spill, paper: str | None, jobs: int) -> Totals:
    """Say what today's rules would change, write nothing. Raises ArchiveError, WrongUseError for an unknown paper."""
    with reading(settings["ARCHIVE"]) as db:
        db.execute("BEGIN")
        counted = _read(db, _knowing(db, reader, paper), spill, paper, jobs)
        work = Reextraction.over(db, spill, settings["EXTRACTOR"], settings["CLOCK"].now())
        work.run()
        return _with(work.totals, *counted)


def accept(settings: BaseSettings, reader: Reader, spill: Spill, paper: str | None, jobs: int) -> Totals:
    """Write what today's rules change, in one transaction. Raises as `report`, LockedError while it is crawled."""
    path, clock = Path(settings["ARCHIVE"]), settings["CLOCK"]
    if not path.is_file():
        raise ArchiveError(f"{path}: no archive; correct ARCHIVE")
    with ExitStack() as stack:
        extractor, next_due = settings["EXTRACTOR"], load_object(settings["NEXT_DUE"]).from_settings(settings)
        archive = stack.enter_context(closing(Archive(path, next_due=next_due, extractor=extractor)))
        knowing = _knowing(archive.db.conn, reader, paper)
        for name in papers_read(archive.db.conn, paper):
            stack.enter_context(PaperLock(reader.warc_dir, name))
        counted = _read(archive.db.conn, knowing, spill, paper, jobs)
        work = Reextraction(archive.db, spill, extractor, clock.now())
        try:
            work.accept(archive.frontier, paper, settings_digest(settings), versions())
        except DatabaseError as error:
            raise ArchiveError(explain(path, error)) from error
        return _with(work.totals, *counted)


def _knowing(db: Connection, reader: Reader, paper: str | None) -> Reader:
    """Return a reader that knows the papers, too, which only the WARC files remember, as a replay does.

    Raises WrongUseError for a ``paper`` that is asked for and nothing knows.
    """
    held = papers_read(db, None)
    if paper is not None:
        known("paper", paper, {**reader.directory.papers, **dict.fromkeys(held)})
    forgotten = {name: files_of(db, name) for name in held if name not in reader.directory.papers}
    return replace(reader, directory=with_remembered(reader.directory, reader.warc_dir, forgotten))


def _read(db: Connection, reader: Reader, spill: Spill, paper: str | None, jobs: int) -> tuple[int, int, list[str]]:
    """Read all pages; return how many, how many could not be read, and why the first of these could not."""
    captures, unread, failures = 0, 0, list[str]()
    for rereads in read_all(reader, tasks(db, paper), jobs):
        spill.put(rereads)
        failed = [one.failure for one in rereads if one.visit is None]
        captures, unread = captures + len(rereads), unread + len(failed)
        failures += failed[: FAILURES - len(failures)]
    spill.index()
    return captures, unread, failures


def _with(totals: Totals, captures: int, unread: int, failures: list[str]) -> Totals:
    totals.captures, totals.unread, totals.failures = captures, unread, failures
    return totals
