"""At what hours a listing shows articles that were not known before, and how long it may be left alone by that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple, Self

LOCAL = timezone(timedelta(hours=7))
DAY = 24
HALF = timedelta(days=10)
"""After so long what was seen counts half: a newsroom's habits change."""
GUESS = (0.5, 1.0)
"""Articles and hours that a listing nothing is known of is taken to have been watched for."""
LEND = 1.0
"""Hours of the day's mean that each hour of the day is taken to have been watched for, beside its own."""
STEP = timedelta(minutes=5)
"""How finely the time to come is looked at."""


class Seen(NamedTuple):
    """What was seen of a listing in one hour of the day: articles new to us, and for how many hours it was watched."""

    articles: float
    hours: float


class Rhythm(NamedTuple):
    """What was seen of a listing in each of the 24 hours of Vietnam's day, at the moment ``at`` (UTC)."""

    day: tuple[Seen, ...]
    at: datetime

    @classmethod
    def unknown(cls, at: datetime) -> Self:
        """Return that of a listing never watched."""
        return cls((Seen(0.0, 0.0),) * DAY, at)

    def watched(self, since: datetime, until: datetime, articles: int) -> Self:
        """Return this with ``articles`` first shown some time between two looks at the listing, spread evenly.

        Looks more than a day apart tell of no hour and are left out.
        """
        if not timedelta(0) < until - since <= timedelta(days=1):
            return type(self)(self.day, max(self.at, until))
        fade = 0.5 ** (max(until - self.at, timedelta(0)) / HALF)
        shares = _shares(since, until)
        whole = sum(shares)
        day = (
            Seen(seen.articles * fade + articles * share / whole, seen.hours * fade + share)
            for seen, share in zip(self.day, shares, strict=True)
        )
        return type(self)(tuple(day), max(self.at, until))

    def rates(self) -> tuple[float, ...]:
        """Return for each hour of Vietnam's day how many new articles an hour are to be expected.

        What little was seen of one hour is filled up from the whole day's mean, which is filled up from `GUESS`.
        """
        articles, hours = (sum(part) + guess for part, guess in zip(zip(*self.day, strict=True), GUESS, strict=True))
        mean = articles / hours
        return tuple((seen.articles + LEND * mean) / (seen.hours + LEND) for seen in self.day)

    def wait(self, at: datetime, patience: float, longest: timedelta) -> timedelta:
        """Return how long after ``at`` the listing is to be looked at again, ``longest`` at most.

        That is when the articles to be expected will have waited for ``patience`` hours, all their waiting taken
        together. At an even rate r it makes looks sqrt(2 * patience / r) apart: the square-root law for keeping
        copies fresh (Cho & Garcia-Molina, 2003), here with a rate that changes by the hour.
        """
        rates = self.rates()
        waiting = waited = 0.0
        passed = timedelta(0)
        step = STEP / timedelta(hours=1)
        while passed < longest:
            waiting += rates[(at + passed).astimezone(LOCAL).hour] * step
            waited += (waiting - rates[(at + passed).astimezone(LOCAL).hour] * step / 2) * step
            passed += STEP
            if waited >= patience:
                return min(passed, longest)
        return longest


def _shares(since: datetime, until: datetime) -> list[float]:
    """Return how many hours of a span fall into each hour of Vietnam's day."""
    shares = [0.0] * DAY
    at = since.astimezone(UTC)
    while at < until:
        following = min(at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), until)
        shares[at.astimezone(LOCAL).hour] += (following - at) / timedelta(hours=1)
        at = following
    return shares
