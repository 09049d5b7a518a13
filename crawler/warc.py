"""Scrapy's two ends of the WARC files: Capturing writes every exchange, Replay answers requests from them.

Capturing (an extension) takes what ``response_downloaded`` shows: the body as it came over the wire,
before HttpCompression, for each redirect hop, robots.txt and error page too. Replay (a downloader
middleware) stands first, ``DOWNLOADER_MIDDLEWARES = {"crawler.warc.Replay": 10}``: before Offsite and
RobotsTxt, so that nothing asks the network, and outside HttpCompression, which decodes its answers.

``request.meta`` keys. Read: ``kind`` and ``via`` (for the metadata record), ``unchanged_since`` (date
of the capture a conditional request may confirm), ``replay`` (the `Capture` to answer with),
``renders`` (the `Capture` that a browser makes this answer of: no exchange, but a ``conversion``). Set:
``capture`` (the `Capture` of this answer; absent without an answer), or ``uncaptured`` (true: the answer
could not be written or noted; it must not be judged, the URL stays due).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import responses
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.misc import load_object

from crawler.clock import Clock, clock_from
from crawler.warc_members import Exchange
from crawler.warc_writing import WarcWriter
from pipelines.codings import codings_of, ends_early
from pipelines.records import RecordError, read_record

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.warc_members import Known
    from pipelines.archive.writer import Archive
    from pipelines.items import Capture, Kind, Visit

logger = logging.getLogger(__name__)

CUT = "download_stopped"
"""The flag Scrapy puts on a response that Capturing cut at DOWNLOAD_MAXSIZE."""
CUT_OFF = "dataloss"
"""The flag Scrapy puts on a response that the server broke off."""
CUT_REASONS = {CUT: "length", CUT_OFF: "disconnect"}
FLAGS = {reason: flag for flag, reason in CUT_REASONS.items()}
UNWRITABLE = "warc-unwritable"
"""Reason a spider closes for when a WARC file cannot be written (disk full)."""


class Capturing:
    """Writes each exchange to the paper's WARC file, notes it in the archive, puts it into ``request.meta``.

    A body longer than DOWNLOAD_MAXSIZE is cut, not cancelled: the response then carries the flag
    `CUT`, with what had come (nothing where Content-Length told beforehand), and is not to be read.
    """

    def __init__(self, crawler: Crawler, writer: WarcWriter, clock: Clock) -> None:
        self.writer = writer
        self._crawler = crawler
        self._clock = clock
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._received: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self._sink: Archive | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Capturing:
        """Read WARC_DIR and CLOCK, and connect to the signals of a download."""
        clock = clock_from(crawler.settings.get("CLOCK"))
        writer = WarcWriter(
            Path(crawler.settings["WARC_DIR"]), crawler.spidercls.name, clock=clock, info=run_info(crawler)
        )
        self = cls(crawler, writer, clock)
        crawler.signals.connect(self.request_sent, signal=signals.request_reached_downloader)
        crawler.signals.connect(self.headers_received, signal=signals.headers_received)
        crawler.signals.connect(self.bytes_received, signal=signals.bytes_received)
        crawler.signals.connect(self.response_downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(self.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)
        return self

    def request_sent(self, request: Request) -> None:
        """Forget the capture of an earlier hop or try, whose meta this request was given."""
        request.meta.pop("capture", None)
        request.meta.pop("uncaptured", None)

    def headers_received(self, body_length: object, request: Request) -> None:
        """Stop a download whose headers announce more than is wanted; of a robots.txt the beginning always is."""
        if isinstance(body_length, int) and request.meta.get("kind") != "robots":
            self._stop_beyond(request, body_length)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stop a download that has become longer than is wanted."""
        self._received[request] = self._received.get(request, 0) + len(data)
        self._stop_beyond(request, self._received[request])

    def _stop_beyond(self, request: Request, length: int) -> None:
        most = request.meta.get("download_maxsize", self._most)
        if most and length > most:
            raise StopDownload(fail=False)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Write the exchange; end the crawl where that fails, for what cannot be proved is not kept."""
        self._received.pop(request, None)
        request.meta["uncaptured"] = True
        if not response.flags and ends_early(response.body, _codings(response), self._most or sys.maxsize):
            response.flags.append(CUT_OFF)
        archive = self._archive()
        try:
            capture = self._write(response, request, archive)
        except OSError as error:
            self._stop(error)
            return
        archive.record(self.writer.paper, capture)
        request.meta["capture"] = capture
        del request.meta["uncaptured"]
        if CUT in response.flags:
            response.headers.pop("Content-Encoding", None)

    def _write(self, response: Response, request: Request, archive: Archive) -> Capture:
        source: Capture | None = request.meta.get("renders")
        if source is not None:
            return self.writer.convert(source, response.body)
        met = exchange(request, response, self._clock)
        return self.writer.write(met, self._known_picture(archive) if met.kind == "image" else archive.known_payload)

    def _known_picture(self, archive: Archive) -> Known:
        """Return what knows a picture by its bytes, at whichever address of the paper it was captured first."""

        def known(url: str, digest: str) -> datetime | tuple[str, datetime] | None:
            return archive.known_payload(url, digest) or archive.known_picture(self.writer.paper, digest)

        return known

    def _stop(self, error: OSError) -> None:
        logger.error("%s: %s", self.writer.paper, error)
        if self._crawler.stats:
            self._crawler.stats.set_value("archive/error", str(error))
        if self._crawler.engine:
            deferred_from_coro(self._crawler.engine.close_spider_async(reason=UNWRITABLE))

    def item_scraped(self, item: Visit) -> None:
        """Write what an answer was judged to be after it, so that the WARC file alone tells it."""
        capture, article = item.capture, item.article
        if capture is None or not capture.record_id:
            return
        facts = {"outcome": item.outcome, "reason": item.reason, "uid": article.uid if article else None}
        told = {name: value for name, value in facts.items() if value}
        try:
            self.writer.note(capture, told | {"extractor": self._crawler.settings["EXTRACTOR"]})
        except OSError as error:
            self._stop(error)

    def spider_closed(self) -> None:
        """Close the WARC file (the stages have committed by now)."""
        self.writer.close()

    def _archive(self) -> Archive:
        """Return the archive of this crawl's Store stage, which syncs our bytes before it commits."""
        if self._sink is None:
            self._sink = archive_of(self._crawler)
            self._sink.before_commit.append(self.writer.sync)
        return self._sink


