from __future__ import annotations

import gzip
import json
import random
import re
from datetime import date
from pathlib import Path

import pytest

from crawler.discovery.dates import iso
from crawler.discovery.feeds import index_above, is_feed_address
from crawler.discovery.links import paper_for
from crawler.discovery.listing import Listing, read_listing, sniff
from crawler.discovery.pagers import page_after, paging
from crawler.discovery.sitemaps import newest, period, robots_sitemaps
from crawler.papers import load
from pipelines.items import Kind, Link, Paper, Template

ROOT = Path(__file__).parent.parent
PAGES = ROOT.parent / "shared" / "pages"
HOME = "https://baomau.vn"
PAPER = Paper(
    "baomau",
    "Báo Mẫu",
    "Huế",
    hosts=("baomau.vn",),
    template="vdoc",
    article=(re.compile(r"^/[^/]+-a(?P<id>\d+)\.html$"),),
)
VDOC = Template("vdoc", pager="?p={n}")
ONE, TWO, THREE = (f"{HOME}/tin-{word}-a{n}.html" for n, word in ((101, "mot"), (102, "hai"), (103, "ba")))


def read(body: str | bytes, url: str = f"{HOME}/rss/thoi-su", kind: Kind = "feed") -> Listing:
    raw = body.encode() if isinstance(body, str) else body
    return read_listing(raw, url, kind, PAPER, template=VDOC)


def urls(listing: Listing, kind: Kind = "article") -> list[str]:
    return [link.url for link in listing.links if link.kind == kind]


