"""Knows how every page of the reading room is answered: with an archive, in time, and with addresses one can trust."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from datasette.database import QueryInterrupted
from datasette.utils.asgi import NotFound, Response

from browse.archive import first_archive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    View = Callable[[Any, Any, Any], Awaitable[Any]]

A_PAGE = 20
"""Articles of a list's page."""
DEEPEST = 50
"""The last page of a list that is shown."""
SHORT = 300
"""Characters of a parameter that are read."""
TOO_LONG = "Câu hỏi này tốn quá nhiều thời gian; xin hỏi hẹp hơn. This took too long: please ask for less."


def reads_archive(view: View) -> Callable[[Any, Any], Awaitable[Any]]:
    """Make ``view(datasette, request, database)`` a page of the archive that is served.

    Checks that the visitor may see this instance. Raises NotFound where no archive is served; says with 503 that the
    archive was too slow to answer, since datasette ends a query that takes longer than ``sql_time_limit_ms``.
    """

    async def answer(datasette: Any, request: Any) -> Any:
        await datasette.ensure_permissions(request.actor, ["view-instance"])
        database = first_archive(datasette)
        if database is None:
            raise NotFound("Không có kho. No archive.")
        try:
            return await view(datasette, request, database)
        except QueryInterrupted:
            return Response.text(TOO_LONG, status=503, headers={"retry-after": "60"})

    # Not functools.wraps: datasette would read the parameters of what is wrapped, and knows of no `database`.
    answer.__name__, answer.__doc__ = view.__name__, view.__doc__
    return answer


async def page(datasette: Any, request: Any, template: str, told: Mapping[str, Any]) -> Any:
    """Answer with ``template``, which is told ``told`` beside what `browse.pages` tells every template."""
    return Response.html(await datasette.render_template(template, dict(told), request))


def text_of(request: Any, name: str) -> str:
    """Return a parameter of the address as text, ``""`` where it is not given; no more than `SHORT` characters."""
    return str(request.args.get(name) or "")[:SHORT]


def page_of(request: Any) -> int:
    """Return the page of a list that is asked for, from 1 to `DEEPEST`; 1 for what is no number."""
    return number_of(text_of(request, "page"), least=1, most=DEEPEST)


def number_of(typed: str, *, least: int, most: int) -> int:
    """Return a whole number that was typed, held between ``least`` and ``most``; ``least`` for what is none."""
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 10
    return min(max(int(typed), least), most) if is_number else least


def day_of(typed: str) -> date | None:
    """Return the day ``2026-11-24`` that was typed, None for what is no day."""
    try:
        return date.fromisoformat(typed) if len(typed) == len("2026-11-24") else None
    except ValueError:
        return None
