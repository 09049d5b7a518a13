"""Knows how a list of articles is written as an Atom feed (RFC 4287): what it is told, as bytes of XML 1.0."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from browse.moments import VIETNAM

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "application/atom+xml; charset=utf-8"
NAMES = "tag:baotinh,2026:"
"""Names by RFC 4151 begin so; no host is in them, so that they stay when an archive moves to another."""
NO_TIME = "1970-01-01T00:00:00Z"
"""When a feed without entries was updated: Atom wants a time, and a made-up one must not change."""
UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (2.2) has no way to write."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article: ``name`` is permanent, ``updated`` an RFC 3339 time, ``published`` too where it is known.

    ``page`` is the absolute address of its page here, ``original`` the paper's own address where it is a safe link.
    ``categories``: term and scheme (``section`` or ``tag``).
    """

    name: str
    title: str
    updated: str
    published: str | None
    authors: tuple[str, ...]
    summary: str
    page: str
    original: str | None
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A list of articles, newest first; ``page`` and ``itself`` are absolute addresses."""

    name: str
    title: str
    page: str
    itself: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> str:
        """Return the newest time of the entries; `NO_TIME` without any."""
        return max((entry.updated for entry in self.entries), default=NO_TIME)


def atom(feed: Feed) -> bytes:
    """Return the feed as a document in UTF-8."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "vi"})
    _put(root, "id", NAMES + feed.name)
    _put(root, "title", feed.title)
    _put(root, "updated", feed.updated)
    _link(root, "self", feed.itself, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    _put(root, "generator", "baotinh")
    for entry in feed.entries:
        _entry(ET.SubElement(root, "entry"), entry)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(element: ET.Element, entry: Entry) -> None:
    _put(element, "id", NAMES + entry.name)
    _put(element, "title", entry.title)
    _put(element, "updated", entry.updated)
    if entry.published:
        _put(element, "published", entry.published)
    for author in entry.authors:
        _put(ET.SubElement(element, "author"), "name", author)
    _link(element, "alternate", entry.page, "text/html")
    if entry.original:
        _link(element, "via", entry.original)
    for term, scheme in entry.categories:
        ET.SubElement(element, "category", term=writable(term), scheme=NAMES + scheme)
    if entry.summary:
        _put(element, "summary", entry.summary)


def writable(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 forbids (control characters, lone surrogates)."""
    return UNWRITABLE.sub("", text)


def full_time(stored: str | None) -> str | None:
    """Return a stored time as RFC 3339 wants it: a day alone begins at midnight in Vietnam; None for what is no time.

    What names no offset is Vietnam's, as the papers print it.
    """
    try:
        at = datetime.fromisoformat(stored or "")
    except ValueError:
        return None
    return at.isoformat() if at.tzinfo else at.replace(tzinfo=VIETNAM).isoformat()


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = writable(text)


def _link(parent: ET.Element, rel: str, href: str, media: str | None = None) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": writable(href)} | ({"type": media} if media else {}))
