"""Brings what curators corrected elsewhere; where both corrected one field of an article, the later word stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.corrections import article_of, overlay
from pipelines.archive.takedowns import ERASED
from pipelines.archive.union.findings import CORRECTION, Row, insert, rows

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought

OF_ERASED = (
    f"SELECT 1 FROM takedowns WHERE uid = ?1 AND state IN {ERASED} UNION ALL SELECT 1 FROM takedown_marks "
    "WHERE kind = 'uid' AND value = ?1 LIMIT 1"
)


def bring_corrections(job: Brought) -> None:
    """Bring all corrections, but of articles that were erased; their articles show them by `show_corrections`."""
    ours, theirs = _by_field(job.db), _by_field(job.other)
    for (uid, field), made in theirs.items():
        if job.db.conn.execute(OF_ERASED, (uid,)).fetchone():
            continue
        held = ours.get((uid, field), [])
        here, there = held[-1:], made[-1:]
        if here and here[0] not in made and there[0] not in held and here[0]["value"] != there[0]["value"]:
            said = f"{_said(here[0], 'here')}, {_said(there[0], 'there')}; both are kept, the later stands"
            job.findings.differ(CORRECTION, f"{uid}, {field}", said)
        for row in made:
            if row not in held and _put(job.db, row):
                job.corrected.add(uid)


def _put(db: Database, row: Row) -> bool:
    if db.conn.execute(
        "SELECT 1 FROM corrections WHERE uid = ? AND made_at = ? AND field = ?",
        (row["uid"], row["made_at"], row["field"]),
    ).fetchone():
        return False
    insert(db, "corrections", row)
    return True


def _by_field(db: Database) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows(db, "corrections", "1 ORDER BY made_at"):
        found.setdefault((row["uid"], row["field"]), []).append(row)
    return found


def _said(row: Row, where: str) -> str:
    return f"{row['value']!r} {where} on {row['made_at']}"


def show_corrections(job: Brought) -> None:
    """Let the articles show what was corrected, when all of their versions are brought."""
    for uid in sorted(job.corrected):
        article = article_of(job.db, uid)
        if article:
            overlay(job.db, article[0])
