"""Knows articles as columns: Parquet, through pyarrow, which is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

from pipelines.exports.fields import FIELDS, Row, Type

ROW_GROUP = 2000
"""Articles of one row group: that many are held in memory, with pyarrow some 200 MB."""

IMAGE = ("url", "caption", "credit", "payload_digest")


class MissingError(RuntimeError):
    """pyarrow is not installed; the text is one sentence."""


def write_parquet(rows: Iterable[Row], out: BinaryIO) -> int:
    """Write Parquet with typed columns, zstd, `ROW_GROUP` rows a group; return how many rows.

    Moments are timestamps (µs, UTC), days dates, lists and maps what they are. Raises MissingError
    where pyarrow is not installed.
    """
    arrow, parquet = _pyarrow()
    schema = arrow.schema([(name, _type(arrow, kind)) for name, kind in FIELDS.items()])
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        remaining = iter(rows)
        while group := list(islice(remaining, ROW_GROUP)):
            columns = [[_value(row[name], kind) for row in group] for name, kind in FIELDS.items()]
            table = arrow.table([arrow.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
            writer.write_table(table, row_group_size=ROW_GROUP)
            count += len(group)
    return count


def require_pyarrow() -> None:
    """Raise MissingError where pyarrow is not installed."""
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415 - an extra, and slow to load
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise MissingError(
            "Parquet needs pyarrow, which is not installed; run .venv/bin/pip install 'pyarrow>=20' "
            "(the extra baotinh[parquet]), or choose another --format"
        ) from None
    return pyarrow, parquet


def _type(arrow: Any, kind: Type) -> Any:
    text = arrow.string()
    return {
        "text": lambda: text,
        "number": arrow.int64,
        "moment": lambda: arrow.timestamp("us", tz="UTC"),
        "day": arrow.date32,
        "texts": lambda: arrow.list_(text),
        "images": lambda: arrow.list_(arrow.struct([*((name, text) for name in IMAGE), ("bytes", arrow.int64())])),
        "map": lambda: arrow.map_(text, text),
    }[kind]()


def _value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind == "day":
        return date.fromisoformat(value)
    return list(value.items()) if kind == "map" else value
