"""A made-up newspaper of ten years and 3,000 articles, on loopback, with the listings that a test chooses.

``doors``: ``sitemaps`` (by month, besides sections), ``dated`` (section pages that print days),
``numbered`` (section pages that print none: only the articles' numbers grow with time) or ``changes`` (one
sitemap of all, which says when they were last changed, and no sections).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = 3000
FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
SITEMAPS = ("sitemaps", "changes")
SECTIONS = ("thoi-su", "van-hoa")
A_PAGE = 40
VOCABULARY = "bến đò sông làng chợ thuyền lúa mưa nắng cầu đường xã huyện tỉnh mới đồng ruộng vườn cây quả"
SYLLABLES = VOCABULARY.split()


@dataclass(frozen=True, slots=True)
class Printed:
    """One article: its newsroom's number, its day and its section."""

    number: int
    day: date
    section: str

    @property
    def path(self) -> str:
        return f"/{self.section}/bai-bao-{self.number}.html"


@dataclass
class Years:
    """The newspaper being served; ``log`` is who was asked for, ``edited`` articles say so in the sitemap."""

    doors: str
    log: list[str] = field(default_factory=list)
    port: int = 0
    robots: str = ""

    @cached_property
    def printed(self) -> tuple[Printed, ...]:
        """The articles, newest first. Numbers leap, and neighbours of them may change places in time."""
        chance, number, made = Random(7), 100_000, []
        days = (LAST - FIRST).days + 1
        for n in range(ARTICLES):
            number += chance.randint(1, 9)
            made.append((number, FIRST + timedelta(days=n * days // ARTICLES)))
        for n in range(0, ARTICLES - 1, 7):
            (one, early), (two, late) = made[n], made[n + 1]
            made[n], made[n + 1] = (one, late), (two, early)
        printed = [Printed(number, day, chance.choice(SECTIONS)) for number, day in made]
        return tuple(sorted(printed, key=lambda p: (p.day, p.number), reverse=True))

    @cached_property
    def at(self) -> dict[str, Printed]:
        """The articles by path."""
        return {article.path: article for article in self.printed}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def entry(self) -> str:
        """The paper's table of papers.toml."""
        sections = ", ".join(f'"{self.base}/{name}"' for name in SECTIONS)
        sitemaps = f'sitemaps = ["{self.base}/sitemap.xml"]\n' if self.doors in SITEMAPS else ""
        sections = "" if self.doors == "changes" else sections
        return (
            '[muoinam]\ntitle = "Báo Mười Năm (báo mẫu)"\nprovince = "Nghệ An"\n'
            f'hosts = ["127.0.0.1:{self.port}"]\nsections = [{sections}]\n{sitemaps}'
            "article = ['-(?P<id>\\d{6})\\.html$']\n"
        )

    def of_year(self, year: int) -> set[str]:
        return {article.path for article in self.printed if article.day.year == year}

    def asked_articles(self) -> list[str]:
        """Return the articles that were asked for, in order, as often as they were."""
        return [path for path in self.log if path in self.at]

    def answer(self, target: str) -> tuple[str, str] | None:
        """Return content type and text of an address, None where nothing is."""
        path, _, query = target.partition("?")
        if path == "/robots.txt" and self.robots:
            return "text/plain", self.robots
        if article := self.at.get(path):
            return "text/html; charset=utf-8", page_of(article)
        if path.endswith(".xml") and self.doors in SITEMAPS:
            return "application/xml", self._sitemap(path)
        name, number = path.strip("/"), int(query.removeprefix("page=") or 1)
        if name in ("", *SECTIONS):
            return "text/html; charset=utf-8", self._section(name, number)
        return None

    def _section(self, name: str, number: int) -> str:
        """A page of a section (of all, the front page), with the latest articles beside it, as newspapers have it."""
        shown = [article for article in self.printed if not name or article.section == name]
        entries = "".join(map(self._listed, shown[(number - 1) * A_PAGE : number * A_PAGE]))
        latest = "".join(f'<li><a href="{a.path}">Bài {a.number}</a></li>' for a in self.printed[:5])
        more = number * A_PAGE < len(shown) and name
        after = f'<a rel="next" href="/{name}?page={number + 1}">Trang sau</a>' if more else ""
        return f"<html><body><main>{entries}</main>{after}<aside><ul>{latest}</ul></aside></body></html>"

    def _listed(self, article: Printed) -> str:
        day = f'<span class="date">{article.day:%d/%m/%Y}</span>' if self.doors == "dated" else ""
        return f'<article><h3><a href="{article.path}">Bài {article.number} trong ngày</a></h3>{day}</article>'

    def _sitemap(self, path: str) -> str:
        if path == "/sitemap.xml" and self.doors == "sitemaps":
            months = sorted({f"{article.day:%Y-%m}" for article in self.printed}, reverse=True)
            children = "".join(f"<sitemap><loc>{self.base}/sitemap-{m}.xml</loc></sitemap>" for m in months)
            return f"<sitemapindex>{children}</sitemapindex>"
        month = path.removeprefix("/sitemap-").removesuffix(".xml")
        urls = "".join(
            f"<url><loc>{self.base}{a.path}</loc><lastmod>{self._changed(a)}</lastmod></url>"
            for a in self.printed
            if self.doors == "changes" or f"{a.day:%Y-%m}" == month
        )
        return f"<urlset>{urls}</urlset>"

    @staticmethod
    def _changed(article: Printed) -> date:
        """Every tenth article was edited years later."""
        return article.day + timedelta(days=900 if article.number % 10 == 0 else 0)


def page_of(article: Printed) -> str:
    """Return an article's page."""
    chance = Random(article.number)
    texts = (" ".join(chance.choices(SYLLABLES, k=40)).capitalize() + "." for _ in range(4))
    title = f"Chuyện thứ {article.number}: " + " ".join(chance.choices(SYLLABLES, k=6))
    return (
        f'<html lang="vi"><head><title>{title}</title><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{title}">'
        f'<meta property="article:published_time" content="{article.day}T08:30:00+07:00"></head>'
        f'<body><article><h1>{title}</h1><div class="content">'
        + "".join(f"<p>{text}</p>" for text in texts)
        + "</div></article></body></html>"
    )


@contextmanager
def served(doors: str) -> Iterator[Years]:
    """Serve the newspaper on a free port."""
    paper = Years(doors)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            paper.log.append(self.path)
            answer = paper.answer(self.path)
            kind, body = (answer[0], answer[1].encode()) if answer else ("text/html", b"nothing here")
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing when a client hangs up first; crawlers that are killed do."""

    server = Server(("127.0.0.1", 0), Handler)
    paper.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield paper
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
