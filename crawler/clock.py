"""The one clock: all code asks it for the time, so a month can be simulated and a replay uses WARC-Date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

LOCAL = timezone(timedelta(hours=7))
"""Vietnam's time: one zone, no summer time since 1975."""


def local_day(at: datetime) -> date:
    """Return the day it is in Vietnam."""
    return at.astimezone(LOCAL).date()


class Clock(Protocol):
    """Anything that tells the time in UTC."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class OffsetClock:
    """Starts at a given moment and runs at the machine's pace (``CLOCK = "2026-11-24T06:00:00Z"``)."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return the start moment plus the seconds that have passed since."""
        return self._start + timedelta(seconds=time.monotonic() - self._origin)


class ManualClock:
    """Stands still until it is set; a replay sets it to each record's WARC-Date."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment last set."""
        return self.moment


def clock_from(value: str | Clock | None) -> Clock:
    """Make a clock of the ``CLOCK`` setting: empty, an ISO 8601 moment with zone, or a clock object.

    Raises ValueError with a sentence for anything else.
    """
    if not value:
        return SystemClock()
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            f"setting CLOCK: expected an ISO 8601 moment with zone, found {value!r}; "
            "write it like 2026-11-24T06:00:00Z or leave it empty"
        )
    return OffsetClock(moment)
