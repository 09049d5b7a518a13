"""Judges which of the pages an article's addresses showed are its own, and which are another article's.

An address is the article that it showed first. What follows it is an edit if it keeps the text, half of the
paragraphs, or the title without being printed on another day. What has nothing of that may still be one, written
anew; unless another article shows the same, printed at the same time, as its own: then the address served that
one's page. Two addresses are one article if they printed the same, until each goes on with pages of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from pipelines.duplicates import LONG_PARAGRAPH, is_close
from pipelines.likeness import SHORTEST
from pipelines.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

Print = tuple[str, str]
"""A title, and the digest of a text."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What one capture showed of an article.

    ``place``: the newsroom number of its address, or the address (paper and key) if it has none.
    """

    place: str
    at: datetime
    title: str
    text_sha256: str
    text: str
    published: str | None

    @property
    def print(self) -> Print:
        """What is compared with other articles' showings."""
        return (self.title, self.text_sha256)

    @property
    def paragraphs(self) -> frozenset[str]:
        """Its paragraphs of `LONG_PARAGRAPH` syllables or more."""
        return frozenset(line for line in self.text.splitlines() if words(line) >= LONG_PARAGRAPH)


def own(shown: Sequence[Showing]) -> list[Showing]:
    """Return what is an article's own of what its addresses showed, in order of time: the first, and its edits."""
    kept: dict[tuple[Print, str | None], Showing] = {}
    found = []
    for showing in shown:
        state = (showing.print, showing.published)
        if not kept or state in kept or any(_follows(before, showing) for before in kept.values()):
            kept.setdefault(state, showing)
            found.append(showing)
    return found


def borrowed(shown: Sequence[Showing], others: Iterable[Sequence[Showing]]) -> list[int]:
    """Return the places in ``shown`` (an article's showings in order of time) of those that are another article's.

    ``others`` are the showings of each other article of the paper. What an address, or a newsroom number, showed
    first is never borrowed, nor what is too short to be told by, nor what says another time of printing: a live report
    that is written anew keeps its own.
    """
    mine = set(map(id, own(shown)))
    theirs: dict[Print, set[str | None]] = {}
    for showing in (s for other in others for s in own(other)):
        theirs.setdefault(showing.print, set()).add(showing.published)
    return [
        n
        for n, showing in enumerate(shown)
        if id(showing) not in mine
        and _says_the_time(showing, theirs.get(showing.print, set()))
        and words(showing.text) >= SHORTEST
        and any(before.place == showing.place and before.print != showing.print for before in shown[:n])
    ]


def _says_the_time(showing: Showing, printed: set[str | None]) -> bool:
    """Say whether a showing was printed at one of these times, as far as it or they say when."""
    return showing.published in printed or None in printed or bool(printed and showing.published is None)


def are_twins(one: Sequence[Showing], other: Sequence[Showing]) -> bool:
    """Say whether two articles of a paper are one because they printed the same, both as their own.

    The same title and a text of `SHORTEST` syllables or more, and not `ALIAS_WITHIN` apart: as printed, else as each
    address showed it first. Not if they `went_apart` since.
    """
    theirs = _firsts(other)
    alike = any(
        a.print == b.print and words(a.text) >= SHORTEST and is_close(a.published, a.at, b.published, b.at)
        for a in _firsts(one)
        for b in theirs
    )
    return alike and not went_apart(one, other)


def went_apart(one: Sequence[Showing], other: Sequence[Showing]) -> bool:
    """Say whether two addresses that printed the same went on with pages that have nothing of each other's.

    Both have shown such a page, or one shows it now and the other was seen since it does: what they had in common
    was a notice, or the page of one in place of the other's. A page of less than `SHORTEST` syllables tells nothing.
    """
    edits = set(map(id, own(sorted([*one, *other], key=lambda s: (s.at, s.text_sha256, s.place)))))
    mine, theirs = _strange(one, other, edits), _strange(other, one, edits)
    if mine and theirs:
        return True
    since = [
        (_last_of(strange, shown), rest[-1].at) for strange, shown, rest in ((mine, one, other), (theirs, other, one))
    ]
    return any(run and seen >= run[0].at for run, seen in since)


def _last_of(strange: Sequence[Showing], shown: Sequence[Showing]) -> list[Showing]:
    """Return the showings at the end of ``shown`` that are all of them ``strange``, in order of time."""
    found = set(map(id, strange))
    return list(takewhile(lambda s: id(s) in found, reversed(shown)))[::-1]


def _strange(shown: Sequence[Showing], others: Sequence[Showing], edits: set[int]) -> list[Showing]:
    """Return of what an address showed what has nothing of what another showed; ``edits`` are no such pages."""
    return [
        s
        for s in shown
        if id(s) not in edits
        and words(s.text) >= SHORTEST
        and not any(s.print == o.print or _follows(s, o) or _follows(o, s) for o in others)
    ]


def _firsts(shown: Sequence[Showing]) -> list[Showing]:
    firsts: dict[tuple[str, Print, str | None], Showing] = {}
    for showing in own(shown):
        firsts.setdefault((showing.place, showing.print, showing.published), showing)
    return list(firsts.values())


def _follows(before: Showing, after: Showing) -> bool:
    """Say whether ``after`` is an edit of ``before``."""
    if before.text_sha256 == after.text_sha256:
        return True
    days = {showing.published[:10] for showing in (before, after) if showing.published}
    if before.title == after.title and len(days) < 2:
        return True
    both, whole = before.paragraphs & after.paragraphs, before.paragraphs
    return bool(both) and 2 * len(both) >= len(whole)
