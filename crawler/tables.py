"""Reads TOML data files table by table and key by key, and refuses what is wrong with place and remedy."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(kB|MB|GB)")
UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
DAY = "a date like 2025-06-30"
T = TypeVar("T")


class DataError(ValueError):
    """A paper or template file says something wrong; the text is one sentence: where, what, remedy."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the likeliest of ``known``, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(repr(c) for c in close)}?" if close else ""


def read_tables(files: Iterable[str | Path], make: Callable[[str, str, dict[str, Any]], T]) -> dict[str, tuple[T, str]]:
    """Make a record of every table of the files: name → (record, place). Raises DataError."""
    found: dict[str, tuple[T, str]] = {}
    for file in map(Path, files):
        for name, table in _parse(file).items():
            place = f"{file.name}: [{name}]"
            if not isinstance(table, dict):
                raise DataError(f"{file.name}: key '{name}' stands outside any table; put it under a [name]")
            if not NAME.fullmatch(name):
                raise DataError(f"{place}: a name is lower-case letters, digits and hyphens; rename the table")
            if name in found:
                raise DataError(f"{place} stands already in {found[name][1].split(':')[0]}; keep one of the two")
            found[name] = (make(place, name, table), place)
    return found


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; correct PAPER_FILES or TEMPLATE_FILES") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DataError(f"{file.name}: not readable as TOML: {error}; correct the file") from None


class Table:
    """One table of a data file, read key by key; what is left over at the end is a wrong key."""

    def __init__(self, place: str, table: Mapping[str, Any]) -> None:
        self.place = place
        self._table = dict(table)
        self._asked: list[str] = []

    def _take(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        self._asked.append(key)
        value = self._table.pop(key, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise DataError(f"{self.place}: '{key}' must be {expected}, found {value!r}; correct it")
        return value

    def text(self, key: str, default: str = "") -> str:
        """Take a string."""
        return str(self._take(key, str, "a string", default))

    def flag(self, key: str) -> bool:
        """Take true or false."""
        return bool(self._take(key, bool, "true or false", False))

    def size(self, key: str) -> int:
        """Take a number of bytes, 0 without one: ``"20 MB"``, or the number itself."""
        value = self._take(key, (str, int), 'a size like "20 MB"', 0)
        told = SIZE.fullmatch(value) if isinstance(value, str) else None
        size = round(float(told[1]) * UNITS[told[2]]) if told else value
        if not isinstance(size, int) or size < 0 or (told and not size):
            raise DataError(
                f"{self.place}: '{key}' must be a size in kB, MB or GB, found {value!r}; write it like \"20 MB\", "
                "or leave it out for none"
            )
        return size

    def day(self, key: str) -> date | None:
        """Take a local day, or None."""
        value: date | None = self._take(key, date, DAY, None)
        if isinstance(value, datetime):
            raise DataError(f"{self.place}: '{key}' must be {DAY}, found {value!s}; leave the time out")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of different strings."""
        value = self._take(key, (list, tuple), "a list of strings", [])
        if not all(isinstance(v, str) and v for v in value):
            raise DataError(f"{self.place}: '{key}' must be a list of strings, found {value!r}; correct it")
        for v in value:
            if value.count(v) > 1:
                raise DataError(f"{self.place}: '{key}' lists {v!r} twice; remove one")
        return tuple(value)

    def numbers(self, key: str) -> dict[str, float]:
        """Take a table of numbers, none below zero."""
        table = self.table(key)
        for name, value in table.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
                raise DataError(f"{self.place}: '{key}.{name}' must be a number from 0 up, found {value!r}; correct it")
        return {name: float(value) for name, value in table.items()}

    def table(self, key: str) -> dict[str, Any]:
        """Take a table."""
        return dict(self._take(key, dict, "a table", {}))

    def tables(self, key: str) -> list[dict[str, Any]]:
        """Take a list of tables."""
        value = self._take(key, (list, tuple), "a list of tables", [])
        if not all(isinstance(v, dict) for v in value):
            raise DataError(f"{self.place}: '{key}' must be a list of tables, found {value!r}; correct it")
        return list(value)

    def done(self) -> None:
        """Raise DataError for a key that nobody asked for."""
        for key in self._table:
            raise DataError(f"{self.place} has no key '{key}'{nearest(key, self._asked) or '; remove it'}")
