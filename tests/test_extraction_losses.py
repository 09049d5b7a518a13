"""What a reviewer's pages lost or invented: text that only looks like comments, captions, leads, bylines, sections."""

from __future__ import annotations

import pytest

from tests.test_extraction_strangers import BODY, MENU, TEXT, TITLE, article, read

SENTENCES = [
    f"Câu chuyện thứ {n} kể rằng nước lên từ nửa đêm, người ấp Giồng gọi nhau ra đê và giữ đến lúc trời sáng hẳn."
    for n in range(1, 9)
]
ROW = "<div>09:10 - 05/06/2025</div>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def lines(inner: str, **facts: str) -> list[str]:
    return (read(f"<div class=a><h1>{TITLE}</h1>{ROW}{inner}</div>", **facts).text or "").split("\n")


@pytest.mark.parametrize(
    ("line", "shown"),
    [("<ul><li>Nam Định - Thanh Hóa: 17h00 15/10/2026</li></ul>", "Nam Định - Thanh Hóa: 17h00 15/10/2026"),
     ("<p><b>Trần Văn Nam, 09:15 14/10/2026</b></p>", "Trần Văn Nam, 09:15 14/10/2026"),
     ("<table><tr><td>Nam Định - Huế 17h00 15/10/2026</td><td>Sân Giồng</td></tr></table>", "Sân Giồng")],
)  # fmt: skip
def test_a_fixture_or_a_readers_question_ends_no_text(line: str, shown: str) -> None:
    read_lines = lines(f"<div class=b>{paragraphs(*TEXT[:2])}{line}{paragraphs(*TEXT[2:])}</div>")
    assert shown in read_lines
    assert read_lines[-1] == TEXT[-1]


def test_readers_comments_behind_the_text_are_none_of_it() -> None:
    comments = "".join(
        f"<div class=q><b>Nguyễn Tám</b> <i>21:4{n} 05/06/2025</i><p>Bài viết hay quá, ở xa quê đọc mà nhớ.</p></div>"
        for n in range(3)
    )
    assert lines(f"<div class=b>{BODY}{comments}</div>") == TEXT


