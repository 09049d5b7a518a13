"""Reads the moments that feeds and sitemaps print."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from crawler.clock import LOCAL

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH_FIRST = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(:\d{2})? [AP]M", re.IGNORECASE)
GMT_PLUS = re.compile(r"(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
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