RSS2 = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Báo Mẫu</title><link>{HOME}</link>
<item><title>Một</title><link>{ONE}</link><pubDate>Thu, 08 Jan 2026 10:02:00 +0700</pubDate></item>
<item><title>Hai</title><link>{TWO}</link></item></channel></rss>"""
RSS1 = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="{HOME}/rss"><link>{HOME}</link></channel>
<item rdf:about="{ONE}"><title>Một</title><dc:date>2026-01-08T10:02:00+07:00</dc:date></item>
<item rdf:about="x"><link>{TWO}</link></item></rdf:RDF>"""
RSS09 = f"<rss version='0.91'><channel><item><link>{ONE}</link></item><item><link>{TWO}</link></item></channel></rss>"
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="{HOME}/" rel="self"/>
<entry><link rel="edit" href="{THREE}"/><link rel="alternate" href="{ONE}"/>
<published>2026-01-07T10:02:00+07:00</published>
<updated>2026-01-08T10:02:00+07:00</updated></entry><entry><link href="/tin-hai-a102.html"/></entry></feed>"""
FEEDS = {
    "RSS 2.0": RSS2,
    "RSS 1.0": RSS1,
    "RSS 0.91": RSS09,
    "Atom": ATOM,
    "a byte-order mark and blank lines first": "\ufeff\n\n" + RSS2,
    "UTF-16 as it says": RSS2.replace("utf-8", "utf-16").encode("utf-16"),
    "UTF-16 only in the declaration": RSS2.replace("utf-8", "utf-16"),
    "an encoding nobody knows": RSS2.replace("utf-8", "tieng-viet"),
    "gzip": gzip.compress(RSS2.encode()),
    "CDATA": RSS2.replace(ONE, f"<![CDATA[ {ONE} ]]>"),
    "guid in place of a link": RSS2.replace(f"<link>{ONE}</link>", f"<guid>{ONE}</guid>"),
    "an address of another host before the paper's": RSS2.replace(
        f"<link>{TWO}</link>", f"<link>https://proxy.example/1</link><guid>{TWO}</guid>"
    ),
    "torn in the middle": RSS2[:-25],
    "entities of HTML": RSS2.replace("Hai", "Hai&nbsp;&hellip; & ba"),
    "tags that do not match": RSS2.replace("<title>Hai</title>", "<title>Hai<b></title>"),
    "a control character": RSS2.replace("Hai", "Ha\x0bi"),
    "a NUL": RSS2.replace("Hai", "Ha\x00i"),
    "an article twice": RSS2.replace("</channel>", f"<item><link>{ONE}#binh-luan</link></item></channel>"),
    "a comment in a link": RSS2.replace(f"<link>{ONE}", f"<link><!-- mới -->{ONE}"),
}


@pytest.mark.parametrize("body", FEEDS.values(), ids=list(FEEDS))
def test_a_feed_gives_its_articles_in_order_however_it_is_written(body: str | bytes) -> None:
    listing = read(body)
    assert (listing.kind, listing.outcome, listing.reason) == ("feed", "listing/read", None)
    assert urls(listing) == [ONE, TWO]


@pytest.mark.parametrize("body", [RSS2, RSS1, ATOM])
def test_a_feed_says_when_an_article_changed(body: str) -> None:
    assert [link.modified for link in read(body).links] == ["2026-01-08T10:02:00+07:00", None]


def test_parameters_of_an_address_survive_a_bare_ampersand() -> None:
    paper = Paper("baomau", "Báo Mẫu", "Huế", hosts=("baomau.vn",), article=(re.compile(r"mabb=(?P<id>\d+)"),))
    bare = RSS2.replace(ONE, f"{HOME}/v.aspx?macm=1&mabb=2").replace(TWO, f"{HOME}/v.aspx?macm=1&amp;mabb=3")
    assert [link.url for link in read_listing(bare.encode(), HOME, "feed", paper).links] == [
        f"{HOME}/v.aspx?macm=1&mabb=2",
        f"{HOME}/v.aspx?macm=1&mabb=3",
    ]


def test_a_feed_of_foreign_articles_says_how_many_it_looked_at() -> None:
    listing = read(RSS2.replace("baomau.vn/tin", "other.vn/tin"))
    assert listing.links == ()
    assert listing.reason == (
        f"baomau: 0 of 2 links on {HOME}/rss/thoi-su match article '^/[^/]+-a(?P<id>\\\\d+)\\\\.html$'; "
        "run 'scrapy discover baomau.vn'"
    )


def test_hostile_xml_neither_reads_files_nor_grows(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("tin-mat-a999.html")
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "{HOME}/tin-a1.html"><!ENTITY x SYSTEM "{secret.as_uri()}">{laughs}]>'
    items = "".join(f"<item><link>{link}</link></item>" for link in ("&l9;", f"{HOME}/&x;", ONE))
    assert urls(read(f"{doctype}<rss>{items}</rss>")) == [ONE]


def test_gzip_that_unpacks_without_end_is_cut() -> None:
    bomb = gzip.compress(RSS2.encode()[:-20] + b" " * (60 * 1024 * 1024))
    assert urls(read(bomb)) == [ONE, TWO]


def test_a_page_that_lists_feeds_gives_feeds() -> None:
    page = """<html><body><a href="/">Trang chủ</a><a href="/rss">RSS</a><a href="/rss/thoi-su.xml">Thời sự</a>
    <a href="https://www.baomau.vn/rss/kinh-te">Kinh tế</a><a href="https://other.vn/rss/x">Khác</a>
    <a href="/rss/thoi-su.xml#a">Lại</a><a href="/sitemap.xml">Sơ đồ</a></body></html>"""
    listing = read(page, f"{HOME}/rss")
    assert listing == Listing(
        "feed",
        "listing/read",
        None,
        (Link(f"{HOME}/rss/thoi-su.xml", "feed"), Link("https://www.baomau.vn/rss/kinh-te", "feed")),
    )


def test_a_page_of_feeds_may_list_further_pages_of_feeds_but_never_itself() -> None:
    page = '<html><a href="/rss/">RSS</a><a href="/rss/chuyen-trang">Chuyên trang</a><a href="/rss/kinh-te.rss">x</a>'
    assert urls(read(page, f"{HOME}/rss"), "feed") == [f"{HOME}/rss/chuyen-trang", f"{HOME}/rss/kinh-te.rss"]
    assert urls(read(page, f"{HOME}/rss/chuyen-trang"), "feed") == [f"{HOME}/rss/", f"{HOME}/rss/kinh-te.rss"]


def test_feeds_listed_in_opml_are_found() -> None:
    body = f"""<?xml version="1.0"?><opml version="2.0"><head><title>Kênh</title></head><body><outline text="Báo Mẫu">
    <outline text="Thời sự" type="rss" xmlUrl="{HOME}/rss/thoi-su" htmlUrl="{HOME}/thoi-su/"/>
    <outline text="Kinh tế" xmlUrl="/rss/kinh-te"/></outline></body></opml>"""
    assert urls(read(body, f"{HOME}/rss"), "feed") == [f"{HOME}/rss/thoi-su", f"{HOME}/rss/kinh-te"]


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        (
            "feed",
            "<html><title>Trang không\n tồn tại</title><a href='/'>về</a>",
            "an HTML page ('Trang không tồn tại')",
        ),
        ("sitemap", "<!DOCTYPE html><body><a href='/tin-mot-a101.html'>một</a>", "an HTML page"),
        ("section", b"%PDF-1.4 <a>", "12 bytes of an unknown type"),
        ("section", '{"data": "<a href=x>"}', "of application/json"),
        ("feed", "", "nothing"),
        ("sitemap", b"\x1f\x8b\x08 torn", "nothing"),
        ("section", b"\xff\xd8\xff\x00<a><html>", "bytes of an unknown type"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(kind: Kind, body: str | bytes, found: str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    content_type = "application/json; charset=utf-8" if raw.startswith(b"{") else ""
    listing = read_listing(raw, f"{HOME}/x", kind, PAPER, content_type=content_type)
    assert (listing.kind, listing.outcome, listing.links) == (kind, "listing/unreadable", ())
    assert listing.reason is not None
    assert listing.reason.startswith(f"baomau: {HOME}/x answers ")
    assert found in listing.reason
    assert listing.reason.endswith(f"correct '{kind}s' of [baomau] in papers.toml")
    assert "\n" not in listing.reason


SITEMAP = f"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>{HOME}/kinh-te/</loc></url>
<url><loc>{ONE}</loc><image:image><image:loc>{HOME}/anh-a9.html</image:loc></image:image><lastmod>2026-01-08</lastmod></url>
<url><image:image><image:loc>{HOME}/anh-a9.html</image:loc></image:image><loc> {TWO}
</loc><news:news><news:publication_date>2026-01-07T08:00:00+07:00</news:publication_date></news:news></url></urlset>"""
INDEX = f"""<sitemapindex><sitemap><loc>{HOME}/sitemap-2025.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
<sitemap><loc>{HOME}/sitemap-2026.xml.gz</loc></sitemap><sitemap><loc>https://other.vn/sitemap.xml</loc></sitemap>
</sitemapindex>"""


