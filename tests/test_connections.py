"""The end of a crawl whose connections are slow to close."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import Mock

from twisted.internet.defer import Deferred

from crawler import connections

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class SlowPool:
    """A pool that is told to close and does so later."""

    def __init__(self) -> None:
        self.closed: Deferred[None] = Deferred()

    def closeCachedConnections(self) -> Deferred[None]:  # noqa: N802 - Twisted's name
        return self.closed


def test_connections_that_close_after_the_crawl_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, pool, waited = connections.Connections.__new__(connections.Connections), SlowPool(), []

    def at_once(seconds: float, call: Callable[[], None]) -> Mock:
        waited.append(seconds)
        call()
        return Mock()

    monkeypatch.setattr(handler, "_pool", pool, raising=False)
    monkeypatch.setattr(connections, "call_later", at_once)
    asyncio.run(handler.close())
    assert waited == [connections.PATIENCE]
    pool.closed.callback(None)
