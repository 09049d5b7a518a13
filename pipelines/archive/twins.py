"""Finds the articles of one paper that printed the same, and joins those that are one at several addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.archive.connection import moment
from pipelines.archive.histories import states
from pipelines.archive.merging import merge
from pipelines.archive.moves import settle
from pipelines.archive.revisions import TOLD
from pipelines.duplicates import is_this
from pipelines.likeness import SHORTEST
from pipelines.showings import Print, Showing, are_twins
from pipelines.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

    from pipelines.archive.histories import State
    from pipelines.duplicates import Known
    from pipelines.items import Article

NUMBERS_OF_ONE = 8
"""Numbers, or addresses without one, that a paper gives one article at most: in several sections, mobile, print."""
READ = """
SELECT paper, url_key, newsroom_id FROM articles WHERE id = ?1
UNION ALL SELECT paper, url_key, newsroom_id FROM aliases WHERE article_id = ?1 AND kind <> 'uid'
"""
"""The addresses of an article (1) with their newsroom numbers."""


def places(db: Database, article_id: int) -> dict[tuple[str, str], str]:
    """Return what each address of an article is told apart by: its newsroom number, else the address."""
    rows = db.conn.execute(READ, (article_id,)).fetchall()
    return {(paper, key): str(number or f"{paper} {key}") for paper, key, number in rows}


def showing(state: State, place: str) -> Showing:
    """Return what a state shows, as far as judging needs it."""
    at = moment(state.seen_at)
    assert at is not None
    published = json.loads(state.facts).get("published")
    return Showing(place, at, state.title, state.text_sha256, state.text, published)


def showings(shown: Iterable[State], named: Mapping[tuple[str, str], str]) -> list[Showing]:
    """Return what states of one article show, in order of time; ``named`` are its `places`."""
    ordered = sorted(shown, key=lambda s: (s.seen_at, s.content_sha256, s.facts))
    return [showing(s, named.get(s.address) or " ".join(s.address)) for s in ordered]


def course(db: Database, article_id: int) -> list[Showing]:
    """Return all that an article's captures showed, in order of time."""
    return showings(states(db, article_id), places(db, article_id))


def rivals(db: Database, paper: str, prints: Iterable[Print], but: int | None = None) -> list[int]:
    """Return the articles of a paper, ``but`` one, that printed one of these; those of earlier rows first.

    What more than `NUMBERS_OF_ONE` newsroom numbers (or addresses without one) showed is a notice: it tells nothing.
    """
    found: set[int] = set()
    for shown in set(prints):
        printers = _printers(db, paper, shown)
        if len(printers) <= NUMBERS_OF_ONE and _numbers(db, printers) <= NUMBERS_OF_ONE:
            found |= printers
    return sorted(found - {but})


def joined_by_notice(db: Database, paper: str, shown: Print) -> list[int]:
    """Return the articles of several numbers that what has just proved to be a notice may have joined."""
    printers = _printers(db, paper, shown)
    if not NUMBERS_OF_ONE < _numbers(db, printers) <= 2 * NUMBERS_OF_ONE:
        return []
    return sorted(n for n in printers if _numbers(db, {n}) > 1)


def _printers(db: Database, paper: str, shown: Print) -> set[int]:
    """Return the articles of a paper that printed this, no more of them than it takes to know a notice."""
    rows = db.conn.execute(
        "SELECT DISTINCT r.article_id FROM revisions r JOIN articles a ON a.id = r.article_id "
        f"WHERE r.text_sha256 = ? AND r.title = ? AND a.paper = ? AND r.{TOLD} LIMIT ?",
        (shown[1], shown[0], paper, 2 * NUMBERS_OF_ONE + 1),
    )
    return {int(row[0]) for row in rows.fetchall()}


def _numbers(db: Database, articles: Iterable[int]) -> int:
    """Return how many newsroom numbers, or addresses without one, articles were read at."""
    return sum(len(set(_read_at(db, number))) for number in articles)


def _read_at(db: Database, article_id: int) -> list[str]:
    sql = (
        "SELECT coalesce(newsroom_id, uid) FROM articles WHERE id = ?1 UNION ALL SELECT coalesce(newsroom_id, uid) "
        "FROM aliases WHERE article_id = ?1 AND kind <> 'uid' AND uid IS NOT NULL"
    )
    return [str(row[0]) for row in db.conn.execute(sql, (article_id,)).fetchall()]


def joinable(db: Database, article: Article, paper: str, first: State, known: Sequence[Known]) -> list[Known]:
    """Return of known articles those that a page may be, or be a copy of: ``first`` is what the page shows.

    Of those of its own paper that are told by the text alone, the ones that have it as their own.
    """
    new = [showing(first, article.newsroom or " ".join(first.address))]
    told = [k for k in known if k.paper != paper or is_this(article, paper, k)]
    same = {k.id for k in known if k not in told and k.title == article.reading.title}
    if words(first.text) < SHORTEST or _numbers(db, same) >= NUMBERS_OF_ONE:
        same = set()  # too short to be told by, or a notice: their histories need not be read
    twins = {article_id for article_id in same if are_twins(new, course(db, article_id))}
    return [k for k in known if k in told or k.id in twins]


def settle_twins(db: Database, article_id: int) -> int:
    """Join to an article the others of its paper that printed the same as it did; return its row id."""
    going: int | None = article_id
    while going is not None:
        article_id = going
        (paper,) = db.conn.execute("SELECT paper FROM articles WHERE id = ?", (article_id,)).fetchone()
        prints = db.conn.execute(
            f"SELECT title, text_sha256 FROM revisions WHERE article_id = ? AND {TOLD}", (article_id,)
        ).fetchall()
        others = [(course(db, other), other) for other in rivals(db, paper, prints, but=article_id)]
        mine = course(db, article_id) if others else []
        earliest = sorted(others, key=lambda o: (o[0][0].at, o[0][0].place))
        twin = next((other for shown, other in earliest if are_twins(mine, shown)), None)
        going = settle(db, merge(db, article_id, twin, "same-text")) if twin else None
    return article_id
