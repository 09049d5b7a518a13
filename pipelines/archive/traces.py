"""All by which an article is known in the archive, and where the records of it stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from pipelines.archive.takedowns import Shown


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture's record stands (bytes), and what it is a record of."""

    capture_id: int
    file: str
    offset: int
    length: int
    url: str
    record: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Another paper's own copy, which stays; ``score`` is how like it is (0 to 1)."""

    uid: str
    paper: str
    url: str
    score: float


@dataclass(frozen=True, slots=True)
class Doomed:
    """All by which an article is known: addresses and uids it has had, texts it has shown, captures that hold it.

    ``text_sha256`` is that of the text it shows, ``texts`` are sha256 and text of every version, ``titles`` theirs;
    ``said`` is all of its prose; ``pictures`` are the addresses of its images that no other article shows; ``papers``
    are its own and those it moved between.
    """

    article: Shown
    papers: tuple[str, ...]
    urls: tuple[str, ...]
    uids: tuple[str, ...]
    text_sha256: str
    texts: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    said: tuple[str, ...]
    pictures: tuple[str, ...]
    captures: tuple[Place, ...]


CAPTURES = """
WITH places AS (SELECT paper, url_key FROM articles WHERE id = :id UNION
  SELECT paper, url_key FROM aliases WHERE article_id = :id AND kind NOT IN ('uid', 'redirect')),
own AS (SELECT id FROM captures WHERE article_id = :id UNION
  SELECT c.id FROM captures c JOIN places p ON p.paper = c.paper AND p.url_key = c.url_key WHERE c.article_id IS NULL
  UNION SELECT c.id FROM captures c JOIN json_each(:pictures) p ON c.url_key = p.value
  WHERE c.paper = :paper AND c.article_id IS NULL)
SELECT id, warc_file, warc_offset, warc_length, url, record FROM captures WHERE id IN (SELECT id FROM own UNION
  SELECT s.id FROM captures s JOIN captures c ON c.payload_digest = s.payload_digest
  WHERE c.article_id = :id AND c.outcome = 'article' AND c.payload_digest <> '' AND s.article_id IS NULL)
ORDER BY warc_file, warc_offset
"""
"""The captures that show it, all of its addresses that show no other article, and those with the same bytes."""


def doomed(db: Database, article: Shown) -> Doomed:
    """Return all by which an article is known."""
    conn = db.conn
    addresses = conn.execute(
        "SELECT url, paper FROM articles WHERE id = ?1 UNION SELECT url, paper FROM aliases WHERE article_id = ?1 "
        "AND kind NOT IN ('uid', 'redirect')",
        (article.id,),
    ).fetchall()
    uids = conn.execute("SELECT url_key FROM aliases WHERE article_id = ? AND kind = 'uid'", (article.id,)).fetchall()
    versions = conn.execute(
        "SELECT r.text_sha256, coalesce(r.text, t.text, ''), r.title, coalesce(r.lead, '') FROM revisions r "
        "LEFT JOIN article_text t ON t.article_id = r.article_id WHERE r.article_id = ? ORDER BY r.seen_at DESC",
        (article.id,),
    ).fetchall()
    images = conn.execute(
        "SELECT url FROM images i WHERE article_id = ?1 AND NOT EXISTS "
        "(SELECT 1 FROM images o WHERE (o.url = i.url OR o.payload_digest = i.payload_digest) AND o.article_id <> ?1)",
        (article.id,),
    ).fetchall()
    pictures = tuple(dict.fromkeys(url_key(row[0]) for row in images))
    captions = conn.execute(
        "SELECT caption FROM images WHERE article_id = ? AND caption IS NOT NULL", (article.id,)
    ).fetchall()
    (shown,) = conn.execute("SELECT text_sha256 FROM articles WHERE id = ?", (article.id,)).fetchone()
    values = {"id": article.id, "paper": article.paper, "pictures": json.dumps(pictures)}
    prose = dict.fromkeys([part for row in versions for part in row[1:]] + [row[0] for row in captions])
    return Doomed(
        article=article,
        papers=tuple(sorted({article.paper, *(row[1] for row in addresses)})),
        urls=tuple(dict.fromkeys(row[0] for row in addresses)),
        uids=tuple(dict.fromkeys([article.uid, *(row[0] for row in uids)])),
        text_sha256=shown,
        texts=tuple(dict.fromkeys((row[0], row[1]) for row in versions)),
        titles=tuple(dict.fromkeys(row[2] for row in versions)),
        said=tuple(filter(None, prose)),
        pictures=pictures,
        captures=tuple(Place(*row) for row in conn.execute(CAPTURES, values).fetchall()),
    )


def found_again(db: Database, uid: str) -> tuple[Place, ...]:
    """Return captures of an erased article that came in later, by an address that was not known to be its."""
    rows = db.conn.execute(
        "SELECT c.id, c.warc_file, c.warc_offset, c.warc_length, c.url, c.record FROM captures c JOIN takedown_marks m "
        "ON m.paper = c.paper AND m.value = c.url_key AND m.kind = 'url' WHERE m.uid = ? AND c.article_id IS NULL "
        "ORDER BY c.warc_file, c.warc_offset",
        (uid,),
    )
    return tuple(Place(*row) for row in rows.fetchall())


