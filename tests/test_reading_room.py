"""The reading room as a visitor's browser shows it: plain ``datasette archive.db`` over the demo, in headless Chromium.

Pictures of every page go to the folder that BAOTINH_PICTURES names, else beside the test's other files.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from crawler.settings import CHROMIUM
from pipelines.archive.connection import sqlite3
from tests.test_browse import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.crawling import Desk

pytestmark = pytest.mark.slow
LACKING = "these tests run a browser: apt-get install chromium, and 'make setup' for playwright and axe-core"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
EDITED = "SELECT uid FROM articles WHERE revisions > 1 ORDER BY uid"
FIRST = "SELECT f.uid FROM copies c JOIN articles f ON f.id = c.first_id ORDER BY c.score LIMIT 1"
COPY = "SELECT a.uid FROM copies c JOIN articles a ON a.id = c.article_id ORDER BY c.score LIMIT 1"
PICTURED = "SELECT a.uid FROM articles a JOIN images i ON i.article_id = a.id WHERE author IS NOT NULL ORDER BY a.uid"
PAGES = {
    "front": "/",
    "search": "/search?q=duong+sat",
    "search-help": "/search",
    "search-nothing": "/search?q=kh%C3%B4ng+%C4%91%C3%A2u+c%C3%B3",
    "article": "/a/{pictured}",
    "article-edited": "/a/{edited}",
    "article-copy": "/a/{copy}",
    "diff": "/a/{edited}/diff",
    "diff-papers": "/a/{first}/diff?with={copy}",
    "raw": "/a/{edited}/raw",
    "story": "/s/{first}",
    "paper": "/p/demo-songnguon",
    "papers": "/papers",
    "province": "/province/nghe-an",
    "province-before": "/province/phu-yen",
    "author": "/author/{author}",
    "day": "/d/2026-11-20",
    "changed": "/changed",
    "gone": "/gone",
    "syndication": "/syndication",
    "about": "/about",
    "table-front": "/archive/front_page",
    "table-articles": "/archive/articles",
    "table-health": "/archive/health",
    "database": "/archive",
    "question": "/archive/agency_share",
}


@pytest.fixture(scope="module")
def room(crawled: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which datasette serves the demo's archive, started in another folder with nothing else said."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("datasette")), str(crawled.archive), "--port", str(port)]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen(command, cwd=elsewhere, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        assert any("running" in line for line in started.stderr)
        yield f"http://127.0.0.1:{port}"
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; without one these tests are skipped, and fail in CI, where the real thing must have been tried."""
    chromium = shutil.which(CHROMIUM)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        chromium = None
    if not chromium:
        if os.environ.get("CI"):
            pytest.fail(LACKING)
        pytest.skip(LACKING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("BAOTINH_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Visitor:
    """One browser window: what it was told in its console, and what it asked for."""

    def __init__(self, browser: Browser, room: str, **options: Any) -> None:
        self.room = room
        self.context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        # What the policy of a framed page keeps out is told in the console: that is the policy at work.
        if message.type in ("error", "warning") and "/raw/page" not in f"{message.text} {message.location}":
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.room + "/"):
            self.elsewhere.append(request.url)

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.room + path)
        assert answer is not None
        assert answer.status == 200, path
        return self.page

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return int(wider)

    def judged(self) -> list[str]:
        """Return axe-core's serious and critical faults of the page."""
        axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]


def one(crawled: Desk, sql: str) -> str:
    return str(crawled.rows(sql)[0][0])


