"""Compares an archive with what it should hold of the made-up newspapers, article by article."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.demo.expected import EXPECTED, Held
from tests.demo.stories import NAMES

FIELDS = ("title", "lead", "author", "source", "section", "text", "tags", "captions", "published", "edits", "gone")
ARTICLES = """
SELECT a.*, t.text, a.revisions - 1 AS edits, a.gone_at IS NOT NULL AS gone,
  (SELECT group_concat(tag, '|') FROM (SELECT tag FROM tags WHERE article_id = a.id ORDER BY tag)) AS tags,
  (SELECT group_concat(caption, '|') FROM (SELECT caption FROM images WHERE article_id = a.id ORDER BY position))
    AS captions
FROM articles a JOIN article_text t ON t.article_id = a.id WHERE a.paper = ?
"""


def differences(archive: Path, day: int, fields: tuple[str, ...] = FIELDS) -> Iterator[str]:
    """Yield a sentence for each thing in which ``archive`` after ``day`` is not as expected."""
    with closing(sqlite3.connect(archive)) as db:
        db.row_factory = sqlite3.Row
        for name in NAMES:
            expected = EXPECTED[name, day]
            found: dict[str, sqlite3.Row] = {}
            for row in db.execute(ARTICLES, (name,)):
                path = urlsplit(row["url"]).path
                try:
                    held = expected.at(path)
                except KeyError:
                    yield f"{name}{path}: expected no article, found {row['title']!r}"
                    continue
                if held.path in found:
                    yield f"{name}{path}: expected once, found twice"
                found[held.path] = row
            for held in expected.articles:
                yield from _compared(name, held, found.get(held.path), fields)


def _compared(name: str, held: Held, row: sqlite3.Row | None, fields: tuple[str, ...]) -> Iterator[str]:
    if row is None:
        yield f"{name}{held.path}: expected an article, found none"
        return
    for field in fields:
        found, wanted = _plain(row[field]), _wanted(held, field)
        if field == "published":
            found, wanted = (found or "")[:16], (wanted or "")[:16]
        if found != wanted:
            yield f"{name}{held.path}: {field}: expected {wanted!r}, found {found!r}"


def _wanted(held: Held, field: str) -> str | None:
    value = getattr(held, field)
    if field == "published":
        return held.published.isoformat()
    if isinstance(value, tuple):
        return "|".join(sorted(value) if field == "tags" else value) or None
    return value if value is None else str(int(value) if isinstance(value, bool) else value)


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
