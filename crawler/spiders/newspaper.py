"""The spider of every paper: fetches what the frontier hands it and gives each page as one visit."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from scrapy import Request, Spider
from scrapy.exceptions import CannotResolveHostError, CloseSpider
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.clock import Clock, clock_from, local_day
from crawler.failures import printable, sentence, too_large
from crawler.giving_up import GivenUpError
from crawler.images import ACCEPT, Allowance
from crawler.learning import learner_of
from crawler.patience import LeftAloneError, asks_to_wait
from crawler.politeness import ForbiddenError, UnreachableError
from crawler.visits import PROBE, Fetched, Reach, judge_response
from crawler.warc import CUT, CUT_OFF
from pipelines.days import asked
from pipelines.items import Visit
from pipelines.urls import host_of, on_paper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.learning import Learner
    from crawler.papers import Directory
    from pipelines.days import Days
    from pipelines.items import Capture, FrontierRow, Paper

ALL_ANSWERS = {"handle_httpstatus_all": True, "dont_redirect": True}
"""Every answer is a fact for the archive, redirects too: each hop is a URL of the frontier."""
WAITING = "asked_to_wait"
"""Why a crawl ended whose newspaper asked for fewer requests."""
LEFT_ALONE = "left_alone"
"""Why a crawl ended whose newspaper must not be asked now."""
QUIET = (
    *("article", "forbidden", "unchanged", "redirect", "listing/read", "listing/unchanged"),
    *("image/kept", "image/moved", "image/forbidden"),
)
FAILED = {"article": "failed", "image": "image/failed"}
"""What a visit without an answer comes to, by what it was for; a listing is unreadable."""


class NewspaperSpider(Spider):
    """Listing → links → pages → articles; the loader makes one class a paper of it."""

    name = "newspaper"
    paper: ClassVar[Paper]
    directory: ClassVar[Directory]
    allowed_domains: ClassVar[list[str]] = []
    warc_info: ClassVar[dict[str, str]] = {}
    """Lines that tell in a WARC file what papers.toml said of the paper when it was crawled."""
    clock: Clock
    reach: Reach
    sample: int
    """Of every so many pages read with a template one is read without it too."""
    days: Days | None
    """Those that a backfill asks for (arguments ``since`` and ``until``); None: a normal crawl."""
    robots_due: FrontierRow | None = None
    """The robots.txt that is due as a listing: `crawler.politeness` asks for it in any case, and once."""
    allowance: Allowance
    """Bytes of pictures that may be fetched today."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the clock and how far listings are followed from the settings.

        Raises ValueError for ``since`` or ``until`` that are no days of the past.
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.clock = clock_from(crawler.settings["CLOCK"])
        spider.days = asked(kwargs.get("since"), kwargs.get("until"), local_day(spider.clock.now()))
        spider.reach = Reach(
            sitemap_children=crawler.settings.getint("SITEMAP_CHILDREN"),
            sitemap_days=crawler.settings.getint("SITEMAP_DAYS"),
        )
        spider.sample = crawler.settings.getint("DRIFT_SAMPLE")
        spider.allowance = Allowance()
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the frontier knows what is due."""
        for request in list[Request]():
            yield request

    def request_for(self, row: FrontierRow) -> Request:
        """Return the polite, conditional request for a due URL."""
        headers = {"Accept": ACCEPT} if row.kind == "image" else {}
        asks = row.state == "held" and not row.backfill
        if asks and row.etag:
            headers["If-None-Match"] = row.etag
        if asks and row.last_modified:
            headers["If-Modified-Since"] = row.last_modified
        return Request(
            row.url,
            callback=self.parse,
            errback=self.failed,
            headers=headers,
            meta={
                "row": row,
                "kind": row.kind,
                "via": row.discovered_from,
                "backfill": row.backfill,
                "unchanged_since": row.fetched_at if asks and headers else None,
                **ALL_ANSWERS,
            },
            dont_filter=True,
        )

    def replay_of(self, row: FrontierRow, capture: Capture) -> Request:
        """Return the request that is answered with what a killed crawl had already captured."""
        return self.request_for(row).replace(url=capture.url, meta={"row": row, "replay": capture, **ALL_ANSWERS})

    def parse(self, response: Response) -> Iterator[Visit | Request]:
        """Judge one response; all a page ever gives is its visit, or first the request for a browser's version.

        What could not be written to a WARC file is not judged: it stays due.
        """
        if response.meta.get("uncaptured"):
            return
        row: FrontierRow | None = response.meta.get("row")
        visit = self._judged(response, row)
        if self._renderer and visit.outcome == "page/body-hidden" and visit.capture and visit.capture.record_id:
            request: Request = self._renderer.request(response, visit.capture, {"row": row, "as_served": visit})
            yield request.replace(callback=self.completed, errback=self.not_completed)
            return
        yield self._said(visit, row)
        if "replay" in response.meta:
            return
        self._count(visit, row)
        if asks_to_wait(response) and visit.kind == "image" and not on_paper(response.url, self.paper):
            self.allowance.stopped = True
        elif asks_to_wait(response):
            self._wait(response.status, response.meta.get("left_alone"))

    def completed(self, response: Response) -> Iterator[Visit]:
        """Give the page as served, then as a browser completed it: two captures, two visits, as in a replay."""
        row: FrontierRow = response.meta["row"]
        served: Visit = response.meta["as_served"]
        if not response.meta.get("uncaptured"):
            yield replace(served, completed=True)
            yield self._said(self._judged(response.replace(url=served.url), row), row)

    def not_completed(self, failure: Failure) -> Iterator[Visit]:
        """Give the page as served, with what went wrong in the browser."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        visit: Visit = meta["as_served"]
        assert failure.value is not None
        reason = f"{visit.reason}; the browser did not complete it: {sentence(failure.value)}"
        yield self._said(replace(visit, reason=reason), meta["row"])
        if self._renderer.told_to_wait:
            self._wait(self._renderer.told_to_wait)

    def _wait(self, status: int, until: str | None = None) -> NoReturn:
        self.logger.warning(
            "%s: HTTP %s: the host asks us to wait; its crawl ends, %s",
            self.paper.name,
            status,
            f"{until}, what is due stays due" if until else "what is due stays due",
        )
        raise CloseSpider(WAITING)

    def _judged(self, response: Response, row: FrontierRow | None) -> Visit:
        def judge(furniture: frozenset[str]) -> Visit:
            return judge_response(
                fetched(response, self.clock),
                self.paper,
                self.directory,
                row.kind if row else None,
                self.reach.of(row.backfill if row else None),
                guessed=row is not None and row.discovered_from == PROBE,
                furniture=furniture,
                sample=self.sample,
            )

        visit = self._learner.judged(self.paper, response.url, judge) if self._learner else judge(frozenset())
        # The address as it was found is the frontier's; on the wire it may have been escaped further.
        return replace(visit, url=row.url, backfill=row.backfill) if row else visit

    @cached_property
    def _learner(self) -> Learner | None:
        return learner_of(self.crawler)

    @cached_property
    def _renderer(self) -> Any:
        """The crawl's `crawler.browser.Renderer`; None where BROWSER is off."""
        path = self.settings.get("RENDERER")
        return build_from_crawler(load_object(path), self.crawler) if path else None

    def failed(self, failure: Failure) -> Iterator[Visit]:
        """Give a request without an answer as a failed visit, in one line, without a traceback.

        A host that cannot be asked ends the crawl of its paper; what was due stays due.
        """
        request: Request = failure.request  # type: ignore[attr-defined]
        row: FrontierRow = request.meta["row"]
        capture = request.meta.get("capture")
        error = failure.value
        assert error is not None
        if isinstance(error, GivenUpError):
            return
        if isinstance(error, LeftAloneError):
            self._leave(error, row)
            return
        host, nowhere = out_of_reach(error, request.url)
        at = capture.fetched_at if capture else self.clock.now()
        visit = unanswered(
            error,
            Visit(
                paper=self.paper.name,
                url=row.url,
                kind=row.kind,
                outcome="failed",
                at=at,
                capture=capture,
                backfill=row.backfill,
            ),
        )
        self._count(visit, row)
        if host not in self.paper.hosts[:1]:
            yield self._said(visit, row)
            return
        if row.kind not in ("article", "image") and not nowhere:
            yield visit
        self.crawler.stats.set_value("run/unreachable", f"{sentence(error)}; what is due stays due")
        raise CloseSpider("unreachable")

    def _leave(self, error: LeftAloneError, row: FrontierRow) -> None:
        """Let an address be that must not be asked for now: it stays due. Where the paper's front page may not, end."""
        if row.kind == "image":
            self.allowance.answer(row.id, 0, local_day(self.clock.now()))
            self.allowance.stopped = True
        if error.everywhere or error.host in {host_of(f"https://{host}") for host in self.paper.hosts[:1]}:
            self.crawler.stats.set_value("run/left_alone", str(error))
            self.crawler.stats.set_value("run/own_wish", error.own)
            raise CloseSpider(LEFT_ALONE)

    def _count(self, visit: Visit, row: FrontierRow | None) -> None:
        if row and row.kind == "image":
            self.allowance.answer(row.id, visit.capture.warc_length if visit.capture else 0, local_day(visit.at))

    def _said(self, visit: Visit, row: FrontierRow | None) -> Visit:
        """Log what is wrong with a visit: one line with paper and URL."""
        guessed = row is not None and row.discovered_from == PROBE
        turned = row is not None and row.depth > 0 and visit.outcome == "listing/read"
        told = ""
        if visit.outcome not in QUIET:
            told = f"{visit.paper}: {visit.url}: {visit.outcome}: {visit.reason or ''}"
        if visit.reason and visit.reason.startswith(f"{visit.paper}: ") and not turned:
            told = visit.reason  # where a listing's pages end, the last may be empty
        if told and not guessed:
            self.logger.warning("%s", printable(told))
        return visit


