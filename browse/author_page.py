"""Knows who signed: ``/author/<name>``, the articles under a name as bylines print it, its papers and years."""

from __future__ import annotations

from collections import Counter
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import A_PAGE, page, page_of, reads_archive
from browse.archive import rows
from browse.listing import around, first_row, not_found, part_of, told_of, without_number
from browse.pages import in_path

LOOKED_THROUGH = 5_000
"""Articles of a name, the newest by row number, that its page tells of."""
SIGNED = f"""
SELECT a.id, a.paper, a.published FROM authors x CROSS JOIN articles a ON a.id = x.article_id
WHERE x.author = :name AND a.visibility = 'public' ORDER BY x.rowid DESC LIMIT {LOOKED_THROUGH + 1}
"""
PAPERS = "SELECT name, title FROM papers"
NO_SUCH = "Không có bài nào ký tên này. No article is signed by this name."


@hookimpl(specname="register_routes")
def author_routes() -> list[tuple[str, Any]]:
    """Give each name of a byline its address."""
    return [(r"^/author/(?P<name>[^/]+?)(?P<format>\.json)?$", author_page)]


@reads_archive
async def author_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the articles under a name, as a page or as JSON. Answers with 404 where no public one is."""
    name, number = part_of(request, "name"), page_of(request)
    found = rows(await database.execute(SIGNED, {"name": name}, truncate=False))
    if not found:
        raise not_found(NO_SUCH)
    shown = sorted(found[:LOOKED_THROUGH], key=lambda row: (row["published"] or "", row["id"]), reverse=True)
    skip = first_row(number)
    titles = dict((await database.execute(PAPERS)).rows)
    papers = Counter(row["paper"] for row in shown).most_common()
    years = Counter(row["published"][:4] for row in shown if row["published"])
    articles = await told_of(database, [row["id"] for row in shown[skip : skip + A_PAGE]])
    told = {
        "author": name,
        "count": len(shown),
        "more": len(found) > LOOKED_THROUGH,
        "papers": [{"paper": one, "title": titles.get(one, one), "articles": count} for one, count in papers],
        "years": [{"year": year, "articles": years[year]} for year in sorted(years)],
        "page": number,
        "articles": without_number(articles),
        **around(datasette.urls.path(f"/author/{in_path(name)}"), {}, number, more=len(shown) > skip + A_PAGE),
    }
    if request.url_vars["format"]:
        return Response.json(told)
    return await page(datasette, request, "author.html", {"told": told, "most": LOOKED_THROUGH})
