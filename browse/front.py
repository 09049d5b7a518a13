"""Knows the front page: what the archive holds, the newest day by province, the map, and how the papers fare."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.views.index import IndexView

from browse.answering import page, reads_archive
from browse.archive import first_archive, rows
from browse.drawing import Bar, bars
from browse.pages import slug
from browse.press import LATEST, by_province, papers_of, tiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

A_PAPER = 3
"""Headlines of each paper that are asked for."""
A_PROVINCE = 4
"""Headlines of each province that are shown."""
YEARS_BACK = 30
MONTHS = 240
"""The most months that are drawn: the latest."""
TOTALS = f"""
SELECT (SELECT archived FROM article_counts WHERE paper = '' AND span = '') AS articles,
  (SELECT count(*) FROM papers) AS papers,
  (SELECT span FROM article_counts WHERE paper = '' AND length(span) = 10 AND published > 0
    AND span <= ({LATEST} ORDER BY span DESC LIMIT 1) ORDER BY span DESC LIMIT 1) AS newest,
  (SELECT sum(archived) FROM article_counts WHERE paper = '' AND length(span) = 10
    AND span > (SELECT date(({LATEST} ORDER BY span DESC LIMIT 1), '-7 days'))) AS in_week
"""
MONTHLY = f"""
SELECT span, published, archived FROM article_counts WHERE paper = '' AND length(span) = 7
AND span <= (SELECT substr(({LATEST} ORDER BY span DESC LIMIT 1), 1, 7)) ORDER BY span DESC LIMIT {MONTHS}
"""
FRONTS = f"""
SELECT a.uid, a.title, a.lead, a.paper, p.title AS paper_title, p.province, a.section, a.published
FROM papers p CROSS JOIN article_counts c ON c.paper = p.name AND c.span = :day AND c.published > 0
CROSS JOIN articles a ON a.id IN (SELECT n.id FROM articles n WHERE n.paper = p.name
  AND n.published BETWEEN :day AND :day || 'U' AND n.visibility = 'public'
  ORDER BY n.published DESC, n.id DESC LIMIT {A_PAPER})
ORDER BY a.published DESC, a.id DESC
"""
"""The newest headlines of each paper's day, by the paper's index: every ``T08:30:00+07:00`` is less than ``U``."""
YEARS_AGO = """
SELECT c.span AS day, c.published AS articles FROM json_each(:days) d
CROSS JOIN article_counts c ON c.paper = '' AND c.span = d.value WHERE c.published > 0 ORDER BY c.span DESC
"""
THEN = """
SELECT uid, title FROM articles WHERE published BETWEEN :day AND :day || 'U' AND visibility = 'public'
ORDER BY published DESC LIMIT 3
"""
PAIRS = "SELECT before, today FROM provinces ORDER BY before"


@hookimpl(specname="register_routes")
def front_routes() -> list[tuple[str, Any]]:
    """Give the archive its front page, instead of datasette's list of databases."""
    return [(r"^/$", home)]


async def home(datasette: Any, request: Any) -> Any:
    """Answer with the front page; where no archive is served, with datasette's own."""
    if first_archive(datasette) is None:
        request.scope["url_route"]["kwargs"]["format"] = None
        return await IndexView(datasette).get(request)
    return await front_page(datasette, request)


@reads_archive
async def front_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with the front page. Its statements go by keys and counts kept by triggers; none scans articles."""
    totals = rows(await database.execute(TOTALS))[0]
    papers = await papers_of(database)
    day = totals["newest"]
    pairs = [(str(row["before"]), str(row["today"])) for row in rows(await database.execute(PAIRS))]
    told = {
        "totals": totals,
        "fronts": by_their_province(rows(await database.execute(FRONTS, {"day": day}))) if day else [],
        "years_ago": await years_ago(database, day) if day else [],
        "provinces": by_province([paper for paper in papers if paper["articles"]]),
        "tiles": (placed := tiles(pairs, papers)),
        "by_name": sorted(placed, key=lambda tile: slug(tile.name)),
        "growth": growth(rows(await database.execute(MONTHLY))[::-1]),
        "title": datasette.metadata("title"),
        "motto": datasette.metadata("description", database=database.name),
    }
    return await page(datasette, request, "front.html", told)


def by_their_province(articles: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return articles, the newest first, by province: `A_PROVINCE` of each, provinces by their names without marks."""
    ordered = sorted(articles, key=lambda article: slug(article["province"]))
    by_name = groupby(ordered, key=lambda article: str(article["province"]))
    return [(province, list(those)[:A_PROVINCE]) for province, those in by_name]


async def years_ago(database: Any, day: str) -> list[dict[str, Any]]:
    """Return the same day of earlier years of which articles are held, the latest with its headlines."""
    days = [f"{int(day[:4]) - back:04}{day[4:]}" for back in range(1, YEARS_BACK + 1) if int(day[:4]) > back]
    held = rows(await database.execute(YEARS_AGO, {"days": json.dumps(days)}))
    for one in held[:1]:
        one["headlines"] = rows(await database.execute(THEN, {"day": one["day"]}))
    return held


def growth(months: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return drawings of the articles that came and that were printed, by month, and the years as numbers."""
    came = _spanned([Bar(month["span"], month["archived"]) for month in months if month["archived"]])
    printed = _spanned([Bar(month["span"], month["published"]) for month in months if month["published"]])
    years: dict[str, list[int]] = {}
    for month in months:
        year = years.setdefault(month["span"][:4], [0, 0])
        year[0] += month["published"]
        year[1] += month["archived"]
    return {
        "came": bars(came, title="Bài vào kho theo tháng · Articles archived by month", desc=_summary(came)),
        "printed": bars(printed, title="Bài theo tháng đăng · Articles by month printed", desc=_summary(printed)),
        "years": [(year, *counted) for year, counted in sorted(years.items(), reverse=True)],
    }


def _spanned(held: Sequence[Bar]) -> list[Bar]:
    """Return a bar for each month from the first to the last, those without articles too; at most `MONTHS`."""
    counts = {bar.label: bar.count for bar in held}
    numbers = [int(label[:4]) * 12 + int(label[5:]) - 1 for label in counts]
    if not numbers:
        return []
    last = max(numbers)
    spans = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(max(min(numbers), last - MONTHS + 1), last + 1)]
    return [Bar(f"{span[5:]}/{span[:4]}", counts.get(span, 0)) for span in spans]


def _summary(drawn: Sequence[Bar]) -> str:
    if not drawn:
        return ""
    most = max(drawn, key=lambda bar: bar.count)
    return f"Từ {drawn[0].label} đến {drawn[-1].label}; nhiều nhất {most.label}: {most.count:g} bài."
