"""`scrapy verify` finds rows that do not follow from the rows they were told from, and nothing on a sound archive."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from pipelines.archive import Archive, corrections
from pipelines.archive.connection import sqlite3, stamp
from pipelines.corrections import Correction
from pipelines.verifying import CHECKS, check_rows
from tests.making import archive, hours, store, visit
from tests.merging import PAPERS, history, merge, shards, stored

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.faults import Fault
    from tests.crawling import Desk

pytestmark = pytest.mark.slow
EDITED = "(SELECT article_id FROM revisions WHERE kind = 'edit')"
OTHERS = f"(SELECT min(capture_id) FROM articles WHERE id NOT IN {EDITED})"
INDEXED = ("title", "lead", "author", "text")


def change(path: Path, *statements: str) -> None:
    """Change rows as the shell does it: without foreign keys."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def one(path: Path, sql: str) -> tuple[str, ...]:
    with closing(sqlite3.connect(path)) as db:
        found: tuple[str, ...] = db.execute(sql).fetchone()
        return found


def said(path: Path, *, harmless: bool = False) -> list[Fault]:
    """Return what all checks of the rows find."""
    found = (check_rows(path, name).shown for name in CHECKS)
    return [fault for shown in found for fault in shown if fault.harmless == harmless]


@pytest.fixture
def demo(crawled: Desk, tmp_path: Path) -> Path:
    """Return a copy of the crawled demo's archive that a test may damage."""
    shutil.copy(crawled.archive, tmp_path / "demo.db")
    return tmp_path / "demo.db"


DAMAGES = {
    "a version shows another title with today's text": (
        f"UPDATE revisions SET title = title || '!' WHERE text IS NULL AND article_id IN {EDITED}",
        "revision",
        "content_sha256 was made of",
    ),
    "a version shows another lead with today's text": (
        f"UPDATE revisions SET lead = 'Sapo khác' WHERE text IS NULL AND article_id IN {EDITED}",
        "revision",
        "content_sha256 was made of",
    ),
    "a version names another article's capture": (
        f"UPDATE revisions SET capture_id = {OTHERS} WHERE kind = 'edit'",
        "revision",
        "to show this version",
    ),
    "a version was seen at another time": (
        "UPDATE revisions SET seen_at = '2026-11-21T00:00:00.000000Z' WHERE kind = 'edit'",
        "revision",
        "the time of its capture",
    ),
    "a version's time is none": (
        "UPDATE revisions SET seen_at = '2026-11-23 00:00:00' WHERE kind = 'edit'",
        "revision",
        "the time of its capture",
    ),
    "a version is called by another kind": (
        "UPDATE revisions SET kind = 'meta' WHERE kind = 'edit'",
        "revision",
        "to be of kind edit",
    ),
    "an article was first seen at another time": (
        "UPDATE articles SET first_seen = '2001-01-01T00:00:00.000000Z' WHERE id = 1",
        "article",
        "first_seen",
    ),
    "an article was last seen at another time": (
        "UPDATE articles SET last_seen = '2036-01-01T00:00:00.000000Z' WHERE id = 1",
        "article",
        "last_seen",
    ),
    "an article has another address": (
        "UPDATE articles SET url = 'https://khac.example/1' WHERE id = 1",
        "article",
        "a capture of its address",
    ),
    "an article shows another section": ("UPDATE articles SET section = 'Sai' WHERE id = 1", "article", "section"),
    "a version's small facts are others": (
        "UPDATE revisions SET facts = json_set(facts, '$.author', 'Ai đó') WHERE article_id = 1",
        "article",
        "author",
    ),
    "names are not in authors": ("DELETE FROM authors", "article", "in authors"),
    "pictures are gone": ("DELETE FROM images", "image", "provenance"),
    "a WARC file's row is gone": (
        "DELETE FROM warc_files WHERE path = (SELECT min(path) FROM warc_files)",
        "file",
        "a row in warc_files",
    ),
    "a text's signature is another": (
        "UPDATE signatures SET signature = (SELECT signature FROM signatures WHERE id = 1) WHERE id = 2",
        "signature",
        "bands of signature 2",
    ),
    "a signature has lost its bands": ("DELETE FROM bands WHERE signature_id = 1", "signature", "found none"),
    "a day's articles are miscounted": (
        "UPDATE article_counts SET published = published + 1 WHERE paper = '' AND length(span) = 10",
        "count",
        "articles printed",
    ),
    "counts are gone": ("DELETE FROM article_counts", "count", "found 0 and 0"),
    "a signature has lost a band": (
        "DELETE FROM bands WHERE key = (SELECT max(key) FROM bands)",
        "signature",
        "found 31",
    ),
}


def test_nothing_is_wrong_with_the_rows_of_the_demo(demo: Path) -> None:
    assert said(demo) == said(demo, harmless=True) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_does_not_follow_from_other_rows_is_found(demo: Path, damage: str) -> None:
    sql, check, words = DAMAGES[damage]
    change(demo, sql)
    faults = said(demo)
    assert {fault.check for fault in faults} == {check}
    assert all(words in fault.said for fault in faults)


