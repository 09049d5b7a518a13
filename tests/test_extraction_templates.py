"""A template's place of a field counts where the article stands, not wherever its names are used again."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from crawler.papers import load
from crawler.settings import PAPER_FILES, TEMPLATE_FILES
from pipelines.items import Reading, Template

PARAGRAPHS = "".join(
    f"<p>Đoạn thứ {n} kể chuyện làm vườn ở xóm Cồn, từ lúc cuốc đất đến ngày hái lứa quả đầu.</p>" for n in range(4)
)
TEMPLATE = Template(
    "vườn",
    fields={
        "body": ("#text",),
        "title": ("h1",),
        "lead": (".desc",),
        "published": (".date",),
        "author": (".by",),
        "section": (".crumb a",),
        "tags": (".tag a",),
    },
)
TEASERS = "".join(
    f"<div><a href='/tin-{n}.html'>Chuyện khác thứ {n} ở một xóm xa hẳn</a>"
    f"<div class=desc>Lời dẫn của chuyện khác thứ {n}, không dính gì đến vườn quả xóm Cồn.</div>"
    f"<span class=date>0{n}/02/2026 08:00</span><i class=by>Bùi Văn Khác</i></div>"
    for n in range(1, 4)
)


def read(inside: str, *, beside: str = "", under: str = "<p class=date>05/03/2024 09:15</p>") -> Reading:
    page = (
        f"<body><div class=all><div class=main><h1>Vườn quả xóm Cồn</h1>{under}"
        f"<div id=text>{inside}{PARAGRAPHS}</div></div>"
        f"<div class=side>{TEASERS}{beside}</div></div></body>"
    )
    return extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html", template=TEMPLATE)


def test_another_articles_words_beside_the_article_are_not_its_own() -> None:
    found = read("")
    assert (found.lead, found.author, found.published) == (None, None, "2024-03-05T09:15:00+07:00")


def test_only_a_teasers_date_is_none() -> None:
    assert read("", under="").published is None


@pytest.mark.parametrize("tag", ["div", "p"])
def test_a_lead_at_the_head_of_the_body_is_taken(tag: str) -> None:
    lead = "Sau ba năm chăm bón, vườn quả xóm Cồn cho lứa đầu, cả xóm vui như mở hội."
    found = read(f"<{tag} class=desc>{lead}</{tag}>")
    assert found.lead == lead
    assert lead not in (found.text or "")


def test_of_several_paths_the_one_above_the_headline_counts() -> None:
    other = "<div class=crumb><a href='/'>Trang chủ</a><a href='/the-thao'>Thể thao</a></div>"
    own = "<div class=crumb><a href='/nong-thon'>Nông thôn</a></div><h1>Vườn quả xóm Cồn</h1>"
    page = f"<body><div><div>{own}<div id=text>{PARAGRAPHS}</div></div>{other}</div></body>"
    found = extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html", template=TEMPLATE)
    assert found.section == "Nông thôn"


def test_a_path_outside_the_scope_is_read_to_its_end_though_its_links_stand_in_lists_of_their_own() -> None:
    home, own = "<ul><li><a href='/'>Trang chủ</a></li></ul>", "<ul><li><a href='/nong-thon'>Nông thôn</a></li></ul>"
    path = f"<div class=crumb>{home}{own}</div>"
    other = "<div class=side><p class=crumb><a href='/the-thao'>Thể thao</a></p></div>"
    inner = f"<div><div><h1>Vườn quả xóm Cồn</h1><div id=text>{PARAGRAPHS}</div></div></div>"
    page = f"<body><div><header>{path}</header></div>{inner}<div><div>{other}</div></div></body>"
    found = extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html", template=TEMPLATE)
    assert (found.section, found.provenance["section"]) == ("Nông thôn", "template")


KNOWN = load(PAPER_FILES, TEMPLATE_FILES).templates
LEAD = "Sau ba năm chăm bón, vườn quả xóm Cồn cho lứa đầu, cả xóm vui như mở hội."
TITLE, AT = "Vườn quả xóm Cồn", "05/03/2019 09:15"
FORMER = {
    "vdoc2": ("h1 class=title", "p", "h4 class=sapo", "div id=contentNews><div class=singular-content"),
    "haiphong2020": ("h1", "div class='row1 creatdate'", "div class=head", "div id=newsContent"),
    "hanoimoi2020": ("h1 class=caption", "div class=definfo><p class=period", "p class=summary", "div class=article"),
    "hatinh2020": ("h1", "p class=date_news><span", "p class=sapo_detail", "div id=main-detail"),
    "phuyen2020": (
        "div class=newsDetail><div class=title",
        "div class=newsDetail><div class=date",
        "",
        "div class=text",
    ),
    "quangnam2020": ("h1", "div class=date-time", "div class=chapeau", "div class=body-content"),
    "quangninh2020": ("h1 id=title", "div id=date", "", "div id=content"),
    "tuyenquang2020": ("h1", "time", "p class=summary", "div itemprop=articleBody"),
    "dongthap2020": ("h1", "span id=cphContent_ucNewsDetails_lblPostedDate", "", "div class=contentView"),
    "caobang2020": ("h1", "p class=time", "p class=sapo", "div class=text"),
    "ninhthuan": ("h1", "div id=details><label", "p class=sapo", "div class=content"),
    "laichau": ("h1", "span class=text-muted", "div class='desc sapo'", "div class='desc body'"),
}
"""The tags that open headline, date, lead and text on a page of each system; no lead where its place is not known."""


@pytest.mark.parametrize("name", FORMER)
def test_a_page_of_before_is_read_by_the_marks_of_its_day(name: str) -> None:
    parts = zip(FORMER[name], (TITLE, AT, LEAD, PARAGRAPHS), strict=True)
    inside = "".join(
        f"<{tags}>{text}" + "".join(f"</{tag.split()[0]}>" for tag in reversed(tags.split("><")))
        for tags, text in parts
        if tags
    )
    page = f"<body><div>{inside}</div><div class=side>{TEASERS}</div></body>".encode()
    found = extract(page, "https://vac.vn/vuon-qua-xom-con-vac-12345.html", template=KNOWN[name])
    assert (found.outcome, found.template, found.title) == ("article", name, TITLE)
    assert found.published == "2019-03-05T09:15:00+07:00"
    assert found.lead == (LEAD if FORMER[name][2] else None)
    assert (found.text or "").count("Đoạn thứ") == 4
    assert "khác" not in (found.text or "")


def test_every_template_says_where_the_text_is_or_that_nothing_is_known() -> None:
    unknown = {name for name, template in KNOWN.items() if not template.fields}
    assert unknown == {"ims", "thaibinh", "hanam", "kontum"}
    assert all(template.fields["body"] for name, template in KNOWN.items() if name not in unknown)
