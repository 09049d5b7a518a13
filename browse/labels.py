"""Knows what the archive's tables and columns are called, and which of them readers see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from datasette import hookimpl

from browse.archive import is_archive

LABELS = Path(__file__).with_name("labels.toml")
LISTS = ("columns", "shown")


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view that readers see: title, note and columns, and datasette's settings for it.

    ``shown``: the columns of its page, in order; all of them where it is empty, and when a reader asks for all.
    """

    title: str
    description: str
    columns: tuple[str, ...]
    searched_by_uid: bool = False
    shown: tuple[str, ...] = ()
    settings: Mapping[str, Any] | None = None

    def metadata(self) -> dict[str, Any]:
        """Return what datasette's metadata holds for it."""
        notes = {name: columns()[name] for name in self.columns if name in columns()}
        return {"title": self.title, "description": self.description, "columns": notes, **(self.settings or {})}


@cache
def _labels() -> Mapping[str, Any]:
    return tomllib.loads(LABELS.read_text(encoding="utf-8"))


@cache
def tables() -> Mapping[str, Table]:
    """Return the tables and views that readers see, in the order they are offered."""
    return {name: _table(told) for name, told in _labels()["tables"].items()}


def _table(told: Mapping[str, Any]) -> Table:
    facts: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in told.items()}
    return Table(**facts)


@cache
def columns() -> Mapping[str, str]:
    """Return the note of each column: ``Vietnamese · English``."""
    return dict(_labels()["columns"])


def label(column: str) -> str:
    """Return the Vietnamese name of a column, or its own where it has none."""
    return columns().get(column, column).partition(" · ")[0]


@hookimpl
def get_metadata(datasette: Any, key: str | None) -> dict[str, Any]:
    """Give datasette the archive's titles, notes, facets, order and search; its own metadata comes after."""
    if key == "tables":
        return {}
    names = [name for name in datasette.databases if is_archive(datasette, name)]
    return {"title": _labels()["title"], "databases": {name: _archive() for name in names}} if names else {}


def _archive() -> dict[str, Any]:
    """Return an archive's metadata, new each time: datasette writes what comes after into it."""
    return {
        "title": _labels()["title"],
        "description": _labels()["description"],
        "tables": {name: table.metadata() for name, table in tables().items()},
    }
