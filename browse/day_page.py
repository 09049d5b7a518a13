"""Knows one day as the country's papers printed it: ``/d/<YYYY-MM-DD>``, by province and paper."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import A_PAGE, day_of, page, page_of, reads_archive
from browse.archive import rows
from browse.listing import TOLD, around, asked_paper, first_row, not_found, part_of, told_of, without_number
from browse.pages import slug

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

A_PAPER = 5
"""Headlines of each paper on a day's page."""
OF_THE_DAY = "n.published BETWEEN :day AND :day || 'U' AND n.visibility = 'public'"
"""A day alone is the least, every ``T08:30:00+07:00`` of it less than ``U``."""
COUNTS = """
SELECT p.name AS paper, p.title, p.province, c.published AS articles FROM papers p
CROSS JOIN article_counts c ON c.paper = p.name AND c.span = :day
WHERE c.published > 0 AND :paper IN ('', p.name) ORDER BY p.name
"""
FRONTS = f"""
SELECT {TOLD} FROM papers p CROSS JOIN article_counts c ON c.paper = p.name AND c.span = :day AND c.published > 0
CROSS JOIN articles a ON a.id IN (SELECT n.id FROM articles n WHERE n.paper = p.name AND {OF_THE_DAY}
  ORDER BY n.published DESC, n.id DESC LIMIT {A_PAPER})
ORDER BY p.name, a.published DESC, a.id DESC
"""
"""The newest headlines of each paper's day, by the paper's index."""
OF_A_PAPER = f"""
SELECT n.id FROM articles n WHERE n.paper = :paper AND {OF_THE_DAY}
ORDER BY n.published DESC, n.id DESC LIMIT {A_PAGE + 1} OFFSET :skip
"""
NEAR = """
SELECT span FROM article_counts WHERE paper = :paper AND span {side} :day AND length(span) = 10 AND published > 0
ORDER BY span {order} LIMIT 1
"""
NO_SUCH = "Không có ngày này; xin viết như 2026-11-24. No such day: it is written 2026-11-24."


@hookimpl(specname="register_routes")
def day_routes() -> list[tuple[str, Any]]:
    """Give each day its address."""
    return [(r"^/d/(?P<day>[^/]+?)(?P<format>\.json)?$", day_page)]


@reads_archive
async def day_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with a day of all papers, or of the one that ``?paper=`` names, as a page or as JSON.

    A day of which nothing is held says so. Answers with 404 for what is no day and for a paper there is not.
    """
    day = day_of(part_of(request, "day"))
    if day is None or day.isoformat() != part_of(request, "day"):
        raise not_found(NO_SUCH)
    paper = await asked_paper(request, database)
    told = await _near(database, day, paper["name"] if paper else "")
    if paper:
        told |= await _one_paper(datasette, request, database, told["day"], paper)
    else:
        told |= await _all_papers(database, told["day"])
    if request.url_vars["format"]:
        return Response.json(told)
    asked = f"?paper={paper['name']}" if paper else ""
    provinces = by_province(told.get("papers", []))
    return await page(datasette, request, "day.html", {"day": told, "provinces": provinces, "asked": asked})


def by_province(papers: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return papers by their province, provinces in order of their names without marks."""
    ordered = sorted(papers, key=lambda paper: (slug(paper["province"]), paper["paper"]))
    return [(province, list(those)) for province, those in groupby(ordered, key=lambda paper: str(paper["province"]))]


async def _near(database: Any, day: date, paper: str) -> dict[str, Any]:
    """Return the day, and the nearest days before and after it of which something is held."""
    asked = {"paper": paper, "day": day.isoformat()}
    before = rows(await database.execute(NEAR.format(side="<", order="DESC"), asked))
    after = rows(await database.execute(NEAR.format(side=">", order="ASC"), asked))
    return {
        "day": day.isoformat(),
        "previous": before[0]["span"] if before else None,
        "next": after[0]["span"] if after else None,
    }


async def _all_papers(database: Any, day: str) -> dict[str, Any]:
    papers = rows(await database.execute(COUNTS, {"day": day, "paper": ""}))
    fronts = rows(await database.execute(FRONTS, {"day": day}))
    of_paper = {name: without_number(list(those)) for name, those in groupby(fronts, key=lambda row: row["paper"])}
    told = [paper | {"headlines": of_paper.get(paper["paper"], [])} for paper in papers]
    return {"articles": sum(paper["articles"] for paper in told), "papers": told}


async def _one_paper(datasette: Any, request: Any, database: Any, day: str, paper: dict[str, Any]) -> dict[str, Any]:
    number = page_of(request)
    asked = {"paper": paper["name"], "day": day, "skip": first_row(number)}
    ids = [row["id"] for row in rows(await database.execute(OF_A_PAPER, asked))]
    counted = rows(await database.execute(COUNTS, asked))
    kept, path = {"paper": paper["name"]}, datasette.urls.path(f"/d/{day}")
    return {
        "paper": paper,
        "articles": counted[0]["articles"] if counted else 0,
        "page": number,
        "headlines": without_number(await told_of(database, ids[:A_PAGE])),
        **around(path, kept, number, more=len(ids) > A_PAGE),
    }
