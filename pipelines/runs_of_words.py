"""Runs of words by which some of a text is known again in another: eight in a row, without marks and case."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LENGTH = 8
"""Words in a row that are not two texts' by chance, unless they name an office."""
SHORTEST = 3
"""Words of a title that is looked for though it has no run."""
WORD = re.compile(r"\w+")
MARKS = re.compile("[\u0300-\u036f]+")
TAG = re.compile(r"<[^>]*>")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
Run = tuple[str, ...]
Runs = frozenset[Run]


def runs_of(texts: Iterable[str]) -> Runs:
    """Return all runs of `LENGTH` words of each text."""
    return frozenset(run for text in texts for run in _runs(text))


def holds(line: str, runs: Runs, titles: Iterable[str] = ()) -> bool:
    """Say whether a line says one of the runs, or one of the titles that are too short to have one.

    A title counts with `SHORTEST` words or more: fewer are said by anybody.
    """
    if any(run in runs for run in _runs(line)):
        return True
    said = f" {' '.join(_words(line))} "
    short = (words for words in map(_words, titles) if SHORTEST <= len(words) < LENGTH)
    return any(f" {' '.join(words)} " in said for words in short)


def runs_in(page: str, runs: Runs) -> Runs:
    """Return those of the runs that a page (HTML, XML, JSON) says; tags in it do not part words beside them."""
    bare = unescaped(page)
    found = runs.intersection(_runs(bare))
    return found | runs.intersection(_runs(TAG.sub(" ", bare))) if "<" in bare else found


def shares_run(page: str, runs: Runs) -> bool:
    """Say whether a page says one of the runs."""
    return bool(runs_in(page, runs))


def unescaped(page: str) -> str:
    """Return a page without the escapes of HTML and JSON, also one within the other."""
    return html.unescape(html.unescape(ESCAPED.sub(lambda m: chr(int(m[1], 16)), page)))


def _runs(text: str) -> Iterator[Run]:
    words = _words(text)
    yield from zip(*(words[n:] for n in range(LENGTH)), strict=False)


def _words(text: str) -> list[str]:
    """Return the words of a text as `pipelines.text.fold` has them, told in a third of its time."""
    return WORD.findall(MARKS.sub("", unicodedata.normalize("NFD", text.lower())).replace("đ", "d"))
