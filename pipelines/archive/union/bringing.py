"""Brings one archive into another, in the order in which one thing rests on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.archive.images import tell_found
from pipelines.archive.union.articles import bring_articles
from pipelines.archive.union.captures import bring_captures, bring_layout
from pipelines.archive.union.corrections import bring_corrections, show_corrections
from pipelines.archive.union.findings import Brought, Findings
from pipelines.archive.union.frontier import bring_frontier
from pipelines.archive.union.furniture import bring_furniture
from pipelines.archive.union.health import bring_health
from pipelines.archive.union.hosts import bring_hosts
from pipelines.archive.union.ledger import withdraw_all
from pipelines.archive.union.records import bring_files, bring_papers, bring_runs
from pipelines.archive.union.verdicts import bring_pointers, judge_anew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

    from pipelines.items import Paper

BROUGHT = (
    *("papers", "provinces", "captures", "layout_stats", "warc_files", "runs", "problems", "furniture"),
    *("furniture_pages", "pointers", "urls", "backfills", "backfill_urls", "backfill_shown", "articles"),
    *("article_text", "revisions", "aliases", "authors", "tags", "images", "corrections"),
    *("takedowns", "takedown_marks", "takedown_stays", "rhythms", "hosts", "host_days"),
    *("layout_changes", "clock"),
)
"""Tables whose rows are brought; what was taken down before all others (`pipelines.archive.union.ledger`)."""
JUDGED = ("copies", "stories", "signatures", "bands")
"""Tables that say what articles are to each other: judged anew, among the articles of both."""
OURS = ("health_changes", "article_counts")
"""Tables that are not brought: what one machine told its own operator, and what triggers count as articles come."""


def bring(
    db: Database, other: Database, listed: Mapping[str, Paper], files: Mapping[str, str], findings: Findings
) -> None:
    """Bring ``other`` into ``db``, in the caller's transaction, and add to ``findings`` what that came to.

    ``files`` maps paths of the other's WARC files to what they are called here, where that differs. ``other`` has
    today's schema, and both hold nothing of what either says was erased. Twice changes nothing, and the outcome is
    the same whichever archive is brought into which, but for row numbers and names of WARC files. Raises ArchiveError.
    """
    job = Brought(db, other, dict(files), findings)
    bring_papers(job, listed)
    bring_files(job)
    bring_runs(job)
    bring_furniture(job)
    bring_captures(job)
    told = bring_pointers(job)
    bring_corrections(job)
    bring_articles(job)
    bring_layout(job)
    bring_frontier(job)
    bring_hosts(job)
    bring_health(job)
    withdraw_all(db)
    judge_anew(job, told)
    show_corrections(job)
    tell_found(db, job.touched, job.fresh | job.won)
