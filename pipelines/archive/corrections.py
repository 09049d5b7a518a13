"""The rows of a curator's corrections, and what an article shows by them.

The corrections are what is kept; the revisions of kind ``correction`` and the article's columns are told from
them and from the versions, again whenever either changes. Title, lead and text that the captures show stay in
the versions, and ``articles.content_sha256`` is theirs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import transaction
from pipelines.archive.revisions import TOLD, free_moment, put_authors
from pipelines.corrections import FIELDS, Correction, Shown, standing, values_at
from pipelines.text import content_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

COLUMNS = "uid, field, value, reason, made_by, made_at"
OF_ARTICLE = (
    f"SELECT {COLUMNS} FROM corrections WHERE uid IN (SELECT uid FROM articles WHERE id = ?1 UNION ALL "
    "SELECT url_key FROM aliases WHERE article_id = ?1 AND kind = 'uid') ORDER BY made_at, field"
)
BY_UID = (
    "SELECT id, uid, url FROM articles WHERE uid = ?1 UNION ALL SELECT a.id, a.uid, a.url FROM aliases x "
    "JOIN articles a ON a.id = x.article_id WHERE x.kind = 'uid' AND x.url_key = ?1 LIMIT 1"
)


def article_of(db: Database, uid: str) -> tuple[int, str, str] | None:
    """Return row id, uid and address of the article that has this uid, or had it before it was joined; None if none."""
    row = db.conn.execute(BY_UID, (uid,)).fetchone()
    return (int(row[0]), str(row[1]), str(row[2])) if row else None


def shown(db: Database, article_id: int, field: str) -> str | None:
    """Return what an article shows in one of `FIELDS`."""
    column = FIELDS[FIELDS.index(field)]
    (value,) = db.conn.execute(f"SELECT {column} FROM articles WHERE id = ?", (article_id,)).fetchone()
    return value and str(value)


def put(db: Database, corrections: Iterable[Correction]) -> int:
    """Keep corrections, each once, and let their articles show them; return how many are new.

    One whose article is not held yet is kept for it. Takes its own transaction.
    """
    new = 0
    with transaction(db):
        for one in corrections:
            values = (one.uid, one.field, one.value, one.reason, one.made_by, one.made_at)
            made = db.conn.execute(
                f"INSERT INTO corrections ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values
            )
            new += made.rowcount
            article = article_of(db, one.uid) if made.rowcount else None
            if article:
                overlay(db, article[0])
    return new


def overlay(db: Database, article_id: int) -> None:
    """Let an article show its versions with the corrections that stand; runs in the caller's transaction."""
    rows, told, made = told_of(db, article_id)
    if not made:
        return
    db.conn.execute("DELETE FROM revisions WHERE article_id = ? AND kind = 'correction'", (article_id,))
    for one, values in standing(told, made):
        _insert(db, article_id, next((r for r in reversed(rows) if r[0] <= one.made_at), rows[0]), one, values)
    _show(db, article_id, values_at(told, made))


def told_of(db: Database, article_id: int) -> tuple[list[tuple[Any, ...]], list[Shown], list[Correction]]:
    """Return an article's versions that captures show, as rows and as what they show, and its corrections.

    No versions are read of one that was never corrected.
    """
    made = [Correction(*row) for row in db.conn.execute(OF_ARTICLE, (article_id,)).fetchall()]
    if not made:
        return [], [], []
    rows = db.conn.execute(
        "SELECT r.seen_at, r.title, r.lead, r.facts, r.capture_id, coalesce(r.text, t.text), r.text_sha256 "
        "FROM revisions r JOIN article_text t ON t.article_id = r.article_id "
        f"WHERE r.article_id = ? AND r.{TOLD} ORDER BY r.seen_at",
        (article_id,),
    ).fetchall()
    return rows, [Shown(r[0], json.loads(r[3]) | {"title": r[1], "lead": r[2]}) for r in rows], made


def _insert(db: Database, article_id: int, row: Sequence[Any], one: Correction, values: dict[str, str | None]) -> None:
    """Write the revision that a correction makes of the version in force."""
    facts = {name: value for name, value in values.items() if name not in ("title", "lead")}
    facts["published_precision"] = precision(values["published"])
    _, _, _, _, capture_id, text, text_sha256 = row
    db.conn.execute(
        "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, lead, text, "
        "facts) VALUES (?, 'correction', ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id,
            free_moment(db, article_id, one.made_at),
            capture_id,
            content_digest(values["title"], values["lead"], text),
            text_sha256,
            values["title"],
            values["lead"],
            text,
            json.dumps(facts, ensure_ascii=False),
        ),
    )


def _show(db: Database, article_id: int, values: dict[str, str | None]) -> None:
    published = values["published"]
    db.conn.execute(
        f"UPDATE articles SET {', '.join(f'{name} = ?' for name in FIELDS)}, published_date = ?, "
        "published_precision = ? WHERE id = ?",
        (*(values[name] for name in FIELDS), published and published[:10], precision(published), article_id),
    )
    put_authors(db, article_id, values["author"])


def precision(published: str | None) -> str | None:
    """Return how exactly a time of publication is known: ``day`` or ``minute``."""
    return None if published is None else "day" if len(published) == len("2025-03-30") else "minute"
