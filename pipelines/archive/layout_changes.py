"""The rows that say since when a paper's pages are read otherwise: found, and ended when that is over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp
from pipelines.changes import BASELINE, HAVING, LATEST, NEIGHBOURS, STEP, Change, Page, changes, is_over, recurring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

READ, ROWS = 2 * BASELINE + LATEST[1], 1000
"""Pages that are judged at a time, and rows in which they are looked for: a page read again has several."""
UNREAD = ("page/no-body", "page/body-hidden")
BYLINE = ("byline_printed", "author", "source")
DISAGREEMENT = "disagreement"
NUMBER = re.compile(r"\d+")
PAGES = f"""
SELECT l.capture_id, l.at, l.words, l.by_template, l.provenance, a.section, a.id FROM (
  SELECT * FROM layout_stats WHERE paper = ?1 AND template IS ?2 ORDER BY at DESC LIMIT {ROWS}
) l JOIN captures c ON c.id = l.capture_id LEFT JOIN articles a ON a.id = c.article_id
WHERE a.first_seen >= l.at OR (a.id IS NULL AND c.outcome IN {UNREAD}) ORDER BY l.at DESC, c.url DESC LIMIT {READ}
"""
"""An article's first capture; those of its later looks would count one page twice."""


def judge(db: Database, paper: str, template: str | None, now: datetime) -> list[tuple[Change, str]]:
    """End the changes of a paper's pages that are over, keep those found anew; return these with the first URL.

    Runs in the caller's transaction.
    """
    pages = _pages(db, paper, template)
    if not pages:
        return []
    _end_of_other_templates(db, paper, template, pages[-1].at, now)
    open_signals = set()
    for row_id, change in _open(db, paper, template):
        if is_over(change, [page for page in pages if page.at >= change.page.at]):
            _end(db, row_id, "pages", now)
        else:
            open_signals.add(change.signal)
    found = changes(_usual(db, paper, template, pages), frozenset(open_signals))
    return [(change, url) for change in found if (url := _put(db, paper, template, change, now)) is not None]


def note_disagreement(
    db: Database, paper: str, template: str, samples: Sequence[tuple[str, float]], mean: float | None, now: datetime
) -> None:
    """Keep or end the change that `samples` (address and disagreement, newest first) tell.

    ``mean`` None: they tell of none. Runs in the caller's transaction.
    """
    row = db.conn.execute(
        "SELECT id FROM layout_changes WHERE paper = ? AND template = ? AND signal = ? AND ended_at IS NULL",
        (paper, template, DISAGREEMENT),
    ).fetchone()
    if row and mean is None:
        _end(db, row[0], "pages", now)
    if row or mean is None:
        return
    least = min(value for _, value in samples if value >= mean)
    url = next(url for url, value in reversed(samples) if value >= least)
    first = db.conn.execute(
        "SELECT l.capture_id, l.at FROM layout_stats l JOIN captures c ON c.id = l.capture_id "
        "WHERE l.paper = ? AND c.url = ? AND l.disagreement >= ? ORDER BY l.at LIMIT 1",
        (paper, url, least),
    ).fetchone()
    if first:
        _put(db, paper, template, Change(DISAGREEMENT, 0.0, mean, Page(first[0], first[1], 0)), now)


def _pages(db: Database, paper: str, template: str | None) -> list[Page]:
    """Return how the paper's latest articles were read when they were first, oldest first."""
    rows = db.conn.execute(PAGES, (paper, template)).fetchall()[::-1]
    recurring_lines = _recurring(db, [article for *_, article in rows])
    return [
        Page(capture_id, at, words, flags(template, by_template, json.loads(said), recurs=recurs), section)
        for (capture_id, at, words, by_template, said, section, _), recurs in zip(rows, recurring_lines, strict=True)
    ]


