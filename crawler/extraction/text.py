"""Text as a page prints it, without what no reader sees; and the key two printings are compared by."""

from __future__ import annotations

import re
import unicodedata

UNSEEN: dict[int, str | None] = dict.fromkeys(
    [
        *(*range(9), *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xAD),
        *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, *range(0xFFF9, 0xFFFC)),
        *range(0xD800, 0xE000),  # half of an emoji that a newsroom cut: no file can hold it
    ]
)
"""Control, zero-width and directional characters: left by editors and old code pages, never printed."""
UNSEEN[0x85] = " "  # NEL is a line break
NOT_WORD = re.compile(r"\W+")
NUMBER = re.compile(r"\d(?:[\d.,:/\s-]*\d)?")


def clean(text: str) -> str:
    """Return ``text`` on one line: NFC, white space collapsed, unseen characters gone; nothing else changed."""
    text = " ".join(text.split())
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = " ".join(text.translate(UNSEEN).split())
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def key(text: str) -> str:
    """Return the letters and digits of ``text`` alone, case folded: equal for two printings of one sentence."""
    words = text.casefold().split()
    return "".join([word if word.isalnum() else NOT_WORD.sub("", word) for word in words])


def furniture_key(line: str) -> str:
    """Return the form in which a paper's recurring lines are kept and looked up (``extract(furniture=…)``).

    Numbers, dates and counts of any length are one ``0``: ``Lượt xem: 1.234`` is ``lượt xem: 0``.
    """
    return NUMBER.sub("0", clean(line).casefold())


def is_furniture(line: str, furniture: frozenset[str]) -> bool:
    """Return whether a line is one of ``furniture``, or several of them run together (inline elements side by side)."""
    if not furniture:
        return False
    rest = furniture_key(line)
    if rest in furniture:
        return True
    while known := max((k for k in furniture if rest.startswith(k)), key=len, default=""):
        rest = rest[len(known) :].lstrip()
    return not rest
