"""``python -m bench.extraction``: a table to read, JSON for programs, one sentence where nothing can be measured."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bench import extraction
from bench.gold import OWN, ROOT, directory, pages_of
from bench.readers import Reader, ours, peers

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.extraction", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_any_folder_of_pages_with_gold_is_measured(tmp_path: Path) -> None:
    for name in ("onecms-cau-treo", "vdoc-listing"):
        (tmp_path / f"{name}.html").write_bytes((OWN / f"{name}.html").read_bytes())
        (tmp_path / f"{name}.json").write_bytes((OWN / f"{name}.json").read_bytes())
    (tmp_path / "no-gold.html").write_text("<p>", "utf-8")
    ended = bench(str(tmp_path), "--ours", "--rounds", "0", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert set(told) == {"templates", "none", "renamed"}
    assert set(told["templates"]["pages"]) == {"onecms-cau-treo", "vdoc-listing"}
    assert told["templates"]["overall"]["pages"] == 1


def test_a_folder_without_pages_is_one_sentence(tmp_path: Path) -> None:
    ended = bench(str(tmp_path))
    assert (ended.returncode, len(ended.stdout.splitlines())) == (2, 1)
    assert "name another folder" in ended.stdout


def test_readers_that_are_not_installed_are_said_and_left_out() -> None:
    found = list(peers())
    assert {reader.name for reader in found if isinstance(reader, Reader)} >= {"trafilatura"}
    for module, package in (("newspaper", "newspaper4k"), ("readability", "readability-lxml")):
        said = [told for told in found if isinstance(told, str) and told.startswith(f"{package} is left out")]
        assert bool(said) == (find_spec(module) is None)


def test_a_reader_that_fails_on_a_page_scores_nothing_there_and_stops_nobody() -> None:
    def fails(_: object) -> dict[str, object]:
        raise ZeroDivisionError

    pages = pages_of(OWN, directory())[:3]
    result = extraction.measured(Reader("fails", "", fails), pages)
    assert set(result.raised) == {page.name for page in pages}
    assert not any(told["outcome"] for told in result.scores.values())
    assert "raised" in {kind for _, kind, _ in extraction.told_causes(result, pages)}


def test_the_docs_keep_what_stands_around_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = tmp_path / "extraction.md"
    docs.write_text(f"Before\n{extraction.BEGIN}\nold rows\n{extraction.END}\nBehind\n", "utf-8")
    monkeypatch.setattr(extraction, "DOCS", docs)
    results = [extraction.measured(reader, pages_of(OWN, directory())[:2]) for reader in ours()]
    for _ in range(2):
        extraction.write_docs(results, "tests/pages", extraction.table(results, {"none": 0.25}))
    written = docs.read_text("utf-8")
    assert written.startswith(f"Before\n{extraction.BEGIN}\n2 pages of `tests/pages`")
    assert written.endswith(f"{extraction.END}\nBehind\n")
    assert written.count("| ours, none |") == 1
    assert "old rows" not in written


def test_the_table_in_the_docs_has_every_reader_of_ours() -> None:
    told = (ROOT / "docs/extraction.md").read_text("utf-8").partition(extraction.BEGIN)[2].partition(extraction.END)[0]
    assert [line for line in told.splitlines() if line.startswith("| ours, ")]
    assert f"| {' | '.join(extraction.HEAD)} |" in told
