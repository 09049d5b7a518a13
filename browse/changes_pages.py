"""Knows what newsrooms did to their articles later: ``/changed`` lists edits, ``/gone`` what was withdrawn."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import A_PAGE, page, page_of, reads_archive
from browse.archive import rows
from browse.listing import around, asked_paper, first_row

LOOKED_THROUGH = 5_000
"""The newest edits, or withdrawals, that are looked through for one paper's."""
OF_ONE = f"SELECT * FROM ({{newest}} LIMIT {LOOKED_THROUGH})"
EDITS = """
SELECT id, article_id, seen_at FROM revisions WHERE kind = 'edit' ORDER BY seen_at DESC, id DESC
"""
CHANGED = f"""
SELECT r.id, r.article_id, r.seen_at, a.uid, a.paper FROM ({{newest}}) r CROSS JOIN articles a ON a.id = r.article_id
WHERE a.visibility = 'public' AND :paper IN ('', a.paper)
ORDER BY r.seen_at DESC, r.id DESC LIMIT {A_PAGE + 1} OFFSET :skip
"""
COMPARED = f"""
SELECT e.uid, e.paper, p.title AS paper_title, e.seen_at AS changed_at, b.title AS title_before, r.title,
  r.title IS NOT b.title AS title_changed, r.lead IS NOT b.lead AS lead_changed,
  r.text_sha256 IS NOT b.text_sha256 AS text_changed,
  (SELECT count(*) FROM revisions n WHERE n.article_id = e.article_id AND n.seen_at <= b.seen_at) AS "from",
  (SELECT count(*) FROM revisions n WHERE n.article_id = e.article_id AND n.seen_at <= e.seen_at) AS "to"
FROM ({CHANGED}) e JOIN revisions r ON r.id = e.id JOIN papers p ON p.name = e.paper
LEFT JOIN revisions b ON b.id = (SELECT n.id FROM revisions n WHERE n.article_id = e.article_id
  AND n.seen_at < e.seen_at AND n.kind IN ('first', 'edit', 'meta') ORDER BY n.seen_at DESC LIMIT 1)
ORDER BY e.seen_at DESC, e.id DESC
"""
"""Each edit beside what its newsroom showed before; ``from`` and ``to`` number the two versions as differences do."""
WITHDRAWN = "SELECT id, gone_at FROM articles WHERE gone_at IS NOT NULL ORDER BY gone_at DESC, id DESC"
GONE = f"""
SELECT a.uid, a.paper, p.title AS paper_title, a.section, a.title, a.published, a.gone_at, a.first_seen, a.last_seen
FROM ({{newest}}) g CROSS JOIN articles a ON a.id = g.id JOIN papers p ON p.name = a.paper
WHERE a.visibility = 'public' AND :paper IN ('', a.paper)
ORDER BY g.gone_at DESC, g.id DESC LIMIT {A_PAGE + 1} OFFSET :skip
"""


@hookimpl(specname="register_routes")
def changes_routes() -> list[tuple[str, Any]]:
    """Give the lists of edits and of withdrawn articles their addresses."""
    return [(r"^/changed(?P<format>\.json)?$", changed_page), (r"^/gone(?P<format>\.json)?$", gone_page)]


@reads_archive
async def changed_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the newest edits, as a page or as JSON. Answers with 404 for a paper there is not."""
    return await _listed(datasette, request, database, "/changed", (COMPARED, EDITS))


@reads_archive
async def gone_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with what was withdrawn last, as a page or as JSON. Answers with 404 for a paper there is not."""
    return await _listed(datasette, request, database, "/gone", (GONE, WITHDRAWN))


async def _listed(datasette: Any, request: Any, database: Any, path: str, asked: tuple[str, str]) -> Any:
    sql, newest = asked
    paper, number = await asked_paper(request, database), page_of(request)
    name = paper["name"] if paper else ""
    filled = sql.format(newest=OF_ONE.format(newest=newest) if paper else newest)
    found = rows(await database.execute(filled, {"paper": name, "skip": first_row(number)}))
    kept = {"paper": name} if paper else {}
    told = {
        "paper": paper,
        "page": number,
        "articles": found[:A_PAGE],
        **around(datasette.urls.path(path), kept, number, more=len(found) > A_PAGE),
    }
    if request.url_vars["format"]:
        return Response.json(told)
    return await page(datasette, request, f"{path[1:]}.html", {"told": told, "most": LOOKED_THROUGH})
