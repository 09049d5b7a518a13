"""A second reader, trafilatura: of last resort where our own finds no text, and to tell when the two drift apart."""

from __future__ import annotations

import re

from trafilatura import bare_extraction

from crawler.extraction.hints import ends_article, is_noise
from crawler.extraction.text import clean, key

EARLY_END = re.compile(r"</(?:html|body)>", re.IGNORECASE)
MOST = 1_000_000
"""Characters of a page that trafilatura is given: it takes seconds for more, and no article is that long."""
WINDOW = 4
"""Words of the runs by which two texts are compared."""


def paragraphs(html: str) -> tuple[str, ...]:
    """Return the paragraphs trafilatura reads in a piece of HTML; none where it reads nothing.

    Comments and tables off, no deduplication (it keeps state between calls); an early ``</html>`` is
    taken out, as its parser stops there.
    """
    html = html[:MOST]
    small = html.lower()
    last = max(small.rfind("<p"), small.rfind("<div"))
    html = EARLY_END.sub("", html[:last]) + html[last:] if last > 0 else html
    try:
        document = bare_extraction(html, include_comments=False, include_tables=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return ()
    told = getattr(document, "text", None) or ""
    lines = [clean(line.removeprefix("- ")) for line in told.splitlines()]
    return tuple(t for t in lines if t and not is_noise(t) and not ends_article(t))


def agreement(one: str, other: str) -> float:
    """Return how far two texts say the same, 0 to 1: the share of runs of four words common to both (Jaccard)."""
    a, b = _runs(one), _runs(other)
    return len(a & b) / len(a | b) if a or b else 1.0


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [w for w in map(key, text.split()) if w]
    return {tuple(words[i : i + WINDOW]) for i in range(max(1, len(words) - WINDOW + 1))} if words else set()
