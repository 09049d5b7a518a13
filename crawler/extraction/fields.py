"""The fields of an article besides its text: each asks the template's place first, then the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from crawler.extraction import around, facts, headline, published
from crawler.extraction.bylines import Byline, credit_at_end, parse
from crawler.extraction.captions import credit
from crawler.extraction.found import Found, Job
from crawler.extraction.persons import writes
from crawler.extraction.section import HOME, LONGEST_SECTION, find_section, told_section
from crawler.extraction.text import furniture_key
from crawler.extraction.times import visible
from pipelines.items import Image


@dataclass(frozen=True, slots=True)
class Signed:
    """Author and source as settled, the line they were printed in, and where each was read."""

    author: str | None
    source: str | None
    printed: str | None
    author_by: str
    source_by: str


def dates(job: Job, found: Found) -> published.Dates:
    """Settle publication and change; printed moments come from the template's place, else from around the article.

    None is later than the page was seen: that is the day of an event, or a day and month taken for each other.
    """
    printed, by = [published.Printed(m) for t in job.texts("published", found) for m in visible(t)], "template"
    printed = _seen(printed, job.seen_at)
    if not printed:
        near = published.near_title(found.outline, found.title.block, found.body.start, found.body.last)
        printed, by = _seen(near, job.seen_at), "visible"
    return published.choose(job.page, printed, by, job.seen_at)


def _seen(printed: list[published.Printed], seen_at: datetime | None) -> list[published.Printed]:
    return [p for p in printed if seen_at is None or not p.moment.is_after(seen_at)]


def signed(job: Job, found: Found) -> Signed:
    """Settle author and source.

    The template's place goes first, then the line at the text's end, under the headline and behind the
    body; last the person whom JSON-LD or meta name.
    """
    persons = found.context.not_persons
    said = [
        (replace(b, author=b.author if writes(b.author, persons) else None), line, by)
        for b, line, by in _bylines(job, found)
    ]
    authors = [(b.author, by) for b, _, by in said if b.author] or around.told_authors(job.page, persons)
    sources = [(b.source, by) for b, _, by in said if b.source]
    printed = next((line for b, line, _ in said if b.author or b.source), None)
    author, author_by = authors[0] if authors else (None, "")
    source, source_by = sources[0] if sources else (None, "")
    return Signed(author, source, printed, author_by, source_by)


def _bylines(job: Job, found: Found) -> list[tuple[Byline, str, str]]:
    """Return the bylines of a page, best first: what each says, as printed, and where it was read."""
    said = [(b, t, "template") for t in job.texts("author", found) if (b := parse(t))]
    if found.body.byline:
        said.append((found.body.byline, found.body.printed or "", "visible"))
    said += [
        (Byline(source=b.source or b.author), t, "template") for t in job.texts("source", found) if (b := parse(t))
    ]
    title, start, end = found.title.block, found.body.start, found.body.last
    beside = (
        around.under_title(found.outline, title, start, found.context),
        around.behind_body(found.outline, end, found.context),
    )
    said += [(*b, "visible") for b in beside if b]
    credited = found.body.closing
    if credited is None and found.body.paragraphs and (at_end := credit_at_end(found.body.paragraphs[-1])):
        credited = at_end, ""
    return [*said, (*credited, "visible")] if credited else said


def section(job: Job, found: Found) -> tuple[str | None, str]:
    """Return the section and where it was read; the whole page is walked only if nothing nearer tells."""
    texts = [t for t in job.chain("section", found) if not HOME.fullmatch(t) and len(t) <= LONGEST_SECTION]
    if texts:
        return texts[-1], "template"
    told = told_section(job.page, found.title)
    if told[0]:
        return told
    whole = job.page.outline
    return find_section(job.page, whole, headline.find_title(job.page, whole) if found.templated else found.title)


def tags(job: Job, found: Found) -> tuple[tuple[str, ...], str]:
    """Return the tags and where they were read, without those that stand on all of the paper's pages."""
    names, by = facts.own_tags(job.texts("tags", found), job.page.names), "template"
    if not names:
        names, by = facts.find_tags(job.page, found.outline, found.body.end)
    if not names:
        names, by = facts.told_tags(job.page, " ".join([found.title.text or "", found.body.lead or "", found.text]))
    return tuple(n for n in names if furniture_key(n) not in job.furniture), by


def captions(found: Found) -> list[str | None]:
    """Return the caption of each of the article's pictures, None where it has none."""
    blocks = found.outline.blocks
    return [" ".join(blocks[c].text for c in picture.captions) or None for picture in found.body.pictures]


def images(job: Job, found: Found) -> tuple[Image, ...]:
    """Return the article's pictures with absolute addresses, captions and credits."""
    made = []
    for picture, caption in zip(found.body.pictures, captions(found), strict=True):
        src = found.outline.blocks[picture.block].src if picture.block is not None else ""
        url = job.page.absolute(src) if src else None
        if url:
            made.append(Image(url, caption, credit(caption)))
    return tuple(made)
