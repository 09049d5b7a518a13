"""Tags and language: what a page says of the article besides its text."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from crawler.extraction import jsonld
from crawler.extraction.hints import is_noise
from crawler.extraction.outline import Link, Outline
from crawler.extraction.page import Page, parts_of
from crawler.extraction.text import clean, key

TAG_HREF = re.compile(
    r"/tags?/|/tags?\?|/tu-khoa|[-_]p?tag\d*(?:\.html?|/|$)|/tim-kiem|/search|/keywords?/|/hashtag|[?&](?:q|tag|keyword|key|s)=|/event/tag|/chu-de/",
    re.IGNORECASE,
)
TAGS_AFTER = 40
"""Blocks behind the body in which its tags may stand."""
TAGS_UNDER = 12
"""Lines under a label in which tags may stand, one in each."""
TAG_LABEL = re.compile(r"\W*(?:tags?|từ kh[oó][aá])\b\s*:?\s*", re.IGNORECASE)
LONGEST_TAG = 80
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")
LANGUAGE_SAMPLE = 2000
"""Characters by which a text's language is told."""
SCRIPTS = (
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
FRENCH = re.compile(r"\b(?:le|la|les|des|du|une|est|dans|pour|avec|aux|qui|par)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(?:the|of|and|to|in|is|was|with|for|by|that|from)\b", re.IGNORECASE)
"""Words that every text of a language has."""
COUNTRIES = {"cn": "zh", "vn": "vi", "kh": "km"}
"""Countries that pages and addresses name in the place of their language."""


def in_zone(outline: Outline, element: int, zone: str) -> bool:
    """Return whether an element stands in a kind of furniture."""
    return element >= 0 and outline.zones[element] == zone


def _is_here(page: Page, href: str) -> bool:
    """Return whether a link stays on the newspaper's site."""
    host = parts_of(page.absolute(href)).hostname
    return not href.startswith(("http", "//")) or site(host) in (
        site(parts_of(page.url).hostname),
        site(parts_of(page.canonical).hostname),
    )


def site(host: str | None) -> str:
    """Return the first part of a host's name, by which a newspaper's sites are one."""
    return (host or "").removeprefix("www.").split(".")[0]


def find_tags(page: Page, outline: Outline, after: int) -> tuple[tuple[str, ...], str]:
    """Return the article's tags: links to tag or search pages behind the body."""
    near = [
        ln
        for ln in outline.links
        if after <= ln.block <= after + TAGS_AFTER
        and (
            in_zone(outline, ln.element, "tags")
            or TAG_HREF.search(unquote(ln.href))
            or "tag" in ln.rel.split()
            or _labelled(outline, ln)
        )
        and _is_here(page, ln.href)
    ]
    return own_tags([ln.text for ln in near], page.names), "visible"


def _labelled(outline: Outline, link: Link) -> bool:
    """Return whether a short link stands behind ``Tags`` or ``Từ khóa`` in its line, or in the lines under it."""
    if not 0 <= link.block < len(outline.blocks) or len(link.text) > LONGEST_TAG:
        return False
    if TAG_LABEL.match(outline.blocks[link.block].text):
        return True
    index = link.block
    while index > 0 and link.block - index < TAGS_UNDER and outline.blocks[index].linky:
        index -= 1
    label = outline.blocks[index]
    box = outline.elements[label.element].parent
    own = box >= 0 and outline.elements[box].tag not in ("body", "main") and outline.within(link.element, box)
    return own and index < link.block and TAG_LABEL.fullmatch(label.text) is not None


def told_tags(page: Page, text: str) -> tuple[tuple[str, ...], str]:
    """Return keywords that meta or JSON-LD tell, if the text bears most of them out: many are the site's own."""
    told = page.article.get("keywords")
    words = (
        told
        if isinstance(told, list)
        else re.split(r"[,;]", jsonld.text_of(told) or page.meta("news_keywords", "keywords"))
    )
    names = own_tags([jsonld.text_of(w) for w in words], page.names)
    printed = text.casefold()
    borne_out = sum(n.casefold() in printed for n in names)
    if borne_out * 2 < len(names):
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


def language_of(text: str, declared: str) -> tuple[str | None, str]:
    """Return the language (two letters) by the text's letters, else what the page declares, and which of both."""
    text = text[:LANGUAGE_SAMPLE]
    letters = len(text) - text.count(" ") or 1
    if len(VIETNAMESE.findall(text)) > letters * 0.05:
        return "vi", "heuristic"
    for name, script in SCRIPTS:
        if len(script.findall(text)) > letters * 0.2:
            return name, "heuristic"
    if letters > 200 and (text.isascii() or declared in ("", "vi")):
        return "fr" if len(FRENCH.findall(text)) > len(ENGLISH.findall(text)) else "en", "heuristic"
    named = declared[:2].lower()
    return (COUNTRIES.get(named, named), "meta") if named else (None, "")
