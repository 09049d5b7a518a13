"""Invented daily bulletins, each of a template filled in anew: what only looks like a copy."""

from __future__ import annotations

import random
from datetime import date, timedelta

PLACES = ("Đồng Giồng", "Bến Cồn", "Mường Lạch", "Gò Vạc", "Cửa Rồng", "Bãi Sậy", "Nậm Tre", "Khe Lụa")
GOODS = ("gạo tẻ", "thịt lợn mông", "cá lóc đồng", "rau muống", "cam sành", "tôm sú", "cà phê nhân", "hồ tiêu")
BEGIN = date(2024, 1, 1)


def bulletins(number: int, chance: random.Random) -> list[str]:
    """Return texts of five templates in turn, of one day after another, with numbers drawn at random."""
    makers = (_weather, _prices, _lottery, _timetable, _levels)
    return [makers[n % len(makers)](BEGIN + timedelta(days=n // len(makers)), chance) for n in range(number)]


def _weather(day: date, chance: random.Random) -> str:
    lines = [f"Dự báo thời tiết ngày {day.day}/{day.month} và đêm {day.day}/{day.month} các vùng trong tỉnh như sau."]
    lines += [
        f"Khu vực {place}: nhiều mây, có mưa vài nơi, gió nhẹ. Độ ẩm từ {chance.randint(55, 80)} đến "
        f"{chance.randint(81, 99)} phần trăm. Nhiệt độ thấp nhất {chance.randint(9, 24)} độ C, cao nhất "
        f"{chance.randint(25, 38)} độ C, lượng mưa {chance.randint(0, 90)} mm."
        for place in PLACES
    ]
    return "\n".join([*lines, "Bà con theo dõi các bản tin tiếp theo của đài khí tượng thủy văn tỉnh."])


def _prices(day: date, chance: random.Random) -> str:
    lines = [f"Giá cả thị trường ngày {day.day}/{day.month}/{day.year} tại các chợ đầu mối trong tỉnh."]
    lines += [
        f"Giá {goods} bán lẻ ở mức {chance.randint(8, 320)}.{chance.randint(0, 9)}00 đồng một ký, tại chợ "
        f"{chance.choice(PLACES)} {chance.randint(8, 320)}.{chance.randint(0, 9)}00 đồng, so với hôm trước chênh "
        f"{chance.randint(1, 9)}00 đồng."
        for goods in GOODS
    ]
    return "\n".join([*lines, "Giá trên do tổ thị trường ghi lại vào buổi sáng, có thể đổi theo giờ bán."])


def _lottery(day: date, chance: random.Random) -> str:
    lines = [f"Kết quả xổ số kiến thiết tỉnh mở thưởng ngày {day.day}-{day.month}-{day.year}."]
    for prize in ("đặc biệt", "nhất", "nhì", "ba", "tư", "năm", "sáu", "bảy"):
        drawn = ", ".join(str(chance.randint(10000, 99999)) for _ in range(3))
        lines.append(f"Giải {prize} của kỳ quay số mở thưởng hôm nay thuộc về các vé mang số {drawn}.")
    end = "Người trúng thưởng giữ vé nguyên vẹn, đến công ty nhận tiền trong ba mươi ngày kể từ ngày mở thưởng."
    return "\n".join([*lines, end])


def _timetable(day: date, chance: random.Random) -> str:
    lines = [f"Lịch tạm ngừng cung cấp điện ngày {day.day}/{day.month} để sửa chữa và nâng cấp lưới điện."]
    lines += [
        f"Từ {chance.randint(5, 11)} giờ {chance.randint(10, 59)} đến {chance.randint(12, 18)} giờ "
        f"{chance.randint(10, 59)}: khu vực {place}, tuyến {chance.randint(470, 489)}, {chance.randint(2, 40)} trạm."
        for place in PLACES
    ]
    end = "Công ty điện lực mong khách hàng thông cảm và chủ động sắp xếp việc sản xuất, sinh hoạt trong giờ nói trên."
    return "\n".join([*lines, end])


def _levels(day: date, chance: random.Random) -> str:
    lines = [f"Mực nước các sông lúc 7 giờ ngày {day.day}/{day.month}."]
    lines += [
        f"Trạm {place}: mực nước {chance.randint(1, 30)},{chance.randint(10, 99)} m, dưới báo động hai là "
        f"{chance.randint(1, 4)},{chance.randint(10, 99)} m; lưu lượng {chance.randint(100, 9000)} mét khối một giây, "
        f"so với hôm qua đổi {chance.randint(5, 95)} cm."
        for place in PLACES
    ]
    return "\n".join([*lines, "Trong hai ngày tới mực nước các sông biến đổi chậm, vùng cửa sông theo thủy triều."])
