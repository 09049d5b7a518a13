"""What stays of an erased article, and is told: other papers' copies, pages that show it, texts that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.archive.traces import Copy
from pipelines.queries import INDEX
from pipelines.runs_of_words import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from pipelines.archive.connection import Connection
    from pipelines.runs_of_words import Run, Runs

PAGE, TEXT, COPY = "page", "text", "copy"
"""A page that shows some of it beside its own, an article that says some of it itself, another paper's copy."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What stays: of ``kind``, ``named`` by its article's uid, or its address where it is no article's page.

    ``payload_digest`` is that of a page, ``score`` how like a copy is (0 to 1).
    """

    kind: str
    named: str
    payload_digest: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an operator is told: copies, names of pages (uids, or addresses), uids of articles that say the same."""

    copies: tuple[Copy, ...] = ()
    shown_by: tuple[str, ...] = ()
    said_by: tuple[str, ...] = ()


def put(db: Database, uid: str, found: Iterable[Stay]) -> None:
    """Keep what stays of an article that is in the ledger; runs in the caller's transaction."""
    db.conn.executemany(
        "INSERT INTO takedown_stays (uid, kind, named, payload_digest, score) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(uid, one.kind, one.named, one.payload_digest, one.score) for one in found],
    )


def bring(db: Database, other: Database) -> None:
    """Bring what another ledger says of articles that are in this one; runs in the caller's transaction."""
    known = {uid for (uid,) in db.conn.execute("SELECT uid FROM takedowns")}
    rows = other.conn.execute("SELECT uid, kind, named, payload_digest, score FROM takedown_stays ORDER BY 1, 2, 3, 4")
    for uid, *values in rows.fetchall():
        if uid in known:
            put(db, uid, [Stay(*values)])


def told(db: Database, uid: str) -> Told:
    """Return what stays of an erased article, as far as it is held still."""
    copies = db.conn.execute(
        "SELECT a.uid, a.paper, a.url, max(s.score) FROM takedown_stays s JOIN articles a ON a.uid = s.named "
        "WHERE s.uid = ? AND s.kind = 'copy' GROUP BY a.id ORDER BY a.paper, a.uid",
        (uid,),
    ).fetchall()
    rows = db.conn.execute(
        "SELECT DISTINCT kind, named FROM takedown_stays s WHERE uid = ? AND kind <> 'copy' AND "
        "(EXISTS (SELECT 1 FROM articles a WHERE a.uid = s.named) OR EXISTS (SELECT 1 FROM captures c "
        "WHERE c.payload_digest = s.payload_digest AND c.url = s.named)) ORDER BY named",
        (uid,),
    ).fetchall()
    named = {kind: tuple(name for one, name in rows if one == kind) for kind in (PAGE, TEXT)}
    return Told(tuple(Copy(*row) for row in copies), named[PAGE], named[TEXT])


def digests(db: Connection) -> set[str]:
    """Return the payload digests of all pages that show some of what was erased."""
    rows = db.execute("SELECT DISTINCT payload_digest FROM takedown_stays WHERE kind = 'page' AND payload_digest <> ''")
    return {str(row[0]) for row in rows.fetchall()}


def own_runs(db: Connection, article_id: int) -> Runs:
    """Return all runs of words of an article's versions."""
    rows = db.execute(
        "SELECT r.title, coalesce(r.lead, ''), coalesce(r.text, t.text, '') FROM revisions r LEFT JOIN article_text t "
        "ON t.article_id = r.article_id WHERE r.article_id = ? UNION ALL SELECT caption, '', '' FROM images "
        "WHERE article_id = ?1 AND caption IS NOT NULL",
        (article_id,),
    )
    return runs_of(part for row in rows.fetchall() for part in row)


class Sayings:
    """Knows which runs of words other articles of a paper say, in what they show today (public ones)."""

    def __init__(self, db: Connection, but: Sequence[int]) -> None:
        self._db = db
        self._marks = ", ".join(map(str, but))
        self._known: dict[tuple[str, Run], bool] = {}

    def are_all_said(self, paper: str, runs: Iterable[Run]) -> bool:
        """Say whether each of the runs is said by an article of the paper other than those left out."""
        return all(self._is_said(paper, run) for run in runs)

    def _is_said(self, paper: str, run: Run) -> bool:
        known = self._known.get((paper, run))
        if known is None:
            known = self._known[paper, run] = self._find(paper, run)
        return known

    def _find(self, paper: str, run: Run) -> bool:
        found = self._db.execute(
            f"SELECT 1 FROM {INDEX} f JOIN articles a ON a.id = f.rowid WHERE {INDEX} MATCH ? AND a.paper = ? "
            f"AND a.id NOT IN ({self._marks}) LIMIT 1",
            (f'"{" ".join(run)}"', paper),
        )
        return found.fetchone() is not None
