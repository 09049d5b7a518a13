"""Takes every row of an article out of the archive, and what is left of it in freed pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.archive import health, signatures, takedowns, warc_rows
from pipelines.archive.alike import link_alike
from pipelines.archive.coherence import has
from pipelines.archive.connection import ArchiveError, stamp
from pipelines.archive.copies import link_copies, tell_stories
from pipelines.archive.merging import PARTS
from pipelines.archive.soundness import INDEXES
from pipelines.archive.traces import captures_at
from pipelines.likeness import is_short
from pipelines.runs_of_words import holds
from pipelines.tombstones import paper_of_uid
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.archive.traces import Doomed
    from pipelines.runs_of_words import Runs


def erase_rows(
    db: Database,
    known: Doomed,
    reason: str,
    at: datetime,
    records: Sequence[tuple[str, int, int, str]],
    runs: Runs,
) -> None:
    """Take all rows of an article out and write the ledger; runs in the caller's transaction.

    ``records``: files, offsets and lengths of the WARC records that are to be replaced after it; the
    captures that stand there go too. ``runs``: its prose.
    """
    article, conn = known.article, db.conn
    conn.execute(
        "INSERT INTO takedowns (uid, paper, url, at, reason, state, text_sha256, records) "
        "VALUES (?, ?, ?, ?, ?, 'erasing', ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason, "
        "state = 'erasing', was = NULL, text_sha256 = excluded.text_sha256, records = excluded.records",
        (article.uid, article.paper, article.url, stamp(at), reason, known.text_sha256, json.dumps(records)),
    )
    conn.executemany("DELETE FROM takedowns WHERE uid = ?", [(u,) for u in known.uids if u != article.uid])
    for paper in known.papers:
        takedowns.mark(db, article.uid, paper, "url", {*map(url_key, known.urls), *known.pictures})
        takedowns.mark(db, article.uid, paper, "text", [d for d, text in known.texts if not is_short(text)])
    for uid in known.uids:
        takedowns.mark(db, article.uid, paper_of_uid(uid), "uid", [uid])
    takedowns.withdraw(db, article.uid)
    others = _take_out(db, article.id)
    if has(conn, "corrections"):
        conn.executemany("DELETE FROM corrections WHERE uid = ?", [(uid,) for uid in known.uids])
    drop_captures(db, captures_at(db, [(file, offset) for file, offset, *_ in records]))
    strike_lines(db, known, runs)
    health.unname(db, known.urls)
    for digest, _ in known.texts:
        link_copies(db, digest)
    for other in sorted(others):
        link_alike(db, other)
    tell_stories(db, others)


def _take_out(db: Database, article_id: int) -> set[int]:
    """Delete an article's rows, its captures' but for themselves; return the articles it was joined to."""
    rows = db.conn.execute(
        "SELECT article_id FROM copies WHERE first_id = ?1 UNION SELECT first_id FROM copies WHERE article_id = ?1 "
        "UNION SELECT id FROM articles WHERE story_id = (SELECT story_id FROM articles WHERE id = ?1)",
        (article_id,),
    ).fetchall()
    db.conn.execute("DELETE FROM copies WHERE article_id = ?1 OR first_id = ?1", (article_id,))
    signatures.drop(db, article_id)
    for table in (*PARTS, "aliases"):
        db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    db.conn.execute("UPDATE captures SET article_id = NULL WHERE article_id = ?", (article_id,))
    db.conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))
    return {row[0] for row in rows} - {article_id}


def drop_captures(db: Database, ids: Iterable[int]) -> None:
    """Delete captures, how each was read, and what addresses pointed at that no capture is left of."""
    chosen = [(number,) for number in ids]
    at = [db.conn.execute("SELECT paper, url_key FROM captures WHERE id = ?", one).fetchone() for one in chosen]
    db.conn.executemany("DELETE FROM layout_stats WHERE capture_id = ?", chosen)
    db.conn.executemany("UPDATE layout_changes SET capture_id = NULL WHERE capture_id = ?", chosen)
    db.conn.executemany("DELETE FROM captures WHERE id = ?", chosen)
    db.conn.executemany(
        "DELETE FROM pointers WHERE paper = ?1 AND url_key = ?2 AND NOT EXISTS "
        "(SELECT 1 FROM captures WHERE paper = ?1 AND url_key = ?2)",
        sorted({tuple(one) for one in at if one}),
    )


def strike_lines(db: Database, known: Doomed, runs: Runs) -> None:
    """Take an article's lines out of what furniture is learned from: all of its own page, on others' what says it."""

    def of(paper: str, line: str) -> bool:
        return holds(line, runs, known.titles if paper in known.papers else ())

    for paper, number, uid, lines in db.conn.execute(
        "SELECT paper, number, uid, lines FROM furniture_pages"
    ).fetchall():
        shown = json.loads(lines)
        kept = [] if uid in known.uids else [line for line in shown if not of(paper, line[0])]
        if kept != shown:
            db.conn.execute(
                "UPDATE furniture_pages SET lines = ? WHERE paper = ? AND number = ?",
                (json.dumps(kept, ensure_ascii=False, separators=(",", ":")), paper, number),
            )
    learned = db.conn.execute("SELECT DISTINCT paper, line FROM furniture").fetchall()
    said = [(paper, line) for paper, line in learned if of(paper, line)]
    db.conn.executemany("DELETE FROM furniture WHERE paper = ? AND line = ?", said)


def erase_more(db: Database, uid: str, records: Sequence[tuple[str, int, int, str]]) -> None:
    """Take out captures of an erased article that came in later; runs in the caller's transaction."""
    db.conn.execute("UPDATE takedowns SET state = 'erasing', records = ? WHERE uid = ?", (json.dumps(records), uid))
    drop_captures(db, captures_at(db, [(file, offset) for file, offset, *_ in records]))


