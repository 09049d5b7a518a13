"""Knows how the archive's pages are drawn: the front page's lists, times and safe links."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from datasette import hookimpl
from markupsafe import Markup

from browse.archive import first_archive, rows
from browse.images import WORD, has_told
from browse.labels import label, tables
from pipelines.text import fold
from browse.timeline import shown_span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

VIETNAM = timezone(timedelta(hours=7))
LATEST = """
SELECT uid, title, lead, paper_title, province, section, published FROM front_page LIMIT 24
"""
PAPERS = """
SELECT p.name, p.title, p.province, count(*) AS articles, max(a.published_date) AS newest
FROM articles a JOIN papers p ON p.name = a.paper WHERE a.visibility = 'public'
GROUP BY p.name ORDER BY articles DESC
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
    env.filters |= {"in_path": in_path, "slug": slug}
    env.filters |= {"moment": moment, "label": label, "safe_href": safe_href, "span": shown_span}


@hookimpl
def render_cell(row: Any, value: Any, column: str, datasette: Any) -> Any | None:
    """Link permanent ids, and the titles beside them, to the article's page."""
    if column in ("uid", "first_uid") and isinstance(value, str):
        return _article_link(datasette, value, value)
    if column == "title" and value and "uid" in row.keys():  # noqa: SIM118 - sqlite3.Row looks in its values
        return _article_link(datasette, row["uid"], value)
    return None


def moment(stored: str | None) -> str:
    """Write a stored time as Vietnam reads it: ``08:30, 24/11/2026``, or the day alone."""
    try:
        at = datetime.fromisoformat(stored or "")
    except ValueError:
        return stored or ""
    if len(stored or "") <= len("2026-11-24"):
        return f"{at:%d/%m/%Y}"
    return f"{at.astimezone(VIETNAM):%H:%M, %d/%m/%Y}"


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


def _article_link(datasette: Any, uid: str, text: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(f"/a/{uid}"), text)
