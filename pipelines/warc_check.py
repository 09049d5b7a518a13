"""Whether a WARC file holds the records that the archive's rows say, each whole and at its place.

What a crawl that runs or was killed has left behind the last known record is not wrong: the crawl notes it,
or the next one takes it up and cuts a torn end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.archive.connection import stamp
from pipelines.archive.warc_rows import known_file, knows_exchange, rows_in, to_be_erased, wrote
from pipelines.faults import AGAIN, RESTORE, Fault, Faults
from pipelines.fixity import paper_of, sha256_of
from pipelines.records import RecordError, TornRecordError, entries

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from pipelines.archive.connection import Connection
    from pipelines.archive.warc_rows import FileRow, Row
    from pipelines.records import Entry

BRING_BACK = "bring the file back from a copy, or correct WARC_DIR"
CORRECT = "correct the row from a copy of the archive, or restore the file from one"
MERGE_AGAIN = "run the same 'scrapy merge' again"
TAKEN_UP = "the next crawl of the paper takes them up"


@dataclass
class Reading:
    """What reading a file came to; ``whole``: to its end, and nothing behind its last record."""

    path: str
    faults: Faults = field(default_factory=Faults)
    records: int = 0
    bytes: int = 0
    sha256: str = ""
    whole: bool = True


class FileCheck:
    """Reads one file from end to end beside the rows that point into it.

    The caller holds a read transaction, so that the rows are of one moment, before the file is read.
    """

    def __init__(self, db: Connection, warc_dir: Path, path: str, *, merging: bool = False) -> None:
        """Begin; ``merging``: a merge was broken off, or runs."""
        self._db = db
        self._take_up = MERGE_AGAIN if merging else f"take it up with 'scrapy replay {path}'"
        self._erasing = to_be_erased(db, path)
        self._file = warc_dir / path
        self._known = known_file(db, path)
        self._paper = paper_of(path)
        self._rows = rows_in(db, path)
        self._row = next(self._rows, None)
        self._unknown = 0
        self.reading = Reading(path)

    def run(self) -> Reading:
        """Read the file and return what was found."""
        size, digest = self._file.stat().st_size, sha256_of(self._file)
        self.reading.bytes, self.reading.sha256 = size, digest
        found = self.reading.faults
        found.add(size_faults(self._known, size, self.reading.path))
        found.add(digest_faults(self._known, digest, self.reading.path))
        with self._file.open("rb") as file:
            found.add(self._walk(file))
        if self._unknown:
            said = f"expected all records in the archive, found {self._unknown} that are not yet"
            found.add([Fault("record", self.reading.path, said, TAKEN_UP, harmless=True)])
            self.reading.whole = False
        return self.reading

    def _walk(self, file: BinaryIO) -> Iterator[Fault]:
        start: int | None = 0
        while start is not None:
            start = yield from self._stretch(file, start)
        short = self._known is not None and self.reading.bytes < self._known.end
        while self._row is not None:
            if self._row.offset < self.reading.bytes or not short:
                yield _misplaced(self._row)
            self._advance()

    def _stretch(self, file: BinaryIO, start: int) -> Generator[Fault, None, int | None]:
        """Compare the records from ``start`` on; return where to go on behind damage, None at the end."""
        end = start
        walk = entries(file, self.reading.path, start)
        while True:
            try:
                entry = next(walk, None)
                if entry is None:
                    return None
                end = entry.offset
                while self._row is not None and self._row.offset < end:
                    yield _misplaced(self._row)
                    self._advance()
                yield from self._compare(entry)
                end += entry.finish()
            except RecordError as error:
                yield from self._damaged(end, error)
                return self._row.offset if self._row else None

    def _compare(self, entry: Entry) -> Iterator[Fault]:
        if self._row is None or self._row.offset != entry.offset:
            yield from self._stray(entry)
            return
        said = difference(entry, self._row)
        row = self._row
        self.reading.records += 1
        self._advance()
        if said:
            yield Fault("record", entry.where, f"capture {row.id} of {row.url}: {said}", CORRECT)

    def _stray(self, entry: Entry) -> Iterator[Fault]:
        """Give a record of ours that a crawl must have noted and no row knows; others are counted."""
        at = entry.date
        if entry.offset in self._erasing:
            return  # that the erasure was interrupted is said once
        if self._paper is None or at is None or not is_capture(entry) or knows_exchange(self._db, entry.url, at):
            return
        behind = self._known is None or entry.offset >= self._known.end
        if wrote(self._db, self._paper, at, behind=behind):
            said = f"expected a capture of {entry.url} in the archive, found none"
            yield Fault("record", entry.where, said, self._take_up)
        elif behind:
            self._unknown += 1

    def _damaged(self, offset: int, error: RecordError) -> Iterator[Fault]:
        """Give the damage at ``offset`` and step behind it."""
        said, remedy = _parts(error)
        remedy = AGAIN if offset in self._erasing else remedy
        place = f"{self.reading.path}, offset {offset}"
        self.reading.whole = False
        if self._row is not None and self._row.offset <= offset:
            said = f"capture {self._row.id} of {self._row.url}: {said}"
        elif self._row is None:
            # Of a record that is being written a reader may see so little that it looks like none.
            grown = self._file.stat().st_size > self.reading.bytes
            open_yet = self._known is None or self._known.sha256 is None
            torn = open_yet and (grown or isinstance(error, TornRecordError))
            if torn and self._paper:
                said = "expected a whole record at the end, found a part of one"
                remedy = "it is being written, or the next crawl of the paper cuts it"
            yield Fault("record", place, said, remedy, harmless=torn or self._paper is None)
            return
        if not (isinstance(error, TornRecordError) and self._known and self.reading.bytes < self._known.end):
            yield Fault("record", place, said, remedy)
        while self._row is not None and self._row.offset <= offset:
            self._advance()

    def _advance(self) -> None:
        self._row = next(self._rows, None)


def is_capture(entry: Entry) -> bool:
    """Say whether a record is one that the archive has a row for: an answer, a revisit, a page a browser made."""
    if entry.kind == "conversion":
        return entry.stated("WARC-Refers-To") is not None and entry.url.startswith(("http:", "https:"))
    return entry.kind in ("response", "revisit") and entry.status is not None


def difference(entry: Entry, row: Row) -> str:
    """Return in what a record is not what its row says, ``""`` for nothing. Raises RecordError where damaged."""
    status = row.status if entry.kind == "conversion" else entry.status
    at = stamp(entry.date) if entry.date else None
    for name, expected, found in (
        ("a record of type", row.record, entry.kind),
        ("the address", row.url, entry.url),
        ("the time", row.fetched_at, at),
        ("the status", row.status, status),
    ):
        if expected != found:
            return f"expected {name} {expected}, found {found}"
    stated = entry.stated("WARC-Payload-Digest") or ""
    if entry.kind == "revisit":
        digest = stated if stated.startswith("sha256:") else row.payload_digest
    else:
        digest = entry.sha256()
    length = entry.finish()  # a record cut off is told as such, not by its digest
    if digest != row.payload_digest:
        return f"expected a body with {row.payload_digest}, found {digest}"
    return "" if length == row.length else f"expected a record of {row.length} bytes, found {length}"


def size_faults(known: FileRow | None, size: int, path: str) -> Iterator[Fault]:
    """Give what a file's length says: shorter than its records, or than it was."""
    if known is None:
        return
    least = max(known.end, known.bytes or 0)
    if size < least:
        lost = f", in which {known.records} captures have their records" if known.end > size else ""
        yield Fault("file", path, f"expected at least {least} bytes{lost}, found {size}", RESTORE)


