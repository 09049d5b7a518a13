"""Title, section, tags and language: what a page says of the article besides its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from crawler.extraction import jsonld
from crawler.extraction.hints import is_noise
from crawler.extraction.outline import Link, Outline
from crawler.extraction.page import Page, parts_of
from crawler.extraction.text import clean, key

HOME = re.compile(r"(?:trang\s?chủ|trang nhất|home|homepage|đầu trang|tin tức)", re.IGNORECASE)
TAG_HREF = re.compile(
    r"/tags?/|/tags?\?|/tu-khoa|[-_]p?tag\d*(?:\.html?|/|$)|/tim-kiem|/search|/keywords?/|/hashtag|[?&](?:q|tag|keyword|key|s)=|/event/tag|/chu-de/",
    re.IGNORECASE,
)
OWN_NAME = re.compile(
    r"\b(?:báo|đài|tạp chí|online|điện tử|tin tức|news|cổng|trang)\b|\.(?:vn|com|net)\b", re.IGNORECASE
)
HEADINGS = frozenset(["h1", "h2", "h3"])
HEADING_LINES = 4
"""Lines of the longest heading that breaks set by hand divide."""
CRUMB_LINKS = 4
SECTION_WORDS = 6
SECTION_REACH = 60
"""Blocks before the headline in which the page's path may stand."""
TAGS_AFTER = 40
"""Blocks behind the body in which its tags may stand."""
LONGEST_TAG, LONGEST_SECTION = 80, 50
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")
SCRIPTS = (
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)


class Title(NamedTuple):
    """The headline, where it was read, and its block on the page (None where it is not printed)."""

    text: str | None
    provenance: str = ""
    block: int | None = None


def told_titles(page: Page) -> list[tuple[str, str]]:
    """Return the headlines that JSON-LD, meta and ``<title>`` tell, with their provenance, best first."""
    told = [
        (jsonld.text_of(page.article.get("headline")), "jsonld"),
        (jsonld.text_of(page.article.get("name")), "jsonld"),
        (page.meta("og:title", "twitter:title"), "meta"),
    ]
    return [(t, p) for t, p in told if t] + [(h, "meta") for h in page.headings()]


def find_title(page: Page, outline: Outline, named: str = "") -> Title:
    """Return the headline: the printed line that JSON-LD, meta or ``<title>`` tell of; else what they tell.

    ``named`` is what stands where a template has the headline; it goes before all.
    """
    told = [(named, "template")] if named else told_titles(page)
    wanted = {k for t in (*(t for t, _ in told), *page.endings()) if (k := key(t))}
    printed = min(_printed(outline, wanted), default=None)
    if printed:
        return Title(printed[2], "template" if named else "visible", printed[1])
    heads = [
        (i, b)
        for i, b in enumerate(outline.blocks)
        if _rank(outline, b.element) == 0 and not b.src and not b.linky and len(b.text.split()) >= 3
    ]
    for index, block in heads:
        if not told or any(_alike(block.text, t) for t, _ in told):
            return Title(block.text, "visible", index)
    if told:
        return Title(_shortest_telling(told, page), told[0][1], heads[0][0] if len(heads) == 1 else None)
    return Title(None)


def _printed(outline: Outline, wanted: set[str]) -> Iterator[tuple[int, int, str]]:
    """Give where a headline is printed: rank, block and text of lines, and of headings of several lines.

    A link counts only where it is a first heading: elsewhere it leads to the article from a list.
    """
    longest = 2 * max(map(len, wanted), default=0)
    shortest = min(map(len, wanted), default=0)
    for index, block in enumerate(outline.blocks):
        if not block.src and shortest <= len(block.text) <= longest and key(block.text) in wanted:
            rank = _rank(outline, block.element)
            if rank == 0 or not block.linky:
                yield rank, index, block.text
    for here in outline.elements:
        if here.tag in HEADINGS and 1 < here.last - here.first <= HEADING_LINES:
            text = " ".join(b.text for b in outline.blocks[here.first : here.last] if not b.src)
            if key(text) in wanted:
                yield 0 if here.tag == "h1" else 1, here.last - 1, text