@pytest.mark.parametrize("body", [SITEMAP, gzip.compress(SITEMAP.encode()), SITEMAP[:-10]])
def test_a_sitemap_gives_articles_with_lastmod_or_the_day_of_news(body: str | bytes) -> None:
    listing = read(body, f"{HOME}/sitemap.xml", "sitemap")
    assert (listing.kind, listing.outcome, listing.reason) == ("sitemap", "listing/read", None)
    assert listing.links == (
        Link(ONE, "article", "2026-01-08"),
        Link(TWO, "article", "2026-01-07T08:00:00+07:00"),
    )


def test_a_sitemap_index_gives_its_children_on_the_paper() -> None:
    assert read(INDEX, f"{HOME}/sitemap.xml", "sitemap").links == (
        Link(f"{HOME}/sitemap-2025.xml", "sitemap", "2026-01-01"),
        Link(f"{HOME}/sitemap-2026.xml.gz", "sitemap"),
    )


def test_a_plain_list_is_a_sitemap() -> None:
    assert urls(read(f"\ufeff{ONE}\r\n\r\n{HOME}/kinh-te\n{TWO}", f"{HOME}/sitemap.txt", "sitemap")) == [ONE, TWO]


def test_robots_names_sitemaps() -> None:
    body = (
        f"User-agent: *\nDisallow: /x\nsitemap : {HOME}/a.xml # mới\nSITEMAP:{HOME}/b.xml\nSitemap: /c.xml\n".encode()
    )
    expected = (Link(f"{HOME}/a.xml", "sitemap"), Link(f"{HOME}/b.xml", "sitemap"))
    assert robots_sitemaps(body) == expected
    assert (
        read_listing(body + b"Sitemap: https://other.vn/s.xml", f"{HOME}/robots.txt", "robots", PAPER).links == expected
    )


