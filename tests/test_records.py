"""Records are read by file and offset, ours and others', and what cannot be read says where and why."""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import zlib
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.warc_reading import index, notes_in
from pipelines.records import RecordError, entries, read_record
from tests.warc_files import HTML, PACKED, page, stored, write


def foreign(path: Path, *, packed: bool, version: str = "WARC/1.0") -> None:
    """Write what other crawlers write: chunked bodies, sha1 digests, DNS records, a record without HTTP."""
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PACKED[:700], PACKED[700:])) + b"0\r\n\r\n"
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    with path.open("wb") as file:
        out = WARCWriter(file, gzip=packed, warc_version=version)
        out.write_record(out.create_warcinfo_record(path.name, {"software": "khác/1.0"}))
        out.write_record(out.create_warc_record("dns:baothu.example", "resource", payload=BytesIO(b"x"), length=1))
        for name in ("a", "b"):
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            out.write_record(
                out.create_warc_record(
                    f"http://baothu.example/{name}.html",
                    "response",
                    payload=BytesIO(chunked),
                    length=len(chunked),
                    http_headers=http,
                    warc_headers_dict={"WARC-Payload-Digest": f"sha1:OF{name}"},
                )
            )
        again = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        out.write_record(
            out.create_revisit_record(
                "http://baothu.example/b.html",
                "sha1:OFb",
                "http://x.example/",
                "2020-01-01T00:00:00Z",
                http_headers=again,
            )
        )


