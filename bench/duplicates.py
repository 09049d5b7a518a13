"""Near-duplicates: what candidate search and verification find of planted copies, and what they wrongly find.

``python -m bench.duplicates [--corpora FOLDER] [--each N] [--list FILE]`` plants copies of real articles in an
archive's own tables, judges every one of them there, and prints recall by kind of copy, what was found among the
articles themselves (to be read: ``--list``), bulletins wrongly called copies, and bytes and milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.bulletins import bulletins
from bench.gold import SHARED
from pipelines.archive.connection import open_archive
from pipelines.archive.signatures import candidates, put
from pipelines.likeness import ALGORITHM, VALUES, Compared, Likeness, Marks, band_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlite_utils import Database

SEED = 20261124
LONG = 200
"""Syllables of a text that copies are planted of."""

DRAWN = -1
"""The article of signatures that were drawn, which have no text."""
FEW_NUMBERS = 12
"""Numbers of a real text that makes a bulletin when all of them are others."""
NUMBER = re.compile(r"\d+")

Change = Callable[[str, random.Random, Sequence[str]], str]


def _edited(share: float) -> Change:
    def edit(text: str, chance: random.Random, words: Sequence[str]) -> str:
        lines = [line.split() for line in text.split("\n")]
        for line in lines:
            for place in range(len(line)):
                if chance.random() < share:
                    line[place] = chance.choice(words)
        return "\n".join(map(" ".join, lines))

    return edit


def _with_prefix(text: str, *_: object) -> str:
    return f"(Báo khác) - {text}"


def _with_lead(text: str, chance: random.Random, words: Sequence[str]) -> str:
    return " ".join(chance.choices(words, k=40)).capitalize() + ".\n" + text


def _cut_by_words(share: float) -> Change:
    def cut(text: str, *_: object) -> str:
        left = int(len(text.split()) * share)
        kept = []
        for line in text.split("\n"):
            kept.append(" ".join(line.split()[: max(left, 0)]))
            left -= len(line.split())
        return "\n".join(filter(None, kept))

    return cut


def _cut_by_paragraphs(share: float) -> Change:
    def cut(text: str, chance: random.Random, _: object) -> str:
        lines = text.split("\n")
        order = chance.sample(range(len(lines)), len(lines))
        wanted, kept = len(text.split()) * share, set[int]()
        for place in order:
            if sum(len(lines[k].split()) for k in kept) >= wanted:
                break
            kept.add(place)
        return "\n".join(lines[k] for k in sorted(kept))

    return cut


def _with_boilerplate(text: str, chance: random.Random, words: Sequence[str]) -> str:
    return text + "\n" + " ".join(chance.choices(words, k=250))


COPIES: dict[str, tuple[Change, float]] = {
    "1 % of the words changed": (_edited(0.01), 0.99),
    "5 % changed": (_edited(0.05), 0.99),
    "10 % changed": (_edited(0.10), 0.95),
    "another paper's prefix": (_with_prefix, 0.99),
    "a lead of 40 words before it": (_with_lead, 0.99),
    "cut to 70 % of its words": (_cut_by_words(0.7), 0.99),
    "cut to 70 %, paragraphs left out": (_cut_by_paragraphs(0.7), 0.99),
    "cut to 50 % of its words": (_cut_by_words(0.5), 0.9),
    "cut to 50 %, paragraphs left out": (_cut_by_paragraphs(0.5), 0.9),
    "250 words of boilerplate behind it": (_with_boilerplate, 0.99),
}
"""What one paper does to another's text, and the recall wanted of each."""


