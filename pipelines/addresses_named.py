"""Knows which pages name an address, however they write it: whole, from the root, relative, by its last part alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from pipelines.runs_of_words import unescaped
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WRITTEN = re.compile(r"[^\s\"'`<>()]+")
BASE = re.compile(r"<base\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
ATTRIBUTE = re.compile(r"^[\w:-]+=(?=.)")
SLUG = re.compile(r"^(?!.*\.(?:jpe?g|png|gif|webp|avif|svg|mp[34])$)[^?=]*(?:[-_][^?=]*[-_]|\d{4})", re.IGNORECASE)
"""What a script makes an address up of: words and a number, no picture's name and no page's that has parameters."""
PARTS = re.compile(r"[?&=]")
END = ".,;:!]}"
TELLING = 12
"""Characters from which on a path names an address whatever its host, and, on its site, a slug without its folder."""


class Written:
    """All that may be an address on a page (HTML, XML, JSON) at ``url``."""

    def __init__(self, page: str, url: str) -> None:
        text = unquote(unescaped(page).replace("\\/", "/"))
        found = BASE.search(text)
        self.bases = (url, *_joined(url, found[1])) if found else (url,)
        self.words = tuple({part for word in set(WRITTEN.findall(text)) for part in _parts(word)})


class Addresses:
    """Addresses that pages are looked through for."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._keys = {url_key(url) for url in urls}
        self._tails = {tail for key in self._keys for tail in _tails(key)}
        self._places = tuple({place for key in self._keys if len(place := _place(key)) >= TELLING})
        self._telling = {tail for tail in self._tails if len(tail) >= TELLING and SLUG.search(tail)}

    def named_on(self, page: Written, *, own: bool) -> bool:
        """Say whether a page names one.

        ``own``: it is of the addresses' paper, where a slug names one, too, of which a script makes an address up.
        """
        return bool(self._tails) and any(self._is_one(word, page.bases, own=own) for word in page.words)

    def _is_one(self, word: str, bases: tuple[str, ...], *, own: bool) -> bool:
        tail = word.rpartition("/")[2]
        if tail not in self._tails and ("?" not in tail or self._tails.isdisjoint(tail.partition("?")[2].split("&"))):
            return False
        if (own and tail in self._telling) or word.endswith(self._places):
            return True
        return any(key in self._keys for key in _keys(word, bases))


def _parts(word: str) -> Iterator[str]:
    """Give what stands between quotes, brackets and spaces, without what goes before it or is asked for in it."""
    plain = word.partition("#")[0].rstrip(END).rstrip("/")
    yield plain
    if "=" not in plain and "&" not in plain and "?" not in plain:
        return
    if attribute := ATTRIBUTE.match(plain):
        yield plain[attribute.end() :].rstrip("/")
    yield from (part.rstrip("/") for part in PARTS.split(plain))


def _keys(word: str, bases: tuple[str, ...]) -> Iterator[str]:
    for base in bases:
        yield from map(url_key, _joined(base, word))


def _joined(base: str, word: str) -> Iterator[str]:
    try:
        yield urljoin(base, word)
    except ValueError:
        return


def _tails(key: str) -> Iterator[str]:
    """Give what stands at the end of an address, or in its query, however a page writes it."""
    parts = urlsplit(key)
    last = unquote(parts.path.rpartition("/")[2])
    if parts.query:
        yield from map(unquote, (f"{last}?{parts.query}", *parts.query.split("&")))
    elif last:
        yield last


def _place(key: str) -> str:
    """Return path and query, by which a page of the same site may name an address; ``""`` for a front page."""
    parts = urlsplit(key)
    path = unquote(parts.path).rstrip("/")
    if parts.query:
        return f"{path or '/'}?{unquote(parts.query)}"
    return path
