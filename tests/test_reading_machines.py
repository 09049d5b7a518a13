"""What programs read of an archive: feeds, sitemaps, canned queries; and what the server tells of itself."""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from browse.atom import Entry, Feed, atom
from browse.timeline import timeline
from pipelines.archive import open_archive
from pipelines.archive.connection import transaction
from pipelines.archive.takedowns import follow, held
from pipelines.hidings import Hiding
from tests.test_browse import NOW, Site, fill, made, site
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
    assert found["over_time"] == {"2026-11": 3}
    page = site.get("/search?q=duong").text
    assert "author=Tr%E1%BA%A7n" not in page  # one author alone narrows nothing
    narrowed = site.get("/search?q=duong&author=" + quote("Trần Thị Bến")).text
    assert "Tác giả · author: Trần Thị Bến ×" in narrowed


def test_a_timeline_has_a_bar_a_month_and_a_bar_a_year_where_months_are_many() -> None:
    drawn = timeline({"2026-09-30": 2, "2026-11-01": 3, "2026-11-02": 1, "junk": 9})
    assert [(bar.span, bar.hits, bar.height) for bar in drawn.bars] == [
        ("2026-09", 2, 60),
        ("2026-10", 0, 0),
        ("2026-11", 4, 120),
    ]
    assert drawn.summary == ("2026-09", "2026-11", "2026-11")
    drawn = timeline({"2009-01-21": 1, "2026-11-01": 3})
    assert (len(drawn.bars), drawn.bars[0].span, drawn.by_month) == (18, "2009", False)
    assert timeline({}).bars == ()
