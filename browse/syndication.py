"""Knows who copies whom: ``/syndication``, counted over the newest copies, drawn as a matrix and told in a table."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import page, reads_archive
from browse.archive import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOKED_THROUGH = 20_000
"""The newest copies, by row number, that are counted."""
STRONGEST = 30
"""Pairs of the table."""
DRAWN = 16
"""Papers of the drawing: those that copied and were copied most."""
CELL, LABELS, HEADS, OVERHANG = 30, 190, 160, 95
"""Units of the drawing: a cell, the room of the rows' names, that of the columns', which lean over to the right."""
NAME = 24
"""Characters of a paper's name that are drawn."""
PAIRS = f"""
SELECT f.paper AS first_paper, a.paper AS copied_by, count(*) AS copies, sum(c.kind = 'same-text') AS same_text
FROM (SELECT article_id, first_id, kind FROM copies ORDER BY rowid DESC LIMIT {LOOKED_THROUGH}) c
CROSS JOIN articles a ON a.id = c.article_id CROSS JOIN articles f ON f.id = c.first_id
WHERE a.visibility = 'public' AND f.visibility = 'public' AND a.paper <> f.paper
GROUP BY f.paper, a.paper ORDER BY copies DESC, f.paper, a.paper
"""
PAPERS = "SELECT name, title FROM papers"


@hookimpl(specname="register_routes")
def syndication_routes() -> list[tuple[str, Any]]:
    """Give the papers that copy each other their address."""
    return [(r"^/syndication(?P<format>\.json)?$", syndication_page)]


@reads_archive
async def syndication_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with who copies whom, as a page or as JSON."""
    titles = dict((await database.execute(PAPERS)).rows)
    pairs = rows(await database.execute(PAIRS, truncate=False))
    told = {"looked_through": LOOKED_THROUGH, "copies": sum(pair["copies"] for pair in pairs), "pairs": pairs}
    if request.url_vars["format"]:
        return Response.json(told)
    table = datasette.urls.table(database.name, "syndication")
    strongest = [
        pair
        | {
            "first_title": titles[pair["first_paper"]],
            "copied_title": titles[pair["copied_by"]],
            "href": f"{table}?{urlencode({name: pair[name] for name in ('first_paper', 'copied_by')})}",
        }
        for pair in pairs[:STRONGEST]
    ]
    shown = {"told": told, "strongest": strongest, "drawn": matrix(pairs, titles)}
    return await page(datasette, request, "syndication.html", shown)


def matrix(pairs: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> dict[str, Any]:
    """Return who copies whom as a drawing: a row for who printed first, a column for who copied, a disc for how often.

    A disc's area tells the number of copies. Papers stand in order of how many copies they had a part in.
    """
    parts: Counter[str] = Counter()
    for pair in pairs:
        parts[pair["first_paper"]] += pair["copies"]
        parts[pair["copied_by"]] += pair["copies"]
    names = [name for name, _ in sorted(parts.items(), key=lambda one: (-one[1], one[0]))[:DRAWN]]
    place = {name: n for n, name in enumerate(names)}
    inside = [pair for pair in pairs if pair["first_paper"] in place and pair["copied_by"] in place]
    most = max((pair["copies"] for pair in inside), default=1)
    discs = [
        {
            "x": _middle(LABELS, place[pair["copied_by"]]),
            "y": _middle(HEADS, place[pair["first_paper"]]),
            "r": round(max(1.5, (CELL / 2 - 1) * math.sqrt(pair["copies"] / most)), 1),
            "said": f"{titles[pair['copied_by']]} ← {titles[pair['first_paper']]}: {pair['copies']}",
        }
        for pair in inside
    ]
    papers = [
        {"title": _short(titles[name]), "x": _middle(LABELS, n), "y": _middle(HEADS, n)} for n, name in enumerate(names)
    ]
    side = CELL * len(names)
    sizes = {"left": LABELS, "top": HEADS, "right": LABELS + side, "bottom": HEADS + side, "cell": CELL}
    return {**sizes, "width": LABELS + side + OVERHANG, "papers": papers, "discs": discs, "most": most}


def _middle(start: int, place: int) -> float:
    return start + (place + 0.5) * CELL


def _short(title: str) -> str:
    return title if len(title) <= NAME else f"{title[: NAME - 1].rstrip()}…"
