"""From an article's blocks to its paragraphs, pictures, lead and byline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.extraction.bylines import Byline, is_name, parse
from crawler.extraction.captions import Manner, Picture, manner, pictures
from crawler.extraction.container import PROSE, holder, is_prose, is_teaser
from crawler.extraction.hints import POINTER, WEAK, ends_article, is_noise
from crawler.extraction.lead import best_copy, is_described, is_whole, without_lead, without_prefix
from crawler.extraction.outline import Block, Outline
from crawler.extraction.text import is_furniture, key
from crawler.extraction.times import CLOCK, is_date, visible, without_date

SIGNED_WITHIN = 6
"""Lines from the end in which a byline may stand."""
LONG_LINK = 200
"""Characters from which a paragraph that is a link is the author's, not a pointer to another article."""
SAID_TWICE = 60
"""Characters from which a paragraph said twice is a copy left by the template."""
LEAST_LEAD = 50
"""Characters of the shortest sapo that no description confirms."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the page before its body is read."""

    title: str = ""
    descriptions: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    furniture: frozenset[str] = frozenset()
    not_persons: frozenset[str] = frozenset()
    authors: tuple[str, ...] = ()
    """Persons that JSON-LD or meta name."""


@dataclass(frozen=True, slots=True)
class Body:
    """An article's parts. ``lead`` is None where the page sets none apart."""

    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    lead: str | None = None
    byline: Byline | None = None
    printed: str | None = None
    start: int = 0
    """The block of the first paragraph."""
    last: int = 0
    """The block behind the body's element."""


def read_body(
    outline: Outline,
    region: int,
    title: int | None,
    context: Context,
    *,
    lead: str | None = None,
    find_lead: bool = True,
) -> Body:
    """Read the article in an element. ``title`` is the block of its headline, wherever that stands.

    ``lead`` is a sapo known already (a template's): copies of it are taken out. With ``find_lead``
    false none is looked for.
    """
    here = outline.elements[region]
    first = max(here.first, title + 1) if title is not None and title < here.last else here.first
    lines = [i for i in range(first, here.last) if not outline.blocks[i].src and not _zoned(outline, i, region)]
    prose = [i for i in lines if is_prose(outline.blocks[i])]
    usual = manner(outline, prose, [holder(outline, i) for i in prose])
    shown = [p for p in pictures(outline, first, here.last, region, usual) if not _zoned(outline, p.place, region)]
    captioned = {c for p in shown for c in p.captions}
    kept = [i for i in lines if i not in captioned and not _is_furniture(outline, i, region, context)]
    kept, byline, printed = _sign(outline, _cut(outline, kept), context)
    kept = _without_tail(outline, _below_header(outline, kept, title, usual))
    head = [
        i for i in _between(outline, title, first, captioned) if not is_furniture(outline.blocks[i].text, context.furniture)
    ]
    texts = {i: outline.blocks[i].text for i in kept}
    if lead is None and find_lead:
        lead, taken = _lead(outline, head, kept, usual, context)
        kept = [i for i in kept if i not in taken]
    paragraphs = list(_paragraphs(kept, texts, lead, context))
    start = paragraphs[0][0] if paragraphs else first
    return Body(
        tuple(text for _, text in paragraphs),
        tuple(_own(outline, shown, context)),
        lead,
        byline,
        printed,
        start,
        here.last,
    )


def _zoned(outline: Outline, block: int, region: int) -> bool:
    """Return whether a block stands in furniture inside the region, by class names."""
    zone = outline.zones[outline.blocks[block].element]
    if zone in WEAK and is_prose(outline.blocks[block]):
        return False
    return zone not in ("", outline.zones[region])


def _is_furniture(outline: Outline, index: int, region: int, context: Context) -> bool:
    block = outline.blocks[index]
    text = block.text
    if is_noise(text) or ends_article(text) or key(text) == key(context.title) or is_date(text):
        return True
    if is_furniture(text, context.furniture):
        return True
    if POINTER.match(text) and (block.linked or len(text) < 150):
        return True
    if block.linky and (len(text) < LONG_LINK or block.linked < len(text) * 0.9):
        return True
    return len(text) >= PROSE and is_teaser(outline, index, region)


def _cut(outline: Outline, kept: list[int]) -> list[int]:
    """Leave out readers' comments: what stands behind a line of a name and a time, below the first paragraph."""
    first = next((i for i in kept if is_prose(outline.blocks[i])), None)
    for place, index in enumerate(kept[:-1]):
        text = outline.blocks[index].text
        if first is not None and index > first and len(text) < 80 and CLOCK.search(text):
            name = without_date(text)
            if name != text and is_name(name):
                return kept[:place]
    return kept


def _sign(outline: Outline, kept: list[int], context: Context) -> tuple[list[int], Byline | None, str | None]:
    """Take the byline off the end: the last short lines that name somebody."""
    found: list[tuple[int, Byline]] = []
    for back, index in enumerate(reversed(kept[-SIGNED_WITHIN:])):
        block = outline.blocks[index]
        byline = parse(block.text)
        if byline and (byline.labelled or _signs(outline, block, back == len(found), context)):
            found.append((index, byline))
        elif len(block.text) >= PROSE or found:
            break
    if not found:
        return kept, None, None
    found.reverse()
    author = next((b.author for _, b in found if b.author), None)
    source = next((b.source for _, b in found if b.source), None)
    start = found[0][0]
    rest = [i for i in kept if i < start or (i not in dict(found) and len(outline.blocks[i].text) >= 2 * PROSE)]
    return rest, Byline(author, source, labelled=True), " ".join(outline.blocks[i].text for i, _ in found)


