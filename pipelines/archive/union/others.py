"""Opens another archive for a merge: it is only read, and brought up to date on a copy."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlite_utils import Database

from pipelines.archive.connection import ArchiveError, explain, open_archive, refuse_foreign, sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.archive.connection import Connection

NAMED = "OTHER.db"
"""What the operator calls it."""


def check(path: Path, archive: Path) -> None:
    """Raise ArchiveError for a file that is no archive, is of a newer schema, or is the archive itself."""
    if archive.exists() and path.samefile(archive):
        raise ArchiveError(f"{path}: is the archive itself (ARCHIVE); name another one")
    with _read(path) as connection:
        database = Database(connection)
        refuse_foreign(path, database, NAMED)
        if not database.table_names():
            raise ArchiveError(f"{path}: expected an archive of baotinh, found an empty file; correct the path")


@contextmanager
def copied(path: Path, folder: Path) -> Iterator[Database]:
    """Open a copy of an archive, made in ``folder``, with today's schema; it is gone when the block ends.

    The copy is of one moment, also while a crawl writes the archive. Raises ArchiveError.
    """
    copy = folder / "other.db"
    for left in folder.glob("other.db*"):
        left.unlink()
    with _read(path) as source, closing(sqlite3.connect(str(copy))) as target:
        source.backup(target)
    try:
        opened = open_archive(copy)
    except ArchiveError as error:
        raise ArchiveError(str(error).replace(str(copy), f"{path} (a copy of it)")) from error
    with closing(opened) as database:
        yield database
    for left in folder.glob("other.db*"):
        left.unlink()


@contextmanager
def _read(path: Path) -> Iterator[Connection]:
    """Open a file to read it, leaving nothing beside it: without a log of writes it is taken as it is."""
    log = path.with_name(f"{path.name}-wal")
    still = not log.exists() or not log.stat().st_size
    before = path.stat()
    try:
        uri = f"file:{quote(str(path.resolve()))}?{'immutable=1' if still else 'mode=ro'}"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ArchiveError(explain(path, error, NAMED)) from None
    after = path.stat()
    if still and (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise ArchiveError(f"{path}: another program began to write it just now; start again")
