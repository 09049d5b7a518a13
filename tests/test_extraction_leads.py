"""Leads: what a page sets apart before its text or at the head of it, and what it does not."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from pipelines.items import Reading

LEAD = "Sau ba năm chăm bón, vườn quả xóm Cồn cho lứa đầu, cả xóm vui như mở hội."
TEXT = [
    f"Đoạn thứ {n} kể chuyện làm vườn ở xóm Cồn, từ lúc cuốc đất đến ngày hái lứa quả đầu tiên." for n in range(1, 5)
]


def read(opening: str, *, paragraph: str = "<p>{}</p>", head: str = "", above: str = "") -> Reading:
    text = "".join(paragraph.format(t) for t in TEXT)
    page = (
        f"<head><title>Vườn quả xóm Cồn</title>{head}</head><body><div><h1>Vườn quả xóm Cồn</h1>"
        f"<p>05/03/2024 09:15</p>{above}</div><div class=x1>{opening}{text}</div></body>"
    )
    return extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html")


@pytest.mark.parametrize(
    "paragraph", ["<p>{}</p>", "<div>{}</div>", "{}<br><br>", "<p style='text-align:justify'>{}</p>"]
)
@pytest.mark.parametrize(
    "opening",
    ["<div class=x2>{}</div>", "<h2>{}</h2>", "<p class=x2><b>{}</b></p>", "<div class=x2>{0}</div><p><b>{0}</b></p>"],
    ids=["a box", "a heading", "a paragraph of its own class", "said again"],
)
def test_a_lead_that_opens_the_texts_own_element_is_known_by_how_it_is_set(opening: str, paragraph: str) -> None:
    found = read(opening.format(LEAD), paragraph=paragraph)
    assert (found.lead, (found.text or "").split("\n")) == (LEAD, TEXT)


@pytest.mark.parametrize(
    "opening",
    ["<p>{}</p>", "<p><strong>{}</strong></p>", "<p class=MsoNormal>{}</p>", "<p style='text-align:center'>{}</p>",
     "{}", "<blockquote class=q>{}</blockquote>", "<table><tr><td><img src='1.jpg'></td></tr></table>{}"],
    ids=["plain", "bold", "a word processor's class", "centred", "bare", "a quotation", "behind a picture"],
)  # fmt: skip
def test_a_first_paragraph_that_is_only_that_stays_in_the_text(opening: str) -> None:
    found = read(opening.format(LEAD))
    assert (found.lead, (found.text or "").split("\n")) == (None, [LEAD, *TEXT])


def test_a_first_paragraph_set_as_all_others_stays_in_the_text() -> None:
    assert read(f"<p class=x3>{LEAD}</p>", paragraph="<p class=x3>{}</p>").lead is None


def test_a_sub_heading_at_the_head_of_the_text_is_no_lead() -> None:
    found = read("<h2>Từ những hố đất đầu tiên của cả một xóm nhỏ</h2>")
    assert (found.lead, (found.text or "").split("\n")[1:]) == (None, TEXT)


def test_a_lead_beside_a_text_of_one_short_paragraph_is_still_the_lead() -> None:
    above = f"<h1>Vườn quả xóm Cồn</h1><p>05/03/2024 09:15</p><p class=s><b>{LEAD}</b></p>"
    page = f"{above}<div class=n><p>{TEXT[0][:60]}.</p></div>"
    found = extract(page.encode(), "https://vac.vn/vuon-12345.html")
    assert (found.outcome, found.lead, found.text) == ("article", LEAD, f"{TEXT[0][:60]}.")


@pytest.mark.parametrize(
    "cut", [f"{TEXT[0][:52]}...", f"{TEXT[0][:52]}…", TEXT[0][:45]], ids=["dots", "ellipsis", "mid-word"]
)
def test_a_sapo_cut_from_the_first_paragraph_takes_nothing_of_it_away(cut: str) -> None:
    found = read("", above=f"<div class=x2>{cut}</div>")
    assert (found.lead, (found.text or "").split("\n")) == (None, TEXT)


ROWS = [
    "Thứ Năm, 27/03/2020 16:29 (Cập nhật: 28/03/2020 08:00)",
    "Xuất bản: 06:15 - 20/10/2022 · Sửa: 09:00 - 21/10/2022",
    "Mon, 06/10/2025 | 13:44",
    "Ngày đăng: 21/06/2022 15:47 - 1.204 lượt xem",
]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_dates_and_labels_is_neither_lead_nor_byline_nor_text(row: str) -> None:
    found = read("", above=f"<div class=x4>{row}</div>".replace("05/03/2024 09:15", ""))
    assert (found.lead, found.author, (found.text or "").split("\n")) == (None, None, TEXT)


@pytest.mark.parametrize("name", ["Bùi Hải Đăng", "K’ Rô Niê", "TRẦN SỬA - LÊ B", "BS.CKII Đinh Văn Cồn"])
def test_a_row_that_names_the_author_beside_the_date_is_no_lead_and_ends_no_text(name: str) -> None:
    page = (
        f"<body><div><header><h1>Vườn quả xóm Cồn</h1><div class=x2>{LEAD}</div><div>{name} "
        f"<span>Thứ Hai, 14/10/2019 | 08:30 GMT+7</span></div></header><div>"
        f"{''.join(f'<p>{t}</p>' for t in TEXT)}</div></div>"
    )
    found = extract(page.encode(), "https://vac.vn/vuon-12345.html")
    assert (found.author, found.lead, (found.text or "").split("\n")) == (name, LEAD, TEXT)
    assert found.published == "2019-10-14T08:30:00+07:00"
