"""Knows what search engines are told: ``/robots.txt``, and ``/sitemap.xml`` of every public article's page.

A sitemap holds 50,000 addresses at most (sitemaps.org), and one of 3,000 is written in 0.2 s. Of more articles there is
an index of parts by row number, so that each part is read by the table's own order and none is counted through.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.answering import reads_archive
from browse.archive import rows
from browse.conditional import unless_known

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MEDIA = "application/xml; charset=utf-8"
PART = 3_000
"""Row numbers of a part."""
LAST = "SELECT max(id) FROM articles"
SHOWN = """
SELECT a.uid, a.first_seen, (SELECT max(r.seen_at) FROM revisions r
  WHERE r.article_id = a.id AND r.kind <> 'extraction') AS edited
FROM articles a WHERE a.id > :first AND a.id <= :last AND a.visibility = 'public' ORDER BY a.id
"""
CLOSED = ("/-/", "/*?*_facet", "/*?*_sort", "/*?*_search", "/*?*_filter", "/*?*_next", "/*?*sql=", "/search")
"""What a robot would never come to the end of; articles, days, papers and provinces stay open."""


@hookimpl(specname="register_routes")
def sitemap_routes() -> list[tuple[str, Any]]:
    """Give sitemaps and robots.txt their addresses."""
    return [
        (r"^/robots\.txt$", robots),
        (r"^/sitemap\.xml$", sitemap),
        (r"^/sitemap-(?P<n>\d{1,6})\.xml$", part),
    ]


@reads_archive
async def robots(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with what robots may ask for, and where the sitemap is."""
    closed = "".join(f"Disallow: {datasette.urls.path(path)}\n" for path in CLOSED)
    where = datasette.absolute_url(request, datasette.urls.path("/sitemap.xml"))
    return Response.text(
        f"User-agent: *\nAllow: /\nDisallow: {_raw(datasette, database)}\n{closed}\nSitemap: {where}\n"
    )


@reads_archive
async def sitemap(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with all articles, or with the index of the parts where they are many."""
    parts = _parts((await database.execute(LAST)).single_value() or 0)
    if parts == 1:
        return await _articles(datasette, request, database, 1)
    root = ET.Element("sitemapindex", {"xmlns": NAMESPACE})
    for n in range(1, parts + 1):
        _put(ET.SubElement(root, "sitemap"), "loc", _absolute(datasette, request, f"/sitemap-{n}.xml"))
    return unless_known(request, _written(root), MEDIA)


@reads_archive
async def part(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the n-th part. Raises NotFound beyond the last."""
    n = int(request.url_vars["n"])
    if not 1 <= n <= _parts((await database.execute(LAST)).single_value() or 0):
        raise NotFound("Không có phần này. No such part.")
    return await _articles(datasette, request, database, n)


async def _articles(datasette: Any, request: Any, database: Any, n: int) -> Any:
    """Answer with the public articles of the n-th part, read a thousand rows at a time."""
    root = ET.Element("urlset", {"xmlns": NAMESPACE})
    newest = ""
    for first in range((n - 1) * PART, n * PART, 1000):
        for row in rows(await database.execute(SHOWN, {"first": first, "last": first + 1000})):
            element = ET.SubElement(root, "url")
            changed = max(row["edited"] or "", row["first_seen"])
            newest = max(newest, changed)
            _put(element, "loc", _absolute(datasette, request, f"/a/{row['uid']}"))
            _put(element, "lastmod", changed)
    return unless_known(request, _written(root), MEDIA, datetime.fromisoformat(newest) if newest else None)


def _parts(last: int) -> int:
    return max(-(-last // PART), 1)


def _raw(datasette: Any, database: Any) -> str:
    """Return the path of the archive's tables, whose filters and orders have no end."""
    return str(datasette.urls.database(database.name)) + "/"


def _absolute(datasette: Any, request: Any, path: str) -> str:
    return str(datasette.absolute_url(request, datasette.urls.path(path)))


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _written(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
