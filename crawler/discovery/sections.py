"""Reads section pages: their articles in order, the feeds they name, and the page after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.links import absolute, best, distinct
from pipelines.items import Link
from pipelines.urls import is_article, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.items import Paper, Template

FEEDS = 'link[rel~="alternate"][type*="rss"], link[rel~="alternate"][type*="atom"]'
FRONT_PAGE = re.compile(r"\w+://[^/]*/*")
NEXT = 'link[rel~="next"][href], a[rel~="next"][href]'


def read_section(body: bytes, url: str, paper: Paper, template: Template | None = None) -> tuple[tuple[Link, ...], int]:
    """Return the links of a section page, and how many different addresses its anchors name.

    Articles come in document order, then the feeds of ``<link rel=alternate>``, then the next page
    (``if_new``): the one the page names by ``rel=next``, else the template's pager. A page without
    articles has no next one.
    """
    tree = LexborHTMLParser(body)
    base = next(_hrefs(tree, "base[href]"), url)
    bases = (*absolute(base, url), url, *absolute("/", url))
    anchors = [found for href in _hrefs(tree, "a[href]") if (found := absolute(href, *bases))]
    urls = [ours for found in anchors if (ours := best(found, paper))]
    articles = distinct(Link(u, "article") for u in urls if is_article(u, paper))
    feeds = [u for href in _hrefs(tree, FEEDS) if (u := best(absolute(href, *bases), paper))]
    links = [*articles, *(Link(u, "feed") for u in feeds)]
    named = next((u for href in _hrefs(tree, NEXT) if (u := best(absolute(href, url, *bases), paper))), None)
    pager = template.pager if template and not is_article(url, paper) else None
    if articles and (follow := _next_page(named, urls, url, pager)):
        links.append(Link(follow, "section", if_new=True))
    return distinct(links), len({url_key(found[0]) for found in anchors})


def page_after(url: str, pager: str) -> str | None:
    """Return the address of the page after ``url`` by a rule such as ``?p={n}`` or ``/trang-{n}``.

    None for a site's front page, which has no pages after it.
    """
    rule = re.escape(pager).replace(r"\{n\}", r"(\d{1,6})")
    rule = rule if not pager.startswith("?") else rf"(?<=[?&]){rule.removeprefix(re.escape('?'))}(?=&|$)"
    current = re.search(rule if pager.startswith("?") else rule + r"(?=\?|$)", url)
    if current:
        return url[: current.start(1)] + str(int(current[1]) + 1) + url[current.end(1) :]
    address, _, query = url.partition("?")
    if FRONT_PAGE.fullmatch(address):
        return None
    if not pager.startswith("?"):
        return address.rstrip("/") + pager.format(n=2) + (f"?{query}" if query else "")
    return f"{url}&{pager[1:].format(n=2)}" if query else address + pager.format(n=2)


def _next_page(named: str | None, urls: list[str], url: str, pager: str | None) -> str | None:
    """Return the next page as the page itself writes it, if it links it, else as the rule does."""
    counted = page_after(url, pager) if pager and not named else None
    written = next((u for u in urls if counted and url_key(u) == url_key(counted)), counted)
    follow = named or written
    return follow if follow and url_key(follow) != url_key(url) else None


def _hrefs(tree: LexborHTMLParser, selector: str) -> Iterator[str]:
    for node in tree.css(selector):
        href = (node.attributes.get("href") or "").strip()
        if href and not href.startswith("#"):
            yield href
