"""What tells two addresses of one paper apart, and what an address that shows another article's page is taken for."""

from __future__ import annotations

import dataclasses
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.archive.takedowns import follow
from pipelines.hidings import Hiding
from tests.making import TEXT, archive, hours, paper, refusal, rows, store, visit
from tests.test_moves import EDITED, HERE, OTHER, by_number, hop, naming, same_in_all_orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.archive import Archive
    from pipelines.items import Visit

NURSERY = {"title": "Vườn ươm xã Bản Mây đủ cây giống", "text": OTHER}
SCHOOL = {
    "title": "Lớp học vùng cao có mái mới",
    "text": "\n".join(
        f"Lớp học thứ {n} ở bản Nà Lướt vừa được lợp lại mái bằng tôn do phụ huynh và thầy cô cùng góp công."
        for n in ("nhất", "hai", "ba")
    ),
}
NOTICE = {
    "title": "Hệ thống đang bảo trì",
    "text": "Trang đang được nâng cấp và bảo trì, mời bạn đọc quay lại sau. " * 5,
}
REWRITTEN = {
    "title": "Tàu đã về tới Mường Lống",
    "text": "\n".join(
        f"Chuyến tàu {n} về tới ga mới lúc rạng sáng, hàng trăm người đã chờ sẵn." for n in ("một", "hai")
    ),
}
DAWN = "2026-11-20T05:40:00+07:00"


def partition(of: Archive) -> dict[str, set[str]]:
    """Return the paths that lead to each article, by its own."""
    sql = (
        "SELECT a.url, x.url FROM articles a JOIN (SELECT id, url FROM articles UNION ALL "
        "SELECT article_id, url FROM aliases WHERE kind <> 'uid') x ON x.id = a.id"
    )
    found: dict[str, set[str]] = {}
    for own, url in rows(of, sql):
        found.setdefault(own.removeprefix(HERE), set()).add(url.removeprefix(HERE))
    return found


def texts(of: Archive) -> dict[str, list[str]]:
    """Return the texts that each article had, in order, by its own path."""
    sql = "SELECT a.url, r.text FROM revision_texts r JOIN articles a ON a.uid = r.uid ORDER BY a.url, r.seen_at"
    found: dict[str, list[str]] = {}
    for url, text in rows(of, sql):
        found.setdefault(url.removeprefix(HERE), []).append(text)
    return found


BORROWED: dict[str, list[Visit]] = {
    "a dropped number": [
        by_number("/a-5", 0, "o:5"),
        by_number("/b-7", 1, "o:7", **NURSERY),
        by_number("/a-5", 30, "o:5", **NURSERY),
    ],
    "a dropped number, before the other is known": [
        by_number("/a-5", 0, "o:5"),
        by_number("/a-5", 30, "o:5", **NURSERY),
        by_number("/b-7", 31, "o:7", **NURSERY),
    ],
    "a dropped number whose page names the other": [
        by_number("/a-5", 0, "o:5"),
        by_number("/b-7", 1, "o:7", **NURSERY),
        naming(by_number("/a-5", 30, "o:5", **NURSERY), "/b-7"),
    ],
    "a column that keeps its title": [
        by_number("/a-5", 0, "o:5", title="Giá vàng", published="2026-11-20T08:00:00+07:00"),
        by_number("/b-7", 20, "o:7", title="Giá vàng", published="2026-11-21T08:00:00+07:00", text=OTHER),
        by_number("/a-5", 30, "o:5", title="Giá vàng", published="2026-11-21T08:00:00+07:00", text=OTHER),
    ],
    "without numbers": [
        visit("/a-5", hours(0)),
        visit("/b-7", hours(1), **NURSERY),
        visit("/a-5", hours(30), **NURSERY),
    ],
}


