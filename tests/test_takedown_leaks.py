"""What was taken down is found by no way round: second copies of a record, others' files, an archive made again."""

from __future__ import annotations

import gzip
import json
import shutil
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest

from pipelines.archive.connection import sqlite3
from tests.crawling import Desk, clock
from tests.test_reextract_crawl import damaged
from tests.test_takedown import (
    EDITED,
    FORMS,
    REASON,
    SAYS,
    bodies,
    erase,
    exported,
    files,
    foreign,
    is_sound,
    left,
    page_of,
    said,
    take_down,
)

pytestmark = pytest.mark.slow
MOVED = "SELECT DISTINCT a.uid FROM articles a JOIN aliases x ON x.article_id = a.id WHERE x.kind = 'moved'"
LEDGER = "SELECT uid, paper, url, at, reason, state, was FROM takedowns ORDER BY uid"
SHOWN = "SELECT uid, visibility FROM articles ORDER BY uid"


@pytest.fixture
def desk(crawled: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk", crawled.sites)


def rebuild(desk: Desk, *places: Path) -> None:
    """Make the archive again from WARC files."""
    for path in desk.folder.glob("archive.db*"):
        path.unlink()
    for place in places or (desk.warc,):
        ended = desk.scrapy("replay", str(place))
        assert ended.returncode == 0, ended.stderr


def correct(desk: Desk, uid: str, lead: str) -> None:
    ended = desk.at_once("correct", uid, "lead", lead, "--reason", "theo tòa soạn")
    assert ended.returncode == 0, ended.stderr


def test_what_an_erased_article_pointed_at_is_forgotten_with_it(desk: Desk) -> None:
    moved = desk.rows(MOVED)
    assert moved
    for (uid,) in moved:
        erase(desk, uid)
    is_sound(desk)


@pytest.mark.parametrize("name", FORMS)
def test_a_second_copy_of_a_record_in_others_files_goes_too(desk: Desk, tmp_path: Path, name: str) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs, (url, body) = said(desk, uid), page_of(desk, uid)
    for file in ("mot.warc.gz", name):
        foreign(tmp_path / file, url, body)
        assert desk.scrapy("replay", str(tmp_path / file)).returncode == 0
    assert len(list((desk.warc / "foreign").iterdir())) == 2
    erase(desk, uid)
    assert left(runs, bodies(desk)) == []
    is_sound(desk)


@pytest.mark.parametrize("name", FORMS)
def test_a_page_of_an_erased_article_that_others_files_bring_back_can_be_erased(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    ((uid,),) = desk.rows(EDITED)
    runs, (url, body) = said(desk, uid), page_of(desk, uid)
    erase(desk, uid)
    foreign(tmp_path / name, url, body)
    ended = desk.scrapy("replay", str(tmp_path / name))
    assert f"scrapy takedown {uid} --erase" in ended.stderr
    assert left(runs, files(desk)) == []
    assert "1 WARC records replaced" in erase(desk, uid)
    assert left(runs, bodies(desk)) == []
    is_sound(desk)


def test_a_correction_that_was_copied_from_another_archive_goes_too(desk: Desk, tmp_path: Path) -> None:
    ((uid,),) = desk.rows(EDITED)
    lead = "Phiên chợ quê họp sớm hơn thường lệ vì nước sông lên nhanh trong đêm"
    correct(desk, uid, lead)
    (note,) = (desk.warc / "corrections").glob("*.gz")
    shutil.move(note, tmp_path / note.name)
    assert desk.scrapy("replay", str(tmp_path / note.name)).returncode == 0
    assert lead in "".join(gzip.decompress(path.read_bytes()).decode() for path in (desk.warc / "foreign").iterdir())
    erase(desk, uid)
    assert left([lead], [*files(desk), *bodies(desk)]) == []


def test_files_set_aside_that_may_hold_an_erased_article_are_named(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    paper = uid.rpartition("-")[0]
    aside = desk.warc / paper / f"{paper}-20261120.warc.gz.damaged-77"
    aside.write_bytes(b"x")
    assert f"{paper}/{aside.name}" in erase(desk, uid)


def test_the_ledger_keeps_the_digest_of_the_text_that_was_shown_not_of_an_old_reading(
    desk: Desk, tmp_path: Path
) -> None:
    changed = set()
    for system in ("onecms", "vdoc", "vnpt2"):
        worse = damaged(tmp_path, system, "drop", "p:nth-of-type(2)")
        late = {"CLOCK": clock(30), "TEMPLATE_FILES": str(worse)}
        ended = desk.at_once("reextract", "--jobs", "1", "--accept", **late)
        assert ended.returncode == 0, ended.stderr
        changed |= {row[0] for row in desk.rows(
            "SELECT a.uid FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.kind = 'extraction' "
            "AND r.text_sha256 <> a.text_sha256")}  # fmt: skip
    uid = min(changed)
    ((digest,),) = desk.rows("SELECT text_sha256 FROM articles WHERE uid = ?", uid)
    erase(desk, uid)
    assert desk.rows("SELECT text_sha256 FROM takedowns WHERE uid = ?", uid) == [(digest,)]


@pytest.mark.parametrize("first", ["corrections", "papers"])
def test_an_archive_made_again_hides_what_was_hidden(desk: Desk, tmp_path: Path, first: str) -> None:
    ((uid,),) = desk.rows(EDITED)
    ((other,), (third,)) = desk.rows("SELECT uid FROM articles WHERE uid <> ? ORDER BY uid LIMIT 2", uid)
    runs = said(desk, uid)
    take_down(desk, uid, "--reason", REASON)
    take_down(desk, other, "--reason", "nhầm")
    take_down(desk, other, "--undo")
    for words in (("--reason", "lần đầu"), ("--undo",), ("--reason", "lần sau")):
        take_down(desk, third, *words)
    ledger, shown = desk.rows(LEDGER), desk.rows(SHOWN)
    assert [row[5] for row in ledger if row[0] == other] == ["undone"]
    notes, papers = desk.warc / "corrections", sorted(desk.warc.glob("demo-*"))
    rebuild(desk, *([notes, *papers] if first == "corrections" else [*papers, notes]))
    assert desk.rows(LEDGER) == ledger
    assert desk.rows(SHOWN) == shown
    assert left(runs, exported(desk, tmp_path)) == []
    is_sound(desk)
    assert desk.scrapy("replay", str(desk.warc)).returncode == 0
    assert desk.rows(LEDGER) == ledger
    take_down(desk, uid, "--undo")
    assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", uid) == [("public",)]


def test_an_old_note_does_not_hide_again_what_was_shown_again(desk: Desk, tmp_path: Path) -> None:
    ((uid,),) = desk.rows(EDITED)
    take_down(desk, uid, "--reason", REASON)
    (note,) = (desk.warc / "corrections").glob("*.gz")
    shutil.copy(note, tmp_path / "old.warc.gz")
    take_down(desk, uid, "--undo")
    assert desk.scrapy("replay", str(tmp_path / "old.warc.gz")).returncode == 0
    assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", uid) == [("public",)]


def test_the_latest_decision_stands_in_whatever_order_the_files_come(desk: Desk, tmp_path: Path) -> None:
    ((uid,),) = desk.rows(EDITED)
    told = []
    for n, words in enumerate((("--reason", "lần đầu"), ("--undo",), ("--reason", "lần sau"))):
        ended = desk.at_once("takedown", uid, *words, CLOCK=clock(30 + n))
        assert ended.returncode == 0, ended.stderr
        told.append(max((desk.warc / "corrections").glob("*.gz")))
    notes = [path.rename(tmp_path / path.name) for path in told]
    papers = sorted(desk.warc.glob("demo-*"))
    for order, state, shown in (((0, 2, 1), "hidden", "private"), ((1, 0), "undone", "public")):
        rebuild(desk, *papers, *(notes[n] for n in order))
        assert desk.rows("SELECT state FROM takedowns WHERE uid = ?", uid) == [(state,)], order
        assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", uid) == [(shown,)], order
        shutil.rmtree(desk.warc / "foreign")


def test_a_reason_can_be_given_for_showing_again(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    take_down(desk, uid, "--reason", REASON)
    take_down(desk, uid, "--undo", "--reason", "tòa soạn rút lại yêu cầu")
    assert desk.rows("SELECT state, reason FROM takedowns") == [("undone", "tòa soạn rút lại yêu cầu")]


def test_the_note_of_a_hidden_article_is_erased_with_it_and_a_rebuild_knows_it_as_erased(desk: Desk) -> None:
    ((uid,),) = desk.rows(EDITED)
    reason = "gia đình xin ẩn bài này vì trong bài có tên người nhà của họ"
    take_down(desk, uid, "--reason", reason)
    erase(desk, uid)
    assert left([reason], bodies(desk)) == []
    rebuild(desk)
    assert desk.rows("SELECT uid, state FROM takedowns") == [(uid, "erased")]


def test_while_somebody_corrects_nothing_is_taken_down(desk: Desk) -> None:
    from crawler.clock import SystemClock  # noqa: PLC0415
    from crawler.correcting import Corrections  # noqa: PLC0415

    ((uid,),) = desk.rows(EDITED)
    with Corrections(desk.warc, SystemClock()):
        for words in ((), ("--erase",)):
            ended = desk.at_once("takedown", uid, "--reason", REASON, *words)
            assert ended.returncode == 1
            assert "corrections" in ended.stderr
    assert desk.rows("SELECT count(*) FROM takedowns") == [(0,)]


def test_an_article_whose_two_ids_were_hidden_is_shown_when_both_are(desk: Desk) -> None:
    (first, second) = (row[0] for row in desk.rows("SELECT uid FROM articles WHERE paper = 'demo-baiboi' LIMIT 2"))
    for uid in (first, second):
        take_down(desk, uid, "--reason", REASON)
    with closing(sqlite3.connect(desk.archive)) as db, db:
        # As if the two had proved to be one.
        db.execute(
            "INSERT INTO aliases (paper, url_key, url, article_id, kind, first_seen) "
            "SELECT 'demo-baiboi', ?1, ?1, id, 'uid', first_seen FROM articles WHERE uid = ?2",
            (second, first),
        )
        db.execute("UPDATE articles SET uid = 'demo-baiboi-aaaaaaaaaaaa' WHERE uid = ?", (second,))
    take_down(desk, first, "--undo")
    assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", first) == [("private",)]
    take_down(desk, second, "--undo")
    assert desk.rows("SELECT visibility FROM articles WHERE uid = ?", first) == [("public",)]


PROSE = ("r.title", "r.lead", "coalesce(r.text, t.text)")


def own_text(desk: Desk) -> list[bytes]:
    """Return all that the articles say themselves, in all versions."""
    rows = desk.rows(
        f"SELECT {', '.join(PROSE)} FROM revisions r JOIN article_text t ON t.article_id = r.article_id "
        "WHERE r.kind <> 'correction'"
    )
    return [(part or "").encode() for row in rows for part in row]


@pytest.mark.parametrize("number", range(0, 42, 7))
def test_an_export_holds_no_run_of_an_erased_article_but_what_others_say_themselves(
    desk: Desk, tmp_path: Path, number: int
) -> None:
    ((uid,),) = desk.rows("SELECT uid FROM articles ORDER BY uid LIMIT 1 OFFSET ?", number)
    runs = sorted({run for column in PROSE for run in runs_said(desk, uid, column)})
    assert left(runs, exported(desk, tmp_path))
    erase(desk, uid)
    # Another paper's copy, and a bulletin that shares sentences with another, say them in their own text.
    allowed = set(left(runs, own_text(desk)))
    assert set(left(runs, exported(desk, tmp_path))) <= allowed
    told = json.loads(desk.at_once("export", str(tmp_path / "again.wacz"), "--json").stdout)
    with ZipFile(tmp_path / "again.wacz") as package:
        pages = package.read("pages/pages.jsonl").decode().splitlines()[1:]
        assert ("are left out" in package.read("datapackage.json").decode()) == bool(told["records_naming_erased"])
    assert told["articles"] == len(pages)
    ((shown,),) = desk.rows("SELECT count(*) FROM articles WHERE visibility = 'public'")
    assert told["articles"] + told["naming_erased"] == shown
    assert told["naming_erased"] <= told["records_naming_erased"]


def runs_said(desk: Desk, uid: str, column: str) -> list[str]:
    """Return the runs of a column's versions, none where all are short."""
    parts = [(part or "").split() for (part,) in desk.rows(SAYS.format(column), uid)]
    return [" ".join(words[n : n + 8]) for words in parts for n in range(len(words) - 7)]
