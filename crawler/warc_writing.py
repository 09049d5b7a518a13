"""How a paper's WARC files are appended to: one file a day, one process at a time, whole records or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from crawler.warc_members import Exchange, Known, conversion, exchange_members, judgement, new_id, note, warcinfo
from pipelines.items import Capture

if TYPE_CHECKING:
    from crawler.clock import Clock

CONFORMS = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


class WriteError(OSError):
    """A WARC file could not be written; the text is a sentence. The file ends with its last whole record."""


class LockedError(RuntimeError):
    """Another process crawls the paper; the text is a sentence."""


class PaperLock:
    """Lets one process at a time write a paper's WARC files; the system frees it when that process dies.

    ``doing`` is what such a process does, as an error says it.
    """

    def __init__(self, warc_dir: Path, paper: str, doing: str = "crawled") -> None:
        self.paper = paper
        self._doing = doing
        self._path = warc_dir / paper / ".lock"
        self._lock = FileLock(self._path)

    def __enter__(self) -> PaperLock:
        """Take the lock. Raises LockedError when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise LockedError(
                f"{self.paper} is being {self._doing} by another process (it holds {self._path}); "
                "wait for it to end, or stop it"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class WarcWriter:
    """Appends a paper's exchanges to ``<warc_dir>/<paper>/<paper>-YYYYMMDD.warc.gz`` (day in UTC by the clock).

    ``info`` are further lines of the ``warcinfo`` that each run puts into each file it writes. The
    caller holds the `PaperLock` and has called `crawler.warc_reading.recover`.
    """

    def __init__(self, warc_dir: Path, paper: str, *, clock: Clock, info: Mapping[str, str]) -> None:
        self.warc_dir = warc_dir
        self.paper = paper
        self._clock = clock
        self._info = {**_own_info(paper), **info}
        self._name = ""
        self._info_id = ""
        self._fd = -1
        self._end = 0

    def write(self, exchange: Exchange, known: Known = lambda _url, _digest: None) -> Capture:
        """Append request, metadata and response (or revisit) in one write, and return the capture.

        The bytes are with the system when this returns (`sync` brings them to the disk). The answer
        comes last: its end is the exchange's. Raises WriteError; nothing of the exchange is left then.
        """
        self._open_today()
        before, answer, capture = exchange_members(exchange, known, self._info_id)
        start = self._append(before + answer, capture.url)
        return replace(capture, warc_file=self._name, warc_offset=start + len(before), warc_length=len(answer))

    def convert(self, source: Capture, body: bytes) -> Capture:
        """Append the page that a browser made of ``source``, and return its capture. Raises WriteError."""
        self._open_today()
        data, capture = conversion(source, body, self._clock.now(), self._info_id)
        start = self._append(data, capture.url)
        return replace(capture, warc_file=self._name, warc_offset=start, warc_length=len(data))

    def note(self, capture: Capture, facts: Mapping[str, str]) -> None:
        """Append what became of an answer of this run. Raises WriteError."""
        self._open_today()
        self._append(judgement(capture, facts), capture.url)

    def tell(self, url: str, facts: Mapping[str, str]) -> None:
        """Append what somebody says of an address now. Raises WriteError."""
        self._open_today()
        self._append(note(url, self._clock.now(), facts), url)

    def sync(self) -> None:
        """Wait until all that was written is on the disk; call before committing rows that point at it."""
        if self._fd >= 0:
            os.fsync(self._fd)

    def close(self) -> None:
        """Bring the file to the disk and close it; a later write opens it again."""
        if self._fd >= 0:
            fd, self._fd, self._name = self._fd, -1, ""
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def __enter__(self) -> WarcWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_today(self) -> None:
        now = self._clock.now().astimezone(UTC)
        name = f"{self.paper}/{self.paper}-{now:%Y%m%d}.warc.gz"
        if name != self._name:
            self.close()
            self._open(name, now)

    def _open(self, name: str, now: datetime) -> None:
        path = self.warc_dir / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._end = os.fstat(self._fd).st_size
            sync_folder(path.parent)
        except OSError as error:
            raise _failure(error, f"{name} could not be opened", self.warc_dir) from error
        self._info_id = new_id()
        self._append(warcinfo(self._info_id, path.name, now, self._info), name)
        self._name = name

    def _append(self, data: bytes, what: str) -> int:
        start = self._end
        try:
            _write_all(self._fd, data)
        except OSError as error:
            os.ftruncate(self._fd, start)
            raise _failure(error, f"{what} could not be written", self.warc_dir) from error
        self._end += len(data)
        return start


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _failure(error: OSError, what: str, warc_dir: Path) -> WriteError:
    failure = WriteError(
        f"{what} to WARC files in {warc_dir} ({error.strerror}); "
        "make room or correct WARC_DIR, then start again: nothing is half-written"
    )
    failure.errno = error.errno
    return failure


def _own_info(paper: str) -> dict[str, str]:
    return {
        "software": f"baotinh/{_version('baotinh')} scrapy/{_version('scrapy')}",
        "format": "WARC File Format 1.1",
        "conformsTo": CONFORMS,
        "robots": "obey",
        "isPartOf": paper,
    }


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
