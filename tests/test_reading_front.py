"""What a reader sees of the whole: the front page, its map, the list of papers, and one paper's page."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from browse import front, paper_page, press
from browse.drawing import Bar, Day, bars, level, month
from browse.health import STATES
from browse.press import grid, tiles
from crawler.papers import provinces
from pipelines.archive import Archive
from pipelines.archive.connection import sqlite3
from pipelines.items import Paper
from tests.test_browse import HARVEST, NOW, PRIVATE, RAILWAY, Site, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.items import Reading

PAPERS = (
    Paper("baosong", "Báo Sông", "Thanh Hóa", ("Thanh Hóa",), ("baosong.example", "cu.baosong.example")),
    Paper("baonui", "Báo Núi", "Lai Châu", ("Lai Châu",), ("baonui.example",)),
    Paper("baobien", "Báo <b>Biển</b>", "Đắk Lắk", ("Phú Yên",), ("baobien.example",), successor="baosong"),
    Paper("baokin", "Báo Kín", "Nghệ An", ("Nghệ An",), ("baokin.example",)),
)
SVG = re.compile(r"<svg class=\"(\w+)\".*?</svg>", re.DOTALL)
YEAR_BEFORE = replace(
    RAILWAY,
    url="https://baosong.example/nam-truoc-7.html",
    title="Chuyện năm ngoái",
    text="Chuyện của năm ngoái, kể lại từ đầu đến cuối cho người sau.",
    published="2025-11-24T08:00:00+07:00",
)
FUTURE = replace(
    RAILWAY,
    url="https://baonui.example/mai-sau-8.html",
    title="Bài ghi nhầm năm",
    text="Một bài mà tòa soạn ghi nhầm năm đăng, nên nó đứng trước mọi bài khác.",
    published="2031-01-01",
    published_precision="day",
)
SECRET = replace(PRIVATE, url="https://baokin.example/kin-5.html", text="Chỉ một bài, và bài ấy là riêng tuyệt mật.")
SECTION = 'Đất & "người" <i>'
QUOTED = replace(
    HARVEST,
    url="https://baobien.example/lang-chai-3.html",
    title="<script>alert(1)</script> làng chài",
    section=SECTION,
    text="Làng chài ven biển kể chuyện ra khơi từ sáng sớm đến chiều tà.",
    published="2026-11-24T05:00:00+07:00",
)
VISITS: tuple[tuple[str, Reading], ...] = (
    ("baosong", RAILWAY),
    ("baosong", PRIVATE),
    ("baosong", YEAR_BEFORE),
    ("baonui", HARVEST),
    ("baonui", FUTURE),
    ("baokin", SECRET),
    ("baobien", QUOTED),
)
STATE = "INSERT INTO health_changes (paper, at, before, state) VALUES (?, '2026-11-24T02:00:00.000000Z', ?, ?)"
NOW_IS = "INSERT OR REPLACE INTO clock (id, now) VALUES (1, '2026-11-24T03:00:00.000000Z')"
FAILED = (
    "INSERT INTO runs (paper, command, started_at, finished_at, reason, problem, settings_digest, versions) VALUES "
    "('baonui', 'crawl', '2026-11-24T02:00:00.000000Z', '2026-11-24T02:01:00.000000Z', 'finished', 'nothing', '', '{}')"
)
FARED_WELL = (
    "INSERT INTO runs (paper, command, started_at, finished_at, reason, counts, settings_digest, versions) VALUES "
    "('baosong', 'crawl', '2026-11-24T02:00:00.000000Z', '2026-11-24T02:01:00.000000Z', 'finished', "
    "json_object('listing/read', 1, 'article/new', 2), '', '{}')"
)
ADDRESS = (
    "INSERT INTO urls (paper, url, url_key, kind, state, discovered_at, listed_modified) "
    "VALUES (?, ?, ?, 'article', 'known', '2026-11-24T02:00:00.000000Z', ?)"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("front") / "archive.db"
    archive = Archive(path, extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    for n, (paper, reading) in enumerate(VISITS):
        one = visit(paper, reading, NOW + timedelta(minutes=n))
        assert one.capture
        archive.record(paper, one.capture)
        archive.submit(one)
    archive.close()
    archive = Archive(path, extractor="baotinh/test")
    with archive.db.conn:
        archive.db.execute(STATE, ("baonui", "ok", "late"))
        archive.db.execute(STATE, ("baonui", "late", "failing"))
        archive.db.execute(NOW_IS)
        archive.db.execute(FAILED)
        archive.db.execute(FARED_WELL)
        for n in range(3):
            url = f"https://baosong.example/chua-lay-{n}.html"
            archive.db.execute(ADDRESS, ("baosong", url, url, "2026-11-22"))
    archive.close()
    return path


@pytest.fixture
def site(path: Path) -> Iterator[Site]:
    site = Site(path, {})
    yield site
    for database in site.datasette.databases.values():
        database.close()
    site.datasette.executor.shutdown()


def tile(page: str, name: str) -> str:
    """Return the words of a province's tile on the map."""
    (found,) = re.findall(rf'<li class="[^"]*"><a href="[^"]*"><span>{name}</span>(.*?)</a>', page)
    return re.sub(r"<[^>]+>", "", found).strip()


