"""Knows how numbers are drawn: bars, and a month's days, as SVG that says what it shows in words too."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT, BELOW = 640, 90, 24
"""A drawing of bars in its own units: the bars, and the strip below them in which labels stand."""
LABELS = 6
"""The most labels below bars."""
WIDEST = 40
DAY, GAP = 18, 2
"""A day's square and the space between two, in the drawing's own units."""
LEVELS = 4
"""Shades of days that have articles, by how many of the busiest day's."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the ``label`` of what it is of, and how much."""

    label: str
    count: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a year: ``2026-11-24``, its articles, addresses known of it that are not held, its page if any."""

    day: str
    count: int = 0
    lacking: int = 0
    href: str | None = None

    @property
    def said(self) -> str:
        """Return the day in words."""
        day, month, year = self.day[8:10], self.day[5:7], self.day[:4]
        lacking = f", thiếu {self.lacking}" if self.lacking else ""
        return f"{day}/{month}/{year}: {self.count} bài{lacking}"


def bars(drawn: Sequence[Bar], *, title: str, desc: str) -> Markup:
    """Draw one bar after another from the left, the highest as high as the drawing; nothing for no bars.

    ``title`` names the drawing, ``desc`` says in words what it shows.
    """
    if not drawn:
        return Markup()
    most = max(bar.count for bar in drawn) or 1
    step = WIDTH / len(drawn)
    every = -(-len(drawn) // LABELS)
    svg = _svg("bars", WIDTH, HEIGHT + BELOW, title, desc)
    _add(svg, "line", x1=0, y1=HEIGHT, x2=WIDTH, y2=HEIGHT)
    for place, bar in enumerate(drawn):
        if bar.count > 0:
            height = max(HEIGHT * bar.count / most, 1)
            width = min(step * 0.8, WIDEST)
            rect = _add(svg, "rect", x=step * (place + 0.1), y=HEIGHT - height, width=width, height=height)
            ET.SubElement(rect, "title").text = f"{bar.label}: {bar.count:g}"
        if place % every == 0:
            _add(svg, "text", x=step * (place + 0.1), y=HEIGHT + BELOW - 4).text = bar.label
    return _drawn(svg)


def month(year: int, number: int, days: Mapping[str, Day], *, most: int) -> Markup:
    """Draw a month as a calendar, Monday first: the more articles a day has, of ``most``, the darker.

    A day of which more is known than is held has a corner cut: told apart without colour. Each day leads to its page.
    The links are no stops of the keyboard; the page must give them in its text as well.
    """
    weeks = calendar.monthcalendar(year, number)
    shown = [days[day] for day in _days(year, number) if day in days]
    count, lacking = sum(day.count for day in shown), sum(day.lacking > 0 for day in shown)
    desc = f"{count} bài trong {sum(day.count > 0 for day in shown)} ngày; {lacking} ngày kho còn thiếu bài"
    side = DAY + GAP
    svg = _svg("month", 7 * side - GAP, 6 * side - GAP, f"Tháng {number}/{year}", desc, role="group")
    for row, week in enumerate(weeks):
        for column, at in enumerate(week):
            if at:
                name = f"{year:04}-{number:02}-{at:02}"
                _square(svg, days.get(name, Day(name)), column * side, row * side, most)
    return _drawn(svg)


def level(count: float, most: float) -> int:
    """Return the shade of ``count``, 0 for none to `LEVELS` for ``most``."""
    return 0 if count <= 0 or most <= 0 else min(LEVELS, 1 + int(LEVELS * count / most))


def _days(year: int, number: int) -> Iterable[str]:
    return (f"{year:04}-{number:02}-{day:02}" for day in range(1, calendar.monthrange(year, number)[1] + 1))


def _square(svg: ET.Element, day: Day, x: int, y: int, most: int) -> None:
    place = svg
    if day.href:
        place = ET.SubElement(svg, "a", {"href": day.href, "tabindex": "-1", "aria-label": day.said})
    shade = f"l{level(day.count, most)}"
    square = _add(place, "rect", x=x, y=y, width=DAY, height=DAY, **{"class": shade})
    ET.SubElement(square, "title").text = day.said
    if day.lacking:
        corner = f"M{x + DAY} {y + DAY}h-{DAY * 0.6:g}l{DAY * 0.6:g}-{DAY * 0.6:g}z"
        ET.SubElement(place, "path", {"class": "lacking", "d": corner})


def _svg(kind: str, width: float, height: float, title: str, desc: str, role: str = "img") -> ET.Element:
    svg = ET.Element("svg", {"class": kind, "viewBox": f"0 0 {width:g} {height:g}", "role": role, "aria-label": title})
    ET.SubElement(svg, "title").text = title
    ET.SubElement(svg, "desc").text = desc
    return svg


def _add(to: ET.Element, name: str, **places: float | str) -> ET.Element:
    return ET.SubElement(to, name, {k: v if isinstance(v, str) else f"{round(v, 2):g}" for k, v in places.items()})


def _drawn(svg: ET.Element) -> Markup:
    # Elements made here hold what papers wrote as text and attributes alone, which ElementTree escapes.
    return Markup(ET.tostring(svg, encoding="unicode", short_empty_elements=True))  # noqa: S704
