"""Which recurring lines are a paper's template, judged by how they recur over its latest pages, never by wording.

A template prints its line steadily, on many pages, in one place. A newsroom's own recurring sentence
(a motto, a serial's introduction, an advice) comes on few pages, or in one run of them, between
changing neighbours, or under one author. What stays in doubt is kept: a line too many can be read
again and taken out, a lost paragraph is not missed by anyone.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.observed import Line, ObservedPage

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

PLACED = 0.4
"""Share of pages for a line in an element of its own, or at a constant distance from the article's start or end.
Under half, so that a line on every other page is known after 30. A sentence always in one place and on a
quarter of the pages is taken by chance now and then, until its share is known better (FADED)."""
ANYWHERE = 0.7
"""Share of pages for a line set like the article's own between changing neighbours: no motto is on so many."""

NAMED = 0.9
"""Share of pages for a line that is written like a name: no reporter signs so many."""

SECTION = 0.95
"""Share of a section's pages for a line that is its alone."""
SECTION_PAGES = 4
"""Sightings on a section's pages, if several authors signed them: the line is not one writer's."""
SECTION_UNSIGNED = 8
"""Sightings on a section's pages whose authors are unknown."""
AUTHORS = 3
SECTION_LIFE = 20
"""Pages of the paper since a section's line was first seen, before it is judged."""
SECTION_MOST = 0.6
"""Share of the paper's pages since then that a section's line is on at most; the others show whose it is."""
BULLETIN = 0.5
"""Share of a page's own lines that recur from which it is a bulletin (weather, prices), all frame and numbers."""

PARTINGS = 2
"""Times that lines are parted by their pieces: three run together are told."""
RECURS = 3
"""Sightings from which a line does not count when places are told by neighbours."""
FADED = 0.75
"""Part of a share below which a known line is given up; a sentence taken by chance comes back soon."""


@dataclass(slots=True)
class _Track:
    """One line's sightings over the pages, by index of page."""

    at: list[int] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    distances: tuple[Counter[int], ...] = field(default_factory=lambda: tuple(Counter[int]() for _ in range(6)))
    """Lines from the article's start and from its end: of all lines, of those that never recur, and of those
    that are no suspects."""
    boxed: int = 0
    named: int = 0

    def add(self, page: int, line: Line, distances: Iterable[tuple[int, int]]) -> None:
        self.at.append(page)
        self.places[line.place] += 1
        self.boxed += line.standing == "boxed"
        self.named += line.standing == "named"
        for counts, distance in zip(self.distances, chain.from_iterable(distances), strict=True):
            counts[distance] += 1

    def most(self, counts: Counter[str] | Counter[int]) -> float:
        return max(counts.values()) / len(self.at)

    @property
    def in_box(self) -> bool:
        return self.boxed >= SAME * len(self.at) and self.most(self.places) >= SAME

    @property
    def is_constant(self) -> bool:
        """Whether it stands as many lines of the article from its start, or from its end, each time."""
        return self.most(self.places) >= SAME and max(map(self.most, self.distances)) >= SAME

    @property
    def bar(self) -> float:
        """The share of pages it needs."""
        if self.named:
            return NAMED
        return PLACED if self.in_box or self.is_constant else ANYWHERE


