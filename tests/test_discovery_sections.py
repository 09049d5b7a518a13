from __future__ import annotations

import re
import time
from datetime import date

import pytest

from crawler.discovery.dates import moment_of, printed_day
from crawler.discovery.listing import Listing, read_listing
from pipelines.items import Link, Paper, Template

HOME = "https://baomau.vn"
PAPER = Paper(
    "baomau", "Báo Mẫu", "Huế", hosts=("baomau.vn",), article=(re.compile(r"^/(?:[^/]+/)*[^/]+-a?(?P<id>\d+)\.html?$"),)
)
ARTICLE = '<a href="/tin-mot-a101.html">Một</a>'


def read(body: str, path: str = "/thoi-su/", template: Template | None = None) -> Listing:
    return read_listing(f"<html><body>{body}".encode(), HOME + path, "section", PAPER, template=template)


def after(listing: Listing) -> str | None:
    return next((link.url.removeprefix(HOME) for link in listing.links if link.kind == "section" and link.if_new), None)


def days(body: str) -> list[str | None]:
    return [link.modified for link in read(body).links if link.kind == "article"]


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/thoi-su/", "?p=2"),
        ("/thoi-su/", "/thoi-su?page=2"),
        ("/thoi-su", "/thoi-su/?paged=2"),
        ("/thoi-su/", "?trang=2"),
        ("/thoi-su/", "/thoi-su/?p=2&d="),
        ("/tin.aspx?ma=7&d=", "/tin.aspx?ma=7&page=2"),
        ("/thoi-su", "/thoi-su/trang-2"),
        ("/thoi-su", "/thoi-su/trang/2/"),
        ("/thoi-su/", "/thoi-su/page/2"),
        ("/thoi-su", "/thoi-su/page-2"),
        ("/thoi-su", "/thoi-su/p2"),
        ("/thoi-su.htm", "/thoi-su-trang-2.htm"),
        ("/thoi-su.html", "/thoi-su/trang-2.html"),
        ("/thoi-su/index.html", "/thoi-su/page-2.html"),
        ("/13/tin.aspx", "/13/page/2/tin.aspx"),
        ("/", "/?page=2"),
        ("/", "/trang-2.html"),
        ("/thoi-su?page=9", "/thoi-su?page=10"),
        ("/thoi-su/trang-9", "/thoi-su/trang-10"),
        ("/thoi-su-trang-2.htm", "/thoi-su-trang-3.htm"),
        ("/13/page/9/tin.aspx", "/13/page/10/tin.aspx"),
    ],
)
def test_the_next_page_is_the_one_the_pager_links_however_pages_are_numbered(path: str, link: str) -> None:
    further = re.sub(r"(\d+)(?=\D*$)", lambda m: str(int(m[1]) + 3), link)
    listing = read(f'{ARTICLE}<a href="{further}">»</a><a href="{link}">sau</a>', path)
    assert after(listing) == (link if link.startswith("/") else path + link)
    assert [link.kind for link in listing.links] == ["article", "section"]


@pytest.mark.parametrize(
    ("path", "link", "words"),
    [
        ("/thoi-su/", "/kinh-te/?p=2", "2"),
        ("/thoi-su/", "/thoi-su/xa-hoi/?p=2", "2"),
        ("/thoi-su/", "/tag/lua?page=2", "2"),
        ("/thoi-su/", "/thoi-su/?p=3", "3"),
        ("/thoi-su?page=4", "/thoi-su?page=3", "3"),
        ("/thoi-su/", "/thoi-su/?id=2", "2"),
        ("/thoi-su/", "/thoi-su/2", "Kinh tế"),
        ("/thoi-su/5", "/thoi-su/6", "Kinh tế"),
        ("/thoi-su/", "/thoi-su/?p=2&p=3", "2"),
        ("/thoi-su/", "https://other.vn/thoi-su/?p=2", "2"),
        ("/thoi-su/", "javascript:__doPostBack('pager','2')", "2"),
        ("/thoi-su/", "/tin-hai-p2-a102.html", "2"),
        ("/tin-hai-a102.html", "/tin-hai-a102.html?page=2", "2"),
    ],
)
def test_nothing_else_is_taken_for_the_next_page(path: str, link: str, words: str) -> None:
    assert after(read(f'{ARTICLE}<a href="{link}">{words}</a>', path)) is None


