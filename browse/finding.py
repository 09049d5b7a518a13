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
LOOKED = 100_000
"""The newest articles that are looked through for what passes the filters, where no index leads to it."""
A_PAGE = 20
KINDS = ("paper", "province", "year", "section", "source", "author")
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
    ``days``: hits by the day they are of. ``newest_only``: the filters were held against the newest `LOOKED` articles
    only, of more that say the words.
    """

    total: int = 0
    ids: list[int] = field(default_factory=list)
    counts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    apart: bool = False
    ranked: bool = False
    days: Counter[str] = field(default_factory=Counter)
    newest_only: bool = False


async def find(database: Any, asked: Asked, *, page: int, by_date: bool, size: int = A_PAGE) -> Found:
    """Search the archive for what was asked; pages of ``size`` articles count from 1."""
    conditions, values = _narrowed(asked.filters, await _names(database, asked.filters))
    if not asked.groups and not asked.filters:
        return Found()
    words = expression(asked)
    hits = await _hits(database, words, conditions, values)
    apart = False
    if not hits and asked.plain and len(asked.words) > 1:
        words = expression(asked, apart=True)
        hits = await _hits(database, words, conditions, values)
        apart = bool(hits)
    ranked = bool(words) and not by_date and not await _are_more(database, words, RANKED)
    order = await _ranked(database, asked, words, hits, apart=apart) if ranked else _newest(hits)
    return Found(
        total=len(hits),
        ids=order[(page - 1) * size : page * size],
        counts=_counted(hits),
        apart=apart,
        ranked=ranked,
        days=Counter(row[1][:10] for row in hits if row[1]),
        newest_only=await _is_cut(database, words, conditions, values, len(hits)),
    )


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


def _narrowed(filters: dict[str, str], meant: dict[str, list[str]]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the conditions on ``a`` that the filters come to, by what they are of, and the values they name."""
    conditions: dict[str, str] = {}
    values: dict[str, Any] = {}
    for kind, papers in meant.items():
        conditions[kind] = f"a.paper IN (SELECT value FROM json_each(:{kind}s))"
        values[f"{kind}s"] = json.dumps(papers)
    for kind in ("section", "source"):
        if kind in filters:
            conditions[kind] = f"a.{kind} = :{kind} COLLATE NOCASE"
            values[kind] = filters[kind]
    if "author" in filters:
        conditions["author"] = "a.id IN (SELECT article_id FROM authors WHERE author = :author)"
        values["author"] = filters["author"]
    days = {"first": day_from(filters.get("from", "")), "last": day_from(filters.get("to", ""), last=True)}
    if "year" in filters:
        days = {"first": day_from(filters["year"][:4]), "last": day_from(filters["year"][:4], last=True)}
    # Of the time, not the day, so that the order by time and the bounds go by one index.
    for name, condition in (("first", "a.published >= :first"), ("last", "a.published < :last || '~'")):
        if days[name]:
            conditions[name] = condition
            values[name] = days[name]
    return conditions, values


LED_TO = ("paper", "province", "first", "last", "author")
"""Filters that an index leads to where no words are asked for."""


async def _hits(database: Any, words: str, conditions: dict[str, str], values: dict[str, Any]) -> list[Any]:
    """Return the newest public articles that say the words and pass the filters, `COUNTED` + 1 at most.

    They come in the order in which they are looked through, and no more are looked at than it takes: to order them
    again would be to read all.
    """
    where = "".join(f" AND {condition}" for kind, condition in conditions.items() if words or kind not in LED_TO)
    sql = (
        "SELECT a.id, a.published, a.paper, p.province, substr(a.published_date, 1, 4) AS year, a.section, a.source, "
        f"a.author FROM ({_looked_through(words, conditions)}) f CROSS JOIN articles a ON a.id = f.rowid "
        f"JOIN papers p ON p.name = a.paper WHERE a.visibility = 'public'{where} LIMIT {COUNTED + 1}"
    )
    found = await database.execute(sql, {"words": words, **values})
    return list(found.rows)


def _looked_through(words: str, conditions: dict[str, str]) -> str:
    """Return the query of the ``rowid`` of articles that the filters are held against, the newest first."""
    if words:
        return f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH :words ORDER BY rowid DESC LIMIT {LOOKED}"
    led = "".join(f" AND {conditions[kind]}" for kind in LED_TO if kind in conditions)
    return (
        f"SELECT a.id AS rowid FROM articles a WHERE a.visibility = 'public'{led} ORDER BY a.published DESC "
        f"LIMIT {LOOKED}"
    )


async def _is_cut(database: Any, words: str, conditions: dict[str, str], values: dict[str, Any], hits: int) -> bool:
    """Say whether there are articles that the filters were not held against, and that might be hits."""
    if hits > COUNTED or not (conditions if words else conditions.keys() - set(LED_TO)):
        return False
    if words:
        return await _are_more(database, words, LOOKED)
    sql = f"SELECT count(*) FROM ({_looked_through(words, conditions)})"
    return int((await database.execute(sql, values)).single_value()) == LOOKED


async def _are_more(database: Any, words: str, most: int) -> bool:
    """Say whether more than ``most`` articles of the archive say the words; filters cut no cost."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT {most + 1})"
    return int((await database.execute(sql, [words])).single_value()) > most


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
    """Count the hits by what they may be narrowed by, the most first; a byline of several names counts for each."""
    places = {"paper": 2, "province": 3, "year": 4, "section": 5, "source": 6}
    counted = {kind: Counter(row[place] for row in hits if row[place]) for kind, place in places.items()}
    counted["author"] = Counter(name.strip() for row in hits if row[7] for name in set(row[7].split(",")))
    return {kind: counted[kind].most_common(12) for kind in KINDS}
