"""The signatures and bands by which alike texts are found, each text of an article once.

A signature is kept for every text that an article has shown, so that a copy of what was printed first is
found after the first was edited, and the outcome does not depend on the order in which captures arrive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.likeness import ALGORITHM, WORTH_READING, Marks, estimate

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_ALIKE = 100
"""Texts of one band that are looked at, the newest: a daily bulletin shares bands with all before it."""


SHARING = """
SELECT (SELECT json_group_array(signature_id) FROM
  (SELECT signature_id FROM bands WHERE key = k.value ORDER BY signature_id DESC LIMIT ?2)) FROM json_each(?1) k
"""
"""The signatures that have each of the given keys."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be alike: its article's row id, the digest it is kept by, and how alike the signatures are."""

    article_id: int
    digest: bytes
    estimated: float


def digest_of(text_sha256: str) -> bytes:
    """Return what a text's signature is kept by: the first 8 bytes of its sha256."""
    return bytes.fromhex(text_sha256[:16])


def put(db: Database, article_id: int, digest: bytes, marks: Marks) -> None:
    """Keep the marks of a text that an article shows, once; runs in the caller's transaction."""
    made = db.conn.execute(
        "INSERT INTO signatures (article_id, digest, algorithm, signature) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (article_id, digest, ALGORITHM, marks.signature),
    )
    if made.rowcount == 1:
        db.conn.executemany(
            "INSERT INTO bands (key, signature_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(key, made.lastrowid) for key in marks.keys],
        )


def give(db: Database, article_id: int, to: int) -> None:
    """Let the marks of one article be another's."""
    db.conn.execute("UPDATE OR IGNORE signatures SET article_id = ? WHERE article_id = ?", (to, article_id))
    drop(db, article_id)


def drop(db: Database, article_id: int) -> None:
    """Take the marks of an article out."""
    rows = db.conn.execute("SELECT id, signature FROM signatures WHERE article_id = ?", (article_id,)).fetchall()
    pairs = [(key, signature_id) for signature_id, signed in rows for key in Marks(signed).keys]
    db.conn.executemany("DELETE FROM bands WHERE key = ? AND signature_id = ?", pairs)
    db.conn.execute("DELETE FROM signatures WHERE article_id = ?", (article_id,))


def candidates(db: Database, marks: Marks) -> list[Candidate]:
    """Return the texts that share a band and whose signature is alike enough for the text to be read, best first."""
    rows = db.conn.execute(SHARING, (json.dumps(marks.keys), MOST_ALIKE)).fetchall()
    shared = {signature_id for (ids,) in rows if ids != "[]" for signature_id in json.loads(ids)}
    found = []
    for signature_id in sorted(shared):
        article_id, digest, algorithm, signed = db.conn.execute(
            "SELECT article_id, digest, algorithm, signature FROM signatures WHERE id = ?", (signature_id,)
        ).fetchone()
        if algorithm != ALGORITHM or len(signed) != len(marks.signature):
            continue
        alike = estimate(signed, marks.signature)
        if alike >= WORTH_READING:
            found.append(Candidate(article_id, digest, alike))
    return sorted(found, key=lambda c: (-c.estimated, c.article_id, c.digest))
