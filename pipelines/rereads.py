"""The words of a re-extraction: pages to read again, what today's rules read on them, what that changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.items import Capture, Visit

Furniture = tuple[str, int]
"""A paper and the number of a version of its furniture."""


@dataclass(frozen=True, slots=True)
class Page:
    """A captured page that was read as an article's, or as none.

    ``id`` and ``article_id`` are row ids; ``warc_file`` and ``warc_offset`` (bytes) are where its body stands:
    a revisit's in an earlier record.
    """

    id: int
    paper: str
    capture: Capture
    article_id: int | None
    warc_file: str
    warc_offset: int
    furniture: int

    @property
    def place(self) -> tuple[str, int]:
        """Return where its body stands."""
        return self.warc_file, self.warc_offset


@dataclass(frozen=True, slots=True)
class Task:
    """Pages of one WARC file in the order of their bodies, and the lines of the furniture they are read with."""

    pages: Sequence[Page]
    furniture: Mapping[Furniture, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reread:
    """What today's rules make of a page; ``visit`` is None where it cannot be read, and ``failure`` says why."""

    page: Page
    visit: Visit | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An article that today's rules read otherwise.

    ``kind``: ``changed``; ``lost``: they find no article on any of its pages, ``outcome`` is what they find;
    ``gained``: they find one where none was. ``fields``: which fields of what it shows change, ``versions`` where
    only versions of before do, ``found`` where it was lost before. ``words`` are syllables of the text it shows.
    ``examples``: old and new value of each field.
    """

    kind: str
    uid: str
    paper: str
    url: str
    title: str
    fields: tuple[str, ...] = ()
    words_before: int = 0
    words_after: int = 0
    outcome: str = "article"
    examples: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Totals:
    """What a re-extraction came to: captures and articles read again, captures that could not be, pages judged anew."""

    captures: int = 0
    articles: int = 0
    unread: int = 0
    outcomes: int = 0
    changed: int = 0
    longer: int = 0
    shorter: int = 0
    lost: int = 0
    gained: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Sentences of the first captures that could not be read."""

    def count(self, one: Difference) -> None:
        """Take up an article that is read otherwise."""
        setattr(self, one.kind, getattr(self, one.kind) + 1)
        if one.kind != "changed":
            return
        self.longer += one.words_after > one.words_before
        self.shorter += one.words_after < one.words_before
        for name in one.fields:
            self.fields[name] = self.fields.get(name, 0) + 1
