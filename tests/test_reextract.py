"""Captures read again: what is lost is kept and marked, what is gained is stored, a kill leaves all as it was."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import crawler.visits
from crawler.warc_writing import PaperLock
from pipelines.items import Reading
from tests.crawling import ROOT, Desk
from tests.demo.server import Sites
from tests.test_reextract_crawl import facts
from tests.warc_files import NOON, page, write, writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow
PAPERS = """
[baothu]
title = "Báo Thư (báo mẫu)"
province = "Lào Cai"
hosts = ["baothu.example"]
article = ['-(?P<id>\\d{3})\\.html$']
"""
HOST = "https://baothu.example"
EDITED, ONCE, EMPTY = f"{HOST}/ben-do-100.html", f"{HOST}/cho-phien-101.html", f"{HOST}/con-trong-102.html"
LATE = {"CLOCK": "2026-12-24T05:00:00Z"}
KILLED = """
import os, signal, sys
from pipelines.archive import reextracting
keep, done = reextracting.put_again, []
def killed(*given):
    keep(*given)
    done.append(1)
    if len(done) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
reextracting.put_again = killed
import crawler.visits
read = crawler.visits.extract
from dataclasses import replace
def worse(*given, **named):
    reading = read(*given, **named)
    return replace(reading, title=reading.title + " (đọc sai)") if reading.title else reading
crawler.visits.extract = worse
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""


class Stand(Desk):
    """A desk with one paper, whose WARC file was replayed."""

    def papers(self) -> Path:
        file = self.folder / "papers.toml"
        file.write_text(PAPERS, "utf-8")
        return file


def body(title: str, *paragraphs: str) -> bytes:
    told = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = "<header><a href='/'>Trang chủ</a></header>"
    return f"<html><body>{head}<article><h1>{title}</h1><div>{told}</div></article></body></html>".encode()


WHO = ("cụ Mẩy", "anh Sùng", "cô giáo Lan", "ông trưởng bản", "bà Páo", "em Dế", "chú Tẩn", "chị Sáo", "bác Lò")


def told(about: str, n: int) -> tuple[str, ...]:
    return tuple(
        f"Sáng nay {who} kể chuyện {about} đã {k + 3} năm: từ lúc sương chưa tan, người xuôi kẻ ngược, gánh hàng nặng "
        f"trĩu mà tiếng cười vang khắp {about} quê nhà, {who} nói thêm, rồi hẹn khách mùa sau trở lại."
        for k, who in enumerate(WHO[:n])
    )


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """An article that was edited and then unchanged, one that was the same a day later, and a page without a text."""
    desk = Stand(tmp_path_factory.mktemp("replayed"), Sites([]))
    plain = {"response_headers": ((b"Content-Type", b"text/html; charset=utf-8"),)}
    day = timedelta(days=1)
    write(
        desk.warc,
        page(url=EDITED, body=body("Bến đò cũ", *told("bến đò", 6)), **plain),
        page(url=ONCE, body=body("Chợ phiên vùng cao", *told("chợ phiên", 7)), **plain),
        page(url=EMPTY, body=body("Trang trống"), **plain),
        page(url=EDITED, fetched_at=NOON + day, body=body("Bến đò mới", *told("bến đò", 8)), **plain),
        page(url=EDITED, fetched_at=NOON + 2 * day, status=304, body=b"", unchanged_since=NOON + day),
    )
    with writer(desk.warc, NOON + day) as out:
        again = page(url=ONCE, fetched_at=NOON + day, body=body("Chợ phiên vùng cao", *told("chợ phiên", 7)), **plain)
        assert out.write(again, lambda _url, _digest: NOON).record == "revisit"
    ended = desk.scrapy("replay", str(desk.warc))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows("SELECT url, revisions FROM articles ORDER BY url") == [(EDITED, 2), (ONCE, 1)]
    return desk


@pytest.fixture
def desk(replayed: Stand, tmp_path: Path) -> Stand:
    made = Stand(tmp_path, Sites([]))
    shutil.copytree(replayed.warc, made.warc)
    replayed.rows("VACUUM INTO ?", str(made.archive))
    return made


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Reading, Any], Reading]], None]:
    """Let a rule of the test's have the last word on what is read: it is given the reading and when it was fetched."""
    read: Callable[..., Reading] = vars(crawler.visits)["extract"]

    def put(judge: Callable[[Reading, Any], Reading]) -> None:
        def worse(*given: Any, **named: Any) -> Reading:
            return judge(read(*given, **named), named["seen_at"])

        monkeypatch.setattr(crawler.visits, "extract", worse)

    return put


