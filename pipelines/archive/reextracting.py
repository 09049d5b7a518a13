"""Puts today's reading of captures in the place of the old one, which stays as revisions of kind ``extraction``.

All of it runs in the caller's one transaction: a kill leaves the archive as it was. Articles are never joined
or parted here, whatever the new texts would prove: that is left to captures to come, and to a replay.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Self

from sqlite_utils import Database

from pipelines.archive import layout, runs
from pipelines.archive.addresses import article_at
from pipelines.archive.alike import link_again, printed
from pipelines.archive.articles import seen_again, store_article
from pipelines.archive.comparing import compare
from pipelines.archive.connection import moment, stamp, transaction
from pipelines.archive.corrections import overlay
from pipelines.archive.histories import tell, told
from pipelines.archive.revisions import free_moment, put_small_facts
from pipelines.archive.vanished import set_gone
from pipelines.items import Visit
from pipelines.rereads import Difference, Totals
from pipelines.text import words
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipelines.archive.comparing import Again
    from pipelines.archive.connection import Connection
    from pipelines.archive.frontier import FrontierRows
    from pipelines.archive.histories import State
    from pipelines.archive.rereads import Spill
    from pipelines.items import Article
    from pipelines.rereads import Reread

LOST = "today's rules find no article on any of its pages; the reading of before is kept"


class Reextraction:
    """Compares all that was read again and, with ``frontier``, writes it; the outcome is in ``totals`` and the spill.

    ``extractor`` names today's rules.
    """

    def __init__(self, db: Database, spill: Spill, extractor: str, now: datetime) -> None:
        self._db = db
        self._spill = spill
        self._extractor = extractor
        self._now = now
        self.totals = Totals()

    @classmethod
    def over(cls, db: Connection, spill: Spill, extractor: str, now: datetime) -> Self:
        """Return one that only compares, over an archive open for reading."""
        return cls(Database(db), spill, extractor, now)

    def accept(self, frontier: FrontierRows, paper: str | None, digest: str, versions: Mapping[str, str]) -> None:
        """Compare and write, with a row in ``runs``, in one transaction."""
        with transaction(self._db):
            run_id = runs.begin(self._db, paper, "reextract", self._now, digest, versions)
            self.run(frontier, run_id)
            names = ("changed", "lost", "gained", "outcomes")
            counts = Counter({name: n for name in names if (n := getattr(self.totals, name))})
            runs.end(self._db, run_id, "finished", self._now, counts, [])

    def run(self, frontier: FrontierRows | None = None, run_id: int | None = None) -> None:
        """Compare, and write where a frontier is given; ``run_id`` is the row of ``runs`` that problems go to."""
        for article_id in self._spill.articles():
            rereads = self._spill.of(article_id)
            again = compare(self._db, article_id, rereads, self._extractor)
            self.totals.articles += 1
            self._note(again.difference)
            if frontier is not None:
                self._apply(again, rereads, run_id)
        for one in self._spill.others(gained=False):
            self._judged_anew(one, write=frontier is not None)
        gained: set[str] = set()
        for one in self._spill.others(gained=True):
            self._gained(one, gained, frontier)

    def _note(self, difference: Difference | None) -> None:
        if difference:
            self.totals.count(difference)
            self._spill.tell(difference)

    def _apply(self, again: Again, rereads: dict[int, Reread], run_id: int | None) -> None:
        for one in rereads.values():
            if one.visit:
                layout.put(self._db, one.page.id, one.visit)
        if not again.states:
            self._mark_lost(again, run_id)
            return
        self._db.conn.execute(
            "UPDATE articles SET extractor = ?1, confidence = NULL WHERE id = ?2 "
            "AND (extractor <> ?1 OR confidence IS NOT NULL)",
            (self._extractor, again.article_id),
        )
        if again.difference:
            put_again(self._db, again, self._now)

    def _mark_lost(self, again: Again, run_id: int | None) -> None:
        """Note that an article is found on none of its pages; it keeps what it shows."""
        lost = again.difference
        if lost is None:
            return
        self._db.conn.execute("UPDATE articles SET confidence = ? WHERE id = ?", (lost.outcome, again.article_id))
        if run_id is not None:
            problem = Visit(
                paper=lost.paper, url=lost.url, kind="article", outcome=lost.outcome, at=self._now, reason=LOST
            )
            runs.put_problem(self._db, run_id, problem, self._now)

    def _judged_anew(self, one: Reread, *, write: bool) -> None:
        """Write what a page without an article is found to be."""
        if one.visit is None:
            return
        (before,) = self._db.conn.execute("SELECT outcome FROM captures WHERE id = ?", (one.page.id,)).fetchone()
        self.totals.outcomes += before != one.visit.outcome
        if not write:
            return
        layout.put(self._db, one.page.id, one.visit)
        if before != one.visit.outcome:
            put_outcome(self._db, one.page.id, one.visit.outcome)

    def _gained(self, one: Reread, gained: set[str], frontier: FrontierRows | None) -> None:
        """Take an article that is found where none was; of the page of one that is held it is another version."""
        visit = one.visit
        assert visit is not None
        article = visit.article
        assert article is not None
        self.totals.outcomes += 1
        if frontier is None:
            held = article_at(self._db, visit.paper, article.url_key) is not None
        else:
            held = self._store(one, visit, frontier) != "new"
        if not held and article.uid not in gained:
            gained.add(article.uid)
            self._note(_new(visit, article))

    def _store(self, one: Reread, visit: Visit, frontier: FrontierRows) -> str:
        """Store an article as a crawl does, and let what came after it count."""
        db, at = self._db, visit.at
        row = frontier.ensure(visit.paper, visit.url, "article", at)
        put_outcome(db, one.page.id, "article")
        layout.put(db, one.page.id, visit)
        kind, article_id = store_article(db, visit, one.page.id, at, self._extractor)
        if kind == "refused":
            return kind
        frontier.mark(row, visit)
        for capture_id, later in db.conn.execute(
            "SELECT id, fetched_at FROM captures WHERE paper = ? AND url_key = ? AND outcome = 'unchanged' "
            "AND article_id IS NULL AND fetched_at > ? ORDER BY fetched_at",
            (visit.paper, row.url_key, stamp(at)),
        ).fetchall():
            when = moment(later)
            assert when is not None
            seen_again(db, visit.paper, row.url_key, capture_id, when)
        set_gone(db, article_id)
        return "new" if kind in ("new", "copied") else kind


def _new(visit: Visit, article: Article) -> Difference:
    length = words(article.reading.text)
    return Difference("gained", article.uid, visit.paper, visit.url, article.reading.title or "", words_after=length)


def put_again(db: Database, again: Again, now: datetime) -> None:
    """Let an article show what today's rules read; what it showed by the old ones stays as old readings."""
    article_id, printings = again.article_id, printed(db, again.article_id)
    for capture_id, outcome in again.lost.items():
        db.conn.execute(
            "UPDATE captures SET article_id = NULL, content_sha256 = NULL, facts = NULL WHERE id = ?", (capture_id,)
        )
        put_outcome(db, capture_id, outcome)
    db.conn.executemany(
        "UPDATE captures SET content_sha256 = ? WHERE id = ?", [(s.content_sha256, s.capture_id) for s in again.states]
    )
    tell(db, article_id, again.states, reread=True)
    _keep_old(db, article_id, again.before, now)
    if again.version:
        put_small_facts(db, article_id, again.version, newest=True)
        overlay(db, article_id)
    if again.lost:
        db.conn.execute(
            "UPDATE articles SET (first_seen, last_seen) = (SELECT min(fetched_at), max(fetched_at) FROM captures "
            "WHERE article_id = ?1 AND outcome <> 'refused') WHERE id = ?1",
            (article_id,),
        )
        set_gone(db, article_id)
    if printed(db, article_id) != printings:
        link_again(db, article_id, {digest for digest, _, _ in printings})


