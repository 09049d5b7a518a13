"""Says since when an article is gone, from the visits of all its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.connection import moment, stamp
from pipelines.duplicates import gone_everywhere

if TYPE_CHECKING:
    from sqlite_utils import Database


def _leads_away(db: Database, article_id: int, address: str) -> bool:
    """Return whether an address (paper, key) redirects to another article, or to an address that is refused."""
    paper, _, key = address.partition(" ")
    row = db.conn.execute(
        "SELECT (SELECT id FROM articles WHERE paper = p.to_paper AND url_key = p.to_key UNION ALL "
        "SELECT article_id FROM aliases WHERE paper = p.to_paper AND url_key = p.to_key LIMIT 1), "
        "(SELECT outcome FROM captures WHERE paper = p.to_paper AND url_key = p.to_key AND outcome IS NOT NULL "
        "ORDER BY fetched_at DESC LIMIT 1) FROM pointers p "
        "WHERE p.paper = ? AND p.url_key = ? AND p.kind <> 'canonical' ORDER BY p.last_seen DESC, p.to_key LIMIT 1",
        (paper, key),
    ).fetchone()
    if row is None:
        return False
    return row[0] != article_id if row[0] is not None else row[1] in ("refused", "page/soft-404")


def is_gone(db: Database, article_id: int) -> bool:
    """Say whether an article is said to be gone."""
    row = db.conn.execute("SELECT 1 FROM articles WHERE id = ? AND gone_at IS NOT NULL", (article_id,)).fetchone()
    return row is not None


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
    # An address that leads elsewhere now tells nothing, where the article stands or not is seen there; unless it
    # leads to another article, or to what is not there either.
    last = {address: outcome for address, _, outcome in visits}
    turned = {address for address, outcome in last.items() if outcome == "redirect"}
    away = {address for address in turned if _leads_away(db, article_id, address)}
    gone = gone_everywhere(
        (address, at, outcome in ("article", "unchanged"))
        for address, text, outcome in visits
        if (address in away or (address not in turned and outcome != "redirect")) and (at := moment(text))
    )
    before = db.conn.execute("SELECT gone_at FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
    now = stamp(gone) if gone else None
    if now != before:
        db.conn.execute("UPDATE articles SET gone_at = ? WHERE id = ?", (now, article_id))
    return now is not None and before is None
