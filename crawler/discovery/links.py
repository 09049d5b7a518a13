"""Knows which links of a listing are kept, what they lead to, and whose they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipelines.items import Kind, Link
from pipelines.urls import host_of, is_article, on_paper, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pipelines.items import Paper

WEB = ("http://", "https://")
BREAKS = re.compile(r"[\t\r\n]")
PLAIN = re.compile(r"(?!.*(?:/\.|;|[?]$|\s))/(?![/\\])")
"""A path from the root with nothing in it that would have to be resolved."""
ROOT = re.compile(r"https?://[\w.:-]+(?=[/?#]|$)", re.ASCII)
FEED_FORM = re.compile(r"/(?:rss|feeds?|atom)(?:/|\.xml$|\.aspx$|$)|\.(?:rss|rdf|atom)$", re.IGNORECASE)
SITEMAP_FORM = re.compile(r"/[^/]*sitemap[^/]*\.(?:xml|txt|gz)$|/sitemaps?(?:/[^/.]*)?$", re.IGNORECASE)


def absolute(href: str, *bases: str) -> tuple[str, ...]:
    """Return what ``href`` can mean, resolved with each base in turn, http(s) alone, without fragment."""
    href = BREAKS.sub("", href).strip().partition("#")[0]
    if href.lower().startswith(WEB):
        return (href,)
    try:
        urls = [_joined(base, href) for base in bases]
    except ValueError:
        return ()
    return tuple(dict.fromkeys(url for url in urls if url.startswith(WEB)))


def _joined(base: str, href: str) -> str:
    """Return what `urljoin` does; a plain path from the root, as most links are, without its work."""
    root = ROOT.match(base)
    return root[0] + href if root and PLAIN.match(href) else urljoin(base, href)


def best(urls: Iterable[str], paper: Paper) -> str | None:
    """Return the reading of a link that is an article of the paper, else one on its hosts, else None.

    A page's ``<base href>`` may name an image host or a folder of templates (FINDINGS 1); the
    article it links still lies on the paper's host.
    """
    ours = [url for url in urls if on_paper(url, paper)]
    return next((url for url in ours if is_article(url, paper)), ours[0] if ours else None)


def article_link(urls: Iterable[str], paper: Paper, modified: str | None = None) -> Link | None:
    """Return the link to an article that one of ``urls`` is, or None."""
    url = next((url for url in urls if is_article(url, paper)), None)
    return Link(url, "article", modified) if url else None


def home_of(url: str, paper: Paper) -> str:
    """Return the root of the paper's current host, with the scheme that ``url`` has, without a slash."""
    host = paper.hosts[0] if paper.hosts else urlsplit(url).netloc
    return f"{url.partition(':')[0]}://{host}"


def distinct(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links without those whose `url_key` came before, in their order."""
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(url_key(link.url), link)
    return tuple(found.values())


def kind_by_form(url: str) -> Kind:
    """Return what an address promises by its form alone: robots, feed, sitemap or section."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return "section"
    if path == "/robots.txt":
        return "robots"
    if FEED_FORM.search(path):
        return "feed"
    return "sitemap" if SITEMAP_FORM.search(path) else "section"


def paper_for(url: str, papers: Iterable[Paper], day: date | None = None) -> Paper | None:
    """Return the paper whose host ``url`` is on, or None.

    Where several share the host, one whose article pattern matches goes before one whose does not,
    then one that was open on ``day`` (today without it), then the first given. On a day when one that
    has closed since was open, the host was its own unless its successor's entry names it as early:
    hosts stand in the order in which they are a paper's.
    """
    owners = [paper for paper in papers if on_paper(url, paper)]
    if day is not None and any(paper.until is not None and day <= paper.until for paper in owners):
        return max(owners, key=lambda p: (_open(p, day), -_rank(url, p), is_article(url, p), p.until is not None))
    return max(owners, key=lambda p: (is_article(url, p), _open(p, day)), default=None)


def _open(paper: Paper, day: date | None) -> bool:
    return paper.until is None or (day is not None and day <= paper.until)


def _rank(url: str, paper: Paper) -> int:
    hosts = [host_of(f"https://{host}") for host in paper.hosts]
    return hosts.index(host_of(url))
