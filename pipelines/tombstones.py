"""The record that stands where an erased one stood: exactly as long, so that no other offset moves.

It is a ``metadata`` record (in an ARC file an entry of the address ``takedown:<uid>``) that says which article
was taken down, when, why, and the digest of its text, so that the ledger can be told again from the WARC
files alone. Blanks fill the rest. Pure: bytes out of facts.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

FIELD = "baotinh-takedown"
"""The field of the record's body that makes it a tombstone; its value is the article's uid."""
ARC_SCHEME = "takedown:"
STORED = 0xFFFF
"""Bytes a stored deflate block holds at most (RFC 1951, 3.2.4)."""
SHORT_REASON = 60
SLACKS = 9
"""A length may be missed by the further digit of a Content-Length or the head of a further block, not by more."""


class NoRoomError(ValueError):
    """The record is too short for a tombstone."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What a tombstone says: article, address of the erased record, when and why it was taken down.

    ``text_sha256`` is the digest of the text it showed, ``known_by`` are those of all its texts of some length,
    ``also`` its other addresses and uids.
    """

    uid: str
    url: str
    at: datetime
    reason: str = ""
    text_sha256: str = ""
    known_by: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def paper(self) -> str:
        """The paper the article was of."""
        return paper_of_uid(self.uid)


def paper_of_uid(uid: str) -> str:
    """Return the paper that a permanent id begins with."""
    return uid.rpartition("-")[0]


def read_tombstone(fields: Iterable[tuple[str, str]], url: str, at: datetime | None) -> Tombstone | None:
    """Return what the body of a record says if it is a tombstone; its address and date are those of its head."""
    pairs = list(fields)
    said: Mapping[str, str] = dict(pairs)
    if FIELD not in said or at is None:
        return None
    return Tombstone(
        uid=said[FIELD],
        url="" if url.startswith(ARC_SCHEME) else url,
        at=at,
        reason=said.get("reason", ""),
        text_sha256=said.get("text-sha256", ""),
        known_by=tuple(value for name, value in pairs if name == "known-by"),
        also=tuple(value for name, value in pairs if name == "also"),
    )


def record(stone: Tombstone, length: int, *, packed: bool, arc: bool = False) -> bytes:
    """Return the record, ``length`` bytes long: a gzip member (``packed``) or plain.

    Says as much as there is room for. Raises NoRoomError where even the uid finds none.
    """
    for version in _shorter(stone):
        for slack in range(SLACKS):
            made = _fitted(version, length, slack, packed=packed, arc=arc)
            if made is not None:
                return made
    raise NoRoomError(f"expected room for a tombstone, found {length} bytes")


def _shorter(stone: Tombstone) -> Iterator[Tombstone]:
    """Give what is said, then less and less of it."""
    yield stone
    yield replace(stone, also=())
    yield replace(stone, also=(), known_by=stone.known_by[:1])
    yield replace(stone, also=(), known_by=())
    brief = replace(stone, also=(), known_by=(), reason=stone.reason[:SHORT_REASON])
    yield brief
    yield replace(brief, text_sha256="")
    yield replace(brief, text_sha256="", reason="")
    yield replace(brief, text_sha256="", reason="", url="")


def _fitted(stone: Tombstone, length: int, slack: int, *, packed: bool, arc: bool) -> bytes | None:
    """Return the record of this length, or None where it is longer, or cannot be made so with this slack."""
    head, number, end = _arc_head(stone, slack) if arc else _head(stone, slack)
    body = _body(stone)

    def made(fill: int) -> bytes:
        size = f"{len(body) + fill}".encode()
        filler = b" " * fill
        if packed:
            return _member(head, number + size + end, body, filler + _tail(arc=arc))
        return head + number + size + end + body + filler + _tail(arc=arc)

    room = length - len(made(0))
    if room < 0:
        return None
    fill = room - 5 * (room // STORED + 1) - 8
    return next((data for n in range(max(fill, 0), room + 1) if len(data := made(n)) == length), None)


def _tail(*, arc: bool) -> bytes:
    return b"\n" if arc else b"\r\n\r\n"


def _head(stone: Tombstone, slack: int) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the length, its name with ``slack`` blanks, and what follows it."""
    at = stone.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{stone.uid} {stone.url} {uuid.uuid4()}")
    lines = [
        "WARC/1.1",
        "WARC-Type: metadata",
        f"WARC-Record-ID: <{identity.urn}>",
        f"WARC-Date: {at}",
        *([f"WARC-Target-URI: {stone.url}"] if stone.url else []),
        "Content-Type: application/warc-fields",
        "",
    ]
    return "\r\n".join(lines).encode(), b"Content-Length: " + b" " * slack, b"\r\n\r\n"


def _arc_head(stone: Tombstone, slack: int) -> tuple[bytes, bytes, bytes]:
    """Return the same of an ARC entry (version 1); the slack is behind the uid."""
    at = stone.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return f"{ARC_SCHEME}{stone.uid}{'#' * slack} 0.0.0.0 {at} application/warc-fields ".encode(), b"", b"\n"


def _body(stone: Tombstone) -> bytes:
    lines = [(FIELD, stone.uid), ("reason", " ".join(stone.reason.split())), ("text-sha256", stone.text_sha256)]
    lines += [("known-by", digest) for digest in stone.known_by] + [("also", other) for other in stone.also]
    return "".join(f"{name}: {value}\r\n" for name, value in lines if value).encode()


def _member(head: bytes, number: bytes, body: bytes, filler: bytes) -> bytes:
    """Return a gzip member of the four: head and body packed, number and filler stored, so that the length is sure."""
    data = head + number + body + filler
    return b"".join(
        (
            b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
            _packed(head),
            *_stored(number, last=False),
            _packed(body),
            *_stored(filler, last=True),
            struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF),
        )
    )


def _packed(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush(zlib.Z_SYNC_FLUSH)


def _stored(data: bytes, *, last: bool) -> Iterator[bytes]:
    for start in range(0, len(data), STORED):
        piece = data[start : start + STORED]
        yield struct.pack("<BHH", last and start + STORED >= len(data), len(piece), len(piece) ^ STORED)
        yield piece
