"""Whole crawls of a paper with photographs: fetched where the entry says so, within the day's bytes, kept for good."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from tests.crawling import Desk, clock
from tests.demo.server import Sites
from tests.photo_paper import HTML, Host, hosts, png

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
ENTRY = """
[baoanh]
title = "Báo Ảnh (báo mẫu)"
province = "Lào Cai"
hosts = ["127.0.0.1:{port}"]
article = ['-(?P<id>\\d{{3}})\\.htm$']
{images}
"""
IMAGES = "SELECT a.newsroom_id, i.position, i.url, i.payload_digest, i.bytes FROM images i JOIN articles a "
IMAGES += "ON a.id = i.article_id ORDER BY 1, 2"


@dataclass
class PhotoDesk(Desk):
    """A desk with one paper that has photographs, and a second host for them."""

    hosts: list[Host] = field(default_factory=list)

    def papers(self) -> Path:
        return self.allows('images = "20 MB"')

    def allows(self, line: str) -> Path:
        """Write the paper's entry anew, with this line on its images."""
        file = self.folder / "papers.toml"
        file.write_text(ENTRY.format(port=self.paper.port, images=line), encoding="utf-8")
        return file

    @property
    def paper(self) -> Host:
        return self.hosts[0]

    @property
    def cdn(self) -> Host:
        return self.hosts[1]

    def go(self, day: int, hours: float = 0, **settings: str) -> str:
        ended = self.scrapy("crawl", "baoanh", **{"CLOCK": clock(day, hours), **settings})
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    def is_clean(self) -> None:
        ended = self.scrapy("verify")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def rebuilt(self, folder: Path) -> PhotoDesk:
        """Return a desk whose archive was made again from this one's WARC files."""
        folder.mkdir()
        shutil.copytree(self.warc, folder / "warc")
        desk = PhotoDesk(folder, self.sites, hosts=self.hosts)
        asked = [list(host.log) for host in self.hosts]
        ended = desk.scrapy("replay", str(folder / "warc"))
        assert ended.returncode == 0, ended.stderr
        assert [host.log for host in self.hosts] == asked
        return desk

    def kept(self) -> list[tuple[str, str, int]]:
        """Return article, path and length of the pictures that were captured."""
        rows = self.rows("SELECT newsroom_id, i.url, i.bytes FROM images i JOIN articles a ON a.id = i.article_id "
                         "WHERE i.capture_id IS NOT NULL ORDER BY 1, 2")  # fmt: skip
        return [(number.partition(":")[2], url.partition("/anh/")[2], size) for number, url, size in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PhotoDesk]:
    with hosts() as served:
        yield PhotoDesk(tmp_path, Sites([]), hosts=served)


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def test_photographs_are_kept_with_digest_and_length_after_their_articles(desk: PhotoDesk, tmp_path: Path) -> None:
    one, two = png(1), png(2, 30)
    desk.paper.prints({0: [desk.paper.shows("/anh/mot.png", one)], 1: [desk.cdn.shows("/anh/hai.png", two)]})
    said = desk.go(0)
    assert "2 new" in said
    assert "2 images" in said
    assert [row[3:] for row in desk.rows(IMAGES)] == [(sha256(one), len(one)), (sha256(two), len(two))]
    assert desk.paper.log[-1] == "/anh/mot.png"
    assert desk.cdn.log == ["/robots.txt", "/anh/hai.png"]
    assert max(host.most_open for host in desk.hosts) == 1
    assert (
        desk.rows("SELECT record, outcome FROM captures WHERE url LIKE '%.png' ORDER BY 1")
        == [("response", "image/kept")] * 2
    )
    desk.is_clean()
    asked = len(desk.paper.asked() + desk.cdn.asked())
    desk.go(1)
    assert len(desk.paper.asked() + desk.cdn.asked()) == asked
    again = desk.rebuilt(tmp_path / "again")
    assert again.rows(IMAGES) == desk.rows(IMAGES)
    assert again.facts() == desk.facts()
    again.is_clean()


