"""Which lines of a page stand where its article does, and how each is set beside the article's paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.bylines import MAX_LINE, parse
from crawler.extraction.container import holder, is_prose
from crawler.extraction.ending import stands_alone
from crawler.extraction.hints import WEAK, is_noise
from crawler.extraction.persons import is_name
from crawler.extraction.text import furniture_key
from crawler.extraction.times import is_date
from pipelines.observed import Line

if TYPE_CHECKING:
    from crawler.extraction.found import Found
    from crawler.extraction.outline import Block, Outline

LONGEST = 400
"""Characters of the longest line that is observed; what is longer is an article's."""
LETTERS = re.compile(r"[^\W\d_]")
LEAST_LETTERS = 4
"""Letters of the shortest line that is observed: ``1.`` or ``***`` says nothing about whose it is."""
CELLS = frozenset(["td", "th"])
DIGITS = re.compile(r"\d+")
BOXES = frozenset(
    ["div", "section", "aside", "article", "header", "footer", "form", "nav", "main", "fieldset", "details"]
)
"""Elements that a template writes and an editor's toolbar does not."""


def observed(found: Found) -> tuple[Line, ...]:
    """Return the lines from below the headline to the end of the article's element, known furniture too.

    Left out: pictures and captions, links, cells of a table of several, dates, credits (``Theo TTXVN``) and labelled
    bylines, what the rules call noise by its words, and what is longer than LONGEST.
    """
    outline, title, body = found.outline, found.title.block, found.body
    captions = {caption for picture in body.pictures for caption in picture.captions}
    blocks = outline.blocks
    around = _holder(outline, range(min(body.start, body.last), body.last))
    first = title + 1 if title is not None and title < body.start else outline.elements[around].first
    kept = [i for i in range(first, body.last) if i not in captions and _is_observed(outline, blocks[i])]
    placed = [(blocks[i], _path(outline, blocks[i], around)) for i in kept]
    usual = _usual(placed)
    return tuple(_line(block, path, usual) for block, path in placed)


def _is_observed(outline: Outline, block: Block) -> bool:
    text = block.text
    if block.src or block.linky or len(text) > LONGEST:
        return False
    if outline.elements[block.element].tag in CELLS and not stands_alone(outline, block.element):
        return False
    if outline.zones[block.element] not in ("", *WEAK):
        return False
    if len(text) > MAX_LINE:
        return True
    byline = parse(text)
    if len(LETTERS.findall(text)) < LEAST_LETTERS or (byline and byline.labelled):
        return False
    return not (is_noise(text) or is_date(text))


def _holder(outline: Outline, indexes: range) -> int:
    """Return the element that holds most of the article's prose."""
    held: Counter[int] = Counter()
    for index in indexes:
        if is_prose(outline.blocks[index]):
            held[holder(outline, index)] += len(outline.blocks[index].text)
    return held.most_common(1)[0][0] if held else 0


def _path(outline: Outline, block: Block, around: int) -> tuple[str, ...]:
    """Return the tags and classes that lead from ``around`` to a block; ``..`` first where it stands outside.

    What follows a stroke is how the run itself is set.
    """
    top = outline.common(block.element, around)
    steps: list[str] = []
    element = block.element
    while element != top:
        here = outline.elements[element]
        steps.append(f"{here.tag}.{DIGITS.sub('0', here.marks)}".rstrip("."))
        element = here.parent
    bold, italic = "b" * block.all_bold, "i" * block.all_italic
    align = block.align if block.align in ("center", "right") else ""
    return (*([".."] if top != around else []), *reversed(steps), f"|{bold}{italic}{align}")


def _usual(placed: list[tuple[Block, tuple[str, ...]]]) -> tuple[str, ...]:
    """Return the path of most of the article's prose."""
    weights: Counter[tuple[str, ...]] = Counter()
    for block, path in placed:
        if is_prose(block):
            weights[path] += len(block.text)
    return weights.most_common(1)[0][0] if weights else ()


def _line(block: Block, path: tuple[str, ...], usual: tuple[str, ...]) -> Line:
    text = block.text
    standing = _standing(path, usual)
    if standing == "boxed":
        path = path[:-1]  # inline neighbours in the same box may be set otherwise
    named = len(text) <= MAX_LINE and (is_name(text) or parse(text) is not None)
    return Line(furniture_key(text), "/".join(path), "named" if named else standing)


def _standing(path: tuple[str, ...], usual: tuple[str, ...]) -> str:
    if path == usual:
        return "plain"
    own = [step for step in path[:-1] if step not in usual]
    bare = len(path) == 1 and len(usual) > 1
    boxed = bare or any(step == ".." or "." in step or step in BOXES for step in own)
    return "boxed" if boxed else "styled"
