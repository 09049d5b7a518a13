"""``python -m bench.extraction [FOLDER]``: our extraction beside that of others, on pages with gold.

Time is CPU time, reader after reader over all pages, round after round; what is told is the ratio to
trafilatura's ``bare_extraction(with_metadata=True)`` on the same pages in the same round.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import floor
from bench.causes import causes
from bench.gold import OWN, ROOT, SHARED, GoldPage, directory, pages_of
from bench.readers import OURS, Reader, ours, peers, yardstick
from bench.scoring import overall, score

DOCS = ROOT / "docs" / "extraction.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
ROUNDS = 5
HEAD = (
    "reader", "body F1", "worst", "title", "author", "source", "minute", "lead", "section", "tags",
    "noise lines", "captions found", "captions in text", "captions invented", "outcome", "CPU",
)  # fmt: skip
COUNTED = ("title", "author", "source", "minute", "lead", "section")


@dataclass(frozen=True, slots=True)
class Result:
    """What a reader came to: scores and readings by page, and the errors it raised."""

    reader: Reader
    scores: dict[str, dict[str, Any]]
    readings: dict[str, dict[str, Any]]
    raised: dict[str, str]


def measured(reader: Reader, pages: list[GoldPage]) -> Result:
    """Read every page once and score it; a page on which the reader fails scores as not read."""
    readings: dict[str, dict[str, Any]] = {}
    raised = {}
    for page in pages:
        try:
            readings[page.name] = reader.read(reader.prepare(page))
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is a figure here
            readings[page.name] = {}
            raised[page.name] = f"{type(error).__name__}: {error}"[:120]
    scores = {page.name: score(page.gold, readings[page.name]) for page in pages}
    return Result(reader, scores, readings, raised)


def cpu_ratios(readers: list[Reader], pages: list[GoldPage], rounds: int) -> dict[str, float]:
    """Return each reader's CPU time over all pages as a share of the yardstick's, median over ``rounds``.

    In a round each reader reads all pages one after another, as a crawl does. Empty without trafilatura.
    """
    one = yardstick()
    if one is None or not rounds:
        return {}
    prepared = {reader.name: [reader.prepare(page) for page in pages] for reader in (one, *readers)}
    found: dict[str, list[float]] = {reader.name: [] for reader in readers}
    for _ in range(rounds):
        spent = {reader.name: _seconds(reader, prepared[reader.name]) for reader in (one, *readers)}
        for name, ratios in found.items():
            ratios.append(spent[name] / spent[one.name])
    return {name: statistics.median(ratios) for name, ratios in found.items()}


def _seconds(reader: Reader, pages: list[GoldPage]) -> float:
    gc.collect()
    began = time.process_time()
    for page in pages:
        with contextlib.suppress(Exception):  # told by `measured`
            reader.read(page)
    return time.process_time() - began


def table(results: list[Result], times: dict[str, float]) -> list[str]:
    """Return the lines of the table, in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    for result in results:
        told = overall(result.scores)
        pages = int(told["pages"])
        name = result.reader.name
        count = [f"{round(told[key] * pages)}/{pages}" for key in COUNTED]
        outcomes = f"{sum(bool(s['outcome']) for s in result.scores.values())}/{len(result.scores)}"
        wrong = [str(int(told[key])) for key in ("caption_leaks", "extra_captions")]
        shown = f"ours, {name}" if name in OURS else name
        cells = [shown, f"{told['f1']:.3f}", f"{told['f1_worst']:.3f}", *count, f"{told['tags']:.2f}"]
        cells += [str(int(told["leaks"])), f"{told['captions']:.2f}", *wrong, outcomes]
        lines.append(f"| {' | '.join(cells)} | {f'{times[name]:.2f}' if name in times else ''} |")
    return lines


def told_causes(result: Result, pages: list[GoldPage]) -> list[tuple[str, str, str]]:
    """Return page, kind and words of every error of a reader."""
    found = [(page, "raised", why) for page, why in result.raised.items()]
    for page in pages:
        for kind, words in causes(page.gold, result.readings[page.name], result.scores[page.name]):
            found.append((page.name, kind, words))
    return found


