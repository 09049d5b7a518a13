"""Where the article stands on a page of an unknown system: told by prose, nesting and the title's place."""

from __future__ import annotations

import re
from collections import defaultdict

from crawler.extraction.hints import ends_article, is_imprint, is_noise
from crawler.extraction.outline import Block, Element, Outline

DIGITS = re.compile(r"\d+")
SPACELESS = re.compile(r"[\u0e80-\u0eff\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff]")
"""Scripts written without spaces: Lao, Khmer, Chinese, Japanese (the papers' foreign editions)."""
UNSPACED = 20
WORDS = re.compile(r"[^\W\d_]{2}\W+[^\W\d_]{2}|[\u0e80-\u0eff\u1780-\u17ff\u4e00-\u9fff]{4,}")
LINE = 10
"""Characters of a line of a poem or a list of prices."""
PROSE = 40
"""Characters from which a line may be a paragraph."""
LITTLE = 100
"""Characters of prose below which short lines are looked at."""
LONG = 600
"""Characters of one paragraph that count; a wall of text is no proof of an article."""
ITEM = 7
"""Blocks that an entry of a list of articles has at most."""
FAR = 8
"""Headlines of other articles that never stand between an article's headline and its text."""
DECAY = (1.0, 0.55, 0.3, 0.15)
"""What a paragraph says for its holder and the elements around it."""
GRID = re.compile(
    r"(?:^|[\s_-])(?:row|col|container|wrap|wrapper|inner|clearfix|box|item|list|grid)(?:$|[\s_-]|\d)", re.IGNORECASE
)
"""Class names of a page's frame, which set unlike things in like elements."""
BEHIND = 0.25
"""What prose counts in furniture (by its class name) or before the title."""


def is_prose(block: Block) -> bool:
    """Return whether a block reads like a paragraph."""
    if block.src or block.linky:
        return False
    text = block.text
    long = len(text) >= PROSE and " " in text
    return (long or (len(text) >= UNSPACED and SPACELESS.search(text) is not None)) and not is_noise(text)


def size(text: str) -> int:
    """Return how long a text is in letters of a spaced script: one sign of the others says as much as three."""
    return len(text) * 3 if SPACELESS.search(text) else len(text)


def is_teaser(outline: Outline, index: int, stop: int = -1) -> bool:
    """Return whether a paragraph belongs to a linked headline: an entry of a list of other articles."""
    return in_entry(outline, outline.blocks[index].element, stop)


def in_entry(outline: Outline, element: int, stop: int = -1) -> bool:
    """Return whether an element is in an entry of a list of other articles, ``stop`` and above left aside.

    An entry is a small element that begins with a picture, a date or a link and has a linked headline.
    """
    blocks, elements = outline.blocks, outline.elements
    for _ in range(5):
        here = elements[element]
        if element == stop or here.parent < 0 or here.last - here.first > ITEM:
            return False
        inside = blocks[here.first : here.last]
        if sum(len(b.text) >= PROSE and not b.src and not b.linky for b in inside) > 1:
            return False
        if (
            inside
            and any(_headline(b) for b in inside)
            and (inside[0].src or _headline(inside[0]) or len(inside[0].text) < PROSE)
        ):
            return True
        element = here.parent
    return False


def _headline(block: Block) -> bool:
    return block.linky and not block.src and len(block.text.split()) >= 4


def guess(outline: Outline, title: int | None) -> int | None:
    """Return the article's element; None where the page has no prose that could be one."""
    weights = _weights(outline, title)
    if _sure(outline, weights) < LITTLE:
        weights = _lines(outline, title) or weights
    if not weights:
        return None
    scores: dict[int, float] = defaultdict(float)
    for index, weight in weights.items():
        element = holder(outline, index)
        for share in DECAY:
            if element < 0:
                break
            scores[element] += weight * share
            element = outline.elements[element].parent
    best = max(
        scores, key=lambda e: scores[e] * (1 - _link_density(outline, e)) * (1 + outline.elements[e].depth / 1000)
    )
    best = _widen(outline, best, weights, title)
    if _is_far(outline, title, best):
        return None
    return best


def _is_far(outline: Outline, title: int | None, element: int) -> bool:
    """Return whether so many other headlines stand before an element that it is not the article's."""
    first = outline.elements[element].first
    if title is None or title >= first:
        return False
    return sum(_headline(outline.blocks[i]) for i in range(title + 1, first)) >= FAR


def holder(outline: Outline, index: int) -> int:
    """Return the element that holds a paragraph's siblings: its parent, or itself where it holds several lines."""
    element = outline.blocks[index].element
    here = outline.elements[element]
    alone = here.last - here.first == 1 and here.tag not in ("body", "article", "section", "main")
    return here.parent if alone and here.parent >= 0 else element


def _weights(outline: Outline, title: int | None) -> dict[int, float]:
    found: dict[int, float] = {}
    over = False
    for index, block in enumerate(outline.blocks):
        if not is_prose(block) or is_imprint(block.text):
            over = over or (title is not None and index > title and ends_article(block.text))
            continue
        weight = float(min(size(block.text), LONG))
        if is_teaser(outline, index):
            weight *= 0.1
        if over:
            weight *= BEHIND
        if outline.zones[block.element] or (title is not None and index < title):
            weight *= BEHIND
        found[index] = weight
    return found


