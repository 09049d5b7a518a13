"""Knows which captured pages of a public article strangers do not see: those that show what they may not see.

A page is another article's, or one of an address where a private article is; or it shows, beside its own text, some
of an article that was taken down, in a box of related articles or by its address. The exports leave out the same.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from browse.archive import rows
from pipelines.addresses_named import Addresses, Written
from pipelines.records import RecordError, page_of
from pipelines.runs_of_words import runs_in, runs_of

if TYPE_CHECKING:
    from pipelines.records import Record

AT_HOME = """NOT EXISTS (SELECT 1 FROM articles a WHERE a.visibility = 'private'
  AND a.paper = c.paper AND a.url_key = c.url_key)
AND NOT EXISTS (SELECT 1 FROM aliases x JOIN articles a ON a.id = x.article_id WHERE x.paper = c.paper
  AND x.url_key = c.url_key AND a.visibility = 'private')
AND NOT EXISTS (SELECT 1 FROM takedown_marks m JOIN takedowns t ON t.uid = m.uid WHERE m.paper = c.paper
  AND m.kind = 'url' AND m.value = c.url_key AND t.state <> 'undone')"""
"""Which captures ``c`` may be told of: an address of a private article, which may hold its title, is not."""
OWN = f"""c.article_id = :id AND {AT_HOME}
AND NOT EXISTS (SELECT 1 FROM captures s JOIN articles a ON a.id = s.article_id WHERE c.payload_digest <> ''
  AND s.payload_digest = c.payload_digest AND a.visibility = 'private')
AND NOT EXISTS (SELECT 1 FROM takedowns t CROSS JOIN takedown_stays y ON y.uid = t.uid AND y.kind = 'page'
  WHERE c.payload_digest <> '' AND y.payload_digest = c.payload_digest AND t.state <> 'undone')"""
"""Which captures ``c`` of the article ``:id`` may be shown, as far as rows tell."""
HIDDEN = """
SELECT a.id FROM takedowns t JOIN articles a ON a.uid = t.uid WHERE t.state = 'hidden' UNION
SELECT a.id FROM takedown_marks m JOIN takedowns t ON t.uid = m.uid JOIN articles a ON a.uid = m.value
WHERE m.kind = 'uid' AND t.state = 'hidden'
"""
ERASED = """
SELECT m.paper, m.value AS url FROM takedown_marks m JOIN takedowns t ON t.uid = m.uid WHERE m.kind = 'url'
  AND t.state IN ('erasing', 'erased')
UNION SELECT paper, url FROM takedowns WHERE state IN ('erasing', 'erased') AND url <> ''
"""
SAID = """
SELECT r.title, coalesce(r.lead, ''), coalesce(r.text, t.text, '') FROM revisions r
LEFT JOIN article_text t ON t.article_id = r.article_id WHERE r.article_id = :id
UNION ALL SELECT caption, '', '' FROM images WHERE article_id = :id AND caption IS NOT NULL
"""


async def shows_others(database: Any, article: dict[str, Any], record: Record) -> bool:
    """Say whether the page in a record shows some of what was taken down, beyond what the article says itself.

    One that cannot be read is taken for such a page, where anything was taken down.
    """
    hidden = [row["id"] for row in rows(await database.execute(HIDDEN))]
    erased = rows(await database.execute(ERASED))
    if not hidden and not erased:
        return False
    try:
        text = await asyncio.to_thread(page_of, record)
    except RecordError:
        return True
    if await asyncio.to_thread(_names, text, record.url, article["paper"], erased):
        return True
    own = runs_of(await _said(database, article["id"]))
    for number in hidden:
        runs = runs_of(await _said(database, number)) - own
        if runs and await asyncio.to_thread(runs_in, text, runs):
            return True
    return False


async def _said(database: Any, article_id: int) -> list[str]:
    found = await database.execute(SAID, {"id": article_id})
    return [part for row in found.rows for part in row]


def _names(text: str, url: str, paper: str, erased: list[dict[str, Any]]) -> bool:
    """Say whether a page names an address of what was erased."""
    written = Written(text, url)
    own = Addresses(row["url"] for row in erased if row["paper"] == paper)
    return Addresses(row["url"] for row in erased).named_on(written, own=False) or own.named_on(written, own=True)
