"""Reads captured pages again with today's rules, in as many processes as are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.notes import paper_of_note
from crawler.papers import DataError
from crawler.visits import Fetched, judge_response
from crawler.warc_reading import notes_in
from pipelines.codings import CodingError, codings_of, decoded
from pipelines.processes import pool_of, starting
from pipelines.records import RecordError, header, records_at
from pipelines.rereads import Page, Reread
from pipelines.stages import identified, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor

    from crawler.papers import Directory
    from pipelines.items import Article, Visit
    from pipelines.records import Record
    from pipelines.rereads import Task

AHEAD = 3
"""Tasks that wait for each process."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages as a crawl does that knows these papers and templates; ``sample`` is DRIFT_SAMPLE, ``most`` bytes."""

    directory: Directory
    warc_dir: Path
    sample: int
    most: int

    def __call__(self, task: Task) -> list[Reread]:
        """Return what a task's pages say; each record is read once, in the order they stand in the file."""
        bodies = [(place, list(pages)) for place, pages in groupby(task.pages, lambda page: page.place)]
        file = task.pages[0].warc_file
        found = records_at(self.warc_dir, file, [offset for (_, offset), _ in bodies])
        return [
            self._read(page, record, task) for (_, pages), record in zip(bodies, found, strict=True) for page in pages
        ]

    def _read(self, page: Page, record: Record | RecordError, task: Task) -> Reread:
        where = f"{page.warc_file}, offset {page.warc_offset}"
        paper = self.directory.papers.get(page.paper)
        if isinstance(record, RecordError):
            return Reread(page, None, str(record))
        if paper is None:
            return Reread(page, None, f"{where}: no paper {page.paper!r} in papers.toml; add it to PAPER_FILES")
        capture = page.capture
        try:
            body = decoded(record.payload, codings_of(capture.headers, record.payload), self.most)
        except CodingError as error:
            return Reread(page, None, f"{where}: {error}")
        fetched = Fetched(
            url=capture.url,
            status=capture.status,
            body=body,
            at=capture.fetched_at,
            content_type=header(capture.headers, "Content-Type") or "",
            robots=",".join(value for name, value in capture.headers if name.lower() == "x-robots-tag"),
            capture=capture,
        )
        lines = task.furniture[page.paper, page.furniture]
        try:
            visit = judge_response(fetched, paper, self.directory, "article", furniture=lines, sample=self.sample)
        except Exception as error:  # noqa: BLE001 - whatever one page does, the others are read
            return Reread(page, None, f"{where}: {error}; this is a fault of baotinh, please report it")
        return Reread(page, replace(visit, article=_identified(visit, page)))


def _identified(visit: Visit, page: Page) -> Article | None:
    """Return the article as the stages hand it over, without what only learning needs."""
    if visit.article is None:
        return None
    reading = replace(normalised(visit.article.reading), lines=())
    return identified(replace(visit.article, reading=reading, furniture=page.furniture), page.paper, visit.url)


def read_all(reader: Reader, tasks: Iterable[Task], jobs: int) -> Iterator[list[Reread]]:
    """Give what all tasks say, in their order; only some wait at a time."""
    if jobs < 2:
        yield from map(reader, tasks)
        return
    left = iter(tasks)
    with ExitStack() as stack:
        pool = stack.enter_context(pool_of(jobs))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        waiting = _begun(pool, reader, left, jobs * AHEAD)
        while waiting:
            yield waiting.pop(0).result()
            waiting += _begun(pool, reader, left, 1)


def _begun(pool: ProcessPoolExecutor, reader: Reader, left: Iterator[Task], count: int) -> list[Future[list[Reread]]]:
    tasks = list(islice(left, count))
    with starting():
        return [pool.submit(reader, task) for task in tasks]


def with_remembered(directory: Directory, warc_dir: Path, files: Mapping[str, Sequence[str]]) -> Directory:
    """Return the papers of ``directory``, and those of ``files`` that the newest of their WARC files describes.

    ``files``: names of papers and the files their captures stand in, newest first. One that cannot be read, or
    says something wrong, is passed over.
    """
    found = dict(directory.papers)
    for name in (name for name in files if name not in directory.papers):
        for file in files[name]:
            try:
                table = notes_in(warc_dir / file).papers.get(name)
                if table is not None:
                    found[name] = paper_of_note(name, table, file, directory)
                    break
            except (DataError, RecordError):
                continue
    return replace(directory, papers=found)
