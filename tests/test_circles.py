"""Redirects that lead in a circle lose no article: it is failed, missed, and asked for when a listing shows it."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database

from pipelines.archive.connection import stamp
from pipelines.items import Link, Visit
from pipelines.migrations import migrations
from tests.making import archive, capture, hours, rows, store, visit

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

HOST = "https://alpha.example.vn"


@pytest.mark.parametrize("circle", ["aa", "aba", "abca"])
def test_redirects_in_a_circle_are_failed_said_and_woken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, circle: str
) -> None:
    kept = archive(tmp_path / "archive.db")
    hops = [
        Visit(
            paper="alpha",
            url=f"{HOST}/{here}",
            kind="article",
            outcome="redirect",
            at=hours(n),
            redirect_to=f"{HOST}/{there}",
        )
        for n, (here, there) in enumerate(itertools.pairwise(circle))
    ]
    with caplog.at_level(logging.WARNING):
        store(kept, hops)
    addresses = [(f"{HOST}/{one}", "failed") for one in sorted(set(circle))]
    assert rows(kept, "SELECT url, state FROM urls ORDER BY url") == addresses
    assert rows(kept, "SELECT url, state FROM lacking ORDER BY url") == addresses
    assert len(caplog.records) == 1
    assert "redirects in a circle" in caplog.text
    listing = Visit(
        paper="alpha",
        url=f"{HOST}/",
        kind="section",
        outcome="listing/read",
        at=hours(100),
        links=(Link(f"{HOST}/a", "article"),),
    )
    store(kept, [listing])
    assert f"{HOST}/a" in {row.url for row in kept.frontier.take("alpha", hours(100), 10)}
    kept.frontier.put_back()
    store(kept, [visit("/a", hours(101))])
    assert rows(kept, "SELECT state FROM urls WHERE url LIKE '%/a'") == [("held",)]


def redirect(url: str, to: str, at: datetime, of: str = "alpha", **facts: Any) -> Visit:
    facts = {"kind": "article", "capture": capture(url, at, 302), **facts}
    return Visit(paper=of, url=url, outcome="redirect", at=at, redirect_to=to, **facts)


def test_what_leads_into_a_circle_is_failed_too_in_whatever_order_it_is_seen(tmp_path: Path) -> None:
    for n, order in enumerate(itertools.permutations(["ab", "bc", "cb"])):
        kept = archive(tmp_path / f"{n}.db")
        store(kept, [redirect(f"{HOST}/{a}", f"{HOST}/{b}", hours(at)) for at, (a, b) in enumerate(map(tuple, order))])
        assert rows(kept, "SELECT DISTINCT state FROM urls") == [("failed",)], order


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_circle_over_two_papers_is_found(tmp_path: Path, order: tuple[int, ...]) -> None:
    kept, after = archive(tmp_path / "archive.db"), "https://beta.example.vn"
    hops = [
        (f"{HOST}/x", f"{after}/y", "alpha", {"redirect_paper": "beta"}),
        (f"{after}/y", f"{after}/z", "beta", {}),
        (f"{after}/z", f"{HOST}/x", "beta", {"redirect_paper": "alpha"}),
    ]
    store(kept, [redirect(*hops[n][:2], hours(at), hops[n][2], **hops[n][3]) for at, n in enumerate(order)])
    assert rows(kept, "SELECT paper, url, state FROM urls ORDER BY 1, 2") == [
        ("alpha", f"{HOST}/x", "failed"),
        ("beta", f"{after}/y", "failed"),
        ("beta", f"{after}/z", "failed"),
    ]


def test_a_redirect_from_one_paper_to_another_is_no_circle(tmp_path: Path) -> None:
    kept, after = archive(tmp_path / "archive.db"), "https://beta.example.vn"
    hops = [
        redirect(f"{HOST}/x", f"{after}/x", hours(0), redirect_paper="beta"),
        redirect(f"{after}/x", f"{after}/y", hours(1), "beta"),
        visit("/y", hours(2), of="beta"),
    ]
    store(kept, hops)
    assert {state for (state,) in rows(kept, "SELECT state FROM urls")} == {"redirect", "held"}


@pytest.mark.parametrize(("kind", "state"), [("article", "failed"), ("section", "unreadable")])
def test_spellings_that_lead_to_each_other_are_asked_once_each_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, state: str
) -> None:
    kept = archive(tmp_path / "archive.db")
    there, here = "https://www.alpha.example.vn/a", f"{HOST}/a"
    with caplog.at_level(logging.WARNING):
        store(kept, [redirect(here, there, hours(0), kind=kind)])
        assert rows(kept, "SELECT url, state FROM urls") == [(there, "known")]
        store(kept, [redirect(there, here, hours(0.001), kind=kind)])
    assert rows(kept, "SELECT url, state FROM urls") == [(there, state)]
    assert [record.getMessage() for record in caplog.records] == [
        f"alpha: {there!r}: redirects in a circle, by {here!r} back to itself"
    ]
    assert not kept.frontier.take("alpha", hours(0.1), 10)


def test_a_host_that_turns_from_one_spelling_to_the_other_and_back_is_followed(tmp_path: Path) -> None:
    kept = archive(tmp_path / "archive.db")
    there, here = "https://www.alpha.example.vn/a", f"{HOST}/a"
    store(kept, [redirect(here, there, hours(0)), redirect(there, here, hours(48))])
    assert rows(kept, "SELECT url, state FROM urls") == [(here, "known")]


def test_redirects_in_a_circle_of_an_archive_made_before_are_freed(tmp_path: Path) -> None:
    old = Database(tmp_path / "archive.db")
    migrations.apply(old, stop_before="m029_circles")
    with old.conn:
        old.conn.executemany(
            "INSERT INTO papers (name, title, province, provinces_before, hosts, language, confidence, evidence) "
            "VALUES (?, '', 'Nghệ An', '[]', '[]', 'vi', 'high', '')",
            [("alpha",), ("beta",)],
        )
        for paper, here, to_paper, there in STUCK:
            old.conn.execute(
                "INSERT INTO urls (paper, url, url_key, kind, state, discovered_at, fetched_at, redirect_key) "
                "VALUES (?1, ?2, ?2, 'article', 'redirect', ?3, ?3, ?4)",
                (paper, here, stamp(hours(0)), there),
            )
            old.conn.execute(
                "INSERT INTO pointers VALUES (?1, ?2, ?2, ?3, ?4, ?4, 'moved', ?5, ?5)",
                (paper, here, to_paper, there, stamp(hours(0))),
            )
    old.close()
    kept = archive(tmp_path / "archive.db")
    failed = {url for (url,) in rows(kept, "SELECT url FROM urls WHERE state = 'failed'")}
    assert failed == {"a", "b", "into", "x", "y", "self"}
    assert {url for (url,) in rows(kept, "SELECT url FROM urls WHERE state = 'redirect'")} == {"c", "d"}


STUCK = [
    ("alpha", "a", "alpha", "b"),
    ("alpha", "b", "alpha", "a"),
    ("alpha", "into", "alpha", "a"),
    ("alpha", "x", "beta", "y"),
    ("beta", "y", "alpha", "x"),
    ("alpha", "self", "alpha", "self"),
    ("alpha", "c", "alpha", "d"),
    ("alpha", "d", "alpha", "no redirect"),
]
"""Redirects by paper, address, and paper and address that they lead to."""
