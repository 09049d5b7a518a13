"""From one page's bytes to a Reading: the order in which the parts of extraction are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.extraction import around, facts, jsonld, outcomes, published
from crawler.extraction.body import Body, Context, read_body
from crawler.extraction.bylines import Byline, parse, writes
from crawler.extraction.captions import credit
from crawler.extraction.charset import decode
from crawler.extraction.container import guess, is_prose
from crawler.extraction.lead import best_copy, without_prefix
from crawler.extraction.outline import Outline, TooMuch, walk
from crawler.extraction.page import Page, too_deep
from crawler.extraction.places import Places
from crawler.extraction.text import furniture_key, key
from crawler.extraction.times import Moment, visible
from pipelines.items import Image, Paper, Reading, Template

DESCRIPTIONS = ("description", "og:description", "twitter:description")


@dataclass(frozen=True, slots=True)
class Job:
    """One page to read, with what is known of its paper."""

    page: Page
    paper: Paper | None
    template: Template | None
    furniture: frozenset[str]

    @property
    def places(self) -> Places | None:
        """Return the template laid over the page."""
        return Places(self.page, self.template) if self.template else None


@dataclass(frozen=True, slots=True)
class Found:
    """The article's text and what the other fields are looked for around."""

    outline: Outline
    title: facts.Title
    body: Body
    context: Context
    templated: bool = False


def extract(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    paper: Paper | None = None,
    template: Template | None = None,
    furniture: frozenset[str] = frozenset(),
) -> Reading:
    """Read one page as fetched from ``url``; the outcome says what it is, whatever the bytes.

    ``furniture`` holds lines that recur on the paper's pages, as `furniture_key` writes them. With
    neither paper nor template nothing but the page itself is used. Never raises.
    """
    blank = Reading(url=url, paper=paper.name if paper else None)
    html = decode(body, content_type)
    early = outcomes.before_parsing(body, content_type, html)
    if early:
        return replace(blank, outcome=early[0], reason=early[1])
    if too_deep(html):
        return replace(blank, outcome="page/too-slow", reason="the page nests too deep to be parsed in time")
    job = Job(Page.parse(html, url), paper, template, furniture)
    try:
        return _read(job, replace(blank, canonical_url=job.page.canonical, noarchive=_noarchive(job.page)))
    except TooMuch:
        return replace(blank, outcome="page/too-slow", reason="the page has more nodes than are read")


def _read(job: Job, blank: Reading) -> Reading:
    found = _by_template(job) or _by_guess(job)
    text = "\n".join(found.body.paragraphs)
    blank = replace(blank, title=found.title.text, template=job.template.name if job.template and found.templated else None,
                    language=facts.language_of(text, _declared_language(job.page)))
    outcome = _outcome(job, found, text)
    if outcome:
        return replace(blank, outcome=outcome[0], reason=outcome[1])
    return _fill(job, found, text, blank)


def _noarchive(page: Page) -> bool:
    return any("noarchive" in content.lower() for name in ("robots", "baotinh", "googlebot") for content in page.metas.get(name, ()))


def _declared_language(page: Page) -> str:
    root = page.tree.css_first("html")
    return (root.attributes.get("lang") or "" if root else "") or page.meta("og:locale", "content-language")


# The text ----------------------------------------------------------------------------------------


def _context(job: Job, title: str | None) -> Context:
    page = job.page
    owners = {key(n) for n in (*page.names, job.paper.title if job.paper else "", page.headings()[0] if page.heading else "") if n}
    not_persons = frozenset(owners)
    told = (*(page.meta(n) for n in DESCRIPTIONS), jsonld.text_of(page.article.get("description")))
    return Context(
        title=title or "",
        descriptions=tuple(d for d in dict.fromkeys(told) if d),
        prefixes=job.paper.prefixes if job.paper else (),
        furniture=job.furniture,
        not_persons=not_persons,
        authors=around.told_authors(page, not_persons),
    )


