"""A crawl that is told to end does so in order within seconds, though a newspaper keeps it waiting."""

from __future__ import annotations

import signal
import time
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
