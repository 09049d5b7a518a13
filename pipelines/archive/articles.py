"""Stores one article: finds candidates, has them judged, writes article, text, alias, copy and story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import moment, stamp
from pipelines.archive.revisions import Version, add_version
from pipelines.duplicates import SHORTEST_COPY, Known, Verdict, gone_everywhere, judge, order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.items import Article, Visit

KNOWN = (
    "a.id, a.uid, a.paper, a.url_key, a.newsroom_id, a.title, a.published, a.first_seen, "
    "a.content_sha256, {text}, (SELECT json_group_array(url_key) FROM aliases WHERE article_id = a.id)"
)


def store_article(db: Database, visit: Visit, capture_id: int, at: datetime, extractor: str) -> tuple[str, int]:
    """Judge and write the article of ``visit``; return the verdict's kind and the article's row id.

    Runs in the caller's transaction.
    """
    article = visit.article
    assert article is not None
    verdict = judge(article, visit.paper, at, candidates(db, article, visit.paper))
    if verdict.kind in ("new", "copied"):
        article_id = _insert(db, visit, article, capture_id, at, extractor)
    else:
        assert verdict.of is not None
        article_id = verdict.of.id
        if verdict.alias_kind is not None:
            add_alias(db, visit.paper, visit.url, article.url_key, article_id, verdict.alias_kind, at)
    db.conn.execute(
        "UPDATE captures SET article_id = ?, content_sha256 = ? WHERE id = ?",
        (article_id, article.content_sha256, capture_id),
    )
    kind = _keep_versions(db, article, article_id, Version.of(article, capture_id, at), extractor, verdict)
    adopt_redirects(db, visit.paper, article.url_key, article_id, at)
    if article.words >= SHORTEST_COPY:
        link_copies(db, article.text_sha256)
    return kind, article_id


def candidates(db: Database, article: Article, paper: str) -> list[Known]:
    """Return the articles that share uid, address or text (of any revision) with ``article``."""
    own = db.conn.execute(
        f"SELECT {KNOWN.format(text='a.text_sha256')} FROM articles a WHERE a.uid = ?1 "
        "OR (a.paper = ?2 AND a.url_key = ?3) "
        "OR a.id = (SELECT article_id FROM aliases WHERE paper = ?2 AND url_key = ?3)",
        (article.uid, paper, article.url_key),
    ).fetchall()
    if own:
        return [_known(r) for r in own]
    return sharing_text(db, article.text_sha256)


def sharing_text(db: Database, text_sha256: str) -> list[Known]:
    """Return the articles that printed this text in any revision, earliest first."""
    rows = db.conn.execute(
        f"SELECT {KNOWN.format(text='?1')} FROM articles a WHERE a.id IN "
        "(SELECT article_id FROM revisions WHERE text_sha256 = ?1)",
        (text_sha256,),
    ).fetchall()
    return sorted((_known(r) for r in rows), key=order)


def add_alias(db: Database, paper: str, url: str, key: str, article_id: int, kind: str, at: datetime) -> None:
    """Make ``url`` another address of an article; an address that has an article keeps it."""
    db.conn.execute(
        "INSERT INTO aliases (paper, url_key, url, article_id, kind, first_seen) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS "
        "(SELECT 1 FROM articles WHERE paper = ?1 AND url_key = ?2) "
        "ON CONFLICT (paper, url_key) DO UPDATE SET first_seen = min(first_seen, excluded.first_seen)",
        (paper, key, url, article_id, kind, stamp(at)),
    )


def adopt_redirects(db: Database, paper: str, key: str, article_id: int, at: datetime) -> None:
    """Make addresses that redirect to ``key`` aliases of the article now held there."""
    rows = db.conn.execute(
        "WITH RECURSIVE hops (url, url_key, fetched_at) AS ("
        " SELECT url, url_key, fetched_at FROM urls WHERE paper = ?1 AND redirect_key = ?2 UNION"
        " SELECT u.url, u.url_key, u.fetched_at FROM urls u JOIN hops h ON u.redirect_key = h.url_key "
        " WHERE u.paper = ?1) "
        "SELECT url, url_key, fetched_at FROM hops",
        (paper, key),
    ).fetchall()
    for url, source_key, fetched_at in rows:
        add_alias(db, paper, url, source_key, article_id, "redirect", moment(fetched_at) or at)


def article_at(db: Database, paper: str, key: str) -> int | None:
    """Return the row id of the article at this address or alias, if one is held."""
    row = db.conn.execute(
        "SELECT id FROM articles WHERE paper = ?1 AND url_key = ?2 UNION ALL "
        "SELECT article_id FROM aliases WHERE paper = ?1 AND url_key = ?2 LIMIT 1",
        (paper, key),
    ).fetchone()
    return int(row[0]) if row else None


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
    members = db.conn.execute(
        f"SELECT {KNOWN.format(text='a.text_sha256')} FROM articles a WHERE a.story_id = ?", (story,)
    ).fetchall()
    earliest = min((_known(r) for r in members), key=order)
    db.conn.execute("UPDATE stories SET first_uid = ?, articles = ? WHERE id = ?", (earliest.uid, len(members), story))


def seen_again(db: Database, paper: str, key: str, capture_id: int, at: datetime) -> bool:
    """Note that an article's page had not changed (304); return False if no article is held there."""
    article_id = article_at(db, paper, key)
    if article_id is None:
        return False
    db.conn.execute("UPDATE articles SET last_seen = max(last_seen, ?) WHERE id = ?", (stamp(at), article_id))
    db.conn.execute(
        "UPDATE captures SET article_id = ?1, content_sha256 = (SELECT content_sha256 FROM captures "
        "WHERE article_id = ?1 AND content_sha256 IS NOT NULL AND fetched_at < ?2 "
        "ORDER BY fetched_at DESC LIMIT 1) WHERE id = ?3",
        (article_id, stamp(at), capture_id),
    )
    set_gone(db, article_id)
    return True


