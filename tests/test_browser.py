"""With BROWSER on, a page whose script hides its text is read as a visitor sees it, and no less politely."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.settings import CHROMIUM, USER_AGENT
from pipelines.records import header, read_record
from tests.crawling import Desk
from tests.demo.server import Sites
from tests.hidden_paper import BUILT, BUILT_TEXT, CODED, CODED_TEXT, DATA, TITLES, Host, served, story

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
PAPER = """
[banmay]
title = "Báo Bản Mây (báo mẫu)"
province = "Lào Cai"
hosts = ["127.0.0.1:{port}"]
article = ['-(?P<id>\\d{{6}})\\.html$']
browser = {built}
"""
TODAY, A_MONTH_LATER = "2026-11-24T06:00:00Z", "2026-12-25T06:00:00Z"
LACKING = "these tests run a browser: apt-get install chromium, and 'make setup' for scrapy-playwright"
HELD = "SELECT a.title, t.text FROM articles a JOIN article_text t ON t.article_id = a.id ORDER BY a.title"
OUTCOMES = "SELECT url, record, outcome FROM captures WHERE url LIKE '%.html' ORDER BY url, fetched_at"


@dataclass
class Stand(Desk):
    """A desk with the one newspaper of `tests.hidden_paper`; ``built``: its entry says that scripts write it."""

    port: int = 0
    built: bool = True

    def papers(self) -> Path:
        file = self.folder / "papers.toml"
        file.write_text(PAPER.format(port=self.port, built=str(self.built).lower()), encoding="utf-8")
        return file

    def go(self, clock: str = TODAY, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.scrapy("crawl", "banmay", CLOCK=clock, **{"BROWSER": "1", **settings})


def stand(folder: Path, paper: Host, *, built: bool = True) -> Stand:
    return Stand(folder, Sites([]), {"DOWNLOAD_DELAY": "0.05"}, port=paper.port, built=built)


@pytest.fixture(scope="module")
def browser() -> None:
    """Skip without a browser, but fail in CI, where the real thing must have been tried."""
    if shutil.which(CHROMIUM) and find_spec("scrapy_playwright"):
        return
    if os.environ.get("CI"):
        pytest.fail(LACKING)
    pytest.skip(LACKING)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, browser: None) -> Iterator[tuple[Stand, Host, Host]]:  # noqa: ARG001
    """The newspaper crawled once with a browser; tests only read."""
    with served() as (paper, ads):
        desk = stand(tmp_path_factory.mktemp("browser"), paper)
        ended = desk.go()
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "2 new" in ended.stdout
        assert "0 pages no article" in ended.stdout
        yield desk, paper, ads


@pytest.fixture
def site() -> Iterator[Host]:
    with served() as (paper, _):
        yield paper


def test_what_scripts_write_is_stored_as_the_newspaper_printed_it(crawled: tuple[Stand, Host, Host]) -> None:
    desk, _, _ = crawled
    assert desk.rows(HELD) == [
        (TITLES[CODED], "\n".join(CODED_TEXT)),
        (TITLES[BUILT], "\n".join(BUILT_TEXT)),
    ]


def test_the_browser_makes_no_request_that_the_crawl_would_not(crawled: tuple[Stand, Host, Host]) -> None:
    _, paper, ads = crawled
    pages = ["/", "/robots.txt", "/rss", "/sitemap.xml", CODED, BUILT]
    assert sorted(hit.path for hit in paper.log) == sorted([*pages, "/giai-ma.js", "/dung-trang.js", DATA])
    assert ads.log == []
    assert {(hit.method, hit.agent) for hit in paper.log} == {("GET", USER_AGENT)}
    assert all(earlier.ended <= later.began for earlier, later in pairwise(paper.log))


def test_an_article_leads_to_the_page_as_completed_and_that_to_the_answer(crawled: tuple[Stand, Host, Host]) -> None:
    desk, _, _ = crawled
    made_of = "SELECT warc_file, warc_offset FROM captures WHERE url = ? AND record = 'response'"
    rows = desk.rows(
        "SELECT a.url, c.warc_file, c.warc_offset, c.payload_digest "
        "FROM articles a JOIN captures c ON c.id = a.capture_id"
    )
    assert len(rows) == 2
    for url, file, offset, digest in rows:
        page = read_record(desk.warc, file, offset)
        assert (page.kind, page.url) == ("conversion", url)
        assert f"sha256:{hashlib.sha256(page.payload).hexdigest()}" == digest == page.payload_digest
        answer = read_record(desk.warc, *desk.rows(made_of, url)[0])
        assert header(page.record_headers, "WARC-Refers-To") == header(answer.record_headers, "WARC-Record-ID")
        assert answer.date < page.date


def test_a_replay_gives_the_same_archive_without_a_browser(crawled: tuple[Stand, Host, Host], tmp_path: Path) -> None:
    desk, paper, _ = crawled
    shutil.copytree(desk.warc, tmp_path / "warc")
    again = stand(tmp_path, paper)
    asked = len(paper.log)
    ended = again.scrapy("replay", str(tmp_path / "warc"), CHROMIUM="/nowhere")
    assert ended.returncode == 0, ended.stderr
    assert again.facts() == desk.facts()
    assert len(paper.log) == asked


@pytest.mark.usefixtures("browser")
def test_an_edit_behind_an_unchanged_shell_is_noticed(site: Host, tmp_path: Path) -> None:
    desk = stand(tmp_path, site)
    assert desk.go().returncode == 0
    site.pages[DATA] = story((*BUILT_TEXT[:3], "Vụ này xưởng nhuộm nhận thêm mười hai người học việc trong thôn."))
    assert "1 revised, 1 same" in desk.go(A_MONTH_LATER).stdout
    assert desk.rows("SELECT title, revisions FROM articles ORDER BY title") == [(TITLES[CODED], 1), (TITLES[BUILT], 2)]


@pytest.mark.usefixtures("browser")
def test_a_host_that_asks_for_fewer_requests_gets_none_more(site: Host, tmp_path: Path) -> None:
    site.busy.add("/giai-ma.js")
    desk = stand(tmp_path, site)
    ended = desk.go()
    assert "asks us to wait" in ended.stderr
    assert site.log[-1].path == "/giai-ma.js"
    assert "conversion" not in {record for _, record, _ in desk.rows(OUTCOMES)}


@pytest.mark.usefixtures("browser")
def test_a_browser_that_does_not_start_leaves_the_page_as_it_was_served(site: Host, tmp_path: Path) -> None:
    desk = stand(tmp_path, site)
    ended = desk.go(CHROMIUM="/bin/false")
    assert ended.returncode == 0
    assert "the browser did not complete it" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {(record, outcome) for _, record, outcome in desk.rows(OUTCOMES)} == {("response", "page/body-hidden")}


@pytest.mark.parametrize(("built", "outcome"), [(True, "page/body-hidden"), (False, "page/body-hidden")])
def test_without_a_browser_no_text_is_made_up(site: Host, tmp_path: Path, built: bool, outcome: str) -> None:
    desk = stand(tmp_path, site, built=built)
    assert desk.go(BROWSER="0").returncode == 0
    assert {url.removeprefix(site.base): found for url, _, found in desk.rows(OUTCOMES)} == {
        CODED: "page/body-hidden",
        BUILT: outcome,
    }
    assert desk.rows(HELD) == []


def test_a_browser_that_is_not_there_is_said_before_anything_is_fetched(site: Host, tmp_path: Path) -> None:
    ended = stand(tmp_path, site).go(CHROMIUM="/nowhere/chromium")
    assert ended.returncode == 2
    assert "apt-get install chromium" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert site.log == []
