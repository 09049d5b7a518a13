"""Whole crawls of papers that move: to another host and scheme, and into a successor; then rebuilt from WARC alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.crawling import Desk, clock
from tests.demo.server import Sites
from tests.moving_paper import EDIT, Host, hosts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
BEFORE = """
[baodong]
title = "Báo Dòng Sông (báo mẫu)"
province = "Lào Cai"
hosts = ["{0}"]
article = ['-(?P<id>\\d{{3}})\\.htm$', '^/bai/[a-z-]+\\.htm$']
"""
AFTER = """
[baodong]
title = "Báo Dòng Sông (báo mẫu)"
province = "Lào Cai"
hosts = ["{1}", "{0}"]
template = "onecms"
templates_before = [{{ template = "vdoc", until = 2026-11-22 }}]
article = ['-post(?P<id>\\d+)\\.html$', '-(?P<vdoc>\\d{{3}})\\.htm$', '^/bai/[a-z-]+\\.htm$']
"""
OLD = {0: "/tin/ben-do-100.htm", 1: "/tin/cho-101.htm", 2: "/bai/cau-treo.htm", 3: "/bai/tram-bom.htm"}
NEW = {n: f"/bai-moi-{n}-post77{n}.html" for n in OLD}
CLOSING = """
[baocu]
title = "Báo Cũ (báo mẫu)"
province = "Lào Cai"
hosts = ["{0}"]
article = ['^/bai/[a-z-]+\\.htm$']
until = 2026-11-22
successor = "baomoi"

[baomoi]
title = "Báo Mới (báo mẫu)"
province = "Lào Cai"
hosts = ["{1}"]
article = ['-post(?P<id>\\d+)\\.html$']
"""


@dataclass
class Stand(Desk):
    """A desk with papers whose entries change."""

    hosts: list[Host] = field(default_factory=list)

    def papers(self) -> Path:
        return self.entries(BEFORE)

    def entries(self, table: str) -> Path:
        file = self.folder / "papers.toml"
        file.write_text(table.format(*(f"127.0.0.1:{host.port}" for host in self.hosts)), encoding="utf-8")
        return file

    def go(self, day: int, paper: str) -> None:
        ended = self.scrapy("crawl", paper, CLOCK=clock(day))
        assert ended.returncode == 0, ended.stderr

    def is_rebuilt(self, folder: Path) -> None:
        """Expect the same archive from the WARC files; what it says of templates is by today's papers.toml."""
        told, again = self.facts(), self.rebuilt(folder).facts()
        for name in told.keys() - {"layout"}:
            assert again[name] == told[name], name

    def rebuilt(self, folder: Path) -> Stand:
        """Return a desk whose archive was made again from this one's WARC files."""
        folder.mkdir()
        shutil.copytree(self.warc, folder / "warc")
        shutil.copy(self.folder / "papers.toml", folder / "kept.toml")
        again = Stand(folder, self.sites, hosts=self.hosts)
        shutil.move(folder / "kept.toml", folder / "papers.toml")
        ended = again.scrapy("replay", str(again.warc))
        assert ended.returncode == 0, ended.stderr
        return again


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with hosts() as served:
        yield Stand(tmp_path / "desk", Sites([]), hosts=served)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()


def test_a_paper_that_changes_host_and_scheme_has_no_article_twice(stand: Stand, tmp_path: Path) -> None:
    old, new = stand.hosts
    old.prints(OLD)
    stand.go(0, "baodong")
    uids = dict(stand.rows("SELECT url, uid FROM articles"))
    assert set(uids) == {old.base + path for path in OLD.values()}

    new.prints(NEW, story2=EDIT, story1=EDIT)
    old.leads({"/": (301, new.base + "/"), **{OLD[n]: (301, new.base + NEW[n]) for n in OLD}})
    stand.entries(AFTER)
    stand.go(2, "baodong")
    assert dict(stand.rows("SELECT url, uid FROM articles")) == uids
    held = "SELECT a.uid FROM aliases x JOIN articles a ON a.id = x.article_id WHERE x.kind = 'moved' AND x.url = ?"
    for n in OLD:
        assert stand.rows(held, new.base + NEW[n]) == [(uids[old.base + OLD[n]],)]
    assert stand.rows("SELECT revisions FROM articles ORDER BY url LIKE '%cau%' OR url LIKE '%cho%'") == [
        (1,), (1,), (2,), (2,)
    ]  # fmt: skip
    stand.go(4, "baodong")
    assert dict(stand.rows("SELECT url, uid FROM articles")) == uids
    stand.is_rebuilt(tmp_path / "again")


