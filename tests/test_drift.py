"""A second reader agrees with us while a template fits, and tells when it does not any more."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.gold import OWN, SHARED, directory, pages_of
from crawler.extraction import extract
from crawler.extraction.drift import disagreement, other_text
from pipelines.items import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from bench.gold import GoldPage

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


def read(page: GoldPage) -> tuple[float, float]:
    """Return the disagreement on a page, and on the same page with half of the text lost."""
    reading = extract(page.page, page.url, paper=page.paper, template=page.template)
    lines = (reading.text or "").split("\n")
    other = other_text(page.page, page.content_type)
    return disagreement(reading, other), disagreement(replace(reading, text="\n".join(lines[: len(lines) // 2])), other)


@pytest.mark.parametrize(("folder", "usual"), [(SHARED, 0.05), (OWN, 0.15)], ids=["shared", "own"])
def test_pages_read_rightly_lie_far_below_pages_that_lost_half_their_text(folder: Path, usual: float) -> None:
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: it comes with the workplace, not with the project")
    pages = [page for page in pages_of(folder, directory()) if page.gold["outcome"] == "article"]
    right, lost = zip(*map(read, pages), strict=True)
    assert statistics.median(right) < usual
    assert statistics.median(lost) > usual + 0.2
