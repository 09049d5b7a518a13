"""Why a reading is not the gold: each lost or added line and wrong field of a page, by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.scoring import RIGHT, norm, runs, tokens

HEADING_WORDS = 14
"""Words of the longest sub-heading; it ends without a full stop."""
SHOWN = 60
"""Characters of a line that are shown."""


def causes(gold: Mapping[str, Any], found: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the kind and a few words of every error of one page; ``told`` is its score."""
    if not told["outcome"]:
        yield "outcome", f"expected {gold.get('outcome')}, found {found.get('outcome')}: {found.get('reason') or ''}"
    if "f1" not in told:
        return
    yield from _lost(gold, found)
    yield from _added(gold, found, told)
    for field in RIGHT:
        if not told[field] and field != "day":
            key = "published" if field == "minute" else field
            yield field, f"expected {_short(gold.get(key))}, found {_short(found.get(key))}"
    if told["tags"] < 1:
        yield "tags", f"expected {_short(gold.get('tags'))}, found {_short(found.get('tags'))}"
    if (told["captions"] or 0) < 1 and gold["captions"]:
        yield "caption lost", f"{told['captions']:.0%} of {len(gold['captions'])} found"
    yield from (("caption invented", _short(line)) for line in told["extra_captions"])


def _lost(gold: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    here = runs(tokens(found.get("text")) + tokens(found.get("lead")))
    text = norm(found.get("text")).casefold()
    for line in gold["body"]:
        wanted = runs(tokens(line))
        missing = sum((wanted - here).values())
        if missing > sum(wanted.values()) / 2 and norm(line).casefold() not in text:
            short = len(line.split()) <= HEADING_WORDS and not line.rstrip().endswith((".", "!", "?", "”"))
            yield "sub-heading lost" if short else "paragraph lost", _short(line)


def _added(gold: Mapping[str, Any], found: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    own = runs([word for line in [gold.get("lead") or "", *gold["body"]] for word in tokens(line)])
    title, noise = norm(gold["title"]).casefold(), {norm(n).casefold() for n in gold["noise"]}
    captions = [norm(c).casefold() for c in gold["captions"]]
    whole = norm(" ".join([gold.get("lead") or "", *gold["body"]])).casefold()
    for line in filter(None, map(norm, (found.get("text") or "").splitlines())):
        wanted, small = runs(tokens(line)), line.casefold()
        if small in whole or sum((wanted - own).values()) <= sum(wanted.values()) / 2:
            continue
        is_caption = any(small in c or c in small for c in captions if c)
        kind = "title" if small == title else "caption" if is_caption else "noise" if small in noise else "other line"
        yield f"{kind} in text", _short(line)
    if told["lead_in_text"]:
        yield "lead in text", _short(gold.get("lead"))
    yield from (("paragraph said twice", _short(line)) for line in told["dups"])


def _short(value: object) -> str:
    text = norm(value) if not isinstance(value, list | tuple) else ", ".join(map(norm, value))
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…") if value else "nothing"
