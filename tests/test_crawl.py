"""Whole crawls over loopback: what the newspapers printed is what the archive holds, whatever happens on the way."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import Desk, clock
from tests.demo import faults
from tests.demo.expected import EXPECTED
from tests.demo.faults import Trouble
from tests.demo.server import serve
from tests.demo.stories import DAYS, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serve() as sites:
        yield Desk(tmp_path, sites)


@pytest.mark.parametrize("name", NAMES)
def test_the_archive_holds_what_the_paper_printed(crawled: Desk, name: str) -> None:
    expected = EXPECTED[name, DAYS[-1]]
    host = crawled.sites[name].base
    held = crawled.rows(
        "SELECT a.url, a.title, a.lead, a.author, a.source, a.section, a.published, a.revisions, a.gone_at, t.text, "
        "a.id FROM articles a JOIN article_text t ON t.article_id = a.id WHERE a.paper = ?",
        name,
    )
    assert sorted(row[1] for row in held) == sorted(article.title for article in expected.articles)
    for url, title, lead, author, source, section, published, revisions, gone, text, article_id in held:
        article = expected.at(url.removeprefix(host))
        assert (title, author, source, section) == (article.title, article.author, article.source, article.section)
        assert lead in (article.lead, None)
        assert (text if lead else text.removeprefix(article.lead + "\n")) == article.text
        assert published[:16] == article.published.isoformat()[:16]
        assert revisions == article.edits + 1
        assert bool(gone) == article.gone
        captions = crawled.rows("SELECT caption FROM images WHERE article_id = ? AND caption NOT NULL", article_id)
        assert {caption for (caption,) in captions} == set(article.captions)


def test_copies_and_second_addresses_are_told(crawled: Desk) -> None:
    expected = [(name, held) for name in NAMES for held in EXPECTED[name, DAYS[-1]].articles]
    copies = {(held.copy_of[0], name) for name, held in expected if held.copy_of}
    assert set(crawled.rows("SELECT first_paper, copied_by FROM syndication")) == copies
    known = {url for (url,) in crawled.rows("SELECT url FROM articles UNION SELECT url FROM aliases")}
    for name, held in expected:
        for path in (held.path, *held.other_paths):
            assert crawled.sites[name].base + path in known


def test_pages_that_are_no_article_are_counted_and_not_stored(crawled: Desk) -> None:
    for name in NAMES:
        base = crawled.sites[name].base
        for path in EXPECTED[name, DAYS[-1]].not_articles:
            assert crawled.rows("SELECT state FROM urls WHERE url = ?", base + path) == [("unreadable",)]
            assert crawled.rows("SELECT count(*) FROM articles WHERE url = ?", base + path) == [(0,)]
            assert crawled.rows("SELECT count(*) FROM problems WHERE url = ?", base + path)[0][0] >= 1


def test_search_without_marks_finds_the_railway(crawled: Desk) -> None:
    found = crawled.rows(
        "SELECT a.title FROM articles_fts f JOIN articles a ON a.id = f.rowid WHERE articles_fts MATCH 'duong sat'"
    )
    assert any("đường sắt" in title for (title,) in found)


def test_deleted_archive_is_rebuilt_from_the_warc_files_alone(crawled: Desk, tmp_path: Path) -> None:
    shutil.copytree(crawled.warc, tmp_path / "warc")
    again = Desk(tmp_path, crawled.sites)
    # The made-up papers are known from the WARC files: the command does not name their file.
    ended = again.scrapy("replay", str(again.warc), PAPER_FILES="crawler/papers.toml", ALLOW_LOOPBACK="0")
    assert ended.returncode == 0, ended.stderr
    told, retold = crawled.facts(), again.facts()
    for name in told:
        assert retold[name] == told[name], name
    ended = again.scrapy("replay", str(again.warc))
    assert ended.returncode == 0, ended.stderr
    assert again.facts() == retold


def test_a_crawl_with_nothing_due_asks_the_listings_alone_whether_they_changed(crawled: Desk, tmp_path: Path) -> None:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    desk = Desk(tmp_path / "desk", crawled.sites)
    desk.sites.day = DAYS[-1]
    # A day of the clock later, to the second, robots.txt may be due or not.
    assert desk.scrapy("crawlall", *NAMES, CLOCK=clock(2, hours=0.25)).returncode == 0
    for site in desk.sites.values():
        site.log.clear()
    responses = "SELECT count(*) FROM captures WHERE record = 'response'"
    before = desk.rows(responses)
    ended = desk.scrapy("crawlall", *NAMES, CLOCK=clock(2, hours=0.5))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows(responses) == before
    for name in NAMES:
        site, expected = desk.sites[name], EXPECTED[name, DAYS[-1]]
        articles = {path for held in expected.articles for path in (held.path, *held.other_paths)}
        asked = {exchange.path: exchange for exchange in site.log}
        assert len(asked) == len(site.log)
        assert not (articles | {*expected.not_articles, "/robots.txt"}) & set(asked)
        told = {path for path in asked if site.trouble(path).reply.validators}
        assert told
        assert {path for path, exchange in asked.items() if exchange.header("If-None-Match")} == told
        assert {asked[path].status for path in told} == {304}


@pytest.mark.parametrize("after", [4, 17, 40])
def test_a_killed_crawl_goes_on_where_it_was(desk: Desk, crawled: Desk, after: int) -> None:
    desk.sites.day = 0
    process = desk.start("crawlall", *NAMES, CLOCK=clock(0), DOWNLOAD_DELAY="0.02")
    while process.poll() is None and sum(len(site.log) for site in desk.sites.values()) < after:
        time.sleep(0.002)
    process.kill()
    process.wait()
    ended = desk.crawl(0, CLOCK=clock(0, hours=1))
    assert ended.returncode == 0, ended.stderr
    first_day = "SELECT uid, title FROM articles WHERE first_seen < '2026-11-21T20' ORDER BY title, paper"
    held = desk.rows(first_day)
    assert [title for _, title in held] == [title for _, title in crawled.rows(first_day)]
    assert max(Counter(uid for uid, _ in held).values()) == 1
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    assert desk.rows("PRAGMA foreign_key_check") == []
    fetched = Counter(
        (name, exchange.path)
        for name, site in desk.sites.items()
        for exchange in site.log
        if site.log and exchange.path in {held.path for held in EXPECTED[name, 0].articles}
    )
    assert sum(n - 1 for n in fetched.values()) <= 3 * len(NAMES)


def test_requests_to_a_host_are_spaced_and_one_at_a_time(desk: Desk) -> None:
    ended = desk.crawl(0, papers=NAMES[:1], DOWNLOAD_DELAY="0.25")
    assert ended.returncode == 0, ended.stderr
    log = sorted(desk.sites[NAMES[0]].log, key=lambda exchange: exchange.began)
    assert len(log) > 20
    for one, two in itertools.pairwise(log):
        assert two.began >= one.ended
        assert two.began - one.began >= 0.95 * 0.25


def test_robots_txt_is_obeyed(desk: Desk) -> None:
    assert desk.crawl(0, CONTACT_URL="https://example.org/about").returncode == 0
    for site in desk.sites.values():
        assert site.log[0].path == "/robots.txt"
        (agent,) = {exchange.header("User-Agent") for exchange in site.log}
        assert agent
        assert agent.startswith("baotinh/")
        assert agent.endswith("(+https://example.org/about)")
    disallowed = json.dumps([exchange.path for exchange in desk.sites[NAMES[1]].log if "/tim-kiem/" in exchange.path])
    assert disallowed == "[]"


def test_a_warc_file_tells_what_each_answer_was_judged_to_be(crawled: Desk) -> None:
    told: dict[str, str] = {}
    for path in crawled.warc.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                lines = record.content_stream().read().decode().splitlines() if record.rec_type == "metadata" else []
                fields = dict(line.split(": ", 1) for line in lines if ": " in line)
                if "uid" in fields:
                    assert fields["outcome"] == "article"
                    told[record.rec_headers.get_header("WARC-Target-URI")] = fields["uid"]
    held = crawled.rows("SELECT url, uid FROM articles")
    assert held
    for url, uid in held:
        assert told[url] == uid


def test_what_was_captured_before_a_kill_is_a_version_of_its_own_live_and_rebuilt(desk: Desk, tmp_path: Path) -> None:
    name = NAMES[0]
    edited = next(held for held in EXPECTED[name, 1].articles if held.edits)
    desk.sites.day = 0
    process = desk.start("crawl", name, CLOCK=clock(0), DOWNLOAD_DELAY="0.3")
    while process.poll() is None and edited.path not in {exchange.path for exchange in desk.sites[name].log}:
        time.sleep(0.005)
    time.sleep(0.15)
    process.kill()
    process.wait()
    asked = len(desk.sites[name].log)
    assert desk.crawl(0, papers=[name], CLOCK=clock(0, hours=1)).returncode == 0
    assert edited.path not in {exchange.path for exchange in desk.sites[name].log[asked:]}
    assert desk.crawl(1, papers=[name]).returncode == 0
    kinds = "SELECT kind FROM revision_texts r JOIN articles a USING (uid) WHERE a.title = ? ORDER BY seen_at"
    assert desk.rows(kinds, edited.title) == [("first",), ("edit",)]
    assert desk.rows("SELECT count(*) FROM captures WHERE outcome IS NULL") == [(0,)]
    (tmp_path / "again").mkdir()
    again = Desk(tmp_path / "again", desk.sites)
    assert again.scrapy("replay", str(desk.warc), WARC_DIR=str(desk.warc)).returncode == 0
    assert again.facts()["revisions"] == desk.facts()["revisions"]
    assert again.facts()["articles"] == desk.facts()["articles"]


def test_half_a_page_captured_before_a_kill_is_not_read_as_a_whole_one(desk: Desk) -> None:
    name = NAMES[0]
    path = EXPECTED[name, 0].articles[0].path
    site = desk.sites[name]
    site.faults[path] = faults.cut(3000)
    process = desk.start("crawl", name, CLOCK=clock(0), DOWNLOAD_DELAY="0.3")
    while process.poll() is None and path not in {exchange.path for exchange in site.log}:
        time.sleep(0.005)
    time.sleep(0.15)
    process.kill()
    process.wait()
    assert desk.crawl(0, papers=[name], CLOCK=clock(0, hours=0.2)).returncode == 0
    assert desk.rows("SELECT count(*) FROM articles WHERE url = ?", site.base + path) == [(0,)]
    site.faults.clear()
    assert desk.crawl(0, papers=[name], CLOCK=clock(0, hours=3)).returncode == 0
    assert desk.rows("SELECT revisions FROM articles WHERE url = ?", site.base + path) == [(1,)]


def test_a_page_whose_headers_ask_for_no_copy_is_kept_private(desk: Desk) -> None:
    name = NAMES[0]
    path = EXPECTED[name, 0].articles[0].path
    site = desk.sites[name]
    site.faults[path] = lambda reply: Trouble(dataclasses.replace(reply, headers=(("X-Robots-Tag", "noarchive"),)))
    assert desk.crawl(0, papers=[name]).returncode == 0
    private = desk.rows("SELECT url FROM articles WHERE visibility = 'private'")
    assert private == [(site.base + path,)]
    assert desk.rows("SELECT count(*) FROM front_page WHERE url = ?", site.base + path) == [(0,)]


def test_a_clock_put_back_between_two_crawls_asks_for_nothing_again_and_again(desk: Desk) -> None:
    name = NAMES[0]
    assert desk.crawl(0, papers=[name], CLOCK=clock(0, hours=2)).returncode == 0
    asked = len(desk.sites[name].log)
    assert desk.crawl(0, papers=[name], CLOCK=clock(0, hours=1.98)).returncode == 0
    again = [exchange.path for exchange in desk.sites[name].log[asked:]]
    assert len(again) == len(set(again))


def test_a_paper_s_entry_may_say_that_such_pages_are_shown(desk: Desk) -> None:
    name = NAMES[0]
    path = EXPECTED[name, 0].articles[0].path
    site = desk.sites[name]
    site.faults[path] = lambda reply: Trouble(dataclasses.replace(reply, headers=(("X-Robots-Tag", "noarchive"),)))
    entries = desk.papers()
    entries.write_text(entries.read_text("utf-8").replace(f"[{name}]", f'[{name}]\nnoarchive = "public"'), "utf-8")
    assert desk.crawl(0, papers=[name]).returncode == 0
    assert desk.rows("SELECT visibility, count(*) FROM articles GROUP BY 1") == [
        ("public", len(EXPECTED[name, 0].articles))
    ]


def test_a_page_that_today_is_read_as_not_to_be_shown_is_private_after_a_re_extraction(desk: Desk) -> None:
    name = NAMES[0]
    path = EXPECTED[name, 0].articles[0].path
    site = desk.sites[name]
    site.faults[path] = lambda reply: Trouble(dataclasses.replace(reply, headers=(("X-Robots-Tag", "noarchive"),)))
    entries = desk.papers()
    asked = entries.read_text("utf-8")
    entries.write_text(asked.replace(f"[{name}]", f'[{name}]\nnoarchive = "public"'), "utf-8")
    assert desk.crawl(0, papers=[name]).returncode == 0
    entries.write_text(asked, "utf-8")
    told = desk.at_once("reextract", "--jobs", "1", "--json", CLOCK=clock(1))
    assert json.loads(told.stdout)["fields"] == {"visibility": 1}
    assert desk.at_once("reextract", "--jobs", "1", "--accept", CLOCK=clock(1)).returncode == 0
    ((url,),) = desk.rows("SELECT url FROM articles WHERE visibility = 'private'")
    assert url.endswith(path)
