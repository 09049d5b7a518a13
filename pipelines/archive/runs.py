"""The rows of crawls: when they ran, what they came to, what went wrong, which WARC files they wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.archive import warc_rows
from pipelines.archive.connection import stamp
from pipelines.archive.health import set_now

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.items import Visit

SIZES = ("requests", "bytes")
"""Counts that have a column of their own in ``runs``."""
PROBLEMS = ("failed", "listing/unreadable", "refused")
KILLED = "killed"
"""Why a run ended that never said why."""
BROKEN_OFF = "broken off before it was done; what is due stays due, the next crawl goes on from there"
GOOD_IMAGES = ("image/kept", "image/moved")


def begin(
    db: Database,
    paper: str | None,
    command: str,
    now: datetime,
    settings_digest: str,
    versions: Mapping[str, str],
    days: str | None = None,
) -> int:
    """Open the row of a run (``paper`` None: of several, a replay; ``days``: of a backfill) and return its id.

    Runs in the caller's transaction. Whoever begins a crawl of a paper holds its lock: a row of another that is
    still open is of one that was killed.
    """
    db.conn.execute(
        "UPDATE runs SET reason = ?, problem = ? WHERE paper = ? AND finished_at IS NULL AND reason IS NULL",
        (KILLED, BROKEN_OFF, paper),
    )
    set_now(db, now)
    cursor = db.conn.execute(
        "INSERT INTO runs (paper, command, started_at, settings_digest, versions, days) VALUES (?, ?, ?, ?, ?, ?)",
        (paper, command, stamp(now), settings_digest, json.dumps(dict(versions)), days),
    )
    assert cursor.lastrowid is not None
    return int(cursor.lastrowid)


def put_counts(db: Database, run_id: int, counts: Counter[str]) -> None:
    """Write a run's counts by outcome, its requests and its bytes of WARC so far."""
    shown = {name: n for name, n in sorted(counts.items()) if name not in SIZES}
    db.conn.execute(
        "UPDATE runs SET counts = ?, requests = ?, bytes = ? WHERE id = ?",
        (json.dumps(shown), counts["requests"], counts["bytes"], run_id),
    )


def is_problem(visit: Visit) -> bool:
    """Say whether a visit is a trouble of its run: no page that a browser completed after it."""
    outcome = visit.outcome
    bad = outcome.startswith("page/") or (outcome.startswith("image/") and outcome not in GOOD_IMAGES)
    return (bad or outcome in PROBLEMS) and not visit.completed


def put_problem(db: Database, run_id: int, visit: Visit, at: datetime) -> None:
    """Keep what was wrong with one URL of a run."""
    db.conn.execute(
        "INSERT INTO problems (run_id, at, paper, url, outcome, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, stamp(at), visit.paper, visit.url, visit.outcome, visit.reason),
    )


def end(
    db: Database,
    run_id: int,
    reason: str,
    now: datetime,
    counts: Counter[str],
    warc_files: Iterable[tuple[str, int]],
    problem: str | None = None,
) -> None:
    """Close the row of a run; note the WARC files it wrote as (path below WARC_DIR, bytes).

    ``problem`` says why it failed as a whole; None: it did not.
    """
    files = list(warc_files)
    put_counts(db, run_id, counts)
    db.conn.execute(
        "UPDATE runs SET finished_at = ?, reason = ?, problem = ?, warc_files = ? WHERE id = ?",
        (stamp(now), reason, problem, json.dumps([path for path, _ in files]), run_id),
    )
    warc_rows.put(db.conn, files)
    set_now(db, now)
