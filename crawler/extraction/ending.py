"""Where an article ends: its byline, what is no sentence behind it, and the readers' comments."""

from __future__ import annotations

import re
from itertools import takewhile

from crawler.extraction.bylines import Byline, is_label, parse
from crawler.extraction.container import PROSE, holder, is_prose, set_alike
from crawler.extraction.context import Context
from crawler.extraction.credits import OFFICE
from crawler.extraction.hints import IMPRINT_LINE, RIGHTS
from crawler.extraction.lead import is_whole
from crawler.extraction.outline import Block, Outline
from crawler.extraction.persons import is_name, is_place
from crawler.extraction.text import key
from crawler.extraction.times import CLOCK, LONGEST_ROW, visible, without_date

TAIL_LINE = 20
"""Characters of the longest line behind a text that may be a control of the template."""
LAYOUT_CELL = 4
"""Blocks of a cell that is no table's but the page's."""
BRACKETS = re.compile(r"\S \([^()]{3,60}\)[.;,]?$")
LIST_HEAD = 30
"""Characters of a line with a colon that one name below it answers: ``Giải nhất:``."""
NAMES = 2
"""Names above a name that make a list of them."""
LIST_LINE = 100
"""Characters of the longest entry of a list of persons."""
NOTE = re.compile(r"\(?\*+\)?\s*\w|\W*(?:còn nữa|(?:kỳ|bài|phần) (?:\d+|sau|tới|cuối)\s*[:)])", re.IGNORECASE)
"""What a newsroom writes to an article behind its byline: ``(*) Tên nạn nhân đã được thay đổi``, ``Kỳ sau: …``."""
COMMENT_LINE = 80
"""Characters of the longest line that names a reader and when he wrote."""
COMMENTS = re.compile(
    r"\(?\d*\)?\s*(?:bình luận|ý kiến(?: bạn đọc)?|bạn đọc bình luận|phản hồi)\s*\(?\d*\)?\s*:?", re.IGNORECASE
)
"""What heads the readers' words."""
SIGNED_WITHIN = 6
"""Lines from the end in which a byline may stand."""


def without_comments(outline: Outline, kept: list[int], title: int | None) -> list[int]:
    """Leave out readers' comments: what stands behind a line of a name and a time, or under their heading.

    Below the first paragraph, no list's or table's line, and with no more prose of the text's own element behind it.
    The first such line under a headline that has no date yet is the article's own, if more text follows than precedes.
    """
    first = next((i for i in kept if is_prose(outline.blocks[i])), None)
    for place, index in enumerate(kept):
        if first is None or index <= first or not _begins_comments(outline, index):
            continue
        own = holder(outline, first)
        goes_on = any(is_prose(outline.blocks[i]) and holder(outline, i) == own for i in kept[place + 1 :])
        if not goes_on and not _is_own_row(outline, kept, place, title):
            return kept[:place]
    return kept


def _begins_comments(outline: Outline, index: int) -> bool:
    """Return whether a line is a reader's name with a day and a time, or the heading of readers' words."""
    block = outline.blocks[index]
    tag = outline.elements[block.element].tag
    if COMMENTS.fullmatch(block.text):
        return tag[:1] == "h" or block.all_bold
    if tag in ("li", "td", "th") or len(block.text) >= COMMENT_LINE or not CLOCK.search(block.text):
        return False
    name = without_date(block.text)
    return name != block.text and is_name(name)


def _is_own_row(outline: Outline, kept: list[int], place: int, title: int | None) -> bool:
    above = range(kept[0] if title is None else title + 1, kept[place])
    if any(len(outline.blocks[i].text) <= LONGEST_ROW and visible(outline.blocks[i].text) for i in above):
        return False
    sizes = [len(outline.blocks[i].text) if is_prose(outline.blocks[i]) else 0 for i in kept]
    return sum(sizes[:place]) < sum(sizes[place + 1 :])


def without_imprint(outline: Outline, kept: list[int]) -> list[int]:
    """Leave out the lines behind a text that say whose it is and who may print it again."""
    while kept and len(outline.blocks[kept[-1]].text) <= IMPRINT_LINE and RIGHTS.search(outline.blocks[kept[-1]].text):
        kept = kept[:-1]
    return kept


