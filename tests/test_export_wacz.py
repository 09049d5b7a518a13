"""A WACZ of an archive is one by the judge of its makers, and holds the chosen articles' records byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipelines import cdxj
from pipelines.archive.connection import sqlite3
from pipelines.archive.exporting import Selection, outlet
from pipelines.cdxj import SortedLines, surt
from pipelines.exports.wacz import EmptyError, write_wacz
from pipelines.records import RecordError, read_record
from tests.crawling import Desk
from tests.demo.server import serve
from tests.making import archive, paper, store, visit
from tests.warc_files import NOON, page, writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.items import Capture

JUDGE = Path(sys.prefix).parent / ".venv-wacz" / "bin"
"""py-wacz, which `make test` installs beside .venv."""


def judged(wacz: Path) -> str:
    """Return what py-wacz says of a package."""
    assert (JUDGE / "wacz").exists(), f"{JUDGE} is not there; run 'make .venv-wacz/.ready'"
    ended = subprocess.run(
        [JUDGE / "wacz", "validate", "-f", wacz], capture_output=True, text=True, check=False, timeout=120
    )
    return ended.stdout


@dataclass
class Unpacked:
    """A WACZ laid out as files."""

    folder: Path

    @classmethod
    def of(cls, wacz: Path, folder: Path) -> Unpacked:
        with ZipFile(wacz) as file:
            file.extractall(folder)
        return cls(folder)

    def index(self) -> list[tuple[str, str, dict[str, Any]]]:
        lines = gzip.decompress((self.folder / "indexes/index.cdx.gz").read_bytes()).decode().splitlines()
        assert lines == sorted(lines)
        return [(key, at, json.loads(facts)) for key, at, facts in (line.split(" ", 2) for line in lines)]

    def pages(self) -> list[dict[str, Any]]:
        head, *pages = (self.folder / "pages/pages.jsonl").read_text("utf-8").splitlines()
        assert json.loads(head)["format"] == "json-pages-1.0"
        return [json.loads(line) for line in pages]

    def records(self) -> list[tuple[str, str | None]]:
        """Return kind and address of every record, as warcio reads them with their digests."""
        found = []
        for path in sorted((self.folder / "archive").iterdir()):
            with path.open("rb") as file:
                for record in ArchiveIterator(file, check_digests=True):
                    record.raw_stream.read()
                    assert record.digest_checker.passed is not False
                    found.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI")))
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which two days were crawled; tests only read it."""
    with serve() as sites:
        desk = Desk(tmp_path_factory.mktemp("wacz"), sites)
        for day in (0, 1):
            ended = desk.crawl(day)
            assert ended.returncode == 0, ended.stderr
        yield desk


def export(desk: Desk, out: Path, *options: str, **settings: str) -> Unpacked:
    ended = desk.at_once("export", str(out), *options, **settings)
    assert ended.returncode == 0, ended.stderr
    return Unpacked.of(out, out.parent / f"{out.stem}.folder")


