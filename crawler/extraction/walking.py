"""One walk over a tree, from nodes to blocks: what is skipped, what is hidden, and where a line breaks."""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extraction.elements import BLOCK, BOLD, ITALIC, MEDIA, SKIP, STYLING
from crawler.extraction.hints import hidden_by_class, zone_of
from crawler.extraction.outline import Block, Element, Link, Outline
from crawler.extraction.text import clean

ALIGN = re.compile(r"text-align\s*:\s*(\w+)")
STYLED_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")
SOURCES = ("data-src", "data-original", "data-lazy-src", "data-image", "src")
PICTURE = re.compile(r"^(?:https?:)?/[^\s]+\.(?:jpe?g|png|webp|avif)(?:$|\?)", re.IGNORECASE)
PLAYER = re.compile(
    r"youtu\.?be|player|video|embed|vimeo|dailymotion|podcast|soundcloud|spotify|\.mp[34]|tiktok\.com/embed",
    re.IGNORECASE,
)
BLANK = re.compile(r"blank|spacer|pixel|placeholder|lazy|loading|\bgrey\b|1x1", re.IGNORECASE)
MAX_NODES = 100_000
ROLES = frozenset(["alert", "status", "dialog", "alertdialog"])
"""Roles of what a script shows for a moment."""
IN_PAGE = re.compile(r"#.")
"""A link within the page, as from a sub-heading; ``#`` alone is a control."""
OPEN_SPAN = -2
"""Marks an inline element whose text is kept by itself."""
SPAN_PARTS, LONGEST_SPAN = 3, 60


class TooMuchError(ValueError):
    """A page has more nodes than any newspaper's page."""


class _Style(NamedTuple):
    bold: bool = False
    italic: bool = False
    linked: bool = False
    align: str = ""


def walk(root: LexborNode, *, dropped: frozenset[int] = frozenset()) -> Outline:
    """Return the outline of a tree; ``dropped`` holds the ``mem_id`` of nodes to leave out.

    Without recursion, so that no nesting is too deep. Raises TooMuchError past MAX_NODES nodes.
    """
    return _Walker(dropped).run(root)


def _plays(node: LexborNode) -> bool:
    """Return whether a frame shows a film or a sound, not an advertisement or a share button."""
    return (
        node.tag != "iframe"
        or PLAYER.search(node.attributes.get("src") or node.attributes.get("data-src") or "") is not None
    )


def _source(attributes: dict[str, str | None]) -> str | None:
    """Return a picture's address: where scripts load it from late, else any attribute that holds one; None for none."""
    told = [v.strip() for v in (attributes.get(name) for name in SOURCES) if v and v.strip()]
    real = next((v for v in told if not v.startswith("data:")), None)
    if real and not BLANK.search(real):
        return real
    late = next(
        (v for v in attributes.values() if v and PICTURE.search(v) and not v.startswith("data:") and " " not in v), None
    )
    return late or real or (told[0][:40] if told else None)


