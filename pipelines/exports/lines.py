"""Knows articles as lines: JSON Lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from pipelines.exports.fields import FIELDS, STRUCTURED, Row

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet may run as a formula (OWASP, CSV injection)."""
GUARD = "'"
"""Stands before such a cell, and before one that begins with it: without its first one each cell is exact."""


def write_jsonl(rows: Iterable[Row], out: BinaryIO) -> int:
    """Write one JSON object a line, UTF-8, the keys in the order of `FIELDS`; return how many."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is the number of rows
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return count


def write_csv(rows: Iterable[Row], out: BinaryIO) -> int:
    """Write CSV as RFC 4180 has it, with a header; return the number of rows under it.

    UTF-8 with a byte-order mark: without it Excel reads Vietnamese as Windows-1252, and what else reads
    CSV knows the mark. Lists and maps are JSON, what is null is an empty cell, and cells that could be
    formulas are guarded (`GUARD`): the words are other people's.
    """
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FIELDS)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is the number of rows
        writer.writerow([_cell(row[name], structured=kind in STRUCTURED) for name, kind in FIELDS.items()])
    text.detach()
    return count


def _cell(value: Any, *, structured: bool) -> Any:
    if structured:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith((*FORMULA, GUARD)):
        return GUARD + value
    return value
