"""What a reader finds: with marks or without, by phrase, sign and field, and never what is not public."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from browse.snippets import snippet
from crawler.papers import provinces
from pipelines.archive import Archive
from pipelines.asking import expression, read
from tests.test_browse import HARVEST, NOW, PAPERS, PRIVATE, RAILWAY, Site, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.items import Reading


def told(number: int, title: str, text: str, **facts: Any) -> Reading:
    return replace(HARVEST, url=f"https://baonui.example/tin-{number}.html", title=title, text=text, **facts)


READINGS = {
    "railway": ("baosong", RAILWAY),
    "private": ("baosong", PRIVATE),
    "name": (
        "baonui",
        told(2, "Ông Dương Sát kể chuyện", "Dương Sát, Dương Sát. Dương Sát trồng quế.", author="Lò Mận"),
    ),
    "peace": ("baonui", told(3, "Chợ phiên", "Khu chợ Hoà Bình họp sớm.", source="TTXVN", published="2025-02-03")),
    "storm": ("baonui", told(4, "Bão tan", "Sau bão, lũ quét tràn về. Cầu treo còn nguyên.", published="2024-05-06")),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path: Path = tmp_path_factory.mktemp("search") / "archive.db"
    archive = Archive(path, extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    uids = {}
    for n, (name, (paper, reading)) in enumerate(READINGS.items()):
        one = visit(paper, reading, NOW + timedelta(minutes=n))
        assert one.capture is not None
        assert one.article is not None
        archive.record(paper, one.capture)
        archive.submit(one)
        uids[one.article.uid] = name
    archive.close()
    made = Site(path, uids)
    yield made
    for database in made.datasette.databases.values():
        database.close()
    made.datasette.executor.shutdown()


def found(site: Site, typed: str, **given: str) -> list[str]:
    answer = site.get("/search.json?" + urlencode({"q": typed, **given}))
    assert answer.status_code == 200, answer.text
    return [site.uid[one["uid"]] for one in answer.json()["articles"]]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("duong sat", {"railway", "name"}),
        ("hòa bình", {"peace"}),
        ("hoa binh", {"peace"}),
        ('"lũ quét" OR "chợ phiên"', {"storm", "peace"}),
        ("cầu NOT bão", {"railway"}),
        ("cầu -bão", {"railway"}),
        ("title:bão", {"storm"}),
        ("title:cầu", set()),
        ('author:"lo man"', {"name"}),
        ("source:TTXVN chợ", {"peace"}),
        ("bao:baonui năm:2024 cầu", {"storm"}),
        ("bao:baonui năm:x cầu", set()),  # said, not dropped
        ("from:6/5/2024 to:5/2024", {"storm"}),
        ('province:"lai chau" cầu', {"storm"}),
        ("year:2024", {"storm"}),
        ("from:2024 to:2025-02", {"storm", "peace"}),
        ("tuyệt mật", set()),
        ("cầu bão", {"storm"}),  # nowhere a phrase, but both words are there
        ('"cầu bão"', set()),
    ],
)
def test_what_is_typed_finds_what_it_says(site: Site, typed: str, names: set[str]) -> None:
    assert set(found(site, typed)) == names


def test_what_is_written_as_typed_comes_first(site: Site) -> None:
    assert found(site, "đường sắt") == ["railway", "name"]
    assert found(site, "Dương Sát") == ["name", "railway"]


@pytest.mark.parametrize("typed", ["đường sắt", "Dương Sát", "cầu", "duong sat", "hòa bình", "cầu bão", "cầu NOT bão"])
def test_a_large_archive_answers_as_a_small_one(site: Site, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small = found(site, typed)
    monkeypatch.setattr("browse.index.WHOLE", 0)  # as many parts as a large one
    assert found(site, typed) == small
    monkeypatch.setattr("browse.index.RARE", 0)  # words that all articles say
    assert found(site, typed) == small


def test_many_hits_of_common_words_are_ordered_by_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("browse.index.RARE", 0)
    monkeypatch.setattr("browse.ranking.WEIGHED", 0)
    assert found(site, "cầu") == found(site, "cầu", sort="date")
    assert "<b>ngày</b>" in site.get("/search?q=" + quote("cầu")).text


def test_filters_narrow_and_are_links(site: Site) -> None:
    assert found(site, "cầu", paper="baosong") == ["railway"]
    assert found(site, "cầu", sort="date") == ["railway", "storm"]
    page = site.get("/search?q=" + quote("cầu")).text
    assert "paper=baosong" in page
    assert "year=2024" in page
    assert "<mark>Cầu</mark> treo" in page
    narrowed = site.get("/search?q=" + quote("cầu") + "&paper=baosong").text
    assert 'href="/search?q=c%E1%BA%A7u" title="Bỏ' in narrowed


def test_a_day_that_is_none_is_said(site: Site) -> None:
    page = site.get("/search?" + urlencode({"q": "cầu", "from": "hôm qua"})).text
    assert "Không hiểu ngày “hôm qua”" in page
    assert site.get("/search.json?q=year:2024x").json()["not_understood"] == {"year": "2024x"}


def test_a_snippet_shows_the_text_as_printed() -> None:
    text = "Mở đầu. " * 40 + "Tuyến Đường   sắt Bắc Nam khởi công." + " Hết." * 90
    runs = snippet(text, ["duong", "sat"])
    assert "".join(run for run, hit in runs if hit) == "Đườngsắt"
    assert "Tuyến Đường   sắt Bắc Nam" in "".join(run for run, _ in runs)
    assert runs[0][0] == "… "
    both = snippet("Cần cẩu. " * 30 + "Cây cầu.", ["cầu"])
    assert ("cầu", True) in both


def test_an_expression_looks_for_both_places_of_a_tone() -> None:
    assert expression(read("hoà"), exact=True) == '(("hoà" OR "hòa"))'
    assert expression(read("thúy quý hoàn"), exact=True) == '(("thuý quý hoàn" OR "thúy quý hoàn"))'


HOSTILE = ["'", '"', '""', "*", "NEAR(", "a^b", "{title} : x", "NOT NOT", "OR", "AND AND x", "-", "title:", "x" * 9000]
HOSTILE += [
    "year:9999999",
    "from:x to:y",
    "year:",
    "paper:%",
    "paper:'\"[]",
    "\0",
    "\ud7ff",
    "<script>alert(1)</script>",
]
HOSTILE += ["-" * 300, '"' * 301, "(((((", "a OR " * 50, "title:" * 60, "x:y:z", "\\", "%00", "ｆｕｌｌ", "🙂", "a\nb"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_sign_is_a_mistake(site: Site, typed: str) -> None:
    for given in ({"q": typed}, {"q": "cau", "paper": typed}, {"q": "cau", "year": typed, "page": typed}):
        for form in ("", ".json"):
            answer = site.get(f"/search{form}?" + urlencode({**given, "section": typed, "sort": typed}))
            assert answer.status_code == 200
            assert form or "<script>alert" not in answer.text
            assert "tuyệt mật" not in answer.text
