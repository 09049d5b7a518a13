"""Pages of systems nobody here has seen: what their markup does differently, one small page a habit."""

from __future__ import annotations

from itertools import pairwise

import pytest

from crawler.extraction import extract
from crawler.extraction.hints import is_noise
from pipelines.items import Reading

TEXT = [f"Đoạn thứ {n} kể chuyện đắp bờ bao ở ấp Giồng, từ hôm nước lên đến ngày đê khép lại." for n in range(1, 5)]
BODY = "".join(f"<p>{t}</p>" for t in TEXT)
TITLE = "Đắp bờ bao giữ lúa ở ấp Giồng"
URL = "https://giong.vn/dap-bo-bao-giu-lua-o-ap-giong-12345.html"
MENU = "".join(f"<li><a href='/{n}/'>{t}</a></li>" for n, t in enumerate(
    ["Trang chủ", "Chính trị", "Kinh tế", "Xã hội", "Văn hóa", "Pháp luật", "Thể thao", "Bạn đọc", "Đa phương tiện"]
))  # fmt: skip
OTHERS = "".join(
    f"<li><a href='/khac-{n}-71234{n}.html'>Chuyện khác thứ {n} ở một ấp xa hẳn</a></li>" for n in range(6)
)


def read(inner: str, *, head: str = "", title: str = TITLE, url: str = URL) -> Reading:
    page = f"<head><title>{title}</title>{head}</head><body>{inner}<div><h4>Tin khác</h4><ul>{OTHERS}</ul></div></body>"
    return extract(page.encode(), url)


def article(text: str = BODY, *, above: str = "", row: str = "<div>09:10 - 05/06/2025</div>", behind: str = "") -> str:
    return f"{above}<div class=a><h1>{TITLE}</h1>{row}<div class=b>{text}</div>{behind}</div>"


@pytest.mark.parametrize("menu", [f"<nav><ul>{MENU}</ul></nav>", f"<ul>{MENU}</ul>", f"<div><ul>{MENU}</ul></div>",
                                  MENU.replace("<li>", "").replace("</li>", " | ")])  # fmt: skip
def test_no_item_of_a_long_menu_is_the_section(menu: str) -> None:
    assert read(article(above=menu)).section is None


def test_the_link_between_menu_and_headline_is_the_section() -> None:
    assert read(article(above=f"<ul>{MENU}</ul><p><a href='/van-hoa/'>Văn hóa</a></p>")).section == "Văn hóa"


def test_the_section_may_be_named_behind_the_text_with_its_label() -> None:
    behind = "<div><span>Chuyên mục</span> <a href='/nong-nghiep'>Nông nghiệp</a></div>"
    assert read(article(above=f"<ul>{MENU}</ul>", behind=behind)).section == "Nông nghiệp"


def test_a_headline_told_before_a_greater_sign_is_known_on_the_page() -> None:
    inner = f"<table><tr><td><span>{TITLE}</span> <span>(07:35 | 22/08/2016)</span><div>{BODY}</div></td></tr></table>"
    assert read(inner, title=f"{TITLE} &gt; Báo Giồng").title == TITLE


def test_controls_of_the_letters_size_are_no_lead() -> None:
    tools = (
        "<div><ul><li><span>cỡ chữ</span> <a>giảm kích thước cỡ chữ</a> <a>tăng kích thước cỡ chữ</a></li></ul></div>"
    )
    reading = read(article(above="", row=f"<div>Thứ năm, 18 Tháng 7 2019 14:22</div>{tools}"))
    assert (reading.lead, reading.text) == (None, "\n".join(TEXT))


def test_how_often_it_was_read_and_when_mended_ends_no_byline() -> None:
    signed = f"{BODY}<p align=right><b>Bài, ảnh: Sơn Ca – Đình Thi</b></p>"
    count = "<div><span>Đọc <b>1204</b> lần</span><span>Sửa lần cuối vào Thứ sáu, 19 Tháng 7 2019 08:00</span></div>"
    reading = read(article(f"<div>{signed}</div>{count}"))
    assert (reading.author, reading.text) == ("Sơn Ca – Đình Thi", "\n".join(TEXT))


@pytest.mark.parametrize("account", ["Super User", "Quản trị web", "Administrator"])
def test_an_account_of_the_system_wrote_nothing(account: str) -> None:
    assert read(article(), head=f"<meta name=author content='{account}'>").author is None


