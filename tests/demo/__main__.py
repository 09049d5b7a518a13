"""`python -m tests.demo`: crawls the made-up newspapers three times, a made-up day apart, and shows what it found."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, timedelta
from pathlib import Path

from crawler import settings
from tests.demo.papers import PAPERS_TOML, PORTS, write_papers_toml
from tests.demo.server import LOOPBACK, Sites, serve
from tests.demo.stories import DAWN, DAYS, NAMES
from tests.demo.summary import days_done, last_moment, papers_in, summary, table

LATER = timedelta(hours=1)
"""How long after a crawl that was cut off the same day is crawled again, by the clock."""

TOLD = ("new", "same", "revised", "copied", "gone", "failed")
"""Columns of the summary told after each day."""


class DemoError(Exception):
    """The demo cannot start or go on; the text is one sentence with the remedy."""


def main() -> int:
    """Crawl three made-up newspapers three times and show what was found; exit 0 done, 1 not."""
    options = _options()
    try:
        first = _first_day(options.archive, options.warc)
        with _serving(options.port) as sites:
            papers = _papers_file(options)
            for day in DAYS[first:]:
                _crawl(sites, day, options, papers)
        _show(options.archive)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: stopped; started again, it goes on with the day it was at", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=main.__doc__)
    parser.add_argument("--archive", type=Path, default=Path(settings.ARCHIVE))
    parser.add_argument("--warc", type=Path, default=Path(settings.WARC_DIR))
    parser.add_argument("--port", type=int, default=PORTS[0], help="the first of three ports")
    return parser.parse_args()


def _first_day(archive: Path, warc: Path) -> int:
    """Return the day to begin with; a finished demo is removed, an archive of other papers refused."""
    if not archive.exists():
        _remove(archive, warc)
        return 0
    try:
        others = papers_in(archive) - set(NAMES)
        done = days_done(archive)
    except sqlite3.Error as error:
        raise DemoError(f"{archive}: not readable as an archive: {error}; give another with --archive") from None
    if others:
        raise DemoError(
            f"{archive} holds other papers than the demo's ({', '.join(sorted(others)[:3])}) and is left alone; "
            "keep the demo apart: --archive demo.db --warc demo-warc"
        )
    if done < len(DAYS):
        print(f"{archive} holds a demo that was cut off; going on with day {done}")
        return done
    print(f"{archive} holds a finished demo; it is removed and crawled afresh")
    _remove(archive, warc)
    return 0


def _remove(archive: Path, warc: Path) -> None:
    """Remove the demo's archive and the WARC files of its three papers, nothing else."""
    for suffix in ("", "-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)
    for name in NAMES:
        shutil.rmtree(warc / name, ignore_errors=True)


@contextmanager
def _serving(port: int) -> Iterator[Sites]:
    ports = range(port, port + len(NAMES))
    with ExitStack() as stack:
        try:
            sites = stack.enter_context(serve(ports=ports))
        except (OSError, OverflowError) as error:
            raise DemoError(
                f"ports {ports[0]} to {ports[-1]} of {LOOPBACK} are not all free ({error}); "
                "end what uses them (another demo?) or give others with --port"
            ) from None
        yield sites


def _papers_file(options: argparse.Namespace) -> Path:
    """Return the file with the papers' entries; written below WARC_DIR for ports that are not the demo's own."""
    if options.port == PORTS[0]:
        return PAPERS_TOML
    options.warc.mkdir(parents=True, exist_ok=True)
    return write_papers_toml(options.warc / "demo-papers.toml", range(options.port, options.port + len(NAMES)))


def _clock(day: int, archive: Path) -> str:
    """Return when ``day`` is crawled: its dawn, or a while after a crawl of it that was cut off."""
    last = last_moment(archive) if archive.exists() else None
    begin = DAWN + timedelta(days=day)
    return (max(begin, last + LATER) if last else begin).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _crawl(sites: Sites, day: int, options: argparse.Namespace, papers: Path) -> None:
    sites.day = day
    clock = _clock(day, options.archive)
    print(f"day {day}, {clock}: crawling {len(NAMES)} papers", flush=True)
    began = time.monotonic()
    before = sum((Counter(found) for found in _counts(options.archive).values()), Counter[str]())
    done = subprocess.run(_command(options, papers, clock), cwd=settings.ROOT, check=False)
    if done.returncode:
        raise DemoError(
            f"the crawl of day {day} ended with {done.returncode}, its messages are above; started again, it goes on"
        )
    after = sum((Counter(found) for found in _counts(options.archive).values()), Counter[str]())
    found = ", ".join(f"{after[column] - before[column]} {column}" for column in TOLD)
    print(f"    {found} ({time.monotonic() - began:.0f} s)", flush=True)


def _command(options: argparse.Namespace, papers: Path, clock: str) -> list[str]:
    given = {
        "PAPER_FILES": ",".join([*settings.PAPER_FILES, str(papers)]),
        "ALLOW_LOOPBACK": "1",
        "CLOCK": clock,
        "ARCHIVE": str(options.archive.resolve()),
        "WARC_DIR": str(options.warc.resolve()),
        "DOWNLOAD_DELAY": "0.01",
        "LOG_LEVEL": "WARNING",
    }
    flags = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawlall", *NAMES, *flags]


def _counts(archive: Path) -> dict[str, Counter[str]]:
    return summary(archive) if archive.exists() else {}


def _show(archive: Path) -> None:
    print(f"\n{table(summary(archive))}\n")
    where = "" if archive.resolve() == Path(settings.ARCHIVE) else f" -s ARCHIVE={archive}"
    print(f"Now read it:  .venv/bin/scrapy browse{where}")


if __name__ == "__main__":
    sys.exit(main())
