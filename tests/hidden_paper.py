"""A made-up newspaper on loopback whose scripts write its texts, and an advertiser beside it; both keep a log."""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CODED, BUILT = "/cho-phien-ban-may-hop-som-100001.html", "/hop-tac-xa-det-lanh-vao-vu-100002.html"
DATA = "/api/bai/100002.json"
CODED_TEXT = (
    "Chợ phiên Bản Mây họp từ lúc sương còn che kín lối xuống bến, người gùi măng, người dắt ngựa thồ.",
    "Năm nay dãy lán phía tây lợp lại mái cọ, bà con xếp hàng theo bản nên lối đi rộng hơn hẳn mọi năm.",
    "Ông Lò Văn Tấm, trưởng bản, kể rằng phiên chợ đầu tiên sau mùa lũ bán được hơn hai trăm gùi cam.",
    "Tan chợ vào giữa trưa, tiếng khèn còn vọng lại từ con dốc dẫn về phía rừng vầu.",
)
BUILT_TEXT = (
    "Hợp tác xã dệt lanh Nậm Khòa bắt đầu vụ mới bằng buổi phơi sợi trên bãi đá cạnh suối.",
    "Hai mươi bảy khung cửi được căng lại, mỗi khung dệt chừng bốn mét vải trong một ngày nắng.",
    "Chị Vàng Thị Pà cho biết đơn hàng khăn nhuộm chàm đã kín đến hết tháng ba sang năm.",
    "Xưởng nhuộm dùng nước suối và lá chàm trồng ở sườn đồi phía sau nhà văn hóa thôn.",
)
TITLES = {CODED: "Chợ phiên Bản Mây họp sớm", BUILT: "Hợp tác xã dệt lanh vào vụ"}
TAG = '"vo-trang"'
TURNER = 'const turned = text => text.trim().split("").reverse().join("");'
DECODER = """
const coded = atob(turned(document.getElementById("blob").textContent));
const bytes = Uint8Array.from(coded, c => c.charCodeAt(0));
document.querySelector(".article-content").innerHTML = new TextDecoder().decode(bytes);
"""
BUILDER = """
fetch("/api/bai/100002.json").then(r => r.json()).then(story => {
  document.getElementById("root").innerHTML =
    `<article><h1>${story.title}</h1><div class="article-content">${story.body}</div></article>`;
});
"""
NOSY = """
<img src="{ads}/banner.png"><script src="{ads}/ads.js"></script><iframe src="/khung.html"></iframe>
<link rel="stylesheet" href="/kieu.css"><img src="/anh.jpg">
<script>
fetch("/cam/dem?bai=1").catch(() => 0); fetch("{ads}/dem.json").catch(() => 0); navigator.sendBeacon("/xem");
fetch("/xem", {{method: "POST", body: "1"}}).catch(() => 0);
new WebSocket("{ads}/ws".replace("http", "ws"));
</script>
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One request; ``began`` and ``ended`` are seconds of the monotonic clock, the answer lies between."""

    method: str
    path: str
    agent: str
    began: float
    ended: float


@dataclass
class Host:
    """A site being served: its pages by path, those that answer 429 ("too many requests"), and who asked for what.

    A page is "not modified" to whoever asks that way: its shell never changes, unless ``tag`` does.
    ``missing`` is the page at all other addresses.
    """

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    log: list[Hit] = field(default_factory=list)
    port: int = 0
    missing: str = "nothing here"
    tag: str = TAG

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        return [hit.path for hit in self.log]


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def pages(ads: str) -> dict[str, tuple[str, str]]:
    """Return the newspaper's pages: path to content type and text."""
    html, script = "text/html; charset=utf-8", "text/javascript; charset=utf-8"
    text = paragraphs(CODED_TEXT).encode()
    blob = base64.b64encode(text + b" " * (-len(text) % 3)).decode()[::-1]
    links = "".join(f'<h3><a href="{path}">{title}</a></h3>' for path, title in TITLES.items())
    coded = (
        f'<div class="article-content"></div><script type="text/plain" id="blob">{blob}</script>'
        f'<script src="/giai-ma.js"></script><script>{DECODER}</script>{NOSY.format(ads=ads)}'
    )
    return {
        "/": (html, f"<html><body><h1>Báo Bản Mây</h1>{links}</body></html>"),
        "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /cam/\n"),
        CODED: (html, _page(CODED, f"<h1>{TITLES[CODED]}</h1>{coded}")),
        BUILT: (html, _page(BUILT, '<div id="root"></div><script src="/dung-trang.js"></script>')),
        "/giai-ma.js": (script, TURNER),
        "/dung-trang.js": (script, BUILDER),
        DATA: story(BUILT_TEXT),
    }


def story(texts: tuple[str, ...]) -> tuple[str, str]:
    """Return the data that the built page is made of."""
    return "application/json", json.dumps({"title": TITLES[BUILT], "body": paragraphs(texts)})


def _page(path: str, body: str) -> str:
    return (
        f'<html><head><title>{TITLES[path]}</title><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{TITLES[path]}">'
        '<meta property="article:published_time" content="2026-11-20T08:30:00+07:00"></head>'
        f"<body>{body}</body></html>"
    )


@contextmanager
def served() -> Iterator[tuple[Host, Host]]:
    """Serve the newspaper and the advertiser on free ports."""
    paper, ads = Host(), Host()
    with _serving(ads), _serving(paper):
        paper.pages = pages(ads.base)
        yield paper, ads


def _answer(host: Host, path: str, *, unchanged: bool) -> tuple[int, str, bytes]:
    if path in host.busy:
        return 429, "text/plain", b""
    if path not in host.pages:
        return 404, "text/html", host.missing.encode()
    kind, text = host.pages[path]
    return (304, kind, b"") if unchanged and kind.startswith("text/html") else (200, kind, text.encode())


@contextmanager
def _serving(host: Host) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            began, agent = time.monotonic(), self.headers.get("User-Agent", "")
            status, kind, body = _answer(host, self.path, unchanged=self.headers.get("If-None-Match") == host.tag)
            time.sleep(0.02)
            host.log.append(Hit(self.command, self.path, agent, began, time.monotonic()))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", host.tag)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
