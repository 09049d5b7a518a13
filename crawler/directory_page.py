"""Writes what papers.toml says as a page for people: ``python -m crawler.directory_page > docs/directory.md``."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.frontier import listings
from crawler.papers import Directory, load, provinces
from crawler.settings import PAPER_FILES, TEMPLATE_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipelines.items import Link, Paper

HEAD = """\
# The papers

{papers} papers of {before} provinces, {today} since 1 July 2025. {open} are open; {closed} were folded into another
by the merger, as far as the evidence says. Written from `papers.toml` and `provinces.toml` by
`python -m crawler.directory_page > docs/directory.md`; correct those, not this page.

A closed paper stands with its last day and the paper that came after it: `crawlall` skips it, replays of
old or foreign WARC files read it.

**Hosts**: the current one first, as a link, former ones and editions after it. **System**: see
`crawler/templates.toml`; those before it with their last day. **Confidence**: how good the evidence is;
what it is stands in the paper's entry.

**Doors** are where a paper lists its articles (the numbers lead there), and how far back they reach:

| door | reaches back |
| --- | --- |
| home | every paper has it: what stands there today |
| feeds | their latest entries, some dozens; a feed index leads to all feeds |
| sitemaps | as far as they list; an index by year or month back to its first one |
| sections | what stands there today, or page by page: as linked, as numbered ({pagers}), in JSON ({lists}) |
| asked | not known: the first crawl asks for these, and takes up what it finds |

What is read of each is in [doors](doors.md). How far a site's own listings go is told by no evidence so far.
"""
SAFE = ":/?&=%,+~#@;"
"""Characters of an address that a Markdown link may hold."""
COLUMNS = ("paper", "province before", "hosts", "system", "doors", "confidence")


def page(directory: Directory, merged: Mapping[str, tuple[str, ...]]) -> str:
    """Return the page in Markdown: papers by province of today; ``merged`` are those before of each."""
    papers = sorted(directory.papers.values(), key=lambda p: (list(merged).index(p.province), p.until is not None))
    parts = [_head(directory, merged)]
    for province, own in groupby(papers, key=lambda p: p.province):
        before = merged[province]
        made = f"\nMade of {', '.join(before)}.\n" if len(before) > 1 else ""
        parts.append(f"\n## {province}\n{made}\n" + "".join(_rows([COLUMNS, ("---",) * len(COLUMNS), *map(_row, own)])))
    return "".join(parts)


def _head(directory: Directory, merged: Mapping[str, tuple[str, ...]]) -> str:
    closed = sum(paper.until is not None for paper in directory.papers.values())
    pagers = (f"{name} `{template.pager}`" for name, template in directory.templates.items() if template.pager)
    return HEAD.format(
        papers=len(directory.papers),
        before=sum(map(len, merged.values())),
        today=len(merged),
        open=len(directory.papers) - closed,
        closed=closed,
        pagers=", ".join(pagers),
        lists=", ".join(name for name, template in directory.templates.items() if template.lists),
    )


def _rows(rows: list[tuple[str, ...]]) -> Iterator[str]:
    return (f"| {' | '.join(cells)} |\n" for cells in rows)


def _row(paper: Paper) -> tuple[str, ...]:
    name = f"{paper.title} (`{paper.name}`)"
    if paper.until:
        name += f", until {paper.until}" + (f", then `{paper.successor}`" if paper.successor else "")
    hosts = ", ".join([_current(paper), *(f"`{host}`" for host in paper.hosts[1:])])
    before = ", ".join(paper.provinces_before)
    return name, before, hosts, _systems(paper), _doors(paper), paper.confidence


def _current(paper: Paper) -> str:
    """Return the paper's current host as a link; what a closed paper's host leads to today nobody knows."""
    host = paper.hosts[0]
    return f"`{host}`" if paper.until else f"[{host}](https://{host}/)"


def _systems(paper: Paper) -> str:
    former = (f"{f.template} until {f.until}" for f in sorted(paper.templates_before, key=lambda f: f.until))
    return ", ".join((paper.template or "not known", *former))


def _doors(paper: Paper) -> str:
    counted = {"feed": paper.feeds, "sitemap": paper.sitemaps, "section": paper.sections}
    known = [_linked(kind, urls, paper) for kind, urls in counted.items() if urls]
    asked = [] if paper.until else [_path(link, paper) for link in listings(paper)[1]]
    return ", ".join(known) + (("; " if known else "") + f"asked: {', '.join(asked)}" if asked else "")


def _linked(kind: str, urls: Sequence[str], paper: Paper) -> str:
    """Return how many listings of a kind there are; feeds and sitemaps of an open paper as links by their number."""
    counted = f"{len(urls)} {kind}{'s' if len(urls) > 1 else ''}"
    if paper.until or kind == "section":
        return counted
    links = " ".join(f"[{number}]({quote(url, safe=SAFE)})" for number, url in enumerate(urls, 1))
    return f"{counted} ({links})"


def _path(link: Link, paper: Paper) -> str:
    return f"`{link.url.partition(paper.hosts[0])[2]}`"


if __name__ == "__main__":
    sys.stdout.write(page(load(PAPER_FILES, TEMPLATE_FILES), provinces()))
