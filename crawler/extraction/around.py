"""Byline and credit where they stand outside the body: under the headline, behind the text, in meta."""

from __future__ import annotations

import re

from crawler.extraction import jsonld
from crawler.extraction.bylines import Byline, is_label, parse
from crawler.extraction.context import Context
from crawler.extraction.hints import ENDS_ARTICLE, ends_article, is_noise
from crawler.extraction.outline import Block, Link, Outline
from crawler.extraction.page import Page
from crawler.extraction.persons import is_name, writes
from crawler.extraction.text import key
from crawler.extraction.times import is_row, without_date

AUTHOR_MARK = re.compile(r"author|byline|tac-?gia|but-?danh|pseudonym|writer|nguoi-?viet", re.IGNORECASE)
ROW_ABOVE = 3
"""Blocks before the headline in which the date's row may name the writer."""
DATELINE = re.compile(r"(?!.*\b(?:thứ|chủ nhật)\b)[^\W\d][^\d,]*,\s*(?:ngày\s)?\d", re.IGNORECASE)
"""A place and a date: the page's clock, as letters are dated."""
HEADLINE_WORDS = 4
BEHIND = 8
"""Blocks behind the body in which a byline or credit may stand."""
CREDIT_LINE = re.compile(r"^(?:nguồn|theo)\b(?! dõi)", re.IGNORECASE)
META_AUTHORS = ("dable:author", "article:author", "author", "dc.creator", "byl", "parsely-author", "twitter:data1")


def told_authors(page: Page, not_persons: frozenset[str]) -> list[tuple[str, str]]:
    """Return the persons JSON-LD and meta name as authors, each with where; newspapers and accounts are none."""
    names = [(n, "jsonld") for n in jsonld.people(page.article.get("author"))]
    names += [(page.meta(n), "meta") for n in META_AUTHORS]
    said = [(_writer(n), by) for n, by in names if n]
    found = [(n, by) for n, by in said if n and writes(n, not_persons)]
    together = dict.fromkeys(n for n, by in found if by == "jsonld")
    return [(", ".join(together), "jsonld"), *found] if len(together) > 1 else found


def _writer(told: str) -> str | None:
    """Return the name in an author's field, which some newsrooms fill with the whole byline."""
    said = parse(told)
    return said.author if said else told


def under_title(outline: Outline, title: int | None, start: int, context: Context) -> tuple[Byline, str] | None:
    """Return the byline, and as printed, between headline and text or in the date's row above the headline.

    It is labelled, marked or linked as one, beside a date, right before the text, or named by JSON-LD too.
    """
    if title is None:
        return None
    known = {key(a) for a in context.authors}
    for index in (*range(title + 1, start), *_row_above(outline, title)):
        block = outline.blocks[index]
        if block.src or len(block.text) > 130 or is_noise(block.text):
            continue
        name = _author_link(outline, index) or without_date(_apart(outline, index))
        said = parse(name) if name else None
        is_writers = key(name) in known or _marked(outline, block) or leads_to_author(outline, index)
        if said is None or (block.linky and not is_writers):
            continue
        trusted = index > title and (said.labelled or is_writers)
        beside = is_name(said.author or "") and (name != block.text or _next_to_date(outline, index))
        if (trusted or beside or _alone_before(outline, index, title, start)) and _counts(said, context):
            return said, name
    return None


def _row_above(outline: Outline, title: int) -> list[int]:
    """Return the blocks right before the headline, up to a menu; above that stands the page's clock, with its place."""
    found: list[int] = []
    for index in range(title - 1, max(-1, title - 1 - ROW_ABOVE), -1):
        block = outline.blocks[index]
        if outline.zones[block.element] == "chrome" or (block.src and block.linked):
            break
        if not DATELINE.match(block.text):
            found.append(index)
    return found


def _alone_before(outline: Outline, index: int, title: int, start: int) -> bool:
    """Return whether a full name or initials stand alone right before the text."""
    return title < index == start - 1 and _is_signature(outline, index)


