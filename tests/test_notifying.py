"""A paper that begins to fail is told of once, and once more when it fares well; what cannot be told harms nothing."""

from __future__ import annotations

import json
import logging
import sys
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from crawler import notifying
from crawler.clock import ManualClock
from crawler.notifying import ATOM, notify
from pipelines.archive import Archive
from tests import making
from tests.test_health import Life

if TYPE_CHECKING:
    from pathlib import Path

KEEP = "import sys; open({!r}, 'a').write(sys.stdin.read())"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(making.archive(tmp_path / "archive.db"))
    life.days(4, ["alpha", "beta"])
    return life


def settings(life: Life, tmp_path: Path, hours: float, code: str | None = None) -> Settings:
    """Return settings by whose clock it is ``hours`` after the next crawl should have been."""
    code = code or KEEP.format(str(tmp_path / "told.jsonl"))
    values = {
        "ARCHIVE": str(tmp_path / "archive.db"),
        "CLOCK": ManualClock(life.at + timedelta(hours=hours)),
        "HEALTH_COMMAND": f'{sys.executable} -c "{code}"',
        "HEALTH_FEED": str(tmp_path / "health.atom"),
    }
    return Settings(values)


def told(tmp_path: Path) -> list[tuple[str, str, str]]:
    lines = (tmp_path / "told.jsonl").read_text().splitlines() if (tmp_path / "told.jsonl").exists() else []
    return [(one["paper"], one["before"], one["state"]) for one in map(json.loads, lines)]


def test_changes_are_told_once_by_command_and_feed(life: Life, tmp_path: Path) -> None:
    notify(settings(life, tmp_path, -20))
    assert told(tmp_path) == []
    for hours in (30, 31):
        notify(settings(life, tmp_path, hours))
        assert sorted(told(tmp_path)) == [("alpha", "ok", "late"), ("beta", "ok", "late")]
    life.at += timedelta(hours=32)
    life.day(["alpha"])
    notify(settings(life, tmp_path, -20))
    assert told(tmp_path)[2:] == [("alpha", "late", "ok")]
    feed = ET.parse(tmp_path / "health.atom").getroot()
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert entries[0].findtext(f"{{{ATOM}}}title") == "alpha: ok, before late"
    assert len({entry.findtext(f"{{{ATOM}}}id") for entry in entries}) == 3
    assert "see that the timer runs" in (entries[1].findtext(f"{{{ATOM}}}content") or "")
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(3)", "ended with 3"),
        ("import time; time.sleep(60)", "took longer than"),
    ],
)
def test_a_command_that_fails_or_hangs_is_a_line_in_the_log(
    life: Life,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    said: str,
) -> None:
    monkeypatch.setattr(notifying, "SECONDS", 1)
    with caplog.at_level(logging.WARNING):
        assert len(notify(settings(life, tmp_path, 30, code))) == 2
    assert [said in record.getMessage() for record in caplog.records] == [True]
    assert "2 changes are to be told" in caplog.text


def test_what_the_command_did_not_take_is_told_at_the_next_run(life: Life, tmp_path: Path) -> None:
    for code in ("import sys; sys.exit(3)", "import sys; sys.exit(4)"):
        notify(settings(life, tmp_path, 30, code))
    assert told(tmp_path) == []
    assert notify(settings(life, tmp_path, 30.5)) == []
    assert sorted(told(tmp_path)) == [("alpha", "ok", "late"), ("beta", "ok", "late")]
    notify(settings(life, tmp_path, 31))
    assert len(told(tmp_path)) == 2


def test_a_change_that_nobody_takes_keeps_no_other_back(life: Life, tmp_path: Path) -> None:
    path = str(tmp_path / "told.jsonl")
    picky = f"import sys; said = sys.stdin.read(); sys.exit(1) if 'alpha' in said else open({path!r}, 'a').write(said)"
    notify(settings(life, tmp_path, 30, picky.replace('"', "'")))
    notify(settings(life, tmp_path, 31, picky))
    assert told(tmp_path) == [("beta", "ok", "late")]


def test_what_is_a_week_old_or_overtaken_is_not_told_any_more(life: Life, tmp_path: Path) -> None:
    notify(settings(life, tmp_path, 30, "import sys; sys.exit(3)"))
    life.at += timedelta(hours=32)
    life.day(["alpha"])
    notify(settings(life, tmp_path, -20))
    assert sorted(told(tmp_path)) == [("alpha", "late", "ok"), ("beta", "ok", "late")]
    (tmp_path / "told.jsonl").unlink()
    notify(settings(life, tmp_path, 30, "import sys; sys.exit(3)"))
    notify(settings(life, tmp_path, 30 + 8 * 24))
    assert told(tmp_path) == []


def test_a_command_that_is_not_there_and_a_feed_that_cannot_be_written_harm_nothing(
    life: Life, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = settings(life, tmp_path, 30)
    wrong.set("HEALTH_COMMAND", "/no/such/command")
    wrong.set("HEALTH_FEED", str(tmp_path / "no" / "health.atom"))
    with caplog.at_level(logging.WARNING):
        assert len(notify(wrong)) == 2
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "setting HEALTH_COMMAND",
        "setting HEALTH_FEED",
    ]


def test_a_feed_that_could_not_be_written_once_is_written_the_next_time(life: Life, tmp_path: Path) -> None:
    notify(settings(life, tmp_path, -20))
    there, away = tmp_path / "health.atom", tmp_path / "away.atom"
    there.rename(away)
    there.mkdir()
    notify(settings(life, tmp_path, 30))
    there.rmdir()
    away.rename(there)
    assert "late" not in there.read_text(encoding="utf-8")
    notify(settings(life, tmp_path, 31))
    assert "late" in there.read_text(encoding="utf-8")


def test_where_nobody_is_to_be_told_nothing_is_kept(life: Life, tmp_path: Path) -> None:
    silent = settings(life, tmp_path, 30)
    silent.set("HEALTH_COMMAND", "")
    silent.set("HEALTH_FEED", "")
    assert notify(silent) == []
    kept = Archive(tmp_path / "archive.db")
    assert making.rows(kept, "SELECT count(*) FROM health_changes") == [(0,)]
    kept.close()
