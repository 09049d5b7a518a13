"""What one machine took down or corrected holds for all of them: merged, it is erased, hidden or corrected in both."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from crawler import merging
from tests.crawling import Desk, clock
from tests.demo.stories import DAYS
from tests.merging import dumped, said
from tests.test_takedown import COPIED, EDITED, Killed, bodies, erase, files, is_sound, left, take_down
from tests.test_takedown import said as runs_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
LEDGER = {
    "takedowns": "SELECT uid, paper, url, at, reason, state, was, text_sha256, records, erased_at FROM takedowns",
    "marks": "SELECT paper, kind, value FROM takedown_marks",
    "corrections": "SELECT uid, field, value, reason, made_by, made_at FROM corrections",
    "shown": "SELECT uid, visibility, title, author FROM articles",
    "withdrawn": "SELECT paper, url_key, due_at FROM urls WHERE state = 'withdrawn'",
}
ALONE = (
    "SELECT uid FROM articles a WHERE uid <> ? AND visibility = 'public' AND NOT EXISTS (SELECT 1 FROM copies c "
    "WHERE a.id IN (c.article_id, c.first_id)) ORDER BY words DESC"
)
LATE = {"CLOCK": clock(40)}


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, crawled: Desk) -> Desk:
    """Another machine's desk, which crawled the same papers itself: other files of the same names."""
    desk = Desk(tmp_path_factory.mktemp("second"), crawled.sites)
    for day in DAYS:
        assert desk.crawl(day, CLOCK=clock(day, 1)).returncode == 0
    return desk


def taken(desk: Desk, folder: Path) -> Desk:
    shutil.copytree(desk.folder, folder)
    return Desk(folder, desk.sites, LATE)


