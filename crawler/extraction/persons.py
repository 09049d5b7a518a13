"""What is written like a person's name, and which names can be a writer's."""

from __future__ import annotations

import re
from functools import cache

from crawler.extraction.credits import OUTLET, PLACEHOLDERS, ROLES
from crawler.extraction.text import key
from crawler.papers import provinces

TITLES = (
    r"(?:BS|ThS|TS|PGS|GS|LS|KTS|CN|DS|NSƯT|NSND|Bác sĩ|Thạc sĩ|Tiến sĩ|Luật sư|BSCKI{1,2}"
    r"|BS\.?\s?CK\s?I{1,2}|Đại tá|Thượng tá|Trung tá|Nhà văn|Nhà thơ)"
)
UPPER = "".join(c for c in map(chr, range(0x41, 0x1EFA)) if c.isupper() and c.isalpha())
WORD = rf"[{UPPER}][\w'’]*\.?"
NAME = re.compile(rf"^(?:(?:{TITLES})[.,]?\s*)*{WORD}(?:(?:\s|(?<=\.)){WORD}){{0,6}}$")
SPACED_NAME = re.compile(r"^[\u1780-\u17d3]{2,14}(?: [\u1780-\u17d3]{2,14}){1,2}$")
"""A name in Khmer signs, which write sentences without blanks and a name with one."""
TOGETHER = re.compile(r"\s*(?:,|;|&|\s[-–—]\s|\svà\s|/)\s*|\s[-–—]\s?|\s?[-–—]\s")
SENTENCE_END = re.compile(r"[^\W\d]{3,}[.!?…]$")
JOINED = re.compile(r"(?<=\w)[-–](?=\w)")
LONGEST_NAMES = 160
"""Characters of the longest line of names."""
COUNTRIES = (
    *("Lào", "Campuchia", "Thái Lan", "Trung Quốc", "Nhật Bản", "Hàn Quốc", "Triều Tiên", "Indonesia", "Malaysia"),
    *("Philippines", "Myanmar", "Singapore", "Ấn Độ", "Nga", "Ukraine", "Mỹ", "Anh", "Pháp", "Đức", "Úc"),
)
"""Countries that end a list more often than their names sign."""
NOBODY = frozenset(["việtnam", "hết", "hếtphim", "theend"])
"""What ends a text in a line of its own and is written like a name, as `key` writes it."""


def is_name(text: str) -> bool:
    """Return whether every part of a line is written like a person's name or initials."""
    if text[:1].islower() or len(text) > LONGEST_NAMES:
        return False
    parts = [p for part in TOGETHER.split(text) if part for p in _apart(part)]
    return 0 < len(parts) <= 5 and all(
        (NAME.match(p) and any(c.isalpha() for c in p)) or SPACED_NAME.match(p) for p in parts
    )


def _apart(part: str) -> list[str]:
    """Return two full names that a stroke without blanks joins: ``Huy Anh-Lê Lâm``; else the part as it is."""
    halves = JOINED.split(part)
    return halves if len(halves) == 2 and all(" " in h.strip() for h in halves) else [part]


def writes(name: str | None, not_persons: frozenset[str] = frozenset()) -> bool:
    """Return whether a name can be a writer: no role, placeholder or address, nor one of ``not_persons`` (keys)."""
    if not name:
        return False
    folded = key(name)
    if not folded or folded in PLACEHOLDERS or folded in not_persons or ROLES.fullmatch(name.strip(". ")):
        return False
    if "@" in name or "//" in name or OUTLET.search(name):
        return False
    account = name.isascii() and " " not in name and name == name.lower()
    return not account and not any(c.isdigit() for c in name) and len(name) <= 80


def person(text: str) -> str | None:
    """Return a name without its role, or None where a text is none."""
    text = ROLES.sub("", text).strip(" .:,;-–")
    named = text and is_name(text) and not SENTENCE_END.search(text) and key(text) not in NOBODY
    return text if named else None


def is_place(name: str) -> bool:
    """Return whether a name, or one of several joined by a stroke, is also a province's or a country's."""
    return any(key(part) in _places() for part in TOGETHER.split(name) if part)


@cache
def _places() -> frozenset[str]:
    told = (place for today, before in provinces().items() for place in (today, *before))
    return frozenset(map(key, (*told, *COUNTRIES)))
