"""Reads sitemaps: sets of URLs with their dates, indexes of sitemaps, plain lists, robots.txt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.dates import iso
from crawler.discovery.links import absolute, article_link, distinct
from crawler.discovery.xml import LEADING, child_texts, elements
from pipelines.items import Link
from pipelines.urls import on_paper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from pipelines.items import Paper

ROOTS = ("urlset", "sitemapindex")
ROBOTS_LINE = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
TEXT_LINE = re.compile(rb"^[ \t]*(https?://\S+)[ \t\r]*$", re.MULTILINE)
NO_ARTICLES = re.compile(
    r"categor|cate\b|chuyen-?muc|tag|topic|event|author|image|photo|video|static|page", re.IGNORECASE
)
PERIOD = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:[-_/]?(0[1-9]|1[0-2]))?(?:[-_/]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


def read_sitemap(body: bytes, url: str, paper: Paper) -> tuple[tuple[Link, ...], int]:
    """Return the article links and child sitemaps of a sitemap, and how many addresses it lists.

    ``modified`` is the lastmod, else the date of ``news:publication``; ``image:loc`` is no address.
    """
    links, entries = [], 0
    for element in elements(body, "url", "sitemap"):
        for loc in list(child_texts(element, "loc"))[:1]:
            entries += 1
            links.append(_link(element, absolute(loc, url), paper))
    return distinct(filter(None, links)), entries


def read_text_sitemap(body: bytes, paper: Paper) -> tuple[tuple[Link, ...], int]:
    """Return the article links of a sitemap that is a plain list of addresses, and how many it lists."""
    urls = [line.decode("utf-8", "replace") for line in TEXT_LINE.findall(body.lstrip(LEADING))]
    return distinct(filter(None, (article_link([url], paper) for url in urls))), len(urls)


def is_text_sitemap(body: bytes) -> bool:
    """Say whether the first line that says something is an address and nothing else."""
    return bool(TEXT_LINE.match(body.lstrip(LEADING)[:4096]))


def robots_sitemaps(body: bytes) -> tuple[Link, ...]:
    """Return the sitemaps that a robots.txt names in ``Sitemap:`` lines (RFC 9309, 2.2.4), in order."""
    urls = (match.decode("utf-8", "replace") for match in ROBOTS_LINE.findall(body))
    return distinct(Link(url, "sitemap") for url in urls if url.startswith(("http://", "https://")))


def newest(children: Iterable[Link], count: int) -> tuple[Link, ...]:
    """Return the ``count`` child sitemaps that say they changed last, newest first.

    One says so by its lastmod, else by a year, month or day in its address; those that say
    nothing come after, in their order, and last those named after something else than articles.
    """
    return tuple(sorted(children, key=_rank, reverse=True)[:count])


def _rank(link: Link) -> tuple[bool, str]:
    path = urlsplit(link.url).path
    periods = ("-".join(filter(None, period)) for period in PERIOD.findall(path))
    return not NO_ARTICLES.search(path), link.modified or max(periods, default="")


def _link(element: _Element, urls: tuple[str, ...], paper: Paper) -> Link | None:
    modified = _modified(element)
    if not element.tag.endswith("sitemap"):
        return article_link(urls, paper, modified)
    return next((Link(url, "sitemap", modified) for url in urls if on_paper(url, paper)), None)


def _modified(element: _Element) -> str | None:
    printed = [*child_texts(element, "lastmod")]
    for news in element.iterchildren("{*}news"):
        printed += child_texts(news, "publication_date")
    return next(filter(None, map(iso, printed)), None)
