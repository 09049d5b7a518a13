"""Reads section pages: their articles in order, the feeds and lists they name, and the page after."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.entries import day_of, entry_days
from crawler.discovery.links import absolute, best, distinct
from crawler.discovery.lists import lists_of_page
from crawler.discovery.pagers import numbered, page_after, shown
from pipelines.items import Link
from pipelines.urls import is_article, on_paper, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from crawler.discovery.pagers import Shown
    from pipelines.items import Paper, Template

FEEDS = 'link[rel~="alternate"][type*="rss"], link[rel~="alternate"][type*="atom"]'
NEXT = 'link[rel~="next"][href], a[rel~="next"][href]'


class _Anchor(NamedTuple):
    node: LexborNode
    url: str
    ours: tuple[str, ...]
    """What it can mean on the paper's hosts."""


def read_section(body: bytes, url: str, paper: Paper, template: Template | None = None) -> tuple[tuple[Link, ...], int]:
    """Return the links of a section page, and how many different addresses its anchors name.

    Articles come in document order with the day printed in their entry, then the feeds of ``<link
    rel=alternate>``, the section's list in JSON where its system has one, and the next page (``if_new``):
    the one the page names by ``rel=next``, else the one its pager shows, else the template's. A page
    without articles has no next one; its list is followed whatever it shows.
    """
    tree = LexborHTMLParser(body)
    base = next((href for _, href in _hrefs(tree, "base[href]")), url)
    bases = (*absolute(base, url), url, *absolute("/", url))
    anchors = list(_anchors(tree, bases, paper))
    pager = shown(url, ((u, a.node.text) for a in anchors for u in a.ours))
    articles = _articles(anchors, pager, paper)
    feeds = [u for _, href in _hrefs(tree, FEEDS) if (u := best(absolute(href, *bases), paper))]
    links = [*articles, *(Link(u, "feed") for u in feeds)]
    rules = template.lists if template else ()
    links += (Link(u, "section", if_new=bool(articles)) for u in lists_of_page(tree, body, url, paper, rules))
    named = next((u for _, href in _hrefs(tree, NEXT) if (u := best(absolute(href, url, *bases), paper))), None)
    if articles and (follow := _next_page(named, anchors, url, pager, paper, template)):
        links.append(Link(follow, "section", if_new=True))
    return distinct(links), len({url_key(a.url) for a in anchors})


def _articles(anchors: list[_Anchor], pager: Shown, paper: Paper) -> list[Link]:
    """Return the articles among the anchors; a page of this very listing is none, whatever its form."""
    keyed = [(a.node, url_key(a.url), a.url not in pager.pages and is_article(a.url, paper)) for a in anchors]
    days = entry_days(keyed)
    found: dict[str, str] = {}
    for anchor, (_, key, article) in zip(anchors, keyed, strict=True):
        if article:
            found.setdefault(key, anchor.url)
    return [Link(url, "article", day_of(url, days.get(key))) for key, url in found.items()]


def _next_page(
    named: str | None, anchors: list[_Anchor], url: str, pager: Shown, paper: Paper, template: Template | None
) -> str | None:
    """Return the next page as the page itself writes it, if it links it, else as the rule does.

    An article has none, unless its address is that of a numbered page.
    """
    follow = named
    if not follow and (numbered(url) or not is_article(url, paper)):
        counted = page_after(url, template.pager) if template and template.pager and not pager.last else None
        written = (a.url for a in anchors if a.ours and counted and url_key(a.url) == url_key(counted))
        follow = pager.after or next(written, counted)
    return follow if follow and url_key(follow) != url_key(url) else None


def _anchors(tree: LexborHTMLParser, bases: tuple[str, ...], paper: Paper) -> Iterator[_Anchor]:
    """Yield the links of a page with what they mean, on the paper if they can."""
    for node, href in _hrefs(tree, "a[href]"):
        if urls := absolute(href, *bases):
            ours = tuple(u for u in urls if on_paper(u, paper))
            yield _Anchor(node, best(ours, paper) or urls[0], ours)


def _hrefs(tree: LexborHTMLParser, selector: str) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css(selector):
        href = (node.attributes.get("href") or "").strip()
        if href and not href.startswith("#"):
            yield node, href
