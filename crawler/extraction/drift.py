"""How far a template's reading of a page and the general one are apart: on a sample it tells that pages changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from crawler.extraction.text import key
from pipelines.items import Reading
from pipelines.urls import url_key

WINDOW = 4
"""Words of the runs by which texts are compared."""
LATEST, LEAST = 10, 5
"""Sampled pages by which a template is judged, and the fewest that tell."""
BOUND = 0.25
"""Mean disagreement above which a template is said to have drifted.

Where a template fits, the two readings are the same (0 on all pages with gold); a page of a special kind, which
the template has no place for, counts 1 by itself. Two such pages in ten stay below the bound; a template that
loses more than a quarter of every text, or finds nothing on three pages of ten, does not.
"""
UNREAD = ("page/not-html", "page/too-large", "page/too-slow")
"""Outcomes that no other reading of the page would change."""


def is_sampled(url: str, every: int) -> bool:
    """Say whether a page is one of the sample, one in ``every`` (0: none): always the same addresses."""
    digest = hashlib.sha256(url_key(url).encode("utf-8", "surrogatepass")).digest()
    return every > 0 and int.from_bytes(digest[:8]) % every == 0


def measure(reading: Reading, general: Callable[[], Reading]) -> float | None:
    """Return the disagreement of a template's ``reading`` with the ``general`` one, read only where needed.

    A template that found no text on a page that has one disagrees wholly, though the general reading was
    taken in its place. None where neither reads a text: a page that is no article tells nothing.
    """
    if reading.outcome in UNREAD:
        return None
    if reading.text and reading.template is None:
        return 1.0
    other = general()
    if not reading.text and not other.text:
        return None
    beside = (other.title, other.lead, other.byline_printed, *other.captions, other.text)
    return round(disagreement(reading, "\n".join(filter(None, beside)) if other.text else ""), 4)


def drifted(samples: Sequence[float]) -> float | None:
    """Return the mean of a template's latest ``samples``, one a page, where it tells that the template drifted."""
    mean = fmean(samples[:LATEST]) if len(samples) >= LEAST else 0.0
    return mean if mean > BOUND else None


def disagreement(reading: Reading, other: str) -> float:
    """Return from 0 to 1 how much of either text the other reader has not seen, whichever lacks more.

    ``other`` is all that the other reader says, title, lead, byline and captions beside the text; what it says
    of these counts as seen by us where we say it too. Only one text where the other is none is 1, none on
    either side 0.
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
