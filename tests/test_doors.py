"""Whole crawls of made-up papers, one a door: every article they have is found, and no page is fetched twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pipelines.archive.connection import sqlite3
from tests.crawling import OURS, ROOT, clock
from tests.doors import NAMES, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.doors import DoorSite

pytestmark = pytest.mark.slow
WIDE = {"LISTING_PAGES": "999", "SITEMAP_CHILDREN": "999", "SITEMAP_DAYS": "9999"}
"""How far a crawl reaches that wants all there is."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mapping[str, DoorSite], Path]]:
    folder = tmp_path_factory.mktemp("doors")
    with serve() as sites:
        (folder / "doors.toml").write_text("\n".join(site.entry() for site in sites.values()), "utf-8")
        settings = {
            "PAPER_FILES": f"{OURS},{folder / 'doors.toml'}",
            "ALLOW_LOOPBACK": "1",
            "ARCHIVE": str(folder / "archive.db"),
            "WARC_DIR": str(folder / "warc"),
            "DOWNLOAD_DELAY": "0",
            "CLOCK": clock(0),
            **WIDE,
        }
        flags = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawlall", *NAMES, *flags]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr  # nothing is wrong with any of them
        yield sites, folder / "archive.db"


@pytest.mark.parametrize("name", NAMES)
def test_every_article_behind_a_door_is_found_and_read(crawled: tuple[Mapping[str, DoorSite], Path], name: str) -> None:
    sites, archive = crawled
    db = sqlite3.connect(archive)
    held = dict(db.execute("SELECT url, title FROM articles WHERE paper = ?", (name,)).fetchall())
    db.close()
    assert held == sites[name].titles


@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_fetched_twice(crawled: tuple[Mapping[str, DoorSite], Path], name: str) -> None:
    asked = Counter(crawled[0][name].log)
    assert not {url: times for url, times in asked.items() if times > 1}