def _by_template(job: Job) -> Found | None:
    """Read the body in the template's container; None where the page has none with text."""
    places = job.places
    node = places.body() if places else None
    if places is None or node is None:
        return None
    outline = walk(node, dropped=places.dropped())
    if not outline.elements:
        return None
    title = _title(job, places)
    context = _context(job, title.text)
    leads = [without_prefix(t, context.prefixes) for t in places.texts("lead")]
    lead = best_copy(leads) if leads else None
    body = read_body(outline, 0, None, context, lead=lead)
    return Found(outline, title, body, context, True) if body.paragraphs or body.pictures else None


def _title(job: Job, places: Places) -> facts.Title:
    texts = places.texts("title")
    if texts:
        return facts.Title(texts[0], "template")
    return facts.find_title(job.page, job.page.outline)


def _by_guess(job: Job) -> Found:
    """Read the body where prose, nesting and headline say it is."""
    outline = job.page.outline
    title = facts.find_title(job.page, outline)
    outline.settle(title.block)
    context = _context(job, title.text)
    region = guess(outline, title.block)
    body = read_body(outline, region.element, title.block, context) if region else Body()
    return Found(outline, title, body, context)


# What the page is --------------------------------------------------------------------------------


def _outcome(job: Job, found: Found, text: str) -> tuple[str, str] | None:
    page = job.page
    patterns = job.paper.article if job.paper else ()
    blocked = outcomes.blocked(page, len(text))
    if blocked:
        return blocked
    says = outcomes.says_article(page, patterns)
    if len(text) >= (outcomes.FEW if says else outcomes.ENOUGH) and found.title.text:
        if found.templated:
            return None
        return outcomes.is_listing(page, page.outline, text, says=says, dated=bool(_printed(job, found)[0]))
    empty = bool(job.places and job.places.body_is_empty())
    return outcomes.without_text(page, page.outline, images=len(found.body.pictures), says=says, empty_container=empty)


# The other fields ----------------------------------------------------------------------------------


def _fill(job: Job, found: Found, text: str, blank: Reading) -> Reading:
    page = job.page
    provenance: dict[str, str] = {"text": "template" if found.templated else "heuristic"}
    dates = published.choose(page, *_printed(job, found))
    byline, printed, by = _byline(job, found)
    section, section_by = _section(job, found)
    tags, tags_by = _tags(job, found, text)
    images = tuple(_images(page, found))
    lead_by = ("template" if job.places and job.places.texts("lead") else "visible") if found.body.lead else ""
    said = {"title": found.title.provenance, "lead": lead_by, "published": dates.provenance, "author": by if byline.author else "",
            "source": by if byline.source else "", "section": section_by, "tags": tags_by}
    provenance |= {k: v for k, v in said.items() if v}
    return replace(
        blank, title=found.title.text, lead=found.body.lead, author=byline.author, source=byline.source, byline_printed=printed,
        published=dates.published.iso if dates.published else None,
        published_precision=dates.published.precision if dates.published else None,
        modified=dates.modified.iso if dates.modified else None,
        section=section, tags=tags, captions=tuple(i.caption for i in images if i.caption), images=images, text=text, provenance=provenance,
    )


def _templated(job: Job, field: str) -> list[str]:
    return job.places.texts(field) if job.places else []


def _printed(job: Job, found: Found) -> tuple[list[Moment], str]:
    """Return the moments printed where the template says, else around the article."""
    moments = [m for t in _templated(job, "published") for m in visible(t)]
    if moments:
        return moments, "template"
    around_it = _located(job, found)
    if around_it is None:
        return [], ""
    title, start, end = around_it
    return published.near_title(job.page.outline, title, start, end), "visible"


def _located(job: Job, found: Found) -> tuple[int | None, int, int] | None:
    """Return title block, first and last body block in the whole page's outline; None where the body is not in it."""
    page = job.page
    if not found.templated:
        return found.title.block, _start(found), found.body.last
    node = job.places.body() if job.places else None
    element = page.outline.by_node.get(node.mem_id) if node else None
    if element is None:
        return None
    here = page.outline.elements[element]
    title = found.title.block if found.title.block is not None else facts.find_title(page, page.outline).block
    return title, here.first, here.last


