"""Links articles of several papers that printed one text, the earliest first, and joins them to a story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import moment
from pipelines.duplicates import Known, order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

KNOWN = (
    "a.id, a.uid, a.paper, a.url_key, a.newsroom_id, {facts}, a.content_sha256, {text}, "
    "(SELECT json_group_array(paper || ' ' || url_key) FROM aliases WHERE article_id = a.id AND kind <> 'redirect')"
)
"""Columns that `known_article` takes, ``facts`` and ``text`` of the article as it is now or of a revision."""
NOW = KNOWN.format(facts="a.title, a.published, a.first_seen", text="a.text_sha256")
THEN = KNOWN.format(facts="r.title, json_extract(r.facts, '$.published'), r.seen_at", text="r.text_sha256")


def sharing_text(db: Database, text_sha256: str) -> list[Known]:
    """Return the articles that printed this text in any revision, earliest first."""
    rows = db.conn.execute(
        f"SELECT {NOW} FROM articles a WHERE a.id IN (SELECT article_id FROM revisions WHERE text_sha256 = ?1)",
        (text_sha256,),
    ).fetchall()
    return sorted((known_article(r) for r in rows), key=order)


def printings(db: Database, text_sha256: str) -> list[Known]:
    """Return the revisions of this text as articles: with the title and times of then."""
    rows = db.conn.execute(
        f"SELECT {THEN} FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.text_sha256 = ?", (text_sha256,)
    ).fetchall()
    return sorted((known_article(r) for r in rows), key=order)


def link_copies(db: Database, text_sha256: str) -> None:
    """Link every article of this text to the earliest, when papers share it, and join their story.

    Looks at the whole group each time, so that the outcome does not depend on who came in first.
    """
    group = sharing_text(db, text_sha256)
    first, later = group[0], [k for k in group[1:] if k.paper != group[0].paper]
    if not later:
        return
    marks = ",".join("?" * len(group))
    ids = [k.id for k in group]
    db.conn.execute(
        f"DELETE FROM copies WHERE kind = 'same-text' AND article_id IN ({marks}) AND first_id IN ({marks})", ids * 2
    )
    db.conn.executemany(
        "INSERT OR IGNORE INTO copies (article_id, first_id, score, kind) VALUES (?, ?, 1.0, 'same-text')",
        [(k.id, first.id) for k in later],
    )
    _join_story(db, first, [first.id, *(k.id for k in later)])


def _join_story(db: Database, first: Known, ids: Sequence[int]) -> None:
    marks = ",".join("?" * len(ids))
    stories = [
        r[0]
        for r in db.conn.execute(
            f"SELECT DISTINCT story_id FROM articles WHERE id IN ({marks}) AND story_id IS NOT NULL ORDER BY 1", ids
        )
    ]
    if not stories:
        stories = [db.conn.execute("INSERT INTO stories (first_uid) VALUES (?)", (first.uid,)).lastrowid]
    story = stories[0]
    db.conn.execute(f"UPDATE articles SET story_id = ? WHERE id IN ({marks})", (story, *ids))
    for other in stories[1:]:
        db.conn.execute("UPDATE articles SET story_id = ? WHERE story_id = ?", (story, other))
        db.conn.execute("DELETE FROM stories WHERE id = ?", (other,))
    recount(db, story)


def recount(db: Database, story: int) -> None:
    """Say of a story how many articles it has and which is the earliest; one of a single article is none."""
    members = db.conn.execute(f"SELECT {NOW} FROM articles a WHERE a.story_id = ?", (story,)).fetchall()
    if len(members) > 1:
        earliest = min((known_article(r) for r in members), key=order)
        db.conn.execute(
            "UPDATE stories SET first_uid = ?, articles = ? WHERE id = ?", (earliest.uid, len(members), story)
        )
        return
    db.conn.execute("UPDATE articles SET story_id = NULL WHERE story_id = ?", (story,))
    db.conn.execute("DELETE FROM stories WHERE id = ?", (story,))


def known_article(r: tuple[Any, ...]) -> Known:
    """Make of a row of `KNOWN` what judging needs."""
    seen = moment(r[7])
    assert seen is not None
    return Known(r[0], r[1], r[2], r[3], r[4], r[5], r[6], seen, r[8], r[9], frozenset(json.loads(r[10])))
