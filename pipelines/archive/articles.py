"""Stores one article: finds candidates, has them judged, writes article, versions, addresses and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.addresses import Place, add_other, add_place, alias_at, article_at, own_place
from pipelines.archive.alike import link_alike, printed
from pipelines.archive.connection import stamp
from pipelines.archive.copies import NOW, known_article, link_copies, printings, tell_stories
from pipelines.archive.corrections import overlay
from pipelines.archive.histories import State, states, tell
from pipelines.archive.merging import merge
from pipelines.archive.moves import meet, point, settle
from pipelines.archive.parting import Borrowed, review, set_aside, showing_pages_of, shows_another, stands_apart
from pipelines.archive.revisions import Version, add_version, put_small_facts
from pipelines.archive.takedowns import is_hidden
from pipelines.archive.twins import joinable, joined_by_notice, rivals, settle_twins
from pipelines.archive.vanished import is_gone, set_gone
from pipelines.duplicates import judge
from pipelines.likeness import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.duplicates import Known
    from pipelines.items import Article, Visit

OWN = """
SELECT id FROM articles WHERE uid = ?1 UNION SELECT id FROM articles WHERE paper = ?2 AND url_key = ?3
UNION SELECT id FROM articles WHERE paper = ?2 AND newsroom_id = ?4
UNION SELECT article_id FROM aliases WHERE paper = ?2 AND url_key = ?1
"""
"""The articles that have a uid (1, or had it before they were joined), address (3) or number (4) of a paper (2)."""


def store_article(db: Database, visit: Visit, capture_id: int, at: datetime, extractor: str) -> tuple[str, int]:
    """Judge and write the article of ``visit``; return the verdict's kind and the article's row id.

    Runs in the caller's transaction.
    """
    article = visit.article
    assert article is not None
    version = Version.of(article, capture_id, at)
    state = State.of(visit, version, extractor)
    known = candidates(db, article, visit.paper)
    verdict = judge(article, visit.paper, at, joinable(db, article, visit.paper, state, known))
    kind, held = verdict.kind, verdict.of if verdict.kind != "copied" else None
    before = printed(db, held.id) if held else []
    for url in article.named:
        point(db, visit.paper, visit.url, visit.paper, url, "canonical", at)
    if held is None:
        article_id = _insert(db, visit, article, capture_id, at, extractor)
        _set_capture(db, article_id, version)
        add_version(db, article_id, version, extractor)
    else:
        article_id = held.id
        other = shows_another(db, article_id, state, article.newsroom)
        if other is not None:
            set_aside(db, [Borrowed(state, other)])
            if article.newsroom and article.newsroom == held.newsroom:
                place = Place.of(visit, article, at)
                add_other(db, article_id, own_place(db, article_id), place, "newsroom-id")
            return "refused", settle(db, article_id)
        changed = _add_capture(db, visit, held, version, verdict.alias_kind or "same-text", extractor)
        kind = kind if kind == "alias" else "revised" if changed else "same"
    if kind not in ("same", "revised"):
        meet(db, visit.paper, visit.url, at)
    settled = _settled(db, article_id, version, known)
    overlay(db, settled)
    if settled != article_id:
        return "alias", settled
    if printed(db, article_id) != before:
        alike = link_alike(db, article_id, {article.text_sha256: article.signature})
        kind = "copied" if alike and kind == "new" else kind
    return kind, article_id


def _settled(db: Database, article_id: int, version: Version, known: Sequence[Known]) -> int:
    """Join and part what a capture just added proves to be one or two; return the article that it is of then."""
    paper, newest = db.conn.execute("SELECT paper, last_seen FROM articles WHERE id = ?", (article_id,)).fetchone()
    shown = (version.reading.title or "", version.text_sha256)
    others = rivals(db, paper, [shown], but=article_id)
    late = stamp(version.seen_at) < newest
    at = None if late else stamp(version.seen_at)
    noticed = joined_by_notice(db, paper, shown)
    if noticed:
        review(db, noticed, late=True, at=at)
    if late or others or stands_apart(db, article_id):
        aside = sorted(showing_pages_of(db, article_id)) if late else []
        review(db, [article_id, *others, *aside], late=late, at=at)
        (article_id,) = db.conn.execute(
            "SELECT article_id FROM captures WHERE id = ?", (version.capture_id,)
        ).fetchone()
    settled = settle(db, article_id)
    if known and version.words >= SHORTEST:
        settled = settle_twins(db, settled)
        link_copies(db, version.text_sha256)
    return settled


def candidates(db: Database, article: Article, paper: str) -> list[Known]:
    """Return the article that has uid, number or address of ``article``, else those that printed its text.

    Where several have, they are one article and joined.
    """
    values = (article.uid, paper, article.url_key, article.newsroom)
    found = [row[0] for row in db.conn.execute(OWN, values)]
    if (led := _led_to(db, article, paper, found)) is not None:
        found.append(led)
    if not found:
        return printings(db, article.text_sha256)
    stays = found[0]
    for other in found[1:]:
        stays = merge(db, stays, other, "newsroom-id")
    row = db.conn.execute(f"SELECT {NOW} FROM articles a WHERE a.id = ?", (stays,))
    return [known_article(row.fetchone())]


def _led_to(db: Database, article: Article, paper: str, found: Sequence[int]) -> int | None:
    """Return the article, none of ``found``, that the page's address is an alias of.

    Where it was one by redirects alone, with nothing read at it, it is none any more: what they and the
    page prove is judged when the page is stored (`settle`).
    """
    held, kind = alias_at(db, paper, article.url_key) or (None, "")
    if held in found:
        return None
    if kind in ("moved", "redirect"):
        db.conn.execute("DELETE FROM aliases WHERE paper = ? AND url_key = ?", (paper, article.url_key))
        return None
    return held


def _add_capture(db: Database, visit: Visit, of: Known, version: Version, kind: str, extractor: str) -> bool:
    """Add what a capture shows to an article; return whether title, lead or text differ from those before."""
    article, at = visit.article, version.seen_at
    assert article is not None
    home = visit.paper == of.paper and article.url_key == of.url_key
    alone = home and not of.aliases and article.uid == of.uid
    before = [] if alone else states(db, of.id)
    if not alone or at < of.first_seen:
        add_place(db, of.id, Place.of(visit, article, at), kind)
    _set_capture(db, of.id, version)
    if alone:
        changed = add_version(db, of.id, version, extractor)
    else:
        state = State.of(visit, version, extractor)
        earlier = [s for s in before if s.seen_at <= state.seen_at]
        changed = bool(earlier) and earlier[-1].content_sha256 != state.content_sha256
        if tell(db, of.id, [*before, state]) == version.capture_id:
            put_small_facts(db, of.id, version, newest=True)
    db.conn.execute(
        "UPDATE articles SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?1) WHERE id = ?2",
        (stamp(at), of.id),
    )
    if at < of.first_seen:
        tell_stories(db, [of.id])
    if not alone or is_gone(db, of.id):
        set_gone(db, of.id)
    return changed


def _set_capture(db: Database, article_id: int, version: Version) -> None:
    db.conn.execute(
        "UPDATE captures SET article_id = ?, content_sha256 = ? WHERE id = ?",
        (article_id, version.content_sha256, version.capture_id),
    )
    db.conn.execute("UPDATE articles SET confidence = NULL WHERE id = ? AND confidence IS NOT NULL", (article_id,))


def seen_again(db: Database, paper: str, key: str, capture_id: int, at: datetime) -> bool:
    """Note that an article's page had not changed (304); return False if no article is held there."""
    article_id = article_at(db, paper, key)
    if article_id is None or _stays_refused(db, paper, key, capture_id, at):
        return False
    db.conn.execute("UPDATE articles SET last_seen = max(last_seen, ?) WHERE id = ?", (stamp(at), article_id))
    db.conn.execute(
        "UPDATE captures SET article_id = ?1, content_sha256 = (SELECT content_sha256 FROM captures "
        "WHERE article_id = ?1 AND content_sha256 IS NOT NULL AND outcome <> 'refused' AND fetched_at < ?2 "
        "ORDER BY (paper, url_key) = (?4, ?5) DESC, fetched_at DESC LIMIT 1) WHERE id = ?3",
        (article_id, stamp(at), capture_id, paper, key),
    )
    set_gone(db, article_id)
    return True


def _stays_refused(db: Database, paper: str, key: str, capture_id: int, at: datetime) -> bool:
    """Say whether what had not changed was another article's page; the capture is kept as such then."""
    row = db.conn.execute(
        "SELECT outcome, article_id, content_sha256, facts FROM captures WHERE paper = ? AND url_key = ? "
        "AND status = 200 AND fetched_at < ? ORDER BY fetched_at DESC LIMIT 1",
        (paper, key, stamp(at)),
    ).fetchone()
    if row is None or row[0] != "refused":
        return False
    db.conn.execute(
        "UPDATE captures SET (outcome, article_id, content_sha256, facts) = (?, ?, ?, ?) WHERE id = ?",
        (*row, capture_id),
    )
    return True


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
            "private" if reading.noarchive or is_hidden(db, article.uid) else "public",
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
