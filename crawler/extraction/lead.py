"""The sapo: what a page sets apart from its body as the article's lead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.text import key

SITE = r"(?:[\w-]{2,30}(?:\.(?:vn|com|net|org|info)){1,3})"
ABBREVIATION = r"[A-ZĐ]{2,8}|[A-ZĐ]{2,6}[ -][A-ZĐ]{2,6}"
OWN_MARK = re.compile(
    rf"^\s*(?:\((?:{ABBREVIATION}|{SITE}|[A-ZĐ][\w-]{{2,20}})\)|[A-ZĐ]{{1,5}}(?:O|ĐT|BĐT|ONLINE|TV)"
    rf"|(?i:{SITE}))\s*[-–—:]+\s*"
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


def is_described(text: str, descriptions: Sequence[str], site: str = "") -> bool:
    """Return whether the page's description is this text, or begins with it, or is cut from it."""
    text = without_prefix(text, (), site)
    return any(agree(text, without_prefix(d, (), site)) and len(key(d)) >= LEAST for d in descriptions)


def without_lead(paragraph: str, lead: str, site: str = "") -> str | None:
    """Return what a paragraph says beyond the lead it repeats: nothing (empty), the rest, or None if it does not."""
    mine, told = key(without_prefix(paragraph, (), site)), key(lead)
    if len(mine) < LEAST or len(told) < LEAST:
        return "" if mine == told else None
    if mine in told:
        return ""
    if not mine.startswith(told):
        return None
    if not is_whole(paragraph):
        return ""  # a copy of lead and text, cut where the template had no more room
    rest = _after(without_prefix(paragraph, (), site), len(told))
    return rest if len(key(rest)) > len(told) // 10 else ""


def _after(text: str, letters: int) -> str:
    """Return what follows the first ``letters`` letters and digits of a text."""
    seen = 0
    for index, char in enumerate(text):
        seen += len(key(char))
        if seen >= letters:
            return text[index + 1 :].lstrip(' .,;:…”"-–')
    return ""
