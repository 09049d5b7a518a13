"""Knows which records an export leaves out since they name what was erased.

A page shows other articles of its paper beside its own text, with their titles and leads, each with its address. What
an erased article said is not known any more; its addresses are. So a page that names one of them goes into no
export, whatever it says of it.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pipelines.records import header, read_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pipelines.archive.exporting import Held

END = r"(?![\w-]|\.\w)"
"""What follows an address where it is not the beginning of a longer one."""
MEDIA = ("image/", "audio/", "video/")


@dataclass
class Mentions:
    """Records that name what was erased: their files and offsets, and the digests of their bodies."""

    places: set[tuple[str, int]] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)

    def hold(self, warc_file: str, warc_offset: int, record: str, payload_digest: str) -> bool:
        """Say whether this record is one, or a revisit that has the body of one."""
        return (warc_file, warc_offset) in self.places or (record == "revisit" and payload_digest in self.digests)


def mentions(captures: Iterable[Held], warc_dir: Path, erased: Mapping[str, Iterable[str]]) -> Mentions:
    """Return those of the captures that name an erased article; ``erased`` has addresses by paper.

    Raises RecordError for a record that cannot be read.
    """
    found = Mentions()
    named = {paper: named_by(urls) for paper, urls in erased.items()}
    for held in captures:
        pattern = named.get(held.paper)
        media = (header(json.loads(held.headers), "Content-Type") or "").lstrip().lower().startswith(MEDIA)
        if pattern is None or media or held.record == "revisit":
            continue
        page = read_record(warc_dir, held.warc_file, held.warc_offset).body().decode("utf-8", "replace")
        if pattern.search(unquote(html.unescape(page).replace("\\/", "/"))):
            found.places.add((held.warc_file, held.warc_offset))
            found.digests.update(filter(None, [held.payload_digest]))
    return found


def named_by(urls: Iterable[str]) -> re.Pattern[str] | None:
    """Return by what a page of the same site names these addresses; None where there is none but a front page's."""
    paths = sorted({path for url in urls for path in _paths(url)})
    return re.compile(f"(?:{'|'.join(map(re.escape, paths))}){END}") if paths else None


def _paths(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/")
    if parts.query:
        yield f"{path or '/'}?{unquote(parts.query)}"
    elif path:
        yield path
