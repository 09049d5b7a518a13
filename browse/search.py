"""Knows how datasette searches an archive: the phrase first, all words where it is nowhere; views too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.filters import FilterArguments

from browse.archive import is_archive
from browse.labels import tables
from pipelines.queries import INDEX, as_phrases, as_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EMPTY = re.compile(rb"(?:^|(?<=&))_search=(?:&|$)")

SEARCHED = 5_000
"""Articles that say what is searched for and are shown in a table, the newest: reading more takes too long."""
MOST = f"at most the newest {SEARCHED:,} articles"


@hookimpl(trylast=True)
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:  # noqa: ARG001 - datasette's names
    """Make datasette's own search of an archive phrase first, all words where the phrase is nowhere."""
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (INDEX,)).fetchone() is None:
        return
    found = f"SELECT 1 FROM {INDEX} WHERE {INDEX} MATCH ? LIMIT 1"

    def escape_fts(typed: object) -> str:
        phrase = as_phrases(str(typed or ""))
        return phrase if conn.execute(found, (phrase,)).fetchone() else as_words(str(typed or ""))

    conn.create_function("escape_fts", 1, escape_fts)


@hookimpl(specname="filters_from_request", trylast=True)
def search_views(request: Any, database: str, table: str, datasette: Any) -> Callable[[], Awaitable[Any]]:
    """Search the views of articles too: they have a ``uid`` and no row id for datasette's own search."""

    async def where() -> Any:
        view = tables().get(table)
        if view is None or not view.searched_by_uid or not is_archive(datasette, database):
            return None
        typed = request.args.get("_search") or ""
        context = {"supports_search": True, "search": typed}
        if not typed:
            return FilterArguments([], extra_context=context)
        clause = (
            "uid IN (SELECT uid FROM articles WHERE id IN (SELECT rowid FROM "
            f"{INDEX} WHERE {INDEX} MATCH escape_fts(:search) ORDER BY rowid DESC LIMIT {SEARCHED}))"
        )
        return FilterArguments([clause], {"search": typed}, [f'search matches "{typed}" ({MOST})'], context)

    return where


@hookimpl(specname="asgi_wrapper")
def empty_search_shows_all(datasette: Any) -> Callable[[Any], Any]:  # noqa: ARG001 - datasette's names
    """Leave out a search field that was sent empty: it asks for everything, not for nothing."""

    def wrap(app: Any) -> Any:
        async def asked(scope: Any, receive: Any, send: Any) -> None:
            query = scope.get("query_string") or b""
            await app({**scope, "query_string": EMPTY.sub(b"", query)}, receive, send)

        return asked

    return wrap
