"""What a visit for a backfill showed and what it came to, written beside the frontier's own rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.archive.backfill import DIGITS, Leap
from pipelines.archive.connection import stamp
from pipelines.days import Days, Place
from pipelines.items import Link
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.archive.backfill import BackfillRows
    from pipelines.archive.frontier import FrontierRows
    from pipelines.items import FrontierRow, Visit
    from pipelines.numbers import Numbers

TRIED_AGAIN = ("failed", "page/challenge", "listing/unreadable")
"""Outcomes after which a backfill tries an address again, as often as the schedule of failures allows."""


STALE = 8
"""Pages of a section in a row that may show nothing new before its walk ends.

As many pages of articles may be printed between two turns of a page, which may be nights apart; a section whose last
page is shown again and again costs as many requests.
"""


class BackfillVisits:
    """Stores visits that a backfill made; every method runs in the caller's transaction."""

    def __init__(
        self,
        database: Database,
        frontier: FrontierRows,
        rows: BackfillRows,
        next_due: Callable[[FrontierRow, Visit, datetime], datetime | None],
    ) -> None:
        self._db = database
        self._frontier = frontier
        self._rows = rows
        self._next_due = next_due

    def put(self, row: FrontierRow, visit: Visit) -> None:
        """Store the links a visit showed, and when its address is due again for the backfill."""
        assert visit.backfill
        backfill, days = self._rows.ensure(visit.paper, visit.backfill, visit.at), Days.read(visit.backfill)
        leap = self._rows.leap(backfill, row.id)
        newer = self._newer(backfill, row, visit, days)
        if leap and (not newer or newer[1] > leap.day[: len(newer[1])]):
            self._turn_back(backfill, row, visit, leap)
            return
        further = self._door(backfill, row) != row.id
        pages = (2 * leap.pages if leap else 2) if newer and further else 1
        self._discover(backfill, row, visit, days, (pages, newer[0] if newer else ""))
        self._mark(backfill, row, visit)

    def _newer(self, backfill: int, row: FrontierRow, visit: Visit, days: Days) -> tuple[str, str] | None:
        """Return the first and the last day of a section page that shows nothing but newer articles, else None.

        What was shown before is not looked at: newspapers show their latest beside every page.
        """
        door = self._door(backfill, row)
        articles = [link for link in visit.links if link.kind == "article"]
        fresh = [link for link in articles if not self._is_shown(backfill, door, visit.paper, link)]
        printed = [link.published for link in fresh if link.published and days.place(link.published) is Place.NEWER]
        if row.kind != "section" or visit.outcome != "listing/read" or not fresh or len(printed) < len(fresh):
            return None
        return min(printed), max(printed)

    def _turn_back(self, backfill: int, row: FrontierRow, visit: Visit, leap: Leap) -> None:
        """Go on behind the page that the leap began at, as if it had not been made: what it passed over may matter."""
        door = self._door(backfill, row)
        self._rows.forget(backfill, row.id)
        link, depth = Link(leap.instead, "section", if_new=True), row.depth - leap.pages + 1
        self._rows.want_listing(backfill, visit.paper, link, visit.at, visit.url, door=door, depth=depth)

    def _discover(self, backfill: int, row: FrontierRow, visit: Visit, days: Days, turn: tuple[int, str]) -> None:
        """Store the links of a listing.

        The next page is wanted if this one shows an article that no page before it did, counted from
        the listing the walk began at, and that is not older than the days; or, for `STALE` pages in a row, if
        it shows only articles that pages before it did: what the paper printed since pushed them on. ``turn``: how
        many pages are turned, where numbers tell the address, and the oldest day on this one.
        """
        door = self._door(backfill, row)
        onward = older = shown_first = False
        known: dict[str, Numbers] = {}
        for link in visit.links:
            if link.kind == "article":
                url_id = self._list(backfill, link, visit)
                if row.kind == "article":
                    self._inherit(backfill, row.id, url_id)
                    continue
                fresh, old = self._is_shown_first(backfill, door, url_id), self._is_older(backfill, days, url_id, known)
                shown_first, older = shown_first or fresh, older or old
                onward = onward or (fresh and not old)
        stale = 0 if shown_first else self._rows.stale(backfill, row.id) + 1
        onward = onward or (0 < stale < STALE and not older)
        for link in visit.links:
            if link.kind != "article" and (onward or not link.if_new):
                self._want(backfill, door, row, visit, link, *turn, stale)

    def _want(
        self, backfill: int, door: int, row: FrontierRow, visit: Visit, link: Link, pages: int, day: str, stale: int
    ) -> None:
        if not link.if_new:
            self._rows.want_listing(backfill, visit.paper, link, visit.at, visit.url)
            return
        leap = None
        if link.paging and pages > 1:
            leap = Leap(pages, link.url, day)
            link = replace(link, url=link.paging.at(link.paging.number + pages - 1))
        depth = row.depth + (pages if leap else 1)
        self._rows.want_listing(
            backfill, visit.paper, link, visit.at, visit.url, door=door, depth=depth, leap=leap, stale=stale
        )

    def _door(self, backfill: int, row: FrontierRow) -> int:
        found = self._db.conn.execute(
            "SELECT door FROM backfill_urls WHERE backfill_id = ? AND url_id = ?", (backfill, row.id)
        ).fetchone()
        return int(found[0]) if found and found[0] else row.id

    def _list(self, backfill: int, link: Link, visit: Visit) -> int:
        """Note an article that a listing shows; return the id of its address."""
        url_id, state = self._frontier.known(visit.paper, link, visit.at, visit.url)
        system, _, number = (link.newsroom or "").rpartition(":")
        numbered = number.isdecimal() and len(number) <= DIGITS
        wanted = not link.later and state in ("known", "failed")
        cursor = self._db.conn.execute(
            "INSERT INTO backfill_urls (backfill_id, url_id, due_at, listed_at, day, published, system, number) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET listed_at = ?4, "
            "due_at = iif(visited_at IS NULL AND published IS NULL, ?3, NULL) WHERE listed_at IS NULL",
            (
                backfill,
                url_id,
                stamp(visit.at) if wanted else None,
                stamp(visit.at),
                link.published or link.modified,
                link.published,
                system if numbered else None,
                int(number) if numbered else None,
            ),
        )
        if link.published and not cursor.rowcount:
            self._date(backfill, url_id, link)
        return url_id

    def _date(self, backfill: int, url_id: int, link: Link) -> None:
        """Note what a second listing tells of an article's day."""
        self._db.conn.execute(
            "UPDATE backfill_urls SET published = ?, due_at = iif(?, NULL, due_at) "
            "WHERE backfill_id = ? AND url_id = ? AND published IS NULL",
            (link.published, link.later, backfill, url_id),
        )

    def _inherit(self, backfill: int, moved: int, now: int) -> None:
        """Give the address an article moved to the number and the day of the one it had."""
        self._db.conn.execute(
            "UPDATE backfill_urls SET (day, published, system, number) = (SELECT m.day, "
            "coalesce(backfill_urls.published, m.published), m.system, m.number FROM backfill_urls m "
            "WHERE m.backfill_id = ?1 AND m.url_id = ?2) WHERE backfill_id = ?1 AND url_id = ?3 AND number IS NULL",
            (backfill, moved, now),
        )

    def _is_shown(self, backfill: int, door: int, paper: str, link: Link) -> bool:
        found = self._db.conn.execute(
            "SELECT 1 FROM backfill_shown s JOIN urls u ON u.id = s.url_id "
            "WHERE s.backfill_id = ? AND s.door = ? AND u.paper = ? AND u.url_key = ?",
            (backfill, door, paper, url_key(link.url)),
        )
        return found.fetchone() is not None

    def _is_shown_first(self, backfill: int, door: int, url_id: int) -> bool:
        cursor = self._db.conn.execute(
            "INSERT INTO backfill_shown VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (backfill, door, url_id)
        )
        return bool(cursor.rowcount)

    def _is_older(self, backfill: int, days: Days, url_id: int, known: dict[str, Numbers]) -> bool:
        published, system, number = self._db.conn.execute(
            "SELECT published, system, number FROM backfill_urls WHERE backfill_id = ? AND url_id = ?",
            (backfill, url_id),
        ).fetchone()
        if published is not None:
            return days.place(published) is Place.OLDER
        if number is None:
            return False
        if system not in known:
            known[system] = self._rows.numbers(backfill, system, days)
        return known[system].is_older(number)

    def _mark(self, backfill: int, row: FrontierRow, visit: Visit) -> None:
        """Write down what the visit came to; only an article's is the address's own."""
        again = self._mark_address(backfill, row, visit)
        published = visit.article.reading.published if visit.article else None
        self._db.conn.execute(
            "INSERT INTO backfill_urls (backfill_id, url_id, due_at, visited_at, failures, published) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET due_at = ?3, visited_at = ?4, "
            "failures = failures + ?5, published = coalesce(?6, published)",
            (
                backfill,
                row.id,
                stamp(again) if again else None,
                stamp(visit.at),
                int(again is not None),
                published[:10] if published else None,
            ),
        )
        if row.kind == "article" and not again:
            self._rows.fetched(row.id)

    def _mark_address(self, backfill: int, row: FrontierRow, visit: Visit) -> datetime | None:
        """Return when the address is to be tried again for the backfill; the frontier's own due time stays then."""
        if visit.redirect_to and url_key(visit.redirect_to) == row.url_key:
            return visit.at if self._frontier.move(row, visit.redirect_to, visit.at, due=False) else None
        if row.kind != "article":
            failures = self._failures(backfill, row)
            due = self._next_due(replace(row, failures=failures, discovered_from=None), visit, visit.at)
            return due if visit.outcome in TRIED_AGAIN else None
        due_at = self._frontier.due_at(row.id)
        self._frontier.mark(row, visit)
        if visit.outcome not in TRIED_AGAIN:
            return None
        due = self._frontier.due_at(row.id)
        self._frontier.set_due(row.id, due_at)
        return due

    def _failures(self, backfill: int, row: FrontierRow) -> int:
        found = self._db.conn.execute(
            "SELECT failures FROM backfill_urls WHERE backfill_id = ? AND url_id = ?", (backfill, row.id)
        ).fetchone()
        return int(found[0]) if found else 0
