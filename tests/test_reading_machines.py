"""What programs read of an archive: feeds, sitemaps, canned queries; and what the server tells of itself."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette
from datasette.utils.sqlite import sqlite3 as datasette_sqlite3

from browse.atom import Entry, Feed, atom
from browse.closed import bounded, handle_exception
from browse.queries import queries
from browse.timeline import timeline
from crawler.papers import provinces
from pipelines.archive import Archive, open_archive
from pipelines.archive.connection import transaction
from pipelines.archive.takedowns import follow, held
from pipelines.hidings import Hiding
from tests.test_browse import HARVEST, NOW, PAPERS, Site, fill, made, site, visit
from tests.test_search import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["made", "site"]

A = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/feed.atom", "/p/baosong/feed.atom", "/province/thanh-hoa/feed.atom", "/search.atom?q=duong+sat")


def asked(site: Site, path: str, **headers: str) -> Any:
    """Return the answer to a GET with these headers (``_`` for ``-``)."""
    return asyncio.run(site.datasette.client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()}))


def entries(site: Site, path: str) -> list[ET.Element]:
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content).findall(f"{A}entry")


def names(found: list[ET.Element]) -> list[str]:
    return [str(one.findtext(f"{A}id")).rpartition("/")[2] for one in found]


def assert_follows_rfc_4287(document: bytes) -> None:
    """Hold a feed against what RFC 4287, 4.1.1 and 4.1.2, asks of it."""
    feed = ET.fromstring(document)
    for element in [feed, *feed.findall(f"{A}entry")]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{A}{name}")) == 1
        assert re.fullmatch(r"tag:[\w.]+,2026:\S+", element.findtext(f"{A}id") or "")
        at = datetime.fromisoformat(element.findtext(f"{A}updated") or "")
        assert at.tzinfo
        links = [link for link in element.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert [(link.get("type"), (link.get("href") or "")[:7]) for link in links] == [("text/html", "http://")]
    for entry in feed.findall(f"{A}entry"):
        assert all(author.findtext(f"{A}name") for author in entry.findall(f"{A}author"))
        assert entry.findall(f"{A}author")
        assert all(category.get("term") for category in entry.findall(f"{A}category"))
        if published := entry.findtext(f"{A}published"):
            assert datetime.fromisoformat(published).tzinfo


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_valid_and_says_where_it_is(site: Site, path: str) -> None:
    answer = site.get(path)
    assert_follows_rfc_4287(answer.content)
    links = {link.get("rel"): link.get("href") for link in ET.fromstring(answer.content).findall(f"{A}link")}
    assert links["self"] == f"http://localhost{path}"


def test_an_entry_tells_who_wrote_it_when_it_was_edited_and_where_it_stands(site: Site) -> None:
    entry = next(one for one in entries(site, "/feed.atom") if site.uid["railway"] in str(one.findtext(f"{A}id")))
    assert entry.findtext(f"{A}id") == f"tag:baotinh,2026:a/{site.uid['railway']}"
    assert entry.findtext(f"{A}title") == "Khởi công đường sắt ven sông dài 12 km"
    assert entry.findtext(f"{A}summary") == "Sáng nay, tuyến đường sắt dài 12 km được khởi công."
    assert entry.findtext(f"{A}author/{A}name") == "Trần Thị Bến"
    assert datetime.fromisoformat(str(entry.findtext(f"{A}updated"))) == NOW + timedelta(days=1)
    assert entry.findtext(f"{A}published") == "2026-11-24T06:30:00+07:00"
    links = {link.get("rel"): link.get("href") for link in entry.findall(f"{A}link")}
    assert links == {
        "alternate": f"http://localhost/a/{site.uid['railway']}",
        "via": "https://baosong.example/tau-hoa-100.html",
    }
    assert [one.get("term") for one in entry.findall(f"{A}category")] == ["Thời sự", "khởi công", "đường sắt"]


def test_an_article_without_byline_is_its_paper_s_and_a_day_begins_at_midnight(site: Site) -> None:
    entry = next(
        one for one in entries(site, "/p/baonui/feed.atom") if site.uid["harvest"] in str(one.findtext(f"{A}id"))
    )
    assert entry.findtext(f"{A}author/{A}name") == "Báo Núi"
    assert entry.findtext(f"{A}published") == "2026-11-23T00:00:00+07:00"
    assert str(entry.findtext(f"{A}summary")).startswith("Bà con gặt lúa.")


def test_feeds_hold_the_newest_first_and_what_they_are_of(site: Site) -> None:
    uid = site.uid
    assert names(entries(site, "/feed.atom")) == [uid["copy"], uid["railway"], uid["harvest"]]
    assert names(entries(site, "/p/baonui/feed.atom")) == [uid["copy"], uid["harvest"]]
    assert names(entries(site, "/province/lai-chau/feed.atom")) == [uid["copy"], uid["harvest"]]
    assert names(entries(site, "/search.atom?q=duong+sat&paper=baosong")) == [uid["railway"]]
    assert names(entries(site, "/search.atom?q=&author=" + quote("Trần Thị Bến"))) == [uid["copy"], uid["railway"]]
    assert entries(site, "/search.atom") == []


def test_a_former_province_has_a_feed_that_says_what_it_is_part_of_today(site: Site) -> None:
    feed = ET.fromstring(site.get("/province/bac-giang/feed.atom").content)
    assert feed.findtext(f"{A}title") == "Bắc Giang (nay thuộc Bắc Ninh) · Kho báo tỉnh"


@pytest.mark.parametrize("path", ["/p/khong/feed.atom", "/province/khong/feed.atom"])
def test_there_is_no_feed_of_what_there_is_not(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


def test_a_feed_that_did_not_change_is_not_sent_again(site: Site) -> None:
    first = site.get("/feed.atom")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    assert modified == "Wed, 25 Nov 2026 03:00:00 GMT"
    for headers in ({"if_none_match": etag}, {"if_none_match": f'"x", W/{etag}'}, {"if_modified_since": modified}):
        again = asked(site, "/feed.atom", **headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    for headers in (
        {"if_none_match": '"x"', "if_modified_since": modified},
        {"if_modified_since": "Tue, 24 Nov 2026 03:00:00 GMT"},
        {"if_modified_since": "gestern"},
    ):
        assert asked(site, "/feed.atom", **headers).status_code == 200


def test_no_feed_shows_what_is_private_or_was_taken_down(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    uids = fill(path)
    with contextlib.closing(open_archive(path)) as db, transaction(db):
        (article,) = held(db, uids["railway"])
        follow(db, [Hiding(article.uid, article.url, NOW, "hidden", "Người trong bài yêu cầu")])
    site = Site(path, uids)
    for feed in (*FEEDS, "/p/baonui/feed.atom"):
        told = site.get(feed).text
        assert uids["private"] not in told
        assert "uyệt mật" not in told
        assert uids["railway"] not in told
    assert uids["copy"] in site.get("/search.atom?q=duong+sat").text


def test_a_feed_is_well_formed_whatever_a_paper_wrote() -> None:
    wild = "a\x00b\x0b\x1b <script>&\ud800\ufffe ]]> \U0001f33e"
    entry = Entry(
        "a/x", wild, "2026-11-24T03:00:00Z", None, (wild,), wild, "http://h/a/x", f"http://h/{wild}", ((wild, "tag"),)
    )
    document = atom(Feed("feed", wild, "http://h/", "http://h/feed.atom", (entry,)))
    assert_follows_rfc_4287(document)
    assert ET.fromstring(document).findtext(f"{A}entry/{A}title") == "ab <script>& ]]> \U0001f33e"


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_sign_breaks_a_feed(site: Site, typed: str) -> None:
    for address in (
        f"/search.atom?q={quote(typed)}&author={quote(typed)}&from={quote(typed)}",
        f"/search.atom?{quote(typed)}",
    ):
        answer = site.get(address)
        assert answer.status_code == 200
        assert_follows_rfc_4287(answer.content)


def test_pages_name_their_feeds(site: Site) -> None:
    for page in ("/", f"/a/{site.uid['railway']}", "/archive/papers"):
        assert (
            'rel="alternate" type="application/atom+xml" title="Kho báo tỉnh" href="/feed.atom"' in site.get(page).text
        )
    assert (
        'href="/search.atom?q=duong+sat&amp;paper=baosong"' in site.get("/search?q=duong+sat&paper=baosong&page=2").text
    )


def test_hits_are_narrowed_by_who_wrote_and_drawn_over_time(site: Site) -> None:
    found = site.get("/search.json?q=duong").json()
    assert found["counts"]["author"] == {"Trần Thị Bến": 2}
    assert found["over_time"] == {"2026-11-23": 1, "2026-11-24": 2}
    page = site.get("/search?q=duong").text
    assert 'role="img"' in page
    assert "from=2026-11-23&amp;to=2026-11-23" in page
    assert "author=Tr%E1%BA%A7n" not in page  # one author alone narrows nothing
    narrowed = site.get("/search?q=duong&author=" + quote("Trần Thị Bến")).text
    assert "Tác giả · author: Trần Thị Bến ×" in narrowed


def test_a_timeline_has_a_bar_a_day_a_month_or_a_year_by_how_far_it_reaches() -> None:
    drawn = timeline({"2026-09-10": 2, "2026-11-01": 3, "2026-11-02": 1, "junk": 9, "2026-13-01": 9})
    assert [(bar.span, bar.hits, bar.height) for bar in drawn.bars] == [
        ("2026-09", 2, 40),
        ("2026-10", 0, 0),
        ("2026-11", 4, 80),
    ]
    assert drawn.summary == ("2026-09", "2026-11", "2026-11")
    drawn = timeline({"2009-01-21": 1, "2026-11-01": 3})
    assert (len(drawn.bars), drawn.bars[0].span, drawn.unit) == (18, "2009", "year")
    drawn = timeline({"2026-10-31": 1, "2026-11-02": 3})
    assert [bar.span for bar in drawn.bars] == ["2026-10-31", "2026-11-01", "2026-11-02"]
    assert timeline({}).bars == ()


OWNER = {"id": "root"}
INTERNALS = (
    "databases", "threads", "plugins", "metadata", "settings", "config", "versions", "permissions", "allow-debug",
    "messages", "patterns",
)  # fmt: skip


@pytest.mark.parametrize("page", INTERNALS)
def test_the_server_tells_strangers_nothing_of_itself(site: Site, made: tuple[Path, dict[str, str]], page: str) -> None:
    for form in ("", ".json"):
        answer = site.get(f"/-/{page}{form}")
        assert answer.status_code == 403
        assert str(made[0].parent) not in answer.text
    assert site.get(f"/-/{page}", OWNER).status_code in (200, 302, 301)


def test_the_operator_s_allowed_and_what_is_public_stay_open(site: Site) -> None:
    assert site.get("/-/actor.json").json() == {"actor": None}
    assert site.get("/-/static/app.css").status_code == 200


def test_every_answer_says_how_it_may_run(site: Site) -> None:
    for path in (
        "/",
        "/archive/articles",
        "/archive/articles.json",
        "/search?q=x",
        "/feed.atom",
        "/none",
        "/-/threads",
    ):
        headers = site.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; img-src 'self' data:;")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"]


def test_another_database_alone_keeps_datasette_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE notes (title TEXT, published TEXT)")
        db.execute("INSERT INTO notes VALUES ('a', '2026-11-24T01:30:00Z')")
        db.commit()
    site = Site(path, {})
    assert site.get("/-/databases.json").status_code == 200
    assert "content-security-policy" not in site.get("/").headers
    assert "2026-11-24T01:30:00Z" in site.get("/notes/notes").text


def test_tables_show_vietnam_s_time_and_their_json_the_stored_one(site: Site) -> None:
    page = site.get("/archive/articles").text
    assert '<time datetime="2026-11-24T06:30:00+07:00">06:30, 24/11/2026</time>' in page
    assert ">2026-11-24T06:30" not in page
    assert site.rows("/archive/articles.json?_shape=objects")[0]["published"] == "2026-11-24T09:00:00+07:00"
    assert "2026-11-24T06:30:00+07:00" in site.get("/archive/articles.csv").text


def test_a_table_of_articles_begins_with_titles_not_with_row_numbers(site: Site) -> None:
    page = site.get("/archive/articles").text
    assert re.findall(r'<th [^>]*data-column="(\w+)"', page)[:3] == ["title", "paper", "section"]
    assert "col-id" not in page
    assert site.rows("/archive/articles.json?_shape=objects")[0]["id"]


def test_a_long_text_is_cut_in_a_table_and_whole_in_its_json(site: Site) -> None:
    page = site.get("/archive/revision_texts?_all=on").text
    assert "Câu thứ 8 kể" not in page
    assert "Câu thứ 8 kể" in site.rows("/archive/revision_texts.json?_shape=objects")[1]["text"]


def test_a_changed_article_leads_to_what_changed_and_health_is_said_in_vietnamese(site: Site) -> None:
    assert f'<a href="/a/{site.uid["railway"]}/diff"><time' in site.get("/archive/changed").text
    assert 'chưa lấy lần nào · <span lang="en">unknown</span>' in site.get("/archive/health").text


@pytest.mark.parametrize("query", ["_timelimit=x", "%5Ftimelimit=x", "_timelimit=-1", "_timelimit="])
def test_a_time_limit_that_is_none_is_no_mistake(site: Site, query: str) -> None:
    for page in ("articles", "most_revised"):
        assert site.get(f"/archive/{page}?{query}").status_code == 200


def test_no_more_facets_are_counted_at_once_than_are_bearable() -> None:
    asked_for = b"&".join(b"_facet=c%d" % n for n in range(40)) + b"&_facet_size=5&_sort=id"
    assert bounded(b"_facet=%7B%7Bx&_facet=paper&_size=1") == b"_facet=paper&_size=1"
    assert bounded(asked_for) == b"&".join(b"_facet=c%d" % n for n in range(6)) + b"&_facet_size=5&_sort=id"


@pytest.mark.parametrize("name", queries())
def test_strangers_may_ask_the_questions_that_are_ready(site: Site, name: str) -> None:
    for form in ("", ".json", ".csv"):
        for given in ("", "?paper=baosong&province=thanh+hoa&at_least=0.5", "?paper='%22&province=%00&at_least=x"):
            answer = site.get(f"/archive/{name}{form}{given}")
            assert answer.status_code == 200, answer.text
            assert "uyệt mật" not in answer.text
    assert queries()[name]["title"] in site.get("/archive").text.replace("&#39;", "'")
    assert site.get("/archive.json?sql=select+1").status_code == 403
    assert site.get(f"/archive/{name}.json?sql=select+text+from+article_text").json().get("rows") is not None


def test_the_questions_are_answered(site: Site) -> None:
    revised = site.rows("/archive/most_revised.json?_shape=objects")
    assert [(row["uid"], row["edits"]) for row in revised] == [(site.uid["railway"], 1)]
    share = site.rows("/archive/agency_share.json?_shape=objects&paper=baonui")
    assert {(row["month"], row["source"], row["share"]) for row in share} == {
        ("2026-11", "Báo Sông", 0.5),
        ("2026-11", "", 0.5),
    }
    for typed in ("Lai Châu", "lai chau", "LAI CHAU"):
        of_province = site.rows("/archive/former_province.json?_shape=objects&province=" + quote(typed))
        assert [row["uid"] for row in of_province] == [site.uid["copy"], site.uid["harvest"]]
    assert site.rows("/archive/former_province.json?_shape=objects")


def test_months_without_articles_are_told(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive = Archive(path, extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    for n, month in enumerate(("2026-07", "2026-10")):
        reading = replace(HARVEST, url=f"https://baonui.example/l-{n}.html", text=f"Lúa {n}", published=f"{month}-05")
        one = visit("baonui", reading, NOW + timedelta(minutes=n))
        assert one.capture is not None
        archive.record("baonui", one.capture)
        archive.submit(one)
    archive.close()
    told = Site(path, {}).rows("/archive/missing_months.json?_shape=objects")
    assert told == [{"paper": "baonui", "month": "2026-09"}, {"paper": "baonui", "month": "2026-08"}]


S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_sitemap_names_every_public_article_and_when_it_changed(site: Site) -> None:
    answer = site.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    told = {one.findtext(f"{S}loc"): one.findtext(f"{S}lastmod") for one in ET.fromstring(answer.content)}
    assert set(told) == {f"http://localhost/a/{site.uid[name]}" for name in ("railway", "harvest", "copy")}
    assert str(told[f"http://localhost/a/{site.uid['railway']}"]).startswith("2026-11-25T03:00")
    assert asked(site, "/sitemap.xml", if_none_match=answer.headers["etag"]).status_code == 304
    assert site.get("/sitemap-1.xml").content == answer.content
    assert [site.get(f"/sitemap-{n}.xml").status_code for n in (0, 2, 99999)] == [404] * 3


def test_many_articles_make_an_index_of_sitemaps(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("browse.sitemap.PART", 2)
    index = ET.fromstring(site.get("/sitemap.xml").content)
    assert index.tag == f"{S}sitemapindex"
    parts = [str(one.findtext(f"{S}loc")) for one in index]
    assert parts == ["http://localhost/sitemap-1.xml", "http://localhost/sitemap-2.xml"]


def test_robots_are_told_where_the_sitemap_is_and_what_has_no_end(site: Site) -> None:
    told = site.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in told
    for rule in ("Allow: /\n", "Disallow: /-/\n", "Disallow: /archive/\n", "Disallow: /search\n"):
        assert rule in told


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        ({}, "chưa ghi địa chỉ liên hệ"),
        ({"plugins": {"baotinh": {"contact": "kho@baotinh.example"}}}, 'href="mailto:kho@baotinh.example"'),
        ({"about": "Thư viện tỉnh", "about_url": "https://thuvien.example/"}, 'href="https://thuvien.example/"'),
        ({"plugins": {"baotinh": {"contact": "javascript:alert(1)@x.y"}}}, "javascript:alert(1)@x.y"),
    ],
)
def test_the_archive_says_what_it_is_and_whom_to_write_to(
    made: tuple[Path, dict[str, str]], metadata: dict[str, Any], shown: str
) -> None:
    page = Site(*made, metadata=metadata).get("/about").text
    assert shown in page
    assert 'href="javascript' not in page
    for said in ("robots.txt", "Xin gỡ bài", "Asking for a takedown", "3 bài"):
        assert said in page
    assert 'href="/about"' in page


def test_browse_passes_on_the_crawl_s_contact(
    made: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAOTINH_CONTACT", "https://kho.example/lien-he")
    assert 'href="https://kho.example/lien-he"' in Site(*made).get("/about").text


def test_a_published_copy_is_read_as_the_archive_is(made: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    copy = tmp_path / "archive.db"
    with contextlib.closing(sqlite3.connect(made[0])) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    datasette = Datasette([], immutables=[str(copy)])
    for page in (
        "/",
        "/search?q=duong+sat",
        f"/a/{made[1]['railway']}",
        "/archive/articles",
        "/feed.atom",
        "/sitemap.xml",
    ):
        answer = asyncio.run(datasette.client.get(page))
        assert (page, answer.status_code) == (page, 200)
        assert "uyệt mật" not in answer.text
    assert asyncio.run(datasette.client.get("/archive.db")).status_code == 403


def test_datasette_without_our_plugin_opens_the_file(made: tuple[Path, dict[str, str]]) -> None:
    script = (
        "import asyncio, sys; from datasette.app import Datasette; from datasette.plugins import pm; "
        "pm.unregister(name='baotinh'); d = Datasette([sys.argv[1]]); "
        "print([asyncio.run(d.client.get(p)).status_code for p in ('/archive', '/archive/articles.json', '/search')])"
    )
    command = [sys.executable, "-W", "ignore", "-c", script, str(made[0])]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[200, 200, 404]"


@pytest.mark.parametrize(
    ("said", "status"), [("no such column: x", 400), ("database is locked", 503), ("disk I/O error", 503)]
)
def test_an_archive_that_cannot_be_read_just_now_is_not_the_visitor_s_mistake(
    site: Site, said: str, status: int
) -> None:
    answer = handle_exception(site.datasette, datasette_sqlite3.OperationalError(said))
    assert answer.status == status