def reextract(desk: Desk, *words: str, code: int = 0) -> dict[str, Any]:
    ended = desk.at_once("reextract", "--json", "--jobs", "1", *words, **LATE)
    assert ended.returncode == code, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def as_read(reading: Reading, _: Any) -> Reading:
    return reading


def test_old_values_stay_as_old_readings_which_are_no_edits(desk: Stand, rule: Any) -> None:
    before = desk.rows("SELECT kind, title, seen_at, capture_id, text FROM revision_texts WHERE title LIKE 'Bến%'")
    rule(lambda reading, _: replace(reading, title=f"{reading.title} xưa"))
    found = reextract(desk, "--accept")
    assert (found["changed"], found["fields"]) == (2, {"title": 2})
    assert desk.rows("SELECT title FROM articles ORDER BY url") == [("Bến đò mới xưa",), ("Chợ phiên vùng cao xưa",)]
    now = desk.rows("SELECT kind, title, seen_at, capture_id, text FROM revision_texts WHERE title LIKE 'Bến%'")
    assert [(k, f"{t} xưa", *rest) for k, t, *rest in before] == now[:2]
    assert [(k, t, c, x) for k, t, _, c, x in now[2:]] == [("extraction", t, c, x) for _, t, _, c, x in before]
    assert all(seen_at >= "2026-12-24" for _, _, seen_at, *_ in now[2:])
    assert desk.rows("SELECT revisions FROM articles ORDER BY url") == [(2,), (1,)]
    assert desk.rows("SELECT url, changed_at FROM changed") == [(EDITED, now[1][2])]
    assert desk.rows("SELECT command, reason FROM runs ORDER BY id DESC LIMIT 1") == [("reextract", "finished")]


def test_a_text_that_changes_is_found_and_linked_by_its_new_words(desk: Stand, rule: Any) -> None:
    rule(
        lambda reading, _: (
            replace(reading, text=f"{reading.text}\nDòng chân trang lạ lùng.") if reading.text else reading
        )
    )
    found = reextract(desk, "--accept")
    assert (found["longer"], found["shorter"]) == (2, 0)
    assert desk.rows("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH '\"chan trang la lung\"'") == [(2,)]
    assert desk.scrapy("verify").returncode == 0
    rule(as_read)


def test_an_article_that_is_found_no_more_is_kept_and_marked_until_it_is_found_again(desk: Stand, rule: Any) -> None:
    before = facts(desk)
    rule(lambda r, _: Reading(url=r.url, outcome="page/listing") if r.title == "Chợ phiên vùng cao" else r)
    found = reextract(desk)
    assert (found["changed"], found["lost"]) == (0, 1)
    (lost,) = found["articles_read_otherwise"]
    assert (lost["kind"], lost["url"], lost["outcome"]) == ("lost", ONCE, "page/listing")
    assert facts(desk) == before
    reextract(desk, "--accept")
    assert desk.rows("SELECT confidence FROM articles ORDER BY url") == [(None,), ("page/listing",)]
    assert desk.rows("SELECT url, outcome FROM problems WHERE outcome = 'page/listing'") == [(ONCE, "page/listing")]
    assert facts(desk)["texts"] == before["texts"]
    assert reextract(desk)["lost"] == 0, "it is said once"
    assert desk.scrapy("verify").returncode == 0