def test_a_bare_number_is_a_page_where_the_link_says_so() -> None:
    assert after(read(f'{ARTICLE}<a href="/thoi-su/2"> 2 </a>')) == "/thoi-su/2"
    assert after(read(f'{ARTICLE}<a href="/thoi-su/1">1</a><a href="/thoi-su/3">3</a>', "/thoi-su/2")) == "/thoi-su/3"


def test_where_numbers_count_from_nought_the_second_page_is_not_skipped() -> None:
    pager = '<a href="?page=0">1</a><a href="?page=1">2</a><a href="?page=2">3</a>'
    assert after(read(ARTICLE + pager)) == "/thoi-su/?page=1"
    assert after(read(ARTICLE + pager, "/thoi-su/?page=1")) == "/thoi-su/?page=2"


def test_pages_of_the_section_are_no_articles_though_they_look_like_them() -> None:
    paper = Paper("baomau", "Báo Mẫu", "Huế", hosts=("baomau.vn",), article=(re.compile(r"^/[^/]+-(?P<id>\d+)\.htm$"),))
    body = '<a href="/lua-tot-12.htm">Lúa</a>' + "".join(f'<a href="/thoi-su-trang-{n}.htm">{n}</a>' for n in (1, 2, 3))
    for url, follows in (("/thoi-su.htm", 2), ("/thoi-su-trang-2.htm", 3)):
        assert read_listing(f"<html>{body}".encode(), HOME + url, "section", paper).links == (
            Link(f"{HOME}/lua-tot-12.htm", "article"),
            Link(f"{HOME}/thoi-su-trang-{follows}.htm", "section", if_new=True),
        )


def test_the_last_page_has_none_after_it_whatever_the_systems_rule() -> None:
    rule = Template("vdoc", pager="?p={n}")
    assert after(read(f'{ARTICLE}<a href="?p=1">1</a><a href="?p=2">2</a>', "/thoi-su/?p=2", rule)) is None
    assert after(read(ARTICLE, "/thoi-su/?p=2", rule)) == "/thoi-su/?p=3"


ENTRY = '<div class="item">{}<h3><a href="/tin-{}-a{}.html">Tin</a></h3>{}</div>'


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ('<time datetime="2026-11-20T10:02:00+07:00">1 giờ trước</time>', "2026-11-20T10:02:00+07:00"),
        ("<time>16:55, 20/11/2026</time>", "2026-11-20"),
        ("<span>20/11/2026</span>", "2026-11-20"),
        ("<i></i> 20-11-2026 | 10:02 GMT+7", "2026-11-20"),
        ("<p>Thứ sáu, 20/11/2026 - 10:02</p>", "2026-11-20"),
        ("<p>Ngày 20 tháng 11 năm 2026</p>", "2026-11-20"),
        ("(Cập nhật lúc 8 giờ 5 phút, 20.11.2026)", "2026-11-20"),
        ("<p>Ngày 20/11/2026, xã Khe Bưởi khánh thành cầu treo mới sau ba năm chờ đợi</p>", None),
        ("<p>45/11/2026</p>", None),
        ("<p>2 giờ trước</p>", None),
        ('<img src="/2026/11/20/a.jpg">', None),
    ],
)
def test_an_entry_has_the_day_printed_in_it(printed: str, day: str | None) -> None:
    body = ENTRY.format("", "mot", 101, printed) + ENTRY.format(printed.replace("20", "19", 1), "hai", 102, "")
    assert days(body)[0] == day


def test_the_day_of_another_entry_is_never_taken() -> None:
    dated, bare = ENTRY.format("", "mot", 1, "<b>20/11/2026</b>"), ENTRY.format("", "hai", 2, "")
    other = '<div><h3><a href="/video/3">Xem</a></h3><b>01/02/2020</b></div>'
    foreign = '<div><a href="https://ban.vn/x">Một dòng giới thiệu dài bằng cả đầu đề</a><b>01/02/2020</b></div>'
    assert days(dated + bare + dated.replace("mot-a1", "ba-a3")) == ["2026-11-20", None, "2026-11-20"]
    assert days(f"<div>{bare}{other}</div>{dated}") == [None, "2026-11-20"]
    assert days(f"<div>{bare}{foreign}</div>{dated}") == [None, "2026-11-20"]
    flat = '<a href="/tin-mot-a1.html">Tin</a><b>20/11/2026</b><a href="/tin-hai-a2.html">Tin</a><b>19/11/2026</b>'
    assert days(f"<div>{flat}</div>") == [None, None]
    assert days(f"<header><b>24/11/2026</b>{bare}</header>{dated}") == [None, "2026-11-20"]


