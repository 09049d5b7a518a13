"""Finds redirects that lead in a circle: such an address holds no article, and is a failed one."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.urls import url_key

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.items import FrontierRow, Visit

logger = logging.getLogger(__name__)

CIRCLE = (
    "WITH RECURSIVE led (url_key) AS (SELECT ?2 UNION SELECT u.redirect_key FROM led JOIN urls u ON u.paper = ?1 "
    "AND u.url_key = led.url_key WHERE u.state IN ('redirect', 'failed') AND u.redirect_key IS NOT NULL) "
    "SELECT url_key FROM led"
)
"""SQL: the addresses that redirects lead to from one of a paper, itself the first."""


def break_circle(db: Database, visit: Visit, row: FrontierRow) -> Visit:
    """Call an article's redirect that comes back to its own address failed, and with it those on the way.

    What was fetched earlier than the row's newest visit says nothing. Runs in the caller's transaction.
    """
    if visit.outcome != "redirect" or visit.kind != "article" or not visit.redirect_to or visit.redirect_paper:
        return visit
    if row.fetched_at is not None and visit.at < row.fetched_at:
        return visit
    first = url_key(visit.redirect_to)
    if first == row.url_key:
        if visit.redirect_to != visit.url:
            return visit
        led: list[str] = []
    else:
        led = [key for (key,) in db.conn.execute(CIRCLE, (visit.paper, first)).fetchall()]
        if row.url_key not in led:
            return visit
    for key in led:
        db.conn.execute(
            "UPDATE urls SET state = 'failed' WHERE paper = ? AND url_key = ? AND state = 'redirect'",
            (visit.paper, key),
        )
    reason = f"redirects in a circle, by {visit.redirect_to!r} back to itself"
    logger.warning("%s: %r: %s", visit.paper, visit.url, reason)
    return replace(visit, outcome="failed", reason=reason, redirect_to=visit.redirect_to if led else None)
