"""A curator's corrections: shown at once, kept apart from what the paper printed, and brought back by a replay."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from browse.versions import compared
from crawler.clock import ManualClock
from crawler.correcting import Corrections
from crawler.warc_reading import CORRECTION_NOTE, notes_in
from crawler.warc_writing import LockedError, WarcWriter
from pipelines.archive import corrections, open_archive
from pipelines.archive.connection import stamp
from pipelines.archive.merging import merge
from pipelines.corrections import Correction, CorrectionError, as_value
from tests.making import START, TEXT, archive, hours, rows, store, visit
from tests.test_browse import Site, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.archive import Archive

BAD = Correction("alpha-0123456789ab", "text", "…", "vì", "Lan", stamp(START))


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Archive]:
    made = archive(tmp_path / "archive.db")
    yield made
    made.close()


def correction(of: Archive, at: float, field: str = "author", value: str | None = "Trần Thị Bến") -> Correction:
    (uid,) = rows(of, "SELECT uid FROM articles ORDER BY id LIMIT 1")[0]
    return Correction(uid, field, value, "gọi tòa soạn", "Lan", stamp(hours(at)))


def shown(of: Archive, field: str) -> Any:
    ((value,),) = rows(of, f"SELECT {field} FROM articles")
    return value


def kinds(of: Archive) -> list[str]:
    return [kind for (kind,) in rows(of, "SELECT kind FROM revisions ORDER BY seen_at")]


def test_a_correction_is_shown_and_what_was_printed_is_kept(held: Archive) -> None:
    store(held, [visit("/a-1.html", START, author="Trần Thị Bén", section="Xã hội")])
    assert corrections.put(held.db, [correction(held, 1)]) == 1
    assert shown(held, "author") == "Trần Thị Bến"
    assert rows(held, "SELECT author FROM authors") == [("Trần Thị Bến",)]
    printed, corrected = rows(held, "SELECT kind, facts, seen_at FROM revisions ORDER BY seen_at")
    assert (printed[0], json.loads(printed[1])["author"]) == ("first", "Trần Thị Bén")
    assert (corrected[0], json.loads(corrected[1])["author"], corrected[2]) == (
        "correction",
        "Trần Thị Bến",
        stamp(hours(1)),
    )
    assert shown(held, "revisions") == 1
    assert rows(held, "SELECT * FROM changed") == []


def test_a_corrected_title_is_found_and_its_digest_stays_the_papers(held: Archive) -> None:
    store(held, [visit("/a-1.html", START, title="Khởi cong đường sắt")])
    before = shown(held, "content_sha256")
    corrections.put(held.db, [correction(held, 1, "title", "Khởi công đường sắt")])
    found = "SELECT count(*) FROM articles_exact WHERE articles_exact MATCH 'title: \"khởi công\"'"
    assert rows(held, found) == [(1,)]
    assert shown(held, "content_sha256") == before
    store(held, [visit("/a-1.html", hours(2), title="Khởi cong đường sắt")])
    assert (shown(held, "title"), shown(held, "revisions")) == ("Khởi công đường sắt", 1)


def test_it_stands_while_the_paper_changes_other_things_and_ends_when_it_prints_another_value(held: Archive) -> None:
    store(held, [visit("/a-1.html", START, author="Bén", section="Xã hội")])
    corrections.put(held.db, [correction(held, 1)])
    store(held, [visit("/a-1.html", hours(2), author="Bén", section="Kinh tế", text=TEXT + "\nThêm một đoạn mới.")])
    assert (shown(held, "author"), shown(held, "section")) == ("Trần Thị Bến", "Kinh tế")
    store(held, [visit("/a-1.html", hours(3), author="Trần Bến", section="Kinh tế")])
    assert shown(held, "author") == "Trần Bến"
    assert rows(held, "SELECT author FROM authors") == [("Trần Bến",)]
    store(held, [visit("/a-1.html", hours(4), author="Bén", section="Kinh tế")])
    assert shown(held, "author") == "Bén"
    assert kinds(held).count("correction") == 1


def test_what_comes_in_late_from_before_the_correction_is_corrected_too(held: Archive) -> None:
    store(held, [visit("/a-1.html", hours(2), author="Bén")])
    corrections.put(held.db, [correction(held, 3)])
    store(held, [visit("/a-1.html", START, author="B."), visit("/a-1.html", hours(4), author="Bén")])
    assert shown(held, "author") == "Trần Thị Bến"


def test_a_time_of_publication_is_corrected_with_its_day_and_precision(held: Archive) -> None:
    store(held, [visit("/a-1.html", START, published="2026-11-21T06:00:00+07:00", published_precision="minute")])
    corrections.put(held.db, [correction(held, 1, "published", "2026-11-19")])
    assert rows(held, "SELECT published, published_date, published_precision FROM articles") == [
        ("2026-11-19", "2026-11-19", "day")
    ]


def test_corrections_survive_another_address_and_the_joining_of_two_articles(held: Archive) -> None:
    store(held, [visit("/a.html", START, author="Bén"), visit("/b.html", hours(60), author="Bén", text=TEXT[:200])])
    (second,) = rows(held, "SELECT id, uid FROM articles WHERE url LIKE '%/b.html'")
    one = correction(held, 1)
    other = Correction(second[1], "section", "Đời sống", "theo chuyên mục", "Lan", stamp(hours(61)))
    corrections.put(held.db, [one, other])
    (first,) = rows(held, "SELECT id FROM articles WHERE url LIKE '%/a.html'")
    held.db.conn.execute("BEGIN")
    merge(held.db, first[0], second[0], "same-text")
    held.db.conn.execute("COMMIT")
    assert (shown(held, "author"), shown(held, "section")) == ("Trần Thị Bến", "Đời sống")
    assert kinds(held) == ["first", "correction", "edit", "correction"]


@pytest.mark.parametrize("first", ["article", "correction"])
def test_it_does_not_matter_which_comes_in_first(tmp_path: Path, first: str) -> None:
    one = archive(tmp_path / "one.db")
    store(one, [visit("/a-1.html", START, author="Bén")])
    made = correction(one, 1)
    one.close()
    other = archive(tmp_path / "other.db")
    if first == "correction":
        corrections.put(other.db, [made])
    store(other, [visit("/a-1.html", START, author="Bén"), visit("/a-1.html", hours(2), author="Bén")])
    corrections.put(other.db, [made, made])
    assert shown(other, "author") == "Trần Thị Bến"
    assert kinds(other) == ["first", "correction"]
    other.close()


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("title", "  Khởi  công\n đường sắt ", "Khởi công đường sắt"),
        ("author", " ", None),
        ("published", "2026-11-19", "2026-11-19"),
        ("published", "2026-11-19 06:30", "2026-11-19T06:30:00+07:00"),
        ("published", "2026-11-19T06:30:15Z", "2026-11-19T13:30:15+07:00"),
    ],
)
def test_a_value_is_kept_in_the_archives_form(field: str, typed: str, kept: str | None) -> None:
    assert as_value(field, typed, START) == kept


@pytest.mark.parametrize(
    ("field", "typed"),
    [("title", ""), ("published", "19/11/2026"), ("published", "2026-02-30"), ("published", "2031-01-01")],
)
def test_a_value_of_the_wrong_form_is_refused(field: str, typed: str) -> None:
    with pytest.raises(CorrectionError, match=field):
        as_value(field, typed, START)


def test_what_a_crash_kept_from_the_archive_is_in_the_files_and_a_torn_record_is_cut(tmp_path: Path) -> None:
    one = Correction("alpha-0123456789ab", "author", "Trần Thị Bến", "lý do: “tòa soạn”\u2028báo", "Lan", stamp(START))
    other = replace(one, field="section", value=None)
    clock = ManualClock(START)
    with Corrections(tmp_path, clock) as files:
        files.write(one, "https://alpha.example.vn/a-1.html")
        with pytest.raises(LockedError, match="being written"), Corrections(tmp_path, clock):
            pass
    (file,) = (tmp_path / "corrections").glob("*.warc.gz")
    whole = file.read_bytes()
    with file.open("ab") as torn:
        torn.write(whole[: len(whole) // 2 - 20])
    with Corrections(tmp_path, clock) as files:
        files.write(other, "https://alpha.example.vn/a-1.html")
        assert files.kept() == [
            replace(one, reason="lý do: “tòa soạn” báo"),
            replace(other, reason="lý do: “tòa soạn” báo"),
        ]


def test_a_note_that_is_no_correction_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with WarcWriter(tmp_path, "corrections", clock=ManualClock(START), info={}) as writer:
        for told in (
            "[]",
            '{"uid": "x"}',
            "no JSON",
            json.dumps(asdict(BAD)),
            json.dumps(asdict(BAD) | {"field": "title"}),
        ):
            writer.tell("https://alpha.example.vn/a-1.html", {CORRECTION_NOTE: told})
    (file,) = (tmp_path / "corrections").glob("*.warc.gz")
    assert [one.field for one in notes_in(file).corrections] == ["title"]
    assert caplog.text.count("expected baotinh-correction to be a JSON object of a correction") == 4


def test_a_reader_sees_who_changed_what_the_paper_or_the_archive() -> None:
    def version(kind: str, at: str, author: str, **told: str) -> dict[str, Any]:
        facts = json.dumps({"author": author})
        return {"kind": kind, "seen_at": at, "title": "Bến đò", "lead": None, "text": "Một.", "facts": facts, **told}

    first, corrected, edit, old = compared(
        [
            version("first", "1", "Bén"),
            version("correction", "2", "Bến", reason="gọi tòa soạn"),
            version("meta", "3", "Trần Bến"),
            version("extraction", "4", "B"),
        ]
    )
    assert first["changes"] == {}
    assert corrected["changes"]["facts"] == [{"name": "author", "old": "Bén", "new": "Bến"}]
    assert corrected["reason"] == "gọi tòa soạn"
    assert edit["changes"]["facts"] == [{"name": "author", "old": "Bén", "new": "Trần Bến"}]
    assert old["changes"] == {}


def test_the_reading_room_shows_the_correction_and_why(tmp_path: Path) -> None:
    uid = fill(tmp_path / "archive.db")["railway"]
    db = open_archive(tmp_path / "archive.db")
    corrections.put(db, [Correction(uid, "author", "Trần Bến", "gọi tòa soạn", "Lan", "2026-11-30T00:00:00.000000Z")])
    db.close()
    site = Site(tmp_path / "archive.db", {"railway": uid})
    article = site.get(f"/a/{uid}.json").json()
    assert article["author"] == "Trần Bến"
    assert [(v["kind"], v.get("reason")) for v in article["versions"]] == [
        ("first", None),
        ("edit", None),
        ("correction", "gọi tòa soạn"),
    ]
    page = site.get(f"/a/{uid}").text
    assert "kho đính chính" in page
    assert "lý do: gọi tòa soạn" in page
    assert "Lan" not in page
    for database in site.datasette.databases.values():
        database.close()
    site.datasette.executor.shutdown()
