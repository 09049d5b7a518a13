"""Knows how two texts are shown against each other: ``/a/<uid>/diff``, of two versions or of two papers.

``from`` and ``to`` are versions by number, from 1 in order of time; the last two where nothing is asked for, the
nearest there is for a number there is not. ``with`` is another article of the story: what it cut and added.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.answering import page, text_of
from browse.archive import rows
from browse.uids import UID, of_article, public_article
from pipelines.difference import by_paragraph, difference, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER = re.compile(r"-?[0-9]+")
PICKED = 40
"""The newest versions that are offered."""
VERSIONS = """
SELECT id, kind, seen_at, title FROM revisions WHERE article_id = :id ORDER BY seen_at
"""
VERSION = """
SELECT kind, seen_at, title, lead, text, facts FROM revision_texts WHERE article_id = :id AND revision_id = :version
"""
NEWEST = """
SELECT a.title, a.lead, t.text, '{}' AS facts FROM articles a JOIN article_text t ON t.article_id = a.id
WHERE a.id = :id AND a.visibility = 'public'
"""
NO_STORY = "Bài kia không cùng chuỗi tin với bài này. The other article is not of this one's story."


@hookimpl(specname="register_routes")
def diff_routes() -> list[tuple[str, Any]]:
    """Give the differences of an article's versions, and of two papers' texts, their addresses."""
    return [(rf"^/a/{UID}(?P<rest>/diff(?P<format>\.json)?)$", diff_page)]


@of_article
async def diff_page(datasette: Any, request: Any, database: Any, article: dict[str, Any]) -> Any:
    """Answer with a difference as a page or as JSON. Raises NotFound for a ``with`` that is none of the story."""
    other = text_of(request, "with")
    if other:
        told = await _with_other(database, article, other)
    else:
        told = await _of_versions(database, article, text_of(request, "from"), text_of(request, "to"))
    if request.url_vars["format"]:
        return Response.json({"uid": article["uid"], "paper": article["paper"], **told})
    versions = [] if other else await _picked(database, article)
    return await page(datasette, request, "diff.html", {"article": article, "versions": versions, "told": told})


def chosen(count: int, from_typed: str, to_typed: str) -> tuple[int, int]:
    """Return which two of ``count`` versions are meant, from 1; the last two where nothing is said.

    Of a number there is not, the nearest there is.
    """
    start, end = (_number(typed, count) for typed in (from_typed, to_typed))
    if end is None:
        end = count
    if start is None:
        start = max(end - 1, 1)
    return start, end


def _number(typed: str, count: int) -> int | None:
    return min(max(int(typed), 1), count) if NUMBER.fullmatch(typed.strip()) else None


async def _of_versions(database: Any, article: Mapping[str, Any], from_typed: str, to_typed: str) -> dict[str, Any]:
    known = await _versions(database, article)
    numbers = chosen(len(known), from_typed, to_typed)
    sides = [await _side(database, VERSION, article["id"], known[n - 1]["id"]) for n in numbers]
    named = [{"number": n, "kind": s["kind"], "seen_at": s["seen_at"]} for n, s in zip(numbers, sides, strict=True)]
    return {"from": named[0], "to": named[1], "versions_held": len(known), **await _compared(*sides)}


async def _with_other(database: Any, article: Mapping[str, Any], uid: str) -> dict[str, Any]:
    """Compare the newest texts of two articles of one story."""
    other = await public_article(database, uid)
    if other is None or other["id"] == article["id"] or (article["story_id"] or -1) != other["story_id"]:
        raise NotFound(NO_STORY)
    sides = [await _side(database, NEWEST, one["id"], 0) for one in (article, other)]
    named = [
        {name: one[name] for name in ("uid", "paper", "paper_title", "title", "published")} for one in (article, other)
    ]
    return {"from": named[0], "to": named[1], **await _compared(*sides)}


async def _versions(database: Any, article: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rows(await database.execute(VERSIONS, {"id": article["id"]}))


async def _picked(database: Any, article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the newest versions with their numbers, to be chosen from."""
    known = [version | {"number": n} for n, version in enumerate(await _versions(database, article), 1)]
    return known[-PICKED:]


async def _side(database: Any, sql: str, article_id: int, version: int) -> dict[str, Any]:
    """Return one of the two texts. Raises NotFound where it went in this moment."""
    found = rows(await database.execute(sql, {"id": article_id, "version": version}))
    if not found:
        raise NotFound("Không có bản này. No such version.")
    return found[0]


async def _compared(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return await asyncio.to_thread(changes, old, new)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``title``, ``lead`` (lists of runs), ``text`` (paragraphs, each its runs), ``facts`` and ``words``.

    A run is ``kind`` (kept, added, dropped) and ``text``; ``words`` counts those of the text by kind; ``facts`` are
    those that changed, ``name``, ``old``, ``new``.
    """
    text = difference(old["text"] or "", new["text"] or "")
    was, now = json.loads(old["facts"]), json.loads(new["facts"])
    return {
        "title": [asdict(run) for run in difference(old["title"], new["title"])],
        "lead": [asdict(run) for run in difference(old["lead"] or "", new["lead"] or "")],
        "text": [[asdict(run) for run in paragraph] for paragraph in by_paragraph(text)],
        "facts": [{"name": n, "old": was.get(n), "new": now[n]} for n in now if was.get(n) != now[n]],
        "words": tally(text),
    }
