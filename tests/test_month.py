"""Days of made-up papers, crawled by one clock as cron would: what is archived how late, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench.month_health import Told, misjudged
from bench.month_papers import PAPERS, answer, beginning

ROOT = Path(__file__).parent.parent


@cache
def two_days() -> dict[str, Any]:
    """Return the figures of two days of three papers, of three kinds of doors."""
    command = [sys.executable, "-m", "bench.month", "--days", "2", "--papers", "3", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.stdout, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.slow
def test_two_days_of_three_papers_are_archived_whole_and_soon() -> None:
    found = two_days()
    assert found["articles"] > 80
    assert found["archived"] == 1.0
    assert 0 < found["delay_median"] <= 20
    assert found["delay_90"] <= 60
    assert (found["wrong"], found["wrongly_gone"]) == (0, 0)


@pytest.mark.slow
def test_edits_are_caught_within_a_day_and_hosts_are_not_asked_more_than_promised() -> None:
    found = two_days()
    assert found["edits"] >= 5
    assert found["edits_caught"] >= 0.9
    assert 1 < found["requests"] <= 4
    assert 0 < found["conditional"] <= 3
    assert all(10 < polls < 200 for polls in found["polls"].values())


def test_what_a_made_up_paper_answers_depends_on_the_moment_alone() -> None:
    dead = next(paper for paper in PAPERS if paper.feed_dead)
    before, after, later = (answer(dead, "http://h", "/tin.rss", beginning(day)) for day in (15, 17, 29))
    assert before == after == later
    assert answer(dead, "http://h", "/", beginning(17)) != answer(dead, "http://h", "/", beginning(29))
    story = next(story for story in dead.stories if story.edits and not story.deleted)
    page = [answer(dead, "http://h", dead.path(story), at).body.decode() for at in (story.published, story.edits[-1])]
    assert [story.added(1) in body for body in page] == [False, True]
    assert answer(dead, "http://h", dead.path(story), beginning(-4)).status == 404


REDESIGNED = next(paper for paper in PAPERS if paper.redesigned)
SEVENTH = next(story for story in REDESIGNED.stories if story.published >= beginning(REDESIGNED.redesigned or 0))
NAMED = f"its pages changed: first at http://h{REDESIGNED.path(SEVENTH)}; correct templates.toml"


def told_right(**other: Any) -> tuple[list[Told], list[dict[str, Any]]]:
    """Return what a month would tell in which all is judged well, but for ``other`` facts of the redesign."""
    facts: dict[str, Any] = {
        "paper": REDESIGNED.name,
        "at": "2026-11-14T07:00:00Z",
        "state": "drifted",
        "said": NAMED,
        "articles": 12,
    }
    rows = [
        {"day": day, "paper": paper.name, "state": "door" if paper.feed_dead else "ok", "said": "h/tin.rss is old"}
        for day in range(1, 31)
        for paper in PAPERS
    ]
    return [Told(**facts | other)], rows


def test_a_month_that_was_told_well_is_not_held_against_us() -> None:
    assert list(misjudged(PAPERS, 30, *told_right())) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"articles": 21}, "told after 21 articles, expected at most 20"),
        ({"at": "2026-11-10T07:00:00Z"}, "before its redesign"),
        ({"state": "quiet"}, "never told"),
        ({"said": "its pages changed; correct templates.toml"}, "first page after its redesign is not named"),
        ({"paper": "dao-xa"}, "no redesign, told as drifted"),
        ({"paper": "ghenh-do", "state": "silent"}, "fares well, told as silent"),
        ({"paper": "deo-gio", "state": "failing"}, "answers again since day 10, last told as failing"),
    ],
)
def test_what_the_operator_is_told_wrongly_fails_the_month(other: dict[str, Any], said: str) -> None:
    assert any(said in line for line in misjudged(PAPERS, 30, *told_right(**other)))


def test_a_dead_feed_that_nobody_names_fails_the_month() -> None:
    told, rows = told_right()
    silent = [{**row, "state": "ok"} for row in rows]
    (line,) = misjudged(PAPERS, 30, told, silent)
    assert line == "dao-xa: its feed is dead since day 15; by day 20 told: ok"
