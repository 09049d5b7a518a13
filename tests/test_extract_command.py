"""``scrapy extract``: one JSON object a page, or one sentence and nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "tests" / "pages" / "vccorp.html"
URL = json.loads(PAGE.with_suffix(".json").read_text("utf-8"))["url"]
KEYS = (
    "url canonical_url paper template outcome reason language title lead author source published published_precision",
    "modified section tags captions images text provenance",
)


def scrapy(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "extract", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_page_is_one_line_with_the_keys_of_the_contract() -> None:
    done = scrapy(PAGE, "--url", URL)
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert " ".join(found) == " ".join(KEYS)
    assert (done.returncode, found["author"], found["paper"]) == (0, "HÀ MY", None)
    assert found["images"][0].keys() == {"url", "caption", "credit"}


def test_a_page_that_is_no_article_has_nulls_and_empty_lists(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text("<title>404</title><h1>Không tìm thấy trang</h1>", "utf-8")
    found = json.loads(scrapy(page, "--url", "https://baothanhhoa.vn/x.htm").stdout)
    assert (found["outcome"], found["paper"], found["text"], found["tags"]) == (
        "page/soft-404",
        "baothanhhoa",
        None,
        [],
    )


def test_template_none_uses_no_paper_data() -> None:
    found = json.loads(scrapy(PAGE, "--url", "https://baothanhhoa.vn/x.htm", "--template", "none").stdout)
    assert (found["paper"], found["template"]) == (None, None)


def test_a_batch_writes_one_file_a_line(tmp_path: Path) -> None:
    batch = tmp_path / "b.tsv"
    batch.write_text(f"one\t{PAGE}\t{URL}\ntwo\t{PAGE}\thttps://baotayninh.vn/x-123456.html\n", "utf-8")
    done = scrapy("--batch", batch, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["one.json", "two.json"]
    assert json.loads((tmp_path / "out" / "two.json").read_text("utf-8"))["paper"] == "baotayninh"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nowhere.html"], "nowhere.html: no such file"),
        ([PAGE, "--paper", "baotanhhoa"], "did you mean 'baothanhhoa'"),
        ([PAGE, "--template", "onecm"], "did you mean 'onecms'"),
        ([], "expected FILE… or --batch"),
        ([PAGE, PAGE, "--url", URL], "--url names one page"),
        (["--batch", "x.tsv"], "--batch needs --out"),
        ([PAGE, "--out", "x"], "--out goes with --batch"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(args: list[str | Path], sentence: str) -> None:
    done = scrapy(*args)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert sentence in done.stderr


@pytest.mark.parametrize(
    "line", ["one two three", "one\t\tx", "../one\tx.html\thttps://x.vn/", "one\tnowhere.html\thttps://x.vn/"]
)
def test_a_wrong_line_of_a_batch_leaves_nothing_written(tmp_path: Path, line: str) -> None:
    batch = tmp_path / "b.tsv"
    batch.write_text(f"good\t{PAGE}\t{URL}\n{line}\n", "utf-8")
    done = scrapy("--batch", batch, "--out", tmp_path / "out")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "out").exists()
