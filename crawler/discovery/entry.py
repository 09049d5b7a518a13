"""Writes what was found out about a host: the entry for papers.toml, the report a person reads, and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.discovery.findings import failures, openings
from crawler.discovery.systems import system_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.discovery.doors import Door
    from crawler.discovery.findings import Findings

LINE = 100
"""Characters of a list in TOML that stays on one line."""
TOLD = 160
"""Characters of a text that the report shows."""
SHOWN = ("url", "title", "lead", "author", "source", "published", "section")


def as_toml(found: Findings) -> str:
    """Return the entry, ready to be pasted into papers.toml, with a comment for each thing not known."""
    lines = [f"[{found.name}]", *(_line(key, value) for key, value in found.table.items())]
    return "\n".join([*lines, *(f"# not found: {clause}" for clause in found.missing), ""])


def _line(key: str, value: Any) -> str:
    if not isinstance(value, list):
        return f"{key} = {json.dumps(value, ensure_ascii=False)}"
    write = _expression if key == "article" else lambda text: json.dumps(text, ensure_ascii=False)
    items = [write(item) for item in value]
    line = f"{key} = [{', '.join(items)}]"
    return line if len(line) <= LINE else "\n".join([f"{key} = [", *(f"    {item}," for item in items), "]"])


def _expression(pattern: str) -> str:
    """Return a regular expression as TOML: in single quotes nothing needs to be escaped."""
    return json.dumps(pattern) if "'" in pattern else f"'{pattern}'"


def as_json(found: Findings) -> dict[str, Any]:
    """Return the findings as an object of plain values."""
    survey = found.survey
    system = system_of(found.system)
    return {
        "host": survey.asked_host,
        "hosts": list(survey.hosts),
        "known_as": found.known.name if found.known else None,
        "differences": list(found.differences),
        "requests": len(survey.answers) + len(survey.robots),
        "system": system.template if system else None,
        "systems": [asdict(guess) for guess in found.system],
        "doors": [_door(door, found) for door in openings(survey)],
        "failures": list(failures(survey)),
        "articles": [{key: getattr(a, key) for key in (*SHOWN, "text")} for a in found.articles],
        "entry": {found.name: dict(found.table)},
        "not_found": list(found.missing),
    }


def _door(door: Door, found: Findings) -> dict[str, Any]:
    return {
        "url": door.url,
        "kind": door.kind,
        "articles": len(door.articles(found.survey.is_article)),
        "listings": len(door.children),
        "oldest": door.oldest.isoformat() if door.oldest else None,
    }


def report(found: Findings) -> Iterator[str]:
    """Give the lines a person reads: what was asked, the doors and how far back they reach, and an article."""
    survey = found.survey
    robots = ", ".join(survey.robots) or "none"
    yield f"{survey.asked_host}: {len(survey.answers)} pages asked for; robots.txt of: {robots}"
    if survey.hosts[0] != survey.asked_host:
        yield f"moved: {survey.asked_host} leads to {survey.hosts[0]}"
    for door in openings(survey):
        yield f"{door.kind:8}{door.url}: {_reach(door, found)}"
    yield from (f"no page  {line}" for line in failures(survey))
    yield from _judged(found)
    if found.known:
        yield f"known:  this is [{found.known.name}] of the paper files; its entry differs in {len(found.differences)}:"
        yield from (f"        {difference}" for difference in found.differences)


def _reach(door: Door, found: Findings) -> str:
    articles, children = len(door.articles(found.survey.is_article)), len(door.children)
    told = [_listed(articles, "article address", "article addresses")]
    if children and door.kind != "section":
        told.append(_listed(children, door.children[0].kind, f"{door.children[0].kind}s"))
    if door.oldest:
        told.append(f"the oldest day named on it {door.oldest}")
    if door.kind in ("section", "list"):
        told.append("names the page after it" if door.turns else "names no page after it")
    return ", ".join(told)


def _listed(number: int, one: str, many: str) -> str:
    return f"lists {number} {one if number == 1 else many}"


def _judged(found: Findings) -> Iterator[str]:
    chosen = system_of(found.system)
    ranked = ", ".join(f"{guess.template} {guess.score:.2f}" for guess in found.system[:3])
    yield f"system  {chosen.template if chosen else 'none'} ({ranked or 'no template of templates.toml fits'})"
    for sample in found.survey.samples:
        yield f"page    {sample.url}: {sample.reading.outcome}"
    for article in found.articles[:1]:
        for key in SHOWN:
            yield f"  {key:10}{(getattr(article, key) or '-')[:TOLD]}"
        yield f"  {'text':10}{(article.text or '').partition(chr(10))[0][:TOLD]}"
