"""Knows how an archive is searched: which articles, in what order, and how many there are of each kind."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from browse.archive import rows
from browse.index import said
from browse.ranking import RANKED, ranked
from pipelines.asking import day_from, expression, unclear
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.asking import Asked

COUNTED = 5_000
"""Hits that are counted; of more it is said that there are more."""
LOOKED = 40_000
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
    """Search the archive for what was asked; pages of ``size`` articles count from 1. A day that is none finds none."""
    if unclear(asked.filters) or not (asked.groups or asked.filters):
        return Found()
    conditions, values = _narrowed(asked.filters, await _names(database, asked.filters))
    words = expression(asked)
    looked, hits = await _hits(database, words, conditions, values)
    apart = False
    if not hits and asked.plain and len(asked.words) > 1:
        words = expression(asked, apart=True)
        looked, hits = await _hits(database, words, conditions, values)
        apart = bool(hits)
    order = None
    if words and not by_date and looked <= RANKED:
        order = await ranked(database, asked, [row[0] for row in hits], apart=apart)
    return Found(
        total=len(hits),
        ids=(order or _newest(hits))[(page - 1) * size : page * size],
        counts=await _counted(database, hits),
        apart=apart,
        ranked=order is not None,
        days=Counter(row[1][:10] for row in hits if row[1]),
        newest_only=looked == LOOKED and len(hits) <= COUNTED,
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
        days = {"first": day_from(filters["year"]), "last": day_from(filters["year"], last=True)}
    # Of the time, not the day, so that the order by time and the bounds go by one index.
    for name, condition in (("first", "a.published >= :first"), ("last", "a.published < :last || '~'")):
        if days[name]:
            conditions[name] = condition
            values[name] = days[name]
    return conditions, values


LED_TO = ("paper", "province", "first", "last", "author")
"""Filters that an index leads to where no words are asked for."""
FACTS = (
    "SELECT a.id, a.published, a.paper, a.section, a.source, a.author FROM {looked} CROSS JOIN articles a "
    f"INDEXED BY articles_narrowed ON a.id = f.value WHERE a.visibility = 'public'{{where}} LIMIT {COUNTED + 1}"
)


async def _hits(
    database: Any, words: str, conditions: dict[str, str], values: dict[str, Any]
) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many articles were looked at, and the public ones that pass the filters, `COUNTED` + 1 at most.

    The newest are looked at first, and no more than it takes: without filters as many as are counted, else `LOOKED`.
    """
    if words:
        ids = await said(database, words, LOOKED if conditions else COUNTED + 1)
    else:
        ids = [row[0] for row in (await database.execute(_led(conditions), values)).rows]
    where = "".join(f" AND {condition}" for kind, condition in conditions.items() if words or kind not in LED_TO)
    half = len(ids) // 2 if where else len(ids)
    sql = FACTS.format(looked="json_each(:ids) f", where=where)
    parts = [part for part in (ids[:half], ids[half:]) if part]
    found = await asyncio.gather(*(database.execute(sql, {"ids": json.dumps(part), **values}) for part in parts))
    return len(ids), [tuple(row) for part in found for row in part.rows][: COUNTED + 1]


def _led(conditions: dict[str, str]) -> str:
    """Return the query of the newest articles that an index leads to, where no words are asked for."""
    led = "".join(f" AND {conditions[kind]}" for kind in LED_TO if kind in conditions)
    most = LOOKED if conditions.keys() - set(LED_TO) else COUNTED + 1
    return f"SELECT a.id FROM articles a WHERE a.visibility = 'public'{led} ORDER BY a.published DESC LIMIT {most}"


def _newest(hits: Iterable[Sequence[Any]]) -> list[int]:
    return [row[0] for row in sorted(hits, key=lambda row: (row[1] or "", row[0]), reverse=True)]


async def _counted(database: Any, hits: Sequence[Sequence[Any]]) -> dict[str, list[tuple[str, int]]]:
    """Count the hits by what they may be narrowed by, the most first; a byline of several names counts for each."""
    provinces = dict((await database.execute("SELECT name, province FROM papers")).rows)
    papers, sections, sources, bylines = (Counter(row[place] for row in hits if row[place]) for place in (2, 3, 4, 5))
    counted = {"paper": papers, "section": sections, "source": sources}
    counted["year"] = Counter(row[1][:4] for row in hits if row[1])
    counted["province"] = _summed((provinces[paper], many) for paper, many in papers.items())
    names = ((name.strip(), many) for byline, many in bylines.items() for name in set(byline.split(",")))
    counted["author"] = _summed(names)
    return {kind: counted[kind].most_common(12) for kind in KINDS}


def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    """Add up the numbers of each name."""
    summed: Counter[str] = Counter()
    for name, many in pairs:
        summed[name] += many
    return summed
