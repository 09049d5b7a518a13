"""Makes shards of one history, merges them as an operator does, and tells what an archive says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler.merging import Merger
from crawler.merging_files import Other
from pipelines.archive.connection import sqlite3
from tests.crawling import FACTS
from tests.making import TEXT, archive, hours, paper, refusal, store, visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from pipelines.archive.union.findings import Findings
    from pipelines.items import Visit

PAPERS = (paper("alpha"), paper("beta"), paper("gamma"))
BESIDE = {
    "captures": "SELECT url, fetched_at, status, payload_digest, outcome FROM captures ORDER BY fetched_at, url",
    "shows": (
        "SELECT c.url, c.fetched_at, a.uid, c.content_sha256, c.facts FROM captures c JOIN articles a "
        "ON a.id = c.article_id ORDER BY 2, 1"
    ),
    "versions": (
        "SELECT a.uid, r.kind, r.seen_at, c.url, r.content_sha256 FROM revisions r JOIN articles a "
        "ON a.id = r.article_id JOIN captures c ON c.id = r.capture_id ORDER BY 1, 3"
    ),
    "addresses": "SELECT paper, url_key, kind, state, fetched_at, discovered_at FROM urls ORDER BY 1, 2",
    "signed": "SELECT a.uid, s.digest FROM signatures s JOIN articles a ON a.id = s.article_id ORDER BY 1, 2",
}
SAID = {**FACTS, **BESIDE}
"""What two archives of the same captures must both say, whichever files those stand in."""


def said(path: Path) -> dict[str, list[Any]]:
    db = sqlite3.connect(path)
    try:
        return {name: db.execute(sql).fetchall() for name, sql in SAID.items()}
    finally:
        db.close()


def dumped(path: Path) -> dict[str, list[Any]]:
    """Return all rows of an archive's tables, to the last column."""
    db = sqlite3.connect(path)
    try:
        tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'").fetchall()
        return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for (name,) in tables}
    finally:
        db.close()


def merge(into: Path, others: Sequence[Path]) -> Findings:
    """Merge rows alone: what the tests' archives say of WARC files is made up."""
    merger = Merger(into, into.parent / "warc", {p.name: p for p in PAPERS}, hours(200), copy=False)
    return merger.merge([Other(path, path.parent / "warc") for path in others])


def stored(path: Path, visits: Iterable[Visit]) -> Path:
    """Make an archive of visits, as a crawl that makes them in order of time."""
    made = archive(path, *PAPERS)
    store(made, sorted(visits, key=lambda v: v.at))
    made.close()
    return path


def history(seed: int, visits: int = 40) -> list[Visit]:
    """Return made-up visits of three papers: articles edited, copied, moved, under several addresses, gone."""
    draw, at = random.Random(seed), 0.0
    made = []
    for _ in range(visits):
        name, number = draw.choice(PAPERS).name, draw.randrange(4)
        path = f"/{draw.choice(('tin', 'tin', 'tin', 'm', 'in'))}/bai-{number}.html"
        at += draw.choice((0.2, 3, 15))
        when = hours(at)
        what = draw.random()
        if what < 0.12:
            made.append(refusal(path, when, of=name))
        elif what < 0.25:
            made.append(
                redirect(
                    path,
                    f"/tin/bai-{draw.randrange(5)}.html",
                    when,
                    of=name,
                    moved=name != "alpha" and draw.random() < 0.6,
                )
            )
        else:
            made.append(_article(draw, path, when, name, number))
    return made


def _article(draw: random.Random, path: str, when: datetime, name: str, number: int) -> Visit:
    text = TEXT.replace("đường sắt", f"đường thứ {number} {'rất ' * number}") + f"\nHết bài {number}."
    if draw.random() < 0.25:
        text += f"\nBản tin được bổ sung lần {draw.randrange(2)} với ý kiến của người dân trong xã."
    newsroom = f"sys:{number}" if name == "alpha" else None
    facts = {"section": draw.choice(("Kinh tế", "Xã hội")), "published": f"2026-11-{20 + number}T08:00:00+07:00"}
    return visit(path, when, of=name, title=f"Bài {number} về tuyến đường", text=text, newsroom=newsroom, **facts)


def redirect(path: str, to: str, at: datetime, *, of: str, moved: bool) -> Visit:
    made = refusal(path, at, of=of, status=301 if moved else 302)
    return replace(made, outcome="redirect", redirect_to=f"https://{of}.example.vn{to}", moved=moved)


def shards(folder: Path, visits: Sequence[Visit], seed: int) -> list[Path]:
    """Make three archives, each of some of the visits; three in ten visits are in two of them."""
    draw = random.Random(seed)
    parts: list[list[Visit]] = [[], [], []]
    for one in visits:
        for n in draw.sample(range(3), 1 if draw.random() < 0.7 else 2):
            parts[n].append(one)
    made = []
    for n, part in enumerate(parts):
        (folder / str(n)).mkdir(parents=True)
        made.append(stored(folder / str(n) / "archive.db", part))
    return made
