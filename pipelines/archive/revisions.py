"""Keeps an article's versions in order of time, whatever order its captures arrive in.

The revisions of an article are its captures in order of time with equal neighbours joined; each is
kept with the first capture that shows it. The newest one is what the article shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import moment, stamp
from pipelines.archive.images import put_images
from pipelines.archive.takedowns import asks_not_to_be_shown

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.items import Article, Reading

FACTS = ("author", "source", "byline_printed", "section", "published", "published_precision", "language")
"""What makes a revision of kind ``meta`` when it changes and title, lead and text do not."""

TOLD = "kind IN ('first', 'edit', 'meta')"
"""SQL: the revisions that are told from the captures; the others are old readings, and what a curator did."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one capture shows of an article."""

    reading: Reading
    seen_at: datetime
    capture_id: int
    content_sha256: str
    text_sha256: str
    words: int
    facts: str
    furniture: int

    @classmethod
    def of(cls, article: Article, capture_id: int, seen_at: datetime) -> Version:
        """Make the version that the capture of ``article`` shows."""
        reading = article.reading
        facts = json.dumps({name: getattr(reading, name) for name in FACTS}, ensure_ascii=False)
        digests = (article.content_sha256, article.text_sha256)
        return cls(reading, seen_at, capture_id, *digests, article.words, facts, article.furniture)

    @property
    def state(self) -> tuple[str, str]:
        """What is compared: equal states are one revision."""
        return (self.content_sha256, self.facts)


def add_version(db: Database, article_id: int, version: Version, extractor: str) -> bool:
    """Put ``version`` where its time says; return whether title, lead or text differ from the one before it.

    Runs in the caller's transaction.
    """
    version = _at_free_moment(db, article_id, version)
    at = stamp(version.seen_at)
    make_room(db, article_id, at)
    before = _neighbour(db, article_id, "seen_at <= ? ORDER BY seen_at DESC", at)
    after = _neighbour(db, article_id, "seen_at > ? ORDER BY seen_at", at)
    if before and before["state"] == version.state:
        put_small_facts(db, article_id, version, newest=after is None and _is_latest(db, article_id, version))
        return False
    resumed = _capture_between(db, article_id, at, after["seen_at"] if after else None)
    if before and resumed:
        make_room(db, article_id, resumed[1])
        _insert_copy(db, before, *resumed)
    if after and not resumed and after["state"] == version.state:
        db.conn.execute(
            "UPDATE revisions SET seen_at = ?, capture_id = ? WHERE id = ?", (at, version.capture_id, after["id"])
        )
    else:
        _insert(db, article_id, version)
    if after is None and not resumed:
        _show(db, article_id, version, extractor)
    name_kinds(db, article_id)
    return before is not None and before["state"][0] != version.content_sha256


def _at_free_moment(db: Database, article_id: int, version: Version) -> Version:
    """Move a version by microseconds from another of the same moment (files of others have seconds alone)."""
    while True:
        taken = db.conn.execute(
            f"SELECT content_sha256, facts FROM revisions WHERE article_id = ? AND seen_at = ? AND {TOLD}",
            (article_id, stamp(version.seen_at)),
        ).fetchone()
        if taken is None or tuple(taken) == version.state:
            return version
        version = replace(version, seen_at=version.seen_at + timedelta(microseconds=1))


def make_room(db: Database, article_id: int, at: str) -> None:
    """Move what is no version of the captures' by microseconds from a moment that one of those is to have."""
    row = db.conn.execute(
        f"SELECT id FROM revisions WHERE article_id = ? AND seen_at = ? AND NOT {TOLD}", (article_id, at)
    ).fetchone()
    if row:
        db.conn.execute("UPDATE revisions SET seen_at = ? WHERE id = ?", (free_moment(db, article_id, at), row[0]))


def free_moment(db: Database, article_id: int, at: str) -> str:
    """Return ``at``, or the first microsecond after it at which the article has no revision."""
    taken = "SELECT 1 FROM revisions WHERE article_id = ? AND seen_at = ?"
    while db.conn.execute(taken, (article_id, at)).fetchone():
        moved = moment(at)
        assert moved is not None
        at = stamp(moved + timedelta(microseconds=1))
    return at


def _neighbour(db: Database, article_id: int, where: str, at: str) -> dict[str, Any] | None:
    row = db.conn.execute(
        "SELECT id, article_id, seen_at, capture_id, content_sha256, facts, text_sha256, title, lead, text "
        f"FROM revisions WHERE article_id = ? AND {TOLD} AND {where} LIMIT 1",
        (article_id, at),
    ).fetchone()
    if row is None:
        return None
    names = (
        "id",
        "article_id",
        "seen_at",
        "capture_id",
        "content_sha256",
        "facts",
        "text_sha256",
        "title",
        "lead",
        "text",
    )
    found = dict(zip(names, row, strict=True))
    return found | {"state": (found["content_sha256"], found["facts"])}


def _capture_between(db: Database, article_id: int, at: str, until: str | None) -> tuple[int, str] | None:
    """Return the first later capture that still showed the version before (an old capture came in late)."""
    row = db.conn.execute(
        "SELECT id, fetched_at FROM captures WHERE article_id = ?1 AND fetched_at > ?2 AND content_sha256 IS NOT NULL "
        "AND outcome <> 'refused' AND (?3 IS NULL OR fetched_at < ?3) ORDER BY fetched_at LIMIT 1",
        (article_id, at, until),
    ).fetchone()
    return (row[0], row[1]) if row else None


