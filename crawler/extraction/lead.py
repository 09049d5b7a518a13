"""The sapo: what a page sets apart from its body as the article's lead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.text import key

SITE = r"(?:[\w-]{2,30}(?:\.(?:vn|com|net|org|info)){1,3})"
ABBREVIATION = r"[A-ZĐ]{2,8}|[A-ZĐ]{2,6}[ -][A-ZĐ]{2,6}"
UPPER = "A-ZÀ-ỸĐ"
OWN_MARK = re.compile(
    rf"^\s*(?:\((?:{ABBREVIATION}|{SITE}|[A-ZĐ][\w-]{{2,20}})\)|[A-ZĐ]{{1,5}}(?:O|ĐT|BĐT|ONLINE|TV)"
    rf"|(?i:{SITE}))\s*[-–—:]+\s*"
    rf"|^\s*\([A-ZĐ]{{2,6}}\)\s+(?=[{UPPER}“\"\d])"
)
"""A newsroom's mark before the first sentence: ``(CTO) - ``, ``(HPĐT)- ``, ``ĐNO - ``, ``(Baonghean.vn) - ``."""
CAPITALS = re.compile(r"\s*(?P<mark>[A-ZĐ]{2,6})\s*[-–—]\s+(?=[A-ZÀ-ỸĐ“\"\d])")
STROKE = r"\s*[-–—:]+\s*"
WHOLE = re.compile(r"(?:[.!?:;](?<!\.\.\.)|[.!?]?[”\"’'»)\]])\s*$")
LEAST = 25
"""Letters from which one text can be known to begin another."""


def without_prefix(text: str, prefixes: Sequence[str] = (), site: str = "") -> str:
    """Return a first sentence without the newsroom's mark: the paper's own, or one that looks like one.

    ``site`` is the name in the page's host: capitals that abbreviate it (``BHG - `` on baohagiang) are a mark too.
    """
    for prefix in prefixes:
        match = re.match(rf"\s*{re.escape(prefix)}(?:{STROKE}|\s+)", text)
        if match:
            return text[match.end() :]
    match = OWN_MARK.match(text) or _abbreviated(text, site)
    return text[match.end() :] if match and match.end() < len(text) else text


def _abbreviated(text: str, site: str) -> re.Match[str] | None:
    match = CAPITALS.match(text)
    rest = iter(site)
    letters = match["mark"].lower().replace("đ", "d") if match else ""
    return match if match and site and all(letter in rest for letter in letters) else None


def agree(one: str, other: str) -> bool:
    """Return whether one of two texts begins with the other: a description cut off, a copy cut mid-word."""
    a, b = sorted((key(one), key(other)), key=len)
    return a == b if len(a) < LEAST else b.startswith(a)


def is_whole(text: str) -> bool:
    """Return whether a text ends like a sentence and not where a template cut it."""
    return WHOLE.search(text) is not None


def best_copy(texts: Sequence[str]) -> str:
    """Return the whole one of several copies of a lead that begin alike; the first where none or all are."""
    copies = [t for t in texts if agree(t, texts[0])]
    return next((t for t in copies if is_whole(t)), texts[0])


def is_cut_from(lead: str, paragraph: str) -> bool:
    """Return whether a sapo is only the beginning of a paragraph, cut off within a sentence of it."""
    if is_whole(lead):
        return False
    told, mine = key(lead), key(paragraph)
    if len(told) < LEAST or len(mine) <= len(told) or not mine.startswith(told):
        return False
    return is_whole(paragraph) and not re.match(r"\W*[.!?…]", _rest(paragraph, len(told)))


def is_described(text: str, descriptions: Sequence[str], site: str = "") -> bool:
    """Return whether the page's description is this text, or begins with it, or is cut from it."""
    text = without_prefix(text, (), site)
    return any(agree(text, without_prefix(d, (), site)) and len(key(d)) >= LEAST for d in descriptions)


def without_lead(paragraphs: Sequence[str], lead: str, site: str = "") -> list[str]:
    """Return an article's first paragraphs without the copies of its lead: each as it is, its rest, or empty.

    The lead may be repeated at the very beginning, whole, in pieces, or with the text running on behind
    it; a little later only whole or cut off in the middle. A sentence of it that the text takes up
    again stays.
    """
    told = key(lead)
    left, opening, kept = told, True, []
    for paragraph in paragraphs:
        text = without_prefix(paragraph, (), site)
        mine = key(text)
        piece = mine == told or (len(mine) >= LEAST and told.startswith(mine) and not is_whole(text))
        if piece or (opening and len(mine) >= LEAST and left.startswith(mine)):
            left = left.removeprefix(mine) or told
            kept.append("")
            continue
        rest = _running_on(text, told) if opening else None
        opening = False
        kept.append(paragraph if rest is None else rest)
    return kept


def _running_on(text: str, told: str) -> str | None:
    """Return what a paragraph says behind the lead it begins with, or None if it does not begin so."""
    mine = key(text)
    if len(told) < LEAST or not mine.startswith(told):
        return None
    if not is_whole(text):
        return ""  # cut where the template had no more room
    rest = _after(text, len(told))
    return rest if len(key(rest)) > len(told) // 10 else ""


def _after(text: str, letters: int) -> str:
    return _rest(text, letters).lstrip(' .,;:…”"-–')


def _rest(text: str, letters: int) -> str:
    """Return what follows the first ``letters`` letters and digits of a text."""
    seen = 0
    for index, char in enumerate(text):
        seen += len(key(char))
        if seen >= letters:
            return text[index + 1 :]
    return ""