def test_sitemaps_on_any_host_of_the_paper_are_followed() -> None:
    paper = Paper("baomau", "Báo Mẫu", "Huế", hosts=("baomau.vn", "cdn.baomau.vn"), article=PAPER.article)
    there = Link("https://cdn.baomau.vn/sitemap-2026.xml", "sitemap")
    robots = f"Sitemap: {there.url}\n".encode()
    assert read_listing(robots, f"{HOME}/robots.txt", "robots", paper).links == (there,)
    index = f"<sitemapindex><sitemap><loc>{there.url}</loc></sitemap></sitemapindex>".encode()
    assert read_listing(index, f"{HOME}/sitemap.xml", "sitemap", paper).links == (there,)
    child = f"<urlset><url><loc>{ONE}</loc></url></urlset>".encode()
    assert urls(read_listing(child, there.url, "sitemap", paper)) == [ONE]


def test_the_newest_children_are_opened_first() -> None:
    names = ["sitemap-tag-2026-12.xml", "sitemap-2025-12.xml", "other.xml", "sitemap-2026-1.xml", "sitemap-2026-02.xml"]
    children = [Link(f"{HOME}/{name}", "sitemap") for name in names]
    order = [link.url.rpartition("/")[2] for link in newest(children, 9)]
    assert order == [names[4], names[3], names[1], names[2], names[0]]
    dated = Link(f"{HOME}/sitemap-1.xml", "sitemap", "2026-03-01T00:00:00+07:00")
    assert newest([*children, dated], 1) == (dated,)


@pytest.mark.parametrize(
    ("address", "first", "last"),
    [
        ("/sitemap-article-2015.xml", "2015-01-01", "2015-12-31"),
        ("/sitemap-article-2015-03.xml", "2015-03-01", "2015-03-31"),
        ("/sitemaps/news-2016-2.xml.gz", "2016-02-01", "2016-02-29"),
        ("/sitemap/2015/3", "2015-03-01", "2015-03-31"),
        ("/sitemap/2015/03/09", "2015-03-09", "2015-03-09"),
        ("/sitemap-201503.xml", "2015-03-01", "2015-03-31"),
        ("/sitemap-20150309.xml", "2015-03-09", "2015-03-09"),
        ("/sitemap-article-2015-12-31.xml", "2015-12-31", "2015-12-31"),
        ("/sitemaps-2015-3-1.xml", "2015-03-01", "2015-03-31"),
        ("/sitemap-2015-03-2.xml", "2015-03-01", "2015-03-31"),
        ("/sitemap-2015-13.xml", "2015-01-01", "2015-12-31"),
        ("/2024/sitemap-2024-03.xml", "2024-03-01", "2024-03-31"),
        ("/sitemap-2010-2014.xml", "2010-01-01", "2014-12-31"),
        ("/sitemap-2015-03-01-2015-03-07.xml", "2015-03-01", "2015-03-07"),
        ("/sitemap.xml?yyyy=2015&mm=3", "2015-03-01", "2015-03-31"),
        ("/sitemap.xml?year=2015&month=03&day=9", "2015-03-09", "2015-03-09"),
        ("/sitemap.xml?date=2015-03-09", "2015-03-09", "2015-03-09"),
        ("/sitemap.aspx?nam=2015", "2015-01-01", "2015-12-31"),
    ],
)
def test_the_address_of_a_sitemap_tells_the_days_it_holds(address: str, first: str, last: str) -> None:
    assert period(HOME + address) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "address",
    ["/sitemap.xml", "/sitemap-3.xml", "/sitemap-120150.xml", "/sitemap.xml?page=2015", "/s.xml?mm=3", "//[x/2015"],
)
def test_an_address_that_tells_no_days_is_not_given_any(address: str) -> None:
    assert period(f"https:{address}" if "[" in address else HOME + address) is None


