"""The headline of an article: what the page tells of it, and where it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from crawler.extraction import jsonld
from crawler.extraction.container import in_entry
from crawler.extraction.outline import Outline
from crawler.extraction.page import SUFFIX, Page
from crawler.extraction.text import key
from crawler.extraction.times import is_date, is_row, without_date
from pipelines.text import fold

OWN_NAME = re.compile(
    r"\b(?:báo|đài|tạp chí|online|điện tử|tin tức|news|cổng|trang)\b|\.(?:vn|com|net)\b", re.IGNORECASE
)
NAMED_SO = re.compile(
    r"(?:[Bb]áo|BÁO|[Đđ]ài|ĐÀI|[Tt]ạp chí|TẠP CHÍ|[Cc]ổng)"
    r"(?:\s(?:điện tử|[Oo]nline|tỉnh|và|Phát thanh|TTĐT|[A-ZĐÀ-Ỹ][\w.-]*)){1,7}"
)
"""A newspaper's name: ``Báo`` and names; of ``Báo động`` or ``Báo chí`` the second word is small."""
PLAIN_NAME = re.compile(r"(?:bao|dai|tap chi)\s(?:\w+\s?){1,5}(?:dien tu|online)", re.IGNORECASE)
CONTROL = re.compile(r"^\s*(?:in bài(?: viết)?|bản in|print)\s*[:|-]\s*", re.IGNORECASE)
"""What a page for printing puts before the headline."""
LEAST_WORDS, LONGEST, ROW_BELOW, PROSE = 3, 200, 6, 40
HEADINGS = frozenset(["h1", "h2", "h3"])
HEADING_LINES = 4
"""Lines of the longest heading that breaks set by hand divide."""


class Title(NamedTuple):
    """The headline, where it was read, and its block on the page (None where it is not printed)."""

    text: str | None
    provenance: str = ""
    block: int | None = None


def told_titles(page: Page) -> list[tuple[str, str]]:
    """Return the headlines that JSON-LD, meta and ``<title>`` tell, with their provenance, best first."""
    told = [
        (jsonld.text_of(page.article.get("headline")), "jsonld"),
        (jsonld.text_of(page.article.get("name")), "jsonld"),
        (page.meta("og:title", "twitter:title"), "meta"),
    ]
    return [(t, p) for t, p in told if t] + [(h, "meta") for h in page.headings()]


def find_title(page: Page, outline: Outline, named: str = "") -> Title:
    """Return the headline: the printed line that JSON-LD, meta or ``<title>`` tell of; else what they tell.

    ``named`` is what stands where a template has the headline; it goes before all.
    """
    told = [(named, "template")] if named else told_titles(page)
    wanted = {k for t in (*(t for t, _ in told), *page.endings()) if (k := key(CONTROL.sub("", t)))}
    places = sorted(_printed(outline, wanted))
    owners = wanted & _owners(page) if len({key(text) for *_, text in places}) != 1 else set()
    printed = next((p for p in places if key(p[2]) not in owners), next(iter(places), None))
    if printed:
        return Title(printed[2], "template" if named else "visible", printed[1])
    heads = [
        (i, b)
        for i, b in enumerate(outline.blocks)
        if _rank(outline, b.element) == 0 and not b.src and not b.linky and len(b.text.split()) >= 3
    ]
    for index, block in heads:
        if not told or any(_alike(block.text, t) for t, _ in told):
            return Title(block.text, "visible", index)
    meant = _meant(outline, [t for t, _ in told if key(t) not in owners], page)
    if meant is not None:
        return Title(_undated(outline.blocks[meant].text, [t for t, _ in told]), "visible", meant)
    if told:
        return Title(_shortest_telling(told, page), told[0][1], heads[0][0] if len(heads) == 1 else None)
    return Title(None)


def _owners(page: Page) -> set[str]:
    """Return the parts of ``<title>`` and the names that are the newspaper's, as `key` writes them."""
    parts = [*page.headings(), *page.endings(), page.meta("og:title")]
    return {key(t) for t in (*page.names, *page.hosts, *(t for t in parts if NAMED_SO.fullmatch(t)))}


