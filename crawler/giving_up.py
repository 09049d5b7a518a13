"""Ends a crawl in order within seconds when somebody stops it, whatever answer it is waiting for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.internet.task import LoopingCall

PATIENCE = 3
"""Seconds that a crawl which ends waits for answers under way."""


class GivenUpError(IgnoreRequest):
    """The crawl ended before the answer came; its address is still due."""


class Breakable(Downloader):
    """Scrapy's DOWNLOADER, which can give up what it waits for; an answer that comes later is dropped."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._awaited: set[Deferred[Response]] = set()

    def give_up(self) -> None:
        """Fail every request that waits for its turn or its answer with `GivenUpError`."""
        waiting = [queued for slot in self.slots.values() for _, queued in slot.queue]
        for slot in self.slots.values():
            slot.queue.clear()
        for outcome in [*waiting, *self._awaited]:
            if not outcome.called:
                outcome.errback(GivenUpError("the crawl was stopped before the answer came"))

    async def _wait_for_download(self, slot: Slot, request: Request, queue_dfd: Deferred[Response]) -> None:
        self._awaited.add(queue_dfd)
        try:
            response = await self._download(slot, request)
        except Exception as error:  # noqa: BLE001 - handed on as it is
            if not queue_dfd.called:
                queue_dfd.errback(error)
        else:
            if not queue_dfd.called:
                queue_dfd.callback(response)
        finally:
            self._awaited.discard(queue_dfd)


def is_ending(crawler: Crawler) -> bool:
    """Say whether a crawl is being closed, by whomever: what it has not asked for yet is not asked for any more."""
    slot = getattr(crawler.engine, "_slot", None)
    return slot is not None and slot.closing is not None


class Stopping:
    """Extension: once a crawl is being closed, lets it wait `PATIENCE` seconds for answers, then no more.

    Scrapy by itself waits for each of them as long as DOWNLOAD_TIMEOUT allows, and for pauses between requests.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing = 0
        self._watch: AsyncioLoopingCall | LoopingCall = create_looping_call(self._look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch from the beginning of a crawl to its end."""
        self = cls(crawler)
        crawler.signals.connect(self.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        return self

    def spider_opened(self) -> None:
        """Begin to look, once a second."""
        self._watch.start(1.0, now=False)

    def spider_closed(self) -> None:
        """Look no more."""
        if self._watch.running:
            self._watch.stop()

    def _look(self) -> None:
        if not is_ending(self._crawler):
            return
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        self._closing += 1
        if self._closing >= PATIENCE and isinstance(downloader, Breakable):
            downloader.give_up()
