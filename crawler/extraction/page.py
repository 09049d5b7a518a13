"""One parse of a page: its tree, its meta elements, its JSON-LD, and where its links lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extraction import jsonld
from crawler.extraction.elements import SKIP
from crawler.extraction.outline import Outline
from crawler.extraction.text import clean, key
from crawler.extraction.walking import walk

MANY_TAGS = 12_000
"""Tags from which nesting is counted before parsing: the parser's time grows with its square."""
DEEPEST = 1_500
SOME_OPEN = 400
"""Tags without an end, of any kind, from which those that matter are counted."""
MANY_OPEN = 150
FORMATTING = ("font", "b", "i", "u", "em", "strong", "small", "big", "code", "s", "strike", "tt", "nobr")
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "td",
        "tr",
        "option",
    ]
)
SUFFIX = re.compile(r"\s+[-–—|:»>]+\s+")


def too_deep(html: str) -> bool:
    """Return whether a page nests deeper than any newspaper's page, which would hold the parser for minutes.

    Formatting elements left open count too: the parser opens them again in every paragraph.
    """
    tags = html.count("<")
    left_open = tags - 2 * html.count("</")
    if left_open < SOME_OPEN and tags < MANY_TAGS:
        return False
    small = html.lower()
    if any(small.count(f"<{tag} ") - small.count(f"</{tag}>") > MANY_OPEN for tag in FORMATTING):
        return True
    if tags < MANY_TAGS:
        return False
    depth = 0
    for close, tag in TAG.findall(small):
        if tag not in VOID:
            depth += -1 if close else 1
            if depth > DEEPEST:
                return True
    return False


def parts_of(url: str | None) -> SplitResult:
    """Return an address in parts; nothing but empty parts where it is none."""
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


@dataclass(frozen=True)
class Page:
    """A parsed page. ``url`` is where it was fetched."""

    html: str
    url: str
    tree: LexborHTMLParser

    @classmethod
    def parse(cls, html: str, url: str) -> Page:
        """Parse once; the tree survives an early ``</html>`` and documents within the document."""
        return cls(html, url, LexborHTMLParser(html))

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Return the contents of meta elements by name or property, lower case, in order."""
        found: dict[str, list[str]] = {}
        for node in self.tree.css("meta"):
            attributes = node.attributes
            content = clean(unescape(attributes.get("content") or ""))
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
            if name and content:
                found.setdefault(name.lower(), []).append(content)
        return found

    def meta(self, *names: str) -> str:
        """Return the first content of the first of these names that has one, or an empty string."""
        return next((self.metas[n][0] for n in names if n in self.metas), "")

    @cached_property
    def things(self) -> list[dict[str, Any]]:
        """Return the objects of the page's JSON-LD."""
        scripts = self.tree.css('script[type*="ld+json"]')
        return jsonld.objects(s.text() or "" for s in scripts[:30])

    @cached_property
    def article(self) -> dict[str, Any]:
        """Return the facts JSON-LD gives of this page's article.

        Of several articles those with another headline than the page tells are the related ones'.
        """
        heads = {key(jsonld.text_of(t.get("headline") or t.get("name"))) for t in jsonld.articles(self.things)}
        if len(heads) < 2:
            return jsonld.article(self.things)
        told = {key(t) for t in (self.meta("og:title", "twitter:title"), *self.headings(), *self.endings()) if t}
        return jsonld.article(self.things, heads & told)

    @cached_property
    def outline(self) -> Outline:
        """Return the outline of the whole page."""
        root = self.tree.root
        return walk(root) if root is not None else Outline()

    @cached_property
    def base(self) -> str:
        """Return what relative links are resolved against: ``<base href>``, else the page's address."""
        node = self.tree.css_first("base[href]")
        return self.absolute(node.attributes.get("href") or "", self.url) or self.url if node else self.url

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return what the page calls its newspaper, in meta and JSON-LD."""
        owners = [
            t
            for t in self.things
            if jsonld.types(t) & {"organization", "newsmediaorganization", "website", "corporation"}
        ]
        named = [jsonld.text_of(o.get("name")) for o in owners] + [jsonld.text_of(self.article.get("publisher"))]
        return tuple(n for n in (self.meta("og:site_name"), self.meta("application-name"), *named) if n)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the host's name whole and without its ends, as account names print it."""
        host = (parts_of(self.canonical or self.url).hostname or "").removeprefix("www.")
        return host, host.split(".")[0]

    @cached_property
    def heading(self) -> str:
        """Return the text of ``<title>``."""
        node = self.tree.css_first("title")
        return clean(node.text() or "") if node else ""

    @cached_property
    def named(self) -> tuple[str, ...]:
        """Return the addresses the page names as its own: rel=canonical, meta canonical, og:url."""
        node = self.tree.css_first('link[rel="canonical"]')
        named = (node.attributes.get("href") or "" if node else "", self.meta("canonical"), self.meta("og:url"))
        return tuple(dict.fromkeys(filter(None, (self.absolute(n, self.url) for n in named if n))))

    @property
    def canonical(self) -> str | None:
        """Return the first address the page names as its own."""
        return next(iter(self.named), None)

    @property
    def noarchive(self) -> bool:
        """Return whether a robots meta forbids to show copies."""
        names = ("robots", "baotinh", "googlebot")
        return any("noarchive" in content.lower() for name in names for content in self.metas.get(name, ()))

    @property
    def language(self) -> str:
        """Return the language the page declares, or an empty string."""
        root = self.tree.css_first("html")
        return (root.attributes.get("lang") or "" if root else "") or self.meta("og:locale", "content-language")

    def absolute(self, href: str, base: str | None = None) -> str | None:
        """Return an http(s) address made absolute, or None where it is none."""
        try:
            url = urljoin(self.base if base is None else base, href.strip())
            parts = urlsplit(url)
        except ValueError:
            return None
        return url if parts.scheme in ("http", "https") and "." in parts.netloc + "." else None

    def headings(self) -> list[str]:
        """Return ``<title>`` whole, then without what follows its last strokes, shortest last."""
        ends = [len(self.heading)] + [m.start() for m in reversed(list(SUFFIX.finditer(self.heading)))]
        return [self.heading[:end] for end in ends if end]

    def endings(self) -> list[str]:
        """Return what follows the strokes of ``<title>``, where the newspaper's name stands before the headline."""
        return [self.heading[m.end() :] for m in SUFFIX.finditer(self.heading)]


def node_text(node: LexborNode) -> str:
    """Return the text a node prints, on one line."""
    if node.css_first("script, style, button") is None:
        return clean(node.text(separator=" ") if node.css_first("br, p, div, li") else node.text())
    parts = [
        n.text_content or ""
        for n in node.traverse(include_text=True)
        if n.is_text_node and (n.parent is None or n.parent.tag not in SKIP)
    ]
    return clean("".join(parts))
