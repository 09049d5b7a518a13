"""Knows which records of a WARC file belong to a capture, so that it can be taken out with all that tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from pipelines.records import Entry, RecordError, TornRecordError, entries

BESIDE = ("request", "metadata", "warcinfo")
"""Kinds of records that tell of others."""
POINTERS = ("WARC-Concurrent-To", "WARC-Refers-To")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its file: bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class _Note:
    """A record between captures: where it stands, and the ids by which it is of one of them."""

    place: Place
    ids: frozenset[str]


def members(file: BinaryIO, place: str, wanted: Iterable[int], captures: Sequence[tuple[int, int]]) -> list[Place]:
    """Return the records to take, in the file's order: the wanted captures and those that tell of them.

    ``wanted`` are offsets among ``captures``, which are offset and length of every capture that the archive
    knows in the file, in order. What tells of a capture are its request, the metadata that name it, and the
    warcinfo of the run that wrote it; only what stands between captures is read to find them. ``place`` names
    the file in errors. Raises RecordError where a wanted record is not whole or not where it should be.
    """
    chosen, ids, notes, end = set(wanted), set[str](), list[_Note](), 0
    taken = []
    for offset, length in captures:
        notes += _notes(file, place, end, offset)
        if offset in chosen:
            taken.append(Place(offset, length))
            ids |= _ids(file, place, taken[-1])
        end = max(end, offset + length)
    with suppress(TornRecordError):  # a crawl is writing it, or a crash cut it: what the archive knows is whole
        notes += _notes(file, place, end, file.seek(0, 2))
    taken += [note.place for note in notes if note.ids & ids]
    return sorted(taken, key=lambda one: one.offset)


def pieces(file: BinaryIO, place: Place) -> Iterator[bytes]:
    """Give the bytes of a record as they stand in the file."""
    file.seek(place.offset)
    left = place.length
    while left and (piece := file.read(min(left, CHUNK))):
        left -= len(piece)
        yield piece


def _notes(file: BinaryIO, place: str, start: int, end: int) -> list[_Note]:
    found: list[_Note] = []
    if start >= end:
        return found
    for entry in entries(file, place, start):
        if entry.offset >= end:
            break
        length = entry.finish()
        if entry.kind in BESIDE:
            found.append(_Note(Place(entry.offset, length), frozenset(_names(entry))))
    return found


def _names(entry: Entry) -> Iterator[str]:
    """Give the ids of the captures that a record tells of; of a warcinfo, its own, which they name."""
    if entry.kind == "warcinfo":
        yield entry.stated("WARC-Record-ID") or ""
    else:
        yield from (value for name, value in entry.record_headers if name in POINTERS)


def _ids(file: BinaryIO, place: str, wanted: Place) -> set[str]:
    """Return the ids that records telling of a capture name: its own, and that of its run's warcinfo."""
    entry = next(entries(file, place, wanted.offset), None)
    found = entry.finish() if entry else 0
    if entry is None or found != wanted.length:
        raise RecordError(
            f"{place}, offset {wanted.offset}: expected a record of {wanted.length} bytes, found {found}; "
            "restore the file from a copy, or run 'scrapy verify'"
        )
    return {value for name in ("WARC-Record-ID", "WARC-Warcinfo-ID") if (value := entry.stated(name))}
