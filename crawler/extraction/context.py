"""What is known of a page before its body is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the page before its body is read."""

    title: str = ""
    descriptions: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    furniture: frozenset[str] = frozenset()
    not_persons: frozenset[str] = frozenset()
    authors: tuple[str, ...] = ()
    """Persons that JSON-LD or meta name."""