@pytest.mark.parametrize(
    ("end", "author", "source"),
    [("<strong>Quốc Đạt</strong>", "Quốc Đạt", None), ("<b>T.N</b>", "T.N", None), ("<b>H. CÚC</b>.", "H. CÚC", None),
     ("<i>Theo TTXVN</i>", None, "TTXVN"), ("(TTXVN)", None, "TTXVN"), ("(Theo VOV)", None, "VOV"),
     ("<b>(Lê Vạc)</b>", "Lê Vạc", None), ("<i>Ảnh: Lê Vạc</i>", None, None), ("<b>TTXVN</b>", None, "TTXVN"),
     ("<b>Nhóm PV</b>", None, None)],
)  # fmt: skip
def test_who_signs_behind_the_last_sentence_is_credited_and_no_text(
    end: str, author: str | None, source: str | None
) -> None:
    reading = read(article(BODY.removesuffix("</p>") + f" {end}</p>"))
    assert (reading.author, reading.source, reading.text) == (author, source, "\n".join(TEXT))


@pytest.mark.parametrize(
    "end", ["Người giữ đê là <b>Quốc Đạt</b>", "Có mặt hôm ấy: <b>Quốc Đạt</b>", "Bà con gọi ông Tư. (1962)"]
)
def test_a_name_within_the_last_sentence_stays_in_it(end: str) -> None:
    reading = read(article(BODY.removesuffix("</p>") + f" {end}</p>"))
    assert (reading.author, reading.source) == (None, None)
    assert (reading.text or "").endswith(end.replace("<b>", "").replace("</b>", ""))


def test_a_label_behind_the_text_names_the_writer_in_the_line_after_it() -> None:
    field = "<div class=f><div>Tác giả:&nbsp;</div><div><div>Thanh Nhã</div></div></div>"
    assert read(article(behind=field)).author == "Thanh Nhã"


def test_a_writer_behind_the_source_is_read_too() -> None:
    reading = read(article(behind="<div>Nguồn: <span>giong24h.vn</span></div><div>PV Hoài Thương</div>"))
    assert (reading.author, reading.source) == ("Hoài Thương", "giong24h.vn")


@pytest.mark.parametrize("line", ["By Minh Chau", "BY MINH CHAU"])
def test_the_english_by_is_no_part_of_the_name(line: str) -> None:
    assert (read(article(f"{BODY}<p align=right>{line}</p>")).author or "").lower() == "minh chau"


def test_a_name_in_khmer_signs() -> None:
    text = ["នៅព្រឹកថ្ងៃទី១២ ខែមីនា គណៈកម្មាធិការប្រជាជនស្រុកបានរៀបចំពិធីប្រគល់ផ្ទះសាមគ្គីដល់គ្រួសារក្រីក្រចំនួន ១៥ គ្រួសារ។",
            "ផ្ទះនីមួយៗមានតម្លៃ ៦០ លានដុង ដែលបានមកពីការឧបត្ថម្ភរបស់សប្បុរសជន និងការចូលរួមចំណែករបស់ប្រជាជនក្នុងភូមិ។"]  # fmt: skip
    body = "".join(f"<p>{t}</p>" for t in text)
    reading = read(article(f"{body}<p style='text-align:right'><strong>ថាច់ ភូមី</strong></p>"))
    assert (reading.author, reading.text) == ("ថាច់ ភូមី", "\n".join(text))


@pytest.mark.parametrize("office", ["CHỦ TỊCH", "KT. GIÁM ĐỐC", "TM. UBND HUYỆN", "Bí thư"])
def test_who_signs_a_document_by_office_is_part_of_it(office: str) -> None:
    signature = f"<p align=right><b>{office}</b></p><p align=right><b>Phạm Đình Giồng</b></p>"
    reading = read(article(BODY + signature))
    assert reading.author is None
    assert (reading.text or "").endswith(f"{office}\nPhạm Đình Giồng")


@pytest.mark.parametrize("name", ["Q. Huy", "TM. Lan", "Bí Thủy"])
def test_initials_are_no_office(name: str) -> None:
    assert read(article(f"{BODY}<p align=right><b>{name}</b></p>")).author == name


