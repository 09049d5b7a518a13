"""Every saved page of tests/pages reads to what a person has reviewed (``scrapy fixture`` writes them)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler import settings
from crawler.fixtures import problem
from crawler.papers import Directory, load
from tests.demo.papers import PAPERS_TOML

FOLDER = Path(__file__).parent / "pages"
PAGES = sorted(FOLDER.glob("*.html"))


@cache
def directory() -> Directory:
    return load([*settings.PAPER_FILES, PAPERS_TOML], settings.TEMPLATE_FILES, allow_loopback=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_reads_to_what_was_reviewed(page: Path) -> None:
    assert problem(page, directory()) is None


def test_no_json_is_left_without_its_page() -> None:
    assert PAGES
    assert {path.stem for path in FOLDER.glob("*.json")} == {page.stem for page in PAGES}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A copy of a reviewed fixture, to be spoilt."""
    for suffix in (".html", ".json"):
        (tmp_path / f"mau{suffix}").write_bytes(PAGES[0].with_suffix(suffix).read_bytes())
    return tmp_path / "mau.html"


def change(page: Path, **facts: Any) -> None:
    beside = page.with_suffix(".json")
    beside.write_text(json.dumps(json.loads(beside.read_text("utf-8")) | facts), "utf-8")


def test_a_page_nobody_reviewed_fails_with_what_to_do(page: Path) -> None:
    change(page, reviewed=False)
    told = problem(page, directory())
    assert told
    assert told.startswith("mau.json is not reviewed: compare each field with mau.html")
    assert told.endswith('then set "reviewed": true')


def test_a_page_without_its_json_says_how_to_write_it(page: Path) -> None:
    page.with_suffix(".json").unlink()
    assert "scrapy fixture" in (problem(page, directory()) or "")


@pytest.mark.parametrize("spoilt", ["", "[]", "{", '{"reviewed": true}'])
def test_a_json_that_is_none_is_named(page: Path, spoilt: str) -> None:
    page.with_suffix(".json").write_text(spoilt, "utf-8")
    assert (problem(page, directory()) or "").startswith("mau.json: ")


def test_a_paper_or_template_that_no_file_knows_is_named(page: Path) -> None:
    change(page, paper="bao-khong-co")
    assert "bao-khong-co" in (problem(page, directory()) or "")


def test_a_field_that_reads_otherwise_is_named_with_both_values(page: Path) -> None:
    change(page, title="Tít khác hẳn")
    told = problem(page, directory()) or ""
    assert told.startswith('mau.html: title was reviewed as "Tít khác hẳn" and reads ')
    change(page, title=json.loads(PAGES[0].with_suffix(".json").read_text("utf-8"))["title"])
    assert problem(page, directory()) is None


def test_a_page_that_is_no_article_is_held_to_its_outcome_alone(page: Path) -> None:
    listing = FOLDER / "vdoc-listing.html"
    page.write_bytes(listing.read_bytes())
    page.with_suffix(".json").write_bytes(listing.with_suffix(".json").read_bytes())
    change(page, title="Một tít khác")
    assert problem(page, directory()) is None
    change(page, outcome="page/tag")
    assert (problem(page, directory()) or "").startswith("mau.html: outcome was reviewed as")


def test_notes_and_noise_are_for_persons(page: Path) -> None:
    change(page, notes="trang có hai mốc giờ", noise=["Tin liên quan"])
    assert problem(page, directory()) is None
