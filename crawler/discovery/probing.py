"""Knows what to look at next on a host nobody knows, and what is known of it so far; asks nobody itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from crawler.discovery import patterns
from crawler.discovery.doors import Door, DoorKind, lists_on, menu_links, open_door, open_list, related_hosts, that_list
from crawler.discovery.links import absolute, distinct, kind_by_form
from crawler.discovery.sitemaps import newest, robots_sitemaps
from crawler.discovery.systems import Sample
from crawler.extraction import extract
from pipelines.items import Link, Paper
from pipelines.urls import EVERYTHING, host_of, looks_like_article, on_paper, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.items import JsonList

Purpose = Literal["home", "feed", "sitemap", "list", "section", "article"]
OPENED_AS: dict[Purpose, DoorKind] = {"home": "section", "feed": "feed", "sitemap": "sitemap", "section": "section"}
"""What an answer to a question is opened as."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HOPS = 5
"""Redirects followed from one question."""
FEED_PROBES = ("/rss", "/rss.xml", "/feed")
SITEMAP_PROBES = ("/sitemap.xml", "/sitemap_index.xml")
MOST: dict[Purpose, int] = {"home": 4, "feed": 3, "sitemap": 4, "list": 2, "section": 12, "article": 6}
"""Pages of a kind that are read at most."""
BESIDES = 13
"""Questions that a greater budget leaves to all but sections."""
FORMS, OF_A_FORM = 3, 3
"""Forms of addresses that are tried, and articles of each."""
EXAMPLES, OFFERED = 300, 3000
"""Addresses of one listing, and of those known beforehand, that are looked at for their form."""
FEEDING = ("feed", "list")
"""Listings whose entries are articles."""
NO_ARTICLE = ("page/listing", "page/tag", "page/soft-404", "page/login", "page/not-html")
"""What a page is read as that shows its address to be no article's."""


