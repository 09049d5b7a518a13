"""The rows of what was seen of each listing by the hour of the day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.archive.connection import moment, stamp
from pipelines.rhythm import DAY, Rhythm, Seen

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.items import FrontierRow, Visit

READ = ("listing/read", "listing/unchanged")


def rhythm_of(db: Database, url_id: int, at: datetime) -> Rhythm:
    """Return what was seen of a listing until now; ``at`` where nothing was."""
    rows = db.conn.execute("SELECT hour, articles, hours, seen_at FROM rhythms WHERE url_id = ?", (url_id,)).fetchall()
    if not rows:
        return Rhythm.unknown(at)
    day = [Seen(0.0, 0.0)] * DAY
    for hour, articles, hours, _ in rows:
        day[hour] = Seen(articles, hours)
    seen_at = moment(max(row[3] for row in rows))
    assert seen_at is not None
    return Rhythm(tuple(day), seen_at)


def watched(db: Database, row: FrontierRow, visit: Visit, new: int) -> FrontierRow:
    """Note how many articles a listing showed first since the look before this one; return the row with its rhythm.

    Runs in the caller's transaction. The first look tells nothing: what it shows may be of any age.
    """
    if row.kind in ("article", "image"):
        return row
    known = rhythm_of(db, row.id, visit.at)
    if visit.outcome not in READ or row.fetched_at is None or visit.at <= row.fetched_at or row.state != "held":
        return replace(row, rhythm=known)
    seen = known.watched(row.fetched_at, visit.at, new)
    if seen.day != known.day:
        db.conn.executemany(
            "INSERT OR REPLACE INTO rhythms (url_id, hour, articles, hours, seen_at) VALUES (?, ?, ?, ?, ?)",
            [
                (row.id, hour, round(of.articles, 4), round(of.hours, 4), stamp(seen.at))
                for hour, of in enumerate(seen.day)
                if of.hours
            ],
        )
    return replace(row, rhythm=seen)
