"""The section: what a page tells of it, and which link before the headline leads to it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from crawler.extraction import jsonld
from crawler.extraction.container import are_twins
from crawler.extraction.facts import TAG_HREF, in_zone, site
from crawler.extraction.headline import Title
from crawler.extraction.hints import is_noise, zone_of
from crawler.extraction.outline import Link, Outline
from crawler.extraction.page import Page, parts_of
from crawler.extraction.persons import is_name
from crawler.extraction.text import key
from crawler.extraction.times import is_date, is_row, without_date

HOME = re.compile(r"(?:trang\s?chủ|trang nhất|home|homepage|đầu trang|tin tức)", re.IGNORECASE)
CHOSEN = re.compile(r"(?:^|[\s_-])(?:active|current|selected)(?:$|[\s_-])", re.IGNORECASE)
CRUMB_LINKS, PATH_LINKS = 4, 2
"""Links of the longest path, and of one that does not begin with the home page: more are a menu."""
NEAR = 8
"""Blocks before the headline in which a path or a section's link is its own."""
SECTION_WORDS = 6
ROW_BELOW = 3
"""Blocks below the headline in which the date's row may name the section."""
SECTION_REACH = 60
"""Blocks before the headline in which the page's path may stand."""
SECTION_LABEL = re.compile(
    r"(?:thuộc |trong )?(?:chuyên mục|danh mục|thể loại|posted in|filed under|category)\b\s*:?\s*", re.IGNORECASE
)
LONGEST_SECTION = 50


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
    links = [ln for ln in outline.links if _is_section(page, ln, title)]
    before = [ln for ln in links if ln.block <= end]
    near = [ln for ln in before if ln.block > end - SECTION_REACH]
    marked = [ln for ln in links if in_zone(outline, ln.element, "crumb")]
    if marked:
        return ([ln for ln in marked if ln.block <= end] or marked)[-1].text
    nearest = _nearest(page, outline, near, end)
    homes = [ln.block for ln in outline.links if ln.block <= end and HOME.fullmatch(ln.text)]
    if homes:
        run = _run(outline, [ln for ln in near if ln.block >= homes[-1]])
        if 0 < len(run) <= CRUMB_LINKS and not (nearest and _is_menu(outline, run, nearest, end)):
            item = _chosen(page, outline, run)
            return item.text if item else None
    under = [ln for ln in before if _leads_here(page, ln)]
    if under:
        deepest = max(under, key=lambda ln: len(_path(page, ln)))
        below = nearest is not None and _path(page, nearest).startswith(_path(page, deepest).rstrip("/") + "/")
        return nearest.text if nearest and below else deepest.text
    if nearest:
        return nearest.text
    return _unlinked(outline, links, end) or _in_row(outline, links, end) or _named(outline, links, end)


def _is_menu(outline: Outline, run: list[Link], nearest: Link, end: int) -> bool:
    """Return whether links behind the home page's are a menu: another section's link is the headline's."""
    apart = nearest not in run
    return apart and (in_zone(outline, run[0].element, "chrome") or end - nearest.block <= 1 < end - run[-1].block)


def _chosen(page: Page, outline: Outline, run: list[Link]) -> Link | None:
    """Return the section's of links in one list: the one shown as chosen, else the last.

    Of a menu, told by its class, the last says nothing: there it is the one that the article's address lies under.
    """
    marked = [ln for ln in run if ln.element >= 0 and CHOSEN.search(outline.elements[ln.element].marks)]
    if len(marked) == 1:
        return marked[0]
    if len(run) < 2 or not _is_in_menu(outline, run[-1].element):
        return run[-1]
    return next((ln for ln in reversed(run) if _leads_here(page, ln)), None)


def _is_in_menu(outline: Outline, element: int) -> bool:
    """Return whether a list's class says that it is a menu."""
    for _ in range(3):
        if element < 0:
            break
        here = outline.elements[element]
        if here.tag in ("ul", "ol", "div", "table") and zone_of(here.marks) == "chrome":
            return True
        element = here.parent
    return False