def _recurring(db: Database, articles: Sequence[int | None]) -> list[bool]:
    """Say of each article whether a line of it recurs; all texts are read only where the latest show that many do."""
    late = recurring(_lines(db, articles[-LATEST[1] - 2 * NEIGHBOURS :]))
    if sum(late[-LATEST[1] :]) < STEP * LATEST[0]:
        return [False] * (len(articles) - len(late)) + late
    return recurring(_lines(db, articles))


def _lines(db: Database, articles: Sequence[int | None]) -> list[list[str]]:
    marks = ", ".join("?" * len(articles))
    texts = dict(
        db.conn.execute(
            f"SELECT article_id, text FROM article_text WHERE article_id IN ({marks})", tuple(articles)
        ).fetchall()
    )
    return [lines_compared(texts.get(article, "")) for article in articles]


def flags(
    template: str | None, by_template: int | None, said: Mapping[str, str], *, recurs: bool = False
) -> frozenset[str]:
    """Return what is wrong with a page, of `FLAGS`.

    ``by_template``: whether the template read the text, None for no text. ``said``: fields that were found, and by
    what. ``recurs``: a line of it stands on the pages around, too.
    """
    if by_template is None:
        return frozenset({"unread"})
    wrong = {name for name in HAVING if name not in said and not (name == "byline" and any(b in said for b in BYLINE))}
    wrong |= {"furniture"} if recurs else set()
    wrong |= {"fallback"} if template and not by_template else set()
    return frozenset(wrong)


def lines_compared(text: str) -> list[str]:
    """Return the lines of a text as they are compared with those of others."""
    return [line for line in NUMBER.sub("0", text.casefold()).split("\n") if line]


def _usual(db: Database, paper: str, template: str | None, pages: Sequence[Page]) -> list[Page]:
    """Return the pages from which a new change is told: none from before what the operator accepted, nor ended ones."""
    rows = db.conn.execute(
        "SELECT since, ended_at, ended_by FROM layout_changes WHERE paper = ? AND template = ? "
        "AND ended_at IS NOT NULL",
        (paper, template or ""),
    ).fetchall()
    begin = max((since for since, _, by in rows if by == "operator"), default="")
    over = [(since, ended) for since, ended, by in rows if by == "pages"]
    return [p for p in pages if p.at >= begin and not any(since <= p.at < ended for since, ended in over)]


def _open(db: Database, paper: str, template: str | None) -> list[tuple[int, Change]]:
    rows = db.conn.execute(
        "SELECT id, signal, before, after, capture_id, since FROM layout_changes "
        "WHERE paper = ? AND template = ? AND ended_at IS NULL AND signal <> ?",
        (paper, template or "", DISAGREEMENT),
    ).fetchall()
    return [(r[0], Change(r[1], r[2], r[3], Page(r[4] or 0, r[5], 0))) for r in rows]


def _end(db: Database, row_id: int, by: str, now: datetime) -> None:
    db.conn.execute("UPDATE layout_changes SET ended_at = ?, ended_by = ? WHERE id = ?", (stamp(now), by, row_id))


def _end_of_other_templates(db: Database, paper: str, template: str | None, latest: str, now: datetime) -> None:
    """End what was said of the template that the paper ran before: its pages are read with another now."""
    db.conn.execute(
        "UPDATE layout_changes SET ended_at = ?, ended_by = 'pages' "
        "WHERE paper = ? AND template <> ? AND ended_at IS NULL AND since < ?",
        (stamp(now), paper, template or "", latest),
    )


def _put(db: Database, paper: str, template: str | None, change: Change, now: datetime) -> str | None:
    """Keep a change; return the address of its first page, None where it is kept already."""
    cursor = db.conn.execute(
        "INSERT INTO layout_changes (paper, template, signal, before, after, capture_id, since, found_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(paper, template or "", change.signal, change.before, change.after),
            *(change.page.capture_id, change.page.at, stamp(now)),
        ),
    )
    row = db.conn.execute("SELECT url FROM captures WHERE id = ?", (change.page.capture_id,)).fetchone()
    return str(row[0]) if row and cursor.rowcount else None