@pytest.mark.slow
def test_a_wacz_of_the_demo_is_valid_and_leads_from_each_page_to_its_record(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "all.wacz"
    found = export(desk, out)
    assert "the passed WACZ is valid" in judged(out)
    by_place = {(facts["url"], at): facts for _, at, facts in found.index()}
    pages = found.pages()
    assert [p["id"] for p in pages] == [row[0] for row in desk.rows("SELECT uid FROM articles ORDER BY uid")]
    for one in pages:
        facts = by_place[one["url"], re.sub(r"\D", "", one["ts"])]
        record = read_record(found.folder / "archive", facts["filename"], int(facts["offset"]))
        assert (record.url, str(record.status)) == (one["url"], facts["status"])
        assert record.payload_digest == facts["digest"]
        assert record.length == int(facts["length"])
        assert one["id"] in one["citation"]


@pytest.mark.slow
def test_records_are_copied_byte_for_byte(desk: Desk, tmp_path: Path) -> None:
    found = export(desk, tmp_path / "all.wacz")
    held = {
        (row[0], row[1][:19]): row[2:]
        for row in desk.rows("SELECT url, fetched_at, warc_file, warc_offset, warc_length FROM captures")
    }
    assert found.index()
    for _, at, facts in found.index():
        moment = datetime.strptime(at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        file, offset, length = held[facts["url"], f"{moment:%Y-%m-%dT%H:%M:%S}"]
        source = (desk.warc / file).read_bytes()[offset : offset + length]
        copy = (found.folder / "archive" / facts["filename"]).read_bytes()
        assert copy[int(facts["offset"]) :][: int(facts["length"])] == source
        assert facts["recordDigest"] == f"sha256:{hashlib.sha256(source).hexdigest()}"


@pytest.mark.slow
def test_a_chosen_article_comes_with_all_that_tells_of_it_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    found = export(desk, tmp_path / "one.wacz", "--query", "chợ phiên")
    assert "the passed WACZ is valid" in judged(tmp_path / "one.wacz")
    (one,) = found.pages()
    captures = desk.rows(
        "SELECT fetched_at FROM captures c JOIN articles a ON a.id = c.article_id WHERE a.uid = ?", one["id"]
    )
    assert len(found.index()) == len(captures) == 2
    kinds = [kind for kind, _ in found.records()]
    assert kinds == ["warcinfo", "request", "metadata", "response", "metadata"] * 2
    assert {url for kind, url in found.records() if kind != "warcinfo"} == {one["url"]}


@pytest.mark.slow
def test_the_records_of_private_articles_stay_where_they_are(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(desk.archive)) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as db, db:
        ((url,),) = db.execute("SELECT url FROM articles ORDER BY uid LIMIT 1").fetchall()
        db.execute("UPDATE articles SET visibility = 'private' WHERE url = ?", (url,))
    found = export(desk, tmp_path / "public.wacz", ARCHIVE=str(copy))
    assert url not in {target for _, target in found.records()}
    assert url not in {one["url"] for one in found.pages()}
    everything = export(desk, tmp_path / "everything.wacz", "--private", ARCHIVE=str(copy))
    assert url in {target for _, target in everything.records()}


@pytest.mark.slow
def test_what_is_packed_already_is_stored_and_all_is_listed_with_its_digest(desk: Desk, tmp_path: Path) -> None:
    found = export(desk, tmp_path / "all.wacz")
    told = json.loads((found.folder / "datapackage.json").read_text("utf-8"))
    assert (told["profile"], told["wacz_version"]) == ("data-package", "1.1.1")
    with ZipFile(tmp_path / "all.wacz") as file:
        entries = {info.filename: info for info in file.infolist()}
    assert {r["path"] for r in told["resources"]} == set(entries) - {"datapackage.json", "datapackage-digest.json"}
    for resource in told["resources"]:
        raw = (found.folder / resource["path"]).read_bytes()
        assert (resource["hash"], resource["bytes"]) == (f"sha256:{hashlib.sha256(raw).hexdigest()}", len(raw))
    assert {e.compress_type for path, e in entries.items() if path.endswith(".gz")} == {ZIP_STORED}
    assert {e.date_time for e in entries.values()} == {(1980, 1, 1, 0, 0, 0)}
    digest = json.loads((found.folder / "datapackage-digest.json").read_text("utf-8"))
    raw = (found.folder / "datapackage.json").read_bytes()
    assert digest == {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}"}


@pytest.mark.slow
def test_a_missing_warc_file_is_named_and_nothing_is_left(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "all.wacz").write_bytes(b"mine")
    ended = desk.at_once("export", str(tmp_path / "all.wacz"), "--force", WARC_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert "correct WARC_DIR or restore the file" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["all.wacz"]
    assert (tmp_path / "all.wacz").read_bytes() == b"mine"


def held(folder: Path, captures: list[Capture], *article_of: str) -> Path:
    """Make an archive of captures that are in WARC files, each shown to be of the article named."""
    made = archive(folder / "archive.db", paper("baothu", "baothu.example"))
    for path in dict.fromkeys(article_of):
        store(made, [visit(path, NOON, of="baothu", title=f"Bài {path}", text=f"Chữ của {path}. " * 30)])
    for capture, path in zip(captures, article_of, strict=True):
        made.record("baothu", capture)
        made.flush()
        made.db.conn.execute(
            "UPDATE captures SET article_id = (SELECT id FROM articles WHERE url LIKE '%' || ?) WHERE warc_offset = ? "
            "AND warc_file = ?",
            (path, capture.warc_offset, capture.warc_file),
        )
        made.db.conn.execute(
            "UPDATE articles SET capture_id = (SELECT id FROM captures WHERE warc_offset = ? AND warc_file = ?) "
            "WHERE url LIKE '%' || ?",
            (capture.warc_offset, capture.warc_file, path),
        )
    made.db.conn.execute("UPDATE captures SET article_id = NULL WHERE warc_file LIKE 'alpha/%'")
    made.close()
    return folder / "archive.db"


def packed(database: Path, warc_dir: Path, folder: Path, **chosen: Any) -> Unpacked:
    with outlet(database) as open_archive, (folder / "a.wacz").open("wb") as out:
        write_wacz(open_archive, Selection(**chosen), warc_dir, out)
    return Unpacked.of(folder / "a.wacz", folder / "unpacked")


def test_a_revisit_comes_with_the_body_it_names(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        first = out.write(page())
        second = out.write(page(fetched_at=NOON + timedelta(days=1)), lambda _url, _digest: NOON)
        out.write(page(url="https://baothu.example/khac.html", body=b"khac"))
    assert second.record == "revisit"
    database = held(tmp_path, [first, second], "/a.html", "/a.html")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE captures SET article_id = NULL WHERE record = 'response'")
    found = packed(database, tmp_path / "warc", tmp_path)
    assert [facts["mime"] for _, _, facts in found.index()] == ["text/html", "warc/revisit"]
    assert "the passed WACZ is valid" in judged(tmp_path / "a.wacz")
    assert "https://baothu.example/khac.html" not in {url for _, url in found.records()}


def test_a_page_that_a_browser_completed_comes_with_the_page_as_served(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        served = out.write(page())
        completed = out.convert(served, b"<p>xong</p>")
    found = packed(held(tmp_path, [served, completed], "/a.html", "/a.html"), tmp_path / "warc", tmp_path)
    assert [kind for kind, _ in found.records()] == ["warcinfo", "request", "metadata", "response", "conversion"]
    assert [facts["mime"] for _, _, facts in found.index()] == ["text/html"]


def test_a_record_that_is_not_where_it_should_be_is_named(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        capture = out.write(page())
    database = held(tmp_path, [capture], "/a.html")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE captures SET warc_length = warc_length - 7 WHERE warc_file LIKE 'baothu/%'")
    with pytest.raises(RecordError, match=rf"offset {capture.warc_offset}: expected a record of \d+ bytes"):
        packed(database, tmp_path / "warc", tmp_path)


def test_a_file_that_a_crawl_is_still_writing_gives_what_the_archive_knows(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        capture = out.write(page())
        out.write(page(url="https://baothu.example/moi.html"))
    path = tmp_path / "warc" / capture.warc_file
    path.write_bytes(path.read_bytes()[:-50])
    found = packed(held(tmp_path, [capture], "/a.html"), tmp_path / "warc", tmp_path)
    assert [kind for kind, _ in found.records()] == ["warcinfo", "request", "metadata", "response"]


def test_a_choice_without_records_is_no_package(tmp_path: Path) -> None:
    with writer(tmp_path / "warc") as out:
        capture = out.write(page())
    with pytest.raises(EmptyError, match="a WACZ needs one"):
        packed(held(tmp_path, [capture], "/a.html"), tmp_path / "warc", tmp_path, papers=("alpha",))


ADDRESSES = (
    "http://127.0.0.1:8451/cho-A.html",
    "https://www.baosong.example/Tin/?b=2&a=1",
    "http://www2.bao.example:80/",
    "https://bao.example",
    "https://bao.example/a/",
    "https://bao.example/?",
    "https://bao.example/a?b=%20C&a",
    "https://BAO.example/%C4%91%E1%BB%93ng//x",
    "https://bao.example/đồng?q=ạ",
    "https://bao.example:8443/x#f",
    "https://bao.example/viewer.aspx?PHPSESSID=0123456789abcdefghijklmnopqrstuv&id=12",
    "http://user@bao.example/a",
    "https://bao.example/a/../b",
    "https://bao.example/tin-tuc/2026/11/bai-so-100001.html",
)


def test_keys_of_the_index_are_those_of_other_tools() -> None:
    code = "import sys, surt\nfor line in sys.stdin: print(surt.surt(line.rstrip('\\n')))"
    ended = subprocess.run(
        [JUDGE / "python", "-c", code], input="\n".join(ADDRESSES), capture_output=True, text=True, check=True
    )
    assert [surt(url) for url in ADDRESSES] == ended.stdout.splitlines()


def test_lines_are_sorted_by_their_bytes_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdxj, "IN_MEMORY", 7)
    lines = [f"vn,bao)/{n * 7919 % 101} {'đ' * (n % 3)}\n" for n in range(100)]
    with closing(SortedLines()) as index:
        for line in [*lines, *lines[:30]]:
            index.add(line)
        assert list(index) == sorted(lines, key=str.encode)
