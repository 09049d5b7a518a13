"""Says whether two WARC files are one that grew, though records of it were erased in one of them or in both."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.warc_reading import said_alone
from pipelines.records import RecordError, entries
from pipelines.tombstones import read_tombstone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

CHUNK = 1024 * 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stone:
    """A tombstone in a file: where it stands (bytes), of which article, and the address of what stood there."""

    offset: int
    length: int
    uid: str
    url: str

    @property
    def end(self) -> int:
        """The byte after it."""
        return self.offset + self.length


def stones_in(path: Path) -> list[Stone]:
    """Return the tombstones of a file; one cut or damaged gives those that stand before. Raises OSError."""
    found = []
    try:
        with path.open("rb") as file:
            for entry in entries(file, path.name):
                stone = read_tombstone(said_alone(entry), entry.url, entry.date)
                found += [Stone(entry.offset, entry.finish(), stone.uid, stone.url)] if stone else []
    except RecordError as error:
        logger.debug("%s", error)
    return found


@dataclass(frozen=True, slots=True)
class Alike:
    """Two files are one: the tombstones that only the one has, and those that only the other has."""

    here: tuple[Stone, ...] = ()
    there: tuple[Stone, ...] = ()


def alike(here: Path, there: Path) -> Alike | None:
    """Return in which tombstones two files differ, the shorter of which is the beginning of the longer; else None.

    Raises OSError.
    """
    end = min(here.stat().st_size, there.stat().st_size)
    if _same(here, there, [(0, end)]):
        return Alike()
    ours, theirs = ([stone for stone in stones_in(path) if stone.end <= end] for path in (here, there))
    if not _same(here, there, _between([*ours, *theirs], end)):
        return None
    spans = [{(stone.offset, stone.length) for stone in stones} for stones in (ours, theirs)]
    return Alike(
        tuple(stone for stone in ours if (stone.offset, stone.length) not in spans[1]),
        tuple(stone for stone in theirs if (stone.offset, stone.length) not in spans[0]),
    )


def _between(stones: Iterable[Stone], end: int) -> Iterator[tuple[int, int]]:
    """Give the spans (from, until, bytes) that no tombstone covers."""
    at = 0
    for stone in sorted(stones, key=lambda s: s.offset):
        if at < stone.offset:
            yield at, stone.offset
        at = max(at, stone.end)
    if at < end:
        yield at, end


def _same(one: Path, other: Path, spans: Iterable[tuple[int, int]]) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        return all(_chunks_same(first, second, *span) for span in spans)


def _chunks_same(first: BinaryIO, second: BinaryIO, at: int, end: int) -> bool:
    first.seek(at)
    second.seek(at)
    while at < end:
        size = min(CHUNK, end - at)
        if first.read(size) != second.read(size):
            return False
        at += size
    return True


def carry(stones: Iterable[Stone], source: Path, target: Path) -> None:
    """Write the tombstones of a file over the records that stand in their places in another one of the same."""
    chosen = list(stones)
    if not chosen:
        return
    with source.open("rb") as file, target.open("r+b") as out:
        for stone in chosen:
            file.seek(stone.offset)
            out.seek(stone.offset)
            out.write(file.read(stone.length))
