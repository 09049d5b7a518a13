"""Obeys robots.txt as RFC 9309 says, with its Crawl-delay; a host that cannot be asked is left alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.failures import sentence
from crawler.giving_up import GivenUpError
from pipelines.archive.lookup import newest_response
from pipelines.records import RecordError, read_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from pipelines.items import FrontierRow


CAPTURED = ("capture", "uncaptured")
"""What ``request.meta`` says of where an answer was kept."""


class UnreachableError(IgnoreRequest):
    """A host cannot be asked for its robots.txt; by RFC 9309 (2.3.1.4) nothing of it may be fetched then."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(why)
        self.host = host


class ForbiddenError(IgnoreRequest):
    """The host's robots.txt does not allow this address."""


Rules = ProtegoRobotParser | UnreachableError | GivenUpError
"""What may be fetched of a host, or why nothing may."""


class Introduction:
    """Downloader middleware: says in every request who we are and, if the operator did, where to reach us."""

    def __init__(self, agent: str) -> None:
        self._agent = agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Put the User-Agent together of USER_AGENT and CONTACT_URL."""
        return cls(agent_of(crawler.settings))

    def process_request(self, request: Request) -> None:
        """Set the User-Agent."""
        request.headers["User-Agent"] = self._agent


def agent_of(settings: BaseSettings) -> str:
    """Return what we call ourselves: USER_AGENT and, where the operator gave one, CONTACT_URL."""
    agent, contact = str(settings["USER_AGENT"]), settings["CONTACT_URL"]
    return f"{agent} (+{contact})" if contact else agent


def asks_to_wait(response: Response) -> bool:
    """Say whether a host wants no more requests now: 428 or 429 (RFC 6585), or 503 with Retry-After (RFC 9110)."""
    return response.status in {428, 429} or (response.status == 503 and "Retry-After" in response.headers)


def pause_captured(settings: BaseSettings, hosts: Sequence[str]) -> float:
    """Return the seconds between two requests to the first of ``hosts``, as far as the archive tells.

    DOWNLOAD_DELAY, or the Crawl-delay of the latest robots.txt captured there if that is longer. Raises ArchiveError.
    """
    delay = settings.getfloat("DOWNLOAD_DELAY")
    capture = newest_response(Path(settings["ARCHIVE"]), f"https://{hosts[0]}/robots.txt")
    if capture is None:
        return delay
    try:
        body = read_record(Path(settings["WARC_DIR"]), capture.warc_file, capture.warc_offset).body()
    except (RecordError, OSError):
        return delay
    return max(delay, ProtegoRobotParser(body, None).crawl_delay(agent_in_robots(settings)) or 0)


def agent_in_robots(settings: BaseSettings) -> str:
    """Return the name that rules of robots.txt are looked up by."""
    return str(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"])


class Robots:
    """Downloader middleware: asks each host for robots.txt once a crawl, before anything else.

    4xx: no rules, all is allowed. 5xx, 429 and no answer: nothing is. Crawl-delay (seconds) lengthens
    the pause between two requests to the host, never shortens it. Where a visit of robots.txt as a listing
    is due (``robots_due`` of the spider), it is given this answer and asks for none of its own.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent = agent_in_robots(crawler.settings)
        self._rules: dict[str, asyncio.Future[Rules]] = {}
        self._answers: dict[str, Response] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Return the answer that came already, None for what is to be fetched.

        Raises ForbiddenError or UnreachableError for what may not be.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return None
        host = urlparse_cached(request).netloc
        if host not in self._rules:
            self._rules[host] = asyncio.get_running_loop().create_future()
            self._rules[host].set_result(await self._ask(request))
        rules = await self._rules[host]
        if isinstance(rules, UnreachableError | GivenUpError):
            raise rules
        if not rules.allowed(request.url, self._agent):
            raise ForbiddenError("robots.txt does not allow it")
        answer = self._answers.pop(request.url, None)
        if answer is None or answer.request is None:
            return None
        request.meta.update({name: value for name, value in answer.request.meta.items() if name in CAPTURED})
        return answer.replace(request=request)

    async def _ask(self, request: Request) -> Rules:
        parts = urlparse_cached(request)
        url = f"{parts.scheme}://{parts.netloc}/robots.txt"
        row: FrontierRow | None = getattr(self._crawler.spider, "robots_due", None)
        awaited = row is not None and row.url == url
        meta: dict[str, Any] = {"dont_obey_robotstxt": True, "redirect_times": 0}
        if row and awaited:
            meta |= {"via": row.discovered_from, "backfill": row.backfill}
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(
                Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
            )
        except GivenUpError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever the network does, the host is left alone
            return self._unreachable(parts.netloc, f"{url}: {sentence(error)}")
        if response.status >= 500 or response.status == 429:
            return self._unreachable(parts.netloc, f"{url} answers HTTP {response.status}")
        if awaited and response.url == url:
            self._answers[url] = response
        return self._read(response, request)

    def _read(self, response: Response, request: Request) -> ProtegoRobotParser:
        rules = ProtegoRobotParser(response.body if response.status < 400 else b"", self._crawler.spider)
        self._slow_down(request, rules.crawl_delay(self._agent))
        return rules

    def _slow_down(self, request: Request, seconds: float | None) -> None:
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        if not seconds or (slot and slot.delay >= seconds):
            return
        downloader.per_slot_settings[key] = {"delay": seconds, "concurrency": 1}
        if slot:
            slot.delay = seconds

    def _unreachable(self, host: str, why: str) -> UnreachableError:
        return UnreachableError(host, f"{why}; nothing is fetched from there now")