SECTION = """<!DOCTYPE html></html><html><head><base href="{base}">
<link rel="alternate" type="application/rss+xml" href="/rss/cate/thoi-su/">
<link rel="alternate" hreflang="en" href="/en/">
</head><body><a href="#">x</a><a href="javascript:void(0)">y</a><a href="mailto:a@baomau.vn">z</a>
<a href="https://baomau.vn/kinh-te/">Kinh tế</a>
<article><a href="tin-mot-a101.html"><img></a><a href="https://baomau.vn/tin-mot-a101.html?utm_source=home">Một</a></article>
<!DOCTYPE html><html><body><a href="/tin-hai-a102.html#binh-luan">Hai</a></body></html>
<a href="http://[hong/tin-a1.html">h</a><a href=" https://www.baomau.vn/tin-ba-a103.html ">Ba</a>
<a href="https://other.vn/tin-bon-a104.html">Bốn</a><a>không</a>{more}</body></html>"""
BASES = [
    "https://baomau.vn/",
    "https://baomau.vn/static/templates/v1/",
    "https://images.baomau.vn/static/",
    "/static/",
    "",
]


@pytest.mark.parametrize("base", BASES)
def test_links_land_on_the_paper_wherever_base_points(base: str) -> None:
    listing = read(SECTION.format(base=base, more=""), f"{HOME}/thoi-su/", "section")
    assert (listing.kind, listing.outcome, listing.reason) == ("section", "listing/read", None)
    assert urls(listing) == [ONE, TWO, THREE.replace("//", "//www.")]
    assert urls(listing, "feed") == [f"{HOME}/rss/cate/thoi-su/"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", f"{HOME}/thoi-su/?p=2"),
        (
            '<a href="https://baomau.vn/thoi-su?p=2">2</a><a href="https://baomau.vn/thoi-su?p=5">5</a>',
            f"{HOME}/thoi-su?p=2",
        ),
        ('<a rel="next" href="?trang=2">sau</a>', f"{HOME}/thoi-su/?trang=2"),
        ('<a rel="nofollow next" href="/thoi-su/trang-2">sau</a>', f"{HOME}/thoi-su/trang-2"),
    ],
)
def test_the_next_page_is_followed_if_something_was_new(more: str, expected: str) -> None:
    listing = read(SECTION.format(base=BASES[1], more=more), f"{HOME}/thoi-su/", "section")
    assert listing.links[-1] == Link(expected, "section", if_new=True)


def test_a_section_without_articles_is_read_says_so_and_has_no_next_page() -> None:
    listing = read(
        "<html><a href='/a/'>A</a><a href='/a'>A</a><a href='/b'>B</a><a rel=next href='?p=2'>", kind="section"
    )
    assert (listing.outcome, listing.links) == ("listing/read", ())
    assert "0 of 3 links on" in (listing.reason or "")


def test_an_article_has_no_page_after_it() -> None:
    assert urls(read(SECTION.format(base="/", more=""), f"{HOME}/tin-chin-a109.html", "section"), "section") == []


