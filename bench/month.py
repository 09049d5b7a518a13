"""``python -m bench.month``: a month of twelve made-up papers, crawled every five minutes as cron would, by one clock.

One process holds the papers' sites, on loopback, and the crawls. What is archived how late, and what it cost, is
printed as a table and, with ``--json``, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from bench.month_figures import FIGURES, figures, missed
from bench.month_health import Told
from bench.month_papers import PAPERS, Newsroom, answer, beginning
from crawler import settings as defaults
from crawler.crawling import prepare
from crawler.loader import PaperLoader
from crawler.run import problem
from pipelines.archive.connection import open_archive, reading, stamp, updating
from pipelines.archive.health import health, note_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.papers import Directory

EVERY = timedelta(minutes=5)
"""How often cron calls ``crawlall --due``."""
TICK = EVERY - timedelta(seconds=1)
"""As far as the clock runs on by itself: where this process is made to wait, the simulated time waits with it."""
MEMORY = Path("/dev/shm")
"""Where the archive is, if there is such a place: what a disk takes to write is not what is measured."""
SKIP = "SELECT EXISTS (SELECT 1 FROM urls WHERE due_at <= ?)"
SINCE = "SELECT count(*) FROM articles WHERE paper = ? AND first_seen >= ?"


class Clock:
    """The one clock: stands at a tick when it is set, and runs on at the machine's pace, not as far as the next."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def set(self, at: datetime) -> None:
        """Let it be ``at`` now."""
        self._at, self._origin = at.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        """Return the simulated moment in UTC."""
        return self._at + min(timedelta(seconds=time.monotonic() - self._origin), TICK)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself: settings are copied, the clock is one."""
        return self


class Shared(Settings):
    """Settings whose copies share the values: Scrapy copies all of them, deeply, for each crawl that is begun."""

    def copy(self) -> Self:
        """Return settings of which each can be set without touching these."""
        made = copy(self)
        made.attributes = {name: copy(attribute) for name, attribute in self.attributes.items()}
        return made


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a site got, and what it answered."""

    paper: str
    path: str
    at: datetime
    status: int
    conditional: bool


@dataclass
class Month:
    """The papers, their clock, and what has happened so far."""

    papers: Sequence[Newsroom]
    days: int
    folder: Path
    clock: Clock = field(init=False)
    log: list[Asked] = field(default_factory=list)
    crawls: int = 0
    ticks: int = 0
    crawling: float = 0.0
    wrong: list[str] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock(beginning(0))

    @property
    def archive(self) -> Path:
        """The archive's place."""
        return self.folder / "archive.db"

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return beginning(self.days)


