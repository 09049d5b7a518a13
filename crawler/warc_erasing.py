"""Replaces records of WARC and ARC files in place, each by a tombstone exactly as long.

What is replaced is looked at first: only a whole record that stands where the archive says so is written over.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from pipelines.codings import GZIP_MAGIC
from pipelines.fixity import files_in, is_finished, paper_of, sha256_of
from pipelines.records import RecordError, entries, opened
from pipelines.tombstones import NoRoomError, record
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from pipelines.archive.traces import Place
    from pipelines.records import Entry
    from pipelines.tombstones import Tombstone

Where = tuple[str, int, int, str]
"""A record: file relative to WARC_DIR, offset and length in bytes, and its address."""

ASIDE = re.compile(r"\.damaged-\d+$|\.partial$")


def records_of(warc_dir: Path, places: Sequence[Place]) -> list[Where]:
    """Return the records of these captures and the ``metadata`` records that tell of them, by file and offset.

    Raises RecordError where one is not there, or is another's.
    """
    found: list[Where] = []
    for file, group in groupby(sorted(places, key=lambda p: (p.file, p.offset)), key=lambda p: p.file):
        found += _File(file, {place.offset: place for place in group}).read(warc_dir)
    return found


def notes_on(warc_dir: Path, folder: str, urls: Iterable[str]) -> list[Where]:
    """Return the ``metadata`` records of these addresses in the files of a folder that tell of no other record."""
    keys = set(map(url_key, urls))
    found = []
    for path in sorted((warc_dir / folder).glob("*.warc.gz")):
        name = path.relative_to(warc_dir).as_posix()
        with opened(warc_dir, name) as stream:
            for entry in entries(stream, name):
                alone = entry.kind == "metadata" and not _about(entry) and url_key(entry.url) in keys
                where = (name, entry.offset, entry.finish(), entry.url)
                found += [where] if alone else []
    return found


@dataclass
class _File:
    """Walks one file for the records of captures, which ``wanted`` has by offset."""

    file: str
    wanted: dict[int, Place]
    ids: set[str] = field(default_factory=set)
    notes: list[tuple[str, Where]] = field(default_factory=list)

    def read(self, warc_dir: Path) -> list[Where]:
        found: list[Where] = []
        with opened(warc_dir, self.file) as stream:
            for entry in entries(stream, self.file):
                place = self.wanted.pop(entry.offset, None)
                if place:
                    _check(entry, place)
                    self.ids.add(entry.stated("WARC-Record-ID") or "")
                about = _about(entry)
                where = (self.file, entry.offset, entry.finish(), entry.url)
                if place:
                    found.append(where)
                elif about:
                    self.notes.append((about, where))
        for place in self.wanted.values():
            raise RecordError(
                f"{self.file}, offset {place.offset}: expected the record of {place.url}, found none begins there; "
                "see what 'scrapy verify' says"
            )
        return sorted(found + [where for about, where in self.notes if about in self.ids])


def _about(entry: Entry) -> str | None:
    """Return the record that a ``metadata`` record tells of."""
    if entry.kind != "metadata":
        return None
    return entry.stated("WARC-Concurrent-To") or entry.stated("WARC-Refers-To")


def _check(entry: Entry, place: Place) -> None:
    if (entry.kind, entry.url) != (place.record, place.url):
        raise RecordError(
            f"{entry.where}: expected the {place.record} of {place.url}, found the {entry.kind} of {entry.url or '-'}; "
            "see what 'scrapy verify' says"
        )


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What files of others hold of an article, captures or not: ``records``, and ``unread`` files.

    ``answers``: file and offset of those records that hold pages.
    """

    records: list[Where] = field(default_factory=list)
    answers: set[tuple[str, int]] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


