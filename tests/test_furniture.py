"""A paper's recurring template lines are learned from its pages and left out; what its writers repeat stays."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from crawler.extraction import extract, furniture_key
from crawler.extraction.furniture import LIFE, WINDOW, furniture
from crawler.extraction.text import is_furniture
from crawler.learning import Learner
from crawler.papers import Directory
from crawler.visits import Fetched, judge_response
from pipelines.archive import open_archive
from pipelines.migrations import migrations
from pipelines.observed import Line, ObservedPage
from pipelines.stages import identified, normalised
from tests import making
from tests.furniture_paper import MadeUpPaper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipelines.archive import Archive
    from pipelines.items import Visit
    from tests.furniture_paper import Page

PAPER = making.paper("alpha")
URL = "https://alpha.example.vn"
KNOWN_AFTER = 30
"""Pages after which nothing of the template may be left."""


def judged(learner: Learner, page: Page, hour: float) -> Visit:
    """Return the visit of a page as a crawl's spider and stages make it."""
    url, at = URL + page.path, making.hours(hour)
    capture = making.capture(url, at, body=str(hour))
    fetched = Fetched(url=url, status=200, body=page.html, at=at, content_type="text/html", capture=capture)
    judge = partial(judge_response, fetched, PAPER, Directory({}, {}), "article")
    visit = learner.judged(PAPER, url, lambda lines: judge(furniture=lines))
    assert visit.article is not None, visit.reason
    article = replace(visit.article, reading=normalised(visit.article.reading))
    return replace(visit, article=identified(article, "alpha", url))


def crawl(archive: Archive, pages: Sequence[Page], first: int = 0) -> Archive:
    """Store pages an hour apart, as one run does."""
    learner = Learner(archive)
    for number, page in enumerate(pages, first):
        visit = judged(learner, page, number)
        assert visit.capture is not None
        archive.record(visit.paper, visit.capture)
        archive.submit(visit)
    archive.flush()
    return archive


def texts(archive: Archive) -> dict[str, str]:
    """Return lead and text of each article by its path."""
    rows = making.rows(
        archive,
        "SELECT a.url, coalesce(a.lead, '') || char(10) || t.text FROM articles a "
        "JOIN article_text t ON t.article_id = a.id",
    )
    return {url.removeprefix(URL): text for url, text in rows}


def learned(archive: Archive) -> list[tuple[object, ...]]:
    told = making.rows(
        archive, "SELECT line, since_version, until_version, learned_at, dropped_at FROM furniture ORDER BY 1, 2"
    )
    return told + making.rows(archive, "SELECT url, furniture_version FROM articles ORDER BY 1")


@pytest.mark.parametrize("seed", [*range(5), 2027])
def test_template_lines_are_gone_after_thirty_pages_and_no_sentence_is_lost(tmp_path: Path, seed: int) -> None:
    made = MadeUpPaper(seed)
    pages = [made.page(number) for number in range(made.size)]
    held = texts(crawl(making.archive(tmp_path / "archive.db"), pages))
    left = [
        (n, line)
        for n, page in enumerate(pages[KNOWN_AFTER:], KNOWN_AFTER)
        for line in page.noise
        if line in held[page.path]
    ]
    lost = [
        (n, line)
        for n, page in enumerate(pages)
        for line in (*page.true, *page.paragraphs)
        if line not in held[page.path]
    ]
    assert not left, f"seed {seed}: {left}"
    assert not lost, f"seed {seed}: {lost}"
    early = [line for page in pages[:5] for line in page.noise if line in held[page.path]]
    assert early, "the made-up template printed nothing that had to be learned"


