"""Knows which records an export leaves out since they show some of what was taken down.

A page shows other articles beside its own text, with their titles and leads. What an erased article said is not known
any more, but for which pages of then showed some of it; its addresses are. So those pages go into no export, nor does
one that names an address of it, whatever it says of it. What a hidden article says is known: pages that say some of
it and name it, or say what no article of their paper says itself, are left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.addresses_named import Addresses, Written
from pipelines.records import header, page_of, read_record
from pipelines.runs_of_words import runs_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.archive.exporting import Held, Outlet

MEDIA = ("image/", "audio/", "video/")


@dataclass
class Mentions:
    """Records that show what was taken down: their files and offsets, and the digests of their bodies."""

    places: set[tuple[str, int]] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)
    quoting: frozenset[str] = frozenset()

    def hold(self, warc_file: str, warc_offset: int, record: str, payload_digest: str) -> bool:
        """Say whether this record is one, or a revisit that has the body of one."""
        if (warc_file, warc_offset) in self.places or payload_digest in self.quoting:
            return True
        return record == "revisit" and payload_digest in self.digests


def mentions(captures: Iterable[Held], warc_dir: Path, outlet: Outlet) -> Mentions:
    """Return those of the captures that show some of what was taken down.

    Raises RecordError for a record that cannot be read.
    """
    found = Mentions(quoting=frozenset(outlet.quoting()))
    erased, hidden = _Erased(outlet), _Hidden(outlet)
    if not (erased or hidden):
        return found
    for held in captures:
        media = (header(json.loads(held.headers), "Content-Type") or "").lstrip().lower().startswith(MEDIA)
        if media or held.record == "revisit":
            continue
        page = page_of(read_record(warc_dir, held.warc_file, held.warc_offset))
        if (erased and erased.are_named(Written(page, held.url), held)) or hidden.are_shown(page, held):
            found.places.add((held.warc_file, held.warc_offset))
            found.digests.update(filter(None, [held.payload_digest]))
    return found


class _Erased:
    """The addresses of what was erased: those of a page's own paper, and all."""

    def __init__(self, outlet: Outlet) -> None:
        erased = outlet.erased()
        self._by_paper = {paper: Addresses(urls) for paper, urls in erased.items()}
        self._all = Addresses(url for urls in erased.values() for url in urls)

    def __bool__(self) -> bool:
        return bool(self._by_paper)

    def are_named(self, page: Written, held: Held) -> bool:
        """Say whether a page names one."""
        own = self._by_paper.get(held.paper)
        return self._all.named_on(page, own=False) or bool(own and own.named_on(page, own=True))


class _Hidden:
    """What is hidden: words, and addresses."""

    def __init__(self, outlet: Outlet) -> None:
        self._articles = outlet.hidden()
        self._runs = frozenset(run for one in self._articles for run in one.runs)
        self._addresses = {one.id: Addresses(one.urls) for one in self._articles}
        self._sayings = outlet.sayings([one.id for one in self._articles])

    def __bool__(self) -> bool:
        return bool(self._articles)

    def are_shown(self, page: str, held: Held) -> bool:
        """Say whether a page shows some of one."""
        said = runs_in(page, self._runs)
        if not said:
            return False
        written = Written(page, held.url)
        for one in self._articles:
            own = one.paper == held.paper
            if not said.isdisjoint(one.runs) and self._addresses[one.id].named_on(written, own=own):
                return True
        return not self._sayings.are_all_said(held.paper, said)
