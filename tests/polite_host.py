"""Hosts of made-up papers with pictures, which keep who asked for what when, and answer as badly as they are told."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from threading import Thread
from typing import TYPE_CHECKING

from tests.crawling import Desk
from tests.moving_paper import page, title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HTML = {"Content-Type": "text/html; charset=utf-8"}
PIXEL = b"\x89PNG\r\n\x1a\n" + b"0" * 64
ENTRY = """
[{name}]
title = "Báo {name} (báo mẫu)"
province = "Lào Cai"
hosts = ["127.0.0.1:{port}"]
feeds = ["http://127.0.0.1:{port}/rss"]
sitemaps = ["http://127.0.0.1:{port}/sitemap.xml"]
article = ['-(?P<id>\\d{{3}})\\.htm$']
images = "20 MB"
"""


@dataclass(slots=True)
class Asked:
    """One request: seconds of the monotonic clock from when it came to when the last of its answer was written."""

    path: str
    agent: str
    began: float
    ended: float = inf


@dataclass
class Host:
    """One host: what stands at its paths, what it says to everybody instead, and who asked."""

    port: int
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    instead: tuple[int, dict[str, str], bytes] | None = None
    silent: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    """Paths whose answers take 20 ms."""
    log: list[Asked] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.log]

    def robots(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Stand a robots.txt."""
        self.pages["/robots.txt"] = (status, {"Content-Type": "text/plain", **headers}, body)

    def prints(self, stories: int, pictures: list[str]) -> None:
        """Stand so many stories, the pictures spread over them, and a front page that lists them."""
        links = "".join(f'<h3><a href="/bai/{n}-10{n}.htm">{title(n)}</a></h3>' for n in range(stories))
        self.pages["/"] = (200, HTML, f"<html><body><h1>Trang nhất</h1>{links}</body></html>".encode())
        for n in range(stories):
            figures = "".join(f'<figure><img src="{url}"></figure>' for url in pictures[n::stories])
            text = page(n, f"{self.base}/bai/{n}-10{n}.htm")
            text = text.replace("</div></article>", f"{figures}</div></article>")
            self.pages[f"/bai/{n}-10{n}.htm"] = (200, HTML, text.encode())


@dataclass
class PoliteDesk(Desk):
    """A desk with papers of these hosts, named a, b, c."""

    hosts: list[Host] = field(default_factory=list)

    def papers(self) -> Path:
        file = self.folder / "papers.toml"
        entries = (ENTRY.format(name=name, port=host.port) for name, host in zip("abc", self.hosts, strict=False))
        file.write_text("".join(entries), encoding="utf-8")
        return file


@contextmanager
def hosts(number: int = 1) -> Iterator[list[Host]]:
    """Serve so many hosts on free ports of loopback."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(number)]
    made = [Host(server.server_port) for server in servers]
    for server, host in zip(servers, made, strict=True):
        server.host = host  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers with what stands at a path, or 404."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host: Host = self.server.host  # type: ignore[attr-defined]
        asked = Asked(self.path, self.headers.get("User-Agent", ""), time.monotonic())
        host.log.append(asked)
        try:
            self._answer(host)
        finally:
            asked.ended = time.monotonic()

    def _answer(self, host: Host) -> None:
        time.sleep(0.02 if self.path in host.slow else 0)
        nothing = (404, HTML, b"")
        status, headers, body = host.instead or host.pages.get(self.path, nothing)
        if self.path in host.silent:
            time.sleep(1.5)
            return
        self.close_connection = self.close_connection or "Content-Length" in headers
        self.send_response(status)
        for header in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""
