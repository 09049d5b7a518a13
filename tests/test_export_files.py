"""A file of an export is whole or not there, and no cell of it is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import parquet

from crawler.exporting import provinces_named, whole_file
from crawler.papers import provinces
from pipelines.exports.columns import MissingError, require_pyarrow, write_parquet
from pipelines.exports.fields import FIELDS
from pipelines.exports.lines import write_csv, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW: dict[str, Any] = dict.fromkeys(FIELDS, None) | {
    name: {} if kind == "map" else [] for name, kind in FIELDS.items() if kind in ("texts", "images", "map")
}


def cells(**values: object) -> dict[str, str]:
    out = io.BytesIO()
    assert write_csv([ROW | values], out) == 1
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    return row


@pytest.mark.parametrize(
    "typed", ['=HYPERLINK("http://xau.example")', "+84", "-1", "@SUM(A1)", "\tx", "＝1+1", "'trích'", "'=1"]
)
def test_what_could_be_a_formula_is_guarded_and_can_be_read_back(typed: str) -> None:
    assert cells(title=typed)["title"] == f"'{typed}"


@pytest.mark.parametrize("typed", ["Giá 1=1", "“Trích”", 'hai, "ba"', "dòng\nmới", ""])
def test_other_cells_are_as_they_are(typed: str) -> None:
    assert cells(title=typed, words=7) | {"title": typed, "words": "7"} == cells(title=typed, words=7)


def test_lists_are_json_in_csv_and_begin_with_no_formula() -> None:
    assert cells(tags=["=1", "a,b"])["tags"] == '["=1", "a,b"]'


def interrupted(out: Path) -> None:
    with whole_file(out) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_failed_export_leaves_the_file_before_it_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    out.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        interrupted(out)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    assert out.read_bytes() == b"before"
    with whole_file(out) as file:
        file.write(b"whole")
        assert out.read_bytes() == b"before"
    assert out.read_bytes() == b"whole"


def test_what_a_killed_export_left_is_removed_by_the_next_to_the_same_place(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f".a.jsonl.{gone.pid}.part", f".a.jsonl.{os.getppid()}.part", f".b.jsonl.{gone.pid}.part"):
        (tmp_path / name).write_bytes(b"half")
    with whole_file(tmp_path / "a.jsonl") as file:
        file.write(b"whole")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([f".a.jsonl.{os.getppid()}.part", f".b.jsonl.{gone.pid}.part", "a.jsonl"])


@pytest.mark.parametrize("typed", ["Thanh Hóa", "Thanh Hoá", "thanh hoa", "Khánh Hoà"])
def test_a_province_is_found_wherever_its_tone_is_put(typed: str) -> None:
    assert provinces_named([typed], provinces()) == ("Khánh Hòa" if typed.startswith("Kh") else "Thanh Hóa",)


def test_rows_are_written_as_they_come_and_not_gathered() -> None:
    out = io.BytesIO()
    written: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for n in range(50):
            written.append(out.tell())
            yield ROW | {"uid": f"alpha-{n:012x}"}

    assert write_jsonl(rows(), out) == 50
    assert all(before < after for before, after in pairwise(written))


def test_parquet_is_written_in_groups_of_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipelines.exports.columns.ROW_GROUP", 20)
    with (tmp_path / "a.parquet").open("wb") as out:
        assert write_parquet((ROW | {"uid": f"alpha-{n}"} for n in range(50)), out) == 50
    file = parquet.ParquetFile(tmp_path / "a.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [20, 20, 10]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_without_pyarrow_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingError, match=r"pip install 'pyarrow>=20'"):
        require_pyarrow()
