"""Finds redirects that lead in a circle: such an address holds no article, and is a failed one."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp
from pipelines.urls import url_key

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.items import FrontierRow, Visit

logger = logging.getLogger(__name__)

ONWARD = """
SELECT coalesce(p.to_paper, u.paper), u.redirect_key FROM urls u
LEFT JOIN pointers p ON p.paper = u.paper AND p.url_key = u.url_key AND p.to_key = u.redirect_key
  AND p.kind <> 'canonical'
WHERE u.paper = ? AND u.url_key = ? AND u.state IN ('redirect', 'failed') AND u.redirect_key IS NOT NULL
ORDER BY p.last_seen DESC LIMIT 1
"""
"""SQL: paper and key of the address that one (paper, key) was last seen to redirect to."""
INTO = """
WITH RECURSIVE led (paper, url_key) AS (SELECT ?1, ?2
  UNION SELECT p.paper, p.url_key FROM led JOIN pointers p ON p.to_paper = led.paper AND p.to_key = led.url_key
    AND p.kind <> 'canonical'
  JOIN urls u ON u.paper = p.paper AND u.url_key = p.url_key AND u.redirect_key = p.to_key
    AND u.state IN ('redirect', 'failed'))
UPDATE urls SET state = 'failed' WHERE state = 'redirect' AND (paper, url_key) IN (SELECT paper, url_key FROM led)
"""
"""SQL: calls the redirects failed that lead to an address (paper, key), over however many."""
SPELLED = (
    "SELECT EXISTS (SELECT 1 FROM captures WHERE paper = ? AND url_key = ? AND url = ? AND outcome = 'redirect' "
    "AND fetched_at BETWEEN ? AND ?)"
)
"""SQL: whether another spelling of an address was found to redirect in a span of time."""
RECENT = timedelta(hours=1)
"""How long ago a spelling was seen to redirect that is not tried again."""


def break_circle(db: Database, visit: Visit, row: FrontierRow) -> Visit:
    """Call a redirect that comes back to where one was before failed, and with it those that lead there.

    Listings are followed from one spelling of their address to another alone. What was fetched earlier than the row's
    newest visit says nothing. Runs in the caller's transaction.
    """
    if visit.outcome != "redirect" or not visit.redirect_to:
        return visit
    if row.fetched_at is not None and visit.at < row.fetched_at:
        return visit
    first = visit.redirect_paper or visit.paper, url_key(visit.redirect_to)
    here = visit.paper, row.url_key
    if first == here:
        return _failed(visit) if _is_tried(db, visit, row) else visit
    if visit.kind != "article" or not _is_circle(db, here, first):
        return visit
    db.conn.execute(INTO, here)
    return replace(_failed(visit), redirect_to=visit.redirect_to)


def _is_tried(db: Database, visit: Visit, row: FrontierRow) -> bool:
    """Say whether the spelling that an address redirects to was found to redirect itself, just now."""
    if visit.redirect_to == visit.url:
        return True
    asked = (visit.paper, row.url_key, visit.redirect_to, stamp(visit.at - RECENT), stamp(visit.at))
    return bool(db.conn.execute(SPELLED, asked).fetchone()[0])


def _is_circle(db: Database, start: tuple[str, str], address: tuple[str, str]) -> bool:
    """Say whether redirects lead from ``address``, to which ``start`` leads, to where they were before."""
    met = {start}
    while address not in met:
        met.add(address)
        found = db.conn.execute(ONWARD, address).fetchone()
        if found is None:
            return False
        address = (found[0], found[1])
    return True


def _failed(visit: Visit) -> Visit:
    reason = f"redirects in a circle, by {visit.redirect_to!r} back to itself"
    logger.warning("%s: %r: %s", visit.paper, visit.url, reason)
    outcome = "failed" if visit.kind == "article" else "listing/unreadable"
    return replace(visit, outcome=outcome, reason=reason, redirect_to=None)
