"""Finds the day that a section page prints beside a link: in the same entry of its list, never another's."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from crawler.discovery.dates import iso, printed_day, told_by_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from selectolax.lexbor import LexborNode

OUTER = frozenset({"html", "body", "main", "header", "footer", "nav", "aside", "form", "-undef"})
"""What is never an entry of a list."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CLIMB = 6
"""Levels above a link that its entry is looked for in."""
NODES = 300
"""Nodes of an entry that are looked at; what has more is no entry."""
HEADLINE_WORDS = 6
"""A link of so many words is the headline of an entry, whatever it leads to."""
SEVERAL = ""


def entry_days(links: Iterable[tuple[LexborNode, str, bool]]) -> dict[str, str]:
    """Return by key what the page prints of the day of each article.

    ``links`` are the page's anchors with the key of what they lead to and whether that is an article.
    An entry is an element around a link in which no other article and no other headline is linked; the
    nearest one that prints a day counts: a machine's ``time[datetime]`` (ISO 8601), else a text that is
    nothing but a date and a time (``YYYY-MM-DD``).
    """
    anchors = list(links)
    owners: dict[int, str] = {}
    for anchor, key, is_article in anchors:
        if is_article or _is_headline(anchor):
            _own(anchor, key, owners)
    days: dict[str, str] = {}
    looked_at: set[int] = set()
    for anchor, key, is_article in anchors:
        if is_article and key not in days and (day := _day_beside(anchor, key, owners, looked_at)):
            days[key] = day
    return days


def day_of(url: str, printed: str | None) -> str | None:
    """Return the day a listing gives an article: the one printed, else the month in its address.

    Where the two are more than a month apart, the printed one is of something else.
    """
    told = told_by_address(url)
    if not printed or not told:
        return printed or told
    return printed if abs(_months(printed) - _months(told)) <= 1 else told


def _months(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7])


def _own(anchor: LexborNode, key: str, owners: dict[int, str]) -> None:
    """Mark the elements around a link as its own; those that hold another's too as nobody's."""
    node = anchor.parent
    while node is not None:
        owner = owners.get(node.mem_id)
        if owner in (key, SEVERAL):
            # What stands around it is marked already, as the same or as several's.
            return
        owners[node.mem_id] = key if owner is None else SEVERAL
        node = node.parent


def _is_headline(anchor: LexborNode) -> bool:
    parent = anchor.parent
    if parent is not None and parent.tag in HEADINGS:
        return True
    return len(anchor.text().split()) >= HEADLINE_WORDS


def _day_beside(anchor: LexborNode, key: str, owners: dict[int, str], looked_at: set[int]) -> str | None:
    node, level = anchor.parent, 0
    while node is not None and level < CLIMB and node.tag not in OUTER and owners.get(node.mem_id) == key:
        if node.mem_id in looked_at:
            return None
        looked_at.add(node.mem_id)
        if day := _day_in(node):
            return day
        node, level = node.parent, level + 1
    return None


def _day_in(entry: LexborNode) -> str | None:
    """Return the day that an entry prints: a machine's time before one written for readers."""
    printed = None
    for node in islice(entry.traverse(include_text=True), NODES):
        if node.tag == "time" and (moment := iso(node.attributes.get("datetime") or "")):
            return moment
        if node.tag == "-text" and not printed:
            printed = printed_day(node.text_content or "")
    return printed
