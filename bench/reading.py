"""How long readers of a million articles wait, while a crawl writes fifty more a second.

``python -m bench.reading [--articles N] [--each N] [--clients N] [--json]`` builds the archive once (bench.million),
copies it, serves the copy as ``scrapy browse`` does, and asks for searches and pages one after another, then several
at a time. Times are of the wall, from the request to the last byte. Exit 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.gold import ROOT
from bench.million import add_place, built
from bench.questions import FLOOR, Kind, kinds
from bench.rows import Press
from bench.sentences import Sentences
from bench.steady_crawl import crawling
from crawler.commands.browse import OPTIONS
from crawler.papers import load
from pipelines.records import WARC_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30.0
"""How long an answer, or datasette's start, is waited for."""
A_SECOND = 50
"""Articles that the crawl stores in a second."""


@dataclass(frozen=True, slots=True)
class Timed:
    """How long the addresses of one kind took to be answered, in milliseconds, and with which statuses."""

    kind: Kind
    clients: int
    times: list[float] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    slowest: str = ""
    cpu: float = 0.0
    """Milliseconds of CPU that datasette spent on an answer, which other programs disturb less."""

    @property
    def is_there(self) -> bool:
        """Say whether there is such a page."""
        return self.answered[404] < self.answered.total()

    @property
    def meets(self) -> bool | None:
        """Say whether the target is met; None without one or such a page, and for several clients: it is for one."""
        if self.kind.bound is None or self.clients > 1 or not self.is_there:
            return None
        return self.part(0.95) <= self.kind.bound and all(status < 500 for status in self.answered)

    def part(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        return sorted(self.times)[max(math.ceil(share * len(self.times)) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Server:
    """A datasette that runs: its address, and the number of its process."""

    base: str
    process: int

    def cpu(self) -> float:
        """Return the milliseconds of CPU that it has spent (Linux, by `proc_pid_stat(5)`)."""
        spent = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def timed(server: Server, clients: int, kind: Kind) -> Timed:
    """Ask for all addresses of a kind, by so many clients at a time."""
    before = server.cpu()
    with ThreadPoolExecutor(clients) as pool, _client(server.base) as client:
        told = list(pool.map(partial(_asked, client), kind.addresses))
    slowest = max(zip(told, kind.addresses, strict=True))[1]
    cpu = (server.cpu() - before) / len(told)
    return Timed(kind, clients, [spent for spent, _ in told], Counter(status for _, status in told), slowest, cpu)


def _client(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, timeout=SECONDS, follow_redirects=True)


def _asked(client: httpx.Client, address: str) -> tuple[float, int]:
    began = time.perf_counter()
    try:
        status = client.get(address).status_code
    except httpx.TimeoutException:
        status = 504
    return (time.perf_counter() - began) * 1000, status


@contextmanager
def served(archive: Path) -> Iterator[Server]:
    """Serve an archive as ``scrapy browse`` does until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [part for name, value in OPTIONS.items() for part in ("--setting", name, value)]
    command = [sys.executable, "-m", "datasette", "serve", str(archive), "--port", str(port), *settings]
    quiet, environment = subprocess.DEVNULL, os.environ | {WARC_DIR: str(archive.parent / "warc")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            base, until = f"http://127.0.0.1:{port}", time.monotonic() + SECONDS
            while time.monotonic() < until and process.poll() is None:
                try:
                    httpx.get(base + "/-/actor.json")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            else:
                raise RuntimeError(f"{archive}: expected datasette to answer within {SECONDS:.0f} s, found it does not")
            yield Server(base, process.pid)
        finally:
            process.terminate()


def measured(archive: Path, press: Press, options: argparse.Namespace) -> list[Timed]:
    """Return the times of all kinds, by one client and by several; says on stderr what the crawl did."""
    asked = [kind for kind in kinds(archive, press.sentences, options.each) if options.only in kind.name]
    found = []
    with crawling(archive, press, options.writes) as stored, served(archive) as server, _client(server.base) as client:
        for warming in ("/", "/search?q=năm", "/search?q=đường sắt", *(kind.addresses[0] for kind in asked)):
            client.get(warming)
        for clients in dict.fromkeys((1, options.clients)):
            before, began = stored.value, time.monotonic()
            found += [timed(server, clients, kind) for kind in asked]
            rate = (stored.value - before) / (time.monotonic() - began)
            print(f"{clients} at a time: the crawl stored {rate:.1f} articles a second", file=sys.stderr)
    return found


def main() -> int:
    """Print the table; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_place(parser)
    parser.add_argument("--each", type=int, default=200, help="searches of each kind; a quarter as many pages")
    parser.add_argument("--clients", type=int, default=4, help="who ask at a time, after one alone has")
    parser.add_argument("--writes", type=int, default=A_SECOND, help="articles a second that a crawl stores meanwhile")
    parser.add_argument("--only", default="", help="kinds whose name has this in it")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    archive = built(options.articles, options.corpora, options.into)
    papers = load([ROOT / "crawler/papers.toml"], [ROOT / "crawler/templates.toml"]).papers
    press = Press(list(papers.values()), Sentences.of(options.corpora), options.articles)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        copy = Path(folder) / "archive.db"
        subprocess.run(["cp", "--reflink=auto", str(archive), str(copy)], check=True)
        found = measured(copy, press, options)
    if options.json:
        print(json.dumps([_figures(one) for one in found], ensure_ascii=False, indent=1))
    else:
        _print(found)
    return int(any(one.meets is False for one in found))


def _figures(one: Timed) -> dict[str, object]:
    """Return what was measured of a kind, for reading by a program."""
    figures = {"p50": one.part(0.5), "p95": one.part(0.95), "max": max(one.times)} if one.is_there else {}
    return {
        "kind": one.kind.name,
        "clients": one.clients,
        "asked": len(one.times),
        "cpu": round(one.cpu, 1),
        **{name: round(value, 1) for name, value in figures.items()},
        "bound": one.kind.bound,
        "meets": one.meets,
        "answered": dict(one.answered),
        "slowest": one.slowest,
    }


def _print(found: list[Timed]) -> None:
    """Print a row for each kind."""
    floors = {one.clients: one.part(0.5) for one in found if one.kind.name == FLOOR}
    print(f"{'ms':<38} clients   p50    p95    max    cpu  x floor  target")
    for one in found:
        if not one.is_there:
            print(f"{one.kind.name:<38} {one.clients:7}   no such page yet")
            continue
        floor = f"{one.part(0.5) / floors[one.clients]:7.1f}" if one.clients in floors else " " * 7
        bad = "".join(f"  {many} x {status}" for status, many in one.answered.items() if status >= 400)
        said = "" if one.meets is None else f"{one.kind.bound:.0f} {'met' if one.meets else 'MISSED'}"
        figures = f"{one.part(0.5):6.1f} {one.part(0.95):6.1f} {max(one.times):6.1f} {one.cpu:6.1f}"
        print(f"{one.kind.name:<38} {one.clients:7} {figures}  {floor}  {said}{bad}")


if __name__ == "__main__":
    sys.exit(main())
