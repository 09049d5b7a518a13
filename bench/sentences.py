"""Texts of any number made of the sentences of ../shared/corpora, no two of which share a paragraph."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

from pipelines.text import clean, collapse, nfc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20261125
FILES = (("news_20k.jsonl.gz", "body"), ("news_2016_with_urls.jsonl.gz", "content"))
"""Files of the corpora, and the field of a line that holds an article's text."""
END = re.compile(r"(?<=[.!?…])\s+")
SYLLABLES = range(6, 61)
"""Syllables of a sentence that is taken."""
MOST = 64
"""Paragraphs of an article at most."""
BYTES = (2450, 0.6, 500, 24_000)
"""Bytes of a text: median and sigma of a log-normal draw (mean 3.2 kB), least and most."""


@dataclass(frozen=True)
class Sentences:
    """The corpora's sentences, each once; paragraphs, titles and texts are drawn of them by number.

    Paragraph ``n`` begins with the pair of sentences ``n * step`` modulo the number of pairs, and ``step`` has no
    divisor in common with that: no two numbers have one pair.
    """

    held: list[str]
    step: int

    @classmethod
    def of(cls, folder: Path) -> Sentences:
        """Read the corpora in ``folder``; raises FileNotFoundError where they are not."""
        found = {one for text in _texts(folder) for one in _sentences(text)}
        held = sorted(found)
        random.Random(SEED).shuffle(held)
        pairs = len(held) ** 2
        step = int(pairs * 0.6180339887)
        while gcd(step, pairs) > 1:
            step += 1
        return cls(held, step)

    def paragraph(self, number: int) -> str:
        """Return a paragraph of two or three sentences that no other number has."""
        first, second = divmod(number * self.step % len(self.held) ** 2, len(self.held))
        more = [self.held[(first * 31 + second) % len(self.held)]] if number % 2 else []
        return " ".join([self.held[first], self.held[second], *more])

    def title(self, chance: random.Random) -> str:
        """Return a run of words of two sentences, six to fourteen."""
        one, other = (chance.choice(self.held).rstrip(".!?…").split() for _ in range(2))
        return " ".join([*one[: chance.randint(4, 8)], *other[: chance.randint(2, 6)]])

    def text(self, article: int, chance: random.Random) -> str:
        """Return the text of an article: paragraphs a line each, none of them another article's."""
        median, sigma, least, most = BYTES
        left = min(max(median * chance.lognormvariate(0, sigma), least), most)
        lines: list[str] = []
        while left > 0 and len(lines) < MOST:
            lines.append(self.paragraph(article * MOST + len(lines)))
            left -= len(lines[-1].encode())
        return "\n".join(lines)

    def words(self, chance: random.Random, many: int) -> str:
        """Return so many words in a row of a text, drawn by how often texts say them."""
        while True:
            said = re.findall(r"\w+", chance.choice(self.held))
            if len(said) >= many:
                at = chance.randrange(len(said) - many + 1)
                return " ".join(said[at : at + many]).lower()


def _texts(folder: Path) -> Iterator[str]:
    for name, field in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield str(json.loads(line)[field])


def _sentences(text: str) -> Iterator[str]:
    """Give the sentences of a text, spelled as the archive spells texts."""
    for line in text.replace("_", " ").splitlines():
        for one in END.split(collapse(nfc(clean(line)))):
            if one[-1:] in ".!?…" and one and len(one.split()) in SYLLABLES:
                yield one
