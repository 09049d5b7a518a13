"""Habits of papers that a page nobody has seen will have: small pages, one question each."""

from __future__ import annotations

import pytest

from crawler.extraction import extract


def test_half_an_emoji_in_a_page_s_data_leaves_a_text_that_can_be_written() -> None:
    body = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Lễ mừng cơm mới \\ud83d",'
        '"author":{"@type":"Person","name":"Lò Thị Mai \\ud83d"}}</script><h1>Lễ mừng cơm mới</h1>'
        + "<p>Bà con các bản vùng cao quây quần bên nếp nhà sàn trong ngày hội lớn của mùa gặt năm nay.</p>"
        * 3
    )
    reading = extract(body.encode(), "https://baomau.vn/le-mung-com-moi-1.html")
    assert reading.author == "Lò Thị Mai"
    str(reading).encode()


@pytest.mark.parametrize(
    "head", ["", '<?xml version="1.0" encoding="utf-8"?>\n', '<?xml version="1.0"?><?xml-stylesheet a?>']
)
@pytest.mark.parametrize("root", ["rss", "feed", "urlset"])
def test_a_feed_at_an_article_s_address_is_no_article(head: str, root: str) -> None:
    item = "<title>Lễ mừng cơm mới</title><description>&lt;p&gt;Bà con các bản quây quần.&lt;/p&gt;</description>"
    body = (
        f"{head}<{root}>" + f"<item>{item}<p>{'Bà con các bản vùng cao quây quần. ' * 9}</p></item>" * 9 + f"</{root}>"
    )
    reading = extract(body.encode(), "https://baomau.vn/rss/thoi-su", content_type="text/html; charset=utf-8")
    assert reading.outcome == "page/not-html"


def test_an_xhtml_page_is_a_page() -> None:
    guests = ("Bà con bản Huồi Mới", "Các cụ già ở Phà Khao", "Trẻ em xã Mường Lống", "Khách từ miền xuôi lên")
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html><html><body><h1>Lễ mừng cơm mới ở bản</h1>'
        + "".join(
            f"<p>{who} quây quần bên nếp nhà sàn trong ngày hội lớn của mùa gặt năm nay, ai nấy đều vui.</p>"
            for who in guests
        )
    )
    assert extract(body.encode(), "https://baomau.vn/le-mung-com-moi-1.html").outcome == "article"
