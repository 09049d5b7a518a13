"""Knows how an article of the archive is cited, in Vietnamese and in English: who, what, where, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

Language = Literal["vi", "en"]
VIETNAM = timezone(timedelta(hours=7))
ARCHIVE = {"vi": "Kho báo tỉnh", "en": "Kho báo tỉnh (archive of Vietnam's provincial press)"}
UNDATED = {"vi": "không rõ ngày đăng", "en": "undated"}
CONTENT = {"vi": "nội dung", "en": "content"}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAY = len("2026-11-24")


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation names. ``published`` is ISO 8601 at +07:00 or the day alone, ``captured_at`` ISO 8601 in UTC.

    ``payload_digest`` is that of the page it was read from, ``content_sha256`` (hex) of title, lead and
    text; the latter is cited only where the former is not known.
    """

    uid: str
    title: str
    paper: str
    url: str
    author: str | None = None
    source: str | None = None
    published: str | None = None
    captured_at: str | None = None
    payload_digest: str | None = None
    content_sha256: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Cited:
        """Take it from a row with the archive's column names and ``paper_title``, ``captured_at``, ``payload_digest``.

        Raises KeyError for a row without one of them.
        """
        names = ("uid", "title", "url", "author", "source", "published", "captured_at", "payload_digest")
        return cls(
            paper=row["paper_title"], content_sha256=row["content_sha256"], **{name: row[name] for name in names}
        )


def citation(article: Cited, language: Language) -> str:
    """Return the line by which ``article`` is cited: one line, in Vietnamese or in English.

    The uid finds the article in the archive for good, the digest proves the page. Times are Vietnam's in
    Vietnamese, with +07:00 said; in English the time of printing is Vietnam's, that of capture UTC.
    """
    who = f"{article.author}. " if article.author else ""
    credit = {"vi": f" (theo {article.source})", "en": f" (credited to {article.source})"}[language]
    where = f"{article.paper}{credit if article.source else ''}, {_printed(article.published, language)}"
    proof = [ARCHIVE[language], article.uid, *_capture(article.captured_at, language), *_digest(article, language)]
    line = f"{who}“{article.title}”. {where}. {article.url}. {', '.join(proof)}."
    return " ".join(line.split())


def _printed(published: str | None, language: Language) -> str:
    at = moment_of(published)
    if at is None or published is None:
        return published or UNDATED[language]
    day = _day(at, language)
    if len(published) <= DAY:
        return day
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M} {_day(local, 'vi')}" if language == "vi" else f"{_day(local, 'en')}, {local:%H:%M} (+07:00)"


def _capture(stored: str | None, language: Language) -> list[str]:
    at = moment_of(stored)
    if at is None:
        return []
    if language == "vi":
        return [f"lưu lúc {at.astimezone(VIETNAM):%H:%M:%S} {_day(at.astimezone(VIETNAM), 'vi')} (+07:00)"]
    return [f"captured {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]


def _digest(article: Cited, language: Language) -> list[str]:
    if article.payload_digest:
        return [article.payload_digest]
    if article.content_sha256:
        return [f"{CONTENT[language]} sha256:{article.content_sha256}"]
    return []


def _day(at: datetime, language: Language) -> str:
    return f"{at:%d/%m/%Y}" if language == "vi" else f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def moment_of(stored: str | None) -> datetime | None:
    """Return a stored time, or the beginning of a day alone in Vietnam; None for what is neither."""
    try:
        at = datetime.fromisoformat(stored or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)
