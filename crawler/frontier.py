"""The durable scheduler: hands out what table ``urls`` says is due, and is never done before it is stored."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.core.scheduler import BaseScheduler

from crawler.clock import Clock, clock_from, local_day
from crawler.discovery.feeds import index_above
from crawler.images import Allowance, wanted
from crawler.robots_txt import FRESH
from crawler.visits import PROBE
from pipelines.archive import ArchiveError
from pipelines.items import Link
from pipelines.stages import Store

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.spiders.newspaper import NewspaperSpider
    from pipelines.archive import Archive
    from pipelines.items import Capture, FrontierRow, Paper

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""Rows read from the archive at a time."""
PROBES = (Link("/rss", "feed"), Link("/sitemap.xml", "sitemap"), Link("/robots.txt", "robots"))
"""Where most newsroom systems keep their doors; asked when a paper's entry does not say."""


class Frontier(BaseScheduler):
    """Scrapy's SCHEDULER on the archive (shared FINDINGS 3: JOBDIR loses URLs after kill -9).

    A row stays due until the visit it led to is committed; what Scrapy gives back for a row on its
    way (a retry) waits in memory. Nothing else is enqueued: links reach the frontier with their
    listing's visit, in one transaction, and articles' pictures with their article's; these come last, as far
    as the day's allowance goes. For a spider with ``days`` it hands out what their backfill
    owes and nothing else, BACKFILL_REQUESTS at most.
    """

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self._crawler = crawler
        self._clock = clock
        self._on_the_way: deque[Request] = deque()
        self._rows: deque[FrontierRow] = deque()
        self._asked = 0
        self._most = crawler.settings.getint("BACKFILL_REQUESTS")
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
        self._begin(spider.paper, store.archive)
        self._allow(spider.paper, store.archive)
        spider.robots_due = self._robots(spider.paper, store.archive)
        self._adopt()

    def _allow(self, paper: Paper, archive: Archive) -> None:
        loopback = self._crawler.settings.getbool("ALLOW_LOOPBACK")
        archive.images.wanted = wanted({paper.name: paper}, loopback=loopback)
        self._spider.allowance = Allowance.of(paper, archive.images, self._clock.now())
        if paper.images and not self._spider.days:
            archive.images.want_older(paper.name, self._clock.now())

    def _begin(self, paper: Paper, archive: Archive) -> None:
        known, guesses = listings(paper)
        if self._spider.days:
            doors = {"papers.toml": known, PROBE: guesses}
            if paper.sections or paper.sitemaps:
                doors = {origin: [link for link in links if link.kind != "feed"] for origin, links in doors.items()}
            archive.backfills.begin(paper.name, self._spider.days, doors, self._clock.now())
            return
        at_once = not self._crawler.settings.getbool("DUE_ONLY")
        archive.seed(paper.name, known, self._clock.now(), "papers.toml", at_once=at_once)
        archive.seed(paper.name, guesses, self._clock.now(), PROBE, guessed=True, at_once=at_once)

    def _robots(self, paper: Paper, archive: Archive) -> FrontierRow | None:
        """Return the row of the robots.txt that is a listing of the paper and due."""
        probes = [link.url for link in listings(paper)[1] if link.kind == "robots"]
        if self._spider.days:
            asked = [row for url in probes for row in archive.backfills.wanted(paper.name, url)]
            return next((row for row in asked if row.backfill == str(self._spider.days)), None)
        rows = filter(None, (archive.frontier.find(paper.name, url) for url in probes))
        return next((row for row in rows if self._is_due(row, archive)), None)

    def _is_due(self, row: FrontierRow, archive: Archive) -> bool:
        """Say whether a robots.txt is due as a listing; not before the copy of it that was read has to be renewed."""
        now, due = self._clock.now(), archive.frontier.due_at(row.id)
        renewed = row.fetched_at + FRESH if row.fetched_at and row.state == "held" else now
        if due and due < renewed and renewed > now:
            archive.frontier.set_due(row.id, renewed)
            return False
        return due is not None and due <= now

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
        if not self._fill():
            return None
        self._asked += 1
        row = self._rows.popleft()
        if row.kind == "image":
            self._spider.allowance.asked = row.id
        return self._spider.request_for(row)

    def _adopt(self) -> None:
        """Judge what a killed crawl had written to its WARC files, instead of fetching it again."""
        archive, name = self._store.archive, self._spider.paper.name
        for capture in archive.unjudged(name):
            for row in awaiting(archive, name, capture):
                archive.frontier.hold(row)
                self._on_the_way.append(self._spider.replay_of(row, capture))

    def _fill(self) -> bool:
        if self._spider.days and self._asked >= self._most > 0:
            return False
        try:
            while True:
                self._rows.extend(() if self._rows else self._due())
                if not self._rows or self._rows[0].kind != "image":
                    return bool(self._rows)
                if self._images():
                    return self._spider.allowance.asked is None
                self._store.archive.frontier.release(row.id for row in self._rows)
                self._rows.clear()
        except ArchiveError as error:
            self._store.stop(error)
        return False

    def _images(self) -> bool:
        """Say whether there is room for a picture today."""
        return self._spider.allowance.is_left(local_day(self._clock.now()))

    def _due(self) -> list[FrontierRow]:
        """Return due rows; when there are none, commit what waits first, since it may make some due."""
        archive = self._store.archive
        rows = self._take(archive)
        if not rows and archive.waiting:
            archive.flush()
            rows = self._take(archive)
        return rows

    def _take(self, archive: Archive) -> list[FrontierRow]:
        name, days, now = self._spider.paper.name, self._spider.days, self._clock.now()
        if days:
            return archive.take_for(days, name, now, AT_ONCE)
        return archive.frontier.take(name, now, AT_ONCE, images=self._images())


def awaiting(archive: Archive, paper: str, capture: Capture) -> list[FrontierRow]:
    """Return the rows that a capture answers: an article's once, a listing's for the crawl and each backfill."""
    row = archive.frontier.find(paper, capture.url)
    wanted = archive.backfills.wanted(paper, capture.url) if capture.status != 304 else []
    if row is None:
        return []
    if row.kind == "article":
        return wanted[:1] or [row]
    return [*wanted, row] if archive.frontier.due_at(row.id) or not wanted else wanted


def listings(paper: Paper) -> tuple[list[Link], list[Link]]:
    """Return the listings of the paper's entry, asked in every crawl, and guesses at what it lacks.

    Feeds that an entry names may be a few of many: the page that lists them all is a guess too.
    """
    told = next((urlsplit(url).scheme for url in (*paper.feeds, *paper.sitemaps, *paper.sections)), None)
    home = f"{told or scheme_of(paper.hosts[0])}://{paper.hosts[0]}"
    known = [Link(f"{home}/", "section")]
    known += [Link(url, "feed") for url in paper.feeds]
    known += [Link(url, "sitemap") for url in paper.sitemaps]
    known += [Link(url, "section") for url in paper.sections]
    lacking = {"feed": not paper.feeds, "sitemap": not paper.sitemaps, "robots": not paper.sitemaps}
    probes = [Link(home + probe.url, probe.kind) for probe in PROBES if lacking[probe.kind]]
    probes += [Link(index, "feed")] if (index := index_above(paper.feeds)) else []
    return known, probes


def scheme_of(host: str) -> str:
    """Return http for a loopback site with a port, https for a newspaper."""
    return "http" if ":" in host else "https"
