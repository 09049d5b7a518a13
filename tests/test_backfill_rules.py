"""What a backfill takes for one of its days, and what it owes whom: the rules alone, without a crawl."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from crawler.backfill import in_days
from crawler.estimate import Estimate, estimate, sentence
from crawler.revisit import Schedule
from crawler.run import came_to
from pipelines.archive.backfill_visits import STALE
from pipelines.archive.tallies import Tally, tally
from pipelines.days import Days, Place, asked
from pipelines.items import Link, Visit
from pipelines.numbers import Numbers, in_order
from tests.making import TEXT, archive, capture, hours, paper, rows, store, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.archive import Archive
    from pipelines.items import Kind

YEAR = Days(date(2019, 1, 1), date(2019, 12, 31))
ALPHA = replace(paper(), article=(re.compile(r"-(?P<id>\d+)\.html$"), re.compile(r"/\d{6}/[a-z-]+-[0-9a-f]{7}/$")))
HOME = "https://alpha.example.vn"


def listed(url: str, modified: str | None, kind: Kind = "section", on: str = "/tin") -> Link:
    """Return an article's link as a backfill of 2019 judges it on a listing of this kind."""
    (link,) = in_days([Link(HOME + url, "article", modified)], kind, HOME + on, ALPHA, YEAR)
    return link


def test_a_range_is_written_and_read_alike() -> None:
    for days in (YEAR, Days(date(2019, 1, 1))):
        assert Days.read(str(days)) == days
    assert str(Days(date(2019, 1, 1))) == "2019-01-01/.."


@pytest.mark.parametrize(
    ("printed", "place"),
    [
        ("2018-12-31", Place.OLDER),
        ("2019-01-01", Place.WITHIN),
        ("2019-12", Place.WITHIN),
        ("2019", Place.WITHIN),
        ("2020-01-01T00:00:00+07:00", Place.NEWER),
        ("2019-02-30", None),
        ("hôm qua", None),
        (None, None),
    ],
)
def test_a_day_lies_before_in_or_after_a_range(printed: str | None, place: Place | None) -> None:
    assert YEAR.place(printed) is place


def test_a_month_that_lies_in_the_range_in_part_tells_nothing() -> None:
    assert Days(date(2019, 1, 15), date(2019, 12, 31)).place("2019-01") is None


def test_without_an_end_the_range_goes_on_to_today() -> None:
    days = asked("2019-01-01", None, date(2026, 1, 2))
    assert days is not None
    assert days.place("2026-01-02") is Place.WITHIN
    assert asked(None, None, date(2026, 1, 2)) is None


@pytest.mark.parametrize(
    ("modified", "later", "published"),
    [("2019-06-01", False, "2019-06-01"), ("2018-06-01", True, "2018-06-01"), ("2020-06", True, "2020-06")],
)
def test_a_day_printed_on_a_section_decides(modified: str, later: bool, published: str) -> None:
    link = listed("/tin-1.html", modified)
    assert (link.later, link.published, link.newsroom) == (later, published, "alpha:1")


def test_a_moment_is_taken_as_vietnams_day() -> None:
    assert listed("/tin-1.html", "2018-12-31T18:00:00+00:00").published == "2019-01-01"


@pytest.mark.parametrize("kind", ["sitemap", "feed"])
def test_a_change_says_only_that_an_article_is_not_younger(kind: Kind) -> None:
    older, within, newer = (listed("/tin-1.html", f"{year}-06-01", kind) for year in (2018, 2019, 2020))
    assert older.later
    assert not within.later
    assert not newer.later
    assert within.published is newer.published is None


def test_the_period_of_a_sitemap_goes_before_the_changes_it_lists() -> None:
    edited = listed("/tin-1.html", "2024-06-01", "sitemap", "/sitemap-2019-03.xml")
    assert not edited.later
    assert edited.published == "2019-03-01"
    assert listed("/tin-1.html", "2019-06-01", "sitemap", "/sitemap-2017-03.xml").later


def test_the_month_in_an_address_decides_where_nothing_is_printed() -> None:
    assert not listed("/xa-hoi/201906/cau-moi-1a2b3c4/", None).later
    assert listed("/xa-hoi/202006/cau-moi-1a2b3c4/", "2019-06-01", "sitemap").later