class Replay:
    """Answers a request that carries ``meta["replay"]`` with that capture's bytes; see ``network`` for others.

    In a live crawl (``network``) it answers for what a killed crawl had captured and not judged, and
    lets the rest pass. ``find`` gives file and offset of a whole response by payload digest: the body of a revisit.
    """

    def __init__(self, warc_dir: Path, find: Callable[[str], tuple[str, int] | None], *, network: bool = False) -> None:
        self._warc_dir = warc_dir
        self._find = find
        self._network = network

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Replay:
        """Read WARC_DIR; revisits are looked up in the archive of the crawl's Store stage."""
        return cls(
            Path(crawler.settings["WARC_DIR"]),
            lambda digest: archive_of(crawler).response_with(digest),
            network=not crawler.settings.getbool("REPLAY_ONLY"),
        )

    def process_request(self, request: Request) -> Response | None:
        """Answer as the newspaper did, still content-encoded; without ``network`` nothing else is answered.

        Raises IgnoreRequest for a request that has no capture or follows a redirect (each hop is a
        capture of its own), RecordError where the bytes are not there any more.
        """
        capture: Capture | None = request.meta.get("replay")
        if capture is None and self._network:
            return None
        if capture is None or "redirect_urls" in request.meta:
            raise IgnoreRequest(f"{request.url}: not fetched, a replay answers from WARC files only")
        request.meta["capture"] = capture
        request.meta["dont_retry"] = True
        return self._response(request.url, capture)

    def _response(self, url: str, capture: Capture) -> Response:
        body = self._body(capture)
        headers = Headers()
        decoded = capture.truncated or not codings_of(capture.headers, body)
        for name, value in capture.headers:
            if not (decoded and name.lower() == "content-encoding"):
                headers.appendlist(name, value)
        flags = [FLAGS.get(capture.truncated, CUT)] if capture.truncated else []
        kind = responsetypes.from_args(headers=headers, url=url, body=body)
        return kind(url=url, status=capture.status, headers=headers, body=body, flags=flags)

    def _body(self, capture: Capture) -> bytes:
        place: tuple[str, int] | None = (capture.warc_file, capture.warc_offset)
        if capture.record == "revisit":
            if capture.status == 304:
                return b""
            place = self._find(capture.payload_digest)
        if place is None:
            raise RecordError(
                f"{capture.url}: expected the response that {capture.warc_file}, offset "
                f"{capture.warc_offset} refers to, found none with {capture.payload_digest}; "
                "replay the earlier WARC files first"
            )
        return read_record(self._warc_dir, *place).payload


def archive_of(crawler: Crawler) -> Archive:
    """Return the archive of a crawl's Store stage."""
    store: Any = crawler.get_item_pipeline(load_object("pipelines.stages.Store"))
    archive: Archive = store.archive
    return archive


def exchange(request: Request, response: Response, clock: Clock) -> Exchange:
    """Return what went over the wire, as Scrapy shows it before any middleware changed it."""
    kind: Kind | None = "robots" if urlsplit(request.url).path == "/robots.txt" else request.meta.get("kind")
    return Exchange(
        url=request.url,
        status=response.status,
        reason=responses.get(response.status, ""),
        response_headers=_pairs(response.headers),
        body=response.body,
        method=request.method,
        request_headers=_pairs(request.headers),
        request_body=request.body,
        fetched_at=clock.now(),
        ip=str(response.ip_address) if response.ip_address else None,
        kind=kind,
        via=request.meta.get("via"),
        backfill=request.meta.get("backfill"),
        unchanged_since=request.meta.get("unchanged_since"),
        truncated=next((CUT_REASONS[flag] for flag in response.flags if flag in CUT_REASONS), None),
    )


def run_info(crawler: Crawler) -> dict[str, str]:
    """Return the lines a run adds to its ``warcinfo``: how it behaves and what it knows of the paper.

    The spider class says the latter in ``warc_info``, a mapping of one-line strings.
    """
    settings = crawler.settings
    own: dict[str, Any] = getattr(crawler.spidercls, "warc_info", {})
    robots = "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore"
    return {"robots": robots, "http-header-user-agent": str(settings["USER_AGENT"]), **own}


def _codings(response: Response) -> tuple[str, ...]:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _pairs(response.headers)]
    return codings_of(headers, response.body)


def _pairs(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    return ((name, value) for name in headers for value in headers.getlist(name))
