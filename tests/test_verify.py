"""`scrapy verify` finds every damage that is done to an archive, says where, and finds nothing on a sound one."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines import verifying, warc_check
from pipelines.archive.connection import sqlite3
from pipelines.fixity import sha256_of
from pipelines.verifying import Plan, verify
from tests.crawling import Desk, clock
from tests.demo.server import serve
from tests.demo.stories import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.faults import Fault

pytestmark = pytest.mark.slow
NOW = datetime(2026, 12, 1, tzinfo=UTC)
PAGE = (
    "SELECT c.warc_file, c.warc_offset, c.warc_length, a.uid, c.id, a.id FROM articles a JOIN captures c "
    "ON c.id = a.capture_id WHERE c.warc_file LIKE '%21.warc.gz' ORDER BY c.warc_offset LIMIT 1 OFFSET 3"
)


@dataclass(frozen=True)
class Copy:
    """A copy of the crawled archive that a test may damage."""

    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def warc(self) -> Path:
        return self.folder / "warc"

    def sql(self, *statements: str) -> None:
        """Change rows as the shell does it: without foreign keys."""
        with closing(sqlite3.connect(self.archive, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)

    def row(self, sql: str) -> tuple[str | int, ...]:
        with closing(sqlite3.connect(self.archive)) as db:
            found: tuple[str | int, ...] = db.execute(sql).fetchone()
            return found

    def page(self) -> tuple[Path, str, int, int, str, int, int]:
        """Return an article's record, of a file that is finished: path, name, offset, length; uid, capture, article."""
        name, offset, length, uid, capture, article = self.row(PAGE)
        return (self.warc / str(name), str(name), int(offset), int(length), str(uid), int(capture), int(article))

    def faults(self, *, quick: bool = False) -> list[Fault]:
        plan = Plan(archive=self.archive, warc_dir=self.warc, now=NOW, quick=quick)
        return [fault for fault in verify(plan).faults.shown if not fault.harmless]


@pytest.fixture
def copy(crawled: Desk, tmp_path: Path) -> Copy:
    shutil.copytree(crawled.folder, tmp_path / "copy")
    return Copy(tmp_path / "copy")


def flip(path: Path, at: int, bit: int = 3) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def told(faults: list[Fault], *words: str) -> bool:
    return any(all(word in str(fault) for word in words) for fault in faults)


def test_nothing_is_wrong_with_what_the_demo_leaves(copy: Copy, crawled: Desk) -> None:
    assert copy.faults() == []
    assert copy.faults(quick=True) == []
    before = copy.archive.read_bytes()
    ended = crawled.scrapy("verify", ARCHIVE=str(copy.archive), WARC_DIR=str(copy.warc))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "nothing wrong" in ended.stdout
    assert copy.archive.read_bytes() == before


# What is done to the WARC files ----------------------------------------------------------------


@pytest.mark.parametrize("behind", [1, 9, 12, 40, 700, -1, -6, -12, -300])
def test_a_bit_flipped_anywhere_in_a_record(copy: Copy, behind: int) -> None:
    path, name, offset, length, _, capture, _ = copy.page()
    flip(path, offset + (behind if behind >= 0 else length + behind))
    found = copy.faults()
    assert told([f for f in found if f.check == "file"], name, "sha256", "restore the file")
    if behind != 9:  # a byte of the gzip header that means nothing: the record is what it was
        assert told([f for f in found if f.check == "record"], f"{name}, offset {offset}", f"capture {capture} ")
    assert len(found) == 1 + (behind != 9)


def test_a_bit_flipped_in_a_record_that_no_row_points_to(copy: Copy) -> None:
    path, name, _, _, _, _, _ = copy.page()
    flip(path, 30)
    assert told([f for f in copy.faults() if f.check == "record"], f"{name}, offset 0: ")


def test_a_file_cut_off(copy: Copy) -> None:
    path, name, *_ = copy.page()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size // 2)
    found = copy.faults()
    assert {f.check for f in found} == {"file"}
    assert told(found, f"{name}: expected at least {size} bytes", f"found {size // 2}; restore")


def test_a_file_that_lost_its_last_bytes_after_the_last_capture(copy: Copy) -> None:
    path, name, *_ = copy.page()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 20)
    assert told([f for f in copy.faults() if f.check == "file"], name, "bytes")


def test_a_missing_file(copy: Copy) -> None:
    path, name, *_ = copy.page()
    path.unlink()
    (fault,) = copy.faults()
    assert fault.check == "file"
    assert told([fault], name, "no such file", "bring the file back")


