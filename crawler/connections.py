"""Closes a crawl's connections without an error for the log, though a loaded machine or a dead host is slow to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from twisted.python.failure import Failure

PATIENCE = 3.0
"""Seconds that the end of a crawl waits for its connections to be closed."""


class Connections(HTTP11DownloadHandler):
    """Scrapy's handler of http and https with another end.

    Scrapy waits a second and then fires Twisted's own Deferred, which fires again when the connections are
    closed after all: `AlreadyCalledError` in the log of a crawl in which all was well.
    """

    async def close(self) -> None:
        """Close what is kept open; what takes longer than `PATIENCE` is left to the process' end."""
        ended: Deferred[None] = Deferred()

        def end(_: Failure | None = None) -> None:
            if not ended.called:
                ended.callback(None)

        self._pool.closeCachedConnections().addBoth(end)  # type: ignore[no-untyped-call]
        timer = call_later(PATIENCE, end)
        await maybe_deferred_to_future(ended)
        timer.cancel()
