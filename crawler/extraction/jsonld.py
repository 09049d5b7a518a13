"""What a page says of itself in JSON-LD: tolerant reading, several blocks, broken ones too."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from crawler.extraction.text import clean, key

ARTICLE_TYPES = {
    "newsarticle",
    "article",
    "reportagenewsarticle",
    "blogposting",
    "analysisnewsarticle",
    "opinionnewsarticle",
    "backgroundnewsarticle",
    "reviewnewsarticle",
}
KNOWN = ("headline", "name", "description", "datePublished", "dateModified", "articleSection")
STRING = r'"%s"\s*:\s*"((?:[^"\\]|\\.)*)"'
TRAILING_COMMA = re.compile(r",\s*([}\]])")
MAX_CHARS = 200_000
MAX_OBJECTS = 200


def objects(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the typed objects of a page's JSON-LD scripts, ``@graph`` and lists opened, in order."""
    found: list[dict[str, Any]] = []
    for script in scripts:
        text = script.strip()[:MAX_CHARS].removeprefix("<!--").removesuffix("-->")
        for thing in _flat(_parse(text)):
            found.append(thing)
            if len(found) == MAX_OBJECTS:
                return found
    return found


def articles(things: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the article objects, NewsArticle before Article."""
    ours = [t for t in things if types(t) & ARTICLE_TYPES]
    return sorted(ours, key=lambda t: "newsarticle" not in types(t))


def article(things: Iterable[dict[str, Any]], headlines: Collection[str] = ()) -> dict[str, Any]:
    """Return the facts of the article objects together; empty where there is none.

    ``headlines`` (as `key` writes them) names whose facts count; those with another are left out.
    """
    merged: dict[str, Any] = {}
    for thing in articles(things):
        headline = key(text_of(thing.get("headline") or thing.get("name")))
        if not headlines or not headline or headline in headlines:
            merged |= {k: v for k, v in thing.items() if v and not merged.get(k)}
    return merged


def types(thing: dict[str, Any]) -> set[str]:
    """Return an object's types in lower case."""
    kind = thing.get("@type")
    return {str(k).lower() for k in (kind if isinstance(kind, list) else [kind]) if k}


def text_of(value: Any) -> str:
    """Return a value's text: a string, the name of an object, the first of a list; entities decoded."""
    if isinstance(value, list):
        return next(filter(None, map(text_of, value[:20])), "")
    if isinstance(value, dict):
        return (
            text_of(value.get("name") or value.get("@value") or "") if not isinstance(value.get("name"), dict) else ""
        )
    return clean(html.unescape(value)) if isinstance(value, str) else ""


def people(value: Any) -> list[str]:
    """Return the names of an ``author`` that are given as persons, or with no type at all."""
    values = value if isinstance(value, list) else [value]
    persons = [v for v in values if not isinstance(v, dict) or types(v) <= {"person", "thing"}]
    return [name for name in map(text_of, persons) if name]


def crumbs(things: Iterable[dict[str, Any]]) -> list[str]:
    """Return the names of the BreadcrumbList, outermost first."""
    for thing in things:
        items = thing.get("itemListElement")
        if "breadcrumblist" in types(thing) and isinstance(items, list):
            return [n for n in (text_of(i.get("name") or i.get("item")) for i in items if isinstance(i, dict)) if n]
    return []


def _parse(text: str) -> Any:
    for attempt in (text, TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvage(text)


def _salvage(text: str) -> Any:
    """Return what single keys of a broken NewsArticle still say."""
    kind = re.search(STRING % "@type", text)
    if not kind or kind.group(1).lower() not in ARTICLE_TYPES:
        return None
    found: dict[str, Any] = {"@type": kind.group(1)}
    for name in KNOWN:
        match = re.search(STRING % name, text, re.DOTALL)
        if match:
            found[name] = match.group(1).replace('\\"', '"').replace("\\/", "/")
    return found


def _flat(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value[:MAX_OBJECTS]:
            yield from _flat(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _flat(value.get("@graph"), depth + 1)
