"""Brings what another archive knows of papers, runs, problems and WARC files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.archive.directory import put_paper
from pipelines.archive.union.files import papers_used
from pipelines.archive.union.findings import DIRECTORY, Row, columns, insert, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought
    from pipelines.items import Paper

RUN = ("paper", "command", "started_at", "settings_digest")
"""By what a run is known in two archives."""
PROBLEM = ("run_id", "at", "paper", "url", "outcome", "reason")


def bring_papers(job: Brought, listed: Mapping[str, Paper]) -> None:
    """Bring papers and provinces; of the ``listed`` ones stands what papers.toml says."""
    for (name,) in job.other.conn.execute("SELECT name FROM papers").fetchall():
        if name in listed:
            put_paper(job.db, listed[name])
    ours = {row["name"]: row for row in rows(job.db, "papers")}
    theirs = {row["name"]: row for row in rows(job.other, "papers")}
    used, here = papers_used(job.other), papers_used(job.db)
    findings = job.findings
    findings.papers_there = tuple(sorted({*findings.papers_there, *used - here}))
    findings.papers_here = tuple(sorted(here - used))
    for name, row in theirs.items():
        held = ours.get(name)
        if held is None:
            insert(job.db, "papers", row)
        elif held != row:
            stands = held if name in listed else max(held, row, key=lambda r: [str(v) for v in r.values])
            if name in used:
                findings.differ(DIRECTORY, name, _differing(held, row, name in listed))
            if stands is not held:
                updates = ", ".join(f"{column} = ?" for column in row.names)
                job.db.conn.execute(f"UPDATE papers SET {updates} WHERE name = ?", (*row.values, name))
    for row in rows(job.other, "provinces"):
        insert(job.db, "provinces", row)


def _differing(ours: Row, theirs: Row, listed: bool) -> str:
    names = [name for name in ours.names if ours[name] != theirs[name]]
    said = "; ".join(f"{name} here {ours[name]!r}, there {theirs[name]!r}" for name in names)
    return f"{said}; {'what papers.toml says here stands' if listed else 'one of the two stands, the same either way'}"


def bring_runs(job: Brought) -> None:
    """Bring the runs with their problems; one that both know is taken from whoever saw it end."""
    names, known = columns(job.other, "runs"), _known_runs(job.db)
    for number, *values in job.other.conn.execute(f"SELECT id, {', '.join(names)} FROM runs ORDER BY id"):
        row = Row(names, tuple(values))
        files = [job.file(path) for path in json.loads(row["warc_files"])]
        row = row.but(warc_files=json.dumps(files))
        made, end, requests = known.get(tuple(row[name] for name in RUN), (0, "", 0))
        if not made:
            made = insert(job.db, "runs", row)
        elif (row["finished_at"] or "", row["requests"]) > (end, requests):
            updates = ", ".join(f"{name} = ?" for name in row.names)
            job.db.conn.execute(f"UPDATE runs SET {updates} WHERE id = ?", (*row.values, made))
        for problem in rows(job.other, "problems", "run_id = ? ORDER BY id", (number,)):
            _put_problem(job.db, problem.but(run_id=made))


def _known_runs(db: Database) -> dict[tuple[Any, ...], tuple[int, str, int]]:
    found = db.conn.execute(f"SELECT {', '.join(RUN)}, id, coalesce(finished_at, ''), requests FROM runs").fetchall()
    return {tuple(row[: len(RUN)]): row[len(RUN) :] for row in found}


def _put_problem(db: Database, row: Row) -> None:
    known = db.conn.execute(
        f"SELECT 1 FROM problems WHERE {' AND '.join(f'{name} IS ?' for name in PROBLEM)}",
        [row[name] for name in PROBLEM],
    ).fetchone()
    if known is None:
        insert(db, "problems", row)


def bring_files(job: Brought) -> None:
    """Bring what is known of the other archive's WARC files; of one that both know, the longer."""
    for row in rows(job.other, "warc_files"):
        path = job.file(row["path"])
        held = next(rows(job.db, "warc_files", "path = ?", (path,)), None)
        if held is None:
            insert(job.db, "warc_files", row.but(path=path))
        elif row["bytes"] > held["bytes"]:
            job.db.conn.execute("DELETE FROM warc_files WHERE path = ?", (path,))
            insert(job.db, "warc_files", row.but(path=path))
        elif row["bytes"] == held["bytes"] and held["sha256"] is None:
            job.db.conn.execute("UPDATE warc_files SET sha256 = ? WHERE path = ?", (row["sha256"], path))
