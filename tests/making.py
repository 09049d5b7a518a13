"""Makes visits and archives for tests, as the stages would hand them over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pipelines.archive import Archive
from pipelines.items import Article, Capture, Paper, Reading, Visit
from pipelines.stages import identified, normalised
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
TEXT = "\n".join(
    f"Đoạn {n}: tuyến đường sắt qua xã Mường Lống được khởi công trong niềm vui của bà con các bản vùng cao."
    for n in ("một", "hai", "ba")
)


def hours(n: float) -> datetime:
    """Return the moment ``n`` hours after the tests' beginning."""
    return START + timedelta(hours=n)


def paper(name: str = "alpha", host: str | None = None) -> Paper:
    return Paper(name=name, title=f"Báo {name}", province="Nghệ An", hosts=(host or f"{name}.example.vn",))


def archive(path: Path, *papers: Paper, **settings: Any) -> Archive:
    """Open an archive at ``path`` that knows the papers alpha and beta, or those given."""
    made = Archive(path, extractor="test/1", **settings)
    made.sync_directory(papers or (paper("alpha"), paper("beta")), {"Nghệ An": ["Nghệ An"]})
    return made


def capture(url: str, at: datetime, status: int = 200, body: str = "") -> Capture:
    return Capture(
        url=url,
        fetched_at=at,
        status=status,
        warc_file="alpha/alpha-20261120.warc.gz",
        warc_offset=crc32(f"{url} {at}".encode()),
        warc_length=100,
        payload_digest=f"sha256:{fold(body)[:20]}-{status}-{url}",
    )


def visit(
    path: str,
    at: datetime,
    *,
    of: str = "alpha",
    title: str = "Khởi công tuyến đường sắt vùng cao",
    text: str = TEXT,
    newsroom: str | None = None,
    **facts: Any,
) -> Visit:
    """Return the visit of an article's page, identified as the stages do it."""
    url = f"https://{of}.example.vn{path}"
    reading = normalised(Reading(url=url, paper=of, title=title, text=text, **facts))
    article = identified(Article(reading=reading, newsroom=newsroom), of, url)
    return Visit(
        paper=of,
        url=url,
        kind="article",
        outcome="article",
        at=at,
        capture=capture(url, at, body=text),
        article=article,
    )


def refusal(path: str, at: datetime, of: str = "alpha", status: int = 404) -> Visit:
    url = f"https://{of}.example.vn{path}"
    return Visit(paper=of, url=url, kind="article", outcome="refused", at=at, capture=capture(url, at, status))


def store(into: Archive, visits: Iterable[Visit]) -> dict[str, int]:
    """Commit the visits in their order and return the counts so far."""
    for one in visits:
        if one.capture:
            into.record(one.paper, one.capture)
        into.submit(one)
    into.flush()
    return dict(into.counts)


def rows(of: Archive, sql: str, *values: object) -> list[Any]:
    return list(of.db.conn.execute(sql, values).fetchall())
