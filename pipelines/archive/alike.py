"""Links articles of several papers whose texts are near copies, whatever order they arrive in.

A pair of articles is linked when any text that one has shown is a copy of any that the other has shown
(`pipelines.likeness`). All pairs of an article are found again when its texts, or the times at which it
printed them, change: what is linked depends on what was printed, not on who came in first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from pipelines.archive.connection import transaction
from pipelines.archive.copies import THEN, known_article, link_copies, tell_stories
from pipelines.archive.revisions import TOLD
from pipelines.archive.signatures import candidates, digest_of, drop, put
from pipelines.duplicates import order
from pipelines.likeness import SHORT, SHORTEST, Compared, Marks, is_short, syllables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from pipelines.duplicates import Known

ready = lru_cache(maxsize=2048)(Compared)
"""Texts made ready, the last ones compared: bulletins of one form meet each other daily. A text takes some 13 KB."""
CLOSE = timedelta(days=3)
"""Two papers that print one text so close to each other have it from each other or from one agency."""


@dataclass(frozen=True, slots=True)
class Printing:
    """A text that an article has shown: the article as it was then, and the text."""

    known: Known
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two printings of one text: which, how like they are (resemblance, 0 to 1), and what that is called."""

    mine: Printing
    theirs: Printing
    score: float
    kind: str


def printed(db: Database, article_id: int) -> list[tuple[str, str, str | None]]:
    """Return what decides an article's links: its texts' digests, and when each was seen and said to be printed."""
    return db.conn.execute(
        "SELECT text_sha256, seen_at, json_extract(facts, '$.published') FROM revisions WHERE article_id = ? "
        f"AND {TOLD} ORDER BY seen_at",
        (article_id,),
    ).fetchall()


def link_alike(db: Database, article_id: int, signed: Mapping[str, bytes] | None = None) -> bool:
    """Find all pairs of an article again and write them; return whether there are any.

    Runs in the caller's transaction. ``signed`` holds signatures made already, by the text's digest.
    """
    where = "WHERE kind IN ('near-text', 'same-words') AND (article_id = :id OR first_id = :id)"
    rows = db.conn.execute(f"SELECT article_id, first_id FROM copies {where}", {"id": article_id}).fetchall()
    were = {other for row in rows for other in row}
    db.conn.execute(
        "DELETE FROM copies WHERE (article_id = :id OR first_id = :id) AND kind IN ('near-text', 'same-words')",
        {"id": article_id},
    )
    pairs: dict[int, list[Pair]] = {}
    for printing in _printings(db, article_id):
        for pair in _pairs(db, printing, (signed or {}).get(printing.known.text_sha256)):
            pairs.setdefault(pair.theirs.known.id, []).append(pair)
    for other in [other for other in pairs if _share_text(db, article_id, other)]:
        del pairs[other]
    for found in pairs.values():
        _put_pair(db, found)
    if pairs or were:
        tell_stories(db, {article_id, *were, *pairs})
    return bool(pairs)


def link_again(db: Database, article_id: int, digests: set[str]) -> None:
    """Find the copies of an article anew whose texts are others; ``digests`` are those of before."""
    rows = db.conn.execute(
        "SELECT article_id, first_id FROM copies WHERE article_id = ?1 OR first_id = ?1", (article_id,)
    ).fetchall()
    db.conn.execute("DELETE FROM copies WHERE (article_id = ?1 OR first_id = ?1) AND kind = 'same-text'", (article_id,))
    for digest in sorted(digests | {digest for digest, _, _ in printed(db, article_id)}):
        link_copies(db, digest)
    drop(db, article_id)
    link_alike(db, article_id)
    tell_stories(db, {article_id, *(number for row in rows for number in row)})


