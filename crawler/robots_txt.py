"""Reads robots.txt, whatever it is written in, and finds the copy that the archive has of it."""

from __future__ import annotations

import codecs
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy.robotstxt import ProtegoRobotParser

from pipelines.records import RecordError, read_record

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipelines.archive.hosts import HostRows

MOST = 500 * 1024
"""Bytes that are read, as many as RFC 9309 (2.5) wants at least; what follows is no rule for us."""
FRESH = timedelta(hours=24)
"""How long a copy is used (RFC 9309, 2.4)."""
HOPS = 5
"""Redirects of robots.txt that are followed, as many as RFC 9309 (2.3.1.2) wants at least."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def rules_of(body: bytes) -> ProtegoRobotParser:
    """Return the rules of a robots.txt; bytes that are no text are no rules."""
    return ProtegoRobotParser(text_of(body).encode(), None)


def text_of(body: bytes) -> str:
    """Return the text of a robots.txt: UTF-8 (RFC 9309, 2.3), with or without BOM, or UTF-16 with one.

    Of a longer one than `MOST` the whole lines before that.
    """
    if len(body) > MOST:
        body = body[: body.rfind(b"\n", 0, MOST) + 1] or body[:MOST]
    wide = next((name for bom, name in WIDE if body.startswith(bom)), None)
    # A byte of another charset spoils one address, not the rules.
    return body.decode(wide or "utf-8-sig", errors="replace")


def pause_asked(rules: ProtegoRobotParser, agent: str, most: float) -> tuple[float, float]:
    """Return the seconds between two requests that robots.txt asks for, and those of them that are kept to.

    ``most``: seconds beyond which a Crawl-delay is not followed; 0: no bound.
    """
    asked = max(rules.crawl_delay(agent) or 0.0, 0.0)
    return asked, min(asked, most) if most else asked


def kept_copy(rows: HostRows, warc_dir: Path, url: str, now: datetime) -> bytes | None:
    """Return the body of the robots.txt captured of ``url`` in the last `FRESH`, empty where it says there is none.

    None where it has to be asked for: no capture, an old one, one of a failure, one whose record is lost.
    """
    at = url
    for _ in range(HOPS + 1):
        answer = rows.last_answer(at)
        if answer is None or answer.broken or answer.status == 429 or now - answer.at >= FRESH:
            return None
        if answer.status in REDIRECTS and answer.location:
            at = urljoin(at, answer.location)
            continue
        if 400 <= answer.status < 500:
            return b""
        return _body(warc_dir, answer.place) if 200 <= answer.status < 300 else None
    return None


def _body(warc_dir: Path, place: tuple[str, int] | None) -> bytes | None:
    try:
        return read_record(warc_dir, *place).body() if place else None
    except (RecordError, OSError):
        return None