def set_gone(db: Database, article_id: int) -> bool:
    """Say since when the article is gone, from all visits of its addresses; return whether that is new."""
    visits = db.conn.execute(
        "SELECT c.url_key, c.fetched_at, c.outcome IN ('article', 'unchanged') FROM captures c JOIN ("
        " SELECT paper, url_key FROM articles WHERE id = ?1 UNION"
        " SELECT paper, url_key FROM aliases WHERE article_id = ?1) k"
        " ON k.paper = c.paper AND k.url_key = c.url_key"
        " WHERE c.outcome IN ('article', 'unchanged', 'refused', 'page/soft-404') ORDER BY c.fetched_at",
        (article_id,),
    ).fetchall()
    gone = gone_everywhere((key, at, bool(there)) for key, text, there in visits if (at := moment(text)))
    before = db.conn.execute("SELECT gone_at FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
    now = stamp(gone) if gone else None
    if now != before:
        db.conn.execute("UPDATE articles SET gone_at = ? WHERE id = ?", (now, article_id))
    return now is not None and before is None


def _insert(db: Database, visit: Visit, article: Article, capture_id: int, at: datetime, extractor: str) -> int:
    reading = article.reading
    cursor = db.conn.execute(
        "INSERT INTO articles (uid, paper, url, url_key, newsroom_id, title, words, first_seen, last_seen, "
        "capture_id, content_sha256, text_sha256, extractor, visibility) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            article.uid,
            visit.paper,
            visit.url,
            article.url_key,
            article.newsroom,
            reading.title,
            article.words,
            stamp(at),
            stamp(at),
            capture_id,
            article.content_sha256,
            article.text_sha256,
            extractor,
            "private" if reading.noarchive else "public",
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _keep_versions(
    db: Database, article: Article, article_id: int, version: Version, extractor: str, verdict: Verdict
) -> str:
    """Add what this capture shows to the article's revisions; return the verdict as it came out."""
    of = verdict.of if verdict.kind in ("same", "revised", "alias") else None
    elsewhere = of is not None and of.url_key != article.url_key and of.content_sha256 == article.content_sha256
    # Another address of the same text, with a section or byline of its own, is no revision.
    changed = not elsewhere and add_version(db, article_id, version, extractor)
    db.conn.execute(
        "UPDATE articles SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?1) WHERE id = ?2",
        (stamp(version.seen_at), article_id),
    )
    if verdict.kind in ("new", "copied", "alias"):
        return verdict.kind
    return "revised" if changed else "same"


def _known(r: tuple[Any, ...]) -> Known:
    seen = moment(r[7])
    assert seen is not None
    return Known(r[0], r[1], r[2], r[3], r[4], r[5], r[6], seen, r[8], r[9], frozenset(json.loads(r[10])))
