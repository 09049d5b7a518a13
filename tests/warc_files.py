"""Exchanges with an invented page, written to WARC files and read back, for the tests of both."""

from __future__ import annotations

import dataclasses
import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.clock import ManualClock
from crawler.warc_members import Exchange
from crawler.warc_writing import WarcWriter
from pipelines.items import Capture
from pipelines.records import Record, read_record

PAPER = "baothu"
NOON = datetime(2026, 11, 24, 5, 0, 0, 123456, tzinfo=UTC)
URL = "https://baothu.example/mua-ca-dau-vu-100001.html"
HTML = (
    "<html><body><h1>Mùa cá đầu vụ</h1>"
    + "".join(f"<p>Chuyến biển thứ {n} về bến Cửa Hội lúc tờ mờ sáng.</p>" for n in range(400))
    + "</body></html>"
).encode()
PACKED = gzip.compress(HTML, mtime=0)
GZIPPED = ((b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip"), (b"ETag", b'"c\xc3\xa1"'))


def page(**changes: Any) -> Exchange:
    whole = Exchange(
        url=URL,
        status=200,
        reason="OK",
        fetched_at=NOON,
        body=PACKED,
        response_headers=GZIPPED,
        request_headers=((b"User-Agent", b"baotinh/0.1"),),
        kind="article",
        via="https://baothu.example/rss/thoi-su.rss",
    )
    return dataclasses.replace(whole, **changes)


def writer(warc_dir: Path, at: datetime = NOON, **info: str) -> WarcWriter:
    return WarcWriter(warc_dir, PAPER, clock=ManualClock(at), info=info)


def write(warc_dir: Path, *exchanges: Exchange) -> list[Capture]:
    with writer(warc_dir) as out:
        return [out.write(exchange) for exchange in exchanges]


def stored(warc_dir: Path, capture: Capture) -> Record:
    return read_record(warc_dir, capture.warc_file, capture.warc_offset)
