"""Says since when an article is gone, from the visits of all its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.connection import moment, stamp
from pipelines.duplicates import gone_everywhere

if TYPE_CHECKING:
    from sqlite_utils import Database


def set_gone(db: Database, article_id: int) -> bool:
    """Say since when the article is gone, from all visits of its addresses; return whether that is new."""
    visits = db.conn.execute(
        "SELECT c.paper || ' ' || c.url_key, c.fetched_at, c.outcome FROM captures c JOIN ("
        " SELECT paper, url_key FROM articles WHERE id = ?1 UNION"
        " SELECT paper, url_key FROM aliases WHERE article_id = ?1) k"
        " ON k.paper = c.paper AND k.url_key = c.url_key"
        " WHERE c.outcome IN ('article', 'unchanged', 'refused', 'page/soft-404', 'redirect') ORDER BY c.fetched_at",
        (article_id,),
    ).fetchall()
    # An address that leads elsewhere now tells nothing: the article stands or not where it leads.
    last = {address: outcome for address, _, outcome in visits}
    gone = gone_everywhere(
        (address, at, outcome in ("article", "unchanged"))
        for address, text, outcome in visits
        if last[address] != "redirect" and outcome != "redirect" and (at := moment(text))
    )
    before = db.conn.execute("SELECT gone_at FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
    now = stamp(gone) if gone else None
    if now != before:
        db.conn.execute("UPDATE articles SET gone_at = ? WHERE id = ?", (now, article_id))
    return now is not None and before is None
