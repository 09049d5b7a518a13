"""What ``scrapy status`` and the view ``health`` say of papers that fare well, badly, or not at all."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.clock import LOCAL
from pipelines.archive import erasing, runs, traces
from pipelines.archive.connection import sqlite3, stamp, transaction
from pipelines.archive.health import health, latest_changes, note_changes
from pipelines.archive.hosts import HostRows, Refusal
from pipelines.archive.takedowns import follow, held
from pipelines.hidings import Hiding
from pipelines.items import Link
from pipelines.runs_of_words import runs_of
from tests import making
from tests.crawling import Desk, clock

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.archive import Archive
    from pipelines.items import Visit

BEGUN = datetime(2026, 10, 5, 20, 0, tzinfo=LOCAL)
"""A Monday evening."""
WORDS = [f"{a}{b}" for a in ("ba", "lu", "nhi", "tro", "xe", "quy") for b in ("n", "ng", "m", "t", "ch")]
SUNDAY = 6


def usual(day: date) -> int:
    """Return how many articles the paper prints on a day: few on Sundays."""
    return 2 if day.weekday() == SUNDAY else 8


def printed(of: str, number: int, at: datetime, **facts: Any) -> Visit:
    """Return the visit of an article with a text of its own, printed two hours before ``at``."""
    drawn = random.Random(f"{of} {number}")
    text = "\n".join(" ".join(drawn.choices(WORDS, k=40)) + "." for _ in range(3))
    fields: dict[str, Any] = {
        "published": (at - timedelta(hours=2)).isoformat(timespec="minutes"),
        "published_precision": "minute",
        "author": "Trần Thị Bến",
        "section": "Thời sự",
        "lead": f"Sapo {number}.",
    }
    return making.visit(f"/bai-{number}.html", at, of=of, title=f"Bài {number}", text=text, **fields | facts)


class Life:
    """Papers crawled every evening, through the archive's own doors."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.at = BEGUN
        self.printed = 0

    def day(self, papers: dict[str, int] | list[str], *, problem: str | None = None, **facts: Any) -> None:
        """Crawl each paper once: ``papers`` names how many articles it printed that day; time goes on by a day."""
        numbers = papers if isinstance(papers, dict) else dict.fromkeys(papers, usual(self.at.date()))
        for name, number in numbers.items():
            self.archive.begin_run(name, "crawlall", self.at, "", {})
            visits = [printed(name, self.printed + n, self.at, **facts) for n in range(number)]
            self.printed += number
            self.archive.counts["listing/read"] += not problem
            making.store(self.archive, visits)
            self.archive.end_run("finished", self.at + timedelta(minutes=1), [], problem)
        self.at += timedelta(days=1)

    def days(self, number: int, papers: list[str], **facts: Any) -> None:
        for _ in range(number):
            self.day(papers, **facts)

    def row(self, name: str = "alpha", hours: float = -20) -> dict[str, Any]:
        """Return the paper's row, 20 hours before the next crawl."""
        (row,) = health(self.archive.db, self.at + timedelta(hours=hours), [name])
        return row


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(making.archive(tmp_path / "archive.db", *(making.paper(n) for n in ("alpha", "beta", "gamma"))))


def test_a_paper_that_was_never_crawled_does_not_fail(life: Life) -> None:
    row = life.row()
    assert (row["state"], row["fails"], row["new_24h"]) == ("unknown", False, None)


@pytest.mark.parametrize(("articles", "is_good"), [(0, False), (3, True)])
def test_a_crawl_that_was_stopped_before_any_article_is_no_good_one(life: Life, articles: int, is_good: bool) -> None:
    life.archive.begin_run("alpha", "crawl", life.at, "", {})
    life.archive.counts["listing/read"] += 1
    making.store(life.archive, [printed("alpha", n, life.at) for n in range(articles)])
    life.archive.end_run("shutdown", life.at + timedelta(minutes=1), [], None)
    row = life.row(hours=1)
    assert (row["last_good"] is not None) == is_good
    assert row["state"] == ("ok" if is_good else "unknown")


def test_new_articles_are_held_against_the_same_weekday(life: Life) -> None:
    life.days(34, ["alpha"])  # the last one a Saturday
    assert [life.row()[name] for name in ("state", "new_24h", "usual_24h", "new_7d", "usual_7d")] == [
        "ok",
        8,
        8,
        50,
        50,
    ]
    life.day(["alpha"])
    assert [life.row()[name] for name in ("state", "new_24h", "usual_24h")] == ["ok", 2, 2]
    life.day({"alpha": 1})
    row = life.row()
    assert (row["state"], row["fails"], row["usual_24h"]) == ("quiet", False, 8)
    assert "1 new in 24 hours, usual 8 on this weekday" in row["said"]


