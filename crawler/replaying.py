"""Feeds the records of WARC files through the same judging as a crawl, in the order of their time."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler

from crawler.clock import LOCAL, SystemClock
from crawler.discovery.links import kind_by_form, paper_for
from crawler.failures import printable
from crawler.images import wanted
from crawler.learning import Learner
from crawler.notes import paper_of_note
from crawler.papers import DataError, Directory
from crawler.spiders.newspaper import ALL_ANSWERS, fetched, unanswered
from crawler.visits import PROBE, Reach, judge_response
from crawler.warc import archive_of
from crawler.warc_reading import Notes, index, notes_in
from pipelines.archive.takedowns import withheld
from pipelines.fixity import paper_of
from pipelines.items import Visit
from pipelines.urls import is_article

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from pipelines.archive import Archive
    from pipelines.corrections import Correction
    from pipelines.hidings import Hiding
    from pipelines.items import Capture, Paper
    from pipelines.tombstones import Tombstone

logger = logging.getLogger(__name__)

ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
BEGINNINGS = (b"WARC/", b"filedesc://", b"\x1f\x8b")
FOREIGN = "foreign"
"""Folder below WARC_DIR for the WARC files of others, which are copied there."""
PAGES = ("html", "xml", "text/plain", "rss", "atom")


@dataclass(frozen=True, slots=True)
class Record:
    """A capture of a WARC file and the paper it is of."""

    paper: Paper
    capture: Capture


class Found(NamedTuple):
    """What files hold: papers' records in order of time, how many are of no paper, and what curators decided."""

    records: list[Record]
    others: int
    corrections: list[Correction]
    hidings: list[Hiding]
    stones: list[Tombstone]


def warc_files(paths: Iterable[Path]) -> list[Path]:
    """Return the WARC and ARC files that ``paths`` name, folders searched.

    Raises FileNotFoundError with a sentence for a path that is none.
    """
    named, found = list(paths), list[Path]()
    for path in named:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.name.endswith(ENDINGS))
        elif path.is_file() and (path.name.endswith(ENDINGS) or _begins_as_warc(path)):
            found.append(path)
        elif path.is_file():
            raise FileNotFoundError(f"{path}: expected a WARC or ARC file, found other bytes; correct the path")
        else:
            raise FileNotFoundError(f"{path}: no such file or folder; name WARC files or folders of them")
    if not found:
        raise FileNotFoundError(f"no WARC file in {', '.join(map(str, named))}; they end in {', '.join(ENDINGS)}")
    return list(dict.fromkeys(p.resolve() for p in found))


