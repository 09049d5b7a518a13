"""Habits of papers that a page nobody has seen will have: small pages, one question each."""

from __future__ import annotations

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