def test_a_young_archive_is_held_against_what_papers_toml_expects(tmp_path: Path) -> None:
    expecting = replace(making.paper(), expect={"per_day": 30.0, "byline": 0.8})
    life = Life(making.archive(tmp_path / "archive.db", expecting))
    life.day({"alpha": 30})
    assert [life.row()[n] for n in ("state", "usual_24h", "usual_7d")] == ["ok", 30, 210]
    life.day({"alpha": 25}, author=None)
    assert life.row()["state"] == "ok", "the latest fifty have enough bylines yet"
    life.day({"alpha": 25}, author=None)
    row = life.row()
    assert (row["state"], row["fails"]) == ("misread", True)
    assert "byline on 0% of the last 50 articles, expected 80%" in row["said"]


def test_a_day_on_which_most_papers_print_little_is_a_holiday(life: Life) -> None:
    everybody = ["alpha", "beta", "gamma"]
    life.days(22, everybody)
    life.day(dict.fromkeys(everybody, 0))
    rows = [life.row(name) for name in everybody]
    assert [(row["state"], row["fails"]) for row in rows] == [("holiday", False)] * 3
    life.day({"alpha": 0, "beta": 8, "gamma": 8})
    assert [life.row(name)["state"] for name in everybody] == ["quiet", "ok", "ok"]


def test_a_paper_that_prints_nothing_for_a_week_fails(life: Life) -> None:
    life.days(29, ["alpha", "beta", "gamma"])
    for _ in range(7):
        life.day({"alpha": 0, "beta": 8, "gamma": 8})
    row = life.row()
    assert (row["state"], row["fails"]) == ("silent", True)
    assert "nothing new for 7 days, usual 50" in row["said"]


def test_one_crawl_that_failed_is_no_alarm_but_a_day_of_them_is(life: Life) -> None:
    life.days(3, ["alpha"])
    at = life.at - timedelta(hours=22)
    for hours in (0, 6):
        life.archive.begin_run("alpha", "crawl", at + timedelta(hours=hours), "", {})
        life.archive.end_run("finished", at + timedelta(hours=hours), [], "no listing could be read")
    assert life.row(hours=-21)["state"] == "ok"
    row = life.row(hours=-15)
    assert (row["state"], row["fails"]) == ("failing", True)
    assert row["said"].startswith("no listing could be read; last good crawl 2026-10-07T")


def test_a_crawl_that_asked_no_listing_tells_nothing_of_the_paper(life: Life) -> None:
    life.days(22, ["alpha"])
    good = life.row()
    life.day([], problem=None)
    life.archive.begin_run("alpha", "crawl", life.at - timedelta(hours=8), "", {})
    life.archive.end_run("finished", life.at - timedelta(hours=8), [], "no listing could be read")
    for reason in ("finished", "shutdown"):
        life.archive.begin_run("alpha", "crawlall", life.at - timedelta(hours=7), "", {})
        making.store(life.archive, [printed("alpha", 1, life.at - timedelta(hours=7))])
        life.archive.end_run(reason, life.at - timedelta(hours=7), [])
    row = life.row(hours=-6)
    assert row["state"] == "failing"
    assert [row[name] for name in ("last_good", "new_24h")] == [good[name] for name in ("last_good", "new_24h")]


def test_a_paper_whose_host_refuses_us_is_blocked_though_nobody_asks_it_any_more(life: Life) -> None:
    life.days(4, ["alpha", "beta"])
    known = HostRows(life.archive.db)
    at = life.at - timedelta(hours=20)
    known.refuse("alpha.example.vn", Refusal("blocked", 403, "HTTP 403, 8 times"), at + timedelta(days=7), 8, at)
    known.refuse("beta.example.vn", Refusal("asked", 429, "HTTP 429"), at + timedelta(days=3), 1, at)
    until = stamp(at + timedelta(days=7))[:16]
    assert life.row()["state"] == "ok", "its last good crawl was four hours ago"
    for hours in (-10, 60):
        row = life.row(hours=hours)
        assert (row["state"], row["fails"]) == ("blocked", True)
        assert row["said"] == f"HTTP 403, 8 times; left alone until {until}Z"
    assert life.row("beta")["state"] == "ok"
    late = life.row("beta", hours=60)
    assert late["state"] == "late"
    assert "HTTP 429; left alone until" in late["said"]
    known.clear("alpha.example.vn", at)
    assert life.row()["state"] == "ok"


