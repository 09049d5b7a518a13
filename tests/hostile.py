"""Reads many pages in processes that none of them can hold up or fill up, and tells what went wrong with which."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from bench.gold import GoldPage
from crawler.extraction import extract
from pipelines.items import OUTCOMES, Reading

SECONDS = 5
"""CPU seconds one page may take."""
MEMORY = 500 * 1024 * 1024
"""Bytes a process may take beyond what it has before it reads its first page."""
PROCESSES = 2
CHUNK = 50
READ_AGAIN = 8
"""Every so many pages one is read a second time."""

Make = Callable[[GoldPage, int], bytes]
Read = Callable[[GoldPage, bytes, int], Reading]


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong with one page: the seed's name, the number of what was made of it, and a sentence."""

    name: str
    number: int
    what: str


def with_or_without_template(page: GoldPage, body: bytes, number: int) -> Reading:
    """Read a page, every second one with its paper and template."""
    known = number % 2 == 0
    return extract(
        body,
        page.url,
        content_type=page.content_type,
        paper=page.paper if known else None,
        template=page.template if known else None,
    )


@contextmanager
def processes(folder: Path) -> Iterator[Executor]:
    """Give a pool whose processes are bounded and write in ``folder`` which page each is at."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), _bounded, (folder,)) as pool:
        yield pool


def faults(
    pool: Executor,
    folder: Path,
    page: GoldPage,
    make: Make,
    numbers: Iterable[int],
    read: Read = with_or_without_template,
) -> list[Fault]:
    """Return what was wrong with the pages ``make`` makes of ``page`` by number.

    No reading may raise or take more than `SECONDS`, and each must be fit to be stored; every `READ_AGAIN`-th
    page is read twice and must read the same. A process that dies ends it all with the page it was at.
    """
    todo = list(numbers)
    chunks = [todo[at : at + CHUNK] for at in range(0, len(todo), CHUNK)]
    try:
        found = pool.map(_chunk, repeat(folder), repeat(page), repeat(make), repeat(read), chunks)
        return [fault for part in found for fault in part]
    except BrokenProcessPool:
        notes = [path.read_text("utf-8").split("\t") for path in folder.glob("*.at")]
        what = f"a process died (over {SECONDS} s, {MEMORY} bytes, or a crash) while it was here"
        return [Fault(name, int(number), what) for name, number in notes]


def _bounded(folder: Path) -> None:
    here = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    (folder / f"{os.getpid()}.at").write_text("nothing yet\t-1", "utf-8")


def _chunk(folder: Path, page: GoldPage, make: Make, read: Read, numbers: list[int]) -> list[Fault]:
    found = []
    note = folder / f"{os.getpid()}.at"
    for number in numbers:
        note.write_text(f"{page.name}\t{number}", "utf-8")
        wrong = _wrong(page, make(page, number), number, read)
        if wrong:
            found.append(Fault(page.name, number, wrong))
    return found


def _wrong(page: GoldPage, body: bytes, number: int, read: Read) -> str | None:
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(began) + 4 * SECONDS, resource.RLIM_INFINITY))
    try:
        reading = read(page, body, number)
        spent = time.process_time() - began
        again = reading if number % READ_AGAIN else read(page, body, number)
    except Exception as error:  # noqa: BLE001 - every exception is a fault here
        return f"{type(error).__name__}: {error}"
    if spent > SECONDS:
        return f"took {spent:.1f} s"
    return "read twice, it read differently" if reading != again else unfit(reading)


def unfit(reading: Reading) -> str | None:
    """Return why a reading cannot be stored or shown, or None."""
    if reading.outcome not in OUTCOMES:
        return f"outcome {reading.outcome!r} is not of the closed list"
    try:
        json.dumps(asdict(reading), ensure_ascii=False).encode()
        for moment in filter(None, (reading.published, reading.modified)):
            datetime.fromisoformat(moment)
    except ValueError as error:
        return f"not fit to be stored: {error}"
    if reading.outcome == "article" and not (reading.text and reading.title):
        return "an article without a text or a title"
    lines = (reading.text or "").split("\n") if reading.text else []
    return None if all(line == line.strip() != "" for line in lines) else "an empty line in the text"
