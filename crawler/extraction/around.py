"""Byline and credit where they stand outside the body: under the headline, behind the text, in meta."""

from __future__ import annotations

import re

from crawler.extraction import jsonld
from crawler.extraction.bylines import Byline, is_name, parse, writes
from crawler.extraction.context import Context
from crawler.extraction.hints import ends_article
from crawler.extraction.outline import Block, Outline
from crawler.extraction.page import Page
from crawler.extraction.text import key
from crawler.extraction.times import without_date

AUTHOR_MARK = re.compile(r"author|byline|tac-?gia|but-?danh|pseudonym|writer|nguoi-?viet", re.IGNORECASE)
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
    """Return the byline, and as printed, between headline and text.

    It is labelled, marked as one, beside a date, or named by JSON-LD too.
    """
    if title is None:
        return None
    known = {key(a) for a in context.authors}
    for index in range(title + 1, start):
        block = outline.blocks[index]
        if block.src or len(block.text) > 130:
            continue
        name = without_date(block.text)
        said = parse(name) if name else None
        if said is None or (
            block.linky and not (key(name) in known or _marked(outline, block) or _leads_to_author(outline, index))
        ):
            continue
        beside_date = is_name(said.author or "") and (name != block.text or _next_to_date(outline, index))
        if (said.labelled or beside_date or key(name) in known or _marked(outline, block)) and _counts(said, context):
            return said, name
    return None


def _next_to_date(outline: Outline, index: int) -> bool:
    """Return whether a neighbouring line is a date and nothing else."""
    near = [outline.blocks[i] for i in (index - 1, index + 1) if 0 <= i < len(outline.blocks)]
    return any(not b.src and len(b.text) < 60 and b.text != without_date(b.text) for b in near)


def _leads_to_author(outline: Outline, index: int) -> bool:
    return any(
        ln.block == index and ("author" in ln.rel.split() or AUTHOR_MARK.search(ln.href)) for ln in outline.links
    )


def behind_body(outline: Outline, end: int, context: Context) -> tuple[Byline, str] | None:
    """Return the byline or the credit, and as printed, right behind the body's element."""
    for index in range(end, min(end + BEHIND, len(outline.blocks))):
        block = outline.blocks[index]
        if ends_article(block.text):
            break
        if block.src or block.linky or len(block.text) > 110:
            continue
        said = parse(block.text)
        trusted = _marked(outline, block) or CREDIT_LINE.match(block.text) or (said is not None and said.labelled)
        if said is not None and trusted and _counts(said, context):
            return said, block.text
    return None


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