@pytest.mark.parametrize(("days", "fails"), [(1, False), (4, True)])
def test_a_paper_that_was_crawled_daily_and_is_no_more_is_late(life: Life, days: int, fails: object) -> None:
    life.days(days, ["alpha"])
    assert life.row(hours=6)["state"] == "ok"
    row = life.row(hours=14)
    assert (row["state"], row["fails"]) == ("late", fails)


def test_a_backfill_is_no_crawl_of_the_latest_and_its_articles_are_not_new(life: Life) -> None:
    life.days(8, ["alpha"])
    before = life.row()
    life.archive.begin_run("alpha", "crawl", life.at, "", {}, "2015-01-01/2015-12-31")
    old = [printed("alpha", 5000 + n, life.at, published=f"2015-03-{n:02}T08:00+07:00") for n in range(1, 20)]
    making.store(life.archive, old)
    life.archive.end_run("finished", life.at, [])
    after = life.row()
    assert {n: after[n] for n in ("last_good", "new_24h", "new_7d")} == {
        n: before[n] for n in ("last_good", "new_24h", "new_7d")
    }
    assert making.rows(life.archive, "SELECT days FROM runs ORDER BY id DESC LIMIT 1") == [("2015-01-01/2015-12-31",)]


def unread(life: Life, number: int) -> None:
    life.archive.begin_run("alpha", "crawl", life.at, "", {})
    life.archive.counts["listing/unchanged"] += 1
    visits = [making.refusal(f"/bai-{9000 + n}.html", life.at, status=200) for n in range(number)]
    making.store(life.archive, [replace(v, outcome="page/no-body", reason="no text was found") for v in visits])
    life.archive.end_run("finished", life.at, [])


def test_pages_that_cannot_be_read_are_counted_by_kind_and_fail_when_they_are_most(life: Life) -> None:
    life.days(3, ["alpha"])
    life.at -= timedelta(hours=20)
    unread(life, 7)
    assert [life.row(hours=1)[n] for n in ("state", "errors")] == ["ok", {"page/no-body": 7}]
    unread(life, 5)
    row = life.row(hours=1)
    assert (row["state"], row["fails"], row["errors"]) == ("unreadable", True, {"page/no-body": 12})
    assert "of 20 pages looked at in a day 12 could not be read" in row["said"]


@pytest.mark.parametrize(("printing", "fails"), [(8, False), (1, True)])
def test_a_feed_that_died_is_named_and_fails_where_articles_are_missing(
    life: Life, printing: int, fails: object
) -> None:
    feed = "https://alpha.example.vn/rss.xml"
    life.archive.seed("alpha", [Link(feed, "feed")], life.at, "papers.toml")
    life.days(22, ["alpha"])
    dead = making.refusal("/rss.xml", life.at, status=500)
    for hour in range(3):
        at = life.at + timedelta(hours=hour - 5)
        making.store(life.archive, [replace(dead, kind="feed", outcome="listing/unreadable", at=at, capture=None)])
    life.day({"alpha": printing})
    row = life.row()
    assert (row["state"], row["fails"]) == ("door", fails)
    assert f"{feed} could not be read 3 times in a row" in row["said"]


@pytest.mark.parametrize(
    ("field", "facts"),
    [("byline", {"author": None}), ("section", {"section": None}), ("published", {"published": None})],
)
def test_a_field_that_the_latest_articles_lack_is_named(life: Life, field: str, facts: dict[str, None]) -> None:
    life.days(15, ["alpha"])
    assert life.row()[field] == 1
    life.days(7, ["alpha"], **facts)
    row = life.row()
    assert (row["state"], row[field], row[f"{field}_before"]) == ("misread", 0, 1)
    assert f"{field} on 0% of the last 50 articles, before 100%" in row["said"]


def test_lines_that_stand_in_many_texts_are_left_over_furniture(life: Life) -> None:
    life.days(3, ["alpha"])
    assert life.row()["furniture"] == 0
    drawn = random.Random(7)
    for number in range(30):
        own = " ".join(drawn.choices(WORDS, k=30))
        making.store(
            life.archive,
            [
                printed("alpha", 700 + number, life.at)
                if number % 2
                else _with(number, life.at, f"{own}\nĐọc thêm tại đây")
            ],
        )
    assert life.row(hours=1)["furniture"] == pytest.approx(15 / 50, abs=0.05)


def _with(number: int, at: datetime, text: str) -> Visit:
    return making.visit(f"/them-{number}.html", at, title=f"Thêm {number}", text=text)


