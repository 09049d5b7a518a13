"""The archive of one process: takes captures and visits, and commits them in batches, all or nothing."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.archive import captures, directory, furniture, layout, runs, warc_rows
from pipelines.archive.addresses import article_at, tell_read
from pipelines.archive.alike import sign_all
from pipelines.archive.articles import seen_again, store_article
from pipelines.archive.backfill import BackfillRows
from pipelines.archive.backfill_visits import TRIED_AGAIN, BackfillVisits
from pipelines.archive.circles import break_circle
from pipelines.archive.connection import (
    PAGE_FAULTS,
    ArchiveError,
    DatabaseError,
    explain,
    open_archive,
    savepoint,
    transaction,
)
from pipelines.archive.frontier import FrontierRows
from pipelines.archive.furniture import FurnitureRows
from pipelines.archive.gate import is_of_erased
from pipelines.archive.images import KEPT, ImageRows, put_capture
from pipelines.archive.moves import follow_visit
from pipelines.archive.rhythms import watched
from pipelines.archive.takedowns import withheld
from pipelines.archive.vanished import set_gone
from pipelines.fixity import outlasting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pipelines.days import Days
    from pipelines.items import Capture, FrontierRow, Link, Paper, Visit

BATCH = 50
"""Visits that wait at most before a commit."""
SECONDS = 2.0
"""Seconds a visit waits at most before a commit."""
ELSEWHERE = "shows the page of another article of the paper"
LED_AWAY = ("refused", "redirect")
"""States of an address that did not show its article when it was last visited."""

logger = logging.getLogger(__name__)


def _never(row: FrontierRow, visit: Visit, at: datetime) -> datetime | None:  # noqa: ARG001 - a schedule's shape
    return None


class Archive:
    """Reads and writes one archive file; the only writer of its process.

    ``next_due`` tells when a visited URL is due again; ``before_commit`` are called before rows that
    point at WARC bytes are committed; ``layouts`` tells of the pages that this process put. Raises ArchiveError
    when the file cannot be opened or written; what was not committed then is still due.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        next_due: Callable[[FrontierRow, Visit, datetime], datetime | None] = _never,
        extractor: str = "",
        busy_seconds: float = 30.0,
    ) -> None:
        self.path = path
        self.db = open_archive(path, busy_seconds=busy_seconds)
        sign_all(self.db)
        self.frontier = FrontierRows(self.db, next_due)
        self.backfills = BackfillRows(self.db, self.frontier)
        self._backfill_visits = BackfillVisits(self.db, self.frontier, self.backfills, next_due)
        self.furniture = FurnitureRows(self.db)
        self.images = ImageRows(self.db, self.frontier)
        self.before_commit: list[Callable[[], None]] = []
        self.counts: Counter[str] = Counter()
        self.layouts = layout.Layouts()
        self.run_id: int | None = None
        self._extractor = extractor
        self._captures: list[tuple[str, Capture]] = []
        self._visits: list[Visit] = []
        self._files: set[str] = set()
        self._oldest: float | None = None

    def close(self) -> None:
        """Commit what waits and close the file."""
        try:
            self.flush()
        finally:
            self.db.close()

    @property
    def waiting(self) -> int:
        """How many visits wait for a commit."""
        return len(self._visits)

    def record(self, paper: str, capture: Capture) -> None:
        """Note an exchange in a WARC file, but none of an erased article; it is committed with the next batch."""
        if withheld(self.db, paper, capture.url):
            return
        self._captures.append((paper, capture))
        self._files.add(capture.warc_file)
        self.counts["bytes"] += capture.warc_length
        self.counts["requests"] += 1
        self._oldest = self._oldest or time.monotonic()

    def submit(self, visit: Visit) -> None:
        """Take a visit; commit when enough wait."""
        self._visits.append(visit)
        self._oldest = self._oldest or time.monotonic()
        if len(self._visits) >= BATCH:
            self.flush()

    def flush_if_old(self) -> None:
        """Commit when the oldest visit has waited long enough."""
        if self._oldest is not None and time.monotonic() - self._oldest >= SECONDS:
            self.flush()

    def flush(self) -> None:
        """Commit all that waits in one transaction; raise ArchiveError if that cannot be done."""
        if not self._visits and not self._captures:
            return
        for prepare in self.before_commit:
            prepare()
        counts = Counter(self.counts)
        try:
            with transaction(self.db):
                for paper, capture in self._captures:
                    captures.put(self.db, paper, capture)
                done = [self._put_visit(visit, counts) for visit in self._visits]
                if self.run_id is not None:
                    runs.put_counts(self.db, self.run_id, counts)
        except DatabaseError as error:
            self.frontier.put_back()
            raise ArchiveError(explain(self.path, error)) from error
        self.counts = counts
        self._captures, self._visits, self._oldest = [], [], None
        self.frontier.release(row_id for row_id in done if row_id is not None)

    def known_payload(self, url: str, digest: str) -> datetime | None:
        """Return when this payload of ``url`` was first captured as a whole response, if it was."""
        for _, capture in self._captures:
            if capture.url == url and capture.payload_digest == digest and capture.record == "response":
                return capture.fetched_at
        return captures.known_payload(self.db, url, digest)

    def known_picture(self, paper: str, digest: str) -> tuple[str, datetime] | None:
        """Return where and when this payload of a paper was first captured as a whole response, at any address."""
        for of, capture in self._captures:
            whole = capture.record == "response" and capture.status == 200 and not capture.truncated
            if of == paper and capture.payload_digest == digest and whole:
                return capture.url, capture.fetched_at
        return captures.known_picture(self.db, paper, digest)

    def holds(self, capture: Capture) -> bool:
        """Say whether this exchange is in the archive and judged (a WARC file replayed twice)."""
        return captures.is_judged(self.db, capture)

    def unjudged(self, paper: str) -> list[Capture]:
        """Return the captures of ``paper`` that a killed crawl wrote down and never judged, oldest first."""
        self.flush()
        return captures.unjudged(self.db, paper)

    def warc_ends(self, paper: str) -> dict[str, int]:
        """Return, for each WARC file of ``paper``, the byte after the last record the archive knows."""
        return captures.warc_ends(self.db, paper)

    def written_files(self) -> list[str]:
        """Return the WARC files this run's captures went to, relative to WARC_DIR."""
        return sorted(self._files)

    def response_with(self, digest: str) -> tuple[str, int] | None:
        """Return file and offset of a whole response with this payload digest (what a revisit points to)."""
        waiting = (held for _, held in self._captures if (held.payload_digest, held.record) == (digest, "response"))
        found = next(waiting, None)
        return (found.warc_file, found.warc_offset) if found else captures.response_with(self.db, digest)

    def samples(self, paper: str, template: str, limit: int) -> list[tuple[str, float]]:
        """Return address and disagreement of the pages sampled last with a template, newest first, each page once."""
        return layout.samples(self.db, paper, template, limit)

    def seed(self, paper: str, links: Iterable[Link], now: datetime, origin: str, **how: bool) -> None:
        """Make a paper's listings known and due; ``how``: as `FrontierRows.seed` takes it."""
        with transaction(self.db):
            self.frontier.seed(paper, links, now, origin, **how)

    def take_for(self, days: Days, paper: str, now: datetime, limit: int) -> list[FrontierRow]:
        """Return what a backfill of these days fetches next. Raises ArchiveError: what it leaves out is written."""
        try:
            return self.backfills.take(paper, days, now, limit)
        except DatabaseError as error:
            raise ArchiveError(explain(self.path, error)) from error

    def sync_directory(self, papers: Iterable[Paper], provinces: Mapping[str, Iterable[str]]) -> None:
        """Write the papers' and provinces' tables from the data files."""
        with transaction(self.db):
            directory.put_provinces(self.db, provinces)
            for paper in papers:
                directory.put_paper(self.db, paper)
                tell_read(self.db, paper)

    def begin_run(
        self, paper: str | None, command: str, now: datetime, digest: str, versions: Mapping[str, str], days: str = ""
    ) -> None:
        """Open a row in ``runs``; counts go to it with every commit. ``digest``: of the settings."""
        with transaction(self.db):
            self.run_id = runs.begin(self.db, paper, command, now, digest, versions, days or None)
        self.counts = Counter()

    def end_run(self, reason: str, now: datetime, files: Iterable[tuple[str, int]], problem: str | None = None) -> None:
        """Commit what waits and close the run's row; note the WARC files it wrote (path, bytes), and why it failed."""
        self.flush()
        if self.run_id is not None:
            for prepare in self.before_commit:
                prepare()
            with transaction(self.db):
                runs.end(self.db, self.run_id, reason, now, self.counts, list(files), problem)

    def unsealed(self, files: Iterable[str]) -> list[str]:
        """Return those of the WARC files whose digest is not kept yet."""
        known = warc_rows.sealed(self.db.conn)
        return [name for name in files if name not in known]

    def seal(self, warc_dir: Path, files: Iterable[str], now: datetime) -> None:
        """Keep the digests of finished WARC files; one that cannot be read is an OSError."""
        for name in files:
            size, digest = outlasting(warc_dir / name)
            try:
                with transaction(self.db):
                    warc_rows.seal(self.db.conn, name, size, digest, now)
            except DatabaseError as error:
                raise ArchiveError(explain(self.path, error)) from error

    def _put_visit(self, visit: Visit, counts: Counter[str]) -> int | None:
        """Write one visit; one that cannot be stored is undone alone, counted, said, and tried again later."""
        try:
            with savepoint(self.db):
                row = self.frontier.ensure(visit.paper, visit.url, visit.kind, visit.at)
                if is_of_erased(self.db, visit):
                    counts["taken-down"] += 1
                    return row.id
                names = self._judge(visit, row)
                if visit.learned is not None:
                    furniture.put(self.db, visit.paper, visit.learned, visit.at)
        except Exception as error:  # whatever one page does, the others of its batch are stored
            if isinstance(error, DatabaseError) and not isinstance(error, PAGE_FAULTS):
                raise
            counts["failed"] += 1
            return self._set_aside(visit, error)
        counts.update(names)
        return row.id

    def _set_aside(self, visit: Visit, error: Exception) -> int | None:
        logger.error(
            "%s: %r: not stored: %s; this is a fault of baotinh, please report it", visit.paper, visit.url, error
        )
        try:
            row = self.frontier.ensure(visit.paper, visit.url, visit.kind, visit.at)
            self._schedule(replace(visit, outcome="failed", links=()), row)
        except UnicodeError:
            return None
        return row.id

    def _judge(self, visit: Visit, row: FrontierRow) -> list[str]:
        capture_id = captures.id_of(self.db, visit.capture) if visit.capture else None
        outcome = visit.outcome
        if visit.capture is not None and capture_id is None:
            raise ValueError(f"{visit.capture.warc_file}, offset {visit.capture.warc_offset}, is another page's record")
        if capture_id is not None:
            captures.put_outcome(self.db, capture_id, outcome)
        names = self._apply(visit, row, capture_id)
        self.layouts.put(self.db, capture_id, visit, names)
        if outcome == "article" and names[0] == "refused":
            visit = replace(visit, outcome="refused", reason=ELSEWHERE)
        visit = break_circle(self.db, visit, row)
        self._schedule(visit, row)
        if self.run_id is not None and runs.is_problem(visit):
            runs.put_problem(self.db, self.run_id, visit, visit.at)
        return names

    def _schedule(self, visit: Visit, row: FrontierRow) -> None:
        """Store what the visit showed and when its address is due again, for the crawl or backfill it was made by."""
        if visit.backfill:
            self._backfill_visits.put(row, visit)
            return
        new = self.frontier.discover(visit, row)
        self.frontier.mark(watched(self.db, row, visit, new), visit)
        if visit.kind == "article" and visit.outcome not in TRIED_AGAIN:
            self.backfills.fetched(row.id)

    def _apply(self, visit: Visit, row: FrontierRow, capture_id: int | None) -> list[str]:
        """Do to articles and aliases what a visit's outcome means; return the names it is counted by."""
        outcome, at = visit.outcome, visit.at
        if outcome == "article" and capture_id is not None:
            verdict, article_id = store_article(self.db, visit, capture_id, at, self._extractor)
            gone = set_gone(self.db, article_id) if verdict == "refused" or row.state in LED_AWAY else False
            if verdict == "refused":
                return [verdict, "article/gone"] if gone else [verdict]
            self.images.want(visit, article_id)
            return [f"article/{verdict}"]
        if outcome == KEPT and capture_id is not None:
            put_capture(self.db, capture_id, visit.size)
        if outcome == "unchanged" and capture_id is not None:
            seen = seen_again(self.db, visit.paper, row.url_key, capture_id, at)
            return ["article/same" if seen else outcome]
        if outcome in {"refused", "page/soft-404"}:
            held = article_at(self.db, visit.paper, row.url_key)
            return [outcome, "article/gone"] if held is not None and set_gone(self.db, held) else [outcome]
        if outcome == "redirect" and visit.redirect_to and row.kind == "article":
            follow_visit(self.db, visit, visit.redirect_to, self.frontier)
        return [] if visit.completed else [outcome]
