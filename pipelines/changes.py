"""Tells from how a paper's pages were read, one after another, when they began to be read otherwise.

A redesign shows within twenty pages: the latest ten, and the latest twenty, are held against the up to 200 before
them; of lengths, which differ much, the latest forty and eighty too.
Of a flag (a field that is missing, a text that the template did not read) the judge is the chance of as many among
the latest, as the pages before let expect it: the beta-binomial predictive with Jeffreys' prior (Gelman et al.,
Bayesian Data Analysis, 2.4). Of lengths it is the rank sum of Mann and Whitney (Ann. Math. Stat. 18, 1947), with ties.
Papers print alike things one after another; so pages count for fewer where those before are alike to their
neighbours (effective sample size of a first-order autoregression, (1 - r) / (1 + r)), and pages of one section (a
crawl that goes through sections, one after another) are no change of the paper's. All is asked anew at every
page, so the chance that counts is far below the usual (`CHANCE`), and a change too small to matter is none (`STEP`,
`RATIO`). Where it began is the likeliest single step in between.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import erfc, exp, lgamma, log, sqrt
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LATEST = (10, 20)
"""Pages that are held against those before."""
LENGTHS = (*LATEST, 40, 80)
"""Pages whose lengths are held against those before: a shift that is small beside their spread takes more to tell."""
BASELINE, ENOUGH = 200, 30
"""Pages before them that tell what is usual: at most, and at least."""
CHANCE = 1e-5
ALIKE = 0.25
"""Correlation of neighbours' flags that is taken for granted: of what is rare no 200 pages tell it."""
STEP = 0.3
"""Least change of a share that matters."""
RATIO = 1.5
"""Least change of the median length that matters, either way."""
MUCH = 0.4
"""Share of the latest pages above which a section that had less than half of that before keeps them from telling."""
NEIGHBOURS, RECURS = 20, 5
"""Pages on either side among which a line recurs, and on how many it has to."""
HAVING = ("byline", "section", "lead", "published")
FLAGS = ("fallback", "unread", "furniture", *HAVING)


@dataclass(frozen=True, slots=True)
class Page:
    """How one page was read: ``flags`` names what is wrong with it, of `FLAGS`; ``words`` is 0 for no article.

    ``section``: where the paper printed it, None where that is not known.
    """

    capture_id: int
    at: str
    words: int
    flags: frozenset[str] = frozenset()
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Since ``page`` the pages are read otherwise: ``before`` and ``after`` are shares, of ``words`` medians."""

    signal: str
    before: float
    after: float
    page: Page


def changes(pages: Sequence[Page], open_signals: frozenset[str] = frozenset()) -> list[Change]:
    """Return the first change of each signal in ``pages``, oldest first; none of those known already."""
    found, sections = [], [page.section for page in pages]
    for signal in FLAGS:
        flags = [signal in page.flags for page in pages]
        if signal not in open_signals and (hit := _first_rise(flags, sections)):
            start, before, after = hit
            shown = (1 - before, 1 - after) if signal in HAVING else (before, after)
            found.append(Change(signal, *shown, pages[start]))
    articles = [page for page in pages if page.words]
    lengths, sections = [page.words for page in articles], [page.section for page in articles]
    if "words" not in open_signals and (hit := _first_shift(lengths, sections)):
        found.append(Change("words", *hit[1:], articles[hit[0]]))
    return found


def is_over(change: Change, pages: Sequence[Page]) -> bool:
    """Say whether the latest of ``pages``, all after a change, are nearer to what was before it."""
    if change.signal == "words":
        values = [float(page.words) for page in pages if page.words]
    else:
        values = [float((change.signal in page.flags) != (change.signal in HAVING)) for page in pages]
    latest = values[-LATEST[0] :]
    if len(latest) < LATEST[0]:
        return False
    now = median(latest) if change.signal == "words" else fmean(latest)
    return abs(now - change.before) < abs(change.after - change.before) / 2


def recurring(texts: Sequence[Sequence[str]]) -> list[bool]:
    """Say of each page's lines, as they compare, whether one recurs on the pages around it."""
    counts = Counter[str]()
    told = []
    for at in range(len(texts) + NEIGHBOURS):
        if at < len(texts):
            counts.update(set(texts[at]))
        if at - 2 * NEIGHBOURS - 1 >= 0:
            counts.subtract(set(texts[at - 2 * NEIGHBOURS - 1]))
        if at >= NEIGHBOURS:
            told.append(any(counts[line] >= RECURS for line in texts[at - NEIGHBOURS]))
    return told


