"""The words both sides share: papers and templates, captures, readings, and a visit's outcome.

All records are frozen; a stage returns ``dataclasses.replace(...)``. Times are aware
``datetime`` in UTC unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from pipelines.observed import Learned, Line
    from pipelines.paging import Paging
    from pipelines.rhythm import Rhythm

OUTCOMES = (
    "article",
    "page/listing",
    "page/tag",
    "page/media",
    "page/no-body",
    "page/body-hidden",
    "page/soft-404",
    "page/login",
    "page/challenge",
    "page/not-html",
    "page/too-large",
    "page/too-slow",
)
"""The closed list of what a fetched page can be read as (DESIGN, contracts)."""

Kind = Literal["article", "feed", "sitemap", "section", "robots", "image", "part"]
"""What a URL is fetched for; ``image``: a picture of an article; ``part``: for a page that a browser completes."""
RecordKind = Literal["response", "revisit", "conversion"]
"""The WARC-Type of a record that a page can be read from."""


@dataclass(frozen=True, slots=True)
class JsonList:
    """Where a newsroom system lists a section's articles in JSON.

    ``address`` is that of the list's first page, whole or from the site's root; ``{#cate_id}`` in it is
    what the section page hides under that CSS selector, ``{}`` what only a page that names the address
    knows. ``article`` makes the path of an article of an entry's values, where none of them is its
    address: ``/{category_slug}/{article_slug}``.
    """

    address: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A newsroom system: how the papers that run it mark up their pages. Loaded from templates.toml.

    ``fields`` maps a field of `Reading` (title, lead, author, published, section, tags, ...) or a
    place (``body``, ``drop``, ``caption``) to CSS selectors, tried in order. What is absent is read
    by the generic path. ``pager`` is how section pages are numbered where they do not show it.
    """

    name: str
    title: str = ""
    pager: str | None = None
    lists: tuple[JsonList, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class FormerTemplate:
    """The newsroom system a paper ran before: name of a template and its last day (local)."""

    template: str
    until: date


@dataclass(frozen=True, slots=True)
class Paper:
    """A newspaper as papers.toml states it. Absent facts are empty and probed, never invented."""

    name: str
    title: str
    province: str
    provinces_before: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    template: str | None = None
    templates_before: tuple[FormerTemplate, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    article: tuple[re.Pattern[str], ...] = ()
    prefixes: tuple[str, ...] = ()
    language: str = "vi"
    until: date | None = None
    successor: str | None = None
    confidence: str = ""
    evidence: str = ""
    expect: Mapping[str, float] = field(default_factory=dict)
    browser: bool = False
    """Its texts are written by script: what a page holds as served is never its article."""
    noarchive: str = ""
    """``public`` where articles are shown though their pages say ``noarchive``; else they are private."""
    images: int = 0
    """Bytes of its articles' pictures that are fetched on a local day; 0: none are."""


@dataclass(frozen=True, slots=True)
class Link:
    """A URL found on a listing. ``modified`` is what the listing says of it.

    That is ISO 8601, or the day or month where it says no more (``2025-03-30``, ``2025-03``): of an entry of a
    feed or sitemap when it last changed; of one of a section page or JSON list when it was printed, by the date in the
    same entry, else by the month in its address. ``if_new``: follow only if the listing showed an article URL not known
    before (the next page of a section). ``later``: make known, but not due (old sitemaps, articles). For a backfill:
    ``published`` (day or month, where proved), ``newsroom`` (the article's number), ``paging`` (of its pages).
    """

    url: str
    kind: Kind
    modified: str | None = None
    if_new: bool = False
    later: bool = False
    published: str | None = None
    newsroom: str | None = None
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """A URL the frontier knows, as the archive's table ``urls`` keeps it."""

    id: int
    paper: str
    url: str
    url_key: str
    kind: Kind
    state: str = "known"
    failures: int = 0
    discovered_at: datetime | None = None
    fetched_at: datetime | None = None
    refused_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    discovered_from: str | None = None
    depth: int = 0
    """Pages turned from the listing that the paper's entry names."""
    backfill: str | None = None
    """The days (`pipelines.days.Days`) it was handed out for by a backfill; None: by a normal crawl."""
    rhythm: Rhythm | None = None
    """Of a listing that was looked at: when it shows new articles."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange as written to a WARC file.

    ``warc_file`` is relative to WARC_DIR; offset and length are bytes of the gzip member;
    ``payload_digest`` is ``sha256:<hex>`` of the body as stored. ``record`` is ``response`` or
    ``revisit``, or ``conversion`` for the page that a browser made of a response (no exchange: its headers
    are its content type alone, its status is the response's). A revisit's body is found by
    ``payload_digest`` in an earlier response, and the digest is empty for a 304. ``truncated`` is why the
    body is not whole (``length``, ``disconnect``, ...). ``kind`` and ``via`` are what the page was fetched
    for and the URL it was found on, ``backfill`` the days it was asked for, as its
    ``metadata`` record says; ``record_id`` is its WARC-Record-ID. ``uid`` is the permanent id that a later
    ``metadata`` record says the page's article was given.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    warc_file: str = ""
    warc_offset: int = 0
    warc_length: int = 0
    payload_digest: str = ""
    etag: str | None = None
    last_modified: str | None = None
    record: RecordKind = "response"
    truncated: str | None = None
    kind: Kind | None = None
    via: str | None = None
    record_id: str = ""
    backfill: str | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article: absolute URL, its caption and photographer as printed."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What extraction found on one page; the keys of ``scrapy extract`` (DESIGN, contracts).

    ``published`` and ``modified`` are ISO 8601 at +07:00, or the day alone where
    ``published_precision`` is ``day``. ``text`` is paragraphs joined by newlines, NFC, without
    lead, byline and captions. ``provenance`` maps field to jsonld, meta, template, visible,
    heuristic or feed.
    """

    url: str
    outcome: str = "article"
    reason: str | None = None
    canonical_url: str | None = None
    paper: str | None = None
    template: str | None = None
    language: str | None = None
    title: str | None = None
    lead: str | None = None
    author: str | None = None
    source: str | None = None
    byline_printed: str | None = None
    published: str | None = None
    published_precision: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    text: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    noarchive: bool = False
    named: tuple[str, ...] = ()
    """All addresses the page names as its own (rel=canonical, og:url), the first is ``canonical_url``."""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A reading with its identity in the archive (DESIGN, Identity); filled by the Fingerprint stage."""

    reading: Reading
    newsroom: str | None = None
    """``<system>:<id>`` where the paper's pattern captures one."""
    named: tuple[str, ...] = ()
    """Other article addresses of the paper that the page names as its own; none with another newsroom number."""
    uid: str = ""
    url_key: str = ""
    content_sha256: str = ""
    text_sha256: str = ""
    words: int = 0
    signature: bytes = b""
    """What its text is found by among alike ones (`pipelines.likeness.Marks`)."""
    furniture: int = 0
    """The version of the paper's furniture it was read with."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page was read, for telling when a paper's pages change.

    ``template`` is what its paper ran that day; None where that names no place of the text, and the general
    reading is all there is. ``disagreement``: 0 to 1, how far the reading without a template is from the one
    with it; None for a page that is none of the sample, or has no text.
    """

    template: str | None
    disagreement: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One frontier URL fetched and judged: what a spider gives to the stages.

    ``outcome`` is one of `OUTCOMES` for pages; ``unchanged`` (304); ``listing/read``,
    ``listing/unchanged`` or ``listing/unreadable`` for listings; ``image/kept`` and others for pictures
    (`crawler.images`); ``redirect``; ``refused`` (404, 410, sent to the front page); or ``failed``. ``at`` is
    when it was fetched, ``reason`` a sentence.
    ``redirect_paper`` is the paper that ``redirect_to`` is an address of, where it is the successor's;
    ``moved``: the redirect says for good that the article is there now.
    """

    paper: str
    url: str
    kind: Kind
    outcome: str
    at: datetime
    reason: str | None = None
    capture: Capture | None = None
    links: tuple[Link, ...] = ()
    redirect_to: str | None = None
    redirect_paper: str | None = None
    moved: bool = False
    article: Article | None = None
    size: int | None = None
    """Bytes of a picture."""
    learned: Learned | None = None
    layout: Layout | None = None
    backfill: str | None = None
    """The days it was fetched for by a backfill, as in `FrontierRow`."""
    completed: bool = False
    """The page that a browser made of it is the next visit; this one is no trouble of the run's."""
