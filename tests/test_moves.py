"""One article at several addresses, whichever page or redirect comes in first: moves, canonical names, successors."""

from __future__ import annotations

import dataclasses
import itertools
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database

from crawler.papers import Directory
from crawler.visits import Fetched, judge_response
from pipelines.archive import Archive
from pipelines.archive.connection import stamp
from pipelines.items import Capture, Paper, Template, Visit
from pipelines.migrations import migrations
from pipelines.stages import identified
from tests.crawling import FACTS
from tests.making import TEXT, archive, capture, hours, paper, refusal, rows, store, visit
from tests.moving_paper import page, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

EDITED = TEXT + "\nCập nhật: buổi lễ dời sang tuần sau theo đề nghị của bà con."
LATER = TEXT + "\nCập nhật lần hai: lễ khởi công đã diễn ra sáng nay."
OTHER = "\n".join(f"Vườn ươm {n} của xã Bản Mây năm nay đủ cây giống cho cả ba vụ trồng rừng sắp tới." for n in "ABC")
SHUT = Paper(name="cu", title="Báo Cũ", province="Nghệ An", hosts=("cu.example.vn",), successor="alpha")


def hop(path: str, to: str, at: float, *, moved: bool = True, of: str = "alpha", to_paper: str | None = None) -> Visit:
    """Return the visit of an article's address that redirects."""
    url = f"https://{of}.example.vn{path}"
    return Visit(
        paper=of,
        url=url,
        kind="article",
        outcome="redirect",
        at=hours(at),
        capture=capture(url, hours(at), 301 if moved else 302),
        redirect_to=f"https://{to_paper or of}.example.vn{to}",
        redirect_paper=to_paper,
        moved=moved,
    )


def naming(one: Visit, path: str) -> Visit:
    """Return an article's visit whose page names another address as its own."""
    assert one.article
    return dataclasses.replace(
        one, article=dataclasses.replace(one.article, named=(f"https://{one.paper}.example.vn{path}",))
    )


def facts(of: Archive) -> dict[str, list[Any]]:
    told = {name: rows(of, sql) for name, sql in FACTS.items() if name not in ("captures", "observed")}
    told["shown"] = rows(of, "SELECT uid, url_key, newsroom_id, words, published_date FROM articles ORDER BY uid")
    told["since"] = rows(of, "SELECT url_key, kind, first_seen FROM aliases ORDER BY url_key")
    told["by"] = rows(
        of,
        "SELECT a.uid, c.url, c.fetched_at FROM captures c JOIN articles a ON a.id = c.article_id ORDER BY 3, 2",
    )
    return told


def orders(story: Sequence[Visit], most: int = 9) -> Iterator[list[Visit]]:
    """Give the story in its own order, reversed, and in some of the others."""
    yield list(story)
    yield list(reversed(story))
    others = list(itertools.permutations(story))
    yield from map(list, random.Random(7).sample(others, min(most, len(others))))


