"""The made-up papers, one a door: what each answers to an address, and its entry of papers.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

from tests.demo.edition import Reply
from tests.doors import lists
from tests.doors.pages import (
    Address,
    article,
    document,
    entries,
    feed,
    menu,
    news_sitemap,
    sitemap,
    sitemap_index,
)
from tests.doors.pieces import SECTION_TITLES, SECTIONS, Piece, pieces

SHOWN = 6
"""Articles a section page shows."""
XML, PLAIN, JSON = "application/xml; charset=utf-8", "text/plain; charset=utf-8", "application/json; charset=utf-8"
Answer = Callable[["Paper", str, Mapping[str, str]], "str | None"]
"""What a paper says to a path and its parameters, None for nothing there."""


@dataclass(frozen=True)
class Plan:
    """A paper: its system, its addresses, its door. ``keys`` gives what papers.toml says of its listings."""

    name: str
    system: str
    address: Address
    pattern: str
    section_path: str
    door: Answer
    keys: Callable[[Paper], Mapping[str, Sequence[str]]] = lambda _: {}
    template: str | None = None
    count: int = 54
    apart: timedelta = timedelta(hours=9)
    show: Answer | None = None
    """Its home and section pages, where they are not written as everybody's."""


@dataclass
class Paper:
    """A paper at its address. ``api`` is the base of its second host, if it has one."""

    plan: Plan
    base: str
    api: str = ""
    all: tuple[Piece, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.all = pieces(self.plan.name, self.plan.count, self.plan.apart)

    def of(self, section: str) -> tuple[Piece, ...]:
        return tuple(p for p in self.all if p.section == section)

    def section_url(self, section: str) -> str:
        return self.base + self.plan.section_path.format(section)

    def reply(self, target: str) -> Reply:
        """Return the answer to ``target`` (path and query); 404 in Vietnamese for what there is not."""
        parts = urlsplit(target)
        given = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.plan.door(self, parts.path, given)
        if body is None:
            body = (self.plan.show or _shown)(self, parts.path, given)
        if body is None:
            body = self._article(parts.path)
        if body is None and parts.path == "/robots.txt":
            body = "User-agent: *\nDisallow: /tim-kiem\n"
        if body is None:
            return Reply(document("Không tìm thấy trang", "<h1>Không tìm thấy trang</h1>").encode(), status=404)
        return Reply(body.encode(), content_type=_type_of(body))

    def _article(self, path: str) -> str | None:
        piece = next((p for p in self.all if self.plan.address(p) == path), None)
        nav = menu(self.plan.section_path)
        return article(self.plan.system, piece, nav, self.base + path) if piece else None


def _type_of(body: str) -> str:
    start = body[:1]
    return XML if body.startswith("<?xml") else "text/html; charset=utf-8" if start == "<" else _data_type(start)


def _data_type(start: str) -> str:
    return JSON if start in "[{" else PLAIN


def section_of(paper: Paper, path: str) -> str | None:
    return next((s for s in SECTIONS if paper.plan.section_path.format(s) == path), None)


def front(paper: Paper, head: str = "", more: str = "") -> str:
    """Return a home page: the menu and the newest articles of each section."""
    newest = [p for s in SECTIONS for p in paper.of(s)[:2]]
    body = menu(paper.plan.section_path) + entries(newest, paper.plan.address) + more
    return document(f"Báo {paper.plan.name}", body, head)


def section_page(paper: Paper, section: str, number: int = 1, more: str = "", head: str = "") -> str:
    """Return page ``number`` of a section, newest first; one beyond the last has no entry."""
    shown = paper.of(section)[(number - 1) * SHOWN : number * SHOWN]
    body = f"{menu(paper.plan.section_path)}<h1>{SECTION_TITLES[section]}</h1>"
    return document(SECTION_TITLES[section], body + entries(shown, paper.plan.address) + more, head)


def pager(paper: Paper, section: str, number: int, form: Callable[[int], str]) -> str:
    """Return links to the pages around ``number`` as papers print them: ‹ 1 2 3 ›."""
    last = -(-len(paper.of(section)) // SHOWN)
    near = range(max(1, number - 2), min(last, number + 2) + 1)
    links = "".join(f'<a href="{form(n)}">{n}</a>' for n in near)
    onward = f'<a href="{form(number + 1)}">Trang sau ›</a>' if number < last else ""
    return f'<div class="phan-trang">{links}{onward}</div>'


def _shown(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    if path == "/":
        return front(paper)
    section = section_of(paper, path)
    return section_page(paper, section) if section else None


# Feeds ------------------------------------------------------------------------------------------
def _feed_index(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    first, second, third = SECTIONS
    if path == "/rss":
        links = [f"/rss/{first}-101.rss", f"/rss/{second}-102.rss", "/rss/chuyen-trang"]
    elif path == "/rss/chuyen-trang":
        links = ["/rss", f"/rss/{third}-103.rss"]
    else:
        found = next((s for n, s in enumerate(SECTIONS, 101) if path == f"/rss/{s}-{n}.rss"), None)
        return feed(SECTION_TITLES[found], paper.of(found), paper.base, paper.plan.address) if found else None
    return document("Kênh RSS", "".join(f'<p><a href="{link}">{link}</a></p>' for link in links))


def _alternates(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    found = next((s for s in SECTIONS if path == f"/{s}/index.rss"), None)
    if found:
        return feed(SECTION_TITLES[found], paper.of(found), paper.base, paper.plan.address)
    link = '<link rel="alternate" type="application/rss+xml" href="/{}/index.rss">'
    return front(paper, "".join(map(link.format, SECTIONS))) if path == "/" else None


# Sitemaps ---------------------------------------------------------------------------------------
def _by(paper: Paper, form: str) -> dict[str, list[Piece]]:
    return {key: list(found) for key, found in groupby(paper.all, key=lambda p: p.published.strftime(form))}


def _months(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    months = {f"/sitemap-article-{month}.xml": found for month, found in _by(paper, "%Y-%m").items()}
    if path == "/sitemap.xml":
        return sitemap_index([f"{paper.base}/sitemap-category.xml", *(paper.base + m for m in months)])
    if path == "/sitemap-category.xml":
        return f"<urlset><url><loc>{paper.section_url('thoi-su')}</loc></url></urlset>"
    return sitemap(months[path], paper.base, paper.plan.address) if path in months else None


def _days(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    """Years in an index, days in the indexes of years."""
    days = {f"/sitemaps/{day}.xml": found for day, found in _by(paper, "%Y/%m/%d").items()}
    years = {f"/sitemaps/{year}.xml": f"/sitemaps/{year}/" for year in _by(paper, "%Y")}
    if path == "/sitemap.xml":
        return sitemap_index([paper.base + year for year in years])
    if path in years:
        return sitemap_index([paper.base + day for day in days if day.startswith(years[path])])
    return sitemap(days[path], paper.base, paper.plan.address) if path in days else None


def _news(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    if path == "/robots.txt":
        return f"User-agent: *\nDisallow: /tim-kiem\nSitemap: {paper.base}/google/tin-moi.xml\n"
    return news_sitemap(paper.all, paper.base, paper.plan.address) if path == "/google/tin-moi.xml" else None


# Pages of a section -----------------------------------------------------------------------------
def _paged(paper: Paper, section: str, number: int, form: Callable[[int], str]) -> str:
    return section_page(paper, section, number, pager(paper, section, number, form))


def _by_parameter(name: str, also: str = "") -> Answer:
    def answer(paper: Paper, path: str, given: Mapping[str, str]) -> str | None:
        section = section_of(paper, path)
        number = given.get(name, "1")
        return (
            _paged(paper, section, int(number), lambda n: f"{path}?{name}={n}{also}")
            if section and number.isdigit()
            else None
        )

    return answer


def _by_rule(paper: Paper, path: str, given: Mapping[str, str]) -> str | None:
    """Pages that no page links: only the system's rule (``?page=2``) knows of them."""
    section, number = section_of(paper, path), given.get("page", "1")
    return section_page(paper, section, int(number)) if section and number.isdigit() else None


def _by_folder(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    head, _, number = path.partition("/trang-")
    section = section_of(paper, head)
    if section is None or not (number or "1").isdigit():
        return None
    return _paged(paper, section, int(number or 1), lambda n: f"{head}/trang-{n}" if n > 1 else head)


def _by_middle(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    """Pages numbered in the middle of the path: ``/thoi-su/page/2/tin.aspx``."""
    start, found, rest = path.partition("/page/")
    number, _, name = rest.partition("/")
    section = section_of(paper, f"{start}/{name}" if found else path)
    if section is None or not (number or "1").isdigit():
        return None
    return _paged(paper, section, int(number or 1), lambda n: f"/{section}/page/{n}/tin.aspx")


def sections(paper: Paper) -> Mapping[str, Sequence[str]]:
    return {"sections": [paper.section_url(s) for s in SECTIONS]}


def _with(key: str, *paths: str) -> Callable[[Paper], Mapping[str, Sequence[str]]]:
    return lambda paper: {key: [paper.base + path for path in paths]}


def _vnpt(piece: Piece) -> str:
    return f"/{piece.section}/{piece.published:%Y%m}/{piece.slug}-{piece.code}/"


def _html(piece: Piece) -> str:
    return f"/{piece.slug}-{piece.id}.html"


PLANS = (
    Plan(
        "cua-mucrss",
        "epi",
        lambda p: f"/{p.slug}-post{p.id}.html",
        r"-post(?P<id>\d+)\.html$",
        "/{}/",
        _feed_index,
        _with("feeds", "/rss"),
        "epi",
    ),
    Plan(
        "cua-motrss",
        "epi",
        lambda p: f"/{p.slug}-post{p.id}.html",
        r"-post(?P<id>\d+)\.html$",
        "/{}/",
        _feed_index,
        _with("feeds", f"/rss/{SECTIONS[0]}-101.rss"),
        "epi",
    ),
    Plan(
        "cua-kenhrss",
        "vnpt1",
        lambda p: f"/{p.section}/{p.published:%Y%m}/{p.slug}-{p.id}/",
        r"^/(?:[^/]+/)+\d{6}/[^/]+-(?P<id>\d{5,8})/?$",
        "/{}/",
        _alternates,
        template="vnpt1",
    ),
    Plan(
        "cua-thang",
        "onecms",
        _html,
        r"^/[^/]+-(?P<id>\d{5,})\.html$",
        "/{}",
        _months,
        _with("sitemaps", "/sitemap.xml"),
        "onecms",
        count=60,
        apart=timedelta(days=4),
    ),
    Plan(
        "cua-ngay",
        "epi",
        lambda p: f"/{p.slug}-post{p.id}.html",
        r"-post(?P<id>\d+)\.html$",
        "/{}/",
        _days,
        _with("sitemaps", "/sitemap.xml"),
        "epi",
        count=40,
        apart=timedelta(days=11),
    ),
    Plan(
        "cua-tinmoi",
        "htm",
        lambda p: f"/{p.slug}-{p.id}.htm",
        r"^/[^/]+-(?P<id>\d+)\.htm$",
        "/{}",
        _news,
        template="htm",
        count=45,
        apart=timedelta(hours=1),
    ),
    Plan(
        "cua-p",
        "vdoc",
        lambda p: f"/{p.slug}-a{p.id}.html",
        r"^/[^/]+-a(?P<id>\d+)\.html$",
        "/{}/",
        _by_parameter("p", "&amp;d="),
        sections,
        "vdoc",
    ),
    Plan(
        "cua-trang",
        "htm",
        lambda p: f"/{p.slug}-{p.id}.htm",
        r"^/[^/]+-(?P<id>\d+)\.htm$",
        "/{}",
        _by_folder,
        sections,
        "htm",
    ),
    Plan(
        "cua-page",
        "ims",
        lambda p: f"/tin/{p.slug}-{p.id}.html",
        r"^/tin/[^/]+-(?P<id>\d+)\.html$",
        "/{}-31.html",
        _by_parameter("page"),
        sections,
    ),
    Plan(
        "cua-aspx",
        "ims",
        lambda p: f"/{p.section}/{p.id}/{p.slug.replace('-', '_')}.aspx",
        r"^/[a-z-]+/(?P<id>\d+)/\w+\.aspx$",
        "/{}/tin.aspx",
        _by_middle,
        sections,
        "ims",
    ),
    Plan(
        "cua-vnpt",
        "vnpt2",
        _vnpt,
        r"^/(?:[^/]+/)+\d{6}/[^/]+-(?P<id>[0-9a-f]{7})/?$",
        "/{}/",
        lists.vnpt,
        sections,
        "vnpt2",
        count=72,
    ),
    Plan(
        "cua-bang",
        "mediatech",
        _html,
        r"^/[^/]+-(?P<id>\d+)\.html$",
        "/{}",
        lists.by_category,
        sections,
        "mediatech",
    ),
    Plan(
        "cua-api",
        "dienbien",
        lambda p: f"/tin-bai/{p.section}/{p.slug}-{p.code}",
        r"^/tin-bai/[a-z0-9-]+/[a-z0-9-]+/?$",
        "/tin-tuc/{}",
        lambda *_: None,
        lists.api_sections,
        "dienbien",
        count=66,
        show=lists.shell,
    ),
    Plan(
        "he-bbg",
        "bbg",
        lambda p: f"/{p.slug}-postid{p.id}.bbg",
        r"^/[^/]+-postid(?P<id>\d+)\.bbg$",
        "/{}.bbg",
        _by_parameter("page"),
        sections,
        "bbg",
    ),
    Plan(
        "he-vdoc2",
        "vdoc2",
        lambda p: f"/{p.slug}-a{p.id}.html",
        r"^/[^/]+-a(?P<id>\d+)\.html$",
        "/{}/",
        _by_rule,
        sections,
        "vdoc2",
    ),
    Plan(
        "he-laichau",
        "laichau",
        lambda p: f"/{p.section}/{p.slug}-{p.id}",
        r"^/[^/]+/[^/]+-\d+/?$",
        "/{}",
        _by_parameter("page"),
        sections,
        "laichau",
    ),
    Plan(
        "he-ninhbinh",
        "ninhbinh",
        lambda p: f"/{p.slug}-{p.published:%y%m%d%H%M}{p.number:05d}.html",
        r"^/[^?]*-(?P<id>\d{15})\.html$",
        "/{}",
        _by_parameter("page"),
        sections,
        "ninhbinh",
    ),
    Plan(
        "he-sonla",
        "sonla",
        lambda p: f"/{p.section}/{p.slug}-{p.code[:5].title()}X{p.number:03d}.html",
        r"^/[^/]+/[^/]+-(?P<id>(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{9})\.html$",
        "/{}.html",
        _by_parameter("page"),
        sections,
        "sonla",
    ),
)
NAMES = tuple(plan.name for plan in PLANS)
