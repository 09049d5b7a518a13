"""Joins what two archives took down: of each article the later decision stands, for both of them.

What one of them erased is erased, whatever was decided when. Before articles are brought, each of the two archives is
made to say what both say, so that neither brings what the other one took down.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.archive import stays, takedowns
from pipelines.archive.erasing import drop_captures
from pipelines.archive.takedowns import ERASED, Shown, held
from pipelines.archive.union.findings import TAKEDOWN, Row, insert, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

    from pipelines.archive.union.findings import Findings

Where = tuple[str, int, int, str]
"""A WARC record: file relative to WARC_DIR, offset and length in bytes, and its address."""
GONE = ("erasing", "erased")
HELD = """
SELECT id, uid, paper, url, visibility FROM articles WHERE id IN (SELECT id FROM articles WHERE uid = ?1
UNION SELECT a.id FROM takedown_marks m JOIN articles a ON a.uid = m.value WHERE m.uid = ?1 AND m.kind = 'uid'
UNION SELECT x.article_id FROM takedown_marks m JOIN aliases x ON x.url_key = m.value AND x.kind = 'uid'
  WHERE m.uid = ?1 AND m.kind = 'uid'
UNION SELECT a.id FROM takedown_marks m JOIN articles a ON a.paper = m.paper AND a.url_key = m.value
  WHERE m.uid = ?1 AND m.kind = 'url'
UNION SELECT x.article_id FROM takedown_marks m JOIN aliases x ON x.paper = m.paper AND x.url_key = m.value
  WHERE m.uid = ?1 AND m.kind = 'url' AND x.kind NOT IN ('uid', 'redirect')
UNION SELECT a.id FROM takedown_marks m JOIN revisions r ON r.text_sha256 = m.value
  JOIN articles a ON a.id = r.article_id AND a.paper = m.paper WHERE m.uid = ?1 AND m.kind = 'text') ORDER BY uid
