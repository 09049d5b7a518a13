"""Whole pages: invented articles in the systems' markup, each with what a person would type in."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction import extract, furniture_key
from crawler.papers import load
from crawler.settings import PAPER_FILES, TEMPLATE_FILES
from pipelines.items import Template

PAGES = Path(__file__).parent / "pages"
ARTICLES = sorted(p for p in PAGES.glob("*.json") if json.loads(p.read_text("utf-8"))["outcome"] == "article")
TEMPLATES = load(PAPER_FILES, TEMPLATE_FILES).templates
FIELDS = ("outcome", "title", "lead", "author", "source", "published", "section", "tags", "captions", "text")
MARK = re.compile(rb"(\s(?:class|id|itemprop))(\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)", re.IGNORECASE)


def facts(path: Path) -> dict[str, Any]:
    wanted: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return wanted


def read(path: Path, *, template: str | None = None, page: bytes | None = None, **known: Any) -> dict[str, Any]:
    page = path.with_suffix(".html").read_bytes() if page is None else page
    reading = extract(page, facts(path)["url"], template=TEMPLATES[template] if template else None, **known)
    found: dict[str, Any] = json.loads(json.dumps(asdict(reading)))
    return found


def renamed(page: bytes, seed: str) -> bytes:
    """Give every class, id and itemprop of a page an invented name, the same one for the same."""

    def invent(name: re.Match[bytes]) -> bytes:
        return b"x" + hashlib.sha256(seed.encode() + name.group()).hexdigest()[:7].encode()

    def rename(mark: re.Match[bytes]) -> bytes:
        return mark[1] + mark[2] + b'"' + re.sub(rb"[^\s]+", invent, mark[3].strip(b"\"'")) + b'"'

    return MARK.sub(rename, page)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)
def test_a_page_reads_as_a_person_would_type_it_in(path: Path) -> None:
    wanted = facts(path)
    found = read(path, template=wanted["template"])
    assert {f: found[f] for f in FIELDS} == {f: wanted[f] for f in FIELDS}
    assert found["template"] == wanted["template"]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)
def test_without_its_template_a_page_reads_the_same(path: Path) -> None:
    wanted, found = facts(path), read(path)
    assert {f: found[f] for f in FIELDS} == {f: wanted[f] for f in FIELDS}
    assert found["template"] is None


@pytest.mark.parametrize("seed", ["1", "2"])
@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)
def test_after_a_redesign_that_renames_every_mark_the_text_is_whole_and_clean(path: Path, seed: str) -> None:
    wanted = facts(path)
    page = renamed(path.with_suffix(".html").read_bytes(), seed)
    found = read(path, template=wanted["template"], page=page)
    certain = ("outcome", "title", "text", "published", "captions")
    assert {f: found[f] for f in certain} == {f: wanted[f] for f in certain}


@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)
def test_nothing_of_the_template_is_in_any_field(path: Path) -> None:
    found, wanted = read(path), facts(path)
    printed = " ".join([found["text"], found["lead"] or "", *found["captions"]])
    assert not [line for line in wanted.get("noise", ()) if line in printed]


def test_every_field_says_where_it_was_read() -> None:
    path = PAGES / "epi-bare-divs.json"
    by_template, alone = read(path, template="epi"), read(path)
    assert by_template["provenance"] | {"title": "template", "author": "template"} == by_template["provenance"]
    assert set(alone["provenance"].values()) <= {"jsonld", "meta", "visible", "heuristic"}


def test_a_page_that_forbids_copies_is_marked() -> None:
    assert read(PAGES / "epi-bare-divs.json")["noarchive"]
    assert not read(PAGES / "wordpress.json")["noarchive"]


def test_pictures_have_absolute_addresses_captions_and_credits() -> None:
    path = PAGES / "onecms-longform.json"
    assert [(i["url"], i["credit"]) for i in read(path)["images"]] == [
        ("https://bvs.1cdn.vn/1.jpg", "Đức Hoà"),
        ("https://bvs.1cdn.vn/2.jpg", None),
        ("https://bvs.1cdn.vn/3.jpg", None),
    ]


def test_links_are_resolved_against_the_base_element() -> None:
    page = (
        b"<base href='https://img.vn/t/'><h1>A walk by the river</h1><p><img src='a.jpg'></p><p>"
        + "chữ và chữ ".encode() * 20
    )
    (image,) = extract(page, "https://bao.vn/mot-hai-ba-bon-12345.html").images
    assert image.url == "https://img.vn/t/a.jpg"


def test_a_line_learned_as_furniture_is_left_out_wherever_it_stands() -> None:
    path = PAGES / "short-news.json"
    first, second = facts(path)["text"].split("\n")
    assert read(path, furniture=frozenset([furniture_key(second)]))["text"] == first


def test_the_papers_own_mark_is_taken_off_lead_and_text() -> None:
    page = "<h1>Tin ngắn từ bến</h1><p>Vạc Sơn ngày mới - {}</p>".format("Một câu đủ dài để là một đoạn văn. " * 5)
    paper = (
        load(PAPER_FILES, TEMPLATE_FILES)
        .papers["baocantho"]
        .__class__("x", "Báo X", "Cần Thơ", hosts=("x.vn",), prefixes=("Vạc Sơn ngày mới",))
    )
    text = extract(page.encode(), "https://x.vn/mot-hai-ba-bon-12345.html", paper=paper).text
    assert text is not None
    assert text.startswith("Một câu")


def test_a_template_that_does_not_fit_the_page_is_as_none() -> None:
    path = PAGES / "wordpress.json"
    for template in ("onecms", "vdoc", "mediatech", "bbg"):
        assert read(path, template=template)["text"] == read(path)["text"]


EDITIONS = {
    "vi": "Sáng nay bà con xã Khe Bưởi dựng xong cây cầu treo mới, trẻ con hai bên suối rủ nhau chạy qua chạy lại.",
    "en": "The people of Khe Buoi have built a new bridge with their own hands, and the children ran to and fro on it.",
    "fr": "Les habitants du village ont achevé le pont suspendu, et les enfants des deux rives y courent dès l'aube.",
    "ru": "Жители деревни достроили подвесной мост, и дети с обоих берегов весь день бегали по нему туда и обратно.",
    "zh": "村民们今天早上建成了新的吊桥,两岸的孩子们整天在桥上跑来跑去,老人们坐在树下喝茶谈论往年的洪水和收成。",
    "km": "អ្នកភូមិបានសាងសង់ស្ពានថ្មីរួចរាល់ហើយនៅព្រឹកនេះ ក្មេងៗនៅសងខាងស្ទឹងរត់លេងលើស្ពានពេញមួយថ្ងៃ។",
}


@pytest.mark.parametrize("language", EDITIONS)
def test_an_editions_language_is_told_by_its_text_whatever_the_frame_around_it_declares(language: str) -> None:
    body = "".join(f"<p>{n}. {EDITIONS[language]}</p>" for n in range(9))
    page = f"<html lang=vi><h1>{EDITIONS[language][:30]}</h1><p>01/03/2025 08:00</p><div id=text>{body}</div>"
    template = Template("vạc", fields={"body": ("#text",), "title": ("h1",)})
    reading = extract(page.encode(), f"https://vac.vn/{language}/cau-treo-12345.html", template=template)
    assert (reading.outcome, reading.language) == ("article", language)


def test_pictures_changes_and_language_say_where_they_were_read() -> None:
    body = "".join(f"<p>Đoạn thứ {n} kể chuyện cấy hái ở làng Vạc, từ lúc gieo mạ đến ngày gặt.</p>" for n in range(5))
    figure = "<figure><img src=/a.jpg><figcaption>Cánh đồng làng Vạc ngày gặt</figcaption></figure>"
    told = (
        '<script type="application/ld+json">{"@type":"NewsArticle","dateModified":"2025-03-02T08:00:00+07:00"}</script>'
    )

    def by(head: str, inside: str = body + figure, template: Template | None = None) -> dict[str, str]:
        row = "<p>01/03/2025 08:00 (Cập nhật: 02/03/2025 09:00)</p>"
        page = f"<html lang=vi>{head}<h1>Mùa gặt ở làng Vạc</h1>{row}<div id=text>{inside}</div>"
        said = extract(page.encode(), "https://vac.vn/mua-gat-12345.html", template=template).provenance
        return {field: said.get(field, "") for field in ("modified", "captions", "images", "language")}

    template = Template("vạc", fields={"body": ("#text",)})
    assert by(told) == {"modified": "jsonld", "captions": "visible", "images": "heuristic", "language": "heuristic"}
    assert by(told, template=template)["images"] == "template"
    assert by("<meta name=lastmod content='2025-03-02T08:00:00+07:00'>")["modified"] == "meta"
    assert by("")["modified"] == "visible"
    short = by("", "<p>1, 2, 3, 4, 5, 6 - 0. " * 5)
    assert (short["captions"], short["images"]) == ("", "")
