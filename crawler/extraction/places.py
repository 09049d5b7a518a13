"""What a template's selectors find on a page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode, SelectolaxError

from crawler.extraction.container import in_entry
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page, node_text
from pipelines.items import Template

PATH_DEPTH = 3
"""Elements from a path's first link up to what holds the path."""
BESIDE = frozenset(["related", "comment", "chrome"])
"""Furniture in which an article's own date or byline never stands."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where on the outline of a template's scope a field of the article may stand: blocks ``first`` to ``last``."""

    outline: Outline
    title: int | None
    first: int = 0
    last: int = sys.maxsize

    def know(self, node: LexborNode) -> bool:
        """Return whether a node stands in the scope at all."""
        return self._element(node) is not None

    def above(self, node: LexborNode) -> bool:
        """Return whether a node stands before the headline."""
        element = self._element(node)
        return element is not None and self.title is not None and self.outline.elements[element].first <= self.title

    def hold(self, node: LexborNode) -> bool:
        """Return whether a node stands here, and in no entry of a list of other articles."""
        element = self._element(node)
        if element is None:
            return False
        block = self.outline.elements[element].first
        if not self.first <= block < min(self.last, len(self.outline.blocks)):
            return False
        own = self.outline.blocks[self.title].element if self.title is not None else 0
        return self.outline.zones[element] not in BESIDE and not in_entry(
            self.outline, element, self.outline.common(own, element)
        )

    def _element(self, node: LexborNode) -> int | None:
        here: LexborNode | None = node
        while here is not None:
            if here.mem_id in self.outline.by_node:
                return self.outline.by_node[here.mem_id]
            here = here.parent
        return None


@dataclass(frozen=True, slots=True)
class Places:
    """A template laid over a page. What a field's selectors find is looked up once."""

    page: Page
    template: Template
    _found: dict[str, list[LexborNode]] = field(default_factory=dict, compare=False, repr=False)

    def nodes(self, name: str) -> list[LexborNode]:
        """Return the nodes of the first selector that finds any with text."""
        if name not in self._found:
            tried = (_with_text(self.page, selector) for selector in self.template.fields.get(name, ()))
            self._found[name] = next(filter(None, tried), [])
        return self._found[name]

    def missed(self, name: str) -> float:
        """Return the share of a field's selectors tried in vain before one finds text: 0 the first does, 1 none."""
        selectors = self.template.fields.get(name, ())
        tried = (n for n, selector in enumerate(selectors) if _with_text(self.page, selector))
        return next(tried, len(selectors)) / max(1, len(selectors))

    def texts(self, name: str) -> list[str]:
        """Return what these nodes print, empty ones left out."""
        return [t for t in map(node_text, self.nodes(name)) if t]

    def within(self, name: str, found: Bounds) -> list[str]:
        """Return what the nodes print that stand with the article; outside the scope only one place can be its own."""
        nodes = self.nodes(name)
        held = [n for n in nodes if found.hold(n)]
        if not held and not found.first and not any(map(found.know, nodes)) and len(set(map(_list_of, nodes))) == 1:
            held = nodes
        return [t for n in held if (t := node_text(n))]

    def chain(self, name: str, found: Bounds) -> list[str]:
        """Return what the links of a path print: those above the headline, else the first list of them."""
        nodes = self.nodes(name)
        chosen = [n for n in nodes if found.above(n)] or [n for n in nodes if _holds(_path_of(nodes[0]), n)]
        return [t for n in chosen if (t := node_text(n))]

    def body(self) -> LexborNode | None:
        """Return the article's container: the first node with text that a body selector finds."""
        return next(iter(self.nodes("body")), None)

    def scope(self, body: LexborNode) -> LexborNode:
        """Return the element that holds body, headline and what belongs to them.

        The template's ``scope``, else the element around the body and the headline and one around that.
        """
        named = next(iter(self.nodes("scope")), None)
        if named is not None and _holds(named, body):
            return named
        title = next(iter(self.nodes("title")), None) or self.page.tree.css_first("h1")
        node = body
        while title is not None and (above := _above(node)) is not None and not _holds(node, title):
            node = above
        return _above(node) or node

    def body_is_empty(self) -> bool:
        """Return whether a container stands on the page with nothing in it."""
        return self.body() is None and any(_css(self.page, s) for s in self.template.fields.get("body", ()))

    def dropped(self) -> frozenset[int]:
        """Return the ``mem_id`` of every node that is no part of the body."""
        selectors: Sequence[str] = self.template.fields.get("drop", ())
        return frozenset(n.mem_id for n in _css(self.page, ", ".join(selectors))) if selectors else frozenset()


def _with_text(page: Page, selector: str) -> list[LexborNode]:
    return [n for n in _css(page, selector) if n.text(strip=True)]


def _css(page: Page, selector: str) -> list[LexborNode]:
    try:
        return page.tree.css(selector)
    except (SelectolaxError, ValueError):
        return []


def _path_of(node: LexborNode) -> LexborNode:
    """Return the element of a whole path, whose links may each stand in a list within the one before."""
    for _ in range(PATH_DEPTH):
        node = _above(node) or node
    return node


def _list_of(node: LexborNode) -> int | None:
    """Return the ``mem_id`` of the element that holds a link and its siblings."""
    parent = node.parent
    if parent is not None and parent.tag == "li":
        parent = parent.parent
    return parent.mem_id if parent is not None else None


def _above(node: LexborNode) -> LexborNode | None:
    parent = node.parent
    return parent if parent is not None and parent.tag not in ("html", "-undef", None) else None


def _holds(node: LexborNode, inner: LexborNode) -> bool:
    """Return whether ``inner`` is ``node`` or below it."""
    here: LexborNode | None = inner
    while here is not None:
        if here.mem_id == node.mem_id:
            return True
        here = here.parent
    return False
