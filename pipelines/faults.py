"""What is wrong with an archive, in sentences: where, what was expected and found, what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 20
"""Faults of one check that are told in full; the others are counted."""

REBUILD = "restore a copy of the archive, or make it again with 'scrapy replay' from the WARC files"
AGAIN = "run what began it again, 'scrapy takedown' or 'scrapy merge': either finishes it"
RESTORE = "restore the file from a copy"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be; ``check`` is the check's name, for programs.

    ``harmless``: to be known, but nothing is wrong (what a killed crawl left and the next one takes up).
    """

    check: str
    place: str
    said: str
    remedy: str
    harmless: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.said}; {self.remedy}"


@dataclass
class Faults:
    """Collects faults: counts all by check, keeps the first of each."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    shown: list[Fault] = field(default_factory=list)

    def add(self, found: Iterable[Fault]) -> None:
        """Take faults up as they come."""
        for fault in found:
            counts = self.notes if fault.harmless else self.counts
            counts[fault.check] += 1
            if counts[fault.check] <= SHOWN:
                self.shown.append(fault)

    def join(self, other: Faults) -> None:
        """Take up what another has collected."""
        seen = Counter((f.check, f.harmless) for f in self.shown)
        for fault in other.shown:
            seen[fault.check, fault.harmless] += 1
            if seen[fault.check, fault.harmless] <= SHOWN:
                self.shown.append(fault)
        self.counts += other.counts
        self.notes += other.notes

    @property
    def wrong(self) -> int:
        """How many faults there are."""
        return self.counts.total()
