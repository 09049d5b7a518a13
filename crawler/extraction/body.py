"""From an article's blocks to its paragraphs, pictures, lead and byline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.extraction.around import leads_to_author
from crawler.extraction.bylines import Byline, is_credit, without_credit
from crawler.extraction.captions import Manner, Picture, manner, pictures
from crawler.extraction.container import PROSE, holder, is_prose, is_teaser, parts, set_alike
from crawler.extraction.context import Context
from crawler.extraction.ending import signed, without_comments, without_imprint, without_tail
from crawler.extraction.hints import POINTER, WEAK, ends_article, is_noise
from crawler.extraction.lead import agree, is_cut_from, is_whole, without_lead
from crawler.extraction.outline import Outline
from crawler.extraction.sapo import between, find_lead
from crawler.extraction.text import is_furniture, key
from crawler.extraction.times import is_date, is_row, visible

BOXED = 3
"""Blocks of a box that holds a picture and its caption."""
TITLE_SLACK = 20
"""Characters by which two printings of a headline may differ in marks and spaces."""
LONG_LINK = 200
"""Characters from which a paragraph that is a link is the author's, not a pointer to another article."""
SAID_AGAIN = 25
"""Characters from which paragraphs said twice are a copy left by the template: the same in a row, or a row of them."""
PHOTO_REPORT = 3
"""Captioned pictures that make a report of them: its one paragraph is its text."""
OTHERS = 3
"""Linked headlines below a heading that make a list of other articles."""
LIKE_CONTROLS = re.compile(
    r"chia sẻ|trở (?:về|lại)|quay lại|tiêu điểm|đánh giá|chủ đề|liên quan|mới nhất|thích", re.IGNORECASE
)
"""Controls' labels that may be a sub-heading too."""
SUB_HEADINGS = frozenset(["h2", "h3", "h4"])
ROWS = 4
"""Lines of a text among which the date's row may stand."""
LEAD_WITHIN = 4
"""Paragraphs among which a copy of the lead may stand."""


@dataclass(frozen=True, slots=True)
class Body:
    """An article's parts. ``lead`` is None where the page sets none apart."""

    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    lead: str | None = None
    byline: Byline | None = None
    printed: str | None = None
    closing: tuple[Byline, str] | None = None
    """Who is credited behind the last sentence, within its paragraph, and as printed."""
    start: int = 0
    """The block of the first paragraph."""
    end: int = 0
    """The block behind the last paragraph."""
    last: int = 0
    """The block behind the body's element."""


def read_body(outline: Outline, region: int, title: int | None, context: Context, *, lead: str | None = None) -> Body:
    """Read the article in an element. ``title`` is the block of its headline, wherever that stands.

    ``lead`` is a sapo known already (a template's): copies of it are taken out; without it one is looked for.
    """
    first, last = parts(outline, region)
    first = max(first, title + 1) if title is not None and title < last else first
    lines = [i for i in range(first, last) if not outline.blocks[i].src and not _zoned(outline, i, region)]
    lines = _above_others(outline, lines)
    prose = [i for i in lines if is_prose(outline.blocks[i])]
    plain = [i for i in prose if i == 0 or not outline.blocks[i - 1].src] or prose
    usual = manner(outline, plain, [holder(outline, i) for i in plain])
    shown = [p for p in pictures(outline, first, last, region, usual) if not _zoned(outline, p.place, region)]
    shown = [*_at_the_top(outline, title, first, region, usual), *shown]
    captioned = {c for p in shown for c in p.captions}
    heads = _chronicle(outline, lines)
    kept = [i for i in lines if i in heads or (i not in captioned and not _is_furniture(outline, i, region, context))]
    kept, byline, printed = signed(outline, without_imprint(outline, without_comments(outline, kept, title)), context)
    kept = without_tail(outline, _below_header(outline, kept, title, usual))
    if lead is None:
        head = [i for i in between(outline, title, first, captioned) if not _is_learned(outline, i, context)]
        lead, taken = find_lead(outline, head, kept, usual, context)
        if set(kept) <= taken and sum(bool(p.captions) for p in shown) >= PHOTO_REPORT:
            lead, taken = None, set()
        kept = [i for i in kept if i not in taken]
    if lead and any(is_cut_from(lead, context.bare(outline.blocks[i].text)) for i in kept[:LEAD_WITHIN]):
        kept, lead = (
            [i for i in kept if not agree(outline.blocks[i].text, lead) or is_whole(outline.blocks[i].text)],
            None,
        )
    paragraphs, closing = _without_credit(outline, list(_paragraphs(outline, kept, lead, context)))
    start = paragraphs[0][0] if paragraphs else first
    end = paragraphs[-1][0] + 1 if paragraphs else last
    own = tuple(_own(outline, shown, context))
    return Body(tuple(text for _, text in paragraphs), own, lead, byline, printed, closing, start, end, last)