def _leads_here(page: Page, link: Link) -> bool:
    """Return whether the article's address lies under a link's."""
    path = unquote(parts_of(page.canonical or page.url).path)
    return len(own := _path(page, link)) > 1 and path.startswith(own.rstrip("/") + "/")


def _nearest(page: Page, outline: Outline, near: list[Link], end: int) -> Link | None:
    """Return the link or the end of the path right before the headline; of a menu the item it shows as chosen."""
    run = _run(outline, list(reversed(near)))
    if not run or len(run) > CRUMB_LINKS or end - run[0].block > NEAR or len(run[0].text.split()) > SECTION_WORDS:
        return None
    if "?" in run[0].href and end - run[0].block > 1:
        return None
    if any(
        outline.blocks[i].linky and len(outline.blocks[i].text.split()) > SECTION_WORDS + 2
        for i in range(run[0].block + 1, end)
    ):
        return None
    item = _chosen(page, outline, run[::-1])
    if item is not run[0]:
        return item
    again = next((i for i, ln in enumerate(run) if key(ln.text) in map(key, (r.text for r in run[:i]))), len(run))
    return run[0] if again <= PATH_LINKS else None


def _unlinked(outline: Outline, links: list[Link], end: int) -> str | None:
    """Return the line right before the headline where it is named as a path or says what a section's link does."""
    for index in range(end - 1, max(-1, end - 3), -1):
        block = outline.blocks[index]
        if block.src or is_date(block.text):
            continue
        short = len(block.text.split()) <= SECTION_WORDS and not any(map(str.isdigit, block.text))
        known = outline.zones[block.element] == "crumb" or any(key(ln.text) == key(block.text) for ln in links)
        return block.text if short and known and not block.linky and not is_noise(block.text) else None
    return None


def _in_row(outline: Outline, links: list[Link], title: int) -> str | None:
    """Return the link in the date's row under the headline, or what stands there and a section's link says.

    A link that is written like a person's name is a writer's, unless the menu says the same.
    """
    for index in range(title + 1, min(title + 1 + ROW_BELOW, len(outline.blocks))):
        text = outline.blocks[index].text
        if not is_row(text):
            continue
        rest = key(without_date(text))
        here = [ln for ln in links if key(ln.text) == rest and len(ln.text.split()) <= SECTION_WORDS]
        return next((ln.text for ln in here if ln.block != index or not is_name(ln.text)), None)
    return None


def _named(outline: Outline, links: list[Link], title: int) -> str | None:
    """Return the first link below the headline that stands in one line with ``Chuyên mục``."""
    for link in links:
        line = outline.blocks[link.block].text if title < link.block < len(outline.blocks) else ""
        label = SECTION_LABEL.match(line)
        if label and line[label.end() :] == link.text:
            return link.text
    return None


def _run(outline: Outline, links: list[Link]) -> list[Link]:
    """Return the first links that stand in one list: near each other and at most two elements below what holds all.

    None where the first is an item of a menu.
    """
    run = links[:1]
    for link in links[1:]:
        shared = outline.elements[outline.common(run[0].element, link.element)]
        deep = shared.depth >= outline.elements[run[0].element].depth - 2
        few = sum(shared.first <= ln.block < shared.last for ln in outline.links) <= 2 * CRUMB_LINKS
        if not few and _are_items(outline, run[0].element, link.element):
            return []
        if abs(link.block - run[-1].block) > 2 or not deep or not few:
            break
        run.append(link)
    return run


def _are_items(outline: Outline, one: int, other: int) -> bool:
    """Return whether two links stand in one element, or in two of the same make side by side."""
    return one == other or are_twins(outline, one, other)


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
        or site(parts.hostname) == site(own.hostname)
        or not link.href.startswith(("http", "//"))
    )
    return (
        same
        and (len(parts.path) > 1 or bool(parts.query))
        and not re.search(r"\d{5,}", parts.path)
        and not TAG_HREF.search(url)
        and "/print" not in parts.path
    )