def sign_all(db: Database) -> None:
    """Mark and link what an archive held before it had signatures; takes its own transactions.

    The last article is signed last, so that one look tells whether there is anything to do.
    """
    last = "SELECT max(id) FROM articles WHERE words >= ?"
    unsigned = (
        "SELECT id FROM articles a WHERE words >= ? AND NOT EXISTS "
        "(SELECT 1 FROM signatures s WHERE s.article_id = a.id) ORDER BY id LIMIT 100"
    )
    (newest,) = db.conn.execute(last, (SHORT,)).fetchone()
    if db.conn.execute("SELECT 1 FROM signatures WHERE article_id = ?", (newest,)).fetchone() or newest is None:
        return
    while ids := [row[0] for row in db.conn.execute(unsigned, (SHORT,)).fetchall()]:
        with transaction(db):
            for article_id in ids:
                link_alike(db, article_id)


def _share_text(db: Database, one: int, other: int) -> bool:
    """Return whether two articles have shown one and the same text of some length: `link_copies` links those."""
    rows = db.conn.execute(
        "SELECT coalesce(r.text, t.text) FROM revisions r LEFT JOIN article_text t ON t.article_id = r.article_id "
        f"WHERE r.article_id = ?1 AND r.{TOLD} AND r.text_sha256 IN "
        f"(SELECT text_sha256 FROM revisions WHERE article_id = ?2 AND {TOLD})",
        (one, other),
    ).fetchall()
    return any(not is_short(row[0] or "") for row in rows)


def _put_pair(db: Database, found: Sequence[Pair]) -> None:
    """Write two articles' best pair; the one that was printed later is the copy."""
    best = max(found, key=lambda p: (p.score, p.kind))
    ours = min((p.mine.known for p in found), key=order)
    theirs = min((p.theirs.known for p in found), key=order)
    first, later = (ours, theirs) if order(ours) < order(theirs) else (theirs, ours)
    db.conn.execute(
        "INSERT INTO copies (article_id, first_id, score, kind) VALUES (?, ?, ?, ?)",
        (later.id, first.id, round(best.score, 4), best.kind),
    )


def _pairs(db: Database, mine: Printing, signature: bytes | None) -> list[Pair]:
    """Return the printings of other papers that are copies of one, or it of them; its marks are kept, too."""
    marks = Marks(signature) if signature else Marks.of(mine.known.title, mine.text)
    if marks.is_short and len(syllables(mine.text)) < SHORTEST:
        return []
    others = [c for c in candidates(db, marks) if c.article_id != mine.known.id]
    put(db, mine.known.id, digest_of(mine.known.text_sha256), marks)
    alike = [theirs for c in others for theirs in _printings(db, c.article_id, c.digest)]
    alike = [theirs for theirs in alike if theirs.known.paper != mine.known.paper]
    if marks.is_short:
        return [Pair(mine, theirs, 1.0, "same-words") for theirs in alike]
    return [pair for theirs in alike if (pair := _judged(mine, theirs))]


def _judged(mine: Printing, theirs: Printing) -> Pair | None:
    told = ready(mine.text).likeness(ready(theirs.text))
    close = abs(order(mine.known)[0] - order(theirs.known)[0]) <= CLOSE
    return Pair(mine, theirs, told.resemblance, "near-text") if told.is_copy(close=close) else None


def _printings(db: Database, article_id: int, digest: bytes | None = None) -> list[Printing]:
    """Return the texts that an article has shown, each as first printed; of one digest alone if that is given."""
    rows = db.conn.execute(
        f"SELECT {THEN}, coalesce(r.text, t.text) FROM revisions r JOIN articles a ON a.id = r.article_id "
        "LEFT JOIN article_text t ON t.article_id = a.id "
        f"WHERE r.article_id = ?1 AND r.{TOLD} AND (?2 IS NULL OR substr(r.text_sha256, 1, 16) = ?2) "
        "ORDER BY r.seen_at",
        (article_id, digest.hex() if digest else None),
    ).fetchall()
    firsts: dict[str, Printing] = {}
    for row in rows:
        known = known_article(row[:-1])
        firsts.setdefault(known.text_sha256, Printing(known, row[-1] or ""))
    return list(firsts.values())
