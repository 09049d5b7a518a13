"""Knows how a cited article is written for programs that keep references: BibTeX, and CSL-JSON (Zotero, pandoc).

BibTeX: fields as biblatex has them, with ``year`` and ``month`` for plain BibTeX. CSL-JSON 1.0.2:
https://docs.citationstyles.org/en/stable/specification.html, type ``article-newspaper``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pipelines.citation import ARCHIVE, VIETNAM, Cited, moment_of

ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    | {sign: f"\\{sign}" for sign in "%&$#_"}
)
"""Braces are named, since BibTeX counts those behind a backslash, too."""
IN_URLS = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20", "<": "%3C", ">": "%3E", '"': "%22"})
"""An address is typeset as it is; only what would end the field, or the address, is encoded."""

LANGUAGES = {"vi": "vietnamese", "en": "english", "zh": "chinese", "lo": "lao", "km": "khmer", "fr": "french"}
"""Names that biblatex knows languages by."""


def bibtex(article: Cited, authors: Sequence[str] = (), language: str | None = "vi") -> str:
    """Return ``article`` as a BibTeX entry, its uid the key, a line end at the end.

    ``authors`` are the names one by one, where they are known so; each stays as printed, since in Vietnamese the
    family name comes first. The title keeps its capitals. ``urldate`` is the day of the capture. An article of a
    day not known has no date. ``language`` is the article's, as ISO 639 has it.
    """
    names = list(authors) or [name for name in [article.author] if name]
    printed, captured = _day(article.published), _day(article.captured_at)
    fields = {
        "author": " and ".join(f"{{{_text(name)}}}" for name in names),
        "title": f"{{{_text(article.title)}}}",
        "journal": _text(article.paper),
        "date": printed.isoformat() if printed else "",
        "year": str(printed.year) if printed else "",
        "month": str(printed.month) if printed else "",
        "url": _url(article.url),
        "urldate": captured.isoformat() if captured else "",
        "note": _text(_note(article)),
        "langid": LANGUAGES.get(language or "", ""),
    }
    told = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@article{{{article.uid},\n{told}\n}}\n"


def csl(
    article: Cited, authors: Sequence[str] = (), section: str | None = None, language: str | None = "vi"
) -> list[dict[str, Any]]:
    """Return ``article`` as CSL-JSON: a list of one item; the rest as in `bibtex`. What is not known is left out."""
    names = list(authors) or [name for name in [article.author] if name]
    item = {
        "id": article.uid,
        "type": "article-newspaper",
        "title": " ".join(article.title.split()),
        "container-title": article.paper,
        "author": [{"literal": name} for name in names],
        "section": section,
        "issued": _date_parts(_day(article.published)),
        "accessed": _date_parts(_day(article.captured_at)),
        "URL": _url(article.url),
        "archive": ARCHIVE["vi"],
        "archive_location": article.uid,
        "note": _note(article),
        "language": language,
    }
    return [{name: value for name, value in item.items() if value}]


def _note(article: Cited) -> str:
    """Return what finds the article in the archive and what proves it."""
    content = f"content sha256:{article.content_sha256}" if article.content_sha256 else None
    credit = f"credited to {article.source}" if article.source else None
    parts = (credit, f"{ARCHIVE['vi']}: {article.uid}", article.payload_digest or content)
    return ", ".join(part for part in parts if part)


def _text(value: str) -> str:
    return " ".join(value.split()).translate(ESCAPES)


def _url(url: str) -> str:
    try:
        known = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return ""
    return "".join(url.split()).translate(IN_URLS) if known else ""


def _date_parts(day: date | None) -> dict[str, Any] | None:
    return {"date-parts": [[day.year, day.month, day.day]]} if day else None


def _day(stored: str | None) -> date | None:
    """Return the day in Vietnam of a stored time."""
    at = moment_of(stored)
    return at.astimezone(VIETNAM).date() if at else None
