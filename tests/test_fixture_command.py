"""``scrapy fixture``: from a file, from the network and from the archive to a page for review."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawling import Desk
from tests.demo.expected import EXPECTED
from tests.demo.server import serve
from tests.demo.stories import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
PAPER = NAMES[0]
ARTICLE = EXPECTED[PAPER, 0].articles[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serve() as sites:
        yield Desk(tmp_path, sites)


def written(folder: Path) -> tuple[Path, dict[str, Any]]:
    (page,) = folder.glob("*.html")
    facts: dict[str, Any] = json.loads(page.with_suffix(".json").read_text("utf-8"))
    return page, facts


def test_an_address_gives_a_trimmed_page_and_its_json_and_leaves_the_archive_alone(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "pages"
    ended = desk.scrapy("fixture", desk.sites[PAPER].base + ARTICLE.path, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    page, facts = written(out)
    assert str(page) in ended.stdout
    assert facts["reviewed"] is False
    assert (facts["paper"], facts["title"], facts["text"]) == (PAPER, ARTICLE.title, ARTICLE.text)
    assert not re.search(r"<style|<!--(?!\[)", page.read_text("utf-8"))
    assert not desk.archive.exists()
    assert not desk.warc.exists()
    assert [e.path for e in desk.sites[PAPER].log] == ["/robots.txt", ARTICLE.path]


def test_what_the_archive_holds_is_not_asked_for_again(desk: Desk, tmp_path: Path) -> None:
    assert desk.crawl(0, [PAPER]).returncode == 0
    asked, before = len(desk.sites[PAPER].log), desk.archive.read_bytes()
    ended = desk.scrapy("fixture", desk.sites[PAPER].base + ARTICLE.path, "--out", str(tmp_path / "pages"))
    assert ended.returncode == 0, ended.stderr
    assert "as captured 2026-11-20 23:" in ended.stderr
    assert written(tmp_path / "pages")[1]["text"] == ARTICLE.text
    assert len(desk.sites[PAPER].log) == asked
    assert desk.archive.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "says"), [("/tim-kiem/cau", "robots.txt"), ("/khong-co-bai-nay-999999.html", "HTTP 404")]
)
def test_a_page_that_cannot_be_had_ends_with_one_sentence(desk: Desk, tmp_path: Path, target: str, says: str) -> None:
    ended = desk.scrapy("fixture", desk.sites[PAPER].base + target, "--out", str(tmp_path / "pages"))
    assert ended.returncode == 1
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "pages").exists()


def test_a_file_keeps_its_name_and_is_not_written_over_once_reviewed(desk: Desk, tmp_path: Path) -> None:
    saved = tmp_path / "cau-moi.html"
    saved.write_text(f"<html><head><title>{ARTICLE.title}</title></head><body><h1>{ARTICLE.title}</h1></body></html>")
    out = tmp_path / "pages"
    words = ("fixture", str(saved), "--url", "https://baomau.example/cau-moi-101010.html", "--out", str(out))
    assert desk.scrapy(*words).returncode == 0
    page, facts = written(out)
    assert (page.name, facts["outcome"], facts["paper"]) == ("cau-moi.html", "page/no-body", None)
    reviewed = json.dumps(facts | {"reviewed": True})
    page.with_suffix(".json").write_text(reviewed)
    refused = desk.scrapy(*words)
    assert refused.returncode == 2
    assert "is reviewed; add --force" in refused.stderr
    assert page.with_suffix(".json").read_text() == reviewed
    assert desk.scrapy(*words, "--force").returncode == 0
    assert written(out)[1]["reviewed"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "expected one URL or FILE, found 0"),
        (("khong-co.html",), "no such file"),
        (("README.md",), "add --url"),
        (("README.md", "--paper", "baonghean2"), "did you mean 'baonghean'"),
        (("README.md", "--name", "../x"), "no file name"),
        (("https://baomau.example/", "--url", "https://baomau.example/"), "goes with a FILE"),
    ],
)
def test_wrong_use_is_one_sentence(desk: Desk, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    ended = desk.scrapy("fixture", *words, "--out", str(tmp_path / "pages"))
    assert (ended.returncode, says in ended.stderr, len(ended.stderr.splitlines())) == (2, True, 1), ended.stderr
    assert not (tmp_path / "pages").exists()
