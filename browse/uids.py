"""Knows what a permanent id leads to: a public article, the one it became, a notice that it was taken down, nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import NotFound, Response

from browse.answering import page, reads_archive
from browse.archive import rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    ArticleView = Callable[[Any, Any, Any, dict[str, Any]], Awaitable[Any]]

UID = r"(?P<uid>[\w-]+)"
"""A permanent id in the address of a route."""
BECAME = (
    "SELECT x.article_id FROM papers q CROSS JOIN aliases x ON x.paper = q.name AND x.url_key = :uid "
    "WHERE x.kind = 'uid'"
)
"""The article that an article of this id became; asked paper by paper, as the table is ordered."""
PUBLIC = f"a.visibility = 'public' AND (a.uid = :uid OR a.id = ({BECAME}))"
ARTICLE = f"""
SELECT a.id, a.uid, a.paper, p.title AS paper_title, a.title, a.url, a.language, a.published, a.story_id, a.capture_id
FROM articles a JOIN papers p ON p.name = a.paper WHERE {PUBLIC}
"""
TAKEN_DOWN = f"""
SELECT t.uid, t.paper, coalesce(p.title, t.paper) AS paper_title, t.at AS taken_down_at,
  t.state IN ('erasing', 'erased') AS erased FROM takedowns t LEFT JOIN papers p ON p.name = t.paper
WHERE t.state <> 'undone' AND t.uid IN (:uid, (SELECT m.uid FROM papers q CROSS JOIN takedown_marks m
  ON m.paper = q.name AND m.kind = 'uid' AND m.value = :uid), (SELECT a.uid FROM articles a WHERE a.id = ({BECAME})))
LIMIT 1
"""
"""What strangers are told of an article that was taken down: not why, nor its address, which may hold its title."""
NO_SUCH = "Không có bài này. No such article."


def of_article(view: ArticleView) -> Callable[[Any, Any], Awaitable[Any]]:
    """Make ``view(datasette, request, database, article)`` a page of the public article that the address names.

    Its route names ``uid`` (`UID`) and ``rest``, what stands behind the uid in the address. An id that became another
    is led to that one's page. Answers with 410 for an article that was taken down; raises NotFound for one that is
    private or not held.
    """

    async def answer(datasette: Any, request: Any, database: Any) -> Any:
        uid = request.url_vars["uid"]
        article = await public_article(database, uid)
        if article is None:
            return await absent(datasette, request, database, uid)
        if article["uid"] != uid:
            asked = f"?{request.query_string}" if request.query_string else ""
            return Response.redirect(datasette.urls.path(f"/a/{article['uid']}{request.url_vars['rest']}") + asked)
        return await view(datasette, request, database, article)

    answer.__name__, answer.__doc__ = view.__name__, view.__doc__
    return reads_archive(answer)


async def public_article(database: Any, uid: str) -> dict[str, Any] | None:
    """Return the columns of `ARTICLE` of the public article of this id, or of the one that it became."""
    return next(iter(rows(await database.execute(ARTICLE, {"uid": uid}))), None)


async def absent(datasette: Any, request: Any, database: Any, uid: str) -> Any:
    """Say that an article was held and is not shown any more (HTTP 410). Raises NotFound for any other."""
    found = rows(await database.execute(TAKEN_DOWN, {"uid": uid}))
    if not found:
        raise NotFound(NO_SUCH)
    taken = found[0] | {"erased": bool(found[0]["erased"])}
    if request.url_vars.get("format"):
        return Response.json(taken, status=410)
    answer = await page(datasette, request, "taken_down.html", {"taken": taken, "database": database.name})
    answer.status = 410
    return answer