def test_a_date_written_in_words_beside_two_names_is_the_articles_row() -> None:
    row = "<div><b>H.Lan - Đ.Mạnh</b> | 17 giờ 05 phút, ngày 28 tháng 3 năm 2017</div>"
    lead = "<div><b>Thiếu bờ bao, người ấp Giồng thức trắng đêm canh từng con nước dâng lên ruộng.</b></div>"
    reading = read(
        f"<ul>{MENU}</ul><div><a href='/ban-doc/'>Bạn đọc</a><h1>{TITLE}</h1>{row}{lead}<div>{BODY}</div></div>"
    )
    assert (reading.author, reading.published) == ("H.Lan - Đ.Mạnh", "2017-03-28T17:05:00+07:00")
    assert "17 giờ" not in (reading.text or "")


def test_the_heading_of_a_table_of_figures_is_text() -> None:
    table = "<table><caption>Bảng giá sáng 18/10 (đồng/kg)</caption><tr><td>Lúa tươi</td><td>7.200</td></tr></table>"
    reading = read(article(f"<p>{TEXT[0]}</p>{table}<p>{TEXT[1]}</p>"))
    assert reading.captions == ()
    assert "Bảng giá sáng 18/10 (đồng/kg)" in (reading.text or "")


def blocks(*cuts: int, make: str = "s") -> str:
    """Return the text cut before these paragraphs into elements of one class."""
    bounds = [0, *cuts, len(TEXT)]
    held = (TEXT[a:b] for a, b in pairwise(bounds))
    return "".join(f"<div class={make}>{''.join(f'<div>{t}</div>' for t in part)}</div>" for part in held)


@pytest.mark.parametrize("cuts", [(1,), (3,), (2,), (1, 2, 3)])
@pytest.mark.parametrize("behind", ["", f"<div class=l><h2>Bài mới</h2><ul>{OTHERS}</ul></div>"])
def test_elements_of_one_make_side_by_side_are_one_text(cuts: tuple[int, ...], behind: str) -> None:
    reading = read(f"<div class=a><h1>{TITLE}</h1><p>14:05 ngày 19/10/2025</p>{blocks(*cuts)}{behind}</div>")
    assert (reading.lead, reading.text) == (None, "\n".join(TEXT))


def test_a_row_of_a_pages_frame_may_hold_the_lead() -> None:
    reading = read(f"<div class=a><h1>{TITLE}</h1><p>14:05 ngày 19/10/2025</p>{blocks(1, make='row')}</div>")
    assert (reading.lead, reading.text) == (TEXT[0], "\n".join(TEXT[1:]))


def test_readers_words_in_an_element_of_the_texts_make_are_no_text() -> None:
    said = "<div class=s><h3>Bình luận</h3><p>Đọc bài mà thương bà con ấp Giồng quá, mong nước mau rút đi.</p></div>"
    reading = read(f"<div class=a><h1>{TITLE}</h1><p>14:05 ngày 19/10/2025</p>{blocks()}{said}</div>")
    assert reading.text == "\n".join(TEXT)


@pytest.mark.parametrize(
    "line",
    ["%s", "$title$", "##NAME##", "[title]", "__TITLE__", "NaN", "undefined", "null", "[object Object]",
     "Đăng bởi {name}", "Viết bởi: {{author}}", "Invalid date", "- Advertisement -", "Read Also", "Related Posts",
     "Theo dõi kênh Zalo của chúng tôi", "Trang trước"],
)  # fmt: skip
def test_an_unfilled_place_or_a_control_alone_on_a_line_is_no_text(line: str) -> None:
    reading = read(article(f"<p>{TEXT[0]}</p><p>{line}</p>" + "".join(f"<p>{t}</p>" for t in TEXT[1:])))
    assert reading.text == "\n".join(TEXT)


@pytest.mark.parametrize(
    "line",
    ["Nan", "[Ảnh]", "tăng 5%", "#1", "$5", "Giá: 5%s gì", "Lãi suất %/năm", "__", "[video] Hội đua ghe ở Giồng"],
)
def test_what_only_looks_like_a_place_to_fill_is_kept(line: str) -> None:
    assert not is_noise(line)


SAYS = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{TITLE}"}}</script>'


@pytest.mark.parametrize("place", ["<div id=story></div>", "<section class=x1></section>"])
def test_an_empty_place_of_any_name_beside_a_full_sidebar_hides_the_text(place: str) -> None:
    inner = f"<div><h1>{TITLE}</h1><div>15/11/2025 10:00</div>{place}</div><script src='/js/s.js'></script>"
    assert read(inner, head=SAYS).outcome == "page/body-hidden"


def test_a_page_that_is_only_an_empty_root_and_a_script_is_hidden() -> None:
    page = "<title>Báo</title><script src='/m.js'></script><body><noscript>Bật JavaScript</noscript><div id=root></div>"
    assert extract(page.encode(), "https://giong.vn/bai-viet/9912").outcome == "page/body-hidden"