def test_the_front_page_counts_what_anybody_may_read(site: Site) -> None:
    page = site.get("/").text
    assert "<dd>5</dd>" in page
    assert 'href="/d/2026-11-24">24/11/2026' in page
    assert "uyệt mật" not in page


def test_a_day_that_has_not_come_is_not_the_newest(site: Site) -> None:
    page = site.get("/").text
    assert "2031" not in page
    told = site.get("/p/baonui.json").json()
    assert (told["newest"], told["year"]) == ("2026-11-23", "2026")


def test_the_newest_day_is_shown_by_province_and_no_other_day_s_articles(site: Site) -> None:
    page = site.get("/").text
    today = page[page.index('id="today"') : page.index('id="map"')]
    assert re.findall(r'<h3><a href="/province/([^"]+)"', today) == ["dak-lak", "thanh-hoa"]
    assert "Khởi công đường sắt ven sông" in today
    assert "Mùa lúa trên núi" not in today


def test_the_same_day_of_earlier_years_is_remembered(site: Site) -> None:
    page = site.get("/").text
    then = page[page.index('id="then"') : page.index('id="growth"')]
    assert 'href="/d/2025-11-24">24/11/2025' in then
    assert "Chuyện năm ngoái" in then


def test_the_map_has_every_province_of_today_once_with_its_public_articles(site: Site) -> None:
    page = site.get("/").text
    ours = set(provinces())
    assert set(grid()) == ours
    assert len(set(grid().values())) == len(ours) == 34
    for name in ours:
        assert tile(page, name)
    assert [tile(page, name) for name in ("Thanh Hóa", "Đắk Lắk", "Nghệ An", "Cà Mau")] == [
        "2 bài", "1 bài", "0 bài", "0 bài",
    ]  # fmt: skip
    assert '<a href="/province/phu-yen">Phú Yên</a>' in page


def test_the_map_lies_as_the_country_does() -> None:
    at = grid()
    from_north = ["Cao Bằng", "Hà Nội", "Thanh Hóa", "Nghệ An", "Quảng Trị", "Huế", "Đà Nẵng", "Gia Lai", "Cà Mau"]
    rows = [at[name][0] for name in from_north]
    assert rows == sorted(rows)
    assert at["Điện Biên"][1] < at["Phú Thọ"][1] < at["Quảng Ninh"][1]
    assert at["An Giang"][1] < at["Vĩnh Long"][1] < at["Khánh Hòa"][1]


def test_a_province_that_the_map_does_not_know_stands_below_it() -> None:
    found = tiles([("Huế", "Huế")], [{"province": "Tỉnh Mới", "articles": 3}])
    assert [(one.name, one.row, one.articles) for one in found] == [("Huế", 8, 0), ("Tỉnh Mới", 0, 3)]


def test_papers_say_how_they_fare_in_vietnamese(site: Site) -> None:
    for page in (site.get("/").text, site.get("/p/baonui").text, site.get("/papers").text):
        assert STATES["failing"][0] in page
        assert STATES["late"][0] not in page
    assert STATES["ok"][0] in site.get("/p/baosong").text
    assert STATES["ok"][0] not in site.get("/p/baokin").text
    assert "Báo Kín" not in site.get("/").text
    assert "Báo Kín" in site.get("/papers").text


def test_the_list_of_papers_is_there_for_programs(site: Site) -> None:
    papers = {one["name"]: one for one in site.get("/papers.json").json()["papers"]}
    assert {name: one["articles"] for name, one in papers.items()} == {
        "baosong": 2, "baonui": 2, "baobien": 1, "baokin": 0,
    }  # fmt: skip
    assert (papers["baosong"]["newest"], papers["baonui"]["newest"]) == ("2026-11-24", "2026-11-23")
    assert papers["baonui"]["state"] == "failing"


def test_a_paper_s_page_says_what_it_is_and_where_it_went(site: Site) -> None:
    page = site.get("/p/baobien").text
    assert '<a href="/p/baosong">Báo Sông</a>' in page
    assert '<a href="/province/phu-yen">Phú Yên</a>' in page
    heir = site.get("/p/baosong").text
    assert '<a href="/p/baobien">' in heir
    assert "cu.baosong.example" in heir
    assert "/archive/health?paper=baosong" in heir


def test_nothing_private_is_on_a_paper_s_page(site: Site) -> None:
    for name in ("baosong", "baokin"):
        for form in ("", ".json"):
            assert "uyệt mật" not in site.get(f"/p/{name}{form}").text
    told = site.get("/p/baosong.json").json()
    assert (told["articles"], told["days"]) == (2, {"2026-11-24": 1})
    assert site.get("/p/baokin.json").json()["sections"] == []


def test_a_paper_s_sections_lead_to_the_search(site: Site) -> None:
    page = site.get("/p/baobien").text
    (href,) = re.findall(r'href="(/search\?paper=baobien&amp;section=[^"]+)"', page)
    found = site.get(href.replace("&amp;", "&").replace("/search?", "/search.json?")).json()
    assert [one["paper"] for one in found["articles"]] == ["baobien"]


