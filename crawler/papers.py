"""Loads papers.toml and templates.toml into records, and refuses what is wrong with place and remedy."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pipelines.items import FormerTemplate, Paper, Template

HERE = Path(__file__).parent
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")
LOOPBACK = re.compile(r"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?")
CONFIDENCE = ("high", "medium", "low", "")
NO_END = date.max
T = TypeVar("T")


class DataError(ValueError):
    """A paper or template file says something wrong; the text is one sentence: where, what, remedy."""


@dataclass(frozen=True, slots=True)
class Directory:
    """All papers and templates by name, as loaded and checked."""

    papers: Mapping[str, Paper]
    templates: Mapping[str, Template]

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

    Raises DataError for the first thing that is wrong.
    """
    templates = _tables(template_files, _template)
    papers = _tables(paper_files, lambda place, name, table: _paper(place, name, table, allow_loopback))
    for paper, place in papers.values():
        _check_references(place, paper, papers, templates)
    _check_hosts(papers)
    return Directory({n: p for n, (p, _) in sorted(papers.items())}, {n: t for n, (t, _) in templates.items()})


def paper_from_table(name: str, table: Mapping[str, Any], place: str) -> Paper:
    """Make one checked paper of a TOML or JSON table; loopback hosts are allowed (a WARC's own notes).

    Raises DataError as `load` does.
    """
    return _paper(f"{place}: [{name}]", name, table, True)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the likeliest of ``known``, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(repr(c) for c in close)}?" if close else ""


def _tables(
    files: Iterable[str | Path], make: Callable[[str, str, dict[str, Any]], T]
) -> dict[str, tuple[T, str]]:
    found: dict[str, tuple[T, str]] = {}
    for file in map(Path, files):
        for name, table in _parse(file).items():
            place = f"{file.name}: [{name}]"
            if not isinstance(table, dict):
                raise DataError(f"{file.name}: key '{name}' stands outside any table; put it under a [name]")
            if not NAME.fullmatch(name):
                raise DataError(f"{place}: a name is lower-case letters, digits and hyphens; rename the table")
            if name in found:
                raise DataError(f"{place} stands already in {found[name][1].split(':')[0]}; keep one of the two")
            found[name] = (make(place, name, table), place)
    return found


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; correct PAPER_FILES or TEMPLATE_FILES") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DataError(f"{file.name}: not readable as TOML: {error}; correct the file") from None


class _Table:
    """One table of a data file, read key by key; what is left over at the end is a wrong key."""

    def __init__(self, place: str, table: Mapping[str, Any]) -> None:
        self.place = place
        self._table = dict(table)
        self._asked: list[str] = []

    def _take(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        self._asked.append(key)
        value = self._table.pop(key, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise DataError(f"{self.place}: '{key}' must be {expected}, found {value!r}; correct it")
        return value

    def text(self, key: str, default: str = "") -> str:
        return str(self._take(key, str, "a string", default))

    def day(self, key: str) -> date | None:
        value: date | None = self._take(key, date, "a date like 2025-06-30", None)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, (list, tuple), "a list of strings", [])
        if not all(isinstance(v, str) and v for v in value):
            raise DataError(f"{self.place}: '{key}' must be a list of strings, found {value!r}; correct it")
        for v in value:
            if value.count(v) > 1:
                raise DataError(f"{self.place}: '{key}' lists {v!r} twice; remove one")
        return tuple(value)

    def table(self, key: str) -> dict[str, Any]:
        return dict(self._take(key, dict, "a table", {}))

    def tables(self, key: str) -> list[dict[str, Any]]:
        value = self._take(key, (list, tuple), "a list of tables", [])
        if not all(isinstance(v, dict) for v in value):
            raise DataError(f"{self.place}: '{key}' must be a list of tables, found {value!r}; correct it")
        return list(value)

    def done(self) -> None:
        for key in self._table:
            raise DataError(f"{self.place} has no key '{key}'{nearest(key, self._asked) or '; remove it'}")


def _template(place: str, name: str, table: Mapping[str, Any]) -> Template:
    t = _Table(place, table)
    fields = {key: _Table(f"{place}: fields", {key: value}).texts(key) for key, value in t.table("fields").items()}
    template = Template(
        name=name,
        title=t.text("title"),
        pager=t.text("pager") or None,
        fields=fields,
        since=t.day("since"),
        until=t.day("until"),
    )
    t.done()
    return template


def _paper(place: str, name: str, table: Mapping[str, Any], allow_loopback: bool) -> Paper:
    t = _Table(place, table)
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
        expect={key: float(value) for key, value in t.table("expect").items()},
    )
    t.done()
    _check_facts(place, paper, allow_loopback)
    return paper


