"""Knows which of datasette's databases is an archive of baotinh."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.utils.sqlite import sqlite3

MARK = "article_text"
"""A table that only an archive has."""


def is_archive(datasette: Any, name: str) -> bool:
    """Say whether the database ``name`` is an archive; one that cannot be looked at is kept as closed as one."""
    database = datasette.databases.get(name)
    if database is None or not database.path or not Path(database.path).exists():
        return False
    return _has_mark(str(database.path), Path(database.path).stat().st_ino, mutable=database.is_mutable)


def first_archive(datasette: Any) -> Any | None:
    """Return the first database that is an archive, or None."""
    return next((database for name, database in datasette.databases.items() if is_archive(datasette, name)), None)


def rows(results: Any) -> list[dict[str, Any]]:
    """Return a query's rows as dictionaries."""
    return [dict(row) for row in results.rows]


@lru_cache(maxsize=64)
def _has_mark(path: str, inode: int, *, mutable: bool) -> bool:  # noqa: ARG001 - another file at this path is asked anew
    # Opened as datasette opens it.
    connection = sqlite3.connect(f"file:{quote(path)}?{'mode=ro' if mutable else 'immutable=1'}", uri=True)
    try:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (MARK,))
        return found.fetchone() is not None
    except sqlite3.Error:
        return True
    finally:
        connection.close()