def test_the_same_pages_teach_the_same_in_one_run_or_several(tmp_path: Path) -> None:
    made = MadeUpPaper(11, size=70)
    pages = [made.page(number) for number in range(made.size)]
    whole = crawl(making.archive(tmp_path / "one.db"), pages)
    for first, end in ((0, 23), (23, 41), (41, 70)):
        parts = crawl(making.archive(tmp_path / "parts.db"), pages[first:end], first)
    assert learned(parts) == learned(whole)
    assert texts(parts) == texts(whole)
    assert len({version for _, version in making.rows(whole, "SELECT url, furniture_version FROM articles")}) > 1


def test_what_we_learned_is_no_edit_of_an_article_seen_again(tmp_path: Path) -> None:
    made = MadeUpPaper(3, size=60)
    pages = [made.page(number) for number in range(made.size)]
    archive = crawl(making.archive(tmp_path / "archive.db"), pages)
    before = texts(archive)
    crawl(archive, pages[:10], first=100)
    assert archive.counts["article/same"] == 10
    assert archive.counts["article/revised"] == 0
    assert texts(archive) == before
    assert making.rows(archive, "SELECT count(*) FROM furniture_pages") == [(60,)]


def test_each_version_of_the_furniture_can_be_read_again(tmp_path: Path) -> None:
    made = MadeUpPaper(4, size=60)
    archive = crawl(making.archive(tmp_path / "archive.db"), [made.page(n) for n in range(made.size)])
    newest = archive.furniture.version("alpha")
    assert newest > 0
    assert archive.furniture.lines("alpha", 0) == frozenset()
    assert archive.furniture.lines("alpha", newest) == Learner(archive)._shelf("alpha").lines
    assert archive.furniture.lines("beta", newest) == frozenset()


def test_only_the_latest_pages_are_kept(tmp_path: Path) -> None:
    made = MadeUpPaper(5, size=WINDOW + 10)
    archive = crawl(making.archive(tmp_path / "archive.db"), [made.page(n) for n in range(made.size)])
    assert making.rows(archive, "SELECT min(number), max(number), count(*) FROM furniture_pages") == [
        (11, WINDOW + 10, WINDOW)
    ]


def test_an_archive_of_before_learns_from_now_on(tmp_path: Path) -> None:
    old = Database(tmp_path / "archive.db")
    migrations.apply(old, stop_before="m003_furniture")
    assert "furniture" not in old.table_names()
    old.close()
    new = open_archive(tmp_path / "archive.db")
    assert {"furniture", "furniture_pages"} <= set(new.table_names())
    new.close()


def lines(*keys: str, standing: str = "plain") -> tuple[Line, ...]:
    return tuple(Line(key, "p/|" if standing == "plain" else standing, standing) for key in keys)


def papers(*, size: int = 60, seed: int = 1) -> list[ObservedPage]:
    """Return pages whose paragraphs never recur, in three sections, by nine writers."""
    chance = random.Random(seed)
    return [
        ObservedPage(
            n, str(n), f"mục {n % 3}", f"người viết {chance.randrange(9)}",
            lines(*(f"đoạn {n} {i}" for i in range(chance.randint(4, 9)))),
        )
        for n in range(size)
    ]  # fmt: skip


def with_line(
    pages: Iterable[ObservedPage], on: Iterable[int], line: str, at: int | None, standing: str = "plain"
) -> list[ObservedPage]:
    """Return the pages with a line on those numbered ``on``, before the line ``at`` (None: anywhere)."""
    chance, chosen = random.Random(len(line)), set(on)
    made = []
    for page in pages:
        place = chance.randint(0, len(page.lines)) if at is None else at if at >= 0 else len(page.lines)
        shown = (*page.lines[:place], *lines(line, standing=standing), *page.lines[place:])
        made.append(replace(page, lines=shown) if page.number in chosen else page)
    return made


ALL = range(60)
EVERY_OTHER = range(0, 60, 2)
SECTION = range(0, 60, 3)


