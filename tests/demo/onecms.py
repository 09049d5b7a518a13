"""OneCMS: `/slug-<id>.html`, `/rss/<section>`, a sitemap index by month, pages that print a clock."""

from __future__ import annotations

from collections.abc import Iterator

from tests.demo import feeds
from tests.demo.edition import Edition, Reply, lead_printed, listing, moved, page, pages_of, render, text
from tests.demo.stories import Story, slug

PATTERNS: tuple[str, ...] = (r"^/[^/]+-(?P<id>\d{6,})\.html$", r"^/[^/]+/\d{6}/[^/]+-(?P<vnpt1>\d{5,8})/?$")
PAGE_SIZE = 2
MONTH_MAP, NEWS_MAP = "/sitemap-article-2026-11.xml", "/sitemap-news.xml.gz"
ROBOTS = "User-agent: *\nDisallow: /tim-kiem/\nDisallow: /print/\n\nSitemap: {base}/sitemap.xml\n"


def path(story: Story) -> str:
    """Return the address of ``story``, without the host."""
    return f"/{story.slug}-{story.number}.html"


def other_paths(story: Story) -> tuple[str, ...]:
    """Return its further addresses: the one in the form of the system before, which redirects."""
    return (story.old_path,) if story.old_path else ()


def listings(edition: Edition) -> dict[str, list[str]]:
    """Return what papers.toml says of the paper: feeds, sitemaps, sections."""
    base = edition.base
    return {
        "feeds": [f"{base}/rss/{section}" for section in edition.sections],
        "sitemaps": [f"{base}/sitemap.xml"],
        "sections": [f"{base}/{section}" for section in edition.sections],
    }


def replies(edition: Edition) -> Iterator[tuple[str, Reply]]:
    """Yield every address of the edition with its answer."""

    def url(story: Story) -> str:
        return edition.base + path(story)

    yield "/robots.txt", text(ROBOTS.format(base=edition.base))
    yield "/", _list(edition, url, "Trang chủ", edition.shown[:6], 1, None)
    yield "/rss", page(render("onecms/feeds.html", edition=edition, url=url))
    for section, name in edition.sections.items():
        stories = edition.in_section(section)
        yield f"/rss/{section}", feeds.rss(edition, name, stories, url)
        yield from _section(edition, url, section, name, pages_of(stories, PAGE_SIZE))
    for story in edition.shown:
        yield path(story), _article(edition, url, story)
        if story.old_path:
            yield story.old_path, moved(path(story))
    yield from _sitemaps(edition, url)


def _article(edition: Edition, url: feeds.Address, story: Story) -> Reply:
    body = render(
        "onecms/article.html",
        edition=edition,
        story=story,
        url=url,
        slug=slug,
        section=edition.sections[story.section],
        lead=lead_printed(edition, story),
        related=edition.others(story),
        figures=int(story.number) % 2 == 0,
    )
    return page(body, compress=True)


def _list(
    edition: Edition, url: feeds.Address, name: str, stories: tuple[Story, ...], number: int, following: str | None
) -> Reply:
    body = render(
        "onecms/list.html", edition=edition, url=url, name=name, stories=stories, number=number, next=following
    )
    return listing(body, "text/html; charset=utf-8", edition.newest(stories))


def _section(
    edition: Edition, url: feeds.Address, section: str, name: str, pages: list[tuple[Story, ...]]
) -> Iterator[tuple[str, Reply]]:
    for number, stories in enumerate(pages, 1):
        following = f"{edition.base}/{section}?page={number + 1}" if number < len(pages) - 1 else None
        here = f"/{section}" if number == 1 else f"/{section}?page={number}"
        yield here, _list(edition, url, name, stories, number, following)


def _sitemaps(edition: Edition, url: feeds.Address) -> Iterator[tuple[str, Reply]]:
    locs = [edition.base + child for child in (NEWS_MAP, MONTH_MAP)]
    index = render("sitemapindex.xml", locs=locs, newest=edition.newest(edition.shown))
    yield "/sitemap.xml", feeds.sitemap_reply(edition, index)
    yield MONTH_MAP, feeds.sitemap_reply(edition, feeds.sitemap(edition, edition.shown, url))
    latest = feeds.sitemap(edition, edition.shown[:5], url, news=True)
    yield NEWS_MAP, feeds.sitemap_reply(edition, latest, gz=True)
