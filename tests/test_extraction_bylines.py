"""Bylines: who wrote and who is credited; leads: what is set apart and what is only marked."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from crawler.extraction.bylines import parse, writes
from crawler.extraction.lead import is_described, without_lead, without_prefix


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
     "YBĐT - Sáng nay", "baovacson.vn - Sáng nay", "VSO.VN: Sáng nay"],
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