def sealed_as(db: Database, file: str) -> str | None:
    """Return the digest that is kept of a WARC file."""
    row = db.conn.execute("SELECT sha256 FROM warc_files WHERE path = ?", (file,)).fetchone()
    return row[0] if row else None


def forget_safely(db: Database) -> None:
    """Let SQLite write over what is deleted on this connection, not only mark it free."""
    db.conn.execute("PRAGMA secure_delete = ON")


def unseal(db: Database, files: Iterable[str]) -> None:
    """Forget the digests of WARC files that are about to be changed."""
    for file in files:
        db.conn.execute("UPDATE warc_files SET sha256 = NULL, checked_at = NULL WHERE path = ?", (file,))


def buried(db: Database, uid: str, files: Iterable[tuple[str, int, str]], at: datetime) -> None:
    """Note that all records are replaced, and the new digests of finished WARC files (path, bytes, sha256).

    Runs in the caller's transaction, as do the others.
    """
    for path, size, digest in files:
        warc_rows.seal(db.conn, path, size, digest, at)
    db.conn.execute("UPDATE takedowns SET records = NULL WHERE uid = ?", (uid,))


def conclude(db: Database, uid: str, at: datetime) -> None:
    """Note that nothing of an article is left, since now where that was not noted before."""
    db.conn.execute(
        "UPDATE takedowns SET state = 'erased', erased_at = coalesce(erased_at, ?) WHERE uid = ?", (stamp(at), uid)
    )


def scrub(db: Database) -> None:
    """Write the file anew without what freed pages, the indexes' old parts and the log hold of deleted rows.

    Raises ArchiveError where somebody else has the archive open.
    """
    for index in INDEXES:
        db.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    db.conn.execute("PRAGMA temp_store = FILE")
    db.conn.execute("VACUUM")
    busy, *_ = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise ArchiveError(
            "the archive's log could not be emptied: another program has the archive open; close it, then run the "
            "same command again"
        )
