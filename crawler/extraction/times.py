"""Dates and times as Vietnamese newsrooms write them, for people and for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from crawler.clock import LOCAL

FIRST_YEAR, LAST_YEAR = 1990, 2100
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

ISO = re.compile(
    r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T ]\s?(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*(?P<z>Z|[+-]\d{2}:?\d{2})?)?"
)
AMERICAN = re.compile(
    r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4}),? (?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))? (?P<ap>[AP]M)\b"
)
DAY_FIRST = re.compile(r"(?<![\d/.-])(?P<d>\d{1,2})\s?(?P<sep>[/.-])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<y>\d{4})(?!\d)")
NUMBERS = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
NUMBER = "|".join(reversed(NUMBERS))
IN_WORDS = re.compile(
    rf"\b(?P<d>\d{{1,2}}) tháng (?P<m>\d{{1,2}}|{NUMBER})(?:,| năm|/)? ?(?P<y>\d{{4}})\b"
    rf"|\btháng (?P<m2>\d{{1,2}}|{NUMBER}) (?P<d2>\d{{1,2}}), (?P<y2>\d{{4}})\b",
    re.IGNORECASE,
)
"""``18 Tháng 7 2019``; WordPress in Vietnamese prints ``7 Tháng Năm, 2024`` and ``Tháng Năm 7, 2024``."""
ENGLISH = re.compile(
    rf"\b(?P<mon>{'|'.join(m[:3] for m in MONTHS)})[a-z]*\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b"
    rf"|\b(?P<d2>\d{{1,2}}) (?P<mon2>{'|'.join(m[:3] for m in MONTHS)})[a-z]*\.?,? (?P<y2>\d{{4}})\b",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?<![\d:/.+-])(?P<H>\d{1,2})\s?(?:[:h]"
    r"|giờ)\s?(?P<M>\d{2})(?:[:'’]\s?(?P<S>\d{2}))?(?:\s?phút)?(?!\d)(?:\s?(?P<ap>[AP]M|SA|CH|sáng|trưa|chiều|tối)\b)?",
    re.IGNORECASE,
)
YEAR = re.compile(r"\d{4}")
WEEKDAY = re.compile(
    r"(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)\b,?|\[?\(?gmt\s?\+?\s?7\)?\]?"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?\s*,"
    r"|(?:ngày đăng|đăng (?=lúc|ngày)|ngày|lúc|cập nhật(?: lần cuối)?|xuất bản"
    r"|(?<![^\W\d]\s)(?:đăng(?: tải)?|sửa))\s*(?:lúc|ngày)?:?"
    r"|(?:lượt (?:xem|đọc)|đã xem|views?)\s*:\s*[\d.,]+"
    r"|[\d.,]+\s(?:lượt (?:xem|đọc)|views?)\b|\s(?:print|in(?: (?:bài|trang|tin))?(?: viết| này)?)$",
    re.IGNORECASE,
)
"""What stands beside a date in its row: weekday, zone, labels, a count, a control; ``Hải Đăng`` is a name."""
EDGES = re.compile(r"^[\s\-–—|•·,:;)\]]+|[\s\-–—|•·,:;(\[]+$")
EMPTIED = re.compile(r"[(\[][\s,|;–-]*[)\]]")
AHEAD = timedelta(days=1)
"""How far the clocks that date and capture a page may disagree; a ``Z`` that is false costs seven hours."""
LONGEST_DATE, LONGEST_ROW, ROW_WORDS = 90, 110, 10
"""Characters of the longest line that is only dates, and of one that names somebody too; words of that."""
NOON_ENDS = 4
"""Hours that ``trưa`` may be said of behind noon."""
GAP = 30
"""Characters that may stand between a date and its clock (``| ``, ``, lúc ``, a weekday)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at +07:00, to the second as far as said; ``at`` is None where only the day is known.

    ``utc`` tells that it was written with ``Z``: some systems print local time so.
    """

    day: date
    at: datetime | None = None
    utc: bool = False

    @property
    def iso(self) -> str:
        """Return ISO 8601: to the second at +07:00, or the day alone."""
        return self.at.isoformat() if self.at else self.day.isoformat()

    @property
    def precision(self) -> str:
        """Return ``minute`` or ``day``."""
        return "minute" if self.at else "day"

    def is_after(self, seen_at: datetime) -> bool:
        """Return whether the moment is later than a page captured at ``seen_at`` can print of itself."""
        if self.at:
            return self.at - AHEAD > seen_at
        return self.day - AHEAD > seen_at.astimezone(LOCAL).date()


def machine(text: str) -> Moment | None:
    """Read a date meant for machines (meta, JSON-LD, ``datetime=``); None if it is none.

    ISO, with or without zone (naive is local); ``1/8/2026 10:02:01 AM`` is month first, as the
    servers that write AM and PM print it; RFC 2822. Midnight sharp is taken as the day alone.
    """
    text = text.strip()[:80]
    if match := ISO.search(text):
        return _settle(match, match.groupdict())
    if match := AMERICAN.search(text):
        return _settle(match, match.groupdict())
    if text[:3].isalpha() and text.isascii():
        try:
            return _moment(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    found = visible(text)
    return found[0] if found else None


def visible(text: str) -> list[Moment]:
    """Return the moments printed in a line, day first, each with the clock next to it if there is one."""
    found: list[Moment] = []
    clocks = [m for m in CLOCK.finditer(text) if int(m["H"]) < 24 and int(m["M"]) < 60]
    for pattern in (ISO, DAY_FIRST, IN_WORDS, ENGLISH):
        for match in pattern.finditer(text):
            moment = _visible(match, clocks)
            if moment:
                found.append(moment)
        if found:
            break
    return found


def without_date(line: str) -> str:
    """Return a line without its date, clock, weekday and the strokes between them."""
    if not YEAR.search(line) or not (DAY_FIRST.search(line) or IN_WORDS.search(line)):
        return line
    rest = WEEKDAY.sub(" ", CLOCK.sub(" ", IN_WORDS.sub(" ", DAY_FIRST.sub(" ", line))))
    return EDGES.sub("", EMPTIED.sub(" ", rest))


def is_date(line: str) -> bool:
    """Return whether a line says a date and nothing else."""
    return (
        len(line) < LONGEST_DATE
        and line[-1:] != "."
        and bool(DAY_FIRST.search(line))
        and not any(map(str.isalnum, without_date(line)))
    )


def is_row(line: str) -> bool:
    """Return whether a line is the row of an article's date, whoever is named in it: few words and a clock."""
    if len(line) > LONGEST_ROW or line[-1:] == "." or not YEAR.search(line):
        return False
    words = sum(any(map(str.isalpha, word)) for word in without_date(line).split())
    return any(m.at for m in visible(line)) and words <= ROW_WORDS


