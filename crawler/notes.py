"""What a WARC file remembers of the paper it is of, so that it can be replayed when papers.toml is gone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from crawler.papers import DataError, Directory, paper_from_table

if TYPE_CHECKING:
    from pipelines.items import Paper


def paper_note(paper: Paper) -> str:
    """Return one line of JSON: the paper's name to its table as in papers.toml; absent facts stay absent."""
    table = {
        field.name: _plain(value)
        for field in dataclasses.fields(paper)
        if field.name != "name" and (value := getattr(paper, field.name))
    }
    table["article"] = [pattern.pattern for pattern in paper.article]
    return json.dumps({paper.name: table}, ensure_ascii=False, sort_keys=True)


def paper_of_note(name: str, table: Mapping[str, Any], place: str, directory: Directory) -> Paper:
    """Return the paper that a note describes; a template nobody knows any more is left to the generic path.

    Raises DataError for a note that says something wrong.
    """
    dated = {key: _dated(value) if key == "until" else value for key, value in table.items()}
    former = [{**entry, "until": _dated(entry.get("until"))} for entry in table.get("templates_before", ())]
    if former:
        dated["templates_before"] = former
    paper = paper_from_table(name, dated, place)
    known = directory.templates
    return dataclasses.replace(
        paper,
        template=paper.template if paper.template in known else None,
        templates_before=tuple(f for f in paper.templates_before if f.template in known),
    )


def _plain(value: Any) -> Any:
    """Return what JSON can hold of a fact."""
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value if not hasattr(v, "pattern")]
    return value


def _dated(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise DataError(f"a day like 2025-06-30 was expected as 'until', found {value!r}") from None
