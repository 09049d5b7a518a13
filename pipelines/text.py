"""Knows Vietnamese text: one spelling of its characters, its spaces, its paragraphs, and what is the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata

SPACE = re.compile(r"\s+")
LINES = re.compile(r"[\r\n\u2028\u2029\x0b\x0c]+")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _cp1252(code: int) -> str:
    """Return what a byte 80-9F means in Windows-1252, or nothing for the five it leaves open."""
    return bytes([code]).decode("cp1252", "ignore")


C1 = {code: _cp1252(code) for code in range(0x80, 0xA0)}
"""Windows-1252 characters that a newsroom pasted in as control characters (FINDINGS 1)."""


def nfc(s: str) -> str:
    """Return ``s`` in Unicode's composed form; the only change the archive makes to letters."""
    return unicodedata.normalize("NFC", s)


def collapse(s: str) -> str:
    """Return ``s`` with every run of white space (no-break too) as one space, ends trimmed."""
    return SPACE.sub(" ", s).strip()


def paragraphs(text: str | None) -> tuple[str, ...]:
    """Return the paragraphs of ``text``, one a line, each collapsed; empty lines are none."""
    return tuple(p for p in map(collapse, LINES.split(text or "")) if p)


def fold(s: str) -> str:
    """Return ``s`` for comparing: lower case, without diacritics, ``đ`` as ``d``; composed or not is one."""
    bare = (c for c in unicodedata.normalize("NFD", s.lower()) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(bare)).replace("đ", "d")


def clean(s: str) -> str:
    """Return ``s`` without what cannot be seen: zero-width and control characters, byte-order marks.

    C1 controls become the Windows-1252 characters they were meant as (U+0092 → ’, U+0096 → –). Tabs
    and line ends stay, letters are not composed here.
    """
    return CONTROL.sub("", INVISIBLE.sub("", s.translate(C1)))


def words(text: str | None) -> int:
    """Count syllables as Vietnamese writes them: what stands between white space."""
    return len((text or "").split())


def text_digest(text: str | None) -> str | None:
    """Return the sha256 hex of the text that decides alias or copied; None for an empty text.

    DESIGN, Identity: over NFC, white space collapsed, paragraphs joined by a newline.
    """
    same = _canonical(text)
    return hashlib.sha256(same).hexdigest() if same else None


def content_digest(title: str | None, lead: str | None, text: str | None) -> str:
    """Return the sha256 hex over title, lead and text that decides same or revised.

    Each part is made as in `text_digest`; parts are joined by a NUL, which none of them can hold.
    """
    return hashlib.sha256(b"\0".join(map(_canonical, (title, lead, text)))).hexdigest()


def _canonical(s: str | None) -> bytes:
    return "\n".join(paragraphs(nfc(s or ""))).replace("\0", "").encode("utf-8", "surrogatepass")
