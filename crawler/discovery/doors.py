"""What a listing of an unknown paper is good for: what it lists, since when, and which sections a menu leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.links import kind_by_form
from crawler.discovery.listing import read_listing
from crawler.discovery.lists import lists_of_page, named_lists
from crawler.extraction import extract
from pipelines.items import Link, Template
from pipelines.not_articles import LISTING
from pipelines.urls import host_of, looks_like_article, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from pipelines.items import JsonList, Paper

NO_SECTION = re.compile(
    r"/(?:tim-kiem|search|lien-he|contact|gioi-thieu|about|quang-cao|thong-tin-quang-cao|dat-bao|dang-nhap|login"
    r"|dang-ky|register|rss|sitemap|xem-bao|doc-bao|toa-soan|ban-doc-viet|dieu-khoan|chinh-sach|lich-[^/]*"
    r"|privacy|terms|feed|wp-[^/]*|user|account|cdn-cgi)(?:[/.?-]|$)",
    re.IGNORECASE,
)
"""What a menu links beside sections."""
FILES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|pdf|mp[34]|docx?|xlsx?|zip|rar|apk|xml|json)$", re.IGNORECASE
)
NAMED_HOST = re.compile(rb"https?:\\?/\\?/([\w.-]{1,100}(?::\d{1,5})?)")
DEEPEST = 2
"""Folders of a section's address: ``/thoi-su/chinh-tri/``."""


DoorKind = Literal["feed", "sitemap", "section", "list"]
"""What a listing is; ``list``: one in JSON."""


@dataclass(frozen=True, slots=True)
class Door:
    """A listing that was opened. ``links``: what it lists of the paper; listings it leads to are ``children``.

    ``oldest`` is the first day it tells of, None where it says no days. ``turns``: it names a page after it;
    ``reads_as`` is what extraction takes a section for.
    """

    url: str
    kind: DoorKind
    links: tuple[str, ...] = ()
    children: tuple[Link, ...] = ()
    oldest: date | None = None
    turns: bool = False
    reads_as: str = ""

    def articles(self, is_article: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the links that are articles' addresses."""
        return tuple(url for url in self.links if is_article(url))


def open_door(kind: DoorKind, url: str, body: bytes, content_type: str, paper: Paper) -> Door | None:
    """Read a listing of ``paper``, whose article expression takes everything; None where it is none.

    What was fetched for a feed or sitemap must be one (or a page that lists feeds).
    """
    found = read_listing(body, url, "section" if kind == "list" else kind, paper, content_type=content_type)
    if found.outcome != "listing/read":
        return None
    read = found.kind if found.kind in ("feed", "sitemap") else "section"
    return Door(
        url,
        read,
        tuple(link.url for link in found.links if link.kind == "article"),
        tuple(link for link in found.links if link.kind in ("feed", "sitemap")),
        found.reaches,
        turns=read == "section" and _turns(url, body, paper),
        reads_as=extract(body, url, content_type=content_type).outcome if read == "section" else "",
    )


def _turns(url: str, body: bytes, paper: Paper) -> bool:
    """Say whether a section names the page after it: an article, as which every address counts here, names none."""
    links = read_listing(body, url, "section", replace(paper, article=())).links
    return any(link.kind == "section" for link in links)


def open_list(url: str, body: bytes, general: Paper, anything: Paper, rules: tuple[JsonList, ...]) -> Door | None:
    """Read a list in JSON; None where it is none.

    ``general`` tells articles by the general rule, ``anything`` takes every address: it counts where that
    rule knows less than half of the entries.
    """
    template = Template(name="", lists=rules)
    told, all_of_it = (read_listing(body, url, "section", paper, template=template) for paper in (general, anything))
    known, entries = (tuple(k.url for k in read.links if k.kind == "article") for read in (told, all_of_it))
    articles = known if len(known) * 2 >= len(entries) else entries
    turns = any(link.kind == "section" for link in all_of_it.links)
    return Door(url, "list", articles, (), all_of_it.reaches, turns=turns) if articles else None


def lists_on(body: bytes, url: str, paper: Paper, rules: tuple[JsonList, ...]) -> tuple[str, ...]:
    """Return where a page has its section's list in JSON: what its scripts name, or its system's rule makes up.

    ``paper`` has the hosts that the lists may be on (`related_hosts`).
    """
    made = lists_of_page(LexborHTMLParser(body), body, url, paper, rules)
    return tuple(dict.fromkeys((*named_lists(body, url, paper), *made)))


def related_hosts(body: bytes, own: str) -> tuple[str, ...]:
    """Return the hosts a page names that are the paper's too: below its own, on loopback its other ports."""
    named = dict.fromkeys(match.decode().lower() for match in NAMED_HOST.findall(body))
    address = own.partition(":")[0]
    local = address.replace(".", "").isdecimal()
    below = (h for h in named if h.endswith(f".{own}") or (local and h.startswith(f"{address}:")))
    return tuple(h for h in map(host_of, (f"https://{h}" for h in below)) if h and h != own)


def menu_links(links: Iterable[str], is_article: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the links of a page that may lead to sections, the topmost first, each once."""
    found: dict[str, str] = {}
    for url in links:
        path = urlsplit(url).path
        depth = len([folder for folder in path.split("/") if folder])
        if (
            0 < depth <= DEEPEST
            and not urlsplit(url).query
            and kind_by_form(url) == "section"
            and not any(form.search(path) for form in (NO_SECTION, FILES, LISTING))
            and not is_article(url)
            and not looks_like_article(url)
        ):
            found.setdefault(url_key(url), url)
    return tuple(sorted(found.values(), key=lambda u: len([f for f in urlsplit(u).path.split("/") if f])))


def that_list(pages: Sequence[Door], is_article: Callable[[str], bool]) -> tuple[Door, ...]:
    """Return the pages that are sections: read as a list, or with an article that is not on every other page.

    What a page of contacts links are the boxes around it, the same on all pages.
    """
    listed = [frozenset(map(url_key, page.articles(is_article))) for page in pages]
    kept = []
    for index, page in enumerate(pages):
        others = [keys for at, keys in enumerate(listed) if at != index]
        around = frozenset.intersection(*others) if len(others) > 1 else frozenset()
        if listed[index] and (page.reads_as == "page/listing" or listed[index] - around):
            kept.append(page)
    return tuple(kept)
