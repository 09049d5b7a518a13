"""Brings what another archive knows of hosts: of the two the later word, of a day's requests the larger number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.union.findings import Row, insert, rows

if TYPE_CHECKING:
    from pipelines.archive.union.findings import Brought


def bring_hosts(job: Brought) -> None:
    """Bring hosts and their days. Requests are not added up: a merge made twice would count them twice."""
    for row in rows(job.other, "hosts"):
        held = next(rows(job.db, "hosts", "host = ?", (row["host"],)), None)
        if held is None or _word(row) > _word(held):
            job.db.conn.execute("DELETE FROM hosts WHERE host = ?", (row["host"],))
            insert(job.db, "hosts", row)
    for row in rows(job.other, "host_days"):
        job.db.conn.execute(
            "INSERT INTO host_days (host, day, requests) VALUES (?, ?, ?) ON CONFLICT (host, day) DO UPDATE SET "
            "requests = max(requests, excluded.requests)",
            (row["host"], row["day"], row["requests"]),
        )


def _word(row: Row) -> list[str]:
    """Return what orders two rows of a host by time, and by all else where they are of one moment."""
    return [max(row["refused_at"] or "", row["answered_at"] or ""), *map(str, row.values)]
