"""Bytes to text: the charset a page declares, and the one it really is in."""

from __future__ import annotations

import codecs
import re
import unicodedata

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
LEGACY = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""What browsers read under these labels (WHATWG Encoding)."""
TELLS_NOTHING = frozenset({"utf-8", "utf8", "windows-1252", "cp1252", *LEGACY})
"""Labels of a Vietnamese page that is no UTF-8 after all: the others cannot write Vietnamese."""
META_WITHIN = 4096
"""Bytes a declaration is looked for in; newsrooms put long titles before it."""
TONES_1258 = re.compile(rb"[A-Za-z\xc0-\xff][\xcc\xd2\xde\xec\xf2]")


def decode(body: bytes, content_type: str = "") -> str:
    """Return the page's text; never raises.

    A byte order mark decides; then bytes that are valid UTF-8 are UTF-8 whatever is declared; then
    the header's charset, the page's own, and last windows-1258 or windows-1252 by their letters.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for label in _declared(body, content_type):
        text = _decode_as(body, label)
        if text is not None:
            return text
    return _guess(body)


def decode_vietnamese(body: bytes, content_type: str = "") -> str:
    """Return a page's text in NFC, read in the way in which Vietnamese words are found on it; never raises.

    It is UTF-8 where fewer bytes are broken than make up letters, however long the page is; else in what it declares
    that can write Vietnamese, else in windows-1258.
    """
    if body.startswith(tuple(mark for mark, _ in BOMS)):
        return unicodedata.normalize("NFC", decode(body))
    text = body.decode("utf-8", "replace")
    if 2 * text.count("\ufffd") > len(text) - len(text.encode("ascii", "ignore")):
        labels = (label for label in _declared(body, content_type) if label.lower() not in TELLS_NOTHING)
        read = (_decode_as(body, label) for label in labels)
        text = next((one for one in read if one is not None), None) or body.decode("cp1258", "replace")
    return unicodedata.normalize("NFC", text)


def _declared(body: bytes, content_type: str) -> list[str]:
    labels = [m.group(1) for m in [HEADER.search(content_type)] if m]
    return labels + [m.group(1).decode("ascii", "replace") for m in META.finditer(body[:META_WITHIN])]


def _decode_as(body: bytes, label: str) -> str | None:
    """Return the text if the label can be right: UTF-8 with a few broken bytes still is UTF-8."""
    label = LEGACY.get(label.lower(), label.lower())
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding:  # a page may say charset=hex
        return None
    try:
        text = codec.decode(body, "replace")[0]
    except (UnicodeError, ValueError):
        return None
    if not isinstance(text, str) or text.count("\ufffd") > 3 + len(text) // 200:
        return None
    return unicodedata.normalize("NFC", text) if codec.name == "cp1258" else text


def _guess(body: bytes) -> str:
    """Return windows-1258 where its combining tone marks follow letters, else UTF-8 or windows-1252."""
    utf8 = body.decode("utf-8", "replace")
    if utf8.count("\ufffd") <= 3 + len(utf8) // 200:
        return utf8
    if len(TONES_1258.findall(body)) > len(body) // 400:
        return unicodedata.normalize("NFC", body.decode("cp1258", "replace"))
    return body.decode("cp1252", "replace")
