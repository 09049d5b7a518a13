"""Knows how listings number their pages, and which link of a page leads to the page after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pipelines.paging import Paging
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PARAMETER = re.compile(r"p|pg|pn|paged?|page_?(?:no|num|number|index)|current_?page|(?:so_?)?trang", re.IGNORECASE)
FOLDER = re.compile(r"[/_-](?:trang|pages?|p)[/_-]?(?P<n>\d{1,5})(?=[/.]|$)", re.IGNORECASE)
PARAMETERS = re.compile(r"(?<=[?&])(?P<name>[^=&]+)=(?P<n>[0-9]{1,6})(?=&|$)")
BARE = re.compile(r"/(?P<n>\d{1,4})/?$")
ENDING = re.compile(r"(?:/index)?\.(?:html?|aspx?|php|bbg|shtml)$", re.IGNORECASE)
FRONT_PAGE = re.compile(r"\w+://[^/]*/*")


class Numbered(NamedTuple):
    """A page of a listing: what its pages have in common, and its number."""

    stem: str
    number: int


class Shown(NamedTuple):
    """What a page links of its own listing's pages: all of them, and the one after it."""

    pages: frozenset[str]
    after: str | None
    last: bool
    """It links pages before it and none after it."""


def numbered(url: str) -> Numbered | None:
    """Return what page of what listing ``url`` is by a number that says so, or None.

    Said is it by a parameter (``?p=2``, ``page``, ``paged``, ``trang``) or in the path (``/trang-2``,
    ``/page/2``, ``/p2``, ``-trang-2.html``, ``/page/2/tin.aspx``). Without the number, an ending such
    as ``.html`` and empty parameters the addresses of a listing's pages are one.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    numbers, kept = [], []
    for given in parts.query.split("&"):
        name, _, value = given.partition("=")
        if PARAMETER.fullmatch(name) and re.fullmatch("[0-9]{1,6}", value):
            numbers.append(int(value))
        elif value:
            kept.append(given)
    path = parts.path
    if not numbers and (match := FOLDER.search(path)):
        numbers.append(int(match["n"]))
        path = path[: match.start()] + path[match.end() :]
    if len(numbers) != 1:
        return None
    return Numbered(_stem(parts.scheme, parts.netloc, path, kept), numbers[0])


def place(url: str) -> Numbered:
    """Return what page of what listing ``url`` is; the first where it bears no number."""
    found = numbered(url)
    if found:
        return found
    try:
        parts = urlsplit(url)
    except ValueError:
        return Numbered(url, 1)
    kept = [given for given in parts.query.split("&") if given.partition("=")[2]]
    return Numbered(_stem(parts.scheme, parts.netloc, parts.path, kept), 1)


def paging(url: str, after: str) -> Paging | None:
    """Return how the pages are numbered of which ``after`` follows ``url``; None where no number says so."""
    found = numbered(after)
    if found is None or place(url) != Numbered(found.stem, found.number - 1):
        return None
    given = [m for m in PARAMETERS.finditer(after) if PARAMETER.fullmatch(m["name"])]
    match = given[0] if given else FOLDER.search(after, after.find("/", after.find("//") + 2))
    return Paging(after[: match.start("n")], after[match.end("n") :], found.number) if match else None


def shown(url: str, links: Iterable[tuple[str, Callable[[], str]]]) -> Shown:
    """Return what the page at ``url`` shows of its own pager among its links (address, how to read its words).

    The page after it is the one whose address is its own with the number one higher; a page without
    a number is the first. Where numbers count from 0, the page printed as 2 bears 1. A bare number at
    the end (``/thoi-su/2``) counts only if it is also what the link says.
    """
    own, bears = place(url), numbered(url) is not None
    pages, after, numbers = [], [], []
    for link, words in links:
        found = numbered(link) or _bare(url, link, words)
        if found is None or found.stem != own.stem:
            continue
        pages.append(link)
        numbers.append(found.number)
        if found.number == own.number + 1:
            after.append(link)
        elif not bears and found.number == 1 and words().strip() == "2":
            after.insert(0, link)
    last = bool(numbers) and not after and max(numbers) <= own.number and own.number > 1
    return Shown(frozenset(pages), next(iter(after), None), last)


def page_after(url: str, pager: str) -> str | None:
    """Return the address of the page after ``url`` by a rule such as ``?p={n}`` or ``/trang-{n}``.

    None for a site's front page, which has no pages after it.
    """
    rule = re.escape(pager).replace(r"\{n\}", r"(\d{1,6})")
    rule = rule if not pager.startswith("?") else rf"(?<=[?&]){rule.removeprefix(re.escape('?'))}(?=&|$)"
    current = re.search(rule if pager.startswith("?") else rule + r"(?=\?|$)", url)
    if current:
        return url[: current.start(1)] + str(int(current[1]) + 1) + url[current.end(1) :]
    address, _, query = url.partition("?")
    if FRONT_PAGE.fullmatch(address):
        return None
    if not pager.startswith("?"):
        return address.rstrip("/") + pager.format(n=2) + (f"?{query}" if query else "")
    return f"{url}&{pager[1:].format(n=2)}" if query else address + pager.format(n=2)


def _bare(url: str, link: str, words: Callable[[], str]) -> Numbered | None:
    """Read ``link`` as a page of the listing at ``url`` whose number stands bare at the end."""
    match = BARE.search(link.partition("?")[0])
    if not match or int(match["n"]) < 2 or words().strip() != match["n"]:
        return None
    folder = link[: match.start()]
    ours = BARE.search(url)
    before = url[: ours.start()] if ours and int(ours["n"]) > 1 and folder == url[: ours.start()] else url
    if url_key(folder) != url_key(before):
        return None
    step = int(match["n"]) - (int(ours["n"]) if ours and before != url else 1)
    own = place(url)
    return Numbered(own.stem, own.number + step)


def _stem(scheme: str, netloc: str, path: str, parameters: list[str]) -> str:
    query = "?" + "&".join(parameters) if parameters else ""
    return url_key(f"{scheme}://{netloc}{ENDING.sub('', path.rstrip('/'))}{query}")
