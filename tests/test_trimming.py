"""A trimmed page is smaller, reads as the whole one, and still shows a person all the prose."""

from __future__ import annotations

import re

from crawler.extraction import extract
from crawler.extraction.trimming import Trimmed, trim

URL = "https://baomau.example/tin-tuc/cau-moi-qua-song-mau-101010.html"
PROSE = [
    f"Đoạn {n}: cây cầu qua sông Mẫu nối hai xã được khởi công sáng nay, bà con các bản hai bên bờ đã đợi từ lâu."
    for n in ("một", "hai", "ba", "bốn", "năm")
]
MENU = "".join(f'<li class="m{n % 2}"><a href="/muc-{n}">Chuyên mục {n}</a></li>\n' for n in range(40))
CARDS = "".join(
    f'<div class="card k{n}"><a href="/bai-10000{n}.html">Tin bên lề số {n} của trang báo</a></div>' for n in range(9)
)
PAGE = f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Cầu mới qua sông Mẫu</title>
<script>var menu = "<ul><li>";</script><style>.a {{ color: red }}</style><!-- máy chủ 7 -->
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Cầu mới qua sông Mẫu",
"datePublished": "2026-11-20T07:15:00+07:00", "articleSection": "Giao thông"}}</script></head>
<body><nav><ul>{MENU}</ul></nav>
<article><h1>Cầu mới qua sông Mẫu</h1><svg viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>
{"".join(f"<p>{p}</p>" for p in PROSE)}
<ul><li>Dài 120 mét</li><li>Rộng 7 mét</li><li>Hai làn xe</li><li>Xong năm 2027</li><li>Vốn của tỉnh</li></ul></article>
<aside>{CARDS}</aside></body></html>""".encode()


def trimmed(page: bytes) -> Trimmed:
    whole = extract(page, URL)

    def differs(trial: bytes) -> str | None:
        return None if extract(trial, URL) == whole else "a field"

    return trim(page, differs)


def test_the_trimmed_page_is_smaller_and_reads_the_same() -> None:
    small = trimmed(PAGE)
    assert len(small.page) < len(PAGE) / 2
    assert extract(small.page, URL) == extract(PAGE, URL)
    assert not small.refused


def test_scripts_are_emptied_and_structured_data_stays() -> None:
    small = trimmed(PAGE).page.decode()
    assert "<script></script>" in small
    assert '"datePublished": "2026-11-20T07:15:00+07:00", "articleSection": "Giao thông"' in small
    assert "color: red" not in small
    assert "máy chủ" not in small
    assert "M0 0h9" not in small


def test_menus_and_boxes_of_links_keep_three_items() -> None:
    small = trimmed(PAGE).page.decode()
    assert re.findall(r"Chuyên mục (\d+)", small) == ["0", "1", "2"]
    assert re.findall(r"bên lề số (\d+)", small) == ["0", "1", "2"]
    assert small.count("</ul>") == PAGE.decode().count("</ul>")


def test_prose_and_its_lists_stay_byte_for_byte() -> None:
    article = re.compile(rb"<p>.*</article>", re.DOTALL)
    kept, whole = article.search(trimmed(PAGE).page), article.search(PAGE)
    assert kept
    assert whole
    assert kept.group() == whole.group()


def test_prose_the_extractor_misses_stays_too() -> None:
    unread = PAGE.replace(b"<aside>", f"<aside><p>{PROSE[0]}</p><p>{PROSE[1]}</p>".encode())
    assert trimmed(unread).page.count(PROSE[1].encode()) == 2


def test_what_the_reading_needs_is_kept_and_named() -> None:
    def differs(trial: bytes) -> str | None:
        return None if b"color: red" in trial and trial.count(b"card") == 9 else "tags"

    small = trim(PAGE, differs)
    assert b"color: red" in small.page
    assert [(cut.what, field) for cut, field in small.refused] == [("a style", "tags"), ("a list of 9 items", "tags")]
    assert "máy chủ".encode() not in small.page


def test_a_page_of_any_bytes_is_taken() -> None:
    odd = (b"", b"<", b"<!--", bytes(range(256)) * 40, "<p>á".encode("utf-16"), b"<li><a>" * 3000, b"</li>" * 3000)
    for page in odd:
        assert len(trim(page, lambda _: None).page) <= len(page)