def _meant(outline: Outline, told: list[str], page: Page) -> int | None:
    """Return the line that a headline told without marks means, or the one above the date where none is told."""
    bare = {fold(k) for t in told for part in (t, t.partition(" - ")[0]) if (k := key(part))}
    lines = [
        i for i, b in enumerate(outline.blocks) if not b.src and not b.linky and len(b.text.split()) >= LEAST_WORDS
    ]
    short = [(i, text) for i in lines if len(text := outline.blocks[i].text) <= LONGEST]
    same = next((i for i, text in short if {fold(key(text)), fold(key(without_date(text)))} & bare), None)
    if same is not None or any(not _is_generic(t, page) for t in told):
        return same
    return next((i for i in lines if _above_date(outline, i)), None)


def _undated(line: str, told: list[str]) -> str:
    """Return a headline's line without the date that stands in it too, unless the headline is told with it."""
    return line if any(key(line) in key(t) for t in told) else without_date(line)


def _is_generic(told: str, page: Page) -> bool:
    """Return whether a told headline is the newspaper's name, with a word of its system or without marks."""
    owners = _owners(page)
    named = [bool(NAMED_SO.fullmatch(p) or PLAIN_NAME.fullmatch(p) or key(p) in owners) for p in SUFFIX.split(told)]
    rest = [p for p, is_named in zip(SUFFIX.split(told), named, strict=True) if not is_named]
    return any(named) and all(len(p.split()) < LEAST_WORDS for p in rest)


def _above_date(outline: Outline, index: int) -> bool:
    """Return whether a short line stands right above a date's row under which prose begins."""
    block = outline.blocks[index]
    below = outline.blocks[index + 1 : index + 2 + ROW_BELOW]
    if (
        in_entry(outline, block.element)
        or len(block.text) > LONGEST
        or is_row(block.text)
        or is_date(block.text)
        or not below
        or below[0].src
    ):
        return False
    prose = any(len(b.text) >= PROSE and not b.linky for b in below[1:])
    return prose and (is_row(below[0].text) or is_date(below[0].text))


def _printed(outline: Outline, wanted: set[str]) -> Iterator[tuple[int, int, str]]:
    """Give where a headline is printed: rank, block and text of lines, and of headings of several lines.

    A link counts only where it is a first heading: elsewhere it leads to the article from a list.
    """
    longest = 2 * max(map(len, wanted), default=0)
    shortest = min(map(len, wanted), default=0)
    for index, block in enumerate(outline.blocks):
        if not block.src and shortest <= len(block.text) <= longest and key(block.text) in wanted:
            rank = _rank(outline, block.element)
            if rank == 0 or not block.linky:
                yield rank, index, block.text
    for here in outline.elements:
        if here.tag in HEADINGS and 1 < here.last - here.first <= HEADING_LINES:
            text = " ".join(b.text for b in outline.blocks[here.first : here.last] if not b.src)
            if key(text) in wanted:
                yield 0 if here.tag == "h1" else 1, here.last - 1, text


def _shortest_telling(told: list[tuple[str, str]], page: Page) -> str:
    """Return the first headline told, without the newspaper's name that ``<title>`` adds."""
    first = told[0][0]
    if first != page.heading:
        return first
    owners = {key(n) for n in page.names}
    for shorter in page.headings()[1:]:
        suffix = first[len(shorter) :]
        if len(shorter.split()) >= 3 or OWN_NAME.search(suffix) or key(suffix) in owners:
            return shorter
    return first


def _rank(outline: Outline, element: int) -> int:
    """Return 0 for a first heading, 1 for other headings, 2 for the rest; looking one element up."""
    for _ in range(2):
        if element < 0:
            break
        tag = outline.elements[element].tag
        if tag == "h1":
            return 0
        if tag in ("h2", "h3", "h4"):
            return 1
        element = outline.elements[element].parent
    return 2


def _alike(printed: str, told: str) -> bool:
    a, b = key(printed), key(told.rstrip(". …"))
    return min(len(a), len(b)) >= 15 and (a.startswith(b) or b.startswith(a))
