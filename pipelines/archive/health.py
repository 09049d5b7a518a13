"""Reads how the papers fare, as the view ``health`` says, at the moment that a command sets."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import stamp, transaction
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database


FIRST = ", first at "
"""What goes before the address in view ``health``'s sentence on pages that changed; ``; `` goes after it."""
OWED, CLAIMED = timedelta(days=7), timedelta(minutes=1)
"""How long a change is told again that could not be told; how long one program has to tell it before another may."""
WELL = "ok"
"""How a paper that does not fail is told of, whatever its state."""


@dataclass(frozen=True, slots=True)
class HealthChange:
    """A paper whose state was ``before`` and is ``state`` now; ``said`` is the sentence, None where it fares well."""

    paper: str
    at: str
    before: str
    state: str
    said: str | None


def set_now(db: Database, now: datetime) -> None:
    """Set the moment that the views speak of; runs in the caller's transaction, or by itself."""
    db.conn.execute("INSERT OR REPLACE INTO clock (id, now) VALUES (1, ?)", (stamp(now),))


def health(db: Database, now: datetime, papers: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the rows of view ``health`` at ``now``, failing papers first; of ``papers`` alone where some are named."""
    with transaction(db):
        set_now(db, now)
    return [row for row in _rows(db) if not papers or row["paper"] in papers]


def _rows(db: Database) -> list[dict[str, Any]]:
    cursor = db.conn.execute("SELECT * FROM health")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["fails"], row["errors"] = bool(row["fails"]), json.loads(row["errors"])
    return rows


def note_changes(db: Database, now: datetime, *, owed: bool = False) -> list[HealthChange]:
    """Keep and return what changed since this was asked last: who began to fail, or otherwise, and who fares well.

    Of papers that do not fail nothing is told: quiet days, holidays, papers not crawled yet. Two programs that ask
    at once are told each change once between them. ``owed``: until `settle` says so, each is still to be told.
    """
    with transaction(db):
        set_now(db, now)
        told = dict(
            db.conn.execute(
                "SELECT paper, state FROM health_changes "
                "WHERE id IN (SELECT max(id) FROM health_changes GROUP BY paper)"
            ).fetchall()
        )
        changed = []
        for row in _rows(db):
            state, before = row["state"] if row["fails"] else WELL, told.get(row["paper"], WELL)
            if state != before:
                changed.append(
                    HealthChange(row["paper"], stamp(now), before, state, row["said"] if row["fails"] else None)
                )
        db.conn.executemany(
            "INSERT INTO health_changes (paper, at, before, state, said, tries) VALUES (?, ?, ?, ?, ?, ?)",
            [(*astuple(change), 0 if owed else None) for change in changed],
        )
    return changed


def next_owed(db: Database, now: datetime) -> tuple[int, HealthChange] | None:
    """Return a change that is still to be told, with its number, and keep others from telling it for a minute.

    The one tried least comes first, so that one that nobody takes keeps no other back. What is a week old, or
    overtaken by a later change of the same paper, is owed no more.
    """
    with transaction(db):
        db.conn.execute(
            "UPDATE health_changes SET tries = NULL WHERE tries IS NOT NULL AND (at < ? OR id < "
            "(SELECT max(id) FROM health_changes AS later WHERE later.paper = health_changes.paper))",
            (stamp(now - OWED),),
        )
        row = db.conn.execute(
            "SELECT id, paper, at, before, state, said FROM health_changes WHERE tries IS NOT NULL "
            "AND (tried_at IS NULL OR tried_at < ? OR tried_at > ?) ORDER BY tries, id LIMIT 1",
            (stamp(now - CLAIMED), stamp(now)),
        ).fetchone()
        if row is None:
            return None
        db.conn.execute("UPDATE health_changes SET tried_at = ? WHERE id = ?", (stamp(now), row[0]))
    return int(row[0]), HealthChange(*row[1:])


def settle(db: Database, number: int, *, told: bool) -> int:
    """Write that a change was told, or that it could not be; return how many are owed now."""
    with transaction(db):
        db.conn.execute(
            "UPDATE health_changes SET tried_at = NULL, tries = iif(?, NULL, tries + 1) WHERE id = ?", (told, number)
        )
    return int(db.conn.execute("SELECT count(*) FROM health_changes WHERE tries IS NOT NULL").fetchone()[0])


def latest_changes(db: Database, limit: int) -> list[HealthChange]:
    """Return what was told last, newest first."""
    rows = db.conn.execute(
        "SELECT paper, at, before, state, said FROM health_changes ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [HealthChange(*row) for row in rows.fetchall()]


def unname(db: Database, urls: Iterable[str]) -> None:
    """Take addresses that nobody is to be told any more out of what was told; runs in the caller's transaction."""
    keys = set(map(url_key, urls))
    rows = db.conn.execute("SELECT id, said FROM health_changes WHERE said LIKE ?", (f"%{FIRST}%",)).fetchall()
    for number, said in rows:
        head, _, rest = said.partition(FIRST)
        url, _, tail = rest.partition("; ")
        if url_key(url) in keys:
            db.conn.execute("UPDATE health_changes SET said = ? WHERE id = ?", (f"{head}; {tail}", number))


def accept(db: Database, now: datetime, papers: Sequence[str]) -> int:
    """Take the pages of ``papers`` to be good as they are now; return how many changes of layout that ends."""
    with transaction(db):
        marks = ", ".join("?" * len(papers))
        cursor = db.conn.execute(
            "UPDATE layout_changes SET ended_at = ?, ended_by = 'operator' "
            f"WHERE ended_at IS NULL AND paper IN ({marks})",
            (stamp(now), *papers),
        )
    return int(cursor.rowcount)
