"""Which lines are captions, and of which picture."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from crawler.extraction.container import PROSE
from crawler.extraction.hints import is_noise
from crawler.extraction.outline import Block, Outline
from crawler.extraction.text import key

LONGEST = 400
"""Characters of the longest caption."""
LONGEST_ABOVE = 200
"""Characters of the longest caption that stands above its picture."""
CAPTIONING = ("figcaption", "caption")
LOOSE = ("figcaption",)
"""What captions without a picture too (a film's); a table's own caption heads its figures."""
BOXES = frozenset(["figure", "table", "dl", "div", "section", "center", "aside", "li", "article"])
PICTURE_WORDS = re.compile(
    r"\b(?:ảnh|(?<!mô )(?<!tình )(?<!điện )(?<!địa )(?<!loại )hình|photo)\b\s*(?:minh h[oọ]a)?\s*[:/]"
    r"\s*(?:[^.]|\.(?=\S)){2,60}\W*$"
    r"|\((?:ảnh|nguồn)\b[^()]{0,60}\)\W*$|ảnh (?:minh h[oọ]a|tư liệu|có tính minh h[oọ]a)[^.]{0,60}\W*$"
    r"|[.!?…]\s+ảnh\s+[A-ZĐÀ-Ỹ][^.]{1,40}\W*$|^\W*(?:ảnh|hình)(?:\s\d+)?\s*[:.]",
    re.IGNORECASE,
)
"""A line that ends in a credit, or begins by saying that it speaks of a picture."""
CREDIT = re.compile(
    r"(?:ảnh(?: minh h[oọ]a)?|nguồn ảnh|nguồn)\s*:\s*(?P<who>[^():;]{2,60}?)\s*[).]*\s*$", re.IGNORECASE
)
ORNAMENT = re.compile(
    r"(?:^|[/_-])(?:icons?|logos?|spacer|pixel|blank|loading|avatars?|default|no-?image|emoji|banner"
    r"|btn|button|sprite|ads?)(?:[/_.-]|\d|$)|\.gif(?:\?|$)|\.svg(?:\?|$)",
    re.IGNORECASE,
)


AVATAR = re.compile(r"/(?:avatars?|authors?|tac-?gia)/", re.IGNORECASE)
"""Folders of pictures of the writers."""


class Picture(NamedTuple):
    """A picture of the article: its block (None for a film's or a frame's caption) and the blocks that caption it."""

    block: int | None
    captions: tuple[int, ...]

    @property
    def place(self) -> int:
        """Return the block where it stands on the page."""
        return self.captions[0] if self.block is None else self.block


class Manner(NamedTuple):
    """How an article's paragraphs are set, so that what is set otherwise stands out."""

    marks: str
    align: str
    italic: bool
    holder: int = -1


def manner(outline: Outline, indexes: list[int], holders: list[int]) -> Manner:
    """Return the commonest class, alignment and slant of paragraphs, weighed by their length."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    held: Counter[int] = Counter()
    for index, holder in zip(indexes, holders, strict=True):
        block = outline.blocks[index]
        counts[outline.elements[block.element].marks, block.align, block.all_italic] += len(block.text)
        held[holder] += len(block.text)
    if not counts:
        return Manner("", "", False)
    (marks, align, italic), _ = counts.most_common(1)[0]
    return Manner(marks, align, italic, held.most_common(1)[0][0])


def pictures(outline: Outline, first: int, last: int, region: int, usual: Manner) -> list[Picture]:
    """Return the pictures among the blocks ``first`` to ``last`` of ``region``, with their captions."""
    found: list[Picture] = []
    used: set[int] = set()
    for index in range(first, last):
        block = outline.blocks[index]
        if not block.src or ORNAMENT.search(block.src.rsplit("/", 1)[-1]) or AVATAR.search(block.src):
            continue
        captions = [c for c in _captions(outline, index, last, region, usual) if c not in used]
        captions = captions or [
            c for c in (index - 1,) if c >= first and c not in used and _set_small(outline, c, usual)
        ]
        used.update(captions)
        found.append(Picture(index, tuple(captions)))
    loose = [
        i
        for i in range(first, last)
        if i not in used and not outline.blocks[i].src and _below(outline, i, region, LOOSE)
    ]
    played = [i for i in outline.media if first <= i < last and i not in used and _set_small(outline, i, usual)]
    return found + [Picture(None, (i,)) for i in dict.fromkeys([*loose, *played])]


def credit(caption: str | None) -> str | None:
    """Return the photographer or agency that a caption names at its end."""
    match = CREDIT.search(caption or "")
    return match["who"].strip(" .") if match else None


def _captions(outline: Outline, image: int, last: int, region: int, usual: Manner) -> list[int]:
    box = _box(outline, image, region)
    if box is not None:
        here = outline.elements[box]
        inside = [
            i
            for i in range(here.first, here.last)
            if not outline.blocks[i].src and not is_noise(outline.blocks[i].text)
        ]
        labelled = [i for i in inside if _below(outline, i, box, CAPTIONING)]
        if inside:
            return [i for i in (labelled or inside) if i > image or here.tag in ("table", "figure")]
    following = image + 1
    if following < last and _follows(outline, image, following, usual):
        return _with_credit(outline, following, last)
    return []


def _box(outline: Outline, image: int, region: int) -> int | None:
    """Return the outermost element around a picture that holds nothing but pictures and their words."""
    best = None
    element = outline.blocks[image].element
    while element > region:
        here = outline.elements[element]
        inside = [b for b in outline.blocks[here.first : here.last] if not b.src]
        if sum(len(b.text) for b in inside) > LONGEST or any(b.linky and len(b.text) > 15 for b in inside):
            break
        strict = here.tag not in ("figure", "table", "dl")
        if strict and (len(inside) > 2 or not outline.blocks[here.first].src or any(len(b.text) > 300 for b in inside)):
            break
        if here.tag in BOXES and inside:
            best = element
        element = here.parent
    return best


def _below(outline: Outline, block: int, stop: int, tags: tuple[str, ...]) -> bool:
    element = outline.blocks[block].element
    while element > stop:
        if outline.elements[element].tag in tags:
            return True
        element = outline.elements[element].parent
    return False


def _follows(outline: Outline, image: int, index: int, usual: Manner) -> bool:
    """Return whether the line after a picture is its caption: in the picture's own paragraph, or set apart."""
    block = outline.blocks[index]
    if block.src or block.linky or len(block.text) > LONGEST or is_noise(block.text):
        return False
    if block.element == outline.blocks[image].element and outline.elements[block.element].tag == "p":
        return block.after_break or _apart(outline, block, usual)
    return _apart(outline, block, usual)


def _apart(outline: Outline, block: Block, usual: Manner) -> bool:
    element = outline.elements[block.element]
    if len(block.text) <= 300 and PICTURE_WORDS.search(block.text):
        return True
    if element.tag[0] == "h" and element.tag[1:].isdigit():
        return element.tag == "h6"
    if block.all_italic and not usual.italic:
        return True
    if block.all_bold and not block.all_italic:
        return False
    if block.align == "center" != usual.align:
        return True
    return len(block.text) <= 250 and bool(element.marks) and element.marks != usual.marks and element.tag == "p"


def _set_small(outline: Outline, index: int, usual: Manner) -> bool:
    """Return whether a line above a picture or behind a film is centred and slanted, as its caption."""
    block = outline.blocks[index]
    if block.src or block.linky or len(block.text) > LONGEST_ABOVE or is_noise(block.text) or usual.italic:
        return False
    return block.all_italic and block.align == "center" != usual.align


def _with_credit(outline: Outline, index: int, last: int) -> list[int]:
    """Return a caption's line, and the next one where it only names the photographer."""
    after = index + 1
    if after < last and not outline.blocks[after].src and len(outline.blocks[after].text) < PROSE:
        text = outline.blocks[after].text
        if CREDIT.match(text) and not CREDIT.search(outline.blocks[index].text) and key(text):
            return [index, after]
    return [index]
