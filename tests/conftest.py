"""What many test modules read: the made-up newspapers, crawled once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawling import Desk
from tests.demo.server import serve
from tests.demo.stories import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which the three papers were crawled on their three days; tests only read it, or copy its folder."""
    with serve() as sites:
        desk = Desk(tmp_path_factory.mktemp("crawled"), sites)
        for day in DAYS:
            ended = desk.crawl(day)
            assert ended.returncode == 0, ended.stderr
        yield desk