def addresses_of_erased(db: Database, uid: str) -> list[str]:
    """Return by which addresses an erased article is known again (as `url_key` has them)."""
    rows = db.conn.execute("SELECT DISTINCT value FROM takedown_marks WHERE uid = ? AND kind = 'url'", (uid,))
    return [str(row[0]) for row in rows.fetchall()]


def digests_of(db: Database, places: Iterable[Place]) -> set[str]:
    """Return the payload digests of those captures that are read as an article or a listing."""
    ids = json.dumps([place.capture_id for place in places])
    rows = db.conn.execute(
        "SELECT DISTINCT payload_digest FROM captures WHERE id IN (SELECT value FROM json_each(?)) AND status = 200 "
        "AND payload_digest <> '' AND truncated IS NULL AND outcome <> 'image/kept'",
        (ids,),
    )
    return {str(row[0]) for row in rows.fetchall()}


def of_others(db: Database, article_id: int, places: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of the records (file, offset) that another article is read from."""
    sql = "SELECT 1 FROM captures WHERE warc_file = ? AND warc_offset = ? AND article_id <> ?"
    return {place for place in places if db.conn.execute(sql, (*place, article_id)).fetchone()}


def copies_of(db: Database, article: Shown) -> list[Copy]:
    """Return other papers' copies of an article, or what it is a copy of."""
    rows = db.conn.execute(
        "SELECT o.uid, o.paper, o.url, max(c.score) FROM copies c JOIN articles o "
        "ON o.id = iif(c.article_id = ?1, c.first_id, c.article_id) "
        "WHERE ?1 IN (c.article_id, c.first_id) AND o.paper <> ?2 GROUP BY o.id ORDER BY o.paper, o.uid",
        (article.id, article.paper),
    )
    return [Copy(*row) for row in rows.fetchall()]


def captures_at(db: Database, places: Iterable[tuple[str, int]]) -> list[int]:
    """Return the captures whose records stand at these files and offsets."""
    found = [
        db.conn.execute("SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?", place).fetchone()
        for place in places
    ]
    return [row[0] for row in found if row]


@dataclass(frozen=True, slots=True)
class Page:
    """A capture that may show some of an article: the article it is of, and that one's uid, else its address."""

    place: Place
    paper: str
    article_id: int | None
    named: str
    payload_digest: str


EARLIEST = """
SELECT date(min(day), '-1 day') FROM (
  SELECT first_seen AS day FROM articles WHERE id = :id
  UNION ALL SELECT published_date FROM articles WHERE id = :id
  UNION ALL SELECT u.discovered_at FROM json_each(:papers) p JOIN json_each(:keys) k
    JOIN urls u ON u.paper = p.value AND u.url_key = k.value
  UNION ALL SELECT c.fetched_at FROM json_each(:papers) p JOIN json_each(:keys) k
    JOIN captures c ON c.paper = p.value AND c.url_key = k.value)
"""
"""From when on others can show it: it was printed, listed or asked for long before its page was held."""


def others_pages(db: Database, known: Doomed) -> list[Page]:
    """Return the captures that may show some of an article and are not its own.

    Whatever was answered: a page that says that nothing was found shows the latest articles, too. All of its own
    papers, and those of others from the day before it was printed, or it or an address of it known.
    """
    places = {(place.file, place.offset) for place in known.captures}
    rows = db.conn.execute(
        "SELECT c.id, c.warc_file, c.warc_offset, c.warc_length, c.url, c.record, c.paper, c.article_id, "
        "coalesce(a.uid, c.url), c.payload_digest FROM captures c LEFT JOIN articles a ON a.id = c.article_id "
        "WHERE c.record <> 'revisit' AND c.outcome IS NOT 'image/kept' AND "
        "c.article_id IS NOT :id AND (c.paper IN (SELECT value FROM json_each(:papers)) "
        f"OR c.fetched_at >= ({EARLIEST})) ORDER BY c.warc_file, c.warc_offset",
        {
            "papers": json.dumps(known.papers),
            "keys": json.dumps(sorted(set(map(url_key, known.urls)))),
            "id": known.article.id,
        },
    ).fetchall()
    return [Page(Place(*row[:6]), *row[6:]) for row in rows if (row[1], row[2]) not in places]


def revisits_of(db: Database, captures: Iterable[int]) -> list[Place]:
    """Return the revisits that have the payload of these captures and no body of their own."""
    rows = db.conn.execute(
        "SELECT r.id, r.warc_file, r.warc_offset, r.warc_length, r.url, r.record FROM captures r WHERE r.record = "
        "'revisit' AND r.article_id IS NULL AND r.payload_digest <> '' AND r.payload_digest IN (SELECT payload_digest "
        "FROM captures WHERE id IN (SELECT value FROM json_each(?)))",
        (json.dumps(list(captures)),),
    )
    return [Place(*row) for row in rows.fetchall()]
