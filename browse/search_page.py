"""Knows the search of readers: ``/search?q=`` as a page, and ``/search.json`` (`browse.feeds` has its feed)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import Response

from browse.answering import DEEPEST, page, page_of, reads_archive
from browse.finding import A_PAGE, COUNTED, KINDS, LOOKED, find, shown
from browse.snippets import marked, snippet
from browse.timeline import timeline
from pipelines.asking import read, unclear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from browse.finding import Found
    from pipelines.asking import Asked

FEW = 3
"""Hits from which on they are drawn over time; fewer one sees at a glance."""
SHORT = 300
"""Characters of a filter's value that are read."""


@hookimpl(specname="register_routes")
def search_routes() -> list[tuple[str, Any]]:
    """Give the search its address."""
    return [(r"^/search(?P<format>\.json)?$", search)]


@reads_archive
async def search(datasette: Any, request: Any, database: Any) -> Any:
    """Answer what was asked; every filter, order and page is an address."""
    given = given_of(request)
    asked = asked_of(given)
    number = page_of(request)
    found = await find(database, asked, page=number, by_date=given["sort"] == "date")
    answers = [_answer(row, asked) for row in await shown(database, found.ids)]
    if request.url_vars["format"]:
        told = _as_json(datasette, given["q"], found, answers, number)
        return Response.json(told | {"not_understood": unclear(asked.filters)})
    names = dict((await database.execute("SELECT name, title FROM papers")).rows)
    chart = timeline(found.days)
    told = {
        "q": given["q"],
        "found": found,
        "answers": answers,
        "filters": asked.filters,
        "database": database.name,
        "names": names,
        "narrow": {kind: _links(datasette, given, kind, found) for kind in KINDS},
        "without": {name: _address(datasette, given, {name: ""}) for name in asked.filters if given.get(name)},
        "orders": {name: _address(datasette, given, {"sort": name}) for name in ("", "date")},
        "before": _address(datasette, given, {"page": str(number - 1)}) if number > 1 else None,
        "after": _address(datasette, given, {"page": str(number + 1)}) if _goes_on(found.total, number) else None,
        "unclear": unclear(asked.filters),
        "most": COUNTED,
        "few": FEW,
        "looked": LOOKED,
        "chart": chart,
        "spans": {
            bar.span: _address(datasette, given, {"year": "", "from": bar.span, "to": bar.span}) for bar in chart.bars
        },
        "feed": datasette.urls.path("/search.atom?" + urlencode(kept_of(given))),
    }
    return await page(datasette, request, "search.html", told)


def given_of(request: Any) -> dict[str, str]:
    """Return what the address asks for, ``""`` for what it does not say: ``q``, filters, ``sort`` and ``page``."""
    return {name: (request.args.get(name) or "")[:SHORT] for name in ("q", "sort", "page", *KINDS, "from", "to")}


def asked_of(given: Mapping[str, str]) -> Asked:
    """Read what was typed, with the filters that the address gives."""
    asked = read(given["q"])
    asked.filters.update({name: given[name] for name in (*KINDS, "from", "to") if given[name]})
    return asked


def kept_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return what decides which articles are found, without their order and the page."""
    return {name: value for name, value in given.items() if value and name not in ("sort", "page")}


def _goes_on(total: int, page: int) -> bool:
    return page < DEEPEST and total > page * A_PAGE


def _answer(row: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """Return what is shown of one article: its title and the place that answers, in runs."""
    words = asked.words
    read = "\n".join(filter(None, (row["lead"], row["text"])))
    place = snippet(read, words) if words else [(read[:SHORT], False)]
    kept = {name: row[name] for name in ("uid", "paper", "paper_title", "province", "section", "published", "gone_at")}
    return {**kept, "title": row["title"], "title_runs": marked(row["title"], words), "snippet": place}


def _as_json(datasette: Any, typed: str, found: Found, answers: list[dict[str, Any]], page: int) -> dict[str, Any]:
    """Return the answer as JSON; ``more_than`` is set where hits were not counted to the end."""
    return {
        "q": typed,
        "total": min(found.total, COUNTED),
        "more": found.total > COUNTED,
        "page": page,
        "words_apart": found.apart,
        "newest_only": found.newest_only,
        "articles": [
            {name: one[name] for name in one if name not in ("title_runs", "snippet")}
            | {"snippet": "".join(text for text, _ in one["snippet"]), "path": datasette.urls.path(f"/a/{one['uid']}")}
            for one in answers
        ],
        "counts": {kind: dict(values) for kind, values in found.counts.items()},
        "over_time": {bar.span: bar.hits for bar in timeline(found.days).bars},
    }


def _links(datasette: Any, given: Mapping[str, str], kind: str, found: Found) -> list[tuple[str, int, str]]:
    """Return value, hits and address of each value that what was found may be narrowed by."""
    counted = found.counts.get(kind, [])
    if given.get(kind) or len(counted) < 2:
        return []
    return [(value, hits, _address(datasette, given, {kind: value})) for value, hits in counted]


def _address(datasette: Any, given: Mapping[str, str], other: Mapping[str, str]) -> str:
    kept = {**given, "page": "", **other}
    return str(datasette.urls.path("/search?" + urlencode({name: value for name, value in kept.items() if value})))
