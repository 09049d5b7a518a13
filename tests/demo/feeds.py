"""Feeds and sitemaps of an edition: RSS 2.0, Atom, sitemap, sitemap index."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime

from tests.demo.edition import Edition, Reply, gzipped, listing, render
from tests.demo.stories import Story

Address = Callable[[Story], str]
"""From a story to its whole URL."""


def rss(edition: Edition, title: str, stories: tuple[Story, ...], url: Address) -> Reply:
    """Return an RSS 2.0 feed of ``stories``."""
    newest = edition.newest(stories)
    body = render("rss.xml", edition=edition, title=title, stories=stories, url=url, rfc=format_datetime, newest=newest)
    return listing(body, "application/rss+xml; charset=utf-8", newest)


def atom(edition: Edition, title: str, stories: tuple[Story, ...], url: Address) -> Reply:
    """Return an Atom feed of ``stories``."""
    newest = edition.newest(stories)
    body = render("atom.xml", edition=edition, title=title, stories=stories, url=url, newest=newest)
    return listing(body, "application/atom+xml", newest)


def sitemap(edition: Edition, stories: tuple[Story, ...], url: Address, *, news: bool = False) -> bytes:
    """Return a urlset; with ``news``, each url has the children of Google's news sitemaps."""
    return render("sitemap.xml", edition=edition, stories=stories, url=url, news=news)


def sitemap_reply(edition: Edition, body: bytes, *, gz: bool = False) -> Reply:
    """Return a sitemap document as it is served, ``gz`` as a .gz file."""
    newest = edition.newest(edition.shown)
    return listing(gzipped(body), "application/gzip", newest) if gz else listing(body, "text/xml", newest)
