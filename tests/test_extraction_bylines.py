"""Bylines: who wrote and who is credited; leads: what is set apart and what is only marked."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from crawler.extraction.bylines import parse
from crawler.extraction.lead import is_described, without_lead, without_prefix
from crawler.extraction.persons import writes


@pytest.mark.parametrize(
    ("line", "author", "source"),
    [
        ("Tin và ảnh: Nam Giang", "Nam Giang", None),
        ("Tin, ảnh: P.Y", "P.Y", None),
        ("Tin: Tường Minh - Ảnh: Đỗ Hiền", "Tường Minh", None),
        ("Bài: AN BÌNH; Ảnh: CTV", "AN BÌNH", None),
        ("Ảnh và bài: Hà My", "Hà My", None),
        ("Bài, ảnh của Nguyễn Nam", "Nguyễn Nam", None),
        ("MINH ANH. Ảnh: HỒNG NAM", "MINH ANH", None),
        ("Thực hiện: MINH ANH - ĐỨC HÙNG", "MINH ANH - ĐỨC HÙNG", None),
        ("Tạ Nguyên/Báo Tin tức", "Tạ Nguyên", "Báo Tin tức"),
        ("PV/TTXVN", None, "TTXVN"),
        ("H.A (Theo Readers Digest)", "H.A", "Readers Digest"),
        ("Theo PV (TTXVN/Vietnam+)", None, "TTXVN/Vietnam+"),
        ("Theo Vietnamnet", None, "Vietnamnet"),
        ("Theo The Verge/Telegraph", None, "The Verge/Telegraph"),
        ("Theo Minh Anh/Zing", "Minh Anh", "Zing"),
        ("Nguồn ảnh: Reuters", None, None),
        ("Nguồn video: CCTV News", None, None),
        ("Lan Anh (Nguồn ảnh: Liverpoolecho)", "Lan Anh", None),
        ("Anh Ngọc (Video: ABC News)", "Anh Ngọc", None),
        ("Theo Minh Anh (Dân trí)", "Minh Anh", "Dân trí"),
        ("(Theo TTXVN)", None, "TTXVN"),
        ("Minh Anh (TTXVN)", "Minh Anh", "TTXVN"),
        ("(TTXVN)", None, "TTXVN"),
        ("Nguồn: Báo Vạc Châu", None, "Báo Vạc Châu"),
        ("BS ĐOÀN VĂN NAM", "BS ĐOÀN VĂN NAM", None),
        ("ThS. Đỗ Văn Lâm", "ThS. Đỗ Văn Lâm", None),
        ("Lê Na và Văn Tâm", "Lê Na và Văn Tâm", None),
        ("Thu Hà (ghi)", "Thu Hà", None),
        ("Phóng viên Minh Tâm", "Minh Tâm", None),
        ("Bút ký: TRẦN HOÀNG VẠC", "TRẦN HOÀNG VẠC", None),
        ("Truyện ngắn của Lê Vạc", "Lê Vạc", None),
        ("Hải Vân tổng hợp", "Hải Vân", None),
        ("MAI VÂN thực hiện", "MAI VÂN", None),
        ("ThS. Lê Thị Vân - Trung tâm Khuyến nông", "ThS. Lê Thị Vân", None),
        ("Hồng Vân - Đài TT-TH huyện Vạc", "Hồng Vân", None),
        ("Lê Thanh Vạc (Hội Nông dân tỉnh)", "Lê Thanh Vạc", None),
        ("Bài, ảnh: Lò Thái (Trung tâm TT-VH)", "Lò Thái", None),
        ("Huy Vạc-Hoàng Sơn", "Huy Vạc-Hoàng Sơn", None),
        ("Thúy Vân/CTV", "Thúy Vân", None),
        ("Cẩm Vân - CTV", "Cẩm Vân", None),
        ("Lê Vân và nhóm PV", "Lê Vân", None),
        ("Bích Vân./.", "Bích Vân", None),
        ("Reporting by VAN LAN - Translating by A.T", "VAN LAN", None),
        ("Theo Thanh Vạc/Dân Việt", "Thanh Vạc", "Dân Việt"),
        ("TTXVN/Vietnam+", None, "TTXVN/Vietnam+"),
        ("Tổng hợp từ VnExpress, Tuổi Trẻ", None, "VnExpress, Tuổi Trẻ"),
        ("Báo Quân đội nhân dân", None, "Báo Quân đội nhân dân"),
        ("Nguồn TTXVN", None, "TTXVN"),
        ("Ban Biên tập", None, None),
        ("P.V", None, None),
        ("Nhóm PV", None, None),
        ("Tin, ảnh: PV", None, None),
        ("Ảnh: TTXVN", None, None),
    ],
)
def test_a_byline_says_who_wrote_and_who_is_credited(line: str, author: str | None, source: str | None) -> None:
    said = parse(line)
    assert said is not None
    assert (said.author, said.source) == (author, source)


@pytest.mark.parametrize(
    "line",
    [
        "Bút danh",
        "Theo dõi Báo Vạc Sơn trên",
        "Nguyên tắc phòng bệnh vẫn là 5K",
        "Theo Bộ Y tế, tính đến ngày 30/11, cả nước chưa ghi nhận ca nào",
        "Cần có phương án dự phòng",
        "Tin tức",
        "Trả lời",
        "Nguồn vốn: Ngân sách tỉnh và xã hội hóa.",
        "Nguồn tham khảo: WHO, Bộ Y tế",
        "- Nghe theo hướng dẫn của chính quyền xã.",
    ],
)
def test_what_only_looks_like_a_byline_is_none(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    "name", ["MEDIATECH", "vacsontv", "admin", "Báo Vạc Sơn", "a@b.vn", "Bút danh", "PV", "baovacson.vn", ""]
)
def test_newspapers_vendors_accounts_and_placeholders_write_nothing(name: str) -> None:
    assert not writes(name)


def test_the_newspapers_own_name_is_no_author_however_it_is_told() -> None:
    page = """<head><meta property="og:site_name" content="Vạc Sơn Ngày Mới">
    <meta name="author" content="Vạc Sơn ngày mới"><script type="application/ld+json">
    {"@type":"NewsArticle","author":{"@type":"Person","name":"Vạc Sơn Ngày Mới"}}</script>
    </head><h1>Mùa gặt trên đồng</h1><p>%s</p><p>%s</p>""" % (("Câu chuyện về mùa gặt. " * 8,) * 2)
    assert extract(page.encode(), "https://vacson.vn/mua-gat-tren-dong-vac-12345.html").author is None


@pytest.mark.parametrize(
    "marked",
    ["(CTO) - Sáng nay", "(HPĐT)- Sáng nay", "ĐNO - Sáng nay", "(Baonghean.vn) - Sáng nay", "(QBĐT) – Sáng nay",
     "YBĐT - Sáng nay", "baovacson.vn - Sáng nay", "VSO.VN: Sáng nay", "(VSM) Sáng nay"],
)  # fmt: skip
def test_a_newsrooms_mark_is_taken_off(marked: str) -> None:
    assert without_prefix(marked) == "Sáng nay"


@pytest.mark.parametrize(
    "text", ["ASEAN - Trung Quốc hợp tác", "(Ảnh minh họa) - chụp", "TP. Vạc Sơn - nơi", "Bộ Y tế - Bộ Công an"]
)
def test_what_is_no_mark_stays(text: str) -> None:
    assert without_prefix(text) == text


OTHER = "Một đoạn văn khác hẳn kể về chuyện làm đường ở bản."
LEAD = "Vụ quýt sớm trên dãy núi Vạc mang lại thu nhập khá cho hàng trăm hộ dân trong vùng."


def test_a_description_cut_off_still_confirms_the_lead_it_was_cut_from() -> None:
    assert is_described(LEAD, ["(VSO) - Vụ quýt sớm trên dãy núi Vạc mang lại thu nh..."])
    assert not is_described(LEAD, ["+ Rau củ:", ""])


@pytest.mark.parametrize(
    ("paragraphs", "kept"),
    [
        ([LEAD, OTHER], ["", OTHER]),
        ([LEAD[:50], OTHER], ["", OTHER]),
        ([f"{LEAD} {OTHER}"], [OTHER]),
        ([f"{LEAD} Một bản chép dở của sapo và th", LEAD, OTHER], ["", "", OTHER]),
        ([OTHER, LEAD], [OTHER, ""]),
        ([OTHER], [OTHER]),
        ([OTHER, f"{LEAD[:39]}."], [OTHER, f"{LEAD[:39]}."]),
    ],
    ids=["whole", "cut", "running on", "cut, then whole", "later", "none", "a sentence taken up again"],
)
def test_copies_of_the_lead_are_taken_out_of_the_text_and_nothing_more(paragraphs: list[str], kept: list[str]) -> None:
    assert without_lead(paragraphs, LEAD) == kept


def test_a_lead_repeated_in_pieces_is_taken_out_in_pieces() -> None:
    pieces = ["Câu thứ nhất của sapo kể về vụ quýt sớm.", "Câu thứ hai kể về con đường mới mở."]
    assert without_lead([*pieces, OTHER], " ".join(pieces)) == ["", "", OTHER]


@pytest.mark.parametrize(
    "line",
    [
        "Cùng theo dõi một số hình ảnh do phóng viên ghi lại:",
        "Cũng theo ông Quảng, việc này đã được xử lý xong.",
        "Tôi đọc tin của các bạn nhiều hơn cả xem truyền hình",
        "Bản tin của đài nước bạn về vụ việc",
        "Video: Người bay trên chiếc ván nước",
        "Đá: Theo tôi, phải tìm giải pháp ngay.",
    ],
)
def test_a_line_of_the_text_with_a_bylines_words_is_none(line: str) -> None:
    assert parse(line) is None


BODY = "".join(f"<p>Đoạn thứ {n} kể chuyện làm vườn ở xóm Cồn, từ lúc cuốc đất đến ngày hái quả.</p>" for n in range(4))


def signed(
    end: str, *, under: str = "<p>05/03/2024 09:15</p>", behind: str = "", above: str = ""
) -> tuple[str | None, ...]:
    page = (
        f"<body><div>{above}<h1>Vườn quả xóm Cồn</h1>{under}<div>{BODY}{end}</div>{behind}</div>"
        f"<div><h3>Tin liên quan</h3><a href='/x-1.html'>Một chuyện khác hẳn ở xóm bên</a></div></body>"
    )
    found = extract(page.encode(), "https://vac.vn/vuon-qua-xom-con-vac-12345.html")
    return found.author, found.source, "\n".join((found.text or "").split("\n")[4:])


@pytest.mark.parametrize(
    ("end", "author", "source"),
    [
        ("<p style='text-align:right'><em>Bài và ảnh:</em></p><p><strong>Lê Vạc</strong></p>", "Lê Vạc", None),
        ("<table><tr><td align=right><b>Lê Vạc</b></td></tr></table>", "Lê Vạc", None),
        ("<div class=i><img src='/avatar/1.jpg'><a href='/tac-gia/le-vac-12'>Lê Vạc</a></div>", "Lê Vạc", None),
        ("<p style='text-align:right'><a href='https://laodong.vn/x'>Theo Lao Động</a></p>", None, "Lao Động"),
        ("<p>Lê Vạc</p><p>Xem link nguồn https://bao.vn/bai-goc-dai-qua...</p>", "Lê Vạc", None),
        ("<p>Lê Vạc</p><p>Mời quý vị theo dõi các chương trình của Đài trên kênh YouTube!</p>", "Lê Vạc", None),
        ("<p>Lê Vạc</p><h3>Có liên quan</h3>", "Lê Vạc", None),
        ("<p><b>Ban Biên tập</b></p>", None, None),
    ],
    ids=["the label in a line before", "a table of one cell", "a writer's page", "a linked credit", "a link's address",
         "an invitation", "a heading of others", "a role"],
)  # fmt: skip
def test_the_line_that_ends_a_text_says_who_wrote_it(end: str, author: str | None, source: str | None) -> None:
    assert signed(end) == (author, source, "")


@pytest.mark.parametrize(
    "end",
    [
        "<p>Danh sách đoạt giải:</p><p>Bùi Thị Vạc</p><p>Trần Văn Cồn</p>",
        "<p>- Nghe theo hướng dẫn của chính quyền xã.</p>",
        "<p>Nguồn vốn: Ngân sách tỉnh và xã hội hóa.</p>",
    ],
    ids=["a list of winners", "an item with 'theo'", "a source of money"],
)
def test_names_and_credits_words_within_the_text_stay_in_it(end: str) -> None:
    author, source, rest = signed(end + "<p style='text-align:right'><strong>Thu Vân</strong></p>")
    assert (author, source) == ("Thu Vân", None)
    assert (rest or "").replace("\n", "") == end.replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize(
    "places",
    [
        {"behind": "<div class=q>Lê Vạc</div>"},
        {"behind": "<div class=q><strong>LÊ VẠC – BÙI CỒN</strong></div>"},
        {"under": "<p>05/03/2024 09:15</p><p class=q>Lê Vạc</p>"},
        {"under": "<p><span class=a>Nông thôn</span><span class=b>Lê Vạc</span><span class=c>05/03/2024 09:15</span>"},
        {"under": "", "above": "<p>Lê Vạc <span>05/03/2024 09:15</span></p>"},
        {"under": "", "above": "<div>Lê Vạc</div><div>05/03/2024 09:15</div>"},
        {"under": "", "above": "<div>Lê Vạc Thứ Ba, 05/03/2024 | 09:15</div>"},
        {"under": "<div>Lê Vạc Đăng lúc 09:15 ngày 05/03/2024</div>"},
    ],
    ids=[
        "behind the text",
        "two behind it",
        "right before the text",
        "in the date's row",
        "above the headline",
        "and apart",
        "behind it a weekday",
        "behind it a label",
    ],
)
def test_a_name_alone_beside_the_text_or_the_date_is_the_writers(places: dict[str, str]) -> None:
    assert (signed("", **places)[0] or "").casefold().startswith("lê vạc")


@pytest.mark.parametrize(
    "places",
    [
        {"behind": "<div class=q>Video Nổi Bật</div>"},
        {"behind": "<div><h3>Thế Giới Sao</h3><a href='/tin-2.html'>Chuyện của một người ở nơi khác hẳn</a></div>"},
        {"under": "", "above": "<div>Vạc Sơn, 24/11/2026 09:30</div>"},
        {"above": "<div>Vạc Sơn 24/11/2026 09:30</div><nav><a href='/'>Trang chủ</a></nav>"},
    ],
    ids=["a label", "a list's heading", "the place of the page's clock", "above the menu"],
)
def test_what_is_only_written_like_a_name_is_no_writer(places: dict[str, str]) -> None:
    assert signed("", **places)[0] is None


@pytest.mark.parametrize(
    ("end", "author", "source"),
    [(" (TTXVN)", None, "TTXVN"), (" <b>(Lê Vạc)</b>", "Lê Vạc", None), (" (Theo VOV)", None, "VOV")],
)
def test_brackets_at_the_end_of_the_last_paragraph_credit_and_are_no_text(
    end: str, author: str | None, source: str | None
) -> None:
    sentence = "Câu cuối cùng của bài nói về lứa quả đầu mùa của cả xóm."
    found = signed(f"<p>{sentence}{end}</p>")
    assert found[:2] == (author, source)
    assert (found[2] or "").endswith(sentence)