def test_an_old_version_with_the_digest_of_another_text(demo: Path) -> None:
    change(demo, "UPDATE revisions SET text_sha256 = (SELECT max(text_sha256) FROM articles) WHERE text IS NOT NULL")
    faults = said(demo)
    assert "text_sha256 was made of" in next(fault.said for fault in faults if fault.check == "revision")
    assert "of none" in next(fault.said for fault in faults if fault.check == "signature")


def test_copies_and_stories_that_are_all_gone(demo: Path) -> None:
    change(demo, "DELETE FROM copies", "UPDATE articles SET story_id = NULL", "DELETE FROM stories")
    faults = said(demo)
    assert {fault.check for fault in faults} == {"story"}
    assert all("printed its text first" in fault.said for fault in faults)


def test_signatures_that_are_all_gone_are_a_fault_but_where_the_archive_is_older_than_they_are(demo: Path) -> None:
    change(demo, "DELETE FROM bands", "DELETE FROM signatures")
    (fault, *others) = said(demo)
    assert "expected a signature" in fault.said
    assert {f.check for f in (fault, *others)} == {"signature"}
    change(demo, "UPDATE _sqlite_migrations SET applied_at = '2020-01-01' WHERE name = 'm002_first_tables'")
    assert said(demo) == []
    assert {note.check for note in said(demo, harmless=True)} == {"signature"}
    Archive(demo).close()  # as the next crawl does
    assert said(demo) == said(demo, harmless=True) == []
    change(demo, "DELETE FROM signatures WHERE id = 1")
    assert {fault.check for fault in said(demo)} == {"signature"}


@pytest.mark.parametrize("index", ["articles_fts", "articles_exact"])
def test_two_titles_swapped_in_an_index(demo: Path, index: str) -> None:
    columns = ", ".join(INDEXED)
    with closing(sqlite3.connect(demo, isolation_level=None)) as db:
        rows = [list(row) for row in db.execute(f"SELECT id, {columns} FROM {index}_source ORDER BY id")]
        length = {len(row[1].split()): row for row in rows}
        first, other = next((a, b) for a in rows if (b := length[len(a[1].split())]) is not a)
        for number, *values in (first, other):
            marks = f"INSERT INTO {index} ({index}, rowid, {columns}) VALUES ('delete', ?, ?, ?, ?, ?)"
            db.execute(marks, (number, *values))
        first[1], other[1] = other[1], first[1]
        for row in (first, other):
            db.execute(f"INSERT INTO {index} (rowid, {columns}) VALUES (?, ?, ?, ?, ?)", row)
    (fault,) = said(demo)
    assert (fault.check, fault.place) == ("search", index)
    assert "each word at its place" in fault.said
    change(demo, f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    assert said(demo) == []


def corrected(folder: Path) -> Path:
    made = archive(folder / "archive.db", *PAPERS)
    store(made, [visit("/tin/1.html", hours(0), author="Bến"), visit("/tin/2.html", hours(1), title="Bài khác")])
    (uid,) = made.db.conn.execute("SELECT uid FROM articles WHERE id = 1").fetchone()
    said = (("title", "Tựa đúng", 2), ("author", "Trần Thị Bến, Lê Văn An", 3), ("title", "Tựa đúng hơn", 4))
    corrections.put(made.db, [Correction(uid, name, value, "sai", "an", stamp(hours(n))) for name, value, n in said])
    store(made, [visit("/tin/1.html", hours(5), author="Bến", section="Xã hội")])
    made.close()
    return folder / "archive.db"


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("UPDATE articles SET title = 'Tựa đúng' WHERE id = 1", "article"),
        ("UPDATE articles SET author = 'Bến' WHERE id = 1", "article"),
        ("DELETE FROM revisions WHERE kind = 'correction'", "revision"),
        ("DELETE FROM corrections WHERE value = 'Tựa đúng'", "revision"),
        ("DELETE FROM corrections WHERE value = 'Tựa đúng hơn'", "article"),
    ],
)
def test_an_article_that_shows_something_else_than_its_corrections_come_to(
    tmp_path: Path, damage: str, check: str
) -> None:
    path = corrected(tmp_path)
    assert said(path) == []
    change(path, damage)
    assert check in {fault.check for fault in said(path)}


@pytest.mark.parametrize("seed", range(30, 33))
def test_nothing_is_wrong_whatever_papers_did_in_whatever_order_it_came_in_and_was_merged(
    tmp_path: Path, seed: int
) -> None:
    visits = history(seed)
    made = archive(tmp_path / "any.db", *PAPERS)
    store(made, random.Random(seed).sample(visits, len(visits)))
    made.close()
    assert said(tmp_path / "any.db") == []
    parts = shards(tmp_path, visits, seed)
    assert said(parts[0]) == []
    merge(parts[0], next(permutations(parts[1:])))
    assert said(parts[0]) == []
    assert said(stored(tmp_path / "whole.db", visits)) == []
