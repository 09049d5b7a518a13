"""Says who we are, and obeys robots.txt as RFC 9309 says; a host that cannot be asked is left alone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.clock import clock_from
from crawler.failures import sentence
from crawler.giving_up import GivenUpError
from crawler.hosts import Hosts
from crawler.patience import LeftAloneError
from crawler.robots_txt import HOPS, kept_copy, pause_asked, rules_of
from crawler.warc import CUT_OFF
from pipelines.archive.lookup import newest_response
from pipelines.records import RecordError, read_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import ProtegoRobotParser
    from scrapy.settings import BaseSettings

    from pipelines.items import FrontierRow

logger = logging.getLogger(__name__)

ASKING: Mapping[str, Any] = {
    "dont_obey_robotstxt": True,
    "kind": "robots",
    "redirect_times": 0,
    "redirect_ttl": HOPS,
    # RFC 9309 (2.3.1.2): redirects are followed to other hosts, too.
    "allow_offsite": True,
}
"""``meta`` of the request for a robots.txt."""
CAPTURED = ("capture", "uncaptured")
"""What ``request.meta`` says of where an answer was kept."""


class UnreachableError(IgnoreRequest):
    """A host cannot be asked for its robots.txt; by RFC 9309 (2.3.1.4) nothing of it may be fetched then.

    ``silent``: it gave no answer at all, which may be our own network's fault.
    """

    def __init__(self, host: str, why: str, *, silent: bool = False) -> None:
        super().__init__(why)
        self.host = host
        self.silent = silent


class ForbiddenError(IgnoreRequest):
    """The host's robots.txt does not allow this address."""


@dataclass(frozen=True, slots=True)
class HostRules:
    """A host's robots.txt and the seconds between two requests that it asks for."""

    rules: ProtegoRobotParser
    crawl_delay: float


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


def pause_captured(settings: BaseSettings, hosts: Sequence[str]) -> float:
    """Return the seconds between two requests to the first of ``hosts``, as far as the archive tells.

    DOWNLOAD_DELAY, or the Crawl-delay of the latest robots.txt captured there if that is longer, with half of what
    DOWNLOAD_DELAY_JITTER may add. Raises ArchiveError.
    """
    delay = settings.getfloat("DOWNLOAD_DELAY")
    mean = 1 + settings.getfloat("DOWNLOAD_DELAY_JITTER") / 2
    capture = newest_response(Path(settings["ARCHIVE"]), f"https://{hosts[0]}/robots.txt")
    if capture is None:
        return delay * mean
    try:
        body = read_record(Path(settings["WARC_DIR"]), capture.warc_file, capture.warc_offset).body()
    except (RecordError, OSError):
        return delay * mean
    _, kept = pause_asked(rules_of(body), agent_in_robots(settings), settings.getfloat("CRAWL_DELAY_MOST"))
    return max(delay, kept) * mean


def agent_in_robots(settings: BaseSettings) -> str:
    """Return the name that rules of robots.txt are looked up by."""
    return str(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"])


class Robots:
    """Downloader middleware: knows each host's robots.txt before anything else is asked of it.

    The archive's copy of the last day, or the host's answer. 4xx: no rules, all is allowed. 5xx, 429, a redirect
    without end, half an answer and none: nothing is. Crawl-delay (seconds, CRAWL_DELAY_MOST at most) goes with each
    request (``meta["crawl_delay"]``). Where a visit of robots.txt as a listing is due (``robots_due`` of the
    spider), it is given the answer to this and asks for none of its own.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent = agent_in_robots(crawler.settings)
        self._rules: dict[str, asyncio.Future[HostRules | IgnoreRequest]] = {}
        self._answers: dict[str, Response] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Return the answer that came already, None for what is to be fetched.

        Raises ForbiddenError or UnreachableError for what may not be, LeftAloneError for what may not be now.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return None
        host = urlparse_cached(request).netloc
        if host not in self._rules:
            self._rules[host] = asyncio.get_running_loop().create_future()
            self._rules[host].set_result(await self._known(request))
        rules = await self._rules[host]
        if isinstance(rules, IgnoreRequest):
            if isinstance(rules, LeftAloneError):
                self._rules.pop(host, None)
            raise rules
        if not rules.rules.allowed(request.url, self._agent):
            raise ForbiddenError("robots.txt does not allow it")
        request.meta["crawl_delay"] = rules.crawl_delay
        answer = self._answers.pop(request.url, None)
        if answer is None or answer.request is None:
            return None
        request.meta.update({name: value for name, value in answer.request.meta.items() if name in CAPTURED})
        return answer.replace(request=request)

    async def _known(self, request: Request) -> HostRules | IgnoreRequest:
        parts = urlparse_cached(request)
        url = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if self._hosts:
            now = clock_from(self._crawler.settings["CLOCK"]).now()
            body = kept_copy(self._hosts.rows, Path(self._crawler.settings["WARC_DIR"]), url, now)
            if body is not None:
                return self._read(parts.netloc, body)
        return await self._ask(url, parts.netloc)

    async def _ask(self, url: str, host: str) -> HostRules | IgnoreRequest:
        row: FrontierRow | None = getattr(self._crawler.spider, "robots_due", None)
        awaited = row is not None and row.url == url
        meta: dict[str, Any] = dict(ASKING)
        if row and awaited:
            meta |= {"via": row.discovered_from, "backfill": row.backfill}
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(
                Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
            )
        except (GivenUpError, LeftAloneError) as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever the network does, the host is left alone
            return self._unreachable(host, url, sentence(error), silent=True)
        if response.status >= 500 or response.status == 429:
            return self._unreachable(host, url, f"answers HTTP {response.status}", response.status)
        if CUT_OFF in response.flags:
            return self._unreachable(host, url, "the answer was cut off")
        if awaited and response.url == url:
            self._answers[url] = response
        return self._read(host, response.body if response.status < 400 else b"")

    def _read(self, host: str, body: bytes) -> HostRules:
        rules = rules_of(body)
        most = self._crawler.settings.getfloat("CRAWL_DELAY_MOST")
        asked, kept = pause_asked(rules, self._agent, most)
        if asked > kept:
            logger.warning(
                "%s: robots.txt asks for %g s between requests; CRAWL_DELAY_MOST allows %g", host, asked, kept
            )
        return HostRules(rules, kept)

    def _unreachable(
        self, host: str, url: str, why: str, status: int | None = None, *, silent: bool = False
    ) -> UnreachableError:
        said = f"{url} {why}" if status else f"{url}: {why}"
        if self._hosts:
            self._hosts.unreachable(url, said, status)
        return UnreachableError(host, f"{said}; nothing is fetched from there now", silent=silent)

    @property
    def _hosts(self) -> Hosts | None:
        return self._crawler.get_extension(Hosts)
