"""The recorded floor: what our readers reached on each page, below which no change may bring them unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.gold import GoldPage
from bench.readers import ours
from bench.scoring import RIGHT, WRONG, score

FLOOR = Path(__file__).with_name("extraction.floor.json")
MORE_IS_BETTER = ("f1", "tags", "captions", *RIGHT, "outcome")
LESS_IS_BETTER = (*WRONG, "lead_in_text")
ROUNDING = 5e-5
Figures = dict[str, float]
Floor = dict[str, dict[str, dict[str, Figures]]]
"""Folder, reader, page: its figures."""


def figures(told: Mapping[str, Any]) -> Figures:
    """Return a page's score as numbers: shares, 1 for right, counts of what is wrong."""
    made = {}
    for key in (*MORE_IS_BETTER, *LESS_IS_BETTER):
        value = told.get(key)
        if value is not None:
            made[key] = round(float(len(value) if isinstance(value, list) else value), 4)
    return made


def reached(pages: list[GoldPage]) -> dict[str, dict[str, Figures]]:
    """Return our readers' figures on each page."""
    return {r.name: {p.name: figures(score(p.gold, r.read(r.prepare(p)))) for p in pages} for r in ours()}


def recorded() -> Floor:
    """Return the floor on file; nothing where there is none."""
    return json.loads(FLOOR.read_text("utf-8")) if FLOOR.is_file() else {}


def falls(floor: Mapping[str, Mapping[str, Figures]], now: Mapping[str, Mapping[str, Figures]]) -> Iterator[str]:
    """Give a sentence for each figure below the floor, and for each recorded page that is gone."""
    for reader, pages in floor.items():
        for page, least in pages.items():
            here = now.get(reader, {}).get(page)
            if here is None:
                yield f"{page} ({reader}): recorded, and not there any more; bring it back or record the floor anew"
                continue
            for key, value in least.items():
                found = here.get(key, 0.0 if key in MORE_IS_BETTER else value)
                if (found < value - ROUNDING) if key in MORE_IS_BETTER else (found > value + ROUNDING):
                    yield f"{page} ({reader}): {key} was {value:g} and is {found:g}"


def record(folder: str, now: dict[str, dict[str, Figures]]) -> None:
    """Write today's figures of a folder as its floor, a line a page."""
    floor = recorded() | {folder: now}
    lines = []
    for name, readers in sorted(floor.items()):
        told = []
        for reader, pages in readers.items():
            rows = ",\n".join(f"   {json.dumps(page)}: {json.dumps(value)}" for page, value in sorted(pages.items()))
            told.append(f"  {json.dumps(reader)}: {{\n{rows}\n  }}")
        lines.append(f" {json.dumps(name)}: {{\n" + ",\n".join(told) + "\n }")
    FLOOR.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
