"""What a listing of an unknown paper is good for: what it lists, since when, and which sections a menu leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from crawler.discovery.links import kind_by_form
from crawler.discovery.listing import read_listing
from crawler.discovery.sitemaps import PERIOD
from crawler.extraction import extract
from pipelines.items import Link
from pipelines.urls import LISTING, looks_like_article, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipelines.items import Paper, Template

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
DEEPEST = 2
"""Folders of a section's address: ``/thoi-su/chinh-tri/``."""


@dataclass(frozen=True, slots=True)
class Door:
    """A listing that was opened. ``links``: what it lists of the paper, listings it leads to are ``children``.

    ``oldest`` and ``newest`` are days (``2026-11-20``, or a month or year as a sitemap's address says it),
    None where it does not say. ``turns``: it names a page after it; ``reads_as`` is what extraction takes a
    section for.
    """

    url: str
    kind: Literal["feed", "sitemap", "section"]
    links: tuple[str, ...] = ()
    children: tuple[Link, ...] = ()
    oldest: str | None = None
    newest: str | None = None
    turns: bool = False
    reads_as: str = ""

    def articles(self, is_article: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the links that are articles' addresses."""
        return tuple(url for url in self.links if is_article(url))


def open_door(
    kind: Literal["feed", "sitemap", "section"],
    url: str,
    body: bytes,
    content_type: str,
    paper: Paper,
    template: Template | None = None,
) -> Door | None:
    """Read a listing of ``paper``, whose article expression takes everything; None where it is none.

    What was fetched for a feed or sitemap must be one (or a page that lists feeds).
    """
    found = read_listing(body, url, kind, paper, content_type=content_type, template=template)
    if found.outcome != "listing/read":
        return None
    read = "section" if found.kind not in ("feed", "sitemap") else found.kind
    articles = [link for link in found.links if link.kind == "article"]
    children = tuple(link for link in found.links if link.kind in ("feed", "sitemap"))
    if read == "section":
        turns = any(link.kind == "section" for link in found.links)
        outcome = extract(body, url, content_type=content_type).outcome
        return Door(url, "section", tuple(k.url for k in articles), children, turns=turns, reads_as=outcome)
    days = sorted(filter(None, (*(_day(k) for k in articles), *(_period(k) for k in children if k.kind == "sitemap"))))
    listed = tuple(k.url for k in articles)
    return Door(url, read, listed, children, days[0] if days else None, days[-1] if days else None)


def _day(link: Link) -> str:
    return (link.modified or "")[:10]


def _period(link: Link) -> str:
    """Return the year, month or day that a child sitemap's address names, else when it changed."""
    periods = ("-".join(filter(None, p)) for p in PERIOD.findall(urlsplit(link.url).path))
    return max(periods, default="") or _day(link)


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
