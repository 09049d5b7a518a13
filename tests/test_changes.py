"""A paper whose pages change is named within twenty articles, with the first page that shows it; others are not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from math import exp, log
from typing import TYPE_CHECKING

import pytest

from pipelines.archive.connection import stamp, transaction
from pipelines.archive.erasing import drop_captures
from pipelines.archive.health import accept
from pipelines.archive.layout_changes import judge
from pipelines.changes import FLAGS, Page, changes, recurring
from pipelines.items import Layout
from pipelines.stages import identified
from tests import making
from tests.test_health import Life, printed

if TYPE_CHECKING:
    from pathlib import Path

USUAL = {
    "byline": 0.15,
    "section": 0.02,
    "lead": 0.1,
    "published": 0.005,
    "fallback": 0.03,
    "unread": 0.05,
    "furniture": 0.1,
}
"""How often each flag stands on the pages of a made-up paper."""


def pages(number: int, seed: int, usual: dict[str, float] | None = None, length: float = 400) -> list[Page]:
    drawn = random.Random(seed)
    chances = USUAL | (usual or {})
    return [
        Page(
            n,
            f"{n:05}",
            max(20, int(exp(drawn.gauss(log(length), 0.6)))),
            frozenset(flag for flag in FLAGS if drawn.random() < chances[flag]),
        )
        for n in range(number)
    ]


def redesigned(seed: int, usual: dict[str, float], length: float, after: int) -> list[Page]:
    late = pages(after, seed + 1000, usual, length)
    return pages(120, seed) + [replace(page, capture_id=120 + n, at=f"{120 + n:05}") for n, page in enumerate(late)]


@pytest.mark.parametrize(
    ("signal", "usual", "length"),
    [
        ("byline", {"byline": 1.0}, 400),
        ("lead", {"lead": 1.0}, 400),
        ("published", {"published": 1.0}, 400),
        ("fallback", {"fallback": 1.0}, 400),
        ("unread", {"unread": 0.9}, 400),
        ("furniture", {"furniture": 1.0}, 400),
        ("words", {}, 120),
        ("words", {}, 1300),
    ],
)
def test_a_redesign_is_found_within_twenty_pages_and_its_first_page_named(
    signal: str, usual: dict[str, float], length: float
) -> None:
    late, apart = 0, []
    for seed in range(20):
        found = [change for change in changes(redesigned(seed, usual, length, 20)) if change.signal == signal]
        late += not found
        apart += [abs(change.page.capture_id - 120) for change in found]
    assert late <= 1
    assert sorted(apart)[len(apart) // 2] <= 1
    assert max(apart) <= 6


def test_a_paper_that_changes_nothing_is_not_named_in_twenty_thousand_pages() -> None:
    assert [change for seed in range(20) for change in changes(pages(1000, seed))] == []


def test_pages_alike_one_after_another_are_no_change() -> None:
    drawn = random.Random(3)
    told = []
    for _ in range(10):
        flags: list[bool] = []
        for _ in range(600):
            flags.append(drawn.random() < 0.2 if not flags or drawn.random() < 0.5 else flags[-1])
        told += changes([Page(n, f"{n:05}", 400, frozenset({"byline"} if f else ())) for n, f in enumerate(flags)])
    assert told == []


def in_sections(number: int, late: int, section: str | None) -> list[Page]:
    """Return pages of ten sections in turn, then ``late`` ones without a byline, of one section (None: of all)."""
    wrong = frozenset({"byline"})
    before = [Page(n, f"{n:05}", 400, section=f"mục {n % 10}") for n in range(number)]
    return before + [Page(n, f"{n:05}", 90, wrong, section or f"mục {n % 10}") for n in range(number, number + late)]


def test_a_run_of_one_section_is_no_change_of_the_paper_but_what_all_sections_show_is() -> None:
    assert changes(in_sections(120, 40, "mục 3")) == []
    assert {change.signal for change in changes(in_sections(120, 20, None))} == {"byline", "words"}
    alone = [replace(page, section="Tin tức") for page in in_sections(120, 20, None)]
    assert {change.signal for change in changes(alone)} == {"byline", "words"}, "the paper has no other section"


def test_a_line_recurs_that_stands_on_five_of_the_pages_around() -> None:
    texts = [[f"câu {n}", "Đọc thêm"] if 20 <= n < 26 else [f"câu {n}"] for n in range(60)]
    assert [n for n, told in enumerate(recurring(texts)) if told] == list(range(20, 26))
    assert not any(recurring(texts[:24]))


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(making.archive(tmp_path / "archive.db"))


def printed_by(life: Life, number: int, *, template: str = "vdoc", line: str = "", **facts: object) -> None:
    """Let the paper print articles an hour apart, read by a template."""
    said = {"text": "template", "author": "template", "section": "template", "lead": "template", "published": "meta"}
    for _ in range(number):
        life.printed += 1
        provenance = {name: by for name, by in said.items() if facts.get(name, True) is not None}
        visit = printed("alpha", life.printed, life.at, provenance=provenance, **facts)
        assert visit.article is not None
        reading = replace(visit.article.reading, text=f"{visit.article.reading.text}\n{line}".rstrip())
        article = identified(replace(visit.article, reading=reading), "alpha", visit.url)
        making.store(life.archive, [replace(visit, layout=Layout(template), article=article)])
        life.at += timedelta(hours=1)
    life.archive.begin_run("alpha", "crawl", life.at, "", {})
    life.archive.counts["listing/unchanged"] += 1
    life.archive.end_run("finished", life.at, [])


def test_the_change_is_kept_said_once_and_ends_when_pages_are_as_before(life: Life) -> None:
    life.day({"alpha": 1})
    printed_by(life, 60)
    assert judge(life.archive.db, "alpha", "vdoc", life.at) == []
    first = life.at
    printed_by(life, 20, author=None)
    ((change, url),) = judge(life.archive.db, "alpha", "vdoc", life.at)
    assert (change.signal, change.before, change.after) == ("byline", 1, 0)
    assert url == making.rows(life.archive, "SELECT url FROM captures WHERE fetched_at = ?", stamp(first))[0][0]
    assert judge(life.archive.db, "alpha", "vdoc", life.at) == []
    row = life.row(hours=1)
    assert (row["state"], row["fails"]) == ("drifted", True)
    assert f"byline 0.00, before 1.00, since {stamp(first)[:16]}Z, first at {url}" in row["said"]
    printed_by(life, 20)
    assert judge(life.archive.db, "alpha", "vdoc", life.at) == []
    assert life.row(hours=1)["state"] == "ok"
    assert making.rows(life.archive, "SELECT ended_by FROM layout_changes") == [("pages",)]


def test_a_line_that_begins_to_stand_on_every_page_is_a_change(life: Life) -> None:
    life.day({"alpha": 1})
    printed_by(life, 60)
    first = life.at
    printed_by(life, 20, line="Chia sẻ bài này 12 lần")
    ((change, url),) = judge(life.archive.db, "alpha", "vdoc", life.at)
    assert (change.signal, change.before, change.after) == ("furniture", 0, 1)
    assert url == making.rows(life.archive, "SELECT url FROM captures WHERE fetched_at = ?", stamp(first))[0][0]


def test_a_change_outlives_the_erasure_of_its_first_page(life: Life) -> None:
    life.day({"alpha": 1})
    printed_by(life, 60)
    printed_by(life, 20, author=None)
    ((change, url),) = judge(life.archive.db, "alpha", "vdoc", life.at)
    with transaction(life.archive.db):
        life.archive.db.execute("UPDATE captures SET article_id = NULL WHERE id = ?", (change.page.capture_id,))
        life.archive.db.execute("DELETE FROM revisions WHERE capture_id = ?", (change.page.capture_id,))
        life.archive.db.execute("UPDATE articles SET capture_id = 1 WHERE capture_id = ?", (change.page.capture_id,))
        drop_captures(life.archive.db, [change.page.capture_id])
    row = life.row(hours=1)
    assert row["state"] == "drifted"
    assert url not in row["said"]
    printed_by(life, 20)
    assert judge(life.archive.db, "alpha", "vdoc", life.at) == []
    assert making.rows(life.archive, "SELECT ended_by FROM layout_changes") == [("pages",)]


def test_what_the_operator_takes_for_good_is_what_is_usual_from_then_on(life: Life) -> None:
    life.day({"alpha": 1})
    printed_by(life, 60)
    printed_by(life, 20, author=None)
    assert judge(life.archive.db, "alpha", "vdoc", life.at)
    assert accept(life.archive.db, life.at, ["alpha"]) == 1
    printed_by(life, 40, author=None)
    assert judge(life.archive.db, "alpha", "vdoc", life.at) == []
    printed_by(life, 20, author=None, section=None)
    ((change, _),) = judge(life.archive.db, "alpha", "vdoc", life.at)
    assert change.signal == "section"


def test_another_template_ends_what_was_said_of_the_one_before(life: Life) -> None:
    life.day({"alpha": 1})
    printed_by(life, 60)
    printed_by(life, 20, author=None)
    assert judge(life.archive.db, "alpha", "vdoc", life.at)
    printed_by(life, 1, template="onecms")
    assert judge(life.archive.db, "alpha", "onecms", life.at) == []
    assert making.rows(life.archive, "SELECT count(*) FROM layout_changes WHERE ended_at IS NULL") == [(0,)]
