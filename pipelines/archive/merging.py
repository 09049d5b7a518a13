"""Joins two articles that proved to be one: the earlier stays, the other keeps resolving, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

PARTS = ("revisions", "article_text", "authors", "tags", "images")
"""Tables of an article's own rows; its history is written anew, the rest is the newest capture's."""

SMALL = ("tags", "images")
"""Those of them that make no version."""


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
    own, others = states(db, one), states(db, other)
    shown = [*own, *others]
    small = _small_facts(db, one, other)
    told = _move_links(db, one, other)
    _move_others(db, one, other)
    for table in PARTS:
        db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (other,))
    db.conn.execute("DELETE FROM articles WHERE id = ?", (other,))
    add_other(db, one, first, second, kind)
    if tell(db, one, shown) in {s.capture_id for s in others}:
        _take_small_facts(db, one, small)
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


def _small_facts(db: Database, one: int, other: int) -> dict[str, list[dict[str, Any]]]:
    """Give ``one`` the times of both; return what ``other`` says of time of change, tags, images and the like."""
    db.conn.execute(
        "UPDATE articles SET first_seen = min(articles.first_seen, o.first_seen), "
        "last_seen = max(articles.last_seen, o.last_seen), "
        "visibility = iif('private' IN (articles.visibility, o.visibility), 'private', 'public') "
        "FROM articles o WHERE articles.id = ? AND o.id = ?",
        (one, other),
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for table, key, columns in (("articles", "id", "modified, provenance"), *((t, "article_id", "*") for t in SMALL)):
        cursor = db.conn.execute(f"SELECT {columns} FROM {table} WHERE {key} = ? ORDER BY rowid", (other,))
        names = [column[0] for column in cursor.description]
        found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def _take_small_facts(db: Database, one: int, small: dict[str, list[dict[str, Any]]]) -> None:
    """Let ``one`` say what the other one did, whose capture is the newest that counts."""
    (own,) = small["articles"]
    db.conn.execute(
        "UPDATE articles SET modified = ?, provenance = ? WHERE id = ?", (own["modified"], own["provenance"], one)
    )
    for table in SMALL:
        db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (one,))
        for row in small[table]:
            values = row | {"article_id": one}
            marks = ", ".join("?" * len(values))
            db.conn.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()])


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
        db.conn.execute(
            f"DELETE FROM copies WHERE {column} IN (?1, ?2) AND ({column} = ?2 OR article_id = first_id)", (one, other)
        )
    rows = db.conn.execute(
        "SELECT id FROM articles WHERE story_id IN (SELECT story_id FROM articles WHERE id IN (?1, ?2)) AND id <> ?2",
        (one, other),
    )
    return [one, *(row[0] for row in rows.fetchall())]