"""


def erased(db: Database) -> list[str]:
    """Return the uids of the articles that were erased."""
    return [uid for (uid,) in db.conn.execute(f"SELECT uid FROM takedowns WHERE state IN {ERASED} ORDER BY uid")]


def still_held(db: Database, uid: str) -> list[Shown]:
    """Return the articles that an erased one is known by: by uid, address, or text of some length in its paper."""
    return [Shown(*row) for row in db.conn.execute(HELD, (uid,)).fetchall()]


def pending(db: Database) -> dict[str, list[Where]]:
    """Return the WARC records that are still to be replaced, by the uid of their erased article."""
    found = db.conn.execute("SELECT uid, records FROM takedowns WHERE records IS NOT NULL ORDER BY uid").fetchall()
    return {uid: [(str(f), int(at), int(size), str(url)) for f, at, size, url in json.loads(r)] for uid, r in found}


def share(db: Database, other: Database, findings: Findings) -> dict[str, Row]:
    """Let both ledgers say what either does, hide and show what was decided later, and return the rows by uid.

    Runs in the caller's transactions.
    """
    told = joined(db, other)
    decided = [uid for uid, row in told.items() if row["state"] not in GONE]
    hidden = {uid: [takedowns.is_hidden(archive, uid) for archive in (db, other)] for uid in decided}
    for uid in decided:
        _tell(db, other, told[uid], hidden[uid], findings)
        if any(hidden[uid]):
            told[uid] = told[uid].but(was=_was(db, other, uid))
    for number, archive in enumerate((db, other)):
        for row in told.values():
            put(archive, row)
        bring_marks(archive, (other, db)[number])
        for uid in decided:
            if told[uid]["state"] == "hidden":
                for article in held(archive, uid):
                    archive.conn.execute("UPDATE articles SET visibility = 'private' WHERE id = ?", (article.id,))
                takedowns.unname(archive, told[uid]["url"], held(archive, uid))
            elif hidden[uid][number]:
                takedowns.show(archive, uid, held(archive, uid))
    return told


def joined(db: Database, other: Database) -> dict[str, Row]:
    """Return the rows that both ledgers together have, by uid; the same whichever is named first."""
    sides = [{row["uid"]: row for row in rows(one, "takedowns")} for one in (db, other)]
    return {uid: _standing([side[uid] for side in sides if uid in side]) for uid in sorted({*sides[0], *sides[1]})}


def _standing(told: Sequence[Row]) -> Row:
    """Return what stands of an article: that it was erased, at first; else the later decision."""
    gone = [row for row in told if row["state"] in GONE]
    if not gone:
        return max(told, key=lambda row: (row["at"], row["state"] == "hidden", *map(str, row.values)))
    row = min(gone, key=lambda row: (row["at"], row["reason"], row["text_sha256"] or "", row["url"]))
    done = [one["erased_at"] for one in gone if one["erased_at"]]
    texts = [one["text_sha256"] for one in gone if one["text_sha256"]]
    text = row["text_sha256"] or min(texts, default=None)
    state = "erased" if done else "erasing"
    return row.but(state=state, records=None, erased_at=min(done, default=None), text_sha256=text)


def _tell(db: Database, other: Database, row: Row, hidden: Sequence[bool], findings: Findings) -> None:
    """Say where one archive shows what the later decision hides, or hides what it shows."""
    for archive, is_hidden, here, there in ((db, hidden[0], "here", "there"), (other, hidden[1], "there", "here")):
        if is_hidden and row["state"] == "undone":
            findings.differ(TAKEDOWN, row["uid"], f"hidden {here}, shown again {there} later; it is shown")
        elif not is_hidden and row["state"] == "hidden" and held(archive, row["uid"]):
            findings.differ(TAKEDOWN, row["uid"], f"hidden {there}, shown {here}; it is hidden")


def _was(db: Database, other: Database, uid: str) -> str:
    """Return how an article that is hidden in one of two archives is shown without that: private in one is private."""
    shown = set()
    for archive in (db, other):
        if takedowns.is_hidden(archive, uid):
            shown |= {was for (was,) in archive.conn.execute("SELECT was FROM takedowns WHERE uid = ?", (uid,))}
        else:
            shown |= {article.visibility for article in held(archive, uid)}
    return "private" if "private" in shown else "public"


def put(db: Database, row: Row) -> None:
    """Write a row of the ledger in the place of the one there is."""
    if next(rows(db, "takedowns", "uid = ?", (row["uid"],)), None) == row:
        return
    if not insert(db, "takedowns", row):
        updates = ", ".join(f"{name} = ?" for name in row.names)
        db.conn.execute(f"UPDATE takedowns SET {updates} WHERE uid = ?", (*row.values, row["uid"]))


def bring_marks(db: Database, other: Database) -> None:
    """Bring by what erased articles are known again, of two known by one thing the first uid has it; and what stays."""
    db.conn.executemany(
        "INSERT INTO takedown_marks (paper, kind, value, uid) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET uid = excluded.uid WHERE excluded.uid < uid",
        other.conn.execute("SELECT paper, kind, value, uid FROM takedown_marks").fetchall(),
    )
    stays.bring(db, other)


def bring_rows(db: Database, other: Database) -> None:
    """Bring what the other ledger says alone, by what an article is known: it may be held here, too."""
    for row in rows(other, "takedowns"):
        insert(db, "takedowns", row.but(records=None, erased_at=row["erased_at"] or row["at"]))
    bring_marks(db, other)


def settle(db: Database, other: Database, told: Mapping[str, Row], records: Mapping[str, Sequence[Where]]) -> None:
    """Write the ledger when both archives have erased what it says; ``records``: what is to be replaced here."""
    new = {uid: row.but(erased_at=row["at"]) for uid, row in joined(db, other).items() if uid not in told}
    for uid, row in (new | dict(told)).items():
        if uid in records:
            put(db, row.but(state="erasing", records=json.dumps(list(dict.fromkeys(records[uid])))))
        else:
            put(db, row.but(state="erased") if uid in new else row)
    bring_marks(db, other)
    # Of an article that was erased under another of its uids nothing more is said.
    db.conn.execute(
        f"DELETE FROM takedowns WHERE state NOT IN {ERASED} AND uid IN (SELECT value FROM takedown_marks "
        "WHERE kind = 'uid' AND uid <> value)"
    )


def withdraw_all(db: Database) -> None:
    """Let no address of an erased article be fetched, whatever the other archive's frontier said of it."""
    for uid in erased(db):
        takedowns.withdraw(db, uid)


def drop_at(db: Database, places: Iterable[tuple[str, int]]) -> None:
    """Delete the captures whose records stand at these files and offsets; pictures are not theirs any more."""
    for file, offset in places:
        for (number,) in db.conn.execute(
            "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?", (file, offset)
        ).fetchall():
            db.conn.execute(
                "UPDATE images SET capture_id = NULL, payload_digest = NULL, bytes = NULL WHERE capture_id = ?",
                (number,),
            )
            drop_captures(db, [number])


def shown_at(db: Database, file: str, offset: int) -> Shown | None:
    """Return the article that the capture whose record stands there shows."""
    row = db.conn.execute(
        "SELECT a.id, a.uid, a.paper, a.url, a.visibility FROM captures c JOIN articles a ON a.id = c.article_id "
        "WHERE c.warc_file = ? AND c.warc_offset = ?",
        (file, offset),
    ).fetchone()
    return Shown(*row) if row else None
