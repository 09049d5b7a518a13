"""Knows one article as a reader and a citing archivist need it: ``/a/<uid>`` and ``/a/<uid>.json``."""

from __future__ import annotations

import json
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.archive import first_archive, rows
from browse.images import IMAGE, image_file, told
from browse.versions import compared
from pipelines.citation import Cited, citation

ARTICLE = """
SELECT a.id, a.uid, a.paper, p.title AS paper_title, p.province, a.section, a.title, a.lead, t.text, a.author,
  a.source, a.byline_printed, a.published, a.published_precision, a.modified, a.language, a.url, a.words,
  a.revisions, a.first_seen, a.last_seen, a.gone_at, a.content_sha256, a.text_sha256, a.template, a.extractor,
  a.provenance, a.capture_id
FROM articles a JOIN article_text t ON t.article_id = a.id JOIN papers p ON p.name = a.paper
WHERE a.visibility = 'public' AND (a.uid = :uid OR a.id =
  (SELECT article_id FROM aliases WHERE kind = 'uid' AND url_key = :uid))
"""
TAKEN_DOWN = """
SELECT t.uid, t.paper, coalesce(p.title, t.paper) AS paper_title, t.at AS taken_down_at,
  t.state IN ('erasing', 'erased') AS erased FROM takedowns t LEFT JOIN papers p ON p.name = t.paper
WHERE t.state <> 'undone' AND t.uid IN (:uid, (SELECT uid FROM takedown_marks WHERE kind = 'uid' AND value = :uid),
  (SELECT a.uid FROM aliases x JOIN articles a ON a.id = x.article_id WHERE x.kind = 'uid' AND x.url_key = :uid))
LIMIT 1
"""
"""What strangers are told of an article that was taken down: not why, nor its address, which may hold its title."""
PARTS = {
    "tags": "SELECT tag FROM tags WHERE article_id = :id ORDER BY rowid",
    "images": (
        "SELECT i.url, i.caption, i.credit, i.payload_digest, i.bytes, c.headers FROM images i "
        "LEFT JOIN captures c ON c.id = i.capture_id WHERE i.article_id = :id ORDER BY i.position"
    ),
    "aliases": "SELECT url, kind, first_seen FROM aliases WHERE article_id = :id ORDER BY first_seen",
    "versions": (
        "SELECT kind, seen_at, title, lead, text, facts, iif(kind = 'correction', (SELECT reason FROM corrections "
        "WHERE made_at <= seen_at AND uid IN (SELECT :uid UNION ALL SELECT url_key FROM aliases WHERE article_id = :id "
        "AND kind = 'uid') ORDER BY made_at DESC LIMIT 1), NULL) AS reason "
        "FROM revision_texts WHERE article_id = :id ORDER BY seen_at"
    ),
    "captures": (
        "SELECT id, url, fetched_at, status, record, warc_file, warc_offset, warc_length, payload_digest "
        "FROM captures WHERE article_id = :id ORDER BY id = "
        "(SELECT capture_id FROM articles WHERE id = :id) DESC, fetched_at DESC LIMIT 20"
    ),
    "copied_from": (
        "SELECT s.first_uid AS uid, p.title AS paper, a.title, s.first_published AS published FROM syndication s "
        "JOIN articles a ON a.uid = s.first_uid JOIN papers p ON p.name = s.first_paper WHERE s.uid = :uid"
    ),
    "copied_by": (
        "SELECT s.uid, p.title AS paper, s.title, s.published FROM syndication s "
        "JOIN papers p ON p.name = s.copied_by WHERE s.first_uid = :uid ORDER BY s.published"
    ),
}


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """Give each article its permanent page, and each captured picture an address."""
    return [
        (r"^/a/(?P<uid>[\w-]+)(?P<format>\.json)?$", article_page),
        (rf"^{IMAGE}(?P<digest>[0-9a-f]{{64}})$", image_file),
    ]


async def article_page(datasette: Any, request: Any) -> Any:
    """Answer with the article as a page or as JSON; with 410 for one that was taken down.

    Raises NotFound for one that is private or not held.
    """
    await datasette.ensure_permissions(request.actor, ["view-instance"])
    database = first_archive(datasette)
    article = await read_article(database, request.url_vars["uid"]) if database else None
    if database and article is None and (taken := await read_takedown(database, request.url_vars["uid"])):
        return await _taken_down(datasette, request, taken, database.name)
    if database is None or article is None:
        raise NotFound("Không có bài này. No such article.")
    if request.url_vars["format"]:
        return Response.json(article)
    if article["uid"] != request.url_vars["uid"]:
        return Response.redirect(datasette.urls.path(f"/a/{article['uid']}"))
    page = await datasette.render_template("article.html", {"article": article, "database": database.name}, request)
    return Response.html(page)


async def read_takedown(database: Any, uid: str) -> dict[str, Any] | None:
    """Return what may be told of an article that was taken down, or None."""
    found = rows(await database.execute(TAKEN_DOWN, {"uid": uid}))
    return found[0] | {"erased": bool(found[0]["erased"])} if found else None


async def _taken_down(datasette: Any, request: Any, taken: dict[str, Any], database: str) -> Any:
    """Say that an article was held and is not shown any more (HTTP 410)."""
    if request.url_vars["format"]:
        return Response.json(taken, status=410)
    page = await datasette.render_template("taken_down.html", {"taken": taken, "database": database}, request)
    return Response.html(page, status=410)


async def read_article(database: Any, uid: str) -> dict[str, Any] | None:
    """Return the public article of this permanent id, or of one that became it, with all its parts."""
    found = rows(await database.execute(ARTICLE, {"uid": uid}))
    if not found:
        return None
    article = found[0]
    for name, sql in PARTS.items():
        article[name] = rows(await database.execute(sql, {"id": article["id"], "uid": article["uid"]}))
    article["images"] = [told(image) for image in article["images"]]
    article["tags"] = [row["tag"] for row in article["tags"]]
    article["provenance"] = json.loads(article["provenance"])
    article["versions"] = compared(article["versions"])
    article["capture"] = next((c for c in article["captures"] if c["id"] == article["capture_id"]), None)
    return article | {"citation": _citation(article)}


def _citation(article: dict[str, Any]) -> dict[str, str]:
    """Return how the article is cited, by language."""
    capture = article["capture"] or {}
    proof = {"captured_at": capture.get("fetched_at"), "payload_digest": capture.get("payload_digest")}
    cited = Cited.of(article | proof)
    return {"vi": citation(cited, "vi"), "en": citation(cited, "en")}
