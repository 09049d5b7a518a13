"""Knows what changed from one text to another, word by word (a word is a syllable as Vietnamese writes it)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Literal

Kind = Literal["kept", "added", "dropped"]
WORD = re.compile(r"([^\S\n]*)(\S+|\n)")
END = "\n"
"""Where a paragraph ends; compared as if it were a word."""
STRAY = 3
"""Words kept between two larger changes that are told as changed too: alone they say nothing."""
LONGEST = 4_000
"""Words (or paragraphs) of one side that are compared one by one, of a stretch that changed."""
TOGETHER = 10_000
"""Words of all stretches of two texts that are compared one by one."""
MEETINGS = 400_000
"""Pairs of equal words that a comparison of one stretch may have to look at; what has more is no prose."""
Block = tuple[int, int, int, int]
"""A change: words ``a0`` to ``a1`` of the old text became ``b0`` to ``b1`` of the new one."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that was kept, added or dropped. A newline in it ends a paragraph."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Words:
    """A text as words and paragraph ends, each with the white space before it, and what stands behind the last."""

    words: tuple[str, ...]
    gaps: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Words:
        found = WORD.findall(text)
        tail = text[sum(len(gap) + len(word) for gap, word in found) :]
        return cls(tuple(word for _, word in found), (*(gap for gap, _ in found), tail))

    def paragraphs(self) -> list[int]:
        """Return where paragraphs begin, as numbers of words: at the end of the one before; last where all end."""
        return [n for n, word in enumerate(self.words) if n == 0 or word == END] + [len(self.words)]

    def between(self, start: int, end: int) -> str:
        return "".join(gap + word for gap, word in zip(self.gaps[start:end], self.words[start:end], strict=True))


def difference(old: str, new: str) -> tuple[Run, ...]:
    """Return what was kept, added and dropped from ``old`` to ``new``, in the order of reading.

    Kept and added joined are ``new``, kept and dropped joined are ``old``, to the last space; no run is
    empty and no two neighbours are of one kind. What was dropped stands before what came in its place.
    Paragraphs are compared first, words within those that changed, so that the time grows with what changed
    and not with the length. A changed stretch beyond `LONGEST`, `MEETINGS` or `TOGETHER` is told as dropped and
    added whole but for how it begins and ends, so that no text takes long.
    """
    before, after = _Words.of(old), _Words.of(new)
    changes = _without_strays(_changes(before, after), before.words)
    return tuple(_joined(_runs(before, after, changes)))


def tally(runs: Iterable[Run]) -> dict[Kind, int]:
    """Return how many words were kept, added and dropped."""
    counts: dict[Kind, int] = {"kept": 0, "added": 0, "dropped": 0}
    for run in runs:
        counts[run.kind] += len(run.text.split())
    return counts


def by_paragraph(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """Return the runs paragraph by paragraph, newlines left out; the unchanged paragraph is one kept run."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *rest = run.text.split("\n")
        lines[-1].append(Run(run.kind, first))
        lines.extend([Run(run.kind, part)] for part in rest)
    whole = (tuple(run for run in line if run.text) for line in lines)
    return [line for line in whole if line]


def _changes(old: _Words, new: _Words) -> Iterator[Block]:
    starts, ends = old.paragraphs(), new.paragraphs()
    paragraphs = [[words.words[a:b] for a, b in pairwise(at)] for words, at in ((old, starts), (new, ends))]
    left = TOGETHER
    for a0, a1, b0, b1 in _blocks(*paragraphs):
        stretch = (starts[a0], starts[a1], ends[b0], ends[b1])
        left -= _size(stretch)
        yield from _within(old, new, stretch, whole=left < 0)


def _within(old: _Words, new: _Words, place: Block, *, whole: bool) -> Iterator[Block]:
    a0, a1, b0, b1 = place
    for start, end, begin, stop in _blocks(old.words[a0:a1], new.words[b0:b1], whole=whole):
        yield a0 + start, a0 + end, b0 + begin, b0 + stop


def _blocks(old: Sequence[Hashable], new: Sequence[Hashable], *, whole: bool = False) -> list[Block]:
    """Return the changes from one sequence to another; frequent elements are no anchors in long ones (difflib).

    Of sequences that take too long, or are to be told ``whole``, what they begin and end with in common is kept, the
    rest is one change.
    """
    if whole or not _are_comparable(old, new):
        head = _alike(old, new)
        tail = _alike(old[head:][::-1], new[head:][::-1])
        return [(head, len(old) - tail, head, len(new) - tail)] if (len(old), len(new)) != (head, head) else []
    found = SequenceMatcher(None, old, new).get_opcodes()
    return [(a0, a1, b0, b1) for tag, a0, a1, b0, b1 in found if tag != "equal"]


def _are_comparable(old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
    """Say whether two sequences can be compared in a moment; ``often`` is what difflib takes for frequent."""
    if max(len(old), len(new)) > LONGEST:
        return False
    often = len(new) // 100 + 1 if len(new) >= 200 else len(new)
    theirs = {one: times for one, times in Counter(new).items() if times <= often}
    return sum(times * theirs.get(one, 0) for one, times in Counter(old).items()) <= MEETINGS


def _alike(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Return how many elements two sequences begin with in common."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(old), len(new)))


def _without_strays(changes: Iterable[Block], words: Sequence[str]) -> list[Block]:
    """Join changes of one paragraph with but a few words between them, fewer than either of the two changes."""
    joined: list[Block] = []
    for change in changes:
        last = joined[-1] if joined else None
        between = words[last[1] : change[0]] if last else ()
        if last and len(between) <= min(STRAY, _size(last) - 1, _size(change) - 1) and END not in between:
            joined[-1] = (last[0], change[1], last[2], change[3])
        else:
            joined.append(change)
    return joined


def _size(change: Block) -> int:
    return max(change[1] - change[0], change[3] - change[2])


def _runs(old: _Words, new: _Words, changes: list[Block]) -> Iterator[Run]:
    at_old = at_new = 0
    for a0, a1, b0, b1 in changes:
        yield from _kept(old, new, at_old, a0, at_new)
        yield Run("dropped", old.between(a0, a1))
        yield Run("added", new.between(b0, b1))
        at_old, at_new = a1, b1
    yield from _kept(old, new, at_old, len(old.words), at_new)
    yield from _gap(old.gaps[-1], new.gaps[-1])


def _kept(old: _Words, new: _Words, start: int, end: int, new_start: int) -> Iterator[Run]:
    for n in range(start, end):
        yield from _gap(old.gaps[n], new.gaps[new_start + n - start])
        yield Run("kept", old.words[n])


def _gap(old: str, new: str) -> Iterator[Run]:
    if old == new:
        yield Run("kept", old)
    else:
        yield Run("dropped", old)
        yield Run("added", new)


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Join neighbours of one kind; between two kept runs, what was dropped stands first."""
    for kept, stretch in groupby((run for run in runs if run.text), lambda run: run.kind == "kept"):
        together = list(stretch)
        kinds: tuple[Kind, ...] = ("kept",) if kept else ("dropped", "added")
        for kind in kinds:
            if text := "".join(run.text for run in together if run.kind == kind):
                yield Run(kind, text)
