"""What two archives say of a WARC file of one name: whether it is one file, by the records they know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from sqlite_utils import Database

RECORDS = "SELECT warc_offset, url, fetched_at, payload_digest FROM captures WHERE warc_file = ? ORDER BY warc_offset"


def are_one(db: Database, other: Database, path: str, erased: Container[int] = ()) -> bool:
    """Say whether a file is one and the same to both archives: as far as both know it, its records agree.

    ``erased``: offsets at which records of it were replaced; one of the two knows them no more.
    """
    ours, theirs = (
        {tuple(row) for row in archive.conn.execute(RECORDS, (path,)).fetchall() if row[0] not in erased}
        for archive in (db, other)
    )
    if not ours or not theirs:
        return True
    end = min(max(ours)[0], max(theirs)[0])
    return {row for row in ours if row[0] <= end} == {row for row in theirs if row[0] <= end}


def first_record(db: Database, path: str) -> str:
    """Return what the first record that an archive knows of a file says: it stays while the file grows."""
    return str(tuple(db.conn.execute(f"{RECORDS} LIMIT 1", (path,)).fetchone() or ()))


def papers_used(db: Database) -> set[str]:
    """Return the papers of which an archive has captures or addresses."""
    rows = db.conn.execute("SELECT DISTINCT paper FROM captures UNION SELECT DISTINCT paper FROM urls").fetchall()
    return {str(name) for (name,) in rows}