def _shortest_telling(told: list[tuple[str, str]], page: Page) -> str:
    """Return the first headline told, without the newspaper's name that ``<title>`` adds."""
    first = told[0][0]
    if first != page.heading:
        return first
    owners = {key(n) for n in page.names}
    for shorter in page.headings()[1:]:
        suffix = first[len(shorter) :]
        if len(shorter.split()) >= 3 or OWN_NAME.search(suffix) or key(suffix) in owners:
            return shorter
    return first


def _rank(outline: Outline, element: int) -> int:
    """Return 0 for a first heading, 1 for other headings, 2 for the rest; looking one element up."""
    for _ in range(2):
        if element < 0:
            break
        tag = outline.elements[element].tag
        if tag == "h1":
            return 0
        if tag in ("h2", "h3", "h4"):
            return 1
        element = outline.elements[element].parent
    return 2


def _alike(printed: str, told: str) -> bool:
    a, b = key(printed), key(told.rstrip(". …"))
    return min(len(a), len(b)) >= 15 and (a.startswith(b) or b.startswith(a))


def told_section(page: Page, title: Title) -> tuple[str | None, str]:
    """Return the section that JSON-LD or meta tell: articleSection, or the last of the breadcrumb."""
    for told, provenance in (
        (jsonld.text_of(page.article.get("articleSection")), "jsonld"),
        (page.meta("article:section"), "meta"),
    ):
        if told and len(told) <= LONGEST_SECTION and not HOME.fullmatch(told):
            return told, provenance
    crumbs = [c for c in jsonld.crumbs(page.things) if not HOME.fullmatch(c) and key(c) != key(title.text or "")]
    return (crumbs[-1], "jsonld") if crumbs and len(crumbs[-1]) <= LONGEST_SECTION else (None, "")


def find_section(page: Page, outline: Outline, title: Title) -> tuple[str | None, str]:
    """Return the section printed: the last of a breadcrumb, or the link before the headline that leads to it."""
    name = _trail(page, outline, title)
    return (name, "visible") if name else (None, "")


def _trail(page: Page, outline: Outline, title: Title) -> str | None:
    end = title.block if title.block is not None else len(outline.blocks)
    before = [ln for ln in outline.links if ln.block <= end and _is_section(page, ln, title)]
    near = [ln for ln in before if ln.block > end - SECTION_REACH]
    marked = [ln for ln in outline.links if _in_zone(outline, ln.element, "crumb") and _is_section(page, ln, title)]
    if marked:
        return marked[-1].text
    homes = [ln.block for ln in outline.links if ln.block <= end and HOME.fullmatch(ln.text)]
    if homes:
        run = _run(outline, [ln for ln in near if ln.block >= homes[-1]])
        if 0 < len(run) <= CRUMB_LINKS:
            return run[-1].text
    path = unquote(parts_of(page.canonical or page.url).path)
    under = [ln for ln in before if len(p := _path(page, ln)) > 1 and path.startswith(p.rstrip("/") + "/")]
    if under:
        return max(under, key=lambda ln: len(_path(page, ln))).text
    run = _run(outline, list(reversed(near)))
    close = 0 < len(run) <= CRUMB_LINKS and end - run[0].block <= 8 and len(run[0].text.split()) <= SECTION_WORDS
    return run[0].text if close and "?" not in run[0].href else None


def _run(outline: Outline, links: list[Link]) -> list[Link]:
    """Return the first links that stand in one list: near each other and at most two elements below what holds all."""
    run = links[:1]
    for link in links[1:]:
        shared = outline.elements[outline.common(run[0].element, link.element)]
        deep = shared.depth >= outline.elements[run[0].element].depth - 2
        few = sum(shared.first <= ln.block < shared.last for ln in outline.links) <= 2 * CRUMB_LINKS
        if abs(link.block - run[-1].block) > 2 or not deep or not few:
            break
        run.append(link)
    return run


