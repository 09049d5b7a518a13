"""The invented newspapers: what each has written, when, and what becomes of it over the demo's three days."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

TEXTS = Path(__file__).parent / "texts"
VIETNAM = timezone(timedelta(hours=7))
DAWN = datetime(2026, 11, 21, 6, tzinfo=VIETNAM)
"""The moment day 0 is crawled; day n is crawled n times 24 hours later."""
DAYS = (0, 1, 2)
NAMES = ("demo-songnguon", "demo-baiboi", "demo-ghenhda")

Kind = Literal["p", "heading", "quote", "item", "image"]
MARKS: dict[str, Kind] = {"## ": "heading", "> ": "quote", "- ": "item", "![": "image"}


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a body; an image's text is its printed caption."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What the newsroom changes in a story on a day: words replaced, a paragraph added at the end."""

    day: int
    modified: datetime
    replace: tuple[tuple[str, str], ...]
    add: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as its newsroom knows it. ``deleted_day``: from that day on its address is a 404.

    A second address of the same paper is an ``old_path`` (answers 301), an ``old_slug`` (answers
    with the article) or a ``second_section`` with its own ``second_number``.
    """

    key: str
    number: str
    section: str
    published: datetime
    title: str
    lead: str
    byline: str
    body: tuple[Block, ...]
    author: str | None = None
    source: str | None = None
    tags: tuple[str, ...] = ()
    modified: datetime | None = None
    copy_of: str | None = None
    edited: Edit | None = None
    deleted_day: int | None = None
    old_path: str | None = None
    old_slug: str | None = None
    second_section: str | None = None
    second_number: str | None = None

    @property
    def slug(self) -> str:
        return slug(self.title)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text an archive keeps: no lead, byline or captions."""
        return tuple(block.text for block in self.body if block.kind != "image")

    @property
    def captions(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.body if block.kind == "image")

    @property
    def first_day(self) -> int:
        return max(0, ceil((self.published - DAWN) / timedelta(days=1)))

    def is_up(self, day: int) -> bool:
        """Say whether the newspaper shows it when ``day`` is crawled."""
        return self.first_day <= day and (self.deleted_day is None or day < self.deleted_day)

    def on(self, day: int) -> Story:
        """Return the story as printed on ``day``."""
        return edited(self, self.edited) if self.edited and day >= self.edited.day else self


@dataclass(frozen=True, slots=True)
class Bait:
    """A link in the paper's lists that leads to no article."""

    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newspaper:
    """A made-up newspaper. ``sections`` are (slug, title); ``broken`` is a dead link, ``video`` a page without text."""

    name: str
    title: str
    province: str
    masthead: str
    system: str
    port: int
    sections: tuple[tuple[str, str], ...]
    stories: tuple[Story, ...]
    provinces_before: tuple[str, ...] = ()
    prefix: str = ""
    broken: Bait | None = None
    video: Bait | None = None

    def shown(self, day: int) -> tuple[Story, ...]:
        """Return what is up on ``day`` as printed then, newest first."""
        up = (story.on(day) for story in self.stories if story.is_up(day))
        return tuple(sorted(up, key=lambda story: story.published, reverse=True))


def slug(text: str) -> str:
    """Return ``text`` as a newsroom spells it in an address."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    kept = (c if c.isascii() and c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "-".join("".join(kept).split())


def edited(story: Story, edit: Edit) -> Story:
    """Return ``story`` after ``edit``; every replaced wording must have stood in it."""
    text = "\n\n".join(block.text for block in story.body)
    missing = [old for old, _ in edit.replace if old not in text]
    if missing:
        raise ValueError(f"{story.key}: edit replaces {missing[0]!r}, which the story does not say; correct the text")
    body = tuple(replace(block, text=_replaced(block.text, edit.replace)) for block in story.body)
    return replace(story, body=(*body, Block("p", edit.add)), modified=edit.modified)


def _replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _body(text: str) -> tuple[Block, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(_block(line) for line in lines if line)


def _block(line: str) -> Block:
    for mark, kind in MARKS.items():
        if line.startswith(mark):
            return Block(kind, line.removeprefix(mark).removesuffix("]" if kind == "image" else ""))
    return Block("p", line)


def _edit(table: dict[str, Any]) -> Edit:
    pairs = tuple((old, new) for old, new in table["replace"])
    return Edit(table["day"], table["modified"], pairs, table["add"])


def _story(table: dict[str, Any]) -> Story:
    if origin := table.get("copy_of"):
        name, key = origin.split("/")
        copied = next(story for story in newspaper(name).stories if story.key == key)
        table = {"title": copied.title, "lead": copied.lead, **table, "body": copied.body}
    else:
        table = {**table, "body": _body(table["body"])}
    table["tags"] = tuple(table["tags"])
    table["edited"] = _edit(table["edited"]) if "edited" in table else None
    return Story(**table)


@cache
def newspaper(name: str) -> Newspaper:
    """Return the made-up newspaper called ``name``, read from its text file."""
    table = tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))
    stories = tuple(_story(entry) for entry in table.pop("story"))
    baits: dict[str, Any] = {key: Bait(**table.pop(key)) for key in ("broken", "video") if key in table}
    sections = tuple((slug_, title) for slug_, title in table.pop("sections"))
    before = tuple(table.pop("provinces_before", ()))
    return Newspaper(name=name, stories=stories, sections=sections, provinces_before=before, **table, **baits)


def newspapers() -> tuple[Newspaper, ...]:
    """Return the three, in the order of their ports."""
    return tuple(newspaper(name) for name in NAMES)
