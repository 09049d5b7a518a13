from __future__ import annotations

import json
import random
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from crawler.discovery.links import absolute, distinct
from crawler.discovery.listing import Listing, read_listing
from crawler.discovery.lists import first_page, named_lists, page_after_list
from crawler.papers import DataError, load
from pipelines.items import JsonList, Link, Paper, Template

if TYPE_CHECKING:
    from pathlib import Path

HOME, API = "https://baomau.vn", "https://api.baomau.vn"
PAPER = Paper(
    "baomau", "Báo Mẫu", "Huế", hosts=("baomau.vn", "api.baomau.vn"), article=(re.compile(r"^/tin/[^/]+-(?P<id>\d+)$"),)
)
VNPT = Template("vnpt2", lists=(JsonList("/service/list?site={#site_id}&cate={.cate}&first=0&pageSize=20"),))
PIECES = Template("pieces", lists=(JsonList("/api/by-slug?slug={}&limit=20", "/{type}/{slug}-{id}"),))
LIST = f"{HOME}/service/list?site=1&first=20&pageSize=20"


def read(data: Any, url: str = LIST, template: Template | None = None) -> Listing:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_listing(body, url, "section", PAPER, content_type="application/json", template=template)


def section(body: str, template: Template, url: str = f"{HOME}/thoi-su/") -> list[Link]:
    page = read_listing(f"<html><body>{body}".encode(), url, "section", PAPER, template=template)
    return [link for link in page.links if link.kind == "section"]


@pytest.mark.parametrize(
    "data",
    [
        {"response": [{"pageUrl": "/tin/lua-1", "publishDate": "2026-11-20"}, {"pageUrl": "/tin/ca-2"}]},
        {"data": {"7": {"url": "/tin/lua-1", "date": "2026-11-20"}, "8": {"url": "/tin/ca-2"}}},
        {"data": {"items": [{"link": f"{HOME}/tin/lua-1", "created_at": "2026-11-20"}, {"link": "/tin/ca-2"}]}},
        [
            {"thumb": "/file/x-9.jpg", "url": "/tin/lua-1", "updated": "2026-12-01", "time": "20/11/2026"},
            {"u": "/tin/ca-2"},
        ],
        {
            "a": [
                {"n": {"title": "Lúa", "url": "/tin/lua-1", "ngay_dang": "20/11/2026"}},
                {"n": [{"url": "/tin/ca-2#x"}]},
            ]
        },
    ],
)
def test_a_list_in_json_gives_its_articles_with_their_day_and_the_next_page(data: Any) -> None:
    listing = read(data)
    assert (listing.kind, listing.outcome, listing.reason) == ("section", "listing/read", None)
    assert [(k.url, (k.modified or "")[:10]) for k in listing.links[:-1]] == [
        (f"{HOME}/tin/lua-1", "2026-11-20"),
        (f"{HOME}/tin/ca-2", ""),
    ]
    assert listing.links[-1] == Link(f"{HOME}/service/list?site=1&first=22&pageSize=20", "section", if_new=True)


def test_addresses_in_pieces_are_put_together_on_the_papers_first_host() -> None:
    entry = {"type": "tin", "slug": "lúa-tốt", "id": 7, "date": "2026-11-20"}
    url = f"{API}/api/by-slug?slug=thoi-su&limit=20&page=1"
    assert read({"data": [entry, {**entry, "id": None}]}, url, PIECES).links == (
        Link(f"{HOME}/tin/l%C3%BAa-t%E1%BB%91t-7", "article", "2026-11-20"),
        Link(url.replace("page=1", "page=2"), "section", if_new=True),
    )


