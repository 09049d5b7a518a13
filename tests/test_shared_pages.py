"""Real pages of eight papers, read in place: built into a WARC file, replayed, and proved from their records."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.archive.connection import sqlite3
from tests.crawling import ROOT, Desk
from tests.demo.server import Sites
from tests.test_reextract_crawl import damaged, facts, reextract

if TYPE_CHECKING:
    from pathlib import Path

SHARED = ROOT.parent / "shared"
PAGES = SHARED / "pages"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGES.is_dir(), reason="the development set of real pages is not beside this checkout"),
]
FETCHED = datetime(2026, 10, 2, 11, tzinfo=UTC)


def gold() -> dict[str, dict[str, Any]]:
    files = sorted(PAGES.glob("*.gold.json"))
    return {file.name.removesuffix(".gold.json"): json.loads(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file as another crawler writes it: each page at its own address, gzip on the wire."""
    path = tmp_path_factory.mktemp("foreign") / "pages.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for n, (name, facts) in enumerate(gold().items()):
            body = gzip.compress((PAGES / f"{name}.html").read_bytes(), mtime=0)
            headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")]
            headers.append(("Content-Length", str(len(body))))
            record = writer.create_warc_record(
                facts["url"],
                "response",
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": (FETCHED + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ")},
            )
            writer.write_record(record)
            record.raw_stream.close()
    return path


def scrapy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    flags = ["-s", f"ARCHIVE={folder / 'archive.db'}", "-s", f"WARC_DIR={folder / 'warc'}"]
    command = [sys.executable, "-m", "scrapy", *words, *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def rows(folder: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(folder / "archive.db")) as db:
        return list(db.execute(sql).fetchall())


def test_a_foreign_warc_file_replays_into_one_article_a_page_each_with_its_proof(foreign: Path, tmp_path: Path) -> None:
    ended = scrapy(tmp_path, "replay", str(foreign))
    assert ended.returncode == 0, ended.stderr
    articles = [facts for facts in gold().values() if facts["outcome"] == "article"]
    held = rows(
        tmp_path,
        "SELECT a.url, a.title, c.warc_file, c.warc_offset, c.payload_digest FROM articles a "
        "JOIN captures c ON c.id = a.capture_id",
    )
    assert {(url, title) for url, title, *_ in held} == {
        (facts["url"], " ".join(facts["title"].split())) for facts in articles
    }
    for url, _, file, offset, digest in held:
        with (tmp_path / "warc" / file).open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)))
            assert record.rec_headers.get_header("WARC-Target-URI") == url
            assert digest == f"sha256:{hashlib.sha256(record.raw_stream.read()).hexdigest()}"


def test_replaying_it_twice_changes_nothing(foreign: Path, tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        ended = scrapy(tmp_path, "replay", str(foreign))
        assert ended.returncode == 0, ended.stderr
        tables = ("articles", "article_text", "revisions", "captures", "urls", "aliases", "copies", "images", "tags")
        told.append({table: rows(tmp_path, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables})
    assert told[0] == told[1]


class Shelf(Desk):
    """A desk of the real papers alone."""

    def papers(self) -> Path:
        file = self.folder / "none.toml"
        file.write_text("", "utf-8")
        return file


def test_read_again_by_a_worse_rule_the_damaged_articles_alone_show_and_the_old_rule_takes_all_back(
    foreign: Path, tmp_path: Path
) -> None:
    desk = Shelf(tmp_path, Sites([]))
    assert desk.scrapy("replay", str(foreign)).returncode == 0
    before = facts(desk)
    told = reextract(desk)
    assert (told["changed"], told["lost"], told["gained"], told["unread"], told["outcomes"]) == (0, 0, 0, 0, 0)
    systems = {
        row[0]: row[1]
        for row in desk.rows("SELECT a.uid, p.template FROM articles a JOIN papers p ON p.name = a.paper")
    }
    system = Counter(filter(None, systems.values())).most_common(1)[0][0]
    told = reextract(desk, "--accept", rules=damaged(tmp_path, system, "title", "p"))
    touched = {one["uid"] for one in told["articles_read_otherwise"] if "title" in one["fields"]}
    after = facts(desk)
    assert touched == {row[0] for row in set(before["articles"]) ^ set(after["articles"])}
    assert {systems[uid] for uid in touched} == {system}
    reextract(desk, "--accept")
    assert {name for name, rows in facts(desk).items() if rows != before[name]} == set()
