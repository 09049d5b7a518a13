"""Backfill as whole crawls of a made-up paper of ten years: all of the days asked for and little else."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.crawling import Desk
from tests.demo.server import Sites
from tests.years_paper import Years, served

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.slow

YEAR = ("--since", "2019-01-01", "--until", "2019-12-31")
SPRING = ("--since", "2025-02-01", "--until", "2025-04-30")
LEFT = "SELECT count(*) FROM backfill_urls WHERE due_at IS NOT NULL"
TWICE = "SELECT url FROM captures WHERE record = 'response' AND outcome = 'article' GROUP BY 1 HAVING count(*) > 1"


@dataclass
class Shelf(Desk):
    """A desk with the newspaper of `tests.years_paper`, early in the year after its last; an hour passes a command."""

    paper: Years = field(default_factory=lambda: Years("dated"))
    hour: int = 0

    def command(self, *words: str, **settings: str) -> list[str]:
        self.hour += 1
        return super().command(*words, **{"CLOCK": f"2026-01-02T{self.hour:02}:00:00Z", **settings})

    def papers(self) -> Path:
        file = self.folder / "papers.toml"
        file.write_text(self.paper.entry, encoding="utf-8")
        return file

    def backfill(self, days: Sequence[str], **settings: str) -> subprocess.CompletedProcess[str]:
        ended = self.scrapy("crawl", "muoinam", *days, **settings)
        assert ended.returncode == 0, ended.stderr
        return ended

    def news(self) -> subprocess.CompletedProcess[str]:
        ended = self.scrapy("crawl", "muoinam", LISTING_PAGES="1", SITEMAP_CHILDREN="1")
        assert ended.returncode == 0, ended.stderr
        return ended

    def held(self) -> set[str]:
        return {url.removeprefix(self.paper.base) for (url,) in self.rows("SELECT url FROM articles")}


def shelf(folder: Path, paper: Years) -> Shelf:
    folder.mkdir(exist_ok=True)
    return Shelf(folder, Sites([]), paper=paper)


@pytest.fixture(params=["sitemaps", "dated", "numbered", "changes"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    with served(request.param) as paper:
        yield shelf(tmp_path, paper)


@pytest.fixture
def numbered(tmp_path: Path) -> Iterator[Shelf]:
    with served("numbered") as paper:
        yield shelf(tmp_path, paper)


@pytest.fixture
def dated(tmp_path: Path) -> Iterator[Shelf]:
    with served("dated") as paper:
        yield shelf(tmp_path, paper)


def kill_after(desk: Shelf, articles: int, *days: str) -> None:
    """Begin a backfill and kill it when that many articles were asked for."""
    process = desk.start("crawl", "muoinam", *days, DOWNLOAD_DELAY="0.005")
    while process.poll() is None and len(desk.paper.asked_articles()) < articles:
        time.sleep(0.005)
    assert process.poll() is None
    process.kill()
    process.wait()


def test_a_year_is_fetched_whole_with_little_else_though_it_is_killed_in_the_middle(desk: Shelf) -> None:
    year = desk.paper.of_year(2019)
    kill_after(desk, 120, *YEAR)
    ended = desk.backfill(YEAR)
    assert ", 0 addresses left to fetch" in ended.stdout
    assert year <= desk.held()
    assert len(desk.held() - year) <= 0.05 * len(year)
    assert desk.held() == set(desk.paper.asked_articles())
    asked = Counter(desk.paper.asked_articles())
    assert sum(n - 1 for n in asked.values()) <= 2
    assert desk.rows(TWICE) == []
    assert desk.rows("SELECT count(*), count(DISTINCT url_key), max(revisions) FROM articles") == [
        (len(desk.held()), len(desk.held()), 1)
    ]


def test_night_after_night_a_few_requests_and_the_news_is_not_kept_waiting(dated: Shelf) -> None:
    spring = {a.path for a in dated.paper.printed if "2025-02-01" <= str(a.day) <= "2025-04-30"}
    for night in range(9):
        dated.paper.log.clear()
        said = dated.backfill(SPRING, BACKFILL_REQUESTS="35").stdout
        assert len(dated.paper.log) <= 35 + 1
        if ", 0 addresses left to fetch" in said:
            break
        assert "go on with: scrapy crawl muoinam --since 2025-02-01 --until 2025-04-30" in said
        left = dated.rows(LEFT)
        if night == 0:
            dated.paper.log.clear()
            dated.news()
            assert not spring & set(dated.paper.asked_articles())
            assert {dated.paper.printed[0].path} <= set(dated.paper.asked_articles())
            assert dated.rows(LEFT) == left
    assert night >= 2
    assert spring <= dated.held()
    assert dated.rows(TWICE) == []


def test_the_newest_come_first(dated: Shelf) -> None:
    dated.backfill(SPRING)
    days = [dated.paper.at[path].day for path in dated.paper.asked_articles()]
    assert len(days) >= 60
    assert min(days[:20]) >= max(days[-20:])


def test_a_finished_range_asked_for_again_fetches_no_article(numbered: Shelf) -> None:
    numbered.backfill(SPRING)
    assert numbered.paper.asked_articles()
    assert numbered.paper.log.count("/robots.txt") == 1
    numbered.paper.log.clear()
    assert ", 0 addresses left to fetch" in numbered.backfill(SPRING).stdout
    assert numbered.paper.asked_articles() == []


def test_a_wider_range_fetches_what_the_narrower_one_did_not(numbered: Shelf) -> None:
    numbered.backfill(SPRING)
    numbered.backfill(("-a", "since=2025-01-01"))
    year = numbered.paper.of_year(2025)
    assert year <= numbered.held()
    assert len(numbered.held() - year) <= 0.05 * len(year)
    assert max(Counter(numbered.paper.asked_articles()).values()) == 1


def test_what_a_killed_backfill_captured_is_taken_up_by_the_next_crawl_for_its_own_days(numbered: Shelf) -> None:
    kill_after(numbered, 30, *SPRING)
    numbered.news()
    assert numbered.rows("SELECT count(*) FROM captures WHERE outcome IS NULL") == [(0,)]
    numbered.backfill(SPRING)
    spring = {a.path for a in numbered.paper.printed if "2025-02-01" <= str(a.day) <= "2025-04-30"}
    assert spring <= numbered.held()
    assert sum(n - 1 for n in Counter(numbered.paper.asked_articles()).values()) <= 2


def test_an_archive_rebuilt_from_the_warc_files_goes_on_with_the_backfill(numbered: Shelf, tmp_path: Path) -> None:
    numbered.backfill(SPRING, BACKFILL_REQUESTS="30")
    shutil.copytree(numbered.warc, tmp_path / "again" / "warc")
    again = shelf(tmp_path / "again", numbered.paper)
    assert again.scrapy("replay", str(again.warc)).returncode == 0
    assert again.held() == numbered.held()
    assert again.rows("SELECT count(*) FROM urls WHERE kind = 'article' AND state = 'known' AND due_at NOT NULL") == [
        (0,)
    ]
    assert again.rows(LEFT) == numbered.rows(LEFT)
    numbered.paper.log.clear()
    already = again.held()
    again.backfill(SPRING)
    spring = {a.path for a in numbered.paper.printed if "2025-02-01" <= str(a.day) <= "2025-04-30"}
    assert spring <= again.held()
    assert not already & set(numbered.paper.asked_articles())


def test_a_plan_asks_the_newspaper_for_nothing_and_says_what_it_rests_on(dated: Shelf) -> None:
    plan = ("crawl", "muoinam", *YEAR, "--plan")
    said = dated.scrapy(*plan)
    assert said.returncode == 0, said.stderr
    assert "no estimate yet" in said.stdout
    assert "run 'scrapy crawl muoinam' once, then ask again" in said.stdout
    assert dated.paper.log == []
    assert not dated.archive.exists()
    dated.news()
    dated.paper.log.clear()
    settings = {"DOWNLOAD_DELAY": "2", "DOWNLOAD_DELAY_JITTER": "0", "BACKFILL_REQUESTS": "100"}
    found = json.loads(dated.scrapy(*plan, "--json", **settings).stdout)
    assert dated.paper.log == []
    assert 250 <= found["expected_articles"] <= 350
    assert found["requests"] >= found["expected_articles"]
    assert found["seconds"] == 2 * found["requests"]
    assert found["nights"] == -(-found["requests"] // 100)
    assert found["requests_least"] <= 357 <= found["requests"]
    assert "the latest in the archive" in found["basis"]
    kill_after(dated, 20, *YEAR)
    begun = json.loads(dated.scrapy(*plan, "--json").stdout)
    assert begun["begun"]
    assert begun["pending_articles"] >= 1


def test_a_plan_keeps_the_pause_that_the_hosts_robots_txt_asks_for(dated: Shelf) -> None:
    plan = ("crawl", "muoinam", *YEAR, "--plan", "--json")
    dated.paper.robots = "User-agent: *\nCrawl-delay: 0.01\n"
    dated.news()
    found = json.loads(dated.scrapy(*plan, DOWNLOAD_DELAY_JITTER="0").stdout)
    assert found["pause"] == 0.01
    assert found["seconds"] == round(found["requests"] * 0.01)
    mean = json.loads(dated.scrapy(*plan, DOWNLOAD_DELAY="2", DOWNLOAD_DELAY_JITTER="0.5").stdout)["pause"]
    assert mean == 2.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2019"), "--since: expected a day like 2015-01-31, found '2019'"),
        (("-a", "since=2019-02-30"), "--since: expected a day like 2015-01-31, found '2019-02-30'"),
        (("--since", "2030-01-01"), "--since: expected a day up to today (2026-01-02), found 2030-01-01"),
        (("--until", "2019-01-01"), "--until: 2019-01-01 is given without since"),
        (("--since", "2019-02-01", "--until", "2019-01-01"), "--until: expected 2019-02-01 (since) or a day after it"),
        (("--plan",), "--plan: expected the days to plan for"),
        (("--since", "2019-01-01", "--json"), "--json: only a plan is said as JSON"),
    ],
)
def test_days_that_are_none_are_refused_with_the_remedy(dated: Shelf, words: tuple[str, ...], said: str) -> None:
    ended = dated.scrapy("crawl", "muoinam", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert dated.paper.log == []
    assert not dated.archive.exists()
