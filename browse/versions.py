"""Knows how an article's versions are shown: each with what it changed of the one before."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipelines.difference import Run, by_paragraph, difference

COMPARED = 30
"""The newest versions that are compared, so that a page is drawn in time whatever an article went through."""


def compared(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the versions, oldest first, with ``changes`` against the one before, without text and facts.

    ``changes``: ``title`` and ``lead`` as lists of runs (``kind`` kept, added or dropped, and ``text``);
    ``text`` as a list of paragraphs, each its runs, or the number of unchanged ones left out; ``facts`` as
    a list of ``name``, ``old``, ``new``. What did not change is not in it. What the paper printed is compared
    with what it printed before; a correction with what was shown before it; an old reading of ours with nothing.
    """
    oldest = len(versions) - COMPARED
    printed: dict[str, Any] | None = None
    corrected: dict[str, Any] | None = None
    found = []
    for n, version in enumerate(versions):
        kind = version["kind"]
        before = None if kind == "extraction" else corrected or printed if kind == "correction" else printed
        shown = {name: version[name] for name in ("kind", "seen_at", "title")}
        shown |= {"reason": version["reason"]} if version.get("reason") else {}
        found.append(shown | {"changes": _changes(before, version) if before and n >= oldest else {}})
        if kind == "correction":
            corrected = version
        elif kind != "extraction":
            printed, corrected = version, None
    return found


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("title", "lead"):
        if (old[name] or "") != (new[name] or ""):
            found[name] = [asdict(run) for run in difference(old[name] or "", new[name] or "")]
    if old["text"] != new["text"]:
        found["text"] = _paragraphs(difference(old["text"], new["text"]))
    was, now = json.loads(old["facts"]), json.loads(new["facts"])
    facts = [{"name": n, "old": was.get(n), "new": now[n]} for n in now if was.get(n) != now[n]]
    return found | ({"facts": facts} if facts else {})


def _paragraphs(runs: tuple[Run, ...]) -> list[Any]:
    """Return the changed paragraphs as lists of runs, and for each stretch of unchanged ones their number."""
    shown: list[Any] = []
    for paragraph in by_paragraph(runs):
        if any(run.kind != "kept" for run in paragraph):
            shown.append([asdict(run) for run in paragraph])
        elif shown and isinstance(shown[-1], int):
            shown[-1] += 1
        else:
            shown.append(1)
    return shown
