"""Runs our commands on the made-up newspapers as an operator does: as processes, on an archive of their own."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from pipelines.archive.connection import sqlite3
from tests.demo.papers import write_papers_toml
from tests.demo.stories import DAWN, NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.demo.server import Sites

ROOT = Path(__file__).parent.parent
OURS = ROOT / "crawler" / "papers.toml"


@dataclass
class Desk:
    """An operator's desk: a folder with an archive and WARC files, and the made-up newspapers to crawl."""

    folder: Path
    sites: Sites
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {
            "PAPER_FILES": f"{OURS},{self.papers()}",
            "ALLOW_LOOPBACK": "1",
            "ARCHIVE": str(self.archive),
            "WARC_DIR": str(self.warc),
            "DOWNLOAD_DELAY": "0",
            "TURNS_DIR": str(self.folder / "turns"),
            "LOG_LEVEL": "WARNING",
            **self.settings,
        }

    def papers(self) -> Path:
        """Write the newspapers' entries to a file and return it."""
        return write_papers_toml(self.folder / "papers.toml", self.sites.ports)

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def warc(self) -> Path:
        return self.folder / "warc"

    def command(self, *words: str, **settings: str) -> list[str]:
        chosen = {**self.settings, **settings}
        flags = [part for name, value in chosen.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", *words, *flags]

    def scrapy(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            self.command(*words, **settings), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )

    def at_once(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one command that needs no reactor to its end in this process, which takes a tenth of the time."""
        outcome, told = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        command = self.command(*words, **settings)
        with redirect_stdout(outcome), redirect_stderr(told):
            try:
                execute(command[2:], settings=get_project_settings())
            except SystemExit as ended:
                code = int(ended.code or 0)
        return subprocess.CompletedProcess(command, code, _text(outcome), _text(told))

    def start(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start a command and return its process."""
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(self.command(*words, **settings), cwd=ROOT, **quiet)

    def crawl(self, day: int, papers: Sequence[str] = NAMES, **settings: str) -> subprocess.CompletedProcess[str]:
        """Crawl the papers on a day of theirs, at dawn by the clock."""
        self.sites.day = day
        return self.scrapy("crawlall", *papers, **{"CLOCK": clock(day), **settings})

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Query the archive."""
        db = sqlite3.connect(self.archive)
        try:
            return list(db.execute(sql, values).fetchall())
        finally:
            db.close()

    def facts(self) -> dict[str, list[Any]]:
        """Return what an archive says that a second archive of the same captures must say too."""
        return {name: self.rows(sql) for name, sql in FACTS.items()}


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


FACTS = {
    "articles": (
        "SELECT uid, url, title, lead, author, source, published, section, content_sha256, text_sha256, first_seen, "
        "last_seen, revisions, gone_at FROM articles ORDER BY uid"
    ),
    "texts": "SELECT a.uid, t.text FROM articles a JOIN article_text t ON t.article_id = a.id ORDER BY 1",
    "revisions": "SELECT uid, kind, seen_at, title, lead, text, facts FROM revision_texts ORDER BY uid, seen_at",
    "aliases": "SELECT x.url, x.kind, a.uid FROM aliases x JOIN articles a ON a.id = x.article_id ORDER BY 1",
    "copies": "SELECT first_uid, uid, kind, score FROM syndication ORDER BY 1, 2",
    "stories": (
        "SELECT s.first_uid, s.articles, a.uid FROM stories s JOIN articles a ON a.story_id = s.id ORDER BY 1, 3"
    ),
    "furniture": (
        "SELECT paper, line, since_version, until_version, learned_at, dropped_at FROM furniture ORDER BY 1, 2"
    ),
    "read with": "SELECT uid, furniture_version FROM articles ORDER BY uid",
    "observed": "SELECT paper, number, uid, section, author, lines FROM furniture_pages ORDER BY 1, 2",
    "layout": (
        "SELECT c.url, c.fetched_at, l.paper, l.template, l.day, l.by_template, l.words, l.provenance, l.disagreement "
        "FROM layout_stats l JOIN captures c ON c.id = l.capture_id ORDER BY 2, 1"
    ),
    "captures": (
        "SELECT url, fetched_at, status, warc_file, warc_offset, warc_length, payload_digest, outcome "
        "FROM captures ORDER BY fetched_at, url"
    ),
}


def clock(day: int, hours: float = 0) -> str:
    """Return the CLOCK setting of a demo day's dawn, or ``hours`` later."""
    return (DAWN + timedelta(days=day, hours=hours)).isoformat()
