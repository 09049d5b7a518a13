"""Runs of words by which some of a text is known again in another: eight in a row, without marks and case."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LENGTH = 8
"""Words in a row that are not two texts' by chance, unless they name an office."""
WORD = re.compile(r"\w+")
TAG = re.compile(r"<[^>]*>")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
Run = tuple[str, ...]
Runs = frozenset[Run]


def runs_of(texts: Iterable[str]) -> Runs:
    """Return all runs of `LENGTH` words of each text."""
    return frozenset(run for text in texts for run in _runs(text))


def is_of(line: str, runs: Runs) -> bool:
    """Say whether a line of at least `LENGTH` words is all said by the text that has these runs."""
    found = list(_runs(line))
    return bool(found) and all(run in runs for run in found)


def shares_run(page: str, runs: Runs) -> bool:
    """Say whether a page (HTML, XML, JSON) has one of the runs; tags in it do not part words that stand beside them."""
    bare = html.unescape(html.unescape(ESCAPED.sub(lambda m: chr(int(m[1], 16)), page)))
    return any(run in runs for run in _runs(bare)) or any(run in runs for run in _runs(TAG.sub(" ", bare)))


def _runs(text: str) -> Iterator[Run]:
    words = WORD.findall(fold(text))
    yield from zip(*(words[n:] for n in range(LENGTH)), strict=False)