def _at_the_top(outline: Outline, title: int | None, first: int, region: int, usual: Manner) -> list[Picture]:
    """Return the captioned pictures between headline and body."""
    if title is None or title + 1 >= first:
        return []
    around = outline.common(outline.blocks[title].element, region)
    shown = pictures(outline, title + 1, first, around, usual)
    return [p for p in shown if p.block is not None and p.captions and _is_boxed(outline, p.block, p.captions[-1])]


def _is_boxed(outline: Outline, picture: int, caption: int) -> bool:
    """Return whether a picture and a line are alone in their element, and the line is none of the template's."""
    box = outline.elements[outline.common(outline.blocks[picture].element, outline.blocks[caption].element)]
    text = outline.blocks[caption]
    furniture = outline.zones[text.element] or text.linked or outline.blocks[picture].linked
    return not furniture and box.last - box.first <= BOXED and len(text.text.split()) >= 4


def _above_others(outline: Outline, lines: list[int]) -> list[int]:
    """Leave out what stands below a heading of other articles in the text's own element.

    Only where several linked headlines follow it there, and every other line is a date or follows one of them:
    below a box of other articles within the text the text goes on.
    """
    for place, index in enumerate(lines):
        if not place or len(outline.blocks[index].text) >= PROSE or not ends_article(outline.blocks[index].text):
            continue
        beside = [i for i in lines[place + 1 :] if holder(outline, i) == holder(outline, index)]
        below = [outline.blocks[i] for i in beside]
        heads = sum(b.linky for b in below)
        led = all(b.linky or before.linky or is_date(b.text) for before, b in pairwise(below))
        if heads >= OTHERS and led and below[0].linky and beside == lines[place + 1 :]:
            return lines[:place]
    return lines


def _is_learned(outline: Outline, index: int, context: Context) -> bool:
    return is_furniture(outline.blocks[index].text, context.furniture)


def _zoned(outline: Outline, block: int, region: int) -> bool:
    """Return whether a block stands in furniture inside the region, by class names."""
    zone = outline.zones[outline.blocks[block].element]
    if zone in WEAK and is_prose(outline.blocks[block]):
        return False
    return zone not in ("", outline.zones[region])


def _is_furniture(outline: Outline, index: int, region: int, context: Context) -> bool:
    block = outline.blocks[index]
    text = block.text
    if _is_learned(outline, index, context):
        return True
    if not _heads_text(outline, index) and (is_noise(text) or ends_article(text)):
        return True
    if _repeats(text, context.title) or is_date(text):
        return True
    if POINTER.match(text) and (block.linked or len(text) < 150):
        return True
    if block.linky:
        signs = leads_to_author(outline, index) or is_credit(text)
        return not signs and (len(text) < LONG_LINK or block.linked < len(text) * 0.9)
    return len(text) >= PROSE and is_teaser(outline, index, region)


def _heads_text(outline: Outline, index: int) -> bool:
    """Return whether a line is a sub-heading although it says what controls say."""
    return LIKE_CONTROLS.fullmatch(outline.blocks[index].text) is not None and _heads_prose(outline, index)


def _heads_prose(outline: Outline, index: int) -> bool:
    """Return whether a line is set as a sub-heading and prose of its own element follows."""
    block = outline.blocks[index]
    if index + 1 >= len(outline.blocks) or not (outline.elements[block.element].tag in SUB_HEADINGS or block.all_bold):
        return False
    return is_prose(outline.blocks[index + 1]) and holder(outline, index) == holder(outline, index + 1)