@dataclass(slots=True)
class Shelf:
    """Texts in an archive's own tables of signatures and bands; an article's row id is its place among the texts."""

    db: Database
    texts: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, texts: Sequence[str]) -> Shelf:
        """Make a new archive in ``folder`` and put the marks of texts into it."""
        db = open_archive(folder / "bench.db")
        db.conn.execute("PRAGMA foreign_keys = OFF")  # the marks alone, without articles
        shelf = cls(db)
        db.conn.execute("BEGIN")
        for text in texts:
            shelf.add(text)
        db.conn.execute("COMMIT")
        return shelf

    def add(self, text: str) -> int:
        """Put the marks of one more text; return its place."""
        self.texts.append(text)
        place = len(self.texts) - 1
        put(self.db, place, place.to_bytes(8), Marks.of("", text))
        return place

    def alike(self, text: str, but: int = -1) -> Iterator[tuple[int, Likeness]]:
        """Give the texts that are candidates for being one with ``text``, each with its likeness."""
        mine = Compared(text)
        for candidate in candidates(self.db, Marks.of("", text)):
            if candidate.article_id not in (but, DRAWN):
                yield candidate.article_id, mine.likeness(Compared(self.texts[candidate.article_id]))


def recall(shelf: Shelf, each: int, chance: random.Random) -> dict[str, float]:
    """Return for every kind of copy the part of ``each`` planted ones that is found and verified."""
    vocabulary = [word for text in chance.sample(shelf.texts, 200) for word in text.split()]
    long = [place for place, text in enumerate(shelf.texts) if len(text.split()) >= LONG]
    found = {}
    for name, (change, _) in COPIES.items():
        planted = chance.sample(long, each)
        hits = (
            any(
                p == place and like.is_copy() for p, like in shelf.alike(change(shelf.texts[place], chance, vocabulary))
            )
            for place in planted
        )
        found[name] = sum(hits) / each
    return found


def natural(shelf: Shelf) -> list[tuple[int, int, Likeness]]:
    """Return all pairs of different places that are called copies, none of them planted."""
    return [
        (place, other, like)
        for place, text in enumerate(shelf.texts)
        for other, like in shelf.alike(text, place)
        if place < other and like.is_copy()
    ]


def with_other_numbers(text: str, chance: random.Random) -> str:
    """Return a text as its template's next edition: every number is another of as many digits."""

    def other(match: re.Match[str]) -> str:
        most = 10 ** len(match.group())
        return str((int(match.group()) + chance.randrange(1, most)) % most).zfill(len(match.group()))

    return NUMBER.sub(other, text)


def wrongly_copied(folder: Path, texts: Sequence[str], chance: random.Random) -> dict[str, tuple[int, int]]:
    """Return of bulletins how many are called copies of another edition, and of how many; invented and real ones."""
    invented = bulletins(300, chance)
    dense = [t for t in texts if len(t.split()) >= LONG and len(NUMBER.findall(t)) >= FEW_NUMBERS]
    real = [edition for t in chance.sample(dense, 150) for edition in (t, with_other_numbers(t, chance))]
    told = {}
    for name, group in (("invented", invented), ("real texts with other numbers", real)):
        (folder / name).mkdir()
        shelf = Shelf.of(folder / name, group)
        wrong = sum(any(like.is_copy() for _, like in shelf.alike(t, place)) for place, t in enumerate(group))
        told[name] = (wrong, len(group))
        shelf.db.close()
    return told


def events(path: Path) -> list[tuple[str, str, str, Likeness]]:
    """Return the pairs of texts on one event (cluster, id, id) that are called copies of each other."""
    clusters: dict[str, list[tuple[str, Compared]]] = {}
    for row in _rows(path):
        clusters.setdefault(row["cluster"], []).append((row["id"], Compared(row["body"].replace("_", " "))))
    return [
        (name, one[0], other[0], like)
        for name, texts in clusters.items()
        for place, one in enumerate(texts)
        for other in texts[place + 1 :]
        if (like := one[1].likeness(other[1])).is_copy(close=True)
    ]


