"""Knows the papers as a whole: how much is held of each, how each fares, and which provinces they are of."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import page, reads_archive
from browse.archive import rows
from browse.health import STATES, states
from browse.moments import VIETNAM
from browse.pages import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

GRID = Path(__file__).with_name("provinces_grid.toml")
LATEST = "SELECT span FROM article_counts WHERE paper = '' AND archived > 0 AND length(span) = 10"
"""Days on which articles came, to be ordered: no page is of a later day, whatever it says."""
PAPERS = f"""
SELECT p.name, p.title, p.province, p.until, p.successor, coalesce(c.archived, 0) AS articles,
  h.state AS told, h.at AS since,
  (SELECT span FROM article_counts n WHERE n.paper = p.name AND length(span) = 10 AND published > 0
    AND span <= ({LATEST} ORDER BY span DESC LIMIT 1) ORDER BY span DESC LIMIT 1) AS newest
FROM papers p LEFT JOIN article_counts c ON c.paper = p.name AND c.span = ''
LEFT JOIN health_changes h ON h.id = (SELECT max(id) FROM health_changes WHERE paper = p.name)
WHERE :paper IN ('', p.name) ORDER BY p.name
"""
"""Each paper with what is held of it, and the latest change of its health that somebody was told."""
WELL = ("ok", "holiday", "quiet", "closed", "unknown", "")


@dataclass(frozen=True, slots=True)
class Tile:
    """A province of today on the map: its place (row 0 where it has none), articles held, and what it was made of."""

    name: str
    row: int
    column: int
    articles: int
    papers: int
    before: tuple[str, ...]


@hookimpl(specname="register_routes")
def press_routes() -> list[tuple[str, Any]]:
    """Give the list of papers its address."""
    return [(r"^/papers(?P<format>\.json)?$", papers_page)]


@reads_archive
async def papers_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with all papers by province, as a page or as JSON."""
    papers = await papers_of(database)
    if request.url_vars["format"]:
        return Response.json({"papers": papers})
    return await page(datasette, request, "papers.html", {"provinces": by_province(papers), "papers": papers})


async def papers_of(database: Any, paper: str = "") -> list[dict[str, Any]]:
    """Return all papers, or the one, with ``articles``, ``newest`` day, and ``state`` in both languages."""
    found = rows(await database.execute(PAPERS, {"paper": paper}))
    today, known = f"{datetime.now(UTC).astimezone(VIETNAM):%Y-%m-%d}", await states(database)
    return [_with_state(one, known.get(one["name"], ""), today) for one in found]


def by_province(papers: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return papers by province, in order of their names without marks."""
    ordered = sorted(papers, key=lambda paper: (slug(paper["province"]), paper["until"] is not None, paper["name"]))
    return [(name, list(those)) for name, those in groupby(ordered, key=lambda paper: str(paper["province"]))]


def tiles(pairs: Sequence[tuple[str, str]], papers: Sequence[Mapping[str, Any]]) -> list[Tile]:
    """Return the provinces of today from north to south; ``pairs``: each former province and the one of today.

    A province that a paper names and the merger does not is there as well.
    """
    names = dict.fromkeys([*(today for _, today in pairs), *(str(paper["province"]) for paper in papers)])
    found = []
    for name in names:
        row, column = grid().get(name, (0, 0))
        theirs = [paper for paper in papers if paper["province"] == name]
        before = tuple(former for former, today in pairs if today == name and former != name)
        found.append(Tile(name, row, column, sum(p["articles"] for p in theirs), len(theirs), before))
    return sorted(found, key=lambda tile: (tile.row == 0, tile.row, tile.column, slug(tile.name)))


@cache
def grid() -> dict[str, tuple[int, int]]:
    """Return the row and column of each province on the map, both from 1."""
    with GRID.open("rb") as file:
        return {name: (row, column) for name, (row, column) in tomllib.load(file).items()}


def closed_by(until: str | None, today: str) -> bool:
    """Say whether a paper whose last day is ``until`` is closed today."""
    return until is not None and until < today


def _with_state(paper: Mapping[str, Any], known: str, today: str) -> dict[str, Any]:
    state = "closed" if closed_by(paper["until"], today) else known
    vi, en = STATES.get(state, ("chưa rõ", "not known"))
    since = paper["since"] if paper["told"] == state else None
    told = {name: value for name, value in paper.items() if name != "told"}
    return {**told, "since": since, "state": state or None, "said": vi, "said_en": en, "is_well": state in WELL}
