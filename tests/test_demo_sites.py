"""The made-up newspapers: they hold their own words, behave as web servers do, and copy nobody."""

from __future__ import annotations

import gzip
import html
import http.client
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler import papers as data
from tests.demo import faults
from tests.demo.expected import EXPECTED, Expected
from tests.demo.papers import PAPERS_TOML, papers_toml, write_papers_toml
from tests.demo.server import Site, Sites, serve
from tests.demo.sites import answers
from tests.demo.stories import DAYS, NAMES, newspaper, newspapers

BASE = "http://127.0.0.1:8000"
TEMPLATES = Path(data.__file__).with_name("templates.toml")
REAL_PAGES = Path("/work/shared/pages")
LONGEST_LOAN = 80
"""Characters of another's text that may not stand in ours."""


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with serve() as served:
        yield served


@pytest.fixture
def site(sites: Sites) -> Iterator[Site]:
    chosen = sites["demo-songnguon"]
    yield chosen
    chosen.faults.clear()
    sites.day = 0


def get(site: Site, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(site.host, timeout=20)
    try:
        connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def local_links(body: bytes) -> list[str]:
    """Paths of a page's links; the relative ones of vDoc climb from its base to the root."""
    links = (str(a.attributes["href"]) for a in LexborHTMLParser(body.decode()).css("a[href]"))
    return [link.removeprefix(BASE).removeprefix("../../../..") for link in links]


def told(body: bytes) -> str:
    """The words of a page as a browser shows them, white space collapsed."""
    tree = LexborHTMLParser(body.decode())
    return " ".join((tree.body.text(separator=" ") if tree.body else "").split())


@pytest.mark.parametrize(("name", "day"), EXPECTED)
def test_every_article_page_holds_its_title_byline_captions_and_paragraphs(name: str, day: int) -> None:
    pages = answers(newspaper(name), day, BASE)
    for held in EXPECTED[name, day].articles:
        if held.refused:
            continue
        shown = told(pages[held.path].body)
        for words in (held.title, held.lead, held.byline, held.section, *held.captions, *held.paragraphs):
            assert words in shown or words.upper() in shown, f"{held.path} does not show {words!r}"


@pytest.mark.parametrize("name", NAMES)
def test_an_article_page_is_as_noisy_as_a_real_one(name: str) -> None:
    pages = answers(newspaper(name), 0, BASE)
    shown = told(pages[EXPECTED[name, 0].articles[0].path].body)
    for noise in ("Tin liên quan", "Đọc nhiều", "{name} - {time}", "Trả lời", "{body}", "0 bình luận"):
        assert noise in shown


@pytest.mark.parametrize(("name", "day"), EXPECTED)
def test_every_article_can_be_found_from_the_front_page(name: str, day: int) -> None:
    paper, seen, todo = newspaper(name), set[str](), ["/"]
    pages = answers(paper, day, BASE)
    while todo:
        address = todo.pop()
        if address in pages and address not in seen and pages[address].content_type.startswith("text/html"):
            todo += local_links(pages[address].body)
        seen.add(address)
    expected = EXPECTED[name, day]
    for held in expected.articles:
        assert held.refused or {held.path, *held.other_paths} <= seen
    assert set(expected.not_articles) <= seen
    assert not paper.broken or paper.broken.path in seen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("day", DAYS)
def test_feeds_and_sitemaps_are_well_formed(name: str, day: int) -> None:
    for path, reply in answers(newspaper(name), day, BASE).items():
        if "xml" in reply.content_type or reply.content_type == "application/gzip":
            body = gzip.decompress(reply.body) if path.endswith(".gz") else reply.body
            assert len(ElementTree.fromstring(body)) > 0, path


def test_the_papers_have_feeds_of_both_kinds_a_gz_sitemap_and_one_paper_none() -> None:
    kinds = {n: {r.content_type.split(";")[0] for r in answers(newspaper(n), 0, BASE).values()} for n in NAMES}
    assert {"application/rss+xml", "text/xml", "application/gzip"} <= kinds["demo-songnguon"]
    assert {"application/rss+xml", "application/atom+xml"} <= kinds["demo-baiboi"]
    assert kinds["demo-ghenhda"] == {"text/html", "text/plain"}


def test_papers_toml_is_what_the_loader_accepts(tmp_path: Path) -> None:
    file = write_papers_toml(tmp_path / "papers.toml", [40001, 40002, 40003])
    directory = data.load([file], [TEMPLATES], allow_loopback=True)
    assert sorted(directory.papers) == sorted(NAMES)
    for name, paper in directory.papers.items():
        for held in EXPECTED[name, 2].articles:
            for path in (held.path, *held.other_paths):
                assert any(pattern.search(path) for pattern in paper.article), path
    with pytest.raises(data.DataError, match="ALLOW_LOOPBACK"):
        data.load([file], [TEMPLATES])


def test_the_committed_papers_toml_is_up_to_date() -> None:
    assert PAPERS_TOML.read_text("utf-8") == papers_toml()


def test_an_unchanged_listing_answers_304_by_etag_and_by_date(site: Site) -> None:
    status, headers, body = get(site, "/rss/thoi-su")
    assert (status, bool(body)) == (200, True)
    assert get(site, "/rss/thoi-su", If_None_Match=headers["ETag"])[0] == 304
    assert get(site, "/rss/thoi-su", If_Modified_Since=headers["Last-Modified"])[0] == 304
    site.day = 2
    assert get(site, "/rss/thoi-su", If_None_Match=headers["ETag"])[0] == 200


def test_gzip_is_sent_to_those_who_ask_for_it(site: Site) -> None:
    path = EXPECTED["demo-songnguon", 0].articles[0].path
    _, plain, body = get(site, path)
    _, zipped, packed = get(site, path, Accept_Encoding="gzip, deflate")
    assert plain["Content-Encoding"] is None
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == body


def test_the_days_bring_new_articles_and_change_delete_and_copy_one(sites: Sites) -> None:
    for day in DAYS:
        sites.day = day
        for name in NAMES:
            for held in EXPECTED[name, day].articles:
                wanted = 404 if held.refused else 200
                assert get(sites[name], held.path)[0] == wanted
    changes = [held for key in EXPECTED if key[1] == 2 for held in EXPECTED[key].articles]
    assert [sum(held.first_day == day for held in changes) for day in DAYS] == [24, 9, 9]
    assert sum(held.edits for held in changes) == 1
    assert sum(held.gone for held in changes) == 1
    assert sum(held.copy_of is not None for held in changes) == 1
    sites.day = 0


def test_the_copy_says_word_for_word_what_the_first_paper_said_but_later() -> None:
    copy = next(held for held in EXPECTED["demo-baiboi", 1].articles if held.copy_of)
    assert copy.copy_of is not None
    first = EXPECTED[copy.copy_of[0], 1].at(copy.copy_of[1])
    assert (copy.title, copy.text) == (first.title, first.text)
    assert copy.published > first.published
    assert copy.path != first.path


def test_further_addresses_redirect_or_show_the_same_text(sites: Sites) -> None:
    for name in NAMES:
        held = next(held for held in EXPECTED[name, 0].articles if held.other_paths)
        status, headers, body = get(sites[name], held.other_paths[0])
        assert (status, headers["Location"]) == (301, held.path) or held.paragraphs[0] in told(body)


def test_dead_links_and_videos_are_in_the_lists_but_hold_no_article(sites: Sites) -> None:
    for name in NAMES:
        expected: Expected = EXPECTED[name, 0]
        assert all(get(sites[name], path)[0] == 404 for path in expected.failed)
        assert all(len(told(get(sites[name], path)[2])) < 1000 for path in expected.not_articles)
    assert EXPECTED["demo-baiboi", 0].failed
    assert EXPECTED["demo-ghenhda", 0].not_articles


def test_robots_txt_and_tracking_parameters(site: Site) -> None:
    assert b"Disallow: /tim-kiem/" in get(site, "/robots.txt")[2]
    assert get(site, "/rss/thoi-su?utm_source=zalo")[0] == 200
    assert get(site, "/thoi-su?page=99")[0] == 404


def test_connections_are_kept_and_exchanges_logged(site: Site) -> None:
    site.log.clear()
    connection = http.client.HTTPConnection(site.host, timeout=20)
    for path in ("/", "/rss"):
        connection.request("GET", path, headers={"User-Agent": "reader"})
        connection.getresponse().read()
    connection.close()
    assert [(e.method, e.path, e.status, e.header("user-agent")) for e in site.log] == [
        ("GET", "/", 200, "reader"),
        ("GET", "/rss", 200, "reader"),
    ]
    assert len({exchange.connection for exchange in site.log}) == 1
    assert all(exchange.began <= exchange.ended for exchange in site.log)


def test_faults_happen_where_they_are_hung(site: Site) -> None:
    site.faults |= {
        "/": faults.status(503, ("Retry-After", "3")),
        "/rss/thoi-su": faults.instead("<html><body>Bảo trì</body></html>"),
        "/kinh-te": faults.huge(2),
        "/xa-hoi": faults.cut(10),
        "/van-hoa": faults.slow(0.01),
    }
    status, headers, _ = get(site, "/")
    assert (status, headers["Retry-After"]) == (503, "3")
    assert get(site, "/rss/thoi-su")[1]["Content-Type"].startswith("text/html")
    assert len(get(site, "/kinh-te")[2]) > 2_000_000
    with pytest.raises(http.client.IncompleteRead):
        get(site, "/xa-hoi")
    assert get(site, "/van-hoa")[0] == 200
    site.faults.clear()
    assert get(site, "/")[0] == 200


def test_a_silent_address_never_answers_and_does_not_keep_the_server_from_ending() -> None:
    with serve([newspaper("demo-songnguon")]) as served:
        site = served["demo-songnguon"]
        site.faults["/"] = faults.silent()
        connection = http.client.HTTPConnection(site.host, timeout=0.3)
        connection.request("GET", "/")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()


def test_a_reader_who_stays_connected_does_not_keep_the_server_from_ending() -> None:
    with serve([newspaper("demo-songnguon")]) as served:
        connection = http.client.HTTPConnection(served["demo-songnguon"].host, timeout=20)
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
    connection.close()


def test_nothing_is_borrowed_from_the_real_papers() -> None:
    if not REAL_PAGES.is_dir():
        pytest.skip(f"{REAL_PAGES} is not on this machine")
    loans = {run for file in REAL_PAGES.iterdir() for run in runs(words_of(file.read_text("utf-8")))}
    for paper in newspapers():
        for story in paper.stories:
            for text in (story.title, story.lead, *story.paragraphs, *story.captions):
                assert not loans & set(runs(text)), f"{paper.name}/{story.key} repeats a real page: {text}"
    ours = Path(answers.__module__.replace(".", "/")).parent
    for file in (Path(__file__).parent.parent / ours / "markup").rglob("*.html"):
        told_by_us = words_of(re.sub(r"\{[{%].*?[%}]\}", "\n", file.read_text("utf-8")))
        for line in told_by_us.splitlines():
            assert not loans & set(runs(line)), f"{file.name} repeats a real page: {line}"


def words_of(markup: str) -> str:
    """The prose of a page or of gold JSON: no tags, scripts or styles, entities resolved."""
    bare = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", "\n", markup)
    return unicodedata.normalize("NFC", html.unescape(re.sub(r"<[^>]*>", "\n", bare)))


def runs(text: str) -> Iterator[str]:
    """Every run of 81 characters of a text, line by line, white space collapsed."""
    for line in text.splitlines():
        flat = " ".join(line.split())
        yield from (flat[at : at + LONGEST_LOAN + 1] for at in range(len(flat) - LONGEST_LOAN))