def test_a_list_that_names_its_next_page_is_followed_there() -> None:
    body = {"data": [{"link": "/tin/lua-1"}], "next_page_url": f"{HOME}/service/list?page=8", "prev_page_url": None}
    assert read(body).links[-1].url == f"{HOME}/service/list?page=8"
    assert read({**body, "next_page_url": "https://other.vn/x?page=8"}).links[-1].url.startswith(HOME)


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("/l?first=0&pageSize=7", "/l?first=7&pageSize=7"),
        ("/l?first=40&pageSize=20", "/l?first=47&pageSize=20"),
        ("/l?offset=30&c=1", "/l?offset=37&c=1"),
        ("/l?page=&limit=12", "/l?page=2&limit=12"),
        ("/l?page=9&limit=12&category_id=57", "/l?page=10&limit=12&category_id=57"),
        ("/l?limit=12", None),
        ("/l", None),
        ("/l?page=x", None),
        ("/l?first=0&page=1&pageSize=5", "/l?first=5&page=1&pageSize=5"),
    ],
)
def test_the_next_page_of_a_list_is_counted_on_by_what_its_address_says(url: str, following: str | None) -> None:
    assert page_after_list(url, 7) == following


def test_the_end_of_a_list_is_read_and_has_no_page_after_it() -> None:
    assert (read({"response": []}).outcome, read({"response": []}).links) == ("listing/read", ())
    assert read({"status": "error", "message": "x"}).outcome == "listing/unreadable"


def test_a_feed_that_answers_json_without_articles_is_still_no_feed() -> None:
    assert read_listing(b'{"errors": []}', f"{HOME}/rss", "feed", PAPER).outcome == "listing/unreadable"


DEEP = b'{"a": ' + b"[" * 200_000
HOSTILE = {
    "nested without end": DEEP,
    "nested and closed": DEEP + b"]" * 200_000 + b"}",
    "a number of 5,000 digits": b'[{"id": ' + b"9" * 5000 + b', "url": "/tin/lua-1"}]',
    "keys twice": b'[{"url": "/tin/lua-1", "url": "/tin/lua-1"}, {"url": "/tin/lua-1"}]',
    "half a pair of letters": b'[{"url": "/tin/\\ud800-1"}, {"url": "/tin/lua-1"}]',
    "not a number": b'[{"url": "/tin/lua-1", "date": NaN, "time": Infinity}]',
    "torn": b'[{"url": "/tin/lua-1"}, {"ur',
    "a byte-order mark": b'\xef\xbb\xbf[{"url": "/tin/lua-1"}]',
    "bytes that are no text": b'[{"url": "/tin/lua-1", "t": "\xff\xfe"}]',
    "an address that is none": b'[{"url": "http://[x/tin/a-1"}, {"url": "/tin/lua-1"}]',
    "null": b'[null, [], {}, "", 0]',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_json_stops_nothing(body: bytes) -> None:
    listing = read(body, template=PIECES)
    assert listing.outcome in {"listing/read", "listing/unreadable"}
    assert {link.url for link in listing.links if link.kind == "article"} <= {f"{HOME}/tin/lua-1"}
    for link in listing.links:
        link.url.encode()


@pytest.mark.parametrize("seed", range(30))
def test_broken_json_stops_nothing(seed: int) -> None:
    dice = random.Random(seed)
    raw = bytearray(
        json.dumps({"r": [{"url": "/tin/lua-1", "publishDate": "2026-11-20", "n": [1, {"a": None}]}] * 3}).encode()
    )
    for _ in range(dice.randint(1, 20)):
        at = dice.randrange(len(raw))
        raw[at : at + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4))
    assert read(bytes(raw), dice.choice([LIST, "http://[hong/", ""]), PIECES).outcome.startswith("listing/")


HIDDEN = '<input id="site_id" value="a1"><span class="cate">b 2</span>'


def test_a_section_page_gives_its_list_by_the_values_it_hides() -> None:
    expected = f"{HOME}/service/list?site=a1&cate=b%202&first=0&pageSize=20"
    assert section(HIDDEN, VNPT) == [Link(expected, "section")]
    assert section(f'{HIDDEN}<a href="/tin/lua-1">Lúa</a>', VNPT) == [Link(expected, "section", if_new=True)]
    assert section('<input id="site_id" value="a1"><span class="cate"> </span>', VNPT) == []
    assert section(HIDDEN, Template("x")) == []


NAMED = f"{API}/api/by-slug?slug=thoi-su&limit=20"


