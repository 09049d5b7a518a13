"""Finds the pages of others that show some of an article: which records go with it, and what stays and is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pipelines.addresses_named import Addresses, Written
from pipelines.archive import stays, traces
from pipelines.archive.stays import COPY, PAGE, TEXT, Sayings, Stay
from pipelines.records import RecordError, page_of, read_record
from pipelines.runs_of_words import runs_in

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from pipelines.archive.connection import Database
    from pipelines.archive.traces import Doomed, Page, Place
    from pipelines.runs_of_words import Runs


@dataclass
class Quoting:
    """The records of a paper's own listings that show an article, which go with it, and what of others stays."""

    going: list[Place] = field(default_factory=list)
    staying: list[Stay] = field(default_factory=list)


def quoting(
    db: Database, warc_dir: Path, known: Doomed, runs: Runs, buried: Container[tuple[str, int]] = ()
) -> Quoting:
    """Look through the captures of other pages that may show some of an article (`traces.others_pages`).

    Of its own paper's pages that are no article's, those go that say eight of its words in a row and name it, or say
    what no other article of the paper says. Others stay. ``buried`` are not read. A record that cannot be read is
    left out: `scrapy verify` says so.
    """
    found = Quoting(staying=[Stay(COPY, c.uid, "", c.score) for c in traces.copies_of(db, known.article)])
    copies = {one.named for one in found.staying}
    judged = _Judge(db, known)
    for page in traces.others_pages(db, known):
        if (page.place.file, page.place.offset) in buried:
            continue
        try:
            body = page_of(read_record(warc_dir, page.place.file, page.place.offset))
        except RecordError:
            continue
        said = runs_in(body, runs)
        if not said:
            continue
        shows = judged.shows(page, body, said)
        if shows and page.article_id is None and page.paper in known.papers:
            found.going.append(page.place)
            continue
        found.staying += [Stay(PAGE, page.named, page.payload_digest)] if shows else []
        says = not judged.own(page.article_id).isdisjoint(said) if page.article_id else not shows
        found.staying += [Stay(TEXT, page.named, page.payload_digest)] if says and page.named not in copies else []
    return found


class _Judge:
    """Tells pages that show an article from those that say the same themselves."""

    def __init__(self, db: Database, known: Doomed) -> None:
        self._known = known
        self._addresses = Addresses(known.urls)
        self._sayings = Sayings(db.conn, [known.article.id])
        self.own = lru_cache(maxsize=64)(lambda article_id: stays.own_runs(db.conn, article_id))

    def shows(self, page: Page, body: str, said: Runs) -> bool:
        """Say whether a page names the article, or says of it what neither it nor its paper's articles say."""
        if self._addresses.named_on(Written(body, page.place.url), own=page.paper in self._known.papers):
            return True
        left = said - self.own(page.article_id) if page.article_id else said
        return bool(left) and not self._sayings.are_all_said(page.paper, left)
