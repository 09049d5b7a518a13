"""Reads lists of articles that newsrooms answer in JSON, and finds where a section page has its own."""

from __future__ import annotations

import html
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.dates import moment_of
from crawler.discovery.entries import day_of
from crawler.discovery.links import absolute, article_link, distinct, home_of
from pipelines.items import Link
from pipelines.urls import is_article, on_paper, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.items import JsonList, Paper

ADDRESS = re.compile(r"[^\s<>\"\x00-\x1f\x7f\ud800-\udfff]{4,2000}")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PUBLISHED = re.compile(r"publi|release|ngay_?dang|ngay_?xuat", re.IGNORECASE)
CHANGED = re.compile(r"updat|modif|edit|expir|end", re.IGNORECASE)
DATED = re.compile(r"date|time|created|day$|ngay|_at$|On$", re.IGNORECASE)
NEXT_KEYS = frozenset({"next_page_url", "nextpageurl", "next_url", "next"})
OFFSET = re.compile(r"first|offset|start|skip", re.IGNORECASE)
SIZE = re.compile(r"limit|size|page_?size|per_?page|take|count|rows", re.IGNORECASE)
PAGE = re.compile(r"p|page|paged|trang|page_?(?:no|num|number|index)|current_?page", re.IGNORECASE)
NAMED = re.compile(rb"[\"'`=(]\s?((?:https?:|/)[^\s\"'`<>()\\]{4,400}\?[^\s\"'`<>()\\]{3,600})")
MOST_STRINGS = 100_000
"""Strings of one answer that are looked at as addresses: more than a list of the longest allowed answer holds."""
MOST_VALUES = 500_000
"""Lists and objects of one answer that are looked at at all."""
MOST_DATES = 6
"""Keys of an entry that are tried for its day."""
VALUES = ("value", "content", "data-id", "data-value")
"""Attributes that a page hides a value in."""


def read_list(body: bytes, url: str, paper: Paper, rules: tuple[JsonList, ...]) -> tuple[tuple[Link, ...], int] | None:
    """Return the links of a list in JSON and how many objects its lists hold; None if it holds no list.

    An object with a value that is an address of an article of the paper is an entry, or one whose
    values make up such an address by a rule (``article`` of `JsonList`). ``modified`` is what the entry
    says under a key such as ``publishDate``, else a date-like key, else the month in the address. A list
    with entries ends with the page after it (``if_new``): the one it names, else the one counted on.
    """
    try:
        data = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_int)
    except (ValueError, RecursionError):
        return None
    found: list[Link] = []
    named: str | None = None
    lengths: list[int] = []
    bases = (url, *absolute("/", url))
    looked_at = 0
    for value in islice(_values(data), MOST_VALUES):
        if isinstance(value, list):
            lengths.append(sum(isinstance(item, dict) for item in value))
            continue
        written = _written(value)
        looked_at += len(written)
        if looked_at <= MOST_STRINGS and (link := _entry(value, written, bases, paper, rules)):
            found.append(link)
        named = named or _next_named(value, url, paper)
    if not lengths and not found:
        return None
    links = list(distinct(found))
    entries = max(lengths, default=0) or len(links)
    if links and (follow := named or page_after_list(url, entries)) and url_key(follow) != url_key(url):
        links.append(Link(follow, "section", if_new=True))
    return tuple(links), sum(lengths) or len(links)


def page_after_list(url: str, entries: int) -> str | None:
    """Return the address of the list's next page: the offset a page's size higher, or the page one higher.

    Where fewer ``entries`` were answered than asked for, the offset grows by those: a server may allow
    less at once. None where the address names neither.
    """
    head, _, query = url.partition("?")
    given = query.split("&") if query else []
    for form in (OFFSET, PAGE):
        for at, (name, _, value) in enumerate(part.partition("=") for part in given):
            if form.fullmatch(name) and re.fullmatch("[0-9]{0,9}", value):
                size = min(_size(given) or entries, entries)
                after = int(value or 0) + size if form is OFFSET else int(value or 1) + 1
                return f"{head}?{'&'.join([*given[:at], f'{name}={after}', *given[at + 1 :]])}"
    return None


def first_page(url: str) -> str:
    """Return the address of the list's beginning."""
    head, _, query = url.partition("?")
    given = [part.partition("=") for part in query.split("&")] if query else []
    paged = any(OFFSET.fullmatch(name) for name, _, _ in given)

    def begun(name: str, value: str) -> str:
        if not re.fullmatch("[0-9]{1,9}", value):
            return value
        if OFFSET.fullmatch(name):
            return "0"
        return str(min(int(value), 1)) if PAGE.fullmatch(name) and not paged else value

    return f"{head}?{'&'.join(f'{n}{e}{begun(n, v)}' for n, e, v in given)}" if given else url