def _begins_as_warc(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(11).startswith(BEGINNINGS)


def kept_as(path: Path, warc_dir: Path) -> str:
    """Return the name of a WARC file relative to ``warc_dir``; one from elsewhere is named by its sha256.

    So it is copied once (`keep`).
    """
    home = warc_dir.resolve()
    if path.is_relative_to(home):
        return path.relative_to(home).as_posix()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{FOREIGN}/{digest[:12]}-{path.name}"


def keep(path: Path, warc_dir: Path, name: str) -> None:
    """Copy a WARC file to its name relative to ``warc_dir``, if it is not there."""
    place = warc_dir.resolve() / name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_suffix(place.suffix + ".partial")
        shutil.copyfile(path, partial)
        partial.rename(place)


def records(files: Sequence[Path], warc_dir: Path, directory: Directory) -> Found:
    """Return what the files hold; of those from elsewhere that hold anything, a copy is kept below ``warc_dir``.

    A paper that papers.toml does not name is read as the WARC files themselves describe it.
    """
    notes = [notes_in(path) for path in files]
    noted = _noted(zip(files, notes, strict=True), directory)
    uids = {record: uid for note in reversed(notes) for record, uid in note.uids.items()}
    found: list[Record] = []
    others = 0
    for path, own in zip(files, notes, strict=True):
        before, name = len(found), kept_as(path, warc_dir)
        for capture in index(path, name):
            paper = _owner(capture, directory, noted) or _crawled_for(capture, directory, noted)
            if paper is None or not _is_page(capture):
                others += 1
            else:
                # The note may stand in the next day's file; one in the answer's own goes before.
                uid = own.uids.get(capture.record_id) or uids.get(capture.record_id)
                found.append(Record(paper, _named(capture, uid, paper)))
        if len(found) > before or own != Notes():
            keep(path, warc_dir, name)
    found.sort(key=lambda r: (r.capture.fetched_at, r.capture.warc_file, r.capture.warc_offset))
    corrections = [one for note in notes for one in note.corrections]
    hidings = [one for note in notes for one in note.hidings]
    return Found(found, others, corrections, hidings, [stone for note in notes for stone in note.stones])


def _named(capture: Capture, uid: str | None, paper: Paper) -> Capture:
    """Return the capture with the uid its file says, if that is one of the paper's."""
    ours = uid is not None and re.fullmatch(rf"{re.escape(paper.name)}-[0-9a-f]{{12}}", uid)
    return replace(capture, uid=uid) if ours else capture


def _noted(files: Iterable[tuple[Path, Notes]], directory: Directory) -> list[Paper]:
    papers: dict[str, Paper] = {}
    for path, notes in files:
        for name, table in notes.papers.items():
            if name in directory.papers:
                continue
            try:
                papers[name] = paper_of_note(name, table, path.name, directory)
            except DataError as error:
                logger.warning("%s; its records are left out", error)
    return list(papers.values())


def _owner(capture: Capture, directory: Directory, noted: Sequence[Paper]) -> Paper | None:
    day = capture.fetched_at.astimezone(LOCAL).date()
    return paper_for(capture.url, directory.papers.values(), day) or paper_for(capture.url, noted, day)


def _crawled_for(capture: Capture, directory: Directory, noted: Sequence[Paper]) -> Paper | None:
    """Return the paper for whose pictures another's host was asked: the one whose file it is in, or whose page."""
    if capture.kind not in ("image", "robots"):
        return None
    name = paper_of(capture.warc_file)
    own = next((paper for paper in (*directory.papers.values(), *noted) if paper.name == name), None)
    return own or (_owner(replace(capture, url=capture.via), directory, noted) if capture.via else None)


def _is_page(capture: Capture) -> bool:
    """Say whether a record can be an article or a listing; foreign files hold pictures and scripts too."""
    if capture.kind is not None or capture.status != 200:
        return True
    media = next((v.lower() for k, v in capture.headers if k.lower() == "content-type"), "html")
    return any(word in media for word in PAGES)


def _visited(capture: Capture) -> bool:
    """Say whether a record was asked for itself: robots.txt as a listing ("probe" found it), and no page's part."""
    return capture.kind != "part" and (capture.kind != "robots" or bool(capture.via))


class Queue(BaseScheduler):
    """Scrapy's SCHEDULER of a replay: one request a record, those the archive holds left out."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: Iterator[Request] = iter(())
        self._next: Request | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the queue of a replay."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Begin with the earliest record."""
        self._waiting = spider.requests(archive_of(self._crawler))

    def enqueue_request(self, request: Request) -> bool:  # noqa: ARG002 - Scrapy's shape
        """Refuse: nothing but records is fetched."""
        return False

    def has_pending_requests(self) -> bool:
        """Say whether a record is left."""
        self._next = self._next or next(self._waiting, None)
        return self._next is not None

    def next_request(self) -> Request | None:
        """Return the next record's request."""
        request = self._next or next(self._waiting, None)
        self._next = None
        return request


class ReplaySpider(Spider):
    """Gives each record as the visit it was; made by the replay command."""

    name = "replay"

    def __init__(self, queue: Sequence[Record], directory: Directory, reach: Reach) -> None:
        super().__init__()
        self._queue = queue
        named = {record.paper.name: record.paper for record in queue}
        self._directory = Directory({**named, **directory.papers}, directory.templates)
        self._reach = reach
        self._erased: set[str] = set()

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the queue holds the records."""
        for request in list[Request]():
            yield request

    def requests(self, archive: Archive) -> Iterator[Request]:
        """Give a request for each record that the archive does not hold; note its capture."""
        loopback = self.settings.getbool("ALLOW_LOOPBACK")
        archive.images.wanted = wanted(self._directory.papers, loopback=loopback)
        for record in self._queue:
            if archive.holds(record.capture):
                archive.counts["replay/known"] += 1
                continue
            if uid := withheld(archive.db, record.paper.name, record.capture.url):
                archive.counts["taken-down"] += 1
                self._say_again(uid, record.capture)
                continue
            archive.record(record.paper.name, record.capture)
            if _visited(record.capture):
                meta = {"replay": record.capture, "paper": record.paper, **ALL_ANSWERS}
                yield Request(record.capture.url, callback=self.parse, errback=self.failed, meta=meta, dont_filter=True)

    def _say_again(self, uid: str, capture: Capture) -> None:
        """Say once that files hold an erased article."""
        if uid not in self._erased:
            self._erased.add(uid)
            logger.warning(
                "%s: holds %s, which was erased; 'scrapy takedown %s --erase --reason TEXT' replaces that, too",
                capture.warc_file,
                uid,
                uid,
            )

    def parse(self, response: Response) -> Iterator[Visit]:
        """Judge one record as it would have been judged live."""
        paper: Paper = response.meta["paper"]
        capture: Capture = response.meta["capture"]
        row = archive_of(self.crawler).frontier.find(paper.name, capture.url)
        kind = capture.kind or (row.kind if row else None)
        guessed = capture.via == PROBE

        def judge(furniture: frozenset[str]) -> Visit:
            page = fetched(response, SystemClock())
            reach, sample = self._reach.of(capture.backfill), self.settings.getint("DRIFT_SAMPLE")
            return judge_response(
                page, paper, self._directory, kind, reach, guessed=guessed, furniture=furniture, sample=sample
            )

        visit = self._learner.judged(paper, response.url, judge, capture.uid)
        # The uid that was given when the page was fetched stands, whatever papers.toml says today.
        article = replace(visit.article, uid=capture.uid) if visit.article and capture.uid else visit.article
        yield replace(visit, article=article, backfill=capture.backfill)

    @cached_property
    def _learner(self) -> Learner:
        return Learner(archive_of(self.crawler))

    def failed(self, failure: Failure) -> Iterator[Visit]:
        """Give a record that cannot be read (its original missing, too much in it) as the visit it comes to."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        paper: Paper = meta["paper"]
        capture: Capture = meta["replay"]
        assert failure.value is not None
        kind = capture.kind or ("article" if is_article(capture.url, paper) else kind_by_form(capture.url))
        visit = Visit(
            paper=paper.name,
            url=capture.url,
            kind=kind,
            outcome="failed",
            at=capture.fetched_at,
            capture=capture,
            backfill=capture.backfill,
        )
        visit = unanswered(failure.value, visit)
        logger.warning("%s", printable(f"{visit.paper}: {visit.url}: {visit.outcome}: {visit.reason}"))
        yield visit