def _is_signature(outline: Outline, index: int) -> bool:
    """Return whether a line outside the text is a full name or initials and no heading, link or section's name."""
    block = outline.blocks[index]
    caption = index > 0 and bool(outline.blocks[index - 1].src)
    said = None if caption or block.src or block.linky or is_noise(block.text) else parse(block.text)
    if said is None or not said.author or outline.elements[block.element].tag[:1] == "h":
        return False
    full = " " in said.author or "." in said.author
    return full and is_name(said.author) and all(key(ln.text) != key(block.text) for ln in outline.links)


def _apart(outline: Outline, index: int) -> str:
    """Return a line, or of a row of inline elements the one that stands beside the date and is a name."""
    names = [t for block, t in outline.spans if block == index and is_name(t) and (" " in t or "." in t)]
    text = outline.blocks[index].text
    return names[0] if len(names) == 1 and names[0] != text and is_row(text) else text


def _next_to_date(outline: Outline, index: int) -> bool:
    """Return whether a neighbouring line is a date and nothing else."""
    near = [outline.blocks[i] for i in (index - 1, index + 1) if 0 <= i < len(outline.blocks)]
    return any(not b.src and len(b.text) < 60 and b.text != without_date(b.text) for b in near)


def _author_link(outline: Outline, index: int) -> str:
    """Return the name that links to a writer's own page, of a line in which more is said; else an empty string."""
    names = [ln.text for ln in outline.links if ln.block == index and _is_authors(ln) and is_name(ln.text)]
    return names[0] if len(names) == 1 and outline.blocks[index].text.startswith(names[0]) else ""


def _is_authors(link: Link) -> bool:
    return "author" in link.rel.split() or AUTHOR_MARK.search(link.href) is not None


def leads_to_author(outline: Outline, index: int) -> bool:
    """Return whether a line is the link to a writer's own page."""
    return any(ln.block == index and _is_authors(ln) for ln in outline.links)


def behind_body(outline: Outline, end: int, context: Context) -> tuple[Byline, str] | None:
    """Return byline and credit, and as printed, right behind the body's element."""
    first, label = True, False
    found: list[tuple[Byline, str]] = []
    for index in range(end, min(end + BEHIND, len(outline.blocks))):
        block = outline.blocks[index]
        if ends_article(block.text):
            break
        if block.src or block.linky or len(block.text) > 110 or is_noise(block.text):
            continue
        if is_label(block.text):
            label = True
            continue
        said = parse(block.text)
        credits_ = CREDIT_LINE.match(block.text) is not None
        trusted = label or credits_ or _marked(outline, block) or (said is not None and said.labelled)
        signs = first and _is_signature(outline, index) and not _heads_list(outline, index)
        first, label = first and credits_, False
        if said is not None and (trusted or signs) and _counts(said, context):
            found.append((said, block.text))
            if said.author or len(found) > 1:
                break
    return _joined(found)


def _joined(found: list[tuple[Byline, str]]) -> tuple[Byline, str] | None:
    """Return several bylines as one."""
    if not found:
        return None
    author = next((b.author for b, _ in found if b.author), None)
    source = next((b.source for b, _ in found if b.source), None)
    return Byline(author, source, labelled=True), " ".join(line for _, line in found)


def _heads_list(outline: Outline, index: int) -> bool:
    """Return whether a linked headline or picture follows: the line is the heading of a list."""
    after = outline.blocks[index + 1 : index + 3]
    if any(ENDS_ARTICLE.match(b.text) for b in after[:1]):
        return False
    element = outline.blocks[index].element
    return any(
        ((b.src and b.linked) or (b.linky and len(b.text.split()) > HEADLINE_WORDS))
        and outline.common(element, b.element) >= outline.elements[element].parent
        and sum(ln.block == index + 1 for ln in outline.links) <= 1
        for b in after[:1]
    )


def _counts(said: Byline, context: Context) -> bool:
    return bool(said.source) or writes(said.author, context.not_persons)


def _marked(outline: Outline, block: Block) -> bool:
    element = block.element
    for _ in range(2):
        if element < 0:
            return False
        if AUTHOR_MARK.search(outline.elements[element].marks):
            return True
        element = outline.elements[element].parent
    return False
