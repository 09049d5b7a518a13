"""One WARC or ARC record by file and offset: how it is found, whether it is whole, what it holds.

Everything that reads archived bytes comes through here: browse, verify, reextract, and the crawler's
index of whole files (``crawler.warc_reading``).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParser

from pipelines.charset import decode_vietnamese
from pipelines.codings import GZIP_MAGIC, CodingError, codings_of, decoded, unpacked

WARC_DIR = "BAOTINH_WARC_DIR"
"""Environment variable that tells a reader of records where the WARC files are."""
MEBIBYTE = 1024 * 1024
PAYLOAD_CAP = 256 * MEBIBYTE
"""Bytes of one payload that are ever held in memory."""
BODY_CAP = 64 * MEBIBYTE
"""Bytes a body may decode to unless the caller says otherwise."""
CHUNK = 64 * 1024
HTTP_KINDS = ("response", "revisit", "request")
Headers = tuple[tuple[str, str], ...]


class RecordError(ValueError):
    """A record cannot be read; the text is one sentence: where, what was expected and found, what to do."""


class TornRecordError(RecordError):
    """The file ends before the record does: a crash or a broken download cut it."""


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of the header ``name`` (any case), or None."""
    name = name.lower()
    return next((value for key, value in headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as stored.

    ``kind`` is WARC-Type (an ARC entry is a ``response``); ``date`` is UTC; ``status`` and
    ``headers`` are those of the HTTP message, None and () without one (a ``conversion`` has its content
    type). ``payload`` is the body with Transfer-Encoding undone and Content-Encoding kept;
    ``payload_digest`` is what the record states. ``length`` is bytes in the file (of the gzip member where
    there is one).
    """

    kind: str
    url: str
    date: datetime
    status: int | None
    headers: Headers
    payload: bytes
    payload_digest: str | None
    record_headers: Headers
    length: int

    def body(self, cap: int = BODY_CAP) -> bytes:
        """Return the payload with its content codings undone, at most ``cap`` bytes.

        Raises RecordError as `pipelines.codings.decoded` has it.
        """
        try:
            return decoded(self.payload, codings_of(self.headers, self.payload), cap)
        except CodingError as error:
            raise RecordError(f"{self.url}: {error}") from error


def page_of(record: Record, cap: int = BODY_CAP) -> str:
    """Return a record's body as text in NFC, unpacked where it is a gzip file itself (a sitemap's ``.xml.gz``).

    Of such a file at most ``cap`` bytes are read. Raises RecordError as `Record.body` does.
    """
    return decode_vietnamese(unpacked(record.body(cap), cap), header(record.headers, "Content-Type") or "")


class Entry:
    """A record met while walking a file; its payload can be read until the next one is asked for."""

    def __init__(self, archive: Any, found: Any, place: str) -> None:
        self._archive = archive
        self._found = found
        self.offset = int(archive.offset)
        self.where = f"{place}, offset {self.offset}"
        self.kind = str(found.rec_type)
        self.record_headers: Headers = tuple(found.rec_headers.headers)
        self.url = self.stated("WARC-Target-URI") or ""
        self.status, self.headers = self._http()

    def stated(self, name: str) -> str | None:
        """Return a field of the record's own header, or None."""
        return header(self.record_headers, name)

    def _http(self) -> tuple[int | None, Headers]:
        if self.kind == "conversion":
            return None, tuple((n, v) for n, v in self.record_headers if n.lower() == "content-type")
        if self.kind not in HTTP_KINDS or not self._found.length or not self.url.startswith(("http:", "https:")):
            return None, ()
        try:
            head = StatusAndHeadersParser(["HTTP/"], verify=False).parse(self._found.raw_stream)
        except EOFError:
            return None, ()
        code = head.get_statuscode()
        answered = head.protocol.startswith("HTTP/") and code.isdecimal() and len(code) == 3
        return int(code) if answered else None, tuple(head.headers)

    @property
    def date(self) -> datetime | None:
        """WARC-Date in UTC, or None where the record has none that can be read."""
        try:
            moment = datetime.fromisoformat(self.stated("WARC-Date") or "")
        except ValueError:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def chunks(self) -> Iterator[bytes]:
        """Give the payload piece by piece, Transfer-Encoding undone. Raises RecordError where damaged."""
        stream = self._found.raw_stream
        if (header(self.headers, "Transfer-Encoding") or "").strip().lower() == "chunked":
            stream = ChunkedDataReader(stream)
        with _damage_named(self.where):
            while chunk := stream.read(CHUNK):
                yield chunk

    def payload(self) -> bytes:
        """Return the payload. Raises RecordError beyond `PAYLOAD_CAP` or where damaged."""
        data = bytearray()
        for chunk in self.chunks():
            data += chunk
            if len(data) > PAYLOAD_CAP:
                raise RecordError(
                    f"{self.where}: expected a payload of at most {PAYLOAD_CAP} bytes, found more; read it with warcio"
                )
        return bytes(data)

    def sha256(self) -> str:
        """Read the payload and return its digest as ``sha256:<hex>``. Raises RecordError where damaged."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"

    def finish(self) -> int:
        """Read to the record's end and return its length in the file, bytes.

        Raises TornRecordError where the file ends first, RecordError where the record is damaged.
        """
        with _damage_named(self.where):
            length = int(self._archive.get_record_length())
        gzip = self._archive.reader.decompressor
        numbered = (self.stated("Content-Length") or "").isdecimal()
        missing = getattr(self._found.raw_stream, "limit", None) if numbered else None
        if gzip and self._archive.next_line:
            raise RecordError(
                f"{self.where}: expected a gzip member for each record, found one for several; "
                "run 'warcio recompress IN OUT' and use OUT"
            )
        if (gzip and not gzip.eof) or (missing and not gzip):
            raise _torn(self.where)
        if missing != 0:
            raise RecordError(
                f"{self.where}: expected a record as long as its Content-Length, found another "
                "length; fetch or restore the file again"
            )
        return length


class _StrictReader(DecompressingBufferedReader):  # type: ignore[misc]  # warcio has no types
    """warcio's reader, but broken gzip is an error where warcio prints a line and reads on."""

    def _decompress(self, data: bytes) -> bytes:
        return self.decompressor.decompress(data) if self.decompressor and data else data

    def close_decompressor(self) -> None:
        """Leave the decompressor: it knows whether the last member was whole."""


def entries(file: BinaryIO, place: str, start: int = 0) -> Iterator[Entry]:
    """Walk the records of an open WARC or ARC file, gzip or not, from offset ``start``.

    ``place`` names the file in errors. Raises RecordError where no whole record can be read,
    TornRecordError where the file ends inside one; the last entry given may be that one (`Entry.finish`).
    """
    size, gzip = _size_and_gzip(file, place)
    file.seek(start)
    archive = ArchiveIterator(file, no_record_parse=True, arc2warc=True)
    archive.reader = reader = _StrictReader(file, decomp_type="gzip" if gzip else None)
    while True:
        with _damage_named(f"{place}, offset {archive.offset}"):
            found = next(archive, None)
            entry = Entry(archive, found, place) if found else None
        if not entry:
            break
        yield entry
        entry.finish()
    if gzip and not reader.decompressor.eof and archive.offset < size:
        raise _torn(f"{place}, offset {archive.offset}")


def _size_and_gzip(file: BinaryIO, place: str) -> tuple[int, bool]:
    file.seek(0)
    opening = file.read(512)
    gzip = opening.startswith(GZIP_MAGIC)
    with _damage_named(f"{place}, offset 0"):
        text = zlib.decompressobj(31).decompress(opening) if gzip else opening
        if text and not text.startswith((b"WARC/", b"filedesc:")):
            raise ArchiveLoadFailed(f"it begins {text[:12]!r}")
    return file.seek(0, 2), gzip


def _torn(where: str) -> TornRecordError:
    return TornRecordError(f"{where}: the file ends inside a record; what stands before it is whole")


@contextmanager
def _damage_named(where: str) -> Iterator[None]:
    try:
        yield
    except (ArchiveLoadFailed, zlib.error) as error:
        what = (str(error).strip() or "unreadable").splitlines()[0]
        raise RecordError(
            f"{where}: expected a WARC or ARC record, found other bytes ({what:.80}); fetch or restore the file again"
        ) from error


def read_record(warc_dir: Path, file: str, offset: int) -> Record:
    """Return the record at ``offset`` (bytes) of ``file`` (relative to ``warc_dir``).

    Raises RecordError for a missing file, an offset that is none, or a torn or damaged record.
    """
    with opened(warc_dir, file) as stream:
        return _read(stream, file, offset)


def records_at(warc_dir: Path, file: str, offsets: Iterable[int]) -> Iterator[Record | RecordError]:
    """Give the records at these offsets (bytes) of one file, opened once; for one that cannot be read, why."""
    left = iter(offsets)
    try:
        with opened(warc_dir, file) as stream:
            for offset in left:
                try:
                    found: Record | RecordError = _read(stream, file, offset)
                except (RecordError, OSError) as error:
                    found = RecordError(str(error))
                yield found
    except RecordError as error:
        yield from (error for _ in left)


@contextmanager
def opened(warc_dir: Path, file: str) -> Iterator[BinaryIO]:
    """Open ``file`` (relative to ``warc_dir``) for reading. Raises RecordError where that cannot be done."""
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise RecordError(
            f"{file}: expected a path below {warc_dir}, found one that leads out of it; correct the row's warc_file"
        )
    try:
        with (warc_dir / file).open("rb") as stream:
            yield stream
    except OSError as error:
        raise RecordError(
            f"{file}: not readable in {warc_dir} ({error.strerror}); correct WARC_DIR or restore the file"
        ) from error


def _read(stream: BinaryIO, file: str, offset: int) -> Record:
    size = stream.seek(0, 2)
    if not 0 <= offset < size:
        raise RecordError(
            f"{file}: expected a record at offset {offset}, found a file of {size} bytes; restore the file from a copy"
        )
    entry = next(entries(stream, file, offset), None)
    if entry is None:
        raise RecordError(f"{file}, offset {offset}: expected a record, found blank lines; correct the offset")
    payload, length, date = entry.payload(), entry.finish(), entry.date
    if date is None:
        raise RecordError(
            f"{entry.where}: expected a record with a WARC-Date, found none; a record without a time proves nothing"
        )
    return Record(
        entry.kind,
        entry.url,
        date,
        entry.status,
        entry.headers,
        payload,
        entry.stated("WARC-Payload-Digest"),
        entry.record_headers,
        length,
    )