def test_it_is_unmarked_when_the_old_rule_finds_it_again(
    desk: Stand, rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(desk)
    with monkeypatch.context():
        rule(lambda r, _: Reading(url=r.url, outcome="page/listing") if r.title == "Chợ phiên vùng cao" else r)
        reextract(desk, "--accept")
    monkeypatch.undo()
    found = reextract(desk, "--accept")
    assert (found["changed"], found["fields"]) == (1, {"found": 1})
    restored = facts(desk)
    assert {name for name in before if restored[name] != before[name]} == set()


def test_a_version_that_is_none_any_more_leaves_the_history_and_comes_back(
    desk: Stand, rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(desk)
    rule(lambda r, at: Reading(url=r.url, outcome="page/soft-404") if r.title and at > NOON else r)
    found = reextract(desk, "--accept")
    changed = {one["url"]: one["fields"] for one in found["articles_read_otherwise"]}
    assert changed == {EDITED: ["title", "text"], ONCE: ["versions"]}
    assert desk.rows("SELECT title, revisions FROM articles WHERE url = ?", EDITED) == [("Bến đò cũ", 1)]
    assert desk.rows("SELECT kind, title FROM revision_texts WHERE title LIKE 'Bến%'") == [
        ("first", "Bến đò cũ"),
        ("extraction", "Bến đò mới"),
    ]
    assert desk.scrapy("verify").returncode == 0
    monkeypatch.undo()
    reextract(desk, "--accept")
    restored = facts(desk)
    assert {name for name in before if restored[name] != before[name]} == set()


def test_an_article_that_is_found_anew_is_stored_as_a_crawl_does(desk: Stand, rule: Any) -> None:
    text = "\n".join(told("con trống", 5))
    rule(lambda r, _: replace(r, outcome="article", title="Con trống", text=text) if r.url == EMPTY else r)
    found = reextract(desk)
    assert (found["gained"], found["changed"], found["outcomes"]) == (1, 0, 1)
    assert desk.rows("SELECT count(*) FROM articles") == [(2,)]
    found = reextract(desk, "--accept")
    (gained,) = found["articles_read_otherwise"]
    assert (gained["kind"], gained["url"], gained["title"]) == ("gained", EMPTY, "Con trống")
    assert desk.rows("SELECT uid, title, revisions FROM articles WHERE url = ?", EMPTY) == [
        (gained["uid"], "Con trống", 1)
    ]
    assert desk.rows("SELECT state FROM urls WHERE url = ?", EMPTY) == [("held",)]
    assert desk.rows("SELECT outcome FROM captures WHERE url = ?", EMPTY) == [("article",)]
    assert reextract(desk)["gained"] == 0
    assert desk.scrapy("verify").returncode == 0


def test_killed_while_it_accepts_the_archive_is_as_before(desk: Stand) -> None:
    before = facts(desk)
    settings = [part for word in desk.command("reextract", **LATE)[4:] for part in [word]]
    command = [sys.executable, "-c", KILLED, "reextract", "--accept", "--jobs", "1", *settings]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert facts(desk) == before
    assert desk.rows("SELECT * FROM revisions WHERE kind = 'extraction'") == []
    assert desk.scrapy("verify").returncode == 0
    assert reextract(desk, "--accept")["changed"] == 0


def test_while_a_paper_is_crawled_it_is_refused(desk: Stand) -> None:
    with PaperLock(desk.warc, "baothu"):
        ended = desk.at_once("reextract", "--accept", "--jobs", "1", **LATE)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "being crawled" in ended.stderr
        assert reextract(desk)["changed"] == 0, "a report needs no lock"


def test_of_captures_that_cannot_be_read_the_old_reading_stays(desk: Stand, rule: Any) -> None:
    file = min(desk.warc.rglob("*.warc.gz"))
    before = facts(desk)
    rule(lambda reading, _: replace(reading, title=f"{reading.title} xưa"))
    file.write_bytes(b"")
    found = reextract(desk, "--accept", code=1)
    assert (found["unread"], found["changed"], found["lost"]) == (5, 0, 0)
    assert all("restore the file" in said for said in found["failures"])
    assert facts(desk) == before


def test_a_report_for_people_shows_old_and_new(desk: Stand, rule: Any) -> None:
    rule(lambda reading, _: replace(reading, title=f"{reading.title} xưa"))
    ended = desk.at_once("reextract", "--jobs", "1", **LATE)
    assert "2 articles change" in ended.stdout
    assert '"Chợ phiên vùng cao"' in ended.stdout
    assert '"Chợ phiên vùng cao xưa"' in ended.stdout
    assert "nothing was written" in ended.stdout


def test_a_page_that_a_browser_completed_is_read_as_it_was_completed(tmp_path: Path) -> None:
    desk = Stand(tmp_path, Sites([]))
    desk.papers().write_text(f"{PAPERS}browser = true\n", "utf-8")
    with writer(desk.warc) as out:
        shell = page(url=ONCE, body=body("Chợ phiên vùng cao"), response_headers=((b"Content-Type", b"text/html"),))
        out.convert(out.write(shell), body("Chợ phiên vùng cao", *told("chợ phiên", 7)))
    assert desk.scrapy("replay", str(desk.warc)).returncode == 0
    assert desk.rows("SELECT record, outcome FROM captures ORDER BY id") == [
        ("response", "page/body-hidden"),
        ("conversion", "article"),
    ]
    found = reextract(desk)
    assert (found["captures"], found["changed"], found["lost"], found["outcomes"], found["unread"]) == (2, 0, 0, 0, 0)
