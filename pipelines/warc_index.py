"""The index of the WARC files in CDXJ, by which pywb and other readers of web archives find a page in them.

A line a capture, ``<SURT of the address> <YYYYMMDDhhmmss> <JSON>``, sorted as bytes, keys and values as pywb's
own indexer writes them (https://specs.webrecorder.net/cdxj/0.1.0/), but for the digest, which is SHA-256.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines import cdxj
from pipelines.archive.warc_rows import indexed, sorted_by_the_database
from pipelines.records import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.archive.connection import Connection
    from pipelines.archive.warc_rows import Row

REVISIT = "warc/revisit"
"""What an index calls the type of a revisit, whatever its original is."""


def lines(db: Connection) -> Iterator[str]:
    """Give the index, without line ends: all captures but those of private articles and 304s; memory stays small."""
    return sorted_by_the_database(db, (line(row, headers) for row, headers in indexed(db)))


def line(row: Row, headers: str) -> str:
    """Return the line of one capture, without its end; ``headers`` are the answer's, as JSON."""
    media = (header(json.loads(headers), "Content-Type") or "unk").partition(";")[0].strip() or "unk"
    facts = {
        "mime": REVISIT if row.record == "revisit" else media,
        "status": str(row.status),
        "digest": row.payload_digest or "-",
        "length": str(row.length),
        "offset": str(row.offset),
        "filename": row.file,
    }
    return cdxj.line(row.url, row.fetched_at, facts).rstrip("\n")
