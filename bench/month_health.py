"""Judges what an operator was told of the papers' health in a simulated month, day by day, against what befell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.month_papers import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.month_papers import Newsroom

WITHIN = 20
"""Articles within which a redesign has to be named."""
DEAD_AFTER = 4
"""Days within which a feed that shows what is old has to be named."""
LAYOUT = ("drifted", "misread", "unreadable")
"""States that say something of a paper's pages."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change of a paper's health that was told, and ``articles``: how many of it were captured since its redesign."""

    paper: str
    at: str
    state: str
    said: str | None
    articles: int


def misjudged(
    papers: Sequence[Newsroom], days: int, told: Sequence[Told], rows: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Give a sentence for each thing that befell a paper and was told wrongly, late or not at all.

    ``told``: the changes of health in their order; ``rows``: those of view ``health`` at the end of each ``day``.
    """
    for paper in papers:
        own = [one for one in told if one.paper == paper.name]
        states = {row["day"]: row for row in rows if row["paper"] == paper.name}
        if paper.redesigned is not None and days > paper.redesigned + 3:
            yield from _redesign(paper, own)
        else:
            yield from (
                f"{paper.name}: no redesign, told as {one.state}: {one.said}" for one in own if one.state in LAYOUT
            )
        if paper.feed_dead is not None and days > paper.feed_dead + DEAD_AFTER:
            yield from _dead_feed(paper, states, range(paper.feed_dead + DEAD_AFTER + 1, days + 1))
        if paper.busy is None and paper.redesigned is None:
            yield from (f"{paper.name}: fares well, told as {one.state} at {one.at}: {one.said}" for one in own)
        if paper.busy is not None and days > paper.busy + 1 and own and own[-1].state != "ok":
            yield f"{paper.name}: answers again since day {paper.busy + 1}, last told as {own[-1].state}"


def _redesign(paper: Newsroom, own: Sequence[Told]) -> Iterator[str]:
    assert paper.redesigned is not None
    begin = beginning(paper.redesigned)
    named = [one for one in own if one.state == "drifted"]
    if not named:
        yield f"{paper.name}: redesigned on day {paper.redesigned}, never told"
        return
    first = named[0]
    if datetime.fromisoformat(first.at) < begin:
        yield f"{paper.name}: told as drifted at {first.at}, before its redesign on day {paper.redesigned}"
    elif first.articles > WITHIN:
        yield f"{paper.name}: its redesign was told after {first.articles} articles, expected at most {WITHIN}"
    path = "/" + (first.said or "").partition("first at http://")[2].partition(";")[0].partition("/")[2]
    story = paper.by_path.get(path)
    if story is None or not begin - timedelta(days=1) <= story.published < begin + timedelta(days=2):
        yield f"{paper.name}: the first page after its redesign is not named: {first.said}"


def _dead_feed(paper: Newsroom, states: Mapping[int, Mapping[str, Any]], days: range) -> Iterator[str]:
    for day in days:
        row = states[day]
        if row["state"] != "door" or "/tin.rss" not in (row["said"] or ""):
            yield f"{paper.name}: its feed is dead since day {paper.feed_dead}; by day {day} told: {row['state']}"
            return
