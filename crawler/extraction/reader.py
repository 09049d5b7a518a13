"""From one page's bytes to a Reading: the order in which the parts of extraction are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawler.extraction import around, facts, fields, gone, headline, jsonld, outcomes, second, signs
from crawler.extraction.body import LEAD_WITHIN, Body, read_body
from crawler.extraction.container import guess, size
from crawler.extraction.context import Context
from crawler.extraction.found import Found, Job
from crawler.extraction.lead import best_copy
from crawler.extraction.lines import observed
from crawler.extraction.page import Page, too_deep
from crawler.extraction.places import Bounds
from crawler.extraction.text import key
from crawler.extraction.walking import TooMuchError, walk
from pipelines.charset import decode
from pipelines.items import Paper, Reading, Template

DESCRIPTIONS = ("description", "og:description", "twitter:description")


def extract(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    paper: Paper | None = None,
    template: Template | None = None,
    furniture: frozenset[str] = frozenset(),
    seen_at: datetime | None = None,
) -> Reading:
    """Read one page as fetched from ``url``; the outcome says what it is, whatever the bytes.

    ``furniture`` holds lines that recur on the paper's pages, as `furniture_key` writes them. ``seen_at``
    is when the page was captured (aware): a later date is not the article's, but for a day that clocks may
    disagree. With neither paper nor template nothing but the page itself is used. Never raises.
    """
    blank = Reading(url=url, paper=paper.name if paper else None)
    html = decode(body, content_type)
    early = outcomes.before_parsing(body, content_type, html)
    if early:
        return replace(blank, outcome=early[0], reason=early[1])
    if too_deep(html):
        return replace(blank, outcome="page/too-slow", reason="the page nests too deep to be parsed in time")
    job = Job(Page.parse(html, url), paper, template, furniture, seen_at)
    page = job.page
    blank = replace(blank, canonical_url=page.canonical, named=page.named, noarchive=page.noarchive)
    try:
        return _read(job, blank)
    except TooMuchError:
        return replace(blank, outcome="page/too-slow", reason="the page has more nodes than are read")


def _read(job: Job, blank: Reading) -> Reading:
    found = _by_template(job) or _by_guess(job)
    template = job.template.name if job.template and found.templated else None
    language, language_by = facts.language_of(found.text, job.page.language)
    blank = replace(blank, title=found.title.text, template=template, language=language)
    outcome = _outcome(job, found)
    if outcome:
        return replace(blank, outcome=outcome[0], reason=outcome[1])
    return _filled(job, found, blank, language_by)


def _by_template(job: Job) -> Found | None:
    """Read the body in the template's container; None where the page has none with text."""
    places = job.places
    node = places.body() if places else None
    if places is None or node is None:
        return None
    outline = walk(places.scope(node), dropped=places.dropped())
    region = outline.by_node.get(node.mem_id)
    if region is None:
        return None
    printed = next(iter(places.texts("title")), "")
    title = headline.find_title(job.page, outline, printed)
    outline.settle(title.block)
    context = _context(job, title.text)
    first = title.block + 1 if title.block is not None else 0
    opening = Bounds(outline, title.block, first, outline.elements[region].first + LEAD_WITHIN)
    leads = [context.bare(t) for t in places.within("lead", opening)]
    body = read_body(outline, region, title.block, context, lead=best_copy(leads) if leads else None)
    found = Found(outline, title, body, context, templated=True, lead_by="template" if leads else "visible")
    return found if body.paragraphs or body.pictures or (leads and printed) else None


def _by_guess(job: Job) -> Found:
    """Read the body where prose, nesting and headline say it is."""
    outline = job.page.outline
    title = headline.find_title(job.page, outline)
    outline.settle(title.block)
    context = _context(job, title.text)
    region = guess(outline, title.block)
    body = read_body(outline, region, title.block, context) if region is not None else Body()
    return _second(job, Found(outline, title, body, context))


def _second(job: Job, found: Found) -> Found:
    """Let trafilatura read what our own reader finds no text on, where the page says that it is an article.

    Not where the text is hidden: another article of the page would be taken for it.
    """
    page = job.page
    if (
        size(found.text) >= signs.FEW
        or not page.article
        or not outcomes.may_have_text(page, found.outline, found.title.text or "")
    ):
        return found
    lines = second.paragraphs(page.html)
    return replace(found, body=replace(found.body, paragraphs=lines)) if sum(map(len, lines)) >= signs.ENOUGH else found


