"""Lets a browser write the text of a page whose script hides it, out of what the crawl itself fetches.

The browser has no network: it is given the page as captured, and whatever the page asks for is fetched
by the crawl (robots.txt, delay, one connection, our User-Agent, WARC) or refused. Loaded only where
BROWSER is on, for it needs the extra ``browser``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from playwright.async_api import Error, TimeoutError  # noqa: A004 - playwright's name
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy_playwright.page import PageMethod
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.failures import sentence
from crawler.patience import asks_to_wait
from crawler.politeness import ForbiddenError, agent_of
from crawler.warc_members import RENDERED
from pipelines.charset import decode
from pipelines.urls import on_paper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Browser, Page, Route
    from playwright.async_api import Request as Asked
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from pipelines.items import Capture, Paper

logger = logging.getLogger(__name__)

SLOT = "browser"
"""Scrapy's download slot of the pages a browser writes, one at a time; what they ask for waits in the host's own."""
PARTS = ("script", "xhr", "fetch")
"""What a text may depend on; no styles, pictures, fonts, frames, other pages."""
MOST_PARTS = 30
"""Requests of one page beyond which no more is fetched for it."""
MOST_SCRIPTS = 50
"""Scripts kept for the next pages of the crawl, which mostly share them."""
PATIENCE = 180_000
"""Milliseconds a page may take, the pauses between its requests included."""
TOLD = ("accept", "origin", "referer", "x-requested-with")
"""Headers of the page's own requests that are passed on."""
ANSWERED = ("content-type", "access-control-allow-origin", "access-control-allow-headers")


class LateStart(PlaywrightBrowserProvider):  # type: ignore[misc]  # scrapy-playwright has no types
    """Starts Playwright with the first page that needs it, not with every crawl."""

    async def start(self) -> None:
        """Do nothing yet."""

    async def launch_browser(self) -> Browser:
        """Start Playwright and the browser."""
        if self.browser_type is None:
            await super().start()
        browser: Browser = await super().launch_browser()
        return browser


class IncompletePageError(IgnoreRequest):
    """A part of the page could not be had now: what stands in the browser may be half an article."""


class Renderer:
    """Makes the requests that a browser answers, and fetches for the crawl what their pages ask for."""

    def __init__(self, crawler: Crawler) -> None:
        self.told_to_wait: int | None = None
        """The status by which a host asked for fewer requests; from then on no part is fetched."""
        self._crawler = crawler
        self._agent = agent_of(crawler.settings)
        self._scripts: dict[str, Response] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the renderer of a crawl."""
        return cls(crawler)

    def request(self, response: Response, capture: Capture, meta: Mapping[str, Any]) -> Request:
        """Return the request whose answer is ``response``, captured as ``capture``, as a browser completes it.

        Its answer is UTF-8, whatever the page was in; its capture is a ``conversion``.
        """
        html = decode(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))
        page = _Page(self, response.url, html)
        return Request(
            response.url,
            dont_filter=True,
            meta={
                **meta,
                "renders": capture,
                "download_slot": SLOT,
                "playwright": True,
                "playwright_context_kwargs": {"user_agent": self._agent, "service_workers": "block"},
                "playwright_page_init_callback": page.prepare,
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded", "timeout": PATIENCE},
                "playwright_page_methods": [PageMethod(page.settle)],
            },
        )

    async def part(self, asked: Asked, page: str) -> Response:
        """Fetch as the crawl does what the page at a URL asks for. Raises what the crawl's downloader does."""
        if asked.url in self._scripts:
            return self._scripts[asked.url]
        assert self._crawler.engine is not None
        headers = {name: value for name, value in asked.headers.items() if name in TOLD}
        meta = {"kind": "part", "via": page, "handle_httpstatus_all": True, "dont_redirect": True}
        response = await self._crawler.engine.download_async(
            Request(asked.url, headers=headers, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        )
        if asks_to_wait(response):
            self.told_to_wait = response.status
        if asked.resource_type == "script" and response.status == 200:
            self._scripts[asked.url] = response
            if len(self._scripts) > MOST_SCRIPTS:
                del self._scripts[next(iter(self._scripts))]
        return response

    def gives(self, asked: Asked) -> bool:
        """Say whether a page is given what it asks for: scripts and data of the paper's own hosts."""
        paper: Paper = self._crawler.spidercls.paper  # type: ignore[attr-defined]
        return asked.resource_type in PARTS and asked.method == "GET" and on_paper(asked.url, paper)


class _Page:
    """One page in the browser: its own bytes, how much it has asked for, and what it could not have."""

    def __init__(self, renderer: Renderer, url: str, html: str) -> None:
        self._renderer = renderer
        self._url = url
        self._html: str | None = html
        self._parts = 0
        self._lacks = ""

    async def prepare(self, page: Page, request: Request) -> None:  # noqa: ARG002 - scrapy-playwright's shape
        """Take over all requests of the page; of its routes the last that was added is asked first."""
        await page.route("**", self._answer)

    async def settle(self, page: Page) -> None:
        """Wait until the page asks for nothing more, or has taken too long. Raises IncompletePageError."""
        try:
            await page.wait_for_load_state("networkidle", timeout=PATIENCE)
        except TimeoutError:
            logger.info("%s: does not come to rest; it is read as it stands", self._url)
        if self._lacks:
            raise IncompletePageError(self._lacks)

    async def _answer(self, route: Route) -> None:
        """Give the page itself once, then the parts it may have; abort the rest."""
        asked = route.request
        try:
            if asked.is_navigation_request():
                html, self._html = self._html, None
                await (route.abort() if html is None else route.fulfill(body=html, content_type=RENDERED))
            else:
                await _pass_on(route, await self._part(asked) if self._renderer.gives(asked) else None)
        except Error as error:
            logger.info("%s: %s: %s", self._url, asked.url, error)

    async def _part(self, asked: Asked) -> Response | None:
        if self._renderer.told_to_wait:
            self._lacks = f"HTTP {self._renderer.told_to_wait}: the host asks us to wait"
        if self._lacks or self._parts >= MOST_PARTS:
            return None
        self._parts += 1
        try:
            part = await self._renderer.part(asked, self._url)
        except ForbiddenError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever the network does, the page is left for another time
            self._lacks = f"{asked.url}: {sentence(error)}"
            return None
        if part.status >= 500 or asks_to_wait(part):
            self._lacks = f"{asked.url}: HTTP {part.status}"
        return part


async def _pass_on(route: Route, part: Response | None) -> None:
    """Answer with a part; without one, or with a redirect (which the browser would follow by itself), abort."""
    if part is None or 300 <= part.status < 400:
        await route.abort()
        return
    names = ((name, part.headers.get(name)) for name in ANSWERED)
    headers = {name: value.decode("latin-1") for name, value in names if value}
    await route.fulfill(status=part.status, headers=headers, body=part.body)
