"""Knows a story: the articles in which several papers printed one text, ``/s/<uid of the first>``, and its JSON.

What each copy cut or added is told by the texts as they are shown today.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.answering import page, reads_archive
from browse.archive import rows
from browse.uids import UID, absent, public_article
from pipelines.difference import difference, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 200
"""Articles of a story that are shown."""
COMPARED = 30
"""Articles of a story whose text is compared with the first's, so that a page is drawn in time."""
LARGEST_NUMBER = 18
"""Digits of a story's number."""
PRINTED = (
    "CASE WHEN a.published IS NULL THEN julianday(a.first_seen) WHEN length(a.published) > 10 THEN "
    "julianday(a.published) ELSE min(julianday(a.published || 'T23:59:59+07:00'), julianday(a.first_seen)) END"
)
"""When an article was printed, as `pipelines.duplicates.order` has it."""
MEMBERS = f"""
SELECT a.id, a.uid, a.paper, p.title AS paper_title, p.province, a.title, a.author, a.source, a.published,
  a.first_seen, a.gone_at, a.words FROM articles a JOIN papers p ON p.name = a.paper
LEFT JOIN stories s ON s.id = a.story_id WHERE a.visibility = 'public' AND {{chosen}}
ORDER BY a.uid IS s.first_uid DESC, {PRINTED}, a.uid LIMIT {SHOWN + 1}
"""
"""The public articles of a story, the first of them first; ``chosen`` is which. No private one is ever named."""
TEXTS = "SELECT article_id, text FROM article_text WHERE article_id IN (SELECT value FROM json_each(:ids))"
COPIES = """
SELECT c.article_id, c.score, c.kind, f.uid, p.title AS paper_title FROM copies c
JOIN articles f ON f.id = c.first_id AND f.visibility = 'public' JOIN papers p ON p.name = f.paper
WHERE c.article_id IN (SELECT value FROM json_each(:ids)) ORDER BY f.uid = :first, c.score LIMIT 5000
"""
NO_SUCH = "Không có chuỗi tin này. No such story."


@hookimpl(specname="register_routes")
def story_routes() -> list[tuple[str, Any]]:
    """Give each story its address, by the permanent id of its first article; its number leads there."""
    return [
        (r"^/s/(?P<number>[0-9]+)(?P<format>\.json)?$", numbered_story),
        (rf"^/s/{UID}(?P<format>\.json)?$", story_page),
    ]


@reads_archive
async def numbered_story(datasette: Any, request: Any, database: Any) -> Any:
    """Lead from a story's number to its address. Raises NotFound for one of which nothing is public."""
    number = request.url_vars["number"]
    members = await members_of(database, {"story_id": int(number)}) if len(number) <= LARGEST_NUMBER else []
    if not members:
        raise NotFound(NO_SUCH)
    return Response.redirect(_path(datasette, members[0]["uid"], request.url_vars["format"]))


@reads_archive
async def story_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the story of an article; the address is that of its earliest public one.

    Answers with 410 for an article that was taken down; raises NotFound for one that is private or not held.
    """
    uid = request.url_vars["uid"]
    article = await public_article(database, uid)
    if article is None:
        return await absent(datasette, request, database, uid)
    members = await members_of(database, article)
    if members[0]["uid"] != uid:
        return Response.redirect(_path(datasette, members[0]["uid"], request.url_vars["format"]))
    told = await _told(database, members)
    if request.url_vars["format"]:
        return Response.json(told)
    return await page(datasette, request, "story.html", {"story": told, "most": SHOWN, "compared": COMPARED})


async def members_of(database: Any, article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the public articles of an article's story, the earliest first; itself where it is in none."""
    if article["story_id"] is None:
        return rows(await database.execute(MEMBERS.format(chosen="a.id = :id"), {"id": article["id"]}))
    found = await database.execute(MEMBERS.format(chosen="a.story_id = :story"), {"story": article["story_id"]})
    return rows(found)


async def first_of(database: Any, article: Mapping[str, Any]) -> str | None:
    """Return the permanent id of the earliest public article of an article's story; None where no other is public."""
    members = await members_of(database, article) if article["story_id"] is not None else []
    return str(members[0]["uid"]) if len(members) > 1 else None


async def _told(database: Any, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is said of a story: ``first``, and its ``articles``, each with what makes it a copy."""
    shown, first = members[:SHOWN], members[0]
    near, later = [one["id"] for one in shown[: COMPARED + 1]], json.dumps([one["id"] for one in shown[1:]])
    texts = dict((await database.execute(TEXTS, {"ids": json.dumps(near)})).rows)
    found = rows(await database.execute(COPIES, {"ids": later, "first": first["uid"]}))
    copies = {row["article_id"]: row for row in found}
    changed = await asyncio.to_thread(_changed, [texts.get(number, "") for number in near])
    articles = [
        {name: value for name, value in one.items() if name != "id"} | {"copied": _copy(copies.get(one["id"])), **more}
        for one, more in zip(shown, [*changed, *[{}] * (len(shown) - len(changed))], strict=True)
    ]
    papers = list(dict.fromkeys(one["paper"] for one in shown))
    return {"first": first["uid"], "papers": papers, "more": len(members) > SHOWN, "articles": articles}


def _copy(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: row[name] for name in ("uid", "paper_title", "score", "kind")} if row else None


def _changed(texts: list[str]) -> list[dict[str, Any]]:
    """Return what each text cut of the first and added to it: words, and hundredths of the first's words."""
    first, *others = texts
    whole = len(first.split())
    known = {first: {"cut": 0, "added": 0, "cut_percent": 0, "added_percent": 0}}
    for text in others:
        if text not in known:
            known[text] = _against(first, text, whole)
    return [{}, *({"changed": known[text]} for text in others)]


def _against(first: str, text: str, whole: int) -> dict[str, int]:
    counts = tally(difference(first, text))
    cut, added = counts["dropped"], counts["added"]
    return {"cut": cut, "added": added, "cut_percent": _percent(cut, whole), "added_percent": _percent(added, whole)}


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _path(datasette: Any, uid: str, form: str | None) -> str:
    return str(datasette.urls.path(f"/s/{uid}{form or ''}"))
