from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from crawler.papers import load
from pipelines.items import Paper
from pipelines.urls import host_of, is_article, looks_like_article, newsroom_id, on_paper, uid, url_key

ROOT = Path(__file__).parent.parent
EVIDENCE = ROOT.parent / "shared" / "directory" / "urls.tsv"
LISTED = re.compile(r"listing|tag page|topic page")

SAME = [
    ("http and https", "http://baomau.vn/tin-1.html", "https://baomau.vn/tin-1.html"),
    ("www", "https://www.baomau.vn/a", "https://baomau.vn/a"),
    ("host case", "HTTPS://BaoMau.VN/a", "https://baomau.vn/a"),
    ("default port", "https://baomau.vn:443/a", "https://baomau.vn/a"),
    ("default port of http", "http://baomau.vn:80/a", "https://baomau.vn/a"),
    ("trailing dot of a host", "https://baomau.vn./a", "https://baomau.vn/a"),
    ("user", "https://ai:do@baomau.vn/a", "https://baomau.vn/a"),
    ("fragment", "https://baomau.vn/a#binh-luan", "https://baomau.vn/a"),
    (
        "trailing slash",
        "https://baomau.vn/kinh-te/202511/mot-hai-5431505/",
        "https://baomau.vn/kinh-te/202511/mot-hai-5431505",
    ),
    ("front page", "https://baomau.vn/", "https://baomau.vn"),
    (
        "tracking",
        "https://baomau.vn/a?utm_source=zalo&UTM_Medium=x&fbclid=Iw&zarsrc=31&gidzl=q",
        "https://baomau.vn/a",
    ),
    (
        "tracking between others",
        "https://baomau.vn/v.aspx?mabb=2&fbclid=3&macm=1",
        "https://baomau.vn/v.aspx?macm=1&mabb=2",
    ),
    ("order of parameters", "https://baomau.vn/v.aspx?b=2&a=1", "https://baomau.vn/v.aspx?a=1&b=2"),
    ("escapes in lower case", "https://baomau.vn/s/%e1%bb%85n", "https://baomau.vn/s/%E1%BB%85n"),
    ("letters not escaped", "https://baomau.vn/s/nguyễn hà", "https://baomau.vn/s/nguy%E1%BB%85n%20h%C3%A0"),
    ("escapes that need not be", "https://baomau.vn/%74in-%31.html", "https://baomau.vn/tin-1.html"),
    ("plus and space", "https://baomau.vn/tag?t=Ban+bi", "https://baomau.vn/tag?t=Ban%20bi"),
    ("white space around", " https://baomau.vn/a\n", "https://baomau.vn/a"),
    ("international host", "https://báomẫu.vn/a", "https://xn--bomu-5na2786b.vn/a"),
]
OTHER = [
    ("path case", "https://baomau.vn/A", "https://baomau.vn/a"),
    ("another port", "https://baomau.vn:8080/a", "https://baomau.vn/a"),
    ("another parameter", "https://baomau.vn/v.aspx?mabb=2", "https://baomau.vn/v.aspx?mabb=3"),
    ("order of one parameter's values", "https://baomau.vn/v?a=1&a=2", "https://baomau.vn/v?a=2&a=1"),
    ("an escaped slash", "https://baomau.vn/a%2Fb", "https://baomau.vn/a/b"),
    ("a subdomain", "https://en.baomau.vn/a", "https://baomau.vn/a"),
    ("a parameter that only begins like a tracking one", "https://baomau.vn/?gclide=1", "https://baomau.vn/"),
]
MALFORMED = [
    "",
    "  ",
    "http://",
    "https://[::1/a",
    "https://baomau.vn:99999/a",
    "https://baomau.vn:x/",
    "tin",
    "mailto:toasoan@baomau.vn",
    "javascript:void(0)",
    "tel:02373",
    "//baomau.vn/a",
    "ftp://baomau.vn/a",
    "https://baomau.vn:0/",
    "\x00",
    "http://\udcff/",
]


