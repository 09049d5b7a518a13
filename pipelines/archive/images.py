"""The rows of images: the pictures that articles show, which of them are wanted, and where they were captured."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp, transaction
from pipelines.items import Link
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlite_utils import Database

    from pipelines.archive.frontier import FrontierRows
    from pipelines.items import Image, Visit

KEPT = "image/kept"
"""The outcome of a capture that is a picture."""
FOUND = """
UPDATE images SET (capture_id, payload_digest, bytes) = (SELECT c.id, c.payload_digest, c.bytes FROM captures c
  WHERE c.url_key = images.url_key AND c.outcome = 'image/kept' ORDER BY c.fetched_at, c.id LIMIT 1)
"""
"""A picture is the first that was captured at its address, whichever paper's crawl did."""
SPENT = """
SELECT coalesce(sum(warc_length), 0) FROM (
  SELECT warc_length FROM captures WHERE paper = ?1 AND outcome GLOB 'image/*' AND fetched_at >= ?2 AND fetched_at < ?3
  UNION ALL SELECT c.warc_length FROM captures c JOIN urls u ON u.paper = c.paper AND u.url_key = c.url_key
  WHERE c.paper = ?1 AND c.outcome IS NULL AND u.kind = 'image' AND c.fetched_at >= ?2 AND c.fetched_at < ?3)
"""


AHEAD = 1000
"""Pictures that wait at most before older articles' are made due as well."""
OLDER = """
SELECT i.article_id, i.position, i.url, a.url FROM articles a JOIN images i ON i.article_id = a.id
WHERE a.paper = ?1 AND i.capture_id IS NULL
AND NOT EXISTS (SELECT 1 FROM urls u WHERE u.paper = a.paper AND u.url_key = i.url_key) ORDER BY a.published DESC
"""
"""Pictures of a paper's articles that the frontier does not know, newest first: from before they were wanted."""


def _none(paper: str, url: str) -> bool:  # noqa: ARG001 - a rule's shape
    return False


class ImageRows:
    """Makes articles' pictures due where they are ``wanted`` (by paper and address), and counts what they took."""

    def __init__(self, database: Database, frontier: FrontierRows) -> None:
        self._db = database
        self._frontier = frontier
        self.wanted: Callable[[str, str], bool] = _none

    def want(self, visit: Visit, article_id: int) -> None:
        """Make the pictures of an article that was stored due, once, if they were never captured.

        Runs in the caller's transaction.
        """
        rows = self._db.conn.execute(
            "SELECT url FROM images WHERE article_id = ? AND capture_id IS NULL ORDER BY position", (article_id,)
        ).fetchall()
        for (url,) in rows:
            if self.wanted(visit.paper, url):
                self._frontier.want(visit.paper, Link(url, "image"), visit.at, visit.url)

    def want_older(self, paper: str, now: datetime) -> None:
        """Make pictures of articles due that were stored before they were wanted, `AHEAD` at most."""
        with transaction(self._db):
            (due,) = self._db.conn.execute(
                "SELECT count(*) FROM urls WHERE paper = ? AND due_at <= ? AND kind = 'image'", (paper, stamp(now))
            ).fetchone()
            cursor = self._db.conn.execute(OLDER, (paper,))
            older = list(islice((row for row in cursor if self.wanted(paper, row[2])), max(AHEAD - due, 0)))
            cursor.close()
            for article_id, position, url, page in older:
                self._db.conn.execute(
                    "UPDATE images SET url_key = ? WHERE article_id = ? AND position = ?",
                    (url_key(url), article_id, position),
                )
                self._frontier.want(paper, Link(url, "image"), now, page)

    def spent(self, paper: str, since: datetime, until: datetime) -> int:
        """Return the bytes that records of the paper's pictures take which were fetched from ``since`` to ``until``."""
        row = self._db.conn.execute(SPENT, (paper, stamp(since), stamp(until))).fetchone()
        return int(row[0])


def put_images(db: Database, article_id: int, images: Iterable[Image]) -> None:
    """Write what pictures an article shows now, each with its capture if there is one."""
    db.conn.execute("DELETE FROM images WHERE article_id = ?", (article_id,))
    db.conn.executemany(
        "INSERT INTO images (article_id, position, url, url_key, caption, credit) VALUES (?, ?, ?, ?, ?, ?)",
        [(article_id, n, i.url, url_key(i.url), i.caption, i.credit) for n, i in enumerate(images, 1)],
    )
    db.conn.execute(f"{FOUND} WHERE article_id = ?", (article_id,))


def tell_found(db: Database, articles: Iterable[int], captures: Iterable[int]) -> None:
    """Tell anew where the pictures of these articles, and those that these captures are of, were captured."""
    for article_id in articles:
        db.conn.execute(f"{FOUND} WHERE article_id = ?", (article_id,))
    for capture_id in captures:
        db.conn.execute(
            f"{FOUND} WHERE url_key = (SELECT url_key FROM captures WHERE id = ? AND outcome = 'image/kept')",
            (capture_id,),
        )


def put_capture(db: Database, capture_id: int, size: int | None) -> None:
    """Tell the rows of all articles that show it where a picture was captured, and its length in bytes."""
    db.conn.execute("UPDATE captures SET bytes = ? WHERE id = ?", (size, capture_id))
    db.conn.execute(f"{FOUND} WHERE url_key = (SELECT url_key FROM captures WHERE id = ?)", (capture_id,))
