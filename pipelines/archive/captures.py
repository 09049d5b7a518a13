"""The rows of captures: where each exchange stands in the WARC files, and whether it was judged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.archive.connection import moment, stamp
from pipelines.items import Capture
from pipelines.urls import url_key

if TYPE_CHECKING:
    from sqlite_utils import Database

ANSWERS = "200, 301, 302, 303, 304, 307, 308, 404, 410"
"""HTTP statuses that say what a page is; others (a try that was repeated) are left as they are."""
SAME = "url = ? AND fetched_at = ? AND status = ? AND payload_digest = ?"
"""What makes two records one exchange, whichever files they stand in."""

ENDS = """
WITH RECURSIVE files (name) AS (
  SELECT min(warc_file) FROM captures WHERE warc_file > :from AND warc_file < :to
  UNION ALL
  SELECT (SELECT min(warc_file) FROM captures WHERE warc_file > name AND warc_file < :to) FROM files
  WHERE name IS NOT NULL
)
SELECT name, (SELECT warc_offset + warc_length FROM captures WHERE warc_file = name ORDER BY warc_offset DESC LIMIT 1)
FROM files WHERE name IS NOT NULL
"""
"""The files of a folder, "/" being followed by "0" in the order of characters, and where each ends."""


def put(db: Database, paper: str, capture: Capture) -> None:
    """Write a capture's row, once; runs in the caller's transaction. robots.txt and parts are judged by being kept."""
    db.conn.execute(
        "INSERT INTO captures (paper, url, url_key, fetched_at, status, headers, record, warc_file, warc_offset, "
        "warc_length, payload_digest, etag, last_modified, truncated, outcome) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON CONFLICT DO NOTHING",
        (
            paper,
            capture.url,
            url_key(capture.url),
            stamp(capture.fetched_at),
            capture.status,
            json.dumps(capture.headers, ensure_ascii=False),
            capture.record,
            capture.warc_file,
            capture.warc_offset,
            capture.warc_length,
            capture.payload_digest,
            capture.etag,
            capture.last_modified,
            capture.truncated,
            capture.kind if capture.kind in ("robots", "part") else None,
        ),
    )


def id_of(db: Database, capture: Capture) -> int | None:
    """Return the row id of an exchange, if it is in the archive."""
    row = db.conn.execute(f"SELECT id FROM captures WHERE {SAME}", _same(capture)).fetchone()
    return int(row[0]) if row else None


def put_outcome(db: Database, capture_id: int | None, outcome: str) -> None:
    """Write what an exchange was judged to be."""
    db.conn.execute("UPDATE captures SET outcome = ? WHERE id = ?", (outcome, capture_id))


def is_judged(db: Database, capture: Capture) -> bool:
    """Say whether an exchange is in the archive with an outcome."""
    row = db.conn.execute(f"SELECT outcome FROM captures WHERE {SAME}", _same(capture)).fetchone()
    return bool(row and row[0])


def unjudged(db: Database, paper: str) -> list[Capture]:
    """Return the captures of ``paper`` without an outcome, oldest first; refusals to serve are left out.

    A visit's outcome is committed after its capture, so these are what a killed crawl left.
    """
    rows = db.conn.execute(
        "SELECT url, fetched_at, status, headers, warc_file, warc_offset, warc_length, payload_digest, etag, "
        "last_modified, record, truncated FROM captures WHERE paper = ? AND outcome IS NULL "
        f"AND status IN ({ANSWERS}) ORDER BY fetched_at",
        (paper,),
    ).fetchall()
    return [
        Capture(
            url=r[0],
            fetched_at=moment(r[1]) or datetime.min.replace(tzinfo=UTC),
            status=r[2],
            headers=tuple((name, value) for name, value in json.loads(r[3])),
            warc_file=r[4],
            warc_offset=r[5],
            warc_length=r[6],
            payload_digest=r[7],
            etag=r[8],
            last_modified=r[9],
            record=r[10],
            truncated=r[11],
        )
        for r in rows
    ]


def known_payload(db: Database, url: str, digest: str) -> datetime | None:
    """Return when this payload of ``url`` was first captured as a whole response, if it was."""
    row = db.conn.execute(
        "SELECT min(fetched_at) FROM captures WHERE url = ? AND payload_digest = ? AND record = 'response'",
        (url, digest),
    ).fetchone()
    return moment(row[0])


def known_picture(db: Database, paper: str, digest: str) -> tuple[str, datetime] | None:
    """Return address and time of the first whole response of ``paper`` with this payload."""
    row = db.conn.execute(
        "SELECT url, fetched_at FROM captures WHERE payload_digest = ? AND paper = ? AND record = 'response' "
        "AND status = 200 AND truncated IS NULL ORDER BY fetched_at LIMIT 1",
        (digest, paper),
    ).fetchone()
    at = moment(row[1]) if row else None
    return (str(row[0]), at) if at else None


def response_with(db: Database, digest: str) -> tuple[str, int] | None:
    """Return WARC file and offset of a whole response with this payload digest."""
    row = db.conn.execute(
        "SELECT warc_file, warc_offset FROM captures WHERE payload_digest = ? AND record = 'response' LIMIT 1",
        (digest,),
    ).fetchone()
    return (str(row[0]), int(row[1])) if row else None


def warc_ends(db: Database, paper: str) -> dict[str, int]:
    """Return, for each WARC file in the folder of ``paper``, the byte after the last record the archive knows.

    From file to file by the index: of a paper crawled for years there are many captures and few files.
    """
    rows = db.conn.execute(ENDS, {"from": f"{paper}/", "to": f"{paper}0"})
    return {str(r[0]): int(r[1]) for r in rows}


def _same(capture: Capture) -> tuple[str, str, int, str]:
    return (capture.url, stamp(capture.fetched_at), capture.status, capture.payload_digest)