async def serve(month: Month, paper: Newsroom, stack: AsyncExitStack) -> str:
    """Serve a paper on a free port of loopback until the stack is closed; return its host."""
    open_now: set[asyncio.StreamWriter] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(_answered(month, paper, host, head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            open_now.discard(writer)
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def hang_up() -> None:
        server.close()
        for writer in open_now:
            writer.close()

    stack.callback(hang_up)
    return host


def _answered(month: Month, paper: Newsroom, host: str, head: str) -> bytes:
    request, *lines = head.split("\r\n")
    target, now = request.split(" ")[1], month.clock.now()
    reply = answer(paper, f"http://{host}", target, now)
    knows = next((line[15:] for line in lines if line.lower().startswith("if-none-match: ")), None)
    status = 304 if reply.status == 200 and knows == reply.etag else reply.status
    month.log.append(Asked(paper.name, target, now, status, knows is not None))
    body = b"" if status == 304 else reply.body
    headers = [("Content-Type", reply.content_type), ("ETag", reply.etag), *reply.headers]
    told = "".join(f"{name}: {value}\r\n" for name, value in [*headers, ("Content-Length", str(len(body)))])
    return f"HTTP/1.1 {status} Told\r\n{told}\r\n".encode("latin-1") + body


def settings_of(month: Month, entries: Path) -> Settings:
    """Return the settings of ``crawlall --due`` for the month's papers."""
    made = Shared()
    made.setmodule(defaults, priority="project")
    chosen = {
        **defaults.ARCHIVING,
        "RUN_COMMAND": "crawlall",
        "DUE_ONLY": True,
        "PAPER_FILES": [str(entries)],
        "ARCHIVE": str(month.archive),
        "WARC_DIR": str(month.folder / "warc"),
        "TURNS_DIR": str(month.folder / "turns"),
        "ALLOW_LOOPBACK": True,
        "DOWNLOAD_DELAY": 0,
        "CLOCK": month.clock,
        "LOG_ENABLED": False,
    }
    made.setdict(chosen, priority="cmdline")
    return made


async def simulate(month: Month) -> None:
    """Crawl what is due every five minutes of the month."""
    async with AsyncExitStack() as stack:
        entries = month.folder / "papers.toml"
        hosts = [await serve(month, paper, stack) for paper in month.papers]
        tables = [paper.entry(host) for paper, host in zip(month.papers, hosts, strict=True)]
        entries.write_text("\n".join(tables), "utf-8")
        settings = settings_of(month, entries)
        loader = PaperLoader.from_settings(settings)
        runner = AsyncCrawlerRunner(settings)
        open_archive(month.archive).close()
        db = stack.enter_context(reading(month.archive))
        at = beginning(0)
        while at < month.end:
            month.clock.set(at)
            if not month.ticks or db.execute(SKIP, (stamp(at),)).fetchone()[0]:
                await _tick(month, settings, runner, loader.directory)
            at += EVERY
            if not at.minute:
                _tell(month, at)
            if at == beginning(day := (at - beginning(0)).days):
                _look_at_health(month, day)


async def _tick(month: Month, settings: Settings, runner: AsyncCrawlerRunner, directory: Directory) -> None:
    """Do what one call of ``crawlall --due`` does."""
    began = time.monotonic()
    with ExitStack() as locks:
        found = prepare(settings, directory, list(directory.papers.values()), locks)
        month.wrong += found.wrong
        crawlers = [runner.create_crawler(name) for name in found.papers]
        await asyncio.gather(*(runner.crawl(crawler) for crawler in crawlers))
    for crawler in crawlers:
        failure = problem(crawler.stats.get_stats() if crawler.stats else {})
        month.wrong += [f"{month.clock.now():%d %H:%M} {crawler.spidercls.name}: {failure}"] if failure else []
    month.ticks += 1
    month.crawls += len(crawlers)
    month.crawling += time.monotonic() - began


def _tell(month: Month, at: datetime) -> None:
    """Keep the changes of the papers' health that ``scrapy status``, called every hour, would tell the operator."""
    month.clock.set(at)
    with updating(month.archive) as db:
        for change in note_changes(db, at):
            paper = next(paper for paper in month.papers if paper.name == change.paper)
            since = stamp(beginning(paper.redesigned or 0))
            (many,) = db.conn.execute(SINCE, (paper.name, since)).fetchone()
            month.told.append(Told(paper.name, change.at, change.state, change.said, many))


def _look_at_health(month: Month, day: int) -> None:
    """Keep what the archive's view ``health`` says at the end of a day."""
    with updating(month.archive) as db:
        month.health += [{"day": day, **row} for row in health(db, month.clock.now())]
    print(f"day {day}: {month.crawls} crawls, {month.crawling:.0f} s", file=sys.stderr, flush=True)


def run(papers: Sequence[Newsroom], days: int, folder: Path) -> dict[str, Any]:
    """Simulate ``days`` of ``papers`` into an archive in ``folder``; return the figures."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    logging.getLogger().setLevel(logging.CRITICAL)
    month = Month([replace(paper, days=days) for paper in papers], days, folder)
    began = time.monotonic()
    reactor: Any = import_module("twisted.internet.reactor")
    failed: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        failed.extend([error] if (error := task.exception()) else [])
        reactor.stop()

    def start() -> None:
        asyncio.get_event_loop().create_task(simulate(month)).add_done_callback(ended)

    reactor.callWhenRunning(start)
    reactor.run()
    if failed:
        raise failed[0]
    return figures(month, time.monotonic() - began)


def main() -> int:
    """Simulate the month and print its figures; exit 0 where every target is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.month", description=main.__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--papers", type=int, default=len(PAPERS), help="the first so many of the twelve")
    parser.add_argument("--keep", type=Path, help="an empty folder that the archive and WARC files are left in")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baotinh-month-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        found = run(PAPERS[: options.papers], options.days, options.keep or Path(folder))
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for name, told in FIGURES.items():
            print(f"{told:60} {found[name]}")
        print(f"{'polls a day':60} {found['polls']}")
    failed = missed(found)
    sys.stderr.writelines(f"missed: {line}\n" for line in failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
