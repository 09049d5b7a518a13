"""Which recurring lines are a paper's template, judged by how they recur over its latest pages, never by wording.

A template prints its line steadily, on many pages, in one place. A newsroom's own recurring sentence
(a motto, a serial's introduction, an advice) comes on few pages, or in one run of them, between
changing neighbours, or under one author. What stays in doubt is kept: a line too many can be read
again and taken out, a lost paragraph is not missed by anyone.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.items import ObservedPage

WINDOW = 120
"""Pages of a paper that are remembered; older ones say nothing of today's template."""
STEP = 5
"""Pages of a paper after which it is judged again."""
LIFE = 25
"""Pages since a line's first sighting before it is judged: no serial has had as many parts in a row,
and a template's line is known within 30 pages."""
SAME = 0.8
"""Share of a line's sightings that must agree for its place to be called constant; short articles shift some."""
CHANCE = 0.01
"""Chance at which a steady line shows a gap as long as seen; below it the sightings are a run, not a template."""

BOXED_CONSTANT = 0.33
"""Share of pages for a line in an element of its own, as many lines from the article's start or end each time."""
BOXED = 0.4
"""The same at changing distances; under half, so that a line on every other page is known after 30."""
CONSTANT = 0.4
"""Share of pages for a line set like the article's own, at a constant distance from its start or end."""
ANYWHERE = 0.7
"""Share of pages for a line set like the article's own between changing neighbours: no motto is on so many."""

SECTION = 0.95
"""Share of a section's pages for a line that is its alone."""
SECTION_PAGES = 5
"""Sightings on a section's pages, if several authors signed them: the line is not one writer's."""
SECTION_UNSIGNED = 8
"""Sightings on a section's pages whose authors are unknown."""
AUTHORS = 3
BULLETIN = 0.5
"""Share of a page's own lines that recur from which it is a bulletin (weather, prices), all frame and numbers."""

RECURS = 3
"""Sightings from which a line does not count when places are told by neighbours."""
FADED = 0.6
"""Part of a share below which a known line is given up: half a window after the template dropped it."""


@dataclass(slots=True)
class _Track:
    """One line's sightings over the pages, by index of page."""

    at: list[int] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    before: Counter[int] = field(default_factory=Counter)
    behind: Counter[int] = field(default_factory=Counter)
    numbers: set[str] = field(default_factory=set)
    boxed: int = 0

    def most(self, counts: Counter[str] | Counter[int]) -> float:
        return max(counts.values()) / len(self.at)

    @property
    def in_box(self) -> bool:
        return self.boxed >= SAME * len(self.at) and self.most(self.places) >= SAME

    @property
    def is_constant(self) -> bool:
        """Whether it stands as many lines of the article from its start, or from its end, each time."""
        return self.most(self.places) >= SAME and max(self.most(self.before), self.most(self.behind)) >= SAME

    @property
    def bar(self) -> float:
        """The share of pages it needs."""
        if self.in_box:
            return BOXED_CONSTANT if self.is_constant else BOXED
        return CONSTANT if self.is_constant else ANYWHERE


def furniture(pages: Sequence[ObservedPage], known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the keys of the lines that are the paper's template.

    ``pages`` are its latest in their order, ``known`` the keys told before: those stay while they are
    still seen often enough.
    """
    tracks = _tracks(pages)
    everywhere = {key for key, track in tracks.items() if _is_the_papers(track, len(pages))}
    kept = {key for key in known if key in tracks and _still(tracks[key], pages)}
    sure = everywhere | kept
    bulletins = _bulletins(pages, tracks, sure)
    by_section = _by_section(pages)
    local = {
        key for key, track in tracks.items() if key not in sure and _is_a_sections(track, pages, by_section, bulletins)
    }
    return frozenset(sure | local)


def _tracks(pages: Sequence[ObservedPage]) -> dict[str, _Track]:
    counts = Counter(key for page in pages for key in {line.key for line in page.lines})
    tracks: dict[str, _Track] = defaultdict(_Track)
    for index, page in enumerate(pages):
        own = sum(counts[line.key] < RECURS for line in page.lines)
        passed, seen = 0, set[str]()
        for line in page.lines:
            if counts[line.key] < RECURS:
                passed += 1
                if counts[line.key] == 1:
                    continue
            if line.key in seen:
                continue
            seen.add(line.key)
            track = tracks[line.key]
            track.at.append(index)
            track.places[line.place] += 1
            track.before[passed] += 1
            track.behind[own - passed] += 1
            track.numbers.add(line.numbers)
            track.boxed += line.standing == "boxed"
    return tracks


def _is_the_papers(track: _Track, pages: int) -> bool:
    """Return whether a line comes steadily on enough of the paper's pages since it was first seen."""
    life = pages - track.at[0]
    if life < LIFE or len(track.at) / life < track.bar:
        return False
    return _is_steady(track.at, pages)


def _is_steady(at: Sequence[int], end: int) -> bool:
    """Return whether no stretch without the line is longer than its share explains, up to today."""
    life = end - at[0]
    share = len(at) / life
    longest = max(later - earlier - 1 for earlier, later in zip(at, (*at[1:], end), strict=True))
    if longest == 0:
        return True
    return longest <= math.log(CHANCE / life) / math.log(1 - share)


def _is_a_sections(
    track: _Track, pages: Sequence[ObservedPage], by_section: Mapping[str, list[int]], bulletins: set[int]
) -> bool:
    """Return whether a line is the template of one section: on all its pages, whoever wrote them."""
    if len(track.at) < SECTION_PAGES or not (track.in_box or track.is_constant):
        return False
    if not track.in_box and len(track.numbers) > 1:
        return False  # the frame of a daily figure
    signed = {pages[i].author for i in track.at} - {""}
    if len(track.at) < (SECTION_PAGES if len(signed) >= AUTHORS else SECTION_UNSIGNED):
        return False
    if sum(i in bulletins for i in track.at) * 2 > len(track.at):
        return False
    where = Counter(pages[i].section for i in track.at)
    return all(
        section and count >= SECTION * _since(by_section[section], track.at[0]) for section, count in where.items()
    )


def _since(indexes: Iterable[int], first: int) -> int:
    return sum(i >= first for i in indexes)


def _still(track: _Track, pages: Sequence[ObservedPage]) -> bool:
    """Return whether a known line is still printed: by the paper as a whole, or by the sections it is seen in."""
    if len(track.at) >= FADED * track.bar * len(pages):
        return True
    sections = {pages[i].section for i in track.at}
    of_them = sum(page.section in sections for page in pages)
    return len(track.at) >= FADED * SECTION * of_them


def _bulletins(pages: Sequence[ObservedPage], tracks: Mapping[str, _Track], known: set[str]) -> set[int]:
    """Return the pages whose own lines mostly recur."""
    found = set()
    for index, page in enumerate(pages):
        own = [line.key for line in page.lines if line.standing == "plain" and line.key not in known]
        often = sum(key in tracks and len(tracks[key].at) >= RECURS for key in own)
        if often > BULLETIN * len(own):
            found.add(index)
    return found


def _by_section(pages: Sequence[ObservedPage]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, page in enumerate(pages):
        found[page.section].append(index)
    return found