@pytest.mark.parametrize(
    ("url", "pager", "expected"),
    [
        ("https://a.vn/x/", "?p={n}", "https://a.vn/x/?p=2"),
        ("https://a.vn/x?p=9", "?p={n}", "https://a.vn/x?p=10"),
        ("https://a.vn/x?c=1&p=2&d=3", "?p={n}", "https://a.vn/x?c=1&p=3&d=3"),
        ("https://a.vn/x?c=1&pp=2", "?p={n}", "https://a.vn/x?c=1&pp=2&p=2"),
        ("https://a.vn/x/", "/trang-{n}", "https://a.vn/x/trang-2"),
        ("https://a.vn/x/trang-2?c=1", "/trang-{n}", "https://a.vn/x/trang-3?c=1"),
        ("https://a.vn/x", "/page/{n}.html", "https://a.vn/x/page/2.html"),
        ("https://a.vn/", "?p={n}", None),
    ],
)
def test_pages_are_counted_by_the_newsrooms_rule(url: str, pager: str, expected: str | None) -> None:
    assert page_after(url, pager) == expected


@pytest.mark.parametrize(
    ("body", "url", "kind"),
    [
        (RSS2, f"{HOME}/x", "feed"),
        (SITEMAP, f"{HOME}/x", "sitemap"),
        (ONE, f"{HOME}/s.txt", "sitemap"),
        ("<html>", ONE, "article"),
        ("<html>", f"{HOME}/thoi-su/", "section"),
        ("<html>", f"{HOME}/", "section"),
        ("<html>", f"{HOME}/rss", "feed"),
        ("<html>", f"{HOME}/sitemap.xml", "sitemap"),
        ("User-agent: *", f"{HOME}/robots.txt", "robots"),
        ("", ONE, "article"),
        ('<?xml version="1.0"?><!-- a --><!DOCTYPE html><html>', ONE, "article"),
    ],
)
def test_a_captured_page_is_known_by_its_body_then_by_its_address(body: str, url: str, kind: Kind) -> None:
    assert sniff(body.encode(), url, PAPER) == kind


@pytest.mark.parametrize(
    ("asked", "body", "kind"), [("section", RSS2, "feed"), ("feed", SITEMAP, "sitemap"), ("sitemap", RSS2, "feed")]
)
def test_a_listing_is_read_as_what_it_is(asked: Kind, body: str, kind: Kind) -> None:
    listing = read(body, kind=asked)
    assert (listing.kind, urls(listing)) == (kind, [ONE, TWO])


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2026-01-08", "2026-01-08"),
        ("2026-01-08T10:02:01Z", "2026-01-08T10:02:01+00:00"),
        ("2026-01-08T10:02:01.5+07:00", "2026-01-08T10:02:01+07:00"),
        ("2026-01-08 10:02", "2026-01-08T10:02:00+07:00"),
        ("Thu, 08 Jan 2026 10:02:00 GMT", "2026-01-08T10:02:00+00:00"),
        ("Thu, 08 Jan 2026 10:02:00 GMT+7", "2026-01-08T10:02:00+07:00"),
        ("Thu, 8 Jan 2026  10:02:00 UTC+07:00", "2026-01-08T10:02:00+07:00"),
        ("08/01/2026 10:02", "2026-01-08T10:02:00+07:00"),
        ("1/8/2026 10:02:01 AM", "2026-01-08T10:02:01+07:00"),
        ("12/31/2026 1:02 PM", "2026-12-31T13:02:00+07:00"),
        ("2026-13-45", None),
        ("hôm qua", None),
        ("", None),
        ("0", None),
    ],
)
def test_moments_are_read_as_newsrooms_print_them(printed: str, expected: str | None) -> None:
    assert iso(printed) == expected


def test_a_shared_host_belongs_to_the_open_paper_whose_articles_have_that_form() -> None:
    closed = Paper("cu", "Cũ", "Huế", hosts=("baomau.vn",), article=(re.compile(r"\.aspx"),), until=date(2025, 6, 30))
    papers = [closed, PAPER]
    both = Paper("ca-hai", "Cả hai", "Huế", hosts=("baomau.vn",), article=PAPER.article, until=date(2025, 6, 30))
    assert paper_for(ONE, [both, PAPER]) is PAPER
    assert paper_for(ONE, [both, PAPER], date(2025, 6, 30)) is both
    assert paper_for(f"{HOME}/x.aspx", papers) is closed
    assert paper_for(f"{HOME}/thoi-su/", papers) is PAPER
    assert paper_for("https://other.vn/", papers) is None


