"""Judges one fetched response: which outcome it is, what a listing links to, what an article says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.backfill import in_days
from crawler.clock import local_day
from crawler.discovery.links import absolute, paper_for
from crawler.discovery.listing import read_listing, sniff
from crawler.discovery.sitemaps import newest
from crawler.extraction import extract
from crawler.extraction.drift import is_sampled, measure
from crawler.images import judge_image
from pipelines.days import Days
from pipelines.items import Article, Layout, Link, Visit
from pipelines.urls import is_article, looks_like_article, newsroom_id, numbers_disagree, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from crawler.papers import Directory
    from pipelines.items import Capture, Kind, Paper, Reading, Template

NOARCHIVE = re.compile(r"(?:^|,)\s*(?:baotinh\s*:\s*)?(?:noarchive|none)\s*(?:,|$)", re.IGNORECASE)
"""``X-Robots-Tag`` headers, joined by commas, that ask for no copy to be shown; those for other robots do not count."""
PROBE = "probe"
"""Where a listing was discovered that is a guess of ours (``urls.discovered_from``)."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
GONE = frozenset({404, 410})
HIDDEN = frozenset({"article", "page/no-body"})
"""What the shell that a script fills may look like."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a listing is followed at once; what is older is made known for a backfill.

    ``sitemap_children``: newest children of a sitemap index; ``sitemap_days``: age in days of an
    article by its sitemap. ``days``: those that a backfill asks for, instead of the latest.
    """

    sitemap_children: int = 2
    sitemap_days: int = 3
    days: Days | None = None

    def of(self, backfill: str | None) -> Reach:
        """Return this reach for what was asked for by a backfill (`FrontierRow.backfill`), or by none."""
        return replace(self, days=Days.read(backfill) if backfill else None)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response as judged: its address, ``body`` without content-encoding, and where it was kept."""

    url: str
    status: int
    body: bytes
    at: datetime
    content_type: str = ""
    location: str | None = None
    robots: str = ""
    truncated: bool = False
    cut_off: bool = False
    capture: Capture | None = None


def judge_response(
    fetched: Fetched,
    paper: Paper,
    directory: Directory,
    kind: Kind | None = None,
    reach: Reach | None = None,
    *,
    guessed: bool = False,
    furniture: frozenset[str] = frozenset(),
    sample: int = 0,
) -> Visit:
    """Return the visit that ``fetched`` comes to; a pure function, the same live and in a replay.

    ``kind`` None: not known beforehand (a captured page, ``scrapy parse``); it is told by the page.
    ``guessed``: a listing nobody said there is; when it cannot be read it is ``listing/absent``.
    ``furniture``: lines known to be the paper's template. ``sample``: of every so many pages read with a
    template one is read without it too; 0 for none.
    """
    kind = kind or sniff(fetched.body, fetched.url, paper)
    visit = Visit(
        paper=paper.name, url=fetched.url, kind=kind, outcome="failed", at=fetched.at, capture=fetched.capture
    )
    if kind == "image" or fetched.status in REDIRECTS:
        return judge_image(visit, fetched) if kind == "image" else _redirected(visit, fetched, paper, directory)
    if fetched.status != 200 or fetched.truncated or fetched.cut_off:
        return _absent(_not_read(visit, fetched), guessed)
    template = directory.template_for(paper, local_day(fetched.at))
    if kind == "article":
        read = partial(
            extract,
            fetched.body,
            fetched.url,
            content_type=fetched.content_type,
            paper=paper,
            furniture=furniture,
            seen_at=fetched.at,
        )
        return _page(visit, fetched, paper, template, read, sample)
    return _absent(_listing(visit, fetched, paper, template, reach or Reach()), guessed)


def _absent(visit: Visit, guessed: bool) -> Visit:
    return replace(visit, outcome="listing/absent") if guessed and visit.outcome == "listing/unreadable" else visit


def _not_read(visit: Visit, fetched: Fetched) -> Visit:
    """Name an answer that is no page: unchanged, refused, failed, or too long."""
    article = visit.kind == "article"
    if fetched.status == 304:
        return _with(visit, "unchanged" if article else "listing/unchanged")
    if fetched.status in GONE:
        return _with(visit, "refused" if article else "listing/unreadable", f"HTTP {fetched.status}")
    if fetched.status != 200:
        return _with(visit, "failed" if article else "listing/unreadable", f"HTTP {fetched.status}")
    if fetched.cut_off:
        return _with(visit, "failed" if article else "listing/unreadable", "the answer was cut off")
    reason = f"longer than DOWNLOAD_MAXSIZE allows ({len(fetched.body)} bytes were read)"
    return _with(visit, "page/too-large" if article else "listing/unreadable", reason)


def _page(
    visit: Visit,
    fetched: Fetched,
    paper: Paper,
    template: Template | None,
    read: Callable[..., Reading],
    sample: int,
) -> Visit:
    """Judge a page that ``read`` reads, with the template it is given."""
    reading = read(template=template)
    fitted = template if template and template.fields.get("body") else None
    visit = replace(visit, layout=Layout(fitted.name if fitted else None))
    if paper.browser and reading.outcome in HIDDEN and not (fetched.capture and fetched.capture.record == "conversion"):
        return _with(visit, "page/body-hidden", "scripts write this paper's texts (papers.toml: browser)")
    if fitted and is_sampled(fetched.url, sample):
        visit = replace(visit, layout=Layout(fitted.name, measure(reading, read)))
    if reading.outcome != "article":
        return _with(visit, reading.outcome, reading.reason)
    if NOARCHIVE.search(fetched.robots):
        reading = replace(reading, noarchive=True)
    if paper.noarchive == "public":
        reading = replace(reading, noarchive=False)
    newsroom = newsroom_id(fetched.url, paper)
    article = Article(reading=reading, newsroom=newsroom, named=_named(reading.named, fetched.url, newsroom, paper))
    return replace(visit, outcome="article", article=article)


def _named(urls: Iterable[str], own: str, newsroom: str | None, paper: Paper) -> tuple[str, ...]:
    """Return the other addresses of this article among those its page names as its own.

    Themes that name the front page, a section or the article before are common: only article addresses
    of the paper count, and none that another newsroom number tells apart.
    """
    others = {url_key(url): url for url in urls if is_article(url, paper)}
    others.pop(url_key(own), None)
    return tuple(url for url in others.values() if not numbers_disagree(newsroom, newsroom_id(url, paper)))


def _listing(visit: Visit, fetched: Fetched, paper: Paper, template: Template | None, reach: Reach) -> Visit:
    found = read_listing(
        fetched.body, fetched.url, visit.kind, paper, content_type=fetched.content_type, template=template
    )
    links = found.links
    if reach.days:
        links = in_days(links, found.kind, fetched.url, paper, reach.days)
    elif found.kind == "sitemap":
        links = within_reach(links, fetched.at, reach)
    return replace(visit, outcome=found.outcome, reason=found.reason, links=links)


def within_reach(links: Iterable[Link], at: datetime, reach: Reach) -> tuple[Link, ...]:
    """Return a sitemap's links with those marked ``later`` that are older than ``reach``.

    An article without a date is followed.
    """
    all_links = list(links)
    children = [link for link in all_links if link.kind == "sitemap"]
    at_once = set(newest(children, reach.sitemap_children))
    oldest = (at - timedelta(days=reach.sitemap_days)).isoformat()[:10]

    def waits(link: Link) -> bool:
        if link.kind == "sitemap":
            return link not in at_once
        return link.kind == "article" and (link.modified or oldest)[:10] < oldest

    return tuple(replace(link, later=waits(link)) for link in all_links)


def _redirected(visit: Visit, fetched: Fetched, paper: Paper, directory: Directory) -> Visit:
    """Name a redirect: to the article's other address, to no article (refused), or to somebody else's host (failed)."""
    if not fetched.location:
        return _with(visit, "failed", f"HTTP {fetched.status} without a Location")
    target = next(iter(absolute(fetched.location, fetched.url)), "")
    line = directory.line_of(paper) if visit.kind == "article" else (paper,)
    owner = paper_for(target, line, local_day(fetched.at))
    if owner is None:
        return _with(visit, "failed", f"redirects off the paper's hosts, to {fetched.location!r}")
    if visit.kind == "article" and not (is_article(target, owner) or looks_like_article(target)):
        return _with(visit, "refused", f"redirects to {urlsplit(target).path or '/'}, which is no article")
    visit = replace(visit, outcome="redirect", redirect_to=target, moved=_moved(fetched, target, paper, owner))
    if owner is not paper:
        return replace(visit, redirect_paper=owner.name)
    onward = () if url_key(target) == url_key(fetched.url) else (Link(target, visit.kind),)
    return replace(visit, links=onward)


def _moved(fetched: Fetched, target: str, paper: Paper, owner: Paper) -> bool:
    """Say whether a redirect tells that this article is at ``target`` for good.

    301 and 308 do (RFC 9110, 15.4); a temporary redirect says that the old address stays the article's.
    One to another number of the same newsroom leads to another article.
    """
    numbers = newsroom_id(fetched.url, paper), newsroom_id(target, owner)
    return fetched.status in PERMANENT and not (owner is paper and numbers_disagree(*numbers))


def _with(visit: Visit, outcome: str, reason: str | None = None) -> Visit:
    return replace(visit, outcome=outcome, reason=reason)
