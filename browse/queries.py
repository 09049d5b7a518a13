"""Knows the questions that anybody may ask of an archive by their names, though SQL of their own is refused."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from browse.archive import is_archive
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERIES = Path(__file__).with_name("queries.toml")


@cache
def queries() -> Mapping[str, dict[str, Any]]:
    """Return the questions by name: ``title``, ``description``, ``sql``, and ``parameters`` in their order."""
    return tomllib.loads(QUERIES.read_text(encoding="utf-8"))


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, Any]]:
    """Give an archive its questions."""
    if not is_archive(datasette, database):
        return {}
    return {
        name: {
            "title": query["title"],
            "description": query["description"],
            "sql": query["sql"].strip(),
            "params": list(query["parameters"]),
            "hide_sql": True,
        }
        for name, query in queries().items()
    }


@hookimpl(specname="prepare_connection")
def folding_connection(conn: Any) -> None:
    """Teach SQL to compare names without marks: ``folded('Đà Nẵng') = 'da nang'``."""
    conn.create_function("folded", 1, lambda said: fold(str(said or "")).strip(), deterministic=True)
