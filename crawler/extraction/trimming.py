"""A page cut small for a fixture: what no reading needs is left out, all else stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

KEPT_ITEMS = 3
"""Items of a long list or menu that stay."""
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
ITEMS = frozenset(["li", "option", "tr", "dd", "a"])
"""Elements that make a list of whatever class; the others only where they share one."""
BOXES = frozenset(["div", "article", "section", "figure", "span", "td"])
RAW = re.compile(r"<!--.*?-->|<(script|style|textarea|svg)\b([^>]*)>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<(/?)([a-z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>", re.IGNORECASE)
CLASS = re.compile(r"\bclass\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
DATA = re.compile(r"(?<=;base64,)[A-Za-z0-9+/=]{100,}")
LINK = re.compile(r"<a\s|<option\b", re.IGNORECASE)
LINKED_DATA = re.compile(r"ld\+json", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the page that may go: character ``start`` up to ``end``, and what it is."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The page as trimmed, and the cuts not made, each with the field that would have read otherwise."""

    page: bytes
    refused: tuple[tuple[Cut, str], ...]


@dataclass(slots=True)
class _Element:
    tag: str
    mark: str
    start: int
    end: int = 0
    children: list[_Element] = field(default_factory=list)


def trim(page: bytes, differs: Callable[[bytes], str | None]) -> Trimmed:
    """Make every cut under which the page reads the same.

    ``differs`` reads a trial and returns the first field that is not as on the whole page, or None. All
    cuts are tried at once; where they change the reading they are halved until those that do are found.
    Bytes are taken one for one, so any charset that holds ASCII will do; of others nothing is cut.
    """
    text = page.decode("latin-1")
    made: list[Cut] = []
    refused: list[tuple[Cut, str]] = []

    def settle(group: list[Cut]) -> None:
        wrong = differs(_without(text, [*made, *group])) if group else None
        if wrong is None:
            made.extend(group)
        elif len(group) == 1:
            refused.append((group[0], wrong))
        else:
            settle(group[: len(group) // 2])
            settle(group[len(group) // 2 :])

    settle(list(cuts(text)))
    return Trimmed(_without(text, made), tuple(refused))


def cuts(text: str) -> Iterator[Cut]:
    """Give what may be cut: comments, styles, what scripts and drawings hold, inline data, items of long lists.

    Prose is never among it: what a reader misses today a person must still see in the fixture.
    """
    raw = []
    for match in RAW.finditer(text):
        raw.append(match.span())
        cut = _raw_cut(match)
        if cut and cut.start < cut.end:
            yield cut
    yield from (Cut(*match.span(), "inline data") for match in DATA.finditer(text))
    yield from _lists(_elements(text, raw), text)


def _raw_cut(match: re.Match[str]) -> Cut | None:
    tag = (match[1] or "").lower()
    if not tag:
        return Cut(*match.span(), "a comment")
    if tag == "style":
        return Cut(*match.span(), "a style")
    if tag == "svg":
        return Cut(*match.span(3), "a drawing")
    return None if tag == "textarea" or LINKED_DATA.search(match[2]) else Cut(*match.span(3), "a script")


def _without(text: str, gone: Iterable[Cut]) -> bytes:
    parts, here = [], 0
    for cut in sorted(gone, key=lambda c: (c.start, -c.end)):
        if cut.start >= here:
            parts.append(text[here : cut.start])
        here = max(here, cut.end)
    return "".join([*parts, text[here:]]).encode("latin-1")


def _elements(text: str, raw: list[tuple[int, int]]) -> _Element:
    """Return the tree of start and end tags as they stand in the source, nothing mended but what is left open."""
    root = _Element("", "", 0, len(text))
    stack = [root]
    spans = iter([*raw, (len(text) + 1, len(text) + 1)])
    begin, end = next(spans)
    for match in TAG.finditer(text):
        while match.start() >= end:
            begin, end = next(spans)
        if match.start() >= begin:
            continue
        tag = match[2].lower()
        if match[1]:
            _close(stack, tag, match.start(), match.end())
        elif tag not in VOID and not match[3].endswith("/"):
            if tag == stack[-1].tag and tag in ("li", "option", "tr"):
                _close(stack, tag, match.start(), match.start())
            element = _Element(tag, _mark(tag, match[3]), match.start())
            stack[-1].children.append(element)
            stack.append(element)
    for element in stack[1:]:
        element.end = len(text)
    return root


def _close(stack: list[_Element], tag: str, inner: int, outer: int) -> None:
    if not any(element.tag == tag for element in stack[1:]):
        return
    while stack[-1].tag != tag:
        stack.pop().end = inner
    stack.pop().end = outer


def _mark(tag: str, attributes: str) -> str:
    """Return what elements of one list share: the tag, and for boxes the first class."""
    if tag in ITEMS:
        return tag
    match = CLASS.search(attributes)
    names = (match[1] or match[2] or match[3] or "").split() if match else []
    return f"{tag}.{names[0]}" if names and tag in BOXES else ""


def _lists(root: _Element, text: str) -> Iterator[Cut]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        waiting += element.children
        for run in _runs(element, text):
            yield Cut(run[KEPT_ITEMS].start, run[-1].end, f"a list of {len(run)} items")


def _runs(parent: _Element, text: str) -> Iterator[list[_Element]]:
    """Give each row of like siblings, every one with a link, that is longer than what is kept."""
    run: list[_Element] = []
    for before, child in pairwise([_Element("", "", 0), *parent.children]):
        linked = bool(child.mark) and LINK.search(text, child.start, child.end) is not None
        follows = run and child.mark == before.mark and not _prose(text[before.end : child.start])
        if not (linked and follows):
            if len(run) > KEPT_ITEMS:
                yield run
            run = []
        if linked:
            run.append(child)
    if len(run) > KEPT_ITEMS:
        yield run


def _prose(between: str) -> bool:
    return re.search(r"\w", RAW.sub("", between)) is not None