def test_each_day_of_a_year_leads_to_the_paper_s_day_in_the_drawing_and_in_words(site: Site) -> None:
    page = site.get("/p/baosong?year=2026").text
    assert page.count('href="/d/2026-11-24?paper=baosong"') == 3
    drawn = [one for one in SVG.finditer(page) if one[1] == "month"]
    assert len(drawn) == 12
    assert "24/11/2026: 1 bài" in drawn[10][0]


def test_days_of_which_the_archive_lacks_articles_are_told_without_colour(site: Site) -> None:
    page = site.get("/p/baosong").text
    november = [one[0] for one in SVG.finditer(page) if one[1] == "month"][10]
    assert november.count('class="lacking"') == 1
    assert "22/11/2026: 0 bài, thiếu 3" in november
    assert "(thiếu 3)" in page
    assert site.get("/p/baosong.json").json()["lacking"] == {"2026-11-22": 3}


def test_days_are_not_marked_where_too_many_addresses_are_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("browse.paper_page.MOST_LACKING", 2)
    site = Site(path, {})
    assert site.get("/p/baosong.json").json()["lacking"] is None
    assert 'class="lacking"' not in site.get("/p/baosong").text
    assert "not marked" in site.get("/p/baosong").text


@pytest.mark.parametrize("year", ["", "1", "2026'", "<script>alert(1)", "99999999999", "-1", "٢٠٢٦", "2031", "%00"])
def test_a_year_that_is_not_held_shows_the_newest(site: Site, year: str) -> None:
    told = site.get(f"/p/baosong.json?year={year}")
    assert (told.status_code, told.json()["year"]) == (200, "2026")
    assert "<script>alert" not in site.get(f"/p/baosong?year={year}").text
    assert site.get("/p/baosong.json?year=2025").json()["days"] == {"2025-11-24": 1}


@pytest.mark.parametrize("name", ["khongco", "%00", "bao song", "'", "<script>alert(1)", "baosong%20", "x" * 3000])
def test_a_paper_that_there_is_not_is_not_found(site: Site, name: str) -> None:
    for form in ("", ".json"):
        answer = site.get(f"/p/{name}{form}")
        assert answer.status_code in (302, 404), answer.text
        assert "<script>alert" not in answer.text


def test_what_papers_wrote_is_text_on_every_page(site: Site) -> None:
    for address in ("/", "/papers", "/p/baobien", "/p/baosong"):
        page = site.get(address).text
        assert "<script>alert" not in page
        assert "<b>Biển</b>" not in page


def test_every_drawing_says_in_words_what_it_shows(site: Site) -> None:
    drawings = [one[0] for address in ("/", "/p/baosong") for one in SVG.finditer(site.get(address).text)]
    assert len(drawings) == 14
    for one in drawings:
        drawn = ET.fromstring(one)
        assert drawn.get("role") in ("img", "group")
        assert drawn.findtext("title")
        assert drawn.findtext("desc")


def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db", extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    archive.close()
    site = Site(tmp_path / "archive.db", {})
    page = site.get("/").text
    assert "make crawl" in page
    assert tile(page, "Thanh Hóa") == "0 bài"
    assert site.get("/p/baosong").status_code == 200
    assert site.get("/papers").status_code == 200


STATEMENTS = {
    f"{module.__name__}.{name}": sql
    for module in (front, paper_page, press)
    for name, sql in vars(module).items()
    if isinstance(sql, str) and sql.lstrip().startswith("SELECT")
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_reads_through_articles_or_addresses(name: str, path: Path) -> None:
    asked = {"paper": "baosong", "day": "2026-11-24", "days": "[]", "year": "2026"}
    with closing(sqlite3.connect(path)) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", asked)]
    assert not [step for step in plan if re.match(r"SCAN (a|n|u|articles|urls|lacking)\b", step)], plan


def test_bars_are_as_high_as_what_they_count_and_escape_their_labels() -> None:
    drawn = ET.fromstring(bars([Bar("<b>", 1), Bar("y", 4), Bar("z", 0)], title="a & b", desc="c"))
    low, high = (float(rect.get("height", "")) for rect in drawn.iter("rect"))
    assert high == 4 * low
    assert drawn.findtext("title") == "a & b"
    assert drawn.findtext("text") == "<b>"
    assert bars([], title="", desc="") == ""


def test_a_month_has_its_days_and_the_busiest_is_darkest() -> None:
    days = {"2024-02-29": Day("2024-02-29", 8), "2024-02-01": Day("2024-02-01", 1, href="/d/2024-02-01")}
    drawn = ET.fromstring(month(2024, 2, days, most=8))
    assert [rect.get("class") for rect in drawn.iter("rect")] == ["l1", *["l0"] * 27, "l4"]
    assert [link.get("href") for link in drawn.iter("a")] == ["/d/2024-02-01"]
    assert [level(count, 8) for count in (0, 1, 4, 8)] == [0, 1, 3, 4]