def same_in_all_orders(folder: Path, story: Sequence[Visit]) -> Archive:
    """Store the captures in many orders, expect the same facts, and return the archive of their own order."""
    told: list[dict[str, list[Any]]] = []
    for n, order in enumerate(orders(story)):
        kept = archive(folder / f"{n}.db", paper("alpha"), paper("beta"), SHUT)
        kept.db.conn.execute("PRAGMA synchronous = OFF")
        counts = store(kept, order)
        assert "failed" not in counts
        for index in ("articles_fts", "articles_exact"):
            rows(kept, f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        assert rows(kept, "PRAGMA foreign_key_check") == []
        told.append(facts(kept))
        for name, found in told[-1].items():
            assert found == told[0][name], f"{name}, order {[(v.url, str(v.at)) for v in order]}"
        kept.close()
    return archive(folder / "0.db")


def by_number(path: str, at: float, number: str | None, **changes: Any) -> Visit:
    return visit(path, hours(at), newsroom=number, **changes)


STORIES: dict[str, tuple[list[Visit], dict[str, str]]] = {
    "a slug moved for good, its text changed": (
        [visit("/cu.html", hours(0)), hop("/cu.html", "/moi.html", 5), visit("/moi.html", hours(6), text=EDITED)],
        {"/moi.html": "moved"},
    ),
    "moved and read before the redirect was seen": (
        [
            visit("/cu.html", hours(0)),
            visit("/moi.html", hours(90), text=EDITED, title="Tựa đã sửa"),
            visit("/moi.html", hours(99), text=LATER, title="Tựa đã sửa"),
            hop("/cu.html", "/moi.html", 100),
        ],
        {"/moi.html": "moved"},
    ),
    "a chain of two moves": (
        [
            visit("/a.html", hours(0)),
            hop("/a.html", "/b.html", 10),
            visit("/b.html", hours(11), text=EDITED),
            hop("/b.html", "/c.html", 20),
            visit("/c.html", hours(21), text=LATER, author="Lò Thị Mai"),
        ],
        {"/b.html": "moved", "/c.html": "moved"},
    ),
    "a chain whose middle was never read": (
        [
            visit("/a.html", hours(0)),
            hop("/a.html", "/b.html", 10),
            hop("/b.html", "/c.html", 11),
            visit("/c.html", hours(21), text=EDITED),
        ],
        {"/b.html": "moved", "/c.html": "moved"},
    ),
    "another system's number": (
        [
            by_number("/cu-5.html", 0, "vdoc:5"),
            hop("/cu-5.html", "/moi-900.html", 10),
            by_number("/moi-900.html", 12, "onecms:900", text=EDITED),
            by_number("/moi-sua-900.html", 14, "onecms:900", text=EDITED, author="Lò Thị Mai"),
        ],
        {"/moi-900.html": "moved", "/moi-sua-900.html": "newsroom-id"},
    ),
    "small facts of the new address count, and the text goes back and forth": (
        [
            visit("/cu.html", hours(0), section="Thời sự"),
            hop("/cu.html", "/moi.html", 5),
            visit("/moi.html", hours(6), section="Tin tức"),
            visit("/moi.html", hours(8), text=EDITED, section="Tin tức"),
            visit("/moi.html", hours(9), section="Tin tức", tags=("cầu",)),
        ],
        {"/moi.html": "moved"},
    ),
    "an address that was only ever a redirect": (
        [visit("/moi.html", hours(3)), hop("/cu.html", "/moi.html", 1)],
        {"/cu.html": "moved"},
    ),
    "pages that name each other": (
        [
            naming(visit("/a.html", hours(0)), "/in/a.html"),
            naming(visit("/in/a.html", hours(60)), "/a.html"),
            naming(visit("/a.html", hours(90), text=EDITED), "/in/a.html"),
        ],
        {"/in/a.html": "canonical"},
    ),
    "addresses that lead to each other in turn": (
        [
            hop("/b.html", "/a.html", 0),
            visit("/a.html", hours(1)),
            hop("/a.html", "/b.html", 60),
            visit("/b.html", hours(61), text=EDITED),
            hop("/b.html", "/a.html", 90),
        ],
        {"/b.html": "moved"},
    ),
    "a page that names its other address": (
        [
            naming(visit("/in/a.html", hours(60), section="In"), "/a.html"),
            visit("/a.html", hours(0), section="Thời sự"),
            visit("/a.html", hours(200), section="Thời sự", text=EDITED),
        ],
        {"/in/a.html": "canonical"},
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_it_is_one_article_in_whatever_order_its_pages_come(tmp_path: Path, name: str) -> None:
    story, aliases = STORIES[name]
    kept = same_in_all_orders(tmp_path, story)
    first = min((v for v in story if v.article), key=lambda v: v.at)
    assert first.article
    assert rows(kept, "SELECT uid, url FROM articles") == [(first.article.uid, first.url)]
    found = rows(kept, "SELECT url, kind FROM aliases WHERE kind <> 'uid'")
    assert {url.removeprefix("https://alpha.example.vn"): kind for url, kind in found} == aliases
    uids = {v.article.uid for v in story if v.article} - {first.article.uid}
    assert {uid for (uid,) in rows(kept, "SELECT url_key FROM aliases WHERE kind = 'uid'")} == uids
    kept.close()


def test_a_text_printed_under_two_numbers_is_one_article_and_told_once(tmp_path: Path) -> None:
    """A newsroom that lists an article in two sections gives it two numbers."""
    story = [
        by_number(path, day * 24 + n, number)
        for day in range(3)
        for n, (path, number) in enumerate([("/du-lich/a-1.html", "vnpt2:1"), ("/xa-hoi/a-2.html", "vnpt2:2")])
    ]
    kept = same_in_all_orders(tmp_path, story)
    aliases = rows(kept, "SELECT url, kind, first_seen FROM aliases WHERE kind <> 'uid'")
    assert aliases == [("https://alpha.example.vn/xa-hoi/a-2.html", "same-text", stamp(hours(1)))]
    kept.close()
    again = archive(tmp_path / "again.db")
    assert store(again, story) == {**store(again, []), "article/new": 1, "article/alias": 1, "article/same": 4}
    again.close()


SEVERAL: dict[str, list[Visit]] = {
    "a temporary redirect says that the old address stays": [
        visit("/a.html", hours(0)),
        hop("/a.html", "/b.html", 5, moved=False),
        visit("/b.html", hours(6), text=EDITED, title="Bài khác"),
    ],
    "a theme's canonical names another article": [
        naming(visit("/a.html", hours(0)), "/b.html"),
        visit("/b.html", hours(6), text=EDITED, title="Bài khác"),
    ],
    "two numbers of one newsroom, over an address without one": [
        by_number("/a-1.html", 0, "onecms:1"),
        hop("/a-1.html", "/m.html", 5),
        hop("/m.html", "/b-2.html", 6),
        by_number("/b-2.html", 6, "onecms:2", text=EDITED),
    ],
    "two numbers of one newsroom, as the redirect is judged": [
        by_number("/a-1.html", 0, "onecms:1"),
        hop("/a-1.html", "/b-2.html", 5, moved=False),
        by_number("/b-2.html", 6, "onecms:2", text=EDITED),
    ],
}


SEVERAL |= {
    "articles dropped for one notice": [
        visit("/a.html", hours(0)),
        visit("/b.html", hours(60), title="Bài khác", text=OTHER),
        hop("/a.html", "/thong-bao.html", 100),
        hop("/b.html", "/thong-bao.html", 101),
        hop("/c.html", "/thong-bao.html", 102),
        visit("/thong-bao.html", hours(103), title="Thông báo", text="Bài viết không còn. Mời bạn đọc bài khác."),
    ],
}


@pytest.mark.parametrize("name", SEVERAL)
def test_articles_stay_as_many_as_they_are(tmp_path: Path, name: str) -> None:
    kept = same_in_all_orders(tmp_path, SEVERAL[name])
    read = sum(v.article is not None for v in SEVERAL[name])
    assert rows(kept, "SELECT count(*), max(revisions) FROM articles") == [(read, 1)]
    at = "SELECT url_key FROM captures WHERE outcome = 'article'"
    assert rows(kept, f"SELECT count(*) FROM aliases WHERE kind = 'uid' OR url_key IN ({at})") == [(0,)]
    kept.close()


def test_an_address_that_led_elsewhere_for_a_while_has_its_own_article_again(tmp_path: Path) -> None:
    story = [
        hop("/a.html", "/b.html", 0, moved=False),
        visit("/b.html", hours(1), title="Bài khác", text=EDITED),
        visit("/a.html", hours(9)),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT count(*), max(revisions) FROM articles") == [(2, 1)]
    kept.close()


def test_articles_joined_later_lose_no_version_copy_or_story(tmp_path: Path) -> None:
    story = [
        visit("/cu.html", hours(0), published="2026-11-20T08:00:00+07:00"),
        visit("/x.html", hours(4), of="beta", published="2026-11-20T09:00:00+07:00"),
        visit("/moi.html", hours(90), text=EDITED, title="Tựa đã sửa", published="2026-11-20T08:00:00+07:00"),
        visit("/y.html", hours(95), of="beta", text=EDITED, published="2026-11-24T09:00:00+07:00"),
        hop("/cu.html", "/moi.html", 100),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT kind, text FROM revision_texts WHERE paper = 'alpha'") == [
        ("first", TEXT),
        ("edit", EDITED),
    ]
    assert [p for (p,) in rows(kept, "SELECT copied_by FROM syndication")] == ["beta", "beta"]
    assert rows(kept, "SELECT articles FROM stories") == [(3,)]
    assert rows(kept, "SELECT count(*) FROM captures WHERE outcome = 'article' AND article_id IS NULL") == [(0,)]
    kept.close()


def test_an_article_that_vanished_is_there_again_at_another_address(tmp_path: Path) -> None:
    story = [
        by_number("/a-1.html", 0, "onecms:1"),
        refusal("/a-1.html", hours(30)),
        refusal("/a-1.html", hours(55)),
        by_number("/a-moi-1.html", 60, "onecms:1"),
    ]
    kept = archive(tmp_path / "archive.db")
    store(kept, story[:3])
    assert rows(kept, "SELECT count(*) FROM gone") == [(1,)]
    store(kept, story[3:])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    kept.close()
    same_in_all_orders(tmp_path, story).close()


def test_what_leads_elsewhere_is_not_said_to_be_gone(tmp_path: Path) -> None:
    story = [
        visit("/a.html", hours(0)),
        refusal("/a.html", hours(30)),
        refusal("/a.html", hours(55)),
        hop("/a.html", "/b.html", 60, moved=False),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT gone_at FROM articles") == [(None,)]
    kept.close()


def test_tags_and_images_are_those_of_the_newest_page_that_counts(tmp_path: Path) -> None:
    story = [
        visit("/a.html", hours(0), tags=("cầu",), section="Thời sự"),
        visit("/in/a.html", hours(1), section="In"),
    ]
    for n, order in enumerate(itertools.permutations(story)):
        kept = archive(tmp_path / f"{n}.db")
        store(kept, order)
        assert rows(kept, "SELECT tag FROM tags") == [("cầu",)]
        kept.close()


COPIED = {
    "a paper prints one text twice": [
        visit("/a.html", hours(0), title="Tựa một"),
        visit("/b.html", hours(120), of="beta"),
        visit("/c.html", hours(300), title="Tựa hai"),
    ],
    "the first to print it prints another": [
        visit("/b.html", hours(0), of="beta"),
        visit("/a.html", hours(4)),
        visit("/b.html", hours(200), of="beta", text=OTHER, published="2026-11-29T08:00:00+07:00"),
    ],
    "what was printed before comes in later": [
        visit("/a.html", hours(0), text=OTHER),
        visit("/b.html", hours(4), of="beta"),
        visit("/a.html", hours(120)),
    ],
}


@pytest.mark.parametrize("name", COPIED)
def test_a_story_is_the_articles_that_were_copied_in_whatever_order_they_come(tmp_path: Path, name: str) -> None:
    kept = same_in_all_orders(tmp_path, COPIED[name])
    first = COPIED[name][0].article
    assert first
    assert rows(kept, "SELECT first_uid, articles FROM stories") == [(first.uid, 2)]
    kept.close()


def test_a_moved_article_is_gone_when_its_new_address_is(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    store(kept, [visit("/cu.html", hours(0)), hop("/cu.html", "/moi.html", 5), visit("/moi.html", hours(6))])
    store(kept, [refusal("/moi.html", hours(30)), refusal("/moi.html", hours(55))])
    assert rows(kept, "SELECT gone_at FROM gone")[0][0].startswith("2026-11-22T05:00")
    kept.close()


@pytest.mark.parametrize(
    ("changes", "articles"),
    [
        ({"text": EDITED}, [("cu", 2)]),
        ({"title": "Tựa của báo mới"}, [("cu", 2)]),
        ({"title": "Bài khác", "text": EDITED}, [("alpha", 1), ("cu", 1)]),
    ],
)
def test_an_article_moved_to_the_successor_stays_the_closed_papers(
    tmp_path: Path, changes: dict[str, str], articles: list[tuple[str, int]]
) -> None:
    story = [
        visit("/bai-1.html", hours(0), of="cu"),
        hop("/bai-1.html", "/tin/bai.html", 50, of="cu", to_paper="alpha"),
        visit("/tin/bai.html", hours(60), **changes),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT paper, revisions FROM articles ORDER BY paper") == articles
    assert rows(kept, "SELECT url, kind, paper FROM aliases WHERE kind <> 'uid'") == (
        [("https://alpha.example.vn/tin/bai.html", "moved", "alpha")] if len(articles) == 1 else []
    )
    kept.close()


def test_a_move_to_the_successor_over_an_address_that_was_never_read(tmp_path: Path) -> None:
    story = [
        visit("/bai-1.html", hours(0), of="cu"),
        hop("/bai-1.html", "/tin/bai.html", 50, of="cu"),
        hop("/tin/bai.html", "/tin/bai-cu.html", 51, of="cu", to_paper="alpha"),
        visit("/tin/bai-cu.html", hours(60), text=EDITED),
    ]
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT paper, revisions FROM articles") == [("cu", 2)]
    kept.close()


@pytest.mark.parametrize(("title", "articles"), [("Tựa đã sửa", [("cu", 2)]), ("Bài khác", [("alpha", 1), ("cu", 1)])])
def test_an_address_on_a_host_left_to_the_successor(
    tmp_path: Path, title: str, articles: list[tuple[str, int]]
) -> None:
    """The same page, fetched for the closed paper and later for the one that has its host now."""
    old = visit("/tin/bai-1.html", hours(0), of="cu", title="Tựa đã sửa")
    url = old.url
    made = visit("/tin/bai-1.html", hours(900), title=title, text=EDITED)
    assert made.article
    new = dataclasses.replace(
        made, url=url, capture=capture(url, made.at), article=identified(
            dataclasses.replace(made.article, uid=""), "alpha", url
        )
    )  # fmt: skip
    kept = same_in_all_orders(tmp_path, [old, new])
    assert rows(kept, "SELECT paper, revisions FROM articles ORDER BY paper") == articles
    kept.close()


def test_an_archive_of_before_knows_its_redirects(tmp_path: Path) -> None:
    story = [
        visit("/a.html", hours(0)),
        hop("/cu.html", "/a.html", 5),
        hop("/tam.html", "/a.html", 6, moved=False),
        by_number("/du-lich/b-1.html", 7, "vnpt2:1", title="Bài khác", text=OTHER),
        by_number("/xa-hoi/b-2.html", 8, "vnpt2:2", title="Bài khác", text=OTHER),
    ]
    made = archive(tmp_path / "made.db")
    store(made, story)
    made.close()
    old = as_before(tmp_path / "made.db", tmp_path / "old.db")
    assert rows(old, "PRAGMA foreign_key_check") == []
    kinds = "SELECT url, kind FROM aliases WHERE kind <> 'uid' ORDER BY url"
    assert [(url.rpartition("/")[2], kind) for url, kind in rows(old, kinds)] == [
        ("cu.html", "moved"), ("tam.html", "redirect"), ("b-2.html", "same-text")
    ]  # fmt: skip
    later = [by_number("/xa-hoi/b-2.html", 90, "vnpt2:2", title="Bài khác", text=OTHER + "\nThêm một dòng.")]
    assert store(old, later)["article/revised"] == 1
    assert rows(old, "SELECT count(*) FROM articles") == [(2,)]
    old.close()


def as_before(made: Path, old: Path) -> Archive:
    """Open an archive that holds what ``made`` does and was of the schema before pointers were kept."""
    db = Database(old)
    migrations.apply(db, stop_before="m008_moves")
    db.attach("made", made)
    with db.conn:
        for table in ("papers", "stories", "articles", "article_text", "captures", "revisions", "urls", "aliases"):
            columns = ", ".join(f'"{c.name}"' for c in db[table].columns)
            source = f"made.{table}"
            if table == "aliases":
                source = "(SELECT *, iif(kind = 'moved', 'redirect', kind) AS k FROM made.aliases WHERE kind <> 'uid')"
            chosen = columns.replace('"kind"', "k") if table == "aliases" else columns
            db.conn.execute(f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {source}")
    db.close()
    return Archive(old, extractor="test/1")


def test_the_successor_fetches_what_the_closed_paper_redirects_to(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db", paper("alpha"), SHUT)
    store(kept, [hop("/bai-1.html", "/tin/bai.html", 0, of="cu", to_paper="alpha")])
    assert [row.url for row in kept.frontier.take("alpha", hours(1), 5)] == ["https://alpha.example.vn/tin/bai.html"]
    assert kept.frontier.take("cu", hours(1), 5) == []
    kept.close()


def test_a_number_whose_system_got_a_name_later_is_the_same_article(tmp_path: Path) -> None:
    """As in a replay whose WARC files say the uid of then, while papers.toml names the system today."""
    then = by_number("/cu-5.html", 0, "alpha:5")
    assert then.article
    named = dataclasses.replace(then, article=dataclasses.replace(then.article, newsroom="vdoc:5"))
    kept = same_in_all_orders(tmp_path, [named, by_number("/moi-5.html", 9, "vdoc:5", text=EDITED)])
    assert rows(kept, "SELECT uid, newsroom_id, revisions FROM articles") == [(then.article.uid, "vdoc:5", 2)]
    kept.close()


def _unchanged(path: str, at: float) -> Visit:
    url = f"https://alpha.example.vn{path}"
    answer = Capture(url, hours(at), 304, warc_file="alpha/x.warc.gz", warc_offset=int(at * 1000), record="revisit")
    return Visit(paper="alpha", url=url, kind="article", outcome="unchanged", at=hours(at), capture=answer)


def test_not_modified_says_what_its_own_address_showed(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    store(
        kept,
        [
            visit("/cu.html", hours(0)),
            visit("/moi.html", hours(90), text=EDITED, title="Tựa đã sửa"),
            _unchanged("/cu.html", 95),
            hop("/cu.html", "/moi.html", 100),
        ],
    )
    # The old page stood unchanged beside the new one: both versions were there in turn.
    assert [kind for (kind,) in rows(kept, "SELECT kind FROM revisions ORDER BY seen_at")] == ["first", "edit", "edit"]
    assert rows(kept, "SELECT title FROM articles") == [("Khởi công tuyến đường sắt vùng cao",)]
    kept.close()


MOVING = Paper(
    name="alpha",
    title="Báo Alpha",
    province="Nghệ An",
    hosts=("alpha.example.vn", "alpha.example.com.vn", "m.alpha.example.vn"),
    template="onecms",
    article=(
        re.compile(r"-(?:post)?(?P<id>\d{5,})\.html$"),
        re.compile(r"/(?P<vdoc>\d+)/[a-z-]+\.htm$"),
        re.compile(r"^/bai/[a-z-]+\.htm$"),
    ),
)
CLOSED = dataclasses.replace(MOVING, name="cu", hosts=("cu.example.vn",), successor="giua")
BETWEEN = dataclasses.replace(MOVING, name="giua", hosts=("giua.example.vn",), successor="alpha")
ALL = Directory({p.name: p for p in (MOVING, CLOSED, BETWEEN)}, {"onecms": Template("onecms")})
HERE = "https://alpha.example.vn"


def answered(url: str, of: Paper = MOVING, **facts: Any) -> Visit:
    return judge_response(Fetched(url, at=hours(0), **{"body": b"", **facts}), of, ALL, "article")


@pytest.mark.parametrize(
    ("source", "status", "target", "outcome", "moved", "owner"),
    [
        ("/bai/cau.htm", 301, f"{HERE}/cau-post12345.html", "redirect", True, None),
        ("/bai/cau.htm", 308, "http://alpha.example.com.vn/cau-12345.html", "redirect", True, None),
        ("/bai/cau.htm", 302, f"{HERE}/cau-post12345.html", "redirect", False, None),
        ("/bai/cau.htm", 307, f"{HERE}/cau-post12345.html", "redirect", False, None),
        ("/a-12345.html", 301, f"{HERE}/b-12346.html", "redirect", False, None),
        ("/9/a.htm", 301, f"{HERE}/b-12346.html", "redirect", True, None),
        ("/bai/cau.htm", 301, f"{HERE}/", "refused", False, None),
        ("/bai/cau.htm", 301, f"{HERE}/thoi-su", "refused", False, None),
        ("/bai/cau.htm", 301, "https://khac.example.vn/cau-post12345.html", "failed", False, None),
    ],
)
def test_what_a_redirect_of_an_article_says(
    source: str, status: int, target: str, outcome: str, moved: bool, owner: str | None
) -> None:
    visit = answered(HERE + source, status=status, location=target)
    assert (visit.outcome, visit.moved, visit.redirect_paper) == (outcome, moved, owner)


@pytest.mark.parametrize(
    ("target", "outcome", "owner"),
    [
        ("https://giua.example.vn/cau-12345.html", "redirect", "giua"),
        (f"{HERE}/cau-12345.html", "redirect", "alpha"),
        (f"{HERE}/", "refused", None),
        ("https://khac.example.vn/cau-12345.html", "failed", None),
    ],
)
def test_a_closed_papers_redirect_to_those_that_came_after_it(target: str, outcome: str, owner: str | None) -> None:
    visit = answered("https://cu.example.vn/bai/cau.htm", CLOSED, status=301, location=target)
    assert (visit.outcome, visit.redirect_paper, visit.links) == (outcome, owner, ())


@pytest.mark.parametrize(
    ("url", "canonical", "named"),
    [
        (f"{HERE}/bai/cau.htm", f"{HERE}/cau-post12345.html", True),
        ("http://m.alpha.example.vn/bai/cau.htm", f"{HERE}/bai/cau.htm", True),
        (f"{HERE}/9/cau.htm", "https://alpha.example.com.vn/cau-12345.html", True),
        (f"{HERE}/bai/cau.htm", "http://www.alpha.example.vn/bai/cau.htm?utm_source=x", False),
        (f"{HERE}/bai/cau.htm", f"{HERE}/", False),
        (f"{HERE}/bai/cau.htm", f"{HERE}/thoi-su", False),
        (f"{HERE}/bai/cau.htm", "https://khac.example.vn/bai/cau.htm", False),
        (f"{HERE}/cau-12345.html", f"{HERE}/cho-12346.html", False),
    ],
)
@pytest.mark.parametrize("by", ["canonical", "og:url"])
def test_which_address_a_page_may_name_as_its_own(url: str, canonical: str, named: bool, by: str) -> None:
    html = page(0, url if by == "og:url" else canonical)
    if by == "og:url":
        html = html.replace("<head>", f'<head><meta property="og:url" content="{canonical}">')
    visit = answered(url, status=200, body=html.encode(), content_type="text/html; charset=utf-8")
    assert visit.article
    assert visit.article.reading.title == title(0)
    assert visit.article.named == ((canonical,) if named else ())


@pytest.mark.parametrize(
    "urls",
    [
        ("https://alpha.example.vn/cau-post12345.html", "https://alpha.example.com.vn/cau-moi-12345.html"),
        ("http://www.alpha.example.com.vn/cau-12345.html", "https://m.alpha.example.vn/x-post12345.html?zarsrc=1"),
    ],
)
def test_a_number_in_another_form_and_on_another_host_is_the_same_article(
    tmp_path: Path, urls: tuple[str, ...]
) -> None:
    story = []
    for n, url in enumerate(urls):
        told = answered(url, status=200, body=page(n, url).encode(), content_type="text/html; charset=utf-8")
        assert told.article
        at = hours(n * 100)
        article = identified(told.article, "alpha", url)
        story.append(dataclasses.replace(told, at=at, capture=capture(url, at), article=article))
    kept = same_in_all_orders(tmp_path, story)
    assert rows(kept, "SELECT url, newsroom_id, revisions FROM articles") == [(urls[0], "onecms:12345", 2)]
    assert rows(kept, "SELECT url, kind FROM aliases") == [(urls[1], "newsroom-id")]
    kept.close()


def test_a_former_systems_number_is_another_number(tmp_path: Path) -> None:
    one = by_number("/12345/cau.htm", 0, "vdoc:12345")
    two = by_number("/cho-12345.html", 200, "onecms:12345", title="Bài khác", text=EDITED)
    kept = same_in_all_orders(tmp_path, [one, two])
    assert rows(kept, "SELECT count(*) FROM articles") == [(2,)]
    kept.close()


@pytest.mark.parametrize("seed", range(6))
def test_any_captures_and_redirects_in_any_order_come_to_the_same(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    story: list[Visit] = []
    for n in range(6):
        here, there = chance.sample(["/a.html", "/b.html", "/c.html", "/d.html"], 2)
        at = n * 60 + chance.randint(0, 5)
        if chance.random() < 0.4:
            story.append(hop(here, there, at, moved=chance.random() < 0.7))
            continue
        facts: dict[str, Any] = {
            "title": chance.choice(["Tựa một", "Tựa hai"]),
            "section": chance.choice([None, "Thời sự", "Tin tức"]),
        }
        read = visit(here, hours(at), text=chance.choice([TEXT, EDITED, LATER]), **facts)
        story.append(naming(read, there) if chance.random() < 0.3 else read)
    same_in_all_orders(tmp_path, story).close()


def test_columns_that_keep_their_title_are_articles_of_their_own(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    early = {"title": "Giá vàng hôm nay", "published": "2026-11-20T08:00:00+07:00", "text": TEXT}
    late = {"title": "Giá vàng hôm nay", "published": "2026-12-20T08:00:00+07:00", "text": OTHER}
    store(
        kept, [visit("/gia-vang", hours(0), **early), naming(visit("/gia-vang-moi", hours(700), **late), "/gia-vang")]
    )
    store(kept, [hop("/gia-vang", "/gia-vang-moi", 800)])
    assert rows(kept, "SELECT count(*) FROM articles") == [(2,)]
    kept.close()


def test_an_article_dropped_by_a_redirect_to_another_is_gone(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    store(kept, [visit("/a-1.html", hours(0)), visit("/tb-2.html", hours(1), title="Thông báo", text=OTHER)])
    store(kept, [hop("/a-1.html", "/tb-2.html", 10)])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    store(kept, [hop("/a-1.html", "/tb-2.html", 40)])
    assert rows(kept, "SELECT title FROM gone") == [("Khởi công tuyến đường sắt vùng cao",)]
    store(kept, [visit("/a-1.html", hours(60))])
    assert rows(kept, "SELECT count(*) FROM gone") == [(0,)]
    kept.close()