@pytest.fixture(params=["of the same files", "of files of its own"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, crawled: Desk, second: Desk) -> tuple[Desk, Desk]:
    there = crawled if request.param == "of the same files" else second
    return taken(crawled, tmp_path / "here"), taken(there, tmp_path / "there")


def merged(folder: Path, into: Desk, other: Desk) -> tuple[Desk, dict[str, Any]]:
    """Merge ``other`` into a copy of ``into``; twice, and the second time changes nothing."""
    one = taken(into, folder)
    told = merge(one, other)
    before = dumped(one.archive), warc(one)
    merge(one, other)
    assert dumped(one.archive) == before[0]
    assert warc(one) == before[1]
    is_sound(one)
    return one, told


def merge(into: Desk, other: Desk) -> dict[str, Any]:
    done = into.at_once("merge", str(other.archive), "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def warc(desk: Desk) -> dict[str, bytes]:
    return {p.relative_to(desk.warc).as_posix(): p.read_bytes() for p in desk.warc.rglob("*.gz")}


def ledger(desk: Desk) -> dict[str, list[Any]]:
    return {name: sorted(desk.rows(sql), key=repr) for name, sql in LEDGER.items()}


def both_ways(folder: Path, here: Desk, there: Desk) -> tuple[Desk, Desk, list[tuple[str, str]]]:
    """Merge each of two into the other; they must say the same. Return them, and what differed for the first."""
    one, told = merged(folder / "one", here, there)
    other, _ = merged(folder / "other", there, here)
    assert ledger(one) == ledger(other)
    mine, others = said(one.archive), said(other.archive)
    for name, rows in mine.items():
        assert rows == others[name] or name == "captures", name
    return one, other, [(c["kind"], c["place"]) for c in told["conflicts"] if c["kind"] in ("takedown", "correction")]


def test_what_was_erased_on_one_machine_is_gone_from_all(pair: tuple[Desk, Desk], tmp_path: Path) -> None:
    here, there = pair
    ((edited,),) = here.rows(EDITED)
    ((alone,), *_) = there.rows(ALONE, edited)
    runs = [*runs_of(there, edited), *runs_of(here, alone)]
    erase(here, edited)
    erase(there, alone)
    one, other, differing = both_ways(tmp_path, here, there)
    assert sorted(differing) == sorted([("takedown", edited), ("takedown", alone)])
    for desk in (one, other):
        assert desk.rows("SELECT state, count(*) FROM takedowns GROUP BY 1") == [("erased", 2)]
        assert left(runs, [*bodies(desk), *files(desk)]) == []
    done = one.crawl(max(DAYS), CLOCK=clock(41))
    assert done.returncode == 0, done.stderr
    assert left(runs, [*bodies(one), *files(one)]) == []
    # The files alone tell it, too.
    one.archive.unlink()
    assert one.scrapy("replay", str(one.warc)).returncode == 0
    assert left(runs, files(one)) == []


def test_what_a_merge_erases_is_said_with_what_stays_as_a_takedown_says_it(
    tmp_path: Path, crawled: Desk, second: Desk
) -> None:
    here, there = taken(crawled, tmp_path / "here"), taken(second, tmp_path / "there")
    ((first, *_),) = here.rows(COPIED)
    alone = json.loads(take_down(taken(here, tmp_path / "alone"), first, "--reason", "x", "--erase", "--json"))
    erase(there, first)
    both = taken(here, tmp_path / "both")
    told = both.at_once("merge", str(there.archive)).stdout.splitlines()
    (said_first,) = [line for line in told if line.startswith(f"{first}: erased, ")]
    assert any(line.startswith(f"another paper's copy stays: {alone['copies'][0]['uid']} ") for line in told)
    assert any("pages that show some of it" in line and alone["shown_by"][0] in line for line in told)
    done = merge(here, there)["erased"]
    assert [one["uid"] for one in done] == [first]
    # Its records of this machine's crawl, and their notes; those of the other's came erased.
    assert done[0]["records"] == alone["records"]
    assert said_first == f"{first}: erased, {alone['records']} WARC records replaced"
    assert set(alone["shown_by"]) <= set(done[0]["shown_by"])
    assert merge(here, there)["erased"] == []


def decide(desk: Desk, hours: float, uid: str, *words: str) -> None:
    done = desk.at_once("takedown", uid, *words, CLOCK=clock(40, hours))
    assert done.returncode == 0, done.stderr


def test_of_two_decisions_the_later_stands_and_an_erasure_always(pair: tuple[Desk, Desk], tmp_path: Path) -> None:
    here, there = pair
    uids = [uid for (uid,) in here.rows("SELECT uid FROM articles WHERE visibility = 'public' ORDER BY uid LIMIT 4")]
    hidden, shown, again, gone = uids
    decide(there, 0, hidden, "--reason", "im lặng")
    decide(here, 0, shown, "--reason", "một")
    decide(there, 1, shown, "--reason", "hai")
    decide(there, 2, shown, "--undo", "--reason", "tòa soạn đồng ý")
    decide(there, 0, again, "--reason", "một")
    decide(there, 1, again, "--undo")
    decide(here, 2, again, "--reason", "hai")
    decide(there, 0, gone, "--reason", "xóa", "--erase")
    decide(here, 1, gone, "--reason", "ẩn")
    decide(here, 2, gone, "--undo")
    one, other, differing = both_ways(tmp_path, here, there)
    assert sorted(differing) == sorted(("takedown", uid) for uid in uids)
    expected = {
        (hidden, "hidden", "im lặng"),
        (shown, "undone", "tòa soạn đồng ý"),
        (again, "hidden", "hai"),
        (gone, "erased", "xóa"),
    }
    public = "SELECT uid, visibility FROM articles WHERE uid IN (?, ?, ?, ?) ORDER BY uid"
    seen = sorted([(hidden, "private"), (shown, "public"), (again, "private")])
    for desk in (one, other):
        assert set(desk.rows("SELECT uid, state, reason FROM takedowns")) == expected
        assert desk.rows(public, *uids) == seen
        # What the next takedown reads in the files, and what a replay reads there, is the same.
        decide(desk, 3, hidden, "--reason", "im lặng")
        assert set(desk.rows("SELECT uid, state, reason FROM takedowns")) == expected
        desk.archive.unlink()
        assert desk.scrapy("replay", str(desk.warc)).returncode == 0
        assert set(desk.rows("SELECT uid, state, reason FROM takedowns")) == expected
        assert desk.rows(public, *uids) == seen
    decide(one, 4, hidden, "--undo")
    assert one.rows("SELECT visibility FROM articles WHERE uid = ?", hidden) == [("public",)]


def test_an_archive_of_several_others_erases_what_any_of_them_did(tmp_path: Path, crawled: Desk, second: Desk) -> None:
    first, other = taken(crawled, tmp_path / "first"), taken(second, tmp_path / "other")
    ((edited,),) = first.rows(EDITED)
    runs = runs_of(first, edited)
    erase(other, edited)
    for order in ((first, other), (other, first)):
        folder = tmp_path / f"into-{order[0].folder.name}"
        folder.mkdir()
        one = Desk(folder, first.sites, LATE)
        done = one.at_once("merge", *(str(desk.archive) for desk in order))
        assert done.returncode == 0, done.stderr
        assert one.rows("SELECT uid, state FROM takedowns") == [(edited, "erased")]
        assert left(runs, [*bodies(one), *files(one)]) == []
        is_sound(one)


def test_corrections_of_both_are_kept_and_the_later_is_shown(pair: tuple[Desk, Desk], tmp_path: Path) -> None:
    here, there = pair
    uid, other_uid = (u for (u,) in here.rows("SELECT uid FROM articles WHERE gone_at IS NULL ORDER BY uid LIMIT 2"))
    correct(here, uid, "author", "Trần Thị Bến", CLOCK=clock(30))
    correct(there, uid, "author", "Trần Thị Bền", CLOCK=clock(31))
    correct(there, uid, "title", "Một tít khác", CLOCK=clock(32))
    correct(there, other_uid, "section", "Đời sống", CLOCK=clock(32))
    one, other, differing = both_ways(tmp_path, here, there)
    assert differing == [("correction", f"{uid}, author")]
    for desk in (one, other):
        assert desk.rows("SELECT title, author FROM articles WHERE uid = ?", uid) == [("Một tít khác", "Trần Thị Bền")]
        assert desk.rows("SELECT section FROM articles WHERE uid = ?", other_uid) == [("Đời sống",)]
        kinds = desk.rows("SELECT count(*) FROM revision_texts WHERE kind = 'correction' AND uid = ?", uid)
        assert kinds == [(3,)]
    # The corrections' own files came along: a replay of the files tells them again.
    one.archive.unlink()
    assert one.scrapy("replay", str(one.warc)).returncode == 0
    assert one.rows("SELECT title, author FROM articles WHERE uid = ?", uid) == [("Một tít khác", "Trần Thị Bền")]


def correct(desk: Desk, uid: str, field: str, value: str, **settings: str) -> None:
    done = desk.at_once("correct", uid, field, value, "--reason", "gọi tòa soạn", **settings)
    assert done.returncode == 0, done.stderr


def test_rows_alone_are_not_brought_where_their_files_hold_what_was_erased(
    tmp_path: Path, crawled: Desk, second: Desk
) -> None:
    here, there = taken(crawled, tmp_path / "here"), taken(second, tmp_path / "there")
    ((edited,),) = here.rows(EDITED)
    erase(here, edited)
    before = dumped(here.archive)
    done = here.at_once("merge", str(there.archive), "--no-copy")
    assert done.returncode == 1
    assert edited in done.stderr
    assert dumped(here.archive) == before


def test_rows_alone_are_brought_where_the_files_are_here_and_what_was_erased_in_them_stays_erased(
    tmp_path: Path, crawled: Desk
) -> None:
    here, there = taken(crawled, tmp_path / "here"), taken(crawled, tmp_path / "there")
    ((edited,),) = here.rows(EDITED)
    runs = runs_of(here, edited)
    erase(here, edited)
    shutil.rmtree(there.warc)
    before = {name: rows for name, rows in said(here.archive).items() if name != "addresses"}
    names = sorted(warc(here))
    done = here.at_once("merge", str(there.archive), "--no-copy", "--json")
    assert done.returncode == 0, done.stderr
    assert [c["kind"] for c in json.loads(done.stdout)["conflicts"]] == ["takedown"]
    assert {name: rows for name, rows in said(here.archive).items() if name != "addresses"} == before
    assert here.rows("SELECT path FROM warc_files ORDER BY 1") == [(name,) for name in names]
    assert left(runs, [*bodies(here), *files(here)]) == []
    is_sound(here)


def test_a_merge_cut_off_before_records_are_replaced_is_finished_by_the_next(
    tmp_path: Path, crawled: Desk, second: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = taken(crawled, tmp_path / "here"), taken(second, tmp_path / "there")
    ((edited,),) = here.rows(EDITED)
    runs = runs_of(here, edited)
    erase(there, edited)

    def cut_off(*_: object) -> None:
        raise OSError(5, "cut off", "warc")

    with monkeypatch.context() as patched:
        patched.setattr(merging, "finish", cut_off)
        assert here.at_once("merge", str(there.archive)).returncode == 1
    assert here.rows("SELECT state FROM takedowns") == [("erasing",)]
    assert left(runs, bodies(here))
    told = here.at_once("verify")
    assert told.returncode == 1
    assert "replay" not in told.stdout
    (fault, _) = told.stdout.splitlines()
    assert edited in fault
    assert "'scrapy merge'" in fault
    merge(here, there)
    assert left(runs, [*bodies(here), *files(here)]) == []
    is_sound(here)


def test_a_killed_merge_is_named_by_verify_and_cleaned_up_by_the_next(
    tmp_path: Path, crawled: Desk, second: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = taken(crawled, tmp_path / "here"), taken(second, tmp_path / "there")
    whole = merged(tmp_path / "whole", here, there)[0]

    def killed(*_: object) -> None:
        raise Killed

    kept = tmp_path / "kept"
    for step in ("_put_in_place", "finish"):
        one = taken(here, tmp_path / step)
        with monkeypatch.context() as patched:
            patched.setattr(merging, step, killed)
            # What a process that is killed leaves, the end of the block would remove.
            patched.setattr(merging, "_drop", lambda _places: None)
            patched.setattr(shutil, "rmtree", lambda path, **_: path.rename(kept))
            with pytest.raises(Killed):
                one.at_once("merge", str(there.archive))
        kept.rename(f"{one.archive}.merging")
        told = one.at_once("verify")
        assert told.returncode == 0
        assert f"note: {one.archive}.merging: " in told.stdout
        assert "run the same 'scrapy merge' again" in told.stdout
        merge(one, there)
        assert list(one.folder.rglob("*.merging")) == []
        assert dumped(one.archive)["captures"] == dumped(whole.archive)["captures"]
        assert "merging" not in one.at_once("verify").stdout