def test_an_empty_text_with_neither_script_nor_sidebar_is_none() -> None:
    page = f"<title>{TITLE}</title><body><h2>{TITLE}</h2><div itemprop=articleBody></div><div>Báo Giồng</div>"
    assert extract(page.encode(), URL).outcome == "page/no-body"


def test_tags_in_a_row_behind_the_writer_are_no_list_that_the_name_heads() -> None:
    tags = "<div><a href='/tag/dat'>đất đai</a><a href='/tag/ho-so'>hồ sơ lưu động</a></div>"
    assert read(article(behind=f"<div>Nguồn: giong24h.vn</div><div>PV Hoài Thương</div>{tags}")).author == "Hoài Thương"


@pytest.mark.parametrize(
    ("row", "published"),
    [("7 Tháng Năm, 2024 3:15 chiều", "2024-05-07T15:15:00+07:00"),
     ("Tháng Mười Hai 3, 2024 8:30 sáng", "2024-12-03T08:30:00+07:00"),
     ("12 Tháng Mười Một, 2023", "2023-11-12"), ("19:40 tối 02/03/2024", "2024-03-02T19:40:00+07:00"),
     ("Thứ Hai, 5 tháng tư năm 2021 - 12:05 trưa", "2021-04-05T12:05:00+07:00")],
)  # fmt: skip
def test_months_and_halves_of_the_day_in_words(row: str, published: str) -> None:
    assert read(article(row=f"<div>{row}</div>")).published == published


def test_a_writer_among_the_items_of_a_row_of_words() -> None:
    items = ("Lý Mỹ Hoa", "7 Tháng Năm, 2024", "3:15 chiều")
    reading = read(article(row=f"<ul>{''.join(f'<li><span>{i}</span></li>' for i in items)}</ul>"))
    assert (reading.author, reading.published) == ("Lý Mỹ Hoa", "2024-05-07T15:15:00+07:00")


def test_the_source_in_the_dates_row() -> None:
    row = "<span>Ngày đăng: 15/03/2023 10:45</span> | <span>Lượt xem: 555</span> | <span>Nguồn: Báo Lao Động</span>"
    assert read(article(row=f"<div>{row}</div>")).source == "Báo Lao Động"


def test_a_role_before_a_stroke_is_no_part_of_the_source() -> None:
    assert read(article(f"{BODY}<p align=right>Theo PV/VOV.VN</p>")).source == "VOV.VN"


def test_controls_of_a_page_for_printing_hide_no_byline() -> None:
    behind = "<p>Bản in từ: https://giong.vn/a-12345.html</p><a>In trang</a> <a>Đóng cửa sổ</a>"
    text = f"<div>{BODY}<p align=right><b>Đức Tài</b></p></div>"
    reading = read(f"<div><h1>{TITLE}</h1><p>Thứ bảy, 22/06/2024 14:30</p>{text}{behind}</div>")
    assert (reading.author, reading.text) == ("Đức Tài", "\n".join(TEXT))


def test_the_last_of_a_list_of_persons_and_their_schools_wrote_nothing() -> None:
    names = ["Giải nhất: Hà Thị Mai (Trường Giồng)", "Lê Quốc Bảo (Trường Mỹ)", "Trần Gia Huy (Trường An Lộc)"]
    reading = read(article(BODY + "".join(f"<p>{n}</p>" for n in names)))
    assert (reading.author, reading.text) == (None, "\n".join([*TEXT, *names]))


def test_the_link_in_the_dates_row_is_the_section_and_a_writers_is_none() -> None:
    row = "<p><a href='/goc-nhin'>Góc nhìn</a> - 20:15 01/02/2024</p>"
    assert read(article(above=f"<ul>{MENU}</ul>", row=row)).section == "Góc nhìn"
    writer = "<p><a href='/thu-hang'>Thu Hằng</a> - 20:15 01/02/2024</p>"
    assert read(article(above=f"<ul>{MENU}</ul>", row=writer)).section is None


@pytest.mark.parametrize(
    "end", ["<b>Ông Ba</b> hỏi ai gõ cửa nửa đêm. Bà Tư.", "Cả xóm hô vang: “Vô địch!” <b>Việt Nam</b>"]
)
def test_a_bold_word_elsewhere_in_the_last_paragraph_makes_nobody_of_its_end(end: str) -> None:
    reading = read(article(f"{BODY}<p>{end}</p>"))
    assert reading.author is None
    assert (reading.text or "").endswith(end.replace("<b>", "").replace("</b>", ""))


