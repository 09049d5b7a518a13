"""Knows how an archive is searched: which articles, in what order, and how many there are of each kind.

bm25 costs by hits (shared FINDINGS 5): fewer than `RANKED` are ordered by it, more of them newest first.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from browse.archive import rows
from pipelines.asking import day_from, expression, has_marks
from pipelines.queries import INDEX
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.asking import Asked

EXACT = "articles_exact"
"""The index that keeps marks."""
COUNTED = 20_000
"""Hits that are counted; of more it is said that there are more."""
RANKED = 8_000
"""Articles that say the words and are ordered by how well they answer; more are ordered by time."""
A_PAGE = 20
KINDS = ("paper", "province", "year", "section", "source")
"""What found articles are counted by, and may be narrowed by."""
COLUMNS = "a.id, a.uid, a.title, a.lead, a.paper, p.title AS paper_title, p.province, a.section, a.author, a.source, "
SHOWN = (
    f"SELECT {COLUMNS}a.published, a.gone_at, t.text FROM articles a JOIN papers p ON p.name = a.paper "
    "JOIN article_text t ON t.article_id = a.id WHERE a.id IN (SELECT value FROM json_each(:ids))"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: ``total`` hits (`COUNTED` + 1: more), one page of ids, and hits by kind and value.

    ``apart``: the phrase is nowhere, its words are. ``ranked``: the order is by how well an article answers.
    """

    total: int = 0
    ids: list[int] = field(default_factory=list)
    counts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    apart: bool = False
    ranked: bool = False


async def find(database: Any, asked: Asked, *, page: int, by_date: bool) -> Found:
    """Search the archive for what was asked; pages count from 1."""
    narrowed, values = _narrowed(asked.filters, await _names(database, asked.filters))
    if not asked.groups and not asked.filters:
        return Found()
    words = expression(asked)
    hits = await _hits(database, words, narrowed, values)
    apart = False
    if not hits and asked.plain and len(asked.words) > 1:
        words = expression(asked, apart=True)
        hits = await _hits(database, words, narrowed, values)
        apart = bool(hits)
    ranked = bool(words) and not by_date and await _are_few(database, words)
    order = await _ranked(database, asked, words, hits, apart=apart) if ranked else _newest(hits)
    first = (page - 1) * A_PAGE
    return Found(len(hits), order[first : first + A_PAGE], _counted(hits), apart, ranked)


async def shown(database: Any, ids: list[int]) -> list[dict[str, Any]]:
    """Return the articles of these ids, in their order, with their text."""
    found = {row["id"]: row for row in rows(await database.execute(SHOWN, {"ids": json.dumps(ids)}))}
    return [found[number] for number in ids if number in found]


async def _names(database: Any, filters: dict[str, str]) -> dict[str, list[str]]:
    """Return the papers that a paper or province that was typed may mean: by name, title, province old or new."""
    if not filters.keys() & {"paper", "province"}:
        return {}
    known = await database.execute("SELECT name, title, province, provinces_before FROM papers")
    named = {
        "paper": {row[0]: (row[0], row[1]) for row in known.rows},
        "province": {row[0]: (row[2], *json.loads(row[3])) for row in known.rows},
    }
    return {
        kind: [paper for paper, names in named[kind].items() if any(_means(filters[kind], one) for one in names)]
        for kind in filters.keys() & named.keys()
    }


def _means(typed: str, name: str) -> bool:
    return fold(typed) in (fold(name), fold(name).removeprefix("bao ").strip())


def _narrowed(filters: dict[str, str], meant: dict[str, list[str]]) -> tuple[str, dict[str, Any]]:
    """Return the conditions on ``a`` that the filters come to, and the values they name."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for kind, papers in meant.items():
        conditions.append(f"a.paper IN (SELECT value FROM json_each(:{kind}s))")
        values[f"{kind}s"] = json.dumps(papers)
    for kind in ("section", "source"):
        if kind in filters:
            conditions.append(f"a.{kind} = :{kind} COLLATE NOCASE")
            values[kind] = filters[kind]
    days = {"first": day_from(filters.get("from", "")), "last": day_from(filters.get("to", ""), last=True)}
    if "year" in filters:
        days = {"first": day_from(filters["year"][:4]), "last": day_from(filters["year"][:4], last=True)}
    for name, sign in (("first", ">="), ("last", "<=")):
        if days[name]:
            conditions.append(f"a.published_date {sign} :{name}")
            values[name] = days[name]
    return "".join(f" AND {one}" for one in conditions), values


async def _hits(database: Any, words: str, narrowed: str, values: dict[str, Any]) -> list[Any]:
    source = f"{INDEX} f CROSS JOIN articles a ON a.id = f.rowid" if words else "articles a"
    where = f"{INDEX} MATCH :words" if words else "a.visibility = 'public'"
    order = "f.rowid DESC" if words else "a.published DESC"
    sql = (
        "SELECT a.id, a.published, a.paper, p.province, substr(a.published_date, 1, 4) AS year, a.section, a.source "
        f"FROM {source} JOIN papers p ON p.name = a.paper WHERE {where}{narrowed} ORDER BY {order} "
        f"LIMIT {COUNTED + 1}"
    )
    found = await database.execute(sql, {"words": words, **values})
    return list(found.rows)


async def _are_few(database: Any, words: str) -> bool:
    """Say whether few enough articles of the archive say the words to be ordered by how well; filters cut no cost."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT {RANKED + 1})"
    return int((await database.execute(sql, [words])).single_value()) <= RANKED


def _newest(hits: Iterable[Any]) -> list[int]:
    return [row[0] for row in sorted(hits, key=lambda row: (row[1] or "", row[0]), reverse=True)]


async def _ranked(database: Any, asked: Asked, words: str, hits: list[Any], *, apart: bool) -> list[int]:
    """Return the hits, the best first: a word in the title counts ten times one in the text, the lead four times."""
    held = {row[0] for row in hits}
    best = f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH ? ORDER BY bm25({INDEX}, 10, 4, 2, 1), rowid DESC"
    order = [row[0] for row in await _all(database, best, words) if row[0] in held]
    if not has_marks(asked.words):
        return order
    exact = f"SELECT rowid FROM {EXACT} WHERE {EXACT} MATCH ?"
    as_typed = {row[0] for row in await _all(database, exact, expression(asked, exact=True, apart=apart))}
    return sorted(order, key=lambda number: number not in as_typed)


async def _all(database: Any, sql: str, words: str) -> list[Any]:
    found = await database.execute(sql, [words])
    return list(found.rows)


def _counted(hits: list[Any]) -> dict[str, list[tuple[str, int]]]:
    """Count the hits by what they may be narrowed by, the most first."""
    places = {"paper": 2, "province": 3, "year": 4, "section": 5, "source": 6}
    return {kind: Counter(row[places[kind]] for row in hits if row[places[kind]]).most_common(12) for kind in KINDS}