def test_a_crawl_that_was_killed_says_so_when_the_next_begins(life: Life) -> None:
    with transaction(life.archive.db):
        runs.begin(life.archive.db, "alpha", "crawl", BEGUN, "", {})
        runs.begin(life.archive.db, "beta", "crawl", BEGUN, "", {})
    assert life.row()["state"] == "unknown", "it may be running"
    life.day({"alpha": 3})
    assert making.rows(life.archive, "SELECT paper, reason, finished_at IS NULL, problem FROM runs ORDER BY id") == [
        ("alpha", "killed", 1, runs.BROKEN_OFF),
        ("beta", None, 1, None),
        ("alpha", "finished", 0, None),
    ]


def test_the_view_speaks_of_the_moment_that_a_command_set_and_nothing_else_moves_it(life: Life) -> None:
    life.days(4, ["alpha"])
    said = life.row(hours=60)
    assert said["as_of"] == stamp(life.at + timedelta(hours=60))
    assert making.rows(life.archive, "SELECT state, as_of FROM health WHERE paper = 'alpha'") == [
        ("late", said["as_of"])
    ]


@pytest.fixture
def desk(crawled: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk", crawled.sites)


def test_status_shows_the_crawled_papers_and_ends_with_0_while_none_fails(desk: Desk) -> None:
    said = desk.at_once("status", CLOCK=clock(2, 1))
    assert said.returncode == 0, said.stdout + said.stderr
    lines = said.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        [name, "ok"] for name in ("demo-baiboi", "demo-ghenhda", "demo-songnguon")
    ]
    assert lines[4:] == ["34 papers were never crawled", "29 papers are closed"]


def test_status_ends_with_1_and_a_sentence_when_a_paper_fails(desk: Desk) -> None:
    said = desk.at_once("status", "demo-baiboi", "baothanhhoa", CLOCK=clock(6))
    assert said.returncode == 1
    assert said.stdout.splitlines()[3:] == [
        "demo-baiboi: late: nobody has crawled it since 2026-11-22T23:00Z; see that the timer runs",
        "baothanhhoa: unknown: never crawled",
    ]
    as_json = desk.at_once("status", "--json", CLOCK=clock(6))
    rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert Counter(row["state"] for row in rows if row["fails"]) == {"late": 3}
    assert len(rows) == 66


