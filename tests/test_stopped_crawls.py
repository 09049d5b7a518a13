"""A crawl that is told to end does so in order within seconds, though a newspaper keeps it waiting."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.crawling import Desk, clock
from tests.demo.expected import EXPECTED
from tests.demo.faults import Trouble
from tests.demo.server import serve
from tests.demo.stories import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
PAPER = NAMES[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serve() as sites:
        yield Desk(tmp_path, sites)


def stopped(desk: Desk, last: str, **settings: str) -> float:
    """Crawl, stop it by SIGTERM after it asked for ``last``; return the seconds it took to end in order."""
    process = desk.start("crawlall", PAPER, CLOCK=clock(0), **settings)
    while process.poll() is None and last not in {exchange.path for exchange in desk.sites[PAPER].log}:
        time.sleep(0.01)
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert desk.rows("SELECT reason FROM runs") == [("shutdown",)]
    assert desk.rows("SELECT count(*) FROM problems") == [(0,)]
    return time.monotonic() - began


def finished(desk: Desk) -> list[tuple[str]]:
    """Crawl again, undisturbed, and return the titles that the archive holds then."""
    for site in desk.sites.values():
        site.faults.clear()
    assert desk.crawl(0, papers=[PAPER], CLOCK=clock(0, hours=0.5)).returncode == 0
    return desk.rows("SELECT title FROM articles ORDER BY title")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str]]:
    """The titles that a crawl which nothing disturbs comes to."""
    with serve() as sites:
        return finished(Desk(tmp_path_factory.mktemp("whole"), sites))


def test_the_pause_that_a_newspaper_asks_for_keeps_nobody_waiting(desk: Desk, whole: list[tuple[str]]) -> None:
    assert stopped(desk, "/robots.txt", DOWNLOAD_DELAY="30") < 10
    assert finished(desk) == whole


def test_an_answer_that_never_comes_keeps_nobody_waiting(desk: Desk, whole: list[tuple[str]]) -> None:
    path = next(held.path for held in EXPECTED[PAPER, 0].articles if not held.refused)
    desk.sites[PAPER].faults[path] = lambda reply: Trouble(reply, silent=True)
    assert stopped(desk, path) < 10
    assert finished(desk) == whole


def test_a_robots_txt_that_never_comes_keeps_nobody_waiting(desk: Desk, whole: list[tuple[str]]) -> None:
    desk.sites[PAPER].faults["/robots.txt"] = lambda reply: Trouble(reply, silent=True)
    assert stopped(desk, "/robots.txt") < 10
    assert finished(desk) == whole


def test_a_stopped_crawl_waits_for_no_health_command_and_the_next_round_tells(desk: Desk, tmp_path: Path) -> None:
    assert desk.crawl(0, papers=[PAPER]).returncode == 0
    with closing(sqlite3.connect(desk.archive)) as db, db:
        db.execute(
            "INSERT INTO health_changes (paper, at, before, state, tries) VALUES (?, ?, 'late', 'ok', 0)",
            (PAPER, f"{clock(0)[:10]}T00:00:00.000000Z"),
        )
    desk.sites[PAPER].log.clear()
    told = tmp_path / "told"
    later = {"CLOCK": clock(0, hours=7), "HEALTH_COMMAND": f"touch {told}"}
    process = desk.start("crawlall", PAPER, DOWNLOAD_DELAY="2", **later)
    while process.poll() is None and not desk.sites[PAPER].log:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert desk.rows("SELECT reason FROM runs ORDER BY id DESC LIMIT 1") == [("shutdown",)]
    assert not told.exists()
    assert desk.scrapy("crawlall", PAPER, **later).returncode == 0
    assert told.exists()
