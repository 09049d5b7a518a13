"""Judges what a listing shows for a backfill: which of its links lie in the days asked for, and where it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from crawler.clock import LOCAL
from crawler.discovery.dates import told_by_address
from crawler.discovery.pagers import paging
from crawler.discovery.sitemaps import period
from pipelines.days import Days, Place
from pipelines.urls import newsroom_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.items import Kind, Link, Paper

LISTS_CHANGES: tuple[Kind, ...] = ("sitemap", "feed")
"""Listings whose dates may be those of a change: never before, but perhaps long after publication."""


def in_days(links: Iterable[Link], kind: Kind, url: str, paper: Paper, days: Days) -> tuple[Link, ...]:
    """Return the links of the ``kind`` of listing at ``url``, those that lie outside ``days`` marked ``later``.

    An article is outside by the day its section prints, by its address's month, by the period its
    sitemap is of, or if it was last changed before the days begin; what is changed after they end may
    still be of them. What nothing tells is not outside. A sitemap is outside by its own period, or when
    it was last changed before the days begin. Feeds that a page names do not reach back.
    """
    span = period(url) if kind == "sitemap" else None
    judged = []
    for link in links:
        if link.kind == "article":
            judged.append(_article(link, kind, span, paper, days))
        elif link.kind == "sitemap":
            judged.append(_sitemap(link, days))
        else:
            pages = paging(url, link.url) if link.if_new else None
            judged.append(replace(link, later=link.kind == "feed" and kind != "feed", paging=pages))
    return tuple(judged)


def _article(link: Link, kind: Kind, span: tuple[date, date] | None, paper: Paper, days: Days) -> Link:
    link = replace(link, newsroom=newsroom_id(link.url, paper), modified=_local(link.modified))
    published = link.modified if kind not in LISTS_CHANGES else None
    if days.place(published) is None:
        published = told_by_address(link.url)
    place = days.place(published)
    if place is None and span and (place := days.place_of(*span)) is not None:
        published = str(span[0])
    if place is None and days.place(link.modified) is Place.OLDER:
        place, published = Place.OLDER, link.modified
    return replace(link, later=bool(place), published=published if place is not None else None)


def _sitemap(link: Link, days: Days) -> Link:
    span = period(link.url)
    place = days.place_of(*span) if span else None
    unchanged = days.place(_local(link.modified)) is Place.OLDER
    return replace(link, later=bool(place) or unchanged, published=str(span[1]) if span else None)


def _local(printed: str | None) -> str | None:
    """Return a printed moment as Vietnam's day, anything else as it is."""
    if not printed or "T" not in printed:
        return printed
    try:
        moment = datetime.fromisoformat(printed)
    except ValueError:
        return printed
    return str(moment.astimezone(LOCAL).date()) if moment.tzinfo else printed[:10]