def say_causes(results: list[Result], pages: list[GoldPage], *, every: bool) -> None:
    """Print the causes of error: each of ours, those of others counted by kind unless ``every`` one is wanted."""
    for result in results:
        found = told_causes(result, pages)
        kinds = Counter(kind for _, kind, _ in found)
        print(f"\n{result.reader.name}: " + (", ".join(f"{n} {kind}" for kind, n in kinds.most_common()) or "no error"))
        if result.reader.name in OURS or every:
            print("\n".join(f"  {page}: {kind}: {words}" for page, kind, words in found))


def as_json(results: list[Result], pages: list[GoldPage], times: dict[str, float]) -> str:
    """Return everything measured as one JSON object."""
    told = {
        r.reader.name: {
            "release": r.reader.release,
            "overall": overall(r.scores),
            "cpu_ratio": times.get(r.reader.name),
            "pages": r.scores,
            "causes": told_causes(r, pages),
        }
        for r in results
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def write_docs(results: list[Result], folder: str, lines: list[str]) -> None:
    """Put the table into docs/extraction.md, between its markers."""
    before, _, rest = DOCS.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    releases = sorted({r.reader.release for r in results if r.reader.name not in OURS})
    pages = len(results[0].scores)
    told = [f"{pages} pages of `{folder}`; {', '.join(releases)}. `make bench`, or with this page rewritten:", ""]
    command = ["```sh", ".venv-bench/bin/python -m bench.extraction --docs", "```", ""]
    body = "\n".join([BEGIN, *told, *command, *lines, END])
    DOCS.write_text(before + body + after, "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.extraction", description=main.__doc__)
    default = "../shared/pages if it is there, else tests/pages"
    parser.add_argument("folder", nargs="?", type=Path, help=f"pages with gold (default: {default})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of timing (default {ROUNDS}; 0: none)")
    parser.add_argument("--ours", action="store_true", help="leave the readers of others out")
    parser.add_argument("--causes", action="store_true", help="show each error of the readers of others too")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/extraction.md")
    parser.add_argument("--record", action="store_true", help="write our scores as the floor that the tests hold")
    return parser.parse_args()


def name_of(folder: Path) -> str:
    """Return what the floor and the docs call a folder, wherever the project lies."""
    known = {SHARED.resolve(): "shared/pages", OWN.resolve(): "tests/pages"}
    return known.get(folder.resolve(), folder.name)


def main() -> int:
    """Score and time readers of newspapers' pages on a folder of pages with gold; exit 0 done, 2 no such pages."""
    options = _options()
    folder = options.folder or (SHARED if SHARED.is_dir() else OWN)
    pages = pages_of(folder, directory()) if folder.is_dir() else []
    if not pages:
        print(f"{folder}: expected pages with <id>.gold.json or reviewed <id>.json, found none; name another folder")
        return 2
    others = [] if options.ours else list(peers())
    missing = [peer for peer in others if isinstance(peer, str)]
    results = [measured(r, pages) for r in [*ours(), *(peer for peer in others if isinstance(peer, Reader))]]
    times = cpu_ratios([result.reader for result in results], pages, options.rounds)
    lines = [*table(results, times), *missing]
    if options.record:
        _record(name_of(folder), pages)
    if options.docs:
        write_docs(results, name_of(folder), lines)
    print(as_json(results, pages, times) if options.json else "\n".join(lines))
    if options.json:
        print("\n".join(missing), end="", file=sys.stderr)
    else:
        say_causes(results, pages, every=options.causes)
    return 0


def _record(folder: str, pages: list[GoldPage]) -> None:
    now = floor.reached(pages)
    for fallen in floor.falls(floor.recorded().get(folder, {}), now):
        print(f"lowered: {fallen}", file=sys.stderr)
    floor.record(folder, now)


if __name__ == "__main__":
    sys.exit(main())
