"""The words for what a paper's furniture is learned from: lines of pages, pages remembered, what one taught."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a page prints where its article stands, with its place; what furniture is learned from.

    ``key`` is the line as it is compared, ``place`` the path of tags and classes from the paragraphs'
    element down to it. ``standing``: ``plain`` (set as the page's paragraphs are), ``styled`` (set
    otherwise, as an editor can), ``boxed`` (in an element of its own) or ``named`` (written like a name:
    it may be a byline, wherever it stands).
    """

    key: str
    place: str
    standing: str


@dataclass(frozen=True, slots=True)
class ObservedPage:
    """What is remembered of an article's page to learn its paper's furniture. ``number`` counts the paper's pages."""

    number: int
    uid: str
    section: str
    author: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a page taught: itself and, if it changed the paper's furniture, the new version and what changed.

    Pages numbered below ``oldest`` are forgotten.
    """

    page: ObservedPage
    oldest: int = 0
    version: int | None = None
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
