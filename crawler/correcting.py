"""Writes a curator's corrections to WARC files of their own, so that a replay brings them back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from crawler.warc_reading import CORRECTION_NOTE, notes_in, recover
from crawler.warc_writing import PaperLock, WarcWriter

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.clock import Clock
    from pipelines.corrections import Correction

FOLDER = "corrections"
"""Below WARC_DIR, with files and a lock as a paper's folder has them."""


class Corrections:
    """The corrections of an archive's WARC files; used as a context, it keeps other writers out.

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
        files = sorted((self._warc_dir / FOLDER).glob(f"{FOLDER}-*.warc.gz"))
        return [one for path in files for one in notes_in(path).corrections]

    def write(self, one: Correction, url: str) -> None:
        """Bring a correction of the article at ``url`` to the disk. Raises WriteError."""
        with WarcWriter(self._warc_dir, FOLDER, clock=self._clock, info={}) as writer:
            writer.tell(url, {CORRECTION_NOTE: json.dumps(asdict(one), ensure_ascii=False)})
