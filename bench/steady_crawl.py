"""A crawl that stores new articles at a steady pace, as other measurements' background."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING

from bench.rows import VIETNAM
from pipelines.archive import Archive
from pipelines.items import Article, Capture, Layout, Reading, Visit
from pipelines.stages import identified, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event
    from pathlib import Path

    from bench.rows import Press, Printed


@contextmanager
def crawling(path: Path, press: Press, a_second: int) -> Iterator[Synchronized[int]]:
    """Store ``a_second`` articles that are not in the archive yet until the block ends; gives how many there were."""
    forks = get_context("fork")
    ended, stored = forks.Event(), forks.Value("q", 0)
    process = forks.Process(target=_crawl, args=(path, press, a_second, ended, stored), daemon=True)
    process.start()
    try:
        yield stored
        if not process.is_alive():
            raise RuntimeError(f"the crawl ended by itself with {process.exitcode} after {stored.value} articles")
    finally:
        ended.set()
        process.join(60)


def _crawl(path: Path, press: Press, a_second: int, ended: Event, stored: Synchronized[int]) -> None:
    archive = Archive(path, extractor="bench")
    archive.sync_directory(press.papers, {})
    began, number = time.monotonic(), 0
    while not ended.is_set():
        due = began + number / a_second
        if (early := due - time.monotonic()) > 0:
            time.sleep(early)
        number += 1
        visit = _visit(press.printed(press.articles + number), datetime.now(UTC))
        assert visit.capture is not None
        archive.record(visit.paper, visit.capture)
        archive.submit(visit)
        stored.value = number - archive.waiting
    archive.close()


def _visit(printed: Printed, now: datetime) -> Visit:
    """Return the visit by which a crawl stores an article now."""
    reading = Reading(
        url=printed.url,
        title=printed.title,
        lead=printed.lead,
        author=printed.author,
        byline_printed=printed.author,
        source=printed.source,
        section=printed.section,
        language="vi",
        published=now.astimezone(VIETNAM).replace(second=0, microsecond=0).isoformat(),
        published_precision="minute",
        text=printed.text,
        tags=printed.tags,
        provenance={"title": "template", "text": "template"},
    )
    capture = Capture(
        printed.url,
        now,
        200,
        warc_file=f"{printed.paper.name}/{now:%Y%m%d}.warc.gz",
        warc_offset=printed.number * 20_000,
        warc_length=20_000,
        payload_digest=f"sha256:{printed.number:064x}",
    )
    article = identified(
        Article(reading=normalised(reading), newsroom=printed.newsroom), printed.paper.name, printed.url
    )
    return Visit(
        paper=printed.paper.name,
        url=printed.url,
        kind="article",
        outcome="article",
        at=now,
        capture=capture,
        article=identified(article, printed.paper.name, printed.url),
        layout=Layout(printed.paper.template),
    )
