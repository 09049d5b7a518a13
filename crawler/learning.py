"""Learns each paper's furniture while its pages are judged, and says with which version a page is read.

Versions are numbered per paper and advance after every STEP of its new articles, counted over all
runs, so that the same captures in the same order are read alike, live and in a replay. A page whose
article is known is read with the version it was read with before: what we learned is no edit of the paper's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scrapy.utils.misc import load_object

from crawler.extraction.furniture import STEP, WINDOW, furniture
from pipelines.observed import Learned, ObservedPage
from pipelines.urls import newsroom_id, uid, url_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from pipelines.archive import Archive
    from pipelines.items import Article, Paper, Visit

REMEMBERED = 1000
"""Uids and addresses whose version is remembered until the archive surely tells it: many times a batch."""


@dataclass(slots=True)
class _Shelf:
    """What is known of one paper: its latest pages, and the version in force."""

    pages: deque[ObservedPage]
    version: int
    lines: frozenset[str]
    read: dict[str, int] = field(default_factory=dict)
    """The versions with which this process last read articles, by uid and address; some are not committed yet."""


class Learner:
    """Keeps the furniture of the papers that one process judges pages of."""

    def __init__(self, archive: Archive) -> None:
        self._rows = archive.furniture
        self._shelves: dict[str, _Shelf] = {}

    def judged(
        self, paper: Paper, url: str, judge: Callable[[frozenset[str]], Visit], given: str | None = None
    ) -> Visit:
        """Return what ``judge`` makes of the page at ``url`` with the right furniture, having learned from it.

        ``given`` is the uid that the page's article was given before, where a WARC file says so.
        """
        shelf = self._shelf(paper.name)
        key = url_key(url)
        name = given or uid(paper.name, newsroom_id(url, paper), key)
        before = shelf.read.get(name, shelf.read.get(key))
        if before is None:
            before = self._rows.read_with(paper.name, name, key)
        version = shelf.version if before is None else before
        visit = judge(shelf.lines if version == shelf.version else self._rows.lines(paper.name, version))
        if visit.article is None:
            if before is not None and visit.moved and visit.redirect_to and visit.redirect_paper is None:
                _remember(shelf, before, url_key(visit.redirect_to))
            return visit
        article = replace(visit.article, furniture=version)
        learned = _learn(shelf, article, name) if before is None else None
        _remember(shelf, version, name, key)
        return replace(visit, article=article, learned=learned)

    def _shelf(self, paper: str) -> _Shelf:
        if paper not in self._shelves:
            version = self._rows.version(paper)
            pages = deque(self._rows.pages(paper, WINDOW), WINDOW)
            self._shelves[paper] = _Shelf(pages, version, self._rows.lines(paper, version))
        return self._shelves[paper]


def learner_of(crawler: Crawler) -> Learner | None:
    """Return the learner of a crawl that fills an archive; None for Scrapy's own commands, which fill none."""
    store: Any = crawler.get_item_pipeline(load_object("pipelines.stages.Store"))
    return Learner(store.archive) if store is not None else None


def _learn(shelf: _Shelf, article: Article, name: str) -> Learned:
    """Put a page on the shelf; after every STEP pages, judge anew which lines are furniture."""
    reading = article.reading
    number = shelf.pages[-1].number + 1 if shelf.pages else 1
    page = ObservedPage(number, name, reading.section or "", reading.author or "", reading.lines)
    shelf.pages.append(page)
    learned = Learned(page, oldest=number - WINDOW + 1)
    if number % STEP:
        return learned
    lines = furniture(shelf.pages, shelf.lines)
    if lines == shelf.lines:
        return learned
    added, dropped = sorted(lines - shelf.lines), sorted(shelf.lines - lines)
    shelf.version, shelf.lines = shelf.version + 1, lines
    return replace(learned, version=shelf.version, added=tuple(added), dropped=tuple(dropped))


def _remember(shelf: _Shelf, version: int, *names: str) -> None:
    shelf.read.update(dict.fromkeys(names, version))
    while len(shelf.read) > REMEMBERED:
        del shelf.read[next(iter(shelf.read))]
