"""Brings the captures of another archive, and says whose judgement of a capture stands that both hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipelines.archive.connection import ArchiveError
from pipelines.archive.union.findings import CAPTURE, Row, columns, insert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from pipelines.archive.union.findings import Brought

JUDGED = (
    "SELECT c.id, c.outcome, c.content_sha256, a.extractor FROM captures c LEFT JOIN articles a ON a.id = c.article_id"
)
SAME = "c.url = ? AND c.fetched_at = ? AND c.status = ? AND c.payload_digest = ?"
"""What makes two records one exchange (`pipelines.archive.captures.SAME`)."""


def bring_captures(job: Brought) -> None:
    """Write the captures that are not here yet, still without their articles, and compare those that are."""
    for number, theirs in _captures(job.other):
        paper = theirs["paper"]
        row = theirs.but(warc_file=job.file(theirs["warc_file"]), article_id=None, content_sha256=None)
        made = insert(job.db, "captures", row)
        if made:
            job.captures[number] = made
            job.fresh.add(made)
            job.findings.count(paper, "captures")
            continue
        exchange = (row["url"], row["fetched_at"], row["status"], row["payload_digest"])
        held = job.db.conn.execute(f"{JUDGED} WHERE {SAME}", exchange).fetchone()
        if held is None:
            raise ArchiveError(
                f"{row['warc_file']}, offset {row['warc_offset']}: both archives have a record there, of different "
                "exchanges; bring the other archive's WARC files (--warc), so that they can be told apart"
            )
        job.captures[number] = held[0]
        job.findings.count(paper, "captures_known")
        _compare(job, number, held, row)


def _captures(other: Database) -> Iterator[tuple[int, Row]]:
    names = columns(other, "captures")
    for found in other.conn.execute(f"SELECT id, {', '.join(names)} FROM captures ORDER BY id"):
        yield found[0], Row(names, tuple(found[1:]))


def _compare(job: Brought, number: int, ours: tuple[Any, ...], row: Row) -> None:
    """Let the better judgement of one capture stand; say so where both read it, and differently."""
    theirs = job.other.conn.execute(f"{JUDGED} WHERE c.id = ?", (number,)).fetchone()
    if tuple(ours[1:3]) == tuple(theirs[1:3]):
        return
    if theirs[2] is not None and theirs[2] == ours[2] and "refused" in (ours[1], theirs[1]):
        return  # one read, whose page it is: that is judged anew (`pipelines.archive.parting`)
    wins = rank(*theirs[1:]) > rank(*ours[1:])
    both = ours[1] is not None and theirs[1] is not None
    if both and (ours[1] != theirs[1] or ours[1] == "article"):
        kept = theirs if wins else ours
        said = f"read here as {_reading(ours)}, there as {_reading(theirs)}; {_reading(kept)} stands"
        job.findings.differ(CAPTURE, f"{row['url']} of {row['fetched_at']}", said)
    if wins:
        job.won.add(ours[0])
        job.db.conn.execute("UPDATE captures SET outcome = ? WHERE id = ?", (theirs[1], ours[0]))


def rank(outcome: str | None, content: str | None, extractor: str | None) -> tuple[Any, ...]:
    """Sort key of which judgement of a capture stands: an article, by the newest rules; the same whoever asks."""
    return (outcome == "article", outcome is not None, version_of(extractor), outcome or "", content or "")


def version_of(extractor: str | None) -> tuple[int, ...]:
    """Sort key of how new the rules are that a page was read by."""
    return tuple(int(n) for n in re.findall(r"\d+", extractor or ""))


def _reading(judged: tuple[Any, ...]) -> str:
    return f"{judged[1]} {str(judged[2])[:8]}" if judged[2] else str(judged[1])


def bring_layout(job: Brought) -> None:
    """Bring how each page was read; of a capture that both hold, what its judgement that stands was made by."""
    names = columns(job.other, "layout_stats")
    for found in job.other.conn.execute(f"SELECT {', '.join(names)} FROM layout_stats"):
        row = Row(names, tuple(found))
        ours = job.captures[row["capture_id"]]
        row = row.but(capture_id=ours)
        if ours in job.won:
            job.db.conn.execute("DELETE FROM layout_stats WHERE capture_id = ?", (ours,))
        insert(job.db, "layout_stats", row)