def _chronicle(outline: Outline, lines: list[int]) -> frozenset[int]:
    """Return the dates that head the parts of a text, each set as a sub-heading above prose.

    One alone does so below the text's second paragraph: above that it is the article's own.
    """
    heads = [i for i in lines if is_date(outline.blocks[i].text) and _heads_prose(outline, i)]
    before = (
        sum(
            is_prose(outline.blocks[i]) and holder(outline, i) == holder(outline, heads[0])
            for i in lines
            if i < heads[0]
        )
        if heads
        else 0
    )
    return frozenset(heads if len(heads) > 1 or before > 1 else ())


def _repeats(text: str, title: str) -> bool:
    return abs(len(text) - len(title)) < TITLE_SLACK and key(text) == key(title)


def _below_header(outline: Outline, kept: list[int], title: int | None, usual: Manner) -> list[int]:
    """Leave out what stands beside the headline inside the body's element: section, byline, date.

    So do short lines between the headline and the first paragraph that stand elsewhere than the text.
    """
    inside = title is not None and usual.holder >= 0 and outline.within(outline.blocks[title].element, usual.holder)
    opening = next((i for i in kept if is_prose(outline.blocks[i]) and holder(outline, i) == usual.holder), -1)
    rest: list[int] = []
    for place, index in enumerate(kept):
        block = outline.blocks[index]
        beside = inside and outline.common(outline.blocks[title or 0].element, block.element) > usual.holder
        apart = holder(outline, index) != usual.holder and not set_alike(outline, index, opening)
        above = title is not None and title < index < opening and not rest and apart
        dated = place < ROWS and _is_dated(outline, kept[:place], index, opening, usual)
        if not ((beside or above) and not is_prose(block)) and not dated:
            rest.append(index)
    return rest


def _is_dated(outline: Outline, above: list[int], index: int, opening: int, usual: Manner) -> bool:
    """Return whether a line is the date's row: the first of all, or above the text and elsewhere than it."""
    block = outline.blocks[index]
    if is_row(block.text) and not any(is_prose(outline.blocks[i]) for i in above):
        return True
    short = len(block.text) < 100 and len(block.text.split()) < 14 and bool(visible(block.text))
    return (is_row(block.text) or short) and index < opening and holder(outline, index) != usual.holder


def _paragraphs(outline: Outline, kept: Sequence[int], lead: str | None, context: Context) -> Iterable[tuple[int, str]]:
    """Give each paragraph with its block: without the lead, the paper's mark, and copies.

    One paragraph that a writer says again further down is none.
    """
    texts = [outline.blocks[i].text for i in kept]
    texts[:1] = map(context.bare, texts[:1])
    if lead:
        texts[:LEAD_WITHIN] = without_lead(texts[:LEAD_WITHIN], lead, context.site)
    again = _said_again(texts)
    for place, (index, text) in enumerate(zip(kept, texts, strict=True)):
        in_row = place > 0 and text == texts[place - 1]
        if text and not (place in again and (in_row or {place - 1, place + 1} & again)):
            yield index, text


def _said_again(texts: Sequence[str]) -> set[int]:
    """Return the places of paragraphs of some length that stand above, too."""
    seen: set[str] = set()
    again = set()
    for place, text in enumerate(texts):
        if len(text) >= SAID_AGAIN:
            again |= {place} if text in seen else set()
            seen.add(text)
    return again


def _without_credit(
    outline: Outline, paragraphs: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], tuple[Byline, str] | None]:
    """Take the credit off the end of the last paragraph."""
    if not paragraphs:
        return paragraphs, None
    index, last = paragraphs[-1]
    text, said = without_credit(last, outline.blocks[index].tail)
    return [*paragraphs[:-1], (index, text)], (said, last[len(text) :].strip()) if said else None


def _own(outline: Outline, shown: Sequence[Picture], context: Context) -> Iterable[Picture]:
    """Give pictures without captions that only repeat the headline."""
    for picture in shown:
        yield Picture(
            picture.block, tuple(c for c in picture.captions if key(outline.blocks[c].text) != key(context.title))
        )
