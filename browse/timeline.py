"""Knows how hits are drawn over time: a bar a day, a month or a year, by how far they reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS = 45
"""The most days that are drawn one by one."""
MONTHS = 36
"""The most months that are drawn one by one; what reaches over more is drawn by years."""
YEARS = 60
"""The most years that are drawn: the latest."""
WIDTH, HEIGHT = 640, 80
WIDEST = 32
"""The drawing's size and the widest bar, in its own units; labels stand below `HEIGHT`."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the ``span`` it is of (``2026-11-24``, ``2026-11``, ``2026``), its hits, place, size, label if any."""

    span: str
    hits: int
    x: float
    y: float
    width: float
    height: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars from the first span with a hit to the last, those without a hit too.

    ``most``: the hits of the highest. ``unit``: what a bar is of, ``day``, ``month`` or ``year``.
    """

    bars: tuple[Bar, ...] = ()
    most: int = 0
    unit: str = "day"

    @property
    def summary(self) -> tuple[str, str, str]:
        """Return the first span, the last one, and the one with most hits; only where there are bars."""
        return self.bars[0].span, self.bars[-1].span, max(self.bars, key=lambda bar: bar.hits).span


def timeline(days: Mapping[str, int]) -> Timeline:
    """Draw hits by day (``2026-11-24``); what is no such day is left out."""
    known: Counter[date] = Counter()
    for day, hits in days.items():
        if at := _day(day):
            known[at] += hits
    if not known:
        return Timeline()
    unit, counted = _spans(known)
    most = max(hits for _, hits in counted)
    step = WIDTH / len(counted)
    every = -(-len(counted) // 6)
    bars = tuple(
        Bar(
            span=span,
            hits=hits,
            x=round(n * step + step * 0.1, 2),
            y=round(HEIGHT * (1 - hits / most), 2),
            width=round(min(step * 0.8, WIDEST), 2),
            height=round(HEIGHT * hits / most, 2),
            label=span if n % every == 0 else "",
        )
        for n, (span, hits) in enumerate(counted)
    )
    return Timeline(bars, most, unit)


def shown_span(span: str) -> str:
    """Write a day or a month as Vietnam does, ``24/11/2026`` and ``11/2026``; a year as it is."""
    return "/".join(reversed(span.split("-")))


def _day(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def _spans(known: Mapping[date, int]) -> tuple[str, list[tuple[str, int]]]:
    """Return what a bar is of, and each span from the first to the last with its hits."""
    first, last = min(known), max(known)
    days = (last - first).days + 1
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if days <= DAYS:
        unit, spans = "day", [f"{first + timedelta(n)}" for n in range(days)]
    elif months <= MONTHS:
        begin = first.year * 12 + first.month - 1
        unit, spans = "month", [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(begin, begin + months)]
    else:
        unit, spans = "year", [f"{year:04}" for year in range(max(first.year, last.year - YEARS + 1), last.year + 1)]
    hits: Counter[str] = Counter()
    for day, number in known.items():
        hits[f"{day}"[: len(spans[0])]] += number
    return unit, [(span, hits[span]) for span in spans]