def test_without_the_key_no_photograph_is_fetched_and_with_it_those_of_before_too(desk: PhotoDesk) -> None:
    desk.allows("")
    desk.paper.prints({0: [desk.paper.shows("/anh/mot.png", png(1)), desk.cdn.shows("/anh/hai.png", png(2))]})
    desk.go(0)
    assert desk.paper.asked() == []
    assert desk.cdn.log == []
    assert [row[3:] for row in desk.rows(IMAGES)] == [(None, None)] * 2
    assert desk.rows("SELECT count(*) FROM urls WHERE kind = 'image'") == [(0,)]
    desk.allows('images = "1 MB"')
    desk.go(0, 0.5)
    assert sorted(name for _, name, _ in desk.kept()) == ["hai.png", "mot.png"]


def test_the_days_bytes_stop_photographs_and_nothing_else(desk: PhotoDesk, tmp_path: Path) -> None:
    body = png(1, 40)
    pictures = {n: [desk.cdn.shows(f"/anh/{n}.png", png(n, 40))] for n in range(5)}
    desk.paper.prints({n: pictures[n] for n in range(4)})
    desk.allows(f"images = {int(len(body) * 1.5)}")
    desk.go(0)
    assert len(desk.kept()) == 2
    desk.paper.prints(pictures)
    said = desk.go(0, 4)
    assert "1 new" in said
    assert len(desk.cdn.asked()) == 2
    assert len(desk.rebuilt(tmp_path / "again").kept()) == 2
    desk.go(1)
    assert len(desk.kept()) == 4
    desk.go(2)
    assert len(desk.kept()) == 5
    assert len(set(desk.cdn.asked())) == len(desk.cdn.asked()) == 5
    desk.is_clean()


def test_the_rules_of_the_hosts_of_photographs_are_obeyed(desk: PhotoDesk) -> None:
    rules = b"User-agent: *\nDisallow: /anh/kin/\n"
    desk.cdn.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    desk.paper.prints({0: [desk.cdn.shows("/anh/kin/mot.png", png(1)), desk.cdn.shows("/anh/hai.png", png(2))]})
    desk.go(0)
    assert desk.cdn.asked() == ["/anh/hai.png"]
    assert [row[1] for row in desk.kept()] == ["hai.png"]


def test_a_host_of_photographs_that_asks_to_wait_is_asked_no_more_and_the_crawl_goes_on(desk: PhotoDesk) -> None:
    pictures = [desk.cdn.shows(f"/anh/{n}.png", b"", 429, Retry_After="600") for n in range(4)]
    desk.paper.prints({0: pictures, 1: [], 2: []})
    said = desk.go(0)
    assert "3 new" in said
    assert len(desk.cdn.asked()) <= 2
    for n in range(4):
        desk.cdn.shows(f"/anh/{n}.png", png(n))
    desk.go(1)
    assert len(desk.kept()) == 4


def test_what_is_no_photograph_is_recorded_and_not_asked_for_again(desk: PhotoDesk) -> None:
    desk.paper.pages["/anh/trang.png"] = (200, HTML, "<p>Ảnh này đã chuyển</p>".encode())
    desk.paper.shows("/anh/gia.png", "<p>Không có ảnh</p>".encode())
    gone = f"{desk.paper.base}/anh/mat.png"
    desk.paper.pages["/anh/noi-khac.png"] = (302, {"Location": "/anh/khac.png"}, b"")
    elsewhere = f"{desk.paper.base}/anh/noi-khac.png"
    big = desk.paper.shows("/anh/lon.png", png(3, 90))
    odd = desk.paper.shows("/anh/la.png", png(4), Content_Type="application/octet-stream")
    private = f"http://10.0.0.1:{desk.cdn.port}/anh/rieng.png"
    false = f"{desk.paper.base}/anh/gia.png"
    desk.paper.prints({0: [f"{desk.paper.base}/anh/trang.png", false, gone, elsewhere, big, odd, private]})
    desk.go(0, DOWNLOAD_MAXSIZE="20000")
    told = dict(desk.rows("SELECT replace(url, ?, ''), outcome FROM captures WHERE url LIKE '%.png'", desk.paper.base))
    assert told == {
        "/anh/trang.png": "image/other",
        "/anh/gia.png": "image/other",
        "/anh/mat.png": "image/refused",
        "/anh/noi-khac.png": "image/refused",
        "/anh/lon.png": "image/too-large",
        "/anh/la.png": "image/kept",
    }
    problems = desk.rows("SELECT outcome FROM problems WHERE url LIKE '%.png' ORDER BY 1")
    assert [row[0] for row in problems] == ["image/other"] * 2 + ["image/refused", "image/refused", "image/too-large"]
    for day in (1, 2):
        desk.go(day)
    assert desk.paper.asked().count("/anh/trang.png") == desk.paper.asked().count("/anh/lon.png") == 1
    assert desk.paper.asked().count("/anh/mat.png") == 2
    desk.is_clean()


