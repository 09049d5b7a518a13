"""VNPT, second generation: `/<section>/<YYYYMM>/<slug>-<7 hex>/`, no feed, sections paged by `?paged=`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.demo.edition import Edition, Reply, listing, local, page, pages_of, render, text
from tests.demo.stories import Story

PATTERNS: tuple[str, ...] = (r"^/(?:[^/]+/)+\d{6}/[^/]+-(?P<id>[0-9a-f]{7})/?$",)
PAGE_SIZE = 2
ROBOTS = "User-agent: *\nAllow: /\n"


def path(story: Story) -> str:
    """Return the address of ``story``, without the host."""
    return _address(story, story.section, story.number)


def other_paths(story: Story) -> tuple[str, ...]:
    """Return its further addresses: the one in a second section, with a number of its own."""
    if story.second_section is None or story.second_number is None:
        return ()
    return (_address(story, story.second_section, story.second_number),)


def listings(edition: Edition) -> dict[str, list[str]]:
    """Return what papers.toml says of the paper: sections alone."""
    return {"feeds": [], "sitemaps": [], "sections": [f"{edition.base}/{section}/" for section in edition.sections]}


def replies(edition: Edition) -> Iterator[tuple[str, Reply]]:
    """Yield every address of the edition with its answer."""
    fill = partial(render, edition=edition, path=path)
    yield "/robots.txt", text(ROBOTS)
    front = [(story, path(story)) for story in edition.shown[:6]]
    body = fill("vnpt2/list.html", section="", name="Trang chủ", stories=front, number=1, last=1)
    yield "/", page(body, compress=True)
    for section, name in edition.sections.items():
        yield from _section(edition, fill, section, name)
    for story in edition.shown:
        for address in (path(story), *other_paths(story)):
            yield address, _article(edition, fill, story, address)
    if edition.paper.video:
        yield edition.paper.video.path, page(fill("vnpt2/video.html"))


def _address(story: Story, section: str, number: str) -> str:
    return f"/{section}/{local(story.published, '%Y%m')}/{story.slug}-{number}/"


def _article(edition: Edition, fill: partial[bytes], story: Story, address: str) -> Reply:
    body = fill(
        "vnpt2/article.html",
        story=story,
        here=address,
        section=edition.sections[story.section],
        related=edition.others(story),
        word=int(story.number, 16) % 2 == 0,
    )
    return page(body, content_type="text/html;charset=UTF-8")


def _section(edition: Edition, fill: partial[bytes], section: str, name: str) -> Iterator[tuple[str, Reply]]:
    pages = pages_of(edition.in_section(section), PAGE_SIZE)
    for number, stories in enumerate(pages, 1):
        listed = [(story, _in(story, section)) for story in stories]
        body = fill("vnpt2/list.html", section=section, name=name, stories=listed, number=number, last=len(pages) - 1)
        reply = listing(body, "text/html;charset=UTF-8", edition.newest(edition.shown), compress=True)
        if number == 1:
            yield f"/{section}/", reply
        yield f"/{section}/?paged={number}", reply


def _in(story: Story, section: str) -> str:
    """Return the address under which ``section`` lists ``story``."""
    return path(story) if section == story.section else other_paths(story)[0]