@pytest.mark.parametrize(
    "page",
    [
        f"<script>fetch('{NAMED}&page=3')</script>",
        f'<button data-url="{NAMED}&amp;page=2">Xem thêm</button>',
        f'<script>const u = "{NAMED}&page=1", v = `{NAMED}&page=2`;</script>',
    ],
)
def test_a_section_page_gives_the_list_its_script_names_from_the_beginning(page: str) -> None:
    assert section(page, PIECES) == [Link(f"{NAMED}&page=1", "section")]
    assert section(page.replace("/api/by-slug", "/api/weather"), PIECES) == []
    assert section(page.replace("api.baomau", "api.other"), PIECES) == []


def test_a_shell_that_names_its_list_is_not_said_to_be_empty() -> None:
    page = f"<html><body><script>fetch('{NAMED}')</script>"
    assert read_listing(page.encode(), f"{HOME}/thoi-su/", "section", PAPER, template=PIECES).reason is None


def test_lists_are_told_from_pages_by_the_size_they_ask_for() -> None:
    body = b"""<a href="/thoi-su?page=2"> <script>a("/list?page=2&limit=9"); b('/tin?limit='); c("/x?limit=all")
    d("/service?first=40&amp;pageSize=9"); e("//[x/?limit=9"); f("/list?limit=9&page=7")</script>"""
    expected = [f"{HOME}/list?page=1&limit=9", f"{HOME}/service?first=0&pageSize=9"]
    assert list(named_lists(body, f"{HOME}/", PAPER)) == expected
    assert first_page("https://a.vn/l?page=0&limit=9") == "https://a.vn/l?page=0&limit=9"
    assert len(distinct(Link(url, "section") for url in expected)) == 2


@pytest.mark.parametrize(
    ("lists", "sentence"),
    [
        ("{ adress = '/l' }", r"\[moi\]: lists has no key 'adress'; did you mean 'address'\?"),
        (
            "{ address = 'l?page=1' }",
            r"\[moi\]: lists: 'address' must be a list's first page, .* found 'l\?page=1'; write",
        ),
        ("{ address = '/l?c={#[}' }", r"\[moi\]: lists: address: '#\[' is no CSS selector; correct it"),
        (
            "{ address = '/l', article = '/x' }",
            r"\[moi\]: lists: 'article' must make a path of an entry's keys, .*; write",
        ),
        ("{ address = '/l', article = '{x}' }", r"\[moi\]: lists: 'article' must make a path"),
        ("3", r"\[moi\]: 'lists' must be a list of tables"),
    ],
)
def test_what_is_wrong_in_a_systems_lists_is_said(tmp_path: Path, lists: str, sentence: str) -> None:
    (tmp_path / "p.toml").write_text("", "utf-8")
    (tmp_path / "t.toml").write_text(f"[moi]\nlists = [{lists}]\n", "utf-8")
    with pytest.raises(DataError, match=sentence):
        load([tmp_path / "p.toml"], [tmp_path / "t.toml"])


@pytest.mark.parametrize("entry", [{"u": "/x/1"}, {"u": "x/1"}, {"a": [{}] * 40}, {"u": "/tin/lua-1", "date": "1/2/3"}])
def test_the_longest_answer_a_list_may_have_is_read_in_seconds(entry: Any) -> None:
    one = json.dumps(entry).encode()
    body = b"[" + b",".join([one] * (8_400_000 // len(one))) + b"]"
    begun = time.process_time()
    read(body)
    assert time.process_time() - begun < 8


def test_a_long_list_is_read_to_its_end() -> None:
    listing = read([{"url": f"/tin/lua-{n}", "thumb": f"/anh/{n}.jpg"} for n in range(30_000)])
    assert len(listing.links) == 30_000 + 1


@pytest.mark.parametrize("base", ["https://baomau.vn/a/b?p=/1", "https://baomau.vn", "http://[::1]:80/a", "/a/b"])
@pytest.mark.parametrize(
    "href",
    ["/tin/lua-1", "/", "/a/../b", "/.", "/a;x", "/a?", "/a?p=1", "//other.vn/a", "/a//b", "/\\a", "a/b", "?p=2"],
)
def test_an_address_from_the_root_is_resolved_as_any_other(base: str, href: str) -> None:
    expected = urljoin(base, href)
    assert absolute(href, base) == ((expected,) if expected.startswith("http") else ())
