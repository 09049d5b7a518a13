"""What a template's selectors find on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode, SelectolaxError

from crawler.extraction.page import Page, node_text
from pipelines.items import Template


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

    def texts(self, name: str) -> list[str]:
        """Return what these nodes print, empty ones left out."""
        return [t for t in map(node_text, self.nodes(name)) if t]

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
        return frozenset(n.mem_id for s in selectors for n in _css(self.page, s))


def _with_text(page: Page, selector: str) -> list[LexborNode]:
    return [n for n in _css(page, selector) if n.text(strip=True)]


def _css(page: Page, selector: str) -> list[LexborNode]:
    try:
        return page.tree.css(selector)
    except (SelectolaxError, ValueError):
        return []


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