def lists_of_page(
    tree: LexborHTMLParser, body: bytes, url: str, paper: Paper, rules: tuple[JsonList, ...]
) -> tuple[str, ...]:
    """Return where a section page has its list in JSON, by its system's rules.

    That is the address a rule makes up of values hidden in the page, else those the page names that
    have the path of the rule's.
    """
    found: dict[str, str] = {}
    for rule in rules:
        made = _made(tree, rule, url)
        path = urlsplit(rule.address).path
        addresses = [made] if made else [u for u in named_lists(body, url, paper) if urlsplit(u).path == path]
        found.update((url_key(u), u) for u in addresses if on_paper(u, paper))
    found.pop(url_key(url), None)
    return tuple(found.values())


def named_lists(body: bytes, url: str, paper: Paper) -> tuple[str, ...]:
    """Return the beginnings of the lists that a page names in scripts and attributes, on the paper's hosts.

    What says how many entries it wants (``limit=``, ``pageSize=``) is asked for by a script, not by a reader.
    """
    found: dict[str, str] = {}
    for match in NAMED.finditer(body):
        written = html.unescape(match[1].decode("utf-8", "replace"))
        if not ADDRESS.fullmatch(written) or not _size(written.partition("?")[2].split("&")):
            continue
        for address in absolute(written, url):
            if on_paper(address, paper) and not is_article(address, paper):
                found.setdefault(url_key(first_page(address)), first_page(address))
    return tuple(found.values())


def _made(tree: LexborHTMLParser, rule: JsonList, url: str) -> str | None:
    """Fill the placeholders of a rule's address with what the page hides under their selectors."""
    values: dict[str, str] = {}
    for selector in PLACEHOLDER.findall(rule.address):
        node = tree.css_first(selector) if selector else None
        attributes = node.attributes if node is not None else {}
        text = node.text(deep=False).strip() if node is not None else ""
        value = next((v for name in VALUES if (v := (attributes.get(name) or "").strip())), text)
        if not value or len(value) > 200:
            return None
        values[selector] = quote(value, safe="", errors="replace")
    address = PLACEHOLDER.sub(lambda m: values[m[1]], rule.address)
    return next(iter(absolute(address, url)), None)


def _values(data: Any) -> Iterator[dict[str, Any] | list[Any]]:
    """Yield the lists and objects of a JSON value in document order."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list)):
            yield value
            children = list(value.values()) if isinstance(value, dict) else value
            waiting.extend(child for child in reversed(children) if isinstance(child, (dict, list)))


def _written(entry: Mapping[str, Any]) -> list[str]:
    """Return the values of an object that may be addresses."""
    texts = (v.strip() for v in entry.values() if isinstance(v, str) and 4 <= len(v) <= 2000)
    return [v for v in texts if ("/" in v or ".htm" in v) and ADDRESS.fullmatch(v)]


def _entry(
    entry: Mapping[str, Any], written: list[str], bases: tuple[str, ...], paper: Paper, rules: tuple[JsonList, ...]
) -> Link | None:
    urls = [u for v in written for u in absolute(v, *bases)]
    link = article_link(urls + _composed(entry, bases[0], paper, rules), paper)
    return Link(link.url, "article", day_of(link.url, _moment(entry))) if link else None


def _composed(entry: Mapping[str, Any], url: str, paper: Paper, rules: tuple[JsonList, ...]) -> list[str]:
    """Return the addresses that rules make up of an entry's values, on the paper's current host."""
    made = []
    for rule in rules:
        names = PLACEHOLDER.findall(rule.article or "")
        values = {name: str(v) for name in names if isinstance(v := entry.get(name), (str, int)) and v != ""}
        if names and len(values) == len(names) and all(map(ADDRESS.fullmatch, (f"/////{v}" for v in values.values()))):
            path = PLACEHOLDER.sub(lambda m: quote(values[m[1]], safe="/%"), rule.article or "")  # noqa: B023
            made.append(home_of(url, paper) + path)
    return made


def _moment(entry: Mapping[str, Any]) -> str | None:
    keys = [key for key in entry if PUBLISHED.search(key)]
    keys += [key for key in entry if key not in keys and DATED.search(key) and not CHANGED.search(key)]
    keys += [key for key in entry if key not in keys and CHANGED.search(key)]
    return next((moment for key in keys[:MOST_DATES] if (moment := moment_of(entry[key]))), None)


def _next_named(value: Mapping[str, Any], url: str, paper: Paper) -> str | None:
    named = (v for key, v in value.items() if key.lower() in NEXT_KEYS and isinstance(v, str) and ADDRESS.fullmatch(v))
    urls = (u for v in named if "/" in v or v.startswith("?") for u in absolute(v, url))
    return next((u for u in urls if on_paper(u, paper) and not is_article(u, paper)), None)


def _size(given: list[str]) -> int:
    sizes = (v for name, _, v in (part.partition("=") for part in given) if SIZE.fullmatch(name))
    return next((int(v) for v in sizes if re.fullmatch("[0-9]{1,4}", v)), 0)


def _int(digits: str) -> int:
    """Read a whole number; one longer than any moment or id is 0, since Python refuses the longest."""
    return int(digits) if len(digits) < 20 else 0
