"""Guesses which newsroom system of templates.toml serves a site, from a few of its article pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.patterns import place_of
from crawler.extraction import extract
from crawler.extraction.page import Page
from crawler.extraction.places import Places
from crawler.extraction.times import visible
from pipelines.charset import decode
from pipelines.text import fold

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.items import Paper, Reading, Template

WEIGHTS = {"body": 3.0, "title": 2.0, "published": 2.0, "lead": 1.0, "author": 1.0, "section": 1.0, "tags": 0.5}
"""What finding each of a template's places says for it; pages without lead, author and tags are many."""
FALLBACK = 0.3
"""How much less a place says that the last of a template's selectors finds: it is there for what others print too."""
ADDRESS = 2.0
"""What an address says that has the form of the papers that run the system."""
JSON_LIST = 4.0
"""What a list in JSON says that has the path a system's rule names."""
ENOUGH = 0.5
"""Score below which no system is named."""
AHEAD = 0.05
"""How far the best must be before the next, to be named."""
KEPT = 0.7
"""Share of the text found without a template that one with it must find."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An article page as fetched, ``body`` without content-encoding, and its reading without any template."""

    url: str
    body: bytes
    content_type: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Guess:
    """How well a template fits the samples: 0 (not at all) to 1 (every place it names is found on each page)."""

    template: str
    score: float


def guess_system(
    samples: Sequence[Sample], templates: Mapping[str, Template], papers: Iterable[Paper], lists: Iterable[str] = ()
) -> tuple[Guess, ...]:
    """Return how well the templates fit the samples, best first; those that fit nowhere are left out.

    A template fits a page by the places it names that have text there (title and date must be the page's),
    by the form of the address, as the papers that run it have it, and only if it reads the page as the
    article it is read as without a template. ``lists`` are addresses of the site's lists in JSON.
    """
    if not samples:
        return ()
    address_forms = _address_forms(papers)
    paths = {urlsplit(url).path for url in lists}
    pages = [(sample, Page.parse(decode(sample.body, sample.content_type), sample.url)) for sample in samples]
    found = []
    for name, template in templates.items():
        forms = address_forms.get(name, ())
        listed = any(urlsplit(rule.address).path in paths for rule in template.lists)
        scores = [
            _score(page, template, s, forms, listed=listed)
            for s, page in pages
            if template.fields and _reads(s, template)
        ]
        if scores:
            found.append(Guess(name, round(sum(scores) / len(samples), 2)))
    return tuple(sorted(found, key=lambda g: (-g.score, g.template)))


def system_of(guesses: Sequence[Guess]) -> Guess | None:
    """Return the guess that is good enough to be named, and clearly better than the next; else None."""
    if not guesses or guesses[0].score < ENOUGH:
        return None
    next_best = guesses[1].score if len(guesses) > 1 else 0.0
    return guesses[0] if guesses[0].score >= next_best + AHEAD else None


def _address_forms(papers: Iterable[Paper]) -> dict[str, tuple[re.Pattern[str], ...]]:
    """Return the article expressions by system, as the papers that run or ran it have them."""
    forms: dict[str, tuple[re.Pattern[str], ...]] = {}
    for paper in papers:
        for pattern in paper.article:
            groups = pattern.groupindex or (() if paper.templates_before else ("id",))
            for system in filter(None, (paper.template if group == "id" else group for group in groups)):
                forms[system] = (*forms.get(system, ()), pattern)
    return forms


def _reads(sample: Sample, template: Template) -> bool:
    reading = extract(sample.body, sample.url, content_type=sample.content_type, template=template)
    text = sample.reading.text or ""
    return (
        reading.outcome == "article"
        and reading.template == template.name
        and len(reading.text or "") >= KEPT * len(text)
    )


def _score(page: Page, template: Template, sample: Sample, forms: Sequence[re.Pattern[str]], *, listed: bool) -> float:
    places = Places(page, template)
    named = [name for name in WEIGHTS if name in template.fields]
    found = [name for name in named if _found(places, name, sample.reading)]
    possible = sum(WEIGHTS.values())
    reached = sum(WEIGHTS[name] * (1 - FALLBACK * places.missed(name)) for name in found)
    if forms:
        possible += ADDRESS
        reached += ADDRESS * any(form.search(place_of(sample.url)) for form in forms)
    return (reached + JSON_LIST * listed) / (possible + JSON_LIST * listed)


def _found(places: Places, name: str, reading: Reading) -> bool:
    """Say whether a place has text, and the right one where that can be told without the template."""
    texts = places.texts(name)
    if name == "title":
        return any(fold(text) == fold(reading.title or "") for text in texts)
    if name == "published":
        days = {moment.iso[:10] for text in texts for moment in visible(text)}
        return bool(days) and (not reading.published or reading.published[:10] in days)
    return bool(texts)
