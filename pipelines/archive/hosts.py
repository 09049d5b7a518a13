"""The rows of hosts: which must be left alone until when and why, and how many requests each had on a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pipelines.archive.captures import response_with
from pipelines.archive.connection import ArchiveError, DatabaseError, explain, moment, stamp, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a host is left alone: ``kind`` is ``asked`` (it asked us to wait), ``blocked`` or ``unreachable``.

    ``status``: the HTTP status of its last such answer, None where there was none. ``reason``: one sentence.
    """

    kind: str
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class HostRow:
    """What is known of a host: refused ``failures`` times in a row, nothing is asked of it before ``not_before``."""

    host: str
    kind: str | None
    not_before: datetime | None
    failures: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The last answer of an address that is no 304, and where the record of its body is (None: it has none).

    ``at``: when it was last given or confirmed by a 304.
    """

    status: int
    at: datetime
    location: str | None
    place: tuple[str, int] | None
    broken: bool


class HostRows:
    """Reads and writes tables ``hosts`` and ``host_days``; each change is a transaction of its own.

    Raises ArchiveError where the archive cannot be written.
    """

    def __init__(self, database: Database, path: object = "archive") -> None:
        self._db = database
        self._path = str(path)

    def find(self, host: str) -> HostRow | None:
        """Return what is known of a host, None for nothing."""
        row = self._db.conn.execute(
            "SELECT host, kind, not_before, failures, reason FROM hosts WHERE host = ?", (host,)
        ).fetchone()
        return HostRow(row[0], row[1], moment(row[2]), row[3], row[4]) if row else None

    def refuse(self, host: str, refusal: Refusal, not_before: datetime, failures: int, at: datetime) -> None:
        """Write that a host is left alone from ``at`` until ``not_before``."""
        self._write(
            "INSERT INTO hosts (host, kind, not_before, failures, status, reason, since, refused_at) "
            "VALUES (:host, :kind, :until, :failures, :status, :reason, :at, :at) ON CONFLICT (host) DO UPDATE SET "
            "kind = :kind, not_before = :until, failures = :failures, status = :status, reason = :reason, "
            "since = coalesce(since, :at), refused_at = :at",
            {
                "host": host,
                "kind": refusal.kind,
                "until": stamp(not_before),
                "failures": failures,
                "status": refusal.status,
                "reason": refusal.reason,
                "at": stamp(at),
            },
        )

    def clear(self, host: str, at: datetime) -> None:
        """Write that a host which was left alone gave a good answer."""
        self._write(
            "UPDATE hosts SET kind = NULL, not_before = NULL, failures = 0, status = NULL, reason = NULL, "
            "since = NULL, answered_at = :at WHERE host = :host",
            {"host": host, "at": stamp(at)},
        )

    def silent(self) -> int:
        """Return how many hosts gave no answer since the last answer of any was captured."""
        row = self._db.conn.execute(
            "SELECT count(*) FROM hosts WHERE kind = 'unreachable' AND status IS NULL "
            "AND refused_at > coalesce((SELECT fetched_at FROM captures ORDER BY id DESC LIMIT 1), '')"
        ).fetchone()
        return int(row[0])

    def forgive_silence(self, runs: Sequence[int]) -> None:
        """Hold nothing against hosts and papers of what these runs came to, which met a network that is down."""
        try:
            with transaction(self._db):
                self._db.conn.execute(
                    "UPDATE hosts SET kind = NULL, not_before = NULL, failures = 0, reason = NULL, since = NULL "
                    "WHERE kind = 'unreachable' AND status IS NULL "
                    "AND refused_at > coalesce((SELECT fetched_at FROM captures ORDER BY id DESC LIMIT 1), '')"
                )
                marks = ", ".join("?" * len(runs))
                self._db.conn.execute(
                    f"UPDATE runs SET problem = NULL, reason = 'no-network' WHERE id IN ({marks})", tuple(runs)
                )
        except DatabaseError as error:
            raise ArchiveError(explain(self._path, error)) from error

    def requests(self, host: str, day: date) -> int:
        """Return how many requests a host had on a day of Vietnam's."""
        row = self._db.conn.execute(
            "SELECT requests FROM host_days WHERE host = ? AND day = ?", (host, day.isoformat())
        ).fetchone()
        return int(row[0]) if row else 0

    def add_requests(self, counts: Mapping[tuple[str, date], int]) -> None:
        """Add requests by host and day to those written down."""
        try:
            with transaction(self._db):
                for (host, day), number in counts.items():
                    self._db.conn.execute(
                        "INSERT INTO host_days (host, day, requests) VALUES (?, ?, ?) "
                        "ON CONFLICT (host, day) DO UPDATE SET requests = requests + excluded.requests",
                        (host, day.isoformat(), number),
                    )
        except DatabaseError as error:
            raise ArchiveError(explain(self._path, error)) from error

    def last_answer(self, url: str) -> KeptAnswer | None:
        """Return the last answer captured of exactly this address, a body kept elsewhere with its place."""
        rows = self._db.conn.execute(
            "SELECT status, fetched_at, headers, record, warc_file, warc_offset, payload_digest, truncated "
            "FROM captures WHERE url = ? ORDER BY fetched_at DESC LIMIT 50",
            (url,),
        ).fetchall()
        told = next((row for row in rows if row[0] != 304), None)
        if told is None:
            return None
        place = response_with(self._db, told[6]) if told[3] == "revisit" else (told[4], told[5])
        headers = {name.lower(): value for name, value in json.loads(told[2])}
        at = moment(rows[0][1]) or datetime.min.replace(tzinfo=UTC)
        return KeptAnswer(told[0], at, headers.get("location"), place, broken=told[7] == "disconnect")

    def _write(self, sql: str, values: Mapping[str, object]) -> None:
        try:
            with transaction(self._db):
                self._db.conn.execute(sql, values)
        except DatabaseError as error:
            raise ArchiveError(explain(self._path, error)) from error