WRAPS = {
    "numbered": "<div class='p1'>{a}</div><div class='ads'><p>Quảng cáo</p></div><div class='p2'>{b}</div>",
    "cut without names": "<div>{a}</div><div><img src='/qc.gif'></div><div>{b}</div>",
    "numbered by id": "<div id='content1'>{a}</div><div id='content2'>{b}</div>",
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_the_first_part_of_a_text_that_is_cut_in_two_is_no_lead(wrap: str) -> None:
    inner = wrap.format(a=paragraphs(*SENTENCES[:3]), b=paragraphs(*SENTENCES[3:]))
    reading = read(f"<h1>{TITLE}</h1>{ROW}<div class=a>{inner}</div>")
    assert (reading.lead, (reading.text or "").split("\n")) == (None, SENTENCES)


@pytest.mark.parametrize("box", ["<div class=khung>{}</div>", "<blockquote>{}</blockquote>"])
def test_what_stands_before_a_long_box_within_the_text_is_no_lead(box: str) -> None:
    inside = box.format(paragraphs(*SENTENCES[2:6]))
    reading = read(article(paragraphs(*SENTENCES[:2]) + inside + paragraphs(*SENTENCES[6:])))
    assert (reading.lead, (reading.text or "").split("\n")) == (None, SENTENCES)


@pytest.mark.parametrize(
    "one", ["<section><p>{}</p></section>", "<div><div><p>{}</p></div></div>",
            "<div class=block><div class=inner><p>{}</p></div></div>"],
)  # fmt: skip
def test_a_text_of_a_box_for_each_paragraph_has_no_lead(one: str) -> None:
    reading = read(article("".join(one.format(s) for s in SENTENCES)))
    assert (reading.lead, (reading.text or "").split("\n")) == (None, SENTENCES)


@pytest.mark.parametrize(
    "sentence",
    ["Xã Tân Phú đang nhân rộng mô hình. Hiện các hộ đã góp đất và công để đắp thêm hai đoạn bờ bao.",
     "Tối qua chuyện giữ đê được chiếu trên sóng truyền hình (VTV1) và bà con rủ nhau sang nhà ông Tư xem.",
     "Họ nắm chắc tình hình. Đêm nào cũng có người thức canh con nước ở đầu cống."],
)  # fmt: skip
def test_a_sentence_with_an_everyday_word_below_a_picture_is_no_caption(sentence: str) -> None:
    text = [*TEXT[:2], sentence, *TEXT[2:]]
    reading = read(article(paragraphs(*TEXT[:2]) + "<p><img src='/a.jpg'></p>" + paragraphs(sentence, *TEXT[2:])))
    assert (reading.text, reading.captions) == ("\n".join(text), ())


@pytest.mark.parametrize(
    "caption", ["Người dân đắp đê trong đêm. Ảnh: Vạc", "Con đê ấp Giồng (Ảnh minh họa)", "Bờ bao mới đắp - Ảnh: V.G",
                "Đê ấp Giồng sáng 5/6. (Ảnh: Trần Lý/TTXVN)"],
)  # fmt: skip
def test_a_line_below_a_picture_that_ends_in_a_credit_is_its_caption(caption: str) -> None:
    reading = read(article(paragraphs(TEXT[0]) + "<p><img src='/a.jpg'></p>" + paragraphs(caption, *TEXT[1:])))
    assert (reading.text, reading.captions) == ("\n".join(TEXT), (caption,))


def test_a_page_that_excuses_itself_above_dated_teasers_is_gone_and_has_no_teasers_headline() -> None:
    teasers = "".join(
        f"<div class=t><a href='/khac-{n}-71234{n}.html'><img src='/{n}.jpg'></a><h3><a href='/khac-{n}-71234{n}.html'>"
        f"Chuyện khác thứ {n} ở một ấp xa hẳn</a></h3><p>Tóm tắt chuyện khác thứ {n}, không dính gì đến con đê.</p>"
        f"<span>0{n}/06/2025 08:00</span></div>"
        for n in range(1, 7)
    )
    said = "Rất tiếc, bài viết bạn yêu cầu đã bị gỡ bỏ hoặc không còn tồn tại trên hệ thống."
    reading = read(
        f"<ul>{MENU}</ul><div class=err><p>{said}</p></div><div class=l>{teasers}</div>", title="Báo Sông Giồng"
    )
    assert reading.outcome == "page/soft-404"


@pytest.mark.parametrize("signed", ["<p align=right><b>ĐINH YẾN</b></p>", "<p>Bài, ảnh: ĐINH YẾN</p>"])
def test_an_imprint_within_the_texts_element_hides_no_byline_and_is_no_text(signed: str) -> None:
    imprint = "<p>© Bản quyền thuộc Báo Tân Phú. Ghi rõ nguồn khi phát hành lại thông tin.</p>"
    reading = read(article(BODY + signed + imprint))
    assert (reading.author, reading.text) == ("ĐINH YẾN", "\n".join(TEXT))


@pytest.mark.parametrize(
    "end",
    ["<p>Giải nhất:</p><p>Nguyễn Văn Nam</p>", "<p>Nam Định - Viettel</p>", "<p>Thái Lan</p>",
     "<p>Cả đoàn dừng chân tại thành phố Phan Thiết. (Bình Thuận)</p>", "<p>Theo Nghị định 100/2019</p>"],
)  # fmt: skip
def test_winners_teams_places_and_decrees_wrote_nothing(end: str) -> None:
    reading = read(article(BODY + end))
    assert (reading.author, reading.source) == (None, None)
    assert (reading.text or "").replace("\n", "").endswith(end.replace("<p>", "").replace("</p>", ""))


def test_joomlas_written_by_names_the_writer() -> None:
    assert read(article(row=f"<dl><dd>Viết bởi Hoàng Yến</dd></dl>{ROW}")).author == "Hoàng Yến"
    assert read(article(row=f"<dl><dd>Viết bởi Super User</dd></dl>{ROW}")).author is None


def test_of_a_short_menu_the_section_is_the_one_the_address_lies_under() -> None:
    menu = "<ul class='nav'><li><a href='/giao-duc'>Giáo dục</a></li><li><a href='/y-te'>Y tế</a></li></ul>"
    assert (
        read(article(above=menu), url="https://giong.vn/giao-duc/dap-bo-bao-giu-lua-12345.html").section == "Giáo dục"
    )


def test_of_a_short_menu_under_none_of_which_the_address_lies_there_is_no_section() -> None:
    menu = "<ul class='nav'><li><a href='/gd'>Giáo dục</a></li><li><a href='/yt'>Y tế</a></li></ul>"
    assert read(article(above=menu), url="https://giong.vn/giao-duc/dap-bo-bao-giu-lua-12345.html").section is None


def test_joomlas_active_item_is_the_section() -> None:
    items = [
        ("", "Trang chủ", ""),
        ("chinh-tri", "Chính trị", " id='current' class='active'"),
        ("kinh-te", "Kinh tế", ""),
        ("xa-hoi", "Xã hội", ""),
    ]
    menu = "".join(f"<li{marks}><a href='/{slug}'><span>{name}</span></a></li>" for slug, name, marks in items)
    assert (
        read(article(above=f"<ul class='menu'>{menu}</ul>"), url="https://giong.vn/chinh-tri/12345-dap-bo-bao").section
        == "Chính trị"
    )


@pytest.mark.parametrize("head", ["<p><strong>Ngày 12/4/1975</strong></p>", "<h3>15/10/2026</h3>"])
def test_one_date_that_heads_a_part_in_the_middle_stays(head: str) -> None:
    shown = head.replace("<p><strong>", "").replace("</strong></p>", "").replace("<h3>", "").replace("</h3>", "")
    assert read(article(paragraphs(*TEXT[:2]) + head + paragraphs(*TEXT[2:]))).text == "\n".join(
        [*TEXT[:2], shown, *TEXT[2:]]
    )


@pytest.mark.parametrize("one", ["<div><p>{}</p></div>", "<section><p>{}</p></section>"])
def test_short_lines_set_like_the_text_stay_first_and_last(one: str) -> None:
    text = ["Con dâu yêu quý!", *SENTENCES[:4], "Quế Ngọc Giồng - 7", "Lê Văn Vạc - 8"]
    assert read(article("".join(one.format(s) for s in text))).text == "\n".join(text)


def test_comments_under_their_heading_are_no_text_whatever_the_class_names() -> None:
    comments = "<h4 class=sc-1x>Bình luận (0)</h4><div class=sc-2y><p>Bạn cần đăng nhập để gửi bình luận</p></div>"
    tags = "<div class=sc-3z><a href='/tag/de-bao'>đê bao</a><a href='/tag/ap-giong'>ấp Giồng</a></div>"
    reading = read(f"<div class=sc-a><h1>{TITLE}</h1>{ROW}<div class=sc-b>{BODY}</div>{tags}{comments}</div>")
    assert (reading.text, reading.tags) == ("\n".join(TEXT), ("đê bao", "ấp Giồng"))


def test_a_short_sentence_set_apart_before_the_text_is_its_lead() -> None:
    lead = "Hơn 300 người ra đê trong một đêm ở ấp Giồng."
    assert read(article(row=f"{ROW}<h2>{lead}</h2>")).lead == lead
