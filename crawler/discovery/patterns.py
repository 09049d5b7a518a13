"""Finds the expressions that a paper's article addresses follow, from examples."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines.urls import TRACKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENDING = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
MONTH = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])")
PARTED = re.compile(r"(?P<slug>.+)(?P<stroke>[-_.])(?P<code>[A-Za-z0-9]+)")
LED = re.compile(r"(?P<number>\d{4,})(?P<stroke>[-_])(?:[^\W\d_]+[-_]+){2,}[^-_]*[^\W\d_]")
"""A number before the slug, which ends in a word."""
COUNTED = re.compile(r"(?P<mark>[A-Za-z]{0,8})(?P<number>\d+)")
HEX = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}")
CODED_FOLDER = re.compile(r"[a-z]{0,2}\d[\da-z]*", re.IGNORECASE)
SLUG = "[^/]+"
FEWEST_DIGITS = 5
"""Digits of a number behind a mere hyphen, where the examples have as many: with fewer it may be a year."""
SHORTEST_HEADLINE = 4
"""Words of a slug that has no number."""
DISTINCT = 0.9
"""Share of the examples that have a number of their own, from which it is the newsroom's number of them."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of addresses: its expression over path and query, and the examples it takes, in their order.

    ``takes`` are addresses of listings that it takes too, though it should not.
    """

    pattern: str
    examples: tuple[str, ...]
    takes: tuple[str, ...] = ()

    @property
    def numbered(self) -> bool:
        """Return whether the expression holds the newsroom's number."""
        return "(?P<id>" in self.pattern

    def matches(self, url: str) -> bool:
        """Return whether an address has this form."""
        return re.search(self.pattern, place_of(url)) is not None

    def unnumbered(self) -> str:
        """Return the expression without its group: for numbers that are not today's newsroom's."""
        return re.sub(r"\(\?P<id>((?:[^()]|\([^()]*\))*)\)", r"\1", self.pattern)


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    folders: tuple[str, ...]
    stem: str
    ending: str
    query: tuple[tuple[str, str], ...]


def place_of(url: str) -> str:
    """Return what article expressions are searched in: path and query without tracking parameters."""
    parts = urlsplit(url)
    return "?".join(filter(None, (parts.path, "&".join(_parameters(parts.query)))))


def forms(urls: Iterable[str], listings: Iterable[str] = ()) -> tuple[Form, ...]:
    """Return the forms of ``urls``, articles' addresses of one paper, most examples first.

    Each example is taken by its form; none of ``listings`` is, unless form and listing cannot be told apart.
    """
    addresses = [a for a in map(_address, dict.fromkeys(urls)) if a.stem]
    against = [place_of(url) for url in listings]
    groups: dict[tuple[object, ...], list[_Address]] = defaultdict(list)
    for address in addresses:
        groups[_kind(address)].append(address)
    found = [form for group in groups.values() for form in _forms_of(group, against)]
    return tuple(sorted(found, key=lambda f: -len(f.examples)))


def _address(url: str) -> _Address:
    parts = urlsplit(url)
    *folders, last = parts.path.rstrip("/").split("/")[1:] or [""]
    ending = match[0] if (match := ENDING.search(last)) and not parts.path.endswith("/") else ""
    query = tuple((n, v) for n, _, v in (p.partition("=") for p in _parameters(parts.query)) if v.isdecimal())
    return _Address(url, tuple(folders), last.removesuffix(ending), ending, query)


def _parameters(query: str) -> list[str]:
    return [p for p in query.split("&") if p and not TRACKING.fullmatch(p.partition("=")[0])]


def _kind(address: _Address) -> tuple[object, ...]:
    """Return what addresses of one form have in common, whatever their numbers."""
    if address.query and not any(c.isdigit() for c in address.stem):
        return (address.folders, address.stem, address.ending, tuple(name for name, _ in address.query))
    numbers = tuple(f for f in map(_folder, address.folders) if f != SLUG)
    return (numbers, address.ending, "-" in address.stem)


def _folder(folder: str) -> str:
    """Return the expression for one folder of a path."""
    if MONTH.fullmatch(folder):
        return r"\d{6}"
    return re.sub(r"\d+", r"\\d+", folder) if CODED_FOLDER.fullmatch(folder) else SLUG


def _forms_of(group: list[_Address], listings: Sequence[str]) -> Iterable[Form]:
    if group[0].query and not any(c.isdigit() for c in group[0].stem):
        yield _chosen(group, listings)
        return
    for expressions, members in _lasts(group):
        folders = _folders(members, numbered="?P<id>" not in expressions[0])
        patterns = [folders + last + _end(members[0]) for last in expressions]
        taken = [(p, tuple(x for x in listings if re.search(p, x))) for p in patterns]
        pattern, takes = min(taken, key=lambda t: len(t[1]))
        yield Form(pattern, tuple(a.url for a in members), takes)


def _end(address: _Address) -> str:
    return re.escape(address.ending) + "$" if address.ending else "/?$"


def _folders(members: Sequence[_Address], *, numbered: bool) -> str:
    """Return the expression of the path up to its last part; ``numbered``: a folder may hold the newsroom's number."""
    marks = [m for f in members[0].folders if (m := _folder(f)) != SLUG]
    chosen = _numbering(members) if numbered and marks else None
    if chosen is not None:
        marks[chosen] = marks[chosen].replace(r"\d+", r"(?P<id>\d+)", 1)
    runs = list(zip(*map(_plain_runs, members), strict=True))
    parts = [_plain(run) + (f"{mark}/" if mark else "") for run, mark in zip(runs, [*marks, ""], strict=True)]
    return "^/" + "".join(parts)