def _keep_old(db: Database, article_id: int, before: Sequence[State], now: datetime) -> None:
    """Keep the versions that the captures do not show any more, each once, as read until now."""
    kept = {(s.content_sha256, s.facts) for s in told(db, article_id)}
    kept |= {
        tuple(row)
        for row in db.conn.execute(
            "SELECT content_sha256, facts FROM revisions WHERE article_id = ? AND kind = 'extraction'", (article_id,)
        )
    }
    for old in before:
        if (old.content_sha256, old.facts) in kept:
            continue
        kept.add((old.content_sha256, old.facts))
        at = free_moment(db, article_id, stamp(now))
        digests = (old.content_sha256, old.text_sha256)
        db.conn.execute(
            "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, lead, "
            "text, facts) VALUES (?1, 'extraction', ?2, ?3, ?4, ?5, ?6, ?7, "
            "iif(?4 = (SELECT content_sha256 FROM articles WHERE id = ?1), NULL, ?8), ?9)",
            (article_id, at, old.capture_id, *digests, old.title, old.lead, old.text, old.facts),
        )


def put_outcome(db: Database, capture_id: int, outcome: str) -> None:
    """Write what a page is found to be; whether the article at its address is gone is told anew."""
    db.conn.execute("UPDATE captures SET outcome = ? WHERE id = ?", (outcome, capture_id))
    paper, url = db.conn.execute("SELECT paper, url FROM captures WHERE id = ?", (capture_id,)).fetchone()
    held = article_at(db, paper, url_key(url))
    if held is not None:
        set_gone(db, held)
