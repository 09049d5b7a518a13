"""Links articles of several papers that printed one text, the earliest first, and joins them to a story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import moment
from pipelines.archive.revisions import TOLD
from pipelines.duplicates import Known, order
from pipelines.likeness import is_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

KNOWN = (
    "a.id, a.uid, a.paper, a.url_key, a.newsroom_id, {facts}, a.content_sha256, {text}, "
    "(SELECT json_group_array(paper || ' ' || url_key) FROM aliases WHERE article_id = a.id AND kind <> 'redirect')"
)
"""Columns that `known_article` takes, ``facts`` and ``text`` of the article as it is now or of a revision."""
NOW = KNOWN.format(facts="a.title, a.published, a.first_seen", text="a.text_sha256")
THEN = KNOWN.format(facts="r.title, json_extract(r.facts, '$.published'), r.seen_at", text="r.text_sha256")
STORY = f"""
WITH RECURSIVE story (id) AS (SELECT ?1 UNION SELECT c.first_id FROM copies c JOIN story s ON c.article_id = s.id
UNION SELECT c.article_id FROM copies c JOIN story s ON c.first_id = s.id)
SELECT {THEN}, a.story_id FROM articles a JOIN revisions r ON r.id =
  (SELECT id FROM revisions WHERE article_id = a.id AND {TOLD} ORDER BY seen_at LIMIT 1)
WHERE a.id IN (SELECT id FROM story)
"""
"""The articles that `copies` join to one, each as it was printed first, and the story it is said to be part of."""


def printings(db: Database, text_sha256: str) -> list[Known]:
    """Return the revisions of this text as articles: with the title and times of then."""
    rows = db.conn.execute(
        f"SELECT {THEN} FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.text_sha256 = ? AND r.{TOLD}",
        (text_sha256,),
    ).fetchall()
    return sorted((known_article(r) for r in rows), key=order)


def link_copies(db: Database, text_sha256: str) -> None:
    """Link every article of this text to the one that printed it first, when papers share it, and join their story.

    Looks at the whole group each time, and at all texts that its articles have shown, so that the outcome does not
    depend on who came in first. Short texts are left to `pipelines.archive.alike`, which asks for the same title, too.
    """
    group = {known.id for known in printings(db, text_sha256)}
    if not links(db, text_sha256):
        return
    marks = ",".join("?" * len(group))
    texts = db.conn.execute(
        f"SELECT DISTINCT text_sha256 FROM revisions WHERE article_id IN ({marks}) AND {TOLD}", [*group]
    )
    found: dict[frozenset[int], tuple[Known, Known]] = {}
    for (text,) in sorted(texts.fetchall()):
        for later, first in links(db, text):
            pair = frozenset((later.id, first.id))
            if pair <= group and (pair not in found or order(first) < order(found[pair][1])):
                found[pair] = (later, first)
    db.conn.execute(
        f"DELETE FROM copies WHERE kind = 'same-text' AND article_id IN ({marks}) AND first_id IN ({marks})",
        [*group, *group],
    )
    db.conn.executemany(
        "INSERT INTO copies (article_id, first_id, score, kind) VALUES (?, ?, 1.0, 'same-text') "
        "ON CONFLICT DO UPDATE SET score = 1.0, kind = 'same-text'",
        [(later.id, first.id) for later, first in found.values()],
    )
    tell_stories(db, group)


def links(db: Database, text_sha256: str) -> list[tuple[Known, Known]]:
    """Return the articles that printed a text after another paper had, each with the article that was first."""
    firsts: dict[int, Known] = {}
    for printing in printings(db, text_sha256):
        firsts.setdefault(printing.id, printing)
    if len(firsts) < 2 or is_short(text_of(db, text_sha256)):
        return []
    first, *others = firsts.values()
    return [(later, first) for later in others if later.paper != first.paper]


def text_of(db: Database, text_sha256: str) -> str:
    """Return the text of this digest that some article has shown, ``""`` if none has."""
    row = db.conn.execute(
        "SELECT coalesce(r.text, t.text) FROM revisions r LEFT JOIN article_text t ON t.article_id = r.article_id "
        "WHERE r.text_sha256 = ? LIMIT 1",
        (text_sha256,),
    ).fetchone()
    return str(row[0] or "")


def tell_stories(db: Database, ids: Iterable[int]) -> None:
    """Let the stories of these articles, and of all that were in one with them, be what `copies` join.

    One of a single article is none.
    """
    waiting, before, told = set(ids), set[int](), set[int]()
    while waiting:
        members = db.conn.execute(STORY, (min(waiting),)).fetchall()
        had = {row[-1] for row in members} - {None}
        for story in had - before:
            waiting |= {row[0] for row in db.conn.execute("SELECT id FROM articles WHERE story_id = ?", (story,))}
        waiting -= {row[0] for row in members}
        before |= had
        now = _put_story(db, members, had - told) if len(members) > 1 else None
        db.conn.executemany("UPDATE articles SET story_id = ? WHERE id = ?", [(now, row[0]) for row in members])
        if now is not None:
            told.add(now)
    db.conn.executemany("DELETE FROM stories WHERE id = ?", [(story,) for story in before - told])


def _put_story(db: Database, members: Sequence[tuple[Any, ...]], free: set[int]) -> int:
    """Write the story of these articles, in the row of one of ``free`` if there is any; return its number."""
    first = min(map(known_article, members), key=order)
    row = db.conn.execute(
        "INSERT INTO stories (id, first_uid, articles) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        "first_uid = excluded.first_uid, articles = excluded.articles RETURNING id",
        (min(free, default=None), first.uid, len(members)),
    ).fetchone()
    return int(row[0])


def known_article(r: tuple[Any, ...]) -> Known:
    """Make of a row of `KNOWN` what judging needs."""
    seen = moment(r[7])
    assert seen is not None
    return Known(r[0], r[1], r[2], r[3], r[4], r[5], r[6], seen, r[8], r[9], frozenset(json.loads(r[10])))