def _start(found: Found) -> int:
    """Return the first block that is a paragraph of the body."""
    blocks = found.outline.blocks
    mine = {key(p) for p in found.body.paragraphs[:3]}
    span = range(found.body.first, found.body.last)
    return next((i for i in span if key(blocks[i].text) in mine), next((i for i in span if is_prose(blocks[i])), found.body.first))


def _byline(job: Job, found: Found) -> tuple[Byline, str | None, str]:
    """Settle author and source: the template's place, the line at the end, under the headline, behind the body, and last
    the person JSON-LD or meta name.
    """
    context = found.context
    templated = [(b, t) for t in _templated(job, "author") if (b := parse(t))]
    said: list[tuple[Byline, str, str]] = [(b, t, "template") for b, t in templated]
    if found.body.byline:
        said.append((found.body.byline, found.body.printed or "", "visible"))
    said += [(Byline(source=_credit(t)), t, "template") for t in _templated(job, "source")]
    if not (found.templated and job.places and job.places.names("author")):
        said += [(b, t, "visible") for b, t in _around(job, found)]
    said = [(replace(b, author=b.author if writes(b.author, context.not_persons) else None), t, p) for b, t, p in said]
    author = next((s for s in said if s[0].author), None)
    source = next((s for s in said if s[0].source), None)
    printed = next((t for b, t, _ in said if t and (b.author or b.source)), None)
    who = author[0].author if author else next(iter(context.authors), None)
    by = author[2] if author else (source[2] if source else "") if not who else "jsonld" if _in_jsonld(job.page, who) else "meta"
    return Byline(who, source[0].source if source else None), printed, by


def _in_jsonld(page: Page, name: str) -> bool:
    return name in jsonld.people(page.article.get("author"))


def _credit(line: str) -> str | None:
    said = parse(line)
    return (said.source or said.author) if said else None


def _around(job: Job, found: Found) -> list[tuple[Byline, str]]:
    located = _located(job, found)
    if located is None:
        return []
    title, start, end = located
    outline = job.page.outline
    found_there = (around.under_title(outline, title, start, found.context), around.behind_body(outline, end, found.context))
    return [f for f in found_there if f]


def _section(job: Job, found: Found) -> tuple[str | None, str]:
    texts = [t for t in _templated(job, "section") if not facts.HOME.fullmatch(t)]
    if texts:
        return texts[-1], "template"
    lazily: Callable[[], tuple[str | None, str]] = lambda: facts.find_section(job.page, job.page.outline, _title_on_page(job, found))  # noqa: E731
    told = facts.find_section(job.page, None, found.title)
    return told if told[0] else lazily()


def _title_on_page(job: Job, found: Found) -> facts.Title:
    return facts.find_title(job.page, job.page.outline) if found.templated else found.title


def _tags(job: Job, found: Found, text: str) -> tuple[tuple[str, ...], str]:
    names, by = _all_tags(job, found, " ".join([found.title.text or "", found.body.lead or "", text]))
    return tuple(n for n in names if furniture_key(n) not in job.furniture), by


def _all_tags(job: Job, found: Found, said: str) -> tuple[tuple[str, ...], str]:
    if job.places and found.templated and job.places.names("tags"):
        names = facts.own_tags(job.places.texts("tags"), job.page.names)
        return (names, "template") if names else facts.told_tags(job.page, said)
    located = _located(job, found)
    return facts.find_tags(job.page, job.page.outline, located[2], said) if located else facts.told_tags(job.page, said)


def _images(page: Page, found: Found) -> list[Image]:
    images = []
    for picture in found.body.pictures:
        url = page.absolute(found.outline.blocks[picture.block].src)
        caption = " ".join(found.outline.blocks[c].text for c in picture.captions) or None
        if url:
            images.append(Image(url, caption, credit(caption)))
    return images
