"""Loads papers.toml and templates.toml into records, and refuses what is wrong with place and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler.tables import DataError, Table, nearest, read_tables
from pipelines.items import FormerTemplate, JsonList, Paper, Template
from pipelines.urls import EDITION, host_of, url_key

__all__ = ["DataError", "Directory", "load", "nearest", "paper_from_table", "provinces"]

HERE = Path(__file__).parent
HOST = re.compile(r"(?!-|www\.)[a-z0-9-]+(\.[a-z0-9-]+)+")
LOOPBACK = re.compile(r"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BRACE = re.compile(r"[{}]")
NOARCHIVE = ("private", "public", "")
CONFIDENCE = ("high", "medium", "low", "")


PLACES = ("scope", "title", "lead", "author", "source", "published", "section", "tags", "body", "drop")
"""What a template may say the place of: fields of a reading, the body, what is dropped, where to look."""


@dataclass(frozen=True, slots=True)
class Directory:
    """All papers and templates by name, as loaded and checked."""

    papers: Mapping[str, Paper]
    templates: Mapping[str, Template]

    def line_of(self, paper: Paper) -> tuple[Paper, ...]:
        """Return ``paper`` and those that came after it: its successor, that one's successor, and so on."""
        line = [paper]
        while (after := self.papers.get(line[-1].successor or "")) and after not in line:
            line.append(after)
        return tuple(line)

    def template_for(self, paper: Paper, day: date | None = None) -> Template | None:
        """Return the newsroom system ``paper`` ran on ``day`` (local date); today's without a day."""
        former = sorted(paper.templates_before, key=lambda f: f.until)
        name = next((f.template for f in former if day and day <= f.until), paper.template)
        return self.templates[name] if name else None


@cache
def provinces() -> Mapping[str, tuple[str, ...]]:
    """Return the 34 provinces of today, each with the provinces before the 2025 merger it was made of."""
    with (HERE / "provinces.toml").open("rb") as file:
        return {name: tuple(before) for name, before in tomllib.load(file).items()}


def load(
    paper_files: Iterable[str | Path], template_files: Iterable[str | Path], *, allow_loopback: bool = False
) -> Directory:
    """Load and check the data files, ours first.

    ``allow_loopback``: for the tests, and for commands that fetch nothing, to which no host is forbidden.
    Raises DataError for the first thing that is wrong.
    """
    templates = read_tables(template_files, _template)
    papers = read_tables(paper_files, lambda place, name, table: _paper(place, name, table, allow_loopback))
    for paper, place in papers.values():
        _check_references(place, paper, papers, templates)
    _check_hosts(papers)
    return Directory({n: p for n, (p, _) in sorted(papers.items())}, {n: t for n, (t, _) in templates.items()})


def paper_from_table(name: str, table: Mapping[str, Any], place: str) -> Paper:
    """Make one checked paper of a TOML or JSON table; loopback hosts are allowed (a WARC's own notes).

    Raises DataError as `load` does.
    """
    return _paper(f"{place}: [{name}]", name, table, True)


def _template(place: str, name: str, table: Mapping[str, Any]) -> Template:
    t = Table(place, table)
    fields = _fields(f"{place}: fields", t.table("fields"))
    template = Template(
        name=name,
        title=t.text("title"),
        pager=t.text("pager") or None,
        lists=tuple(_json_list(f"{place}: lists", entry) for entry in t.tables("lists")),
        fields=fields,
        since=t.day("since"),
        until=t.day("until"),
    )
    t.done()
    if template.pager and (template.pager.count("{n}") != 1 or BRACE.search(template.pager.replace("{n}", ""))):
        raise DataError(
            f"{place}: 'pager' must name the page once as {{n}}, found {template.pager!r}; write '?p={{n}}'"
        )
    if template.since and template.until and template.since > template.until:
        raise DataError(f"{place}: 'since' {template.since} is after 'until' {template.until}; correct one")
    return template


def _json_list(place: str, entry: Mapping[str, Any]) -> JsonList:
    t = Table(place, entry)
    found = JsonList(t.text("address"), t.text("article") or None)
    t.done()
    if not found.address.startswith(("/", "https://", "http://")):
        raise DataError(
            f"{place}: 'address' must be a list's first page, whole or from the root, found {found.address!r}; "
            "write it like '/api/list?category={#cate_id}&page=1'"
        )
    _check_selectors(f"{place}: address", filter(None, PLACEHOLDER.findall(found.address)))
    if found.article and not (found.article.startswith("/") and all(PLACEHOLDER.findall(found.article) or [""])):
        raise DataError(
            f"{place}: 'article' must make a path of an entry's keys, found {found.article!r}; "
            "write it like '/{category_slug}/{article_slug}'"
        )
    return found


