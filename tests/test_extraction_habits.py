"""Habits of papers that a page nobody has seen will have: small pages, one question each."""

from __future__ import annotations

import pytest

from crawler.extraction import extract

TEXT = [f"Đoạn thứ {n} kể chuyện làm vườn ở xóm Cồn, từ lúc cuốc đất đến ngày hái lứa quả đầu." for n in range(1, 5)]
BODY = "".join(f"<p>{t}</p>" for t in TEXT)
NAV = "<nav><a href='/'>Trang chủ</a><a href='/kinh-te'>Kinh tế</a></nav>"
SIDE = "<div class=x9>" + "".join(
    f"<div><h3><a href='/chuyen-{n}-71234{n}.html'>Chuyện khác thứ {n} ở một xóm xa hẳn</a></h3>"
    f"<p>Lời dẫn của chuyện khác thứ {n}, không dính gì đến vườn quả của xóm Cồn cả.</p></div>"
    for n in range(1, 6)
) + "</div>"  # fmt: skip
URL = "https://vac.vn/vuon-qua-xom-con-vac-12345.html"
SAYS = "<meta property='og:type' content='article'>"
CODED = "U2FsdGVkX19aB3dE5fG7hI" * 40


def page(title: str, inner: str, head: str = "") -> bytes:
    return f"<head><title>{title}</title>{head}</head><body>{NAV}<main>{inner}</main>{SIDE}</body>".encode()


@pytest.mark.parametrize(
    "title",
    ["Không tìm thấy nạn nhân mất tích trên sông Vạc", "Lỗi 404 và chuyện chuyển đổi số ở xã Cồn",
     "Ngôi làng không tồn tại trên bản đồ", "Xóa sổ 404 điểm sạt lở bờ sông",
     "Trang trại không tìm thấy đầu ra cho nông sản", "Xử phạt vì đăng bài viết có nội dung không có thật",
     "Không có nội dung mới trong dự thảo"],
)  # fmt: skip
def test_an_article_that_speaks_of_absence_is_an_article(title: str) -> None:
    inner = f"<h1>{title}</h1><p>05/06/2025 12:30</p><div><p>{TEXT[0]}</p><p>{TEXT[1]}</p></div>"
    assert extract(page(title, inner), URL).outcome == "article"


@pytest.mark.parametrize(
    ("title", "inner"),
    [
        ("Báo Vạc Sơn điện tử", "<p>Bài viết không tồn tại hoặc đã được gỡ bỏ.</p>"),
        ("404 - Báo Vạc Sơn", "<h1>404</h1>"),
        ("Báo Vạc Sơn", "<h1>Trang bạn tìm không tồn tại</h1>"),
        ("Page not found - Báo Vạc Sơn", "<p>Rất tiếc!</p>"),
        ("Báo Vạc Sơn", "<h2>Không tìm thấy nội dung này</h2>"),
    ],
)
def test_a_page_that_says_it_is_not_there_is_none_whatever_stands_beside_it(title: str, inner: str) -> None:
    assert extract(page(title, inner), "https://vac.vn/gone/").outcome == "page/soft-404"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (f"<?xml version='1.0'?><rss><item><p>{TEXT[0]}</p><p>{TEXT[1]}</p></rss>", "page/not-html"),
        (f"<urlset><url><loc>{URL}</loc><title>Vườn</title></url></urlset>", "page/not-html"),
        (f'{{"title": "Vườn quả", "html": "<p>{TEXT[0]}</p><p>{TEXT[1]}</p>"}}', "page/not-html"),
        (f"<?xml version='1.0'?><!DOCTYPE html><html><body><h1>Vườn quả xóm Cồn</h1>{BODY}</body></html>", "article"),
    ],
    ids=["a feed", "a sitemap", "JSON", "a page with an XML declaration"],
)  # fmt: skip
def test_the_first_bytes_tell_what_is_no_page(body: str, outcome: str) -> None:
    assert extract(body.encode(), URL, content_type="text/html; charset=utf-8").outcome == outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (f"<title>Vườn quả</title>{SAYS}<div id=__next></div><script src=/m.js></script>", "page/body-hidden"),
        (f"<title>Vườn quả</title>{SAYS}<div class=z></div><script src=/m.js></script>", "page/body-hidden"),
        (f"<title>Vườn quả xóm Cồn</title><h1>Vườn quả xóm Cồn</h1><div data-q='{CODED}'></div>", "page/body-hidden"),
        ("<h3>Truy cập bất thường</h3><p>Nhập mã captcha bên dưới.</p><form><input name=captcha>", "page/challenge"),
    ],
    ids=["an empty root", "an empty page", "a coded attribute", "a captcha"],
)  # fmt: skip
def test_what_hides_an_article_is_named(body: str, outcome: str) -> None:
    assert extract(body.encode(), URL).outcome == outcome


def test_a_photo_report_whose_only_paragraph_is_its_lead_is_an_article() -> None:
    caption = "<p style='text-align:center'><em>Ảnh {0}: quả chín.</em></p>"
    pictures = "".join(f"<p><img src='/{n}.jpg'></p>{caption.format(n)}" for n in range(4))
    found = extract(page("Vườn quả", f"<h1>Vườn quả xóm Cồn</h1><div>{pictures}<p>{TEXT[0]}</p></div>", SAYS), URL)
    assert (found.outcome, found.text, len(found.captions)) == ("article", TEXT[0], 4)