def signed(outline: Outline, kept: list[int], context: Context) -> tuple[list[int], Byline | None, str | None]:
    """Take the byline off the end: the last short lines that name somebody."""
    found: list[tuple[int, Byline]] = []
    passed = 0
    for index in reversed(kept[-SIGNED_WITHIN:]):
        block = outline.blocks[index]
        byline = parse(without_date(block.text) or block.text) or _label(block.text, found)
        ends = not passed and all(b.labelled for _, b in found)
        listed = _is_listed(outline, kept, index)
        if byline and not listed and (byline.labelled or _signs(outline, block, ends, context)):
            found.append((index, byline))
        elif NOTE.match(block.text):
            continue
        elif len(block.text) >= PROSE or found:
            break
        else:
            passed += not (
                len(block.text) <= TAIL_LINE and any(map(str.isdigit, block.text)) and not is_whole(block.text)
            )
    if not found or _is_by_office(outline, kept, found[-1][0]):
        return kept, None, None
    found.reverse()
    author = next((b.author for _, b in found if b.author), None)
    source = next((b.source for _, b in found if b.source), None)
    start = found[0][0]
    rest = [i for i in kept if i < start or (i not in dict(found) and _is_text(outline.blocks[i].text))]
    return rest, Byline(author, source, labelled=True), " ".join(outline.blocks[i].text for i, _ in found)


def _is_text(text: str) -> bool:
    """Return whether what stands behind a byline is text: a note, or prose."""
    return len(text) >= 2 * PROSE or NOTE.match(text) is not None


def _is_listed(outline: Outline, kept: list[int], index: int) -> bool:
    """Return whether a name is the last of a list: under several names, or one below a line that ends with a colon.

    One name below a long one signs: such a line announces a film that stood between. A short line that names somebody
    with brackets is one of a list under another that does. Only names set alike count.
    """
    block = outline.blocks[index]
    above = [outline.blocks[i] for i in kept if i < index][: -NAMES - 1 : -1]
    if BRACKETS.search(block.text):
        return any(len(b.text) < LIST_LINE and BRACKETS.search(b.text) for b in above[:1])
    names = list(takewhile(lambda b: is_name(b.text) and _manner(b) == _manner(block), above))
    head = above[len(names)].text if len(names) < len(above) else ""
    announced = head.endswith(":") and not is_label(head) and (names or len(head) < LIST_HEAD)
    return is_name(block.text) and (len(names) == NAMES or bool(announced))


def _manner(block: Block) -> tuple[str, bool, bool]:
    return block.align, block.all_bold, block.all_italic


def _is_by_office(outline: Outline, kept: list[int], first: int) -> bool:
    """Return whether who signs does so by an office, named in the first line of the signature or above it."""
    place = kept.index(first)
    return any(OFFICE.fullmatch(outline.blocks[i].text.strip(" :.")) for i in kept[max(place - 1, 0) : place + 1])


def _label(text: str, found: list[tuple[int, Byline]]) -> Byline | None:
    """Return an empty byline for a label whose name stands in the line behind it."""
    return Byline(labelled=True) if found and is_label(text) else None


def stands_alone(outline: Outline, element: int) -> bool:
    """Return whether a cell is the only one of its table that holds anything, or holds the whole text."""
    if outline.elements[element].last - outline.elements[element].first >= LAYOUT_CELL:
        return True
    while element >= 0 and outline.elements[element].tag != "table":
        element = outline.elements[element].parent
    return element >= 0 and outline.elements[element].last - outline.elements[element].first == 1


def _signs(outline: Outline, block: Block, is_last: bool, context: Context) -> bool:
    """Return whether a bare name is the byline: the last line, and not a sub-heading, item or cell."""
    set_apart = block.align == "right" and (block.all_bold or block.all_italic)
    if is_place(block.text) and not (block.align == "right" or block.all_bold or block.all_italic):
        return False
    tag = outline.elements[block.element].tag
    if not (is_last or set_apart) or tag in ("li", "th", "h1", "h2", "h3"):
        return False
    if tag == "td" and not stands_alone(outline, block.element):
        return False
    return len(block.text) < 60 and len(block.text.split()) <= 12 and key(block.text) != key(context.title)


def without_tail(outline: Outline, kept: list[int]) -> list[int]:
    """Leave out short lines behind the last paragraph that stand elsewhere than it and are no sentences."""
    last = max((i for i in kept if is_prose(outline.blocks[i])), default=None)
    return [
        i
        for i in kept
        if last is None
        or i < last
        or len(outline.blocks[i].text) > TAIL_LINE
        or is_whole(outline.blocks[i].text)
        or outline.elements[outline.blocks[i].element].tag in ("li", "td", "th")
        or holder(outline, i) == holder(outline, last)
        or set_alike(outline, i, last)
    ]
