"""Serves the made-up newspapers on loopback, one port each, and keeps a log of who asked for what when."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.demo.edition import Reply
from tests.demo.faults import Fault, Trouble
from tests.demo.sites import answer
from tests.demo.stories import Newspaper, newspapers

LOOPBACK = "127.0.0.1"
PATIENCE = 600
"""Seconds a silent address holds a connection if nobody hangs up."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it came and the status it got (0: never answered).

    ``began`` and ``ended`` are seconds of the monotonic clock: headers read, answer about to leave.
    """

    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    began: float
    ended: float
    connection: int

    def header(self, name: str) -> str | None:
        """Return the value of a request header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Site:
    """One newspaper being served.

    ``day`` may be set at any time; ``faults`` maps a target (path and query) to what goes wrong
    there; ``log`` holds the exchanges in the order of their answers: who has an answer finds it there.
    """

    def __init__(self, paper: Newspaper, port: int) -> None:
        self.paper = paper
        self.port = port
        self.day = 0
        self.faults: dict[str, Fault] = {}
        self.log: list[Exchange] = []
        self.closing = threading.Event()

    @property
    def host(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    def trouble(self, target: str) -> Trouble:
        """Return the answer to ``target`` today, with what goes wrong there."""
        reply = answer(self.paper, self.day, self.base, target)
        fault = self.faults.get(target)
        return fault(reply) if fault else Trouble(reply)


class Sites(Mapping[str, Site]):
    """The sites by name of paper; ``day`` sets the day of all."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = {site.paper.name: site for site in sites}

    def __getitem__(self, name: str) -> Site:
        return self._sites[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(site.port for site in self.values())

    @property
    def day(self) -> int:
        return max(site.day for site in self.values())

    @day.setter
    def day(self, day: int) -> None:
        for site in self.values():
            site.day = day


class Handler(BaseHTTPRequestHandler):
    """Answers one connection, request after request."""

    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        began = time.monotonic()
        trouble = self.server.site.trouble(self.path)
        if trouble.silent:
            self._log(0, began)
            self.server.site.closing.wait(PATIENCE)
            self.close_connection = True
            return
        self.server.site.closing.wait(trouble.delay)
        if trouble.raw is None:
            self._send(trouble, began)
        else:
            self._log(0, began)
            self.wfile.write(trouble.raw)
            self.close_connection = True

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
        """Say nothing on stderr; the site keeps its own log."""

    def _log(self, status: int, began: float) -> None:
        headers = tuple(self.headers.items())
        exchange = Exchange(self.command, self.path, status, headers, began, time.monotonic(), self.client_address[1])
        self.server.site.log.append(exchange)

    def _send(self, trouble: Trouble, began: float) -> None:
        reply = trouble.reply
        unchanged = reply.validators and self._knows(reply)
        zipped = reply.compress and "gzip" in self.headers.get("Accept-Encoding", "")
        body = b"" if unchanged else gzip.compress(reply.body, mtime=0) if zipped else reply.body
        status = 304 if unchanged else reply.status
        self.send_response(status)
        for name, value in (*_headers(reply, zipped=zipped), *reply.headers):
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Length", str(len(body)))
        self._log(status, began)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body if trouble.cut_at is None else body[: trouble.cut_at])
        self.close_connection = self.close_connection or trouble.cut_at is not None
        if trouble.reset:
            self.wfile.flush()
            time.sleep(0.05)  # or what was sent is dropped with the connection
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _knows(self, reply: Reply) -> bool:
        if tag := self.headers.get("If-None-Match"):
            return tag.removeprefix("W/") == reply.etag
        since = self.headers.get("If-Modified-Since")
        return bool(since and reply.modified and parsedate_to_datetime(since) >= reply.modified.replace(microsecond=0))


class Server(ThreadingHTTPServer):
    """One site's listening socket; on closing it hangs up on whoever is still connected."""

    daemon_threads = False

    def __init__(self, paper: Newspaper, port: int) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), Handler)
        self.site = Site(paper, self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client hangs up first; crawlers that are killed do."""

    def close(self) -> None:
        """Stop listening, hang up on every client and wait for their threads."""
        self.site.closing.set()
        self.shutdown()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self.server_close()


@contextmanager
def serve(papers: Sequence[Newspaper] | None = None, ports: Sequence[int] | None = None) -> Iterator[Sites]:
    """Serve ``papers`` (the three) on ``ports`` (free ones) until the block ends.

    Raises OSError when a port is taken.
    """
    papers = newspapers() if papers is None else papers
    with ExitStack() as stack:
        servers = []
        for paper, port in zip(papers, ports or [0] * len(papers), strict=True):
            server = Server(paper, port)
            stack.callback(server.server_close)
            servers.append(server)
        for server in servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            stack.callback(server.close)
        yield Sites([server.site for server in servers])


def _headers(reply: Reply, *, zipped: bool) -> Iterator[tuple[str, str]]:
    yield "Content-Type", reply.content_type
    if reply.validators:
        yield "ETag", reply.etag
    if reply.validators and reply.modified:
        yield "Last-Modified", format_datetime(reply.modified.astimezone(UTC), usegmt=True)
    if zipped:
        yield "Content-Encoding", "gzip"
    if reply.compress:
        yield "Vary", "Accept-Encoding"
