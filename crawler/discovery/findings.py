"""What a survey of a host comes to: the facts of a papers.toml entry, what they rest on, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.discovery import masthead
from crawler.discovery.links import distinct, kind_by_form, paper_for
from crawler.discovery.probing import FEEDING
from crawler.discovery.systems import Guess, Sample, guess_system, system_of
from crawler.extraction import extract
from crawler.extraction.page import Page
from pipelines.charset import decode
from pipelines.items import Link
from pipelines.urls import host_of, is_article, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from crawler.discovery.doors import Door
    from crawler.discovery.patterns import Form
    from crawler.discovery.probing import Answer, Survey
    from crawler.papers import Directory
    from pipelines.items import Paper, Reading, Template

FEW_FEEDS = 10
"""Feeds that an entry names one by one; of more it names the page that lists them."""
SURE_FEED = 2
"""Addresses in feeds from which a form is an article's without a page of it being read."""
MANY_ARTICLES = 3
"""Articles read well from which an entry is more than a guess."""
SPEAKS_FOR = ("article", "page/no-body", "page/body-hidden", "page/challenge")
"""What a page of an article's address may be read as."""
GATES = {"page/challenge": "asks the visitor to prove to be no robot", "page/login": "asks for a password"}


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a host; ``table`` is the entry's, ``missing`` says what it lacks, a clause each."""

    name: str
    table: Mapping[str, Any]
    missing: tuple[str, ...]
    system: tuple[Guess, ...]
    articles: tuple[Reading, ...]
    survey: Survey
    known: Paper | None = None
    differences: tuple[str, ...] = ()


def obstacle(survey: Survey) -> str | None:
    """Return in one sentence why nothing can be said of a host, or None."""
    host = survey.asked_host
    if not survey.home and not survey.offered:
        if any(answer.forbidden for _, answer in survey.answers):
            return f"{host}: robots.txt does not allow us the front page; nothing can be found out, nor crawled"
        told = [f"HTTP {a.status}" for _, a in survey.answers if a.status] + [a.failure for _, a in survey.answers]
        said = told[0] if told else "no answer"
        return f"{host}: expected a front page, found none ({said}); check the name, or try later"
    if accepted(survey):
        return None
    home = survey.home
    outcome = extract(home.body, home.url, content_type=home.content_type).outcome if home else ""
    if outcome in GATES:
        return f"{host}: the front page {GATES[outcome]}; look at the site in a browser and write the entry by hand"
    asked, forbidden = len(survey.answers), sum(answer.forbidden for _, answer in survey.answers)
    if forbidden:
        return f"{host}: robots.txt does not allow {forbidden} of {asked} pages asked for; the others led to no article"
    return f"{host}: no newspaper: {asked} pages were asked for, none of them led to an article"


def accepted(survey: Survey) -> tuple[Form, ...]:
    """Return the forms that are articles' for certain: a page of it was read for one, or feeds list several."""
    fed = {url_key(u) for door in survey.doors if door.kind in FEEDING for u in door.links}
    return tuple(
        form
        for form in survey.forms
        if any(outcome in SPEAKS_FOR for outcome in survey.outcomes_of(form))
        or sum(url_key(u) in fed for u in form.examples) >= SURE_FEED
    )


def findings(survey: Survey, directory: Directory, provinces: Mapping[str, Sequence[str]], today: date) -> Findings:
    """Return what a survey comes to, once `obstacle` finds none. ``today`` is the local day."""
    papers = directory.papers.values()
    read = [s for s in survey.samples if s.reading.outcome == "article"]
    opened = [door.url for door in survey.doors if door.kind == "list"]
    guesses = guess_system(read, directory.templates, papers, opened)
    chosen = system_of(guesses)
    known = next(filter(None, (paper_for(f"https://{host}/", papers) for host in survey.hosts)), None)
    template = directory.templates[chosen.template] if chosen else None
    table = _table(survey, read, template, provinces)
    table["confidence"] = _confidence(table, read)
    table["evidence"] = f"scrapy discover, {today:%Y-%m-%d}: {_evidence(survey, read)}"
    articles = tuple(extract(s.body, s.url, content_type=s.content_type, template=template) for s in read)
    return Findings(
        name=known.name if known else masthead.name_of(survey.hosts[0], table["title"], directory.papers),
        table=table,
        missing=tuple(_missing(survey, table, guesses, provinces.get(table["province"], ()))),
        system=guesses,
        articles=articles,
        survey=survey,
        known=known,
        differences=tuple(_differences(known, table, survey)) if known else (),
    )


