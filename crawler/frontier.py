"""The durable scheduler: hands out what table ``urls`` says is due, and is never done before it is stored."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.core.scheduler import BaseScheduler

from crawler.clock import Clock, clock_from
from crawler.visits import PROBE
from pipelines.archive import ArchiveError
from pipelines.items import Link
from pipelines.stages import Store

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.spiders.newspaper import NewspaperSpider
    from pipelines.items import Paper

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""Rows read from the archive at a time."""
PROBES = (Link("/rss", "feed"), Link("/sitemap.xml", "sitemap"), Link("/robots.txt", "robots"))
"""Where most newsroom systems keep their doors; asked when a paper's entry does not say."""


class Frontier(BaseScheduler):
    """Scrapy's SCHEDULER on the archive (shared FINDINGS 3: JOBDIR loses URLs after kill -9).

    A row stays due until the visit it led to is committed; what Scrapy gives back for a row on its
    way (a retry) waits in memory. Nothing else is enqueued: links reach the frontier with their
    listing's visit, in one transaction.
    """

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self._crawler = crawler
        self._clock = clock
        self._on_the_way: deque[Request] = deque()
        self._rows: deque[Any] = deque()
        self._spider: NewspaperSpider
        self._store: Store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make a frontier on the archive of the crawl's Store stage."""
        return cls(crawler, clock_from(crawler.settings["CLOCK"]))

    def open(self, spider: Any) -> None:
        """Make the paper's listings due, and take up the WARC records a killed crawl left behind."""
        store = self._crawler.get_item_pipeline(Store)
        assert store is not None
        self._spider, self._store = spider, store
        store.archive.frontier.listing_pages = self._crawler.settings.getint("LISTING_PAGES")
        known, guesses = listings(spider.paper)
        store.archive.seed(spider.paper.name, known, self._clock.now(), "papers.toml")
        store.archive.seed(spider.paper.name, guesses, self._clock.now(), PROBE, guessed=True)
        self._adopt()

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's shape
        """Forget what was handed out; it is still due."""
        self._store.archive.frontier.put_back()

    def enqueue_request(self, request: Request) -> bool:
        """Take back a request on its way (a retry); anything else is refused."""
        if "row" not in request.meta and "replay" not in request.meta:
            return False
        self._on_the_way.append(request)
        return True

    def has_pending_requests(self) -> bool:
        """Say whether anything is due that is not on its way."""
        return bool(self._on_the_way or self._fill())

    def next_request(self) -> Request | None:
        """Return the next due URL as a request, or None."""
        if self._on_the_way:
            return self._on_the_way.popleft()
        return self._spider.request_for(self._rows.popleft()) if self._fill() else None

    def _adopt(self) -> None:
        """Judge what a killed crawl had written to its WARC files, instead of fetching it again."""
        archive, name = self._store.archive, self._spider.paper.name
        for capture in archive.unjudged(name):
            row = archive.frontier.find(name, capture.url)
            if row is not None:
                archive.frontier.hold(row)
                self._on_the_way.append(self._spider.replay_of(row, capture))

    def _fill(self) -> bool:
        if not self._rows:
            try:
                self._rows.extend(self._due())
            except ArchiveError as error:
                self._store.stop(error)
        return bool(self._rows)

    def _due(self) -> list[Any]:
        """Return due rows; when there are none, commit what waits first, since it may make some due."""
        archive, name = self._store.archive, self._spider.paper.name
        rows = archive.frontier.take(name, self._clock.now(), AT_ONCE)
        if not rows and archive.waiting:
            archive.flush()
            rows = archive.frontier.take(name, self._clock.now(), AT_ONCE)
        return rows


def listings(paper: Paper) -> tuple[list[Link], list[Link]]:
    """Return the listings of the paper's entry, asked in every crawl, and guesses at what it lacks."""
    told = next((urlsplit(url).scheme for url in (*paper.feeds, *paper.sitemaps, *paper.sections)), None)
    home = f"{told or scheme_of(paper.hosts[0])}://{paper.hosts[0]}"
    known = [Link(f"{home}/", "section")]
    known += [Link(url, "feed") for url in paper.feeds]
    known += [Link(url, "sitemap") for url in paper.sitemaps]
    known += [Link(url, "section") for url in paper.sections]
    lacking = {"feed": not paper.feeds, "sitemap": not paper.sitemaps, "robots": not paper.sitemaps}
    probes = [Link(home + probe.url, probe.kind) for probe in PROBES if lacking[probe.kind]]
    return known, probes


def scheme_of(host: str) -> str:
    """Return http for a loopback site with a port, https for a newspaper."""
    return "http" if ":" in host else "https"
