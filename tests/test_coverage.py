"""What listings say was printed on a day is held against what the archive has of it, and the holes are filled."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from crawler.commands.coverage import calendar
from pipelines.archive.coverage import Day, coverage, fill
from pipelines.days import Days
from pipelines.items import Link
from tests import making
from tests.crawling import Desk, clock

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.archive import Archive

NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
HOME = "https://alpha.example.vn"


@pytest.fixture
def kept(tmp_path: Path) -> Archive:
    """An archive whose sitemap named six articles of three days, of which two were fetched, one of them refused."""
    archive = making.archive(tmp_path / "archive.db")
    days = ["2026-11-03", "2026-11-03T23:30:00Z", "2026-11-04T08:00:00+07:00", "2026-11-04", "2026-11-05", "2026-11"]
    links = tuple(
        Link(f"{HOME}/bai-{n}.html", "article", modified=day, later=True) for n, day in enumerate(days, start=1)
    )
    sitemap = making.visit("/sitemap.xml", making.hours(0))
    making.store(archive, [replace(sitemap, kind="sitemap", outcome="listing/read", article=None, links=links)])
    held = making.visit("/bai-1.html", making.hours(1), published="2026-11-03", published_precision="day")
    making.store(archive, [held, making.refusal("/bai-5.html", making.hours(1))])
    return archive


def test_a_day_counts_what_is_held_missing_and_refused(kept: Archive) -> None:
    assert coverage(kept.db, ["alpha"], NOVEMBER) == [
        Day("alpha", "2026-11-03", listed=1, held=1, missing=0, refused=0, no_article=0),
        Day("alpha", "2026-11-04", listed=3, held=0, missing=3, refused=0, no_article=0),
        Day("alpha", "2026-11-05", listed=1, held=0, missing=0, refused=1, no_article=0),
    ]
    assert coverage(kept.db, ["beta"], NOVEMBER) == []
    assert len(coverage(kept.db, ["alpha"], Days(date(2026, 11, 4), date(2026, 11, 4)))) == 1


def test_an_article_that_is_gone_since_is_held_and_not_lacking(kept: Archive) -> None:
    for hours in (30, 60):
        making.store(kept, [making.refusal("/bai-1.html", making.hours(hours))])
    assert making.rows(kept, "SELECT gone_at IS NOT NULL FROM articles") == [(1,)]
    assert coverage(kept.db, ["alpha"], NOVEMBER)[0] == Day(
        "alpha", "2026-11-03", listed=1, held=1, missing=0, refused=0, no_article=0
    )
    assert making.rows(kept, "SELECT count(*) FROM lacking WHERE url LIKE '%bai-1.html'") == [(0,)]


def test_a_calendar_shows_a_sign_a_day(kept: Archive) -> None:
    head, line = calendar(coverage(kept.db, ["alpha"], NOVEMBER))
    assert head.startswith("alpha ")
    assert line == "  2026-11  ..#-..........................   1 held, 3 missing"


def test_filling_makes_due_what_is_missing_and_nothing_that_was_refused_or_erased(kept: Archive) -> None:
    kept.db.conn.execute(
        "INSERT INTO takedowns (uid, paper, url, at, reason, state) VALUES ('alpha-1', 'alpha', '', '', '', 'erased')"
    )
    kept.db.conn.execute(
        "INSERT INTO takedown_marks SELECT 'alpha', 'url', url_key, 'alpha-1' FROM urls WHERE url LIKE '%bai-3.html'"
    )
    kept.db.conn.execute("UPDATE urls SET due_at = NULL WHERE url LIKE '%bai-5.html'")
    assert fill(kept.db, ["alpha"], NOVEMBER, making.hours(5)) == {"alpha": 2}
    due = making.rows(kept, "SELECT url FROM urls WHERE due_at = ? ORDER BY 1", "2026-11-21T04:00:00.000000Z")
    assert due == [(f"{HOME}/bai-2.html",), (f"{HOME}/bai-4.html",)]
    assert fill(kept.db, ["alpha"], NOVEMBER, making.hours(6)) == {}


def test_coverage_of_crawled_papers_counts_their_articles_and_fills_what_it_called_missing(
    crawled: Desk, tmp_path: Path
) -> None:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    desk = Desk(tmp_path / "desk", crawled.sites)
    before = desk.at_once("coverage", "demo-baiboi", "--json", "--since", "2026-11-01", CLOCK=clock(2, 1))
    assert before.returncode == 0, before.stderr
    days = [json.loads(line) for line in before.stdout.splitlines()]
    assert sum(day["held"] for day in days) == desk.rows("SELECT count(*) FROM articles WHERE paper = ?", NAME)[0][0]
    missing = sum(day["missing"] for day in days)
    filled = desk.at_once("coverage", "demo-baiboi", "--fill", "--since", "2026-11-01", CLOCK=clock(2, 1))
    due = desk.rows("SELECT count(*) FROM urls WHERE paper = ? AND state IN ('known', 'failed')", NAME)[0][0]
    assert missing == due == 0, "the made-up paper lacks nothing"
    assert filled.stderr.startswith("nothing was queued")


def test_filling_says_what_was_queued_and_how_it_is_fetched(
    kept: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.close()
    papers = tmp_path / "alpha.toml"
    papers.write_text('[alpha]\ntitle = "A"\nprovince = "Nghệ An"\nhosts = ["alpha.example.vn"]\n')
    words = ["scrapy", "coverage", "alpha", "--fill", "--since", "2026-11-01", "-s", f"PAPER_FILES={papers}"]
    with pytest.raises(SystemExit):
        execute([*words, "-s", f"ARCHIVE={tmp_path / 'archive.db'}"], settings=get_project_settings())
    assert capsys.readouterr().err == "queued 3 of alpha; fetch it with: scrapy crawlall --due alpha\n"


NAME = "demo-baiboi"


@pytest.mark.parametrize("words", [["demo-bai"], ["--since", "2026-13-01"], ["--until", "2026-01-01"]])
def test_coverage_that_is_used_wrongly_ends_with_2(crawled: Desk, words: list[str]) -> None:
    assert crawled.at_once("coverage", *words, CLOCK=clock(2)).returncode == 2