def digest_faults(known: FileRow | None, digest: str, path: str) -> Iterator[Fault]:
    """Give what a file's digest says: it is not the one that was kept when the file was finished."""
    if known is not None and known.sha256 not in (None, digest):
        said = f"expected the file with sha256 {known.sha256}, found {digest}"
        yield Fault("file", path, said, f"{RESTORE} whose sha256 that is")


def sampled_faults(warc_dir: Path, rows: Sequence[Row]) -> Iterator[Fault]:
    """Give what is wrong with single records, those of one file after each other."""
    for row in rows:
        place = f"{row.file}, offset {row.offset}"
        try:
            with (warc_dir / row.file).open("rb") as file:
                entry = next(entries(file, row.file, row.offset), None)
                said, remedy = (
                    (difference(entry, row), CORRECT) if entry else ("expected a record, found none", CORRECT)
                )
        except RecordError as error:
            said, remedy = _parts(error)
        except OSError:
            continue  # a missing file is told once, with all its captures
        if said:
            yield Fault("record", place, f"capture {row.id} of {row.url}: {said}", remedy)


def _misplaced(row: Row) -> Fault:
    place = f"{row.file}, offset {row.offset}"
    return Fault(
        "record", place, f"expected the record of capture {row.id}, {row.url}, found none begins there", CORRECT
    )


def _parts(error: RecordError) -> tuple[str, str]:
    """Return what a sentence says without its place, and the remedy."""
    said, _, remedy = str(error).partition(": ")[2].rpartition("; ")
    return said or str(error), remedy if said else RESTORE