def test_a_row_of_a_file_that_leads_out_of_the_folder(copy: Copy) -> None:
    copy.sql("INSERT INTO warc_files (path, bytes) VALUES ('../secrets.warc.gz', 1)")
    assert told(copy.faults(), "../secrets.warc.gz", "leads out")


@pytest.mark.parametrize("by", [-1, 7, 5_000_000])
def test_a_wrong_offset(copy: Copy, by: int) -> None:
    _, name, offset, _, _, capture, _ = copy.page()
    copy.sql(f"UPDATE captures SET warc_offset = warc_offset + {by} WHERE id = {capture}")
    found = copy.faults()
    assert told(found, f"{name}, offset {offset + by}", f"capture {capture},") or told(found, name, "at least")
    assert len(found) == 1
    assert told(copy.faults(quick=True), name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("url = url || '?x'", "the address"),
        ("fetched_at = '2026-11-21T23:59:00.000000Z'", "the time"),
        ("status = 203", "the status"),
        ("record = 'revisit'", "type revisit"),
        ("payload_digest = 'sha256:' || hex(randomblob(32))", "expected a body with sha256:"),
        ("warc_length = warc_length - 1", "bytes"),
    ],
)
def test_a_row_that_says_another_thing_than_its_record(copy: Copy, change: str, said: str) -> None:
    _, name, offset, _, _, capture, _ = copy.page()
    copy.sql(f"UPDATE captures SET {change} WHERE id = {capture}")
    place = f"{name}, offset {offset}"
    assert told([f for f in copy.faults() if f.check == "record"], place, said)
    assert told([f for f in copy.faults(quick=True) if f.check == "record"], place, said)


def test_a_record_that_no_row_knows(copy: Copy) -> None:
    robots = copy.row("SELECT id, warc_file, warc_offset, url FROM captures WHERE outcome = 'robots' LIMIT 1")
    copy.sql(f"DELETE FROM captures WHERE id = {robots[0]}")
    assert told(copy.faults(), f"{robots[1]}, offset {robots[2]}", f"capture of {robots[3]}", "scrapy replay")


def test_files_behind_a_link_and_files_with_another_ending_are_read_too(copy: Copy) -> None:
    path, name, offset, *_ = copy.page()
    away = copy.folder / "another-disk"
    shutil.move(path.parent, away)
    path.parent.symlink_to(away)
    moved = away / "kept-elsewhere"
    path.rename(moved)
    new = f"{path.parent.name}/kept-elsewhere"
    for table, column in (("captures", "warc_file"), ("warc_files", "path")):
        copy.sql(f"UPDATE {table} SET {column} = '{new}' WHERE {column} = '{name}'")
    assert copy.faults() == []
    flip(moved, offset + 40)
    assert told(copy.faults(), f"{new}, offset {offset}")


def test_a_finished_file_that_was_written_anew(copy: Copy) -> None:
    path, name, *_ = copy.page()
    flip(path, 9)  # the system that packed it, which no reader looks at
    (fault,) = copy.faults()
    assert told([fault], name, "sha256")


# What is done to the rows ----------------------------------------------------------------------


