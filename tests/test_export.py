"""What leaves an archive by ``scrapy export``: all of it, the chosen articles alone, the same bytes each time."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import parquet

from pipelines.archive.connection import sqlite3
from pipelines.archive.exporting import Selection, outlet
from pipelines.exports.fields import FIELDS, rows
from pipelines.items import Visit
from tests.crawling import Desk
from tests.demo.stories import NAMES
from tests.making import TEXT, archive, capture, hours, store, visit

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
SECRET = "Chuyện riêng không cho ai lưu"


def hide_one(desk: Desk) -> None:
    """Make an article of the archive private, and give it a title found nowhere else."""
    with sqlite3.connect(desk.archive) as db:
        db.execute(
            "UPDATE articles SET visibility = 'private', title = ? WHERE uid = "
            "(SELECT min(uid) FROM articles WHERE paper = 'demo-ghenhda')",
            (SECRET,),
        )
    db.close()


@pytest.fixture(scope="module")
def desk(crawled: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk at which all three days were crawled and one article is private; tests only read it."""
    folder = tmp_path_factory.mktemp("exports") / "desk"
    shutil.copytree(crawled.folder, folder)
    made = Desk(folder, crawled.sites)
    hide_one(made)
    return made


def export(desk: Desk, out: Path, *options: str, **settings: str) -> bytes:
    ended = desk.at_once("export", str(out), *options, **settings)
    assert ended.returncode == 0, ended.stderr
    assert [left for left in out.parent.iterdir() if left.name.endswith(".part")] == []
    return out.read_bytes()


def articles(desk: Desk, out: Path, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(desk, out / "chosen.jsonl", "--force", *options).splitlines()]


def uids(desk: Desk, where: str, *values: str) -> list[str]:
    sql = f"SELECT uid FROM articles WHERE visibility = 'public' AND {where} ORDER BY uid"
    return [row[0] for row in desk.rows(sql, *values)]


def refused(desk: Desk, *words: str, **settings: str) -> str:
    ended = desk.at_once("export", *words, **settings)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_every_column_of_an_article_is_exported_but_the_numbers_of_rows(desk: Desk) -> None:
    columns = {row[1] for row in desk.rows("PRAGMA table_info(articles)")}
    assert columns - set(FIELDS) == {"id", "story_id", "capture_id"}


def test_jsonl_says_what_the_archive_says(desk: Desk, tmp_path: Path) -> None:
    found = articles(desk, tmp_path)
    assert [list(article) for article in found] == [list(FIELDS)] * len(found)
    assert [article["uid"] for article in found] == uids(desk, "1")
    columns = ("title", "lead", "published", "first_seen", "gone_at", "content_sha256", "newsroom_id")
    sql = f"SELECT {', '.join(columns)} FROM articles WHERE visibility = 'public' ORDER BY uid"
    assert [tuple(article[name] for name in columns) for article in found] == desk.rows(sql)
    texts = "SELECT t.text FROM articles a JOIN article_text t ON t.article_id = a.id WHERE a.uid = ?"
    for article in found:
        assert [(article["text"],)] == desk.rows(texts, article["uid"])
        tags = "SELECT t.tag FROM tags t JOIN articles a ON a.id = t.article_id WHERE a.uid = ?"
        assert sorted(article["tags"]) == sorted(row[0] for row in desk.rows(tags, article["uid"]))


