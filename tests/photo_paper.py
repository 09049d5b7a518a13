"""A made-up paper with photographs, on a host of its own and on one for pictures; both keep what they were asked."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep
from typing import TYPE_CHECKING

from tests.moving_paper import PLACES, page, title

if TYPE_CHECKING:
    from collections.abc import Iterator

Answer = tuple[int, dict[str, str], bytes]
PHOTOGRAPH = {"Content-Type": "image/png"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def png(seed: int, side: int = 24) -> bytes:
    """Return a picture of coloured noise, another for each seed; noise does not pack."""
    noise, state = bytearray(), seed * 7919 + 1
    for _ in range(side):
        noise.append(0)
        for _ in range(side * 3):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            noise.append(state >> 16 & 0xFF)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(noise))), (b"IEND", b""))
    packed = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@dataclass
class Host:
    """One host: what stands at its paths, what was asked of it, and how many requests it had at once."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prints(self, stories: dict[int, list[str]], **edits: str) -> None:
        """Stand stories with their pictures' addresses at their paths, and a front page that lists them."""
        links = "".join(f'<h3><a href="/bai/{n}-10{n}.htm">{title(n)}</a></h3>' for n in stories)
        self.pages["/"] = (200, HTML, f"<html><body><h1>Trang nhất</h1>{links}</body></html>".encode())
        for n, pictures in stories.items():
            path = f"/bai/{n}-10{n}.htm"
            text = page(n, self.base + path, edits.get(f"story{n}", ""))
            figures = "".join(figure(n, url) for url in pictures)
            self.pages[path] = (200, HTML, text.replace("</div></article>", f"{figures}</div></article>").encode())

    def shows(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Stand a picture at a path and return its address."""
        self.pages[path] = (status, PHOTOGRAPH | {name.replace("_", "-"): v for name, v in headers.items()}, body)
        return self.base + path

    def asked(self, ending: str = ".png") -> list[str]:
        return [path for path in self.log if path.endswith(ending)]


def figure(n: int, url: str) -> str:
    caption = f"Bà con cùng sửa {PLACES[n]}. Ảnh: Người Chụp"
    return f'<figure><img src="{url}"><figcaption>{caption}</figcaption></figure>'


@contextmanager
def hosts(number: int = 2) -> Iterator[list[Host]]:
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
    """Answers with what stands at a path, or 404; a request is open until the first byte of its answer leaves.

    Counted off later, the next request may be here before the thread of an answer without body has counted it off.
    """

    def do_GET(self) -> None:
        host: Host = self.server.host  # type: ignore[attr-defined]
        with host.lock:
            host.log.append(self.path)
            host.open += 1
            host.most_open = max(host.most_open, host.open)
        status, headers, body = host.pages.get(self.path, (404, HTML, b""))
        self.send_response(status)
        for header in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(*header)
        sleep(0.02)
        with host.lock:
            host.open -= 1
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""
