"""A paper's WARC files: what is written is read back, by us and by warcio, whatever the page or a crash did."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.clock import ManualClock
from crawler.warc_reading import index, notes_in, recover
from crawler.warc_writing import LockedError, PaperLock, WarcWriter, WriteError
from pipelines.records import RecordError, read_record
from tests.warc_files import GZIPPED, HTML, NOON, PACKED, PAPER, URL, page, stored, write, writer


def by_warcio(path: Path) -> list[tuple[str, str, bytes]]:
    with path.open("rb") as file:
        found = []
        for record in ArchiveIterator(file, check_digests=True):
            found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read()))
            assert record.digest_checker.passed is not False, record.digest_checker.problems
        return found


def test_an_exchange_is_read_back_by_offset_and_by_warcio_with_its_digest(tmp_path: Path) -> None:
    capture = write(tmp_path, page())[0]
    record = stored(tmp_path, capture)
    assert (record.kind, record.url, record.date, record.status) == ("response", URL, NOON, 200)
    assert record.payload == PACKED
    assert record.body() == HTML
    assert capture.payload_digest == record.payload_digest == f"sha256:{hashlib.sha256(PACKED).hexdigest()}"
    assert (capture.warc_file, capture.warc_length) == ("baothu/baothu-20261124.warc.gz", record.length)
    assert capture.etag == '"cá"'
    found = by_warcio(tmp_path / capture.warc_file)
    assert [kind for kind, _, _ in found] == ["warcinfo", "request", "metadata", "response"]
    assert found[-1][1:] == (URL, PACKED)


def test_lengths_are_those_of_the_stored_body_and_what_was_received_is_kept_beside(tmp_path: Path) -> None:
    sent = ((b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"999999"))
    assert write(tmp_path, page(response_headers=sent))[0].headers == (
        ("X-Crawler-Transfer-Encoding", "chunked"),
        ("X-Crawler-Content-Length", "999999"),
        ("Content-Length", str(len(PACKED))),
    )


def test_the_same_payload_again_is_a_revisit_that_says_of_what(tmp_path: Path) -> None:
    first = write(tmp_path, page())[0]

    def known(url: str, digest: str) -> datetime | None:
        return first.fetched_at if (url, digest) == (first.url, first.payload_digest) else None

    with writer(tmp_path) as out:
        later = NOON + timedelta(days=1)
        again = out.write(page(fetched_at=later), known)
        other = out.write(page(url=URL + "?ban=in", fetched_at=later), known)
        cut = out.write(page(fetched_at=later, truncated="length"), known)
        empty = out.write(page(body=b"", fetched_at=later), lambda _url, _digest: NOON)
    assert [c.record for c in (again, other, cut, empty)] == ["revisit", "response", "response", "response"]
    record = stored(tmp_path, again)
    fields = dict(record.record_headers)
    assert (record.status, record.payload, again.payload_digest) == (200, b"", first.payload_digest)
    assert fields["WARC-Profile"].endswith("/identical-payload-digest")
    assert fields["WARC-Refers-To-Target-URI"] == URL
    assert fields["WARC-Refers-To-Date"] == "2026-11-24T05:00:00.123456Z"


def member_starts(data: bytes) -> list[int]:
    starts = []
    offset = 0
    while offset < len(data):
        starts.append(offset)
        engine = zlib.decompressobj(31)
        engine.decompress(data[offset:])
        offset = len(data) - len(engine.unused_data)
    return starts


def test_a_second_crawl_of_a_paper_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    take = (
        "import sys; from pathlib import Path; from crawler.warc_writing import PaperLock\n"
        f"with PaperLock(Path({str(tmp_path)!r}), {PAPER!r}):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", take], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match="baothu is being crawled by another process"):
            PaperLock(tmp_path, PAPER).__enter__()
        with PaperLock(tmp_path, "baokhac"):
            pass
        holder.kill()
        holder.wait()
        with PaperLock(tmp_path, PAPER):
            pass


@pytest.mark.parametrize("body", [b"", b"\0", os.urandom(65_535), os.urandom(65_536), os.urandom(200_000)])
@pytest.mark.parametrize("headers", [GZIPPED, ()])
def test_bodies_of_any_bytes_and_length_come_back_as_received(
    tmp_path: Path, body: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    capture = write(tmp_path, page(body=body, response_headers=headers))[0]
    assert stored(tmp_path, capture).payload == body
    assert by_warcio(tmp_path / capture.warc_file)[-1][2] == body


def test_the_index_of_a_file_is_what_was_captured(tmp_path: Path) -> None:
    captures = write(
        tmp_path,
        page(),
        page(url=URL + "?trang=2", status=404, kind=None, via=None),
        page(url="https://baothu.example/robots.txt", kind="robots", via=None, truncated="length"),
    )
    assert list(index(tmp_path / captures[0].warc_file, captures[0].warc_file)) == captures


def test_each_run_says_in_each_file_who_wrote_it_and_which_paper_it_was(tmp_path: Path) -> None:
    note = '{"baothu": {"title": "Báo Thử", "hosts": ["baothu.example"]}}'
    clock = ManualClock(NOON)
    with WarcWriter(tmp_path, PAPER, clock=clock, info={"baotinh-paper": note, "robots": "obey\r\nsoftware: x"}) as out:
        first = out.write(page())
        clock.moment = NOON + timedelta(hours=19)
        second = out.write(page(fetched_at=clock.moment))
    assert (first.warc_file[-16:], second.warc_file[-16:]) == ("20261124.warc.gz", "20261125.warc.gz")
    for capture in (first, second):
        told = read_record(tmp_path, capture.warc_file, 0)
        assert told.kind == "warcinfo"
        assert b"software: baotinh/" in told.payload
        assert b"\r\nrobots: obey software: x\r\n" in told.payload
        assert notes_in(tmp_path / capture.warc_file).papers["baothu"]["title"] == "Báo Thử"


def test_the_uid_that_a_page_was_given_first_is_read_back(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        one, two = out.write(page()), out.write(page(url=URL + "?trang=2"))
        for uid in ("baothu-0123456789ab", "baothu-ba9876543210"):
            out.note(one, {"outcome": "article", "uid": uid})
        out.note(two, {"outcome": "page/listing"})
    assert notes_in(tmp_path / one.warc_file).uids == {one.record_id: "baothu-0123456789ab"}


def test_a_page_cannot_write_into_a_record_header(tmp_path: Path) -> None:
    evil = page(
        url=URL + "\r\nWARC-Type: warcinfo\r\n\r\n",
        reason="OK\r\nX-Evil: 1",
        response_headers=((b"X-A", b"1\r\n\r\n<script>"), (b"X:B\n", b"\xff\x00\n"), (b"", b"empty")),
        request_headers=((b"Cookie", b"a\r\nHost: evil.example"),),
        via="x\r\nkind: robots",
        method="GET\r\nX",
    )
    capture = write(tmp_path, evil, page())[0]
    record = stored(tmp_path, capture)
    assert record.payload == PACKED
    assert record.headers == (("X-A", "1 <script>"), ("XB", "ÿ"), ("Content-Length", str(len(PACKED))))
    assert capture.url == record.url == URL + "%0D%0AWARC-Type:%20warcinfo%0D%0A%0D%0A"
    assert [kind for kind, _, _ in by_warcio(tmp_path / capture.warc_file)] == [
        "warcinfo",
        *["request", "metadata", "response"] * 2,
    ]
    assert next(index(tmp_path / capture.warc_file, capture.warc_file)) == capture


def test_not_modified_is_a_revisit_without_a_payload(tmp_path: Path) -> None:
    capture = write(tmp_path, page(status=304, body=b"", unchanged_since=NOON - timedelta(days=1)))[0]
    fields = dict(stored(tmp_path, capture).record_headers)
    assert (capture.record, capture.payload_digest) == ("revisit", "")
    assert fields["WARC-Profile"].endswith("/server-not-modified")
    assert fields["WARC-Refers-To-Date"] == "2026-11-23T05:00:00.123456Z"
    assert list(index(tmp_path / capture.warc_file, capture.warc_file)) == [capture]


def test_a_torn_end_is_cut_wherever_it_was_torn_and_the_next_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known, lost = write(tmp_path, page(), page(url=URL + "?trang=2"))
    path = tmp_path / known.warc_file
    whole = path.read_bytes()
    end = known.warc_offset + known.warc_length
    for size in [end + 1, end + 9, end + 200, lost.warc_offset + 5, lost.warc_offset + 400, len(whole) - 1]:
        path.write_bytes(whole[:size])
        caplog.clear()
        assert recover(tmp_path, PAPER, {known.warc_file: end}) == ()
        assert [r.getMessage() for r in caplog.records] == [
            f"{path}: a torn record of {size - path.stat().st_size} bytes at offset {path.stat().st_size} was cut"
        ]
        assert path.stat().st_size in (end, *member_starts(whole))
        again = write(tmp_path, page(url=URL + "?trang=2"))[0]
        assert list(index(path, known.warc_file)) == [known, again]


def test_whole_records_the_archive_does_not_know_are_adopted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    captures = write(tmp_path, page(), page(url=URL + "?trang=2"), page(url=URL + "?trang=3"))
    name = captures[0].warc_file
    before = (tmp_path / name).read_bytes()
    assert recover(tmp_path, PAPER, {}) == tuple(captures)
    assert recover(tmp_path, PAPER, {name: captures[0].warc_offset + captures[0].warc_length}) == tuple(captures[1:])
    assert recover(tmp_path, PAPER, {name: len(before)}) == ()
    assert ((tmp_path / name).read_bytes(), caplog.records) == (before, [])


def test_what_a_killed_crawl_left_is_on_the_disk_before_rows_point_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (capture,) = write(tmp_path, page())
    reached = []
    monkeypatch.setattr(os, "fsync", lambda fd: reached.append(os.fstat(fd).st_ino))
    assert recover(tmp_path, PAPER, {}) == (capture,)
    assert reached == [(tmp_path / capture.warc_file).stat().st_ino]


def test_damage_that_is_no_torn_end_is_set_aside_not_thrown_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = write(tmp_path, page(), page(url=URL + "?trang=2"))
    path = tmp_path / first.warc_file
    whole = path.read_bytes()
    path.write_bytes(whole[: second.warc_offset] + bytes(300) + whole[second.warc_offset + 300 :])
    assert recover(tmp_path, PAPER, {}) == (first,)
    aside = path.with_name(f"{path.name}.damaged-{second.warc_offset}")
    assert path.read_bytes() == whole[: second.warc_offset]
    assert aside.read_bytes() == bytes(300) + whole[second.warc_offset + 300 :]
    assert aside.name in caplog.text


def test_a_file_shorter_than_the_archive_knows_is_refused(tmp_path: Path) -> None:
    capture = write(tmp_path, page())[0]
    end = capture.warc_offset + capture.warc_length
    (tmp_path / capture.warc_file).write_bytes(b"")
    with pytest.raises(RecordError, match=f"expected {end} bytes.*found 0"):
        recover(tmp_path, PAPER, {capture.warc_file: end})


def test_a_full_disk_leaves_whole_records_and_an_error_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    room = [10_000]

    def short(fd: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = real(fd, data[: room[0]])
        room[0] -= done
        return done

    big = os.urandom(6_000)
    with writer(tmp_path) as out:
        monkeypatch.setattr(os, "write", short)
        first = out.write(page(body=big))
        with pytest.raises(WriteError, match=r"No space left on device.*start again"):
            out.write(page(url=URL + "?trang=2", body=big))
        path = tmp_path / first.warc_file
        assert path.stat().st_size == first.warc_offset + first.warc_length
        room[0] = 1_000_000
        second = out.write(page(url=URL + "?trang=3", body=big))
    assert list(index(path, first.warc_file)) == [first, second]
