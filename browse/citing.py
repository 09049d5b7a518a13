"""Knows how an article is cited by readers and by their programs: ``/a/<uid>/cite.bib``, ``/a/<uid>/cite.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.archive import rows
from browse.uids import NO_SUCH, UID, of_article
from pipelines.bibliography import bibtex, csl
from pipelines.citation import Cited, citation

if TYPE_CHECKING:
    from collections.abc import Mapping

CITED = """
SELECT a.uid, a.title, p.title AS paper_title, a.url, a.author, a.source, a.published, a.content_sha256, a.section,
  a.language, c.fetched_at AS captured_at, c.payload_digest
FROM articles a JOIN papers p ON p.name = a.paper LEFT JOIN captures c ON c.id = a.capture_id AND c.article_id = a.id
WHERE a.id = :id AND a.visibility = 'public'
"""
AUTHORS = "SELECT author FROM authors WHERE article_id = :id ORDER BY rowid"
BIBTEX = "application/x-bibtex; charset=utf-8"
CSL = "application/vnd.citationstyles.csl+json; charset=utf-8"


@hookimpl(specname="register_routes")
def cite_routes() -> list[tuple[str, Any]]:
    """Give an article's reference, for programs, its addresses."""
    return [(rf"^/a/{UID}(?P<rest>/cite\.(?P<form>bib|json))$", reference)]


@of_article
async def reference(_datasette: Any, request: Any, database: Any, article: dict[str, Any]) -> Any:
    """Answer with a BibTeX entry, or with CSL-JSON. Raises NotFound for an article that went in this moment."""
    row = next(iter(rows(await database.execute(CITED, {"id": article["id"]}))), None)
    if row is None:
        raise NotFound(NO_SUCH)
    cited = Cited.of(row)
    names = [name for (name,) in (await database.execute(AUTHORS, {"id": article["id"]})).rows]
    if request.url_vars["form"] == "bib":
        named = {"content-disposition": f'attachment; filename="{article["uid"]}.bib"'}
        return Response(bibtex(cited, names, row["language"]), headers=named, content_type=BIBTEX)
    items = csl(cited, names, row["section"], row["language"])
    return Response(json.dumps(items, ensure_ascii=False, indent=2), content_type=CSL)


def citations(article: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines by which an article, with its ``capture``, is cited, by language."""
    capture = article["capture"] or {}
    proof = {"captured_at": capture.get("fetched_at"), "payload_digest": capture.get("payload_digest")}
    cited = Cited.of(dict(article) | proof)
    return {"vi": citation(cited, "vi"), "en": citation(cited, "en")}