def test_one_photograph_of_two_articles_is_fetched_once_and_stored_once(desk: PhotoDesk, tmp_path: Path) -> None:
    body = png(1, 60)
    shared = desk.cdn.shows("/anh/chung.png", body)
    desk.paper.prints({0: [shared], 1: [shared], 2: [desk.paper.shows("/anh/sao.png", body)]})
    desk.go(0)
    assert desk.cdn.asked() == ["/anh/chung.png"]
    assert [row[3:] for row in desk.rows(IMAGES)] == [(sha256(body), len(body))] * 3
    records = desk.rows("SELECT record, warc_length < 2000 FROM captures WHERE url LIKE '%.png' ORDER BY fetched_at")
    assert records == [("response", 0), ("revisit", 1)]
    desk.is_clean()
    again = desk.rebuilt(tmp_path / "again")
    assert again.rows(IMAGES) == desk.rows(IMAGES)
    again.is_clean()


def test_an_edited_article_keeps_its_photographs(desk: PhotoDesk, tmp_path: Path) -> None:
    picture = desk.cdn.shows("/anh/mot.png", png(1))
    desk.paper.prints({0: [picture]})
    desk.go(0)
    kept = desk.rows(IMAGES)
    desk.paper.prints({0: [picture]}, story0="Cập nhật: công việc đã xong sớm hơn dự định hai ngày.")
    assert "1 revised" in desk.go(2)
    assert desk.rows(IMAGES) == kept
    assert len(desk.cdn.asked()) == 1
    assert desk.rebuilt(tmp_path / "again").rows(IMAGES) == kept


def test_a_crawl_killed_among_photographs_goes_on_and_loses_none(desk: PhotoDesk) -> None:
    pictures = {n: [desk.cdn.shows(f"/anh/{n}-{k}.png", png(n * 10 + k)) for k in range(4)] for n in range(5)}
    desk.paper.prints(pictures)
    running = desk.start("crawl", "baoanh", CLOCK=clock(0), DOWNLOAD_DELAY="0.05")
    while len(desk.cdn.asked()) < 7:
        assert running.poll() is None
    running.kill()
    running.wait()
    desk.go(0, 1)
    assert len(desk.kept()) == 20
    assert len(desk.cdn.asked()) <= 22
    desk.is_clean()


def test_exports_say_digest_and_length_of_the_photographs_that_were_captured(desk: PhotoDesk, tmp_path: Path) -> None:
    body = png(1)
    desk.paper.prints({0: [desk.cdn.shows("/anh/mot.png", body), f"{desk.paper.base}/anh/mat.png"]})
    desk.go(0)
    for name in ("out.jsonl", "out.parquet"):
        assert desk.scrapy("export", str(tmp_path / name)).returncode == 0
    (line,) = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    (row,) = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert row["images"] == json.loads(line)["images"]
    told = [(image["payload_digest"], image["bytes"]) for image in row["images"]]
    assert told == [(sha256(body), len(body)), (None, None)]
