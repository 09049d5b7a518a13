"""Joins two articles that proved to be one: the earlier stays, the other keeps resolving, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive import signatures
from pipelines.archive.addresses import add_other, own_place
from pipelines.archive.alike import link_alike
from pipelines.archive.copies import link_copies, tell_stories
from pipelines.archive.histories import states, tell
from pipelines.archive.revisions import free_moment
from pipelines.archive.vanished import set_gone

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.archive.addresses import Place
    from pipelines.archive.histories import State

PARTS = ("revisions", "article_text", "authors", "tags", "images")
"""Tables of an article's own rows; its history is written anew, the rest is the newest capture's."""


def merge(db: Database, one: int, other: int, kind: str) -> int:
    """Join two articles and return the row id of the one that stays; runs in the caller's transaction.

    Of two papers the closed one's stays, of one paper the one that was seen first. ``kind`` is what the
    address of the other is called, unless there is a better name for it.
    """
    if one == other:
        return one
    first, second = own_place(db, one), own_place(db, other)
    if _comes_after(db, first, second):
        one, other, first, second = other, one, second, first
    shown = [*states(db, one), *states(db, other)]
    newest = max(shown, key=lambda s: (s.seen_at, s.capture_id))
    _move_small_facts(db, one, other, newest)
    told = _move_links(db, one, other)
    _move_others(db, one, other)
    for table in PARTS:
        db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (other,))
    db.conn.execute("DELETE FROM articles WHERE id = ?", (other,))
    add_other(db, one, first, second, kind)
    tell(db, one, shown)
    set_gone(db, one)
    for digest in sorted({s.text_sha256 for s in shown}):
        link_copies(db, digest)
    link_alike(db, one)
    tell_stories(db, told)
    return one


def _comes_after(db: Database, one: Place, other: Place) -> bool:
    if one.paper == other.paper:
        return other.order < one.order
    row = db.conn.execute(
        "WITH RECURSIVE line (name) AS (SELECT ?1 UNION SELECT p.successor FROM papers p JOIN line l "
        "ON p.name = l.name WHERE p.successor IS NOT NULL) SELECT 1 FROM line WHERE name = ?2",
        (other.paper, one.paper),
    ).fetchone()
    return row is not None


def _move_small_facts(db: Database, one: int, other: int, newest: State) -> None:
    """Give ``one`` the times of both, and tags, images and the like from the newest capture."""
    db.conn.execute(
        "UPDATE articles SET first_seen = min(articles.first_seen, o.first_seen), "
        "last_seen = max(articles.last_seen, o.last_seen), "
        "visibility = iif('private' IN (articles.visibility, o.visibility), 'private', 'public') "
        "FROM articles o WHERE articles.id = ? AND o.id = ?",
        (one, other),
    )
    (owner,) = db.conn.execute("SELECT article_id FROM captures WHERE id = ?", (newest.capture_id,)).fetchone()
    if owner == one:
        return
    db.conn.execute(
        "UPDATE articles SET modified = o.modified, provenance = o.provenance FROM articles o "
        "WHERE articles.id = ? AND o.id = ?",
        (one, other),
    )
    for table in ("tags", "images"):
        db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (one,))
        db.conn.execute(f"UPDATE {table} SET article_id = ? WHERE article_id = ?", (one, other))


def _move_others(db: Database, one: int, other: int) -> None:
    """Let the old readings of ``other`` be those of ``one``; its corrections are told again from their own table."""
    (text,) = db.conn.execute("SELECT text FROM article_text WHERE article_id = ?", (other,)).fetchone()
    rows = db.conn.execute(
        "SELECT id, seen_at FROM revisions WHERE article_id = ? AND kind = 'extraction' ORDER BY seen_at", (other,)
    ).fetchall()
    for revision_id, at in rows:
        db.conn.execute(
            "UPDATE revisions SET article_id = ?, seen_at = ?, text = coalesce(text, ?) WHERE id = ?",
            (one, free_moment(db, one, at), text, revision_id),
        )


def _move_links(db: Database, one: int, other: int) -> list[int]:
    """Let captures, aliases and copies of ``other`` be those of ``one``; return the articles of their stories."""
    for table in ("captures", "aliases"):
        db.conn.execute(f"UPDATE {table} SET article_id = ? WHERE article_id = ?", (one, other))
    db.conn.execute(
        "DELETE FROM copies WHERE kind = 'same-text' AND (article_id IN (?1, ?2) OR first_id IN (?1, ?2))", (one, other)
    )
    signatures.give(db, other, one)
    for column in ("article_id", "first_id"):
        db.conn.execute(f"UPDATE OR IGNORE copies SET {column} = ? WHERE {column} = ?", (one, other))
        db.conn.execute(f"DELETE FROM copies WHERE {column} = ? OR article_id = first_id", (other,))
    rows = db.conn.execute(
        "SELECT id FROM articles WHERE story_id IN (SELECT story_id FROM articles WHERE id IN (?1, ?2)) AND id <> ?2",
        (one, other),
    )
    return [one, *(row[0] for row in rows.fetchall())]
