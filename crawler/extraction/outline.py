"""A page as a line of blocks: paragraphs and pictures in order, each knowing its element and its style."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Block(NamedTuple):
    """A run of text within one element, or one picture (``src`` set). Counts are characters."""

    text: str
    element: int
    linked: int = 0
    bold: int = 0
    italic: int = 0
    align: str = ""
    src: str = ""
    after_break: bool = False
    tail: int = 0
    """Characters of the bold or italic run with which the text ends."""

    @property
    def linky(self) -> bool:
        """Whether the run is mostly links."""
        return self.linked > 0.6 * len(self.text)

    @property
    def all_bold(self) -> bool:
        """Whether the run is bold from end to end."""
        return self.bold >= 0.9 * len(self.text) > 0

    @property
    def all_italic(self) -> bool:
        """Whether the run is italic from end to end."""
        return self.italic >= 0.9 * len(self.text) > 0


class Link(NamedTuple):
    """An ``<a href>`` with text: where it points, what it says, the block and element it stands in."""

    href: str
    text: str
    block: int
    element: int
    rel: str = ""


@dataclass(slots=True)
class Element:
    """A block element; ``first`` and ``last`` bound its blocks (``last`` is one past)."""

    tag: str
    marks: str
    parent: int
    first: int
    last: int = 0
    own_zone: str = ""
    children: int = 0
    depth: int = 0


@dataclass(slots=True)
class Outline:
    """What one walk over a tree finds. Elements and blocks are named by their index."""

    elements: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    times: list[tuple[int, str]] = field(default_factory=list)
    """(block, value) of each ``<time datetime=…>``, or of its title."""
    spans: list[tuple[int, str]] = field(default_factory=list)
    """(block, text) of each short ``<span class=…>``: the items of a row that is one block."""
    media: list[int] = field(default_factory=list)
    """The blocks before which a player or frame stands."""
    by_node: dict[int, int] = field(default_factory=dict)
    """Index of an element by its node's ``mem_id``."""
    zones: list[str] = field(default_factory=list)
    """The kind of furniture each element stands in, by class names; set by `settle`."""

    def settle(self, title: int | None) -> None:
        """Decide which elements are furniture: no element is that holds the headline or half of the page's text."""
        holders = set()
        element = self.blocks[title].element if title is not None else -1
        while element >= 0:
            holders.add(element)
            element = self.elements[element].parent
        if self.zones and not any(self.elements[holder].own_zone for holder in holders):
            return
        sizes = [0]
        for block in self.blocks:
            sizes.append(sizes[-1] + (len(block.text) if len(block.text) > 80 and not block.linky else 0))
        self.zones = []
        for index, here in enumerate(self.elements):
            heavy = (sizes[here.last] - sizes[here.first]) * 2 > sizes[-1] > 0
            own = "" if index in holders or heavy else here.own_zone
            self.zones.append((self.zones[here.parent] if here.parent >= 0 else "") or own)

    def within(self, element: int, ancestor: int) -> bool:
        """Return whether ``element`` is ``ancestor`` or below it."""
        while element > ancestor:
            element = self.elements[element].parent
        return element == ancestor

    def common(self, a: int, b: int) -> int:
        """Return the deepest element that holds both."""
        while a != b:
            if a > b:
                a = self.elements[a].parent
            else:
                b = self.elements[b].parent
        return a
