"""Judges the pictures of articles: which are fetched, how many bytes of them a day, and what came."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.clock import LOCAL, local_day
from crawler.discovery.links import absolute
from pipelines.pictures import raster_type
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from crawler.visits import Fetched
    from pipelines.archive.images import ImageRows
    from pipelines.items import Paper, Visit

ACCEPT = "image/*,*/*;q=0.5"
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*", re.IGNORECASE)
"""A public host's name; an address in numbers, or a name without a dot, is some machine's own."""
HERE = re.compile(r"127(\.\d{1,3}){3}|localhost|::1")
PORTS = (None, 80, 443)
LONGEST = 2000
"""Characters of an address beyond which it is no picture's (RFC 9110, 4.1 expects 8000 to be read, proxies 2000)."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})
TOLD_BY_FORM = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
"""What says it is one of these and does not begin like any is an error page."""


@dataclass
class Allowance:
    """Bytes of pictures that a paper's crawls may take on one local day: ``most``, ``spent`` of them on ``day``.

    One is asked for at a time, so that the last alone may go beyond.
    """

    most: int = 0
    day: date | None = None
    spent: int = 0
    asked: int | None = None
    """The picture on its way, by its row of the frontier."""
    stopped: bool = False
    """A host of pictures asked for fewer requests: this crawl asks for no more."""

    @classmethod
    def of(cls, paper: Paper, rows: ImageRows, now: datetime) -> Allowance:
        """Return what is left of today, after what earlier crawls of the day took."""
        day = local_day(now)
        begin = datetime.combine(day, time(), LOCAL)
        spent = rows.spent(paper.name, begin, begin + timedelta(days=1)) if paper.images else 0
        return cls(paper.images, day, spent)

    def is_left(self, day: date) -> bool:
        """Say whether there is room for a picture."""
        self._turn(day)
        return not self.stopped and self.spent < self.most

    def answer(self, row: int, size: int, day: date) -> None:
        """Count what a picture took, 0 for one that did not come, and let the next be asked for."""
        self._turn(day)
        self.spent += size
        self.asked = None if self.asked == row else self.asked

    def _turn(self, day: date) -> None:
        if day != self.day:
            self.day, self.spent = day, 0


def wanted(papers: Mapping[str, Paper], *, loopback: bool) -> Callable[[str, str], bool]:
    """Return the rule by which pictures become due: of papers that ask for them, at addresses like `is_public`."""

    def rule(paper: str, url: str) -> bool:
        found = papers.get(paper)
        return found is not None and found.images > 0 and is_public(url, loopback=loopback)

    return rule


def is_public(url: str, *, loopback: bool) -> bool:
    """Say whether ``url`` is http(s) on a host with a public name; any page may name one of our own network."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or len(url) > LONGEST:
        return False
    if HERE.fullmatch(host):
        return loopback
    return port in PORTS and NAME.fullmatch(host) is not None


def judge_image(visit: Visit, fetched: Fetched) -> Visit:
    """Return what a picture's answer comes to: ``image/kept`` with its size, or why it is none.

    A redirect is followed to another spelling of the address alone.
    """
    outcome, reason = _judged(fetched)
    target = next(iter(absolute(fetched.location or "", fetched.url)), "")
    if fetched.status in REDIRECTS and url_key(target) == url_key(visit.url) and target != visit.url:
        return replace(visit, outcome="image/moved", redirect_to=target)
    return replace(visit, outcome=outcome, reason=reason, size=len(fetched.body) if outcome == "image/kept" else None)


def _judged(fetched: Fetched) -> tuple[str, str | None]:
    if fetched.status in REDIRECTS:
        return "image/refused", f"redirects to {fetched.location!r}, which no article names"
    if fetched.status != 200:
        return "image/refused" if fetched.status in GONE else "image/failed", f"HTTP {fetched.status}"
    if fetched.cut_off:
        return "image/failed", "the answer was cut off"
    if fetched.truncated:
        return "image/too-large", "longer than DOWNLOAD_MAXSIZE allows"
    media = fetched.content_type.partition(";")[0].strip().lower()
    form = raster_type(fetched.body)
    if not fetched.body or not (form or (media.startswith("image/") and media not in TOLD_BY_FORM)):
        return "image/other", f"no picture: {media or 'no content type'}, {len(fetched.body)} bytes"
    return "image/kept", None
