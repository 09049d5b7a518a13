"""Joins what two machines learned of a paper's template, so that each article keeps the very lines it was read without.

A version is when it was learned and its lines. The versions of both are put in order of time and numbered anew,
so the outcome does not depend on which archive is brought into which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.union.findings import FURNITURE, Row, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought

WINDOW = 120
"""Observed pages that are kept of a paper (as many as `crawler.extraction.furniture` looks at)."""

Version = tuple[str, frozenset[str]]
"""When it was learned, and its lines."""


def bring_furniture(job: Brought) -> None:
    """Join the furniture of every paper of the other archive; articles here are given the new numbers."""
    papers = job.other.conn.execute("SELECT paper FROM furniture UNION SELECT paper FROM furniture_pages").fetchall()
    for (paper,) in papers:
        ours, theirs = _versions(job.db, paper), _versions(job.other, paper)
        joined, numbers = _joined({*ours, *theirs})
        job.furniture |= {(paper, n): numbers[v] for n, v in enumerate(theirs, 1)}
        if ours and theirs and ours != theirs:
            said = f"{len(ours)} versions here, {len(theirs)} there; each article keeps its own, numbered anew by time"
            if joined != ours:
                job.findings.differ(FURNITURE, paper, said)
        if joined != ours:
            _renumber(job.db, paper, {n: numbers[v] for n, v in enumerate(ours, 1)})
            _write(job.db, paper, joined)
        _join_pages(job, paper)


def _joined(versions: set[Version]) -> tuple[list[Version], dict[Version, int]]:
    """Return the versions in order of time, and the number of each; one of the same lines as that before it is that."""
    joined: list[Version] = []
    numbers = {}
    for version in sorted(versions, key=lambda v: (v[0], sorted(v[1]))):
        if not joined or joined[-1][1] != version[1]:
            joined.append(version)
        numbers[version] = len(joined)
    return joined, numbers


def _versions(db: Database, paper: str) -> list[Version]:
    """Return the versions of a paper's furniture, in the order of their numbers from 1."""
    found = db.conn.execute(
        "SELECT line, since_version, until_version, learned_at, dropped_at FROM furniture WHERE paper = ?", (paper,)
    ).fetchall()
    last = max((max(since, until or 0) for _, since, until, _, _ in found), default=0)
    versions: list[Version] = []
    for number in range(1, last + 1):
        begun = [at for _, since, until, at, _ in found if since == number]
        begun += [at for _, _, until, _, at in found if until == number and at]
        lines = frozenset(line for line, since, until, _, _ in found if since <= number < (until or last + 1))
        versions.append((min(begun, default=versions[-1][0] if versions else ""), lines))
    return versions


def _renumber(db: Database, paper: str, numbers: dict[int, int]) -> None:
    # Away from the numbers that are in use, then to the new ones: no two meet.
    moved = [(-new, paper, old) for old, new in numbers.items() if old != new]
    where = "WHERE paper = ? AND furniture_version = ?"
    db.conn.executemany(f"UPDATE articles SET furniture_version = ? {where}", moved)
    db.conn.execute(
        "UPDATE articles SET furniture_version = -furniture_version WHERE paper = ? AND furniture_version < 0", (paper,)
    )


def _write(db: Database, paper: str, versions: Sequence[Version]) -> None:
    """Write the versions as the lines with the numbers from which and until which they count."""
    db.conn.execute("DELETE FROM furniture WHERE paper = ?", (paper,))
    counting: dict[str, tuple[int, str]] = {}
    for number, (at, lines) in enumerate([*versions, ("", frozenset[str]())], 1):
        ends = (number, at) if number <= len(versions) else (None, None)
        db.conn.executemany(
            "INSERT INTO furniture (paper, line, since_version, learned_at, until_version, dropped_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(paper, line, *counting.pop(line), *ends) for line in sorted(counting.keys() - lines)],
        )
        counting |= dict.fromkeys(lines - counting.keys(), (number, at))


def _join_pages(job: Brought, paper: str) -> None:
    """Keep the latest pages that both observed, in the order in which they were first read."""
    ours, theirs = _pages(job.db, paper), _pages(job.other, paper)
    if not theirs or ours == theirs:
        return
    latest_first = sorted([*theirs.items(), *ours.items()], key=lambda pair: (pair[0], pair[1]["lines"]), reverse=True)
    joined = {key[1]: (key, row) for key, row in latest_first}
    chosen = (
        [row for _, row in sorted(joined.values(), key=lambda pair: pair[0])][-WINDOW:] if ours else [*theirs.values()]
    )
    last = max(len(chosen), *(row["number"] for row in [*ours.values(), *theirs.values()]))
    job.db.conn.execute("DELETE FROM furniture_pages WHERE paper = ?", (paper,))
    job.db.conn.executemany(
        "INSERT INTO furniture_pages (paper, number, uid, section, author, lines) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (paper, number, row["uid"], row["section"], row["author"], row["lines"])
            for number, row in enumerate(chosen, last - len(chosen) + 1)
        ],
    )


def _pages(db: Database, paper: str) -> dict[tuple[str, str], Row]:
    """Return the observed pages by when their article was first seen, and uid."""
    found = {}
    for row in rows(db, "furniture_pages", "paper = ?", (paper,)):
        (seen,) = db.conn.execute(
            "SELECT coalesce((SELECT first_seen FROM articles WHERE uid = ?1), "
            "(SELECT first_seen FROM aliases WHERE paper = ?2 AND url_key = ?1), '')",
            (row["uid"], paper),
        ).fetchone()
        found[(str(seen), str(row["uid"]))] = row
    return found
