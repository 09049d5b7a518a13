"""What an exchange becomes in a WARC file: request, metadata and response or revisit, each a gzip member.

Pure: bytes out of facts. As stored, the status line and the case of header names are Scrapy's (it
rebuilds them), control characters in headers are blanks, Transfer-Encoding is undone and renamed
``X-Crawler-Transfer-Encoding``, and a Content-Length that is not the stored body's is made true and
kept as ``X-Crawler-Content-Length``, as Common Crawl does it.
"""

from __future__ import annotations

import hashlib
import re
import struct
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from pipelines.codings import GZIP_MAGIC
from pipelines.items import Capture, Kind
from pipelines.records import header

LEVEL = 6
BODY_LEVEL = 1
STORED = 0xFFFF
"""Bytes a stored deflate block holds at most (RFC 1951, 3.2.4)."""
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
RENDERED = "text/html; charset=utf-8"
"""What a ``conversion`` of ours is: the page as it stood in a browser."""
NO_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]+")
NOT_IN_URL = re.compile(r"[^!-~]+")
Headers = tuple[tuple[str, str], ...]
Known = Callable[[str, str], datetime | tuple[str, datetime] | None]
"""Asks the archive: when was this payload digest first captured whole at this URL, if ever, or at which other one."""
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")
"""Media types that are packed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer as they came over the wire, before any decoding but Transfer-Encoding's.

    ``fetched_at`` is aware. ``unchanged_since`` is the date of the capture a 304 confirms, where
    known. ``truncated`` is a WARC-Truncated reason (``length``, ``time``, ``disconnect``).
    """

    url: str
    status: int
    fetched_at: datetime
    body: bytes = b""
    reason: str = ""
    response_headers: Iterable[tuple[bytes, bytes]] = ()
    method: str = "GET"
    request_headers: Iterable[tuple[bytes, bytes]] = ()
    request_body: bytes = b""
    ip: str | None = None
    kind: Kind | None = None
    via: str | None = None
    backfill: str | None = None
    unchanged_since: datetime | None = None
    truncated: str | None = None


def new_id() -> str:
    """Return a fresh WARC-Record-ID."""
    return f"<{uuid.uuid4().urn}>"


def warcinfo(record_id: str, file: str, at: datetime, info: Mapping[str, str]) -> bytes:
    """Return the record that opens a run in ``file``: ``info`` as one line a field."""
    fields = [("WARC-Date", _date(at)), ("WARC-Filename", _clean(file))]
    return _record("warcinfo", record_id, fields, "application/warc-fields", _fields(info.items()))


def exchange_members(exchange: Exchange, known: Known, info_id: str) -> tuple[bytes, bytes, Capture]:
    """Return what stands before the answer, the answer, and its capture (not yet placed in a file).

    The answer is a ``revisit`` for a 304, or when ``known`` has the same payload; an
    empty or cut body never is one.
    """
    url, answer_id = _clean_url(exchange.url), new_id()
    shared = [("WARC-Target-URI", url), ("WARC-Date", _date(exchange.fetched_at)), ("WARC-Warcinfo-ID", info_id)]
    before = _before(exchange, url, [*shared, ("WARC-Concurrent-To", answer_id)])
    headers = _clean_headers(exchange.response_headers)
    if exchange.status != 304:
        headers = _with_true_length(headers, len(exchange.body))
    digest = "" if exchange.status == 304 else _sha256(exchange.body)
    revisit = _revisit(exchange, url, digest, known)
    facts = [("WARC-Payload-Digest", digest)] if digest else []
    facts += [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    facts += [("WARC-Truncated", exchange.truncated)] if exchange.truncated else []
    kind, body = ("revisit", b"") if revisit else ("response", exchange.body)
    head = _message(f"HTTP/1.1 {exchange.status} {_clean(exchange.reason)}", headers)
    packed = bool(header(headers, "Content-Encoding")) or body.startswith(GZIP_MAGIC)
    packed = packed or (header(headers, "Content-Type") or "").startswith(PICTURES)
    answer = _record(
        kind, answer_id, [*shared, *facts, *revisit], "application/http;msgtype=response", head, body, packed=packed
    )
    capture = _capture(exchange, url, headers, digest, revisit=bool(revisit))
    return before, answer, replace(capture, record_id=answer_id)


def conversion(source: Capture, body: bytes, at: datetime, info_id: str) -> tuple[bytes, Capture]:
    """Return the record of the page that a browser made of ``source``, and its capture (not yet placed in a file).

    WARC 1.1 (6.7): another version of a record's content, made by the archive; of the kinds for that
    only ``conversion`` may refer to its source (5.12). ``body`` is `RENDERED`, ``at`` when it was made.
    """
    record_id, digest = new_id(), _sha256(body)
    fields = [
        ("WARC-Target-URI", _clean_url(source.url)),
        ("WARC-Date", _date(at)),
        ("WARC-Warcinfo-ID", info_id),
        ("WARC-Refers-To", source.record_id),
        ("WARC-Payload-Digest", digest),
    ]
    return _record("conversion", record_id, fields, RENDERED, b"", body), Capture(
        url=source.url,
        fetched_at=at.astimezone(UTC),
        status=source.status,
        headers=(("Content-Type", RENDERED),),
        payload_digest=digest,
        etag="",  # the server's would say "not modified" of the shell, whatever its scripts have fetched
        last_modified="",
        record="conversion",
        kind="article",
        record_id=record_id,
    )


def judgement(capture: Capture, facts: Mapping[str, str]) -> bytes:
    """Return the ``metadata`` record that says what became of an answer (its outcome, uid, extractor)."""
    fields = [
        ("WARC-Target-URI", _clean_url(capture.url)),
        ("WARC-Date", _date(capture.fetched_at)),
        ("WARC-Refers-To", capture.record_id),
    ]
    return _record("metadata", new_id(), fields, "application/warc-fields", _fields(facts.items()))


def note(url: str, at: datetime, facts: Mapping[str, str]) -> bytes:
    """Return a ``metadata`` record about an address, of no answer: what somebody said of it at a time."""
    fields = [("WARC-Target-URI", _clean_url(url)), ("WARC-Date", _date(at))]
    return _record("metadata", new_id(), fields, "application/warc-fields", _fields(facts.items()))


def member(head: bytes, body: bytes = b"", tail: bytes = b"", *, packed: bool = False) -> bytes:
    """Return one gzip member of ``head + body + tail``; a ``packed`` body is stored, not packed again."""
    engine = zlib.compressobj(LEVEL if packed or not body else BODY_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", engine.compress(head)]
    if packed:
        parts += [engine.flush(zlib.Z_SYNC_FLUSH), *_stored(body + tail)]
    else:
        parts += [engine.compress(body), engine.compress(tail), engine.flush()]
    crc = zlib.crc32(tail, zlib.crc32(body, zlib.crc32(head)))
    parts.append(struct.pack("<II", crc, (len(head) + len(body) + len(tail)) & 0xFFFFFFFF))
    return b"".join(parts)


def _stored(data: bytes) -> Iterable[bytes]:
    for start in range(0, len(data), STORED):
        piece = data[start : start + STORED]
        yield struct.pack("<BHH", start + STORED >= len(data), len(piece), len(piece) ^ STORED)
        yield piece


def _record(
    kind: str,
    record_id: str,
    fields: Iterable[tuple[str, str]],
    content_type: str,
    head: bytes,
    body: bytes = b"",
    *,
    packed: bool = False,
) -> bytes:
    block = hashlib.sha256(head)
    block.update(body)
    lines = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        *fields,
        ("WARC-Block-Digest", f"sha256:{block.hexdigest()}"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(head) + len(body))),
    ]
    return member(_message("WARC/1.1", lines) + head, body, b"\r\n\r\n", packed=packed)


