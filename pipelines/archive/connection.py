"""Opens an archive, brings its schema up to date, and says in a sentence why it cannot."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as Connection  # noqa: PLC0414 - for those who may not import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlite_utils import Database as Database  # noqa: PLC0414 - for those who may not import it
from sqlite_utils.utils import sqlite3 as sqlite3  # type: ignore[attr-defined]  # noqa: PLC0414 - pysqlite3 if there

from pipelines.migrations import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

DatabaseError: type[Exception] = sqlite3.Error
PAGE_FAULTS: tuple[type[Exception], ...] = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
"""Errors that one page's values cause; any other is the archive's and ends the crawl."""

NONE_THERE = "{}: no archive; correct ARCHIVE, or fill it with 'scrapy crawl' or 'scrapy replay'"

BUSY_SECONDS = 30.0
"""How long a write waits for another writer before it gives up."""


class ArchiveError(RuntimeError):
    """The archive cannot be opened or written; the text is one sentence: where, what, what to do."""


def stamp(moment: datetime) -> str:
    """Write an aware moment as the archive does: UTC, microseconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str | None) -> datetime | None:
    """Read what `stamp` wrote; null stays None."""
    return datetime.fromisoformat(text) if text else None


def open_archive(path: str | Path, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open or make the archive at ``path`` for writing, with today's schema.

    Raises ArchiveError when it is from a newer version, read-only, locked, or no archive at all.
    """
    place = Path(path)
    if not place.parent.is_dir():
        raise ArchiveError(f"{place}: the folder {place.parent} does not exist; make it or correct ARCHIVE")
    database = None
    try:
        database = Database(sqlite3.connect(str(place), timeout=busy_seconds, isolation_level=None))
        if migrations.applied(database) == [] or _pending(place, database):
            with _alone(place):
                if _pending(place, database):
                    migrations.apply(database)
        _prepare(database)
    except sqlite3.Error as error:
        if database is not None:
            database.close()
        raise ArchiveError(explain(place, error)) from None
    except ArchiveError:
        if database is not None:
            database.close()
        raise
    return database


@contextmanager
def reading(path: str | Path) -> Iterator[Connection]:
    """Open the archive at ``path`` to read it alone, whoever else writes it, until the block ends.

    Raises ArchiveError where there is no archive, none that can be read, or one of another version's schema.
    """
    place = Path(path)
    if not place.is_file():
        raise ArchiveError(NONE_THERE.format(place))
    try:
        connection = sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise ArchiveError(explain(place, error)) from None
    with closing(connection):
        try:
            _refuse_other_versions(place, Database(connection))
            yield connection
        except sqlite3.Error as error:
            raise ArchiveError(explain(place, error)) from None


@contextmanager
def updating(path: str | Path) -> Iterator[Database]:
    """Open an archive that is there, with today's schema, until the block ends. Raises ArchiveError."""
    place = Path(path)
    if not place.is_file():
        raise ArchiveError(NONE_THERE.format(place))
    with closing(open_archive(place)) as database:
        yield database


def _refuse_other_versions(place: Path, database: Database) -> None:
    applied = refuse_foreign(place, database)
    pending = next((migration.name for migration in migrations._migrations if migration.name not in applied), None)
    if pending:
        raise ArchiveError(
            f"{place}: expected the schema of this baotinh, found one from before '{pending}'; bring it up to "
            f"date with 'sqlite-utils migrate {place} pipelines/migrations.py', then read it"
        )


def explain(place: Path | str, error: Exception, named: str = "ARCHIVE") -> str:
    """Say what an SQLite error means for the archive at ``place`` and what to do; ``named`` is what names it."""
    text = str(error)
    remedies = {
        "locked": "another program is writing it; wait for it to end, then start again",
        "readonly": "it or its folder cannot be written; check who owns it and its permissions",
        "unable to open": "it cannot be opened; check the folder's permissions",
        "full": "the disk is full; make room, then start again: nothing that was stored is lost",
        "not a database": f"it is no SQLite file; correct {named} or move the file away",
        "malformed": "it is damaged; restore a copy, or rebuild it with 'scrapy replay' from the WARC files",
    }
    remedy = next(
        (r for key, r in remedies.items() if key in text),
        "see the message; if it stays, rebuild it with 'scrapy replay' from the WARC files",
    )
    return f"{place}: {text}: {remedy}"


def refuse_foreign(place: Path, database: Database, named: str = "ARCHIVE") -> set[str]:
    """Return the names of the migrations that a file has had; ``named`` is what names the file.

    Raises ArchiveError for one of a newer schema, or of another program.
    """
    applied = {migration.name for migration in migrations.applied(database)}
    unknown = sorted(applied - {m.name for m in migrations._migrations})
    if unknown:
        raise ArchiveError(
            f"{place}: made by a newer baotinh (its schema has '{unknown[-1]}', which this version "
            "does not know); upgrade baotinh"
        )
    if not applied and database.table_names():
        raise ArchiveError(
            f"{place}: an SQLite file, but no archive of baotinh (it has the table "
            f"'{database.table_names()[0]}'); correct {named} or move the file away"
        )
    return applied


def _pending(place: Path, database: Database) -> bool:
    return refuse_foreign(place, database) != {migration.name for migration in migrations._migrations}


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Wait until no other process brings an archive of this folder up to date, and keep others from it.

    The lock is the folder's: closing another descriptor of the archive's own file would drop SQLite's locks on it.
    A folder that cannot be locked (not readable, a file system of a network) keeps nobody out.
    """
    with ExitStack() as held:
        with suppress(OSError):
            folder = os.open(place.parent, os.O_RDONLY)
            held.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def _prepare(database: Database) -> None:
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        database.conn.execute(f"PRAGMA {pragma}")
    # A read-only file opens well and fails at the first write: try one now, before any page is fetched.
    database.conn.execute("BEGIN IMMEDIATE")
    database.conn.execute("PRAGMA user_version = 1")
    database.conn.execute("COMMIT")


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """Take the write lock at once, commit at the end, roll back on any exception."""
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.conn.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself when the disk is full.
        if database.conn.in_transaction:
            database.conn.execute("ROLLBACK")
        raise


@contextmanager
def savepoint(database: Database) -> Iterator[None]:
    """Undo alone what is done inside, within a transaction, on any exception."""
    database.conn.execute("SAVEPOINT one")
    try:
        yield
    except BaseException:
        if database.conn.in_transaction:
            database.conn.execute("ROLLBACK TO one")
            database.conn.execute("RELEASE one")
        raise
    database.conn.execute("RELEASE one")
