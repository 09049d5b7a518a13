"""Redirects that lead in a circle lose no article: it is failed, missed, and asked for when a listing shows it."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

import pytest

from pipelines.items import Link, Visit
from tests.making import archive, hours, rows, store, visit

if TYPE_CHECKING:
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
