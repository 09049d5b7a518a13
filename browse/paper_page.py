"""Knows one paper: ``/p/<paper>``, what it is, how it fares, its hours, sections, newest articles and days held."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response

from browse.answering import A_PAGE, page, reads_archive, text_of
from browse.archive import rows
from browse.drawing import Bar, Day, bars, month
from browse.press import papers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OF_SECTIONS = 2000
"""The newest articles of which sections are counted."""
SECTIONS_SHOWN = 24
MOST_LACKING = 3000
"""Addresses not held that are looked at; of a paper that has more, days are not marked."""
ABOUT = """
SELECT p.name, p.title, p.province, p.provinces_before, p.hosts, p.template, p.language, p.until, p.successor,
  p.confidence, p.evidence, s.title AS successor_title FROM papers p LEFT JOIN papers s ON s.name = p.successor
WHERE p.name = :paper
"""
BEFORE = "SELECT name, title, until FROM papers WHERE successor = :paper ORDER BY name"
LAST_GOOD = "SELECT last_good FROM paper_crawls WHERE paper = :paper"
NEWEST = f"""
SELECT uid, paper, section, title, lead, author, published, gone_at FROM articles
WHERE paper = :paper AND visibility = 'public' ORDER BY published DESC, id DESC LIMIT {A_PAGE}
"""
SECTIONS = f"""
SELECT n.section, count(*) AS articles FROM articles n WHERE n.section IS NOT NULL AND n.visibility = 'public'
AND n.id IN (SELECT id FROM articles WHERE paper = :paper ORDER BY published DESC LIMIT {OF_SECTIONS})
GROUP BY n.section ORDER BY articles DESC, n.section LIMIT {SECTIONS_SHOWN}
"""
HOURS = """
SELECT r.hour, sum(r.articles / max(r.hours, 1)) AS articles FROM urls u JOIN rhythms r ON r.url_id = u.id
WHERE u.paper = :paper AND u.kind IN ('feed', 'sitemap', 'section') GROUP BY r.hour
"""
YEARS = """
SELECT substr(span, 1, 4) AS year, sum(published) AS articles FROM article_counts
WHERE paper = :paper AND length(span) = 7 AND published > 0 GROUP BY 1 ORDER BY 1 DESC
"""
DAYS = """
SELECT span AS day, published AS articles FROM article_counts
WHERE paper = :paper AND span BETWEEN :year || '-01-01' AND :year || '-12-31' AND length(span) = 10 AND published > 0
"""
LACKING = f"""
SELECT CASE WHEN state IN ('known', 'failed') AND day BETWEEN :year || '-01-01' AND :year || '-12-31' THEN day END
  AS day, count(*) AS addresses FROM (SELECT day, state FROM lacking WHERE paper = :paper LIMIT {MOST_LACKING + 1})
GROUP BY 1
"""
NO_SUCH = "Không có báo này. No such paper."


@hookimpl(specname="register_routes")
def paper_routes() -> list[tuple[str, Any]]:
    """Give each paper its address."""
    return [(r"^/p/(?P<paper>[\w-]+)(?P<format>\.json)?$", paper_page)]


@reads_archive
async def paper_page(datasette: Any, request: Any, database: Any) -> Any:
    """Answer with a paper as a page or as JSON; ``?year=`` says which year's days are shown, the newest by itself.

    Raises NotFound for a paper that is not in the directory.
    """
    name = request.url_vars["paper"]
    about = rows(await database.execute(ABOUT, {"paper": name}))
    if not about:
        raise NotFound(NO_SUCH)
    told = await _told(database, about[0], text_of(request, "year"))
    if request.url_vars["format"]:
        return Response.json(told)
    shown = {
        "paper": told,
        "rhythm": drawn_hours(told["hours"]),
        "months": calendar(told, lambda day: datasette.urls.path(f"/d/{day}?paper={name}")),
        "database": database.name,
    }
    return await page(datasette, request, "paper.html", shown)


async def _told(database: Any, about: dict[str, Any], asked_year: str) -> dict[str, Any]:
    """Return all that is said of a paper; ``lacking`` is None where it has too many addresses to look at."""
    asked = {"paper": about["name"]}

    async def found(sql: str, **more: str) -> list[dict[str, Any]]:
        return rows(await database.execute(sql, {**asked, **more}))

    health = (await papers_of(database, about["name"]))[0]
    years = await found(YEARS)
    year = chosen_year([one["year"] for one in years], asked_year, health["newest"])
    good = await found(LAST_GOOD)
    return {
        **about,
        "provinces_before": json.loads(about["provinces_before"]),
        "hosts": json.loads(about["hosts"]),
        "predecessors": await found(BEFORE),
        **{name: health[name] for name in ("articles", "newest", "state", "said", "said_en", "is_well", "since")},
        "last_good": good[0]["last_good"] if good else None,
        "hours": {row["hour"]: round(row["articles"], 2) for row in await found(HOURS)},
        "sections": await found(SECTIONS),
        "years": years,
        "year": year,
        "days": {row["day"]: row["articles"] for row in await found(DAYS, year=year)} if year else {},
        "lacking": lacking(await found(LACKING, year=year)) if year else {},
        "newest_articles": await found(NEWEST),
    }


def chosen_year(held: Sequence[str], asked: str, newest: str | None) -> str | None:
    """Return the year that is shown, of those ``held``: the one asked for, else that of the ``newest`` day."""
    wanted = [year for year in (asked, (newest or "")[:4]) if year in held]
    return next(iter([*wanted, *held]), None)


def lacking(counted: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    """Return the addresses not held by day, of a year; None for more than `MOST_LACKING` in all."""
    if sum(row["addresses"] for row in counted) > MOST_LACKING:
        return None
    return {row["day"]: row["addresses"] for row in counted if row["day"]}


def drawn_hours(hours: Mapping[int, float]) -> Any:
    """Draw the new articles an hour to be expected in each hour of Vietnam's day; nothing where none was watched."""
    if not any(hours.values()):
        return bars((), title="", desc="")
    busiest = max(hours, key=lambda hour: hours[hour])
    drawn = [Bar(f"{hour}h", hours.get(hour, 0)) for hour in range(24)]
    desc = f"Nhiều bài mới nhất lúc {busiest} giờ: {hours[busiest]:g} bài mỗi giờ, giờ Việt Nam."
    return bars(drawn, title="Bài mới theo giờ trong ngày · New articles by hour of the day", desc=desc)


def calendar(told: Mapping[str, Any], address: Any) -> list[dict[str, Any]]:
    """Return the months of a paper's year: each drawn, and its days as numbers; ``address(day)`` is a day's page."""
    if not told["year"]:
        return []
    lacks = told["lacking"] or {}
    days = {
        day: Day(day, told["days"].get(day, 0), lacks.get(day, 0), address(day))
        for day in sorted({*told["days"], *lacks})
    }
    most = max((day.count for day in days.values()), default=0)
    months = []
    for number in range(1, 13):
        theirs = [day for name, day in days.items() if int(name[5:7]) == number]
        drawn = month(int(told["year"]), number, days, most=most)
        counted = {"count": sum(d.count for d in theirs), "lacking": sum(d.lacking for d in theirs)}
        months.append({"number": number, "drawing": drawn, "days": theirs, **counted})
    return months
