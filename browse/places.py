"""Knows provinces, those of today and the former ones: ``/province/<slug>``, its papers, years and newest articles.

The provinces were merged on 2025-07-01; each former one has a page of its own, which leads to the one it is part of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import A_PAGE, page, reads_archive
from browse.archive import rows
from browse.listing import not_found, part_of, told_of, without_number
from browse.pages import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PROVINCES = "SELECT before, today FROM provinces ORDER BY before"
PAPERS = """
SELECT p.name, p.title, p.province, p.provinces_before, p.until, p.successor,
  (SELECT title FROM papers WHERE name = p.successor) AS successor_title, coalesce(c.archived, 0) AS articles
FROM papers p LEFT JOIN article_counts c ON c.paper = p.name AND c.span = '' ORDER BY p.until IS NOT NULL, p.name
"""
NEWEST = f"""
SELECT a.id FROM papers p CROSS JOIN articles a ON a.id IN (SELECT n.id FROM articles n WHERE n.paper = p.name
  AND n.visibility = 'public' ORDER BY n.published DESC, n.id DESC LIMIT {A_PAGE})
WHERE p.name IN (SELECT value FROM json_each(:papers)) ORDER BY a.published DESC, a.id DESC LIMIT {A_PAGE}
"""
"""The newest articles of several papers: the newest of each, by its index, and of those the newest."""
YEARS = """
SELECT substr(span, 1, 4) AS year, sum(published) AS articles FROM article_counts
WHERE paper IN (SELECT value FROM json_each(:papers)) AND length(span) = 7 AND published > 0 GROUP BY 1 ORDER BY 1
"""
NO_SUCH = "Không có tỉnh này. No such province."


@dataclass(frozen=True, slots=True)
class Province:
    """A province: its name, the province of today that it is (part of), and which former ones that was made of."""

    name: str
    today: str
    made_of: tuple[str, ...]

    @property
    def is_former(self) -> bool:
        """Say whether it is no more."""
        return self.name != self.today


@hookimpl(specname="register_routes")
def province_routes() -> list[tuple[str, Any]]:
    """Give each province of today, and each former one, its page."""
    return [(r"^/province/(?P<slug>[^/]+?)(?P<format>\.json)?$", province_page)]


@reads_archive
async def province_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with a province as a page or as JSON; a name written otherwise leads to its address.

    Answers with 404 for a province that there never was.
    """
    asked, form = part_of(request, "slug"), request.url_vars["format"]
    named = await named_by(database, asked)
    if named is None:
        raise not_found(NO_SUCH)
    province, papers = named
    if asked != slug(province.name):
        return Response.redirect(datasette.urls.path(f"/province/{slug(province.name)}{form or ''}"))
    told = await _told(database, province, papers)
    if form:
        return Response.json(told | {"articles": without_number(told["articles"])})
    return await page(datasette, request, "province.html", {"province": told})


async def named_by(database: Any, asked: str) -> tuple[Province, list[dict[str, Any]]] | None:
    """Return the province that was asked for by its name or slug, and its papers; None for one there never was.

    A former province of which no paper is known has those of the province that it is part of.
    """
    held = rows(await database.execute(PAPERS))
    papers = [paper | {"provinces_before": json.loads(paper["provinces_before"])} for paper in held]
    pairs = [(str(row["before"]), str(row["today"])) for row in rows(await database.execute(PROVINCES))]
    province = province_of(slug(asked), pairs, [paper["province"] for paper in papers])
    if province is None:
        return None
    own = [paper for paper in papers if is_of(paper, province)]
    return province, own or [paper for paper in papers if paper["province"] == province.today]


def province_of(asked: str, pairs: Iterable[tuple[str, str]], others: Iterable[str] = ()) -> Province | None:
    """Return the province that a slug names: one of today before a former one of the same name; None for no province.

    ``pairs``: the name of each former province and of the one of today; ``others``: further names of today.
    """
    pairs = list(pairs)
    for name in dict.fromkeys([*(today for _, today in pairs), *others]):
        if slug(name) == asked:
            return Province(name, name, tuple(before for before, today in pairs if today == name))
    return next((Province(before, today, ()) for before, today in pairs if slug(before) == asked), None)


def is_of(paper: Mapping[str, Any], province: Province) -> bool:
    """Say whether a paper is one of a province: of a former one if it was printed there before the merger."""
    return province.name in paper["provinces_before"] if province.is_former else paper["province"] == province.name


async def _told(database: Any, province: Province, papers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is said of a province: its papers with their articles held, years, and newest articles."""
    names = json.dumps([paper["name"] for paper in papers if paper["articles"]])
    newest = [row["id"] for row in rows(await database.execute(NEWEST, {"papers": names}))]
    return {
        "province": province.name,
        "slug": slug(province.name),
        "today": province.today,
        "is_former": province.is_former,
        "made_of": list(province.made_of),
        "papers": papers,
        "years": rows(await database.execute(YEARS, {"papers": names})),
        "articles": await told_of(database, newest),
    }
