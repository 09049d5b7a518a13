"""WARC files stay what they were: sealed when their day is over, listed for elsewhere, indexed for pywb, read again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipelines import warc_index
from pipelines.archive import warc_rows
from pipelines.archive.connection import reading
from pipelines.archive.warc_rows import FileRow
from pipelines.cdxj import surt
from pipelines.fixity import ManifestError, manifest, read_manifest
from pipelines.verifying import Plan, chosen, verify
from tests.crawling import Desk, clock
from tests.demo.server import serve
from tests.demo.stories import DAYS, NAMES
from tests.making import archive, hours, paper, rows, store, visit
from tests.warc_files import HTML, page, writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.items import Capture

SEALS = "SELECT path, sha256, bytes, first_at, last_at, checked_at FROM warc_files ORDER BY path"


@pytest.fixture
def copy(crawled: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(crawled.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy", crawled.sites)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_a_crawl_seals_the_files_of_days_that_are_over(crawled: Desk) -> None:
    seals = crawled.rows(SEALS)
    assert len(seals) == len(NAMES) * len(DAYS)
    for path, digest, size, first, last, checked in seals:
        assert size == (crawled.warc / path).stat().st_size
        assert first <= last
        assert digest == (None if path.endswith("22.warc.gz") else sha256(crawled.warc / path))
        assert (checked is None) == (digest is None)


def test_a_sealed_file_that_a_crawl_appends_to_loses_its_seal(tmp_path: Path) -> None:
    at, file = hours(0), "alpha/alpha-20261120.warc.gz"
    with closing(archive(tmp_path / "archive.db")) as kept:
        for size, digest, left in ((100, "a" * 64, "a" * 64), (100, None, "a" * 64), (250, None, None)):
            kept.begin_run("alpha", "crawl", at, "", {})
            kept.end_run("finished", at, [(file, size)])
            if digest:
                warc_rows.seal(kept.db.conn, file, size, digest, at)
            assert rows(kept, "SELECT bytes, sha256, checked_at IS NULL FROM warc_files") == [
                (size, left, left is None)
            ]


@pytest.mark.slow
def test_what_a_killed_crawl_wrote_is_sealed_by_the_next(tmp_path: Path) -> None:
    with serve() as sites:
        desk = Desk(tmp_path, sites)
        process = desk.start("crawl", NAMES[0], CLOCK=clock(0), DOWNLOAD_DELAY="0.05")
        while len(sites[NAMES[0]].log) < 12 and process.poll() is None:
            pass
        process.kill()
        process.wait()
        assert desk.rows(SEALS) == []
        assert desk.crawl(1, [NAMES[0]]).returncode == 0
        sealed = {row[0]: row[1] for row in desk.rows(SEALS)}
        first = f"{NAMES[0]}/{NAMES[0]}-20261120.warc.gz"
        assert sealed[first] == sha256(desk.warc / first)


@pytest.mark.slow
def test_verify_seals_what_has_no_seal_and_notes_when_it_read_a_file(copy: Desk) -> None:
    untouched = copy.archive.read_bytes()
    longest_unread = min((checked, path) for path, *_, checked in copy.rows(SEALS) if checked)[1]
    assert copy.scrapy("verify").returncode == 0
    assert copy.archive.read_bytes() == untouched
    ended = copy.scrapy("verify", "--quick", "--seal", CLOCK="2026-11-25T00:00:00Z")
    assert ended.returncode == 0, ended.stderr
    seals = copy.rows(SEALS)
    assert {path: digest for path, digest, *_ in seals} == {path: sha256(copy.warc / path) for path, *_ in seals}
    noted = [path for path, *_, checked in seals if checked.startswith("2026-11-25T00")]
    # Those of the last day, which had no seal, and of the others the one unread for longest.
    assert noted == sorted([*(f"{name}/{name}-20261122.warc.gz" for name in NAMES), longest_unread])


@pytest.mark.slow
def test_a_damaged_file_is_not_sealed(copy: Desk) -> None:
    path = copy.warc / NAMES[0] / f"{NAMES[0]}-20261122.warc.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    path.write_bytes(data)
    assert copy.scrapy("verify", "--seal").returncode == 1
    assert copy.rows("SELECT sha256 FROM warc_files WHERE path LIKE ?", f"%{path.name}") == [(None,)]


def test_a_quick_look_reads_the_files_unread_for_longest() -> None:
    sizes = {f"f{n:02}": 100 for n in range(24)}
    known = {path: FileRow(path, 1, 50, 100, "0" * 64, f"2026-{n % 12 + 1:02}-01") for n, path in enumerate(sizes)}
    known["f05"] = FileRow("f05", 1, 50, 100, "0" * 64, None)
    known["f23"] = FileRow("f23", 1, 50, 100, None, None)
    assert chosen(known, sizes, unsealed=False) == ["f00", "f05"]
    assert chosen(known, sizes, unsealed=True) == ["f00", "f05", "f23"]
    assert chosen(known, {**sizes, "f05": 10**9}, unsealed=False) == ["f05"]
    assert chosen({}, {}, unsealed=True) == []


@pytest.mark.slow
def test_the_list_for_elsewhere_is_sha256sums_and_the_same_each_time(copy: Desk, tmp_path: Path) -> None:
    lists = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for file in lists:
        assert copy.scrapy("verify", "--manifest", str(file)).returncode == 0
    assert lists[0].read_bytes() == lists[1].read_bytes()
    assert len(lists[0].read_text().splitlines()) == len(NAMES) * len(DAYS)
    subprocess.run(["sha256sum", "--strict", "-c", str(lists[0])], cwd=copy.warc, check=True, capture_output=True)
    early = tmp_path / "early.txt"
    assert copy.scrapy("verify", "--manifest", str(early), CLOCK=clock(2, hours=0.5)).returncode == 0
    assert len(early.read_text().splitlines()) == len(NAMES) * (len(DAYS) - 1)


@pytest.mark.slow
def test_files_are_compared_with_a_list_from_elsewhere(copy: Desk, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    assert copy.scrapy("verify", "--manifest", str(kept)).returncode == 0
    assert copy.scrapy("verify", "--against", str(kept)).returncode == 0
    first, second, *_ = sorted(read_manifest(kept.read_text().splitlines(), "kept"))
    # Archive and file changed alike: only the list from elsewhere can tell.
    (copy.warc / first).write_bytes(b"")
    with closing(archive(copy.archive)) as mine:
        mine.db.conn.execute("DELETE FROM warc_files")
    (copy.warc / second).unlink()
    ended = copy.scrapy("verify", "--against", str(kept), "--json")
    assert ended.returncode == 1
    found = [f["place"] for f in json.loads(ended.stdout)["faults"] if f["check"] == "manifest"]
    assert found == [first, second]


def test_a_list_holds_whatever_a_file_is_called() -> None:
    digests = {"a/b.warc.gz": "0" * 64, "foreign/x  y\n\\n.warc": "a" * 64, "Ảnh.warc": "1" * 64}
    assert read_manifest(manifest(digests).splitlines(keepends=True), "list") == digests
    assert manifest(digests) == manifest(dict(reversed(digests.items())))
    with pytest.raises(ManifestError, match=r"^list, line 2: expected .*, found 'nonsense'; "):
        read_manifest([f"{'0' * 64}  a\n", "nonsense\n"], "list")


def lines_of(file: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        key, stamp, facts = line.split(" ", 2)
        yield key, stamp, json.loads(facts)


@pytest.mark.slow
def test_the_index_leads_every_reader_to_the_record(copy: Desk, tmp_path: Path) -> None:
    file = tmp_path / "index.cdxj"
    assert copy.scrapy("verify", "--quick", "--cdxj", str(file)).returncode == 0
    lines = file.read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == copy.rows("SELECT count(*) FROM captures WHERE status <> 304")[0][0]
    for key, stamp, facts in lines_of(file):
        assert key == surt(facts["url"])
        with (copy.warc / facts["filename"]).open("rb") as stream:
            stream.seek(int(facts["offset"]))
            record = next(iter(ArchiveIterator(BytesIO(stream.read(int(facts["length"]))))))
        said = record.rec_headers.get_header
        assert said("WARC-Target-URI") == facts["url"]
        assert stamp == "".join(c for c in said("WARC-Date")[:19] if c.isdigit())
        assert said("WARC-Payload-Digest") == facts["digest"]
        assert record.http_headers.get_statuscode() == facts["status"]
        media = record.http_headers.get_header("Content-Type").partition(";")[0]
        assert facts["mime"] == ("warc/revisit" if record.rec_type == "revisit" else media)


@pytest.mark.slow
def test_an_index_is_written_whole_or_not_at_all(crawled: Desk, tmp_path: Path) -> None:
    ended = crawled.scrapy("verify", "--quick", "--cdxj", str(tmp_path / "no" / "index.cdxj"))
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"{tmp_path}/no/index.cdxj: cannot be written")


def placed(folder: Path) -> tuple[Capture, Capture]:
    """Write a page that hides its text, and what a browser made of it."""
    with writer(folder, hours(0)) as out:
        answer = out.write(page(url="https://baothu.example.vn/a-1.html", fetched_at=hours(0)))
        return answer, out.convert(answer, HTML)


def test_a_page_that_a_browser_completed_is_sound_and_indexed_and_a_private_one_is_not(tmp_path: Path) -> None:
    answer, made = placed(tmp_path / "warc")
    with closing(archive(tmp_path / "archive.db", paper("baothu"))) as kept:
        hidden = dataclasses.replace(visit("/a-1.html", hours(0), of="baothu"), capture=answer, article=None)
        shown = dataclasses.replace(visit("/a-1.html", hours(0), of="baothu"), capture=made, completed=True)
        store(kept, [dataclasses.replace(hidden, outcome="page/body-hidden"), shown])
    plan = Plan(archive=tmp_path / "archive.db", warc_dir=tmp_path / "warc", now=datetime(2026, 12, 1, tzinfo=UTC))
    found = verify(plan)
    assert [str(fault) for fault in found.faults.shown] == []
    assert (found.articles, found.captures, found.records) == (1, 2, 2)
    with reading(plan.archive) as db:
        offsets = {json.loads(line.split(" ", 2)[2])["offset"] for line in warc_index.lines(db)}
    assert offsets == {str(capture.warc_offset) for capture in (answer, made)}
    with closing(archive(plan.archive, paper("baothu"))) as kept:
        kept.db.conn.execute("UPDATE articles SET visibility = 'private'")
    with reading(plan.archive) as db:
        (line,) = warc_index.lines(db)
    assert f'"offset": "{answer.warc_offset}"' in line


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """What reached the disk: bytes by the number of the file (inode)."""
    reached: dict[int, int] = {}
    whole = os.fsync

    def fsync(fd: int) -> None:
        whole(fd)
        reached[os.fstat(fd).st_ino] = os.fstat(fd).st_size

    monkeypatch.setattr(os, "fsync", fsync)
    return reached


def on_disk(path: Path, synced: dict[int, int]) -> bool:
    return synced.get(path.stat().st_ino) == path.stat().st_size


def test_a_file_that_a_killed_crawl_left_is_on_the_disk_before_its_digest_is_kept(
    tmp_path: Path, synced: dict[int, int]
) -> None:
    (tmp_path / "alpha").mkdir()
    left = tmp_path / "alpha" / "alpha-20261120.warc.gz"
    left.write_bytes(b"written by a crawl that was killed, and in the memory of the machine alone")
    kept = archive(tmp_path / "archive.db", paper("alpha"))
    assert not on_disk(left, synced)
    kept.seal(tmp_path, ["alpha/alpha-20261120.warc.gz"], hours(0))
    assert on_disk(left, synced)


def test_a_run_waits_for_the_disk_before_it_notes_how_long_its_files_are(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db", paper("alpha"))
    kept.begin_run("alpha", "crawl", hours(0), "digest", {})
    told: list[str] = []
    kept.before_commit.append(lambda: told.append(str(rows(kept, "SELECT count(*) FROM warc_files"))))
    kept.end_run("finished", hours(1), [("alpha/alpha-20261120.warc.gz", 12)])
    assert told == ["[(0,)]"]
    assert rows(kept, "SELECT bytes FROM warc_files") == [(12,)]
