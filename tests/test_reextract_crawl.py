"""Whole crawls read again: a worse rule is seen and not written; what was accepted is taken back by the old rule."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawling import FACTS, ROOT, Desk, clock
from tests.demo.stories import DAYS

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.slow
RULES = ROOT / "crawler" / "templates.toml"
SMALL = {
    "small": (
        "SELECT uid, published_date, published_precision, byline_printed, modified, template, extractor, words, "
        "visibility, provenance, confidence FROM articles ORDER BY uid"
    ),
    "authors": "SELECT a.uid, x.author FROM authors x JOIN articles a ON a.id = x.article_id ORDER BY 1, 2",
    "tags": "SELECT a.uid, x.tag FROM tags x JOIN articles a ON a.id = x.article_id ORDER BY 1, 2",
    "images": (
        "SELECT a.uid, x.position, x.url, x.caption, x.credit FROM images x JOIN articles a ON a.id = x.article_id "
        "ORDER BY 1, 2"
    ),
    "shows": (
        "SELECT c.url, c.fetched_at, a.uid, c.content_sha256, c.facts FROM captures c "
        "LEFT JOIN articles a ON a.id = c.article_id ORDER BY 2, 1"
    ),
    "signatures": (
        "SELECT a.uid, s.digest, s.signature FROM signatures s JOIN articles a ON a.id = s.article_id ORDER BY 1, 2"
    ),
    "bands": "SELECT key, count(*) FROM bands GROUP BY 1 ORDER BY 1",
    "found": "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'lang OR duong OR nguoi' ORDER BY 1",
}
"""What else must be as it was; `FACTS` says the rest."""


def facts(desk: Desk) -> dict[str, list[Any]]:
    """Return all that an archive says of its articles, but old readings and the numbers of rows."""
    told = FACTS | SMALL
    told["revisions"] = told["revisions"].replace("ORDER", "WHERE kind <> 'extraction' ORDER")
    return {name: desk.rows(sql) for name, sql in told.items()}


def reextract(desk: Desk, *words: str, rules: Path = RULES, **settings: str) -> dict[str, Any]:
    ended = run(desk, *words, rules=rules, **settings)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def run(desk: Desk, *words: str, rules: Path = RULES, **settings: str) -> subprocess.CompletedProcess[str]:
    late = {"CLOCK": clock(30), "TEMPLATE_FILES": str(rules), **settings}
    return desk.at_once("reextract", "--json", "--jobs", "1", *words, **late)


def damaged(folder: Path, system: str, field: str, selector: str) -> Path:
    """Write the templates with other selectors for one field of one system, and return their file."""
    before, mark, after = RULES.read_text("utf-8").partition(f"[{system}.fields]")
    made = folder / "worse.toml"
    worse = re.sub(rf"^{field} = \[.*?\]$", f'{field} = ["{selector}"]', after, count=1, flags=re.MULTILINE | re.DOTALL)
    assert worse != after
    made.write_text(before + mark + worse, "utf-8")
    return made


@pytest.fixture
def desk(crawled: Desk, tmp_path: Path) -> Desk:
    """A desk of its own, with a copy of what was crawled."""
    made = Desk(tmp_path, crawled.sites)
    shutil.copytree(crawled.warc, made.warc)
    assert crawled.rows("VACUUM INTO ?", str(made.archive)) == []
    return made


def test_with_the_same_rules_nothing_changes(desk: Desk) -> None:
    told = reextract(desk)
    assert (told["changed"], told["lost"], told["gained"], told["unread"], told["outcomes"]) == (0, 0, 0, 0, 0), told
    assert told["captures"] >= told["articles"] > 30
    before = facts(desk)
    assert reextract(desk, "--accept")["accepted"]
    assert facts(desk) == before
    assert desk.rows("SELECT * FROM revisions WHERE kind = 'extraction'") == []


def test_a_report_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    before = desk.archive.read_bytes()
    told = reextract(desk, rules=damaged(tmp_path, "onecms", "body", ".nowhere"))
    assert told["changed"] or told["lost"]
    assert desk.archive.read_bytes() == before


@pytest.mark.parametrize("system", ["onecms", "vdoc", "vnpt2"])
@pytest.mark.parametrize(("field", "selector"), [("drop", "p:nth-of-type(2)"), ("title", "p"), ("author", ".nowhere")])
def test_a_worse_rule_shows_in_its_papers_alone_and_the_old_one_takes_all_back(
    desk: Desk, tmp_path: Path, system: str, field: str, selector: str
) -> None:
    worse = damaged(tmp_path, system, field, selector)
    before = facts(desk)
    told = reextract(desk, "--accept", rules=worse)
    papers = dict(desk.rows("SELECT name, template FROM papers"))
    touched = told["articles_read_otherwise"]
    assert {papers[one["paper"]] for one in touched} == {system}, told
    after = facts(desk)
    differing = {row[0] for row in [*_other(before, after, "articles"), *_other(before, after, "texts")]}
    differing |= {row[0] for row in _other(before, after, "small")}
    assert {one["uid"] for one in touched} == differing
    assert desk.scrapy("verify").returncode == 0
    reextract(desk, "--accept")
    restored = facts(desk)
    assert {name for name in before if restored[name] != before[name]} == set()
    assert desk.scrapy("verify").returncode == 0


def _other(before: dict[str, list[Any]], after: dict[str, list[Any]], name: str) -> set[Any]:
    return set(before[name]) ^ set(after[name])


def test_a_capture_that_comes_later_is_compared_with_the_new_reading(desk: Desk, tmp_path: Path) -> None:
    worse = damaged(tmp_path, "onecms", "drop", "p:nth-of-type(2)")
    told = reextract(desk, "--accept", rules=worse)
    assert told["changed"]
    before = desk.rows("SELECT uid, revisions FROM articles ORDER BY uid")
    ended = desk.crawl(DAYS[-1], CLOCK=clock(40), TEMPLATE_FILES=str(worse))
    assert ended.returncode == 0, ended.stderr
    seen = "SELECT count(*) FROM captures WHERE outcome = 'article' AND fetched_at > ?"
    assert desk.rows(seen, clock(39)) != [(0,)]
    assert desk.rows("SELECT uid, revisions FROM articles ORDER BY uid") == before
    assert desk.rows("SELECT count(*) FROM revisions WHERE kind = 'extraction'") != [(0,)]


def test_processes_read_the_same_as_one(desk: Desk, tmp_path: Path) -> None:
    worse = damaged(tmp_path, "vdoc", "title", "p")
    one = reextract(desk, rules=worse)
    late = {"CLOCK": clock(30), "TEMPLATE_FILES": str(worse)}
    two = desk.scrapy("reextract", "--json", "--jobs", "2", **late)
    assert two.returncode == 0, two.stderr
    assert json.loads(two.stdout) == one


def test_one_paper_alone_is_read(desk: Desk, tmp_path: Path) -> None:
    worse = damaged(tmp_path, "vdoc", "title", "p")
    of = "SELECT DISTINCT a.paper FROM articles a JOIN papers p ON p.name = a.paper WHERE p.template = 'onecms'"
    ((paper,),) = desk.rows(of)
    told = reextract(desk, "--paper", paper, "--accept", rules=worse)
    assert (told["changed"], told["lost"]) == (0, 0)
    assert [(told["articles"],)] == desk.rows("SELECT count(*) FROM articles WHERE paper = ?", paper)
    ended = run(desk, "--paper", f"{paper}x")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert paper in ended.stderr


@pytest.mark.parametrize(
    ("system", "field", "selector"), [("vdoc", "title", "p"), ("onecms", "drop", "p:nth-of-type(2)")]
)
def test_what_was_accepted_is_what_a_replay_by_the_same_rules_gives(
    desk: Desk, tmp_path: Path, system: str, field: str, selector: str
) -> None:
    worse = damaged(tmp_path, system, field, selector)
    reextract(desk, "--accept", rules=worse)
    accepted = facts(desk)
    desk.archive.unlink()
    ended = desk.scrapy("replay", str(desk.warc), TEMPLATE_FILES=str(worse))
    assert ended.returncode == 0, ended.stderr
    again = facts(desk)
    learned = {"furniture", "observed", "found"}
    assert {name for name in accepted if again[name] != accepted[name]} - learned == set()


def test_a_correction_survives_a_crawl_a_re_extraction_and_a_replay(desk: Desk, tmp_path: Path) -> None:
    worse = damaged(tmp_path, "vdoc", "title", "p")
    one = next(one for one in reextract(desk, rules=worse)["articles_read_otherwise"] if "title" in one["fields"])
    uid, before = one["uid"], one["examples"]["title"][0]
    said = ("correct", uid, "title", "Bến đò  ngày mới", "--reason", "tòa soạn báo lại")
    ended = desk.at_once(*said, "--by", "Lan", CLOCK=clock(20))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{uid}: title was {before!r}, is 'Bến đò ngày mới'\n"
    ended = desk.at_once(*said, "--by", "Minh", CLOCK=clock(21))
    assert "already" in ended.stdout
    kept = [(uid, "title", "Bến đò ngày mới", "tòa soạn báo lại", "Lan")]
    assert desk.rows("SELECT uid, field, value, reason, made_by FROM corrections") == kept
    told = reextract(desk, "--accept", rules=worse)
    assert uid in {one["uid"] for one in told["articles_read_otherwise"]}
    assert shown(desk, uid) == ("Bến đò ngày mới", 1, 1)
    reextract(desk, "--accept")
    ended = desk.crawl(DAYS[-1], CLOCK=clock(40))
    assert ended.returncode == 0, ended.stderr
    assert shown(desk, uid) == ("Bến đò ngày mới", 1, 1)
    assert desk.scrapy("verify").returncode == 0
    live = facts(desk)
    desk.archive.unlink()
    ended = desk.scrapy("replay", str(desk.warc))
    assert ended.returncode == 0, ended.stderr
    assert desk.rows("SELECT uid, field, value, reason, made_by FROM corrections") == kept
    again = facts(desk)
    assert {name for name in live if again[name] != live[name]} - {"found"} == set()


def shown(desk: Desk, uid: str) -> tuple[str, int, int]:
    """Return the title an article shows, how many are found by it, and how many corrections of it there are."""
    ((number, title),) = desk.rows("SELECT id, title FROM articles WHERE uid = ?", uid)
    ((found,),) = desk.rows("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'title: \"ben do ngay moi\"'")
    ((corrected,),) = desk.rows("SELECT count(*) FROM revisions WHERE article_id = ? AND kind = 'correction'", number)
    return title, found, corrected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("UID", "author"), "expected UID FIELD VALUE"),
        (("UID", "autor", "X"), "did you mean 'author'"),
        (("UID", "text", "X"), "unknown field 'text'"),
        (("baosong-000000000000", "author", "X"), "unknown article"),
        (("UID", "published", "hôm qua"), "expected a day or a moment"),
        (("UID", "title", " "), "expected a title"),
    ],
)
def test_a_correction_that_cannot_be_one_is_refused_in_a_sentence(
    crawled: Desk, words: tuple[str, ...], said: str
) -> None:
    ((uid,),) = crawled.rows("SELECT uid FROM articles LIMIT 1")
    given = [uid if word == "UID" else word for word in words]
    ended = crawled.at_once("correct", *given, "--reason", "thử", CLOCK=clock(20))
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert said in ended.stderr
    assert crawled.rows("SELECT * FROM corrections") == []


def test_a_correction_needs_a_reason(crawled: Desk) -> None:
    ((uid,),) = crawled.rows("SELECT uid FROM articles LIMIT 1")
    ended = crawled.at_once("correct", uid, "author", "X", CLOCK=clock(20))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--reason" in ended.stderr
