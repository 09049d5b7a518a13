"""Layout changes on real texts: how often one is named where there is none, and how soon a planted one is.

``python -m bench.changes [--shared FOLDER] [--orders N]`` puts the texts of ``corpora`` in many orders, gives each the
fields of one of the real ``pages`` as it is read today, and prints false alarms per 1,000 articles by signal, then, of
planted changes, after how many articles they are found. Of a paper whose sections print alike things one after
another, each section has pages of its own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench.gold import SHARED, directory, pages_of, renamed
from crawler.extraction import extract
from pipelines.archive.layout_changes import flags, lines_compared
from pipelines.changes import LATEST, Change, Page, changes, recurring
from pipelines.text import words

SEED, MANY = 20261124, 1000
BEFORE, AFTER = 200, 100
RUN = 5
"""Articles of one section that follow each other, on the mean."""
LINE = "chia sẻ bài viết này"


@dataclass(frozen=True, slots=True)
class Article:
    """A real text: its lines as they compare, its syllables, and the section it stood in."""

    lines: tuple[str, ...]
    words: int
    section: str


def papers(corpora: Path) -> dict[str, list[Article]]:
    """Return the articles of each paper, section by section; where no paper is known, a thousand are one."""
    found: dict[str, list[Article]] = defaultdict(list)
    for row in _rows(corpora / "news_2016_with_urls.jsonl.gz"):
        site = ".".join((urlsplit(row["url"]).hostname or "").split(".")[-2:])
        found[site].append(_article(row["content"], str(row.get("labels") or "")))
    for number, row in enumerate(_rows(corpora / "news_20k.jsonl.gz")):
        found[f"news_20k {number // MANY:02}"].append(_article(row["body"], ""))
    by_section = {name: sorted(filter(lambda one: one.words, rows), key=lambda one: one.section)
                  for name, rows in found.items()}  # fmt: skip
    return {name: rows for name, rows in by_section.items() if len(rows) >= BEFORE + AFTER}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _article(text: str, section: str) -> Article:
    lines = tuple(lines_compared("\n".join(line.strip() for line in text.split("\n"))))
    return Article(lines, words(text), section)


def read_flags(pages: Path, redesign: Callable[[bytes], bytes] = bytes) -> list[frozenset[str]]:
    """Return what is wrong with each of the real pages, after a ``redesign``, as its paper's template reads it."""
    told = []
    for page in pages_of(pages, directory()):
        body = redesign(page.page)
        reading = extract(body, page.url, content_type=page.content_type, paper=page.paper, template=page.template)
        if reading.text:
            template = page.template.name if page.template else None
            told.append(flags(template, int(reading.provenance.get("text") == "template"), reading.provenance))
    return told


def in_runs(articles: Sequence[Article], chance: random.Random) -> list[Article]:
    """Return the articles so that those of a section follow each other in runs."""
    left: dict[str, list[Article]] = defaultdict(list)
    for one in chance.sample(articles, len(articles)):
        left[one.section].append(one)
    ordered = []
    while left:
        section = chance.choices(list(left), [len(of) for of in left.values()])[0]
        run = 1 + int(chance.expovariate(1 / (RUN - 0.5)))
        ordered += left[section][:run]
        left[section] = left[section][run:]
        left = {name: of for name, of in left.items() if of}
    return ordered


def stream(articles: Sequence[Article], seen: Sequence[frozenset[str]], chance: random.Random) -> list[Page]:
    """Return the articles as pages: each with the flags of a real page, in sections of pages of their own."""
    of_section: dict[str, list[frozenset[str]]] = {}
    recurs = recurring([one.lines for one in articles])
    made = []
    for number, one in enumerate(articles):
        own = of_section.setdefault(one.section, chance.sample(list(seen), 5) if one.section else list(seen))
        wrong = chance.choice(own) | ({"furniture"} if recurs[number] else frozenset())
        made.append(Page(number, f"{number:06}", one.words, wrong, one.section or None))
    return made


Order = Callable[[Sequence[Article], random.Random], list[Article]]
ORDERS: dict[str, Order] = {
    "section by section": lambda articles, _: list(articles),
    "shuffled": lambda articles, chance: chance.sample(articles, len(articles)),
    "in runs of a section": in_runs,
}


