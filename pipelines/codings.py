"""What the content codings of an HTTP body are, and how they are undone up to a number of bytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from gzip import GzipFile
from importlib import import_module
from io import BytesIO
from typing import Any

CHUNK = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b"


class CodingError(ValueError):
    """A body cannot be decoded; the text is one sentence: what was expected, found, and what to do."""


def codings_of(headers: Iterable[tuple[str, str]], payload: bytes) -> tuple[str, ...]:
    """Return the content codings ``payload`` really carries, in the order they were applied.

    Some archives keep ``Content-Encoding: gzip`` over a body they decoded; that counts as none.
    """
    named = ",".join(value for name, value in headers if name.lower() == "content-encoding").lower()
    codings = tuple(c for c in map(str.strip, named.split(",")) if c not in ("", "identity"))
    unzipped = codings[-1:] in (("gzip",), ("x-gzip",)) and not payload.startswith(GZIP_MAGIC)
    return () if unzipped else codings


def decoded(payload: bytes, codings: Iterable[str], cap: int) -> bytes:
    """Return ``payload`` with ``codings`` undone, at most ``cap`` bytes.

    A gzip body that ends early gives what decodes, as Scrapy does with it live. Raises CodingError
    for a coding not known here, a body that is not what it says, or one beyond the cap.
    """
    for coding in reversed(tuple(codings)):
        try:
            payload = _decoder(coding)(payload, cap + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise CodingError(
                f"expected a body in {coding}, found other bytes ({error}); read the payload as it is"
            ) from error
        if len(payload) > cap:
            raise CodingError(f"expected a body of at most {cap} bytes, found more; raise the cap to read it")
    return payload


def unpacked(body: bytes, most: int) -> bytes:
    """Return at most ``most`` bytes of what a body holds that is a gzip file itself, and any other as it is."""
    if not body.startswith(GZIP_MAGIC):
        return body
    try:
        return _gunzip(body, most)
    except (OSError, EOFError, zlib.error):
        return body


def ends_early(payload: bytes, codings: Iterable[str], cap: int) -> bool:
    """Say whether a gzip body lacks its end, of the first ``cap`` bytes it decodes to; whoever cut it, cut the text.

    A checksum that is missing is no loss; of a body that is damaged otherwise, or is no gzip, nothing is said.
    """
    outermost = tuple(codings)[-1:]
    if outermost not in (("gzip",), ("x-gzip",)):
        return False
    while payload.startswith(GZIP_MAGIC):
        engine, left = zlib.decompressobj(zlib.MAX_WBITS | 16), payload
        try:
            while not engine.eof and left and cap > 0:
                cap -= len(engine.decompress(left, CHUNK))
                left = engine.unconsumed_tail
            if not engine.eof:
                return cap > 0 and not _lacks_checksum(engine)
        except zlib.error:
            return False
        payload = engine.unused_data
    return False


def _lacks_checksum(engine: zlib._Decompress) -> bool:
    """Say whether all of a text was decoded: eight more bytes are then taken for its checksum and length."""
    try:
        engine.decompress(b"\0" * 8)
    except zlib.error as error:
        return "check" in str(error)
    return engine.eof


def _decoder(coding: str) -> Callable[[bytes, int], bytes]:
    known = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate, "br": _unbrotli}
    if coding not in known:
        raise CodingError(
            f"expected a body in gzip, deflate or br, found {coding!r}; decode the payload with a tool that knows it"
        )
    return known[coding]


def _gunzip(data: bytes, most: int) -> bytes:
    out = bytearray()
    file = GzipFile(fileobj=BytesIO(data))
    while len(out) < most:
        try:
            chunk = file.read1(CHUNK)
        except (OSError, EOFError):
            if out:
                break
            raise
        if not chunk:
            break
        out += chunk
    return bytes(out[:most])


def _inflate(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most)


def _unbrotli(data: bytes, most: int) -> bytes:
    try:
        brotli: Any = import_module("brotli")
    except ImportError:
        raise CodingError("a body in br needs the package brotli; install it and read again") from None
    engine = brotli.Decompressor()
    out = bytearray()
    try:
        chunk = engine.process(data, output_buffer_limit=CHUNK)
        while chunk and len(out) < most:
            out += chunk
            chunk = b"" if engine.is_finished() else engine.process(b"", output_buffer_limit=CHUNK)
    except brotli.error as error:
        raise zlib.error(str(error)) from error
    return bytes(out[:most])