def fetched(response: Response, clock: Clock) -> Fetched:
    """Return what judging needs of a response; its time is its capture's, else the clock's."""
    capture = response.meta.get("capture")
    return Fetched(
        url=response.url,
        status=response.status,
        body=response.body,
        at=capture.fetched_at if capture else clock.now(),
        content_type=_header(response, "Content-Type") or "",
        location=_header(response, "Location"),
        robots=",".join(value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag")),
        truncated=CUT in response.flags,
        cut_off=CUT_OFF in response.flags,
        capture=capture,
    )


def out_of_reach(error: BaseException, url: str) -> tuple[str | None, bool]:
    """Return the host that cannot be asked for anything, None where it can, and whether it gave no answer at all."""
    if isinstance(error, UnreachableError):
        return error.host, error.silent
    return (host_of(url), True) if isinstance(error, CannotResolveHostError) else (None, False)


def unanswered(error: BaseException, visit: Visit) -> Visit:
    """Return ``visit`` with what it comes to when there is no answer to judge, and why in a sentence."""
    outcome = FAILED.get(visit.kind, "listing/unreadable")
    if too_large(error):
        outcome = {"failed": "page/too-large", "image/failed": "image/too-large"}.get(outcome, outcome)
        return replace(visit, outcome=outcome, reason="longer than DOWNLOAD_MAXSIZE allows")
    if isinstance(error, ForbiddenError):
        outcome = {"failed": "forbidden", "image/failed": "image/forbidden"}.get(outcome, outcome)
    return replace(visit, outcome=outcome, reason=sentence(error))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
