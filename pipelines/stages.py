"""The item pipelines, in order: Normalise, Fingerprint, Store."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.misc import load_object

from pipelines import text, urls
from pipelines.archive import Archive, ArchiveError
from pipelines.items import Visit
from pipelines.likeness import Marks

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from pipelines.items import Article, Reading

logger = logging.getLogger(__name__)

STOPPED = "archive_failed"
"""Why a crawl ended whose archive could no longer be written."""


class Normalise:
    """Gives every text one spelling: NFC, white space collapsed, paragraphs a line each, null for nothing."""

    def process_item(self, item: Visit) -> Visit:
        """Return the visit with its article's texts normalised."""
        if item.article is None:
            return item
        return replace(item, article=replace(item.article, reading=normalised(item.article.reading)))


class Fingerprint:
    """Gives an article its identity: address key, uid, digests and length (DESIGN, Identity)."""

    def process_item(self, item: Visit) -> Visit:
        """Return the visit with its article's identity filled in."""
        if item.article is None:
            return item
        return replace(item, article=identified(item.article, item.paper, item.url))


class Store:
    """Hands visits to the archive, which judges and commits them in batches."""

    def __init__(self, archive: Archive, crawler: Crawler) -> None:
        self.archive = archive
        self._crawler = crawler
        self._timer = create_looping_call(self._flush_if_old)
        self._failed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the archive that the settings name."""
        settings = crawler.settings
        archive = Archive(
            settings["ARCHIVE"],
            next_due=load_object(settings["NEXT_DUE"]).from_settings(settings),
            extractor=settings["EXTRACTOR"],
        )
        return cls(archive, crawler)

    def open_spider(self) -> None:
        """Start the timer that commits what has waited long enough."""
        self._timer.start(0.5, now=False)

    async def process_item(self, item: Visit) -> Visit:
        """Take one visit; end the crawl when the archive cannot be written any more."""
        try:
            self.archive.submit(item)
        except ArchiveError as error:
            self.stop(error)
        return item

    def close_spider(self) -> None:
        """Commit what waits."""
        if self._timer.running:
            self._timer.stop()
        try:
            self.archive.flush()
        except ArchiveError as error:
            self.stop(error)

    def stop(self, error: ArchiveError) -> None:
        """Say once that the archive failed and end the crawl; what was not stored stays due."""
        if self._failed:
            return
        self._failed = True
        logger.error("%s", error)
        if self._crawler.stats:
            self._crawler.stats.set_value("archive/error", str(error))
        if self._crawler.engine and self._crawler.engine.spider:
            deferred_from_coro(self._crawler.engine.close_spider_async(reason=STOPPED))

    def _flush_if_old(self) -> None:
        try:
            self.archive.flush_if_old()
        except ArchiveError as error:
            self.stop(error)


def normalised(reading: Reading) -> Reading:
    """Return ``reading`` with one spelling of its texts; what is empty then is None."""

    def line(s: str | None) -> str | None:
        return text.collapse(text.nfc(text.clean(s))) or None if s else None

    body = "\n".join(text.paragraphs(text.nfc(text.clean(reading.text)))) if reading.text else ""
    images = tuple(replace(i, caption=line(i.caption), credit=line(i.credit)) for i in reading.images)
    return replace(
        reading,
        title=line(reading.title),
        lead=line(reading.lead),
        author=line(reading.author),
        source=line(reading.source),
        byline_printed=line(reading.byline_printed),
        section=line(reading.section),
        tags=tuple(filter(None, map(line, reading.tags))),
        captions=tuple(filter(None, map(line, reading.captions))),
        images=images,
        text=body or None,
    )


def identified(article: Article, paper: str, url: str) -> Article:
    """Return ``article`` with what it is recognised by; ``url`` is the address it was fetched from.

    A uid it was given before (a WARC file says so) stays.
    """
    reading, key = article.reading, urls.url_key(url)
    return replace(
        article,
        url_key=key,
        uid=article.uid or urls.uid(paper, article.newsroom, key),
        content_sha256=text.content_digest(reading.title, reading.lead, reading.text),
        text_sha256=text.text_digest(reading.text) or text.content_digest(reading.title, reading.lead, None),
        words=text.words(reading.text),
        signature=Marks.of(reading.title, reading.text or "").signature,
    )
