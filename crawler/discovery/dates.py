"""Reads the moments that listings print: in feeds, sitemaps, JSON and the entries of section pages."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from crawler.clock import LOCAL

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH_FIRST = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(:\d{2})? [AP]M", re.IGNORECASE)
GMT_PLUS = re.compile(r"(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
PRINTED = re.compile(
    r"(?<!\d)(?:(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?|(\d{1,2}) tháng (\d{1,2})(?:,| năm)? ?)((?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)
BESIDE = re.compile(
    r"(?:\d{1,2} ?giờ(?: ?\d{1,2}(?: ?phút)?)?|[\s,;.|()\[\]•·–—/@-]|\d{1,2}[:hg]\d{2}(?::\d{2})?|\b(?:[ap]m|sa|ch)\b"
    r"|(?:gmt|utc) ?[+-] ?0?7(?::?00)?"
    r"|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|\b(?:cập nhật|đăng|xuất bản|ngày|lúc|vào|giờ)\b:?)*",
    re.IGNORECASE,
)
"""What is printed around a date and says no more than when."""
LONGEST_PRINTED = 80
FOLDER = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])(?:[/-]?(0[1-9]|[12]\d|3[01]))?/")
NET = re.compile(r"/Date\((\d{9,14})(?:[+-]\d{4})?\)/")
SECONDS = (631_152_000, 4_102_444_800)
"""1990 and 2100 as seconds since 1970."""
DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M")


def iso(printed: str) -> str | None:
    """Return what a listing prints of a moment as ISO 8601, a bare day as ``YYYY-MM-DD``, else None.

    Read are W3C dates (sitemaps, Atom), RFC 822 (RSS) also with ``GMT+7``, day-first ones as
    Vietnam writes them, and month-first ones told by AM or PM (OneCMS, FINDINGS 1). A moment
    without offset is Vietnam's. It is a hint of change only: newsrooms print false offsets.
    """
    text = GMT_PLUS.sub(lambda m: f"{m[1]}{int(m[2]):02d}{m[3] or '00'}", " ".join(printed.split()))
    if DAY.fullmatch(text):
        return text if _read(text, "%Y-%m-%d") else None
    moment = _w3c(text) or _vietnamese(text) or _rfc822(text)
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).isoformat(timespec="seconds")


def printed_day(text: str) -> str | None:
    """Return the day (``YYYY-MM-DD``) of a text that is nothing but a date as Vietnam prints it, else None.

    With or without weekday and time of day: ``24/11/2026``, ``Thứ ba, 24-11-2026 | 10:02``, ``16:55,
    30/03/2025``, ``Ngày 24 tháng 11 năm 2026``. A sentence with a date in it is none.
    """
    if not 8 <= len(text) <= LONGEST_PRINTED * 4:
        return None
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    match = PRINTED.search(words) if len(words) <= LONGEST_PRINTED else None
    if not match or not BESIDE.fullmatch(words[: match.start()]) or not BESIDE.fullmatch(words[match.end() :]):
        return None
    try:
        return date(int(match[5]), int(match[2] or match[4]), int(match[1] or match[3])).isoformat()
    except ValueError:
        return None


def told_by_address(url: str) -> str | None:
    """Return the month (``YYYY-MM``), or the day, that a folder of an article's address names, else None."""
    match = FOLDER.search(url)
    return "-".join(filter(None, match.groups())) if match else None


def moment_of(value: object) -> str | None:
    """Return a value of a JSON list as `iso` does; numbers are seconds or milliseconds since 1970."""
    if isinstance(value, str):
        if net := NET.fullmatch(value.strip()):
            return moment_of(int(net[1]))
        text = value.strip()[:LONGEST_PRINTED]
        return moment_of(int(text)) if re.fullmatch("[0-9]{9,14}", text) else iso(text) or printed_day(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    seconds = value / 1000 if value > SECONDS[1] else value
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _w3c(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _vietnamese(text: str) -> datetime | None:
    if MONTH_FIRST.fullmatch(text):
        return _read(text, "%m/%d/%Y %I:%M:%S %p") or _read(text, "%m/%d/%Y %I:%M %p")
    return next(filter(None, (_read(text, form) for form in DAY_FIRST)), None)


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=LOCAL)
    except ValueError:
        return None
