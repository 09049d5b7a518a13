"""Pages with gold: saved pages of a folder and what a careful archivist keeps of each.

Two forms: ``<id>.gold.json`` beside ``<id>.html``, or a fixture of ours, ``<id>.json`` with ``"reviewed": true``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.discovery.links import paper_for
from crawler.papers import Directory, load
from pipelines.items import Paper, Template

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "pages"
OWN = ROOT / "tests" / "pages"
MARKS = re.compile(
    rb"(\s)(class|id|itemprop|itemtype|data-[\w-]+)(\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class GoldPage:
    """One page: its bytes as served, its address, what is known of its paper, and its gold.

    ``gold`` has the keys title, lead, author, source, published, section, tags, captions, body (paragraphs),
    noise (lines that must not be in the text) and outcome.
    """

    name: str
    page: bytes
    url: str
    gold: Mapping[str, Any]
    paper: Paper | None = None
    template: Template | None = None
    content_type: str = ""


def directory() -> Directory:
    """Return the papers we know, those of the made-up newspapers among them."""
    papers = [ROOT / "crawler/papers.toml", ROOT / "tests/demo/papers.toml"]
    return load(papers, [ROOT / "crawler/templates.toml"], allow_loopback=True)


def pages_of(folder: Path, known: Directory) -> list[GoldPage]:
    """Return the pages of a folder that have gold, by name. Unreviewed fixtures have none."""
    found = [_page(path, known) for path in sorted(folder.glob("*.html"))]
    return [page for page in found if page is not None]


def _page(path: Path, known: Directory) -> GoldPage | None:
    beside = path.with_suffix(".gold.json")
    beside = beside if beside.is_file() else path.with_suffix(".json")
    if not beside.is_file():
        return None
    facts = json.loads(beside.read_text("utf-8"))
    if "body" not in facts and not facts.get("outcome", "article").startswith("page/"):
        if facts.get("reviewed") is not True:
            return None
        facts["body"] = (facts.get("text") or "").split("\n")
    gold = {"title": None, "published": None, "captions": [], "noise": [], "outcome": "article"} | facts
    paper, template = _known(facts, known)
    return GoldPage(path.stem, path.read_bytes(), facts["url"], gold, paper, template, facts.get("content_type", ""))


def _known(facts: Mapping[str, Any], known: Directory) -> tuple[Paper | None, Template | None]:
    """Return paper and template as the gold names them, else as the address does."""
    paper = known.papers.get(facts.get("paper") or "") or paper_for(facts["url"], known.papers.values())
    template = known.templates.get(facts.get("template") or "")
    return paper, template or (known.template_for(paper) if paper else None)


def renamed(page: bytes, seed: str = "1") -> bytes:
    """Return a page with every class, id, itemprop and data name replaced by an invented one, the same for the same.

    Only structure and words remain: a reader that knows a newsroom system by its names knows nothing then.
    """

    def word(match: re.Match[bytes]) -> bytes:
        return b"x" + hashlib.sha256(seed.encode() + match.group().lower()).hexdigest()[:7].encode()

    def attribute(match: re.Match[bytes]) -> bytes:
        name = match[2]
        if name.lower().startswith(b"data-"):
            name = b"data-" + re.sub(rb".+", word, name)
        quote = match[4][:1] if match[4][:1] in (b'"', b"'") else b""
        value = match[4][1:-1] if quote else match[4]
        return match[1] + name + match[3] + quote + re.sub(rb"\S+", word, value) + quote

    return MARKS.sub(attribute, page)
