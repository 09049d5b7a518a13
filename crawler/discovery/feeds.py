"""Reads feeds: RSS 0.9x, 1.0 and 2.0, Atom, also broken ones, and HTML pages that list feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.dates import iso
from crawler.discovery.links import FEED_FORM, absolute, article_link, distinct
from crawler.discovery.xml import child_texts, elements
from pipelines.items import Link
from pipelines.urls import on_paper, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from pipelines.items import Paper

ROOTS = ("rss", "rdf", "feed")
ADDRESSES = ("link", "origLink", "guid", "id")
DATES = ("updated", "modified", "pubDate", "date", "published", "issued")
ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_feed(body: bytes, url: str, paper: Paper) -> tuple[tuple[Link, ...], int]:
    """Return the article links of a feed in its order, and how many entries it has."""
    links, entries = [], 0
    for entry in elements(body, "item", "entry"):
        entries += 1
        urls = [u for address in _addresses(entry) for u in absolute(address, url)]
        links.append(article_link(urls, paper, _modified(entry)))
    return distinct(filter(None, links)), entries


def read_feed_index(body: bytes, url: str, paper: Paper) -> tuple[Link, ...]:
    """Return the feeds, and pages of feeds, that a page such as ``/rss``, or OPML, lists; itself not among them."""
    tree = LexborHTMLParser(body)
    named = (node.attributes for node in tree.css("a[href], link[rel=alternate][href], outline[xmlurl]"))
    anchors = (attributes.get("href") or attributes.get("xmlurl") or "" for attributes in named)
    urls = [u for href in anchors for u in absolute(href, url) if is_feed_address(u, paper)]
    return tuple(k for k in distinct(Link(u, "feed") for u in urls) if url_key(k.url) != url_key(url))


def index_above(feeds: Iterable[str]) -> str | None:
    """Return where a newsroom lists all feeds that has ``feeds`` below a folder such as ``/rss/``: the folder itself.

    That is how the page of feeds lies to the feeds where both are known (``/rss``, ``/rss/thoi-su.xml``). None where
    the feeds lie elsewhere (``/thoi-su/index.rss``) or the folder is among them.
    """
    named = tuple(feeds)
    for url in named:
        parts = urlsplit(url)
        folder, below, _ = parts.path.removeprefix("/").partition("/")
        if below and FEED_FORM.fullmatch(f"/{folder}"):
            index = f"{parts.scheme}://{parts.netloc}/{folder}"
            return None if url_key(index) in map(url_key, named) else index
    return None


def is_feed_address(url: str, paper: Paper) -> bool:
    """Say whether ``url`` is on the paper and has the form of a feed's address."""
    return on_paper(url, paper) and bool(FEED_FORM.search(urlsplit(url).path))


def _addresses(entry: _Element) -> Iterator[str]:
    """Yield where an entry says it lies, likeliest first: Atom's href, RSS's text, guid, rdf:about.

    Last come links that a tag left open before them swallowed.
    """
    for link in entry.iterchildren("{*}link"):
        if link.get("href") and link.get("rel", "alternate") == "alternate":
            yield link.get("href").replace("&amp;", "&")
    for name in ADDRESSES:
        yield from child_texts(entry, name)
    if entry.get(ABOUT):
        yield entry.get(ABOUT).replace("&amp;", "&")
    for child in entry:
        yield from child_texts(child, "link")


def _modified(entry: _Element) -> str | None:
    printed = (text for name in DATES for text in child_texts(entry, name))
    return next(filter(None, map(iso, printed)), None)