def _insert(db: Database, article_id: int, version: Version) -> None:
    reading = version.reading
    db.conn.execute(
        "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, lead, text, "
        "facts) SELECT ?1, 'edit', ?2, ?3, ?4, ?5, ?6, ?7, "
        "CASE WHEN ?4 = (SELECT content_sha256 FROM articles WHERE id = ?1) THEN NULL ELSE ?8 END, ?9",
        (
            article_id,
            stamp(version.seen_at),
            version.capture_id,
            version.content_sha256,
            version.text_sha256,
            reading.title,
            reading.lead,
            reading.text or "",
            version.facts,
        ),
    )


def _insert_copy(db: Database, revision: dict[str, Any], capture_id: int, seen_at: str) -> None:
    db.conn.execute(
        "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, lead, text, "
        "facts) VALUES (?, 'edit', ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            revision["article_id"],
            seen_at,
            capture_id,
            revision["content_sha256"],
            revision["text_sha256"],
            revision["title"],
            revision["lead"],
            revision["text"],
            revision["facts"],
        ),
    )


def _show(db: Database, article_id: int, version: Version, extractor: str) -> None:
    """Make the newest version what the article shows; the text it showed goes to its revisions."""
    conn, reading = db.conn, version.reading
    old = conn.execute(
        "SELECT a.content_sha256, t.text FROM articles a LEFT JOIN article_text t ON t.article_id = a.id "
        "WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    conn.execute(
        "UPDATE articles SET title = ?, lead = ?, author = ?, source = ?, byline_printed = ?, section = ?, "
        "language = ?, published = ?, published_date = ?, published_precision = ?, words = ?, capture_id = ?, "
        "content_sha256 = ?, text_sha256 = ?, template = ?, extractor = ?, furniture_version = ? WHERE id = ?",
        (
            reading.title,
            reading.lead,
            reading.author,
            reading.source,
            reading.byline_printed,
            reading.section,
            reading.language,
            reading.published,
            reading.published[:10] if reading.published else None,
            reading.published_precision,
            version.words,
            version.capture_id,
            version.content_sha256,
            version.text_sha256,
            reading.template,
            extractor,
            version.furniture,
            article_id,
        ),
    )
    if old[1] is None:
        conn.execute("INSERT INTO article_text (article_id, text) VALUES (?, ?)", (article_id, reading.text or ""))
    elif old[0] != version.content_sha256:
        _swap_text(db, article_id, old, version)
    put_small_facts(db, article_id, version, newest=True)


def _swap_text(db: Database, article_id: int, old: tuple[str, str], version: Version) -> None:
    """Put the new text into article_text; the old one goes to the revisions that showed it."""
    db.conn.execute(
        "UPDATE revisions SET text = ? WHERE article_id = ? AND content_sha256 = ? AND text IS NULL",
        (old[1], article_id, old[0]),
    )
    db.conn.execute("UPDATE article_text SET text = ? WHERE article_id = ?", (version.reading.text or "", article_id))
    db.conn.execute(
        "UPDATE revisions SET text = NULL WHERE article_id = ? AND content_sha256 = ?",
        (article_id, version.content_sha256),
    )


def _is_latest(db: Database, article_id: int, version: Version) -> bool:
    (last_seen,) = db.conn.execute("SELECT last_seen FROM articles WHERE id = ?", (article_id,)).fetchone()
    return stamp(version.seen_at) >= str(last_seen)


def put_small_facts(db: Database, article_id: int, version: Version, *, newest: bool) -> None:
    """Keep what is no revision by itself at its newest: tags, images, the paper's own time of change."""
    if not newest:
        return
    reading, conn = version.reading, db.conn
    conn.execute(
        "UPDATE articles SET modified = ?, provenance = ? WHERE id = ?",
        (reading.modified, json.dumps(dict(reading.provenance), ensure_ascii=False, sort_keys=True), article_id),
    )
    if reading.noarchive:
        asks_not_to_be_shown(db, article_id)
        conn.execute(
            "UPDATE articles SET visibility = 'private' WHERE id = ? AND visibility <> 'private'", (article_id,)
        )
    put_authors(db, article_id, reading.author)
    conn.execute("DELETE FROM tags WHERE article_id = ?", (article_id,))
    conn.executemany("INSERT INTO tags VALUES (?, ?)", [(article_id, tag) for tag in dict.fromkeys(reading.tags)])
    put_images(db, article_id, reading.images)


def put_authors(db: Database, article_id: int, author: str | None) -> None:
    """Write the names that ``author`` joins by commas."""
    db.conn.execute("DELETE FROM authors WHERE article_id = ?", (article_id,))
    db.conn.executemany("INSERT INTO authors VALUES (?, ?)", [(article_id, name) for name in names_in(author)])


def names_in(author: str | None) -> list[str]:
    """Return the names that ``author`` joins by commas, each once."""
    return list(dict.fromkeys(name.strip() for name in (author or "").split(",") if name.strip()))


def name_kinds(db: Database, article_id: int) -> None:
    """Name each revision by what it changed, and count those that changed title, lead or text."""
    rows = db.conn.execute(
        f"SELECT id, kind, content_sha256 FROM revisions WHERE article_id = ? AND {TOLD} ORDER BY seen_at",
        (article_id,),
    ).fetchall()
    previous, shown = None, 0
    for revision_id, kind, content in rows:
        name = "first" if previous is None else "edit" if content != previous else "meta"
        shown += name != "meta"
        previous = content
        if name != kind:
            db.conn.execute("UPDATE revisions SET kind = ? WHERE id = ?", (name, revision_id))
    db.conn.execute("UPDATE articles SET revisions = ? WHERE id = ?", (shown, article_id))
