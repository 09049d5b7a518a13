"""Tells from when an article is by its newsroom's number: numbers grow with time, and some days are known.

A newsroom system counts its articles as they are made. So a number between two numbers of a range is of
that range, one above or below it is not, and where the range begins is found by looking at few articles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.days import Place, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from pipelines.days import Days

SLACK = 3
"""Known numbers in a row that must be too old (or too new) before all beyond them are taken for so, at least."""
SLACK_SHARE = 100
"""The same as one part in so many of the range. An article is made before it is printed: neighbours change places."""
SHARE = 3
"""The oldest article is looked at when the undecided ones are more than all listed, less one part in so many."""
MARGIN = 50
"""A guess at where a range ends is moved into it by one part in so many of what is undecided."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What numbers came to: those ``within`` the range, those ``outside``, and the one to look at ``next``.

    ``at_once``: look at it before another listing page is turned.
    """

    within: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    next: int | None = None
    at_once: bool = False


class Numbers:
    """The numbers of one newsroom system whose days are known (number, ISO day or month), seen from a range."""

    def __init__(self, known: Iterable[tuple[int, str]], days: Days) -> None:
        dated = sorted({number: day for number, day in known if days.place(day) is not None}.items())
        chain = in_order([day for _, day in dated])
        self._days = days
        self._numbers = [dated[i][0] for i in chain]
        self._printed = [dated[i][1] for i in chain]
        self._places = [days.place(day) for day in self._printed]
        self._slack = max(SLACK, self._places.count(Place.WITHIN) // SLACK_SHARE)
        self._newer_before = [0, *_runs(self._places, Place.NEWER)]
        self._older_after = [*reversed(_runs(self._places[::-1], Place.OLDER)), 0]

    def is_older(self, number: int) -> bool:
        """Say whether the nearest known number from ``number`` on is older than the range."""
        at = bisect_left(self._numbers, number)
        return at < len(self._places) and self._places[at] is Place.OLDER

    def sort(self, candidates: Sequence[int], listed: int) -> Sorted:
        """Decide over ``candidates`` (ascending); ``listed``: how many numbers listings have shown so far."""
        within: list[int] = []
        outside: list[int] = []
        gaps: dict[int, list[int]] = {}
        for number in candidates:
            at = bisect_left(self._numbers, number)
            place = self._place(number, at)
            if place is None:
                gaps.setdefault(at, []).append(number)
            else:
                (outside if place else within).append(number)
        below = 0 if self._places[:1] == [Place.OLDER] else len(gaps.get(0, ()))
        at_once = below * SHARE > listed * (SHARE - 1)
        guess = gaps[0][0] if at_once else self._next(gaps)
        return Sorted(tuple(reversed(within)), tuple(outside), guess, at_once)

    def _place(self, number: int, at: int) -> Place | None:
        """Return where ``number`` lies, which would stand ``at`` among the known; None: undecided."""
        if at < len(self._numbers) and self._numbers[at] == number:
            return self._places[at]
        if self._older_after[at] >= self._slack:
            return Place.OLDER
        if self._newer_before[at] >= self._slack:
            return Place.NEWER
        before, after = self._around(at)
        last = at == len(self._places) and self._days.until is None
        return Place.WITHIN if before is Place.WITHIN and (last or after is Place.WITHIN) else None

    def _next(self, gaps: dict[int, list[int]]) -> int | None:
        """Return the undecided number that tells most: where the range begins or ends, else next to its ends."""
        at = max(gaps, key=lambda at: (not self._is_beyond(at), at), default=None)
        return None if at is None else self._guess(at, gaps[at])

    def _around(self, at: int) -> tuple[Place | None, Place | None]:
        before = self._places[at - 1] if at else None
        return before, self._places[at] if at < len(self._places) else None

    def _is_beyond(self, at: int) -> bool:
        before, after = self._around(at)
        return before is Place.NEWER or after is Place.OLDER

    def _guess(self, at: int, undecided: list[int]) -> int:
        before, after = self._around(at)
        if before is Place.NEWER or (before is None and after is not Place.OLDER):
            return undecided[0]
        if after is None or after is Place.OLDER:
            return undecided[-1]
        margin = len(undecided) // MARGIN
        if after is Place.WITHIN:
            near = bisect_left(undecided, self._number_at(at, self._days.since)) + margin
        else:
            assert self._days.until is not None
            end = self._days.until + timedelta(days=1)
            if before is Place.OLDER:
                end = self._days.since + (end - self._days.since) / 2
            near = bisect_left(undecided, self._number_at(at, end)) - 1 - margin
        return undecided[min(max(near, 0), len(undecided) - 1)]

    def _number_at(self, at: int, day: date) -> int:
        """Return the number that was given on ``day``, were they given evenly between the two known ones."""
        first, last = (span_of(self._printed[i]) for i in (at - 1, at))
        assert first
        assert last
        whole = (last[0] - first[0]).days or 1
        low, high = self._numbers[at - 1], self._numbers[at]
        return low + (high - low) * (day - first[0]).days // whole


def _runs(places: Sequence[Place | None], wanted: Place) -> list[int]:
    """Return for each place how many in a row, itself the last, are the one ``wanted``."""
    lengths: list[int] = []
    for place in places:
        lengths.append((lengths[-1] if lengths else 0) + 1 if place is wanted else 0)
    return lengths


def in_order(days: Sequence[str]) -> list[int]:
    """Return the places of the longest run of ``days`` that never goes back; what stands out of order is left out."""
    ends: list[int] = []
    tops: list[str] = []
    before: list[int | None] = []
    for i, day in enumerate(days):
        at = bisect_right(tops, day)
        before.append(ends[at - 1] if at else None)
        if at == len(ends):
            ends.append(i)
            tops.append(day)
        else:
            ends[at], tops[at] = i, day
    chain: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        chain.append(last)
        last = before[last]
    return chain[::-1]