def is_clock(line: str) -> bool:
    """Return whether a line says the time of day and nothing else."""
    return (
        len(line) < 20 and bool(CLOCK.search(line)) and not any(map(str.isalnum, WEEKDAY.sub("", CLOCK.sub("", line))))
    )


def _visible(match: re.Match[str], clocks: list[re.Match[str]]) -> Moment | None:
    parts = {k: v for k, v in match.groupdict().items() if v}
    if "mon" in parts or "mon2" in parts:
        name = parts.get("mon", parts.get("mon2", "")).lower()
        parts = {
            "d": parts.get("d", parts.get("d2", "")),
            "y": parts.get("y", parts.get("y2", "")),
            "m": str(next(i for i, m in enumerate(MONTHS, 1) if m.startswith(name))),
        }
    parts = {k.removesuffix("2"): v for k, v in parts.items()}
    if not parts["m"].isdigit():
        parts["m"] = str(NUMBERS.index(parts["m"].lower()) + 1)
    if "H" not in parts:
        near = min(clocks, key=lambda c: _apart(match, c), default=None)
        if near is not None and _apart(match, near) <= GAP:
            parts |= {k: v for k, v in near.groupdict().items() if v}
    return _settle(match, parts)


def _apart(a: re.Match[str], b: re.Match[str]) -> int:
    return max(b.start() - a.end(), a.start() - b.end(), 0)


def _settle(match: re.Match[str], parts: dict[str, str | None]) -> Moment | None:
    """Make a moment of the parts; a month over 12 is a day where the other can be a month."""
    year, month, day = (int(parts[k] or 0) for k in "ymd")
    if month > 12 >= day and match.re is not ISO:
        month, day = day, month
    try:
        when = date(year, month, day)
    except ValueError:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if not parts.get("H"):
        return Moment(when)
    hour, minute, second = (int(parts.get(k) or 0) for k in "HMS")
    half = (parts.get("ap") or "").upper()
    if (half in ("PM", "CH", "CHIỀU", "TỐI") and hour < 12) or (half == "TRƯA" and hour < NOON_ENDS):
        hour += 12
    if half in ("AM", "SA") and hour == 12:
        hour = 0
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(parts.get("z")))
    except ValueError:
        return Moment(when)
    if match.re in (ISO, AMERICAN):
        return _moment(at, utc=parts.get("z") == "Z")
    return Moment(at.date(), at)


def _zone(text: str | None) -> timezone:
    if not text:
        return LOCAL
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=min(int(text[1:3]), 23), minutes=int(text[-2:]) % 60))


def _moment(at: datetime, *, utc: bool = False) -> Moment | None:
    local = at.replace(tzinfo=LOCAL) if at.tzinfo is None else at.astimezone(LOCAL)
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        return None
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return Moment(local.date(), None if midnight else local.replace(microsecond=0), utc)