@dataclass(frozen=True, slots=True)
class Question:
    """An address to ask for, and why."""

    url: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: ``body`` without content-encoding; status 0 and ``failure``, one sentence, where nothing came."""

    url: str
    status: int = 0
    body: bytes = b""
    content_type: str = ""
    location: str | None = None
    failure: str = ""
    forbidden: bool = False


@dataclass
class Survey:
    """What is known of a host so far: `next_question` says what to ask, `learn` takes the answer.

    ``asked_host`` as `host_of` writes it; ``budget``: questions it may ask; ``offered``: addresses known
    beforehand (of WARC files), with which the front page may be missing; ``rules``: how the newsroom systems
    list sections in JSON.
    """

    asked_host: str
    budget: int = 25
    offered: tuple[str, ...] = ()
    rules: tuple[JsonList, ...] = ()
    robots: dict[str, bytes] = field(default_factory=dict)
    """Bodies of robots.txt by host."""
    answers: list[tuple[Question, Answer]] = field(default_factory=list)
    home: Answer | None = None
    front: Door | None = None
    doors: list[Door] = field(default_factory=list)
    """Feeds, sitemaps and lists in JSON, in the order they were asked for."""
    lists: dict[str, Door] = field(default_factory=dict)
    """Where pages have their lists in JSON: the list's address, and the page."""
    pages: list[Door] = field(default_factory=list)
    """Pages asked for as sections."""
    samples: list[Sample] = field(default_factory=list)
    """Pages asked for as articles, as read."""
    forms: tuple[patterns.Form, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)
    """Redirects: from the address asked to the one named."""
    _onward: list[Question] = field(default_factory=list)
    _hops: int = 0
    _offered: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._offered = spread(tuple(filter(looks_like_article, self.offered)), OFFERED)
        self._find_forms()

    def next_question(self) -> Question | None:
        """Return what to ask now; None where nothing is left that would tell more, or the budget is spent."""
        if len(self.answers) >= self.budget:
            return None
        if self._onward:
            return self._onward.pop(0)
        asked = {question.url for question, _ in self.answers}
        home = None if self.home else next((u for u in self._homes() if u not in asked), None)
        if home:
            return Question(home, "home")
        return self._further(asked) if self.home or self.offered else None

    def learn(self, question: Question, answer: Answer) -> None:
        """Take an answer; a redirect within the paper, of its front page to wherever, is followed."""
        self.answers.append((question, answer))
        if answer.status in REDIRECTS:
            self._follow(question, answer)
            return
        self._hops = 0
        if answer.status == 200:
            self._read(question, answer)
            self._find_forms()

    @property
    def origin(self) -> str:
        """Return scheme and host, as the front page was found."""
        parts = urlsplit(self.home.url if self.home else next(self._homes()))
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts of the paper: the one its front page was found on, then the one asked."""
        found = host_of(self.home.url) if self.home else self.asked_host
        return tuple(dict.fromkeys((found, self.asked_host)))

    @property
    def unknown(self) -> Paper:
        """Return the paper before its articles are known: its hosts, all their links taken."""
        return Paper(name=self.hosts[0], title="", province="", hosts=self.hosts, article=(EVERYTHING,))

    def is_article(self, url: str) -> bool:
        """Say whether an address has one of the forms found so far; before there are any, the general rule says."""
        return any(form.matches(url) for form in self.forms) if self.forms else looks_like_article(url)

    @property
    def menu(self) -> tuple[str, ...]:
        """Return the addresses on the front page that may be sections, topmost first."""
        offered = (u for u in self.offered if kind_by_form(u) == "section")
        links = self.front.links if self.front else ()
        return menu_links((*links, *offered), self.is_article)

    @property
    def sections(self) -> tuple[Door, ...]:
        """Return the pages that list articles of their own, in the order of the menu."""
        return that_list(self.pages, self.is_article)

    def form_of(self, url: str) -> patterns.Form | None:
        """Return the form an address has; of several, one with a number goes first: words alone take many."""
        taking = [form for form in self.forms if form.matches(url)]
        return next((form for form in taking if form.numbered), taking[0] if taking else None)

    def outcomes_of(self, form: patterns.Form) -> tuple[str, ...]:
        """Return what the pages asked for by an address of this form were read as."""
        asked = [(s, [s.url, *(old for old, new in self.moved.items() if new == s.url)]) for s in self.samples]
        return tuple(s.reading.outcome for s, urls in asked if any(self.form_of(url) == form for url in urls))

    def _homes(self) -> Iterator[str]:
        """Give the addresses the front page may have: https before http, as asked before with ``www.``."""
        local = ":" in self.asked_host or self.asked_host.replace(".", "").isdecimal()
        for host in (self.asked_host,) if local else (self.asked_host, f"www.{self.asked_host}"):
            for scheme in ("http",) if local else ("https", "http"):
                yield f"{scheme}://{host}/"

    def _further(self, asked: set[str]) -> Question | None:
        known = {url_key(url) for url in asked} | {url_key(url) for url in self.moved.values()}
        ways: dict[Purpose, Iterable[str]] = {
            "sitemap": self._sitemaps(),
            "feed": self._feeds(),
            "list": self._lists(),
            "article": self._articles(),
            "section": self.menu,
        }
        for purpose, way in ways.items():
            if self._count(purpose) < max(MOST[purpose], self.budget - BESIDES if purpose == "section" else 0):
                fresh = next((url for url in way if url_key(url) not in known), None)
                if fresh:
                    return Question(fresh, purpose)
        return None

    def _count(self, purpose: Purpose) -> int:
        return sum(q.purpose == purpose and a.status == 200 for q, a in self.answers)

    def _sitemaps(self) -> Iterator[str]:
        """Give the sitemaps robots.txt names, else the usual ones; then of an index its newest and oldest child."""
        named = [k.url for body in self.robots.values() for k in robots_sitemaps(body)]
        named += [url for url in self.offered if kind_by_form(url) == "sitemap"]
        ours = [url for url in named if on_paper(url, self.unknown)]
        opened = [door for door in self.doors if door.kind == "sitemap"]
        yield from ours
        yield from () if ours or opened else (self.origin + path for path in SITEMAP_PROBES)
        for door in opened:
            ranked = newest((k for k in door.children if k.kind == "sitemap"), len(door.children))
            yield from (link.url for link in (*ranked[:1], *ranked[-1:]))

    def _feeds(self) -> Iterator[str]:
        """Give the feeds the pages name, the page that lists feeds first; else the usual places."""
        pages = [page for page in (self.front, *self.pages) if page]
        linked = [u for page in pages for u in page.links if kind_by_form(u) == "feed"]
        told = [k.url for page in pages for k in page.children if k.kind == "feed"]
        offered = [url for url in self.offered if kind_by_form(url) == "feed"]
        opened = [door for door in self.doors if door.kind == "feed"]
        named = sorted((*linked, *told, *offered), key=lambda u: urlsplit(u).path.strip("/").count("/"))
        yield from named[:1]
        yield from () if any(door.children for door in opened) else (self.origin + FEED_PROBES[0],)
        yield from named
        yield from () if opened else (self.origin + path for path in FEED_PROBES)
        yield from (link.url for door in opened for link in door.children)

    def _lists(self) -> Iterator[str]:
        """Give one list in JSON of each path: those of other sections are the same with other parameters."""
        tried = {urlsplit(q.url).path for q, _ in self.answers if q.purpose == "list"}
        yield from (url for url in self.lists if urlsplit(url).path not in tried)

    def _articles(self) -> Iterator[str]:
        """Give addresses of each form, the most frequent form first, from all over the examples."""
        for form in self.forms[:FORMS]:
            tried = sum(q.purpose == "article" and self.form_of(q.url) == form for q, _ in self.answers)
            yield from spread(form.examples, OF_A_FORM) if tried < OF_A_FORM else ()

    def _follow(self, question: Question, answer: Answer) -> None:
        target = next(iter(absolute(answer.location or "", answer.url)), "")
        self._hops += 1
        if not target or self._hops > HOPS:
            return
        if question.purpose == "home" or on_paper(target, self.unknown):
            self.moved[question.url] = target
            if all(target != other.url for other, _ in self.answers):
                self._onward.append(Question(target, question.purpose))

    def _read(self, question: Question, answer: Answer) -> None:
        if question.purpose == "article":
            reading = extract(answer.body, answer.url, content_type=answer.content_type)
            self.samples.append(Sample(answer.url, answer.body, answer.content_type, reading))
            return
        if question.purpose == "home":
            self.home = answer
        door = self._opened(question.purpose, answer)
        if question.purpose == "home":
            self.front = door
        elif door and door.kind == "section" == question.purpose:
            self.pages.append(door)
        elif door:
            self.doors.append(door)
        if door and door.kind == "section":
            own = self._wide(answer.body)
            self.lists |= dict.fromkeys(lists_on(answer.body, answer.url, own, self.rules), door) | self.lists

    def _opened(self, purpose: Purpose, answer: Answer) -> Door | None:
        if purpose == "list":
            return open_list(answer.url, answer.body, self._wide(b""), self.unknown, self.rules)
        return open_door(OPENED_AS[purpose], answer.url, answer.body, answer.content_type, self.unknown)

    def _wide(self, body: bytes) -> Paper:
        """Return the paper, articles told by the general rule, with the further hosts that a page names."""
        return replace(self.unknown, hosts=(*self.hosts, *related_hosts(body, self.hosts[0])), article=())

    def _find_forms(self) -> None:
        """Find the forms of the addresses that may be articles', without those all of whose pages are none."""
        fed = [u for door in self.doors if door.kind in FEEDING for u in door.links[:EXAMPLES]]
        read = [s.url for s in self.samples if s.reading.outcome == "article"]
        pages = [page for page in (self.front, *self.pages) if page]
        sitemaps = [door for door in self.doors if door.kind == "sitemap"]
        linked = [u for door in (*pages, *sitemaps) for u in spread(door.links, EXAMPLES) if looks_like_article(u)]
        examples = [k.url for k in distinct(Link(u, "article") for u in (*read, *fed, *linked, *self._offered))]
        against = menu_links(self.front.links if self.front else (), looks_like_article)
        sure = set(map(url_key, (*read, *fed)))
        self.forms = patterns.forms(examples, (u for u in against if url_key(u) not in sure))
        self.forms = tuple(form for form in self.forms if not self._refuted(form))

    def _refuted(self, form: patterns.Form) -> bool:
        outcomes = self.outcomes_of(form)
        return bool(outcomes) and all(outcome in NO_ARTICLE for outcome in outcomes)


def spread(urls: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Return at most ``count`` of the addresses, from the first to the last in equal steps."""
    return urls[:: max(1, -(-len(urls) // count))]
