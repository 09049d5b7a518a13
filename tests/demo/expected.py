"""What an archive should hold of each made-up newspaper after each day's crawl, told from the stories alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.demo.sites import SYSTEMS
from tests.demo.stories import DAYS, Newspaper, Story, newspapers


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One article as the archive should hold it; paths are without the host.

    ``other_paths`` are further addresses of it (which of them is found first is not said);
    ``edits`` counts the revisions after the first text; ``copy_of`` is (paper, path) of the first
    to print it; ``refused``: its address answers 404 by now; ``gone``: for the second day running.
    """

    path: str
    other_paths: tuple[str, ...]
    title: str
    lead: str
    author: str | None
    source: str | None
    byline: str
    published: datetime
    section: str
    tags: tuple[str, ...]
    captions: tuple[str, ...]
    paragraphs: tuple[str, ...]
    first_day: int
    edits: int
    copy_of: tuple[str, str] | None
    refused: bool
    gone: bool

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Expected:
    """A paper after a day: its articles, addresses that answered 404, pages that are no article."""

    articles: tuple[Held, ...]
    failed: tuple[str, ...]
    not_articles: tuple[str, ...]

    def at(self, path: str) -> Held:
        """Return the article that has ``path`` among its addresses; KeyError if none has."""
        for held in self.articles:
            if path == held.path or path in held.other_paths:
                return held
        raise KeyError(path)


def expect(paper: Newspaper, day: int) -> Expected:
    """Return what the archive should hold of ``paper`` when the crawls up to ``day`` have ended."""
    articles = tuple(_held(paper, story, day) for story in paper.stories if story.first_day <= day)
    broken = (paper.broken.path,) if paper.broken else ()
    deleted = tuple(held.path for held in articles if held.refused)
    return Expected(articles, (*broken, *deleted), (paper.video.path,) if paper.video else ())


def _held(paper: Newspaper, story: Story, day: int) -> Held:
    system = SYSTEMS[paper.system]
    printed = story.on(day)
    return Held(
        path=system.path(story),
        other_paths=system.other_paths(story),
        title=printed.title,
        lead=printed.lead,
        author=story.author,
        source=story.source,
        byline=story.byline,
        published=story.published,
        section=dict(paper.sections)[story.section],
        tags=story.tags,
        captions=printed.captions,
        paragraphs=printed.paragraphs,
        first_day=story.first_day,
        edits=int(story.edited is not None and day >= story.edited.day),
        copy_of=_origin(story),
        refused=story.deleted_day is not None and day >= story.deleted_day,
        gone=story.deleted_day is not None and day > story.deleted_day,
    )


def _origin(story: Story) -> tuple[str, str] | None:
    if story.copy_of is None:
        return None
    name, key = story.copy_of.split("/")
    paper = next(paper for paper in newspapers() if paper.name == name)
    return name, SYSTEMS[paper.system].path(next(s for s in paper.stories if s.key == key))


EXPECTED: Mapping[tuple[str, int], Expected] = {
    (paper.name, day): expect(paper, day) for paper in newspapers() for day in DAYS
}
"""By name of paper and day."""
