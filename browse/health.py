"""Knows how the papers fare: the view ``health``, the one definition, read once a minute at most.

At a million articles the view takes half a second, whichever paper is asked for: a front page cannot wait for it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from datasette.database import QueryInterrupted

from browse.archive import rows

FRESH = 60.0
"""Seconds for which what was read is told again."""
HEALTH = "SELECT paper, state FROM health"


async def states(database: Any) -> dict[str, str]:
    """Return the state of each paper; what was read before, or nothing, where the view takes too long to be read."""
    read_at, told = getattr(database, "health_told", (None, {}))
    if read_at is not None and time.monotonic() - read_at < FRESH:
        return dict(told)
    with suppress(QueryInterrupted):
        told = {row["paper"]: row["state"] for row in rows(await database.execute(HEALTH))}
    database.health_told = (time.monotonic(), told)
    return dict(told)