def addresses(crawled: Desk) -> dict[str, str]:
    """Return the pages that a visitor is shown, by name."""
    author = one(crawled, "SELECT author FROM authors ORDER BY author")
    held = {"edited": EDITED, "first": FIRST, "copy": COPY, "pictured": PICTURED}
    uids = {name: one(crawled, sql) for name, sql in held.items()}
    return {name: path.format(author=quote(author), **uids) for name, path in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_fits_the_screen_and_can_be_used_by_anybody(
    name: str, room: str, browser: Browser, crawled: Desk, pictures: Path
) -> None:
    path = addresses(crawled)[name]
    for size, options in (("wide", {"viewport": WIDE}), ("phone", {"viewport": PHONE, "is_mobile": True})):
        visitor = Visitor(browser, room, **options)
        page = visitor.go(path)
        page.screenshot(path=pictures / f"{name}-{size}.png", full_page=size == "phone")
        assert visitor.overflow() <= 0, size
        assert visitor.judged() == [], size
        assert page.locator("h1").count() == 1
        assert (visitor.complaints, visitor.elsewhere) == ([], [])
        visitor.context.close()
    dark = Visitor(browser, room, viewport=WIDE, color_scheme="dark")
    dark.go(path).screenshot(path=pictures / f"{name}-dark.png")
    assert dark.judged() == []
    dark.context.close()


def test_a_reader_finds_an_article_and_all_that_the_archive_knows_of_it(
    room: str, browser: Browser, crawled: Desk
) -> None:
    visitor = Visitor(browser, room, viewport=PHONE)
    page = visitor.go("/")
    page.get_by_role("search").get_by_role("searchbox").fill("duong sat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=duong+sat*")
    found = page.locator("ol.headlines li").all_inner_texts()
    assert any("đường sắt" in text.lower() for text in found)
    assert any("Dương Sát" in text for text in found)
    page.get_by_role("search").get_by_role("searchbox").fill("đường sắt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*%C4%91*")
    found = page.locator("ol.headlines li").all_inner_texts()
    bare = next(n for n, text in enumerate(found) if "Dương Sát" in text)
    assert all("đường sắt" in text.lower() for text in found[:bare])
    assert bare > 0
    page.locator("ol.headlines a[href^='/a/']").first.click()
    page.wait_for_url("**/a/*")
    assert "đường sắt" in page.locator("article").inner_text().lower()
    paper = page.locator("article a[href^='/p/']").first
    paper.click()
    page.wait_for_url("**/p/*")
    assert page.locator("svg").count() > 0
    edited = visitor.go(f"/a/{one(crawled, EDITED)}")
    edited.locator("a[href*='/diff']").first.click()
    page.wait_for_url("**/diff*")
    assert page.locator("ins").count() + page.locator("del").count() > 0
    visitor.go(f"/a/{one(crawled, COPY)}").locator("a[href^='/s/']").first.click()
    page.wait_for_url("**/s/*")
    assert len({*page.locator("a[href^='/a/']").all_inner_texts()}) >= 2
    assert (visitor.complaints, visitor.elsewhere) == ([], [])
    visitor.context.close()


def test_a_reader_goes_by_keyboard_alone(room: str, browser: Browser) -> None:
    visitor = Visitor(browser, room, viewport=WIDE)
    page = visitor.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    visitor.context.close()


def test_every_link_of_ours_leads_somewhere(room: str, browser: Browser, crawled: Desk) -> None:
    visitor = Visitor(browser, room, viewport=WIDE)
    links: set[str] = set()
    for path in addresses(crawled).values():
        every = "all => all.map(one => new URL(one.getAttribute('href'), document.baseURI).href)"
        hrefs = visitor.go(path).eval_on_selector_all("a[href]", every)
        links |= {href.partition("#")[0] for href in hrefs if href.startswith(room + "/")}
    broken = {link: status for link in sorted(links) if (status := visitor.context.request.get(link).status) != 200}
    assert broken == {}
    visitor.context.close()


def test_the_feed_tells_of_the_newest_articles(room: str, browser: Browser, crawled: Desk) -> None:
    visitor = Visitor(browser, room)
    answer = visitor.context.request.get(f"{room}/feed.atom")
    assert answer.status == 200
    assert "atom+xml" in answer.headers["content-type"]
    assert (
        one(crawled, "SELECT title FROM articles WHERE visibility = 'public' ORDER BY published DESC") in answer.text()
    )
    visitor.context.close()


def test_what_was_captured_can_run_nothing_and_fetch_nothing(room: str, browser: Browser, crawled: Desk) -> None:
    uid = one(crawled, EDITED)
    visitor = Visitor(browser, room, viewport=WIDE)
    visitor.go(f"/a/{uid}/raw")
    visitor.page.wait_for_load_state("networkidle")
    (frame,) = [frame for frame in visitor.page.frames if frame.parent_frame]
    assert one(crawled, f"SELECT title FROM articles WHERE uid = '{uid}'") in frame.content()
    assert visitor.elsewhere == []
    visitor.context.close()


def test_without_our_plugin_datasette_opens_the_file_all_the_same(crawled: Desk, tmp_path: Path) -> None:
    port = free_port()
    datasette = str(Path(sys.executable).with_name("datasette"))
    command = [datasette, str(crawled.archive), "--port", str(port), "--get", "/archive/papers.json?_shape=array"]
    plain = {**os.environ, "DATASETTE_LOAD_PLUGINS": ""}
    ended = subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert len(json.loads(ended.stdout)) == len(crawled.rows("SELECT name FROM papers"))


def test_a_published_copy_that_never_changes_shows_the_same(crawled: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "archive.db"
    with sqlite3.connect(crawled.archive) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    db.close()
    copy.chmod(0o444)
    datasette = str(Path(sys.executable).with_name("datasette"))
    for path in ("/", "/search?q=duong+sat", f"/a/{one(crawled, EDITED)}"):
        command = [datasette, "-i", str(copy), "--get", path]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stderr
        assert "Kho báo tỉnh" in ended.stdout