def cost(folder: Path, texts: Sequence[str], stored: int, chance: random.Random) -> tuple[float, float, float]:
    """Return milliseconds of CPU that judging one of ``texts`` costs among themselves, and among ``stored`` signatures,
    and bytes of signatures and bands a text.

    The others are drawn so that each text finds as many that share a band as it would among that many real ones:
    of every 12 one is a relative of a text, with a third of its values.
    """
    shelf = Shelf.of(folder, texts)
    sample = chance.sample(texts, 1000)
    few = _milliseconds(shelf, sample)
    shelf.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (folder / "bench.db").stat().st_size / len(texts)
    drawn = np.random.default_rng(SEED)
    mine = np.array([np.frombuffer(Marks.of("", text).signature, "<u2") for text in texts if len(text.split()) > LONG])
    for start in range(len(texts), stored, 50_000):
        values = drawn.integers(0, 1 << 16, (50_000, VALUES), dtype=np.uint16)
        kin = mine[drawn.integers(0, len(mine), 50_000 // 12)]
        values[: len(kin)] = np.where(drawn.random(kin.shape) < 1 / 3, kin, values[: len(kin)])
        _fill(shelf.db, start, values.astype("<u2"))
    many = _milliseconds(shelf, sample)
    shelf.db.close()
    return few, many, size


def _fill(db: Database, start: int, values: NDArray[np.uint16]) -> None:
    signed = [row.tobytes() for row in values]
    db.conn.execute("BEGIN")
    db.conn.executemany(
        "INSERT INTO signatures (id, article_id, digest, algorithm, signature) VALUES (?, ?, ?, ?, ?)",
        ((start + 1 + n, DRAWN, (start + n).to_bytes(8), ALGORITHM, s) for n, s in enumerate(signed)),
    )
    keys = sorted((key, start + 1 + n) for n, s in enumerate(signed) for key in band_keys(s))
    db.conn.executemany("INSERT OR IGNORE INTO bands (key, signature_id) VALUES (?, ?)", keys)
    db.conn.execute("COMMIT")


def _milliseconds(shelf: Shelf, sample: Sequence[str]) -> float:
    for text in sample[:100]:
        list(shelf.alike(text))
    begun = time.process_time()
    for text in sample:
        list(shelf.alike(text))
    return (time.process_time() - begun) / len(sample) * 1000


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main() -> int:
    """Print the tables; return 1 if a recall is below what is wanted of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=SHARED.parent / "corpora")
    parser.add_argument("--each", type=int, default=500, help="copies of each kind that are planted")
    parser.add_argument("--list", type=Path, help="file that gets the pairs that were found and not planted")
    parser.add_argument("--stored", type=int, default=0, help="signatures among which judging is timed, too")
    options = parser.parse_args()
    chance = random.Random(SEED)
    texts = [row["body"] for row in _rows(options.corpora / "news_20k.jsonl.gz")]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shelf = Shelf.of(folder, texts)
        short = _print_recall(recall(shelf, options.each, chance))
        pairs = natural(shelf)
        print(f"\nfound among the {len(texts)} articles themselves: {len(pairs)} pairs")
        if options.list:
            options.list.write_text("".join(_told(shelf, *pair) for pair in pairs), encoding="utf-8")
        for name, (wrong, of) in wrongly_copied(folder, texts, chance).items():
            print(f"bulletins called copies, {name}: {wrong} of {of}")
        same = events(options.corpora / "same_event_clusters.jsonl.gz")
        print(f"texts on one event called copies: {len(same)} pairs")
        for cluster, one, other, like in same:
            print(f"  {cluster} {one} {other} containment {like.containment:.2f} resemblance {like.resemblance:.2f}")
        shelf.db.close()
        if options.stored:
            (folder / "cost").mkdir()
            few, many, size = cost(folder / "cost", texts, options.stored, chance)
            print(
                f"judging: {few:.2f} ms CPU an article among {len(texts)}, {many:.2f} among {options.stored}", end=" "
            )
            print(f"({many / few:.2f} x); {size:.0f} bytes an article")
    return short


def _print_recall(found: dict[str, float]) -> int:
    print(f"{'planted copy':<38} recall wanted")
    for name, share in found.items():
        print(f"{name:<38} {share:6.3f} {COPIES[name][1]:6.2f}")
    return int(any(share < COPIES[name][1] for name, share in found.items()))


def _told(shelf: Shelf, one: int, other: int, like: Likeness) -> str:
    heads = " | ".join(shelf.texts[place][:150].replace("\n", " / ") for place in (one, other))
    return f"{one}\t{other}\t{like.resemblance:.3f}\t{like.containment:.3f}\t{heads}\n"


if __name__ == "__main__":
    sys.exit(main())
