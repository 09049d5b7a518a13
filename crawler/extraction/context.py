"""What is known of a page before its body is read."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.extraction.lead import without_prefix


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the page before its body is read."""

    title: str = ""
    descriptions: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    furniture: frozenset[str] = frozenset()
    not_persons: frozenset[str] = frozenset()
    site: str = ""
    """The name in the page's host, without its ends."""
    authors: tuple[str, ...] = ()
    """Persons that JSON-LD or meta name."""

    def bare(self, text: str) -> str:
        """Return a first sentence without the newsroom's mark."""
        return without_prefix(text, self.prefixes, self.site)
