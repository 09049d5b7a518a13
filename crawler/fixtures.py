"""A fixture: a trimmed page and, beside it as JSON, what a person has reviewed that extraction reads on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.commands.extract import as_json
from crawler.extraction import extract
from crawler.extraction.trimming import Trimmed, trim
from crawler.papers import Directory
from pipelines.items import Paper, Reading, Template

REVIEWED = "reviewed"
CONTENT_TYPE = "content_type"
"""Key of the header a page is read with; there only where the page reads otherwise without it."""
NOT_COMPARED = frozenset([REVIEWED, CONTENT_TYPE, "reason", "notes", "noise"])
"""Keys that are no reading: how it is made, a sentence's wording, what persons write for persons and for the bench."""
NOT_REVIEWED = NOT_COMPARED | {"provenance"}
"""A person sees what a page says, not where extraction read it; a better way to the same is no error."""
OF_ANY_PAGE = frozenset(["url", "canonical_url", "paper", "outcome"])


@dataclass(frozen=True, slots=True)
class Read:
    """How a page is read: its address, its Content-Type header, and what is known of its paper."""

    url: str
    content_type: str = ""
    paper: Paper | None = None
    template: Template | None = None

    def __call__(self, page: bytes) -> dict[str, Any]:
        """Return the JSON object of ``scrapy extract`` for these bytes."""
        reading = extract(page, self.url, content_type=self.content_type, paper=self.paper, template=self.template)
        return as_facts(reading)


def as_facts(reading: Reading) -> dict[str, Any]:
    """Return a reading as a file holds it: the keys of ``scrapy extract``, lists for tuples."""
    facts: dict[str, Any] = json.loads(json.dumps(as_json(reading), ensure_ascii=False))
    return facts


def differing(wanted: Mapping[str, Any], found: Mapping[str, Any], but: frozenset[str] = NOT_COMPARED) -> str | None:
    """Return the first field in which two readings differ, or None; those of ``but`` may.

    Of a page that is no article nothing is kept but what it is, so only `OF_ANY_PAGE` is compared.
    """
    article = wanted.get("outcome", "article") == "article"
    compared = [key for key in wanted if key not in but and (article or key in OF_ANY_PAGE)]
    return next((key for key in compared if wanted[key] != found.get(key)), None)


def make(page: bytes, read: Read) -> tuple[Trimmed, dict[str, Any]]:
    """Trim a page so that it reads as the whole one does; return it and the JSON object for a person to review.

    The header a page came with is not kept in its file; where it is needed the object says so.
    """
    whole = read(page)
    bare = Read(read.url, "", read.paper, read.template)
    needed = differing(whole, bare(page)) is not None
    kept = read if needed else bare
    trimmed = trim(page, lambda trial: differing(whole, kept(trial)))
    header = {CONTENT_TYPE: read.content_type} if needed else {}
    return trimmed, {REVIEWED: False, **header, **whole}


def reading_of(facts: Mapping[str, Any], directory: Directory) -> Read:
    """Return how a fixture's page is read: with the paper and the template its JSON names.

    Raises KeyError for a paper or template that no data file knows.
    """
    paper = directory.papers[facts["paper"]] if facts.get("paper") else None
    named = facts.get("template")
    template = directory.templates[named] if named else directory.template_for(paper) if paper else None
    return Read(facts["url"], facts.get(CONTENT_TYPE, ""), paper, template)


def problem(page: Path, directory: Directory) -> str | None:
    """Return in a sentence what is wrong with a fixture and what to do, or None."""
    beside = page.with_suffix(".json")
    if not beside.is_file():
        return f"{page.name}: expected {beside.name} beside it, found none; write it with 'scrapy fixture {page}'"
    try:
        facts = json.loads(beside.read_text("utf-8"))
        read = reading_of(facts, directory)
    except (ValueError, TypeError, AttributeError) as error:
        return f"{beside.name}: not readable as JSON ({error}); correct it, or write it again with 'scrapy fixture'"
    except KeyError as error:
        return f"{beside.name}: paper, template or key {error} is not known; correct it, or add it to the data files"
    if facts.get(REVIEWED) is not True:
        return (
            f"{beside.name} is not reviewed: compare each field with {page.name} as a reader sees it, correct what is "
            f'wrong, then set "{REVIEWED}": true'
        )
    wrong = differing(facts, found := read(page.read_bytes()), NOT_REVIEWED)
    return wrong and (
        f"{page.name}: {wrong} was reviewed as {_short(facts[wrong])} and reads {_short(found.get(wrong))}; mend the "
        "extraction, or if the page says so, correct the JSON"
    )


def _short(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 300 else f"{told[:200]} … {told[-80:]}"


def is_reviewed(beside: Path) -> bool:
    """Return whether a fixture's JSON is there and a person has reviewed it."""
    try:
        return json.loads(beside.read_text("utf-8")).get(REVIEWED) is True
    except (OSError, ValueError, AttributeError):
        return False


def write(folder: Path, name: str, page: bytes, facts: Mapping[str, Any]) -> Path:
    """Write page and JSON, each whole or not at all, and return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    for suffix, content in ((".json", told.encode()), (".html", page)):
        unfinished = folder / f".{name}{suffix}.part"
        unfinished.write_bytes(content)
        unfinished.replace(folder / f"{name}{suffix}")
    return folder / f"{name}.html"
