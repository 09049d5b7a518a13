"""Reads any listing of a paper, whatever it turns out to be, and says in a sentence what is wrong with it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from crawler.discovery import feeds, lists, sections, sitemaps
from crawler.discovery.links import kind_by_form
from crawler.discovery.xml import LEADING, plain, root_name
from pipelines.items import Kind, Link
from pipelines.text import clean, collapse
from pipelines.urls import host_of, is_article, on_paper

if TYPE_CHECKING:
    from pipelines.items import Paper, Template

TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
MARKUP = re.compile(rb"<(?:html|head|body|div|a|ul|table|p|script|meta|section|main|!doctype)\b", re.IGNORECASE)
JSON = re.compile(rb"\s{0,99}(?:\{\s{0,99}[\"}]|\[\s{0,99}[\[{\]\"])")
EXPECTED = {"feed": "a feed (RSS or Atom)", "sitemap": "a sitemap", "section": "an HTML page"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing gave. ``kind`` is what it turned out to be; ``reason`` a sentence for the operator."""

    kind: Kind
    outcome: Literal["listing/read", "listing/unreadable"]
    reason: str | None = None
    links: tuple[Link, ...] = ()
    reaches: date | None = None
    """The oldest day among its entries: since when this listing tells, as far as it says days."""


def read_listing(
    body: bytes,
    url: str,
    kind: Kind,
    paper: Paper,
    *,
    content_type: str = "",
    template: Template | None = None,
) -> Listing:
    """Read the links of a feed, sitemap, section page, JSON list or robots.txt; never raises.

    ``body`` is without transfer encoding; gzip is undone. What it is counts more than what it was
    fetched for: a section that answers a feed is read as one, and JSON as a section's list. A feed or
    sitemap that answers an HTML page is unreadable, unless that page lists feeds. A listing that was
    read but gave no article carries a reason with counts.
    """
    body = plain(body)
    if kind == "robots":
        links = tuple(link for link in sitemaps.robots_sitemaps(body) if on_paper(link.url, paper))
        return Listing("robots", "listing/read", None, links)
    found = _what(body)
    if found == "html" and kind == "feed" and (index := feeds.read_feed_index(body, url, paper)):
        return Listing("feed", "listing/read", None, index)
    if found == "html" and kind not in ("feed", "sitemap"):
        return _judged("section", *sections.read_section(body, url, paper, template), url, paper)
    return _data(found, body, url, kind, paper, template) or Listing(
        kind, "listing/unreadable", _unreadable(body, url, kind, paper, content_type)
    )


def _data(found: str, body: bytes, url: str, kind: Kind, paper: Paper, template: Template | None) -> Listing | None:
    """Read what is written for machines; None if that is not what it is."""
    if found == "feed":
        return _judged("feed", *feeds.read_feed(body, url, paper), url, paper)
    if found == "sitemap":
        read = sitemaps.read_sitemap if root_name(body) in sitemaps.ROOTS else _text_sitemap
        return _judged("sitemap", *read(body, url, paper), url, paper)
    answered = lists.read_list(body, url, paper, template.lists if template else ()) if found == "json" else None
    if answered is None or (kind in ("feed", "sitemap") and not answered[0]):
        return None
    return _judged("section", *answered, url, paper)


def sniff(body: bytes, url: str, paper: Paper) -> Kind:
    """Return what a captured page of unknown kind is: by its body, else by the form of its address."""
    found = _what(plain(body))
    if found in {"feed", "sitemap"}:
        return found
    form = kind_by_form(url)
    return "article" if form == "section" and is_article(url, paper) else form


def _what(body: bytes) -> Literal["feed", "sitemap", "html", "json", ""]:
    root = root_name(body)
    if root in feeds.ROOTS:
        return "feed"
    if root in sitemaps.ROOTS or sitemaps.is_text_sitemap(body):
        return "sitemap"
    return "json" if JSON.match(body.lstrip(LEADING)) else "html" if _is_markup(body) else ""


def _is_markup(body: bytes) -> bool:
    other = b"\0" in body[:1024] or body.startswith(b"%PDF") or JSON.match(body)
    return not other and bool(MARKUP.search(body))


def _text_sitemap(body: bytes, _url: str, paper: Paper) -> tuple[tuple[Link, ...], int]:
    return sitemaps.read_text_sitemap(body, paper)


def _judged(kind: Kind, links: tuple[Link, ...], count: int, url: str, paper: Paper) -> Listing:
    useful = any(link.kind in ("article", "sitemap") or (link.kind == "section" and not link.if_new) for link in links)
    elsewhere = kind == "sitemap" and sitemaps.lists_no_articles(url)
    reason = None if useful or elsewhere else _nothing(url, count, paper)
    return Listing(kind, "listing/read", reason, links, _reaches(links, url))


def _reaches(links: tuple[Link, ...], url: str) -> date | None:
    """Return the oldest day of the entries; of a sitemap's children the first of the days their address tells."""
    days = [span[0] for link in links if link.kind == "sitemap" and (span := sitemaps.period(link.url))]
    days += filter(None, (_day(link.modified) for link in links if link.kind in ("article", "sitemap")))
    span = sitemaps.period(url)
    return min(days, default=span[0] if span and links else None)


def _day(modified: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{modified[:7]}-01" if len(modified) == 7 else modified[:10]) if modified else None
    except ValueError:
        return None


def _nothing(url: str, count: int, paper: Paper) -> str:
    forms = " or ".join(repr(pattern.pattern) for pattern in paper.article)
    rule = f"match article {forms}" if forms else "look like an article"
    return f"{paper.name}: 0 of {count} links on {url} {rule}; run 'scrapy discover {_host(paper)}'"


def _unreadable(body: bytes, url: str, kind: Kind, paper: Paper, content_type: str) -> str:
    expected = EXPECTED.get(kind, EXPECTED["section"])
    remedy = f"correct '{kind}s' of [{paper.name}] in papers.toml"
    found = _described(body, content_type)
    return f"{paper.name}: {url} answers {found} where {expected} was expected; {remedy}"


def _described(body: bytes, content_type: str) -> str:
    if not body.strip():
        return "nothing"
    if not _is_markup(body):
        return f"{len(body)} bytes of {content_type.partition(';')[0].strip() or 'an unknown type'}"
    title = TITLE.search(body)
    words = collapse(clean(html.unescape(title[1].decode("utf-8", "replace")))) if title else ""
    return f"an HTML page ('{words[:80]}')" if words else "an HTML page"


def _host(paper: Paper) -> str:
    return host_of(f"https://{paper.hosts[0]}") if paper.hosts else paper.name