def _sure(outline: Outline, weights: dict[int, float]) -> float:
    """Return the weight of the paragraphs that nothing speaks against."""
    return sum(w for i, w in weights.items() if w >= min(size(outline.blocks[i].text), LONG))


def _lines(outline: Outline, title: int | None) -> dict[int, float]:
    """Return the weights of short lines below the headline: of a poem, an interview, a bulletin of prices."""
    if title is None:
        return {}
    found: dict[int, float] = {}
    for index in range(title + 1, len(outline.blocks)):
        block = outline.blocks[index]
        if found and ends_article(block.text):
            break
        if _is_line(block) and not is_teaser(outline, index):
            found[index] = size(block.text) * (BEHIND if outline.zones[block.element] else 1.0)
    return found if sum(found.values()) >= LITTLE else {}


def _is_line(block: Block) -> bool:
    """Return whether a short block may be a line of a text: words, and nothing of the template's."""
    if block.src or block.linked or len(block.text) < LINE or not WORDS.search(block.text):
        return False
    return not is_noise(block.text) and not is_imprint(block.text)


def _link_density(outline: Outline, element: int) -> float:
    here = outline.elements[element]
    inside = outline.blocks[here.first : here.last]
    total = sum(len(b.text) for b in inside if not b.src) or 1
    return sum(b.linked for b in inside if not b.src) / total


def _widen(outline: Outline, element: int, weights: dict[int, float], title: int | None) -> int:
    """Return the outermost element that adds prose of the article and nothing that ends it.

    Advertising cuts bodies into several containers; a list of other articles or the comments must stay out.
    """
    elements = outline.elements
    best, inside = element, _weight_of(outline, element, weights)
    while (parent := elements[element].parent) >= 0 and elements[parent].tag not in ("body", "html"):
        here, around = elements[best], elements[parent]
        start = max(around.first, title + 1) if title is not None else around.first
        added = [*range(start, here.first), *range(here.last, around.last)]
        if any(ends_article(outline.blocks[i].text) for i in added) or sum(outline.blocks[i].linky for i in added) > 3:
            break
        weight = _weight_of(outline, parent, weights)
        before = sum(weights.get(i, 0) >= PROSE for i in added if i < here.first)
        behind = sum(weights.get(i, 0) >= PROSE for i in added if i >= here.last)
        if weight > inside * 1.15 and (behind or before > 1):  # one paragraph before is the lead
            best, inside = parent, weight
        element = parent
    return best


def parts(outline: Outline, region: int) -> tuple[int, int]:
    """Return the bounds of a text in blocks: its element's, with those of elements of the same make next to it.

    Editors that set a page block by block, and advertisements, cut a text so. What holds links to other
    articles or their heading is none of it.
    """
    here = outline.elements[region]
    first, last = here.first, here.last
    twins = [e for i, e in enumerate(outline.elements) if e.parent == here.parent and is_of_text(outline, i, region)]
    for twin in reversed([e for e in twins if e.last <= first]):
        if twin.last != first or not _is_text(outline, twin.first, twin.last):
            break
        first = twin.first
    for twin in [e for e in twins if e.first >= last]:
        if twin.first != last or not _is_text(outline, twin.first, twin.last):
            break
        last = twin.last
    return first, last


def _is_text(outline: Outline, first: int, last: int) -> bool:
    """Return whether blocks hold a paragraph, and neither links, imprint nor the heading of what follows an article."""
    blocks = outline.blocks[first:last]
    if any(b.linky or ends_article(b.text) or is_imprint(b.text) for b in blocks):
        return False
    return any(map(is_prose, blocks))


def set_alike(outline: Outline, one: int, other: int) -> bool:
    """Return whether two lines stand in elements of one make, whose elements are of one make too, numbers left out."""
    a, b = (outline.elements[outline.blocks[i].element] for i in (one, other))
    c, d = (outline.elements[holder(outline, i)] for i in (one, other))
    return _make(a) == _make(b) and _make(c) == _make(d)


def _make(element: Element) -> tuple[str, str]:
    return element.tag, DIGITS.sub("0", element.marks)


def is_of_text(outline: Outline, one: int, text: int) -> bool:
    """Return whether an element is the text's own, or one of its make beside it: a cell of the page's frame is none."""
    if one == text or text < 0:
        return one == text
    marks = outline.elements[text].marks
    return bool(marks) and are_twins(outline, one, text) and GRID.search(marks) is None


def are_twins(outline: Outline, one: int, other: int) -> bool:
    """Return whether two elements of the same make stand side by side."""
    a, b = outline.elements[one], outline.elements[other]
    return (a.parent, a.tag, a.marks) == (b.parent, b.tag, b.marks)


def _weight_of(outline: Outline, element: int, weights: dict[int, float]) -> float:
    here = outline.elements[element]
    return sum(weights.get(i, 0.0) for i in range(here.first, here.last))