def _table(
    survey: Survey, read: Sequence[Sample], template: Template | None, provinces: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the entry's facts in the order they are written; what is not known is absent, a needed one empty."""
    seen: list[Answer | Sample] = [*([survey.home] if survey.home else []), *read]
    pages = [Page.parse(decode(a.body, a.content_type), a.url) for a in seen]
    title = masthead.title_of(pages)
    province, before = masthead.province_of(title, survey.hosts[0], pages, provinces)
    language = masthead.language_of(read)
    hidden = [s for s in survey.samples if s.reading.outcome == "page/body-hidden"]
    lists = json_lists(survey, template)
    facts: dict[str, Any] = {
        "title": title or survey.hosts[0],
        "province": province,
        "provinces_before": list(before),
        "hosts": list(dict.fromkeys((*survey.hosts, *map(host_of, lists)))),
        "template": template.name if template else None,
        "feeds": feeds(survey),
        "sitemaps": sitemaps(survey),
        "sections": [*(door.url for door in survey.sections), *lists],
        "article": expressions(survey),
        "prefixes": list(masthead.prefixes_of(read)),
        "language": language if language != "vi" else None,
        "browser": True if len(hidden) > 1 and not read else None,
    }
    return {key: value for key, value in facts.items() if value or key in ("title", "province", "hosts")}


def feeds(survey: Survey) -> list[str]:
    """Return the feeds of the entry: those named and opened, or the page that lists them where they are many."""
    opened = [door for door in survey.doors if door.kind == "feed"]
    index = max((d for d in opened if d.children), key=lambda d: len(d.children), default=None)
    if index and len(index.children) > FEW_FEEDS:
        return [index.url]
    if index:
        return [link.url for link in index.children if link.kind == "feed"]
    refused = {url_key(q.url) for q, a in survey.answers if a.status != 200}
    pages = [page for page in (survey.front, *survey.pages) if page]
    named = [k.url for page in pages for k in page.children] + [u for page in pages for u in page.links]
    named += survey.offered
    read = [door.url for door in opened if door.links]
    told = [url for url in named if kind_by_form(url) == "feed"] if read else []
    indexes = {url_key(door.url) for door in opened if not door.links}
    kept = distinct(Link(url, "feed") for url in (*read, *told) if url_key(url) not in refused | indexes)
    return [link.url for link in kept[:FEW_FEEDS]]


def sitemaps(survey: Survey) -> list[str]:
    """Return the sitemaps that lead to articles and that no other sitemap lists."""
    opened = [door for door in survey.doors if door.kind == "sitemap"]
    listed = {url_key(link.url) for door in opened for link in door.children}
    roots = [d for d in opened if url_key(d.url) not in listed and (d.children or d.articles(survey.is_article))]
    return [door.url for door in roots]


def json_lists(survey: Survey, template: Template | None) -> list[str]:
    """Return the lists in JSON of the entry: those of pages that show no article, and that no system's rule finds."""
    paths = {urlsplit(door.url).path for door in survey.doors if door.kind == "list"}
    ruled = {urlsplit(rule.address).path for rule in (template.lists if template else ())}
    return [
        url
        for url, page in survey.lists.items()
        if (path := urlsplit(url).path) in paths and not (path in ruled and page.articles(survey.is_article))
    ]


def expressions(survey: Survey) -> list[str]:
    """Return the article expressions. The newsroom's number is taken from the first form that has one alone.

    Whether the numbers of another form are the same newsroom's is not known; taken for the same,
    two articles could become one.
    """
    forms = accepted(survey)
    main = next((form for form in forms if form.numbered and not _redirects(survey, form)), None)
    return [form.pattern if form is main else form.unnumbered() for form in forms]


def _redirects(survey: Survey, form: Form) -> bool:
    return any(form.matches(old) and not form.matches(new) for old, new in survey.moved.items())


def _confidence(table: Mapping[str, Any], read: Sequence[Sample]) -> str:
    sound = len(read) >= MANY_ARTICLES and "article" in table and ("feeds" in table or "sections" in table)
    return "medium" if sound else "low"


def _evidence(survey: Survey, read: Sequence[Sample]) -> str:
    """Count what was opened and could be read: listings by kind, and the sample of articles, not all there are."""
    kinds = [door.kind for door in survey.doors]
    counts = {
        "feed": kinds.count("feed"),
        "sitemap": kinds.count("sitemap"),
        "JSON list": kinds.count("list"),
        "section": len(survey.sections),
        "article": len(read),
    }
    seen = [f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts.items() if n]
    return f"opened and could read: {', '.join([*(['front page'] if survey.home else []), *seen])}"


def _missing(
    survey: Survey, table: Mapping[str, Any], guesses: Sequence[Guess], before: Sequence[str]
) -> Iterator[str]:
    if not table["province"]:
        yield "province: write one of the 34 of crawler/provinces.toml, else the entry is refused"
    if "provinces_before" not in table:
        these = f", one or more of {', '.join(before)}" if before else ""
        yield f"provinces_before: write the provinces before July 2025 that the paper was of{these}"
    if "template" not in table:
        best = f"; likest is {guesses[0].template} ({guesses[0].score:.2f})" if guesses else ""
        yield f"template: no system of templates.toml fits well{best}; the general path reads the pages"
    for key in ("feeds", "sitemaps", "sections"):
        if key not in table:
            yield f"{key}: none where they usually are"
    if not any("?P<id>" in expression for expression in table.get("article", ())):
        yield "article: no newsroom's number in the addresses"
    yield from _doubtful_forms(survey)
    asked = {url_key(question.url) for question, _ in survey.answers}
    left = [url for url in survey.menu if url_key(url) not in asked]
    if left:
        yield f"sections: {len(left)} more links of the front page were not looked at ({left[0]}); raise --requests"


def _doubtful_forms(survey: Survey) -> Iterator[str]:
    """Give in a clause each the forms that take listings, or that nothing showed to be articles'."""
    taken = accepted(survey)
    for form in survey.forms:
        if form in taken and form.takes:
            yield f"article: {form.pattern} takes {form.takes[0]} too, which is a listing; write it stricter"
        elif form not in taken and len(form.examples) > 1:
            read = ", ".join(sorted(set(survey.outcomes_of(form)))) or "not looked at"
            yield f"article: {len(form.examples)} addresses like {form.examples[0]} ({read})"


def _differences(known: Paper, table: Mapping[str, Any], survey: Survey) -> Iterator[str]:
    """Give in a clause each what the paper's entry says otherwise."""
    for key, told in (("title", known.title), ("template", known.template), ("province", known.province)):
        if table.get(key) and table[key] != told:
            yield f"{key} is {told!r}, found {table[key]!r}"
    for host in table["hosts"]:
        if host not in known.hosts:
            yield f"hosts lacks {host}"
    for key, said in (("feeds", known.feeds), ("sitemaps", known.sitemaps), ("sections", known.sections)):
        have = set(map(url_key, said))
        lacking = [url for url in table.get(key, ()) if url_key(url) not in have]
        if lacking:
            yield f"{key} lacks {', '.join(lacking)}"
        gone = [q.url for q, a in survey.answers if a.status in (404, 410) and url_key(q.url) in have]
        yield from (f"{key} names {url}, which is gone" for url in gone)
    lost = [s.url for s in survey.samples if s.reading.outcome == "article" and not is_article(s.url, known)]
    if lost:
        yield f"article takes {len(lost)} of {len(survey.samples)} articles read not, such as {lost[0]}"
    lacking = [mark for mark in table.get("prefixes", ()) if mark not in known.prefixes]
    if lacking:
        yield f"prefixes lacks {', '.join(lacking)}"


def openings(survey: Survey) -> tuple[Door, ...]:
    """Return every listing that is of use, for the report: feeds, sitemaps, sections."""
    return (*survey.doors, *survey.sections)


def failures(survey: Survey) -> Iterable[str]:
    """Give the addresses to which no page came, with what came."""
    for question, answer in survey.answers:
        if answer.status not in (200, 301, 302, 303, 307, 308):
            yield f"{question.url}: {answer.failure or f'HTTP {answer.status}'}"
