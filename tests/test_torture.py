"""Crawls that are killed, stopped, or lose the machine's power at random moments; resumed, each is whole.

`make torture` takes ten times as many moments as CI.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pipelines.archive.connection import sqlite3
from tests.crawling import Desk, clock
from tests.demo.server import serve
from tests.demo.stories import NAMES

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.demo.server import Sites

pytestmark = pytest.mark.slow
PAPER = NAMES[0]
MOMENTS = int(os.environ.get("BAOTINH_KILLS", "30")) // 3
HELD = "SELECT uid, title, content_sha256, revisions FROM articles ORDER BY uid"


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with serve() as served:
        yield served


@pytest.fixture(scope="module")
def whole(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk at which nothing disturbed the crawl."""
    desk = Desk(tmp_path_factory.mktemp("whole"), sites)
    assert desk.crawl(0, [PAPER]).returncode == 0
    return desk


def begun(desk: Desk, chance: random.Random, nth: int) -> subprocess.Popen[bytes]:
    """Start a crawl and wait for a moment of it: so many requests, and up to a twentieth of a second."""
    requests = desk.sites[PAPER].log
    before = len(requests)
    process = desk.start("crawlall", PAPER, CLOCK=clock(0, hours=nth), DOWNLOAD_DELAY="0.01")
    moment = before + chance.randint(1, 24)
    until = time.monotonic() + 60
    while process.poll() is None and len(requests) < moment and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.05))
    return process


def lose_power(desk: Desk, chance: random.Random) -> None:
    """Take what may not have reached the disk: the end of SQLite's log, and of a WARC file past what rows say of it.

    What rows say is on the disk before they are (tests/test_fixity.py, tests/test_warc.py).
    """
    log = desk.archive.with_name(f"{desk.archive.name}-wal")
    desk.archive.with_name(f"{desk.archive.name}-shm").unlink(missing_ok=True)
    if log.exists():
        size = log.stat().st_size
        os.truncate(log, max(0, size - chance.randint(0, min(size, 60_000))))
    if not desk.archive.exists():
        return
    ends: Counter[str] = Counter()
    db = sqlite3.connect(desk.archive)
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'captures'").fetchone():
        captures = "SELECT warc_file AS path, warc_offset + warc_length AS bytes FROM captures"
        noted = f"{captures} UNION ALL SELECT path, bytes FROM warc_files"
        ends.update(dict(db.execute(f"SELECT path, max(bytes) FROM ({noted}) GROUP BY path").fetchall()))
    db.close()
    for path in desk.warc.rglob("*.warc.gz"):
        synced = ends[str(path.relative_to(desk.warc))]
        os.truncate(path, chance.randint(synced, path.stat().st_size))


@pytest.mark.parametrize("seed", range(MOMENTS))
@pytest.mark.parametrize("how", ["killed", "told to end", "without power"])
def test_a_crawl_disturbed_at_any_moment_comes_to_the_same(
    how: str, seed: int, whole: Desk, sites: Sites, tmp_path: Path
) -> None:
    chance = random.Random(f"{how} {seed}")
    desk = Desk(tmp_path, sites)
    sites.day = 0
    for nth in range(chance.choice((1, 1, 2))):
        process = begun(desk, chance, nth)
        process.send_signal(signal.SIGTERM if how == "told to end" else signal.SIGKILL)
        process.wait(40)
        if how == "without power":
            lose_power(desk, chance)
    ended = desk.scrapy("crawlall", PAPER, CLOCK=clock(0, hours=3))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows(HELD) == whole.rows(HELD)
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    assert desk.rows("PRAGMA foreign_key_check") == []
    verified = desk.at_once("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
