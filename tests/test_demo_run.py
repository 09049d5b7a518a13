"""The demo's manners: what it refuses, what it removes, where it goes on after it was cut off."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.archive import directory, runs
from pipelines.archive.connection import open_archive, transaction
from pipelines.items import Paper, Visit
from tests.demo.compare import differences
from tests.demo.server import LOOPBACK
from tests.demo.stories import DAWN, NAMES
from tests.demo.summary import days_done, last_moment, papers_in, summary, table

ROOT = Path(__file__).parent.parent


def demo(tmp_path: Path, port: int) -> subprocess.CompletedProcess[str]:
    where = ["--archive", str(tmp_path / "archive.db"), "--warc", str(tmp_path / "warc"), "--port", str(port)]
    command = [sys.executable, "-m", "tests.demo", *where]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)


def archive_with_runs(file: Path, begun: list[tuple[str, int, str | None]]) -> Path:
    """An archive with one run for each (paper, day, reason it ended; None: it was killed)."""
    with closing(open_archive(file)) as db, transaction(db):
        for name in {name for name, _, _ in begun}:
            directory.put_paper(db, Paper(name=name, title=name, province="Nghệ An", hosts=("x.vn",)))
        for name, day, reason in begun:
            at = DAWN + timedelta(days=day, minutes=1)
            run = runs.begin(db, name, "crawlall", at, "", {})
            if reason:
                counts = Counter({"article/new": 3, "refused": 1, "listing/read": 4, "requests": 8})
                runs.put_problem(
                    db, run, Visit(paper=name, url="http://x.vn/a", kind="article", outcome="refused", at=at), at
                )
                runs.end(db, run, reason, at + timedelta(minutes=2), counts, [])
    return file


def test_an_archive_of_other_papers_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = archive_with_runs(tmp_path / "archive.db", [("baothanhhoa", 0, "finished")])
    before = file.read_bytes()
    ended = demo(tmp_path, 18451)
    assert ended.returncode == 1
    assert re.fullmatch(r"demo: .*archive\.db holds other papers .*baothanhhoa.*--archive.*\n", ended.stderr)
    assert file.read_bytes() == before
    assert [left.name for left in tmp_path.iterdir()] == ["archive.db"]


def test_a_crawl_that_found_no_network_does_not_stand_in_the_way(tmp_path: Path) -> None:
    file = archive_with_runs(tmp_path / "archive.db", [])
    with closing(open_archive(file)) as db, transaction(db):
        directory.put_paper(db, Paper(name="baothanhhoa", title="Báo", province="Thanh Hóa", hosts=("x.vn",)))
        run = runs.begin(db, "baothanhhoa", "crawlall", DAWN + timedelta(days=400), "", {})
        runs.end(db, run, "unreachable", DAWN + timedelta(days=400), Counter({"listing/unreadable": 3}), [])
    assert papers_in(file) == set()
    assert last_moment(file) is None
    assert set(summary(file)) == set(NAMES)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        ended = demo(tmp_path, taken.getsockname()[1])
    assert ended.returncode == 1
    assert re.fullmatch(r"demo: ports .* are not all free .*--port\n", ended.stderr)
    assert not (tmp_path / "archive.db").exists()


def test_a_file_that_is_no_archive_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_text("a diary, not a database; it is long enough to be read as one" * 20)
    ended = demo(tmp_path, 18454)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "not readable as an archive" in ended.stderr


@pytest.mark.parametrize(
    ("begun", "done"),
    [
        ([], 0),
        ([(name, 0, None) for name in NAMES], 0),
        ([(NAMES[0], 0, "finished"), (NAMES[1], 0, "finished"), (NAMES[2], 0, "shutdown")], 0),
        ([(name, 0, "finished") for name in NAMES] + [(NAMES[0], 1, "finished")], 1),
        ([(name, day, "finished") for name in NAMES for day in (0, 1, 2)], 3),
    ],
)
def test_a_day_is_done_when_all_three_papers_were_crawled_to_the_end(
    tmp_path: Path, begun: list[tuple[str, int, str | None]], done: int
) -> None:
    assert days_done(archive_with_runs(tmp_path / "archive.db", begun)) == done


def test_the_summary_adds_up_the_runs_of_each_paper(tmp_path: Path) -> None:
    file = archive_with_runs(tmp_path / "archive.db", [(name, day, "finished") for name in NAMES for day in (0, 1)])
    assert papers_in(file) == set(NAMES)
    assert last_moment(file) == DAWN + timedelta(days=1, minutes=3)
    for found in summary(file).values():
        assert (found["new"], found["failed"], found["gone"]) == (6, 2, 0)
    lines = table(summary(file)).splitlines()
    assert lines[0].split()[:3] == ["paper", "new", "same"]
    assert [line.split()[:2] for line in lines[1:]] == [[name, "6"] for name in NAMES]


@pytest.mark.slow
def test_three_days_leave_an_archive_that_holds_what_the_papers_printed(tmp_path: Path) -> None:
    first = demo(tmp_path, 18461)
    assert first.returncode == 0, first.stderr
    assert "scrapy browse" in first.stdout.splitlines()[-1]
    file = tmp_path / "archive.db"
    total = sum(summary(file).values(), Counter[str]())
    assert {name: total[name] for name in ("new", "same", "copied", "revised", "alias", "gone", "failed")} == {
        "new": 41,
        "same": 23,
        "copied": 1,
        "revised": 1,
        "alias": 3,
        "gone": 1,
        "failed": 4,
    }
    assert list(differences(file, 2)) == []
    again = demo(tmp_path, 18461)
    assert again.returncode == 0
    assert "finished demo" in again.stdout
    assert sum(summary(file).values(), Counter[str]()) == total
