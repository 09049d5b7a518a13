"""How far our reading of a page and a second reader's are apart: on a sample it tells that a template has drifted."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.extraction import second
from crawler.extraction.charset import decode
from crawler.extraction.text import key
from pipelines.items import Reading

WINDOW = 4
"""Words of the runs by which texts are compared."""


def other_text(body: bytes, content_type: str = "") -> str:
    """Return what the second reader, trafilatura, reads as a page's text; empty where it reads none."""
    return "\n".join(second.paragraphs(decode(body, content_type)))


def disagreement(reading: Reading, other: str) -> float:
    """Return from 0 to 1 how much of either text the other reader has not seen, whichever lacks more.

    Title, lead, byline and captions count as seen by us: the second reader keeps them in its text. Only one
    text where the other is none is 1, none on either side 0. A single page says little, for the second
    reader errs too; a paper whose pages come out far above what they used to has changed its pages.
    """
    ours, theirs = _runs((reading.text or "").split("\n")), _runs(other.split("\n"))
    if not ours or not theirs:
        return float(bool(ours) != bool(theirs))
    beside = (reading.title, reading.lead, reading.byline_printed, *reading.captions)
    known = ours | _runs(beside)
    return max(len(theirs - known) / len(theirs), len(ours - theirs) / len(ours))


def _runs(lines: Iterable[str | None]) -> set[tuple[str, ...]]:
    found = set()
    for line in lines:
        words = [w for w in map(key, (line or "").split()) if w]
        found |= {tuple(words[i : i + WINDOW]) for i in range(max(1, len(words) - WINDOW + 1)) if words}
    return found
