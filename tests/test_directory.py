"""The 63 papers: rules that hold for all entries, whose an address is, and what is told of them elsewhere."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from scrapy.settings import Settings

from crawler import settings as project
from crawler.commands.crawlall import Command
from crawler.directory_page import page as directory_page
from crawler.discovery.links import kind_by_form, paper_for
from crawler.frontier import listings
from crawler.loader import PaperLoader
from crawler.papers import load, provinces
from crawler.replaying import records
from pipelines.items import Paper
from pipelines.urls import EDITION, host_of, is_article, looks_like_article, newsroom_id, on_paper, url_key
from tests.making import archive, rows
from tests.warc_files import page, writer

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcessBase

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
DIRECTORY = load(project.PAPER_FILES, project.TEMPLATE_FILES)
PAPERS = list(DIRECTORY.papers.values())
MERGER = date(2025, 6, 30)
LISTED = ("listing", "tag page", "topic page")
"""How the evidence flags an address that is no article's."""
MISSED: dict[str, str] = {}
"""Real addresses of articles that no pattern of their paper takes, and why."""
UNLIKELY = {
    "https://baothaibinh.com.vn/video/1611/ban-tin-covid-19-ngay-23-10": "a video: a folder of four digits, no ending"
}
"""Real addresses of articles that the general rule for unknown papers does not take, and why."""

each_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)


def test_scrapy_list_is_the_papers_in_order_63_at_least() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    names = done.stdout.split()
    assert len(names) == len(set(names)) >= 63
    assert names == sorted(names)
    written = [line[1:-1] for line in (ROOT / "crawler/papers.toml").read_text("utf-8").splitlines() if line[:1] == "["]
    assert written == names


def test_each_province_there_was_has_its_paper() -> None:
    before = {name for paper in PAPERS for name in paper.provinces_before}
    assert before == {name for names in provinces().values() for name in names}
    assert all(paper.province in provinces() for paper in PAPERS)


def test_each_province_of_today_has_a_paper_that_is_still_written() -> None:
    assert {paper.province for paper in PAPERS if paper.until is None} == set(provinces())


def test_a_host_is_one_papers_unless_it_closed() -> None:
    hosts = [host for paper in PAPERS if paper.until is None for host in paper.hosts]
    assert len(hosts) == len(set(hosts))


@each_paper
def test_an_entry_says_what_it_rests_on(paper: Paper) -> None:
    assert paper.confidence in {"high", "medium", "low"}
    assert paper.evidence
    assert paper.article
    assert paper.template is None or paper.template in DIRECTORY.templates
    assert {f.template for f in paper.templates_before} <= set(DIRECTORY.templates)
    groups = {group for pattern in paper.article for group in pattern.groupindex}
    assert groups <= {"id", EDITION, paper.name, *DIRECTORY.templates}


@each_paper
def test_a_paper_that_closed_names_the_open_one_of_its_province(paper: Paper) -> None:
    if paper.until is None:
        assert paper.successor is None
        return
    assert paper.successor
    after = DIRECTORY.papers[paper.successor]
    assert (paper.until, after.until, after.province) == (MERGER, None, paper.province)


@each_paper
def test_the_listings_of_a_paper_are_told_by_their_form_and_lie_on_its_own_hosts(paper: Paper) -> None:
    told = {"feed": paper.feeds, "sitemap": paper.sitemaps}
    assert {url: kind_by_form(url) for urls in told.values() for url in urls} == {
        url: kind for kind, urls in told.items() for url in urls
    }
    assert not [url for urls in (*told.values(), paper.sections) for url in urls if is_article(url, paper)]


@each_paper
def test_a_first_crawl_asks_the_current_host_for_a_feed_and_a_sitemap_and_for_no_listing_of_a_former_one(
    paper: Paper,
) -> None:
    known, guesses = listings(paper)
    asked = [*known, *guesses]
    current = [link for link in asked if host_of(link.url) == paper.hosts[0]]
    assert {"section", "feed", "sitemap"} <= {link.kind for link in current}
    assert {host_of(link.url) for link in guesses} <= {paper.hosts[0]}


def real_addresses(name: str) -> list[tuple[str, bool]]:
    """Return the addresses of a file of the evidence that are on our papers' hosts, and whether they are articles'."""
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{file} is not here: it comes with the workplace, not with the project")
    with file.open(encoding="utf-8") as lines:
        found = list(csv.DictReader(lines, delimiter="\t"))
    told = [(row["url"] or "", not any(word in (row.get("where_seen") or "") for word in LISTED)) for row in found]
    return [(url, good) for url, good in told if paper_for(url, PAPERS)]