def _context(job: Job, title: str | None) -> Context:
    page, paper = job.page, job.paper
    owners = (*page.names, *page.hosts, paper.title if paper else "")
    not_persons = frozenset(key(n) for n in owners if n)
    told = (*(page.meta(n) for n in DESCRIPTIONS), jsonld.text_of(page.article.get("description")))
    return Context(
        title=title or "",
        site=page.hosts[1],
        descriptions=tuple(d for d in dict.fromkeys(told) if d),
        prefixes=paper.prefixes if paper else (),
        furniture=job.furniture,
        not_persons=not_persons,
        authors=tuple(name for name, _ in around.told_authors(page, not_persons)),
    )


def _outcome(job: Job, found: Found) -> tuple[str, str] | None:
    """Return outcome and reason of a page that is no article."""
    page, text = job.page, found.text
    blocked = outcomes.blocked(page, size(text))
    if blocked:
        return blocked
    says = signs.says_article(page, job.paper.article if job.paper else ())
    title = found.title.text or ""
    empty = job.places is not None and (not text if found.templated else job.places.body_is_empty())
    empty = empty or (says and not text and signs.is_empty_below(page, found.outline, found.title.block))
    enough = _words(found) >= (signs.FEW if says else signs.ENOUGH) and bool(title)
    shown = sum(bool(p.captions) for p in found.body.pictures) >= signs.MANY_PICTURES
    empty = empty or (
        len(found.body.paragraphs) == 1 and not shown and signs.is_hidden(page, text, _marks(found), says=says)
    )
    if says and not found.templated:
        empty = empty or signs.hides_before(page, found.outline, found.title.block, found.body.start)
    if found.title.block is None and gone.is_gone(page, found.outline, found.body.start, size(text), says=says):
        return "page/soft-404", "the page says that there is nothing here, beside a list"
    if enough and not empty:
        dated = fields.dates(job, found).published is not None
        return outcomes.not_text(page, found.outline, title, text, says=says or found.templated, dated=dated)
    pictures = [p for p in found.body.pictures if p.block is not None and not found.outline.blocks[p.block].linked]
    return outcomes.without_text(
        page, page.outline, title=title, images=len(pictures), says=says, empty_container=empty
    )


def _words(found: Found) -> int:
    """Return the size of an article's words; beside a text its lead and captions count, alone they do not."""
    beside = (found.body.lead or "", *(c or "" for c in fields.captions(found)))
    return size(found.text) + (sum(map(size, beside)) if found.text else 0)


def _marks(found: Found) -> str:
    """Return the class names of the first paragraph and of the element around it."""
    elements, blocks = found.outline.elements, found.outline.blocks
    if found.body.start >= len(blocks):
        return ""  # read by trafilatura, where the outline has nothing
    here = elements[blocks[found.body.start].element]
    return f"{here.marks} {elements[here.parent].marks if here.parent >= 0 else ''}"


def _filled(job: Job, found: Found, blank: Reading, language_by: str) -> Reading:
    dates = fields.dates(job, found)
    signed = fields.signed(job, found)
    section, section_by = fields.section(job, found)
    tags, tags_by = fields.tags(job, found)
    images = fields.images(job, found)
    by_place = "template" if found.templated else "heuristic"
    captions = tuple(c for c in fields.captions(found) if c)
    said = {
        "text": by_place,
        "title": found.title.provenance,
        "lead": found.lead_by if found.body.lead else "",
        "published": dates.provenance,
        "published_against": dates.against,
        "author": signed.author_by,
        "source": signed.source_by,
        "section": section_by if section else "",
        "tags": tags_by if tags else "",
        "modified": dates.modified_by,
        "captions": "visible" if captions else "",
        "images": by_place if images else "",
        "language": language_by,
    }
    return replace(
        blank,
        lead=found.body.lead,
        author=signed.author,
        source=signed.source,
        byline_printed=signed.printed,
        published=dates.published.iso if dates.published else None,
        published_precision=dates.published.precision if dates.published else None,
        modified=dates.modified.iso if dates.modified else None,
        section=section,
        tags=tags,
        captions=captions,
        images=images,
        text=found.text,
        lines=observed(found),
        provenance={field: by for field, by in said.items() if by},
    )