@pytest.mark.parametrize("name", BORROWED)
def test_a_page_of_another_article_is_no_version_and_joins_nothing(tmp_path: Path, name: str) -> None:
    kept = same_in_all_orders(tmp_path, BORROWED[name])
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    assert texts(kept) == {"/a-5": [TEXT], "/b-7": [OTHER]}
    # The capture is kept, and says whose page it is.
    sql = "SELECT c.outcome, a.url FROM captures c JOIN articles a ON a.id = c.article_id WHERE c.fetched_at = ?"
    at = max(v.at for v in BORROWED[name] if v.url.endswith("/a-5"))
    assert rows(kept, sql, at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")) == [("refused", f"{HERE}/b-7")]
    kept.close()


def test_an_article_whose_address_shows_another_is_gone_and_may_come_back(tmp_path: Path) -> None:
    story = [*BORROWED["a dropped number"], by_number("/a-5", 60, "o:5", **NURSERY)]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT url, gone_at FROM gone") == [(f"{HERE}/a-5", "2026-11-22T05:00:00.000000Z")]
    assert rows(kept, "SELECT last_seen FROM articles WHERE url LIKE '%/a-5'") == [("2026-11-20T23:00:00.000000Z",)]
    store(kept, [by_number("/a-5", 90, "o:5", text=EDITED)])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    assert texts(kept) == {"/a-5": [TEXT, EDITED], "/b-7": [OTHER]}
    kept.close()


def test_a_refused_page_is_counted_as_such_and_asked_for_again_as_such(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    counts = store(kept, BORROWED["a dropped number"])
    assert counts["refused"] == 1
    assert rows(kept, "SELECT state FROM urls WHERE url LIKE '%/a-5'") == [("refused",)]
    assert store(kept, [by_number("/a-5", 60, "o:5", **NURSERY)])["article/gone"] == 1
    kept.close()


APART: dict[str, tuple[list[Visit], dict[str, set[str]]]] = {
    "an address without a number shows another's page": (
        [
            by_number("/a-5", 0, "o:5"),
            visit("/x", hours(1)),
            by_number("/b-7", 2, "o:7", **NURSERY),
            visit("/x", hours(30), **NURSERY),
        ],
        {"/a-5": {"/a-5", "/x"}, "/b-7": {"/b-7"}},
    ),
    "an address without a number moved to another number": (
        [
            visit("/x", hours(0)),
            by_number("/a-5", 1, "o:5"),
            hop("/x", "/b-7", 30),
            by_number("/b-7", 31, "o:7", text=OTHER),
        ],
        {"/x": {"/x", "/a-5"}, "/b-7": {"/b-7"}},
    ),
    "an address that moved to one number and names another": (
        [
            visit("/x", hours(0)),
            hop("/x", "/a-5", 30),
            by_number("/a-5", 31, "o:5", text=EDITED),
            naming(by_number("/b-7", 60, "o:7", text=OTHER), "/x"),
        ],
        {"/x": {"/x", "/a-5"}, "/b-7": {"/b-7"}},
    ),
}


PARTED: dict[str, tuple[list[Visit], dict[str, list[str]]]] = {
    "both first seen with a notice": (
        [
            by_number("/a-5", 0, "o:5", **NOTICE),
            by_number("/b-7", 1, "o:7", **NOTICE),
            by_number("/a-5", 10, "o:5"),
            by_number("/b-7", 11, "o:7", **NURSERY),
        ],
        {"/a-5": [NOTICE["text"].strip(), TEXT], "/b-7": [NOTICE["text"].strip(), OTHER]},
    ),
    "the notice again later": (
        [
            by_number("/a-5", 0, "o:5", **NOTICE),
            by_number("/b-7", 1, "o:7", **NOTICE),
            by_number("/a-5", 10, "o:5"),
            by_number("/b-7", 11, "o:7", **NURSERY),
            by_number("/a-5", 20, "o:5", **NOTICE),
            by_number("/a-5", 30, "o:5"),
        ],
        {
            "/a-5": [NOTICE["text"].strip(), TEXT, NOTICE["text"].strip(), TEXT],
            "/b-7": [NOTICE["text"].strip(), OTHER],
        },
    ),
    "one first seen with the other's page": (
        [
            by_number("/b-7", 0, "o:7", **NURSERY),
            by_number("/a-5", 1, "o:5", **NURSERY),
            by_number("/a-5", 30, "o:5"),
            by_number("/b-7", 31, "o:7", **NURSERY),
        ],
        {"/a-5": [OTHER, TEXT], "/b-7": [OTHER]},
    ),
}


@pytest.mark.parametrize("name", PARTED)
def test_two_numbers_that_go_on_with_pages_of_their_own_are_two_articles(tmp_path: Path, name: str) -> None:
    story, expected = PARTED[name]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {path: {path} for path in expected}
    assert texts(kept) == expected
    kept.close()


def test_two_numbers_of_one_article_that_is_written_anew_stay_one(tmp_path: Path) -> None:
    story = [
        by_number("/du-lich/a-1", 0, "o:1"),
        by_number("/xa-hoi/a-2", 1, "o:2"),
        by_number("/du-lich/a-1", 30, "o:1", **REWRITTEN),
        by_number("/xa-hoi/a-2", 31, "o:2", **REWRITTEN),
        by_number("/xa-hoi/a-2", 40, "o:2", **NOTICE),
        by_number("/du-lich/a-1", 41, "o:1", **REWRITTEN),
        by_number("/xa-hoi/a-2", 50, "o:2", **REWRITTEN),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/du-lich/a-1": {"/du-lich/a-1", "/xa-hoi/a-2"}}
    kept.close()


def test_an_article_written_anew_keeps_what_it_says_though_another_number_shows_it_too(tmp_path: Path) -> None:
    """As a live report does: it keeps the minute at which it was printed, and is split up later."""
    story = [
        by_number("/a-5", 0, "o:5", published=DAWN),
        by_number("/a-5", 10, "o:5", published=DAWN, **REWRITTEN),
        by_number("/b-7", 11, "o:7", published="2026-11-21T09:12:00+07:00", **REWRITTEN),
        by_number("/a-5", 40, "o:5", published=DAWN, **REWRITTEN),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    assert texts(kept) == {"/a-5": [TEXT, REWRITTEN["text"]], "/b-7": [REWRITTEN["text"]]}
    kept.close()


def test_articles_of_one_minute_are_no_edits_of_each_other(tmp_path: Path) -> None:
    """As of a batch that was written at night and goes out at dawn; the one is dropped, its address shows the other."""
    story = [
        by_number("/a-5", 0, "o:5", published=DAWN),
        by_number("/b-7", 1, "o:7", published=DAWN, **NURSERY),
        by_number("/a-5", 30, "o:5", published=DAWN, **NURSERY),
        by_number("/a-5", 60, "o:5", published=DAWN, **NURSERY),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    assert [row[0] for row in rows(kept, "SELECT url FROM gone")] == [f"{HERE}/a-5"]
    kept.close()


OUTAGE = 12
"""Numbers at which a notice is shown in these stories, more than an article may have."""


def own_page(n: int, at: float) -> Visit:
    lines = (
        f"Chuyện số {n}, đoạn {k}: bà con bản thứ {n} cùng nhau dựng lại nhà rông sau mùa mưa năm nay." for k in "abc"
    )
    return by_number(f"/bai-{n}", at, f"o:{n}", title=f"Nhà rông bản thứ {n}", text="\n".join(lines))


def notice(n: int, at: float) -> Visit:
    return by_number(f"/bai-{n}", at, f"o:{n}", **NOTICE)


OUTAGES: dict[str, Callable[[int], list[Visit]]] = {
    "before their own pages": lambda n: [
        *(notice(k, k / 10) for k in range(n)),
        *(own_page(k, 5 + k / 10) for k in range(n)),
    ],
    "after their own pages": lambda n: [
        *(own_page(k, k / 10) for k in range(n)),
        *(notice(k, 5 + k / 10) for k in range(n)),
        *(own_page(k, 9 + k / 10) for k in range(n)),
    ],
}


@pytest.mark.parametrize("name", OUTAGES)
def test_a_notice_that_many_numbers_show_joins_and_drops_nothing(tmp_path: Path, name: str) -> None:
    kept = archive(tmp_path / "archive.db")
    store(kept, OUTAGES[name](OUTAGE))
    assert partition(kept) == {f"/bai-{n}": {f"/bai-{n}"} for n in range(OUTAGE)}
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    assert rows(kept, "SELECT DISTINCT outcome FROM captures") == [("article",)]
    kept.close()


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_of_many_numbers_costs_a_store_no_more_than_one_of_some(tmp_path: Path, name: str) -> None:
    """Counted in statements: a machine's minutes say nothing."""

    def most(numbers: int) -> int:
        kept = archive(tmp_path / f"{numbers}.db")
        counts = []
        for one in OUTAGES[name](numbers):
            said: list[str] = []
            kept.db.conn.set_trace_callback(said.append)
            store(kept, [one])
            kept.db.conn.set_trace_callback(None)
            counts.append(len(said))
        kept.close()
        return max(counts[len(counts) // 2 :])

    assert most(60) <= 1.5 * most(30)


def test_what_was_hidden_stays_hidden_when_it_proves_to_be_two(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    story = PARTED["both first seen with a notice"][0]
    store(kept, story[:2])
    (uid,) = rows(kept, "SELECT uid FROM articles")[0]
    follow(kept.db, [Hiding(uid, f"{HERE}/a-5", hours(2), "hidden", "theo yêu cầu")])
    store(kept, story[2:])
    told = "SELECT a.url, a.visibility, t.state, t.reason FROM articles a JOIN takedowns t ON t.uid = a.uid ORDER BY 1"
    hidden = [(f"{HERE}{path}", "private", "hidden", "theo yêu cầu") for path in ("/a-5", "/b-7")]
    assert rows(kept, told) == hidden
    (other,) = rows(kept, "SELECT uid FROM articles WHERE url LIKE '%/b-7'")[0]
    follow(kept.db, [Hiding(other, f"{HERE}/b-7", hours(20), "undone", "nhầm")])
    assert rows(kept, "SELECT url, visibility FROM articles ORDER BY url")[1] == (f"{HERE}/b-7", "public")
    kept.close()


@pytest.mark.parametrize("hidden_at", [2, 20])
def test_a_replay_hides_of_two_parted_articles_what_the_live_archive_does(tmp_path: Path, hidden_at: int) -> None:
    story = PARTED["both first seen with a notice"][0]
    shown = "SELECT a.url, a.visibility, t.state FROM articles a LEFT JOIN takedowns t ON t.uid = a.uid ORDER BY 1"
    live = archive(tmp_path / "live.db")
    before = [one for one in story if one.at < hours(hidden_at)]
    store(live, before)
    (uid,) = rows(live, "SELECT uid FROM articles ORDER BY url")[0]
    decision = Hiding(uid, f"{HERE}/a-5", hours(hidden_at), "hidden", "theo yêu cầu")
    follow(live.db, [decision])
    store(live, story[len(before) :])
    again = archive(tmp_path / "again.db")
    follow(again.db, [decision])
    store(again, story)
    assert rows(again, shown) == rows(live, shown)
    assert rows(live, shown)[1] == (f"{HERE}/b-7", *(("public", None) if hidden_at == 20 else ("private", "hidden")))
    live.close()
    again.close()


def test_an_article_parted_by_an_old_capture_that_is_seen_again_is_not_gone(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    store(kept, [by_number("/b-7", 1000, "o:7", **NURSERY), by_number("/a-5", 1001, "o:5", **NURSERY)])
    store(kept, [by_number("/b-7", 1030, "o:7", **NURSERY), by_number("/a-5", 1031, "o:5", **NURSERY)])
    store(kept, [by_number("/a-5", 0, "o:5")])
    assert [row[0] for row in rows(kept, "SELECT url FROM gone")] == [f"{HERE}/a-5"]
    store(kept, [by_number("/a-5", 1060, "o:5", text=EDITED)])
    assert rows(kept, "SELECT url FROM gone") == []
    kept.close()


@pytest.mark.parametrize("name", APART)
def test_two_numbers_are_not_joined_over_an_address_without_one(tmp_path: Path, name: str) -> None:
    story, expected = APART[name]
    kept = archive(tmp_path / "time.db")
    store(kept, story)
    assert partition(kept) == expected
    kept.close()


def test_what_an_address_without_a_number_borrowed_does_not_depend_on_the_order(tmp_path: Path) -> None:
    same_in_all_orders(tmp_path, APART["an address without a number shows another's page"][0]).close()


def test_another_systems_number_is_joined_by_a_move_though_the_article_has_many_addresses(tmp_path: Path) -> None:
    story = [
        by_number("/cu-5.htm", 0, "vdoc:5"),
        visit("/in/cu.htm", hours(1)),
        hop("/in/cu.htm", "/moi-900.html", 100),
        by_number("/moi-900.html", 101, "onecms:900", text=EDITED),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/cu-5.htm": {"/cu-5.htm", "/in/cu.htm", "/moi-900.html"}}
    kept.close()


REDIRECTS: dict[str, tuple[list[Visit], str]] = {
    "for good, to two articles": ([hop("/r", "/a", 5), hop("/r", "/b", 6)], "/b"),
    "for good, then for a while": ([hop("/r", "/a", 5), hop("/r", "/b", 6, moved=False)], "/b"),
    "for a while, then for good": ([hop("/r", "/a", 5, moved=False), hop("/r", "/b", 6)], "/b"),
    "there and back": ([hop("/r", "/a", 5), hop("/r", "/b", 6), hop("/r", "/a", 7)], "/a"),
}


@pytest.mark.parametrize("name", REDIRECTS)
def test_an_unread_address_leads_where_it_was_last_seen_to_lead(tmp_path: Path, name: str) -> None:
    hops, last = REDIRECTS[name]
    kept = same_in_all_orders(tmp_path, [visit("/a", hours(0)), visit("/b", hours(1), **NURSERY), *hops])
    assert partition(kept) == {path: {path, "/r"} if path == last else {path} for path in ("/a", "/b")}
    kept.close()


def test_an_unread_address_between_moved_ones_joins_by_all_it_led_to(tmp_path: Path) -> None:
    story = [
        visit("/a", hours(0)),
        hop("/a", "/r", 5),
        hop("/r", "/b", 6),
        visit("/b", hours(7), text=EDITED),
        hop("/r", "/c", 8),
        visit("/c", hours(9), **NURSERY),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/a": {"/a", "/b"}, "/c": {"/c", "/r"}}
    kept.close()


def test_a_chain_of_twins_is_one_article_in_whatever_order_they_come(tmp_path: Path) -> None:
    story = [visit("/a", hours(0)), visit("/b", hours(40)), visit("/c", hours(80)), visit("/d", hours(200))]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/a": {"/a", "/b", "/c"}, "/d": {"/d"}}
    kept.close()


def test_a_chain_of_twins_by_several_texts(tmp_path: Path) -> None:
    story = [
        visit("/a", hours(0)),
        visit("/b", hours(3)),
        visit("/b", hours(5), text=EDITED),
        visit("/c", hours(6), text=EDITED),
        visit("/c", hours(50), text=EDITED, author="Lò Thị Mai"),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/a": {"/a", "/b", "/c"}}
    kept.close()


def test_one_article_listed_under_two_numbers_is_one_while_both_are_edited(tmp_path: Path) -> None:
    story = [
        by_number("/du-lich/a-1", 0, "o:1"),
        by_number("/xa-hoi/a-2", 1, "o:2"),
        by_number("/du-lich/a-1", 30, "o:1", text=EDITED),
        by_number("/xa-hoi/a-2", 31, "o:2", text=EDITED),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert partition(kept) == {"/du-lich/a-1": {"/du-lich/a-1", "/xa-hoi/a-2"}}
    assert texts(kept) == {"/du-lich/a-1": [TEXT, EDITED]}
    kept.close()


def test_an_old_capture_parts_what_was_taken_for_one(tmp_path: Path) -> None:
    """As when a WARC file of years ago is replayed after our own crawls."""
    kept = archive(tmp_path / "archive.db")
    store(kept, [by_number("/b-7", 1000, "o:7", **NURSERY), by_number("/a-5", 1001, "o:5", **NURSERY)])
    assert partition(kept) == {"/b-7": {"/a-5", "/b-7"}}
    store(kept, [by_number("/a-5", 0, "o:5"), refusal("/a-5", hours(1030))])
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    assert texts(kept) == {"/a-5": [TEXT], "/b-7": [OTHER]}
    assert [row[0] for row in rows(kept, "SELECT url FROM gone")] == [f"{HERE}/a-5"]
    kept.close()


@pytest.mark.parametrize("seed", range(12))
def test_captures_stored_in_any_order_make_the_same_articles(tmp_path: Path, seed: int) -> None:
    """A handful of pages, redirects and canonical names of addresses, two of them numbered."""
    chance = random.Random(seed)
    places = (("/a-5", "o:5"), ("/b-7", "o:7"), ("/c", None), ("/d", None))
    shown: tuple[dict[str, Any], ...] = ({"text": TEXT}, {"text": EDITED}, NURSERY, SCHOOL)
    firsts = {place: chance.choice(shown) for place in places}
    story: list[Visit] = []
    for n in range(5):
        place = chance.choice(places)
        facts = firsts[place] if chance.random() < 0.5 else chance.choice(shown)
        if chance.random() < 0.2:
            story.append(hop(place[0], "/d" if place[0] != "/d" else "/c", n * 9, moved=chance.random() < 0.7))
            continue
        story.append(by_number(place[0], n * 9, place[1], **facts))
    same_in_all_orders(tmp_path, story).close()


def test_an_archive_of_before_parts_what_it_had_joined(tmp_path: Path) -> None:
    """Aliases had no numbers then; the paper's address forms tell them."""
    numbered = dataclasses.replace(paper("alpha"), article=(re.compile(r"-(?P<o>\d+)$"),))
    kept = archive(tmp_path / "archive.db", numbered)
    story = PARTED["both first seen with a notice"][0]
    store(kept, story[:2])
    assert len(partition(kept)) == 1
    kept.db.conn.execute("UPDATE aliases SET uid = NULL, newsroom_id = NULL")
    kept.close()
    kept = archive(tmp_path / "archive.db", numbered)
    store(kept, story[2:])
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    kept.close()


def test_storing_a_page_goes_through_no_table_that_grows(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    said: list[str] = []
    kept.db.conn.set_trace_callback(said.append)
    for story in (*BORROWED.values(), *(story for story, _ in (*PARTED.values(), *APART.values()))):
        store(kept, story)
        told = [(one.at, one.article.reading.text or "") for one in story if one.article]
        store(kept, [visit("/beta", at, of="beta", text=text) for at, text in told])
    kept.db.conn.set_trace_callback(None)
    asked = {s for s in said if s.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"))}
    plans = {s: [row[3] for row in rows(kept, f"EXPLAIN QUERY PLAN {s}")] for s in asked}
    grown = "articles|captures|revisions|copies|stories|aliases|pointers|urls|signatures|bands|article_text|a|c|r|x|p"
    scans = {s: plan for s, plan in plans.items() if any(re.match(rf"SCAN ({grown})\b", step) for step in plan)}
    assert scans == {}
    assert len(asked) > 100
    kept.close()


@pytest.mark.parametrize("seed", range(6))
def test_two_numbers_seen_in_any_order_make_the_same_articles(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    shown: tuple[dict[str, Any], ...] = ({"text": TEXT}, {"text": EDITED}, NURSERY, SCHOOL)
    places = (("/a-5", "o:5"), ("/b-7", "o:7"))
    story = [
        by_number(place, n * 9, of, **chance.choice(shown)) for n in range(5) for place, of in [chance.choice(places)]
    ]
    same_in_all_orders(tmp_path, story).close()


def test_a_page_read_again_that_showed_another_article_stays_so(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    story = BORROWED["a dropped number"]
    store(kept, story)
    assert store(kept, [dataclasses.replace(story[-1])])["refused"] == 2
    assert partition(kept) == {"/a-5": {"/a-5"}, "/b-7": {"/b-7"}}
    kept.close()
