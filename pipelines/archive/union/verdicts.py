"""Judges anew what the articles that a merge touched are to each other: one and the same, copies, stories, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive import signatures
from pipelines.archive.addresses import article_at, holder, own_place
from pipelines.archive.alike import link_alike
from pipelines.archive.connection import moment
from pipelines.archive.copies import link_copies, tell_stories
from pipelines.archive.histories import states, tell
from pipelines.archive.moves import SAME_URL, point, settle
from pipelines.archive.parting import review, showing_pages_of
from pipelines.archive.revisions import TOLD
from pipelines.archive.twins import course, rivals, settle_twins
from pipelines.archive.union.findings import rows
from pipelines.archive.vanished import set_gone
from pipelines.likeness import ALGORITHM

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought

VISITED = "'refused', 'page/soft-404', 'redirect', 'unchanged', 'article'"
"""Outcomes that tell whether an article stands."""
SEEN = """
UPDATE articles SET (first_seen, last_seen) = (SELECT coalesce(min(fetched_at), first_seen),
  coalesce(max(fetched_at), last_seen) FROM captures WHERE article_id = ?1 AND outcome IN ('article', 'unchanged'))
WHERE id = ?1
"""


def bring_pointers(job: Brought) -> set[tuple[str, str]]:
    """Bring what addresses say of each other; return the addresses that something new is said of."""
    told = set()
    for row in rows(job.other, "pointers"):
        key = (row["paper"], row["url_key"], row["to_paper"], row["to_key"], row["kind"])
        known = job.db.conn.execute(
            "SELECT first_seen, last_seen FROM pointers WHERE paper = ? AND url_key = ? AND to_paper = ? "
            "AND to_key = ? AND kind = ?",
            key,
        ).fetchone()
        first, last = moment(row["first_seen"]), moment(row["last_seen"])
        assert first is not None
        assert last is not None
        for at in (first, last):
            point(job.db, row["paper"], row["url"], row["to_paper"], row["to_url"], row["kind"], at)
        if known is None or row["first_seen"] < known[0] or row["last_seen"] > known[1]:
            told |= {(row["paper"], row["url_key"]), (row["to_paper"], row["to_key"])}
    return told


def judge_anew(job: Brought, told: Iterable[tuple[str, str]]) -> None:
    """Settle every article that was touched, and those at the addresses something new is said of."""
    _part(job)
    for article_id in _by_time(job.db, job.touched):
        if _is_there(job.db, article_id):
            _judge(job, article_id)
    for address in sorted(told):
        held = article_at(job.db, *address)
        if held is not None:
            set_gone(job.db, settle(job.db, held))
    for article_id in sorted(_visited(job)):
        if _is_there(job.db, article_id):
            set_gone(job.db, article_id)


def _by_time(db: Database, articles: Iterable[int]) -> list[int]:
    """Return those of the articles that are there, the one read first first: that is the order of a crawl."""
    return sorted((n for n in articles if _is_there(db, n)), key=lambda n: own_place(db, n).order)


def _part(job: Brought) -> None:
    """Take what addresses show of other articles out of those that were touched, and part what was joined by that."""
    db = job.db
    captures = [
        number
        for article_id in job.touched
        for (number,) in db.conn.execute("SELECT id FROM captures WHERE article_id = ?", (article_id,)).fetchall()
    ]
    near = set[int]()
    for article_id in sorted(job.touched):
        row = db.conn.execute("SELECT paper FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row:
            near |= set(rivals(db, row[0], {s.print for s in course(db, article_id)}, but=article_id))
        near |= showing_pages_of(db, article_id)
    review(db, sorted(job.touched | near), late=True)
    shown = (
        db.conn.execute("SELECT article_id FROM captures WHERE id = ?", (number,)).fetchone() for number in captures
    )
    job.touched |= {row[0] for row in shown if row and row[0]}
    for article_id in job.touched:
        db.conn.execute(SEEN, (article_id,))


def _judge(job: Brought, article_id: int) -> None:
    db = job.db
    for paper, key, url, at in _places(db, article_id):
        _meet(db, paper, key, url, at)
    if db.conn.execute("SELECT 1 FROM aliases WHERE article_id = ?", (article_id,)).fetchone():
        # Whose small facts count depends on what its addresses are called, which both archives told.
        tell(db, article_id, states(db, article_id))
    article_id = settle(db, article_id)
    article_id = settle_twins(db, article_id)
    signed = _signed(job, article_id)
    signatures.drop(db, article_id)
    for digest, _ in _texts(db, article_id):
        link_copies(db, digest)
    link_alike(db, article_id, signed)
    tell_stories(db, [article_id])
    set_gone(db, article_id)


def _is_there(db: Database, article_id: int) -> bool:
    return db.conn.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None


def _texts(db: Database, article_id: int) -> list[tuple[str, str]]:
    return db.conn.execute(
        "SELECT DISTINCT r.text_sha256, coalesce(r.text, t.text) FROM revisions r "
        f"JOIN article_text t ON t.article_id = r.article_id WHERE r.article_id = ? AND r.{TOLD} ORDER BY 1",
        (article_id,),
    ).fetchall()


def _signed(job: Brought, article_id: int) -> dict[str, bytes]:
    """Return the signatures that either archive has of an article's texts, by the texts' digests."""
    (uid,) = job.db.conn.execute("SELECT uid FROM articles WHERE id = ?", (article_id,)).fetchone()
    found: dict[bytes, bytes] = {}
    for db in (job.other, job.db):
        found |= dict(
            db.conn.execute(
                "SELECT s.digest, s.signature FROM signatures s JOIN articles a ON a.id = s.article_id "
                "WHERE a.uid = ? AND s.algorithm = ?",
                (uid, ALGORITHM),
            ).fetchall()
        )
    digests = [digest for digest, _ in _texts(job.db, article_id)]
    return {d: found[signatures.digest_of(d)] for d in digests if signatures.digest_of(d) in found}


def _places(db: Database, article_id: int) -> list[tuple[str, str, str, datetime]]:
    found = db.conn.execute(
        "SELECT c.paper, c.url_key, c.url, min(c.fetched_at) FROM captures c "
        "WHERE c.article_id = ? AND c.outcome = 'article' GROUP BY c.paper, c.url_key ORDER BY 4, 2",
        (article_id,),
    ).fetchall()
    return [(paper, key, url, at) for paper, key, url, text in found if (at := moment(text))]


def _meet(db: Database, paper: str, key: str, url: str, at: datetime) -> None:
    """Keep that an address a closed paper left to its successor was a page of both, since both were read."""
    for other, after in db.conn.execute(SAME_URL, (paper, key)).fetchall():
        held = holder(db, other, key)
        if held is not None:
            at = max(at, own_place(db, held).at)
        closed, successor = (paper, other) if after else (other, paper)
        point(db, closed, url, successor, url, "moved", at)


def _visited(job: Brought) -> set[int]:
    """Return our articles at addresses whose captures came with the other archive."""
    found = set()
    for number in job.fresh | job.won:
        row = job.db.conn.execute(
            f"SELECT paper, url_key FROM captures WHERE id = ? AND outcome IN ({VISITED})", (number,)
        ).fetchone()
        held = article_at(job.db, *row) if row else None
        if held is not None:
            found.add(held)
    return found