def test_every_row_can_be_cited_and_proved(desk: Desk, tmp_path: Path) -> None:
    for article in articles(desk, tmp_path):
        with (desk.warc / article["warc_file"]).open("rb") as file:
            file.seek(article["warc_offset"])
            record = gzip.decompress(file.read(article["warc_length"]))
        body = record.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n\r\n")
        assert article["payload_digest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
        for language in ("vi", "en"):
            line = article[f"citation_{language}"]
            assert all(article[name] in line for name in ("uid", "title", "url", "payload_digest", "paper_title"))


def test_copies_and_other_addresses_are_named_by_what_never_changes(desk: Desk, tmp_path: Path) -> None:
    found = {article["uid"]: article for article in articles(desk, tmp_path)}
    copies = desk.rows("SELECT uid, first_uid FROM syndication")
    assert copies
    assert {(uid, first) for uid, article in found.items() for first in article["copy_of"]} == set(copies)
    aliases = desk.rows(
        "SELECT a.uid, x.url FROM aliases x JOIN articles a ON a.id = x.article_id "
        "WHERE x.kind <> 'uid' AND a.visibility = 'public'"
    )
    assert {(uid, url) for uid, article in found.items() for url in article["other_urls"]} == set(aliases)


def test_csv_holds_the_same_and_opens_in_a_spreadsheet(desk: Desk, tmp_path: Path) -> None:
    raw = export(desk, tmp_path / "a.csv")
    assert raw.startswith(b"\xef\xbb\xbfuid,paper,")
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    for cells, article in zip(table, articles(desk, tmp_path), strict=True):
        for name, kind in FIELDS.items():
            value = article[name]
            if kind in ("texts", "images", "map"):
                assert json.loads(cells[name]) == value
            else:
                assert cells[name].removeprefix("'") == ("" if value is None else str(value)).removeprefix("'")


def test_parquet_gives_the_table_back_with_types(desk: Desk, tmp_path: Path) -> None:
    export(desk, tmp_path / "a.parquet")
    table = parquet.read_table(tmp_path / "a.parquet")
    types = {"first_seen": "timestamp[us, tz=UTC]", "published_date": "date32[day]", "words": "int64"}
    assert {name: str(table.schema.field(name).type) for name in types} == types
    assert str(table.schema.field("tags").type).startswith("list<")
    assert [_as_json(row) for row in table.to_pylist()] == articles(desk, tmp_path)


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of Parquet as JSON Lines write it."""
    return {name: _plain(value) for name, value in row.items()} | {"provenance": dict(row["provenance"])}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a.csv.gz", "a.parquet", "a.wacz"])
def test_the_same_archive_gives_the_same_bytes_whatever_its_rows_are_numbered(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "copy.db"
    with sqlite3.connect(desk.archive) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    db.close()
    _renumber(copy)
    assert export(desk, tmp_path / name) == export(desk, tmp_path / f"again-{name}", ARCHIVE=str(copy))


def _renumber(archive: Path) -> None:
    """Give articles and captures other row numbers, in another order."""
    db = sqlite3.connect(archive)
    parts = ("article_text", "revisions", "aliases", "copies", "authors", "tags", "images", "captures")
    for table, column in [(part, "article_id") for part in parts] + [("copies", "first_id"), ("articles", "id")]:
        db.execute(f"UPDATE {table} SET {column} = -{column} WHERE {column} IS NOT NULL")
    for table, column in [("articles", "capture_id"), ("revisions", "capture_id"), ("captures", "id")]:
        db.execute(f"UPDATE {table} SET {column} = -{column}")
    db.commit()
    db.close()


def test_an_archive_made_again_from_its_warc_files_exports_the_same(desk: Desk, tmp_path: Path) -> None:
    again = Desk(tmp_path, desk.sites, {"ARCHIVE": str(tmp_path / "archive.db"), "WARC_DIR": str(desk.warc)})
    ended = again.scrapy("replay", str(desk.warc))
    assert ended.returncode == 0, ended.stderr
    hide_one(again)
    assert export(again, tmp_path / "a.jsonl") == export(desk, tmp_path / "b.jsonl")


def test_papers_are_chosen_by_name_and_a_wrong_one_is_answered_with_the_nearest(desk: Desk, tmp_path: Path) -> None:
    found = articles(desk, tmp_path, "--paper", NAMES[0], "--paper", NAMES[1])
    assert [a["uid"] for a in found] == uids(desk, "paper IN (?, ?)", NAMES[0], NAMES[1])
    assert articles(desk, tmp_path, "--paper", "baothanhhoa") == []
    assert "unknown paper 'demo-baibo'; did you mean 'demo-baiboi'" in refused(
        desk, str(tmp_path / "a.csv"), "--paper", "demo-baibo"
    )


@pytest.mark.parametrize("typed", ["Nghệ An", "nghe an", "NGHE-AN", "tỉnh Nghệ An"])
def test_a_province_is_found_however_it_is_typed(desk: Desk, tmp_path: Path, typed: str) -> None:
    found = articles(desk, tmp_path, "--province", typed)
    papers = "(SELECT name FROM papers WHERE province = 'Nghệ An')"
    assert [a["uid"] for a in found] == uids(desk, f"paper IN {papers}") != []


def test_a_province_of_before_2025_finds_its_paper_and_the_one_that_came_after_it(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with sqlite3.connect(desk.archive) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    db.close()
    with sqlite3.connect(copy) as db:
        db.execute(
            "UPDATE papers SET provinces_before = '[\"Quảng Nam\"]', successor = ? WHERE name = ?", (NAMES[1], NAMES[0])
        )
    db.close()
    raw = export(desk, tmp_path / "a.jsonl", "--province", "quang nam", ARCHIVE=str(copy))
    assert {json.loads(line)["paper"] for line in raw.splitlines()} == set(NAMES[:2])
    told = refused(desk, str(tmp_path / "b.jsonl"), "--province", "Quảng Namm")
    assert "unknown province 'Quảng Namm'; did you mean 'Quảng Nam'" in told


def test_days_are_the_local_days_of_publication_both_with(desk: Desk, tmp_path: Path) -> None:
    first, last = desk.rows("SELECT min(published_date), max(published_date) FROM articles")[0]
    assert first < last
    found = articles(desk, tmp_path, "--since", last)
    assert [a["uid"] for a in found] == uids(desk, "published_date >= ?", last) != []
    found = articles(desk, tmp_path, "--since", first, "--until", first)
    assert [a["uid"] for a in found] == uids(desk, "published_date = ?", first) != []
    assert "expected a day like 2015-01-31, found '2026'" in refused(desk, str(tmp_path / "a.csv"), "--since", "2026")
    assert "or a day after it" in refused(desk, str(tmp_path / "a.csv"), "--since", last, "--until", first)


def test_a_query_finds_what_the_reading_room_finds(desk: Desk, tmp_path: Path) -> None:
    phrase = articles(desk, tmp_path, "--query", "chợ phiên")
    assert phrase == articles(desk, tmp_path, "--query", "cho phien") != []
    assert all("chợ phiên" in f"{a['title']} {a['lead']} {a['text']}".lower() for a in phrase)
    apart = articles(desk, tmp_path, "--query", "phiên chợ Pù Nhon bản")
    assert [a["uid"] for a in apart] == [a["uid"] for a in phrase]
    for nothing in ("", "***"):
        assert "expected words" in refused(desk, str(tmp_path / "c.csv"), "--query", nothing)
    assert articles(desk, tmp_path, "--query", "'; DROP TABLE articles; --") == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_private_articles_stay_where_they_are_unless_asked_for(desk: Desk, tmp_path: Path, name: str) -> None:
    assert SECRET.encode() not in export(desk, tmp_path / name)
    assert SECRET.encode() in export(desk, tmp_path / f"all-{name}", "--private")
    assert "leave one out" in refused(desk, str(tmp_path / "b.csv"), "--private", "--query", "riêng")


def test_an_out_that_is_there_is_kept_unless_force_is_said(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    out.write_bytes(b"mine")
    assert "--force" in refused(desk, str(out))
    assert out.read_bytes() == b"mine"
    assert export(desk, out, "--force").startswith(b'{"uid":')


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "expected one OUT, found 0"),
        (("a.xls",), "does not end in one"),
        (("a.csv", "--format", "jsnl"), "did you mean 'jsonl'?"),
        (("a.zip", "--format", "wacz"), "has to be called"),
        (("-", "--format", "parquet"), "goes into a file"),
        (("nowhere/a.csv",), "the folder nowhere does not exist"),
        (("tests", "--format", "csv", "--force"), "expected the name of a file"),
    ],
)
def test_wrong_use_is_one_sentence(desk: Desk, words: tuple[str, ...], told: str) -> None:
    assert told in refused(desk, *words)


def test_without_an_archive_nothing_is_made(desk: Desk, tmp_path: Path) -> None:
    ended = desk.at_once("export", str(tmp_path / "a.csv"), ARCHIVE=str(tmp_path / "none.db"))
    assert (ended.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "no archive yet" in ended.stderr
    (tmp_path / "mail.db").write_bytes(b"no database at all, a letter" * 100)
    ended = desk.at_once("export", str(tmp_path / "a.csv"), ARCHIVE=str(tmp_path / "mail.db"))
    assert ended.returncode == 1
    assert "mail.db: not readable as an archive" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mail.db"]


def test_lines_go_to_standard_output_and_what_was_written_beside_them(desk: Desk, tmp_path: Path) -> None:
    ended = desk.scrapy("export", "-", "--format", "jsonl", "--json")
    assert ended.stdout.encode() == export(desk, tmp_path / "a.jsonl")
    told = json.loads(ended.stderr)
    assert told == {"out": "-", "format": "jsonl", "articles": ended.stdout.count("\n"), "left_out": 0}


def test_what_was_written_is_said_with_its_digest(desk: Desk, tmp_path: Path) -> None:
    ended = desk.at_once("export", str(tmp_path / "a.parquet"), "--json")
    raw = (tmp_path / "a.parquet").read_bytes()
    told = json.loads(ended.stdout)
    assert (told["bytes"], told["sha256"]) == (len(raw), f"sha256:{hashlib.sha256(raw).hexdigest()}")
    assert told["articles"] == len(uids(desk, "1"))


def test_an_id_that_was_given_up_is_named_beside_the_one_that_stayed(tmp_path: Path) -> None:
    made = archive(tmp_path / "archive.db")
    first, second = visit("/a.html", hours(0)), visit("/b.html", hours(60), text=TEXT + "\nCập nhật: mưa to.")
    hop = Visit(
        paper="alpha",
        url="https://alpha.example.vn/a.html",
        kind="article",
        outcome="redirect",
        at=hours(90),
        capture=capture("https://alpha.example.vn/a.html", hours(90), 301),
        redirect_to="https://alpha.example.vn/b.html",
        moved=True,
    )
    store(made, [first, second, hop])
    made.close()
    with outlet(tmp_path / "archive.db") as open_archive:
        (row,) = rows(open_archive.articles(Selection()))
    assert first.article
    assert second.article
    assert (row["uid"], row["other_uids"]) == (first.article.uid, [second.article.uid])
    assert row["other_urls"] == ["https://alpha.example.vn/b.html"]
    assert first.article.uid in row["citation_vi"]
