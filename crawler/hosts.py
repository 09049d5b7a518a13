"""Knows which hosts a crawl must leave alone, and learns from their answers which it must from now on."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.misc import load_object

from crawler.clock import Clock, clock_from, local_day
from crawler.failures import sentence
from crawler.patience import REFUSALS, Manners, asks_to_wait, held_off, local, retry_after
from pipelines.archive import ArchiveError
from pipelines.archive.hosts import HostRows, Refusal
from pipelines.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime, timedelta

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from pipelines.items import Visit
    from pipelines.stages import Store

logger = logging.getLogger(__name__)

GOOD = frozenset({"article", "unchanged", "listing/read", "listing/unchanged", "image/kept"})
"""Outcomes of an answer that was meant for us."""
PAGES = frozenset({"article", "unchanged", "image/kept"})
"""The good ones that a host gives only if it does not block us: many let their front pages pass."""
BARRED = frozenset({401, 403, 503})
CHALLENGE = "page/challenge"


class Hosts:
    """Extension of a crawl into the archive: keeps tables ``hosts`` and ``host_days``.

    A host that answers 428, 429, or 503 with Retry-After is left alone at once; one that cannot be asked for its
    robots.txt too; one that refuses us `REFUSALS` times in a row (401, 403, 503, a challenge, no answer), or in all
    that a crawl asked of it. Each time longer, until it gives a good answer.
    """

    def __init__(self, crawler: Crawler, clock: Clock) -> None:
        self._crawler = crawler
        self._clock = clock
        self._manners = Manners.of(crawler.settings)
        self._again = crawler.settings.getint("RETRY_TIMES")
        self._waiting: Counter[tuple[str, date]] = Counter()
        self._asked: set[str] = set()
        self._good: set[str] = set()
        self._refusals: dict[str, list[Refusal]] = {}
        self._store: Store | None = None
        self.rows: HostRows

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to what a crawl does. Raises ValueError for hours of rest that are none."""
        self = cls(crawler, clock_from(crawler.settings["CLOCK"]))
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        return self

    def spider_opened(self) -> None:
        """Take the archive of the crawl's Store stage."""
        self._store = self._crawler.get_item_pipeline(load_object("pipelines.stages.Store"))
        assert self._store is not None
        self.rows = HostRows(self._store.archive.db, self._store.archive.path)
        self._store.archive.before_commit.append(self._write_counts)

    def check(self, host: str) -> None:
        """Raise LeftAloneError where nothing may be asked of a host now."""
        now = self._clock.now()
        error = held_off(host, self.rows, self._manners, now, self._waiting[host, local_day(now)])
        if error:
            raise error

    def asked(self, host: str) -> None:
        """Count a request that goes out."""
        self._asked.add(host)
        self._waiting[host, local_day(self._clock.now())] += 1

    def answered(self, request: Request, response: Response) -> None:
        """Note what a status says of its host; a page has yet to be read (`item_scraped`)."""
        host, status = host_of(request.url), response.status
        if asks_to_wait(response):
            value = (response.headers.get("Retry-After") or b"").decode("latin-1")
            asked = retry_after(value, self._clock.now())
            until = self._leave(host, Refusal("asked", status, f"HTTP {status}: it asks us to wait"), asked)
            request.meta["left_alone"] = f"it is left alone until {local(until)}"
        elif status in BARRED and request.meta.get("kind") != "robots":
            self._suspect(host, Refusal("blocked", status, f"HTTP {status}"))

    def unanswered(self, request: Request, error: Exception) -> None:
        """Note that a host did not answer, when it has been tried for the last time."""
        kind, tried = request.meta.get("kind"), request.meta.get("retry_times", 0)
        if kind != "robots" and (tried >= self._again or request.meta.get("dont_retry")):
            self._suspect(host_of(request.url), Refusal("unreachable", None, sentence(error)))

    def unreachable(self, url: str, why: str, status: int | None = None) -> None:
        """Leave a host alone that cannot be asked for its robots.txt, unless it is already."""
        row = self.rows.find(host_of(url))
        if row is None or not row.not_before or row.not_before <= self._clock.now():
            self._leave(host_of(url), Refusal("unreachable", status, why))

    def item_scraped(self, item: Visit) -> None:
        """Note what came of a page: a good answer clears what was held against its host."""
        host = host_of(item.url)
        if host not in self._asked:
            return
        if item.outcome == CHALLENGE:
            status = item.capture.status if item.capture else None
            self._suspect(host, Refusal("blocked", status, "a page that asks to prove something"))
        elif item.outcome in GOOD:
            self._clear(host, item.outcome)

    def spider_closed(self) -> None:
        """Leave a host alone that gave this crawl no good answer at all; write what is left to count."""
        for host, refused in self._refusals.items():
            if refused and host not in self._good:
                self._leave(host, refused[-1])
        self._try(self._write_counts)

    def _clear(self, host: str, outcome: str) -> None:
        self._good.add(host)
        self._refusals.pop(host, None)
        row = self.rows.find(host)
        if row and row.failures and (row.kind != "blocked" or outcome in PAGES):
            self._try(lambda: self.rows.clear(host, self._clock.now()))

    def _suspect(self, host: str, refusal: Refusal) -> None:
        refused = self._refusals.setdefault(host, [])
        refused.append(refusal)
        if len(refused) >= REFUSALS:
            self._leave(host, refusal)
            refused.clear()

    def _leave(self, host: str, refusal: Refusal, asked: timedelta | None = None) -> datetime:
        """Leave a host alone for as long as it ``asked``, or longer each time; return until when."""
        now, row, most = self._clock.now(), self.rows.find(host), self._manners.most
        before = row.not_before if row and row.not_before else now
        failures = (row.failures if row else 0) + (before <= now)
        if asked and asked > most:
            logger.warning("%s: asks to be left alone for %s; LEAVE_ALONE_MOST allows %s", host, asked, most)
        until = max(now + min(asked or self._manners.pause(failures, refusal.kind), most), before)
        self._try(lambda: self.rows.refuse(host, refusal, until, failures, now))
        return until

    def _write_counts(self) -> None:
        counts, self._waiting = self._waiting, Counter()
        if counts:
            self.rows.add_requests(counts)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except ArchiveError as error:
            assert self._store is not None
            self._store.stop(error)
