"""The ledger of what was taken down: what is hidden, and what was erased and is never stored again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.archive import health
from pipelines.archive.connection import moment, stamp
from pipelines.tombstones import Tombstone, paper_of_uid
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.hidings import Hiding

ERASED = "('erasing', 'erased')"
"""States of the ledger in which an article's rows are gone for good."""

UIDS = (
    "SELECT uid FROM articles WHERE id = :id UNION ALL SELECT url_key FROM aliases WHERE article_id = :id "
    "AND kind = 'uid'"
)
HIDDEN = f"SELECT was FROM takedowns WHERE state = 'hidden' AND uid IN ({UIDS})"
"""How an article was shown before what hides it, once for each of its uids that is hidden."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger. ``was``: how the article was shown before; ``records``: what is still to be replaced."""

    uid: str
    paper: str
    url: str
    at: datetime
    reason: str
    state: str
    was: str | None
    records: tuple[tuple[str, int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An article that is held: its row id, permanent id, address, and ``public`` or ``private``."""

    id: int
    uid: str
    paper: str
    url: str
    visibility: str


def held(db: Database, named: str) -> list[Shown]:
    """Return the articles that a uid or an address names, those of several papers for an address of both."""
    if "/" in named:
        where, values = "url_key = ?1", (url_key(named),)
        others = "SELECT article_id FROM aliases WHERE url_key = ?1 AND kind <> 'redirect'"
    else:
        where, values = "uid = ?1", (named,)
        others = "SELECT article_id FROM aliases WHERE url_key = ?1 AND kind = 'uid'"
    rows = db.conn.execute(
        f"SELECT id, uid, paper, url, visibility FROM articles WHERE {where} OR id IN ({others}) ORDER BY uid", values
    )
    return [Shown(*row) for row in rows.fetchall()]


def entry(db: Database, named: str) -> Entry | None:
    """Return what the ledger says of a uid or an address."""
    kind, value = ("url", url_key(named)) if "/" in named else ("uid", named)
    row = db.conn.execute(
        "SELECT uid, paper, url, at, reason, state, was, records FROM takedowns WHERE uid = ?1 OR uid = "
        "(SELECT uid FROM takedown_marks WHERE kind = ?2 AND value = ?1) OR uid IN (SELECT x.url_key FROM aliases x "
        "JOIN articles a ON a.id = x.article_id WHERE x.kind = 'uid' AND a.uid = ?1) ORDER BY uid = ?1 DESC LIMIT 1",
        (value, kind),
    ).fetchone()
    if row is None:
        return None
    at = moment(row[3])
    assert at is not None
    records = tuple((str(f), int(start), int(length), str(url)) for f, start, length, url in json.loads(row[7] or "[]"))
    return Entry(row[0], row[1], row[2], at, row[4], row[5], row[6], records)


def unfinished(db: Database) -> list[Entry]:
    """Return the erasures that were interrupted."""
    uids = db.conn.execute("SELECT uid FROM takedowns WHERE state = 'erasing' ORDER BY uid").fetchall()
    return [found for (uid,) in uids if (found := entry(db, uid))]


def follow(db: Database, hidings: Iterable[Hiding]) -> int:
    """Do what curators decided, each decision once; return how many are new.

    The later decision stands, in whatever order they come; what was erased stays so. One whose article is not held
    yet is kept for it. Runs in the caller's transaction.
    """
    new = 0
    for one in sorted(hidings, key=lambda one: (one.uid, one.at)):
        told = entry(db, one.uid)
        done = told is not None and told.uid == one.uid and (told.at >= one.at or told.state in ("erasing", "erased"))
        if not done:
            new += 1
            (_hide if one.state == "hidden" else _show_again)(db, one, held(db, one.uid))
    return new


def _hide(db: Database, one: Hiding, articles: Sequence[Shown]) -> None:
    """Keep an article from every public place."""
    was = "private" if any(_was(db, article) == "private" for article in articles) else "public"
    db.conn.execute(
        "INSERT INTO takedowns (uid, paper, url, at, reason, state, was) VALUES (?, ?, ?, ?, ?, 'hidden', ?) "
        "ON CONFLICT DO UPDATE SET at = excluded.at, reason = excluded.reason, "
        "was = iif(state = 'undone', excluded.was, was), state = 'hidden'",
        (one.uid, paper_of_uid(one.uid), one.url, stamp(one.at), one.reason, was),
    )
    _set_visibility(db, articles, "private")
    unname(db, one.url, articles)


def unname(db: Database, url: str, articles: Iterable[Shown]) -> None:
    """Let no sentence that was told of a paper's health name an address of what is hidden."""
    health.unname(db, [url])
    for article in articles:
        rows = db.conn.execute("SELECT url FROM aliases WHERE article_id = ? AND kind <> 'uid'", (article.id,))
        health.unname(db, [article.url, *(str(row[0]) for row in rows.fetchall())])


def _show_again(db: Database, one: Hiding, articles: Sequence[Shown]) -> None:
    """Show an article as it was shown before, if nothing else hides it; the ledger keeps that it was hidden."""
    hidden = is_hidden(db, one.uid)
    db.conn.execute(
        "INSERT INTO takedowns (uid, paper, url, at, reason, state) VALUES (?, ?, ?, ?, ?, 'undone') "
        "ON CONFLICT DO UPDATE SET at = excluded.at, state = 'undone', "
        "reason = iif(excluded.reason = '', reason, excluded.reason)",
        (one.uid, paper_of_uid(one.uid), one.url, stamp(one.at), one.reason),
    )
    if hidden:
        show(db, one.uid, articles)


def show(db: Database, uid: str, articles: Iterable[Shown]) -> None:
    """Let articles that ``uid`` hid be seen as the ledger says they were, but for those that are hidden by another."""
    (was,) = db.conn.execute("SELECT was FROM takedowns WHERE uid = ?", (uid,)).fetchone()
    for article in articles:
        still = db.conn.execute(HIDDEN, {"id": article.id}).fetchone() is not None
        _set_visibility(db, [article], "private" if still else was or "public")


def _was(db: Database, article: Shown) -> str:
    """Return how an article is shown but for what hides it, under whichever of its uids."""
    rows = db.conn.execute(HIDDEN, {"id": article.id}).fetchall()
    return "private" if ("private",) in rows or (not rows and article.visibility == "private") else "public"


def _set_visibility(db: Database, articles: Iterable[Shown], visibility: str) -> None:
    for article in articles:
        db.conn.execute("UPDATE articles SET visibility = ? WHERE id = ?", (visibility, article.id))


def asks_not_to_be_shown(db: Database, article_id: int) -> None:
    """Note that a page of an article asks not to be shown: one that is hidden stays private when that is undone."""
    db.conn.execute(
        f"UPDATE takedowns SET was = 'private' WHERE state = 'hidden' AND uid IN ({UIDS})", {"id": article_id}
    )


def is_hidden(db: Database, uid: str) -> bool:
    """Say whether an article is hidden, whether it is held now or not."""
    row = db.conn.execute("SELECT 1 FROM takedowns WHERE uid = ? AND state = 'hidden'", (uid,)).fetchone()
    return row is not None


def shown_as(db: Database, article_id: int, part: str) -> str | None:
    """Return how a part of an article is to be shown, by the ledger; None: as the article is."""
    rows = db.conn.execute(HIDDEN, {"id": article_id}).fetchall()
    if is_hidden(db, part):
        return "private"
    return ("private" if ("private",) in rows else "public") if rows else None


def hide_too(db: Database, uid: str, part: str, url: str, parted_at: str | None = None) -> None:
    """Let an article that was taken for one with ``uid`` be in the ledger as that is, if it is hidden.

    What nobody meant to hide is not shown by a judgement of ours, and can be shown again by its own name. Not where
    the pages up to ``parted_at`` told the two apart before the one was hidden: a replay follows decisions first.
    """
    db.conn.execute(
        "INSERT INTO takedowns (uid, paper, url, at, reason, state, was) SELECT ?1, ?2, ?3, at, reason, state, was "
        "FROM takedowns WHERE uid = ?4 AND state = 'hidden' AND (?5 IS NULL OR at <= ?5) ON CONFLICT DO NOTHING",
        (part, paper_of_uid(part), url, uid, parted_at),
    )


def withheld(db: Database, paper: str, url: str) -> str | None:
    """Return the uid of the article at this address if it was erased: nothing of it is fetched or stored."""
    row = db.conn.execute(
        "SELECT uid FROM takedown_marks WHERE paper = ? AND kind = 'url' AND value = ? LIMIT 1", (paper, url_key(url))
    ).fetchone()
    return str(row[0]) if row else None


def erased_as(db: Database, paper: str, uid: str, text_sha256: str) -> str | None:
    """Return the uid under which an article was erased: one of its uids or the text of some length it shows is known.

    None for one that was not.
    """
    row = db.conn.execute(
        "SELECT uid FROM takedown_marks WHERE (paper = ?1 AND kind = 'text' AND value = ?2) OR "
        "(paper = ?3 AND kind = 'uid' AND value = ?4) LIMIT 1",
        (paper, text_sha256, paper_of_uid(uid), uid),
    ).fetchone()
    return str(row[0]) if row else None


def mark(db: Database, uid: str, paper: str, kind: str, values: Iterable[str]) -> None:
    """Note by what an erased article is known again."""
    db.conn.executemany(
        "INSERT INTO takedown_marks (paper, kind, value, uid) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(paper, kind, value, uid) for value in values],
    )


def withdraw(db: Database, uid: str) -> None:
    """Let no crawl and no backfill fetch an erased article's addresses."""
    addresses = (
        "SELECT id FROM urls u WHERE EXISTS (SELECT 1 FROM takedown_marks m WHERE m.uid = ? AND m.kind = 'url' "
        "AND m.paper = u.paper AND m.value = u.url_key)"
    )
    db.conn.execute(
        f"UPDATE urls SET state = 'withdrawn', due_at = NULL, listed_modified = NULL WHERE id IN ({addresses})", (uid,)
    )
    db.conn.execute(f"UPDATE backfill_urls SET due_at = NULL WHERE url_id IN ({addresses})", (uid,))


def stone_of(db: Database, uid: str) -> Tombstone:
    """Return what the tombstones of an erased article say."""
    url, at, reason, text = db.conn.execute(
        "SELECT url, at, reason, text_sha256 FROM takedowns WHERE uid = ?", (uid,)
    ).fetchone()
    rows = db.conn.execute("SELECT kind, value FROM takedown_marks WHERE uid = ? ORDER BY kind, value", (uid,))
    marks = dict.fromkeys((kind, value) for kind, value in rows if value != uid)
    moment_of = moment(at)
    assert moment_of is not None
    return Tombstone(
        uid=uid,
        url=url,
        at=moment_of,
        reason=reason,
        text_sha256=text or "",
        known_by=tuple(value for kind, value in marks if kind == "text"),
        also=tuple(value for kind, value in marks if kind != "text"),
    )


def restore(db: Database, stones: Iterable[Tombstone]) -> list[str]:
    """Tell the ledger again from the tombstones of WARC files; return the uids of those whose article is held here.

    These are left alone: that another archive took them down is for the operator to follow. Runs in the
    caller's transaction.
    """
    here = set()
    for stone in stones:
        if held(db, stone.uid):
            here.add(stone.uid)
            continue
        db.conn.execute(
            "INSERT INTO takedowns (uid, paper, url, at, reason, state, text_sha256, erased_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, 'erased', ?6, ?4) ON CONFLICT DO UPDATE SET "
            "reason = iif(length(reason) < length(excluded.reason), excluded.reason, reason), "
            "state = iif(state = 'erasing', state, 'erased'), erased_at = coalesce(erased_at, excluded.erased_at), "
            "text_sha256 = coalesce(text_sha256, excluded.text_sha256), url = iif(url = '', excluded.url, url)",
            (stone.uid, stone.paper, stone.url, stamp(stone.at), stone.reason, stone.text_sha256 or None),
        )
        uids = [stone.uid, *(other for other in stone.also if "/" not in other)]
        for paper in {paper_of_uid(uid) for uid in uids}:
            mark(db, stone.uid, paper, "url", [url_key(url) for url in (stone.url, *stone.also) if "/" in url])
            mark(db, stone.uid, paper, "text", stone.known_by)
            mark(db, stone.uid, paper, "uid", [uid for uid in uids if paper_of_uid(uid) == paper])
        withdraw(db, stone.uid)
    return sorted(here)
