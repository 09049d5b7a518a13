"""Judges how long a host is left alone: what it asks for, pauses that grow, hours of rest, requests a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from crawler.clock import LOCAL, local_day

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from pipelines.archive.hosts import HostRows

REFUSALS = 8
"""Answers in a row that refuse us, with no good one between, after which a host is taken to block us."""
UNREACHABLE_MOST = timedelta(hours=1)
"""A host that does not answer is not known to mind our asking: it may as well be our own network."""
LONGEST = timedelta(days=36500)
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class LeftAloneError(IgnoreRequest):
    """A host must not be asked now. ``own``: by the operator's wish; ``everywhere``: no host is asked."""

    def __init__(self, host: str, why: str, *, own: bool = False, everywhere: bool = False) -> None:
        super().__init__(why)
        self.host = host
        self.own = own
        self.everywhere = everywhere


def asks_to_wait(response: Response) -> bool:
    """Say whether a host wants no more requests now: 428 or 429 (RFC 6585), or 503 with Retry-After (RFC 9110)."""
    return response.status in {428, 429} or (response.status == 503 and "Retry-After" in response.headers)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long a ``Retry-After`` asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3).

    None for what is neither, for 0 and for a date that has passed: then nothing was asked.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        wait = min(timedelta(seconds=min(int(text[:12]), LONGEST.total_seconds())), LONGEST)
        return wait or None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta() else None


@dataclass(frozen=True, slots=True)
class Rest:
    """Hours of the day, in Vietnam, in which nothing is asked; they may go beyond midnight."""

    begin: time
    end: time

    @classmethod
    def of(cls, text: str) -> Rest | None:
        """Read ``01:00-05:00``; None for an empty text. Raises ValueError with a sentence for anything else."""
        if not text.strip():
            return None
        found = SPAN.fullmatch(text.replace(" ", ""))
        if not found or found[1] + found[2] == found[3] + found[4]:
            raise ValueError(
                f"setting REST_HOURS: expected two times of the day in Vietnam, found {text!r}; "
                "write them like 01:00-05:00 or leave it empty"
            )
        hours = [int(part) for part in found.groups()]
        return cls(time(hours[0], hours[1]), time(hours[2], hours[3]))

    def until(self, now: datetime) -> datetime | None:
        """Return when the rest ends that it is time for, None where it is not."""
        here = now.astimezone(LOCAL)
        at = here.time()
        inside = self.begin <= at < self.end if self.begin < self.end else not self.end <= at < self.begin
        if not inside:
            return None
        end = datetime.combine(here.date(), self.end, LOCAL)
        return end if end > here else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Manners:
    """How long hosts are left alone, by the settings: the first pause and the longest, requests a day, rest."""

    first: timedelta
    most: timedelta
    a_day: int
    rest: Rest | None

    @classmethod
    def of(cls, settings: BaseSettings) -> Manners:
        """Read the settings. Raises ValueError for hours of rest that are none."""
        return cls(
            timedelta(seconds=settings.getfloat("LEAVE_ALONE_FIRST")),
            timedelta(seconds=settings.getfloat("LEAVE_ALONE_MOST")),
            settings.getint("DAILY_REQUESTS"),
            Rest.of(str(settings["REST_HOURS"] or "")),
        )

    def pause(self, failures: int, kind: str) -> timedelta:
        """Return how long a host is left alone that refused so many times in a row and did not say how long."""
        grown = self.first * float(2 ** min(failures - 1, 30))
        return min(grown, self.most, UNREACHABLE_MOST if kind == "unreachable" else self.most)


def held_off(host: str, rows: HostRows, manners: Manners, now: datetime, waiting: int = 0) -> LeftAloneError | None:
    """Return why nothing may be asked of a host now, or None; ``waiting``: requests not yet in ``rows``."""
    rest = manners.rest.until(now) if manners.rest else None
    if rest:
        why = f"hours of rest (REST_HOURS) until {local(rest)}"
        return LeftAloneError(host, why, own=True, everywhere=True)
    if manners.a_day and rows.requests(host, local_day(now)) + waiting >= manners.a_day:
        why = f"{host} had its {manners.a_day} requests of the day (DAILY_REQUESTS); tomorrow again"
        return LeftAloneError(host, why, own=True)
    row = rows.find(host)
    if row and row.not_before and row.not_before > now:
        return LeftAloneError(host, f"{host} is left alone until {local(row.not_before)}: {row.reason}")
    return None


def local(at: datetime) -> str:
    """Return a moment as an operator in Vietnam reads it."""
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M} (+07:00)"
