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
NOT_OPEN = -1
OPEN_SPAN = -2
"""Marks an inline element whose text is kept by itself."""
ALONE = frozenset(["br", "img", "label"])
TOLD = frozenset(["a", "time"])
CLOSING = " \t\r\n\xa0./)"
"""What may stand behind the name that ends a text."""
SPAN_PARTS, LONGEST_SPAN = 3, 60


class TooMuchError(ValueError):
    """A page has more nodes than any newspaper's page."""


class _Style(NamedTuple):
    bold: bool = False
    italic: bool = False
    linked: bool = False
    align: str = ""


PLAIN = _Style()
_State = tuple[int, _Style, int]
"""What leaving an element undoes: the element opened (NOT_OPEN, OPEN_SPAN), the style before, the links open."""
LEFT_OUT: _State = (NOT_OPEN, PLAIN, 0)


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
        self.tail = 0
        self.broken = False
        self.element = -1
        self.style = PLAIN
        self.anchors: list[tuple[str, str, int, int]] = []
        self.spans: list[int] = []

    def run(self, root: LexborNode) -> Outline:
        stack: list[tuple[LexborNode | None, _State | None]] = [(None, self._enter(root, root.tag or "-"))]
        if stack[0][1] is LEFT_OUT:
            return self.outline
        node = root.first_child
        left = MAX_NODES
        while stack:
            if node is None:
                node, state = stack.pop()
                if state is not None:
                    self._leave(state)
                continue
            left -= 1
            if left < 0:
                raise TooMuchError
            tag = node.tag or "-"
            if tag == "-text":
                self._text(node.text_content or "")
            elif tag in SKIP:
                self._skip(node, tag)
            elif tag[0] != "-":
                state = self._enter(node, tag)
                if state is not LEFT_OUT:
                    stack.append((node.next, state))
                    node = node.first_child
                    continue
            node = node.next
        self.outline.settle(None)
        return self.outline

    def _skip(self, node: LexborNode, tag: str) -> None:
        if tag in MEDIA and _plays(node):
            self.outline.media.append(len(self.outline.blocks))

    def _enter(self, node: LexborNode, tag: str) -> _State | None:
        """Open an element; LEFT_OUT if nothing below it is to be read, None if leaving it changes nothing."""
        attributes = node.attributes
        style = classes = ""
        if attributes:
            style = (attributes.get("style") or "").lower().replace(" ", "")
            classes = attributes.get("class") or ""
            if self._hidden(attributes, style, classes):
                return LEFT_OUT
        if self.dropped and node.mem_id in self.dropped:
            return LEFT_OUT
        if tag in ALONE and self._stands_alone(node, tag, attributes):
            return LEFT_OUT
        before, opened, anchor = self.style, NOT_OPEN, 0
        if tag in BLOCK or "display:block" in style:
            opened = self._open(node, tag, attributes, classes)
        elif tag == "span" and classes:
            self.spans.append(len(self.parts))
            opened = OPEN_SPAN
        if tag in TOLD:
            anchor = self._told(tag, attributes)
        if style or tag in STYLING or "align" in attributes:
            self._restyle(tag, attributes, style)
        elif opened == NOT_OPEN and not anchor:
            return None
        return opened, before, anchor

    def _told(self, tag: str, attributes: dict[str, str | None]) -> int:
        """Note what a link or a time says in its attributes; return how many links are open by it, 0 for none."""
        place = len(self.outline.blocks)
        if tag == "time":
            if told := attributes.get("datetime") or attributes.get("title"):
                self.outline.times.append((place, told))
            return 0
        href = attributes.get("href")
        if not href:
            return 0
        self.anchors.append((href, attributes.get("rel") or "", len(self.parts), place))
        return len(self.anchors)

    def _stands_alone(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
        """Take in a line break or a picture; return whether there is nothing to read below the element."""
        if tag == "label":
            return bool(attributes.get("for")) or node.css_first("input") is not None
        if tag == "br":
            self._flush(broken=True)
        else:
            self._image(attributes)
        return True

    @staticmethod
    def _hidden(attributes: dict[str, str | None], style: str, classes: str) -> bool:
        if style and ("display:none" in style or "visibility:hidden" in style):
            return True
        if "hidden" in attributes or ("role" in attributes and attributes["role"] in ROLES):
            return True
        return bool(classes) and hidden_by_class(classes)

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None], classes: str) -> int:
        if self.parts or self.broken:
            self._flush()
        outline, parent = self.outline, self.element
        elements = outline.elements
        index = len(elements)
        zone = ""
        if attributes:
            name = attributes.get("id") or ""
            marks = f"{classes} {name}".strip() if name else classes.strip()
            zone = zone_of(marks) if marks else ""
        if tag in ("nav", "footer"):
            zone = zone or "chrome"
        depth = 0
        if parent >= 0:
            elements[parent].children += 1
            depth = elements[parent].depth + 1
        elements.append(Element(tag, classes, parent, len(outline.blocks), 0, zone, 0, depth))
        outline.by_node[node.mem_id] = index
        self.element = index
        return index

    def _restyle(self, tag: str, attributes: dict[str, str | None], style: str) -> None:
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

    def _leave(self, state: _State) -> None:
        opened, before, anchor = state
        if anchor:
            self._close_link()
        if opened == OPEN_SPAN:
            self._close_span()
        elif opened != NOT_OPEN:
            if self.parts or self.broken:
                self._flush()
            element = self.outline.elements[opened]
            element.last = len(self.outline.blocks)
            self.element = element.parent
        self.style = before

    def _close_link(self) -> None:
        href, rel, start, begun = self.anchors.pop()
        text = clean("".join(self.parts[start:]))
        if not text and len(self.outline.blocks) > begun and not self.outline.blocks[-1].src:
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
        if not self.parts and text.isspace():
            return  # between blocks
        self.parts.append(text)
        style = self.style
        if style is PLAIN:
            self.tail = 0 if self.tail and text.strip(CLOSING) else self.tail
            return
        size = len(text.strip())
        self.tail = self.tail + size if style.bold or style.italic else 0
        if style.linked:
            self.counts[0] += size
        if style.bold:
            self.counts[1] += size
        if style.italic:
            self.counts[2] += size

    def _image(self, attributes: dict[str, str | None]) -> None:
        src = _source(attributes)
        if src is None:
            return
        self._flush()
        alt = clean(attributes.get("alt") or "")
        self.outline.blocks.append(Block(alt, self.element, int(self.style.linked), 0, 0, self.style.align, src))

    def _flush(self, *, broken: bool = False) -> None:
        if self.parts:
            text = clean("".join(self.parts))
            if text:
                linked, bold, italic = self.counts
                self.outline.blocks.append(
                    Block(text, self.element, linked, bold, italic, self.style.align, "", self.broken, self.tail)
                )
            self.parts = []
            self.counts = [0, 0, 0]
            self.tail = 0
            if self.anchors:
                self.anchors = [(href, rel, 0, begun) for href, rel, _, begun in self.anchors]
        self.broken = broken
