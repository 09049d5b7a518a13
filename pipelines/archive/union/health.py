"""Brings since when another archive's pages are read otherwise, and the moment that it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.union.findings import Row, insert, rows

if TYPE_CHECKING:
    from pipelines.archive.union.findings import Brought

CHANGE = ("paper", "template", "signal", "since")
"""By what a change of layout is known in two archives."""
ENDED = {None: 0, "pages": 1, "operator": 2}
"""Whose word on the end of a change stands: a person's before the pages', any before none."""


def bring_health(job: Brought) -> None:
    """Bring the changes of layout; of one that both know, the word of whoever saw it end. The later clock stands."""
    for row in rows(job.other, "layout_changes"):
        theirs = row.but(capture_id=job.captures.get(row["capture_id"]))
        if insert(job.db, "layout_changes", theirs):
            continue
        key = " AND ".join(f"{name} = ?" for name in CHANGE)
        values = tuple(theirs[name] for name in CHANGE)
        (ours,) = rows(job.db, "layout_changes", key, values)
        if _word(theirs) > _word(ours):
            updates = ", ".join(f"{name} = ?" for name in theirs.names)
            job.db.conn.execute(f"UPDATE layout_changes SET {updates} WHERE {key}", (*theirs.values, *values))
    (asked,) = rows(job.other, "clock")
    job.db.conn.execute("UPDATE clock SET now = max(now, ?)", (asked["now"],))


def _word(row: Row) -> tuple[int, list[str]]:
    """Sort key of which of two rows of one change stands; ids of captures are each archive's own."""
    return ENDED[row["ended_by"]], [str(row[name]) for name in row.names if name != "capture_id"]
