"""Erases from an archive what its ledger says was erased elsewhere, and replaces the records that came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.taking_down import plan, plan_more, take_out
from pipelines.archive import erasing, stays, takedowns, traces
from pipelines.archive.union import ledger
from pipelines.archive.union.findings import TAKEDOWN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.warc_alike import Stone
    from pipelines.archive.connection import Database
    from pipelines.archive.takedowns import Shown
    from pipelines.archive.union.findings import Findings
    from pipelines.archive.union.ledger import Where

HELD_THERE = "erased here, held there; it is left out"
HELD_HERE = "held here, erased there; it is erased here, too"


class Follower:
    """Erases from one archive (``db``, with its WARC files) all that is erased by its ledger, in one transaction.

    ``records``: what is to be replaced in its files afterwards, by the uid of the erased article. ``here``: it is
    the archive that is merged into.
    """

    def __init__(self, db: Database, warc_dir: Path, findings: Findings, *, here: bool) -> None:
        self._db = db
        self._warc_dir = warc_dir
        self._here = here
        self._findings = findings
        self.records: dict[str, list[Where]] = {}
        self._buried: set[tuple[str, int]] = set()

    def follow(self, stones: Iterable[tuple[str, Stone]]) -> None:
        """Erase; ``stones`` are tombstones (file, which) that the other archive has in a file of this one's.

        Raises RecordError where a record is not what the archive says.
        """
        stones = list(stones)
        self._buried |= {(file, stone.offset) for file, stone in stones}
        waiting = ledger.erased(self._db)
        for uid in waiting:
            for article in ledger.still_held(self._db, uid):
                self._erase(article, uid)
                waiting.append(article.uid)
            self._drop_found_again(uid)
        for file, stone in stones:
            shown = ledger.shown_at(self._db, file, stone.offset)
            if shown:
                self._erase(shown, stone.uid)
            ledger.drop_at(self._db, [(file, stone.offset)])
            self._note(stone.uid, [(file, stone.offset, stone.length, stone.url)])

    def _erase(self, article: Shown, uid: str) -> None:
        told = takedowns.entry(self._db, uid)
        if told is None:
            return
        erasure = plan(self._db, self._warc_dir, article, told.reason, told.at, self._buried)
        noted = self._findings.erase(article.uid)
        noted.held |= self._here
        take_out(self._db, self._warc_dir, erasure, told.reason, told.at)
        left = stays.told(self._db, article.uid)
        noted.copies |= {copy.uid: copy for copy in left.copies}
        noted.shown_by |= set(left.shown_by)
        noted.said_by |= set(left.said_by)
        self._note(article.uid, erasure.records)
        self._findings.differ(TAKEDOWN, article.uid, HELD_HERE if self._here else HELD_THERE)

    def _drop_found_again(self, uid: str) -> None:
        places = traces.found_again(self._db, uid)
        if not places:
            return
        records, _ = plan_more(self._db, self._warc_dir, uid, places)
        ledger.drop_at(self._db, [(file, offset) for file, offset, *_ in records])
        erasing.unseal(self._db, {file for file, *_ in records})
        self._note(uid, records)

    def _note(self, uid: str, records: Iterable[Where]) -> None:
        self.records.setdefault(uid, []).extend(records)
