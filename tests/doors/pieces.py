"""Invents the articles of a made-up paper: each has words of its own, no two paragraphs are alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.demo.stories import DAWN, VIETNAM, slug

SECTIONS = ("thoi-su", "kinh-te", "van-hoa")
SECTION_TITLES = {"thoi-su": "Thời sự", "kinh-te": "Kinh tế", "van-hoa": "Văn hóa"}
PLACES = (
    "xã Khe Bưởi",
    "phường Bến Đò Cũ",
    "thôn Vườn Mít",
    "bản Nà Chuối",
    "làng Gốm Hạ",
    "xã Đồi Sim",
    "ấp Cầu Dừa",
    "xóm Bãi Ngô",
    "thị trấn Suối Mây",
    "xã Hồ Sen",
    "bản Pù Nhài",
    "phường Chợ Trúc",
)
DEEDS = (
    "khánh thành nhà văn hóa",
    "trồng thêm rừng keo",
    "sửa lại con đập",
    "mở lớp dạy đan lát",
    "đón chuyến xe buýt đầu tiên",
    "thu hoạch vụ ngô sớm",
    "tổ chức hội thi bơi thuyền",
    "dựng cầu treo mới",
    "thả cá giống xuống hồ",
    "mừng trường có thư viện",
)
PEOPLE = ("bà Lò Thị Mận", "ông Trần Quang Đậu", "chị Hoàng Thu Sậy", "anh Vi Văn Trám", "cô giáo Đinh Hồng Quế")
REMARKS = (
    "cho biết {n} hộ đã góp công trong {days} ngày liền, ai cũng mang theo cuốc xẻng của nhà mình",
    "kể rằng năm ngoái nước lên tới bậc thềm thứ {n}, nay kè đá cao {days} gang tay đã giữ được vườn",
    "nhẩm tính mỗi sào thu được {n} yến, bán ngay tại bến với giá {days} nghìn đồng một cân",
    "nói bọn trẻ đi học gần hơn {n} trăm bước, mùa mưa không còn phải nghỉ {days} buổi như trước",
    "nhớ lại buổi đầu chỉ có {n} người ghi tên, sau {days} tuần thì sân đình không còn chỗ ngồi",
    "mong tỉnh giúp thêm {n} chuyến đá dăm để đoạn đường {days} cây số kịp xong trước Tết",
    "đưa cuốn sổ ghi {n} khoản đóng góp, khoản nhỏ nhất là {days} quả trứng gà của một cụ già",
    "chỉ tay về phía {n} gốc nhãn vừa bén rễ, tán đã che được {days} chiếc ghế đá",
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One article. ``number`` counts from 1, the oldest; ``code`` is seven hex digits, as VNPT numbers its articles."""

    number: int
    code: str
    section: str
    published: datetime
    title: str
    lead: str
    paragraphs: tuple[str, ...]

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def id(self) -> int:
        """The newsroom's number, of six digits."""
        return 310_000 + 17 * self.number


def pieces(paper: str, count: int, apart: timedelta) -> tuple[Piece, ...]:
    """Return ``count`` articles of ``paper``, the newest first, each printed ``apart`` before the one after it."""
    dice = random.Random(paper)
    newest = DAWN.replace(hour=5, minute=40)
    return tuple(_piece(dice, count - n, newest - n * apart) for n in range(count))


def _piece(dice: random.Random, number: int, published: datetime) -> Piece:
    place, deed = dice.choice(PLACES), dice.choice(DEEDS)
    return Piece(
        number=number,
        code=f"{dice.randrange(16**5):05x}{number:02x}",
        section=SECTIONS[number % len(SECTIONS)],
        published=published.astimezone(VIETNAM),
        title=f"{place[0].upper()}{place[1:]} {deed}, niềm vui của {dice.randrange(20, 900)} gia đình",
        lead=f"Sáng nay {place} {deed}; chuyện nhỏ nhưng người dân đã chờ {dice.randrange(2, 30)} mùa trăng.",
        paragraphs=tuple(_paragraph(dice) for _ in range(4)),
    )


def _paragraph(dice: random.Random) -> str:
    sentences = []
    for remark in dice.sample(REMARKS, 2):
        person, place = dice.choice(PEOPLE), dice.choice(PLACES)
        said = remark.format(n=dice.randrange(11, 990), days=dice.randrange(3, 99))
        sentences.append(f"{person[0].upper()}{person[1:]} ở {place} {said}.")
    return " ".join(sentences)
