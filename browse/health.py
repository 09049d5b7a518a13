"""Knows how the papers fare: the view ``health``, the one definition, read once a minute at most.

At a million articles the view takes half a second, whichever paper is asked for: a front page cannot wait for it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from datasette.database import QueryInterrupted

from browse.archive import rows

STATES = {
    "ok": ("không thấy gì hỏng", "nothing found wrong"),
    "closed": ("đã đóng", "closed"),
    "unknown": ("chưa lấy lần nào", "never fetched"),
    "blocked": ("báo từ chối máy của kho", "the paper refuses us"),
    "failing": ("lấy không được", "cannot be fetched"),
    "late": ("lâu chưa lấy", "not fetched lately"),
    "drifted": ("trang đã đổi giao diện", "its pages changed"),
    "unreadable": ("nhiều trang không đọc được", "many pages could not be read"),
    "misread": ("trang đọc thiếu", "its pages are misread"),
    "silent": ("bảy ngày không có bài mới", "nothing new for seven days"),
    "door": ("một chuyên mục không đọc được", "a listing could not be read"),
    "holiday": ("các báo cùng vắng bài", "all papers are quiet"),
    "quiet": ("ít bài hơn thường lệ", "fewer articles than usual"),
}
"""The states of the view health, in Vietnamese and English."""
FRESH = 60.0
"""Seconds for which what was read is told again."""
HEALTH = "SELECT paper, state FROM health"


async def states(database: Any) -> dict[str, str]:
    """Return the state of each paper; what was read before, or nothing, where the view takes too long to be read."""
    read_at, told = getattr(database, "health_told", (None, {}))
    if read_at is not None and time.monotonic() - read_at < FRESH:
        return dict(told)
    with suppress(QueryInterrupted):
        told = {row["paper"]: row["state"] for row in rows(await database.execute(HEALTH))}
    database.health_told = (time.monotonic(), told)
    return dict(told)