def test_only_sitemaps_that_may_hold_the_days_are_opened() -> None:
    names = {"2018-12": True, "2019-01": False, "2020": True, "index": False}
    links = [Link(f"{HOME}/sitemap-{name}.xml", "sitemap") for name in names]
    changed_before = Link(f"{HOME}/sitemap-old.xml", "sitemap", "2018-01-01")
    judged = in_days([*links, changed_before, Link(f"{HOME}/rss", "feed")], "sitemap", f"{HOME}/s.xml", ALPHA, YEAR)
    assert [link.later for link in judged] == [*names.values(), True, True]


def test_what_stands_out_of_order_is_left_out() -> None:
    days = ["2015", "2025", "2016", "2017", "2012", "2018"]
    assert [days[i] for i in in_order(days)] == ["2015", "2016", "2017", "2018"]


@pytest.mark.parametrize("year", range(2016, 2026))
@pytest.mark.parametrize("disorder", [0, 2])
def test_by_their_numbers_a_year_is_found_with_few_others(year: int, disorder: int) -> None:
    days = Days(date(year, 1, 1), date(year, 12, 31))
    printed = numbered(Random(year), disorder)
    wanted = {n for n, day in printed.items() if days.place(day) is Place.WITHIN}
    fetched = found_by_numbers(printed, days)
    assert wanted <= fetched
    assert len(fetched - wanted) <= 0.06 * len(wanted)


