"""A crawl captures every exchange as it came, and a replay of the files gives the spider the same, offline."""

from __future__ import annotations

import gzip
import hashlib
import multiprocessing
import pickle
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

from crawler.warc import Capturing, Replay
from crawler.warc_reading import index
from pipelines.items import Capture
from pipelines.records import read_record
from pipelines.stages import Store

pytestmark = pytest.mark.slow
HTML = ("<html><body>" + "<p>Chợ phiên vùng cao họp từ lúc sương chưa tan.</p>" * 200 + "</body></html>").encode()
PACKED = gzip.compress(HTML, mtime=0)
MOST = 50_000
AS_IS = {"handle_httpstatus_all": True, "dont_redirect": True}
Seen = tuple[str, int, bytes, list[str], Capture | None]


class Newspaper(BaseHTTPRequestHandler):
    """Serves what a newspaper may: packed pages, redirects, errors, pages too long, announced or not."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.strip("/")
        headers: dict[str, str] = {"Content-Type": "text/html; charset=utf-8"}
        status, body = {
            "robots.txt": (200, b"User-agent: *\nDisallow: /kin\n"),
            "moved": (302, b""),
            "gone": (410, HTML),
            "long": (200, bytes(MOST + 1)),
            "endless": (200, bytes(5 * MOST)),
        }.get(name, (200, PACKED))
        if body is PACKED:
            headers["Content-Encoding"] = "gzip"
        if status == 302:
            headers["Location"] = "/page"
        if self.headers.get("If-None-Match"):
            status, body = 304, b""
        if name == "endless":
            headers["Transfer-Encoding"] = "chunked"
            body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:30_000], body[30_000:])) + b"0\r\n\r\n"
        else:
            headers["Content-Length"] = str(len(body))
        self.send_response(status)
        for header in headers.items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


class Memory:
    """Stands in for the archive."""

    def __init__(self, captures: list[Capture]) -> None:
        self.before_commit: list[Any] = []
        self.captures = captures

    def record(self, _paper: str, capture: Capture) -> None:
        self.captures.append(capture)

    def known_payload(self, url: str, digest: str) -> datetime | None:
        known = (c for c in self.captures if (c.url, c.payload_digest, c.record) == (url, digest, "response"))
        return next((c.fetched_at for c in known), None)

    def response_with(self, digest: str) -> tuple[str, int] | None:
        held = (c for c in self.captures if (c.payload_digest, c.record) == (digest, "response"))
        return next(((c.warc_file, c.warc_offset) for c in held), None)


class MemoryStore(Store):
    """The stage that holds the archive, without a database."""

    def __init__(self, archive: Any) -> None:
        self.archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MemoryStore:
        assert isinstance(crawler.spider, Reader)
        return cls(crawler.spider.memory)

    def open_spider(self) -> None:
        """Start no timer."""

    def close_spider(self) -> None:
        """Commit nothing."""


class Reader(Spider):
    """Asks for the requests it is given and keeps what it sees."""

    name = "baothu"

    def __init__(self, asked: list[tuple[str, dict[str, Any]]], seen: list[Seen], memory: Memory) -> None:
        super().__init__()
        self.asked = asked
        self.seen = seen
        self.memory = memory

    async def start(self) -> AsyncIterator[Any]:
        for url, meta in self.asked:
            headers = {"If-None-Match": '"1"'} if "unchanged" in url else None
            yield Request(
                url,
                self.parse,
                errback=self.failed,
                headers=headers,
                dont_filter=True,
                meta={"handle_httpstatus_list": [304, 410], **meta},
            )

    def parse(self, response: Response, **_: Any) -> None:
        flags = [flag for flag in response.flags if flag == "download_stopped"]
        flags += [key for key in response.meta if key == "uncaptured"]
        self.seen.append((response.url, response.status, response.body, flags, response.meta.get("capture")))

    def failed(self, failure: Any) -> None:
        request: Request = failure.request
        self.seen.append((request.url, 0, str(failure.value).encode(), [], request.meta.get("capture")))


def crawl(out: Path, warc_dir: Path, asked: list[tuple[str, dict[str, Any]]], captures: list[Capture]) -> None:
    """Run one crawl, capturing without ``captures``, replaying with them, and leave what the spider saw."""
    memory, seen = Memory(list(captures)), list[Seen]()
    ends = {"DOWNLOADER_MIDDLEWARES": {Replay: 10}, "REPLAY_ONLY": True} if captures else {"EXTENSIONS": {Capturing: 0}}
    process = AsyncCrawlerProcess(
        {
            "WARC_DIR": str(warc_dir),
            "ITEM_PIPELINES": {MemoryStore: 1},
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_MAXSIZE": MOST,
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "CONCURRENT_REQUESTS": 1,
            "DOWNLOAD_DELAY": 0,
            "RETRY_ENABLED": False,
            "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip, deflate"},
            **ends,
        }
    )
    crawler = process.create_crawler(Reader)
    process.crawl(crawler, asked=asked, seen=seen, memory=memory)
    process.start()
    assert crawler.stats is not None
    reason, error = crawler.stats.get_value("finish_reason"), crawler.stats.get_value("archive/error")
    out.write_bytes(pickle.dumps((seen, memory.captures, len(memory.before_commit), reason, error)))


def apart(tmp_path: Path, asked: list[tuple[str, dict[str, Any]]], captures: list[Capture]) -> tuple[Any, ...]:
    """Run `crawl` in a process of its own, for a reactor runs once."""
    out = tmp_path / "seen"
    child = multiprocessing.get_context("spawn").Process(target=crawl, args=(out, tmp_path / "warc", asked, captures))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    found: tuple[Any, ...] = pickle.loads(out.read_bytes())
    return found


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Newspaper) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_crawl_is_captured_as_it_came_and_replayed_to_the_same(tmp_path: Path, site: str) -> None:
    names = ["page", "moved", "gone", "long", "endless", "unchanged", "kin/page", "page"]
    asked = [(f"{site}/{name}", {"kind": "article", "via": f"{site}/rss"}) for name in names]
    seen, captures, syncs, *_ = apart(tmp_path, asked, [])
    by_name = {url.removeprefix(site + "/"): tuple(rest) for url, *rest in seen}
    assert syncs == 1
    assert [c.url.removeprefix(site + "/") for c in captures] == [
        "robots.txt",
        "page",
        "moved",
        "page",
        "gone",
        "long",
        "endless",
        "unchanged",
        "page",
    ]
    robots, first, moved, again = captures[:4]
    assert (robots.kind, first.kind, first.via) == ("robots", "article", f"{site}/rss")
    assert first.payload_digest == f"sha256:{hashlib.sha256(PACKED).hexdigest()}"
    assert (moved.status, again.record, again.payload_digest) == (302, "revisit", first.payload_digest)
    assert read_record(tmp_path / "warc", first.warc_file, first.warc_offset).payload == PACKED
    assert by_name["page"][1] == HTML
    assert by_name["gone"][:2] == (410, HTML)
    assert by_name["kin/page"][0] == 0
    assert by_name["kin/page"][3] is None
    for name, least in (("long", 0), ("endless", MOST)):
        status, body, flags, capture = by_name[name]
        assert (status, flags, capture.truncated, len(body) >= least) == (200, ["download_stopped"], "length", True)
        assert read_record(tmp_path / "warc", capture.warc_file, capture.warc_offset).payload == body
    (path,) = (tmp_path / "warc").glob("*/*.warc.gz")
    assert list(index(path, captures[0].warc_file)) == captures
    _check_replay(tmp_path, site, seen, captures)


def _check_replay(tmp_path: Path, site: str, seen: list[Seen], captures: list[Capture]) -> None:
    replayed, *_ = apart(
        tmp_path, [(c.url, {"replay": c, **AS_IS}) for c in captures] + [(f"{site}/other", {})], captures
    )
    live = {c: (url, status, body, flags) for url, status, body, flags, c in seen if c}
    again_seen = {c: (url, status, body, flags) for url, status, body, flags, c in replayed if c}
    assert len(live) == 7
    assert {c: again_seen[c] for c in live} == live
    assert [c for *_, c in replayed[:-1]] == captures
    assert replayed[-1][:2] == (f"{site}/other", 0)
    assert b"WARC files only" in replayed[-1][2]


def test_a_crawl_that_cannot_write_ends_and_says_so(tmp_path: Path, site: str) -> None:
    (tmp_path / "warc").write_bytes(b"a file where the folder should be")
    seen, captures, _, reason, error = apart(tmp_path, [(f"{site}/page", {})] * 3, [])
    assert (captures, reason) == ([], "warc-unwritable")
    assert "correct WARC_DIR" in error
    assert all(capture is None for *_, capture in seen)
    assert all("uncaptured" in flags for _, status, _, flags, _ in seen if status)
