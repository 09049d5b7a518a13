"""What is judged of an unknown site: forms of addresses, newsroom system, masthead, sections, the entry."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from crawler.discovery import masthead
from crawler.discovery.doors import Door, menu_links, that_list
from crawler.discovery.entry import as_toml
from crawler.discovery.findings import Findings, findings
from crawler.discovery.patterns import forms, place_of
from crawler.discovery.probing import Answer, Question, Survey
from crawler.discovery.systems import Guess, Sample, guess_system, system_of
from crawler.extraction import extract
from crawler.extraction.page import Page
from crawler.frontier import listings
from crawler.papers import Directory, load, provinces
from crawler.settings import PAPER_FILES, TEMPLATE_FILES
from pipelines.urls import looks_like_article
from tests.crawling import ROOT
from tests.demo.stories import DAWN

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://baomau.example"
HEADLINES = ("cau-moi-bac-qua-suoi-mua", "cho-phien-hop-lai-sau-lu", "lop-hoc-ben-song-vang", "mua-he-o-ban-tren")


def on(*paths: str) -> list[str]:
    return [HOST + path for path in paths]


@cache
def directory() -> Directory:
    return load(PAPER_FILES, TEMPLATE_FILES)


ADDRESSES = {
    r"^/[^/]+-(?P<id>\d{5,})\.html$": [f"/{h}-{10234567 + n}.html" for n, h in enumerate(HEADLINES)],
    r"^/[^/]+-a(?P<id>\d+)\.html$": [f"/{h}-a{196670 + n}.html" for n, h in enumerate(HEADLINES)],
    r"^/[^/]+-post(?P<id>\d+)\.html$": [f"/{h}-post{4044 + n}.html" for n, h in enumerate(HEADLINES)],
    r"^/(?:[^/]+/)+\d{6}/[^/]+-(?P<id>[0-9a-f]{7})/?$": [
        "/kinh-te/202611/cho-phien-hop-lai-4409ab1/",
        "/xa-hoi/doi-song/202611/lop-hoc-ben-song-1234567/",
        "/xa-hoi/202610/mua-he-o-ban-f123456/",
    ],
    r"^/(?:[^/]+/)+\d{6}/[^/]+-(?P<id>\d{5,})/?$": [
        "/kinh-te/201904/cho-phien-hop-lai-743640/",
        "/xa-hoi/201905/lop-hoc-ben-song-743771/",
    ],
    r"^/(?:[^/]+/)*[^/]+-(?P<id>\d{4,})\.htm$": ["/cho-phien-hop-lai-2447.htm", "/en/market-day-again-2448.htm"],
    r"^/(?:[^/]+/)+(?P<id>\d+)\.htm$": ["/doi-song/mot-thoi-lam-bao/120517.htm", "/doi-song/qua-song/120518.htm"],
    r"^/(?:[^/]+/)+(?P<id>\d+)p\d+c\d+/[^/]+\.htm$": [
        "/news/103215p1c123/hoi-dong-hop.htm",
        "/news/103216p1c124/cho-phien-hop-lai.htm",
    ],
    r"^/(?:[^/]+/)+\d+/(?P<id>\d+)/[^/]+/?$": ["/news/14/143498/cho-phien-hop-lai", "/news/14/143502/qua-song"],
    r"^/viewer\.aspx\?(?:[^&]+&)*mabb=(?P<id>\d+)(?:&|$)": [
        "/viewer.aspx?macm=39&macmp=39&mabb=222823",
        "/viewer.aspx?macm=4&macmp=39&mabb=222901",
    ],
    r"^/(?P<id>\d{5,})-[^/]+\.html$": ["/310223-cho-phien-hop-lai.html", "/310224-lop-hoc-ben-song.html"],
    r"^/(?:[^/]+/)+(?:[^/-]+-){3,}[^/\d-]+\.html$": [
        "/doi-song/cho-phien-vung-cao-hop-lai.html",
        "/doi-song/mua-he-o-ban-tren.html",
    ],
}


@pytest.mark.parametrize("pattern", ADDRESSES)
def test_the_form_of_article_addresses_is_told_from_examples(pattern: str) -> None:
    urls = on(*ADDRESSES[pattern])
    (form,) = forms(urls, on("/", "/kinh-te/", "/xa-hoi/doi-song/", "/thoi-su-31.html", "/tag/cho-phien/"))
    assert form.pattern == pattern
    assert form.examples == tuple(urls)
    assert not form.takes


def test_a_number_is_asked_for_as_long_as_it_must_be_to_leave_listings_out() -> None:
    listings = on("/su-kien-12345.html")
    (form,) = forms(on("/cho-phien-hop-lai-1023456.html", "/lop-hoc-ben-song-1023457.html"), listings)
    assert form.pattern == r"^/[^/]+-(?P<id>\d{7,})\.html$"
    assert not form.takes
    (form,) = forms(on("/cho-phien-hop-lai-12346.html", "/lop-hoc-ben-song-12347.html"), listings)
    assert form.takes == ("/su-kien-12345.html",)


def test_several_forms_are_kept_apart_and_the_most_frequent_goes_first() -> None:
    old = "/kinh-te/202101/cau-cu-743640/"
    found = forms(on(old, *ADDRESSES[r"^/[^/]+-a(?P<id>\d+)\.html$"]))
    assert [len(form.examples) for form in found] == [4, 1]
    assert re.search(found[1].unnumbered(), old)
    assert "(?P<" not in found[1].unnumbered()


def test_an_address_is_looked_at_without_what_a_campaign_hung_on_it() -> None:
    assert place_of(f"{HOST}/qua-song-a12.html?utm_source=zalo&id=3#tren") == "/qua-song-a12.html?id=3"


def sample(name: str) -> Sample:
    body = (ROOT / "tests/pages" / name).read_bytes()
    url = f"{HOST}/{name}"
    return Sample(url, body, "text/html", extract(body, url))


@pytest.mark.parametrize(
    ("page", "system"),
    [
        ("onecms-cau-treo.html", "onecms"),
        ("epi-bare-divs.html", "epi"),
        ("vdoc-lang-bun.html", "vdoc"),
        ("vnpt2-toa-tau-cu.html", "vnpt2"),
        ("mediatech-nested.html", "mediatech"),
        ("htm-phead.html", "htm"),
        ("wordpress.html", None),
        ("old-fonts.html", None),
        ("aspx-form-table.html", None),
    ],
)
def test_the_newsroom_system_is_told_by_where_a_page_keeps_what(page: str, system: str | None) -> None:
    guesses = guess_system([sample(page)], directory().templates, directory().papers.values())
    chosen = system_of(guesses)
    assert (chosen.template if chosen else None) == system


def test_two_systems_that_fit_alike_are_not_guessed_between() -> None:
    assert system_of([Guess("mot", 0.8), Guess("hai", 0.78)]) is None
    assert system_of([Guess("mot", 0.8), Guess("hai", 0.6)]) == Guess("mot", 0.8)
    assert system_of([Guess("mot", 0.4)]) is None
    assert system_of([]) is None


def page(html: str) -> Page:
    return Page.parse(html, f"{HOST}/")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Trang chủ - Báo Khe Bưởi điện tử</title>", "Báo Khe Bưởi"),
        ('<title>Tin nhanh</title><meta property="og:site_name" content="Báo Khe Bưởi">', "Báo Khe Bưởi"),
        ('<title>Khe Bưởi</title><meta property="og:site_name" content="Khe Bưởi Ngày Nay">', "Khe Bưởi Ngày Nay"),
        (f"<title>{'Tin tức nóng hổi ' * 9}</title>", ""),
    ],
)  # fmt: skip
def test_a_newspapers_name_is_what_its_front_page_says(html: str, title: str) -> None:
    assert masthead.title_of([page(html)]) == title


@pytest.mark.parametrize(
    ("title", "host", "imprint", "province", "before"),
    [
        ("Báo Nghệ An", "baomau.example", "", "Nghệ An", ("Nghệ An",)),
        ("Báo PHÚ YÊN", "baomau.example", "", "Đắk Lắk", ("Phú Yên",)),
        ("Tin tức", "phuyen.baodaklak.vn", "", "Đắk Lắk", ("Phú Yên",)),
        ("Báo Đắk Lắk", "baomau.example", "", "Đắk Lắk", ()),
        ("Tin tức", "baothainguyen.vn", "", "Thái Nguyên", ()),
        ("Tin tức", "huengaynay.vn", "", "Huế", ("Thừa Thiên Huế",)),
        ("Tin tức", "baomau.example", "Cơ quan của Tỉnh ủy Sóc Trăng", "Cần Thơ", ("Sóc Trăng",)),
        ("Báo Khe Bưởi", "baomau.example", "Tòa soạn: 1 đường Bến Vắng", "", ()),
    ],
)
def test_the_province_is_told_by_its_name_of_today_or_before(
    title: str, host: str, imprint: str, province: str, before: tuple[str, ...]
) -> None:
    found = masthead.province_of(title, host, [page(f"<footer><p>{imprint}</p></footer>")], provinces())
    assert found == (province, before)


def test_a_table_is_named_after_the_host_and_never_as_another_paper() -> None:
    assert masthead.name_of("baomau.vn", "Báo Mẫu", []) == "baomau"
    assert masthead.name_of("phuyen.baomau.vn", "Báo Mẫu", ["phuyen"]) == "phuyen-baomau-vn"
    assert masthead.name_of("127.0.0.1:8451", "Báo Sông Nguồn", []) == "baosongnguon"
    assert masthead.name_of("127.0.0.1:8451", "", []) == "127-0-0-1-8451"


LINE = "Hội đồng xã họp bàn việc sửa con đập, hẹn xong trước mùa mưa năm sau để bà con kịp xuống giống."


def marked(mark: str) -> Sample:
    paragraphs = "".join(f"<p>{LINE} Đoạn {n} kể thêm về con đập ấy.</p>" for n in range(4))
    html = f"<html><body><article><h1>Sửa con đập</h1><p>{mark}{LINE}</p>{paragraphs}</article></body></html>".encode()
    return Sample(HOST, html, "", extract(html, HOST))


def test_a_newsrooms_mark_is_one_if_most_articles_begin_with_it() -> None:
    assert masthead.prefixes_of([marked("(KBO) - "), marked("(KBO) - "), marked("")]) == ("(KBO)",)
    assert masthead.prefixes_of([marked("(KBO) - "), marked(""), marked("")]) == ()


def test_a_menu_leads_to_sections_and_not_to_what_else_it_links() -> None:
    links = on(
        "/", "/kinh-te/", "/kinh-te", "/van-hoa/le-hoi/", "/lien-he.html", "/tim-kiem/?q=", "/rss", "/sitemap.xml",
        "/tag/cho-phien/", "/logo.png", "/cho-phien-hop-lai-a19667.html", "/a/b/c/", "/thoi-su-31.html", "/dat-bao/",
    )  # fmt: skip
    assert menu_links(links, looks_like_article) == tuple(on("/kinh-te/", "/thoi-su-31.html", "/van-hoa/le-hoi/"))


def test_a_page_that_shows_only_what_all_others_show_is_no_section() -> None:
    around = on("/nhat-a10001.html", "/nhi-a10002.html")
    sections = [Door(f"{HOST}/{n}/", "section", (*around, *on(f"/muc-{n}-a2000{n}.html"))) for n in (1, 2, 3)]
    contact = Door(f"{HOST}/toa-nha/", "section", tuple(around))
    assert that_list([*sections[:2], contact, sections[2]], looks_like_article) == tuple(sections)


def surveyed(pages: dict[str, str], budget: int = 25) -> Survey:
    survey = Survey("baomau.example", budget)
    while question := survey.next_question():
        html = pages.get(question.url)
        survey.learn(question, Answer(question.url, 200 if html else 404, (html or "").encode(), "text/html"))
    return survey


def small_paper() -> dict[str, str]:
    """Return a site with two forms of addresses and a menu; by address."""
    paths = [f"/{h}-a{10001 + n}.html" for n, h in enumerate(HEADLINES)]
    paths += [f"/chuyen-de/{h}-v{77 + n}.html" for n, h in enumerate(HEADLINES)]
    links = "".join(f'<li><a href="{path}">Tin về con đập và bến sông</a></li>' for path in paths)
    front = f'<title>Báo Mẫu</title><a href="/kinh-te/">Kinh tế</a><ul>{links}</ul>'
    article = marked("").body.decode()
    return {f"{HOST}/": front, f"{HOST}/kinh-te/": front, **dict.fromkeys(on(*paths), article)}


def found(survey: Survey) -> Findings:
    return findings(survey, directory(), provinces(), DAWN.date())


def test_only_the_main_form_gives_the_newsrooms_number() -> None:
    table = found(surveyed(small_paper())).table
    assert table["article"] == [r"^/[^/]+-a(?P<id>\d+)\.html$", r"^/(?:[^/]+/)+[^/]+-v\d+\.html$"]


def test_a_form_whose_pages_are_lists_is_no_articles() -> None:
    pages = small_paper()
    links = "".join(f'<li><a href="/{HEADLINES[0]}-a{10001 + n}.html">Tin số {n} về đập</a></li>' for n in range(30))
    listing = f"<title>Con đập</title><h1>Con đập</h1><ul>{links}</ul>"
    pages |= dict.fromkeys((url for url in pages if "/chuyen-de/" in url), listing)
    assert found(surveyed(pages)).table["article"] == [r"^/[^/]+-a(?P<id>\d+)\.html$"]


def test_addresses_of_words_alone_are_not_taken_for_articles_because_those_with_numbers_are() -> None:
    pages = small_paper()
    about = "".join(f'<a href="/{h}-va-nhung-chuyen-khac-o-day.html">Về chúng tôi</a>' for h in HEADLINES)
    pages[f"{HOST}/"] += about
    assert found(surveyed(pages)).table["article"][0] == r"^/[^/]+-a(?P<id>\d+)\.html$"
    assert not any("{3,}" in pattern for pattern in found(surveyed(pages)).table["article"])


def test_a_survey_asks_nothing_twice_and_no_more_than_it_may() -> None:
    survey = surveyed(small_paper())
    urls = [question.url for question, _ in survey.answers]
    assert len(urls) == len(set(urls))
    assert len(surveyed(small_paper(), budget=3).answers) == 3


def test_a_greater_budget_opens_more_sections_and_those_left_are_told() -> None:
    pages = small_paper()
    menu = {f"{HOST}/muc-{letter}/": f"/muc-{letter}/" for letter in "abcdefghijklmnopqrst"}
    pages[f"{HOST}/"] += "".join(f'<a href="{path}">Mục</a>' for path in menu.values())
    few, many = surveyed(pages), surveyed(pages | dict.fromkeys(menu, pages[f"{HOST}/"]), budget=60)
    asked = [sum(q.purpose == "section" for q, _ in survey.answers) for survey in (few, many)]
    assert asked[0] < 21
    assert asked[1] == 21
    assert any(clause.startswith("sections: ") and "--requests" in clause for clause in found(few).missing)
    assert not any("--requests" in clause for clause in found(many).missing)


def test_the_front_page_is_looked_for_by_https_then_http_then_with_www() -> None:
    survey = Survey("baomau.example")
    asked = []
    while question := survey.next_question():
        asked.append(question.url)
        survey.learn(question, Answer(question.url, failure="no answer in time"))
    assert asked == [f"{s}://{w}baomau.example/" for w in ("", "www.") for s in ("https", "http")]


def test_a_paper_found_by_http_alone_is_asked_by_http(tmp_path: Path) -> None:
    pages = {url.replace("https:", "http:"): html for url, html in small_paper().items()}
    mine = tmp_path / "mine.toml"
    mine.write_text(as_toml(found(surveyed(pages))).replace('province = ""', 'province = "Huế"'), "utf-8")
    known, guesses = listings(load([mine], TEMPLATE_FILES).papers["baomau"])
    assert known[0].url == "http://baomau.example/"
    assert {link.url.partition(":")[0] for link in (*known, *guesses)} == {"http"}


def test_redirects_that_go_round_end() -> None:
    survey = Survey("baomau.example")
    count = 0
    while question := survey.next_question():
        count += 1
        survey.learn(question, Answer(question.url, 302, location=f"{HOST}/{count}"))
    assert survey.home is None
    assert count < 25


def test_a_host_that_moved_is_named_after_the_one_it_moved_to() -> None:
    survey = Survey("baocu.example")
    first = survey.next_question()
    assert first == Question("https://baocu.example/", "home")
    survey.learn(first, Answer(first.url, 301, location="https://www.baomau.example/"))
    second = survey.next_question()
    assert second == Question("https://www.baomau.example/", "home")
    survey.learn(second, Answer(second.url, 200, b"<title>x</title><a href='/kinh-te/'>y</a>", "text/html"))
    assert survey.hosts == ("baomau.example", "baocu.example")


def test_the_entry_is_toml_that_the_loader_takes_once_a_person_has_named_the_province(tmp_path: Path) -> None:
    entry = as_toml(found(surveyed(small_paper())))
    assert tomllib.loads(entry)["baomau"]["province"] == ""
    assert "# not found: province: write one of the 34" in entry
    mine = tmp_path / "mine.toml"
    mine.write_text(entry.replace('province = ""', 'province = "Huế"'), "utf-8")
    paper = load([mine], TEMPLATE_FILES).papers["baomau"]
    assert paper.confidence == "medium"
    assert paper.evidence == "scrapy discover, 2026-11-21: opened and could read: front page, 1 section, 6 articles"
    assert replace(paper, article=()).article == ()
