"""One page on its way to a Reading: what is known before, and what has been found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crawler.extraction.body import Body
from crawler.extraction.context import Context
from crawler.extraction.headline import Title
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page
from crawler.extraction.places import Bounds, Places
from pipelines.items import Paper, Template


@dataclass(frozen=True)
class Job:
    """One page to read, with what is known of its paper."""

    page: Page
    paper: Paper | None = None
    template: Template | None = None
    furniture: frozenset[str] = frozenset()
    seen_at: datetime | None = None

    @cached_property
    def places(self) -> Places | None:
        """Return the template laid over the page."""
        return Places(self.page, self.template) if self.template else None

    def texts(self, field: str, found: Found) -> list[str]:
        """Return what the page prints with the article where the template has a field; nothing without a template."""
        return self.places.within(field, found.bounds) if self.places and found.templated else []

    def chain(self, field: str, found: Found) -> list[str]:
        """Return the links of a path, such as the section's, that the template names and that leads to the article."""
        return self.places.chain(field, found.bounds) if self.places and found.templated else []


@dataclass(frozen=True, slots=True)
class Found:
    """The article's text, and the outline around it: of the whole page, or of the template's scope."""

    outline: Outline
    title: Title
    body: Body
    context: Context
    templated: bool = False
    lead_by: str = "visible"

    @property
    def bounds(self) -> Bounds:
        """Return where the article's own fields stand."""
        return Bounds(self.outline, self.title.block)

    @property
    def text(self) -> str:
        """Return the paragraphs joined by newlines."""
        return "\n".join(self.body.paragraphs)
