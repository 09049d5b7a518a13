"""What a demo archive holds, read from the outside: which days are done, and the table shown at the end."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.demo.stories import DAWN, DAYS, NAMES

COLUMNS = ("new", "same", "revised", "copied", "alias", "gone", "page", "failed")
COUNTED = {
    "alias": "SELECT paper, count(*) FROM aliases WHERE kind <> 'uid' GROUP BY paper",
    "failed": (
        "SELECT p.paper, count(*) FROM problems p LEFT JOIN urls u ON u.paper = p.paper AND u.url = p.url "
        "WHERE p.outcome NOT LIKE 'page/%' AND u.discovered_from IS NOT 'probe' GROUP BY p.paper"
    ),
}
"""Columns that are no verdict: second addresses, and what was asked for and not had (404, no answer, unreadable).

That a paper has no feed where one was guessed is no failure of it.
"""
OF_DEMO = f"WHERE paper IN ({', '.join('?' * len(NAMES))})"
HEADS = {"alias": "2nd address", "page": "no article"}


def papers_in(archive: Path) -> set[str]:
    """Return the names of papers that ``archive`` holds anything of; a crawl that fetched nothing left nothing."""
    with _reading(archive) as db:
        rows = db.execute(
            "SELECT name FROM papers WHERE EXISTS (SELECT 1 FROM articles WHERE paper = name) "
            "OR EXISTS (SELECT 1 FROM runs WHERE paper = name AND requests > 0)"
        )
        return {str(name) for (name,) in rows}


def last_moment(archive: Path) -> datetime | None:
    """Return when the archive was last crawled by its own clock; None if never."""
    with _reading(archive) as db:
        (last,) = db.execute(f"SELECT max(coalesce(finished_at, started_at)) FROM runs {OF_DEMO}", NAMES).fetchone()
        return datetime.fromisoformat(last) if last else None


def days_done(archive: Path) -> int:
    """Return how many days in a row, from day 0, all three papers were crawled to the end."""
    with _reading(archive) as db:
        rows = db.execute("SELECT paper, started_at FROM runs WHERE finished_at IS NOT NULL AND reason = 'finished'")
        done = {(str(paper), day_of(str(started))) for paper, started in rows}
    whole = [all((name, day) in done for name in NAMES) for day in DAYS]
    return whole.index(False) if False in whole else len(DAYS)


def day_of(started: str) -> int:
    """Return the demo day of a run that began at ``started`` (ISO 8601)."""
    return (datetime.fromisoformat(started) - DAWN) // timedelta(days=1)


def summary(archive: Path) -> dict[str, Counter[str]]:
    """Return per paper what its runs came to, by `COLUMNS`."""
    with _reading(archive) as db:
        found = {name: Counter[str]() for name in NAMES}
        for paper, counts in db.execute(f"SELECT paper, counts FROM runs {OF_DEMO}", NAMES):
            found[paper] += _verdicts(json.loads(counts))
        for column, sql in COUNTED.items():
            for paper, number in db.execute(sql):
                if paper in found:
                    found[paper][column] = number
    return found


def table(counts: dict[str, Counter[str]]) -> str:
    """Return ``counts`` as lines of text, a paper a line."""
    head = ["paper", *(HEADS.get(column, column) for column in COLUMNS)]
    rows = [[name, *(str(found[column]) for column in COLUMNS)] for name, found in counts.items()]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return "\n".join(_line(row, widths) for row in (head, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])


def _verdicts(counts: dict[str, int]) -> Counter[str]:
    verdicts = {column: counts.get(f"article/{column}", 0) for column in COLUMNS}
    pages = sum(number for outcome, number in counts.items() if outcome.startswith("page/"))
    return Counter({**verdicts, "page": pages})


@contextmanager
def _reading(archive: Path) -> Iterator[sqlite3.Connection]:
    # A reader of a WAL database leaves -wal and -shm beside it, unless it is told that nobody writes.
    quiet = "" if archive.with_name(archive.name + "-wal").exists() else "&immutable=1"
    with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro{quiet}", uri=True)) as db:
        yield db