@pytest.mark.parametrize(
    "lines",
    [["Việt Nam"], ["Hà Nội"], ["HẾT"],
     ["Danh sách trúng thưởng:", "Hoàng Anh", "Trần Lý"], ["Hoàng Anh", "Bùi Vạc", "Trần Lý"]],
)  # fmt: skip
def test_a_place_an_end_and_the_last_of_a_list_of_names_wrote_nothing(lines: list[str]) -> None:
    reading = read(article(BODY + "".join(f"<p>{line}</p>" for line in lines)))
    assert (reading.author, reading.text) == (None, "\n".join([*TEXT, *lines]))


def test_a_name_below_a_line_that_announces_a_film_signs() -> None:
    reading = read(
        article(f"{BODY}<p>Cảnh nước rút ở ấp Giồng sáng hôm sau:</p><iframe src='/player/1'></iframe><p>Trần Lý</p>")
    )
    assert reading.author == "Trần Lý"


def test_a_writer_named_like_a_province_signs_where_writers_do() -> None:
    assert read(article(f"{BODY}<p align=right><b>Khánh Hòa</b></p>")).author == "Khánh Hòa"


@pytest.mark.parametrize("office", ["Ủy ban nhân dân xã Mường Giồng", "Hội đồng thẩm định đề án giữ đê"])
def test_a_body_named_above_the_writer_is_a_line_of_the_text(office: str) -> None:
    reading = read(article(f"{BODY}<p>Đơn vị chủ trì:</p><p>{office}</p><p align=right><b>Lan Chi</b></p>"))
    assert (reading.author, reading.text) == ("Lan Chi", "\n".join([*TEXT, "Đơn vị chủ trì:", office]))


def test_who_is_quoted_in_brackets_has_not_written_and_who_signs_in_brackets_has() -> None:
    quoted = "Anh kể gọn một câu: “Tôi ở lại giữ đê.” (Minh Anh)"
    reading = read(article(f"{BODY}<p>{quoted}</p>"))
    assert (reading.author, (reading.text or "").endswith(quoted)) == (None, True)
    signed = read(article(BODY.removesuffix("</p>") + " (Minh Anh)</p>"))
    assert (signed.author, signed.text) == ("Minh Anh", "\n".join(TEXT))


WRITER = "<a href='/tac-gia/ltt-12.htm'>Lâm Thanh Trúc</a>"
DAY = "<div>09:10 - 05/06/2025</div>"
ROWS = [
    f"<div class=h><img src='/a.jpg'><div>{WRITER}<span>Phóng viên thường trú</span></div>{DAY}</div>",
    f"<div class=h><div>{WRITER}</div><div>Phóng viên thường trú</div>{DAY}</div>",
    f"<div class=author>{WRITER}<span>Phóng viên</span></div>{DAY}",
]


@pytest.mark.parametrize("row", ROWS)
def test_the_writers_link_with_a_role_beside_it_is_the_byline(row: str) -> None:
    reading = read(article(row=row))
    assert (reading.author, reading.text) == ("Lâm Thanh Trúc", "\n".join(TEXT))


def test_the_writers_row_in_the_texts_own_element_is_none_of_it() -> None:
    inner = f"<div class=a><h1>{TITLE}</h1>{ROWS[0]}{BODY}</div>"
    reading = read(inner)
    assert (reading.author, reading.text) == ("Lâm Thanh Trúc", "\n".join(TEXT))


def test_the_writers_row_stays_out_where_the_text_has_an_element_of_its_own_below_it() -> None:
    lead = "<h2>Nước lên ba ngày liền, người ấp Giồng thay nhau canh con đê suốt đêm không chợp mắt.</h2>"
    teasers = "".join(
        f"<article><a href='/x-{n}2025.htm'><h3>Chuyện khác thứ {n} ở một ấp xa hẳn</h3></a>"
        f"<p>Đoạn tóm tắt của chuyện khác, chẳng dính gì đến con đê này, cho đủ dài dòng.</p></article>"
        for n in range(6)
    )
    page = (
        f"<title>{TITLE}</title><div><div class=e><h1>{TITLE}</h1>{ROWS[0]}{lead}<div class=k>{BODY}"
        f"<div class=app><p>Đọc bài này trên ứng dụng</p></div></div></div><div class=l>{teasers}</div></div>"
    )
    reading = extract(page.encode(), URL)
    assert (reading.author, reading.text) == ("Lâm Thanh Trúc", "\n".join(TEXT))


