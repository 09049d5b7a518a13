"""Knows which addresses an article has: the one it was first seen at, its aliases, and who holds an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.archive.connection import moment, stamp
from pipelines.urls import newsroom_id, uid

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.items import Article, Paper, Visit

RANK = "instr(' redirect same-text newsroom-id canonical moved uid', ' ' || {0})"
"""SQL: how good an alias' evidence is. ``redirect`` is the weakest: a temporary one, no identity (`holder`)."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address at which an article was read: its paper and uid, and when it was first read there."""

    paper: str
    url: str
    url_key: str
    uid: str
    newsroom: str | None
    at: datetime

    @classmethod
    def of(cls, visit: Visit, article: Article, at: datetime) -> Place:
        """Return the place that a visit read its article at."""
        return cls(visit.paper, visit.url, article.url_key, article.uid, article.newsroom, at)

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Sort key of which place is an article's own: the earliest."""
        return (self.at, self.url_key, self.uid)


def add_alias(
    db: Database,
    paper: str,
    url: str,
    key: str,
    article_id: int,
    kind: str,
    at: datetime,
    read: Place | None = None,
) -> None:
    """Make ``url`` another address of an article; one that has an article keeps it, better evidence stands.

    ``read`` is what its pages are known by, where any were read.
    """
    new, old = RANK.format("excluded.kind"), RANK.format("kind")
    db.conn.execute(
        "INSERT INTO aliases (paper, url_key, url, article_id, kind, first_seen, uid, newsroom_id) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS "
        "(SELECT 1 FROM articles WHERE paper = ?1 AND url_key = ?2) "
        f"ON CONFLICT (paper, url_key) DO UPDATE SET kind = iif({new} > {old}, excluded.kind, kind), "
        "url = iif(excluded.first_seen < first_seen, excluded.url, url), "
        "first_seen = iif(article_id = excluded.article_id, min(first_seen, excluded.first_seen), "
        "excluded.first_seen), article_id = excluded.article_id, uid = coalesce(excluded.uid, uid), "
        "newsroom_id = coalesce(excluded.newsroom_id, newsroom_id) "
        f"WHERE article_id = excluded.article_id OR {new} >= {old}",
        (paper, key, url, article_id, kind, stamp(at), read and read.uid, read and read.newsroom),
    )


def tell_read(db: Database, paper: Paper) -> None:
    """Note what the pages at a paper's aliases are known by, where they were read before that was kept (m016)."""
    rows = db.conn.execute(
        "SELECT url_key, url FROM aliases x WHERE paper = ? AND kind <> 'uid' AND uid IS NULL AND EXISTS "
        "(SELECT 1 FROM captures c WHERE c.paper = x.paper AND c.url_key = x.url_key AND c.outcome = 'article')",
        (paper.name,),
    ).fetchall()
    for key, url in rows:
        number = newsroom_id(url, paper)
        db.conn.execute(
            "UPDATE aliases SET uid = ?, newsroom_id = ? WHERE paper = ? AND url_key = ?",
            (uid(paper.name, number, key), number, paper.name, key),
        )


def alias_at(db: Database, paper: str, key: str) -> tuple[int, str] | None:
    """Return the article that this address is an alias of, and by what evidence."""
    row = db.conn.execute("SELECT article_id, kind FROM aliases WHERE paper = ? AND url_key = ?", (paper, key))
    found = row.fetchone()
    return (int(found[0]), str(found[1])) if found else None


def article_at(db: Database, paper: str, key: str) -> int | None:
    """Return the row id of the article at this address or alias, if one is held."""
    row = db.conn.execute(
        "SELECT id FROM articles WHERE paper = ?1 AND url_key = ?2 UNION ALL "
        "SELECT article_id FROM aliases WHERE paper = ?1 AND url_key = ?2 LIMIT 1",
        (paper, key),
    ).fetchone()
    return int(row[0]) if row else None


def holder(db: Database, paper: str, key: str) -> int | None:
    """Return the row id of the article that *is* the one at this address.

    An address that leads to it for the time being (a temporary redirect) is no address of its own.
    """
    row = db.conn.execute(
        "SELECT id FROM articles WHERE paper = ?1 AND url_key = ?2 UNION ALL "
        "SELECT article_id FROM aliases WHERE paper = ?1 AND url_key = ?2 AND kind <> 'redirect' LIMIT 1",
        (paper, key),
    ).fetchone()
    return int(row[0]) if row else None


def numbers(db: Database, article_id: int) -> frozenset[str]:
    """Return the newsroom numbers of all addresses at which an article was read."""
    rows = db.conn.execute(
        "SELECT newsroom_id FROM articles WHERE id = ?1 UNION SELECT newsroom_id FROM aliases WHERE article_id = ?1",
        (article_id,),
    )
    return frozenset(str(number) for (number,) in rows if number)


def own_place(db: Database, article_id: int) -> Place:
    """Return the address an article has its uid from, with the time of its first capture there."""
    row = db.conn.execute(
        "SELECT a.paper, a.url, a.url_key, a.uid, a.newsroom_id, coalesce((SELECT min(c.fetched_at) FROM captures c "
        "WHERE c.paper = a.paper AND c.url_key = a.url_key AND c.article_id = a.id AND c.outcome = 'article'), "
        "a.first_seen) FROM articles a WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    at = moment(row[5])
    assert at is not None
    return Place(row[0], row[1], row[2], row[3], row[4], at)


def add_place(db: Database, article_id: int, place: Place, kind: str) -> None:
    """Note that an article was read at ``place``; it goes by the earliest of its paper's, the others are aliases.

    ``kind`` is the evidence, where the address is not an alias already.
    """
    own = own_place(db, article_id)
    earlier = place.paper == own.paper and place.order < own.order
    first, other = (place, own) if earlier else (own, place)
    if earlier:
        known = alias_at(db, place.paper, place.url_key)
        kind = known[1] if known and known[1] in ("newsroom-id", "same-text") else kind
        db.conn.execute(
            "DELETE FROM aliases WHERE paper = ? AND url_key IN (?, ?)", (place.paper, place.url_key, place.uid)
        )
        db.conn.execute(
            "UPDATE articles SET uid = ?, url = ?, url_key = ?, newsroom_id = ? WHERE id = ?",
            (place.uid, place.url, place.url_key, place.newsroom, article_id),
        )
        db.conn.execute(
            "UPDATE stories SET first_uid = ? WHERE first_uid = ? AND id = "
            "(SELECT story_id FROM articles WHERE id = ?)",
            (place.uid, own.uid, article_id),
        )
    add_other(db, article_id, first, other, kind)


def add_other(db: Database, article_id: int, first: Place, other: Place, kind: str) -> None:
    """Make ``other``, its address and its uid, lead to the article that goes by ``first``."""
    if other.newsroom is None and kind == "newsroom-id":
        kind = "same-text"
    if (other.paper, other.url_key) != (first.paper, first.url_key):
        add_alias(db, other.paper, other.url, other.url_key, article_id, kind, other.at, read=other)
    if other.uid != first.uid:
        add_alias(db, other.paper, other.uid, other.uid, article_id, "uid", other.at)


def counted(db: Database, article_id: int) -> set[tuple[str, str]]:
    """Return the addresses whose small facts are the article's: its own, and where it moved.

    What a mobile or print page says of section and byline is no change of the article's.
    """
    rows = db.conn.execute(
        "SELECT paper, url_key FROM articles WHERE id = ?1 UNION ALL "
        "SELECT paper, url_key FROM aliases WHERE article_id = ?1 AND kind = 'moved'",
        (article_id,),
    )
    return {(str(paper), str(key)) for paper, key in rows}
