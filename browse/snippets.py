"""Cuts from a text the place that answers a search, with the words marked, as printed and not as indexed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from browse.words import WORD, bare

if TYPE_CHECKING:
    from collections.abc import Sequence

AROUND = 18
"""Words before the place, and three times as many behind it at most."""

Run = tuple[str, bool]
"""A run of text, and whether it is marked."""


def snippet(text: str, words: Sequence[str]) -> list[Run]:
    """Return the first place of ``text`` that says ``words`` in a row, else one of them, else its beginning.

    One that says them with the marks they were typed with goes before one that does not.
    """
    text = unicodedata.normalize("NFC", text)
    places = list(WORD.finditer(text))
    wanted = [bare(word) for word in words]
    as_typed = _place([place[0].lower() for place in places], [word.lower() for word in words])
    folded = _place([bare(place[0]) for place in places], wanted)
    at, length = as_typed if as_typed[1] >= folded[1] else folded
    if not places:
        return []
    first, last = max(at - AROUND, 0), min(at + length + 3 * AROUND, len(places)) - 1
    begin = places[first].start() if first else 0
    end = places[last].end() if last < len(places) - 1 else len(text)
    runs = marked(text[begin:end], wanted)
    return [*([("… ", False)] if first else []), *runs, *([(" …", False)] if last < len(places) - 1 else [])]


def marked(text: str, words: Sequence[str]) -> list[Run]:
    """Return ``text`` in runs, with each of the ``words`` marked, whatever marks it is written with."""
    wanted = {bare(word) for word in words}
    runs: list[Run] = []
    done = 0
    for place in WORD.finditer(text):
        if bare(place[0]) in wanted:
            runs += [(text[done : place.start()], False)] if place.start() > done else []
            runs.append((place[0], True))
            done = place.end()
    return [*runs, (text[done:], False)] if done < len(text) else runs


def _place(bare: Sequence[str], wanted: Sequence[str]) -> tuple[int, int]:
    """Return the first word and the number of words of the place to show."""
    if not wanted:
        return 0, 0
    length = len(wanted)
    rows = (n for n in range(len(bare) - length + 1) if bare[n] == wanted[0] and list(bare[n : n + length]) == wanted)
    if (whole := next(rows, None)) is not None:
        return whole, length
    one = next((n for n, word in enumerate(bare) if word in wanted), None)
    return (0, 0) if one is None else (one, 1)