@pytest.mark.parametrize(
    ("name", "least"), [("directory/urls.tsv", 290), ("corpora/provincial_headlines_2021.tsv", 250)]
)
def test_real_articles_are_taken_for_articles_of_the_right_paper(name: str, least: int) -> None:
    addresses = real_addresses(name)
    articles = [url for url, good in addresses if good]
    assert len(articles) >= least
    taken = {url for url, _ in addresses for paper in [paper_for(url, PAPERS)] if paper and is_article(url, paper)}
    missed = set(articles) - taken
    assert len(missed) <= 0.05 * len(articles)
    assert missed == set(MISSED) & set(articles)
    assert not {url for url, good in addresses if not good} & taken


@pytest.mark.parametrize("name", ["directory/urls.tsv", "corpora/provincial_headlines_2021.tsv"])
def test_the_general_rule_takes_them_without_knowing_the_paper(name: str) -> None:
    wrong = [url for url, good in real_addresses(name) if looks_like_article(url) is not good]
    assert set(wrong) <= set(UNLIKELY)


def test_no_two_real_articles_are_taken_for_one() -> None:
    names = ("directory/urls.tsv", "corpora/provincial_headlines_2021.tsv")
    keys: dict[tuple[str, str], str] = {}
    for url, good in (address for name in names for address in real_addresses(name)):
        paper = paper_for(url, PAPERS)
        assert paper
        number = newsroom_id(url, paper) if good else None
        if number:
            assert keys.setdefault((paper.name, number), url_key(url)) == url_key(url)


@cache
def no_articles() -> list[tuple[str, str, str]]:
    with (ROOT / "tests/not_articles.tsv").open(encoding="utf-8") as lines:
        return [(row["system"], row["kind"], row["address"]) for row in csv.DictReader(lines, delimiter="\t")]


def systems(paper: Paper) -> set[str]:
    """Return the names by which `no_articles` may mean a paper: its own, its systems', those of its patterns."""
    patterns = (group for pattern in paper.article for group in pattern.groupindex)
    return {"all", paper.name, paper.template or "all", *(f.template for f in paper.templates_before), *patterns}


@each_paper
def test_listings_pictures_and_feeds_are_no_articles(paper: Paper) -> None:
    own = [(kind, address) for system, kind, address in no_articles() if system in systems(paper)]
    assert len({kind for kind, _ in own}) >= 5
    urls = [f"https://{host}{address}" for host in paper.hosts for _, address in own]
    assert not [url for url in urls if is_article(url, paper)]


TAKEN = {
    "https://baobacninhtv.vn/van-hoa-the-thao-du-lich.bbg": "six words, as many as a headline without a number has",
    "https://huengaynay.vn/su-kien/festival-hue-12345.html": "a number as long as an article's",
    "https://baobacninhtv.vn/hoc-tap-va-lam-theo-bac.bbg": "six words, as many as a headline without a number has",
}
"""Made-up addresses that are no article's and that a paper's patterns take, and why."""


def test_tags_pages_prints_and_sections_of_the_papers_own_forms_are_no_articles() -> None:
    with (ROOT / "tests/no_article_urls.tsv").open(encoding="utf-8") as lines:
        told = [(DIRECTORY.papers[row["paper"]], row["url"]) for row in csv.DictReader(lines, delimiter="\t")]
    assert len({url for _, url in told}) == len(told) >= 200
    assert all(on_paper(url, paper) for paper, url in told)
    assert {url for paper, url in told if is_article(url, paper)} == set(TAKEN)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("baohatinh", "/tag-heuer-mo-cua-hang-thu-ba-post123.html"),
        ("baohatinh", "/trang-2-cua-mot-cuon-nhat-ky-post123456.html"),
        ("baohatinh", "/print-hai-mau-o-lang-giay-post123456.html"),
        ("baonghean", "/trang-trai-ba-the-he-o-khe-buoi-10234567.html"),
        ("baonghean", "/video-dan-lang-keo-go-qua-song-10234567.html"),
        ("baonghean", "/su-kien-noi-bat-trong-tuan-10234567.html"),
        ("baodaklak", "/su-kien/202506/hoi-mua-ca-phe-a1b2c3d/"),
        ("baobaclieu", "/su-kien/khai-mac-dai-hoi-dang-bo-tinh-71234.html"),
        ("baobinhduong", "/su-kien/khai-mac-hoi-cho-lang-nghe-a312345.html"),
        ("baobacninh", "/su-kien/khai-hoi-lang-ven-song-postid418764.bbg"),
        ("baobacninh", "/giu-hon-quan-ho-lang-diem.bbg"),
        ("baodienbienphu", "/tin-bai/su-kien/khai-mac-le-hoi-hoa-ban-nam-nay"),
        ("baohatinh", "/su-kien/khai-hoi-ben-song/12345.htm"),
        ("baocantho", "/video/thoi-su/hop-long-cay-cau-o-soc-trang-512.html"),
        ("baobaclieu", "/xa-hoi/phat-mien-phi-khau-trang-845.html"),
        ("baohaugiang", "/gioi-thieu/sach-moi-ve-mien-song-nuoc-61234.html"),
        ("baophuyen", "/82/271234/ho-tro-nguoi-dan-tp.hcm/"),
        ("baodaklak", "/multimedia/video/202506/hoi-mua-ca-phe-a1b2c3d/"),
        ("baohaugiang", "/kinh-te/tag-gia-tren-cho-noi-12345.html"),
        ("baohaugiang", "/video/cho-noi-vao-mua-12345.html"),
        ("baobacninh", "/tim-kiem-co-hoi-o-lang-nghe-postid409722.bbg"),
        ("baobacninh", "/provincial-party-committee-holds-monthly-meeting.bbg"),
        ("baotuyenquang", "/chuyen-muc/nong-nghiep/cam-sanh-vao-mua-153510.html"),
        ("baodienbienphu", "/tin-bai/chinh-tri/page-turner-cua-nam"),
        ("baothaibinh", "/video/1611/ban-tin-cuoi-tuan"),
    ],
)
def test_a_slug_may_begin_with_the_word_of_a_listing(name: str, path: str) -> None:
    paper = DIRECTORY.papers[name]
    assert is_article(f"https://{paper.hosts[0]}{path}", paper)