@pytest.mark.parametrize("seed", range(40))
def test_no_body_whatever_stops_a_crawl(seed: int) -> None:
    dice = random.Random(seed)
    for body in (RSS2, ATOM, SITEMAP, INDEX, SECTION):
        raw = bytearray(body.encode())
        for _ in range(dice.randint(1, 60)):
            at = dice.randrange(len(raw))
            raw[at : at + dice.randint(0, 9)] = dice.randbytes(dice.randint(0, 9))
        for kind in ("feed", "sitemap", "section", "robots", "article"):
            listing = read(bytes(raw), dice.choice([f"{HOME}/x", "http://[hong/", ""]), kind)
            assert listing.outcome in {"listing/read", "listing/unreadable"}
            assert sniff(bytes(raw), dice.choice([f"{HOME}/x", "http://[hong/"]), PAPER)


def test_a_real_section_page_gives_its_articles_feed_and_next_page() -> None:
    if not PAGES.exists():
        pytest.skip(f"{PAGES} is not here")
    directory = load([ROOT / "crawler/papers.toml"], [ROOT / "crawler/templates.toml"])
    paper = directory.papers["baocantho"]
    body = (PAGES / "baocantho.com.vn__section_thoi-su.html").read_bytes()
    url = json.loads((PAGES / "baocantho.com.vn__section_thoi-su.gold.json").read_text("utf-8"))["url"]
    listing = read_listing(body, url, "section", paper, template=directory.template_for(paper))
    assert sniff(body, url, paper) == "section"
    assert (listing.outcome, listing.reason) == ("listing/read", None)
    assert len(urls(listing)) > 30
    assert listing.links[-1].if_new
    assert listing.links[-1].url in body.decode()


def test_feed_addresses_are_told_by_their_form() -> None:
    forms = ["/rss/thoi-su", "/rss", "/rss/a.xml", "/kinh-te/index.rss", "/rss/xahoi-199.rss", "/feed/", "/rss/11.rss"]
    assert all(is_feed_address(HOME + form, PAPER) for form in forms)
    assert not any(is_feed_address(HOME + form, PAPER) for form in ["/thoi-su/", "/sitemap.xml", "/rss-la-gi.html"])


@pytest.mark.parametrize(
    ("feeds", "index"),
    [
        (["/rss/thoi-su.xml", "/rss/kinh-te.xml"], "/rss"),
        (["/rss/news/van-hoa.rss"], "/rss"),
        (["/feeds/chinh-tri.atom"], "/feeds"),
        (["/kinh-te/index.rss"], None),
        (["/rss"], None),
        (["/rss/thoi-su.xml", "/rss/"], None),
        (["/rss.xml"], None),
        ([], None),
    ],
)
def test_the_page_that_lists_all_feeds_lies_above_those_that_are_known(feeds: list[str], index: str | None) -> None:
    assert index_above(HOME + path for path in feeds) == (HOME + index if index else None)


@pytest.mark.parametrize(
    ("url", "after", "fifth"),
    [
        ("/tin", "/tin?page=2", "/tin?page=5"),
        ("/tin?page=9&a=1", "/tin?page=10&a=1", "/tin?page=5&a=1"),
        ("/tin.html", "/tin/trang-2.html", "/tin/trang-5.html"),
        ("/page/3/tin.aspx", "/page/4/tin.aspx", "/page/5/tin.aspx"),
        ("/tin", "/tin?page=1", None),
        ("/tin", "/tin/2", None),
        ("/tin", "/khac?page=2", None),
        ("/tin", "/tin?first=20", None),
    ],
)
def test_the_address_of_any_page_is_told_by_that_of_the_next(url: str, after: str, fifth: str | None) -> None:
    found = paging(HOME + url, HOME + after)
    assert (found.at(5) if found else None) == (HOME + fifth if fifth else None)
