"""The section: the path or link right before the headline, never an item of a menu."""

from __future__ import annotations

import pytest

from crawler.extraction import extract

TEXT = "".join(f"<p>Đoạn thứ {n} kể chuyện làm vườn ở xóm Cồn, từ lúc cuốc đất đến ngày hái quả.</p>" for n in range(4))
NAV = "<nav><a href='/'>Trang chủ</a><a href='/kinh-te'>Kinh tế</a><a href='/the-thao'>Thể thao</a></nav>"
LINK = "<a href='/{}'>{}</a>"
GARDEN, GAMES, LAW = (
    LINK.format("nong-thon", "Nông thôn"),
    LINK.format("the-thao", "Thể thao"),
    LINK.format("luat", "Pháp luật"),
)
ITEMS = f"<ul><li>{LAW}</li><li class='{{}}'>{GARDEN}</li><li>{GAMES}</li></ul>"
HOME = "<a href='/'>Trang chủ</a>"


@pytest.mark.parametrize(
    ("above", "section"),
    [
        (f"{NAV}<div>{GARDEN}</div>", "Nông thôn"),
        (f"<div>{HOME} › {LAW} › {GARDEN}</div>", "Nông thôn"),
        (f"{NAV}<div>{HOME} / {GARDEN}</div>", "Nông thôn"),
        (f"<div>{HOME} {LAW}</div><div>{LAW} » {GARDEN}</div>", "Nông thôn"),
        (ITEMS.format("active"), "Nông thôn"),
        (ITEMS.format("x"), None),
        ("<div class=crumbs>Nông thôn</div>", "Nông thôn"),
        (ITEMS.format("x") + "<div>NÔNG THÔN</div>", "NÔNG THÔN"),
        ("<div>Chuyện nhà vườn</div>", None),
    ],
    ids=["a link under a menu", "a path", "a path under a menu", "a path without a home page", "a chosen item",
         "a menu alone", "a name in a path's place", "a printed name that a link has too", "a kicker"],
)  # fmt: skip
def test_the_section_stands_right_before_the_headline(above: str, section: str | None) -> None:
    page = f"<body>{above}<h1>Vườn quả xóm Cồn</h1><p>05/03/2024 09:15</p><div>{TEXT}</div></body>"
    assert extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html").section == section