@pytest.mark.parametrize(
    ("on", "at", "standing"),
    [
        (ALL, 0, "plain"),
        (ALL, -1, "styled"),
        (ALL, None, "plain"),
        (EVERY_OTHER, 2, "plain"),
        (EVERY_OTHER, None, "boxed"),
        (SECTION, -1, "plain"),
        (SECTION, None, "boxed"),
        (ALL, -1, "named"),
        (range(30, 60), 1, "plain"),
    ],
)
def test_a_steady_line_is_furniture(on: Iterable[int], at: int | None, standing: str) -> None:
    assert furniture(with_line(papers(), on, "dòng của báo", at, standing)) == {"dòng của báo"}


@pytest.mark.parametrize(
    ("on", "at", "standing"),
    [
        (EVERY_OTHER, None, "plain"),  # a motto, wherever the writer puts it
        (range(20, 40), 0, "styled"),  # a serial's introduction
        (range(40, 60), 0, "boxed"),
        (range(0, 60, 5), -1, "plain"),  # a farewell
        (EVERY_OTHER, -1, "named"),  # a busy reporter
        (range(0, 60, 7), None, "boxed"),
        (range(60 - LIFE + 1, 60), -1, "plain"),  # not seen long enough
    ],
)
def test_a_writers_sentence_is_kept(on: Iterable[int], at: int | None, standing: str) -> None:
    assert furniture(with_line(papers(), on, "câu của người viết", at, standing)) == frozenset()


def test_one_writers_farewell_in_a_section_of_his_own_is_kept() -> None:
    pages = [replace(page, author="một người") if page.number % 3 == 0 else page for page in papers()]
    assert furniture(with_line(pages, SECTION, "hẹn gặp lại tuần sau", -1)) == frozenset()


def test_the_frame_of_a_daily_bulletin_is_kept() -> None:
    frame = [f"khu vực {name} nhiệt độ 0 độ" for name in ("đông", "tây", "nam", "bắc")]
    pages = [replace(page, lines=lines(*frame)) if page.number % 3 == 0 else page for page in papers()]
    assert furniture(pages) == frozenset()


def test_a_line_that_the_template_dropped_fades() -> None:
    line = frozenset(["dòng của báo"])
    for gone, known in ((20, line), (100, frozenset[str]())):
        shown = with_line(papers(size=WINDOW), range(WINDOW - gone), "dòng của báo", 0)
        assert furniture(shown, line) == known


def test_counts_and_dates_make_no_other_line() -> None:
    assert furniture_key("Lượt xem: 1.234") == furniture_key("lượt  xem: 7")
    assert furniture_key("Cập nhật 12/3 - 08:30") == furniture_key("Cập nhật 1/12 - 18:05")
    assert furniture_key("Đường nóng") != furniture_key("Đường lạnh")


def test_lines_run_together_are_known_by_their_parts() -> None:
    known = frozenset(map(furniture_key, ("Gửi bài về 0912", "Tải bản in")))
    assert is_furniture("Gửi bài về 0345 Tải bản in", known)
    assert not is_furniture("Gửi bài về 0345 là việc của cả làng", known)
    assert not is_furniture("Tải", known)


def test_lines_are_seen_with_their_place_and_credits_not_at_all() -> None:
    page = MadeUpPaper(1).page(0)
    html = page.html.decode().replace(
        '<div class="noi-dung">',
        '<div class="noi-dung"><div class="moi"><p>Mời đọc bản in mỗi sáng</p></div><h4>Mùa hội đã về</h4>',
    )
    html = html.replace('<p style="text-align:right">', "<p>Theo TTXVN</p><p>Nguồn: Báo Mẫu</p><p>")
    seen = {line.key: line.standing for line in extract(html.encode(), URL + page.path).lines}
    assert seen["mời đọc bản in mỗi sáng"] == "boxed"
    assert seen["mùa hội đã về"] == "styled"
    assert all(seen[furniture_key(paragraph)] == "plain" for paragraph in page.paragraphs if len(paragraph) <= 400)
    assert not [key for key in seen if "ttxvn" in key or "báo mẫu" in key]
