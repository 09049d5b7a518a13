"""vDoc: `/slug-a<id>.html` with any slug, `<base href>`, `/rss/cate/<section>/`, sections paged by `?p=`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.demo import feeds
from tests.demo.edition import Edition, Reply, lead_printed, listing, moved, page, pages_of, render, text
from tests.demo.stories import Story

PATTERNS: tuple[str, ...] = (r"^/[^/]+-a(?P<id>\d+)\.html$",)
PAGE_SIZE = 2
ATOM = "van-hoa"
"""The section whose feed is Atom."""
ROBOTS = "User-agent: *\nCrawl-delay: 0\nDisallow: /tim-kiem/\nDisallow: /print/\n"


def path(story: Story) -> str:
    """Return the address of ``story``, without the host."""
    return f"/{story.slug}-a{story.number}.html"


def other_paths(story: Story) -> tuple[str, ...]:
    """Return its further addresses: the same number behind the slug it had first."""
    return (f"/{story.old_slug}-a{story.number}.html",) if story.old_slug else ()


def listings(edition: Edition) -> dict[str, list[str]]:
    """Return what papers.toml says of the paper: feeds, sitemaps, sections."""
    base = edition.base
    return {
        "feeds": [f"{base}/rss/cate/{section}/" for section in edition.sections],
        "sitemaps": [],
        "sections": [f"{base}/{section}/" for section in edition.sections],
    }


def replies(edition: Edition) -> Iterator[tuple[str, Reply]]:
    """Yield every address of the edition with its answer."""

    def url(story: Story) -> str:
        return edition.base + path(story)

    fill = partial(render, edition=edition, url=url, path=path)
    yield "/robots.txt", text(ROBOTS)
    yield "/rss/", page(fill("vdoc/feeds.html", canonical=f"{edition.base}/rss/"))
    front = {"name": "Trang chủ", "stories": edition.shown[:6], "number": 1, "last": 1, "here": edition.base}
    yield "/", page(fill("vdoc/list.html", canonical=f"{edition.base}/", **front), content_type="text/html")
    for section, name in edition.sections.items():
        stories = edition.in_section(section)
        feed = feeds.atom if section == ATOM else feeds.rss
        yield f"/rss/cate/{section}/", feed(edition, name, stories, url)
        yield from _section(edition, fill, section, name)
    for story in edition.shown:
        for address in (path(story), *other_paths(story)):
            yield address, _article(edition, fill, story)


def _article(edition: Edition, fill: partial[bytes], story: Story) -> Reply:
    body = fill(
        "vdoc/article.html",
        canonical=edition.base + path(story),
        story=story,
        section=edition.sections[story.section],
        lead=lead_printed(edition, story),
        related=edition.others(story),
        centred=int(story.number) % 2 == 1,
    )
    return page(body, content_type="text/html")


def _section(edition: Edition, fill: partial[bytes], section: str, name: str) -> Iterator[tuple[str, Reply]]:
    here = f"{edition.base}/{section}"
    pages = pages_of(edition.in_section(section), PAGE_SIZE)
    yield f"/{section}", moved(f"/{section}/")
    for number, stories in enumerate(pages, 1):
        body = fill(
            "vdoc/list.html",
            canonical=f"{here}/",
            name=name,
            stories=stories,
            number=number,
            last=len(pages) - 1,
            here=here,
        )
        reply = listing(body, "text/html", edition.newest(edition.shown))
        if number == 1:
            yield f"/{section}/", reply
        yield f"/{section}?p={number}", reply
        yield f"/{section}/?p={number}", reply
