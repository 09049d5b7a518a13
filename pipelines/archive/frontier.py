"""The frontier's rows: every known URL, when it is due, and what its last visit came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import moment, stamp
from pipelines.archive.takedowns import withheld
from pipelines.items import FrontierRow, Link
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlite_utils import Database

    from pipelines.items import Kind, Visit

STATES = {
    "article": "held",
    "listing/read": "held",
    "listing/unchanged": "held",
    "unchanged": "held",
    "redirect": "redirect",
    "refused": "refused",
    "page/soft-404": "refused",
    "failed": "failed",
    "listing/absent": "absent",
    "image/kept": "held",
    "image/refused": "refused",
    "image/failed": "failed",
}
"""The state a URL is in after a visit with this outcome; any other outcome leaves it ``unreadable``."""

SPELLINGS = 12
"""Spellings of one address that are tried before it is called a redirect loop."""

COLUMNS = (
    "id, paper, url, url_key, kind, state, failures, discovered_at, fetched_at, refused_at, etag, "
    "last_modified, discovered_from, depth"
)


class FrontierRows:
    """Reads and writes table ``urls``; ``next_due`` says when a visited row is due again (or never)."""

    def __init__(self, database: Database, next_due: Callable[[FrontierRow, Visit, datetime], datetime | None]) -> None:
        self._db = database
        self._next_due = next_due
        self.taken: set[int] = set()
        """Rows handed out whose visit is not stored yet."""
        self.listing_pages = 3
        """Pages of a section that are turned while they show articles not known before."""

    def seed(
        self,
        paper: str,
        links: Iterable[Link],
        now: datetime,
        origin: str,
        *,
        guessed: bool = False,
        at_once: bool = True,
    ) -> None:
        """Make the listings of a paper known and due now; a guess found absent before stays as it is.

        ``at_once`` False: those known before stay due when they are. Runs in the caller's transaction.
        """
        for link in links:
            self._insert(paper, link, now, origin)
            self._db.conn.execute(
                "UPDATE urls SET due_at = iif(?7, ?1, coalesce(due_at, ?1)), kind = ?2, "
                "discovered_from = CASE WHEN ?3 THEN discovered_from ELSE ?4 END "
                "WHERE paper = ?5 AND url_key = ?6 AND kind <> 'article' AND NOT (?3 AND state = 'absent')",
                (stamp(now), link.kind, guessed, origin, paper, url_key(link.url), at_once),
            )

    def take(self, paper: str, now: datetime, limit: int, *, images: bool = False) -> list[FrontierRow]:
        """Return up to ``limit`` rows that are due and not handed out before their last visit was stored.

        ``images``: articles' pictures too, when nothing else is left.
        """
        rows = self._db.conn.execute(
            f"SELECT {COLUMNS} FROM urls WHERE paper = ? AND due_at <= ? AND (? OR kind <> 'image') "
            "ORDER BY kind = 'image', kind = 'article', due_at, id LIMIT ?",
            (paper, stamp(now), images, limit + len(self.taken)),
        ).fetchall()
        fresh = [frontier_row(r) for r in rows if r[0] not in self.taken][:limit]
        self.taken.update(row.id for row in fresh)
        return fresh

    def due(self, paper: str, now: datetime) -> int:
        """Return how many URLs of ``paper`` are due."""
        row = self._db.conn.execute(
            "SELECT count(*) FROM urls WHERE paper = ? AND due_at <= ?", (paper, stamp(now))
        ).fetchone()
        return int(row[0])

    def is_due(self, paper: str, now: datetime, *, images: bool, may_ask: Callable[[str], bool]) -> bool:
        """Say whether ``paper`` was never asked for anything, or an address is due that may be asked for now.

        ``images``: a picture too.
        """
        known = self._db.conn.execute("SELECT EXISTS (SELECT 1 FROM urls WHERE paper = ?)", (paper,)).fetchone()
        due = self._db.conn.execute(
            "SELECT url FROM urls WHERE paper = ? AND due_at <= ? AND (? OR kind <> 'image') ORDER BY kind = 'image'",
            (paper, stamp(now), images),
        )
        return not known[0] or any(may_ask(url) for (url,) in due)

    def is_listed(self, paper: str) -> bool:
        """Say whether any listing of ``paper`` could be read when it was last asked for."""
        row = self._db.conn.execute(
            "SELECT EXISTS (SELECT 1 FROM urls WHERE paper = ? AND kind NOT IN ('article', 'image', 'robots') "
            "AND state = 'held')",
            (paper,),
        ).fetchone()
        return bool(row[0])

    def find(self, paper: str, url: str) -> FrontierRow | None:
        """Return the row of ``url``, if the frontier knows it."""
        row = self._db.conn.execute(
            f"SELECT {COLUMNS} FROM urls WHERE paper = ? AND url_key = ?", (paper, url_key(url))
        ).fetchone()
        return frontier_row(row) if row else None

    def hold(self, row: FrontierRow) -> None:
        """Do not hand out a row: its answer is on its way from a WARC file."""
        self.taken.add(row.id)

    def put_back(self) -> None:
        """Forget what was handed out and not stored (a failed transaction, a new start)."""
        self.taken.clear()

    def release(self, ids: Iterable[int]) -> None:
        """Let rows be handed out again once their visit is committed."""
        self.taken.difference_update(ids)

    def discover(self, visit: Visit, row: FrontierRow) -> int:
        """Store the links of a listing; return how many article URLs were not known, or not to be fetched, before."""
        new = 0
        for link in visit.links:
            if link.kind == "article":
                inserted = self._insert(visit.paper, link, visit.at, visit.url)
                new += inserted
                if not inserted and not link.later:
                    new += self._wake_article(visit.paper, link, visit.at)
        for link in visit.links:
            if link.kind == "article" or (link.if_new and not (new and row.depth + 1 < self.listing_pages)):
                continue
            depth = row.depth + 1 if link.if_new else 0
            if not self._insert(visit.paper, link, visit.at, visit.url, depth) and not link.later:
                self._wake(visit.paper, link, visit.at)
        return new

    def mark(self, row: FrontierRow, visit: Visit) -> None:
        """Write down what a visit came to and when the URL is due again."""
        state, at = STATES.get(visit.outcome, "unreadable"), visit.at
        if row.fetched_at is not None and at < row.fetched_at:
            self._keep_from_now(row, at)  # an old capture says nothing of how the URL is now
            return
        if visit.redirect_to and url_key(visit.redirect_to) == row.url_key:
            self.move(row, visit.redirect_to, at)
            return
        capture = visit.capture
        validators = (capture.etag, capture.last_modified) if capture and capture.status == 200 else (None, None)
        refused_at = (row.refused_at or at) if state == "refused" else None if state == "held" else row.refused_at
        due_at = self._next_due(row, visit, at)
        self._db.conn.execute(
            "UPDATE urls SET state = ?, failures = ?, fetched_at = ?, refused_at = ?, due_at = ?, redirect_key = ?, "
            "etag = iif(?1 = 'refused', NULL, coalesce(?, etag)), "
            "last_modified = iif(?1 = 'refused', NULL, coalesce(?, last_modified)) WHERE id = ?",
            (
                state,
                0 if state in ("held", "redirect") else row.failures + 1,
                stamp(at),
                stamp(refused_at) if refused_at else None,
                stamp(due_at) if due_at else None,
                url_key(visit.redirect_to) if visit.redirect_to else None,
                *validators,
                row.id,
            ),
        )

    def _keep_from_now(self, row: FrontierRow, at: datetime) -> None:
        """Let a URL that was due at a moment before its newest visit be due at that visit, not again and again.

        So it is when the machine's clock was put back since.
        """
        self._db.conn.execute("UPDATE urls SET due_at = fetched_at WHERE id = ? AND due_at <= ?", (row.id, stamp(at)))

    def move(self, row: FrontierRow, url: str, at: datetime, *, due: bool = True) -> bool:
        """Fetch a URL in the spelling the server wants (https, www., a slash), a few times at most.

        Return whether it is fetched again; ``due``: by the next crawl.
        """
        again = row.failures < SPELLINGS
        self._db.conn.execute(
            "UPDATE urls SET url = ?, failures = failures + 1, fetched_at = ?, due_at = ?, state = ? WHERE id = ?",
            (url, stamp(at), stamp(at) if due else None, "known", row.id)
            if again
            else (row.url, stamp(at), None, "failed", row.id),
        )
        return again

    def ensure(self, paper: str, url: str, kind: Kind, at: datetime) -> FrontierRow:
        """Return the row of ``url``, made known if it was not (a replayed or redirected page)."""
        found = self.find(paper, url)
        if found is None:
            self._insert(paper, Link(url, kind), at, None)
            found = self.find(paper, url)
        assert found is not None
        return found

    def known(self, paper: str, link: Link, at: datetime, origin: str, depth: int = 0) -> tuple[int, str]:
        """Return id and state of an address; one not known before becomes so, due to no crawl by itself."""
        self._insert(paper, replace(link, later=True), at, origin, depth)
        row = self._db.conn.execute(
            "SELECT id, state FROM urls WHERE paper = ? AND url_key = ?", (paper, url_key(link.url))
        ).fetchone()
        return int(row[0]), str(row[1])

    def want(self, paper: str, link: Link, at: datetime, origin: str) -> None:
        """Make an address known and due, once."""
        self._insert(paper, link, at, origin)

    def due_at(self, row_id: int) -> datetime | None:
        """Return when a row is due to a crawl."""
        return moment(self._db.conn.execute("SELECT due_at FROM urls WHERE id = ?", (row_id,)).fetchone()[0])

    def set_due(self, row_id: int, at: datetime | None) -> None:
        """Make a row due at a time, or never by itself."""
        self._db.conn.execute("UPDATE urls SET due_at = ? WHERE id = ?", (stamp(at) if at else None, row_id))

    def _insert(self, paper: str, link: Link, at: datetime, origin: str | None, depth: int = 0) -> bool:
        erased = withheld(self._db, paper, link.url)
        cursor = self._db.conn.execute(
            "INSERT INTO urls (paper, url, url_key, kind, state, due_at, discovered_from, discovered_at, "
            "listed_modified, depth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (paper, url_key) DO NOTHING",
            (
                paper,
                link.url,
                url_key(link.url),
                link.kind,
                "withdrawn" if erased else "known",
                None if link.later or erased else stamp(at),
                origin,
                stamp(at),
                link.modified,
                depth,
            ),
        )
        return bool(cursor.rowcount) and not erased

    def _wake(self, paper: str, link: Link, at: datetime) -> None:
        """Make a known listing due again, unless its index says that it has not changed since."""
        pause = stamp(at - timedelta(minutes=30))
        self._db.conn.execute(
            "UPDATE urls SET due_at = ?1, listed_modified = ?2 WHERE paper = ?3 AND url_key = ?4 AND kind <> 'article' "
            "AND (fetched_at IS NULL OR fetched_at < ?5) AND (?2 IS NULL OR listed_modified IS NOT ?2)",
            (stamp(at), link.modified, paper, url_key(link.url), pause),
        )

    def _wake_article(self, paper: str, link: Link, at: datetime) -> bool:
        """Make an address due that a listing shows and that nothing would fetch any more; return whether it was one.

        What was known for a backfill or failed too often is tried at once; what was refused or no
        article, when a week has passed; an article that was fetched, where the listing says it was edited since.
        """
        self._wake_edited(paper, link, at)
        cursor = self._db.conn.execute(
            "UPDATE urls SET due_at = ?1 WHERE paper = ?2 AND url_key = ?3 AND due_at IS NULL "
            "AND (state IN ('known', 'failed') OR (state IN ('refused', 'unreadable') AND fetched_at < ?4))",
            (stamp(at), paper, url_key(link.url), stamp(at - timedelta(days=7))),
        )
        return bool(cursor.rowcount)

    def _wake_edited(self, paper: str, link: Link, at: datetime) -> None:
        """Make an article due that a listing says was edited after we fetched it, once for each such edit.

        It is due since that edit. Only what a listing says to the second and of the past counts, where it says
        something later than before.
        """
        said = moment_told(link.modified)
        if said is None or said > at:
            return
        self._db.conn.execute(
            "UPDATE urls SET listed_edited = ?1, due_at = min(coalesce(due_at, ?1), ?1) WHERE paper = ?2 "
            "AND url_key = ?3 AND state = 'held' AND fetched_at < ?1 AND coalesce(listed_edited, '') < ?1",
            (stamp(said), paper, url_key(link.url)),
        )


def moment_told(printed: str | None) -> datetime | None:
    """Return the moment that a listing tells to the second, with its offset; None for a day or a month."""
    return datetime.fromisoformat(printed) if printed and len(printed) > len("2026-11-24") else None


def frontier_row(r: tuple[Any, ...]) -> FrontierRow:
    """Return the row that a query for `COLUMNS` gave; what follows these is left out."""
    return FrontierRow(
        id=r[0],
        paper=r[1],
        url=r[2],
        url_key=r[3],
        kind=r[4],
        state=r[5],
        failures=r[6],
        discovered_at=moment(r[7]),
        fetched_at=moment(r[8]),
        refused_at=moment(r[9]),
        etag=r[10],
        last_modified=r[11],
        discovered_from=r[12],
        depth=r[13],
    )
