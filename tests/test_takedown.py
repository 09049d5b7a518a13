"""An article is hidden or erased: nothing of it is left, nothing else is harmed, it does not come back."""

from __future__ import annotations

import gzip
import html
import io
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from pyarrow import parquet
from warcio.archiveiterator import ArchiveIterator

from crawler import taking_down, warc_erasing
from crawler.commands import takedown
from crawler.warc_reading import index
from crawler.warc_writing import PaperLock
from pipelines.archive import erasing, open_archive
from pipelines.archive.connection import sqlite3
from pipelines.records import read_record
from tests.crawling import Desk, clock

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

pytestmark = pytest.mark.slow
REASON = "Theo yêu cầu của gia đình, ngày 2.12.2026"


@pytest.fixture
def desk(crawled: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk", crawled.sites)


EDITED = (
    "SELECT uid FROM articles a WHERE revisions > 1 AND NOT EXISTS "
    "(SELECT 1 FROM copies c WHERE a.id IN (c.article_id, c.first_id))"
)
COPIED = (
    "SELECT f.uid, c.uid, c.paper, c.url FROM copies x JOIN articles f ON f.id = x.first_id "
    "JOIN articles c ON c.id = x.article_id"
)


SAYS = (
    "SELECT {0} FROM revisions r JOIN articles a ON a.id = r.article_id JOIN article_text t ON t.article_id = a.id "
    "WHERE a.uid = ?"
)


def said(desk: Desk, uid: str, column: str = "coalesce(r.text, t.text)") -> list[str]:
    """Return all runs of eight words that the texts of an article's versions say, or another column of theirs."""
    found = set[str]()
    for (part,) in desk.rows(SAYS.format(column), uid):
        words = (part or "").split()
        found |= {" ".join(words[n : n + 8]) for n in range(len(words) - 7)}
    assert found
    return sorted(found)


def plain(data: bytes) -> str:
    return " ".join(html.unescape(html.unescape(data.decode("utf-8", "ignore"))).split())


def bodies(desk: Desk, but: Container[str] = ()) -> Iterator[bytes]:
    """Give every WARC file unpacked, and its bodies without content coding, but for some addresses."""
    for path in sorted(p for p in desk.warc.rglob("*.*arc*") if p.is_file()):
        data = path.read_bytes()
        yield b"" if but else gzip.decompress(data) if path.suffix == ".gz" else data
        with path.open("rb") as file:
            for record in ArchiveIterator(file, arc2warc=True):
                body = record.content_stream().read()
                yield b"" if record.rec_headers.get_header("WARC-Target-URI") in but else body


def left(runs: list[str], places: Iterable[bytes]) -> list[str]:
    """Return the runs that are found in any of the places."""
    everything = "\n".join(map(plain, places))
    return [run for run in runs if run in everything]


def files(desk: Desk) -> list[bytes]:
    return [path.read_bytes() for path in desk.folder.iterdir() if path.name.startswith("archive.db")]


def take_down(desk: Desk, *words: str) -> str:
    ended = desk.at_once("takedown", *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def erase(desk: Desk, uid: str) -> str:
    return take_down(desk, uid, "--reason", REASON, "--erase")


def is_sound(desk: Desk) -> None:
    ended = desk.at_once("verify")
    assert ended.returncode == 0, ended.stdout


def exported(desk: Desk, folder: Path) -> Iterator[bytes]:
    """Give what leaves the archive in every format, private articles too."""
    for name in ("out.jsonl", "out.csv", "out.parquet", "out.wacz"):
        ended = desk.at_once("export", str(folder / name), "--private", "--force")
        assert ended.returncode == 0, ended.stderr
    yield (folder / "out.jsonl").read_bytes()
    yield (folder / "out.csv").read_bytes()
    yield json.dumps(parquet.read_table(folder / "out.parquet").to_pylist(), ensure_ascii=False, default=str).encode()
    with ZipFile(folder / "out.wacz") as file:
        for name in file.namelist():
            data = file.read(name)
            yield gzip.decompress(data) if name.endswith(".gz") else data
            if name.endswith(".warc.gz"):
                for record in ArchiveIterator(io.BytesIO(data)):
                    yield record.content_stream().read()


def test_nothing_of_an_erased_article_is_left(desk: Desk, tmp_path: Path) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs = said(desk, uid)
    heads = [*said(desk, uid, "r.lead"), *said(desk, uid, "r.title || ' ' || r.title")]
    lengths = {path: path.stat().st_size for path in desk.warc.rglob("*.gz")}
    assert left(runs, files(desk))
    assert left(runs, bodies(desk))
    assert left(runs, exported(desk, tmp_path))
    done = json.loads(take_down(desk, uid, "--reason", REASON, "--erase", "--json"))
    assert left(runs + heads, files(desk)) == []
    assert left(runs, bodies(desk)) == []
    # Boxes of related articles on pages of others are not its captures: they are named.
    pages = [desk.rows("SELECT url FROM articles WHERE uid = ?", other)[0][0] for other in done["shown_by"]]
    assert left(heads, bodies(desk))
    assert left(heads, bodies(desk, pages)) == []
    assert left(runs, exported(desk, tmp_path)) == []
    assert {path: path.stat().st_size for path in desk.warc.rglob("*.gz")} == lengths
    is_sound(desk)


def test_the_ledger_keeps_reason_and_digest_and_the_others_keep_everything(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    others = "SELECT a.*, t.text FROM articles a JOIN article_text t ON t.article_id = a.id WHERE uid <> ? ORDER BY 1"
    before = desk.rows(others, uid)
    digest, url = desk.rows("SELECT text_sha256, url FROM articles WHERE uid = ?", uid)[0]
    erase(desk, uid)
    assert desk.rows(others, uid) == before
    told = desk.rows("SELECT uid, url, reason, state, text_sha256, records FROM takedowns")
    assert told == [(uid, url, REASON, "erased", digest, None)]
    assert desk.rows("SELECT count(*) FROM articles WHERE uid = ?", uid) == [(0,)]


def test_other_papers_copies_stay_and_are_named(desk: Desk) -> None:
    ((first, copy, paper, url),) = desk.rows(COPIED)
    told = take_down(desk, first, "--reason", REASON, "--erase", "--json")
    done = json.loads(told)
    assert [(c["uid"], c["paper"], c["url"]) for c in done["copies"]] == [(copy, paper, url)]
    assert done["copies"][0]["score"] == 1
    assert desk.rows("SELECT uid, story_id FROM articles WHERE uid IN (?, ?)", first, copy) == [(copy, None)]
    assert desk.rows("SELECT * FROM copies") == desk.rows("SELECT * FROM stories") == []
    is_sound(desk)


def test_nothing_is_left_while_others_read_the_archive(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs = said(desk, uid)
    with closing(sqlite3.connect(desk.archive)) as reader:
        assert reader.execute("SELECT count(*) FROM articles").fetchone()
        erase(desk, uid)
        assert (desk.folder / "archive.db-wal").exists()
        assert left(runs, files(desk)) == []


def test_a_reader_in_the_middle_of_reading_is_waited_for_and_named(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    with closing(sqlite3.connect(desk.archive, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(takedown, "open_archive", lambda path: open_archive(path, busy_seconds=0.2))
            ended = desk.at_once("takedown", uid, "--reason", REASON, "--erase")
    assert ended.returncode == 1
    assert "another program" in ended.stderr
    assert desk.rows("SELECT state FROM takedowns") == [("erasing",)]
    erase(desk, uid)
    assert desk.rows("SELECT state FROM takedowns") == [("erased",)]
    is_sound(desk)


class Killed(BaseException):
    """Stands for kill -9."""


STEPS = ("bury", "half a tombstone", "digests", "scrub", "conclude")


def kill_at(step: str, patch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Killed

    def half(file: Any, data: bytes) -> None:
        file.write(data[: len(data) // 2])
        raise Killed

    if step == "half a tombstone":
        patch.setattr(warc_erasing, "put", half)
    elif step in ("bury", "digests"):
        patch.setattr(taking_down, step, die)
    else:
        patch.setattr(erasing, step, die)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_the_middle_is_finished_by_the_next_call(desk: Desk, step: str) -> None:
    ((uid,),) = desk.rows(EDITED)
    (other,) = desk.rows("SELECT uid FROM articles WHERE uid <> ? LIMIT 1", uid)[0]
    runs = said(desk, uid)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(step, patch)
        with pytest.raises(Killed):
            desk.at_once("takedown", uid, "--reason", REASON, "--erase")
    assert desk.rows("SELECT state FROM takedowns") == [("erasing",)]
    assert desk.at_once("verify").returncode == 1
    take_down(desk, other, "--reason", "một bài khác")
    assert desk.rows("SELECT state FROM takedowns ORDER BY state") == [("erased",), ("hidden",)]
    assert left(runs, [*files(desk), *bodies(desk)]) == []
    is_sound(desk)


def test_a_crawl_after_a_kill_brings_nothing_back(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs = said(desk, uid)
    with pytest.MonkeyPatch.context() as patch:
        kill_at("half a tombstone", patch)
        with pytest.raises(Killed):
            desk.at_once("takedown", uid, "--reason", REASON, "--erase")
    ended = desk.crawl(2, CLOCK=clock(2, 1))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows("SELECT count(*) FROM articles WHERE uid = ?", uid) == [(0,)]
    assert f"{uid}: erased" in erase(desk, uid)
    assert list(desk.warc.rglob("*damaged*")) == []
    assert left(runs, files(desk)) == []
    is_sound(desk)


def test_an_archive_made_again_from_the_warc_files_knows_what_was_erased(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    erase(desk, uid)
    before, ledger = desk.facts(), desk.rows("SELECT uid, paper, reason, state, text_sha256 FROM takedowns")
    marks = desk.rows("SELECT * FROM takedown_marks")
    for path in desk.folder.glob("archive.db*"):
        path.unlink()
    for _ in range(2):
        ended = desk.scrapy("replay", str(desk.warc))
        assert ended.returncode == 0, ended.stderr
        assert desk.rows("SELECT uid, paper, reason, state, text_sha256 FROM takedowns") == ledger
        assert desk.rows("SELECT * FROM takedown_marks") == marks
        after = desk.facts()
        for name in ("articles", "texts", "revisions", "aliases", "copies", "stories", "captures"):
            assert after[name] == before[name], name


def test_an_erased_article_is_not_fetched_again(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    ((url, paper),) = desk.rows("SELECT url, paper FROM articles WHERE uid = ?", uid)
    erase(desk, uid)
    with closing(sqlite3.connect(desk.archive)) as db, db:
        # As if the frontier had never known the address: the listings show it.
        db.execute("DELETE FROM urls WHERE url = ?", (url,))
        db.execute(
            "UPDATE urls SET due_at = discovered_at, etag = NULL, last_modified = NULL WHERE state <> 'withdrawn'"
        )
    site = next(site for site in desk.sites.values() if site.base in url)
    seen = len(site.log)
    ended = desk.crawl(2, papers=[paper], CLOCK=clock(3))
    assert ended.returncode == 0, ended.stderr
    asked = {exchange.path for exchange in site.log[seen:]}
    assert len(asked) > 10
    assert urlsplit(url).path not in asked
    assert desk.rows("SELECT state, due_at FROM urls WHERE url = ?", url) == [("withdrawn", None)]
    assert desk.rows("SELECT count(*) FROM captures WHERE url = ?", url) == [(0,)]


def foreign(path: Path, url: str, html_of: bytes) -> None:
    """Write another's file with a picture, a page and a picture: WARC or ARC by its name, plain or gzip."""
    entries = [(url.replace("/", f"/anh-{n}/", 3), b"x" * 900) for n in (1, 2)]
    entries.insert(1, (url, html_of))
    parts = []
    if ".arc" in path.name:
        head = b"1 0 Alexa Internet\nURL IP-address Archive-date Content-type Archive-length\n\n"
        parts = [b"filedesc://x.arc 0.0.0.0 20261122101112 text/plain %d\n%s\n" % (len(head), head)]
    for address, body in entries:
        message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        size = len(message)
        if ".arc" in path.name:
            told = f"{address} 192.0.2.1 20261122101112 text/html {size}\n"
        else:
            told = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:{len(parts)}>\r\nWARC-Date: "
                f"2026-11-22T10:11:12Z\r\nWARC-Target-URI: {address}\r\nContent-Type: application/http; "
                f"msgtype=response\r\nContent-Length: {size}\r\n\r\n"
            )
        parts.append(told.encode() + message + (b"\n" if ".arc" in path.name else b"\r\n\r\n"))
    path.write_bytes(b"".join(gzip.compress(part) if path.suffix == ".gz" else part for part in parts))


def page_of(desk: Desk, uid: str) -> tuple[str, bytes]:
    """Return address and body of what an article was read from."""
    ((url, file, offset),) = desk.rows(
        "SELECT c.url, warc_file, warc_offset FROM articles a JOIN captures c ON c.id = a.capture_id WHERE uid = ?", uid
    )
    return url, read_record(desk.warc, file, offset).body()


FORMS = ("la.warc.gz", "la.warc", "la.arc.gz", "la.arc")


@pytest.mark.parametrize("name", FORMS)
def test_another_address_of_an_erased_article_is_refused_and_can_be_erased(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs, (url, body) = said(desk, uid), page_of(desk, uid)
    erase(desk, uid)
    foreign(tmp_path / name, url.replace("cho-phien", "ten-khac"), body)
    ended = desk.scrapy("replay", str(tmp_path / name))
    assert "was erased" in ended.stderr
    assert desk.rows("SELECT count(*) FROM articles WHERE uid = ?", uid) == [(0,)]
    assert left(runs, files(desk)) == []
    assert left(runs, bodies(desk))
    assert "1 WARC records replaced" in erase(desk, uid)
    assert left(runs, bodies(desk)) == []
    is_sound(desk)


@pytest.mark.parametrize("name", FORMS)
def test_others_files_are_read_on_and_replayed_after_a_record_of_theirs_was_erased(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs, (url, body) = said(desk, uid), page_of(desk, uid)
    foreign(tmp_path / name, url, body)
    assert desk.scrapy("replay", str(tmp_path / name)).returncode == 0
    ((file,),) = desk.rows("SELECT DISTINCT warc_file FROM captures WHERE warc_file LIKE 'foreign/%'")
    before = [(c.url, c.warc_offset, c.payload_digest) for c in index(desk.warc / file)]
    assert len(before) == 3
    erase(desk, uid)
    assert [(c.url, c.warc_offset, c.payload_digest) for c in index(desk.warc / file)] == [before[0], before[2]]
    assert left(runs, bodies(desk)) == []
    is_sound(desk)
    for path in desk.folder.glob("archive.db*"):
        path.unlink()
    shutil.rmtree(desk.warc / "demo-songnguon")
    ended = desk.scrapy("replay", str(desk.warc))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows("SELECT uid, reason, state FROM takedowns") == [(uid, REASON, "erased")]


def test_finished_files_are_sealed_again(desk: Desk) -> None:
    assert desk.at_once("verify", "--seal").returncode == 0
    ((uid,),) = desk.rows(EDITED)
    sealed = "SELECT path, sha256 FROM warc_files WHERE sha256 IS NOT NULL"
    before = desk.rows(sealed)
    erase(desk, uid)
    after = desk.rows(sealed)
    assert [path for path, _ in after] == [path for path, _ in before]
    assert set(after) != set(before)
    is_sound(desk)


def test_a_record_that_is_not_what_the_archive_says_is_not_written_over(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    with closing(sqlite3.connect(desk.archive)) as db, db:
        db.execute(
            "UPDATE captures SET warc_offset = 0 WHERE id = (SELECT capture_id FROM articles WHERE uid = ?)", (uid,)
        )
    before = {path: path.read_bytes() for path in desk.warc.rglob("*.gz")}
    ended = desk.at_once("takedown", uid, "--reason", REASON, "--erase")
    assert ended.returncode == 1
    assert "expected the response of" in ended.stderr
    assert {path: path.read_bytes() for path in desk.warc.rglob("*.gz")} == before
    assert desk.rows("SELECT count(*) FROM articles WHERE uid = ?", uid) == [(1,)]


def test_a_hidden_article_is_kept_and_shown_to_nobody_until_that_is_undone(desk: Desk, tmp_path: Path) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs, before = said(desk, uid), desk.facts()
    take_down(desk, uid, "--reason", REASON)
    assert left(runs, exported(desk, tmp_path)) == []
    assert desk.rows("SELECT count(*) FROM front_page WHERE uid = ?", uid) == [(0,)]
    ended = desk.crawl(2, CLOCK=clock(3))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", uid) == [("private",)]
    is_sound(desk)
    (url,) = desk.rows("SELECT url FROM articles WHERE uid = ?", uid)[0]
    take_down(desk, url, "--undo")
    assert desk.rows("SELECT count(*) FROM front_page WHERE uid = ?", uid) == [(1,)]
    assert desk.facts()["texts"] == before["texts"]
    is_sound(desk)


def test_a_paper_that_is_being_crawled_is_left_alone(desk: Desk) -> None:
    ((uid, paper),) = desk.rows(EDITED.replace("uid", "uid, paper", 1))
    with PaperLock(desk.warc, paper):
        ended = desk.at_once("takedown", uid, "--reason", REASON, "--erase")
    assert ended.returncode == 1
    assert "is being crawled" in ended.stderr
    assert desk.rows("SELECT count(*) FROM takedowns") == [(0,)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("demo-songnguon-000000000000", "--reason", "x"), "no article is held"),
        ((), "expected one UID or URL"),
        (("x",), "--reason: expected why"),
        (("x", "--undo", "--erase"), "--undo"),
    ],
)
def test_wrong_use_is_said(desk: Desk, words: tuple[str, ...], told: str) -> None:
    ended = desk.at_once("takedown", *words)
    assert ended.returncode == 2
    assert told in ended.stderr
