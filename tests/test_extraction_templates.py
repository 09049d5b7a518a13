"""A template's place of a field counts where the article stands, not wherever its names are used again."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
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
