"""``python -m bench.write_path``: what the archive's judging and writing costs beside writing the same rows raw.

CPU time, which a noisy machine disturbs least. Raw is ``executemany`` of the very rows the archive
came to, into the same schema with its indexes and search triggers, in transactions as large.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.archive import Archive, open_archive
from pipelines.archive.writer import BATCH
from pipelines.items import Article, Capture, Paper, Reading, Visit
from pipelines.stages import identified, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

PAPER = Paper("mau", "Báo Mẫu", "Thanh Hóa", hosts=("mau.example",))
TABLES = ("captures", "urls", "articles", "article_text", "revisions", "authors", "tags")
VOCABULARY = """
bến đò sông làng chợ thuyền lúa mưa nắng cầu đường sắt người dân xã huyện
tỉnh năm tháng ngày mới việc làm được trong ngoài trên dưới cùng với những các
một hai ba trường học thầy cô giáo đồng ruộng vườn cây quả xanh đỏ vàng
"""
SYLLABLES = VOCABULARY.split()
BEGIN = datetime(2026, 11, 24, tzinfo=UTC)


def visits(number: int, chance: random.Random) -> list[Visit]:
    """Return visits of new articles of about 3 kB, each with a capture."""
    return [_visit(n, chance) for n in range(number)]


def _visit(n: int, chance: random.Random) -> Visit:
    def words(many: int) -> str:
        return " ".join(chance.choices(SYLLABLES, k=many)).capitalize()

    url, at = f"https://mau.example/bai-{n:06}.html", BEGIN + timedelta(seconds=n)
    reading = Reading(
        url=url,
        title=words(12),
        lead=words(30),
        author=words(3).title(),
        section=chance.choice(("Thời sự", "Kinh tế", "Văn hóa")),
        published=f"2026-11-{1 + n % 24:02}T08:00:00+07:00",
        published_precision="minute",
        text="\n".join(words(60) + "." for _ in range(10)),
        tags=(words(2), words(2)),
    )
    capture = Capture(
        url,
        at,
        200,
        warc_file="mau/20261124.warc.gz",
        warc_offset=n * 20_000,
        warc_length=20_000,
        payload_digest=f"sha256:{n:064x}",
    )
    article = identified(Article(reading=normalised(reading)), PAPER.name, url)
    return Visit(paper=PAPER.name, url=url, kind="article", outcome="article", at=at, capture=capture, article=article)


def through_archive(path: Path, taken: Sequence[Visit]) -> float:
    """Write ``taken`` as a crawl does; return CPU seconds."""
    archive = Archive(path, extractor="bench")
    archive.sync_directory([PAPER], {})
    began = time.process_time()
    for visit in taken:
        assert visit.capture is not None
        archive.record(visit.paper, visit.capture)
        archive.submit(visit)
    archive.flush()
    spent = time.process_time() - began
    archive.close()
    return spent


def raw(path: Path, source: Path) -> float:
    """Write the rows of the archive ``source`` to a new one without any judging; return CPU seconds."""
    kept = open_archive(source)
    rows = {table: kept.conn.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in TABLES}
    kept.close()
    database = open_archive(path)
    database.conn.execute("PRAGMA foreign_keys = OFF")
    inserts = {t: f"INSERT INTO {t} VALUES ({','.join('?' * len(r[0]))})" for t, r in rows.items()}
    share = {table: len(r) * BATCH // len(rows["articles"]) for table, r in rows.items()}
    began = time.process_time()
    for batch in range(-(-len(rows["articles"]) // BATCH)):
        database.conn.execute("BEGIN IMMEDIATE")
        for table, sql in inserts.items():
            database.conn.executemany(sql, rows[table][batch * share[table] : (batch + 1) * share[table]])
        database.conn.execute("COMMIT")
    spent = time.process_time() - began
    written = database.conn.execute("SELECT count(*) FROM articles").fetchone()[0]
    assert written == len(rows["articles"]), f"{written} of {len(rows['articles'])} articles were written raw"
    database.close()
    return spent


def main() -> int:
    """Print the table: milliseconds of CPU an article, and the ratio, of several rounds."""
    parser = argparse.ArgumentParser(prog="python -m bench.write_path", description=main.__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.articles} new articles of about 3 kB, transactions of {BATCH}; CPU ms an article")
    print("round   archive       raw     ratio")
    ratios = []
    for number in range(1, options.rounds + 1):
        taken = visits(options.articles, random.Random(number))
        with tempfile.TemporaryDirectory() as folder:
            ours = through_archive(Path(folder) / "ours.db", taken) * 1000 / len(taken)
            plain = raw(Path(folder) / "raw.db", Path(folder) / "ours.db") * 1000 / len(taken)
        ratios.append(ours / plain)
        print(f"{number:5}  {ours:8.3f}  {plain:8.3f}  {ratios[-1]:8.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
