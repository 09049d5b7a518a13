"""Knows what every page of the archive is told: the front page's lists, and how templates write times and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from datasette import hookimpl

from browse.archive import first_archive, rows
from browse.images import WORD, has_told
from browse.labels import label, tables
from browse.moments import moment
from browse.timeline import shown_span
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LATEST = """
SELECT uid, title, lead, paper_title, province, section, published FROM front_page LIMIT 24
"""
PAPERS = """
SELECT p.name, p.title, p.province, c.archived AS articles, (SELECT a.published_date FROM articles a
  WHERE a.paper = p.name AND a.visibility = 'public' ORDER BY a.published DESC LIMIT 1) AS newest
FROM papers p JOIN article_counts c ON c.paper = p.name AND c.span = '' ORDER BY articles DESC
"""


@hookimpl
def extra_template_vars(datasette: Any, view_name: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give every page the archive's database, and the front page its lists."""

    async def found() -> dict[str, Any]:
        database = first_archive(datasette)
        known: dict[str, Any] = {"archive": database.name if database else None, "archive_tables": tables()}
        if database and view_name == "index":
            known["latest"] = rows(await database.execute(LATEST))
            known["papers"] = rows(await database.execute(PAPERS))
        return known

    return found


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Teach templates times, columns' names and which links are safe."""
    env.filters |= {"moment": moment, "label": label, "safe_href": safe_href, "has_told": has_told}
    env.filters |= {"in_path": in_path, "slug": slug, "span": shown_span}


def safe_href(url: str | None) -> str | None:
    """Return ``url`` if it may stand in a link: http or https, nothing else (``javascript:``)."""
    try:
        return url if url and urlsplit(url).scheme in {"http", "https"} else None
    except ValueError:
        return None


def in_path(name: str) -> str:
    """Return a name as one part of an address' path."""
    return quote(name, safe="")


def slug(name: str) -> str:
    """Return a province's name as its address has it: ``thanh-hoa``."""
    return "-".join(WORD.findall(fold(name)))
