"""The rows of papers and provinces, written from the data files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

    from pipelines.items import Paper

COLUMNS = (
    "name",
    "title",
    "province",
    "provinces_before",
    "hosts",
    "template",
    "language",
    "until",
    "successor",
    "confidence",
    "evidence",
    "expect",
)


def put_paper(db: Database, paper: Paper) -> None:
    """Write what papers.toml says of a paper, over what an earlier version said."""
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    db.conn.execute(
        f"INSERT INTO papers ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
        f"ON CONFLICT (name) DO UPDATE SET {updates}",
        (
            paper.name,
            paper.title,
            paper.province,
            _json(paper.provinces_before),
            _json(paper.hosts),
            paper.template,
            paper.language,
            paper.until.isoformat() if paper.until else None,
            paper.successor,
            paper.confidence,
            paper.evidence,
            json.dumps(dict(paper.expect)),
        ),
    )


def put_provinces(db: Database, provinces: Mapping[str, Iterable[str]]) -> None:
    """Write the provinces: each of the 63 before the 2025 merger, with the one of the 34 it is part of."""
    db.conn.executemany(
        "INSERT INTO provinces (before, today) VALUES (?, ?) ON CONFLICT (before) DO UPDATE SET today = excluded.today",
        [(before, today) for today, befores in provinces.items() for before in befores],
    )


def _json(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
