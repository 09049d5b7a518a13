"""Joins what two archives saw of a listing's hours: of each listing, what was watched for longer stands."""

from __future__ import annotations

from datetime import datetime
from math import inf, log2
from typing import TYPE_CHECKING, Any

from pipelines.archive.union.findings import Row, insert, rows
from pipelines.rhythm import HALF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.archive.union.findings import Brought

EPOCH = datetime.fromisoformat("2000-01-01T00:00:00Z")


def bring_rhythms(job: Brought, addresses: Mapping[int, int]) -> None:
    """Bring the rhythms of listings; ``addresses`` maps row ids of the other's addresses to ours.

    What two machines saw is not added up: a merge made twice would count it twice.
    """
    theirs: dict[int, list[Row]] = {}
    for row in rows(job.other, "rhythms"):
        theirs.setdefault(addresses[row["url_id"]], []).append(row.but(url_id=addresses[row["url_id"]]))
    for listing, hours in theirs.items():
        ours = list(rows(job.db, "rhythms", "url_id = ?", (listing,)))
        if not ours or _weight(hours) > _weight(ours):
            job.db.conn.execute("DELETE FROM rhythms WHERE url_id = ?", (listing,))
            for row in hours:
                insert(job.db, "rhythms", row)


def _weight(hours: list[Row]) -> tuple[float, datetime, Any]:
    """Return what orders the rhythms of a listing: hours of watching, which fade as `pipelines.rhythm` says.

    They are kept to a third of a second: two looks in one moment have watched for none.
    """
    seen_at = datetime.fromisoformat(max(row["seen_at"] for row in hours))
    watched = sum(row["hours"] for row in hours)
    faded = log2(watched) + (seen_at - EPOCH) / HALF if watched > 0 else -inf
    return faded, seen_at, sorted(row.values for row in hours)
