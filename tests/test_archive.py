"""What an archivist counts on: one article once, every version kept, copies and vanished ones told."""

from __future__ import annotations

import dataclasses
import itertools
import random
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.archive import ArchiveError
from pipelines.items import Link, Visit
from tests.crawling import ROOT
from tests.making import TEXT, archive, hours, paper, refusal, rows, store, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.archive import Archive


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Archive]:
    made = archive(tmp_path / "archive.db")
    yield made
    made.close()


def test_an_article_seen_again_unchanged_is_one_article_seen_later(kept: Archive) -> None:
    counts = store(kept, [visit("/a-1.html", hours(0)), visit("/a-1.html", hours(5))])
    assert counts["article/new"] == 1
    assert counts["article/same"] == 1
    ((uid, first, last, revisions),) = rows(kept, "SELECT uid, first_seen, last_seen, revisions FROM articles")
    assert uid.startswith("alpha-")
    assert first.startswith("2026-11-20T23:00")
    assert last.startswith("2026-11-21T04:00")
    assert revisions == 1


def test_an_edited_article_shows_the_newest_text_and_keeps_the_one_before(kept: Archive) -> None:
    edited = TEXT + "\nCập nhật: buổi lễ dời sang tuần sau."
    counts = store(kept, [visit("/a-1.html", hours(0)), visit("/a-1.html", hours(5), text=edited)])
    assert counts["article/revised"] == 1
    assert rows(kept, "SELECT text FROM article_text") == [(edited,)]
    assert rows(kept, "SELECT kind, text FROM revision_texts") == [("first", TEXT), ("edit", edited)]
    assert rows(kept, "SELECT uid, revisions FROM changed")[0][1] == 2


def test_a_changed_byline_is_a_meta_revision_and_no_edit(kept: Archive) -> None:
    counts = store(kept, [visit("/a-1.html", hours(0)), visit("/a-1.html", hours(5), author="Lò Thị Mai")])
    assert counts["article/same"] == 1
    assert rows(kept, "SELECT kind FROM revisions ORDER BY seen_at") == [("first",), ("meta",)]
    assert rows(kept, "SELECT author, revisions FROM articles") == [("Lò Thị Mai", 1)]
    assert rows(kept, "SELECT author FROM authors") == [("Lò Thị Mai",)]


def test_white_space_alone_is_no_revision(kept: Archive) -> None:
    spaced = TEXT.replace(" ", "  ").replace("\n", "\n\n")
    assert store(kept, [visit("/a-1.html", hours(0)), visit("/a-1.html", hours(1), text=spaced)])["article/same"] == 1


def test_the_same_text_at_another_address_of_the_paper_is_an_alias(kept: Archive) -> None:
    counts = store(kept, [visit("/a-1.html", hours(0)), visit("/m/a.html", hours(1))])
    assert counts["article/alias"] == 1
    assert rows(kept, "SELECT count(*) FROM articles") == [(1,)]
    addresses = "SELECT url, kind FROM aliases WHERE kind <> 'uid'"
    assert rows(kept, addresses) == [("https://alpha.example.vn/m/a.html", "same-text")]
    assert store(kept, [visit("/m/a.html", hours(2))])["article/same"] == 1


