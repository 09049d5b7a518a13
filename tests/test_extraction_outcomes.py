"""Pages that are no article, in three systems' markup: each is named rightly, and no article is taken for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.extraction import extract
from crawler.papers import load
from crawler.settings import PAPER_FILES, TEMPLATE_FILES

TEMPLATES = load(PAPER_FILES, TEMPLATE_FILES).templates
TITLE = "Mùa quýt sớm trên núi Vạc"
LEAD = "Vụ quýt sớm trên dãy núi Vạc mang lại thu nhập khá cho hàng trăm hộ dân còn nhiều khó khăn."
TEXT = [
    f"Đoạn {n} kể về những vườn quýt trên sườn núi và con đường mới mở vào bản." for n in ("một", "hai", "ba", "bốn")
]
HEADS = ["Làng Vạc mở hội xuống đồng đầu xuân", "Khởi công cầu treo thay bến đò cũ",
         "Trao quà cho học sinh vùng cao xa", "Nông dân trẻ khởi nghiệp với đàn dê",
         "Hợp tác xã nhận chứng nhận bốn sao"]  # fmt: skip
TEASER = "Ngày hội diễn ra trong không khí tưng bừng với phần thi của tám đội đến từ các bản."
MENU = "<ul>" + "".join(f"<li><a href='/{s}/'>{n}</a></li>" for s, n in (("", "Trang chủ"), ("kinh-te", "Kinh tế"),
        ("van-hoa", "Văn hóa"), ("the-thao", "Thể thao"), ("du-lich", "Du lịch"))) + "</ul>"  # fmt: skip
FOOT = "<div><p>Cơ quan của Đảng bộ tỉnh Vạc Sơn. Giấy phép số 12/GP-BTTTT cấp ngày 3/2/2021.</p></div>"
CODED = "U2FsdGVkX19aB3dE5fG7hI" * 120
NEWS = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{TITLE}"}}</script>'


def teasers(times: int) -> str:
    entry = (
        "<li><a href='/bai-{0}-{1}99.html'><img src='/i.jpg'></a>"
        "<h3><a href='/bai-{0}-{1}99.html'>{2}</a></h3><p>{3}</p></li>"
    )
    return "<ul>" + "".join(entry.format(i, 10_300 + i, h, TEASER) for i, h in enumerate(HEADS * times)) + "</ul>"


def onecms(inner: str, head: str = "", title: str = TITLE) -> str:
    side = f"<div class='l-sidebar'><div class='c-box'>{teasers(1)}</div></div>"
    return (f"<!DOCTYPE html><html lang=vi><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{MENU}"
            f"<div class='l-content'><div class='l-main'>{inner}</div>{side}</div>{FOOT}</body></html>")  # fmt: skip


def vdoc(inner: str, head: str = "", title: str = TITLE) -> str:
    return (f"<html><head><meta charset=utf-8><title>{title} - Báo Vạc Sơn Online</title>{head}</head><body>{MENU}"
            f"<section><div class='col-left'>{inner}</div><div>{teasers(1)}</div></section>{FOOT}"
            "</body></html>")  # fmt: skip


def vnpt2(inner: str, head: str = "", title: str = TITLE) -> str:
    more = f"<section class='section-post-detail-related'>{teasers(1)}</section>"
    return (f"<html lang=vi><head><meta charset=utf-8><title>{title} - Vạc Sơn online</title><meta property='og:type' "
            f"content='article'>{head}</head><body>{MENU}<main>{inner}{more}</main>{FOOT}</body></html>")  # fmt: skip


ARTICLE = {
    "onecms": "<div class='c-news-detail'><div class='b-maincontent'><article class='entry'>"
    "<div class='sc-longform-header'>"
    f"<h1 class='sc-longform-header-title block-sc-title'>{TITLE}</h1>"
    f"<span class='block-sc-publish-time'>02/03/2025 08:15</span>"
    f"<p class='sc-longform-header-sapo block-sc-sapo'>{LEAD}</p></div>%s</article></div></div>",
    "vdoc": f"<div class='detail-title'><h1>{TITLE}</h1></div><div class='pubdate'>02/03/2025 - 08:15</div>"
    f"<div class='detail-desc'><p>{LEAD}</p></div><div id='newscontents'><div class='content-fck'>%s</div></div>",
    "vnpt2": f"<time class='time'>08:15, 02/03/2025</time><div class='detail-main-title'>"
    f"<h1 class='title'>{TITLE}</h1></div>"
    f"<p class='reply'>{LEAD}</p><div id='content' class='content-detail'><div class='td-post-content'>%s</div></div>",
}
URL = {
    "onecms": "https://vacson.vn/mua-quyt-som-tren-nui-vac-10331122.html",
    "vdoc": "https://vacson.vn/mua-quyt-som-tren-nui-vac-a12345.html",
    "vnpt2": "https://vacson.vn/kinh-te/202503/mua-quyt-som-tren-nui-vac-3f71fab/",
}
SYSTEMS: dict[str, Callable[..., str]] = {"onecms": onecms, "vdoc": vdoc, "vnpt2": vnpt2}
ALL = pytest.mark.parametrize(("system", "known"), [(s, k) for s in SYSTEMS for k in (True, False)])


def outcome(page: str | bytes, url: str, system: str | None = None, content_type: str = "") -> str:
    body = page if isinstance(page, bytes) else page.encode()
    return extract(body, url, template=TEMPLATES[system] if system else None, content_type=content_type).outcome


@ALL
@pytest.mark.parametrize("lines", [4, 1])
@pytest.mark.parametrize("head", [NEWS, ""], ids=["announced", "bare"])
def test_an_article_is_one_however_short(system: str, known: bool, lines: int, head: str) -> None:
    page = SYSTEMS[system](ARTICLE[system] % "".join(f"<p>{t}</p>" for t in TEXT[:lines]), head)
    assert outcome(page, URL[system], system if known else None) == "article"


@ALL
@pytest.mark.parametrize(
    ("inner", "head"),
    [
        ("", NEWS),
        ("", ""),
        (f"<div data-enc='{CODED}'></div><script>show(CryptoJS.AES.decrypt('{CODED}', k))</script>", NEWS),
        (f"<p>Đang tải nội dung...</p><script>var c = atob('{CODED}')</script>", ""),
    ],
    ids=["empty container", "empty, unannounced", "coded", "coded with a waiting line"],
)
def test_a_text_hidden_by_script_is_noticed_beside_a_full_sidebar(
    system: str, known: bool, inner: str, head: str
) -> None:
    page = SYSTEMS[system](ARTICLE[system] % inner, head)
    reading = extract(page.encode(), URL[system], template=TEMPLATES[system] if known else None)
    assert (reading.outcome, reading.text) == ("page/body-hidden", None)


@ALL
@pytest.mark.parametrize(
    ("inner", "title", "url"),
    [
        (f"<h1>Video: {TITLE}</h1><video src='/a.mp4'></video>", f"Video: {TITLE}",
         "https://vacson.vn/video/quyt-10331.html"),
        (f"<h1>{TITLE}</h1><iframe src='https://www.youtube.com/embed/x'></iframe><p>{TEXT[0]}</p>", TITLE,
         "https://vacson.vn/multimedia/video/202506/mua-quyt-0da0411/"),
        ("<h1>Báo Vạc Sơn số 2211</h1>" + "<img src='/p/1.jpg'>" * 8, "Báo in số 2211",
         "https://vacson.vn/epaper/2025/03/02/"),
        ("<h1>Podcast: Chuyện núi Vạc</h1><audio src='/a.mp3'></audio>", "Podcast: Chuyện núi Vạc",
         "https://vacson.vn/podcast/chuyen-nui-vac-12345.html"),
        ("<h1>Ngàn năm núi Vạc</h1><div id='longform'></div>", "Ngàn năm núi Vạc",
         "https://vacson.vn/e-magazine/ngan-nam-12345.html"),
    ],
    ids=["film", "film with a description", "e-paper", "podcast", "longform shell"],
)  # fmt: skip
def test_media_without_a_text_is_media(system: str, known: bool, inner: str, title: str, url: str) -> None:
    assert outcome(SYSTEMS[system](inner, "", title), url, system if known else None) == "page/media"


@ALL
@pytest.mark.parametrize(
    ("inner", "title", "url", "wanted"),
    [
        (
            f"<h1><a href='/kinh-te/'>Kinh tế</a></h1>{teasers(4)}",
            "Kinh tế",
            "https://vacson.vn/kinh-te/",
            "page/listing",
        ),
        (f"<h1>Kinh tế</h1>{teasers(3)}", "Tin tức Kinh tế", "https://vacson.vn/kinh-te/?p=2", "page/listing"),
        (teasers(6), "Báo Vạc Sơn", "https://vacson.vn/", "page/listing"),
        (f"<h1>Từ khóa: quýt</h1>{teasers(3)}", "quýt", "https://vacson.vn/quyt-ptag.html", "page/tag"),
        (f"<h1>quýt</h1>{teasers(2)}", "Tag: quýt", "https://vacson.vn/tim-kiem/quýt.html", "page/tag"),
        (f"<h1>quýt núi</h1>{teasers(2)}", "quýt núi", "https://vacson.vn/tu-khoa/quyt-nui-tag1203.html", "page/tag"),
    ],
)
def test_lists_are_lists(system: str, known: bool, inner: str, title: str, url: str, wanted: str) -> None:
    assert outcome(SYSTEMS[system](inner, "", title), url, system if known else None) == wanted


@ALL
@pytest.mark.parametrize(
    ("inner", "title"),
    [
        ("<h1>404</h1><p>Trang bạn tìm kiếm không tồn tại hoặc đã bị gỡ bỏ.</p>", "404 Not Found"),
        ("<h2>Không tìm thấy trang</h2><p>Mời bạn đọc các tin khác dưới đây.</p>", "Báo Vạc Sơn"),
        ("<p>Bài viết không tồn tại.</p>", "Báo Vạc Sơn"),
    ],
)
def test_a_missing_page_served_as_found_is_noticed(system: str, known: bool, inner: str, title: str) -> None:
    assert outcome(SYSTEMS[system](inner, "", title), URL[system], system if known else None) == "page/soft-404"


@ALL
@pytest.mark.parametrize(
    "inner", [f"<h1>{TITLE}</h1><span>02/03/2025 08:15</span>", f"<h1>{TITLE}</h1>", f"<h1>{TITLE}</h1><p>(Ảnh)</p>"]
)
def test_a_page_with_a_headline_and_nothing_under_it_has_no_body(system: str, known: bool, inner: str) -> None:
    assert outcome(SYSTEMS[system](inner, NEWS), URL[system], system if known else None) == "page/no-body"


@pytest.mark.parametrize(
    "page",
    [
        onecms("<h1>Đăng nhập</h1><form><input type=password name=p></form>", "", "Đăng nhập"),
        vdoc("<h1>Đăng nhập hệ thống</h1><form><input type='password'></form>", "", "Đăng nhập"),
        vnpt2("<h2>Đăng nhập</h2><form><input name=u><input type=password></form>", "", "Đăng nhập tài khoản bạn đọc"),
        "<title>Báo Vạc Sơn</title><form><p>Vui lòng đăng nhập để đọc tiếp.</p><input type=password></form>",
    ],
)
def test_a_login_is_a_login(page: str) -> None:
    assert outcome(page, "https://vacson.vn/dang-nhap?next=/x") == "page/login"


@pytest.mark.parametrize(
    "page",
    [
        "<title>Just a moment...</title><div>Enable JavaScript and cookies to continue</div>",
        "<script>document.cookie='D1N=abc; path=/';window.location.reload(true);</script>",
        "<title>Xác thực</title><p>Vui lòng xác minh bạn không phải là robot</p>",
        "<p>Hệ thống phát hiện truy cập bất thường.</p><img src='/captcha.png'><input name=captcha>",
        "<script>document.cookie='V='+a;location.href='/?d=1'</script><noscript>Vui lòng bật JavaScript</noscript>",
    ],
)
def test_a_challenge_is_a_challenge(page: str) -> None:
    assert outcome(page, URL["vdoc"]) == "page/challenge"


@ALL
@pytest.mark.parametrize(
    "inner",
    [
        "<p>Vui lòng xác minh bạn không phải là robot để tiếp tục.</p>",
        "<div class=h-captcha></div><script src='https://js.hcaptcha.com/1/api.js'></script>",
    ],
)
def test_a_challenge_within_a_newspapers_page_is_one(system: str, known: bool, inner: str) -> None:
    page = SYSTEMS[system](inner, "", "Báo Vạc Sơn")
    assert outcome(page, URL[system], system if known else None) == "page/challenge"


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        (b"%PDF-1.4 x", ""),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/xml"),
        (b"xin ch\xc3\xa0o", "text/plain"),
    ],
)
def test_what_is_no_html_is_not_read(page: bytes, content_type: str) -> None:
    assert outcome(page, URL["vdoc"], content_type=content_type) == "page/not-html"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_page_over_the_bound_is_too_large_whatever_fills_it(system: str) -> None:
    paragraph = f"<p>{TEXT[0]}</p>"
    for inner in (paragraph * 100_000, f"<!--{'x' * (10 * 1024 * 1024)}-->{paragraph}", "a" * (10 * 1024 * 1024)):
        assert outcome(SYSTEMS[system](inner, NEWS), URL[system], system) == "page/too-large"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_page_nested_without_end_or_of_too_many_nodes_is_too_slow(system: str) -> None:
    unclosed = "".join(f"<p><font id={i}>" for i in range(4_000))
    for inner in ("<div>" * 50_000, "<p>a</p>" * 150_000, unclosed):
        assert outcome(SYSTEMS[system](inner, NEWS), URL[system], system) == "page/too-slow"


def test_every_outcome_that_is_no_article_says_why() -> None:
    reading = extract(b"<h1>x</h1>", "https://vacson.vn/x")
    assert reading.outcome != "article"
    assert reading.reason