def test_an_article_that_search_does_not_find(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    columns = "rowid, title, lead, author, text"
    copy.sql(
        f"INSERT INTO articles_exact (articles_exact, {columns}) "
        f"SELECT 'delete', id, title, lead, author, text FROM articles_exact_source WHERE id = {article}"
    )
    (fault,) = copy.faults()
    assert told([fault], "articles_exact", uid, "not indexed", "rebuild")
    copy.sql("INSERT INTO articles_exact (articles_exact) VALUES ('rebuild')")
    assert copy.faults() == []


def test_what_search_finds_and_must_not(copy: Copy) -> None:
    copy.sql("INSERT INTO articles_fts (rowid, title, text) VALUES (9999, 'bai la', 'khong co trong kho')")
    (fault,) = copy.faults()
    assert told([fault], "articles_fts, row 9999", "found it indexed")


def test_a_private_article_that_search_finds(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    copy.sql(
        f"UPDATE articles SET visibility = 'private' WHERE id = {article}",
        f"INSERT INTO articles_fts (rowid, title) SELECT id, title FROM articles WHERE id = {article}",
    )
    (fault,) = copy.faults()
    assert told([fault], "articles_fts", uid, "private")


def test_words_of_another_text_in_the_index(copy: Copy) -> None:
    *_, article = copy.page()
    columns = "rowid, title, lead, author, text"
    source = f"FROM articles_fts_source WHERE id = {article}"
    copy.sql(
        f"INSERT INTO articles_fts (articles_fts, {columns}) SELECT 'delete', id, title, lead, author, text {source}",
        f"INSERT INTO articles_fts ({columns}) SELECT id, title, lead, author, "
        f"'hay' || substr(text, instr(text, ' ')) {source}",
    )
    (fault,) = copy.faults()
    assert told([fault], "articles_fts", "'hay'")


def test_a_text_without_an_article(copy: Copy) -> None:
    copy.sql("INSERT INTO article_text VALUES (9999, 'Một bài không của ai.')")
    (fault,) = copy.faults()
    assert fault.check == "reference"
    assert told([fault], "article_text, row 9999", "article_id in articles")


def test_an_article_without_a_text(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    copy.sql(f"DELETE FROM article_text WHERE article_id = {article}")
    assert told([f for f in copy.faults() if f.check == "text"], uid, "article_text")


def test_an_article_whose_capture_is_gone(copy: Copy) -> None:
    *_, uid, capture, _ = copy.page()
    copy.sql(f"DELETE FROM captures WHERE id = {capture}")
    found = copy.faults()
    assert told([f for f in found if f.check == "article"], uid, f"capture {capture} in captures, found none")
    assert told([f for f in found if f.check == "reference"], "capture_id in captures")


def test_an_article_whose_capture_is_of_another(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    other = copy.row(f"SELECT capture_id, uid FROM articles WHERE id <> {article} LIMIT 1")
    copy.sql(f"UPDATE articles SET capture_id = {other[0]} WHERE id = {article}")
    (fault,) = copy.faults()
    assert told([fault], f"article {uid}", f"one that shows {other[1]}")


def test_an_article_whose_capture_is_a_listing(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    (listing,) = copy.row("SELECT id FROM captures WHERE outcome = 'listing/read' LIMIT 1")
    copy.sql(f"UPDATE articles SET capture_id = {listing} WHERE id = {article}")
    assert told(copy.faults(), f"article {uid}", "shows none")


@pytest.mark.parametrize("change", ["article_text SET text = text || ' thêm'", "articles SET title = title || '!'"])
def test_words_changed_behind_their_digest(copy: Copy, change: str) -> None:
    *_, uid, _, article = copy.page()
    key = "article_id" if change.startswith("article_text") else "id"
    copy.sql(f"UPDATE {change} WHERE {key} = {article}")
    (fault,) = copy.faults()
    assert fault.check == "text"
    assert told([fault], uid, "sha256 was made of")


def test_a_revisit_whose_original_is_gone(copy: Copy) -> None:
    original = copy.row(
        "SELECT o.id, o.payload_digest, r.id, r.url FROM captures r JOIN captures o ON o.payload_digest = "
        "r.payload_digest AND o.record = 'response' WHERE r.record = 'revisit' AND r.outcome LIKE 'listing%' LIMIT 1"
    )
    copy.sql(f"DELETE FROM captures WHERE id = {original[0]}")
    found = [f for f in copy.faults() if f.check == "capture"]
    assert told(found, f"capture {original[2]} of {original[3]}", str(original[1]))


def test_a_reference_that_leads_nowhere(copy: Copy) -> None:
    copy.sql(f"DELETE FROM papers WHERE name = '{NAMES[0]}'")
    found = [f for f in copy.faults() if f.check == "reference"]
    assert told(found, "articles, row ", " and 9 more", "paper in papers")
    assert len(found) == len({(f.place.split(",")[0], f.said) for f in found})


def test_versions_lost_miscounted_or_changed(copy: Copy) -> None:
    (uid,) = copy.row("SELECT uid FROM articles WHERE revisions = 2")
    copy.sql("DELETE FROM revisions WHERE kind = 'edit'")
    assert told([f for f in copy.faults() if f.check == "revision"], str(uid), "newest version")
    *_, other, _, article = copy.page()
    copy.sql(f"UPDATE articles SET revisions = 5 WHERE id = {article}")
    assert told(copy.faults(), other, "expected revisions to be 1, found 5")
    copy.sql(f"DELETE FROM revisions WHERE article_id = {article}")
    assert told(copy.faults(), other, "first version")


def test_an_old_version_with_another_text(copy: Copy) -> None:
    (uid,) = copy.row("SELECT uid FROM articles WHERE revisions = 2")
    copy.sql("UPDATE revisions SET text = text || '.' WHERE text IS NOT NULL")
    (fault,) = copy.faults()
    assert told([fault], str(uid), "content_sha256 was made of")


def test_a_story_miscounted(copy: Copy) -> None:
    copy.sql("UPDATE stories SET articles = articles + 1")
    assert {f.check for f in copy.faults()} == {"story"}


def test_a_story_that_no_copies_join(copy: Copy) -> None:
    (members,) = copy.row("SELECT count(*) FROM articles WHERE story_id IS NOT NULL")
    copy.sql("DELETE FROM copies")
    faults = copy.faults()
    assert {f.check for f in faults} == {"story"}
    assert sum("joins it to story" in fault.said for fault in faults) == members


def test_an_address_that_points_elsewhere_without_a_capture_that_shows_it(copy: Copy) -> None:
    copy.sql(
        "INSERT INTO pointers SELECT paper, '//x.vn/a', 'https://x.vn/a', paper, url_key, url, 'moved', first_seen, "
        "last_seen FROM articles LIMIT 1"
    )
    (fault,) = copy.faults()
    assert told([fault], "https://x.vn/a", "points at")


def test_a_signature_of_no_text_and_bands_of_no_signature(copy: Copy) -> None:
    *_, uid, _, article = copy.page()
    copy.sql(
        "INSERT INTO signatures (article_id, digest, algorithm, signature) "
        f"SELECT article_id, x'0000000000000000', 0, signature FROM signatures WHERE article_id = {article}",
        "INSERT INTO bands VALUES (1, 9999), (2, 9999)",
    )
    one, other = copy.faults()
    assert told([one], f"article {uid}", "of none")
    assert told([other], "signature 9999", "2 bands")


def test_a_trigger_that_a_transform_dropped(copy: Copy) -> None:
    copy.sql("DROP TRIGGER articles_fts_text_update")
    (fault,) = copy.faults()
    assert told([fault], "trigger articles_fts_text_update", "found none")


def test_a_view_that_hides_articles(copy: Copy) -> None:
    (sql,) = copy.row("SELECT sql FROM sqlite_schema WHERE name = 'front_page'")
    copy.sql("DROP VIEW front_page", str(sql).replace("'public'", "'public' AND a.id <> 1"))
    assert {f.check for f in copy.faults()} == {"schema", "view"}


def test_a_page_of_the_database_overwritten(copy: Copy) -> None:
    (root,) = copy.row("SELECT rootpage FROM sqlite_schema WHERE name = 'captures_by_payload'")
    with copy.archive.open("r+b") as file:
        file.seek((int(root) - 1) * 4096 + 8)
        file.write(b"\xff" * 4000)
    assert told([f for f in copy.faults() if f.check == "integrity"], "restore a copy of the archive")


# How it is told --------------------------------------------------------------------------------


def test_what_is_wrong_is_told_to_people_and_programs(copy: Copy, crawled: Desk) -> None:
    path, name, offset, *_ = copy.page()
    flip(path, offset + 40)
    where = {"ARCHIVE": str(copy.archive), "WARC_DIR": str(copy.warc)}
    ended = crawled.scrapy("verify", **where)
    assert ended.returncode == 1
    assert f"{name}, offset {offset}: " in ended.stdout
    assert ended.stdout.splitlines()[-1].endswith(": 2 things wrong")
    ended = crawled.scrapy("verify", "--json", "--jobs", "2", **where)
    assert ended.returncode == 1
    said = json.loads(ended.stdout)
    assert (said["wrong"], said["counts"]) == (2, {"file": 1, "record": 1})
    assert {"check", "place", "said", "remedy", "harmless"} == set(said["faults"][0])


def test_several_processes_find_what_one_finds(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _, offset, *_, _, article = copy.page()
    flip(path, offset + 40)
    copy.sql(f"UPDATE articles SET title = '' WHERE id = {article}", "DELETE FROM tags")
    alone = copy.faults()
    monkeypatch.setattr(verifying, "SMALL", 0)
    plan = Plan(archive=copy.archive, warc_dir=copy.warc, now=NOW, jobs=2)
    assert verify(plan).faults.shown == alone
    assert len(alone) >= 3


def test_a_sample_is_the_same_for_the_same_seed(copy: Copy, crawled: Desk) -> None:
    where = {"ARCHIVE": str(copy.archive), "WARC_DIR": str(copy.warc)}
    first, again = (crawled.scrapy("verify", "--quick", "--seed", "7", **where).stdout for _ in range(2))
    assert first == again
    assert "(a sample, --seed 7)" in first


def test_many_of_one_kind_are_counted_and_twenty_told(copy: Copy, crawled: Desk) -> None:
    copy.sql("UPDATE captures SET status = 599")
    ended = crawled.scrapy("verify", ARCHIVE=str(copy.archive), WARC_DIR=str(copy.warc))
    (total,) = copy.row("SELECT count(*) FROM captures")
    assert ended.stdout.count("the status 599") == 20
    assert f"record: {int(total) - 20} more of this kind" in ended.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["verify", "extra"], 2, "expected options alone"),
        (["verify", "--seed", "3"], 2, "add --quick"),
        (["verify", "--quick", "--jobs", "0"], 2, "--jobs"),
        (["verify", "--against", "no-such-list"], 2, "no-such-list"),
        (["verify", "-s", "WARC_DIRS=warc"], 2, "unknown setting 'WARC_DIRS'; did you mean 'WARC_DIR'"),
    ],
)
def test_wrong_use_is_one_sentence(crawled: Desk, words: list[str], code: int, said: str) -> None:
    ended = crawled.scrapy(*words)
    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_archive_is_one_sentence(crawled: Desk, tmp_path: Path) -> None:
    ended = crawled.scrapy("verify", ARCHIVE=str(tmp_path / "none.db"))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"{tmp_path}/none.db: no archive; correct ARCHIVE, or fill it with 'scrapy crawl' or 'scrapy replay'\n"
    )
    assert not list(tmp_path.iterdir())


# Where nothing is wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("after", [4, 23, 60])
def test_nothing_is_wrong_after_a_crawl_was_killed(tmp_path: Path, after: int) -> None:
    with serve() as sites:
        desk = Desk(tmp_path, sites)
        process = desk.start("crawlall", *NAMES, CLOCK=clock(0), DOWNLOAD_DELAY="0.02")
        while process.poll() is None and sum(len(site.log) for site in sites.values()) < after:
            time.sleep(0.002)
        process.kill()
        process.wait()
        for hours in (2, 30):
            ended = desk.scrapy("verify", CLOCK=clock(0, hours))
            assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
        assert desk.crawl(0, CLOCK=clock(0, hours=30)).returncode == 0
        ended = desk.scrapy("verify", CLOCK=clock(0, hours=31))
        assert ended.returncode == 0, ended.stdout
        assert "note" not in ended.stdout


@pytest.mark.parametrize("growing", [True, False])
def test_other_bytes_at_the_end_are_damage_unless_something_is_being_written(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, growing: bool
) -> None:
    path = str(copy.row("SELECT path FROM warc_files WHERE paper IS NOT NULL ORDER BY path DESC LIMIT 1")[0])
    copy.sql("UPDATE warc_files SET sha256 = NULL")
    file = copy.warc / path

    def beginning(read: Path) -> str:
        with read.open("ab") as end:
            end.write(b"?" * 400)
        return sha256_of(read)

    if growing:
        monkeypatch.setattr(warc_check, "sha256_of", beginning)
    else:
        beginning(file)
    with closing(sqlite3.connect(copy.archive)) as db:
        found = warc_check.FileCheck(db, copy.warc, path).run().faults
    assert bool(found.wrong) is not growing
    assert found.notes or not growing


def test_nothing_is_wrong_while_a_crawl_runs(tmp_path: Path) -> None:
    with serve() as sites:
        desk = Desk(tmp_path, sites)
        process = desk.start("crawlall", *NAMES, CLOCK=clock(0), DOWNLOAD_DELAY="0.1")
        while not list(desk.warc.glob("*/*.warc.gz")):
            time.sleep(0.01)
        plan = Plan(archive=desk.archive, warc_dir=desk.warc, now=datetime.fromisoformat(clock(0, 1)))
        looked = 0
        while process.poll() is None:
            looked += 1
            wrong = verify(plan).faults
            assert not wrong.wrong, [str(fault) for fault in wrong.shown]
        assert looked > 3
        assert process.returncode == 0
        assert not verify(plan).faults.notes


def test_nothing_is_wrong_after_a_replay_of_our_files_and_others(crawled: Desk, tmp_path: Path) -> None:
    name = next(iter(sorted(crawled.warc.rglob("*22.warc.gz"))))
    others = tmp_path / "others"
    others.mkdir()
    whole = name.read_bytes()
    (others / "crawl-0001.warc.gz").write_bytes(whole[: len(whole) - 300])
    again = Desk(tmp_path, crawled.sites)
    shutil.copytree(crawled.warc, again.warc)
    next(iter(sorted(again.warc.rglob("*22.warc.gz")))).unlink()
    assert again.scrapy("replay", str(again.warc), str(others)).returncode == 0
    assert len(again.rows("SELECT path FROM warc_files WHERE path LIKE 'foreign/%' AND sha256 NOT NULL")) == 1
    ended = again.scrapy("verify")
    assert ended.returncode == 0, ended.stdout
    assert again.rows("SELECT count(*) FROM captures WHERE warc_file LIKE 'foreign/%'") != [(0,)]
