"""Knows what a site says it is: the newspaper's name, province, language, and the mark before its leads."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.discovery.systems import Sample
from crawler.extraction.page import SUFFIX, Page
from pipelines.charset import decode
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.discovery.probing import Answer

PAPER_WORD = re.compile(r"(?:báo|tạp chí)\b", re.IGNORECASE)
FRONT_PAGE = re.compile(r"(?:trang chủ|home(?:page)?|index|trang nhất)", re.IGNORECASE)
ON_LINE = re.compile(r"(?<=\w)\s*[-–]?\s*(?:online|điện tử)$", re.IGNORECASE)
"""What newspapers add to their name on the web."""
LONGEST_NAME = 60
"""Characters of a newspaper's name; what is longer is a slogan."""
IMPRINT = r"(?:tỉnh ủy|thành ủy|đảng bộ tỉnh|đảng bộ thành phố|ubnd tỉnh|tỉnh|thành phố)\s+"
LONGEST_MARK = 24
"""Characters of a newsroom's mark before a lead: ``(Baonghean.vn)``."""
LEAD_START = 30
"""Characters by which a lead is found again on its page."""
STROKES = " \t-–—:"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
NUMERIC = re.compile(r"[\d.:\[\]]+|localhost(?::\d+)?")


def page_of(answer: Answer) -> Page:
    """Return a fetched page parsed."""
    return Page.parse(decode(answer.body, answer.content_type), answer.url)


def title_of(pages: Sequence[Page]) -> str:
    """Return what the pages, the front page first, call their newspaper; ``""`` where they do not.

    What begins with ``Báo`` goes first; then og:site_name and JSON-LD, then parts of ``<title>``.
    """
    names = [name for page in pages for name in page.names]
    parts = [part for page in pages[:1] for part in SUFFIX.split(page.heading)]
    told = [t.strip() for t in (*names, *parts) if 2 < len(t.strip()) <= LONGEST_NAME and not FRONT_PAGE.match(t)]
    chosen = next((t for t in told if PAPER_WORD.match(t)), told[0] if told else "")
    return ON_LINE.sub("", chosen) or chosen


def province_of(
    title: str, host: str, pages: Sequence[Page], provinces: Mapping[str, Sequence[str]]
) -> tuple[str, tuple[str, ...]]:
    """Return the province of today and those before the merger that a paper is of; ``("", ())`` where not told.

    Told by a province's name in the title, else as the host's own name (``baophuyen.vn``), else behind
    ``Tỉnh ủy``, ``tỉnh`` and the like on the front page, most often named.
    """
    today = {before: now for now, all_before in provinces.items() for before in all_before}
    today |= {now: now for now in provinces}
    found = _named(fold(title), today) or _hosted(host, today) or _imprinted(pages, today)
    if not found:
        return "", ()
    now = today[found]
    if len(provinces[now]) == 1:
        return now, tuple(provinces[now])
    return now, (found,) if found in provinces[now] and found != now else ()


def _named(text: str, names: Iterable[str]) -> str:
    held = [name for name in names if re.search(rf"\b{re.escape(_short(name))}\b", text)]
    return max(held, key=len, default="")


def _short(name: str) -> str:
    return fold(name).removeprefix("tp. ")


def _hosted(host: str, names: Iterable[str]) -> str:
    spelled = {name: re.sub(r"\W", "", _short(name)) for name in names}
    for label in host.split(":", maxsplit=1)[0].split("."):
        own = label.removeprefix("bao").replace("-", "")
        held = [name for name, letters in spelled.items() if own.startswith(letters)]
        if held:
            return max(held, key=len)
    return ""


def _imprinted(pages: Sequence[Page], names: Iterable[str]) -> str:
    text = fold(" ".join(block.text for page in pages[:1] for block in page.outline.blocks if not block.linky))
    counts = {name: len(re.findall(rf"\b{fold(IMPRINT)}{re.escape(_short(name))}\b", text)) for name in names}
    best = max(counts, key=lambda n: (counts[n], len(n)), default="")
    return best if counts.get(best) else ""


def language_of(samples: Sequence[Sample]) -> str:
    """Return the language most articles are in, ``""`` where none tells."""
    told = Counter(s.reading.language for s in samples if s.reading.language)
    return told.most_common(1)[0][0] if told else ""


def prefixes_of(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Return the newsroom's marks that stand before the lead or first paragraph of most articles."""
    marks = Counter(filter(None, map(_mark, samples)))
    return tuple(mark for mark, count in marks.most_common() if count >= 2 and count * 2 >= len(samples))


def _mark(sample: Sample) -> str:
    """Return what the page prints before the lead that extraction took off, in the same line."""
    page = Page.parse(decode(sample.body, sample.content_type), sample.url)
    for start in (sample.reading.lead, (sample.reading.text or "").partition("\n")[0]):
        for block in page.outline.blocks if start else ():
            before, found, _ = block.text.partition(start[:LEAD_START])  # type: ignore[index]
            mark = before.strip(STROKES)
            if found and before != mark and 1 < len(mark) <= LONGEST_MARK:
                return mark
    return ""


def name_of(host: str, title: str, taken: Iterable[str]) -> str:
    """Return a name for the paper's table: its host's first label, for a number its title's letters; not taken yet."""
    spelled = re.sub(r"[^a-z0-9]+", "", fold(title))
    label = "" if NUMERIC.fullmatch(host) else host.split(".", maxsplit=1)[0]
    chosen = label or spelled or re.sub(r"\W+", "-", host).strip("-")
    return chosen if chosen not in set(taken) else re.sub(r"\W+", "-", host).strip("-")