def test_the_same_newsroom_number_is_the_same_article_whatever_its_slug(kept: Archive) -> None:
    first = visit("/cu-12345.html", hours(0), newsroom="onecms:12345")
    again = visit("/moi-12345.html", hours(400), newsroom="onecms:12345", title="Tựa đã sửa")
    assert store(kept, [first, again])["article/alias"] == 1
    assert rows(kept, "SELECT count(*), max(title) FROM articles") == [(1, "Tựa đã sửa")]


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Một tựa khác hẳn"},
        {"published": "2026-11-01T08:00:00+07:00"},
        {"text": "Tin ngắn."},
    ],
)
def test_a_weekly_notice_or_a_short_text_is_no_alias(kept: Archive, other: dict[str, str]) -> None:
    common = {"published": "2026-11-20T08:00:00+07:00", **({"text": other["text"]} if "text" in other else {})}
    one = visit("/a-1.html", hours(0), **common)
    two = visit("/b-2.html", hours(1), **{**common, **other})
    assert store(kept, [one, two])["article/new"] == 2


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_copies_point_at_the_earliest_in_whatever_order_they_come(tmp_path: Path, order: tuple[int, ...]) -> None:
    printed = ["2026-11-20T08:00:00+07:00", "2026-11-20T09:00:00+07:00", "2026-11-20T10:00:00+07:00"]
    names = ("alpha", "beta", "gamma")
    kept = archive(tmp_path / "archive.db", *map(paper, names))
    visits = [visit("/x-1.html", hours(n), of=name, published=printed[n]) for n, name in enumerate(names)]
    store(kept, [visits[n] for n in order])
    assert rows(kept, "SELECT first_paper, copied_by FROM syndication ORDER BY 2") == [
        ("alpha", "beta"),
        ("alpha", "gamma"),
    ]
    ((first_uid, size),) = rows(kept, "SELECT first_uid, articles FROM stories")
    assert first_uid.startswith("alpha-")
    assert size == 3
    kept.close()


def test_a_copy_of_a_text_edited_since_is_still_found(kept: Archive) -> None:
    counts = store(
        kept,
        [
            visit("/a-1.html", hours(0)),
            visit("/a-1.html", hours(5), text=TEXT + "\nThêm một đoạn mới của tòa soạn."),
            visit("/b-1.html", hours(6), of="beta"),
        ],
    )
    assert counts["article/copied"] == 1


def test_an_article_is_gone_when_two_refusals_lie_twenty_hours_apart(kept: Archive) -> None:
    store(kept, [visit("/a-1.html", hours(0)), refusal("/a-1.html", hours(24)), refusal("/a-1.html", hours(30))])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    assert store(kept, [refusal("/a-1.html", hours(45))])["article/gone"] == 1
    assert rows(kept, "SELECT gone_at FROM gone")[0][0].startswith("2026-11-21T23:00")
    store(kept, [visit("/a-1.html", hours(60))])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]


def test_history_is_the_same_whatever_order_captures_come_in(tmp_path: Path) -> None:
    other = TEXT + "\nĐính chính của tòa soạn."
    story = [
        visit("/a-1.html", hours(0)),
        visit("/a-1.html", hours(3)),
        visit("/a-1.html", hours(6), text=other),
        visit("/a-1.html", hours(9)),
        visit("/a-1.html", hours(12), author="Lò Thị Mai"),
    ]
    told = []
    chance = random.Random(7)
    orders = [list(range(5)), list(range(4, -1, -1)), *(chance.sample(range(5), 5) for _ in range(10))]
    for n, order in enumerate(orders):
        kept = archive(tmp_path / f"{n}.db")
        store(kept, [story[i] for i in order])
        told.append(
            (
                rows(kept, "SELECT kind, seen_at, title, text, facts FROM revision_texts"),
                rows(kept, "SELECT uid, title, author, first_seen, last_seen, revisions, content_sha256 FROM articles"),
                rows(kept, "SELECT text FROM article_text"),
            )
        )
        kept.close()
    assert [kind for kind, *_ in told[0][0]] == ["first", "edit", "edit", "meta"]
    assert all(one == told[0] for one in told)


def test_search_finds_words_typed_without_marks_and_tells_exact_ones(kept: Archive) -> None:
    store(
        kept, [visit("/a-1.html", hours(0)), visit("/b-2.html", hours(0), title="Dương sát", text="Không liên quan.")]
    )
    folded = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    exact = "SELECT count(*) FROM articles_exact WHERE articles_exact MATCH ?"
    assert rows(kept, folded, '"duong sat"') == [(2,)]
    assert rows(kept, exact, '"đường sắt"') == [(1,)]


