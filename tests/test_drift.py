"""The reading without a template agrees with a template's while that fits, and tells when it does not any more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from bench.gold import OWN, SHARED, directory, pages_of
from crawler.extraction import extract
from crawler.extraction.drift import BOUND, LATEST, LEAST, disagreement, drifted, is_sampled, measure
from crawler.papers import Directory
from crawler.run import drifts
from crawler.visits import Fetched, judge_response
from pipelines.archive import open_archive
from pipelines.items import Layout, Reading, Template, Visit
from pipelines.migrations import migrations
from tests import making

if TYPE_CHECKING:
    from pathlib import Path

    from bench.gold import GoldPage
    from pipelines.archive import Archive

TEXT = "Sáng nay bà con xã Mường Lống mở hội xuống đồng.\nHội thi thu hút mười hai đội của các bản trong vùng."
CAPTION = "Các đội thi kéo co trên bãi cỏ ven suối"
READING = Reading(url="https://baomau.example/hoi-1.html", title="Mường Lống vào hội", captions=(CAPTION,), text=TEXT)


def test_two_readings_of_one_text_do_not_disagree() -> None:
    assert disagreement(READING, TEXT) == 0
    assert disagreement(READING, f"{CAPTION}\n{READING.title}\n{TEXT}") == 0


def test_a_text_that_one_has_and_the_other_has_not_is_told_by_its_share() -> None:
    first, second = TEXT.split("\n")
    assert 0.4 < disagreement(replace(READING, text=first), TEXT) < 0.7
    assert 0.4 < disagreement(READING, second) < 0.7
    assert disagreement(READING, "Tin bên lề của một bài khác hẳn, không có chữ nào chung.") == 1


def test_nothing_beside_something_is_all_and_beside_nothing_none() -> None:
    assert disagreement(READING, "") == 1
    assert disagreement(replace(READING, text=None), TEXT) == 1
    assert disagreement(replace(READING, text=None), "") == 0


def apart(page: GoldPage, kept: float = 1) -> float:
    """Return the disagreement on a page whose template loses all but the first part of its text."""
    read = partial(extract, page.page, page.url, content_type=page.content_type, paper=page.paper)
    reading = read(template=page.template)
    lines = (reading.text or "").split("\n")
    found = measure(replace(reading, text="\n".join(lines[: int(len(lines) * kept)])), read)
    assert found is not None
    return found


def fits(page: GoldPage) -> bool:
    reading = extract(page.page, page.url, content_type=page.content_type, paper=page.paper, template=page.template)
    return reading.outcome == "article" and reading.template is not None


@pytest.mark.parametrize("folder", [SHARED, OWN], ids=["shared", "own"])
def test_where_a_template_fits_both_read_the_same_and_where_it_loses_half_they_do_not(folder: Path) -> None:
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: it comes with the workplace, not with the project")
    pages = [page for page in pages_of(folder, directory()) if fits(page)]
    assert len(pages) >= LATEST
    assert [(page.url, n) for page in pages if (n := apart(page)) > 0.05] == []
    assert drifted([apart(page, 0.5) for page in pages[:LATEST]])


def unread() -> Reading:
    pytest.fail("the page was read again")


def test_a_template_that_finds_no_text_where_there_is_one_disagrees_wholly() -> None:
    templated = replace(READING, template="vdoc")
    assert measure(READING, unread) == 1
    assert measure(replace(templated, text=None, outcome="page/no-body"), lambda: READING) == 1
    assert measure(templated, lambda: replace(READING, text=None, outcome="page/no-body")) == 1
    assert measure(templated, lambda: READING) == 0


def test_a_page_that_is_no_article_tells_nothing() -> None:
    film = replace(READING, text=None, outcome="page/media")
    assert measure(film, lambda: film) is None
    assert measure(replace(film, outcome="page/too-slow"), unread) is None


def test_a_lead_or_caption_that_one_sets_apart_and_the_other_does_not_is_no_lost_text() -> None:
    lead, rest = TEXT.split("\n")
    split = replace(READING, template="vdoc", lead=lead, text=rest)
    whole = replace(READING, template="vdoc", captions=(), text=f"{CAPTION}\n{TEXT}")
    assert measure(split, lambda: whole) == 0
    assert measure(whole, lambda: split) == 0


def test_one_address_in_twenty_is_sampled_and_always_the_same() -> None:
    urls = [f"https://alpha.example.vn/thoi-su/bai-{n}.html" for n in range(4000)]
    chosen = [url for url in urls if is_sampled(url, 20)]
    assert 140 < len(chosen) < 260
    assert all(is_sampled(url.replace("https://", "http://www."), 20) for url in chosen)
    assert not any(is_sampled(url, 0) for url in urls)
    assert all(is_sampled(url, 1) for url in urls)


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ([0.0] * 8 + [1.0] * 2, False),  # two pages of a special kind
        ([1.0] * 3 + [0.0] * 7, True),
        ([0.35] * LEAST, True),
        ([1.0] * (LEAST - 1), False),
        ([0.0] * LATEST + [1.0] * 50, False),  # long ago
        ([BOUND] * LATEST, False),
    ],
)
def test_a_template_is_judged_by_the_mean_of_its_latest_samples(samples: list[float], told: bool) -> None:
    assert (drifted(samples) is not None) == told


def sampled(number: int, disagreement: float | None, hour: float = 0) -> Visit:
    made = making.visit(f"/a-{number}.html", making.hours(hour or number), title=f"Bài {number}")
    return replace(made, layout=Layout("vdoc", disagreement))


@pytest.fixture
def kept(tmp_path: Path) -> Archive:
    return making.archive(tmp_path / "archive.db")


ROWS = "SELECT c.url, l.template, l.words, l.disagreement FROM layout_stats l JOIN captures c ON c.id = l.capture_id"


def test_a_capture_stored_twice_is_counted_once(kept: Archive) -> None:
    visits = [sampled(n, 0.5) for n in range(1, 4)]
    making.store(kept, visits)
    once = making.rows(kept, ROWS)
    making.store(kept, visits)
    assert making.rows(kept, ROWS) == once
    assert [(words > 0, apart) for _, _, words, apart in once] == [(True, 0.5)] * 3
    assert making.rows(
        kept, "SELECT paper, template, day, pages, articles, sampled, disagreement FROM layout_days"
    ) == [("alpha", "vdoc", "2026-11-21", 3, 3, 3, 0.5)]


def test_a_capture_judged_again_shows_the_new_judgement_alone(kept: Archive) -> None:
    making.store(kept, [sampled(1, 1.0)])
    making.store(kept, [sampled(1, None)])
    assert making.rows(kept, "SELECT count(*), count(disagreement) FROM layout_stats") == [(1, 0)]


def test_a_page_read_again_and_again_is_one_sample(kept: Archive) -> None:
    making.store(kept, [sampled(1, 1.0, hour) for hour in range(1, 9)] + [sampled(n, 0.0, 10) for n in range(2, 7)])
    assert list(drifts(kept, making.hours(30))) == []
    making.store(kept, [sampled(n, 0.9, 20) for n in range(2, 7)])
    (told,) = drifts(kept, making.hours(30))
    assert "alpha: template 'vdoc' has drifted" in told
    assert "6 pages" in told


def test_the_days_tell_pages_read_by_template_from_those_that_fell_back(kept: Archive) -> None:
    by_template = making.visit("/a-1.html", making.hours(0), provenance={"text": "template"})
    fell_back = making.visit("/b-2.html", making.hours(1), title="B", provenance={"text": "heuristic"})
    none = making.refusal("/c-3.html", making.hours(2), status=200)
    visits = [replace(v, layout=Layout("vdoc")) for v in (by_template, fell_back, replace(none, outcome="page/media"))]
    making.store(kept, visits)
    assert making.rows(
        kept, "SELECT pages, articles, by_template, fell_back, sampled, disagreement FROM layout_days"
    ) == [(3, 2, 1, 1, 0, None)]


@pytest.mark.parametrize(("fields", "told"), [({}, Layout(None)), ({"body": (".chu",)}, Layout("vườn", 1.0))])
def test_a_system_whose_marks_are_not_known_cannot_drift(fields: dict[str, tuple[str, ...]], told: Layout) -> None:
    page = "<h1>Vườn quả xóm Cồn</h1>" + f"<p>{'Cả xóm vui như mở hội. ' * 9}</p>" * 3
    url = "https://alpha.example.vn/vuon-qua-xom-con-12345.html"
    fetched = Fetched(url=url, status=200, body=page.encode(), at=making.hours(0), content_type="text/html")
    known = Directory({}, {"vườn": Template("vườn", fields=fields)})
    visit = judge_response(fetched, replace(making.paper(), template="vườn"), known, "article", sample=1)
    assert visit.outcome == "article"
    assert visit.layout == told


def test_an_archive_of_before_keeps_how_pages_are_read_from_now_on(tmp_path: Path) -> None:
    old = Database(tmp_path / "archive.db")
    migrations.apply(old, stop_before="m006_layout")
    assert "layout_stats" not in old.table_names()
    old.close()
    new = open_archive(tmp_path / "archive.db")
    assert "layout_stats" in new.table_names()
    assert new.table("layout_stats").strict
    new.close()
