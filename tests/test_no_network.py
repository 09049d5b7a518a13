"""A machine without a network says so once, and holds it against no newspaper."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.crawling import Desk, clock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo.server import Sites

ENTRY = '[{0}]\ntitle = "Báo {0}"\nprovince = "Cà Mau"\nhosts = ["127.0.0.1:{1}"]\n'
NAMES = ("mot", "hai", "ba", "bon")


@pytest.fixture
def offline(tmp_path: Path) -> Desk:
    """A desk whose papers are at ports of this machine where nobody listens."""
    desk = Desk(tmp_path, cast("Sites", SimpleNamespace(ports=(1, 2, 3))))
    entries = [ENTRY.format(name, port) for port, name in enumerate(NAMES, 1)]
    (tmp_path / "papers.toml").write_text("\n".join(entries), "utf-8")
    keep = f"import sys; open({str(tmp_path / 'told.jsonl')!r}, 'a').write(sys.stdin.read())"
    desk.settings |= {
        "PAPER_FILES": str(tmp_path / "papers.toml"),
        "RETRY_TIMES": "0",
        "HEALTH_COMMAND": f'python3 -c "{keep}"',
    }
    return desk


def test_every_round_without_a_network_says_so_once_and_no_paper_fails_through_it(offline: Desk) -> None:
    for hours in (0, 1, 9):
        ended = offline.scrapy("crawlall", "--due", CLOCK=clock(1, hours))
        assert ended.returncode == 1
        (line,) = ended.stderr.splitlines()
        assert line.startswith("no host answered, 4 are silent: is this machine's network down?")
    said = offline.at_once("status", "--json", CLOCK=clock(1, 10))
    assert said.returncode == 0
    assert {row["state"] for row in map(json.loads, said.stdout.splitlines())} == {"unknown"}
    assert not (offline.folder / "told.jsonl").exists()
    assert offline.rows("SELECT DISTINCT reason, problem FROM runs") == [("no-network", None)]
    assert offline.rows("SELECT count(*) FROM hosts WHERE kind IS NOT NULL OR not_before IS NOT NULL") == [(0,)]
    assert offline.rows("SELECT DISTINCT state, failures FROM urls") == [("known", 0)]


def test_a_paper_or_two_that_cannot_be_found_are_their_own_fault(offline: Desk) -> None:
    ended = offline.scrapy("crawlall", "mot", "hai", CLOCK=clock(1))
    assert ended.returncode == 1
    assert [line.split(":")[0] for line in sorted(ended.stderr.splitlines())] == ["hai", "mot"]
    third = offline.scrapy("crawl", "ba", CLOCK=clock(1, 1))
    assert third.stderr.startswith("no host answered, 3 are silent"), "nobody answered since"
