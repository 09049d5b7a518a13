"""Knows what every page is told, and how templates write times, names and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from datasette import hookimpl

from browse.archive import first_archive
from browse.images import WORD, has_told
from browse.labels import label, tables
from browse.moments import moment
from browse.timeline import shown_span
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@hookimpl
def extra_template_vars(datasette: Any) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give every page the archive's database and the tables that readers see."""

    async def found() -> dict[str, Any]:
        database = first_archive(datasette)
        return {"archive": database.name if database else None, "archive_tables": tables()}

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
