"""The floors on real pages of provincial papers, read in place; nothing of them is in this repository."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawler.discovery.links import paper_for
from crawler.extraction import extract
from crawler.papers import load
from crawler.settings import PAPER_FILES, TEMPLATE_FILES

SHARED = Path(__file__).resolve().parents[2] / "shared"
GOLD = {g.name.removesuffix(".gold.json"): g for g in sorted((SHARED / "pages").glob("*.gold.json"))}
DIRECTORY = load(PAPER_FILES, TEMPLATE_FILES)
pytestmark = pytest.mark.skipif(not GOLD, reason=f"the real pages are not here ({SHARED / 'pages'})")

WITH_TEMPLATE = {"f1": 1.0, "title": 1.0, "author": 1.0, "source": 1.0, "section": 1.0, "minute": 1.0, "lead": 1.0,
                 "tags": 0.98, "captions": 1.0}  # fmt: skip
ALONE = WITH_TEMPLATE
RENAMED = WITH_TEMPLATE
NEVER = ("leaks", "dups", "caption_leaks", "extra_captions")


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def scores(*, known: bool, seed: str | None = None, left_out: str | None = None) -> dict[str, dict[str, Any]]:
    scorer, rename = module("score_pages"), module("rename_marks")
    rows = {}
    for name, path in GOLD.items():
        gold = json.loads(path.read_text("utf-8"))
        page = path.with_name(f"{name}.html").read_bytes()
        page = rename.rename(page, seed) if seed else page
        paper = paper_for(gold["url"], DIRECTORY.papers.values()) if known else None
        template = DIRECTORY.template_for(paper) if paper else None
        template = None if template and template.name == left_out else template
        rows[name] = scorer.score(gold, asdict(extract(page, gold["url"], paper=paper, template=template)))
    return rows


@pytest.mark.parametrize(
    ("known", "seed", "floor"),
    [(True, None, WITH_TEMPLATE), (False, None, ALONE), (False, "1", RENAMED), (True, "2", RENAMED)],
    ids=["with templates", "alone", "renamed, alone", "renamed, with templates"],
)
def test_no_floor_falls(known: bool, seed: str | None, floor: dict[str, float]) -> None:
    hold(scores(known=known, seed=seed), floor)


@pytest.mark.parametrize("name", DIRECTORY.templates)
def test_no_floor_falls_where_a_template_is_left_out(name: str) -> None:
    hold(scores(known=True, left_out=name), ALONE)


def hold(rows: dict[str, dict[str, Any]], floor: dict[str, float]) -> None:
    assert [n for n, row in rows.items() if not row["outcome"]] == []
    articles = [row for row in rows.values() if "f1" in row]
    means = {k: sum(float(r[k]) for r in v) / len(v) for k in floor if (v := [r for r in articles if r[k] is not None])}
    assert {k: round(m, 4) for k, m in means.items() if m < floor[k]} == {}
    assert [row[k] for row in articles for k in NEVER if row[k]] == []
    assert not any(row["lead_in_text"] for row in articles)


def test_the_page_that_started_this_project() -> None:
    path = SHARED / "pages" / "baothanhhoa.vn__seed.html"
    paper = DIRECTORY.papers["baothanhhoa"]
    found = extract(path.read_bytes(), "https://baothanhhoa.vn/x/y/109268.htm", paper=paper,
                    template=DIRECTORY.template_for(paper))  # fmt: skip
    assert found.author == "Minh Hiếu"
    assert found.text is not None
    assert len(found.text.split("\n")) == 4
    assert len(found.captions) == 1
    everything = " ".join([found.title or "", found.lead or "", found.text, *found.captions])
    assert not [x for x in ("{name}", "{body}", "Trả lời", "bình luận", "Đọc nhiều", "Tắt [X]") if x in everything]
