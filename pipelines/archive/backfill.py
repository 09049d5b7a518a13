"""The rows of backfills: which days of a paper were asked for, and what is still to be fetched for them.

They stand apart from the frontier's own: what a backfill owes is due to no normal crawl, and the
other way round. A listing is visited once for a range, and an article that is held never again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pipelines.archive.connection import stamp, transaction
from pipelines.archive.frontier import COLUMNS, frontier_row
from pipelines.numbers import Numbers
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.archive.frontier import FrontierRows
    from pipelines.days import Days
    from pipelines.items import FrontierRow, Link

LISTINGS = 2
"""Listing pages taken at a time: what they show goes before the next ones."""
DIGITS = 18
"""The longest newsroom number that the archive counts with."""
WAITING = "b.backfill_id = ? AND b.due_at <= ?"
FROM = "FROM backfill_urls b JOIN urls u ON u.id = b.url_id"
DATED = "b.published IS NOT NULL OR b.number IS NULL"
"""Articles that nothing more can be learned of but by fetching them."""
KNOWN = f"""
INSERT INTO backfill_urls (backfill_id, url_id, day, published, system, number)
SELECT ?1, u.id, published_date, published_date, iif(counted, system, NULL), iif(counted, CAST(number AS INTEGER), NULL)
FROM (
  SELECT *, number NOT GLOB '*[^0-9]*' AND length(number) BETWEEN 1 AND {DIGITS} AS counted FROM (
    SELECT paper, url_key, published_date, substr(newsroom_id, 1, instr(newsroom_id, ':') - 1) AS system,
      substr(newsroom_id, instr(newsroom_id, ':') + 1) AS number
    FROM articles WHERE paper = ?2 AND published_date IS NOT NULL
  )
) JOIN urls u USING (paper, url_key)
"""
"""What the archive holds of the paper tells from when its numbers are."""


class Leap(NamedTuple):
    """A turn of ``pages`` pages at once, from a page whose oldest article is of the ``day``.

    ``instead`` is the address of the page to look at if it went too far.
    """

    pages: int
    instead: str
    day: str


class BackfillRows:
    """Reads and writes tables ``backfills`` and ``backfill_urls``; `FrontierRows` keeps the addresses themselves."""

    def __init__(self, database: Database, frontier: FrontierRows) -> None:
        self._db = database
        self._frontier = frontier

    def begin(self, paper: str, days: Days, doors: Mapping[str, Iterable[Link]], now: datetime) -> bool:
        """Go on with the backfill of these days, if anything of it is left, else begin at ``doors``.

        ``doors``: listings by where we know them from (``urls.discovered_from``). Return whether it goes
        on. What failed before is tried again at once.
        """
        with transaction(self._db):
            backfill = self.ensure(paper, str(days), now)
            self._db.conn.execute(
                "UPDATE backfill_urls SET due_at = ?2 WHERE backfill_id = ?1 AND due_at > ?2", (backfill, stamp(now))
            )
            if self._db.conn.execute(f"SELECT 1 {FROM} WHERE {WAITING} LIMIT 1", (backfill, stamp(now))).fetchone():
                return True
            for table in ("backfill_urls", "backfill_shown"):
                self._db.conn.execute(f"DELETE FROM {table} WHERE backfill_id = ?", (backfill,))
            self._db.conn.execute("UPDATE backfills SET begun_at = ? WHERE id = ?", (stamp(now), backfill))
            self._db.conn.execute(KNOWN, (backfill, paper))
            for origin, links in doors.items():
                for link in links:
                    self.want_listing(backfill, paper, link, now, origin)
        return False

    def ensure(self, paper: str, days: str, at: datetime) -> int:
        """Return the id of the backfill of these days, made if it was not."""
        row = self._db.conn.execute("SELECT id FROM backfills WHERE paper = ? AND days = ?", (paper, days)).fetchone()
        if row is None:
            row = self._db.conn.execute(
                "INSERT INTO backfills (paper, days, begun_at) VALUES (?, ?, ?) RETURNING id", (paper, days, stamp(at))
            ).fetchone()
        return int(row[0])

    def take(self, paper: str, days: Days, now: datetime, limit: int) -> list[FrontierRow]:
        """Return up to ``limit`` rows: articles of the days, newest first; when there are none, listings.

        Articles whose day nothing tells but their number are decided over by `Numbers`: one is
        fetched to learn from when it is, and nothing else until it is stored.
        """
        backfill = self.ensure(paper, str(days), now)
        rows = self._rows(backfill, days, now, limit, f"u.kind = 'article' AND ({DATED})")
        guess, at_once = None, False
        if not rows:
            rows, guess, at_once = self._numbered(backfill, days, now, limit)
        if not rows and not at_once:
            rows = self._rows(backfill, days, now, LISTINGS, "u.kind <> 'article'")
        if not rows and guess is not None and not self._frontier.taken:
            rows = self._rows(backfill, days, now, 1, "b.system = ? AND b.number = ?", *guess)
        self._frontier.taken.update(row.id for row in rows)
        return rows

    def wanted(self, paper: str, url: str) -> list[FrontierRow]:
        """Return the row of ``url`` for each backfill that waits for it."""
        found = self._db.conn.execute(
            f"SELECT {_columns()}, f.days {FROM} JOIN backfills f ON f.id = b.backfill_id "
            "WHERE u.paper = ? AND u.url_key = ? AND b.due_at IS NOT NULL",
            (paper, url_key(url)),
        ).fetchall()
        return [replace(frontier_row(r), backfill=r[-1]) for r in found]

    def want_listing(
        self,
        backfill: int,
        paper: str,
        link: Link,
        at: datetime,
        origin: str,
        *,
        door: int | None = None,
        depth: int = 0,
        leap: Leap | None = None,
        stale: int = 0,
    ) -> None:
        """Make a listing due to the backfill, once.

        ``door``: the one whose pages, ``depth`` of them, led to it, the last ``stale`` of which showed nothing new;
        ``leap``: by how many, where some were passed over.
        """
        url_id, state = self._frontier.known(paper, link, at, origin, depth)
        if not link.later and state != "absent":
            self._db.conn.execute(
                "INSERT INTO backfill_urls "
                "(backfill_id, url_id, due_at, listed_at, day, door, stale, leap, instead, leap_day) "
                "VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
                (
                    *(backfill, url_id, stamp(at), link.published or link.modified, door, stale),
                    *(leap or (None, None, None)),
                ),
            )

    def stale(self, backfill: int, url_id: int) -> int:
        """Return how many pages right before a page of a section showed nothing that pages before them had not."""
        row = self._db.conn.execute(
            "SELECT stale FROM backfill_urls WHERE backfill_id = ? AND url_id = ?", (backfill, url_id)
        ).fetchone()
        return int(row[0]) if row else 0

    def leap(self, backfill: int, url_id: int) -> Leap | None:
        """Return by what leap a page is reached, None for one that follows the page before it."""
        row = self._db.conn.execute(
            "SELECT leap, instead, leap_day FROM backfill_urls WHERE backfill_id = ? AND url_id = ?",
            (backfill, url_id),
        ).fetchone()
        return Leap(*row) if row and row[0] else None

    def forget(self, backfill: int, url_id: int) -> None:
        """Forget a page that a leap reached, as if it had never been asked for."""
        self._db.conn.execute("DELETE FROM backfill_urls WHERE backfill_id = ? AND url_id = ?", (backfill, url_id))

    def fetched(self, url_id: int) -> None:
        """Note that an article need not be fetched for any backfill any more."""
        self._db.conn.execute("UPDATE backfill_urls SET due_at = NULL WHERE url_id = ?", (url_id,))

    def _rows(
        self, backfill: int, days: Days, now: datetime, limit: int, which: str, *values: object
    ) -> list[FrontierRow]:
        taken = self._frontier.taken
        found = self._db.conn.execute(
            f"SELECT {_columns()} {FROM} WHERE {WAITING} AND {which} ORDER BY u.kind = 'section', b.published IS NULL, "
            "b.day DESC, b.number DESC, b.due_at, b.url_id LIMIT ?",
            (backfill, stamp(now), *values, limit + len(taken)),
        ).fetchall()
        rows = (replace(frontier_row(r), backfill=str(days)) for r in found if r[0] not in taken)
        return list(rows)[:limit]

    def _numbered(
        self, backfill: int, days: Days, now: datetime, limit: int
    ) -> tuple[list[FrontierRow], tuple[str, int] | None, bool]:
        """Return articles that are of the days by their number, one to look at next, and whether at once."""
        guess = None
        for system in self._systems(backfill):
            numbers = self._waiting(backfill, system, now)
            found = self.numbers(backfill, system, days).sort(numbers, self._listed(backfill, system))
            self._leave(backfill, system, found.outside)
            if found.within:
                chosen = found.within[: limit + len(self._frontier.taken)]
                which = f"b.system = ? AND b.number IN ({','.join(map(str, chosen))})"
                if rows := self._rows(backfill, days, now, limit, which, system):
                    return rows, None, False
            if found.next is not None and (guess is None or found.at_once):
                guess = ((system, found.next), found.at_once)
        return ([], *guess) if guess else ([], None, False)

    def _systems(self, backfill: int) -> list[str]:
        rows = self._db.conn.execute(
            "SELECT DISTINCT system FROM backfill_urls WHERE backfill_id = ? AND due_at IS NOT NULL AND "
            "number IS NOT NULL AND published IS NULL ORDER BY 1",
            (backfill,),
        )
        return [str(r[0]) for r in rows]

    def _waiting(self, backfill: int, system: str, now: datetime) -> list[int]:
        rows = self._db.conn.execute(
            "SELECT number FROM backfill_urls WHERE backfill_id = ? AND due_at <= ? AND system = ? "
            "AND published IS NULL ORDER BY number",
            (backfill, stamp(now), system),
        )
        return [int(r[0]) for r in rows]

    def numbers(self, backfill: int, system: str, days: Days) -> Numbers:
        """Return the numbers of a newsroom system whose days are known, for `Numbers.is_older` and the like."""
        rows = self._db.conn.execute(
            "SELECT number, published FROM backfill_urls WHERE backfill_id = ? AND system = ? "
            "AND published IS NOT NULL",
            (backfill, system),
        )
        return Numbers(rows.fetchall(), days)

    def _listed(self, backfill: int, system: str) -> int:
        row = self._db.conn.execute(
            "SELECT count(*) FROM backfill_urls WHERE backfill_id = ? AND system = ? AND listed_at IS NOT NULL",
            (backfill, system),
        ).fetchone()
        return int(row[0])

    def _leave(self, backfill: int, system: str, numbers: Iterable[int]) -> None:
        rows = [(backfill, system, number) for number in numbers]
        if rows:
            with transaction(self._db):
                self._db.conn.executemany(
                    "UPDATE backfill_urls SET due_at = NULL WHERE backfill_id = ? AND system = ? AND number = ? "
                    "AND published IS NULL",
                    rows,
                )


def _columns() -> str:
    return ", ".join(f"u.{name.strip()}" for name in COLUMNS.split(","))