def test_every_system_has_listings_of_its_own_kind_and_the_general_rule_knows_them() -> None:
    told = {system for system, _, _ in no_articles()}
    assert {paper.template for paper in PAPERS} - {None} <= told
    assert not [address for _, _, address in no_articles() if looks_like_article(f"https://baola.vn{address}")]


def test_one_number_at_two_addresses_is_one_article() -> None:
    paper = DIRECTORY.papers["baophuyen"]
    old, new = "https://baophuyen.vn/82/58118/mot-con-duong/", "https://phuyen.baodaklak.vn/82/58118/mot-con-duong.html"
    assert newsroom_id(old, paper) == newsroom_id(new, paper) == "baophuyen:58118"


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("baonghean", "https://baonghean.vn/tin-255912.html", "https://baonghean.vn/tin-post255912.html"),
        ("baonghean", "https://baonghean.vn/tin-10129889.html", "https://baonghean.vn/en/tin-10129889.html"),
        *(
            ("baonghean", "https://baonghean.vn/tin-10129889.html", f"https://baonghean.vn/{name}/tin-10129889.html")
            for name in ("fr", "ru", "cn")
        ),
        ("baonghean", "https://baonghean.vn/fr/tin-10129889.html", "https://baonghean.vn/ru/tin-10129889.html"),
        ("baotayninh", "https://baotayninh.vn/tin-88701.html", "https://news.baotayninh.vn/news-88701.html"),
        ("baothanhhoa", "https://baothanhhoa.vn/tin-30463.htm", "https://vhds.baothanhhoa.vn/tin-30463.htm"),
        ("baohoabinh", "http://baohoabinh.com.vn/11/6819/Tin.htm", "http://baohoabinh.com.vn/en/6/6819/News.htm"),
        (
            "baovinhlong",
            "https://baovinhlong.com.vn/a/202402/b-3180733/",
            "https://baovinhlong.com.vn/a/202602/b-3180733/",
        ),
    ],
)
def test_equal_numbers_of_two_systems_or_editions_are_two_articles(name: str, one: str, other: str) -> None:
    paper = DIRECTORY.papers[name]
    assert is_article(one, paper)
    assert is_article(other, paper)
    assert newsroom_id(one, paper) != newsroom_id(other, paper)


def test_an_edition_has_the_same_numbers_by_host_and_by_folder() -> None:
    paper = DIRECTORY.papers["baonghean"]
    urls = ("https://baonghean.vn/en/news-10129889.html", "https://en.baonghean.vn/news-10129889.html")
    assert {newsroom_id(url, paper) for url in urls} == {"onecms/en:10129889"}