def test_an_entry_of_several_links_to_one_article_is_one_entry() -> None:
    entry = (
        '<li><a href="/tin-mot-a1.html"><img></a><div><a href="/tin-mot-a1.html?utm_source=x">Tin</a>'
        '<a href="/kinh-te">Kinh tế</a></div><span>20/11/2026</span></li>'
    )
    assert days(f"<ul>{entry}{entry.replace('mot-a1', 'hai-a2').replace('20/', '19/')}</ul>") == [
        "2026-11-20",
        "2026-11-19",
    ]


def test_else_the_folder_of_the_address_tells_the_month() -> None:
    def entry(folder: str, printed: str) -> str:
        return f'<li><a href="/thoi-su/{folder}/tin-a1.html">Tin</a>{printed}</li>'

    assert days(f"<ul>{entry('202503', '')}</ul>") == ["2025-03"]
    assert days(f"<ul>{entry('2025/03', '')}</ul>") == ["2025-03"]
    assert days(f"<ul>{entry('2025/03/09', '')}</ul>") == ["2025-03-09"]
    assert days(f"<ul>{entry('202503', '<b>01/04/2025</b>')}</ul>") == ["2025-04-01"]
    assert days(f"<ul>{entry('202503', '<b>24/11/2026</b>')}</ul>") == ["2025-03"]
    assert days(f"<ul>{entry('202513', '')}</ul>") == [None]


def test_a_listing_says_since_when_it_tells() -> None:
    body = (
        ENTRY.format("", "mot", 1, "20/11/2026") + ENTRY.format("", "hai", 2, "03/10/2026") + ENTRY.format("", 3, 3, "")
    )
    assert read(body).reaches == date(2026, 10, 3)
    assert read('<a href="/thoi-su/202503/tin-a1.html">Tin</a>').reaches == date(2025, 3, 1)
    assert read(ARTICLE).reaches is None
    feed = f"<rss><item><link>{HOME}/tin-a1.html</link><pubDate>Thu, 08 Jan 2026 10:02:00 +0700</pubDate></item></rss>"
    assert read_listing(feed.encode(), f"{HOME}/rss", "feed", PAPER).reaches == date(2026, 1, 8)
    index = "".join(
        f"<sitemap><loc>{HOME}/sitemap-{n}.xml</loc><lastmod>2026-01-02</lastmod></sitemap>" for n in (2014, 7)
    )
    sitemap = read_listing(f"<sitemapindex>{index}</sitemapindex>".encode(), f"{HOME}/s.xml", "sitemap", PAPER)
    assert sitemap.reaches == date(2014, 1, 1)
    month = f"<urlset><url><loc>{HOME}/tin-a1.html</loc></url></urlset>".encode()
    assert read_listing(month, f"{HOME}/sitemap-2015-03.xml", "sitemap", PAPER).reaches == date(2015, 3, 1)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-20T10:02:00", "2026-11-20T10:02:00+07:00"),
        ("10:02, 20/11/2026", "2026-11-20"),
        (1763607720, "2025-11-20T03:02:00+00:00"),
        (1763607720000, "2025-11-20T03:02:00+00:00"),
        ("1763607720", "2025-11-20T03:02:00+00:00"),
        ("/Date(1763607720000)/", "2025-11-20T03:02:00+00:00"),
        (7, None),
        (True, None),
        (1e300, None),
        (float("nan"), None),
        (None, None),
        ("x" * 10_000, None),
    ],
)
def test_moments_of_json_are_read_as_newsrooms_write_them(value: object, moment: str | None) -> None:
    assert moment_of(value) == moment


@pytest.mark.parametrize("text", ["", "20/11/26", "20/11/2026 " * 9, "1/1/2026/7", "Giá vàng 20/11/2026", "\ud800/1"])
def test_a_text_that_is_no_date_alone_is_none(text: str) -> None:
    assert printed_day(text) is None


def test_a_page_of_thousands_of_links_in_a_deep_nest_is_read_in_a_moment() -> None:
    begun = time.monotonic()
    listing = read("<div>" * 2000 + ARTICLE * 20_000)
    assert len(listing.links) == 1
    assert time.monotonic() - begun < 20
