"""A paper that changes its pages between two crawls is named by its drift; one that does not is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crawler.settings import TEMPLATE_FILES
from tests.crawling import Desk
from tests.demo.server import Sites
from tests.furniture_paper import MadeUpPaper
from tests.hidden_paper import Host, served

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
PAPER = """
[banmay]
title = "Báo Bản Mây (báo mẫu)"
province = "Lào Cai"
hosts = ["127.0.0.1:{port}"]
template = "banmay"
feeds = ["http://127.0.0.1:{port}/rss.xml"]
article = ['-(?P<id>\\d+)\\.html$']
"""
TEMPLATE = "[banmay]\n[banmay.fields]\nbody = ['.noi-dung']\n"
FIRST, SECOND = "2026-11-24T06:00:00Z", "2026-11-25T06:00:00Z"
EACH = 12
"""Articles that the paper prints before each crawl."""


def renamed(page: str) -> str:
    """Return a page whose container has another name: the template finds none."""
    return page.replace('class="noi-dung"', 'class="chi-tiet"')


def cut(page: str) -> str:
    """Return a page whose container ends after its second paragraph: the template finds less."""
    second = re.compile(r"(?<=</p>)").split(page.partition('<div class="noi-dung">')[2], maxsplit=2)
    head = "".join(second[:2])
    return page.replace(head, f'{head}</div><div class="noi-dung-tiep">', 1)


def as_before(page: str) -> str:
    """Return a page of a paper that changed nothing."""
    return page


@dataclass
class Stand(Desk):
    """A desk with the one newspaper, whose pages are made here."""

    port: int = 0

    def papers(self) -> Path:
        (self.folder / "templates.toml").write_text(TEMPLATE, encoding="utf-8")
        file = self.folder / "papers.toml"
        file.write_text(PAPER.format(port=self.port), encoding="utf-8")
        return file

    def go(self, *words: str, clock: str = FIRST, **settings: str) -> subprocess.CompletedProcess[str]:
        files = ",".join([*TEMPLATE_FILES, str(self.folder / "templates.toml")])
        return self.scrapy(*words, CLOCK=clock, TEMPLATE_FILES=files, **{"DRIFT_SAMPLE": "1", **settings})


@pytest.fixture
def host() -> Iterator[Host]:
    with served() as (paper, _):
        paper.pages = {}
        yield paper


def publish(host: Host, made: MadeUpPaper, first: int, design: Callable[[str], str], number: int = EACH) -> None:
    """Put ``number`` new articles on the paper's site and into its feed."""
    pages = {f"/tin-ban-may-{n}.html": design(made.page(n).html.decode()) for n in range(first, first + number)}
    host.pages |= {path: ("text/html; charset=utf-8", page) for path, page in pages.items()}
    items = "".join(f"<item><link>{host.base}{path}</link></item>" for path in pages)
    host.pages["/rss.xml"] = ("application/rss+xml", f'<rss version="2.0"><channel>{items}</channel></rss>')


def two_crawls(folder: Path, host: Host, design: Callable[[str], str]) -> tuple[Stand, list[str]]:
    """Crawl a paper before and after it changes its design; return what each crawl said on stderr."""
    desk, made = Stand(folder, Sites([]), port=host.port), MadeUpPaper(21, size=60)
    said = []
    for first, clock, now in ((0, FIRST, as_before), (EACH, SECOND, design)):
        publish(host, made, first, now)
        crawl = desk.go("crawl", "banmay", clock=clock)
        assert crawl.returncode == 0, crawl.stderr
        said.append(crawl.stderr)
    assert desk.rows("SELECT count(*) FROM articles") == [(2 * EACH,)]
    return desk, said


@pytest.mark.parametrize("design", [renamed, cut])
def test_a_redesign_is_named_after_the_crawl_that_saw_it(
    tmp_path: Path, host: Host, design: Callable[[str], str]
) -> None:
    desk, (before, after) = two_crawls(tmp_path, host, design)
    assert "drifted" not in before
    assert after.count("banmay: template 'banmay' has drifted") == 1
    days = desk.rows("SELECT day, articles, fell_back, sampled, disagreement > 0.25 FROM layout_days ORDER BY day")
    assert days == [
        ("2026-11-24", EACH, 0, EACH, 0),
        ("2026-11-25", EACH, EACH if design is renamed else 0, EACH, 1),
    ]
    assert "drifted" not in desk.go("crawl", "banmay", clock=SECOND).stderr, "a run that sampled nothing says nothing"


def test_a_paper_that_changes_nothing_is_not_named(tmp_path: Path, host: Host) -> None:
    desk, said = two_crawls(tmp_path, host, as_before)
    assert "drifted" not in "".join(said)
    assert desk.rows("SELECT count(*), max(disagreement) FROM layout_stats") == [(2 * EACH, 0)]


def test_the_same_captures_give_the_same_rows(tmp_path: Path, host: Host) -> None:
    desk, _ = two_crawls(tmp_path, host, renamed)
    again = str(tmp_path / "again.db")
    for archive in (again, again, str(desk.archive)):
        replay = desk.go("replay", str(desk.warc), ARCHIVE=archive)
        assert replay.returncode == 0, replay.stderr
    live = desk.facts()
    (tmp_path / "archive.db").unlink()
    (tmp_path / "again.db").rename(tmp_path / "archive.db")
    assert desk.facts() == live
    assert len(live["layout"]) == 2 * EACH


def test_a_redesign_is_named_by_status_with_its_first_page(tmp_path: Path, host: Host) -> None:
    desk, made = Stand(tmp_path, Sites([]), port=host.port), MadeUpPaper(21, size=80)
    for first, number, at, design in ((0, 40, FIRST, as_before), (40, 20, SECOND, cut)):
        publish(host, made, first, design, number)
        crawl = desk.go("crawl", "banmay", clock=at, DRIFT_SAMPLE="0")
        assert crawl.returncode == 0, crawl.stderr
    lines = [line for line in crawl.stderr.splitlines() if "banmay: its pages are read otherwise since 2026-11" in line]
    assert len([line for line in lines if ": words " in line]) == 1
    files = ",".join([*TEMPLATE_FILES, str(desk.folder / "templates.toml")])
    said = desk.at_once("status", "banmay", CLOCK=SECOND, TEMPLATE_FILES=files)
    assert said.returncode == 1
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("banmay: drifted: ")]
    assert "words" in line
    named = int(line.partition("tin-ban-may-")[2].partition(".html")[0])
    assert 40 <= named < 60
    fine = desk.at_once("status", "banmay", "--accept", CLOCK=SECOND, TEMPLATE_FILES=files)
    assert (fine.returncode, fine.stderr) == (0, f"{len(lines)} changes of layout taken to be good\n")
