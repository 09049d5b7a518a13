"""Knows what the archive says of itself: ``/about``, with whom to write to, from the operator's settings."""

from __future__ import annotations

import os
from typing import Any

from datasette import hookimpl

from browse.answering import page, reads_archive
from browse.archive import rows
from browse.pages import safe_href

CONTACT = "BAOTINH_CONTACT"
"""The environment in which ``scrapy browse`` passes on the setting ``CONTACT_URL``."""
HELD = """
SELECT (SELECT archived FROM article_counts WHERE paper = '' AND span = '') AS articles,
  (SELECT count(*) FROM papers) AS papers
"""


@hookimpl(specname="register_routes")
def about_routes() -> list[tuple[str, Any]]:
    """Give the page its address."""
    return [(r"^/about$", about)]


@reads_archive
async def about(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with what the archive is, what it keeps to, whose the articles are, and how one is taken down."""
    (held,) = rows(await database.execute(HELD))
    return await page(
        datasette, request, "about.html", {"held": held, **contact_of(datasette, os.environ.get(CONTACT))}
    )


def contact_of(datasette: Any, passed_on: str | None = None) -> dict[str, str | None]:
    """Return ``contact``, what to show, and ``contact_link``, where it leads; None where nothing or no link is told.

    The plugin's configuration (``plugins: baotinh: contact``) goes before datasette's own ``about_url`` and ``about``,
    and these before the crawl's ``CONTACT_URL``. A mail address becomes a link, any other that is not http(s) does not.
    """
    config = datasette.plugin_config("baotinh") or {}
    link = datasette.metadata("about_url") or ""
    told = str(config.get("contact") or datasette.metadata("about") or link or passed_on or "").strip()
    is_mail = told.count("@") == 1 and not set(told) & set(" <>\"'?&:/") and "." in told.partition("@")[2]
    leads = f"mailto:{told}" if is_mail else safe_href(told) or (None if config.get("contact") else safe_href(link))
    return {"contact": told or None, "contact_link": leads}
