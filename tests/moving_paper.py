"""Two hosts of a made-up paper that moves from one to the other, with its articles' addresses of before and after."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = ("bến đò", "chợ phiên", "cầu treo", "trạm bơm", "lớp học", "vườn ươm")
HEADERS = {"Content-Type": "text/html; charset=utf-8"}
EDIT = "Cập nhật: công việc đã xong sớm hơn dự định hai ngày."


@dataclass
class Host:
    """One host: what stands at its paths (a page, or where it leads with status), and what was asked of it."""

    port: int
    pages: dict[str, str | tuple[int, str]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prints(self, stories: dict[int, str], **edits: str) -> None:
        """Stand the stories at their paths, and a front page that lists them."""
        links = "".join(f'<h3><a href="{path}">{title(n)}</a></h3>' for n, path in stories.items())
        self.pages = {"/": f"<html><body><h1>Trang nhất</h1>{links}</body></html>"}
        for n, path in stories.items():
            self.pages[path] = page(n, self.base + path, edits.get(f"story{n}", ""))

    def leads(self, pages: dict[str, tuple[int, str]]) -> None:
        """Stand redirects and nothing else."""
        self.pages = dict(pages)


def title(n: int) -> str:
    return f"Bà con xã Bản Mây sửa lại {PLACES[n]} trước mùa mưa lũ"


def page(n: int, url: str, edit: str = "") -> str:
    what = PLACES[n]
    lines = [
        f"Sáng nay hơn {20 + n} hộ dân xã Bản Mây cùng nhau sửa lại {what} đã hỏng từ mùa mưa năm trước.",
        f"Ông trưởng bản cho biết vật liệu làm {what} do bà con góp, còn công thợ thì mỗi nhà một người.",
        f"Dự kiến {what} sẽ dùng được trước rằm, kịp cho chuyến hàng đầu tiên của vụ thu hoạch này.",
        *([edit] if edit else []),
    ]
    body = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<html lang="vi"><head><title>{title(n)}</title><link rel="canonical" href="{url}">'
        f'<meta property="article:published_time" content="2026-11-20T0{n}:30:00+07:00"></head>'
        f'<body><article><h1>{title(n)}</h1><div class="content">{body}</div></article></body></html>'
    )


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
    """Answers with the page of a path, its redirect, or 404."""

    def do_GET(self) -> None:
        host: Host = self.server.host  # type: ignore[attr-defined]
        host.log.append(self.path)
        found = host.pages.get(self.path, (404, ""))
        status, body = (200, found.encode()) if isinstance(found, str) else (found[0], b"")
        self.send_response(status)
        for header in {**HEADERS, "Content-Length": str(len(body))}.items():
            self.send_header(*header)
        if not isinstance(found, str) and found[1]:
            self.send_header("Location", found[1])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""
