"""How like two texts are: a small signature to find candidates by, and the measures that verify them.

Texts are compared by their shingles, runs of three syllables without marks, so that ``hoà`` and ``hòa``
or a lost diacritic make no difference. The signature is a MinHash of one permutation (Li, Owen & Zhang,
"One Permutation Hashing", 2012) with its empty bins filled from the next full one (Shrivastava & Li,
"Densifying One Permutation Hashing", 2014), cut into bands (Broder's resemblance and containment; Leskovec,
Rajaraman & Ullman, "Mining of Massive Datasets", 3.4). The measures and bounds were chosen on real
Vietnamese articles; bench/duplicates.py shows them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

ALGORITHM = 1
"""Version of all that a stored signature depends on; another one is never compared with it."""
SHORT = 60
"""Syllables below which a text has no signature: it is known by its folded words and its title alone."""
SHORTEST = 30
"""Syllables below which two texts' being alike proves nothing: notices and stubs repeat by nature."""
SHINGLE = 3
VALUES, BANDS = 96, 32
ROWS = VALUES // BANDS
"""Values of a signature, bands they are cut into, and values of a band.

Of texts that share half of their shingles, 98.6 % share a band.
"""
KEY_BITS = 47
"""Bits of a band's key: six bytes in SQLite, and never negative."""
RUN, LEFT_OUT, COVERED = 10, 0.03, 0.8
"""A text is reproduced whole in another: runs of more than so many syllables that the other lacks are no more than
this part of it, and of all its syllables at least so many stand in a shared shingle.

Words changed here and there leave short gaps. News of one event in a paper's own words, and a follow-up that tells
again what came before, leave whole sentences.
"""
EDITED, TAKEN = 0.62, 0.8
"""Containment from which a text is a copy: where both are reproduced whole, and where one is.

With a tenth of the words changed at random containment is .73.
"""
WORTH_READING = 0.2
"""Resemblance by the signatures alone below which a candidate's text is not read."""
SAME_PLACES, DIFFERING = 3, 0.25
"""Places with a number that two texts share, and the part of them with another number that tells two bulletins.

Of copies with a tenth of the words changed 99.9 % stay below .125, of a template's bulletins none below .6.
"""
AROUND = 2
"""Words before and behind a number by which its place is known."""

WORD = re.compile(r"\w+")
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_FILL = np.uint64(0x9FB21C651E98DF25)


class _Fold(dict[int, str]):
    """Characters without their marks, each looked up once."""

    def __missing__(self, code: int) -> str:
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        self[code] = bare = "d" if bare == "đ" else bare
        return bare


_FOLD = _Fold()


def syllables(text: str) -> list[str]:
    """Return the syllables and numbers of ``text`` in order, folded: lower case, without marks."""
    return WORD.findall(text.lower().translate(_FOLD))


def shingles(words: Sequence[str]) -> NDArray[np.uint64]:
    """Return the hashes of the text's shingles, in order."""
    if len(words) < SHINGLE:
        return np.empty(0, np.uint64)
    hashes = np.fromiter(map(_hash, words), np.uint64, len(words))
    mixed = np.zeros(len(words) - SHINGLE + 1, np.uint64)
    for place, factor in enumerate(_MIX):
        mixed += hashes[place : place + len(mixed)] * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(_MIX[1])
    mixed ^= mixed >> np.uint64(29)
    return mixed


@lru_cache(maxsize=1 << 15)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def signature(hashes: NDArray[np.uint64]) -> bytes:
    """Return the signature of a text's shingles: `VALUES` numbers of two bytes, little-endian."""
    if not len(hashes):
        return bytes(2 * VALUES)
    bins = (hashes >> np.uint64(32)) * np.uint64(VALUES) >> np.uint64(32)
    full, first = np.unique(bins, return_index=True)  # of sorted hashes the first of a bin is its least
    after = np.searchsorted(full, np.arange(VALUES, dtype=np.uint64))
    source = full[after % len(full)]
    distance = (source - np.arange(VALUES, dtype=np.uint64)) % np.uint64(VALUES)
    values = hashes[first][after % len(full)] + distance * _FILL
    return bytes((values & np.uint64(0xFFFF)).astype("<u2").tobytes())


def band_keys(signed: bytes) -> list[int]:
    """Return the keys of a signature's bands: two texts that share one may be alike."""
    return [int(key) for key in bands_of([signed])[0]]


