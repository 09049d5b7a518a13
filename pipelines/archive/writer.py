"""The archive of one process: takes captures and visits, and commits them in batches, all or nothing."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from pipelines.archive import directory, runs
from pipelines.archive.articles import add_alias, article_at, seen_again, set_gone, store_article
from pipelines.archive.connection import (
    ArchiveError,
    DatabaseError,
    IntegrityError,
    explain,
    moment,
    open_archive,
    savepoint,
    stamp,
    transaction,
)
from pipelines.archive.frontier import FrontierRows
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pipelines.items import Capture, FrontierRow, Link, Paper, Visit

BATCH = 50
"""Visits that wait at most before a commit."""
SECONDS = 2.0
"""Seconds a visit waits at most before a commit."""
PROBLEMS = ("failed", "listing/unreadable", "refused")

logger = logging.getLogger(__name__)


def _never(row: FrontierRow, visit: Visit, at: datetime) -> datetime | None:  # noqa: ARG001 - a schedule's shape
    return None


class Archive:
    """Reads and writes one archive file; the only writer of its process.

    ``next_due`` tells when a visited URL is due again; ``before_commit`` are called before rows that
    point at WARC bytes are committed. Raises ArchiveError when the file cannot be opened or written;
    what was not committed then is still due.
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
        self.frontier = FrontierRows(self.db, next_due)
        self.before_commit: list[Callable[[], None]] = []
        self.counts: Counter[str] = Counter()
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
        """Note an exchange that was written to a WARC file; it is committed with the next batch."""
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
                    self._put_capture(paper, capture)
                done = [self._put_visit(visit, counts) for visit in self._visits]
                if self.run_id is not None:
                    runs.put_counts(self.db, self.run_id, counts)
        except DatabaseError as error:
            self.frontier.put_back()
            raise ArchiveError(explain(self.path, error)) from error
        self.counts = counts
        self._captures, self._visits, self._oldest = [], [], None
        self.frontier.release(done)

    def known_payload(self, url: str, digest: str) -> datetime | None:
        """Return when this payload of ``url`` was first captured as a whole response, if it was."""
        for _, capture in reversed(self._captures):
            if capture.url == url and capture.payload_digest == digest and capture.record == "response":
                return capture.fetched_at
        row = self.db.conn.execute(
            "SELECT min(fetched_at) FROM captures WHERE url = ? AND payload_digest = ? AND record = 'response'",
            (url, digest),
        ).fetchone()
        return moment(row[0])

    def holds(self, capture: Capture) -> bool:
        """Say whether this exchange is in the archive and judged (a WARC file replayed twice)."""
        row = self.db.conn.execute(
            "SELECT outcome FROM captures WHERE url = ? AND fetched_at = ? AND status = ? AND payload_digest = ?",
            (capture.url, stamp(capture.fetched_at), capture.status, capture.payload_digest),
        ).fetchone()
        return bool(row and row[0])

    def warc_ends(self, paper: str) -> dict[str, int]:
        """Return, for each WARC file of ``paper``, the byte after the last record the archive knows."""
        rows = self.db.conn.execute(
            "SELECT warc_file, max(warc_offset + warc_length) FROM captures WHERE paper = ? GROUP BY warc_file",
            (paper,),
        )
        return {str(r[0]): int(r[1]) for r in rows}

    def written_files(self) -> list[str]:
        """Return the WARC files this run's captures went to, relative to WARC_DIR."""
        return sorted(self._files)

    def response_with(self, digest: str) -> tuple[str, int] | None:
        """Return file and offset of a whole response with this payload digest (what a revisit points to)."""
        row = self.db.conn.execute(
            "SELECT warc_file, warc_offset FROM captures WHERE payload_digest = ? AND record = 'response' LIMIT 1",
            (digest,),
        ).fetchone()
        return (str(row[0]), int(row[1])) if row else None

    def seed(self, paper: str, links: Iterable[Link], now: datetime, origin: str) -> None:
        """Make a paper's listings known and due now."""
        with transaction(self.db):
            self.frontier.seed(paper, links, now, origin)

    def sync_directory(self, papers: Iterable[Paper], provinces: Mapping[str, Iterable[str]]) -> None:
        """Write the papers' and provinces' tables from the data files."""
        with transaction(self.db):
            directory.put_provinces(self.db, provinces)
            for paper in papers:
                directory.put_paper(self.db, paper)

    def begin_run(
        self, paper: str | None, command: str, now: datetime, settings_digest: str, versions: Mapping[str, str]
    ) -> None:
        """Open a row in ``runs``; counts go to it with every commit."""
        with transaction(self.db):
            self.run_id = runs.begin(self.db, paper, command, now, settings_digest, versions)
        self.counts = Counter()

    def end_run(self, reason: str, now: datetime, warc_files: Iterable[tuple[str, int]]) -> None:
        """Commit what waits and close the run's row; note the WARC files it wrote (path, bytes)."""
        self.flush()
        if self.run_id is not None:
            with transaction(self.db):
                runs.end(self.db, self.run_id, reason, now, self.counts, list(warc_files))

    def _put_capture(self, paper: str, capture: Capture) -> None:
        self.db.conn.execute(
            "INSERT INTO captures (paper, url, url_key, fetched_at, status, headers, record, warc_file, warc_offset, "
            "warc_length, payload_digest, etag, last_modified) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING",
            (
                paper,
                capture.url,
                url_key(capture.url),
                stamp(capture.fetched_at),
                capture.status,
                json.dumps(capture.headers, ensure_ascii=False),
                capture.record,
                capture.warc_file,
                capture.warc_offset,
                capture.warc_length,
                capture.payload_digest,
                capture.etag,
                capture.last_modified,
            ),
        )

    def _put_visit(self, visit: Visit, counts: Counter[str]) -> int:
        """Write one visit; one that breaks a rule of the schema is undone alone, counted and said."""
        try:
            with savepoint(self.db):
                row = self.frontier.ensure(visit.paper, visit.url, visit.kind, visit.at)
                for name in self._judge(visit, row):
                    counts[name] += 1
        except IntegrityError as error:
            logger.error(  # noqa: TRY400 - one line a problem
                "%s: %s: not stored: %s; this is a fault of baotinh, please report it", visit.paper, visit.url, error
            )
            counts["failed"] += 1
            row = self.frontier.ensure(visit.paper, visit.url, visit.kind, visit.at)
        return row.id

    def _judge(self, visit: Visit, row: FrontierRow) -> list[str]:
        at = visit.at
        capture_id = self._capture_id(visit)
        outcome = visit.outcome
        if capture_id is not None:
            self.db.conn.execute("UPDATE captures SET outcome = ? WHERE id = ?", (outcome, capture_id))
        names = [outcome]
        if outcome == "article" and capture_id is not None:
            verdict, article_id = store_article(self.db, visit, capture_id, at, self._extractor)
            names = [f"article/{verdict}"]
            if row.refused_at is not None:
                set_gone(self.db, article_id)
        elif outcome == "unchanged" and capture_id is not None:
            names = ["article/same"] if seen_again(self.db, visit.paper, row.url_key, capture_id, at) else names
        elif outcome in {"refused", "page/soft-404"}:
            held = article_at(self.db, visit.paper, row.url_key)
            if held is not None and set_gone(self.db, held):
                names.append("article/gone")
        elif outcome == "redirect" and visit.redirect_to:
            target = article_at(self.db, visit.paper, url_key(visit.redirect_to))
            if target is not None:
                add_alias(self.db, visit.paper, visit.url, row.url_key, target, "redirect", at)
        self.frontier.discover(visit, row)
        self.frontier.mark(row, visit)
        if self.run_id is not None and (outcome in PROBLEMS or outcome.startswith("page/")):
            runs.put_problem(self.db, self.run_id, visit, at)
        return names

    def _capture_id(self, visit: Visit) -> int | None:
        if visit.capture is None:
            return None
        capture = visit.capture
        row = self.db.conn.execute(
            "SELECT id FROM captures WHERE url = ? AND fetched_at = ? AND status = ? AND payload_digest = ?",
            (capture.url, stamp(capture.fetched_at), capture.status, capture.payload_digest),
        ).fetchone()
        return int(row[0]) if row else None
