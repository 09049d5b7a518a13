"""Three machines crawl papers that overlap; merged, their archives are that of one machine that crawled them all."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawling import FACTS, Desk, clock
from tests.demo.server import serve
from tests.demo.stories import NAMES
from tests.merging import said

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from tests.demo.server import Sites

pytestmark = pytest.mark.slow
SPRING, FIELD, SHORE = NAMES
ROUNDS = {
    "first": {0: (SPRING, FIELD), 1: (SPRING,), 2: (SPRING,)},
    "second": {0: (SHORE,), 1: (FIELD, SHORE), 2: (FIELD,)},
    "third": {1: (SPRING,), 2: (SHORE, FIELD)},
}
"""Which papers each machine crawls on which day."""
SAME = {
    "articles": "SELECT uid, url, title, content_sha256, text_sha256, revisions FROM articles ORDER BY uid",
    "versions": "SELECT uid, kind, date(seen_at), content_sha256 FROM revision_texts ORDER BY uid, seen_at",
    "aliases": "SELECT x.url, x.kind, a.uid FROM aliases x JOIN articles a ON a.id = x.article_id ORDER BY 1",
    "copies": "SELECT first_uid, uid, kind, score FROM syndication ORDER BY 1, 2",
    "stories": FACTS["stories"],
}
"""What an archive of other captures of the same pages must say too."""


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with serve() as running:
        yield running


def desk(folder: Path, sites: Sites) -> Desk:
    folder.mkdir()
    return Desk(folder, sites)


def crawl(one: Desk, rounds: dict[int, tuple[str, ...]]) -> None:
    for day, papers in rounds.items():
        done = one.crawl(day, papers)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, sites: Sites) -> dict[str, Desk]:
    folder = tmp_path_factory.mktemp("machines")
    made = {name: desk(folder / name, sites) for name in ROUNDS}
    for name, one in made.items():
        crawl(one, ROUNDS[name])
    return made


def merged(folder: Path, sites: Sites, machines: dict[str, Desk], order: tuple[str, ...]) -> Desk:
    """Merge the machines' archives, in an order, into an archive that is not there yet."""
    one = desk(folder, sites)
    done = one.at_once("merge", *(str(machines[name].archive) for name in order))
    assert done.returncode == 0, done.stderr
    return one


def assert_same(told: dict[str, list[Any]], expected: dict[str, list[Any]], apart: Container[str] = ()) -> None:
    for name, rows in expected.items():
        if name not in apart:
            assert told[name] == rows, name


def facts(one: Desk, queries: dict[str, str]) -> dict[str, list[Any]]:
    return {name: one.rows(sql) for name, sql in queries.items()}


def test_three_machines_are_one_in_any_order(tmp_path: Path, sites: Sites, machines: dict[str, Desk]) -> None:
    whole = desk(tmp_path / "whole", sites)
    crawl(whole, dict.fromkeys(range(3), NAMES))
    replayed = desk(tmp_path / "replayed", sites)
    done = replayed.scrapy("replay", *(str(one.warc) for one in machines.values()))
    assert done.returncode == 0, done.stderr
    told = []
    for order in permutations(ROUNDS):
        one = merged(tmp_path / "-".join(order), sites, machines, order)
        told.append(said(one.archive))
        assert facts(one, SAME) == facts(whole, SAME)
        verified = one.at_once("verify", CLOCK=clock(30))
        assert verified.returncode == 0, verified.stdout
    for other in told[1:]:
        assert_same(other, told[0])
    assert_same(told[0], said(replayed.archive), apart={"furniture", "read with", "observed", "addresses"})


def test_the_command_tells_what_it_brought_and_what_it_cannot(
    tmp_path: Path, sites: Sites, machines: dict[str, Desk]
) -> None:
    one = desk(tmp_path / "one", sites)
    first, third = machines["first"].archive, machines["third"].archive
    told = json.loads(one.at_once("merge", str(first), str(third), "--json").stdout)
    assert told["papers_there"] == sorted(NAMES)
    assert told["papers"][SPRING]["articles_joined"] > 0
    assert told["warc_files"] == len(list(one.warc.rglob("*.gz")))
    assert {c["kind"] for c in told["conflicts"]} == {"warc"}
    again = one.at_once("merge", str(first), str(third))
    assert again.returncode == 0
    assert "new" not in again.stdout.rpartition("merged:")[2]
    assert again.stdout.endswith("0 WARC files copied\n")
    for words, code, sentence in (
        ((), 2, "name them"),
        ((str(tmp_path / "absent.db"),), 2, "no such file"),
        ((str(tmp_path),), 2, "is a folder"),
        ((str(first), "--warc", "a", "--warc", "b"), 2, "one folder for each"),
        ((str(one.papers()),), 1, "no SQLite file"),
        ((str(one.archive),), 1, "the archive itself"),
        ((str(first), "--warc", str(tmp_path)), 0, ""),
    ):
        done = one.at_once("merge", *words)
        assert (done.returncode, sentence in done.stderr, len(done.stderr.splitlines()) <= 1) == (code, True, True)


def test_after_a_merge_a_crawl_goes_on_as_if_it_had_made_all_captures(
    tmp_path: Path, sites: Sites, machines: dict[str, Desk]
) -> None:
    one = merged(tmp_path / "one", sites, machines, ("third", "first", "second"))
    before = one.rows("SELECT uid, content_sha256 FROM articles ORDER BY uid")
    versions = one.rows("SELECT count(*) FROM revisions")
    done = one.crawl(2, CLOCK=clock(2, 1))
    assert done.returncode == 0, done.stderr
    assert one.rows("SELECT uid, content_sha256 FROM articles ORDER BY uid") == before
    assert one.rows("SELECT count(*) FROM revisions") == versions
    assert one.at_once("verify", CLOCK=clock(30)).returncode == 0
