"""When an article was published: which of the dates on a page is the one, by a stated rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.clock import LOCAL
from crawler.extraction import jsonld
from crawler.extraction.container import in_entry
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page
from crawler.extraction.times import Moment, is_clock, is_date, machine, visible, without_date

LONGEST_LINE = 140
"""Characters of the longest line that is a date and not prose."""
BEFORE_TITLE, BEHIND_BODY, MENU_LINKS = 14, 8, 5
FEW_WORDS = 8
"""Words beside a day that has no clock, from which the line is prose that speaks of a day."""
BESIDE = frozenset(["related", "comment", "chrome", "ad"])
UPDATED = re.compile(r"cập nhật|\bsửa(?: (?:đổi|lúc)|\s?:)|chỉnh sửa|update|modified", re.IGNORECASE)
PUBLISHED_METAS = (
    "article:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "date",
    "dc.date.issued",
    "og:pubdate",
    "publish_date",
    "dable:published_time",
    "article:published",
    "dc.date",
    "its_publication",
    "og:published_time",
)
MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod")


class Printed(NamedTuple):
    """A moment read on the page; ``sure`` that it is of publication: printed under the headline, and no update."""

    moment: Moment
    sure: bool = True
    update: bool = False


class Dates(NamedTuple):
    """The moments of publication and of the last change, where each was read, and what says another publication."""

    published: Moment | None
    provenance: str
    modified: Moment | None
    modified_by: str = ""
    against: str = ""


def told(page: Page) -> list[tuple[Moment, str]]:
    """Return the moments of publication that JSON-LD and meta tell, in that order."""
    found = [(machine(jsonld.text_of(page.article.get("datePublished"))), "jsonld")]
    found += [(machine(page.meta(name)), "meta") for name in PUBLISHED_METAS if name in page.metas]
    return [(m, p) for m, p in found if m is not None]


def told_changes(page: Page) -> list[tuple[Moment, str]]:
    """Return the moments of change that JSON-LD and meta tell, in that order."""
    found = [(jsonld.text_of(page.article.get("dateModified")), "jsonld")]
    found += [(page.meta(name), "meta") for name in MODIFIED_METAS]
    return [(m, p) for text, p in found if text and (m := machine(text)) is not None]


def near_title(outline: Outline, title: int | None, start: int, end: int) -> list[Printed]:
    """Return the moments printed around an article, likeliest first.

    Between headline and body, ``<time datetime>`` too; then before the headline, nearest first; then behind
    the body. In each place a line that says nothing but a date goes first and one that speaks of an update
    comes last. Links, entries of lists and the furniture beside an article do not count.
    """
    top = title if title is not None else start
    under = range(top, start)
    found: list[Printed] = []
    for place in (under, _above(outline, top), range(end, min(end + BEHIND_BODY, len(outline.blocks)))):
        lines = sorted(_dated(outline, place, top), key=lambda line: not is_date(line))
        parts = [part for line in lines for part in _parts(line)]
        near = place is under
        found += [Printed(m, sure=near) for text, update in parts if not update for m in visible(text)]
        if near:
            found += [Printed(m) for block, value in outline.times if top <= block <= start and (m := machine(value))]
        found += [Printed(m, sure=False, update=True) for text, update in parts if update for m in visible(text)]
    return found


def _dated(outline: Outline, place: Sequence[int], title: int) -> list[str]:
    """Return the lines of a place that print a date: no prose; a clock in the next line belongs to its day."""
    lines: list[str] = []
    for index in place:
        if not 0 <= index < len(outline.blocks):
            continue
        block = outline.blocks[index]
        if block.src or block.linky or len(block.text) > LONGEST_LINE or _elsewhere(outline, index, title):
            continue
        if lines and (is_clock(block.text) or is_clock(lines[-1])):
            lines[-1] += f" {block.text}"
        else:
            lines.append(block.text)
    return [t for t in lines if (m := visible(t)) and (m[0].at or len(without_date(t).split()) <= FEW_WORDS)]


def _elsewhere(outline: Outline, index: int, title: int) -> bool:
    """Return whether a line belongs to other articles or to furniture."""
    element = outline.blocks[index].element
    own = outline.common(outline.blocks[title].element, element) if title < len(outline.blocks) else -1
    return outline.zones[element] in BESIDE or in_entry(outline, element, own)


def _parts(line: str) -> list[tuple[str, bool]]:
    """Return a line's dates of publication and of update: what stands behind the word for it, after another date."""
    match = UPDATED.search(line)
    if match is None:
        return [(line, False)]
    before = line[: match.start()]
    return [(before, False), (line[match.start() :], True)] if visible(before) else [(line, True)]


