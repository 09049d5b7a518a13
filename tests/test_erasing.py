"""What erasing an article's rows leaves is what an archive says that never had it, and it does not come in again."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.archive.connection import transaction
from pipelines.archive.erasing import conclude, erase_rows, scrub
from pipelines.archive.takedowns import held, restore, stone_of
from pipelines.archive.traces import doomed
from pipelines.items import Image, Link, Visit
from pipelines.runs_of_words import holds, runs_of, shares_run
from tests.making import hours, rows, store, visit
from tests.test_near_copies import LINKS, LONG, STORIES, changed, made, printed

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.archive import Archive

TOLD = {
    "links": LINKS,
    "stories": STORIES,
    "signatures": "SELECT a.uid, hex(s.digest) FROM signatures s JOIN articles a ON a.id = s.article_id ORDER BY 1, 2",
    "bands": "SELECT count(*), count(DISTINCT key) FROM bands",
    "found": "SELECT a.uid FROM articles_fts f JOIN articles a ON a.id = f.rowid ORDER BY 1",
    "captures": "SELECT url, fetched_at FROM captures ORDER BY 1, 2",
    "layout": "SELECT count(*) FROM layout_stats",
}


def erase(kept: Archive, uid: str) -> None:
    """Erase the rows of an article as `scrapy takedown` does between reading and writing WARC files."""
    (article,) = held(kept.db, uid)
    known = doomed(kept.db, article)
    records = [(place.file, place.offset, place.length, place.url) for place in known.captures]
    with transaction(kept.db):
        erase_rows(kept.db, known, "thử", hours(99), records, runs_of(known.said))
        conclude(kept.db, uid, hours(99))


def told(kept: Archive) -> dict[str, list[Any]]:
    return {name: rows(kept, sql) for name, sql in TOLD.items()}


GROUPS = {
    "one text": [LONG, LONG, LONG],
    "near copies": [LONG, changed("5 % changed"), changed("another paper's prefix")],
    "both": [LONG, LONG, changed("a lead of 40 words before it")],
}


@pytest.mark.parametrize("gone", range(3))
@pytest.mark.parametrize("group", GROUPS)
def test_what_is_left_is_what_an_archive_says_that_never_had_it(tmp_path: Path, group: str, gone: int) -> None:
    visits = [
        printed(name, hour, text)
        for hour, (name, text) in enumerate(zip(("alpha", "beta", "gamma"), GROUPS[group], strict=True), 8)
    ]
    kept, never = made(tmp_path), made(tmp_path, "never.db")
    store(kept, visits)
    store(never, [one for n, one in enumerate(visits) if n != gone])
    article = visits[gone].article
    assert article
    erase(kept, article.uid)
    assert told(kept) == told(never)
    kept.close()
    never.close()


def test_no_order_of_erasing_leaves_anything(tmp_path: Path) -> None:
    visits = [printed(name, hour, LONG) for hour, name in enumerate(("alpha", "beta", "gamma"), 8)]
    for order in itertools.permutations(visits):
        kept = made(tmp_path, f"{'-'.join(one.paper for one in order)}.db")
        store(kept, visits)
        for one in order:
            assert one.article
            erase(kept, one.article.uid)
        assert {name: found for name, found in told(kept).items() if found} == {"bands": [(0, 0)], "layout": [(0,)]}
        kept.close()


def test_an_article_comes_back_by_none_of_its_addresses_ids_and_texts(tmp_path: Path) -> None:
    kept = made(tmp_path)
    first = visit("/a-1.html", hours(0), text=LONG, newsroom="vdoc:1")
    print_page = visit("/in/a-1.html", hours(1), text=LONG, newsroom="vdoc:1")
    store(kept, [first, print_page])
    assert rows(kept, "SELECT count(*) FROM aliases") == [(1,)]
    assert first.article
    erase(kept, first.article.uid)
    again = [
        replace(first, at=hours(5), capture=visit("/a-1.html", hours(5), text=LONG).capture),
        visit("/in/a-1.html", hours(6), text=LONG, newsroom="vdoc:1"),
        visit("/khac/a-1.html", hours(7), title="Tên khác", text=changed("10 % changed"), newsroom="vdoc:1"),
        visit("/lai/a-2.html", hours(8), text=LONG, newsroom="vdoc:2"),
    ]
    counts = store(kept, again)
    assert counts["taken-down"] == 4
    assert rows(kept, "SELECT count(*) FROM articles") == [(0,)]
    other = store(kept, [printed("beta", 9, LONG)])
    assert other["article/new"] == 2  # another paper's own copy is its own
    kept.close()


def test_its_pictures_go_unless_another_article_shows_them(tmp_path: Path) -> None:
    kept = made(tmp_path)
    own, shared = Image("https://alpha.example.vn/anh/1.jpg"), Image("https://alpha.example.vn/anh/2.jpg")
    first = visit("/a-1.html", hours(0), text=LONG, images=(own, shared))
    store(
        kept,
        [
            first,
            visit("/a-2.html", hours(1), title="Bài khác", text=changed("cut to 50 % of its words"), images=(shared,)),
        ],
    )
    for image in (own, shared):
        page = visit(image.url.removeprefix("https://alpha.example.vn"), hours(2)).capture
        seen = Visit(paper="alpha", url=image.url, kind="section", outcome="failed", at=hours(2), capture=page)
        store(kept, [seen])
    assert first.article
    erase(kept, first.article.uid)
    assert rows(kept, "SELECT url FROM captures WHERE url LIKE '%jpg'") == [(shared.url,)]
    kept.close()


def test_a_listing_that_shows_an_erased_address_makes_nothing_due(tmp_path: Path) -> None:
    kept = made(tmp_path)
    first = visit("/a-1.html", hours(0), text=LONG)
    store(kept, [first])
    assert first.article
    erase(kept, first.article.uid)
    for forgotten in (False, True):
        if forgotten:
            rows(kept, "DELETE FROM urls")
        links = tuple(Link(url, "article") for url in (first.url, "https://alpha.example.vn/a-9.html"))
        listing = visit("/tin/", hours(10 + forgotten)).capture
        store(
            kept,
            [
                Visit(
                    paper="alpha",
                    url="https://alpha.example.vn/tin/",
                    kind="section",
                    outcome="listing/read",
                    at=hours(10 + forgotten),
                    capture=listing,
                    links=links,
                )
            ],
        )
        due = {row.url for row in kept.frontier.take("alpha", hours(24 * 365), 100)}
        assert first.url not in due
        kept.frontier.put_back()
    kept.close()


def test_the_ledger_is_told_again_from_its_tombstones_and_leaves_alone_what_is_held(tmp_path: Path) -> None:
    kept, other = made(tmp_path), made(tmp_path, "other.db")
    first = visit("/a-1.html", hours(0), text=LONG, newsroom="vdoc:1")
    store(kept, [first])
    assert first.article
    uid = first.article.uid
    erase(kept, uid)
    stone = stone_of(kept.db, uid)
    with transaction(other.db):
        assert restore(other.db, [stone, stone]) == []
    assert stone_of(other.db, uid) == stone
    assert store(other, [first])["taken-down"] == 1
    third = made(tmp_path, "third.db")
    store(third, [first])
    with transaction(third.db):
        assert restore(third.db, [stone]) == [uid]
    assert rows(third, "SELECT count(*) FROM takedowns") == [(0,)]
    for one in (kept, other, third):
        one.close()


def test_freed_pages_hold_nothing_after_scrubbing(tmp_path: Path) -> None:
    kept = made(tmp_path)
    store(kept, [printed("alpha", 8, f"{LONG} wolfram"), printed("beta", 9, changed("10 % changed"))])
    path = tmp_path / "archive.db"
    indexed = "SELECT count(*) > 0 FROM {0}_data WHERE instr(block, CAST('wolfram' AS BLOB))"
    indexes = ("articles_fts", "articles_exact")
    assert [rows(kept, indexed.format(index)) for index in indexes] == [[(1,)], [(1,)]]
    (uid,) = rows(kept, "SELECT uid FROM articles WHERE paper = 'alpha'")[0]
    erase(kept, uid)
    scrub(kept.db)
    assert [rows(kept, indexed.format(index)) for index in indexes] == [[(0,)], [(0,)]]
    assert b"wolfram" not in path.read_bytes()
    assert (tmp_path / "archive.db-wal").stat().st_size == 0
    kept.close()


def test_runs_of_words_are_found_through_markup_and_escapes() -> None:
    runs = runs_of(["Đò ngang Bến Sỏi thôi đưa khách sau bốn mươi năm"])
    assert shares_run("<p>đò ngang <b>bến sỏi</b> thôi đưa khách sau</p>", runs)
    assert shares_run(json.dumps({"t": "đò ngang Bến Sỏi thôi đưa khách sau"}), runs)
    assert shares_run("&lt;p&gt;&amp;#273;ò ngang bến sỏi thôi đưa khách sau", runs)
    assert not shares_run("đò ngang bến sỏi thôi đưa khách", runs)
    assert holds("ngang Bến Sỏi thôi đưa khách sau bốn mươi", runs)
    assert holds("Xem thêm: ngang Bến Sỏi thôi đưa khách sau bốn mươi ngày", runs)
    assert not holds("Bến Sỏi", runs)
    assert holds("Đọc: Bến Sỏi đóng cửa, 9 giờ", runs, ["Bến Sỏi đóng cửa"])
    assert not holds("Bến Sỏi đã đóng cửa", runs, ["Bến Sỏi đóng cửa", "cửa"])
