"""Lets nothing into the archive that was erased from it, whichever address it comes by."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pipelines.archive import captures, takedowns
from pipelines.urls import url_key

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.items import Visit

logger = logging.getLogger(__name__)


def is_of_erased(db: Database, visit: Visit) -> bool:
    """Say whether a visit is to an erased article; an address that was not known for its own is from then on.

    Runs in the caller's transaction.
    """
    article = visit.article
    if takedowns.withheld(db, visit.paper, visit.url) is not None:
        return True
    uid = article and takedowns.erased_as(db, visit.paper, article.uid, article.text_sha256)
    if not uid:
        return False
    takedowns.mark(db, uid, visit.paper, "url", [url_key(visit.url)])
    takedowns.withdraw(db, uid)
    if visit.capture is not None:
        captures.put_outcome(db, captures.id_of(db, visit.capture), "taken-down")
    logger.warning(
        "%s: %r shows %s, which was erased; 'scrapy takedown %s --erase' replaces this record, too",
        visit.paper,
        visit.url,
        uid,
        uid,
    )
    return True