def _above(outline: Outline, title: int) -> list[int]:
    """Return the blocks before the headline, nearest first, up to menu or logo: the page's clock stands above those."""
    blocks: list[int] = []
    links = 0
    for index in range(title - 1, max(-1, title - 1 - BEFORE_TITLE), -1):
        block = outline.blocks[index]
        links += block.linky
        if links > MENU_LINKS or outline.zones[block.element] == "chrome" or (block.src and block.linked):
            break
        blocks.append(index)
    return blocks


def choose(
    page: Page, printed: Sequence[Printed], provenance: str = "visible", seen_at: datetime | None = None
) -> Dates:
    """Settle the moments of publication and change, and say which source tells another publication.

    What JSON-LD or meta tell later than ``seen_at``, when the page was captured, is not chosen; ``printed``
    holds nothing later.
    """
    dates = _chosen(page, printed, provenance, seen_at)
    return dates._replace(against=_against(dates, told(page), printed)) if dates.published else dates


def _against(dates: Dates, machines: Sequence[tuple[Moment, str]], printed: Sequence[Printed]) -> str:
    """Return the first source that tells another day or minute than was chosen, or an empty string."""
    sources = [*machines, *((p.moment, "visible") for p in printed if p.sure)]
    own = (dates.provenance, "visible" if dates.provenance == "template" else "")
    return next((by for m, by in sources if by not in own and not _agrees(dates.published, m)), "")


def _agrees(chosen: Moment | None, other: Moment) -> bool:
    """Return whether another source can mean the chosen moment: its day, and its minute where both tell one."""
    if chosen is None or chosen.day not in _days(other):
        return False
    local = _as_local(other) if other.utc else None
    return not (chosen.at and other.at) or _same_minute(chosen, other) or _same_minute(chosen, local)


def _chosen(page: Page, printed: Sequence[Printed], provenance: str, seen_at: datetime | None) -> Dates:
    """Apply the rule.

    The day is JSON-LD's, else meta's, else the one printed nearest the headline, with a clock or without.
    On that day the clock printed under the headline decides the minute, then JSON-LD's and meta's, then one
    printed elsewhere
    (it may be the page's own clock, or an update's); seconds come from JSON-LD or meta where they agree
    with the minute. A moment told with ``Z`` may be local time: it is read as what is printed. Where no
    clock is known the day stands alone.
    """
    machines = _until(told(page), seen_at)
    days = {d for m, _ in machines[:1] for d in _days(m)} or {p.moment.day for p in printed[:1]}
    agreed = [p for p in printed if p.moment.at and (not days or p.moment.day in days)]
    readings = [r for m, _ in machines for r in (m, _as_local(m) if m.utc else None) if r]
    sure = next((p.moment for p in agreed if p.sure or any(_same_minute(p.moment, r) for r in readings)), None)
    false_utc = any(m.utc and sure and _same_minute(_as_local(m), sure) for m, _ in machines)
    later, later_by = next(iter(_until(told_changes(page), seen_at)), None) or (_changed(printed), provenance)
    changed = (_as_local(later) if later and later.utc and false_utc else later, later_by if later else "")
    timed = next(((m, p) for m, p in machines if m.at and m.day in (days or {m.day})), None)
    clock = sure or (None if timed else next((p.moment for p in agreed), None))
    if clock:
        return Dates(next((r for r in readings if _same_minute(r, clock)), clock), provenance, *changed)
    if timed:
        return Dates(timed[0], timed[1], *changed)
    if machines:
        return Dates(Moment(machines[0][0].day), machines[0][1], *changed)
    return Dates(printed[0].moment, provenance, *changed) if printed else Dates(None, "", *changed)


def _until(moments: list[tuple[Moment, str]], seen_at: datetime | None) -> list[tuple[Moment, str]]:
    return [(m, by) for m, by in moments if seen_at is None or not m.is_after(seen_at)]


def _changed(printed: Sequence[Printed]) -> Moment | None:
    """Return the update that is printed beside a date of publication."""
    updates = [p.moment for p in printed if p.update]
    return updates[0] if updates and any(p.sure for p in printed) else None


def _days(moment: Moment) -> set[object]:
    """Return the days a told moment can mean: one written with Z also means its digits."""
    local = _as_local(moment) if moment.utc else None
    return {moment.day} | ({local.day} if local else set())


def _as_local(moment: Moment | None) -> Moment | None:
    """Return the moment read as local time although it was written with Z."""
    if moment is None or moment.at is None:
        return moment
    at = moment.at - timedelta(hours=7)
    return Moment(at.date(), at.astimezone(LOCAL))


def _same_minute(a: Moment | None, b: Moment | None) -> bool:
    return bool(a and b and a.at and b.at and a.at.replace(second=0) == b.at.replace(second=0))
