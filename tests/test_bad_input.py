"""Bad input: one clear line with paper and URL, counted in ``runs``, and the crawl goes on; nothing is lost."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from crawler.commands.extract import KEYS
from pipelines.archive.connection import sqlite3
from pipelines.codings import ends_early
from tests.crawling import ROOT, Desk, clock
from tests.demo import faults
from tests.demo.expected import EXPECTED
from tests.demo.server import serve
from tests.demo.stories import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.demo.faults import Fault

pytestmark = pytest.mark.slow
PAPER = NAMES[0]
ARTICLES = EXPECTED[PAPER, 0].articles


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serve() as sites:
        yield Desk(tmp_path, sites, {"DOWNLOAD_TIMEOUT": "2", "RETRY_TIMES": "0"})


def counts(desk: Desk) -> dict[str, int]:
    (row,) = desk.rows("SELECT counts FROM runs ORDER BY id DESC LIMIT 1")
    found: dict[str, int] = json.loads(row[0])
    return found


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.status(404), "HTTP 404"),
        (faults.status(503), "HTTP 503"),
        (faults.instead("<html><title>Bảo trì</title><body><p>Xin lỗi</p></body></html>"), "an HTML page ('Bảo trì')"),
        (faults.instead("", "text/xml"), "nothing"),
        (faults.instead("\x00\x01\x02", "application/octet-stream"), "3 bytes"),
        (faults.huge(30), "longer than DOWNLOAD_MAXSIZE"),
        (faults.silent(), "no answer in time"),
        (faults.cut(100), ""),
    ],
)
def test_a_feed_that_cannot_be_read_is_told_in_one_line_and_nothing_else_is_missed(
    desk: Desk, fault: Fault, says: str
) -> None:
    site = desk.sites[PAPER]
    site.faults["/rss/thoi-su"] = fault
    ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if "/rss/thoi-su" in line]
    assert len(lines) == 1, ended.stderr
    assert PAPER in lines[0]
    assert says in lines[0]
    assert "Traceback" not in ended.stderr
    assert counts(desk)["listing/unreadable"] == 1
    problem = desk.rows("SELECT url, outcome FROM problems WHERE paper = ?", PAPER)
    assert (site.base + "/rss/thoi-su", "listing/unreadable") in problem
    assert desk.rows("SELECT count(*) FROM articles") == [(len(ARTICLES),)]


PACKED = gzip.compress("<html><head><title>Tin</title></head><body><h1>Tin</h1><p>Mưa to.</p>".encode() * 99, mtime=0)
HALF_PACKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(PACKED) // 2, PACKED[: len(PACKED) // 2])
)
"""A packed page of which a proxy kept half, and gives that as the whole."""


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (faults.status(404), "refused"),
        (faults.status(500), "failed"),
        (faults.instead("<html><body><h1>Trang</h1></body></html>"), "page/no-body"),
        (faults.instead("%PDF-1.4 \x00\x01", "application/pdf"), "page/not-html"),
        (faults.huge(30), "page/too-large"),
        (faults.silent(), "failed"),
        (faults.cut(100), "failed"),
        (faults.raw(HALF_PACKED), "failed"),
        (faults.status(302, ("Location", "https://example.com/elsewhere")), "failed"),
        (faults.status(302, ("Location", "http://[broken")), "failed"),
        (faults.status(302, ("Location", "/")), "refused"),
        (faults.status(302, ("Location", "/thoi-su")), "refused"),
    ],
)
def test_a_page_that_cannot_be_read_is_told_in_one_line_and_the_others_are_stored(
    desk: Desk, fault: Fault, outcome: str
) -> None:
    site, broken = desk.sites[PAPER], ARTICLES[0]
    site.faults[broken.path] = fault
    ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if broken.path in line]
    assert len(lines) == 1, ended.stderr
    assert f"{site.base}{broken.path}: {outcome}" in lines[0]
    assert "Traceback" not in ended.stderr
    assert counts(desk)[outcome] == 1
    assert desk.rows("SELECT outcome FROM problems WHERE url = ?", site.base + broken.path) == [(outcome,)]
    assert desk.rows("SELECT count(*) FROM articles") == [(len(ARTICLES) - 1,)]


GZIP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
BROKEN = {
    "the answer was cut off": faults.reset(100),
    "the host hung up before it had answered": faults.raw(b""),
    "the answer cannot be unpacked, its Content-Encoding is wrong or it is damaged: ": faults.raw(GZIP + b"<p>Tin</p>"),
    "the answer is no HTTP: ": faults.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "HTTP 500": faults.status(500),
}


def test_whatever_a_host_sends_is_a_line_in_plain_words_and_its_crawl_a_row_that_tells_all(desk: Desk) -> None:
    site, broken = desk.sites[PAPER], dict(zip(BROKEN, ARTICLES, strict=False))
    site.faults |= {article.path: BROKEN[says] for says, article in broken.items()}
    assert desk.crawl(0, papers=[PAPER]).returncode == 0
    site.log.clear()
    later = clock(0, hours=30)
    ended = desk.crawl(0, papers=[PAPER], CLOCK=later)
    assert ended.returncode == 0
    lines = ended.stderr.splitlines()
    assert len(lines) == len(BROKEN), ended.stderr
    for says, article in broken.items():
        (line,) = [line for line in lines if article.path in line]
        assert f" [{PAPER}] WARNING: {PAPER}: {site.base}{article.path}: failed: {says}" in line
    told = desk.rows("SELECT printf('%s: %s: %s: %s', paper, url, outcome, reason) FROM problems WHERE run_id = 2")
    assert sorted(line.partition("WARNING: ")[2] for line in lines) == sorted(text for (text,) in told)
    first, second = desk.rows(
        "SELECT reason, problem, requests, bytes, warc_files, settings_digest, versions, counts ->> 'failed' FROM runs"
    )
    answered = len(site.log) - sum("hung up" in says or "no HTTP" in says for says in broken)
    assert (second[:2], second[2], second[7]) == (("finished", None), answered, len(BROKEN))
    kept = desk.rows("SELECT warc_file, sum(warc_length) FROM captures GROUP BY 1 ORDER BY 1")
    assert [(*json.loads(run[4]), run[3]) for run in (first, second)] == kept
    assert (first[5], len(first[5])) == (second[5], 16), "the same settings, whatever the time"
    assert {"baotinh", "python", "scrapy", "trafilatura"} <= json.loads(second[6]).keys()


def test_runs_of_the_same_settings_are_told_by_their_digest(desk: Desk) -> None:
    for depth in ("3", "3", "2"):
        assert desk.crawl(0, papers=[PAPER], LISTING_PAGES=depth).returncode == 0
    (one,), (again,), (other,) = desk.rows("SELECT settings_digest FROM runs ORDER BY id")
    assert one == again != other


def test_what_speaks_no_tls_is_told_in_plain_words(desk: Desk) -> None:
    site = desk.sites[PAPER]
    secure = site.base.replace("http:", "https:") + "/tin-bao-mat-999999.html"
    feed = f"<rss version='2.0'><channel><item><title>Tin</title><link>{secure}</link></item></channel></rss>"
    site.faults["/rss/thoi-su"] = faults.instead(feed, "application/rss+xml")
    ended = desk.crawl(0, papers=[PAPER])
    (line,) = [line for line in ended.stderr.splitlines() if secure in line]
    assert f"{secure}: failed: no secure connection (TLS) could be made: " in line
    assert "Traceback" not in ended.stderr


def test_an_article_refused_to_us_is_stored_when_it_comes_back(desk: Desk) -> None:
    site, broken = desk.sites[PAPER], ARTICLES[0]
    site.faults[broken.path] = faults.status(500)
    assert desk.crawl(0, papers=[PAPER]).returncode == 0
    site.faults.clear()
    assert desk.crawl(1, papers=[PAPER]).returncode == 0
    assert desk.rows("SELECT title FROM articles WHERE url = ?", site.base + broken.path) == [(broken.title,)]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.status(503), "answers HTTP 503"),
        (faults.status(429), "answers HTTP 429"),
        (faults.silent(), "no answer in time"),
        (faults.status(302, ("Location", "/robots.txt")), ""),
    ],
)
def test_nothing_is_fetched_where_robots_txt_cannot_be_had(desk: Desk, fault: Fault, says: str) -> None:
    site = desk.sites[PAPER]
    site.faults["/robots.txt"] = fault
    ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert "/robots.txt" in ended.stderr
    assert says in ended.stderr
    assert {exchange.path for exchange in site.log} == {"/robots.txt"}
    assert desk.rows("SELECT reason FROM runs") == [("unreachable",)]
    site.faults.clear()
    assert desk.crawl(0, papers=[PAPER], CLOCK=clock(0, hours=1)).returncode == 0
    assert desk.rows("SELECT count(*) FROM articles") == [(len(ARTICLES),)]


@pytest.mark.parametrize("fault", [faults.status(429), faults.status(503, ("Retry-After", "120"))])
def test_a_host_that_asks_us_to_wait_is_left_alone_and_loses_nothing(desk: Desk, fault: Fault) -> None:
    site = desk.sites[PAPER]
    site.faults[ARTICLES[0].path] = fault
    ended = desk.crawl(0, papers=[PAPER])
    assert "asks us to wait" in ended.stderr
    asked = [exchange.path for exchange in site.log]
    assert len(asked) - asked.index(ARTICLES[0].path) <= 5
    site.faults.clear()
    assert desk.crawl(0, papers=[PAPER], CLOCK=clock(0, hours=2)).returncode == 0
    assert desk.rows("SELECT count(*) FROM articles") == [(len(ARTICLES),)]


def test_a_host_that_does_not_answer_stops_no_other_paper(desk: Desk) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    file = desk.folder / "papers.toml"
    file.write_text(file.read_text("utf-8").replace(desk.sites[PAPER].host, f"127.0.0.1:{port}"), "utf-8")
    ended = desk.crawl(0)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()[-1:]
    assert line.startswith(f"{PAPER}: http://127.0.0.1:{port}/robots.txt: the host refuses the connection")
    for name in NAMES[1:]:
        held = len(EXPECTED[name, 0].articles)
        assert desk.rows("SELECT count(*) FROM articles WHERE paper = ?", name) == [(held,)]


def test_a_warc_file_cut_in_the_middle_gives_what_is_whole(desk: Desk, tmp_path: Path) -> None:
    assert desk.crawl(0, papers=[PAPER]).returncode == 0
    (file,) = desk.warc.glob(f"{PAPER}/*.warc.gz")
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    ended = desk.scrapy("replay", str(cut), ARCHIVE=str(tmp_path / "other.db"), WARC_DIR=str(tmp_path / "other"))
    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert "cut.warc.gz" in line
    assert "offset" in line
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as db:
        ((held,),) = db.execute("SELECT count(*) FROM articles").fetchall()
    assert 0 < held < len(ARTICLES)


def test_a_crawl_that_is_stopped_says_what_it_leaves_to_the_next(desk: Desk) -> None:
    desk.sites.day = 0
    command = desk.command("crawl", PAPER, CLOCK=clock(0), DOWNLOAD_DELAY="0.4")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        while len(desk.sites[PAPER].log) < 6:
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=30)
    assert started.returncode == 0, err
    stopped = re.search(r"; stopped, (\d+) addresses due for the next crawl", out)
    ((known,),) = desk.rows("SELECT count(*) FROM urls WHERE state = 'known'")
    assert stopped
    assert int(stopped[1]) == known > 0
    assert desk.crawl(0, papers=[PAPER], CLOCK=clock(0, hours=1)).returncode == 0
    assert desk.rows("SELECT count(*) FROM articles") == [(len(ARTICLES),)]


def test_what_is_no_warc_file_is_refused_and_not_copied_into_ours(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "README.md"
    other.write_text("# Ghi chép\n", "utf-8")
    (empty := tmp_path / "none").mkdir()
    refused, missing = desk.scrapy("replay", str(other)), desk.scrapy("replay", str(empty))
    assert (refused.returncode, missing.returncode) == (2, 2)
    assert f"{other}: expected a WARC or ARC file, found other bytes; correct the path" in refused.stderr
    assert f"no WARC file in {empty}; they end in" in missing.stderr
    assert not list(desk.warc.rglob("*README.md"))


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (("crawl",), {}, "expected one paper, found 0; several: 'scrapy crawlall PAPER PAPER'"),
        (("crawl", "baonghea"), {}, "unknown paper 'baonghea'; did you mean 'baonghean'"),
        (("crawlall", "nope"), {}, "unknown paper 'nope'; 'scrapy list' shows all"),
        (("extract", "README.md", "--paper", "nope"), {}, "unknown paper 'nope'; 'scrapy list' shows all"),
        (("crawl", PAPER, "--from", "2015"), {}, "unknown option --from; 'scrapy crawl -h'"),
        (("crawl", PAPER, "-a", "foo=1"), {}, "-a: expected since or until, found 'foo'; correct it"),
        (("crawl", PAPER, "-a", "sinse=2015-01-01"), {}, "-a: expected since or until, found 'sinse'; did you mean"),
        (("crawl", PAPER, "-a", "since"), {}, "Invalid -a value, use -a NAME=VALUE"),
        (
            ("crawl", PAPER),
            {"LISTING_PAGES": "three"},
            "setting LISTING_PAGES: expected a whole number from 0",
        ),
        (
            ("crawl", PAPER),
            {"DOWNLOD_DELAY": "5"},
            "-s: unknown setting 'DOWNLOD_DELAY'; did you mean 'DOWNLOAD_DELAY'",
        ),
        (("crawl", PAPER), {"DOWNLOAD_DELAY": "-1"}, "setting DOWNLOAD_DELAY: expected a number from 0 up, found '-1'"),
        (("crawlall",), {"BROWSER": "maybe"}, "setting BROWSER: expected True or False, found 'maybe'; correct it"),
        (("browse",), {"ARCHIV": "a.db"}, "-s: unknown setting 'ARCHIV'; did you mean 'ARCHIVE'"),
        (("status",), {"CLOKC": ""}, "-s: unknown setting 'CLOKC'; did you mean 'CLOCK'"),
        (("crawl", PAPER), {"CLOCK": "noon"}, "setting CLOCK"),
        (("replay",), {}, "expected WARC files or folders, found none"),
        (("replay", "/no/such"), {}, "/no/such"),
        (
            ("replay", "README.md"),
            {"SITEMAP_DAYS": "few"},
            "setting SITEMAP_DAYS: expected a whole number from 0",
        ),
        (("replay", "README.md"), {"CLOCK": "noon"}, "setting CLOCK"),
        (("parse", "tin"), {}, "expected one address like https://baovidu.example/tin-1.html, found 'tin'"),
        (
            ("parse", "https://baola.example/tin-1.html"),
            {},
            "https://baola.example/tin-1.html: expected an address on a host of the papers, found baola.example, which",
        ),
        (("browse", "archive.db"), {}, "expected no argument, found 'archive.db'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(
    desk: Desk, words: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    ended = desk.scrapy(*words, **settings)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(said)
    assert not desk.archive.exists()
    assert desk.sites[PAPER].log == []


def test_what_scrapyd_gives_to_a_spider_is_no_wrong_argument(desk: Desk) -> None:
    assert desk.scrapy("crawl", PAPER, "-a", "_job=6487ec79947edab326d6db28a2d86511").returncode == 0


def test_a_second_crawl_of_a_paper_waits_for_nobody_and_says_so(desk: Desk) -> None:
    first = desk.start("crawl", PAPER, CLOCK=clock(0), DOWNLOAD_DELAY="0.2")
    try:
        while not desk.sites[PAPER].log and first.poll() is None:
            pass
        ended = desk.scrapy("crawl", PAPER, CLOCK=clock(0))
        assert ended.returncode == 1
        assert f"{PAPER} is being crawled by another process" in ended.stderr
    finally:
        first.kill()
        first.wait()
    assert desk.scrapy("crawl", PAPER, CLOCK=clock(0, hours=1)).returncode == 0


@contextlib.contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Make a file unwritable, for root too."""
    as_root = os.geteuid() == 0
    lock, unlock = (["chattr", "+i"], ["chattr", "-i"]) if as_root else (["chmod", "a-w"], ["chmod", "u+w"])
    subprocess.run([*lock, str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run([*unlock, str(path)], check=True)


def test_a_read_only_archive_is_said_before_anything_is_fetched(desk: Desk) -> None:
    assert desk.crawl(0, papers=NAMES[1:2]).returncode == 0
    with unwritable(desk.archive):
        ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert str(desk.archive) in line
    assert "cannot be written" in line or "permissions" in line
    assert desk.sites[PAPER].log == []


def test_a_locked_archive_is_said_before_anything_is_fetched(desk: Desk) -> None:
    assert desk.crawl(0, papers=NAMES[1:2]).returncode == 0
    with contextlib.closing(sqlite3.connect(desk.archive, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "another program is writing it" in line
    assert desk.sites[PAPER].log == []


def test_an_archive_of_a_newer_version_is_said_and_left_alone(desk: Desk) -> None:
    assert desk.crawl(0, papers=NAMES[1:2]).returncode == 0
    with contextlib.closing(sqlite3.connect(desk.archive)) as other, other:
        other.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('baotinh', 'm999', '')")
    ended = desk.crawl(0, papers=[PAPER])
    assert ended.returncode == 1
    assert "made by a newer baotinh" in ended.stderr
    assert desk.sites[PAPER].log == []


def test_parse_shell_and_fetch_leave_the_archive_as_it_is(desk: Desk) -> None:
    assert desk.crawl(0, papers=[PAPER]).returncode == 0
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file() and path.name != ".lock"}
    url = desk.sites[PAPER].base + ARTICLES[0].path
    parsed = desk.scrapy("parse", url)
    assert (parsed.returncode, parsed.stderr) == (0, "")
    shown = json.loads(parsed.stdout)
    assert (shown["outcome"], shown["title"]) == ("article", ARTICLES[0].title)
    assert tuple(shown) == KEYS
    listed = json.loads(desk.scrapy("parse", desk.sites[PAPER].base + "/").stdout)
    assert (listed["kind"], listed["outcome"]) == ("section", "listing/read")
    shown_there = {link["url"] for link in listed["links"] if link["kind"] == "article"}
    assert shown_there & {desk.sites[PAPER].base + article.path for article in ARTICLES}
    assert desk.scrapy("fetch", url).returncode == 0
    assert desk.scrapy("shell", url, "-c", "response.status").stdout.strip() == "200"
    after = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file() and path.name != ".lock"}
    assert after == before


def test_a_file_that_holds_nothing_of_ours_is_not_kept(desk: Desk, tmp_path: Path) -> None:
    junk = tmp_path / "rac.warc.gz"
    junk.write_bytes(b"\x1f\x8bno gzip at all")
    ended = desk.scrapy("replay", str(junk))
    assert ended.returncode == 1
    assert list(desk.warc.rglob("*rac*")) == []


@pytest.mark.parametrize(
    ("kept", "early"),
    [
        (PACKED, False),
        (PACKED + PACKED, False),
        (PACKED + b"\x00" * 9, False),
        (PACKED[:-8], False),
        (PACKED[:-20], True),
        (PACKED[:12], True),
        (PACKED + PACKED[:30], True),
        (b"<p>Tin</p>", False),
        (b"", False),
    ],
)
def test_a_packed_body_ends_early_where_its_text_does_and_not_where_its_checksum_lacks(
    *, kept: bytes, early: bool
) -> None:
    assert ends_early(kept, ("gzip",), 10**6) is early
    assert ends_early(kept, (), 10**6) is False
