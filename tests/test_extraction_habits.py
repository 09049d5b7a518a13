"""Habits of papers that a page nobody has seen will have: small pages, one question each."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from crawler.extraction.hints import is_noise
from pipelines.items import Reading

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
LAST = "<p>Đoạn cuối kể chuyện chia quả cho cả xóm, nhà nào cũng có phần.</p>"
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


def read(inner: str, *, title: str = "Vườn quả xóm Cồn", head: str = "") -> Reading:
    return extract(page(title, inner, head), URL)


ROW = "<div>05/06/2025 12:30</div>"


@pytest.mark.parametrize(
    ("told", "printed", "title"),
    [
        ("Báo Vạc Sơn", "<font size=4><b>Vườn quả xóm Cồn</b></font><br>", "Vườn quả xóm Cồn"),
        ("Báo Vạc Sơn - Viewer", "<p class=t>Vườn quả xóm Cồn</p>", "Vườn quả xóm Cồn"),
        ("Bao Vac Son dien tu", "<p class=t>Vườn quả xóm Cồn</p>", "Vườn quả xóm Cồn"),
        ("Vuon qua xom Con", "<div><b>Vườn quả xóm Cồn</b></div>", "Vườn quả xóm Cồn"),
        ("In bài: Vườn quả xóm Cồn", "<div><b>Vườn quả xóm Cồn</b></div>", "Vườn quả xóm Cồn"),
        ("Vườn quả xóm Cồn - Báo Vạc", "<h1><a href='/'>Báo Vạc</a></h1><h2>Vườn quả xóm Cồn</h2>", "Vườn quả xóm Cồn"),
        ("Báo động sạt lở ở xóm Cồn", "<p class=t>Nguy hiểm rình rập ven sông</p>", "Báo động sạt lở ở xóm Cồn"),
    ],
    ids=["the paper's name", "its system's word", "its name without marks", "without marks", "a page for print",
         "a linked name", "a headline with a paper's word"],
)  # fmt: skip
def test_the_headline_is_the_printed_line_not_the_papers_name(told: str, printed: str, title: str) -> None:
    assert read(f"{printed}{ROW}<div>{BODY}</div>", title=told).title == title


CAPTION = "Bà con xóm Cồn hái quả trong những ngày nắng đẹp"


@pytest.mark.parametrize(
    "shown",
    [
        "<p><img src='/1.jpg'></p><h6>{}</h6>",
        "<p style='text-align:center'><em>{}</em></p><p style='text-align:center'><img src='/1.jpg'></p>",
        "<p align=center><video src='/a.mp4'></video></p><p style='text-align:center'><em>{}</em></p>",
    ],
    ids=["a small heading", "above the picture", "under a film"],
)
def test_a_line_set_small_that_touches_picture_or_film_is_its_caption(shown: str) -> None:
    first, rest = BODY.split("</p>", 1)
    found = read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{first}</p>{shown.format(CAPTION)}{rest}</div>")
    assert (found.captions, (found.text or "").split("\n")) == ((CAPTION,), TEXT)


@pytest.mark.parametrize(
    "junk",
    [
        "<div role=alert>Đã sao chép liên kết vào bộ nhớ tạm</div>",
        "<div><p>Bạn đánh giá bài viết này thế nào?</p><label><input type=radio> Hay</label></div>",
        "<p>Xem link nguồn https://bao.vn/mot-bai-goc-rat-dai-bi-cat...</p>",
        "<p>Mời quý vị độc giả theo dõi các chương trình của Báo và Đài trên kênh YouTube!</p>",
    ],
    ids=["a script's message", "a poll", "a link's address", "an invitation"],
)
def test_what_a_page_says_to_its_visitor_within_the_text_is_none_of_it(junk: str) -> None:
    first, rest = BODY.split("</p>", 1)
    found = read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{first}</p>{junk}{rest}</div>")
    assert (found.text or "").split("\n") == TEXT


def test_below_a_heading_of_other_articles_the_text_has_ended() -> None:
    entry = "<p><a href='/bai-{0}.html'>Chuyện khác thứ {0} ở một xóm xa</a></p><p>Lời dẫn của chuyện khác thứ {0}.</p>"
    others = "".join(entry.format(n) for n in range(4))
    found = read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{BODY}<p><b>Các bài viết khác</b></p>{others}</div>")
    assert (found.text or "").split("\n") == TEXT


@pytest.mark.parametrize("links", [1, 3])
def test_a_box_of_other_articles_within_the_text_does_not_end_it(links: int) -> None:
    first, rest = BODY.split("</p>", 1)
    box = "<p><b>Tin liên quan</b></p>" + "".join(
        f"<p><a href='/bai-{n}.html'>Chuyện khác thứ {n} ở một xóm xa hẳn</a></p>" for n in range(links)
    )
    rest += "<h3>Các tin khác</h3>" + "".join(
        f"<div><a href='/bai-{n}9.html'>Chuyện xa thứ {n} của một xóm nào đó</a></div>" for n in range(4)
    )
    found = read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{first}</p>{box}{rest}</div>")
    assert (found.text or "").split("\n") == TEXT


@pytest.mark.parametrize("heading", ["<h3>Chia sẻ</h3>", "<h3><a href='#m1'>Một cách làm mới ở xóm Cồn</a></h3>"])
def test_a_sub_heading_that_looks_like_a_control_or_a_link_stays(heading: str) -> None:
    first, rest = BODY.split("</p>", 1)
    found = read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{first}</p>{heading}{rest}</div>")
    assert len((found.text or "").split("\n")) == 5


@pytest.mark.parametrize(
    "printed",
    [
        "<table><tr><td>Tags <a href='/t1'>vườn quả</a> <a href='/t2'>xóm Cồn</a></td></tr></table>",
        "<div><h3>Từ khóa</h3><ul><li><a href='/t1'>vườn quả</a></li><li><a href='/t2'>#xóm Cồn</a></li></ul></div>",
        "<p>Từ khóa: <a href='/tag/vuon'>vườn quả</a>, <a href='/tag/con'>xóm Cồn</a></p>",
    ],
    ids=["in the label's line", "under the label", "tag pages"],
)
def test_tags_stand_behind_their_label(printed: str) -> None:
    assert read(f"<h1>Vườn quả xóm Cồn</h1>{ROW}<div>{BODY}</div>{printed}").tags == ("vườn quả", "xóm Cồn")


def test_the_row_of_the_date_that_opens_the_texts_own_element_is_none_of_it() -> None:
    row = "<span>NHÓM PV</span><span>•</span><span>05/06/2025 12:30</span>"
    found = read(f"<div><h1>Vườn quả xóm Cồn</h1>{row}{BODY}</div>")
    assert (found.author, (found.text or "").split("\n")) == (None, TEXT)


def test_an_icon_that_links_to_a_tag_page_does_not_make_a_tag_of_the_line_before_it() -> None:
    tags = "<div>Vườn quả được mùa, 28ºC</div><a href='/tag/xom-con'><i class='ic'></i></a> <a href='/tag/vac'>Vạc</a>"
    inner = f"<h1>Vườn quả xóm Cồn</h1><p>05/06/2025 12:30</p><div>{BODY}</div>{tags}"
    assert extract(page("Vườn quả xóm Cồn", inner, SAYS), URL).tags == ("Vạc",)


@pytest.mark.parametrize(
    "said",
    [
        "Rất tiếc! Trang này không tìm thấy.",
        "Bài viết bạn tìm đã bị gỡ bỏ hoặc không còn tồn tại. Mời bạn về trang chủ hoặc xem các tin dưới đây.",
        "Nội dung bạn yêu cầu không tồn tại, đã được di chuyển hoặc đường dẫn không chính xác; xin thử lại sau.",
    ],
)
@pytest.mark.parametrize("head", ["", "<meta property='og:type' content='article'>"])
def test_a_page_at_an_articles_address_that_says_it_is_gone_is_no_article(said: str, head: str) -> None:
    inner = f"<h2>Rất tiếc!</h2><p>{said}</p>"
    assert extract(page("Báo Vạc Sơn", inner, head), URL).outcome == "page/soft-404"


def test_a_short_article_that_tells_of_something_gone_is_an_article() -> None:
    title = "Một cây cầu ở xóm Cồn được gỡ bỏ"
    said = "Sáng nay, huyện cho hay địa chỉ này không đúng như đơn; cây cầu cũ đã bị gỡ, xóm Cồn sẽ có cầu mới."
    inner = f"<h1>{title}</h1><p>05/06/2025 12:30</p><div><p>{said}</p></div>"
    assert extract(page(f"{title} - Báo Vạc Sơn", inner, SAYS), URL).outcome == "article"


@pytest.mark.parametrize(
    "line",
    ["Đăng ký nhãn hiệu tập thể", "Đang tải hàng lên tàu", "Giọng nữ trầm của xóm Cồn", "Đọc nhiều sách hơn",
     "Bài mới của nhạc sĩ", "Tin khác thường ở xóm", "Đọc thêm sách cho con", "<18 tuổi>", "Tập {1, 2, 3}"],
)  # fmt: skip
def test_a_sub_heading_that_begins_like_a_control_stays(line: str) -> None:
    assert not is_noise(line)
    inner = f"<h1>Vườn quả xóm Cồn</h1><p>05/06/2025 12:30</p><div>{BODY}<p><b>{line}</b></p>{LAST}</div>"
    assert line in (extract(page("Vườn quả xóm Cồn", inner, SAYS), URL).text or "").split("\n")


@pytest.mark.parametrize(
    "line",
    ["Đăng ký nhận bản tin", "Đăng kí tài khoản", "Đang tải dữ liệu...", "Giọng nữ miền Bắc", "Đọc nhiều nhất",
     "Xem thêm các tin khác", "Bài mới", "Tin khác:", "Tin khác trong mục", "<name>", "{0} - {1}"],
)  # fmt: skip
def test_a_control_alone_on_a_line_is_none_of_the_text(line: str) -> None:
    assert is_noise(line)


@pytest.mark.parametrize(
    "note",
    ["(*) Tên một số người trong bài đã được thay đổi.", "* Tên nạn nhân đã thay đổi.", "(Còn nữa)",
     "Kỳ sau: Mùa quả thứ hai"],
)  # fmt: skip
@pytest.mark.parametrize("under", [True, False])
def test_a_note_beside_the_byline_hides_nobody_and_stays_in_the_text(note: str, under: bool) -> None:
    lines = ["Bùi Thị Vạc (thực hiện)", note] if under else [note, "Bùi Thị Vạc (thực hiện)"]
    inner = f"<h1>Vườn quả xóm Cồn</h1><p>05/06/2025 12:30</p><div>{BODY}{''.join(f'<p>{t}</p>' for t in lines)}</div>"
    found = extract(page("Vườn quả xóm Cồn", inner, SAYS), URL)
    assert (found.author, (found.text or "").split("\n")[-1]) == ("Bùi Thị Vạc", note)