def _signs(outline: Outline, block: Block, is_last: bool, context: Context) -> bool:
    """Return whether a bare name is the byline: the last line, and not a sub-heading, item or cell."""
    set_apart = block.align == "right" and (block.all_bold or block.all_italic)
    if not (is_last or set_apart) or outline.elements[block.element].tag in ("li", "td", "th", "h1", "h2", "h3"):
        return False
    return len(block.text) < 60 and len(block.text.split()) <= 12 and key(block.text) != key(context.title)


def _below_header(outline: Outline, kept: list[int], title: int | None, usual: Manner) -> list[int]:
    """Leave out what stands beside the headline inside the body's element: section, byline, date."""
    inside = title is not None and usual.holder >= 0 and outline.within(outline.blocks[title].element, usual.holder)
    rest = []
    for place, index in enumerate(kept):
        block = outline.blocks[index]
        beside = (
            inside and title is not None and outline.common(outline.blocks[title].element, block.element) > usual.holder
        )
        dated = place < 4 and len(block.text) < 100 and bool(visible(block.text)) and len(block.text.split()) < 14
        if not (beside and not is_prose(block)) and not (dated and holder(outline, index) != usual.holder):
            rest.append(index)
    return rest


def _without_tail(outline: Outline, kept: list[int]) -> list[int]:
    """Leave out short lines behind the last paragraph that stand elsewhere than it and are no sentences."""
    last = max((i for i in kept if is_prose(outline.blocks[i])), default=None)
    return [
        i
        for i in kept
        if last is None
        or i < last
        or is_whole(outline.blocks[i].text)
        or outline.elements[outline.blocks[i].element].tag in ("li", "td", "th")
        or holder(outline, i) == holder(outline, last)
    ]


def _between(outline: Outline, title: int | None, first: int, captioned: set[int]) -> list[int]:
    """Return the lines between the headline and the body's element."""
    if title is None or title >= first:
        return []
    return [
        i
        for i in range(title + 1, first)
        if not outline.blocks[i].src and i not in captioned and not is_noise(outline.blocks[i].text)
    ]


def _lead(
    outline: Outline, head: list[int], kept: list[int], usual: Manner, context: Context
) -> tuple[str | None, set[int]]:
    """Return the sapo and the body lines that are it.

    It stands between headline and body; or at the head of the body's element in a place or
    manner of its own, and then only if the page's description agrees.
    """
    before = [i for i in kept if holder(outline, i) != usual.holder]
    opening = next((i for i in kept if holder(outline, i) == usual.holder), None)
    above = [i for i in before if opening is None or i < opening] if opening is not None else []
    candidates = [i for i in (*head, *above) if _may_lead(outline, i)]
    described = [i for i in candidates if is_described(outline.blocks[i].text, context.descriptions)]
    long = [i for i in candidates if len(outline.blocks[i].text) >= LEAST_LEAD]
    for chosen in (described, long):
        if chosen:
            together = _together(outline, chosen[0], candidates)
            return _joined(outline, together, context), set(together)
    for place, index in enumerate(kept[:2]):
        if _stands_out(outline, index, usual) and is_described(outline.blocks[index].text, context.descriptions):
            copies = [outline.blocks[i].text for i in kept[place : place + 3]]
            return without_prefix(best_copy(copies), context.prefixes), {index}
    return None, set()


def _may_lead(outline: Outline, index: int) -> bool:
    block = outline.blocks[index]
    return is_prose(block) and outline.zones[block.element] in ("", *WEAK) and not is_teaser(outline, index)


def _together(outline: Outline, index: int, candidates: Sequence[int]) -> list[int]:
    """Return a sapo's lines: those that follow in the same holder."""
    mine = holder(outline, index)
    lines = [index]
    for other in candidates:
        if other == lines[-1] + 1 and holder(outline, other) == mine:
            lines.append(other)
    return lines


def _joined(outline: Outline, indexes: Iterable[int], context: Context) -> str:
    return "\n".join(without_prefix(outline.blocks[i].text, context.prefixes) for i in indexes)


def _stands_out(outline: Outline, index: int, usual: Manner) -> bool:
    block = outline.blocks[index]
    element = outline.elements[block.element]
    return (
        element.marks != usual.marks
        or block.all_bold
        or block.all_italic != usual.italic
        or (element.tag != "p" and element.tag[0] in "hdb")
    )


def _paragraphs(
    kept: Sequence[int], texts: dict[int, str], lead: str | None, context: Context
) -> Iterable[tuple[int, str]]:
    """Give each paragraph with its block: without the lead, the paper's mark, and copies."""
    seen: set[str] = set()
    for place, index in enumerate(kept):
        text = texts[index]
        if place == 0:
            text = without_prefix(text, context.prefixes)
        if lead and place < 4:
            rest = without_lead(text, lead)
            text = text if rest is None else rest
        if not text:
            continue
        if len(text) >= SAID_TWICE:
            if key(text) in seen:
                continue
            seen.add(key(text))
        yield index, text


def _own(outline: Outline, shown: Sequence[Picture], context: Context) -> Iterable[Picture]:
    """Give pictures without captions that only repeat the headline."""
    for picture in shown:
        yield Picture(
            picture.block, tuple(c for c in picture.captions if key(outline.blocks[c].text) != key(context.title))
        )
