"""Knows how the full-text index of a large archive is asked: the newest articles first, by several at a time.

A phrase of common syllables costs as much as there are articles with them: at a million 0.2 s a look. So it is looked
for once, in parts that are looked through at the same time; words that few articles say cost next to nothing.
"""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipelines.queries import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.asking import Asked

WHOLE = 50_000
"""Articles of an archive whose index is looked through in one go."""
AT_ONCE = 3
"""Parts of a larger archive that are looked through at the same time; datasette has so many threads."""
RARE = 20_000
"""Articles that say a word for it to be rare: looking for it, or for a phrase with it, costs next to nothing."""
SAID = f"""
SELECT json_group_array(rowid) FROM (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH :words
  AND rowid BETWEEN :from AND :to ORDER BY rowid DESC LIMIT :most)
"""
NEWEST_ID = "SELECT coalesce(max(id), 0) FROM articles"


async def said(database: Any, words: str, most: int) -> list[int]:
    """Return the ids of the newest ``most`` articles that say what an FTS5 expression asks for, the newest first."""
    last = int((await database.execute(NEWEST_ID)).single_value())
    bounds = [last * n // AT_ONCE for n in range(AT_ONCE, -1, -1)] if last > WHOLE else [last, 0]
    parts = await asyncio.gather(*(_said(database, words, most, low + 1, high) for high, low in pairwise(bounds)))
    return [number for part in parts for number in part][:most]


async def _said(database: Any, words: str, most: int, first: int, last: int) -> list[int]:
    values = {"words": words, "most": most, "from": first, "to": last}
    return list(json.loads((await database.execute(SAID, values)).single_value()))


async def are_rare(database: Any, asked: Asked, *, apart: bool) -> bool:
    """Say whether each phrase asked for has a word that few articles say; ``apart``: whether any word asked for has."""
    terms = [term.words for group in asked.groups for term in group]
    wanted = [asked.words] if apart else terms
    every = list(dict.fromkeys(word for words in wanted for word in words))
    rare = dict(zip(every, await _are_rare(database, every), strict=True))
    return all(any(rare[word] for word in words) for words in wanted)


async def _are_rare(database: Any, words: Sequence[str]) -> Iterable[bool]:
    one = f"SELECT count(*) FROM (SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT {RARE + 1})"
    found = await database.execute("SELECT " + ", ".join(f"({one})" for _ in words), [_quoted(word) for word in words])
    return [many <= RARE for many in found.rows[0]]


def _quoted(word: str) -> str:
    return '"' + word.replace("đ", "d").replace("Đ", "D").replace("_", " ") + '"'