def test_status_says_of_what_is_due_whether_it_is_now_or_overdue(desk: Desk) -> None:
    (due,) = desk.rows("SELECT min(due_at) FROM urls WHERE paper = 'demo-baiboi' AND due_at IS NOT NULL")[0]
    moment = datetime.fromisoformat(due)
    for later, said in ((-1, f"{due[:10]} {due[11:16]}Z"), (5, " now "), (60, f"overdue since {due[:10]}")):
        at = (moment + timedelta(minutes=later)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert said in f"{desk.at_once('status', 'demo-baiboi', CLOCK=at).stdout.splitlines()[1]} "


def test_status_of_an_archive_that_was_never_crawled_is_a_sentence_without_a_table(desk: Desk, tmp_path: Path) -> None:
    making.archive(tmp_path / "new.db").close()
    said = desk.at_once("status", ARCHIVE=str(tmp_path / "new.db"))
    assert said.returncode == 0
    assert said.stdout.startswith("no paper was crawled into this archive yet")
    assert "last good crawl" not in said.stdout


def test_a_feed_that_answers_with_what_is_old_is_named_and_no_failure_while_articles_are_found(life: Life) -> None:
    feed = making.visit("/tin.rss", life.at)
    assert feed.capture is not None
    kept, link = feed.capture, Link("https://alpha.example.vn/tin.rss", "feed")
    with transaction(life.archive.db):
        life.archive.frontier.seed("alpha", [link], life.at, "papers.toml")

    def polled(days: int, *, new: bool) -> None:
        for _ in range(days):
            body = f"{life.printed if new else 0:064}"
            capture = replace(kept, fetched_at=life.at, payload_digest=f"sha256:{body}", warc_offset=life.printed)
            capture = replace(capture, record="response" if new else "revisit")
            read = replace(feed, kind="feed", at=life.at, outcome="listing/read", article=None, capture=capture)
            making.store(life.archive, [read])
            life.day(["alpha"])

    polled(14, new=True)
    assert life.row()["state"] == "ok"
    polled(6, new=False)
    row = life.row()
    assert (row["state"], row["fails"]) == ("ok", False), "six days of one answer a day may be chance"
    polled(4, new=False)
    row = life.row()
    assert (row["state"], row["fails"]) == ("door", False)
    assert row["said"].startswith(
        "https://alpha.example.vn/tin.rss has shown nothing new since 2026-10-18T13:00Z, though"
    )


@pytest.mark.parametrize("command", [("status",), ("coverage",), ("export", "-", "--format", "jsonl")])
def test_what_fetches_nothing_forbids_no_host(desk: Desk, command: tuple[str, ...]) -> None:
    said = desk.at_once(*command, CLOCK=clock(2, 1), ALLOW_LOOPBACK="0")
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("words", [["demo-bai"], ["--accept"]])
def test_status_that_is_used_wrongly_ends_with_2(desk: Desk, words: list[str]) -> None:
    assert desk.at_once("status", *words, CLOCK=clock(2)).returncode == 2


def test_status_without_an_archive_ends_with_1_and_makes_none(desk: Desk, tmp_path: Path) -> None:
    said = desk.at_once("status", ARCHIVE=str(tmp_path / "none.db"))
    assert (said.returncode, said.stdout) == (1, "")
    assert "no archive" in said.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.slow
def test_a_crawl_whose_host_is_not_there_leaves_why_it_failed_in_its_row(crawled: Desk, tmp_path: Path) -> None:
    desk = Desk(tmp_path, crawled.sites)
    (desk.folder / "papers.toml").write_text(
        '[demo-baiboi]\ntitle = "Báo"\nprovince = "Cà Mau"\nhosts = ["127.0.0.1:9"]\n', encoding="utf-8"
    )
    crawl = desk.scrapy(
        "crawl", "demo-baiboi", CLOCK=clock(3), RETRY_TIMES="0", PAPER_FILES=str(desk.folder / "papers.toml")
    )
    assert crawl.returncode == 1
    ((problem,),) = desk.rows("SELECT problem FROM runs")
    assert problem
    assert f"demo-baiboi: {problem}\n" in crawl.stderr
    said = desk.at_once("status", "demo-baiboi", CLOCK=clock(3, 1), PAPER_FILES=str(desk.folder / "papers.toml"))
    assert said.returncode == 1
    assert f"demo-baiboi: failing: {problem}; no crawl was good" in said.stdout


@pytest.mark.slow
def test_a_crawl_of_which_no_listing_was_due_is_no_failure_and_no_good_crawl_either(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.archive)) as db, db:
        db.execute("UPDATE urls SET due_at = '2030-01-01T00:00:00.000000Z' WHERE kind <> 'article'")
        db.execute(
            "UPDATE urls SET due_at = (SELECT now FROM clock) WHERE id = "
            "(SELECT min(id) FROM urls WHERE paper = 'demo-baiboi' AND state = 'held' AND kind = 'article')"
        )
    before = desk.rows("SELECT last_good FROM health WHERE paper = 'demo-baiboi'")
    crawl = desk.scrapy("crawlall", "--due", "demo-baiboi", CLOCK=clock(2, 30))
    assert (crawl.returncode, crawl.stderr) == (0, "")
    ((problem, requests),) = desk.rows("SELECT problem, requests FROM runs ORDER BY id DESC LIMIT 1")
    assert (problem, requests > 0) == (None, True)
    assert desk.rows("SELECT last_good FROM health WHERE paper = 'demo-baiboi'") == before


@pytest.mark.parametrize("erased", [False, True])
def test_no_sentence_names_the_address_of_what_was_taken_down(life: Life, erased: bool) -> None:
    """Its page could not be read at first, so that capture is no article's; what was told before is corrected, too."""
    db = life.archive.db
    life.days(3, ["alpha"])
    ((uid, url, capture),) = db.conn.execute("SELECT uid, url, capture_id FROM articles ORDER BY id LIMIT 1").fetchall()
    with transaction(db):
        db.conn.execute("UPDATE captures SET article_id = NULL WHERE id = ?", (capture,))
        db.conn.execute(
            "INSERT INTO layout_changes (paper, template, signal, before, after, capture_id, since, found_at) "
            "VALUES ('alpha', '', 'unread', 0, 1, ?, ?, ?)",
            (capture, stamp(life.at), stamp(life.at)),
        )
    (told,) = note_changes(db, life.at - timedelta(hours=20))
    assert f", first at {url}; " in str(told.said)
    with transaction(db):
        if erased:
            db.conn.execute("UPDATE captures SET article_id = (SELECT id FROM articles WHERE uid = ?)", (uid,))
            known = traces.doomed(db, held(db, uid)[0])
            erasing.erase_rows(db, known, "theo yêu cầu", life.at, [], runs_of(known.said))
        else:
            follow(db, [Hiding(uid, url, life.at, "hidden", "theo yêu cầu")])
    (kept,) = latest_changes(db, 5)
    assert "its pages changed" in str(kept.said)
    assert "; correct templates.toml" in str(kept.said)
    assert url not in str(kept.said)
    assert url not in str(life.row()["said"])
