"""A re-extraction that is stopped leaves nothing behind; papers that only WARC files remember are read, too."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import OURS, ROOT, Desk
from tests.test_reextract_crawl import reextract

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(crawled: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    (tmp_path / "temp").mkdir()
    return Desk(tmp_path / "desk", crawled.sites)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_re_extraction_says_so_and_leaves_no_text_anywhere(
    desk: Desk, tmp_path: Path, sent: signal.Signals
) -> None:
    before = desk.archive.read_bytes()
    running = subprocess.Popen(
        desk.command("reextract", "--jobs", "2"),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path / "temp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while len(children.read_text().split()) < 2:
        assert running.poll() is None
        time.sleep(0.02)
    time.sleep(0.1)
    if sent == signal.SIGKILL:
        running.kill()
    else:
        os.killpg(running.pid, sent)
    told, said = running.communicate(timeout=60)
    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[sent]
    assert "Traceback" not in said
    assert ("nothing was written" in said) == (sent != signal.SIGKILL)
    assert told == ""
    assert [path for path in (tmp_path / "temp").rglob("*") if path.is_file()] == []
    assert desk.archive.read_bytes() == before


def test_papers_that_only_the_warc_files_remember_are_read_too(desk: Desk) -> None:
    ours: dict[str, Any] = {"PAPER_FILES": str(OURS), "ALLOW_LOOPBACK": "1"}
    read = reextract(desk)
    told = reextract(desk, **ours)
    assert (told["unread"], told["captures"], told["articles"]) == (0, read["captures"], read["articles"])
    assert reextract(desk, "--paper", "demo-baiboi", **ours)["articles"] > 0


def test_a_paper_that_nothing_remembers_is_unread(desk: Desk) -> None:
    ended = desk.at_once("reextract", "--jobs", "1", "--paper", "demo-khongco", PAPER_FILES=str(OURS))
    assert ended.returncode == 2
    assert "unknown paper" in ended.stderr
