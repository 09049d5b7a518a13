"""What cron calls every few minutes: what is due and nothing else, quietly, and never a paper that is being crawled."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.revisit import Schedule
from pipelines.items import Link, Visit
from tests.crawling import Desk, clock
from tests.demo.faults import Trouble
from tests.demo.server import serve
from tests.demo.stories import NAMES
from tests.making import archive, capture, hours, rows, store, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEED = "https://alpha.example.vn/rss/tin.rss"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serve() as sites:
        made = Desk(tmp_path_factory.mktemp("due"), sites)
        assert made.crawl(0).returncode == 0
        yield made


def asked(desk: Desk) -> dict[str, list[str]]:
    """Return what each newspaper was asked for since the last call."""
    paths = {name: [exchange.path for exchange in site.log] for name, site in desk.sites.items()}
    for site in desk.sites.values():
        site.log.clear()
    return paths


@pytest.mark.slow
def test_right_after_a_crawl_nothing_is_asked_and_nothing_said(desk: Desk) -> None:
    asked(desk)
    ended = desk.scrapy("crawlall", "--due", *NAMES, CLOCK=clock(0, hours=0.05))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert asked(desk) == {name: [] for name in NAMES}


@pytest.mark.slow
def test_later_what_is_due_is_asked_and_is_not_due_again_at_once(desk: Desk) -> None:
    asked(desk)
    for hour, expected in ((1.5, True), (1.55, False)):
        ended = desk.scrapy("crawlall", "--due", *NAMES, CLOCK=clock(0, hours=hour))
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        assert all(bool(paths) is expected for paths in asked(desk).values())


@pytest.mark.slow
def test_a_host_that_is_down_fails_the_round_though_its_listings_were_read_before(tmp_path: Path) -> None:
    with serve() as sites:
        desk = Desk(tmp_path, sites)
        assert desk.crawl(0, [NAMES[2]]).returncode == 0
    ended = desk.scrapy("crawlall", "--due", NAMES[2], CLOCK=clock(0, hours=7))
    assert ended.returncode == 1
    assert "no listing could be read" in ended.stderr
    assert desk.rows("SELECT problem IS NOT NULL FROM runs ORDER BY id") == [(0,), (1,)]


@pytest.mark.slow
def test_a_paper_that_another_process_crawls_is_left_out_and_the_others_are_not(desk: Desk) -> None:
    asked(desk)
    site = desk.sites[NAMES[0]]
    site.faults["/"] = lambda reply: Trouble(reply, silent=True)
    other = desk.start("crawl", NAMES[0], CLOCK=clock(0, hours=4), DOWNLOAD_TIMEOUT="600")
    try:
        while "/" not in {exchange.path for exchange in site.log} and other.poll() is None:
            time.sleep(0.02)
        ended = desk.scrapy("crawlall", "--due", *NAMES, CLOCK=clock(0, hours=4))
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        paths = asked(desk)
        assert all(paths[name] for name in NAMES[1:])
        named = desk.scrapy("crawlall", *NAMES[:2], CLOCK=clock(0, hours=4.1))
        assert named.returncode == 1
        assert f"{NAMES[0]} is being crawled" in named.stderr
        assert f"{NAMES[1]}: " in named.stdout
    finally:
        other.kill()
        other.wait()
        site.faults.clear()


def test_a_backfill_is_not_due_by_itself(desk: Desk) -> None:
    ended = desk.scrapy("crawlall", "--due", "--since", "2026-01-01", CLOCK=clock(0))
    assert ended.returncode == 2
    assert "--due" in ended.stderr


def test_an_article_is_looked_at_within_hours_three_times_in_its_first_month_and_ever_later(tmp_path: Path) -> None:
    made = archive(tmp_path / "archive.db", next_due=Schedule())
    looks = [hours(0)]
    while looks[-1] < hours(24 * 800):
        store(made, [listed(0, link(None)), visit("/tin-1.html", looks[-1])])
        ((due,),) = rows(made, "SELECT due_at FROM urls WHERE kind = 'article'")
        looks.append(datetime.fromisoformat(due))
    made.close()
    assert looks[1] <= hours(4)
    assert sum(hours(0) < look < hours(24 * 30) for look in looks) == 3
    waits = [two - one for one, two in itertools.pairwise(looks)]
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(days=366)


def listed(at: float, *links: Link, url: str = FEED) -> Visit:
    return Visit(
        paper="alpha",
        url=url,
        kind="feed",
        outcome="listing/read",
        at=hours(at),
        links=links,
        capture=capture(url, hours(at), body=f"{at}"),
    )


def link(modified: str | None) -> Link:
    return Link("https://alpha.example.vn/tin-1.html", "article", modified=modified)


@pytest.mark.parametrize(
    ("modified", "due"),
    [
        ("2026-11-21T06:40:00+07:00", True),
        ("2026-11-21T05:00:00+07:00", False),
        ("2026-11-21", False),
        (None, False),
        ("2026-11-22T06:40:00+07:00", False),
    ],
    ids=["edited since", "before our fetch", "a bare day", "nothing said", "of the future"],
)
def test_what_a_feed_says_was_edited_since_we_fetched_it_is_due_at_once(
    tmp_path: Path, modified: str | None, due: bool
) -> None:
    made = archive(tmp_path / "archive.db", next_due=Schedule())
    first = listed(0, link("2026-11-21T05:50:00+07:00"))
    store(made, [first, visit("/tin-1.html", hours(0.1)), listed(1, link(modified))])
    sql = "SELECT due_at <= '2026-11-21T00:00:01Z' FROM urls WHERE kind = 'article'"
    assert rows(made, sql) == [(due,)]
    store(made, [visit("/tin-1.html", hours(1.1)), listed(2, link(modified))])
    assert rows(made, sql) == [(False,)], "once is enough"
    made.close()


def test_a_listing_that_shows_news_is_due_sooner_than_one_that_shows_none(tmp_path: Path) -> None:
    made = archive(tmp_path / "archive.db", next_due=Schedule())
    quiet = "https://alpha.example.vn/rss/khac.rss"
    for hour in range(48):
        news = Link(f"https://alpha.example.vn/tin-{hour}.html", "article")
        silent = listed(hour + 0.1, url=quiet)
        store(made, [listed(hour, news, replace(news, url=news.url.replace("tin-", "bai-"))), silent])
    due = dict(rows(made, "SELECT url, due_at FROM urls WHERE kind = 'feed'"))
    assert due[FEED] < "2026-11-22T22:20"
    assert due[quiet] > "2026-11-23T00:00"
    seen = rows(made, "SELECT round(sum(articles)), round(sum(hours)) FROM rhythms GROUP BY url_id ORDER BY 1 DESC")
    assert [articles > 80 for articles, _ in seen] == [True, False]
    made.close()
