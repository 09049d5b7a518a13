"""A second reader, trafilatura: of last resort where our own finds no text."""

from __future__ import annotations

import re

from trafilatura import bare_extraction

from crawler.extraction.hints import ends_article, is_noise
from crawler.extraction.text import clean

EARLY_END = re.compile(r"</(?:html|body)>", re.IGNORECASE)
MOST = 1_000_000
"""Characters of a page that trafilatura is given: it takes seconds for more, and no article is that long."""


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