def test_addresses_listed_before_they_redirect_are_joined_when_they_do(stand: Stand, tmp_path: Path) -> None:
    old, new = stand.hosts
    old.prints(OLD)
    stand.go(0, "baodong")
    uids = dict(stand.rows("SELECT url, uid FROM articles"))
    new.prints(NEW, story0=EDIT, story1=EDIT, story2=EDIT, story3=EDIT)
    old_pages = dict(old.pages)
    stand.entries(AFTER)
    stand.go(2, "baodong")
    assert len(stand.rows("SELECT uid FROM articles")) == 2 * len(OLD)
    second = dict(stand.rows("SELECT url, uid FROM articles WHERE url LIKE '%post77%'"))

    old.leads({path: (301, new.base + NEW[n]) for n, path in OLD.items()})
    old.pages["/"] = old_pages["/"]
    stand.go(40, "baodong")
    assert dict(stand.rows("SELECT url, uid FROM articles")) == uids
    leads = dict(
        stand.rows("SELECT x.url, a.uid FROM aliases x JOIN articles a ON a.id = x.article_id WHERE x.kind = 'uid'")
    )
    assert leads.items() >= {second[new.base + NEW[n]]: uids[old.base + OLD[n]] for n in OLD}.items()
    stand.is_rebuilt(tmp_path / "again")


def test_a_closed_papers_articles_stay_its_own_when_its_host_leads_to_the_successor(
    stand: Stand, tmp_path: Path
) -> None:
    old, new = stand.hosts
    stories = {n: f"/bai/{'abc'[n]}-mot-chuyen.htm" for n in range(3)}
    moved = {0: NEW[0], 1: NEW[1], 4: "/bai-khac-post900.html"}
    stand.entries(CLOSING)
    old.prints(stories)
    stand.go(0, "baocu")
    uids = dict(stand.rows("SELECT url, uid FROM articles"))
    assert len(uids) == 3

    new.prints(moved, story1=EDIT)
    targets = {0: moved[0], 1: moved[1], 2: moved[4]}
    old.leads({stories[n]: (301, new.base + path) for n, path in targets.items()})
    old.pages["/"] = "<html><body><h1>Báo Cũ</h1></body></html>"
    stand.go(3, "baocu")
    stand.go(4, "baomoi")  # what the other crawl found a second into its day is due by then
    papers = "SELECT paper, count(*), sum(revisions) FROM articles GROUP BY paper ORDER BY paper"
    assert stand.rows(papers) == [("baocu", 3, 4), ("baomoi", 1, 1)]
    leads = "SELECT a.uid FROM aliases x JOIN articles a ON a.id = x.article_id WHERE x.paper = 'baomoi' AND x.url = ?"
    for n in (0, 1):
        assert stand.rows(leads, new.base + targets[n]) == [(uids[old.base + stories[n]],)]
    assert not [path for path in old.log if path.endswith(".html")]
    stand.is_rebuilt(tmp_path / "again")


def test_uids_stand_in_a_rebuild_though_the_papers_system_got_a_name(stand: Stand, tmp_path: Path) -> None:
    old, _ = stand.hosts
    old.prints(OLD)
    stand.go(0, "baodong")
    stand.entries(AFTER)
    stand.is_rebuilt(tmp_path / "again")