def _before(exchange: Exchange, url: str, fields: list[tuple[str, str]]) -> bytes:
    parts = urlsplit(url)
    headers = _clean_headers(exchange.request_headers)
    if not header(headers, "Host"):
        headers = (("Host", parts.netloc.rpartition("@")[2]), *headers)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = f"{NO_TOKEN.sub('', exchange.method)} {target} HTTP/1.1"
    request = _record(
        "request", new_id(), fields, "application/http;msgtype=request", _message(line, headers), exchange.request_body
    )
    notes = [("via", _clean_url(exchange.via or "")), ("kind", exchange.kind), ("backfill", exchange.backfill)]
    told = _fields((name, value) for name, value in notes if value)
    return request + (_record("metadata", new_id(), fields, "application/warc-fields", told) if told else b"")


def _revisit(exchange: Exchange, url: str, digest: str, known: Known) -> list[tuple[str, str]]:
    earlier: datetime | tuple[str, datetime] | None = exchange.unchanged_since
    if exchange.status != 304:
        earlier = known(url, digest) if exchange.body and not exchange.truncated else None
        if not earlier:
            return []
    if isinstance(earlier, tuple):
        url, earlier = _clean_url(earlier[0]), earlier[1]
    fields = [
        ("WARC-Profile", NOT_MODIFIED if exchange.status == 304 else SAME_PAYLOAD),
        ("WARC-Refers-To-Target-URI", url),
    ]
    return fields + ([("WARC-Refers-To-Date", _date(earlier))] if earlier else [])


def _capture(exchange: Exchange, url: str, headers: Headers, digest: str, *, revisit: bool) -> Capture:
    return Capture(
        url=url,
        fetched_at=exchange.fetched_at.astimezone(UTC),
        status=exchange.status,
        headers=headers,
        payload_digest=digest,
        etag=header(headers, "ETag"),
        last_modified=header(headers, "Last-Modified"),
        record="revisit" if revisit else "response",
        truncated=exchange.truncated,
        kind=exchange.kind,
        via=_clean_url(exchange.via or "") or None,
        backfill=exchange.backfill,
    )


def _with_true_length(headers: Headers, length: int) -> Headers:
    true = ("Content-Length", str(length))
    kept = []
    for name, value in headers:
        wrong_length = name.lower() == "content-length" and value != true[1]
        kept.append((f"X-Crawler-{name}" if wrong_length or name.lower() == "transfer-encoding" else name, value))
    return tuple(kept) if header(kept, "Content-Length") else (*kept, true)


def _message(line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    return "\r\n".join((line, *(f"{name}: {value}" for name, value in headers), "", "")).encode()


def _fields(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{NO_TOKEN.sub('', name)}: {_clean(value)}\r\n" for name, value in pairs).encode()


def _clean_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    pairs = ((NO_TOKEN.sub("", _text(name)), _clean(_text(value))) for name, value in headers)
    return tuple((name, value) for name, value in pairs if name)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _clean(text: str) -> str:
    return CONTROL.sub(" ", text).strip()


def _clean_url(url: str) -> str:
    return NOT_IN_URL.sub(lambda m: quote(m.group(), errors="replace"), url)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
