"""Fetches one page as politely as a crawl does, for a person to look at; the archive is not touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider

from crawler.failures import sentence

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure


@dataclass(slots=True)
class Fetched:
    """What came of it: the page's address after redirects, status, header and decoded bytes, or why nothing came."""

    url: str = ""
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    failure: str = "the crawler closed before it asked"


class OnePage(Spider):
    """Asks for ``page`` and writes into ``into`` what came; for `CrawlerProcess.crawl`."""

    name = "one-page"

    def __init__(self, page: str, into: Fetched, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._page = page
        self._into = into

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the page; any status but a redirect is an answer."""
        statuses = [*range(200, 300), *range(400, 600)]
        meta = {"handle_httpstatus_list": statuses}
        yield Request(self._page, self.answered, errback=self.failed, dont_filter=True, meta=meta)

    def answered(self, response: Response) -> None:
        """Keep the answer."""
        self._into.url = response.url
        self._into.status = response.status
        self._into.content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        self._into.body = response.body
        self._into.failure = "" if response.status == 200 else f"HTTP {response.status}"

    def failed(self, failure: Failure) -> None:
        """Keep why nothing came."""
        self._into.failure = sentence(failure.value) if failure.value else "no answer"
