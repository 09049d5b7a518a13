"""Knows how a list of the reading room is asked for: what its address names, and its pages before and after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from datasette.views.base import DatasetteError

from browse.answering import A_PAGE, DEEPEST, SHORT, text_of
from browse.archive import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOLD = """a.id, a.uid, a.paper, p.title AS paper_title, p.province, a.section, a.title, a.lead, a.author, a.published,
  a.gone_at"""
"""What is told of an article ``a`` of the paper ``p`` in a list."""
OF_THESE = f"""
SELECT {TOLD} FROM articles a JOIN papers p ON p.name = a.paper
WHERE a.id IN (SELECT value FROM json_each(:ids)) AND a.visibility = 'public' ORDER BY a.published DESC, a.id DESC
"""
PAPER = "SELECT name, title, province FROM papers WHERE name = :name"
NO_PAPER = "Không có báo này. No such paper."


def part_of(request: Any, name: str) -> str:
    """Return a part of the address' path as it reads: percent signs decoded, no more than `SHORT` characters."""
    return unquote(request.url_vars[name], errors="replace")[:SHORT]


def not_found(said: str) -> DatasetteError:
    """Return what to raise for an address that leads nowhere: 404, with a sentence.

    Datasette leads a NotFound of an address with percent signs to one with tildes, which names something else.
    """
    return DatasetteError(said, status=404)


def around(path: str, kept: Mapping[str, str], number: int, *, more: bool) -> dict[str, str | None]:
    """Return the addresses of the page ``before`` and the one ``after`` page ``number`` of a list; None where none."""
    before = _address(path, kept, number - 1) if number > 1 else None
    return {"before": before, "after": _address(path, kept, number + 1) if more and number < DEEPEST else None}


def first_row(number: int) -> int:
    """Return how many rows of a list stand before its page ``number``."""
    return (number - 1) * A_PAGE


async def asked_paper(request: Any, database: Any) -> dict[str, Any] | None:
    """Return the paper that ``?paper=`` names, None where it is not given. Answers with 404 for one there is not."""
    name = text_of(request, "paper")
    if not name:
        return None
    found = rows(await database.execute(PAPER, {"name": name}))
    if not found:
        raise not_found(NO_PAPER)
    return found[0]


async def told_of(database: Any, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what is told of the public articles among ``ids``, the newest first."""
    return rows(await database.execute(OF_THESE, {"ids": json.dumps(list(ids))}))


def without_number(articles: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return articles as they are given to programs: named by their permanent ids alone."""
    return [{name: value for name, value in one.items() if name != "id"} for one in articles]


def _address(path: str, kept: Mapping[str, str], number: int) -> str:
    asked = urlencode({**kept, **({"page": str(number)} if number > 1 else {})})
    return f"{path}?{asked}" if asked else path
