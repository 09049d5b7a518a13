"""Looks a capture up in an archive without writing to it, whoever else has it open."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pipelines.archive.connection import ArchiveError, moment, sqlite3
from pipelines.items import Capture
from pipelines.urls import url_key


def newest_response(archive: Path, url: str) -> Capture | None:
    """Return the latest whole answer with status 200 that the archive holds of ``url``, or None.

    None too where there is no archive yet. Raises ArchiveError where the file is there and none.
    """
    if not archive.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(archive))}?mode=ro", uri=True)) as db:
            row = db.execute(
                "SELECT url, fetched_at, status, warc_file, warc_offset, warc_length, payload_digest FROM captures "
                "WHERE url_key = ? AND status = 200 AND record = 'response' ORDER BY fetched_at DESC LIMIT 1",
                (url_key(url),),
            ).fetchone()
    except sqlite3.Error as error:
        raise ArchiveError(f"{archive}: not readable as an archive ({error}); correct ARCHIVE") from None
    if row is None:
        return None
    return Capture(
        url=row[0],
        fetched_at=moment(row[1]) or datetime.min.replace(tzinfo=UTC),
        status=row[2],
        warc_file=row[3],
        warc_offset=row[4],
        warc_length=row[5],
        payload_digest=row[6],
    )
