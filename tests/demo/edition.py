"""One newspaper on one day at one address, and the pieces every newsroom system builds its answers from."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import jinja2
from markupsafe import Markup

from tests.demo.stories import DAWN, Newspaper, Story

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "markup"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
LATIN = re.compile("[\u00a0-\u00ff]")
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server, before content-encoding.

    ``validators``: send ETag and Last-Modified and answer 304. ``compress``: gzip for a client
    that accepts it.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    validators: bool = False
    compress: bool = False

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True)
class Edition:
    """``paper`` as it stands on ``day`` under ``base`` (``http://127.0.0.1:PORT``)."""

    paper: Newspaper
    day: int
    base: str
    sections: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", dict(self.paper.sections))

    @property
    def now(self) -> datetime:
        """The page clock: the moment this day is crawled."""
        return DAWN + timedelta(days=self.day)

    @cached_property
    def shown(self) -> tuple[Story, ...]:
        return self.paper.shown(self.day)

    def in_section(self, section: str) -> tuple[Story, ...]:
        return tuple(s for s in self.shown if section in (s.section, s.second_section))

    def others(self, story: Story) -> tuple[Story, ...]:
        """Return up to four other stories, those of its section first: a page's 'related' box."""
        near = [s for s in self.shown if s.key != story.key]
        return tuple(sorted(near, key=lambda s: s.section != story.section)[:4])

    def newest(self, stories: tuple[Story, ...]) -> datetime:
        """Return when the latest of ``stories`` was printed or changed."""
        return max((s.modified or s.published for s in stories), default=DAWN - timedelta(days=5))


def lead_printed(edition: Edition, story: Story) -> str:
    """Return the lead with the paper's own prefix, which borrowed stories do not carry."""
    own = edition.paper.prefix and not story.source
    return f"{edition.paper.prefix} - {story.lead}" if own else story.lead


def pages_of(stories: tuple[Story, ...], size: int) -> list[tuple[Story, ...]]:
    """Return ``stories`` cut into pages of ``size``, and the empty one that systems show to who turns on."""
    return [*(stories[start : start + size] for start in range(0, len(stories), size)), ()]


def render(template: str, **values: object) -> bytes:
    """Return a markup file filled with ``values``."""
    return TEMPLATES.get_template(template).render(**values).encode()


def page(body: bytes, *, content_type: str = "text/html; charset=utf-8", compress: bool = False) -> Reply:
    """Return a page without validators, as article pages are."""
    return Reply(body, content_type=content_type, compress=compress)


def listing(body: bytes, content_type: str, modified: datetime, *, compress: bool = False) -> Reply:
    """Return a feed, sitemap or section: it has validators and answers 304."""
    return Reply(body, content_type=content_type, modified=modified, validators=True, compress=compress)


def moved(to: str) -> Reply:
    """Return a permanent redirect to ``to``."""
    return Reply(b"", status=301, headers=(("Location", to),))


def text(body: str) -> Reply:
    """Return a plain text, as robots.txt is."""
    return Reply(body.encode(), content_type="text/plain")


def gzipped(body: bytes) -> bytes:
    """Return ``body`` as a .gz file that is the same each time."""
    return gzip.compress(body, mtime=0)


def dotnet(value: str) -> Markup:
    """Return ``value`` as .NET's HtmlEncode writes it: Latin-1 letters as numbers, the rest as they are."""
    escaped = str(Markup.escape(value))
    return Markup(LATIN.sub(lambda match: f"&#{ord(match[0])};", escaped))


def local(moment: datetime, form: str) -> str:
    """Return ``moment`` in Vietnam by a strftime ``form``."""
    return moment.astimezone(DAWN.tzinfo).strftime(form)


def month_first(moment: datetime) -> str:
    """Return ``moment`` as an American server prints it: 11/20/2026 4:40:12 PM."""
    at = moment.astimezone(DAWN.tzinfo)
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S %p}"


def weekday(moment: datetime) -> str:
    """Return the Vietnamese name of the day."""
    return WEEKDAYS[moment.astimezone(DAWN.tzinfo).weekday()]


TEMPLATES.filters.update(dotnet=dotnet, local=local, month_first=month_first, weekday=weekday)
