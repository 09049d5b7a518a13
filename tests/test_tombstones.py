"""A tombstone is exactly as long as the record it stands for, and is read by everyone who reads the file."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipelines.tombstones import ARC_SCHEME, NoRoomError, Tombstone, read_tombstone, record

STONE = Tombstone(
    uid="baothu-0123456789ab",
    url="https://baothu.example/mua-ca-dau-vu-100001.html",
    at=datetime(2026, 12, 2, 3, 4, 5, tzinfo=UTC),
    reason="Theo yêu cầu của người được nhắc tên",
    text_sha256="ab" * 32,
    known_by=("ab" * 32, "cd" * 32),
    also=("https://baothu.example/in/100001.html", "baothu-ba9876543210"),
)
AROUND_A_BLOCK = (*range(65_500, 65_900), *range(131_000, 131_400))
"""Lengths at which a further stored block of deflate begins, or the length of the body takes a further digit."""
DIGITS = (*range(9_950, 10_700, 3), *range(99_990, 100_700, 3), 999_999, 1_000_700, 3_000_001)


@pytest.mark.parametrize("arc", [False, True], ids=["warc", "arc"])
@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_every_length_is_met_to_the_byte(packed: bool, arc: bool) -> None:
    least = 260 if packed or not arc else 160
    for length in (*range(least, 2_600), *AROUND_A_BLOCK, *DIGITS):
        made = record(STONE, length, packed=packed, arc=arc)
        assert len(made) == length
        if packed and length % 7 == 0:
            gzip.decompress(made)


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("length", [270, 500, 700, 2_000, 70_000])
def test_warcio_reads_it_and_what_stands_behind_it(length: int, packed: bool) -> None:
    made = record(STONE, length, packed=packed)
    found = list(ArchiveIterator(io.BytesIO(made + made)))
    assert [r.rec_type for r in found] == ["metadata", "metadata"]
    assert len({r.rec_headers.get_header("WARC-Record-ID") for r in found}) == 1


def read(made: bytes) -> Tombstone | None:
    entry = next(ArchiveIterator(io.BytesIO(made)))
    body = entry.content_stream().read().decode()
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in body.splitlines())]
    at = datetime.fromisoformat(entry.rec_headers.get_header("WARC-Date"))
    return read_tombstone(fields, entry.rec_headers.get_header("WARC-Target-URI") or "", at)


def test_what_it_says_is_read_back_whole() -> None:
    assert read(record(STONE, 3_000, packed=True)) == STONE
    assert STONE.paper == "baothu"


@pytest.mark.parametrize("length", range(260, 900, 9))
def test_the_less_room_there_is_the_less_it_says_but_always_of_which_article(length: int) -> None:
    told = read(record(STONE, length, packed=True))
    assert told is not None
    assert (told.uid, told.at) == (STONE.uid, STONE.at)
    assert STONE.reason.startswith(told.reason)
    assert told.url in ("", STONE.url)


def test_a_record_without_room_is_said_to_have_none() -> None:
    with pytest.raises(NoRoomError, match="found 100 bytes"):
        record(STONE, 100, packed=True)


def test_other_metadata_are_no_tombstones() -> None:
    assert read_tombstone([("outcome", "article"), ("uid", STONE.uid)], STONE.url, STONE.at) is None
    assert read_tombstone([("baotinh-takedown", STONE.uid)], f"{ARC_SCHEME}{STONE.uid}#", STONE.at) is not None
