"""Which lines of an article are its sapo: told by their place, their manner and the page's description."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from crawler.extraction.captions import Manner
from crawler.extraction.container import DIGITS, holder, is_of_text, is_prose, is_teaser, set_alike, size
from crawler.extraction.context import Context
from crawler.extraction.hints import WEAK, is_noise
from crawler.extraction.lead import best_copy, is_described, is_whole
from crawler.extraction.outline import Outline
from crawler.extraction.times import is_date, is_row

HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
PLAIN = frozenset(["p", "div", "section", "header"])
EDITORS = re.compile(r"mso|align|justify|center|quote|box|note|aside|caption|normal|standard|default", re.IGNORECASE)
"""Class names that editors and word processors give, and those of boxes."""
LONGEST_LEAD, LONG_HEADING = 600, 80
"""Characters of the longest sapo, and from which a heading at the head of a text is no sub-heading."""
MOST_LINES = 2
"""Paragraphs of a sapo at most."""
LEAST_LEAD = 50
"""Characters of the shortest sapo that no description confirms and no full stop ends."""


def between(outline: Outline, title: int | None, first: int, captioned: set[int]) -> list[int]:
    """Return the lines between the headline and the body's element."""
    if title is None or title >= first:
        return []
    return [
        i
        for i in range(title + 1, first)
        if not outline.blocks[i].src
        and i not in captioned
        and not is_noise(outline.blocks[i].text)
        and not is_row(outline.blocks[i].text)
        and not is_date(outline.blocks[i].text)
    ]


def find_lead(
    outline: Outline, head: list[int], kept: list[int], usual: Manner, context: Context
) -> tuple[str | None, set[int]]:
    """Return the sapo and the body lines that are it.

    It stands between headline and body; or at the head of the body's element, in a place or manner of its
    own: where the page's description agrees, or where nothing else of the text is set so.
    """
    above = _above_text(outline, kept, usual)
    candidates = [i for i in (*head, *above) if _may_lead(outline, i)]
    described = [i for i in candidates if is_described(outline.blocks[i].text, context.descriptions, context.site)]
    long = [i for i in candidates if size(t := outline.blocks[i].text) >= LEAST_LEAD or t.endswith(".")]
    for chosen in (described, long):
        if chosen:
            together = _together(outline, chosen[0], candidates)
            return _joined(outline, together, context), set(together)
    for place, index in enumerate(kept[:2]):
        if _stands_out(outline, index, usual) and is_described(
            outline.blocks[index].text, context.descriptions, context.site
        ):
            copies = [outline.blocks[i].text for i in kept[place : place + 3]]
            return context.bare(best_copy(copies)), {index}
    if kept and _set_apart(outline, kept):
        return context.bare(outline.blocks[kept[0]].text), {kept[0]}
    return None, set()


def _above_text(outline: Outline, kept: list[int], usual: Manner) -> list[int]:
    """Return the body lines that stand above the element of the text and are none of it.

    Of it are parts that advertisements or an editor's blocks cut off: more than a sapo's lines, an element of the
    text's make or one that holds a paragraph alone as the text's does, and what goes on below the text's element.
    """
    opening = next((i for i in kept if holder(outline, i) == usual.holder), None)
    if opening is None:
        return []
    behind = {holder(outline, i) for i in kept if i > opening}
    held = Counter(holder(outline, i) for i in kept if is_prose(outline.blocks[i]))
    above = [i for i in kept if i < opening and not is_of_text(outline, holder(outline, i), usual.holder)]
    return [
        i
        for i in above
        if (own := holder(outline, i)) not in behind
        and held[own] <= MOST_LINES
        and not (set_alike(outline, i, opening) and (held[usual.holder] < MOST_LINES or _is_numbered(outline, own)))
    ]


def _is_numbered(outline: Outline, element: int) -> bool:
    """Return whether a class name counts elements: ``p1``, ``p2``."""
    return DIGITS.search(outline.elements[element].marks) is not None


def _set_apart(outline: Outline, kept: list[int]) -> bool:
    """Return whether the first line is prose in a heading, or in an element of a class that no other line has.

    What editors do to a first paragraph, bold or aligned, does not set it apart, nor do boxes and quotations.
    """
    block = outline.blocks[kept[0]]
    element = outline.elements[block.element]
    others = [outline.elements[outline.blocks[i].element] for i in kept[1:]]
    following = sum(is_prose(outline.blocks[i]) for i in kept[1:])
    if not (
        is_prose(block)
        and following
        and len(block.text) <= LONGEST_LEAD
        and outline.zones[block.element] in ("", *WEAK)
    ):
        return False
    if element.last > kept[1] or any((e.tag, e.marks) == (element.tag, element.marks) for e in others):
        return False
    if element.tag in HEADINGS:
        return is_whole(block.text) or len(block.text) >= LONG_HEADING
    named = element.tag in PLAIN and bool(element.marks) and not EDITORS.search(element.marks)
    return named and (following > 1 or block.all_bold)


def _may_lead(outline: Outline, index: int) -> bool:
    block = outline.blocks[index]
    return (
        is_prose(block)
        and not is_row(block.text)
        and outline.zones[block.element] in ("", *WEAK)
        and not is_teaser(outline, index)
    )


def _together(outline: Outline, index: int, candidates: Sequence[int]) -> list[int]:
    """Return a sapo's lines: those that follow in the same holder."""
    mine = holder(outline, index)
    lines = [index]
    for other in candidates:
        if other == lines[-1] + 1 and holder(outline, other) == mine:
            lines.append(other)
    return lines


def _joined(outline: Outline, indexes: Iterable[int], context: Context) -> str:
    return "\n".join(context.bare(outline.blocks[i].text) for i in indexes)


def _stands_out(outline: Outline, index: int, usual: Manner) -> bool:
    block = outline.blocks[index]
    element = outline.elements[block.element]
    return (
        element.marks != usual.marks
        or block.all_bold
        or block.all_italic != usual.italic
        or (element.tag != "p" and element.tag[0] in "hdb")
    )
