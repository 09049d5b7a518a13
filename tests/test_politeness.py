"""Whole crawls over loopback: how hosts are spaced, when they are left alone, what their robots.txt brings about."""

from __future__ import annotations

import itertools
import re
import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from tests.crawling import clock
from tests.demo.server import Sites
from tests.polite_host import HTML, PIXEL, PoliteDesk, hosts

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
AT = datetime.fromisoformat(clock(0))
ANSWER = tuple[int, dict[str, str], bytes]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PoliteDesk]:
    with hosts() as served:
        served[0].prints(2, [])
        yield PoliteDesk(tmp_path, Sites([]), hosts=served)


def crawl(desk: PoliteDesk, hours: float = 0, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Crawl paper a, so many hours after the first time; what was asked before is forgotten."""
    desk.hosts[0].log.clear()
    return desk.scrapy(*(words or ("crawl", "a")), **{"CLOCK": clock(0, hours), **settings})


def articles(desk: PoliteDesk) -> int:
    return int(desk.rows("SELECT count(*) FROM articles")[0][0])


def test_a_host_of_many_papers_is_asked_one_at_a_time_and_never_sooner(tmp_path: Path) -> None:
    delay, each = 0.03, 102
    with hosts(4) as served:
        *papers, cdn = served
        for name, paper in zip("abc", papers, strict=True):
            pictures = [f"/{name}/{n}.png" for n in range(each)]
            cdn.pages |= {path: (200, {"Content-Type": "image/png"}, PIXEL + path.encode()) for path in pictures}
            cdn.slow |= set(pictures[::3])
            paper.prints(6, [cdn.base + path for path in pictures])
        desk = PoliteDesk(tmp_path, Sites([]), hosts=papers)
        (tmp_path / "other").mkdir()
        other = PoliteDesk(tmp_path / "other", Sites([]), {"TURNS_DIR": str(tmp_path / "turns")}, papers)
        behind = other.start("crawl", "c", CLOCK=clock(0), DOWNLOAD_DELAY=str(delay))
        ended = desk.scrapy("crawlall", "a", "b", CLOCK=clock(0), DOWNLOAD_DELAY=str(delay))
        assert (ended.returncode, behind.wait()) == (0, 0), ended.stderr
        assert sum(path.endswith(".png") for path in cdn.paths) == 3 * each
        of = "".join(path[1] for path in cdn.paths if path.endswith(".png"))
        assert max(map(of.index, "abc")) < min(map(of.rindex, "abc")), "they did not ask at the same time"
    for host in served:
        log = sorted(host.log, key=lambda asked: asked.began)
        for one, two in itertools.pairwise(log):
            assert two.began >= one.ended
            assert two.began - one.began >= 0.95 * delay


def test_pauses_are_longer_by_chance_and_never_shorter(desk: PoliteDesk) -> None:
    desk.hosts[0].prints(6, [])
    assert crawl(desk, DOWNLOAD_DELAY="0.1", DOWNLOAD_DELAY_JITTER="3").returncode == 0
    gaps = [two.began - one.began for one, two in itertools.pairwise(desk.hosts[0].log)]
    assert len(gaps) >= 9
    assert min(gaps) >= 0.95 * 0.1
    assert max(gaps) - min(gaps) >= 0.1


def test_a_pause_outlives_the_crawl_that_made_it(desk: PoliteDesk) -> None:
    desk.hosts[0].prints(0, [])
    assert crawl(desk, DOWNLOAD_DELAY="0.1").returncode == 0
    last = desk.hosts[0].log[-1]
    desk.hosts[0].log.clear()
    process = desk.start("crawl", "a", CLOCK=clock(0, 1), DOWNLOAD_DELAY="6")
    while not desk.hosts[0].log and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert desk.hosts[0].log[0].began - last.began >= 0.95 * 6


@pytest.mark.parametrize(
    ("answer", "silent", "says"),
    [
        ((503, {}, b""), False, "answers HTTP 503"),
        ((500, {}, b""), False, "answers HTTP 500"),
        ((429, {}, b""), False, "answers HTTP 429"),
        ((302, {"Location": "/robots.txt?1"}, b""), False, "redirections"),
        ((200, {"Content-Length": "99"}, b"User-agent: *\n"), False, "cut off"),
        ((200, {}, b""), True, "no answer in time"),
    ],
)
def test_robots_txt_that_cannot_be_had_closes_the_host_for_a_while(
    desk: PoliteDesk, answer: ANSWER, silent: bool, says: str
) -> None:
    host = desk.hosts[0]
    host.pages["/robots.txt"] = host.pages["/robots.txt?1"] = answer
    host.silent = {"/robots.txt"} if silent else set()
    ended = crawl(desk, DOWNLOAD_TIMEOUT="0.5", RETRY_TIMES="0")
    assert ended.returncode == 1
    assert says in ended.stderr
    assert {path.partition("?")[0] for path in host.paths} == {"/robots.txt"}
    assert len(host.paths) <= 6
    again = crawl(desk, 0.1)
    assert (again.returncode, host.paths) == (1, [])
    (line,) = again.stderr.splitlines()
    assert re.match(r"a: 127\.0\.0\.1:\d+ is left alone until 2026-\d\d-\d\d \d\d:\d\d \(\+07:00\): ", line)
    host.robots(b"")
    host.silent = set()
    assert crawl(desk, 1).returncode == 0
    assert articles(desk) == 2
    assert desk.rows("SELECT failures, not_before FROM hosts") == [(0, None)]


@pytest.mark.parametrize("body", [b"", b"# dem\n" * 900_000], ids=["short", "5-mb"])
def test_robots_txt_is_kept_as_fetched_and_asked_for_once_a_day(desk: PoliteDesk, body: bytes) -> None:
    host = desk.hosts[0]
    host.robots("\ufeffUser-agent: *\nDisallow: /bai/1\n".encode() + body)
    assert crawl(desk).returncode == 0
    assert host.paths.count("/robots.txt") == 1
    assert (articles(desk), [path for path in host.paths if path.startswith("/bai/1")]) == (1, [])
    assert desk.rows("SELECT outcome, record FROM captures WHERE url LIKE '%robots.txt'") == [("robots", "response")]
    host.robots(b"")
    assert crawl(desk, 23).returncode == 0
    assert (host.paths.count("/robots.txt"), articles(desk)) == (0, 1)
    assert crawl(desk, 25 + 24 * 7).returncode == 0
    assert (host.paths.count("/robots.txt"), articles(desk)) == (1, 2)


def test_robots_txt_that_is_not_there_is_no_rule_and_asked_for_once_a_day(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    host.pages["/robots.txt"] = (301, {"Location": "/luat.txt"}, b"")
    assert crawl(desk).returncode == 0
    assert host.paths[:2] == ["/robots.txt", "/luat.txt"]
    assert articles(desk) == 2
    assert crawl(desk, 2).returncode == 0
    assert not {"/robots.txt", "/luat.txt"} & set(host.paths)


def test_crawl_delay_is_kept_in_the_next_crawl_too_and_bounded(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    host.prints(1, [])
    host.robots(b"User-agent: *\nCrawl-delay: 30\n")
    for hours, fewest in ((0, 5), (5, 3)):
        ended = crawl(desk, hours, CRAWL_DELAY_MOST="0.5")
        assert ended.returncode == 0
        assert "robots.txt asks for 30 s between requests; CRAWL_DELAY_MOST allows 0.5" in ended.stderr
        assert len(host.log) >= fewest
        assert all(two.began - one.began >= 0.95 * 0.5 for one, two in itertools.pairwise(host.log))


def test_a_crawl_delay_of_30_seconds_is_waited_for_and_a_crawl_that_waits_ends_at_once(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    host.robots(b"User-agent: *\nCrawl-delay: 30\n")
    process = desk.start("crawl", "a", CLOCK=clock(0))
    while not host.log and process.poll() is None:
        time.sleep(0.02)
    time.sleep(3)
    process.terminate()
    began = time.monotonic()
    assert process.wait(timeout=40) == 0
    assert time.monotonic() - began < 10
    assert host.paths == ["/robots.txt"]
    assert desk.rows("SELECT host FROM hosts") == []


@pytest.mark.parametrize("status", [429, 428, 503])
def test_a_host_is_left_alone_as_long_as_it_asks(desk: PoliteDesk, status: int) -> None:
    host = desk.hosts[0]
    host.pages["/"] = (status, {"Retry-After": format_datetime(AT + timedelta(hours=3))}, b"")
    assert f"HTTP {status}: the host asks us to wait; its crawl ends, it is left alone until" in crawl(desk).stderr
    assert crawl(desk, 2.9).returncode == 1
    assert host.paths == []
    host.prints(2, [])
    assert crawl(desk, 3.1).returncode == 0
    assert articles(desk) == 2


def test_cron_begins_no_crawl_of_a_host_that_is_left_alone_nor_in_hours_of_rest(desk: PoliteDesk) -> None:
    due = ("crawlall", "--due", "a")
    desk.hosts[0].pages["/"] = (429, {"Retry-After": "10800"}, b"")
    assert crawl(desk, 0, *due).returncode == 1
    desk.hosts[0].prints(2, [])
    for hours, rest in ((2.9, ""), (4, "00:00-23:59")):
        ended = crawl(desk, hours, *due, REST_HOURS=rest)
        assert (ended.returncode, ended.stdout, ended.stderr, desk.hosts[0].paths) == (0, "", "", [])
    assert desk.rows("SELECT count(*) FROM runs") == [(1,)]
    assert crawl(desk, 4, *due).returncode == 0
    assert articles(desk) == 2


def test_cron_begins_no_crawl_for_pictures_whose_host_is_left_alone(tmp_path: Path) -> None:
    with hosts(2) as served:
        paper, cdn = served
        cdn.pages["/a.png"] = cdn.pages["/b.png"] = (429, {"Retry-After": "10800"}, b"")
        paper.prints(1, [f"{cdn.base}/a.png", f"{cdn.base}/b.png"])
        desk = PoliteDesk(tmp_path, Sites([]), hosts=[paper])
        for hours in (0, 0.05, 0.1):
            assert desk.scrapy("crawlall", "--due", "a", CLOCK=clock(0, hours)).returncode == 0
        assert cdn.paths == ["/robots.txt", "/a.png"]
        assert desk.rows("SELECT count(*) FROM urls WHERE due_at < '2026-11-20T23:05' AND kind = 'image'") == [(1,)]
        assert desk.rows("SELECT count(*) FROM runs") == [(1,)]
        for picture in ("/a.png", "/b.png"):
            cdn.pages[picture] = (200, {"Content-Type": "image/png"}, PIXEL + picture.encode())
        assert desk.scrapy("crawlall", "--due", "a", CLOCK=clock(0, 3.1)).returncode == 0
        assert desk.rows("SELECT count(*) FROM captures WHERE outcome = 'image/kept'") == [(2,)]


def test_pauses_grow_where_none_is_asked_for_and_none_is_longer_than_the_operator_allows(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    host.pages["/"] = (429, {"Retry-After": "Tue, 24 Nov 2020 06:00:00 GMT"}, b"")
    waits = []
    for hours in (0, 1, 2):
        assert crawl(desk, hours).returncode in (0, 1)
        ((failures, until, at),) = desk.rows("SELECT failures, not_before, refused_at FROM hosts")
        waits.append((failures, round((datetime.fromisoformat(until) - datetime.fromisoformat(at)).total_seconds())))
    assert waits == [(1, 900), (2, 1800), (3, 3600)]
    host.pages["/"] = (429, {"Retry-After": "999999999999"}, b"")
    ended = crawl(desk, 4, LEAVE_ALONE_MOST="7200")
    assert "asks to be left alone for 36500 days, 0:00:00; LEAVE_ALONE_MOST allows 2:00:00" in ended.stderr
    host.prints(2, [])
    assert crawl(desk, 6.1).returncode == 0
    assert articles(desk) == 2


def test_a_paper_that_blocks_us_is_left_alone_longer_each_time_and_said_to(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    host.robots(b"")
    host.instead = (403, HTML, b"<html><title>Forbidden</title></html>")
    assert crawl(desk).returncode == 1
    assert crawl(desk, 0.1).returncode == 1
    assert host.paths == []
    crawl(desk, 1)
    assert desk.rows("SELECT kind, failures, status, reason FROM hosts") == [("blocked", 2, 403, "HTTP 403")]
    ((until,),) = desk.rows("SELECT substr(not_before, 1, 16) FROM hosts")
    status = desk.at_once("status", "a", CLOCK=(AT + timedelta(hours=1.1)).isoformat())
    assert (status.returncode, status.stdout.splitlines()[-1]) == (
        1,
        f"a: blocked: HTTP 403; left alone until {until}Z",
    )
    host.instead = None
    assert crawl(desk, 2).returncode == 0
    assert desk.rows("SELECT kind, failures FROM hosts") == [(None, 0)]


def test_hours_of_rest_and_the_day_s_requests_are_the_operator_s_wish(desk: PoliteDesk) -> None:
    host = desk.hosts[0]
    hour = (AT + timedelta(hours=7)).hour if AT.utcoffset() == timedelta() else AT.hour
    rest = f"{hour:02d}:00-{(hour + 2) % 24:02d}:00"
    ended = crawl(desk, REST_HOURS=rest)
    assert (ended.returncode, host.paths, ended.stderr) == (0, [], "")
    assert ended.stdout.startswith("a: hours of rest (REST_HOURS) until ")
    ended = crawl(desk, 3, REST_HOURS=rest, DAILY_REQUESTS="5")
    assert (ended.returncode, len(host.paths)) == (0, 5)
    assert "had its 5 requests of the day (DAILY_REQUESTS); tomorrow again; what is due stays due" in ended.stdout
    ended = crawl(desk, 4, DAILY_REQUESTS="5")
    assert (ended.returncode, host.paths) == (0, [])
    assert crawl(desk, 24, DAILY_REQUESTS="50").returncode == 0
    assert articles(desk) == 2


def test_every_request_says_who_we_are(tmp_path: Path) -> None:
    with hosts(2) as served:
        paper, cdn = served
        cdn.pages["/a.png"] = (200, {"Content-Type": "image/png"}, PIXEL)
        cdn.robots(b"", 301, Location="/luat.txt")
        paper.prints(1, [f"{cdn.base}/a.png"])
        desk = PoliteDesk(tmp_path, Sites([]), {"CONTACT_URL": "https://example.org/about"}, served[:1])
        assert desk.scrapy("crawl", "a", CLOCK=clock(0)).returncode == 0
        desk.scrapy("discover", f"127.0.0.1:{paper.port}", CLOCK="")
        assert {"/robots.txt", "/luat.txt", "/a.png"} <= set(cdn.paths)
        assert paper.paths.count("/robots.txt") == 2
        (agent,) = {asked.agent for asked in paper.log + cdn.log}
        assert re.fullmatch(r"baotinh/\S+ \(.*\) \(\+https://example\.org/about\)", agent)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REST_HOURS", "1-5", "two times of the day in Vietnam"),
        ("DAILY_REQUESTS", "many", "a whole number"),
        ("LEAVE_ALONE_MOST", "-1", "a number"),
        ("CRAWL_DELAY_MOST", "nan", "a number"),
        ("TURNS_DIR", "/proc/none", ""),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("LOG_LEVEL", "10", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(desk: PoliteDesk, name: str, value: str, expected: str) -> None:
    ended = desk.scrapy("crawl", "a", **{name: value})
    assert (ended.returncode, desk.hosts[0].paths) == (2, [])
    assert f"setting {name}: " in ended.stderr
    assert expected in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
