"""What a simulated month came to: which articles and edits the archive has, how late, and what it asked for them."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.month_health import misjudged
from bench.month_papers import beginning
from pipelines.archive.connection import reading

if TYPE_CHECKING:
    from bench.month import Month
    from bench.month_papers import Newsroom, Story

FIGURES = {
    "articles": "articles published",
    "archived": "share archived",
    "delay_median": "median minutes from publication to capture",
    "delay_90": "90 % within minutes",
    "edits": "edits",
    "edits_caught": "share of edits caught within a day",
    "requests": "requests for articles, an article",
    "conditional": "of these conditional revisits",
    "deletions": "articles deleted",
    "gone": "of these marked gone",
    "wrongly_gone": "marked gone that are not",
    "polls_day": "requests for anything else, a paper and day",
    "crawls": "crawls started",
    "seconds_crawl": "seconds a crawl",
    "wall": "wall seconds",
    "cpu": "CPU seconds",
    "wrong": "crawls that failed",
}
TARGETS = {
    "archived": (0.995, 1.0),
    "delay_median": (0.0, 20.0),
    "edits_caught": (0.95, 1.0),
    "requests": (0.0, 4.0),
    "conditional": (0.0, 3.0),
    "wall": (0.0, 600.0),
}
"""Between what a figure has to be."""
DAY = timedelta(days=1)


def figures(month: Month, wall: float) -> dict[str, Any]:
    """Return the figures of a month that was simulated in ``wall`` seconds."""
    told = [(paper, story) for paper in month.papers for story in paper.stories if story.published >= beginning(0)]
    held = _held(month)
    found = [(paper, story, held.get((paper.name, story.number))) for paper, story in told]
    delays = sorted((row[0] - story.published) / timedelta(minutes=1) for _, story, row in found if row)
    vanished = [row for _, story, row in found if row and story.deleted and story.deleted < month.end]
    paths = {(paper.name, paper.path(story)) for paper, story in told}
    others = {(paper.name, paper.path(story)) for paper in month.papers for story in paper.stories} - paths
    asked = [one for one in month.log if (one.paper, one.path) in paths]
    polls = Counter(one.paper for one in month.log if (one.paper, one.path) not in paths | others)
    edits = _edits(month, told)
    return {
        "articles": len(told),
        "archived": round(len(delays) / len(told), 4),
        "delay_median": round(statistics.median(delays), 1),
        "delay_90": round(delays[int(len(delays) * 0.9)], 1),
        "edits": len(edits),
        "edits_caught": round(sum(edits) / len(edits), 4) if edits else None,
        "requests": round(len(asked) / len(told), 3),
        "conditional": round(sum(one.conditional for one in asked) / len(told), 3),
        "deletions": sum(bool(story.deleted and story.deleted < month.end) for _, story in told),
        "gone": sum(bool(row[1]) for row in vanished),
        "wrongly_gone": sum(bool(row and row[1] and not story.deleted) for _, story, row in found),
        "polls": {name: round(many / month.days, 1) for name, many in sorted(polls.items())},
        "polls_day": round(polls.total() / month.days / len(month.papers), 1),
        "crawls": month.crawls,
        "ticks": month.ticks,
        "seconds_crawl": round(month.crawling / max(month.crawls, 1), 4),
        "wall": round(wall, 1),
        "cpu": round(time.process_time(), 1),
        "wrong": len(month.wrong),
        "wrongs": month.wrong[:50],
        "told": [asdict(one) for one in month.told],
        "misjudged": list(misjudged(month.papers, month.days, month.told, month.health)),
        "health": month.health,
    }


def missed(found: dict[str, Any]) -> list[str]:
    """Return a sentence for each target that the figures miss, and for each paper whose health was told wrongly."""
    wrong = [
        f"{FIGURES[name]}: expected {least} to {most}, found {found[name]}"
        for name, (least, most) in TARGETS.items()
        if found[name] is not None and not least <= found[name] <= most
    ]
    return [*wrong, *found["misjudged"]]


def _held(month: Month) -> dict[tuple[str, int], tuple[datetime, str | None]]:
    """Return by paper and number when each article was first seen and when it was found gone."""
    by_path = {(paper.name, path): story.number for paper in month.papers for path, story in paper.by_path.items()}
    with reading(month.archive) as db:
        rows = db.execute("SELECT paper, url, first_seen, gone_at FROM articles").fetchall()
    return {
        (paper, by_path[paper, "/" + url.split("/", 3)[3]]): (datetime.fromisoformat(seen), gone)
        for paper, url, seen, gone in rows
    }


def _edits(month: Month, told: list[tuple[Newsroom, Story]]) -> list[bool]:
    """Say of each edit that a reader could see for a day whether it was captured within the day."""
    texts: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    with reading(month.archive) as db:
        sql = (
            "SELECT a.paper, a.url, r.seen_at, r.text FROM revision_texts r JOIN articles a ON a.id = r.article_id "
            "UNION ALL SELECT a.paper, a.url, a.first_seen, t.text FROM articles a "
            "JOIN article_text t ON t.article_id = a.id WHERE a.revisions = 0"
        )
        for paper, url, seen, text in db.execute(sql):
            texts.setdefault((paper, "/" + url.split("/", 3)[3]), []).append((datetime.fromisoformat(seen), text))
    caught = []
    for paper, story in told:
        for number, at in enumerate(story.edits, 1):
            if at + DAY <= min(month.end, story.deleted or month.end):
                mark = story.added(number)
                seen = texts.get((paper.name, paper.path(story)), [])
                caught.append(any(moment <= at + DAY and mark in text for moment, text in seen))
    return caught
