"""Writes what curators corrected and hid to WARC files of their own, so that a replay brings it back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from crawler.warc_reading import CORRECTION_NOTE, HIDING_NOTE, notes_in, recover
from crawler.warc_writing import PaperLock, WarcWriter
from pipelines.archive.connection import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.clock import Clock
    from crawler.warc_reading import Notes
    from pipelines.corrections import Correction
    from pipelines.hidings import Hiding

FOLDER = "corrections"
"""Below WARC_DIR, with files and a lock as a paper's folder has them."""


class Corrections:
    """What curators decided, in an archive's WARC files; used as a context, it keeps other writers out.

    Raises LockedError when another process corrects, RecordError for a file that cannot be read.
    """

    def __init__(self, warc_dir: Path, clock: Clock) -> None:
        self._warc_dir = warc_dir
        self._clock = clock
        self._lock = PaperLock(warc_dir, FOLDER, "written")

    def __enter__(self) -> Corrections:
        """Take the lock and cut what a crash tore."""
        self._lock.__enter__()
        try:
            recover(self._warc_dir, FOLDER, {})
        except BaseException:
            self._lock.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__()

    def kept(self) -> list[Correction]:
        """Return all that were written: one may be there that a crash kept from the archive."""
        return [one for notes in self._notes() for one in notes.corrections]

    def hidings(self) -> list[Hiding]:
        """Return the same of what was hidden and shown again."""
        return [one for notes in self._notes() for one in notes.hidings]

    def write(self, one: Correction, url: str) -> None:
        """Bring a correction of the article at ``url`` to the disk. Raises WriteError."""
        self._tell(url, CORRECTION_NOTE, asdict(one))

    def write_hiding(self, one: Hiding) -> None:
        """Bring to the disk that an article was hidden or shown again. Raises WriteError."""
        told = {"uid": one.uid, "state": one.state, "reason": one.reason, "at": stamp(one.at)}
        self._tell(one.url, HIDING_NOTE, told)

    def _notes(self) -> Iterator[Notes]:
        yield from map(notes_in, sorted((self._warc_dir / FOLDER).glob(f"{FOLDER}-*.warc.gz")))

    def _tell(self, url: str, name: str, told: Mapping[str, str | None]) -> None:
        with WarcWriter(self._warc_dir, FOLDER, clock=self._clock, info={}) as writer:
            writer.tell(url, {name: json.dumps(told, ensure_ascii=False)})