def test_the_mobile_site_numbers_as_the_paper_does() -> None:
    paper = DIRECTORY.papers["baotuyenquang"]
    mobile, site = (f"https://{host}/kinh-te/202506/cau-moi-a1b2c3d/" for host in reversed(paper.hosts))
    assert newsroom_id(mobile, paper) == newsroom_id(site, paper) == "vnpt2:a1b2c3d"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("Phú Yên", {"baophuyen", "baodaklak"}),
        ("Đắk Lắk", {"baophuyen", "baodaklak"}),
        ("Thừa Thiên Huế", {"huengaynay"}),
        ("Huế", {"huengaynay"}),
        ("Hà Nam", {"baohanam", "baoninhbinh"}),
    ],
)
def test_a_province_of_then_or_now_finds_its_papers(tmp_path: Path, named: str, found: set[str]) -> None:
    kept = archive(tmp_path / "archive.db")
    kept.sync_directory(PAPERS, provinces())
    text = (ROOT / "docs/archive.md").read_text("utf-8")
    query = next(block for block in text.split("```sql")[1:] if "json_each" in block).partition("```")[0]
    told = {row[0] for row in rows(kept, query.replace("'Phú Yên'", "?1").strip().rstrip(";"), named)}
    kept.close()
    assert found <= told
    assert {DIRECTORY.papers[name].province for name in told} == {DIRECTORY.papers[name].province for name in found}


def crawlall(moment: str, *names: str) -> list[str]:
    """Return the papers that crawlall would crawl at a moment."""
    command = Command()
    command.settings = Settings({"CLOCK": moment})
    command.crawler_process = cast("CrawlerProcessBase", SimpleNamespace(spider_loader=PaperLoader(DIRECTORY)))
    return command.papers(list(names))


def test_crawlall_leaves_out_papers_that_closed_unless_named() -> None:
    now = "2026-11-24T06:00:00+07:00"
    assert crawlall(now) == [paper.name for paper in PAPERS if paper.until is None]
    assert crawlall(now, "baophuyen") == ["baophuyen"]


def test_crawlall_goes_by_the_day_in_vietnam() -> None:
    closed = {paper.name for paper in PAPERS if paper.until == MERGER}
    assert closed
    assert closed <= set(crawlall("2025-06-30T23:59:00+07:00"))
    assert not closed & set(crawlall("2025-07-01T00:01:00+07:00"))


SHARING = """
[baobac]
title = "Báo Bắc"
province = "Đắk Lắk"
hosts = ["baobac.example", "baonam.example"]
article = ['-(?P<id>\\\\d+)\\\\.html$']

[baonam]
title = "Báo Nam"
province = "Đắk Lắk"
hosts = ["baonam.example"]
article = ['-(?P<id>\\\\d+)\\\\.html$', '\\\\.aspx']
until = 2025-06-30
successor = "baobac"
"""


@pytest.mark.parametrize(
    ("url", "owners"),
    [
        ("http://www.baonam.example/tin-1001.html", ["baonam", "baobac"]),
        ("http://baonam.example/thoi-su/", ["baonam", "baobac"]),
        ("http://baonam.example/12/Tin.aspx", ["baonam", "baonam"]),
        ("http://baobac.example/tin-1001.html", ["baobac", "baobac"]),
    ],
)
def test_a_foreign_capture_is_the_papers_whose_host_it_was_on_its_day(
    tmp_path: Path, url: str, owners: list[str]
) -> None:
    mine = tmp_path / "mau.toml"
    mine.write_text(SHARING.replace("\\\\", "\\"), "utf-8")
    directory = load([mine], project.TEMPLATE_FILES)
    days = (datetime(2021, 10, 5, tzinfo=UTC), datetime(2025, 6, 30, 18, tzinfo=UTC))
    with writer(tmp_path / "theirs") as out:
        for day in days:
            out.write(page(url=url, fetched_at=day))
    found = records(sorted((tmp_path / "theirs").rglob("*.warc.gz")), tmp_path / "warc", directory)
    assert ([record.paper.name for record in found.records], found.others) == (owners, 0)


def test_the_entry_that_contributors_are_shown_is_a_real_one() -> None:
    shown = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    assert shown in (ROOT / "crawler/papers.toml").read_text("utf-8")


def test_the_directory_page_says_what_the_data_say() -> None:
    written = (ROOT / "docs/directory.md").read_text("utf-8")
    assert written == directory_page(DIRECTORY, provinces()), "write it again, as its head says"
    assert written.count("(`") == len(PAPERS)


def test_the_directory_page_leads_to_open_papers_and_their_listings_and_to_no_host_that_was_given_up() -> None:
    written = (ROOT / "docs/directory.md").read_text("utf-8")
    for paper in DIRECTORY.papers.values():
        (row,) = (line for line in written.splitlines() if line.startswith("|") and f"(`{paper.name}`)" in line)
        targets = re.findall(r"\]\((https?://[^)]+)\)", row)
        listed = [*paper.feeds, *paper.sitemaps]
        assert targets == ([] if paper.until else [f"https://{paper.hosts[0]}/", *listed])