def false_alarms(found: dict[str, list[Article]], seen: Sequence[frozenset[str]], orders: int) -> None:
    """Print the changes named in articles of which none was changed; each of a signal counts once in 1,000."""
    chance = random.Random(SEED)
    print("| order | articles | named | per 1,000 | of which |\n| --- | --- | --- | --- | --- |")
    for name, order in ORDERS.items():
        told, articles = Counter[str](), 0
        for of_paper in found.values():
            if name != "shuffled" and len({one.section for one in of_paper}) < 2:
                continue
            for _ in range(1 if name == "section by section" else orders):
                pages = stream(order(of_paper, chance), seen, chance)
                for at in range(0, len(pages), MANY):
                    articles += len(pages[at : at + MANY])
                    told.update(change.signal for change in changes(pages[at : at + MANY]))
        kinds = ", ".join(f"{signal} {times}" for signal, times in told.most_common())
        print(f"| {name} | {articles:,} | {told.total()} | {1000 * told.total() / articles:.3f} | {kinds} |")


def _with(signal: str) -> Callable[[Page], Page]:
    return lambda page: replace(page, flags=page.flags | {signal})


def _cut(share: float) -> Callable[[Page], Page]:
    return lambda page: replace(page, words=max(1, round(page.words * share)))


Planted = dict[str, tuple[str, Callable[[Page], Page]]]
PLANTED: Planted = {
    "byline lost": ("byline", _with("byline")),
    "section lost": ("section", lambda page: replace(page, flags=page.flags | {"section"}, section=None)),
    "lead lost": ("lead", _with("lead")),
    "time lost": ("published", _with("published")),
    "template reads no text, the general reading does": ("fallback", _with("fallback")),
    "no text": ("unread", lambda page: replace(page, words=0, flags=frozenset({"unread"}))),
    "a line more on every page": ("furniture", _with("furniture")),
    "texts cut to a third": ("words", _cut(1 / 3)),
    "texts cut to 60 %": ("words", _cut(0.6)),
    "texts three times as long": ("words", _cut(3)),
}


def delays(found: dict[str, list[Article]], seen: Sequence[frozenset[str]], planted: Planted, orders: int) -> None:
    """Print after how many articles a planted change is found, and how far from its first page."""
    chance = random.Random(SEED)
    print("| planted | of the pages before | median | 95 % | within 20 | first page off, median, 90 % |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (signal, change) in planted.items():
        late, apart, share = [], [], []
        for of_paper in found.values():
            for _ in range(orders):
                pages = stream(chance.sample(of_paper, BEFORE + AFTER), seen, chance)
                pages = pages[:BEFORE] + [change(page) for page in pages[BEFORE:]]
                share.append(sum(signal in page.flags for page in pages[:BEFORE]) / BEFORE)
                hit = _found_after(pages, signal)
                late.append(hit[0] if hit else AFTER + 1)
                apart += [abs(hit[1].page.capture_id - BEFORE)] if hit else []
        late.sort()
        apart.sort()
        before = "" if signal == "words" else f"{sum(share) / len(share):.0%}"
        off = f"{median(apart):g}, {apart[9 * len(apart) // 10]}" if apart else "-"
        within = sum(n <= LATEST[1] for n in late) / len(late)
        ranks = [f"{n}" if n <= AFTER else f"> {AFTER}" for n in (late[len(late) // 2], late[19 * len(late) // 20])]
        print(f"| {name} | {before} | {ranks[0]} | {ranks[1]} | {within:.0%} | {off} |", flush=True)


def _found_after(pages: Sequence[Page], signal: str) -> tuple[int, Change] | None:
    """Return how many changed pages it takes until the change is named, and the change."""
    low, high, found = 0, AFTER, None
    while low < high:
        middle = (low + high) // 2
        hits = [one for one in changes(pages[: BEFORE + middle]) if one.signal == signal]
        low, high, found = (low, middle, hits[0]) if hits else (middle + 1, high, found)
    return (low, found) if found else None


def main() -> None:
    """Read, order, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED.parent, help="the folder that holds corpora and pages")
    parser.add_argument("--orders", type=int, default=20, help="orders of each paper's articles")
    given = parser.parse_args()
    found, seen = papers(given.shared / "corpora"), read_flags(given.shared / "pages")
    print(f"{len(found)} papers, {sum(map(len, found.values())):,} texts, the fields of {len(seen)} pages\n")
    false_alarms(found, seen, given.orders)
    print()
    after = read_flags(given.shared / "pages", renamed)
    redesign: Planted = {
        "every mark of the pages renamed": (
            "fallback",
            lambda page: replace(page, flags=after[page.capture_id % len(after)]),
        )
    }
    delays(found, seen, redesign | PLANTED, max(1, given.orders // 4))


if __name__ == "__main__":
    main()