def numbered(chance: Random, disorder: int) -> dict[int, str]:
    """Return 3,000 numbers of ten years with their days; neighbours change places, as far as ``disorder``."""
    number, printed = 1000, {}
    for n in range(3000):
        number += chance.randint(1, 9)
        at = min(max(n + chance.randint(-disorder, disorder), 0), 2999)
        printed[number] = str(date(2016, 1, 1) + timedelta(days=at * 3653 // 3000))
    return printed


def found_by_numbers(printed: dict[int, str], days: Days) -> set[int]:
    """Walk pages of ten, newest first, and fetch what `Numbers` says; return the numbers fetched."""
    newest_first = sorted(printed, reverse=True)
    pages: Iterator[list[int]] = iter([newest_first[i : i + 10] for i in range(0, 3000, 10)])
    known: dict[int, str] = {}
    waiting: set[int] = set()
    seen = 0
    while True:
        numbers = Numbers(known.items(), days)
        found = numbers.sort(sorted(waiting), seen)
        waiting -= set(found.outside)
        chosen = set(found.within)
        page = [] if chosen or found.at_once else next(pages, [])
        if page and not all(map(numbers.is_older, page)):
            waiting |= set(page)
            seen += len(page)
            continue
        pages = iter(()) if page else pages
        if not chosen and found.next is not None:
            chosen = {found.next}
        if not chosen:
            return set(known)
        known |= {n: printed[n] for n in chosen}
        waiting -= chosen


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Archive]:
    made = archive(tmp_path / "archive.db", next_due=Schedule())
    yield made
    made.close()


def begin(of: Archive, days: Days = YEAR, path: str = "/tin", at: float = 0) -> bool:
    return of.backfills.begin("alpha", days, {"papers.toml": [Link(HOME + path, "section")]}, hours(at))


def taken(of: Archive, days: Days = YEAR, at: float = 0) -> list[str]:
    """Return the paths a backfill hands out."""
    return [row.url.removeprefix(HOME) for row in of.backfills.take("alpha", days, hours(at), 20)]


def page(path: str, *links: Link, days: Days = YEAR, at: float = 0) -> Visit:
    """Return the visit of a section page that shows these links."""
    judged = in_days(links, "section", HOME + path, ALPHA, days)
    return Visit(
        paper="alpha",
        url=HOME + path,
        kind="section",
        outcome="listing/read",
        at=hours(at),
        capture=capture(HOME + path, hours(at)),
        links=judged,
        backfill=str(days),
    )


def article(path: str, day: str | None = None) -> Link:
    return Link(HOME + path, "article", day)


def after(path: str) -> Link:
    return Link(HOME + path, "section", if_new=True)


def test_a_walk_ends_where_pages_show_nothing_but_older_articles(held: Archive) -> None:
    begin(held)
    beside = article("/moi-nhat-9.html", "2025-01-01")
    store(held, [page("/tin", article("/a-5.html", "2020-01-01"), beside, after("/tin?page=2"))])
    assert taken(held) == ["/tin?page=2"]
    pinned = article("/ghim-1.html", "2010-01-01")
    store(held, [page("/tin?page=2", pinned, article("/b-4.html", "2019-05-01"), beside, after("/tin?page=3"))])
    assert taken(held) == ["/b-4.html"]
    store(held, [replace(visit("/b-4.html", hours(0), published="2019-05-01"), backfill=str(YEAR))])
    assert taken(held) == ["/tin?page=3"]
    store(held, [page("/tin?page=3", article("/c-3.html", "2018-12-31"), beside, after("/tin?page=4"))])
    assert taken(held) == []


def test_a_last_page_that_repeats_itself_for_ever_ends_the_walk(held: Archive) -> None:
    begin(held)
    same = [article("/a.html"), article("/b.html")]
    store(held, [page("/tin", *same, after("/tin?page=2"))])
    asked = 1
    while (path := f"/tin?page={asked + 1}") in taken(held) + taken(held):
        asked += 1
        store(held, [page(path, *same, after(f"/tin?page={asked + 1}"))])
    assert asked == 1 + STALE


def test_what_another_section_has_shown_does_not_end_a_walk(held: Archive) -> None:
    begin(held)
    store(held, [page("/tat-ca", article("/a-1.html", "2020-01-01"), after("/tat-ca?page=2"))])
    store(held, [page("/tin", article("/a-1.html", "2020-01-01"), after("/tin?page=2"))])
    assert set(taken(held) + taken(held)) == {"/tin?page=2", "/tat-ca?page=2"}


class Growing:
    """A section of ten articles a page that prints while it is walked: ``grow`` articles after pages asked for.

    Up to a page they come after every page, more after every twentieth: a night that passed.
    """

    def __init__(self, articles: int, a_day: int, grow: int) -> None:
        self.grow, self._made = grow, 0
        self._days = [str(date(2026, 1, 1) - timedelta(days=n // a_day)) for n in range(articles)]
        self.shown = [(f"/a-{articles - n}.html", day) for n, day in enumerate(self._days)]
        self.asked: list[int] = []

    def answer(self, path: str, form: str) -> Visit:
        number = int(path.removeprefix(form.partition("{}")[0]).partition(".")[0]) if path != "/tin" else 1
        self.asked.append(number)
        entries = self.shown[(number - 1) * 10 : number * 10]
        more = [after(form.format(number + 1))] if number * 10 < len(self.shown) else []
        for _ in range(self.grow if self.grow < 10 or len(self.asked) % 20 == 0 else 0):
            self._made += 1
            self.shown.insert(0, (f"/moi-{self._made}.html", "2026-01-02"))
        made = page(path, *[article(url, day) for url, day in entries], *more)
        return made if entries else replace(made, outcome="listing/unreadable", links=())


@pytest.mark.parametrize("form", ["/tin?page={}", "/tin/trang-{}.html"])
@pytest.mark.parametrize("grow", [0, 2, 10, 25])
@pytest.mark.parametrize("a_day", [1, 3])
def test_pages_that_can_only_be_newer_are_passed_over_and_nothing_is_missed(
    held: Archive, form: str, grow: int, a_day: int
) -> None:
    section = Growing(2700 * a_day, a_day, grow)
    wanted = {url for url, day in section.shown if day.startswith("2019")}
    begin(held)
    listed: set[str] = set()
    while due := [row for row in held.backfills.take("alpha", YEAR, hours(0), 20) if row.kind == "section"]:
        for row in due:
            made = section.answer(row.url.removeprefix(HOME), form)
            listed |= {link.url.removeprefix(HOME) for link in made.links if not link.later}
            store(held, [made])
        held.db.conn.execute("UPDATE backfill_urls SET due_at = NULL WHERE published IS NOT NULL")
    assert wanted <= listed
    passed = 6 * 365 * a_day // 10
    walked = len(wanted) // 10
    assert len(section.asked) < walked + 0.2 * passed + 60 + section.grow * 20


def walked(of: Archive, *second: Link) -> None:
    """Walk two pages, the second of which shows these links, newer than the days as a rule."""
    begin(of)
    store(of, [page("/tin", article("/a-9.html", "2025-01-01"), after("/tin?page=2"))])
    store(of, [page("/tin?page=2", *second, after("/tin?page=3"))])


def test_a_page_that_says_nothing_of_its_days_is_never_passed_over(held: Archive) -> None:
    walked(held, article("/c-7.html", "2025-01-01"), article("/d-6.html"))
    found = rows(held, "SELECT url FROM urls WHERE url LIKE '%page=%' ORDER BY 1")
    assert found == [(f"{HOME}/tin?page=2",), (f"{HOME}/tin?page=3",)]


def test_a_leap_that_ends_where_nothing_is_goes_back_and_walks_on_page_by_page(held: Archive) -> None:
    walked(held, article("/b-8.html", "2025-01-01"))
    assert taken(held) == ["/tin?page=4"]
    store(held, [replace(page("/tin?page=4"), outcome="listing/unreadable", links=())])
    assert taken(held) == ["/tin?page=3"]
    store(held, [page("/tin?page=3", article("/c-1.html", "2019-05-01"), after("/tin?page=4"))])
    assert taken(held) == ["/c-1.html"]
    store(held, [replace(visit("/c-1.html", hours(0), published="2019-05-01"), backfill=str(YEAR))])
    assert taken(held) == ["/tin?page=4"]


def test_a_page_beyond_the_last_that_shows_another_again_ends_no_walk(held: Archive) -> None:
    again = article("/b-8.html", "2025-01-01")
    walked(held, again)
    store(held, [page("/tin?page=4", again, after("/tin?page=5"))])
    assert taken(held) == ["/tin?page=3"]


def test_a_leap_to_a_page_that_shows_something_else_passes_over_nothing(held: Archive) -> None:
    walked(held, article("/b-8.html", "2025-01-01"))
    store(held, [page("/tin?page=4", article("/nong-10.html", "2025-12-01"), after("/tin?page=5"))])
    assert taken(held) == ["/tin?page=3"]


def test_two_ranges_of_a_paper_do_not_disturb_each_other(held: Archive) -> None:
    other = Days(date(2017, 1, 1), date(2017, 12, 31))
    begin(held)
    begin(held, other)
    link = article("/a-1.html", "2017-03-01")
    store(held, [page("/tin", link)])
    assert taken(held) == []
    assert taken(held, other) == ["/tin"]
    store(held, [page("/tin", link, days=other)])
    assert taken(held, other) == ["/a-1.html"]


def test_a_normal_crawl_is_given_nothing_of_a_backfill(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", article("/a-1.html", "2019-03-01"), article("/b-2.html", "2025-03-01"))])
    assert held.frontier.take("alpha", hours(1), 20) == []
    assert taken(held) == ["/a-1.html"]


def test_what_a_normal_crawl_fetched_a_backfill_need_not(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", article("/a-1.html", "2019-03-01"))])
    store(held, [visit("/a-1.html", hours(1), published="2019-03-01")])
    assert taken(held, at=2) == []


def test_a_page_that_failed_is_tried_again_by_the_backfill_alone(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", article("/a-1.html", "2019-03-01"))])
    url = HOME + "/a-1.html"
    failed = Visit(paper="alpha", url=url, kind="article", outcome="failed", at=hours(0), backfill=str(YEAR))
    store(held, [failed])
    assert held.frontier.take("alpha", hours(48), 20) == []
    assert taken(held, at=0.5) == []
    assert taken(held, at=2) == ["/a-1.html"]


def test_an_article_that_fails_does_not_keep_others_from_being_looked_at(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", *[article(f"/a-{n}.html") for n in (30, 20, 10)], after("/tin?page=2"))])
    assert taken(held) == ["/a-10.html"]
    url = HOME + "/a-10.html"
    store(held, [Visit(paper="alpha", url=url, kind="article", outcome="failed", at=hours(0), backfill=str(YEAR))])
    assert taken(held) == ["/tin?page=2"]
    store(held, [page("/tin?page=2")])
    assert taken(held) == ["/a-20.html"]


def test_a_backfill_begun_again_tries_at_once_what_failed(held: Archive) -> None:
    begin(held)
    (row,) = held.backfills.take("alpha", YEAR, hours(0), 20)
    unread = replace(page("/tin"), outcome="listing/unreadable", links=())
    store(held, [unread])
    assert (row.kind, taken(held, at=0.5)) == ("section", [])
    assert begin(held, at=0.5)
    assert taken(held, at=0.5) == ["/tin"]


def test_an_old_article_is_not_looked_at_again_as_if_it_were_news(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", article("/a-1.html", "2019-03-01"))])
    store(held, [replace(visit("/a-1.html", hours(0), published="2019-03-01"), backfill=str(YEAR))])
    assert held.frontier.take("alpha", hours(24 * 300), 20) == []
    assert len(held.frontier.take("alpha", hours(24 * 366), 20)) == 1


def test_an_article_that_moved_tells_from_when_its_number_is(held: Archive) -> None:
    begin(held)
    store(held, [page("/tin", *[article(f"/a-{n}.html") for n in (40, 30, 20, 10)], after("/tin?page=2"))])
    assert taken(held) == ["/a-10.html"]
    moved = Visit(
        paper="alpha",
        url=HOME + "/a-10.html",
        kind="article",
        outcome="redirect",
        at=hours(0),
        redirect_to=HOME + "/moi/a/10/",
        links=(Link(HOME + "/moi/a/10/", "article"),),
        backfill=str(YEAR),
    )
    store(held, [moved])
    assert taken(held) == ["/moi/a/10/"]
    store(held, [replace(visit("/moi/a/10/", hours(0), published="2018-01-01"), backfill=str(YEAR))])
    known = "SELECT published FROM backfill_urls WHERE number = 10 AND published NOT NULL"
    assert rows(held, known) == [("2018-01-01",)]
    store(held, [replace(page("/tin"), links=()), replace(page("/tin?page=2"), links=())])
    assert taken(held) == ["/a-40.html"]


def test_a_door_that_moved_is_walked_where_it_is_now(held: Archive) -> None:
    begin(held)
    moved = replace(page("/tin"), outcome="redirect", redirect_to=HOME + "/tin/")
    store(held, [moved])
    assert taken(held, at=1) == ["/tin/"]


def test_news_that_a_backfill_made_known_is_fetched_by_the_next_crawl_page_by_page_and_no_further(
    held: Archive,
) -> None:
    begin(held)
    pages = [f"/tin/{n}" if n > 1 else "/tin" for n in range(1, 7)]
    shown = [page(path, article(f"/a-{n}.html", "2025-12-31"), after(pages[n])) for n, path in enumerate(pages[:5], 1)]
    store(held, shown)
    held.seed("alpha", [Link(HOME + "/tin", "section")], hours(1), "papers.toml")
    asked_for = []
    while due := held.frontier.take("alpha", hours(1), 20):
        asked_for += [row.url.removeprefix(HOME) for row in due]
        store(held, [again(one) for row in due for one in shown if one.url == row.url])
        store(held, [visit(row.url.removeprefix(HOME), hours(1)) for row in due if row.kind == "article"])
    assert sorted(asked_for) == sorted([*pages[:3], "/a-1.html", "/a-2.html", "/a-3.html"])


def again(shown: Visit) -> Visit:
    """Return what a normal crawl gets where a backfill was an hour before."""
    links = tuple(replace(link, later=False, published=None, newsroom=None) for link in shown.links)
    return replace(shown, backfill=None, at=hours(1), links=links, capture=capture(shown.url, hours(1)))


def test_a_tally_tells_articles_of_the_days_from_others(held: Archive) -> None:
    begin(held)
    links = [article(f"/{name}-{n}.html", day) for n, (name, day) in enumerate({"a": "2019-03-01", "b": None}.items())]
    store(held, [page("/tin", *links, after("/tin?page=2"))])
    made = [visit("/a-0.html", hours(0), published="2019-03-01"), visit("/b-1.html", hours(0), published="2021-03-01")]
    store(held, [replace(one, backfill=str(YEAR)) for one in made])
    found = tally(held.db, "alpha", YEAR)
    assert (found.held, found.others, found.articles, found.listings) == (1, 1, 0, 1)
    assert rows(held, "SELECT count(*) FROM backfills") == [(1,)]


def test_what_a_backfill_came_to_is_said_in_words() -> None:
    assert came_to("alpha", YEAR, Tally(held=33)) == (
        "the archive holds 33 articles of 2019-01-01/2019-12-31, 0 addresses left to fetch"
    )
    assert came_to("alpha", YEAR, Tally(held=1, others=10, listings=1)) == (
        "the archive holds 1 article of 2019-01-01/2019-12-31, 10 of other days fetched to find where these begin "
        "and end, 1 address left to fetch; go on with: scrapy crawl alpha --since 2019-01-01 --until 2019-12-31"
    )


def planned(known: Tally, pause: float = 1.0, most: int = 5000, **facts: Any) -> Estimate:
    return estimate(replace(ALPHA, **facts), YEAR, known, date(2026, 1, 2), pause, most)


def test_an_estimate_rests_on_what_papers_toml_says_then_on_the_archive_then_on_nothing() -> None:
    stated = planned(Tally(held=300), expect={"per_day": 20.0})
    assert stated.expected_articles == 7300
    assert (stated.requests_least, stated.requests) == (7000 + 122, 7000 + 2559)
    assert (stated.seconds, stated.nights) == (9559, 2)
    assert "expect.per_day" in stated.basis
    measured = planned(Tally(recent=56, recent_days=28, busiest=6))
    assert measured.expected_articles == 730
    assert planned(Tally()).requests is None
    begun = planned(Tally(articles=40), most=0)
    assert (begun.begun, begun.requests, begun.requests_least, begun.nights) == (True, 40, 40, 1)


def test_a_first_crawl_that_saw_three_days_whole_and_little_before_gives_a_range_of_both() -> None:
    found = planned(Tally(recent=112, recent_days=28, busiest=90))
    assert found.requests_least is not None
    assert found.requests is not None
    assert found.requests_least < 4 * 365 * 1.2
    assert found.requests >= 30 * 365
    assert "4.0 to 30.0 articles a day (the latest in the archive: 112 of 28 days)" in sentence(found)
    assert "few days: a rough guess" in sentence(planned(Tally(recent=30, recent_days=1, busiest=30)))


def test_sitemaps_may_tell_all_without_any_page_of_a_section() -> None:
    sitemaps = ("https://alpha.example.vn/sitemap-2016-03.xml", "https://alpha.example.vn/sitemap-2019-03.xml")
    found = planned(Tally(recent=28, recent_days=28, busiest=3, sitemaps=sitemaps))
    assert found.requests_least == 365 + 1
    assert found.doors == "sitemaps back to 2016-03-01"


def test_before_a_first_crawl_a_plan_says_so_and_which_doors_reach_back() -> None:
    said = sentence(planned(Tally(), sitemaps=(f"{HOME}/sitemap.xml",), sections=(f"{HOME}/tin",)))
    assert "nothing tells how much the paper prints; run 'scrapy crawl alpha' once, then ask again" in said
    assert said.endswith(" The way back: sitemaps (how far is told by crawling) and sections, page by page.")
    assert "the first crawl looks for sitemaps and sections" in sentence(planned(Tally()))


def test_one_is_said_as_one_and_a_range_as_a_range() -> None:
    one = sentence(planned(Tally(articles=1)))
    assert (
        ": 1 request, one every 1 s, which takes 1 minute (1 night of BACKFILL_REQUESTS). Reckoned by the addresses"
        in one
    )
    assert "1 article and 0 listings of a backfill that was begun are left" in one
    many = sentence(planned(Tally(recent=56, recent_days=28, busiest=9), pause=30, most=500))
    assert ": 743 to 1479 requests, one every 30 s, which takes 6.2 to 12.3 hours (2 to 3 nights of" in many
    assert "Reckoned by 2.0 to 3.0 articles" in many


def test_the_busiest_days_are_told_apart_from_the_weeks_before(held: Archive) -> None:
    days = ["2019-03-01", "2019-03-26", "2019-03-27", "2019-03-27", "2019-03-28"]
    store(held, [page("/tin", *[article(f"/a-{n}.html") for n in range(5)])])
    printed = [
        visit(f"/a-{n}.html", hours(0), title=f"Bài {n}", text=f"{TEXT} {n}.", published=day)
        for n, day in enumerate(days)
    ]
    store(held, printed)
    found = tally(held.db, "alpha", YEAR)
    assert (found.recent, found.recent_days, found.busiest) == (5, 28, 4)