def furniture(pages: Sequence[ObservedPage], known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the keys of the lines that are the paper's template.

    ``pages`` are its latest in their order, ``known`` the keys told before: those stay while they are
    still seen often enough. Judged twice: distances are told better once other lines are out of the way.
    """
    first = _judged(_parted(pages, known), known, known)
    return first if first == known else _judged(_parted(pages, first), known, first)


def _parted(pages: Iterable[ObservedPage], known: frozenset[str]) -> list[ObservedPage]:
    """Return the pages with lines in pieces that run together with others: inline elements side by side in a box.

    A piece is a known line, or one seen by itself too; what is left of a line may be a piece of others.
    """
    pages = list(pages)
    for _ in range(PARTINGS):
        boxed = Counter(line.key for page in pages for line in page.lines if line.standing == "boxed")
        pieces = tuple(sorted(known | {key for key, count in boxed.items() if count >= RECURS}))
        pages = [_page_in_pieces(page, pieces) for page in pages]
    return pages


def _page_in_pieces(page: ObservedPage, pieces: tuple[str, ...]) -> ObservedPage:
    if not any(line.standing == "boxed" and _end(line.key, pieces) for line in page.lines):
        return page
    parts = (_parts(line, pieces) if line.standing == "boxed" else [line] for line in page.lines)
    return replace(page, lines=tuple(chain.from_iterable(parts)))


def _parts(line: Line, pieces: tuple[str, ...]) -> list[Line]:
    before: list[Line] = []
    behind: list[Line] = []
    while piece := _end(line.key, pieces):
        is_head = line.key.startswith(piece)
        (before if is_head else behind).append(replace(line, key=piece))
        rest = line.key.removeprefix(piece) if is_head else line.key.removesuffix(piece)
        line = replace(line, key=rest.strip())
    return [*before, line, *reversed(behind)]


def _end(key: str, pieces: tuple[str, ...]) -> str:
    """Return the longest piece that a longer line begins with, else ends with; empty for none."""
    if not (key.startswith(pieces) or key.endswith(pieces)):
        return ""
    shorter = [p for p in pieces if len(p) < len(key)]
    head = max(filter(key.startswith, shorter), key=len, default="")
    return head or max(filter(key.endswith, shorter), key=len, default="")


def _judged(pages: Sequence[ObservedPage], known: frozenset[str], left_out: frozenset[str]) -> frozenset[str]:
    tracks = _tracks(pages, left_out)
    found = {key for key, track in tracks.items() if _is_the_papers(track, len(pages))}
    found |= {key for key in known if key in tracks and _still(tracks[key], pages)}
    bulletins = _bulletins(pages, found | left_out)
    sections = _by_section(pages)
    local = (k for k, t in tracks.items() if k not in found and _is_a_sections(t, pages, sections, bulletins))
    return frozenset(found.union(local))


def _tracks(pages: Sequence[ObservedPage], left_out: frozenset[str]) -> dict[str, _Track]:
    """Return the tracks of the lines seen on several pages and those of ``left_out``, which distances leave out."""
    counts = Counter(key for page in pages for key in {line.key for line in page.lines})
    often = left_out | {key for key, count in counts.items() if count >= PLACED * len(pages)}
    tracks: dict[str, _Track] = defaultdict(_Track)
    for index, page in enumerate(pages):
        distances = zip(
            _distances([True] * len(page.lines)),
            _distances([counts[line.key] < RECURS for line in page.lines]),
            _distances([line.key not in often for line in page.lines]),
            strict=True,
        )
        seen = set[str]()
        for line, around in zip(page.lines, distances, strict=True):
            if (counts[line.key] >= SECTION_PAGES or line.key in left_out) and line.key not in seen:
                seen.add(line.key)
                tracks[line.key].add(index, line, around)
    return tracks


def _distances(counted: Sequence[bool]) -> list[tuple[int, int]]:
    """Return for each line how many of those counted stand before it, and how many behind."""
    before = list(accumulate(counted, initial=0))
    return [(before[i], before[-1] - before[i + 1]) for i in range(len(counted))]


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
    if len(track.at) < SECTION_PAGES or track.named or not (track.in_box or track.is_constant):
        return False
    life = len(pages) - track.at[0]
    if life < SECTION_LIFE or len(track.at) > SECTION_MOST * life:
        return False  # a run over several sections, so far without a page between
    signed = {pages[i].author for i in track.at} - {""}
    if len(signed) < AUTHORS and (len(track.at) < SECTION_UNSIGNED or (signed and not track.in_box)):
        return False  # one writer's own sentence
    if sum(i in bulletins for i in track.at) * 2 > len(track.at):
        return False
    where = Counter(pages[i].section for i in track.at)
    whole = (
        count
        for name, count in where.items()
        if name and count >= max(SECTION_PAGES, SECTION * _since(by_section[name], track.at[0]))
    )
    return sum(whole) >= SAME * len(track.at)


def _since(indexes: Iterable[int], first: int) -> int:
    return sum(i >= first for i in indexes)


def _still(track: _Track, pages: Sequence[ObservedPage]) -> bool:
    """Return whether a known line is still printed: by the paper as a whole, or by the sections it is seen in."""
    bar = NAMED if track.named else PLACED  # its place was told once; that neighbours hide it now says nothing
    if len(track.at) >= FADED * bar * len(pages):
        return True
    sections = {pages[i].section for i in track.at}
    of_them = sum(page.section in sections for page in pages)
    return len(track.at) >= FADED * SECTION * of_them


def _bulletins(pages: Sequence[ObservedPage], known: frozenset[str] | set[str]) -> set[int]:
    """Return the pages whose own lines mostly recur."""
    own = [[line.key for line in page.lines if line.standing == "plain" and line.key not in known] for page in pages]
    counts = Counter(chain.from_iterable(map(set, own)))
    return {i for i, keys in enumerate(own) if sum(counts[key] >= RECURS for key in keys) > BULLETIN * len(keys)}


def _by_section(pages: Sequence[ObservedPage]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, page in enumerate(pages):
        found[page.section].append(index)
    return found
