"""Knows what the server tells strangers of itself: nothing of its paths, threads and settings; and how pages may run.

Wherever an archive is served. What `debug-menu` is allowed to (root, by datasette's own rules) sees it all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from datasette import hookimpl
from datasette.utils import await_me_maybe
from datasette.utils.asgi import Request, Response
from datasette.utils.sqlite import sqlite3

from browse.archive import first_archive

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = re.compile(
    r"/-/(databases|threads|plugins|metadata|settings|config|versions|allow-debug|messages|patterns|permissions)"
    r"(\W.*)?$"
)
"""Pages of datasette that say where the file is, what runs, and how it was set up."""
REFUSED = "Trang này chỉ dành cho người quản trị. This page is for the operator."
UNKNOWN = "Địa chỉ này hỏi điều kho không có. This address asks for what the archive does not have."
OF_THE_FILE = re.compile(r"locked|busy|disk|unable to open|readonly|interrupted|out of memory")
"""SQLite's words for what no address is to blame for."""
AWAY = "Lúc này không đọc được kho; xin thử lại sau. The archive cannot be read just now; please try again."
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
)
"""datasette's own pages have scripts and styles within them; nothing is loaded from elsewhere."""
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
}
COLUMN = re.compile(rb"\w+")
FROM_OTHERS = (b"_through", b"_extra", b"_extras")
"""What datasette tells of one table by the rows of another, private ones too; whoever may see those has SQL."""
FACETS = 6
"""Facets that a visitor may ask a table for at once; each may take ``facet_time_limit_ms``."""


@hookimpl(specname="asgi_wrapper")
def closed_to_strangers(datasette: Any) -> Callable[[Any], Any]:
    """Keep what datasette says of itself for those who run it, and give every answer its headers."""

    def wrap(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or first_archive(datasette) is None:
                await app(scope, receive, send)
                return

            async def sent(message: Any) -> None:
                await send(_with_headers(message))

            if INTERNALS.match(_path(datasette, scope)) and not await _may_see(datasette, Request(scope, receive)):
                await Response.text(REFUSED, status=403).asgi_send(sent)
                return
            await app({**scope, "query_string": bounded(scope.get("query_string") or b"")}, receive, sent)

        return guarded

    return wrap


@hookimpl(tryfirst=True)
def handle_exception(datasette: Any, exception: Exception) -> Any:
    """Say what is wrong where datasette says 500: with the address, or, with 503, with the archive just now."""
    if not isinstance(exception, sqlite3.OperationalError) or first_archive(datasette) is None:
        return None
    if OF_THE_FILE.search(str(exception)):
        return Response.text(AWAY, status=503, headers={"retry-after": "60"})
    return Response.text(UNKNOWN, status=400)


def bounded(query: bytes) -> bytes:
    """Leave out of a query what datasette fails at, takes long for, or answers from rows that are not shown.

    Facets beyond `FACETS` and of what no column is called, a time limit that is no number, and `FROM_OTHERS`.
    """
    kept = []
    facets = 0
    for piece in query.split(b"&"):
        name, value = (unquote_to_bytes(part.replace(b"+", b" ")) for part in (piece + b"=").split(b"=")[:2])
        if name.startswith(b"_facet") and name != b"_facet_size":
            facets += 1
            is_kept = facets <= FACETS and COLUMN.fullmatch(value) is not None
        else:
            is_kept = name not in FROM_OTHERS and (name != b"_timelimit" or (value.isdigit() and len(value) < 7))
        if is_kept:
            kept.append(piece)
    return b"&".join(kept)


def _path(datasette: Any, scope: Any) -> str:
    """Return the path below ``base_url``, as datasette's routes see it."""
    path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    return "/" + path.removeprefix(datasette.setting("base_url")).lstrip("/")


async def _may_see(datasette: Any, request: Any) -> bool:
    """Say whether the visitor may see datasette's pages of itself; asked before datasette knows who visits."""
    # It registers the plugins as they are when it is first imported: we have to be whole by then.
    from datasette.plugins import pm  # noqa: PLC0415

    actor = request.scope.get("actor")
    for answer in pm.hook.actor_from_request(datasette=datasette, request=request):
        actor = await await_me_maybe(answer) or actor
        if actor:
            break
    return bool(await datasette.permission_allowed(actor, "debug-menu", default=False))


def _with_headers(message: Any) -> Any:
    """Return an answer's beginning with the headers that it does not have itself."""
    if message["type"] != "http.response.start":
        return message
    held = {name.lower() for name, _ in message.get("headers", [])}
    return {**message, "headers": [*message.get("headers", []), *((n, v) for n, v in HEADERS.items() if n not in held)]}