def paper(
    name: str = "baomau",
    *,
    hosts: tuple[str, ...] = ("baomau.vn",),
    template: str | None = "onecms",
    article: tuple[str, ...] = (r"^/[^/]+-(?P<id>\d{6,})\.html$",),
) -> Paper:
    return Paper(name, "Báo Mẫu", "Huế", hosts=hosts, template=template, article=tuple(map(re.compile, article)))


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=name) for name, a, b in SAME])
def test_addresses_that_differ_only_in_form_are_one(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=name) for name, a, b in OTHER])
def test_addresses_that_differ_in_fact_are_two(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize("url", [url for row in SAME + OTHER for url in row[1:]])
def test_a_key_is_its_own_key(url: str) -> None:
    assert url_key(url_key(url)) == url_key(url)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address_belongs_to_nobody_and_keeps_its_text(url: str) -> None:
    assert url_key(url) == url.strip() or url_key(url).startswith("https://")
    assert not on_paper(url, paper())
    assert not is_article(url, paper())
    assert newsroom_id(url, paper()) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.BaoMau.vn/a", "baomau.vn"),
        ("http://baomau.vn:80", "baomau.vn"),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8001"),
        ("http://[::1]:80/", "[::1]"),
        ("https://www.vn/", "vn"),
        ("baomau.vn", ""),
        ("https://baomau.vn:port/", ""),
    ],
)
def test_a_host_is_written_one_way(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://baomau.vn/a", True),
        ("http://www.baomau.vn/a", True),
        ("https://cu.baomau.com.vn/a", True),
        ("http://127.0.0.1:8001/a", True),
        ("http://127.0.0.1:8002/a", False),
        ("http://127.0.0.1/a", False),
        ("https://en.baomau.vn/a", False),
        ("https://khongphaibaomau.vn/a", False),
        ("https://baomau.vn:8443/a", False),
        ("https://baomau.vn@other.vn/", False),
    ],
)
def test_a_paper_is_on_its_hosts_and_ports_alone(url: str, expected: bool) -> None:
    assert on_paper(url, paper(hosts=("baomau.vn", "cu.baomau.com.vn", "127.0.0.1:8001"))) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://baomau.vn/mot-tin-moi-123456.html", "onecms:123456"),
        ("https://baomau.vn/mot-tin-moi-123456.html?utm_source=x", "onecms:123456"),
        ("https://baomau.vn/kinh-te/201903/mot-tin-cu-88701/", "vnpt1:88701"),
        ("https://baomau.vn/viewer.aspx?macm=39&mabb=222823", "aspx:222823"),
        ("https://baomau.vn/khong-co-so.html", None),
        ("https://baomau.vn/kinh-te/", None),
    ],
)
def test_a_newsroom_number_names_its_system(url: str, expected: str | None) -> None:
    forms = (r"^/[^/]+-(?P<id>\d{6,})\.html$", r"/\d{6}/[^/]+-(?P<vnpt1>\d+)/$", r"[?&]mabb=(?P<aspx>\d+)")
    assert newsroom_id(url, paper(article=forms)) == expected


def test_a_paper_with_a_system_of_its_own_names_it_after_itself() -> None:
    assert newsroom_id("https://baomau.vn/tin-123456.html", paper(template=None)) == "baomau:123456"


def test_a_uid_follows_the_newsroom_number_wherever_the_article_stands() -> None:
    here, there = "https://baomau.vn/tin-a-123456.html", "https://www.baomau.vn/tin-b-123456.html"
    ids = [uid("baomau", newsroom_id(url, paper()), url_key(url)) for url in (here, there)]
    assert ids[0] == ids[1]
    assert re.fullmatch(r"baomau-[0-9a-f]{12}", ids[0])
    assert uid("baokhac", "onecms:123456", url_key(here)) != ids[0]
    assert uid("baomau", None, url_key(here)) != uid("baomau", None, url_key(there))


def test_uids_once_given_stay() -> None:
    assert uid("baomau", "onecms:123456", "") == "baomau-1f2d84e440e2"


LOOKS = [
    ("https://la.vn/kinh-te/202511/mot-hai-ba-5431505/", True),
    ("https://la.vn/kinh-te/202511/mot-hai-ba-a1e16da", True),
    ("https://la.vn/mot-hai-ba-a464618.html", True),
    ("https://la.vn/van-hoa/mot-hai-ba/120517.htm", True),
    ("https://la.vn/news/14/143498/mot-hai-ba/", True),
    ("https://la.vn/mot-hai-ba-bon-151256", True),
    ("https://la.vn/viewer.aspx?macm=39&mabb=222823", True),
    ("https://la.vn/kinh-te/", False),
    ("https://la.vn/kinh-te/202511/", False),
    ("https://la.vn/kinh-te.html", False),
    ("https://la.vn/ghi-chep-31.html", False),
    ("https://la.vn/ghi-chep-12345.html?page=24", False),
    ("https://la.vn/tag/mot-hai-ba-12345.html", False),
    ("https://la.vn/tac-gia/nguyen-van-mau-12345.html", False),
    ("https://la.vn/mot-hai-9020/tag.html", False),
    ("https://la.vn/215/page/92/Phong-su.aspx", False),
    ("https://la.vn/video/", False),
    ("https://la.vn/lu-lut-event123456.html", False),
    ("https://la.vn/mot-hai-ba-bon-nam-sau-bay-ptag.html", False),
    ("https://la.vn/", False),
]


@pytest.mark.parametrize(("url", "expected"), LOOKS)
def test_an_unknown_newspapers_articles_are_told_by_their_addresses(url: str, expected: bool) -> None:
    assert is_article(url, paper(hosts=("la.vn",), article=())) is expected


def evidence() -> list[tuple[str, bool]]:
    if not EVIDENCE.exists():
        pytest.skip(f"{EVIDENCE} is not here")
    with EVIDENCE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row["url"], not LISTED.search(row["where_seen"])) for row in rows]


def test_every_real_address_of_our_papers_is_judged_rightly() -> None:
    papers = load([ROOT / "crawler/papers.toml"], [ROOT / "crawler/templates.toml"]).papers.values()
    ours = [(url, good, p) for url, good in evidence() for p in papers if on_paper(url, p)]
    assert len(ours) > 100
    assert [url for url, good, p in ours if is_article(url, p) is not good] == []


def test_the_general_rule_judges_the_real_addresses_of_all_papers() -> None:
    assert [url for url, good in evidence() if looks_like_article(url) is not good] == []
