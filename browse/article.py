"""Knows one article as a reader and a citing archivist need it: ``/a/<uid>`` and ``/a/<uid>.json``."""

from __future__ import annotations

import json
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import page, reads_archive
from browse.archive import rows
from browse.citing import AUTHORS, citations
from browse.images import IMAGE, image_file, told
from browse.story import first_of
from browse.uids import PUBLIC, absent
from browse.versions import compared
from browse.withheld import AT_HOME

ARTICLE = f"""
SELECT a.id, a.uid, a.paper, p.title AS paper_title, p.province, a.section, a.title, a.lead, t.text, a.author,
  a.source, a.byline_printed, a.published, a.published_precision, a.modified, a.language, a.url, a.words,
  a.revisions, a.first_seen, a.last_seen, a.gone_at, a.content_sha256, a.text_sha256, a.template, a.extractor,
  a.provenance, a.capture_id, a.story_id
FROM articles a JOIN article_text t ON t.article_id = a.id JOIN papers p ON p.name = a.paper
WHERE {PUBLIC}
"""
PARTS = {
    "authors": AUTHORS,
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
        f"FROM captures c WHERE article_id = :id AND {AT_HOME} ORDER BY id = "
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


@reads_archive
async def article_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the article as a page or as JSON; with 410 for one that was taken down.

    Raises NotFound for one that is private or not held.
    """
    uid = request.url_vars["uid"]
    article = await read_article(database, uid)
    if article is None:
        return await absent(datasette, request, database, uid)
    if request.url_vars["format"]:
        return Response.json(article)
    if article["uid"] != uid:
        return Response.redirect(datasette.urls.path(f"/a/{article['uid']}"))
    return await page(datasette, request, "article.html", {"article": article, "database": database.name})


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
    article["authors"] = [row["author"] for row in article["authors"]]
    article["provenance"] = json.loads(article["provenance"])
    article["versions"] = compared(article["versions"])
    article["capture"] = next((c for c in article["captures"] if c["id"] == article["capture_id"]), None)
    return article | {"citation": citations(article), "story": await first_of(database, article)}
