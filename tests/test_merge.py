"""Merging archives: nothing twice, no order of its own, all or nothing, and what differs is said."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import pytest

from crawler.merging import Merger
from crawler.merging_files import Other
from crawler.warc_writing import LockedError, PaperLock
from pipelines.archive import Archive
from pipelines.archive.connection import ArchiveError, open_archive, sqlite3, stamp, transaction
from pipelines.archive.health import set_now
from pipelines.archive.hosts import HostRows, Refusal
from pipelines.archive.union.bringing import BROUGHT, JUDGED, OURS
from pipelines.items import Link, Visit
from pipelines.observed import Learned, Line, ObservedPage
from tests.crawling import ROOT
from tests.making import TEXT, archive, capture, hours, refusal, rows, store, visit
from tests.merging import PAPERS, dumped, history, merge, redirect, said, shards, stored
from tests.test_twins import BORROWED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

WARC = "alpha/alpha-20261120.warc.gz"
OTHER_TEXT = TEXT.replace("đường sắt", "đường thủy")


def place(folder: Path, name: str = "archive.db") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


@pytest.mark.parametrize("seed", range(6))
def test_shards_are_the_archive_of_all_visits_in_any_order_and_twice_changes_nothing(tmp_path: Path, seed: int) -> None:
    visits = history(seed)
    whole = said(stored(tmp_path / "whole.db", visits))
    made = shards(tmp_path, visits, seed)
    told = []
    for order in permutations(made):
        into = place(tmp_path / "into", f"{'-'.join(p.parent.name for p in order)}.db")
        merge(into, order)
        told.append(said(into))
        before = dumped(into)
        merge(into, order)
        assert dumped(into) == before
    for one in told:
        for name, expected in whole.items():
            assert one[name] == expected or name == "addresses", name
        assert one == told[0]


def test_an_article_both_hold_keeps_its_uid_and_has_the_history_of_both(tmp_path: Path) -> None:
    edited = visit("/tin/1.html", hours(5), text=OTHER_TEXT)
    here = stored(place(tmp_path / "here"), [visit("/tin/1.html", hours(0)), visit("/tin/1.html", hours(9))])
    there = stored(place(tmp_path / "there"), [edited])
    found = merge(here, [there])
    assert found.papers["alpha"]["articles_joined"] == 1
    db = sqlite3.connect(here)
    assert db.execute("SELECT count(*), max(revisions), max(last_seen) FROM articles").fetchone() == (
        1, 3, "2026-11-21T08:00:00.000000Z",
    )  # fmt: skip
    assert db.execute("SELECT kind, text FROM revision_texts").fetchall() == [
        ("first", TEXT), ("edit", OTHER_TEXT), ("edit", TEXT),
    ]  # fmt: skip
    db.close()


def test_a_copy_that_another_machine_found_is_linked_and_found_by_search(tmp_path: Path) -> None:
    here = stored(place(tmp_path / "here"), [visit("/tin/1.html", hours(3))])
    there = stored(place(tmp_path / "there"), [visit("/bai/9.html", hours(0), of="beta")])
    merge(here, [there])
    told = said(here)
    assert [(first[:4], later[:5], kind) for first, later, kind, _ in told["copies"]] == [
        ("beta", "alpha", "same-text")
    ]
    db = sqlite3.connect(here)
    assert db.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'muong'").fetchone() == (2,)
    db.close()


def test_what_vanished_for_one_machine_is_gone_for_both(tmp_path: Path) -> None:
    here = stored(place(tmp_path / "here"), [visit("/tin/1.html", hours(0)), refusal("/tin/1.html", hours(9))])
    there = stored(place(tmp_path / "there"), [refusal("/tin/1.html", hours(40))])
    merge(here, [there])
    assert [row[-1] for row in said(here)["articles"]] == ["2026-11-21T08:00:00.000000Z"]


def test_the_newest_visit_of_an_address_stands_and_what_is_due_stays_due(tmp_path: Path) -> None:
    listing = Visit(
        paper="alpha",
        url="https://alpha.example.vn/",
        kind="section",
        outcome="listing/read",
        at=hours(0),
        links=(Link("https://alpha.example.vn/tin/1.html", "article"),),
    )
    later = replace(listing, at=hours(2), links=(Link("https://alpha.example.vn/tin/2.html", "article"),))
    here = stored(place(tmp_path / "here"), [listing, visit("/tin/2.html", hours(9))])
    there = stored(place(tmp_path / "there"), [later])
    merge(here, [there])
    db = sqlite3.connect(here)
    told = db.execute(
        "SELECT substr(url, -6), state, due_at IS NOT NULL, discovered_at FROM urls WHERE kind = 'article'"
    )
    assert sorted(told.fetchall()) == [
        ("1.html", "known", 1, "2026-11-20T23:00:00.000000Z"),
        ("2.html", "held", 0, "2026-11-21T01:00:00.000000Z"),
    ]
    db.close()


def test_of_a_host_the_later_word_stands_either_way_and_a_second_merge_counts_no_request_twice(tmp_path: Path) -> None:
    archives = [stored(place(tmp_path / name), []) for name in ("here", "there")]
    for number, path in enumerate(archives, 1):
        with closing(open_archive(path)) as db:
            known = HostRows(db)
            asked = Refusal("asked", 429, f"HTTP 429, told to machine {number}")
            known.refuse("alpha.example.vn", asked, hours(number + 5), number, hours(number))
            known.add_requests({("alpha.example.vn", hours(0).date()): 10 * number})
    for into, other in (archives, archives[::-1]):
        for _ in range(2):
            merge(into, [other])
        told = dumped(into)
        ((host, kind, *_),) = told["hosts"]
        assert (host, kind) == ("alpha.example.vn", "asked")
        assert "HTTP 429, told to machine 2" in told["hosts"][0]
        assert [row[2] for row in told["host_days"]] == [20]


NEWS = "https://alpha.example.vn/rss/tin.rss"


def looks(name: str, tmp_path: Path, often: list[float], news: bool) -> Path:
    """Return an archive that looked at the feed at these hours; ``news``: it showed an article first each time."""
    seen = [Link(f"https://alpha.example.vn/tin/{name}-{n}.html", "article") for n in range(len(often))]
    shown = ((seen[n],) if news else () for n in range(len(often)))
    return stored(place(tmp_path / name), map(looked, often, shown))


def looked(at: float, links: tuple[Link, ...]) -> Visit:
    answer = capture(NEWS, hours(at), body=f"{at}")
    return Visit(
        paper="alpha", url=NEWS, kind="feed", outcome="listing/read", at=hours(at), links=links, capture=answer
    )


def test_of_a_feed_the_rhythm_that_was_watched_for_longer_stands_whichever_is_merged_into_which(tmp_path: Path) -> None:
    long = looks("long", tmp_path, [float(n) for n in range(72)], news=True)
    short = looks("short", tmp_path, [70.0, 73.0], news=False)
    known = sorted(row[1:] for row in dumped(long)["rhythms"])
    assert len(known) == 24
    for into, other in ((long, short), (short, long)):
        for _ in range(2):
            merge(into, [other])
        assert sorted(row[1:] for row in dumped(into)["rhythms"]) == known


def test_of_a_feed_that_was_looked_at_twice_in_one_moment_any_longer_watch_stands(tmp_path: Path) -> None:
    names = {"long": [0.0, 1.0], "later": [70.0, 70.00001], "moment": [60.0, 60.00001]}
    made = {name: looks(name, tmp_path, often, news=name != "long") for name, often in names.items()}
    told = {name: [row[1:] for row in dumped(path)["rhythms"]] for name, path in made.items()}
    assert {row[2] for row in told["later"] + told["moment"]} == {0.0}
    for into, other, stands in (
        ("moment", "later", "later"),
        ("later", "moment", "later"),
        ("long", "later", "long"),
        ("later", "long", "long"),
    ):
        merge(made[into], [made[other]])
        assert [row[1:] for row in dumped(made[into])["rhythms"]] == told[stands]


def test_what_one_machine_fetched_is_owed_to_no_backfill_of_another_whatever_became_of_it(tmp_path: Path) -> None:
    """Three machines: one is to fetch a page for a backfill, one has read it since, one was refused it later."""
    page = "https://alpha.example.vn/tin/1.html"
    for order in permutations(("asks", "reads", "refused")):
        folder = tmp_path / "-".join(order)
        asks = archive(place(folder / "asks"), *PAPERS)
        store(asks, [looked(0, (Link(page, "article"),))])
        asks.db.conn.execute(
            "INSERT INTO backfills (paper, days, begun_at) VALUES ('alpha', '2015-01-01/..', ?)", (stamp(hours(0)),)
        )
        asks.db.conn.execute(
            "INSERT INTO backfill_urls (backfill_id, url_id, due_at, listed_at) "
            "SELECT 1, id, ?1, ?1 FROM urls WHERE url = ?2",
            (stamp(hours(0)), page),
        )
        asks.close()
        stored(place(folder / "reads"), [visit("/tin/1.html", hours(4))])
        stored(place(folder / "refused"), [refusal("/tin/1.html", hours(9))])
        into = place(folder, "into.db")
        for _ in range(2):
            merge(into, [place(folder / name) for name in order])
            assert [row[2] for row in dumped(into)["backfill_urls"]] == [None]


def test_an_edit_that_one_machine_was_told_of_is_fetched_unless_another_did_since(tmp_path: Path) -> None:
    page = "https://alpha.example.vn/tin/1.html"
    told = Link(page, "article", modified=hours(5).isoformat())
    for name, fetched, due in (("before", 4.0, True), ("since", 7.0, False)):
        here = stored(place(tmp_path / f"{name}-here"), [visit("/tin/1.html", hours(0)), looked(6, (told,))])
        there = stored(place(tmp_path / f"{name}-there"), [visit("/tin/1.html", hours(fetched))])
        for into, other in ((here, there), (there, here)):
            merge(into, [other])
            db = sqlite3.connect(into)
            sql = "SELECT coalesce(due_at <= ?, 0), listed_edited FROM urls WHERE url = ?"
            assert db.execute(sql, (stamp(hours(6)), page)).fetchone() == (due, stamp(hours(5)))
            db.close()


def learned(number: int, uid: str, lines: tuple[str, ...], version: int) -> Learned:
    page = ObservedPage(number, uid, "", "", (Line("a", "p", "plain"),))
    return Learned(page, oldest=0, version=version, added=lines)


def test_lines_that_two_machines_learned_one_after_the_other_are_one_version(tmp_path: Path) -> None:
    for name, at in (("early", 0.0), ("late", 5.0)):
        first = replace(visit("/tin/1.html", hours(at)), learned=learned(1, f"alpha-{name}", ("đọc thêm",), 1))
        then = replace(visit("/tin/2.html", hours(at + 9)), learned=learned(2, f"alpha-{name}2", (f"{name}",), 2))
        stored(place(tmp_path / name), [first, then])
    for name in ("early", "late"):
        into = place(tmp_path, f"{name}.db")
        order = [place(tmp_path / name), place(tmp_path / ("late" if name == "early" else "early"))]
        merge(into, order)
        before = dumped(into)
        assert [row[1:4] for row in before["furniture"]] == [("early", 2, 3), ("late", 3, None), ("đọc thêm", 1, None)]
        merge(into, order)
        assert dumped(into) == before


def test_each_article_keeps_the_furniture_it_was_read_with(tmp_path: Path) -> None:
    made = []
    for name, number, line in (("here", 1, "theo dõi chúng tôi"), ("there", 2, "đọc thêm")):
        one = visit(f"/tin/{number}.html", hours(number))
        assert one.article is not None
        taught = replace(one, learned=learned(1, one.article.uid, (line,), 1))
        again = visit(f"/bai/{number}.html", hours(number + 4), text=OTHER_TEXT, title=f"Bài {number}")
        assert again.article is not None
        made.append(
            stored(place(tmp_path / name), [taught, replace(again, article=replace(again.article, furniture=1))])
        )
    found = merge(made[0], [made[1]])
    assert [c.kind for c in found.conflicts if c.kind == "furniture"] == ["furniture"]
    db = archive(made[0], *PAPERS)
    known = rows(db, "SELECT url, furniture_version FROM articles WHERE url LIKE '%/bai/%' ORDER BY url")
    assert [db.furniture.lines("alpha", number) for _, number in known] == [{"theo dõi chúng tôi"}, {"đọc thêm"}]
    assert [page.number for page in db.furniture.pages("alpha", 9)] == [1, 2]
    db.close()


def test_one_capture_read_differently_is_told_and_the_article_stands_either_way(tmp_path: Path) -> None:
    one = visit("/tin/1.html", hours(0))
    unread = replace(one, outcome="page/no-body", article=None)
    told = []
    for name, (first, second) in {"ab": (one, unread), "ba": (unread, one)}.items():
        here = stored(place(tmp_path / name), [first])
        there = stored(place(tmp_path / name, "other.db"), [second])
        found = merge(here, [there])
        assert [c.kind for c in found.conflicts] == ["capture"]
        assert "article" in found.conflicts[0].said
        assert "page/no-body" in found.conflicts[0].said
        told.append(said(here))
    assert told[0] == told[1]
    assert len(told[0]["articles"]) == 1


def test_entries_of_the_directory_that_differ_are_told_and_ours_stand(tmp_path: Path) -> None:
    here = stored(place(tmp_path / "here"), [visit("/tin/1.html", hours(0))])
    made = archive(place(tmp_path / "there"), replace(PAPERS[0], title="Báo Khác"))
    store(made, [visit("/tin/2.html", hours(1))])
    made.close()
    found = merge(here, [tmp_path / "there" / "archive.db"])
    assert [(c.kind, c.place) for c in found.conflicts] == [("warc", WARC), ("directory", "alpha")]
    assert "'Báo Khác'" in found.conflicts[1].said
    db = sqlite3.connect(here)
    assert db.execute("SELECT title FROM papers WHERE name = 'alpha'").fetchone() == (PAPERS[0].title,)
    db.close()


def test_an_archive_of_before_is_brought_up_to_date_on_a_copy(tmp_path: Path) -> None:
    there = stored(place(tmp_path / "there"), [visit("/tin/1.html", hours(0))])
    db = sqlite3.connect(there, isolation_level=None)
    db.executescript(
        "DROP TABLE signatures; DROP TABLE bands; ALTER TABLE warc_files DROP COLUMN checked_at;"
        "DELETE FROM _sqlite_migrations WHERE name IN ('m010_likeness', 'm011_fixity');"
        "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE"
    )
    db.close()
    before, files = there.read_bytes(), sorted(p.name for p in there.parent.iterdir())
    here = place(tmp_path / "here")
    merge(here, [there])
    assert len(said(here)["articles"]) == 1
    assert (there.read_bytes(), sorted(p.name for p in there.parent.iterdir())) == (before, files)


def newer(path: Path) -> None:
    db = open_archive(path)
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('baotinh', 'm999_later', '')")
    db.close()


def foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE notes (text)")
    db.close()


REFUSED: dict[str, Callable[[Path], object]] = {
    "newer baotinh": newer,
    "no archive of baotinh": foreign,
    "empty file": lambda path: path.touch(),
    "no SQLite file": lambda path: path.write_text("a page, not a database\n" * 100),
}


@pytest.mark.parametrize("said_of_it", REFUSED)
def test_what_is_no_archive_of_ours_is_refused_and_nothing_changes(tmp_path: Path, said_of_it: str) -> None:
    here = stored(place(tmp_path / "here"), [visit("/tin/1.html", hours(0))])
    good = stored(place(tmp_path / "good"), [visit("/tin/2.html", hours(1))])
    bad = place(tmp_path / "bad")
    REFUSED[said_of_it](bad)
    before = dumped(here)
    with pytest.raises(ArchiveError, match=said_of_it) as refused:
        merge(here, [good, bad])
    assert "ARCHIVE" not in str(refused.value)
    assert "write it" not in str(refused.value)
    with pytest.raises(ArchiveError, match="the archive itself"):
        merge(here, [here])
    assert dumped(here) == before


def changed(path: Path, article: str, ended_by: str | None = None, *, asked: float = 50) -> Path:
    """Make an archive of an article whose page showed a change of layout, which ended, as somebody said."""
    made = archive(path, *PAPERS)
    store(made, [visit("/tin/0.html", hours(0)), visit(article, hours(1), text=OTHER_TEXT)])
    with transaction(made.db):
        made.db.execute(
            "INSERT INTO layout_changes (paper, template, signal, before, after, capture_id, since, found_at, "
            "ended_at, ended_by) SELECT 'alpha', 'vdoc', 'byline', 0.9, 0.1, id, fetched_at, ?1, ?2, ?3 "
            "FROM captures WHERE fetched_at = ?4",
            (stamp(hours(30)), stamp(hours(40)) if ended_by else None, ended_by, stamp(hours(1))),
        )
        made.db.execute(
            "INSERT INTO health_changes (paper, at, before, state) VALUES ('alpha', ?, 'ok', 'drifted')",
            (stamp(hours(asked)),),
        )
        set_now(made.db, hours(asked))
    made.close()
    return path


def test_a_change_of_layout_comes_with_its_page_and_what_was_told_of_it_does_not(tmp_path: Path) -> None:
    here = stored(place(tmp_path / "here"), [visit("/bai/1.html", hours(5)), visit("/bai/2.html", hours(6))])
    merge(here, [changed(place(tmp_path / "there"), "/tin/7.html")])
    with closing(sqlite3.connect(here)) as db:
        told = db.execute(
            "SELECT signal, before, after, c.url, ended_by, (SELECT now FROM clock) FROM layout_changes "
            "JOIN captures c ON c.id = capture_id"
        ).fetchall()
        assert told == [("byline", 0.9, 0.1, "https://alpha.example.vn/tin/7.html", None, stamp(hours(50)))]
        assert db.execute("SELECT count(*) FROM health_changes").fetchone() == (0,)


@pytest.mark.parametrize(("one", "other"), [("operator", None), ("operator", "pages"), ("pages", None)])
def test_of_a_change_that_both_saw_the_word_on_its_end_stands_and_the_later_clock(
    tmp_path: Path, one: str, other: str | None
) -> None:
    archives = [
        changed(place(tmp_path / "here"), "/tin/7.html", one, asked=60),
        changed(place(tmp_path / "there"), "/tin/7.html", other, asked=90),
    ]
    for into, brought in (archives, archives[::-1]):
        made = place(tmp_path / f"from {into.parent.name}")
        shutil.copy(into, made)
        for _ in range(2):
            merge(made, [brought])
        told = dumped(made)
        assert [row[-1] for row in told["layout_changes"]] == [one]
        assert told["clock"] == [(1, stamp(hours(90)))]
        assert len(told["health_changes"]) == 1


def test_a_paper_that_is_being_crawled_is_not_merged(tmp_path: Path) -> None:
    here = stored(place(tmp_path / "here"), [])
    there = stored(place(tmp_path / "there"), [visit("/tin/1.html", hours(0))])
    before = dumped(here)
    with PaperLock(tmp_path / "here" / "warc", "alpha"), pytest.raises(LockedError, match="alpha"):
        merge(here, [there])
    assert dumped(here) == before


def test_every_table_is_brought_or_judged_anew(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    made = {
        name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'")
    }
    db.close()
    assert made == {*BROUGHT, *JUDGED, *OURS}


def record(number: int, times: int = 1, body: bytes | None = None) -> bytes:
    """Return the WARC record of article ``number``, whose body is said so many times, or another one."""
    message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + (body or body_of(number, times))
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:{number}>\r\nWARC-Date: {stamp(hours(number))}\r\n"
        f"WARC-Target-URI: https://alpha.example.vn/tin/{number}.html\r\nContent-Type: application/http; "
        f"msgtype=response\r\nContent-Length: {len(message)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + message + b"\r\n\r\n", mtime=0)


def body_of(number: int, times: int = 1) -> bytes:
    return f"record of {number}".encode() * times


def machine(folder: Path, number: int, times: int = 1) -> Path:
    """Make an archive of one article, whose record is all of the file `WARC`."""
    one = visit(f"/tin/{number}.html", hours(number), title=f"Bài {number}")
    assert one.capture is not None
    whole, digest = record(number, times), sha256(body_of(number, times)).hexdigest()
    told: dict[str, Any] = {
        "warc_file": WARC,
        "warc_offset": 0,
        "warc_length": len(whole),
        "payload_digest": f"sha256:{digest}",
    }
    made = stored(place(folder), [replace(one, capture=replace(one.capture, **told))])
    path = folder / "warc" / WARC
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole)
    return made


def merge_files(into: Path, *others: Path) -> dict[str, tuple[str, bytes]]:
    """Merge with WARC files and return, by title, the path and bytes of the file that an article leads to."""
    warc = into.parent / "warc"
    Merger(into, warc, {p.name: p for p in PAPERS}, hours(200)).merge([Other(p, p.parent / "warc") for p in others])
    db = sqlite3.connect(into)
    found = db.execute("SELECT a.title, c.warc_file FROM articles a JOIN captures c ON c.id = a.capture_id").fetchall()
    db.close()
    return {title: (file, (warc / file).read_bytes()) for title, file in found}


def test_files_of_one_name_and_other_bytes_stand_side_by_side(tmp_path: Path) -> None:
    here, second, third = (machine(tmp_path / str(n), n) for n in (1, 2, 3))
    led = merge_files(here, second, third)
    assert led["Bài 1"] == (WARC, record(1))
    assert {led[title][1] for title in led} == {record(1), record(2), record(3)}
    assert len({led[title][0] for title in led}) == 3
    files = sorted(p.name for p in (here.parent / "warc").rglob("*.gz"))
    assert merge_files(here, second, third) == led
    assert sorted(p.name for p in (here.parent / "warc").rglob("*.gz")) == files


def test_a_file_that_grew_is_brought_whole_and_a_shorter_one_is_left(tmp_path: Path) -> None:
    there = machine(tmp_path / "there", 1)
    here = place(tmp_path / "here")
    merge_files(here, there)
    (there.parent / "warc" / WARC).write_bytes(record(1) + record(2))
    assert merge_files(here, there)["Bài 1"] == (WARC, record(1) + record(2))
    (there.parent / "warc" / WARC).write_bytes(record(1))
    assert merge_files(here, there)["Bài 1"] == (WARC, record(1) + record(2))


def test_files_that_are_missing_or_damaged_stop_the_merge_before_anything_is_changed(tmp_path: Path) -> None:
    there = machine(tmp_path / "there", 1)
    db = sqlite3.connect(there)
    db.execute("INSERT INTO warc_files (path, bytes, sha256) VALUES (?, ?, ?)", (WARC, len(record(1)), "0" * 64))
    db.commit()
    db.close()
    here = stored(place(tmp_path / "here"), [])
    before = dumped(here)
    with pytest.raises(ArchiveError, match="sha256"):
        merge_files(here, there)
    shutil.rmtree(tmp_path / "there" / "warc")
    with pytest.raises(ArchiveError, match="--warc"):
        merge_files(here, there)
    assert dumped(here) == before
    assert not list((tmp_path / "here").rglob("*.merging*"))


KILLED = """
import sys
from pathlib import Path
from tests.merging import PAPERS
from crawler.merging import Merger
from crawler.merging_files import Other
from tests.making import hours
into, *others = map(Path, sys.argv[1:])
merger = Merger(into, into.parent / "warc", {p.name: p for p in PAPERS}, hours(200))
merger.merge([Other(p, p.parent / "warc") for p in others])
"""


def test_a_merge_killed_anywhere_leaves_the_archive_as_before_or_complete(tmp_path: Path) -> None:
    first = machine(tmp_path / "first", 1, 9000)
    others = [machine(tmp_path / f"other{n}", n, 9000) for n in range(2, 12)]
    copy = tmp_path / "complete"
    shutil.copytree(first.parent, copy)
    merge_files(copy / "archive.db", *others)
    before, complete = said(first), said(copy / "archive.db")
    seen = set()
    for step in range(12):
        into = tmp_path / f"into{step}"
        shutil.copytree(first.parent, into)
        command = [sys.executable, "-c", KILLED, str(into / "archive.db"), *map(str, others)]
        process = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 60
        work = into / "archive.db.merging"
        while not work.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.001)
        time.sleep(step * 0.025)
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = said(into / "archive.db")
        assert left in (before, complete), step
        seen.add(left == complete)
        merge_files(into / "archive.db", *others)
        assert said(into / "archive.db") == complete
        assert not list(into.rglob("*.merging*"))
    assert False in seen


def test_of_one_page_read_by_two_rules_the_newer_reading_stands_either_way(tmp_path: Path) -> None:
    told = []
    for name, order in {"ab": ("test/1", "test/2"), "ba": ("test/2", "test/1")}.items():
        made = []
        for rules in order:
            path = place(tmp_path / name, f"{rules[-1]}.db")
            read = Archive(path, extractor=rules)
            read.sync_directory(PAPERS, {"Nghệ An": ["Nghệ An"]})
            one = visit("/tin/1.html", hours(0), author=f"Tác giả {rules[-1]}", tags=(f"thẻ {rules[-1]}",))
            store(read, [one])
            read.close()
            made.append(path)
        merge(made[0], [made[1]])
        before = dumped(made[0])
        merge(made[0], [made[1]])
        assert dumped(made[0]) == before
        db = sqlite3.connect(made[0])
        told.append(
            db.execute("SELECT a.author, a.extractor, n.author, g.tag FROM articles a, authors n, tags g").fetchall()
        )
        db.close()
    assert told[0] == told[1] == [("Tác giả 2", "test/2", "Tác giả 2", "thẻ 2")]


def test_an_old_reading_of_one_machine_is_kept_once_by_both(tmp_path: Path) -> None:
    told = []
    for name, first in (("ab", "here"), ("ba", "there")):
        made = {side: stored(place(tmp_path / name, f"{side}.db"), [visit("/tin/1.html", hours(0))]) for side in SIDES}
        for side, at in SIDES.items():
            db = sqlite3.connect(made[side], isolation_level=None)
            db.execute(
                "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, "
                "text, facts) SELECT article_id, 'extraction', ?, capture_id, 'x', 'y', 'Tít cũ', 'Chữ cũ', facts "
                "FROM revisions",
                (at,),
            )
            db.close()
        other = next(side for side in SIDES if side != first)
        merge(made[first], [made[other]])
        before = dumped(made[first])
        merge(made[first], [made[other]])
        assert dumped(made[first]) == before
        db = sqlite3.connect(made[first])
        told.append(db.execute("SELECT kind, seen_at, title, text FROM revision_texts").fetchall())
        db.close()
    assert told[0] == told[1]
    assert [row[1] for row in told[0] if row[0] == "extraction"] == [min(SIDES.values())]


SIDES = {"here": "2026-11-25T00:00:00.000000Z", "there": "2026-11-24T00:00:00.000000Z"}


@pytest.mark.parametrize("name", BORROWED)
def test_what_an_address_shows_of_another_article_is_no_version_however_shards_saw_it(
    tmp_path: Path, name: str
) -> None:
    visits = BORROWED[name]
    whole = said(stored(tmp_path / "whole.db", visits))
    for n, some in enumerate(s for size in range(1, len(visits)) for s in combinations(visits, size)):
        others = [one for one in visits if one not in some]
        made = [stored(place(tmp_path / f"{n}-{part}"), seen) for part, seen in enumerate((some, others))]
        for order in permutations(made):
            into = place(tmp_path / f"{n}-into", f"{order[0].parent.name}.db")
            merge(into, order)
            assert {k: v for k, v in said(into).items() if k != "addresses"} == {
                k: v for k, v in whole.items() if k != "addresses"
            }
            before = dumped(into)
            merge(into, order)
            assert dumped(into) == before


def test_tags_and_authors_keep_the_order_of_the_page_from_whichever_archive(tmp_path: Path) -> None:
    tags = ("xã mới", "An Giang", "đường sắt", "Bến Tre")
    told: dict[str, Any] = {"tags": tags, "author": "Vũ Yên, An Bình"}
    older = visit("/tin/1.html", hours(0), tags=("cũ",))
    for name, ours in {"new": [], "newer": [older], "known": [older, visit("/tin/1.html", hours(3), **told)]}.items():
        here = stored(place(tmp_path / name / "here"), ours)
        there = stored(place(tmp_path / name / "there"), [visit("/tin/1.html", hours(3), **told)])
        merge(here, [there])
        for path in (here, there):
            db = sqlite3.connect(path)
            assert [t for (t,) in db.execute("SELECT tag FROM tags ORDER BY rowid")] == [*tags], (name, path)
            found = [t for (t,) in db.execute("SELECT author FROM authors ORDER BY rowid")]
            assert found == ["Vũ Yên", "An Bình"], (name, path)
            db.close()


def test_two_addresses_that_prove_to_be_one_article_keep_the_order_of_tags(tmp_path: Path) -> None:
    tags = ("xã mới", "An Giang", "Bến Tre")
    one = visit("/tin/1.html", hours(0))
    path = stored(
        place(tmp_path / "here"), [one, visit("/m/1.html", hours(1), text=OTHER_TEXT, tags=tags), joining(hours(2))]
    )
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert [t for (t,) in db.execute("SELECT tag FROM tags ORDER BY rowid")] == [*tags]
    db.close()


def joining(at: datetime) -> Visit:
    return redirect("/m/1.html", "/tin/1.html", at, of="alpha", moved=True)


@pytest.mark.parametrize(
    ("found", "said_of_it"),
    [
        (record(1)[:-60], f"{WARC}: expected at least {len(record(1))} bytes, in which 1 captures .*, found"),
        (record(1, body=b"record 0f 1") + record(2), f"{WARC}: expected the records of 1 captures .*, found 1"),
        (b"x" + record(1)[1:], f"{WARC}: expected the records of 1 captures .*, found 1"),
    ],
)
def test_a_file_that_is_cut_or_damaged_stops_the_merge_before_anything_is_changed(
    tmp_path: Path, found: bytes, said_of_it: str
) -> None:
    there = machine(tmp_path / "there", 1)
    (there.parent / "warc" / WARC).write_bytes(found)
    here = stored(place(tmp_path / "here"), [])
    before = dumped(here)
    with pytest.raises(ArchiveError, match=said_of_it):
        merge_files(here, there)
    assert dumped(here) == before
    assert not list((here.parent / "warc").rglob("*.gz"))
    assert not list(here.parent.rglob("*.merging*"))


def test_a_file_that_is_cut_where_all_of_it_is_here_does_no_harm(tmp_path: Path) -> None:
    there, here = machine(tmp_path / "there", 1), machine(tmp_path / "here", 1)
    (there.parent / "warc" / WARC).write_bytes(record(1)[:-60])
    assert merge_files(here, there)["Bài 1"] == (WARC, record(1))


def test_archives_that_are_merged_into_each_other_hold_no_file_twice_and_say_once_that_names_differ(
    tmp_path: Path,
) -> None:
    here, there = (machine(tmp_path / str(n), n) for n in (1, 2))
    ways = [(here, there), (there, here), (here, there)]
    told = []
    for into, other in ways:
        warc = into.parent / "warc"
        found = Merger(into, warc, {p.name: p for p in PAPERS}, hours(200)).merge([Other(other, other.parent / "warc")])
        told.append([conflict.place for conflict in found.conflicts if conflict.kind == "warc"])
        held = sorted(path.read_bytes() for path in warc.rglob("*.gz"))
        assert held == sorted([record(1), record(2)])
    assert told == [[WARC], [WARC], []]
    for path in (here, there):
        led = merge_files(path, path.parent.parent / ("2" if path == here else "1") / "archive.db")
        assert {title: content for title, (_, content) in led.items()} == {"Bài 1": record(1), "Bài 2": record(2)}