@pytest.mark.parametrize("link", ["?mod=cat&id=72", "/?mod=cat&amp;id=72", "/default.aspx?cat=72"])
def test_a_section_whose_address_is_a_query_is_one(link: str) -> None:
    above = f"<div><a href='/'>Trang chủ</a> » <a href='{link}'>Nông nghiệp</a></div>"
    assert read(article(above=above), url="https://giong.vn/?mod=news&id=48211").section == "Nông nghiệp"


def test_the_imprint_in_an_element_of_the_texts_make_is_no_text() -> None:
    imprint = "Cơ quan chủ quản: Tỉnh ủy. Giấy phép số 12/GP-BTTTT ngày 3/2/2021. Tổng biên tập: Lê Văn Giồng."
    parts = "".join(f"<div class=khoi>{part}</div>" for part in (BODY, f"<p>{imprint}</p>"))
    assert read(f"<h1>{TITLE}</h1><div>09:10 - 05/06/2025</div><div>{parts}</div>").text == "\n".join(TEXT)


@pytest.mark.parametrize("form", ["<h3>{}</h3>", "<p><b>{}</b></p>"])
@pytest.mark.parametrize("heads", [("Ngày 2/9/1945", "Ngày 19/12/1946"), ("7h30, 12/3/2025", "9h15, 12/3/2025")])
def test_the_dates_that_head_a_chronicles_parts_stay(form: str, heads: tuple[str, str]) -> None:
    told = "".join(form.format(head) + f"<p>{text}</p>" for head, text in zip(heads, TEXT[1:], strict=False))
    expected = [TEXT[0], heads[0], TEXT[1], heads[1], TEXT[2]]
    assert read(article(f"<p>{TEXT[0]}</p>{told}")).text == "\n".join(expected)


def test_a_bold_line_that_says_what_controls_say_is_a_sub_heading_before_prose() -> None:
    reading = read(article(f"<p>{TEXT[0]}</p><p><b>Trở lại</b></p><p>{TEXT[1]}</p><p>{TEXT[2]}</p>"))
    assert reading.text == "\n".join([TEXT[0], "Trở lại", TEXT[1], TEXT[2]])


def test_a_long_sentence_that_the_writer_says_again_stays() -> None:
    refrain = (
        "Nước lên thì be bờ, nước rút thì vá bờ, người ấp Giồng đời nọ nối đời kia giữ con đê như giữ lấy nếp nhà."
    )
    text = [refrain, TEXT[0], TEXT[1], refrain, TEXT[2]]
    assert read(article("".join(f"<p>{t}</p>" for t in text))).text == "\n".join(text)


def test_a_text_that_the_template_prints_twice_is_read_once() -> None:
    long = [
        f"{t} Ai cũng nhớ hôm ấy gió nổi từ chiều, mặt sông đục ngầu và cả xóm không một nhà nào tắt đèn." for t in TEXT
    ]
    body = "".join(f"<p>{t}</p>" for t in long)
    assert read(article(body + body)).text == "\n".join(long)


@pytest.mark.parametrize(
    "said",
    ["Bài viết này không còn tồn tại trên hệ thống. Quý độc giả vui lòng quay lại trang chủ để đọc các tin khác.",
     "Nội dung bạn truy cập hiện không có hoặc đã được chuyển sang địa chỉ khác.",
     "Không tìm thấy bài viết bạn yêu cầu, có thể bài đã được gỡ theo yêu cầu của cơ quan chức năng."],
)  # fmt: skip
def test_a_page_that_excuses_itself_at_length_is_gone(said: str) -> None:
    reading = read(f"<ul>{MENU}</ul><div><h2>Rất tiếc!</h2><p>{said}</p></div>", title="Báo Giồng")
    assert reading.outcome == "page/soft-404"


def test_a_broadcast_that_a_script_plays_is_media() -> None:
    player = (
        "<div id=player></div><script>jwplayer('player').setup({file: 'https://live.giong.vn/tv/index.m3u8'});</script>"
    )
    page = f"<title>Xem kênh ấp Giồng</title><ul>{MENU}</ul><h1>Xem kênh ấp Giồng</h1>{player}"
    assert extract(page.encode(), "https://giong.vn/xem-kenh-1").outcome == "page/media"
