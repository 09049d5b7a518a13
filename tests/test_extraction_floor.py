"""No score that extraction has reached on a page may fall unnoticed (scores only; time is told by ``make bench``)."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bench import floor
from bench.gold import OWN, SHARED, GoldPage, directory, pages_of
from bench.readers import OURS

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = {"shared/pages": SHARED, "tests/pages": OWN}
READERS = [(folder, reader) for folder in FOLDERS for reader in OURS]


@cache
def pages(folder: str) -> list[GoldPage]:
    if not FOLDERS[folder].is_dir():
        pytest.skip(f"{folder} is not here: other people's pages come with the workplace, not with the project")
    return pages_of(FOLDERS[folder], directory())


@cache
def now(folder: str) -> dict[str, dict[str, floor.Figures]]:
    return floor.reached(pages(folder))


@pytest.mark.parametrize(("folder", "reader"), READERS, ids=map("-".join, READERS))
def test_no_recorded_score_falls(folder: str, reader: str) -> None:
    found = {reader: now(folder)[reader]}
    fallen = list(floor.falls({reader: floor.recorded()[folder][reader]}, found))
    assert not fallen, (
        "mend it, or where a page is read better for it, record the floor anew with "
        f"'python -m bench.extraction {FOLDERS[folder]} --ours --rounds 0 --record' and say why in the commit"
    )


def test_every_page_of_ours_has_a_floor() -> None:
    held = floor.recorded()["tests/pages"]
    for reader in OURS:
        assert {page.name for page in pages("tests/pages")} == set(held[reader]), (
            "record the new pages: python -m bench.extraction tests/pages --ours --rounds 0 --record"
        )


def test_a_fall_is_told_with_page_and_figure() -> None:
    held = {"none": {"trang-mau": {"f1": 0.95, "author": 1.0, "leaks": 0.0}, "trang-hai": {"f1": 1.0}}}
    found = {"none": {"trang-mau": {"f1": 0.94, "author": 1.0, "leaks": 2.0}}}
    assert list(floor.falls(held, found)) == [
        "trang-mau (none): f1 was 0.95 and is 0.94",
        "trang-mau (none): leaks was 0 and is 2",
        "trang-hai (none): recorded, and not there any more; bring it back or record the floor anew",
    ]
    assert not list(floor.falls({"none": {"trang-mau": {"f1": 0.93, "leaks": 2.0}}}, found))


def test_a_page_that_became_none_is_a_fall() -> None:
    held = {"none": {"trang-mau": {"f1": 0.95, "outcome": 1.0}}}
    assert len(list(floor.falls(held, {"none": {"trang-mau": {"outcome": 0.0}}}))) == 2


def test_recording_writes_what_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "FLOOR", tmp_path / "floor.json")
    floor.record("một", {"none": {"trang": {"f1": 1.0}}})
    floor.record("hai", {"none": {"trang": {"f1": 0.5}}})
    assert floor.recorded() == {"một": {"none": {"trang": {"f1": 1.0}}}, "hai": {"none": {"trang": {"f1": 0.5}}}}
    assert json.loads((tmp_path / "floor.json").read_text("utf-8"))
