"""Reads sitemaps: sets of URLs with their dates, indexes of sitemaps, plain lists, robots.txt."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.discovery.dates import iso
from crawler.discovery.links import absolute, article_link, distinct
from crawler.discovery.xml import LEADING, child_texts, elements
from pipelines.items import Link
from pipelines.urls import on_paper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from pipelines.items import Paper

ROOTS = ("urlset", "sitemapindex")
ROBOTS_LINE = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
TEXT_LINE = re.compile(rb"^[ \t]*(https?://\S+)[ \t\r]*$", re.MULTILINE)
NO_ARTICLES = re.compile(
    r"categor|cate\b|chuyen-?muc|tag|topic|event|author|image|photo|video|static|page", re.IGNORECASE
)
PERIOD = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})"
    r"(?:(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?(?!\d)"  # 201503, 20150304
    r"|[-_./](?P<m>0?[1-9]|1[0-2])(?!\d)(?:(?<=\d{2})[-_./](?P<d>0[1-9]|[12]\d|3[01])(?!\d))?|(?!\d))"
)
NAMED = {"y": "yyyy|year|nam|y", "m": "mm|month|thang|m", "d": "dd|day|ngay|d"}
"""Parameters that tell a year, a month and a day."""


def read_sitemap(body: bytes, url: str, paper: Paper) -> tuple[tuple[Link, ...], int]:
    """Return the article links and child sitemaps of a sitemap, and how many addresses it lists.

    ``modified`` is the lastmod, else the date of ``news:publication``; ``image:loc`` is no address.
    """
    links, entries = [], 0
    for element in elements(body, "url", "sitemap"):
        for loc in list(child_texts(element, "loc"))[:1]:
            entries += 1
            links.append(_link(element, absolute(loc, url), paper))
    return distinct(filter(None, links)), entries


def read_text_sitemap(body: bytes, paper: Paper) -> tuple[tuple[Link, ...], int]:
    """Return the article links of a sitemap that is a plain list of addresses, and how many it lists."""
    urls = [line.decode("utf-8", "replace") for line in TEXT_LINE.findall(body.lstrip(LEADING))]
    return distinct(filter(None, (article_link([url], paper) for url in urls))), len(urls)


def lists_no_articles(url: str) -> bool:
    """Say whether a sitemap's address names it after something else than articles: categories, tags, authors."""
    path = url.partition("//")[2].partition("/")[2].partition("?")[0]  # an address a page prints may be none
    return bool(NO_ARTICLES.search(path))


def is_text_sitemap(body: bytes) -> bool:
    """Say whether the first line that says something is an address and nothing else."""
    return bool(TEXT_LINE.match(body.lstrip(LEADING)[:4096]))


def robots_sitemaps(body: bytes) -> tuple[Link, ...]:
    """Return the sitemaps that a robots.txt names in ``Sitemap:`` lines (RFC 9309, 2.2.4), in order."""
    urls = (match.decode("utf-8", "replace") for match in ROBOTS_LINE.findall(body))
    return distinct(Link(url, "sitemap") for url in urls if url.startswith(("http://", "https://")))


def newest(children: Iterable[Link], count: int) -> tuple[Link, ...]:
    """Return the ``count`` child sitemaps that say they changed last, newest first.

    One says so by its lastmod, else by a year, month or day in its address; those that say
    nothing come after, in their order, and last those named after something else than articles.
    """
    return tuple(sorted(children, key=_rank, reverse=True)[:count])


def period(url: str) -> tuple[date, date] | None:
    """Return the first and the last day that the address of a sitemap says it holds, or None.

    Read are years, months and days in the path (``/sitemap-article-2015-03.xml``, ``/sitemap/2015/3``,
    ``news-201503.xml``, ``2015-03-01``) and in parameters (``?yyyy=2015&mm=3``, ``?date=2015-03-01``). Of
    two periods the narrower counts if it lies in the other, else they are the ends of one. A third
    number of one digit (``2015-3-1``) or behind a month of one may be a page as well as a day: the
    whole month is told then, so that nobody passes over what is in it.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    given = dict(parse_qsl(parts.query, max_num_fields=50)) if parts.query.count("&") < 50 else {}
    spans = [span for match in PERIOD.finditer(parts.path) if (span := _span(*_numbers(match)))]
    dated = (match for value in given.values() if "-" in value and (match := PERIOD.fullmatch(value)))
    spans += [span for match in dated if (span := _span(*_numbers(match)))]
    named = {key: _number(given, names) for key, names in NAMED.items()}
    if (year := named["y"]) and 1900 <= year < 2100 and (span := _span(year, named["m"], named["d"])):
        spans.append(span)
    return _joined(spans)


def _numbers(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    month, day = match["month"] or match["m"], match["day"] or match["d"]
    return int(match["year"]), int(month) if month else None, int(day) if day else None


def _number(given: dict[str, str], names: str) -> int | None:
    values = (value for key, value in given.items() if re.fullmatch(names, key, re.IGNORECASE))
    return next((int(v) for v in values if re.fullmatch("[0-9]{1,4}", v)), None)


def _span(year: int, month: int | None, day: int | None) -> tuple[date, date] | None:
    try:
        if not month:
            return date(year, 1, 1), date(year, 12, 31)
        last = monthrange(year, month)[1]
        return (
            (date(year, month, day), date(year, month, day)) if day else (date(year, month, 1), date(year, month, last))
        )
    except ValueError:  # IllegalMonthError is one
        return None


def _joined(spans: list[tuple[date, date]]) -> tuple[date, date] | None:
    if not spans:
        return None
    narrow = min(spans, key=lambda s: s[1] - s[0])
    if all(first <= narrow[0] and narrow[1] <= last for first, last in spans):
        return narrow
    return min(first for first, _ in spans), max(last for _, last in spans)


def _rank(link: Link) -> tuple[bool, str]:
    span = period(link.url)
    return not lists_no_articles(link.url), link.modified or (str(span[1]) if span else "")


def _link(element: _Element, urls: tuple[str, ...], paper: Paper) -> Link | None:
    modified = _modified(element)
    if not element.tag.endswith("sitemap"):
        return article_link(urls, paper, modified)
    return next((Link(url, "sitemap", modified) for url in urls if on_paper(url, paper)), None)


def _modified(element: _Element) -> str | None:
    printed = [*child_texts(element, "lastmod")]
    for news in element.iterchildren("{*}news"):
        printed += child_texts(news, "publication_date")
    return next(filter(None, map(iso, printed)), None)