def _in_zone(outline: Outline, element: int, zone: str) -> bool:
    return element >= 0 and outline.zones[element] == zone


def _path(page: Page, link: Link) -> str:
    return unquote(parts_of(page.absolute(link.href)).path)


def _is_section(page: Page, link: Link, title: Title) -> bool:
    """Return whether a link may lead to a section: short, on this host, no article's number in its path."""
    if (
        not 2 <= len(link.text) <= LONGEST_SECTION
        or HOME.fullmatch(link.text)
        or is_noise(link.text)
        or link.href[:1] in "#j"
    ):
        return False
    url = page.absolute(link.href)
    if url is None or key(link.text) == key(title.text or ""):
        return False
    parts, own = parts_of(url), parts_of(page.url)
    same = (
        parts.hostname == own.hostname
        or _site(parts.hostname) == _site(own.hostname)
        or not link.href.startswith(("http", "//"))
    )
    return (
        same
        and len(parts.path) > 1
        and not re.search(r"\d{5,}", parts.path)
        and not TAG_HREF.search(url)
        and "/print" not in parts.path
    )


def _is_here(page: Page, href: str) -> bool:
    """Return whether a link stays on the newspaper's site."""
    host = parts_of(page.absolute(href)).hostname
    return not href.startswith(("http", "//")) or _site(host) in (
        _site(parts_of(page.url).hostname),
        _site(parts_of(page.canonical).hostname),
    )


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.").split(".")[0]


def find_tags(page: Page, outline: Outline, after: int) -> tuple[tuple[str, ...], str]:
    """Return the article's tags: links to tag or search pages behind the body."""
    near = [
        ln
        for ln in outline.links
        if after <= ln.block <= after + TAGS_AFTER
        and _is_here(page, ln.href)
        and (TAG_HREF.search(unquote(ln.href)) or "tag" in ln.rel.split() or _in_zone(outline, ln.element, "tags"))
    ]
    return own_tags([ln.text for ln in near], page.names), "visible"


def told_tags(page: Page, text: str) -> tuple[tuple[str, ...], str]:
    """Return keywords that meta or JSON-LD tell, if the text bears most of them out: many are the site's own."""
    told = page.article.get("keywords")
    words = (
        told
        if isinstance(told, list)
        else re.split(r"[,;]", jsonld.text_of(told) or page.meta("news_keywords", "keywords"))
    )
    names = own_tags([jsonld.text_of(w) for w in words], page.names)
    flat = key(text)
    borne_out = sum(key(n) in flat for n in names)
    return (names, "jsonld" if told else "meta") if names and borne_out * 2 >= len(names) else ((), "")


def own_tags(names: list[str], papers: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags without the newspaper's own name, and without the site's list behind them.

    A site that adds its standing keywords to every article's repeats some: the repetition shows where they begin.
    """
    names = [
        t for t in (clean(n).lstrip("#").strip(" ,;") for n in names) if t and len(t) <= LONGEST_TAG and not is_noise(t)
    ]
    owners = {key(p) for p in papers}
    count = Counter(map(key, names))
    start = next((i for i, n in enumerate(names) if count[key(n)] > 1), len(names))
    kept = names[:start] if start else list(dict.fromkeys(names))
    return tuple(n for n in dict.fromkeys(kept) if key(n) not in owners)


def language_of(text: str, declared: str) -> str | None:
    """Return the language by the text's letters, else what the page declares (two letters)."""
    letters = len(text) - text.count(" ") or 1
    for name, script in SCRIPTS:
        if len(script.findall(text)) > letters * 0.2:
            return name
    if len(VIETNAMESE.findall(text)) > letters * 0.05:
        return "vi"
    if letters > 200:
        return "en" if text.isascii() or declared in ("", "vi") else declared[:2].lower()
    return declared[:2].lower() or None
