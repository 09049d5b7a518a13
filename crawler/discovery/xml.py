"""Reads XML that may be broken, packed or hostile: feeds and sitemaps as newspapers serve them."""

from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP = b"\x1f\x8b"
MAX_BYTES = 50 * 1024 * 1024
"""The longest sitemap sitemaps.org allows, unpacked; what unpacks to more is cut there."""

BARE_AMPERSAND = re.compile(rb"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
WIDE = re.compile(rb"(<\?xml[^>]*?)\s+encoding=[\"'](?:utf-16|ucs-2|unicode)[\"']", re.IGNORECASE)
PROLOGUE = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
FIRST_TAG = re.compile(rb"\s*<([A-Za-z][\w:.-]*)")
LEADING = b"\xef\xbb\xbf \t\r\n"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
SNIFFED = 4096


def plain(body: bytes) -> bytes:
    """Return ``body`` un-gzipped wherever it is gzip (labelled or not, twice too), UTF-16 as UTF-8.

    At most `MAX_BYTES`; a torn gzip gives what could be read of it.
    """
    for _ in range(2):
        if not body.startswith(GZIP):
            break
        try:
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, MAX_BYTES)
        except zlib.error:
            return b""
    if body.startswith(WIDE_MARKS):
        return body.decode("utf-16", "replace").encode("utf-8", "replace")
    return body


def root_name(body: bytes) -> str:
    """Return the local name of the first element in lower case (``rss``, ``urlset``, ``html``), or ``""``."""
    start = body.lstrip(LEADING)[:SNIFFED]
    at = 0
    while prologue := PROLOGUE.match(start, at):
        at = prologue.end()
    match = FIRST_TAG.match(start, at)
    return match[1].decode("ascii").rpartition(":")[2].lower() if match else ""


def elements(body: bytes, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of these local names in document order, each with its children, then let go.

    Broken XML is read as far as it goes. Entities are never expanded and nothing is fetched: every
    ``&`` that starts none of XML's own five entities is text.
    """
    events = etree.iterparse(
        io.BytesIO(_mended(body)),
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        recover=True,
        resolve_entities=False,
        huge_tree=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            yield element
            element.clear()
    except etree.XMLSyntaxError:
        return


def child_texts(element: etree._Element, name: str) -> Iterator[str]:
    """Yield the text of the direct children of this name, of any namespace, that say something."""
    for child in element.iterchildren(f"{{*}}{name}"):
        text = "".join(child.itertext()).strip().replace("&amp;", "&")
        if text:
            yield text


def _mended(body: bytes) -> bytes:
    body = body.lstrip(LEADING)
    if not body.startswith(b"<"):
        return body
    return BARE_AMPERSAND.sub(b"&amp;", WIDE.sub(rb"\1", body.replace(b"\0", b"")))
