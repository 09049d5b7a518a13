"""Lets one request at a time go to a host, spaced, whichever crawl of whichever process of this machine makes it."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self
from weakref import WeakKeyDictionary

from scrapy import signals

from crawler.giving_up import GivenUpError, is_ending
from crawler.hosts import Hosts
from crawler.turn_files import Turn, TurnFiles
from pipelines.urls import host_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

SHORTEST_LOOK, LONGEST_LOOK = 0.002, 0.05
"""Seconds between two looks whether another crawl has ended its turn."""
STEP = 0.5
"""Seconds that a pause is slept at once: a crawl that is stopped does not sleep on."""


class Turns:
    """Downloader middleware, the last before the network: each request waits for its host's turn.

    Two requests to a host are DOWNLOAD_DELAY apart, or its Crawl-delay (``meta["crawl_delay"]``, seconds) where that
    is longer, and up to DOWNLOAD_DELAY_JITTER of that more, by chance. They are counted from when the host was seen to
    answer, so that they are never closer for it, however slow the way. Scrapy's own slots then have no delay.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._files = TurnFiles(Path(settings["TURNS_DIR"]))
        self._delay = settings.getfloat("DOWNLOAD_DELAY")
        self._jitter = settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self._queues: dict[str, asyncio.Lock] = {}
        self._held: WeakKeyDictionary[Request, Turn] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for a crawl."""
        self = cls(crawler)
        crawler.signals.connect(self.headers_received, signal=signals.headers_received)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        return self

    async def process_request(self, request: Request) -> None:
        """Wait for the host's turn. Raises LeftAloneError where it must not be asked now, GivenUpError at the end."""
        if "renders" in request.meta:
            return
        host = host_of(request.url)
        pause = max(self._delay, float(request.meta.get("crawl_delay", 0)))
        pause *= 1 + random.uniform(0, self._jitter)  # noqa: S311 - nobody guesses it
        self._undelayed(request, host)
        hosts = self._hosts
        if hosts:
            hosts.check(host)
        async with self._queues.setdefault(host, asyncio.Lock()):
            turn = await self._taken(host, pause)
        try:
            if hosts:
                hosts.check(host)
                hosts.asked(host)
        except BaseException:
            turn.close()
            raise
        turn.mark()
        self._held[request] = turn

    def headers_received(self, request: Request) -> None:
        """Count the pause from when the answer begins."""
        if request in self._held:
            self._held[request].mark()

    def process_response(self, request: Request, response: Response) -> Response:
        """End the turn; what the answer says of the host is noted."""
        if self._end(request) and self._hosts:
            self._hosts.answered(request, response)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """End the turn of a request without an answer."""
        turn = self._held.get(request)
        if turn:
            turn.mark()
        if self._end(request) and self._hosts and not isinstance(exception, GivenUpError):
            self._hosts.unanswered(request, exception)

    def spider_closed(self) -> None:
        """End all turns."""
        for request in list(self._held):
            self._end(request)

    async def _taken(self, host: str, pause: float) -> Turn:
        """Wait for the pause without having the turn, so that another crawl's comes after ours."""
        turn = self._files.turn(host)
        look = SHORTEST_LOOK
        try:
            while not turn.try_take(pause):
                left = turn.left(pause)
                await self._sleep(min(left, STEP) if left > 0 else look)
                look = min(look * 2, LONGEST_LOOK) if left <= 0 else SHORTEST_LOOK
        except BaseException:
            turn.close()
            raise
        return turn

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if is_ending(self._crawler):
            raise GivenUpError("the crawl ended before the host's turn came")

    def _end(self, request: Request) -> bool:
        turn = self._held.pop(request, None)
        if turn:
            with suppress(OSError):
                turn.close()
        return turn is not None

    def _undelayed(self, request: Request, host: str) -> None:
        assert self._crawler.engine is not None
        request.meta["download_slot"] = host
        self._crawler.engine.downloader.per_slot_settings[host] = {"delay": 0, "concurrency": 1, "jitter": 0}

    @property
    def _hosts(self) -> Hosts | None:
        """What knows the hosts of an archive's crawl; None for what leaves the archive untouched."""
        return self._crawler.get_extension(Hosts)
