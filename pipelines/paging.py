"""How the pages of a section are addressed by their numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """How a section's pages are addressed: what stands before and behind the number, and the next page's ``number``."""

    head: str
    tail: str
    number: int

    def at(self, number: int) -> str:
        """Return the address of another page."""
        return f"{self.head}{number}{self.tail}"
