"""Knows ranges of local days: as an operator writes them, as the archive keeps them, and what lies in them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

PRINTED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?")
OPEN = ".."
"""The end of a range that has none (ISO 8601-2, 4.4)."""


class Place(IntEnum):
    """Where a day lies, seen from a range."""

    OLDER = -1
    WITHIN = 0
    NEWER = 1


@dataclass(frozen=True, slots=True)
class Days:
    """The local days from ``since`` to ``until``, both with; ``until`` None: to today, whenever that is.

    As text it is an ISO 8601 interval: ``2015-01-01/2015-12-31``, ``2015-01-01/..``.
    """

    since: date
    until: date | None = None

    def __str__(self) -> str:
        return f"{self.since}/{self.until or OPEN}"

    @classmethod
    def read(cls, text: str) -> Days:
        """Read what ``str`` wrote. Raises ValueError for anything else."""
        since, _, until = text.partition("/")
        return cls(date.fromisoformat(since), None if until == OPEN else date.fromisoformat(until))

    def place(self, printed: str | None) -> Place | None:
        """Say where a year, month, day or moment (``2015``, ``2015-03``, ``2015-03-04…``, local) lies.

        None for what is none of these, and for a year or month that lies in the range in part.
        """
        span = span_of(printed)
        return self.place_of(*span) if span else None

    def place_of(self, first: date, last: date) -> Place | None:
        """Say where the days from ``first`` to ``last`` lie; None where only some of them lie in the range."""
        if last < self.since:
            return Place.OLDER
        if self.until and first > self.until:
            return Place.NEWER
        return Place.WITHIN if first >= self.since and (not self.until or last <= self.until) else None


def span_of(printed: str | None) -> tuple[date, date] | None:
    """Return first and last day of a printed year, month, day or moment; None for what is none of these."""
    match = PRINTED.fullmatch(printed or "")
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if day and month:
            return date(year, month, day), date(year, month, day)
        first = date(year, month or 1, 1)
        return first, date(year, month or 12, monthrange(year, month or 12)[1])
    except ValueError:
        return None


def asked(since: str | None, until: str | None, today: date) -> Days | None:
    """Return the range that the options ``since`` and ``until`` ask for; None where neither is given.

    Raises ValueError with a sentence that begins with the option.
    """
    if since is None and until is None:
        return None
    if since is None:
        raise ValueError(f"until: {until} is given without since; say from which day on: --since 2015-01-01")
    first, last = read_day("since", since), read_day("until", until) if until is not None else None
    for name, day in (("since", first), ("until", last)):
        if day and day > today:
            raise ValueError(f"{name}: expected a day up to today ({today}), found {day}; correct it")
    if last and last < first:
        raise ValueError(f"until: expected {first} (since) or a day after it, found {last}; change the two")
    return Days(first, last)


def read_day(name: str, text: str) -> date:
    """Read a day as an operator writes it. Raises ValueError with a sentence that begins with ``name``."""
    try:
        return date(*map(int, re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text).groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise ValueError(f"{name}: expected a day like 2015-01-31, found {text!r}; correct it") from None
