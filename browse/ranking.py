"""Knows the order of what a search found: how well each article answers, what is written as typed before the rest.

bm25 looks for the words twice again (shared FINDINGS 5). Where they are rare that is nothing, and a few hits of common
words are weighed by their own texts; many hits of common words are ordered by time.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from browse.index import are_rare
from browse.words import WORD, bare
from pipelines.asking import expression, has_marks, spellings
from pipelines.queries import INDEX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.asking import Asked

EXACT = "articles_exact"
"""The index that keeps marks."""
RANKED = 5_000
"""Articles that say the words and are ordered by how well they answer, at most: no more than are counted."""
WEIGHED = 100
"""Hits of common words that are weighed by their texts, at most."""
WEIGHTS = {"title": 10, "lead": 4, "author": 2, "text": 1}
"""What a word counts where it stands: in the title ten times as much as in the text."""
USUAL = 600
"""Syllables of a usual text."""
BEST = f"""
SELECT json_group_array(rowid) FROM (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH ?
  ORDER BY bm25({INDEX}, {", ".join(map(str, WEIGHTS.values()))}), rowid DESC)
"""
AS_TYPED = f"SELECT json_group_array(rowid) FROM {EXACT} WHERE {EXACT} MATCH ?"
TEXTS = """
SELECT a.id, a.title, coalesce(a.lead, ''), coalesce(a.author, ''), t.text FROM articles a
JOIN article_text t ON t.article_id = a.id WHERE a.id IN (SELECT value FROM json_each(?))
"""


async def ranked(database: Any, asked: Asked, hits: Sequence[int], *, apart: bool) -> list[int] | None:
    """Return the hits, the best first; None where that would take too long, and they are best ordered by time."""
    if await are_rare(database, asked, apart=apart):
        return await _by_index(database, asked, hits, apart=apart)
    return await _by_text(database, asked, hits, apart=apart) if len(hits) <= WEIGHED else None


async def _by_index(database: Any, asked: Asked, hits: Sequence[int], *, apart: bool) -> list[int]:
    held = set(hits)
    looks = [_ids(database, BEST, expression(asked, apart=apart))]
    if has_marks(asked.words):
        looks.append(_ids(database, AS_TYPED, expression(asked, exact=True, apart=apart)))
    order, *exact = await asyncio.gather(*looks)
    as_typed = set(exact[0] if exact else [])
    return sorted((number for number in order if number in held), key=lambda number: number not in as_typed)


async def _ids(database: Any, sql: str, words: str) -> list[int]:
    return list(json.loads((await database.execute(sql, [words])).single_value()))


async def _by_text(database: Any, asked: Asked, hits: Sequence[int], *, apart: bool) -> list[int]:
    """Weigh the hits as bm25 does: by how often their columns say the phrases, for the length of their texts."""
    terms = [term.words for group in asked.groups for term in group if not term.negated]
    phrases = [
        " ".join(words).replace("_", " ").lower() for words in ([[word] for word in asked.words] if apart else terms)
    ]
    folded = [" ".join(map(bare, phrase.split())) for phrase in phrases]
    typed = [one for phrase in phrases for one in spellings(phrase)] if has_marks(asked.words) else []
    found = await database.execute(TEXTS, [json.dumps(hits)])
    weighed = []
    for number, *columns in found.rows:
        words = [WORD.findall(column.lower()) for column in columns]
        often = _times([list(map(bare, column)) for column in words], folded)
        weight = often / (often + 1.2 * (0.25 + len(words[-1]) / USUAL))
        weighed.append((_times(words, typed) > 0, weight, number))
    return [number for *_, number in sorted(weighed, reverse=True)]


def _times(columns: Sequence[Sequence[str]], phrases: Sequence[str]) -> float:
    """Return how often columns say phrases, each time by the column's weight."""
    lines = [f" {' '.join(column)} " for column in columns]
    counts = (sum(line.count(f" {phrase} ") for phrase in phrases) for line in lines)
    return sum(weight * many for weight, many in zip(WEIGHTS.values(), counts, strict=True))
