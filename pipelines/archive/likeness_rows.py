"""Whether the texts that articles have shown are found by their signatures, and copies word for word are linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Database

from pipelines.archive.coherence import BY_RULES
from pipelines.archive.copies import links
from pipelines.faults import REBUILD, Fault
from pipelines.likeness import ALGORITHM, BANDS, SHORT, VALUES, Marks, bands_of, syllables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.archive.connection import Connection

TOGETHER = 1000
"""Signatures whose bands are made at once."""
MADE_ANEW = "the next crawl makes it"
UPGRADED = (
    "SELECT julianday(max(applied_at)) - julianday(min(applied_at)) > 0.04 FROM _sqlite_migrations "
    "WHERE name IN ('m002_first_tables', 'm010_likeness')"
)
"""SQL: whether the archive may be of before there were signatures (its schema was brought up to them later)."""


def signature_faults(db: Connection) -> Iterator[Fault]:
    """Give signatures of texts that no version has, texts without one, and bands that are not those of a signature."""
    rows = db.execute(
        "SELECT s.id, a.uid FROM signatures s JOIN articles a ON a.id = s.article_id WHERE NOT EXISTS ("
        "SELECT 1 FROM revisions r WHERE r.article_id = a.id AND substr(r.text_sha256, 1, 16) = lower(hex(s.digest))) "
        "ORDER BY s.id"
    )
    for number, uid in rows:
        said = f"expected signature {number} to be of one of its texts, found it is of none"
        yield Fault("signature", f"article {uid}", said, REBUILD)
    yield from _unsigned(db)
    yield from _bands(db)


def _unsigned(db: Connection) -> Iterator[Fault]:
    """Give articles of some length without a signature of a text that they have shown.

    Of an archive from before there were signatures the next crawl makes them, in order, so that the newest is last;
    short texts of then have none.
    """
    db.execute("BEGIN")
    try:
        (upgraded,) = db.execute(UPGRADED).fetchone()
        signed = db.execute(
            "SELECT 1 FROM signatures WHERE article_id = (SELECT max(id) FROM articles WHERE words >= ?)", (SHORT,)
        ).fetchone()
        rows = db.execute(
            "SELECT a.uid, r.id, coalesce(r.text, t.text) FROM revisions r JOIN articles a ON a.id = r.article_id "
            f"JOIN article_text t ON t.article_id = a.id WHERE r.kind IN {BY_RULES} AND a.words >= {SHORT} "
            "AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.article_id = a.id "
            "AND lower(hex(s.digest)) = substr(r.text_sha256, 1, 16)) ORDER BY r.id"
        )
        for uid, number, text in rows:
            if len(syllables(text)) >= SHORT:
                said = f"expected a signature of the text of revision {number}, found none"
                remedy = REBUILD if signed else MADE_ANEW
                yield Fault("signature", f"article {uid}", said, remedy, harmless=bool(upgraded) and not signed)
    finally:
        db.execute("COMMIT")


def _bands(db: Connection) -> Iterator[Fault]:
    """Give bands of no signature, and signatures whose bands are more, fewer or others: by their number and sum."""
    rows = db.execute(
        "SELECT b.signature_id, b.bands, b.total, s.signature FROM (SELECT signature_id, count(*) AS bands, "
        "sum(key) AS total FROM bands GROUP BY signature_id) b LEFT JOIN signatures s ON s.id = b.signature_id "
        "WHERE s.id IS NULL OR s.algorithm = ?1 UNION ALL SELECT id, 0, 0, signature FROM signatures "
        "WHERE algorithm = ?1 AND id NOT IN (SELECT signature_id FROM bands)",
        (ALGORITHM,),
    )
    while group := rows.fetchmany(TOGETHER):
        whole = [signed for *_, signed in group if signed is not None and len(signed) == 2 * VALUES]
        sums = dict(zip(whole, bands_of(whole).sum(axis=1), strict=True))
        for number, bands, total, signed in group:
            if signed is None:
                said = f"expected signature {number} in signatures, found none and {bands} bands of it"
                yield Fault("signature", "bands", said, REBUILD)
            elif (bands, total) not in ((BANDS, sums.get(signed)), _counted(signed)):
                said = f"expected the bands of signature {number}, found {bands or 'none'} of it, or others"
                yield Fault("signature", "bands", said, REBUILD)


def _counted(signed: bytes) -> tuple[int, int]:
    """Return how many bands a signature has, and their sum; it is none that has another length."""
    keys = set(Marks(signed).keys) if len(signed) in (8, 2 * VALUES) else set[int]()
    return len(keys), sum(keys)


def copy_faults(db: Connection) -> Iterator[Fault]:
    """Give articles that printed a text of some length after another paper had, and that no copy links to it."""
    db.execute("BEGIN")
    try:
        shared = db.execute(
            f"SELECT text_sha256 FROM revisions WHERE kind IN {BY_RULES} GROUP BY text_sha256 "
            "HAVING count(DISTINCT article_id) > 1 ORDER BY 1"
        )
        for (digest,) in shared:
            for later, first in links(Database(db), digest):
                pair = (later.id, first.id)
                linked = db.execute(
                    "SELECT 1 FROM copies WHERE (article_id, first_id) IN ((?1, ?2), (?2, ?1))", pair
                ).fetchone()
                if linked is None:
                    said = f"expected it linked to {first.uid}, which printed its text first, found no copy"
                    yield Fault("story", f"article {later.uid}", said, REBUILD)
    finally:
        db.execute("COMMIT")
