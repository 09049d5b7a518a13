"""Knows that the tables of a large archive are not counted through, nor their facets, each time one is looked at.

Both read every row, seconds at a million articles. A facet that the address asks for is counted all the same, as far
as ``facet_time_limit_ms`` lets it; what articles there are of each kind, `/search` tells of as many as it counts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from datasette import hookimpl

from browse.archive import is_archive
from browse.index import NEWEST_ID

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = 100_000
"""Articles of an archive that is large."""
GROWING = (
    "front_page", "articles", "changed", "gone", "syndication", "revision_texts", "coverage", "layout_days", "health",
)  # fmt: skip
"""Tables and views that grow with the articles, or are told from them."""


@hookimpl(specname="startup")
def tables_uncounted(datasette: Any) -> None:
    """Let datasette not count the tables of a large archive: no limit ends the counting of one that has begun."""
    for database in datasette.databases.values():
        if is_archive(datasette, database.name):
            database.table_counts = partial(_counts, database, database.table_counts)


async def _counts(database: Any, count: Callable[[int], Any], limit: int = 10) -> dict[str, int | None]:
    """Return the rows of each table, None for those of a large archive: datasette says "many rows" of them.

    Those of ``articles`` are never told: private ones are among them.
    """
    if await _is_large(database):
        return dict.fromkeys(await database.table_names())
    return {**await count(limit), "articles": None}


async def _is_large(database: Any) -> bool:
    return int((await database.execute(NEWEST_ID)).single_value()) > LARGE


@hookimpl(specname="asgi_wrapper")
def without_counts(datasette: Any) -> Callable[[Any], Any]:
    """Leave counts and facets out of the pages of a large archive's tables."""

    def wrap(app: Any) -> Any:
        async def asked(scope: Any, receive: Any, send: Any) -> None:
            await app(await _less(datasette, scope) if scope["type"] == "http" else scope, receive, send)

        return asked

    return wrap


async def _less(datasette: Any, scope: Any) -> Any:
    """Return what was asked for, without count and facets where that is a growing table of a large archive."""
    inside = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/")).strip("/")
    route, _, table = inside.partition("/")
    if table.rpartition(".")[0] not in GROWING and table not in GROWING:
        return scope
    database = next((one for one in datasette.databases.values() if one.route == route), None)
    if database is None or not is_archive(datasette, database.name):
        return scope
    if not await _is_large(database):
        return scope
    given = (scope.get("query_string") or b"").decode("latin-1")
    names = {name for name, _ in parse_qsl(given, keep_blank_values=True)}
    less = ["_nocount=1"] if "_nocount" not in names else []
    less += ["_nofacet=1"] if not any(name.startswith(("_facet", "_nofacet")) for name in names) else []
    return {**scope, "query_string": "&".join([*filter(None, [given]), *less]).encode("latin-1")}
