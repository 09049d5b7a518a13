"""Joins what two archives know of addresses: of each, the newest visit stands, and what is due stays due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.archive.backfill_visits import TRIED_AGAIN
from pipelines.archive.union.findings import Row, columns, insert, rows
from pipelines.archive.union.rhythms import bring_rhythms

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought

FOUND = ("discovered_at", "discovered_from", "depth")
"""Columns of ``urls`` that tell how an address was first found."""
LISTINGS_SAY = ("listed_modified", "listed_edited")
"""Columns of ``urls`` that tell what listings say of an article; what they said last stands."""
LISTED = "listed_at"
FETCHED = f"""
UPDATE backfill_urls SET due_at = NULL WHERE due_at IS NOT NULL AND EXISTS (
  SELECT 1 FROM urls u WHERE u.id = url_id AND u.kind = 'article' AND (u.state = 'held' OR EXISTS (
    SELECT 1 FROM captures c WHERE c.paper = u.paper AND c.url_key = u.url_key
      AND c.fetched_at >= coalesce(listed_at, '') AND c.outcome NOT IN {TRIED_AGAIN!r})))
"""
"""What any machine has fetched since it was listed is fetched for no backfill any more (`BackfillRows.fetched`)."""


def bring_frontier(job: Brought) -> None:
    """Bring all addresses, the rhythms of listings, and the backfills with what they have yet to fetch."""
    addresses = _bring_addresses(job)
    bring_rhythms(job, addresses)
    backfills = _bring_backfills(job)
    names = columns(job.other, "backfill_urls")
    for values in job.other.conn.execute(f"SELECT {', '.join(names)} FROM backfill_urls"):
        row = Row(names, tuple(values))
        door = addresses.get(row["door"])
        _bring_wanted(
            job.db, row.but(backfill_id=backfills[row["backfill_id"]], url_id=addresses[row["url_id"]], door=door)
        )
    for row in rows(job.other, "backfill_shown"):
        ids = {"door": addresses[row["door"]], "url_id": addresses[row["url_id"]]}
        insert(job.db, "backfill_shown", row.but(backfill_id=backfills[row["backfill_id"]], **ids))
    job.db.conn.execute(FETCHED)


def _bring_addresses(job: Brought) -> dict[int, int]:
    """Write the addresses of the other archive; return our row ids by its own."""
    names, ids = columns(job.other, "urls"), {}
    for number, *values in job.other.conn.execute(f"SELECT id, {', '.join(names)} FROM urls ORDER BY id"):
        row = Row(names, tuple(values))
        made = insert(job.db, "urls", row)
        if made:
            job.findings.count(row["paper"], "addresses")
        else:
            key = (row["paper"], row["url_key"])
            made = job.db.conn.execute("SELECT id FROM urls WHERE paper = ? AND url_key = ?", key).fetchone()[0]
            (ours,) = rows(job.db, "urls", "id = ?", (made,))
            _update(job.db, "urls", ours, joined(ours, row), "id = ?", (made,))
        ids[number] = made
    return ids


def joined(ours: Row, theirs: Row) -> Row:
    """Return what is known of one address by two archives; the same whichever of them is named first."""
    newest = max(ours, theirs, key=_visit)
    dues = [row["due_at"] for row in (ours, theirs) if row["due_at"] and row["fetched_at"] == newest["fetched_at"]]
    first = min(ours, theirs, key=lambda row: _sortable(row[name] for name in FOUND))
    listed = {name: max(filter(None, (ours[name], theirs[name])), default=None) for name in LISTINGS_SAY}
    edited = listed["listed_edited"]
    if edited and newest["state"] == "held" and newest["fetched_at"] < edited:
        dues.append(edited)  # as `FrontierRows` makes it due
    found = {name: first[name] for name in FOUND}
    return newest.but(due_at=min(dues, default=None), **listed, **found)


def _visit(row: Row) -> list[tuple[bool, str]]:
    """Sort key of whose word on an address stands: the newest visit's; of one visit any, but always the same."""
    told = ("fetched_at", "state", "failures", "refused_at", "redirect_key", "etag", "last_modified", "kind", "url")
    return _sortable(row[name] for name in told)


def _sortable(values: Any) -> list[tuple[bool, str]]:
    return [(value is not None, "" if value is None else f"{value:06}" if isinstance(value, int) else str(value))
            for value in values]  # fmt: skip


def _update(db: Database, table: str, before: Row, after: Row, where: str, values: tuple[Any, ...]) -> None:
    if after != before:
        updates = ", ".join(f"{name} = ?" for name in after.names)
        db.conn.execute(f"UPDATE {table} SET {updates} WHERE {where}", (*after.values, *values))


def _bring_backfills(job: Brought) -> dict[int, int]:
    """Write the backfills of the other archive, one of the same days only once; return our row ids by its own."""
    names, ids = columns(job.other, "backfills"), {}
    for number, *values in job.other.conn.execute(f"SELECT id, {', '.join(names)} FROM backfills").fetchall():
        row = Row(names, tuple(values))
        insert(job.db, "backfills", row)
        key = (row["paper"], row["days"])
        (made, begun) = job.db.conn.execute(
            "SELECT id, begun_at FROM backfills WHERE paper = ? AND days = ?", key
        ).fetchone()
        if row["begun_at"] > begun:
            job.db.conn.execute("UPDATE backfills SET begun_at = ? WHERE id = ?", (row["begun_at"], made))
        ids[number] = made
    return ids


def _bring_wanted(db: Database, theirs: Row) -> None:
    """Bring what a backfill knows of an address; of one that both know, the later visit stands."""
    if insert(db, "backfill_urls", theirs):
        return
    key = (theirs["backfill_id"], theirs["url_id"])
    where = "backfill_id = ? AND url_id = ?"
    found = next(rows(db, "backfill_urls", where, key), None)
    if found is None:
        return
    newest = max(found, theirs, key=_wanted)
    dues = [row["due_at"] for row in (found, theirs) if row["due_at"] and row["visited_at"] == newest["visited_at"]]
    listed = [row[LISTED] for row in (found, theirs) if row[LISTED]]
    after = newest.but(due_at=min(dues, default=None), listed_at=min(listed, default=None))
    _update(db, "backfill_urls", found, after, where, key)


def _wanted(row: Row) -> list[tuple[bool, str]]:
    told = ("visited_at", "failures", "published", "day", "system", "number", "instead", "leap_day")
    return _sortable(row[name] for name in told)