def test_search_follows_edits(kept: Archive) -> None:
    store(kept, [visit("/a-1.html", hours(0)), visit("/a-1.html", hours(1), text="Văn bản thay thế hoàn toàn.")])
    count = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    assert rows(kept, count, "text:muong") == [(0,)]
    assert rows(kept, count, '"thay the"') == [(1,)]
    for index in ("articles_fts", "articles_exact"):
        rows(kept, f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")


def test_a_page_marked_noarchive_is_kept_but_not_shown(kept: Archive) -> None:
    store(kept, [visit("/a-1.html", hours(0), noarchive=True)])
    assert rows(kept, "SELECT visibility FROM articles") == [("private",)]
    assert rows(kept, "SELECT count(*) FROM front_page") == [(0,)]
    assert rows(kept, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'duong'") == [(0,)]


def test_what_is_read_with_a_batch_that_fails_stays_due(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db", busy_seconds=0.1)
    kept.seed("alpha", [Link("https://alpha.example.vn/", "section")], hours(0), "papers.toml")
    (row,) = kept.frontier.take("alpha", hours(0), 10)
    blocker = archive(tmp_path / "archive.db")
    blocker.db.conn.execute("BEGIN IMMEDIATE")
    kept.submit(Visit(paper="alpha", url=row.url, kind="section", outcome="listing/read", at=hours(0)))
    with pytest.raises(ArchiveError, match="another program"):
        kept.flush()
    blocker.db.conn.execute("ROLLBACK")
    blocker.close()
    assert [r.url for r in kept.frontier.take("alpha", hours(0), 10)] == [row.url]
    kept.flush()
    assert rows(kept, "SELECT state FROM urls") == [("held",)]
    kept.close()


def test_links_are_known_once_and_due_in_their_order(kept: Archive) -> None:
    links = tuple(Link(f"https://alpha.example.vn/tin-{n}.html", "article") for n in (3, 1, 2))
    listing = Visit(
        paper="alpha", url="https://alpha.example.vn/", kind="section", outcome="listing/read", at=hours(0), links=links
    )
    store(kept, [listing, listing])
    due = [row.url for row in kept.frontier.take("alpha", hours(1), 10)]
    assert due == [link.url for link in links]
    assert kept.frontier.take("alpha", hours(1), 10) == []


def test_a_section_is_turned_only_while_it_shows_something_new(kept: Archive) -> None:
    def page(n: int, article: str, at: float) -> Visit:
        return Visit(
            paper="alpha",
            url=f"https://alpha.example.vn/muc?p={n}",
            kind="section",
            outcome="listing/read",
            at=hours(at),
            links=(
                Link(f"https://alpha.example.vn/{article}.html", "article"),
                Link(f"https://alpha.example.vn/muc?p={n + 1}", "section", if_new=True),
            ),
        )

    def turned() -> list[str]:
        return [url[-1] for (url,) in rows(kept, "SELECT url FROM urls WHERE kind = 'section' ORDER BY id")]

    store(kept, [page(1, "a-1", 0)])
    assert turned() == ["1", "2"]
    store(kept, [page(2, "a-1", 0)])
    assert turned() == ["1", "2"]
    store(kept, [page(2, "a-2", 1)])
    assert turned() == ["1", "2", "3"]
    store(kept, [page(3, "a-3", 1)])
    assert turned() == ["1", "2", "3"]


def test_redirects_become_aliases_whichever_end_is_read_first(tmp_path: Path) -> None:
    target = visit("/moi-9.html", hours(1))
    hop = Visit(
        paper="alpha",
        url="https://alpha.example.vn/cu/9",
        kind="article",
        outcome="redirect",
        at=hours(0),
        redirect_to=target.url,
    )
    for n, order in enumerate(([hop, target], [target, hop])):
        kept = archive(tmp_path / f"{n}.db")
        store(kept, order)
        assert rows(kept, "SELECT url, kind FROM aliases") == [("https://alpha.example.vn/cu/9", "redirect")]
        kept.close()


def test_a_redirect_to_another_spelling_is_followed_a_few_times_and_no_more(kept: Archive) -> None:
    loop = Visit(
        paper="alpha",
        url="https://alpha.example.vn/a-1.html",
        kind="article",
        outcome="redirect",
        at=hours(0),
        redirect_to="https://www.alpha.example.vn/a-1.html",
    )
    store(kept, [loop])
    (row,) = kept.frontier.take("alpha", hours(1), 10)
    assert row.url == "https://www.alpha.example.vn/a-1.html"
    for n in range(20):
        store(kept, [loop])
        kept.frontier.put_back()
        if not kept.frontier.take("alpha", hours(n), 10):
            break
    assert rows(kept, "SELECT state, due_at FROM urls") == [("failed", None)]


def test_an_archive_is_made_once_by_whoever_comes_first(tmp_path: Path) -> None:
    place = str(tmp_path / "archive.db")
    opening = "import sys; from pipelines.archive.connection import open_archive; open_archive(sys.argv[1]).close()"
    all_at_once = [
        subprocess.Popen([sys.executable, "-c", opening, place], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in all_at_once] == [("", 0)] * 4


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("CREATE TABLE notes (x)", "no archive of baotinh"),
        (
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('baotinh', 'm999_future', '')",
            "newer",
        ),
    ],
)
def test_a_file_that_is_not_our_archive_is_refused_in_a_sentence(tmp_path: Path, damage: str, says: str) -> None:
    path = tmp_path / "archive.db"
    if "INTO" in damage:
        archive(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(damage)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ArchiveError, match=says):
        archive(path)
    assert path.read_bytes() == before


def test_a_text_file_is_refused_as_no_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_text("không phải cơ sở dữ liệu " * 100)
    with pytest.raises(ArchiveError, match="no SQLite file"):
        archive(tmp_path / "archive.db")


def listing(path: str, at: float, *links: Link, outcome: str = "listing/read", redirect_to: str | None = None) -> Visit:
    return Visit(
        paper="alpha",
        url=f"https://alpha.example.vn{path}",
        kind="section",
        outcome=outcome,
        at=hours(at),
        links=links,
        redirect_to=redirect_to,
    )


def due(of: Archive, at: float) -> list[str]:
    found = [row.url.removeprefix("https://alpha.example.vn") for row in of.frontier.take("alpha", hours(at), 20)]
    of.frontier.put_back()
    return found


def test_a_listing_that_another_leads_to_is_asked_again_in_the_next_crawl(kept: Archive) -> None:
    target = Link("https://alpha.example.vn/trang-chu", "section")
    hop = {"outcome": "redirect", "redirect_to": target.url}
    store(kept, [listing("/", 0, target, **hop), listing("/trang-chu", 0.1)])
    assert due(kept, 1) == []
    store(kept, [listing("/", 24, target, **hop)])
    assert due(kept, 24) == ["/trang-chu"]


def test_an_article_kept_for_later_or_given_up_is_fetched_when_a_listing_shows_it_again(kept: Archive) -> None:
    link = Link("https://alpha.example.vn/cu-1.html", "article")
    store(kept, [listing("/sitemap", 0, Link(link.url, "article", later=True))])
    assert due(kept, 1) == []
    store(kept, [listing("/", 2, link)])
    assert due(kept, 2) == ["/cu-1.html"]
    failed = Visit(paper="alpha", url=link.url, kind="article", outcome="failed", at=hours(2))
    store(kept, [failed])
    assert due(kept, 500) == []
    store(kept, [listing("/", 500, link)])
    assert due(kept, 500) == ["/cu-1.html"]


def test_an_old_capture_read_after_a_new_one_leaves_the_frontier_as_it_is(kept: Archive) -> None:
    store(kept, [visit("/a-1.html", hours(100), tags=("mới",))])
    before = rows(kept, "SELECT state, fetched_at, due_at FROM urls")
    store(kept, [refusal("/a-1.html", hours(10)), visit("/a-1.html", hours(50), tags=("cũ",))])
    assert rows(kept, "SELECT state, fetched_at, due_at FROM urls") == before
    assert rows(kept, "SELECT tag FROM tags") == [("mới",)]
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]


def test_an_article_that_still_stands_at_one_address_is_not_gone(kept: Archive) -> None:
    store(kept, [visit("/a-1.html", hours(0)), visit("/m/a.html", hours(1)), visit("/a-1.html", hours(20))])
    store(kept, [refusal("/m/a.html", hours(25)), refusal("/m/a.html", hours(50))])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    store(kept, [refusal("/a-1.html", hours(60)), refusal("/a-1.html", hours(90))])
    assert rows(kept, "SELECT count(*) FROM gone") == [(1,)]


def test_two_captures_of_one_second_are_two_revisions(kept: Archive) -> None:
    one = visit("/a-12.html", hours(0), newsroom="x:12")
    two = visit("/m/a-12.html", hours(0), newsroom="x:12", text=TEXT + "\nBản di động có thêm một đoạn.")
    store(kept, [one, two])
    assert rows(kept, "SELECT count(*) FROM revisions") == [(2,)]


@pytest.mark.parametrize("bad", [{"title": None}, {"section": "\ud83d"}, {"published": "\ud83d"}])
def test_a_page_that_cannot_be_stored_takes_no_other_with_it_and_is_tried_later(
    kept: Archive, bad: dict[str, str]
) -> None:
    visits = [visit("/a-1.html", hours(0)), visit("/x.html", hours(0), **bad), visit("/b-2.html", hours(0), title="B")]
    store(kept, visits)
    held = {url for (url,) in rows(kept, "SELECT url FROM articles")}
    assert {"https://alpha.example.vn/a-1.html", "https://alpha.example.vn/b-2.html"} <= held
    assert due(kept, 0) == []


def test_a_record_whose_place_is_taken_is_not_called_stored(kept: Archive) -> None:
    one, two = visit("/a-1.html", hours(0)), visit("/b-2.html", hours(5), title="Khác")
    assert one.capture
    assert two.capture
    place = dataclasses.replace(two.capture, warc_offset=one.capture.warc_offset)
    store(kept, [one, dataclasses.replace(two, capture=place)])
    assert rows(kept, "SELECT state FROM urls WHERE url LIKE '%b-2%'") == [("failed",)]


def test_every_hop_of_a_chain_of_redirects_leads_to_the_article(kept: Archive) -> None:
    hops = [
        dataclasses.replace(
            listing(f"/{here}", n, outcome="redirect", redirect_to=f"https://alpha.example.vn/{there}"), kind="article"
        )
        for n, (here, there) in enumerate(itertools.pairwise("abc"))
    ]
    store(kept, [*hops, visit("/c", hours(5))])
    assert [url[-1] for (url,) in rows(kept, "SELECT url FROM aliases ORDER BY url")] == ["a", "b"]


def test_the_first_to_print_is_told_by_the_moment_whatever_zone_it_is_written_in(kept: Archive) -> None:
    store(
        kept,
        [
            visit("/x-1.html", hours(3), of="beta"),
            visit("/x-1.html", hours(4), published="2026-11-21T08:30:00+07:00"),
        ],
    )
    assert rows(kept, "SELECT first_paper FROM syndication") == [("alpha",)]


def test_articles_are_counted_as_they_change(kept: Archive) -> None:
    counted = "SELECT * FROM article_counts ORDER BY paper, span"
    anew = "SELECT * FROM counted_articles ORDER BY paper, span"
    stored = (("/a-1.html", "alpha", "Bến đò."), ("/b-2.html", "beta", "Chợ phiên."), ("/c-3.html", "alpha", "Cầu."))
    for n, (path, of, text) in enumerate(stored):
        store(kept, [visit(path, hours(n), of=of, title=text, text=text, published="2026-11-21")])
    assert rows(kept, "SELECT published, archived FROM article_counts WHERE paper = '' AND span = ''") == [(3, 3)]
    assert rows(kept, counted) == rows(kept, anew)
    changes = (
        "visibility = 'private' WHERE id = 1",
        "published = NULL, published_date = NULL WHERE id = 2",
        "published = '2020-01-02', published_date = '2020-01-02' WHERE id = 3",
        "first_seen = '2020-01-31T20:00:00.000000Z', paper = 'beta' WHERE id = 3",
        "visibility = 'public' WHERE id = 1",
    )
    for change in changes:
        kept.db.conn.execute("UPDATE articles SET " + change)
        assert rows(kept, counted) == rows(kept, anew), change
    assert rows(kept, "SELECT archived FROM article_counts WHERE paper = '' AND span = '2020-02'") == [(1,)]