def _plain(run: Sequence[int]) -> str:
    """Return the expression of as many plain folders as the examples have in one place."""
    if not any(run):
        return ""
    return "(?:[^/]+/)" + ("*" if 0 in run else "+")


def _plain_runs(address: _Address) -> list[int]:
    """Return how many plain folders stand before each numbered one, and after the last."""
    runs = [0]
    for folder in address.folders:
        if _folder(folder) == SLUG:
            runs[-1] += 1
        else:
            runs.append(0)
    return runs


def _numbering(members: Sequence[_Address]) -> int | None:
    """Return which of the numbered folders is different in each address, the last of several."""
    columns = list(zip(*([f for f in a.folders if _folder(f) != SLUG] for a in members), strict=True))
    told = [i for i, c in enumerate(columns) if _distinct(c) and not all(map(MONTH.fullmatch, c))]
    return told[-1] if told and len(members) > 1 else None


def _distinct(values: Sequence[str]) -> bool:
    return len(set(values)) >= DISTINCT * len(values)


def _lasts(group: Sequence[_Address]) -> Iterable[tuple[tuple[str, ...], list[_Address]]]:
    """Split a group by how the last part of the path ends; give each one's expressions, loosest first, and members."""
    codes = {a.url: m["code"] if (m := PARTED.fullmatch(a.stem)) else a.stem for a in group}
    mixed = [c for c in codes.values() if HEX.fullmatch(c) and not COUNTED.fullmatch(c)]
    code = rf"[0-9a-f]{{{Counter(map(len, mixed)).most_common(1)[0][0]}}}" if mixed else ""
    coded = [a for a in group if code and re.fullmatch(code, codes[a.url])]
    if coded:
        yield _numbered(coded, "", codes, (code,)), coded
    led = [a for a in group if a not in coded and LED.fullmatch(a.stem)]
    if led:
        yield _led(led), led
    counted: dict[tuple[str | None, bool], list[_Address]] = defaultdict(list)
    for address in group:
        if address not in coded and address not in led:
            match = COUNTED.fullmatch(codes[address.url])
            counted[match["mark"] if match else None, address.stem == codes[address.url]].append(address)
    for (mark, bare), members in counted.items():
        if mark is not None:
            shortest = min(len(codes[a.url]) - len(mark) for a in members)
            fewest = 1 if mark or bare else min(FEWEST_DIGITS, shortest)
            digits = tuple(rf"\d{{{n},}}" if n > 1 else r"\d+" for n in dict.fromkeys((fewest, shortest)))
            yield _numbered(members, mark, codes, digits), members
        elif worded := _worded(members):
            yield worded, members


def _led(members: Sequence[_Address]) -> tuple[str, ...]:
    """Return the expressions of a last part that begins with a number: ``123456-slug``."""
    found = [match for a in members if (match := LED.fullmatch(a.stem))]
    fewest = min(len(match["number"]) for match in found)
    digits = dict.fromkeys((min(FEWEST_DIGITS, fewest), fewest))
    return tuple(rf"(?P<id>\d{{{n},}}){found[0]['stroke']}{SLUG}" for n in digits)


def _numbered(members: list[_Address], mark: str, codes: dict[str, str], digits: tuple[str, ...]) -> tuple[str, ...]:
    """Return the expressions of a last part that ends in a number: ``slug-a123``, ``slug-1f2e3d4``, ``123``."""
    first = members[0]
    parted = PARTED.fullmatch(first.stem) if first.stem != codes[first.url] else None
    slug = SLUG + (re.escape(parted["stroke"]) if parted["stroke"] == "." else parted["stroke"]) if parted else ""
    slugs = {a.stem.removesuffix(codes[a.url]) for a in members}
    own = _distinct([codes[a.url] for a in members]) or len({codes[a.url] for a in members}) >= len(slugs)
    return tuple(f"{slug}{mark}{'(?P<id>' if own else '(?:'}{d})" for d in digits)


def _worded(members: list[_Address]) -> tuple[str, ...]:
    """Return the expressions of a last part of words alone; none where it could be a section's."""
    if all(any(_folder(f) != SLUG for f in a.folders) for a in members):
        return (SLUG,)
    words = min(a.stem.count("-") + 1 for a in members)
    if words < SHORTEST_HEADLINE:
        return ()
    last = "[^/-]+" if any(re.search(r"\d[^-]*$", a.stem) for a in members) else r"[^/\d-]+"
    return tuple(rf"(?:[^/-]+-){{{n - 1},}}{last}" for n in dict.fromkeys((SHORTEST_HEADLINE, words)))


def _chosen(group: Sequence[_Address], listings: Sequence[str]) -> Form:
    """Return the form of pages that a parameter chooses: the one whose value is different in each address."""
    names = [name for name, _ in group[0].query]
    columns = dict(zip(names, zip(*([v for _, v in a.query] for a in group), strict=True), strict=True))
    told = [n for n in names if _distinct(columns[n])]
    path = re.escape("/".join(("", *group[0].folders, group[0].stem + group[0].ending))).replace("\\-", "-")
    chosen = told[-1] if told else names[-1]
    group_name = "(?P<id>" if told and len(group) > 1 else "(?:"
    pattern = rf"^{path}\?(?:[^&]+&)*{re.escape(chosen)}={group_name}\d+)(?:&|$)"
    return Form(pattern, tuple(a.url for a in group), tuple(x for x in listings if re.search(pattern, x)))