class _Walker:
    def __init__(self, dropped: frozenset[int]) -> None:
        self.outline = Outline()
        self.dropped = dropped
        self.parts: list[str] = []
        self.counts = [0, 0, 0]
        self.broken = False
        self.element = -1
        self.style = _Style()
        self.anchors: list[tuple[str, str, int]] = []
        self.spans: list[int] = []

    def run(self, root: LexborNode) -> Outline:
        stack: list[tuple[LexborNode | None, tuple[bool, int, _Style, int] | None]] = []
        node: LexborNode | None = root
        left = MAX_NODES
        while True:
            if node is None:
                if not stack:
                    break
                node, state = stack.pop()
                self._leave(state)
                continue
            left -= 1
            if left < 0:
                raise TooMuchError
            state = None
            if node.is_text_node:
                self._text(node.text_content or "")
            elif node.is_element_node and node.tag not in SKIP:
                state = self._enter(node)
            elif node.tag in MEDIA and _plays(node):
                self.outline.media.append(len(self.outline.blocks))
            if state is not None:
                stack.append((node.next if node is not root else None, state))
                node = node.first_child
            else:
                node = node.next if node is not root else None
        self.outline.settle(None)
        return self.outline

    def _enter(self, node: LexborNode) -> tuple[bool, int, _Style, int] | None:
        """Open an element; None if nothing below it is to be read."""
        tag = node.tag or ""
        attributes = node.attributes
        style = (attributes.get("style") or "").lower().replace(" ", "")
        classes = attributes.get("class") or ""
        if self._hidden(attributes, style, classes) or node.mem_id in self.dropped:
            return None
        if tag == "label" and (attributes.get("for") or node.css_first("input") is not None):
            return None
        if tag == "br":
            self._flush(broken=True)
            return None
        if tag == "img":
            self._image(attributes)
            return None
        before, opened = self.style, -1
        block = tag in BLOCK or "display:block" in style
        if block:
            opened = self._open(node, tag, attributes, classes)
        if tag == "time" and (told := attributes.get("datetime") or attributes.get("title")):
            self.outline.times.append((len(self.outline.blocks), told))
        if tag == "a" and attributes.get("href"):
            self.anchors.append((attributes["href"] or "", attributes.get("rel") or "", len(self.parts)))
        if tag == "span" and classes and not block:
            self.spans.append(len(self.parts))
            opened = OPEN_SPAN
        self._restyle(tag, attributes, style)
        return block, opened, before, len(self.anchors) if tag == "a" and attributes.get("href") else 0

    @staticmethod
    def _hidden(attributes: dict[str, str | None], style: str, classes: str) -> bool:
        if style and ("display:none" in style or "visibility:hidden" in style):
            return True
        if attributes.get("role") in ROLES:
            return True
        return "hidden" in attributes or (bool(classes) and hidden_by_class(classes))

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None], classes: str) -> int:
        self._flush()
        parent, index = self.element, len(self.outline.elements)
        name = attributes.get("id") or ""
        marks = f"{classes} {name}".strip()
        zone = zone_of(marks) if marks else ""
        if tag in ("nav", "footer"):
            zone = zone or "chrome"
        depth = self.outline.elements[parent].depth + 1 if parent >= 0 else 0
        self.outline.elements.append(Element(tag, classes, parent, len(self.outline.blocks), 0, zone, 0, depth))
        self.outline.by_node[node.mem_id] = index
        if parent >= 0:
            self.outline.elements[parent].children += 1
        self.element = index
        return index

    def _restyle(self, tag: str, attributes: dict[str, str | None], style: str) -> None:
        if not style and tag not in STYLING and "align" not in attributes:
            return
        old = self.style
        align = old.align
        if style or attributes.get("align") or tag == "center":
            match = ALIGN.search(style) if style else None
            align = match.group(1) if match else (attributes.get("align") or "").lower() or align
            align = "center" if tag == "center" else align
        bold = old.bold or tag in BOLD or bool(style and STYLED_BOLD.search(style))
        italic = old.italic or tag in ITALIC or "font-style:italic" in style
        linked = old.linked or (tag == "a" and IN_PAGE.match(attributes.get("href") or "#x") is None)
        if (bold, italic, linked, align) != (old.bold, old.italic, old.linked, old.align):
            self.style = _Style(bold, italic, linked, align)

    def _leave(self, state: tuple[bool, int, _Style, int] | None) -> None:
        if state is None:
            return
        block, opened, before, anchor = state
        if anchor:
            self._close_link()
        if opened == OPEN_SPAN:
            self._close_span()
        if block:
            self._flush()
            self.outline.elements[opened].last = len(self.outline.blocks)
            self.element = self.outline.elements[opened].parent
        self.style = before

    def _close_link(self) -> None:
        href, rel, start = self.anchors.pop()
        text = clean("".join(self.parts[start:]))
        if not text and start == 0 and self.outline.blocks and not self.outline.blocks[-1].src:
            text = self.outline.blocks[-1].text  # the link wraps whole blocks
        if text and len(text) < 300:
            self.outline.links.append(Link(href, text, len(self.outline.blocks), self.element, rel))

    def _close_span(self) -> None:
        start = self.spans.pop()
        if 0 < len(self.parts) - start <= SPAN_PARTS:
            text = clean("".join(self.parts[start:]))
            if 0 < len(text) <= LONGEST_SPAN:
                self.outline.spans.append((len(self.outline.blocks), text))

    def _text(self, text: str) -> None:
        if not text:
            return
        self.parts.append(text)
        size = len(text.strip())
        style = self.style
        self.counts[0] += size if style.linked else 0
        self.counts[1] += size if style.bold else 0
        self.counts[2] += size if style.italic else 0

    def _image(self, attributes: dict[str, str | None]) -> None:
        src = _source(attributes)
        if src is None:
            return
        self._flush()
        alt = clean(attributes.get("alt") or "")
        self._add(Block(alt, self.element, int(self.style.linked), 0, 0, self.style.align, src))

    def _flush(self, *, broken: bool = False) -> None:
        if self.parts:
            text = clean("".join(self.parts))
            if text:
                linked, bold, italic = self.counts
                self._add(Block(text, self.element, linked, bold, italic, self.style.align, "", self.broken))
            self.parts = []
            self.counts = [0, 0, 0]
            self.anchors = [(href, rel, 0) for href, rel, _ in self.anchors] if self.anchors else []
        self.broken = broken

    def _add(self, block: Block) -> None:
        self.outline.blocks.append(block)