def bands_of(signed: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return the keys of the bands of several signatures, a row each."""
    rows = np.frombuffer(b"".join(signed), "<u2").astype(np.uint64).reshape(len(signed), BANDS, ROWS)
    keys = np.arange(1, BANDS + 1, dtype=np.uint64) * np.uint64(_MIX[2])
    for place in range(ROWS):
        keys = (keys ^ rows[:, :, place]) * np.uint64(_MIX[0])
        keys ^= keys >> np.uint64(32)
    return np.asarray(keys >> np.uint64(64 - KEY_BITS), np.uint64)


def short_key(title: str | None, text: str) -> int:
    """Return the one key of a text too short for a signature: of its folded title and words."""
    told = " ".join([*syllables(title or ""), "\0", *syllables(text)])
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "big") >> (64 - KEY_BITS)


def is_short(text: str) -> bool:
    """Return whether a text has too few syllables for a signature."""
    return len(syllables(text)) < SHORT


@dataclass(frozen=True, slots=True)
class Marks:
    """What a text is found by among the archive's: its signature; of a short text its one key, in 8 bytes."""

    signature: bytes

    @classmethod
    def of(cls, title: str | None, text: str) -> Marks:
        """Return the marks of an article's title and text."""
        words = syllables(text)
        if len(words) < SHORT:
            return cls(short_key(title, text).to_bytes(8))
        return cls(signature(np.unique(shingles(words))))

    @property
    def is_short(self) -> bool:
        """Return whether the text is known by its words and title alone."""
        return len(self.signature) == 8

    @property
    def keys(self) -> list[int]:
        """Return the keys by which the text is found."""
        return [int.from_bytes(self.signature)] if self.is_short else band_keys(self.signature)


def estimate(one: bytes, other: bytes) -> float:
    """Return how much two signatures agree, 0 to 1: the texts' resemblance, give or take .05."""
    return float(np.mean(np.frombuffer(one, "<u2") == np.frombuffer(other, "<u2")))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two texts are, all 0 to 1.

    ``resemblance``: shingles in both over those in either; ``containment``: over the shorter's. ``whole`` tells of
    each text whether it is reproduced whole in the other. ``differing``: of the places with a number that both
    share, the part with another number; None for few places.
    """

    resemblance: float
    containment: float
    whole: tuple[bool, bool] = (False, False)
    differing: float | None = None

    def is_copy(self, *, close: bool = False) -> bool:
        """Return whether one was copied from the other, and not both filled in from one template.

        ``close``: they were printed within days of each other; then a copy may have a lead of its own and be cut.
        """
        alike = self.containment >= (EDITED if all(self.whole) else TAKEN) and (close or any(self.whole))
        return alike and (self.differing is None or self.differing <= DIFFERING)


class Compared:
    """A text made ready to be compared with many; its ``words`` are few enough times asked for to be made anew."""

    def __init__(self, text: str) -> None:
        self._text = text
        words = syllables(text)
        self._length = len(words)
        self._in_order = shingles(words)
        self.shingles = np.unique(self._in_order)

    @property
    def words(self) -> list[str]:
        """Return the text's folded syllables, in order."""
        return syllables(self._text)

    def likeness(self, other: Compared) -> Likeness:
        """Measure how like two texts are."""
        both = int(np.intersect1d(self.shingles, other.shingles, assume_unique=True).size)
        least = min(self.shingles.size, other.shingles.size)
        if not least or both < EDITED * least:
            return Likeness(both / max(self.shingles.size + other.shingles.size - both, 1), both / max(least, 1))
        return Likeness(
            both / (self.shingles.size + other.shingles.size - both),
            both / least,
            (self._is_whole_in(other), other._is_whole_in(self)),
            differing(self.words, other.words),
        )

    def _is_whole_in(self, other: Compared) -> bool:
        places = np.searchsorted(other.shingles, self._in_order) % other.shingles.size
        found = other.shingles[places] == self._in_order
        covered = np.zeros(self._length, bool)
        for place in range(SHINGLE):
            covered[place : place + found.size] |= found
        edges = np.flatnonzero(np.diff(np.concatenate(([False], ~covered, [False])).astype(np.int8)))
        gaps = edges[1::2] - edges[::2]
        return bool(covered.mean() >= COVERED and gaps[gaps > RUN].sum() <= LEFT_OUT * covered.size)


def differing(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return the part of the shared places with a number in which two texts say another number.

    A place is known by the words before and behind it, numbers left out, and counts where both texts have it as
    often. None for fewer than `SAME_PLACES`.
    """
    mine, theirs = _numbers(one), _numbers(other)
    shared = [p for p in mine.keys() & theirs.keys() if len(mine[p]) == len(theirs[p])]
    pairs = [(a, b) for place in shared for a, b in zip(mine[place], theirs[place], strict=True)]
    return sum(a != b for a, b in pairs) / len(pairs) if len(pairs) >= SAME_PLACES else None


def _numbers(words: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Return the numbers of a text by their places, in order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for place, number in _numbered(words):
        found.setdefault(place, []).append(number)
    return found


def _numbered(words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    for index, word in enumerate(words):
        if word[0].isdigit():
            around = (*words[max(index - AROUND, 0) : index], "", *words[index + 1 : index + 1 + AROUND])
            yield tuple("0" if w[:1].isdigit() else w for w in around), word
