"""Knows how a stored time is written for a reader: Vietnam's clock, day before month."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))


def moment(stored: str | None) -> str:
    """Write a stored time as Vietnam reads it: ``08:30, 24/11/2026``, or the day alone."""
    try:
        at = datetime.fromisoformat(stored or "")
    except ValueError:
        return stored or ""
    if len(stored or "") <= len("2026-11-24"):
        return f"{at:%d/%m/%Y}"
    return f"{at.astimezone(VIETNAM):%H:%M, %d/%m/%Y}"