def _former(place: str, entry: Mapping[str, Any]) -> FormerTemplate:
    t = _Table(f"{place}: templates_before", entry)
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
    if not paper.title or not paper.hosts:
        missing = "title" if not paper.title else "hosts"
        raise DataError(f"{place} has no '{missing}'; every paper needs one")
    today = provinces()
    if paper.province not in today:
        raise DataError(f"{place}: unknown province {paper.province!r} (one of the 34 of today is expected)"
                        f"{nearest(paper.province, today) or '; see provinces.toml'}")
    for before in paper.provinces_before:
        if before not in today[paper.province]:
            raise DataError(f"{place}: {before!r} is none of the provinces before that make up {paper.province} "
                            f"({', '.join(today[paper.province])}); correct 'provinces_before'")
    for host in paper.hosts:
        if not HOST.fullmatch(host) and not (allow_loopback and LOOPBACK.fullmatch(host)):
            remedy = "set ALLOW_LOOPBACK for a test site" if LOOPBACK.fullmatch(host) else "write it like baomau.vn"
            raise DataError(f"{place}: {host!r} is no host name in lower case without scheme and port; {remedy}")
    if paper.confidence not in CONFIDENCE:
        raise DataError(f"{place}: confidence {paper.confidence!r} is not one of high, medium, low; correct it")
    for key in ("feeds", "sitemaps", "sections"):
        for url in getattr(paper, key):
            _check_url(f"{place}: {key}", url, paper)


def _check_url(place: str, url: str, paper: Paper) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DataError(f"{place}: {url!r} is no http(s) URL; write it whole, with https://")
    if not any(parts.netloc == host or parts.netloc.endswith("." + host) for host in paper.hosts):
        raise DataError(f"{place}: {url!r} is on none of the paper's hosts ({', '.join(paper.hosts)}); "
                        "add the host or correct the URL")


def _check_references(
    place: str, paper: Paper, papers: Mapping[str, tuple[Paper, str]], templates: Mapping[str, Any]
) -> None:
    for name in filter(None, (paper.template, *(f.template for f in paper.templates_before))):
        if name not in templates:
            raise DataError(f"{place}: unknown template {name!r}{nearest(name, templates) or '; see templates.toml'}")
    if paper.successor and paper.successor not in papers:
        raise DataError(f"{place}: unknown successor {paper.successor!r}"
                        f"{nearest(paper.successor, papers) or '; name a paper of papers.toml'}")


def _check_hosts(papers: Mapping[str, tuple[Paper, str]]) -> None:
    owners: dict[str, Paper] = {}
    listed: dict[str, str] = {}
    for paper, place in papers.values():
        for url in (*paper.feeds, *paper.sitemaps):
            if url in listed:
                raise DataError(f"{place}: {url!r} is listed by [{listed[url]}] already; keep it in one place")
            listed[url] = paper.name
        if paper.until is not None:
            continue
        for host in paper.hosts:
            if host in owners:
                raise DataError(f"{place}: host {host!r} belongs to [{owners[host].name}] too and both are open; "
                                "remove it from one, or give the closed one 'until'")
            owners[host] = paper
