"""Builds an archive of a million made-up articles, once, by which reading is measured (bench/reading.py).

``python -m bench.million [--articles N] [--corpora FOLDER] [--into FOLDER]`` prints its path. Papers are those of the
directory, texts are sentences of ../shared/corpora. Rows are written in bulk: tables first, then indexes, counts and
full-text search, then triggers, all of it as the migrations left it in ``sqlite_schema``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.gold import ROOT, SHARED
from bench.rows import COLUMNS, END, Press, Rows
from bench.sentences import Sentences
from crawler.papers import load, provinces
from pipelines.archive.connection import open_archive, stamp
from pipelines.archive.directory import put_paper, put_provinces
from pipelines.archive.soundness import INDEXES
from pipelines.likeness import BANDS, bands_of
from pipelines.migrations import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

MILLION = 1_000_000
AT_ONCE = 1000
"""Articles that one process makes at a time."""
AHEAD = 4
"""Such batches that wait to be written."""
DAYS, A_DAY = 60, 4
"""Days before the end of which a paper's runs are kept, and runs a day."""


def place(articles: int, folder: Path | None = None) -> Path:
    """Return where the archive of so many articles is kept: named after them and the schema's last migration."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "/var/tmp")
    return (folder or cache / "baotinh-bench") / f"articles-{articles}-{migrations._migrations[-1].name}.db"


def built(articles: int, corpora: Path, folder: Path | None = None) -> Path:
    """Return the path of the archive of so many articles, which is built where it is not there yet."""
    path = place(articles, folder)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"articles-{articles}-*"):
        old.unlink()
    coming = path.with_suffix(".coming")
    for left in path.parent.glob(coming.name + "*"):
        left.unlink()
    papers = load([ROOT / "crawler/papers.toml"], [ROOT / "crawler/templates.toml"]).papers
    build(coming, Press(list(papers.values()), Sentences.of(corpora), articles))
    coming.rename(path)
    return path


def build(path: Path, press: Press) -> None:
    """Build the archive of a press at ``path``; says on stderr what takes how long."""
    db = open_archive(path)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        db.conn.execute(f"PRAGMA {pragma}")
    later = [_taken_out(db, kind) for kind in ("trigger", "index")]
    with _told("papers and runs"):
        _put_papers(db, press)
    with _told(f"{press.articles} articles"):
        for rows in _made(press):
            _insert(db, rows)
    with _told("bands of signatures"):
        _put_bands(db)
    with _told("indexes"):
        _put_back(db, later.pop())
    with _told("counts"):
        db.conn.execute("INSERT INTO article_counts SELECT * FROM counted_articles")
    for index in INDEXES:
        with _told(index):
            db.conn.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    _put_back(db, later.pop())
    db.conn.execute("PRAGMA journal_mode = WAL")
    db.close()


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say on stderr how long the block took."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _taken_out(db: Database, kind: str) -> list[str]:
    """Drop all triggers or indexes of the schema, and return the SQL that makes them."""
    held = db.conn.execute("SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL", [kind]).fetchall()
    for name, _ in held:
        db.conn.execute(f"DROP {kind} {name}")
    return [sql for _, sql in held]


def _put_back(db: Database, made_by: list[str]) -> None:
    for sql in made_by:
        db.conn.execute(sql)


def _made(press: Press) -> Iterator[Rows]:
    """Give the rows of all articles, made by other processes a few batches ahead."""
    batches = (range(n, min(n + AT_ONCE, press.articles + 1)) for n in range(1, press.articles + 1, AT_ONCE))
    jobs = min(os.cpu_count() or 1, 4)
    # Forked, so that the sentences are shared and not sent.
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=_keep, initargs=(press,)) as pool:
        waiting: deque[Future[Rows]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_rows_of, batch))
            if len(waiting) == AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_press: list[Press] = []


def _keep(press: Press) -> None:
    _press[:] = [press]


def _rows_of(numbers: range) -> Rows:
    return _press[0].rows(numbers)


def _insert(db: Database, rows: Rows) -> None:
    db.conn.execute("BEGIN")
    for table, many in rows.items():
        names = COLUMNS[table].split()
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        db.conn.executemany(sql, many)
    db.conn.execute("COMMIT")


def _put_papers(db: Database, press: Press) -> None:
    """Put papers, provinces, and the runs of the last days."""
    db.conn.execute("BEGIN")
    put_provinces(db, provinces())
    counts = json.dumps({"listing/read": 9, "article/new": 11, "article/same": 6})
    for paper in press.papers:
        put_paper(db, paper)
        for n in range(DAYS * A_DAY, 0, -1):
            at = END - timedelta(days=n / A_DAY)
            ended = stamp(at + timedelta(minutes=6))
            db.conn.execute(
                "INSERT INTO runs (paper, command, started_at, finished_at, reason, requests, bytes, counts, "
                "settings_digest, versions) VALUES (?, 'crawl', ?, ?, 'finished', 40, 900000, ?, 'bench', '{}')",
                (paper.name, stamp(at), ended, counts),
            )
    db.conn.execute("UPDATE clock SET now = ?", [stamp(END)])
    db.conn.execute("COMMIT")


def _put_bands(db: Database) -> None:
    """Put the bands of all signatures, in the order of their keys."""
    held = db.conn.execute("SELECT id, signature FROM signatures ORDER BY id").fetchall()
    ids = np.repeat(np.array([row[0] for row in held], np.uint64), BANDS)
    keys = np.concatenate(
        [bands_of([row[1] for row in held[n : n + 10_000]]).ravel() for n in range(0, len(held), 10_000)]
    )
    del held
    order = np.lexsort((ids, keys))
    for part in np.array_split(order, max(len(order) // 1_000_000, 1)):
        db.conn.execute("BEGIN")
        pairs = zip(keys[part].tolist(), ids[part].tolist(), strict=True)
        db.conn.executemany("INSERT OR IGNORE INTO bands (key, signature_id) VALUES (?, ?)", pairs)
        db.conn.execute("COMMIT")


def main() -> int:
    """Build the archive where it is not there yet, and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_place(parser)
    options = parser.parse_args()
    print(built(options.articles, options.corpora, options.into))
    return 0


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which archive, made of what, and where it is kept."""
    parser.add_argument("--articles", type=int, default=MILLION)
    parser.add_argument("--corpora", type=Path, default=SHARED.parent / "corpora")
    parser.add_argument("--into", type=Path, help="folder it is kept in (default $XDG_CACHE_HOME/baotinh-bench)")


if __name__ == "__main__":
    sys.exit(main())