@pytest.mark.parametrize("packed", [True, False])
def test_foreign_files_are_indexed_with_our_digest(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("la.warc.gz" if packed else "la.warc")
    foreign(path, packed=packed)
    found = list(index(path))
    ours = f"sha256:{hashlib.sha256(PACKED).hexdigest()}"
    assert [(c.url[-6:], c.record, c.payload_digest) for c in found] == [
        ("a.html", "response", ours),
        ("b.html", "response", ours),
        ("b.html", "revisit", ours),
    ]
    assert [stored(tmp_path, c).length for c in found] == [c.warc_length for c in found]
    assert stored(tmp_path, found[1]).body() == HTML
    assert notes_in(path).papers == {}


@pytest.mark.parametrize("packed", [True, False])
def test_a_foreign_file_cut_anywhere_gives_what_is_whole_and_one_warning(
    tmp_path: Path, packed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cut.warc"
    foreign(path, packed=packed)
    whole, data = list(index(path)), path.read_bytes()
    with path.open("rb") as file:
        ends = {entry.offset + entry.finish() for entry in entries(file, "cut.warc")}
    for size in range(1, len(data), 31):
        path.write_bytes(data[:size])
        caplog.clear()
        found = list(index(path))
        assert found == [c for c in whole if c.warc_offset + c.warc_length <= size]
        between = any(end <= size <= end + len("\r\n\r\n") for end in ends)
        assert len(caplog.records) == (0 if between and (size in ends or not packed) else 1)
        assert all("cut.warc, offset" in r.getMessage() for r in caplog.records)


def test_an_arc_file_is_indexed_and_read_by_offset(tmp_path: Path) -> None:
    message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
    head = b"1 0 Alexa Internet\nURL IP-address Archive-date Content-type Archive-length\n\n"
    opening = b"filedesc://cu.arc 0.0.0.0 20080503101112 text/plain %d\n%s\n" % (len(head), head)
    entry = b"http://baothu.example/cu.htm 192.0.2.1 20080503101112 text/html %d\n%s\n" % (len(message), message)
    for name, data in (("cu.arc", opening + entry), ("cu.arc.gz", gzip.compress(opening) + gzip.compress(entry))):
        (tmp_path / name).write_bytes(data)
        (capture,) = index(tmp_path / name)
        assert (capture.url, capture.fetched_at) == (
            "http://baothu.example/cu.htm",
            datetime(2008, 5, 3, 10, 11, 12, tzinfo=UTC),
        )
        assert stored(tmp_path, capture).body() == HTML


def test_one_gzip_stream_over_a_whole_file_is_refused_with_the_remedy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    foreign(tmp_path / "la.warc", packed=False)
    (tmp_path / "la.warc.gz").write_bytes(gzip.compress((tmp_path / "la.warc").read_bytes()))
    assert list(index(tmp_path / "la.warc.gz")) == []
    assert "warcio recompress" in caplog.text


def test_a_file_that_is_no_archive_gives_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for data in (HTML, gzip.compress(HTML), os.urandom(5_000), b"\x1f\x8b" + bytes(50)):
        (tmp_path / "x.warc.gz").write_bytes(data)
        caplog.clear()
        assert list(index(tmp_path / "x.warc.gz")) == []
        assert ["x.warc.gz, offset 0" in r.getMessage() for r in caplog.records] == [True]


def test_records_that_cannot_be_read_say_where_and_why(tmp_path: Path) -> None:
    capture = write(tmp_path, page())[0]
    name = capture.warc_file
    (tmp_path / "outside.warc").write_bytes(b"")
    for file, offset, sentence in [
        ("mat.warc.gz", 0, "No such file"),
        ("../outside.warc", 0, "leads out"),
        (name, 10_000_000, "found a file of"),
        (name, -1, "offset -1"),
        (name, capture.warc_offset + 1, "expected a WARC or ARC record"),
    ]:
        with pytest.raises(RecordError, match=sentence):
            read_record(tmp_path, file, offset)
    os.truncate(tmp_path / name, capture.warc_offset + capture.warc_length - 3)
    with pytest.raises(RecordError, match="ends inside a record"):
        stored(tmp_path, capture)


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def brotli(data: bytes) -> bytes:
    module: Any = pytest.importorskip("brotli")
    packed: bytes = module.compress(data, quality=1)
    return packed


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        (b"gzip", gzip.compress),
        (b"x-gzip", gzip.compress),
        (b"deflate", zlib.compress),
        (b"deflate", raw_deflate),
        (b"br", brotli),
        (b"deflate, gzip", lambda d: gzip.compress(zlib.compress(d))),
        (b"identity", bytes),
        (b"gzip", bytes),
    ],
)
def test_bodies_are_decoded_from_every_coding_and_never_beyond_the_cap(
    tmp_path: Path, coding: bytes, pack: Any
) -> None:
    headers = ((b"Content-Encoding", coding),)
    small, bomb = write(
        tmp_path,
        page(body=pack(HTML), response_headers=headers),
        page(body=pack(bytes(3_000_000)), response_headers=headers),
    )
    assert stored(tmp_path, small).body() == HTML
    if pack is not bytes:
        with pytest.raises(RecordError, match="at most 1000000 bytes"):
            stored(tmp_path, bomb).body(1_000_000)


def test_a_body_in_an_unknown_coding_or_not_what_it_says_is_an_error_with_the_url(tmp_path: Path) -> None:
    unknown, false, cut = write(
        tmp_path,
        page(response_headers=((b"Content-Encoding", b"zstd"),)),
        page(response_headers=((b"Content-Encoding", b"deflate"),)),
        page(body=PACKED[: len(PACKED) // 2]),
    )
    with pytest.raises(RecordError, match=r"mua-ca-dau-vu.*'zstd'"):
        stored(tmp_path, unknown).body()
    with pytest.raises(RecordError, match=r"mua-ca-dau-vu.*expected a body in deflate"):
        stored(tmp_path, false).body()
    assert HTML.startswith(stored(tmp_path, cut).body()[:100])


def test_without_the_brotli_package_the_body_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = write(tmp_path, page(response_headers=((b"Content-Encoding", b"br"),)))[0]
    import_module("brotli")
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(RecordError, match="install it"):
        stored(tmp_path, capture).body()
