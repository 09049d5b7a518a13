"""The entries of papers.toml for the made-up newspapers, at whatever ports they are served."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.demo.edition import Edition
from tests.demo.server import LOOPBACK
from tests.demo.sites import SYSTEMS
from tests.demo.stories import Newspaper, newspapers

PORTS = tuple(paper.port for paper in newspapers())
"""The demo's own ports, so that a demo run again finds the same addresses."""
PAPERS_TOML = Path(__file__).with_name("papers.toml")
"""The entries at those ports."""
HEAD = "# The made-up newspapers at the demo's ports; written by 'python -m tests.demo.papers'.\n"


def papers_toml(ports: Sequence[int] = PORTS) -> str:
    """Return the three tables, one port a paper."""
    return "\n".join([HEAD, *(_table(paper, port) for paper, port in zip(newspapers(), ports, strict=True))])


def write_papers_toml(path: Path, ports: Sequence[int] = PORTS) -> Path:
    """Write the three tables to ``path`` and return it."""
    path.write_text(papers_toml(ports), "utf-8")
    return path


def _table(paper: Newspaper, port: int) -> str:
    host = f"{LOOPBACK}:{port}"
    system = SYSTEMS[paper.system]
    facts: dict[str, object] = {
        "title": paper.title,
        "province": paper.province,
        **({"provinces_before": list(paper.provinces_before)} if paper.provinces_before else {}),
        "hosts": [host],
        "template": paper.system,
        **{key: urls for key, urls in system.listings(Edition(paper, 0, f"http://{host}")).items() if urls},
        **({"prefixes": [paper.prefix]} if paper.prefix else {}),
        "confidence": "high",
        "evidence": "made up; served by tests/demo",
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()]
    patterns = ", ".join(f"'{pattern}'" for pattern in system.PATTERNS)
    return "\n".join([f"[{paper.name}]", *lines, f"article = [{patterns}]", ""])


if __name__ == "__main__":
    write_papers_toml(PAPERS_TOML)
