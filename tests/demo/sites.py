"""What each made-up newspaper answers on a day, as a table of addresses: no sockets, no time of day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.demo import onecms, vdoc, vnpt2
from tests.demo.edition import Edition, Reply
from tests.demo.stories import Newspaper, Story

PAGERS = {"p", "page", "paged"}
NOT_FOUND = Reply("<html><title>404</title><body><h1>Không tìm thấy trang</h1></body></html>".encode(), 404)


class System(Protocol):
    """What a newsroom system's module knows."""

    PATTERNS: tuple[str, ...]

    def path(self, story: Story) -> str:
        """Return the address of ``story``, without the host."""

    def other_paths(self, story: Story) -> tuple[str, ...]:
        """Return further addresses of it in the same paper."""

    def listings(self, edition: Edition) -> dict[str, list[str]]:
        """Return the paper's feeds, sitemaps and sections as papers.toml says them."""

    def replies(self, edition: Edition) -> Iterator[tuple[str, Reply]]:
        """Yield every address of an edition with its answer."""


SYSTEMS: Mapping[str, System] = {"onecms": onecms, "vdoc": vdoc, "vnpt2": vnpt2}


@cache
def answers(paper: Newspaper, day: int, base: str) -> Mapping[str, Reply]:
    """Return every address of ``paper`` on ``day`` (path and query) with its answer."""
    return dict(SYSTEMS[paper.system].replies(Edition(paper, day, base)))


def answer(paper: Newspaper, day: int, base: str, target: str) -> Reply:
    """Return the answer to ``target`` (path and query); parameters that turn no page are ignored, as papers do."""
    known = answers(paper, day, base)
    parts = urlsplit(target)
    if target not in known and not PAGERS & {name for name, _ in parse_qsl(parts.query)}:
        target = parts.path
    return known.get(target, NOT_FOUND)
