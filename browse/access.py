"""Knows what of the archive strangers may see: public rows of listed tables, and no SQL of their own.

Whoever may run SQL sees everything, as the file itself would show it: the owner who starts
``datasette archive.db --root``, and actors that the operator's metadata allows (``allow_sql``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from datasette import hookimpl
from datasette.filters import FilterArguments
from datasette.utils import tilde_decode
from datasette.utils.asgi import Response

from browse.archive import is_archive
from browse.labels import tables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

ROW_ID = re.compile(r"([0-9]{1,18})(\.\w+)?")
TO_SQL_ONLY = ("execute-sql", "view-database-download")


@hookimpl(hookwrapper=True)
def permission_allowed(
    datasette: Any, actor: dict[str, Any] | None, action: str, resource: Any
) -> Generator[None, Any, None]:
    """Refuse strangers SQL, the file itself, and every table that `browse.labels` does not list.

    Stands before datasette's own rules, which have the last word: what metadata allows, is allowed.
    """

    async def answer() -> bool | None:
        if actor and actor.get("id") == "root":
            return None
        if action in TO_SQL_ONLY and is_archive(datasette, resource):
            return False
        if action == "view-table" and resource[1] not in tables() and is_archive(datasette, resource[0]):
            return None if await sees_all(datasette, actor, resource[0]) else False
        return None

    outcome = yield
    outcome.force_result([answer, *outcome.get_result()])


async def sees_all(datasette: Any, actor: dict[str, Any] | None, database: str) -> bool:
    """Say whether ``actor`` may read everything in ``database``, private rows too."""
    return bool(await datasette.permission_allowed(actor, "execute-sql", resource=database, default=True))


@hookimpl(specname="filters_from_request")
def public_rows(request: Any, database: str, table: str, datasette: Any) -> Callable[[], Awaitable[Any]]:
    """Keep private rows out of the table ``articles``; the views and indexes leave them out themselves."""

    async def where() -> Any:
        hidden = table == "articles" and is_archive(datasette, database)
        if not hidden or await sees_all(datasette, request.actor, database):
            return None
        return FilterArguments(["likely(visibility = 'public')"])

    return where


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Keep private rows' own pages closed, and lead a reader from a row to its article page."""

    def wrap(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            answer = await _row_page(datasette, scope) if scope["type"] == "http" else None
            await (answer.asgi_send(send) if answer else app(scope, receive, send))

        return guarded

    return wrap


async def _row_page(datasette: Any, scope: Any) -> Any | None:
    """Return the answer to a request for one row of ``articles``; None where datasette may give it."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("ascii", "replace").partition("?")[0]
    inside = path.removeprefix(datasette.setting("base_url").rstrip("/")).strip("/")
    parts = [tilde_decode(unquote(part)) for part in inside.split("/")]
    if len(parts) < 3 or parts[1].casefold() != "articles":
        return None
    database = next((d for d in datasette.databases.values() if d.route == parts[0]), None)
    if database is None or not is_archive(datasette, database.name):
        return None
    asked = ROW_ID.fullmatch(parts[2])
    found = asked and await database.execute(
        "SELECT uid FROM articles WHERE id = ? AND visibility = 'public'", [int(asked[1])]
    )
    uid = found.single_value() if found and found.rows else None
    if asked is None or uid is None:
        return Response.text("Không có bài này. No such article.", status=404)
    return None if asked[2] else Response.redirect(datasette.urls.path(f"/a/{uid}"))
