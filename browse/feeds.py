"""Knows the archive's Atom feeds: of all papers, of a paper, of a province and of a search, fifty articles at most.

Written on the standard library, not on datasette-atom (last release March 2023, and it feeds canned queries at
addresses of datasette's own): the addresses are fixed, and RFC 4287 asks for little.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import NotFound

from browse.answering import reads_archive
from browse.archive import rows
from browse.atom import MEDIA, Entry, Feed, atom, full_time
from browse.conditional import unless_known
from browse.finding import find
from browse.pages import safe_href, slug
from browse.places import NO_SUCH, named_by
from browse.search_page import asked_of, given_of, kept_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from browse.finding import Found

MOST = 50
"""Entries of a feed."""
BEGUN = 300
"""Characters of the text that stand for a lead where the page has none."""
NEWEST = f"SELECT id FROM articles WHERE visibility = 'public' ORDER BY published DESC, id DESC LIMIT {MOST}"
NEWEST_OF = (
    "SELECT id FROM articles WHERE visibility = 'public' AND paper = :paper "
    f"ORDER BY published DESC, id DESC LIMIT {MOST}"
)
SHOWN = f"""
SELECT a.uid, a.title, coalesce(a.lead, '') AS lead, substr(t.text, 1, {BEGUN}) AS begun, p.title AS paper_title,
  a.section, a.published, a.first_seen, a.url, a.author,
  (SELECT max(r.seen_at) FROM revisions r WHERE r.article_id = a.id AND r.kind <> 'extraction') AS edited,
  (SELECT json_group_array(x.author) FROM authors x WHERE x.article_id = a.id) AS authors,
  (SELECT json_group_array(g.tag) FROM tags g WHERE g.article_id = a.id) AS tags
FROM articles a JOIN papers p ON p.name = a.paper JOIN article_text t ON t.article_id = a.id
WHERE a.visibility = 'public' AND a.id IN (SELECT value FROM json_each(:ids))
ORDER BY a.published DESC, a.id DESC LIMIT {MOST}
"""
PAPERS = "SELECT name, title FROM papers"
NO_PAPER = "Không có báo này. No such paper."


@hookimpl(specname="register_routes")
def feed_routes() -> list[tuple[str, Any]]:
    """Give each feed its address."""
    return [
        (r"^/feed\.atom$", of_all),
        (r"^/p/(?P<paper>[\w-]+)/feed\.atom$", of_paper),
        (r"^/province/(?P<slug>[\w-]+)/feed\.atom$", of_province),
        (r"^/search\.atom$", of_search),
    ]


@reads_archive
async def of_all(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the newest articles of all papers."""
    entries = await _entries(datasette, request, database, await _ids(database, NEWEST))
    return _answer(datasette, request, entries, "feed", "Kho báo tỉnh", "/", "/feed.atom")


@reads_archive
async def of_paper(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with a paper's newest articles. Raises NotFound for a paper that the archive does not know."""
    name = request.url_vars["paper"]
    paper = next((one for one in rows(await database.execute(PAPERS)) if one["name"] == name), None)
    if paper is None:
        raise NotFound(NO_PAPER)
    entries = await _entries(datasette, request, database, await _ids(database, NEWEST_OF, paper=name))
    title, path = f"{paper['title']} · Kho báo tỉnh", f"/p/{name}"
    return _answer(datasette, request, entries, path[1:], title, path, f"{path}/feed.atom")


@reads_archive
async def of_province(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the newest articles of a province's papers, be it one of today or a former one.

    Raises NotFound for a province that there never was.
    """
    named = await named_by(database, request.url_vars["slug"])
    if named is None:
        raise NotFound(NO_SUCH)
    province, papers = named
    ids = [n for paper in papers for n in await _ids(database, NEWEST_OF, paper=paper["name"])]
    title = f"{province.name} (nay thuộc {province.today})" if province.is_former else province.name
    path = f"/province/{slug(province.name)}"
    entries = await _entries(datasette, request, database, ids)
    return _answer(datasette, request, entries, path[1:], f"{title} · Kho báo tỉnh", path, f"{path}/feed.atom")


@reads_archive
async def of_search(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the newest articles that answer a search, by the same words and filters as its page."""
    given = given_of(request)
    found: Found = await find(database, asked_of(given), page=1, by_date=True, size=MOST)
    kept = urlencode(kept_of(given))
    title = f"{given['q'] or 'Tìm trong kho'} · Kho báo tỉnh"
    entries = await _entries(datasette, request, database, found.ids)
    return _answer(datasette, request, entries, f"search?{kept}", title, f"/search?{kept}", f"/search.atom?{kept}")


async def _ids(database: Any, sql: str, **values: Any) -> list[int]:
    return [int(row[0]) for row in (await database.execute(sql, values)).rows]


async def _entries(datasette: Any, request: Any, database: Any, ids: Sequence[int]) -> tuple[Entry, ...]:
    """Return the public articles of these ids as entries, the newest first."""
    told = rows(await database.execute(SHOWN, {"ids": json.dumps(list(ids))}))
    return tuple(_entry(row, datasette.absolute_url(request, datasette.urls.path(f"/a/{row['uid']}"))) for row in told)


def _entry(row: dict[str, Any], page: str) -> Entry:
    authors = [str(one) for one in json.loads(row["authors"])]
    if not authors:
        authors = [row["author"] or row["paper_title"]]
    section = ((row["section"], "section"),) if row["section"] else ()
    return Entry(
        name=f"a/{row['uid']}",
        title=row["title"],
        updated=max(row["edited"] or "", row["first_seen"]),
        published=full_time(row["published"]),
        authors=tuple(authors),
        summary=row["lead"] or row["begun"],
        page=page,
        original=safe_href(row["url"]),
        categories=(*section, *((str(tag), "tag") for tag in json.loads(row["tags"]))),
    )


def _answer(
    datasette: Any, request: Any, entries: tuple[Entry, ...], name: str, title: str, page: str, itself: str
) -> Any:
    """Answer with the entries as a feed; ``page`` and ``itself`` are paths on this site."""

    def absolute(path: str) -> str:
        return str(datasette.absolute_url(request, datasette.urls.path(path)))

    feed = Feed(name, title, absolute(page), absolute(itself), entries)
    return unless_known(request, atom(feed), MEDIA, datetime.fromisoformat(feed.updated) if entries else None)