def _first_rise(flags: Sequence[bool], sections: Sequence[str | None]) -> tuple[int, float, float] | None:
    """Return where flags become many, and their share before and after."""
    totals = [0, *accumulate(flags)]
    for end in range(ENOUGH + LATEST[0], len(flags) + 1):
        for size in LATEST:
            begin = max(0, end - size - BASELINE)
            many, late = end - size - begin, totals[end] - totals[end - size]
            earlier = totals[end - size] - totals[begin]
            if many < ENOUGH or late / size - earlier / many < STEP:
                continue
            worth = _worth([float(flag) for flag in flags[begin : end - size]], ALIKE)
            chance = _as_many(*(round(worth * n) for n in (earlier, many, late, size)))
            if chance < CHANCE and not _of_one_section(sections, end - size, end):
                start = _step([float(flag) for flag in flags[:end]], end - 2 * LATEST[1])
                start = next(at for at in range(start, end) if flags[at])
                return start, fmean(flags[max(0, start - BASELINE) : start]), fmean(flags[start:end])
    return None


def _first_shift(words: Sequence[int], sections: Sequence[str | None]) -> tuple[int, float, float] | None:
    """Return where lengths shift, and their median before and after."""
    for end in range(ENOUGH + LATEST[0], len(words) + 1):
        for size in (size for size in LENGTHS if end - size >= ENOUGH):
            before, latest = words[max(0, end - size - BASELINE) : end - size], words[end - size : end]
            if max(ratio := median(latest) / median(before), 1 / ratio) < RATIO:
                continue
            chance = _rank_sum(before, latest, _worth([log(n) for n in before], 0))
            few = _of_one_section if size in LATEST else _of_some_sections
            if chance < CHANCE and not few(sections, end - size, end):
                start = _step([log(n) for n in words[:end]], end - 2 * max(size, LATEST[1]))
                return start, median(words[max(0, start - BASELINE) : start]), median(words[start:end])
    return None


def _of_one_section(sections: Sequence[str | None], begin: int, end: int) -> bool:
    """Say whether one section has much of the latest pages, and had not before: they tell of it, not of the paper."""
    before = sections[max(0, begin - BASELINE) : begin]
    return any(
        section and times > MUCH * (end - begin) and times / (end - begin) > 2 * before.count(section) / len(before)
        for section, times in Counter(sections[begin:end]).items()
    )


def _of_some_sections(sections: Sequence[str | None], begin: int, end: int) -> bool:
    """Say the same of sections together: of many pages in a row, several may be what a crawl went through."""
    before = Counter(sections[max(0, begin - BASELINE) : begin])
    grown = sum(
        times
        for section, times in Counter(sections[begin:end]).items()
        if section and times / (end - begin) > 2 * before[section] / before.total()
    )
    return grown > MUCH * (end - begin)


def _as_many(seen: int, of: int, now: int, size: int) -> float:
    """Return the chance of ``now`` or more of ``size``, after ``seen`` of ``of``."""
    a, b = seen + 0.5, of - seen + 0.5
    return sum(
        exp(
            lgamma(size + 1)
            - lgamma(k + 1)
            - lgamma(size - k + 1)
            + lgamma(k + a)
            + lgamma(size - k + b)
            - lgamma(size + a + b)
            + lgamma(a + b)
            - lgamma(a)
            - lgamma(b)
        )
        for k in range(now, size + 1)
    )


def _worth(values: Sequence[float], least: float) -> float:
    """Return for how many pages each of these counts: the more alike neighbours are, ``least`` at least, the less."""
    mean = fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    if not spread:
        return (1 - least) / (1 + least)
    together = sum((a - mean) * (b - mean) for a, b in pairwise(values))
    alike = min(max(together / spread, least), 0.9)
    return (1 - alike) / (1 + alike)


def _rank_sum(before: Sequence[int], latest: Sequence[int], worth: float) -> float:
    """Return the chance, either way, of ranks as far apart as these, by the normal approximation."""
    counts = Counter((*before, *latest))
    ranks, below = {}, 0
    for value in sorted(counts):
        ranks[value] = below + (counts[value] + 1) / 2
        below += counts[value]
    m, n = len(latest), len(before)
    ties = sum(count**3 - count for count in counts.values()) / ((m + n) * (m + n - 1))
    spread = sqrt(m * n / 12 * (m + n + 1 - ties) / worth) or 1.0
    apart = abs(sum(ranks[value] for value in latest) - m * (m + n + 1) / 2)
    return erfc(apart / spread / sqrt(2))


def _step(values: Sequence[float], first: int) -> int:
    """Return where, from ``first`` on, the values before and after are furthest apart by least squares."""
    start = max(0, first - BASELINE)
    total, count = sum(values[start:]), len(values) - start
    best, at, below = 0.0, len(values) - 1, sum(values[start : max(first, start + 1)])
    for split in range(max(first, start + 1), len(values)):
        n = split - start
        apart = (total - below) / (count - n) - below / n
        if (gain := apart * apart * n * (count - n) / count) > best:
            best, at = gain, split
        below += values[split]
    return at
