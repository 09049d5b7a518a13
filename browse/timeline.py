"""Knows how hits are drawn over time: a bar a month, or a bar a year where they reach over many."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS = 36
"""The most months that are drawn one by one; what reaches over more is drawn by years."""
YEARS = 60
"""The most years that are drawn: the latest."""
WIDTH, HEIGHT = 640, 120
"""The drawing's size, in its own units; labels stand below `HEIGHT`."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the ``span`` it is of (``2026-11`` or ``2026``), its hits, its place and size, and its label if any."""

    span: str
    hits: int
    x: float
    y: float
    width: float
    height: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars from the first span with a hit to the last, those without a hit too; ``most`` hits of one bar."""

    bars: tuple[Bar, ...] = ()
    most: int = 0
    by_month: bool = False

    @property
    def summary(self) -> tuple[str, str, str]:
        """Return the first span, the last one, and the one with most hits; only where there are bars."""
        return self.bars[0].span, self.bars[-1].span, max(self.bars, key=lambda bar: bar.hits).span


def timeline(days: Mapping[str, int]) -> Timeline:
    """Draw hits by day (``2026-11-24``); what is no such day is left out."""
    months: Counter[str] = Counter()
    for day, hits in days.items():
        if len(day) == len("2026-11-24") and day[:4].isdecimal() and day[5:7].isdecimal() and 1 <= int(day[5:7]) <= 12:
            months[day[:7]] += hits
    if not months:
        return Timeline()
    counted, by_month = _months(months), True
    if len(counted) > MONTHS:
        counted, by_month = _years(months), False
    most = max(hits for _, hits in counted)
    step = WIDTH / len(counted)
    every = -(-len(counted) // 8)
    bars = tuple(
        Bar(
            span=span,
            hits=hits,
            x=round(n * step + step * 0.1, 2),
            y=round(HEIGHT * (1 - hits / most), 2),
            width=round(step * 0.8, 2),
            height=round(HEIGHT * hits / most, 2),
            label=span if n % every == 0 else "",
        )
        for n, (span, hits) in enumerate(counted)
    )
    return Timeline(bars, most, by_month)


def shown_span(span: str) -> str:
    """Write a month as Vietnam does, ``11/2026``; a year as it is."""
    year, _, month = span.partition("-")
    return f"{month}/{year}" if month else year


def _months(months: Mapping[str, int]) -> list[tuple[str, int]]:
    first, last = (int(span[:4]) * 12 + int(span[5:]) - 1 for span in (min(months), max(months)))
    if last - first > MONTHS:
        last = first + MONTHS
    spans = (f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1))
    return [(span, months.get(span, 0)) for span in spans]


def _years(months: Mapping[str, int]) -> list[tuple[str, int]]:
    years: Counter[str] = Counter()
    for span, hits in months.items():
        years[span[:4]] += hits
    last = int(max(years))
    first = max(int(min(years)), last - YEARS + 1)
    return [(f"{year:04}", years.get(f"{year:04}", 0)) for year in range(first, last + 1)]
