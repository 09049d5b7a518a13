"""Links articles of several papers whose texts are near copies, whatever order they arrive in.

A pair of articles is linked when any text that one has shown is a copy of any that the other has shown
(`pipelines.likeness`). All pairs of an article are found again when its texts, or the times at which it
printed them, change: what is linked depends on what was printed, not on who came in first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.archive.copies import THEN, known_article, tell_stories
from pipelines.archive.signatures import candidates, digest_of, put
from pipelines.duplicates import SHORTEST_COPY, order
from pipelines.likeness import SHORT, Compared, Marks, syllables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from pipelines.duplicates import Known

CLOSE = timedelta(days=3)
"""Two papers that print one text so close to each other have it from each other or from one agency."""
KINDS = ("near-text", "same-words")
"""What `copies` calls the pairs found here: near copies, and short texts of the same folded words and title."""


@dataclass(frozen=True, slots=True)
class Printing:
    """A text that an article has shown: the article as it was then, and the text."""

    known: Known
    title: str
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
        "ORDER BY seen_at",
        (article_id,),
    ).fetchall()


def link_alike(db: Database, article_id: int, marks: Mapping[str, bytes] | None = None) -> None:
    """Find all pairs of an article again and write them; runs in the caller's transaction.

    ``marks`` holds signatures made already, by the text's digest.
    """
    were = {row[0] for row in db.conn.execute(f"SELECT first_id FROM copies {_OF}", {"id": article_id})} | {
        row[0] for row in db.conn.execute(f"SELECT article_id FROM copies {_OF}", {"id": article_id})
    }
    db.conn.execute(f"DELETE FROM copies {_OF}", {"id": article_id})
    pairs: dict[int, list[Pair]] = {}
    for printing in _printings(db, article_id):
        for pair in _pairs(db, printing, (marks or {}).get(printing.known.text_sha256)):
            pairs.setdefault(pair.theirs.known.id, []).append(pair)
    for found in pairs.values():
        _put_pair(db, found)
    if pairs or were:
        tell_stories(db, {article_id, *were, *pairs})


_OF = "WHERE kind IN ('near-text', 'same-words') AND (article_id = :id OR first_id = :id)"


def _put_pair(db: Database, found: Sequence[Pair]) -> None:
    """Write two articles' best pair: the later printed is the copy. A pair of the same text is known already."""
    best = max(found, key=lambda p: p.score)
    ours = min((p.mine.known for p in found), key=order)
    theirs = min((p.theirs.known for p in found), key=order)
    first, later = (ours, theirs) if order(ours) < order(theirs) else (theirs, ours)
    db.conn.execute(
        "INSERT INTO copies (article_id, first_id, score, kind) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS "
        "(SELECT 1 FROM copies WHERE (article_id, first_id) IN ((?1, ?2), (?2, ?1)))",
        (later.id, first.id, round(best.score, 4), best.kind),
    )


def _pairs(db: Database, mine: Printing, signature: bytes | None) -> list[Pair]:
    """Return the printings of other papers that are copies of one, or it of them; its marks are kept, too."""
    marks = Marks(signature) if signature else Marks.of(mine.title, mine.text)
    put(db, mine.known.id, digest_of(mine.known.text_sha256), marks)
    if marks.is_short and len(syllables(mine.text)) < SHORTEST_COPY:
        return []
    ready: Compared | None = None
    found = []
    for candidate in candidates(db, marks):
        if candidate.article_id == mine.known.id:
            continue
        for theirs in _printings(db, candidate.article_id, candidate.digest):
            if theirs.known.paper == mine.known.paper or theirs.known.text_sha256 == mine.known.text_sha256:
                continue
            if marks.is_short:
                found.append(Pair(mine, theirs, 1.0, "same-words"))
                continue
            ready = ready or Compared(mine.text)
            told = ready.likeness(Compared(theirs.text))
            if told.is_copy(close=abs(order(mine.known)[0] - order(theirs.known)[0]) <= CLOSE):
                found.append(Pair(mine, theirs, told.resemblance, "near-text"))
    return found


def _printings(db: Database, article_id: int, digest: bytes | None = None) -> list[Printing]:
    """Return the texts that an article has shown, each as first printed; of one digest alone if that is given."""
    rows = db.conn.execute(
        f"SELECT {THEN}, coalesce(r.text, t.text) FROM revisions r JOIN articles a ON a.id = r.article_id "
        "LEFT JOIN article_text t ON t.article_id = a.id "
        "WHERE r.article_id = ?1 AND (?2 IS NULL OR substr(r.text_sha256, 1, 16) = ?2) ORDER BY r.seen_at",
        (article_id, digest.hex() if digest else None),
    ).fetchall()
    firsts: dict[str, Printing] = {}
    for row in rows:
        known = known_article(row[:-1])
        firsts.setdefault(known.text_sha256, Printing(known, known.title, row[-1] or ""))
    return list(firsts.values())