def elsewhere(warc_dir: Path, urls: Iterable[str], digests: Container[str]) -> Elsewhere:
    """Look through all files that no crawl of ours wrote for records of these addresses or payloads.

    An exchange may stand in two files, and the archive knows it by one; what was refused it knows by none.
    """
    keys = set(map(url_key, urls))
    found = Elsewhere()
    for name in files_in(warc_dir):
        if paper_of(name):
            continue
        ids: set[str] = set()
        notes: list[tuple[str, Where]] = []
        try:
            with opened(warc_dir, name) as stream:
                for entry in entries(stream, name):
                    about, holds = _about(entry), _holds(entry, keys, digests)
                    where = (name, entry.offset, entry.finish(), entry.url)
                    if about:
                        notes.append((about, where))
                    elif holds:
                        ids.add(entry.stated("WARC-Record-ID") or "")
                        found.records.append(where)
                        found.answers.update([where[:2]] if entry.kind != "metadata" else [])
        except RecordError:
            found.unread.append(name)
        found.records.extend(where for about, where in notes if about in ids)
    return found


def _holds(entry: Entry, keys: Container[str], digests: Container[str]) -> bool:
    """Say whether a record is of one of the addresses or has one of the payloads; a request says neither."""
    if entry.kind not in ("response", "revisit", "conversion", "resource", "metadata") or not entry.url:
        return False
    if url_key(entry.url) in keys:
        return True
    if entry.kind not in ("response", "resource"):
        return False
    stated = entry.stated("WARC-Payload-Digest") or ""
    return (stated if stated.startswith("sha256:") else entry.sha256()) in digests


def set_aside(warc_dir: Path) -> list[str]:
    """Return the files below a folder that hold what no record is known of: damaged ends, copies broken off."""
    found = [path.relative_to(warc_dir).as_posix() for path in warc_dir.rglob("*") if ASIDE.search(path.name)]
    return sorted(found)


def with_room(
    warc_dir: Path, records: Iterable[Where], answers: Container[tuple[str, int]], stone: Tombstone
) -> list[Where]:
    """Return the records that a tombstone has room in.

    Raises RecordError where that of an answer (file, offset) is too short for one; a note that is stays, it holds
    nothing of a page.
    """
    kept = []
    for where in records:
        try:
            _tombstone(warc_dir, where, stone)
        except NoRoomError as error:
            if where[:2] not in answers:
                continue
            raise RecordError(f"{where[0]}, offset {where[1]}: {error}; nothing was erased, please report it") from None
        kept.append(where)
    return kept


def bury(warc_dir: Path, records: Iterable[Where], stone: Tombstone) -> None:
    """Write a tombstone over each record and bring them to the disk; doing it again does no harm. Raises OSError."""
    for file, group in groupby(sorted(records), key=lambda where: where[0]):
        with (warc_dir / file).open("r+b") as out:
            for where in group:
                out.seek(where[1])
                put(out, _tombstone(warc_dir, where, stone))
            out.flush()
            os.fsync(out.fileno())


def put(out: BinaryIO, data: bytes) -> None:
    """Write bytes over others."""
    out.write(data)


def _tombstone(warc_dir: Path, where: Where, stone: Tombstone) -> bytes:
    """Return the tombstone of a record, in the form of its file (which begins with another record, or with this).

    Its address is the record's where that is one of the article's.
    """
    file, _, length, url = where
    with opened(warc_dir, file) as stream:
        opening = stream.read(512)
    packed = opening.startswith(GZIP_MAGIC)
    text = zlib.decompressobj(31).decompress(opening) if packed else opening
    own = replace(stone, url=url) if url_key(url) in map(url_key, stone.also) else stone
    return record(own, length, packed=packed, arc=text.startswith(b"filedesc:"))


def digests(warc_dir: Path, files: Iterable[str], now: datetime) -> list[tuple[str, int, str]]:
    """Return path, bytes and sha256 of the files that do not grow any more."""
    return [
        (file, (warc_dir / file).stat().st_size, sha256_of(warc_dir / file))
        for file in sorted(set(files))
        if is_finished(file, now)
    ]
