"""What a merge of archives came to: counts by paper, and where the archives say different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from pipelines.archive.traces import Copy

CAPTURE, UID, DIRECTORY, FURNITURE, WARC = "capture", "uid", "directory", "furniture", "warc"
TAKEDOWN, CORRECTION = "takedown", "correction"
"""Kinds of conflict."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where two archives differ (``place``), what each says and which of it stands (``said``)."""

    kind: str
    place: str
    said: str


@dataclass
class Erased:
    """An article that was erased in a merge: WARC records that are replaced here, and what stays.

    ``held``: it was an article of this archive. ``copies`` are other papers' own by uid, ``shown_by`` and
    ``said_by`` name pages that show some of it, and what says some of it itself.
    """

    held: bool = False
    records: int = 0
    copies: dict[str, Copy] = field(default_factory=dict)
    shown_by: set[str] = field(default_factory=set)
    said_by: set[str] = field(default_factory=set)


@dataclass
class Findings:
    """What was brought: ``papers`` maps a paper to counts (captures, articles, joined, known, addresses, ...).

    ``papers_here`` and ``papers_there`` are those that only the archive, or only the other one, knew.
    """

    papers: dict[str, Counter[str]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    erasures: dict[str, Erased] = field(default_factory=dict)
    files: int = 0
    """WARC files that were copied."""
    papers_here: tuple[str, ...] = ()
    papers_there: tuple[str, ...] = ()

    def count(self, paper: str, what: str, times: int = 1) -> None:
        """Add to a paper's count."""
        self.papers.setdefault(paper, Counter())[what] += times

    def erase(self, uid: str) -> Erased:
        """Return what is noted of an erased article, to add to it."""
        return self.erasures.setdefault(uid, Erased())

    def erased(self) -> dict[str, Erased]:
        """Return the articles of which something was erased here."""
        return {uid: one for uid, one in sorted(self.erasures.items()) if one.held or one.records}

    def differ(self, kind: str, place: str, said: str) -> None:
        """Note a conflict."""
        self.conflicts.append(Conflict(kind, place, said))


@dataclass
class Brought:
    """What is known while one archive is brought into another.

    ``captures`` maps row ids of the other's captures to ours; ``fresh`` are those of ours that were not here
    before, ``won`` those that were and whose judgement is the other's from now on. ``furniture`` maps paper
    and version of the other to our version. ``touched``: our articles that changed. ``files`` maps the paths
    of the other's WARC files to ours. ``corrected``: uids whose corrections are more than they were.
    """

    db: Database
    other: Database
    files: dict[str, str]
    findings: Findings
    captures: dict[int, int] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    won: set[int] = field(default_factory=set)
    furniture: dict[tuple[str, int], int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)

    def file(self, path: str) -> str:
        """Return what a WARC file of the other archive is called here."""
        return self.files.get(path, path)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: names of its columns, and values in their order."""

    names: tuple[str, ...]
    values: tuple[Any, ...]

    def __getitem__(self, name: str) -> Any:
        """Return the value of a column."""
        return self.values[self.names.index(name)]

    def but(self, **changed: Any) -> Row:
        """Return the row with other values in these columns."""
        return Row(self.names, tuple(changed.get(n, v) for n, v in zip(self.names, self.values, strict=True)))


def rows(db: Database, table: str, where: str = "1", values: Iterable[Any] = ()) -> Iterator[Row]:
    """Give the rows of a table with all its columns but ``id``."""
    names = columns(db, table)
    for found in db.conn.execute(f"SELECT {', '.join(names)} FROM {table} WHERE {where}", tuple(values)):
        yield Row(names, tuple(found))


def columns(db: Database, table: str) -> tuple[str, ...]:
    """Return the names of a table's columns but ``id``."""
    return tuple(str(r[1]) for r in db.conn.execute(f"PRAGMA table_info({table})").fetchall() if r[1] != "id")


def insert(db: Database, table: str, row: Row) -> int:
    """Write a row and return its id; 0 where one with its key is there already, which stays."""
    marks = ", ".join("?" * len(row.names))
    cursor = db.conn.execute(
        f"INSERT INTO {table} ({', '.join(row.names)}) VALUES ({marks}) ON CONFLICT DO NOTHING", row.values
    )
    return int(cursor.lastrowid or 0) if cursor.rowcount else 0