def _fields(place: str, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    t = Table(place, table)
    fields = {name: selectors for name in PLACES if (selectors := t.texts(name))}
    t.done()
    for name, selectors in fields.items():
        _check_selectors(f"{place}: {name}", selectors)
    return fields


def _check_selectors(place: str, selectors: Iterable[str]) -> None:
    page = LexborHTMLParser("<p>")
    for selector in selectors:
        try:
            page.css(selector)
        except SelectolaxError:
            raise DataError(f"{place}: {selector!r} is no CSS selector; correct it") from None


def _paper(place: str, name: str, table: Mapping[str, Any], allow_loopback: bool) -> Paper:
    t = Table(place, table)
    paper = Paper(
        name=name,
        title=t.text("title"),
        province=t.text("province"),
        provinces_before=t.texts("provinces_before"),
        hosts=t.texts("hosts"),
        template=t.text("template") or None,
        templates_before=tuple(_former(place, entry) for entry in t.tables("templates_before")),
        feeds=t.texts("feeds"),
        sitemaps=t.texts("sitemaps"),
        sections=t.texts("sections"),
        article=tuple(_pattern(place, text) for text in t.texts("article")),
        prefixes=t.texts("prefixes"),
        language=t.text("language", "vi"),
        until=t.day("until"),
        successor=t.text("successor") or None,
        confidence=t.text("confidence"),
        evidence=t.text("evidence"),
        expect=t.numbers("expect"),
        browser=t.flag("browser"),
        noarchive=t.text("noarchive"),
        images=t.size("images"),
    )
    t.done()
    _check_facts(place, paper, allow_loopback)
    return paper


def _former(place: str, entry: Mapping[str, Any]) -> FormerTemplate:
    t = Table(f"{place}: templates_before", entry)
    name, until = t.text("template"), t.day("until")
    t.done()
    if not name or until is None:
        raise DataError(f"{t.place} needs 'template' and 'until' (its last day), found {dict(entry)!r}; add them")
    return FormerTemplate(name, until)


def _pattern(place: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise DataError(f"{place}: article pattern {text!r} does not compile: {error}; correct it") from None


def _check_facts(place: str, paper: Paper, allow_loopback: bool) -> None:
    for key in ("title", "province", "hosts"):
        if not getattr(paper, key):
            remedy = ": one of the 34 of today, see crawler/provinces.toml" if key == "province" else ""
            raise DataError(f"{place} has no '{key}'; every paper needs one{remedy}")
    _check_provinces(place, paper)
    for host in paper.hosts:
        if not HOST.fullmatch(host) and not (allow_loopback and LOOPBACK.fullmatch(host)):
            remedy = (
                "set ALLOW_LOOPBACK for a test site" if LOOPBACK.fullmatch(host) else "write it like baovidu.example"
            )
            raise DataError(
                f"{place}: {host!r} is no host name in lower case without scheme, 'www.' and port; {remedy}"
            )
    if paper.confidence not in CONFIDENCE:
        raise DataError(f"{place}: confidence {paper.confidence!r} is not one of high, medium, low; correct it")
    if paper.noarchive not in NOARCHIVE:
        raise DataError(f"{place}: noarchive {paper.noarchive!r} is neither private nor public; correct it")
    if paper.successor == paper.name:
        raise DataError(f"{place}: 'successor' names the paper itself; name the one that came after it, or remove it")
    for key in ("feeds", "sitemaps", "sections"):
        for url in getattr(paper, key):
            _check_url(f"{place}: {key}", url, paper)


def _check_provinces(place: str, paper: Paper) -> None:
    today = provinces()
    if paper.province not in today:
        merged = next((name for name, before in today.items() if paper.province in before), None)
        hint = f"; it has been part of {merged} since 2025, write that and put it in 'provinces_before'"
        remedy = hint if merged else nearest(paper.province, today) or "; see provinces.toml"
        raise DataError(f"{place}: unknown province {paper.province!r}, one of the 34 of today is expected{remedy}")
    for before in paper.provinces_before:
        if before not in today[paper.province]:
            raise DataError(
                f"{place}: {before!r} is none of the provinces before that make up {paper.province} "
                f"({', '.join(today[paper.province])}); correct 'provinces_before'"
            )


def _check_url(place: str, url: str, paper: Paper) -> None:
    host = host_of(url)
    if not host:
        raise DataError(f"{place}: {url!r} is no http(s) URL; write it whole, with https://")
    if not any(host == own or host.endswith("." + own) for own in map(host_of, (f"https://{h}" for h in paper.hosts))):
        raise DataError(
            f"{place}: {url!r} is on none of the paper's hosts ({', '.join(paper.hosts)}); "
            "add the host or correct the URL"
        )


def _check_references(
    place: str, paper: Paper, papers: Mapping[str, tuple[Paper, str]], templates: Mapping[str, Any]
) -> None:
    for name in filter(None, (paper.template, *(f.template for f in paper.templates_before))):
        if name not in templates:
            raise DataError(f"{place}: unknown template {name!r}{nearest(name, templates) or '; see templates.toml'}")
    if paper.successor and paper.successor not in papers:
        remedy = nearest(paper.successor, papers) or "; name a paper of papers.toml"
        raise DataError(f"{place}: unknown successor {paper.successor!r}{remedy}")
    for pattern in paper.article:
        for group in pattern.groupindex:
            known = ("id", EDITION, paper.name, *templates)
            if group not in known:
                remedy = nearest(group, known) or "; name it id, after the paper, or after a system of templates.toml"
                raise DataError(f"{place}: article pattern {pattern.pattern!r} has an unknown group '{group}'{remedy}")


def _check_hosts(papers: Mapping[str, tuple[Paper, str]]) -> None:
    owners: dict[str, str] = {}
    listed: dict[str, str] = {}
    for paper, place in papers.values():
        for url in (*paper.feeds, *paper.sitemaps, *paper.sections):
            if url_key(url) in listed:
                other = listed[url_key(url)]
                raise DataError(f"{place}: {url!r} is listed by [{other}] already; keep it in one place")
            listed[url_key(url)] = paper.name
        for host in paper.hosts if paper.until is None else ():
            if host in owners:
                raise DataError(
                    f"{place}: host {host!r} belongs to [{owners[host]}] too and both are open; "
                    "remove it from one, or give the closed one 'until'"
                )
            owners[host] = paper.name
