"""Merges archives with their WARC files: all or nothing, while no crawl of their papers runs."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.correcting import FOLDER as CORRECTIONS
from crawler.merging_files import Files, Other, Planner, copy_in, standing
from crawler.taking_down import finish
from crawler.warc_erasing import bury
from crawler.warc_writing import PaperLock, sync_folder
from crawler.withdrawing import Follower
from pipelines.archive.alike import sign_all
from pipelines.archive.connection import ArchiveError, DatabaseError, explain, open_archive, transaction
from pipelines.archive.erasing import forget_safely, unseal
from pipelines.archive.takedowns import stone_of
from pipelines.archive.union import ledger
from pipelines.archive.union.bringing import bring
from pipelines.archive.union.files import papers_used
from pipelines.archive.union.findings import Findings
from pipelines.archive.union.others import check, copied
from pipelines.archive.warc_rows import put, seal
from pipelines.fixity import COMING, is_finished, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pipelines.archive.connection import Database
    from pipelines.archive.union.ledger import Where
    from pipelines.items import Paper


@dataclass(frozen=True, slots=True)
class Merger:
    """Where archives are brought to; ``copy``: WARC files too, else rows alone. ``listed``: papers.toml's papers."""

    archive: Path
    warc_dir: Path
    listed: Mapping[str, Paper]
    now: datetime
    copy: bool = True

    def merge(self, others: Sequence[Other]) -> Findings:
        """Bring the others in one transaction, then replace the WARC records of what they say was erased.

        Raises ArchiveError, RecordError, LockedError or OSError; then nothing is changed, but where erased records
        were being replaced: those the next call replaces.
        """
        for other in others:
            check(other.archive, self.archive)
        try:
            with ExitStack() as held, closing(open_archive(self.archive)) as db:
                sign_all(db)
                folder = held.enter_context(_work_folder(self.archive))
                job = _Job(self, db, folder, held)
                job.lock(papers_used(db) | _correcting(self.warc_dir))
                _forget_unfinished(self.warc_dir)
                forget_safely(db)
                with transaction(db):
                    for other in others:
                        with copied(other.archive, folder) as copy:
                            job.lock(papers_used(copy) | _correcting(other.warc_dir))
                            job.bring(copy, other)
                    _put_in_place(job.coming)
                finish(db, self.warc_dir, self.now)
        except DatabaseError as error:
            raise ArchiveError(explain(self.archive, error)) from error
        return job.findings


@dataclass
class _Job:
    """One merge: the archive, a folder to work in, the locks that are held, and the WARC files that are coming."""

    merger: Merger
    db: Database
    folder: Path
    held: ExitStack
    findings: Findings = field(default_factory=Findings)
    coming: list[Path] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)

    def lock(self, papers: set[str]) -> None:
        """Take the locks of papers, so that no crawl waits for the transaction, or writes what is being copied to."""
        for paper in sorted(papers - self.locked):
            self.held.enter_context(PaperLock(self.merger.warc_dir, paper))
            self.locked.add(paper)

    def bring(self, copy: Database, other: Other) -> None:
        """Bring one archive; its WARC files stand beside their places by then."""
        here = self.merger.warc_dir.resolve()
        files = Planner(self.db, copy, other, here, self.merger.copy, self.findings).plan()
        there = self._follow(copy, other, files)
        self.held.callback(_drop, list(files.coming))
        for place, source in files.coming.items():
            path = source.relative_to(other.warc_dir).as_posix()
            copy_in(source, place, files.differing[path].here if path in files.differing else ())
        changed = self._bury(there, files) | {files.name(path) for path in files.differing}
        bring(self.db, copy, self.merger.listed, files.names, self.findings)
        names = {place.relative_to(here).as_posix(): standing(place) for place in files.coming}
        put(self.db.conn, [(name, p.stat().st_size) for name, p in names.items() if name not in files.notes])
        for name, place in names.items():
            if name in changed and name not in files.notes and is_finished(name, self.merger.now):
                seal(self.db.conn, name, place.stat().st_size, sha256_of(place), self.merger.now)
        self.findings.files += len(files.coming)
        self.coming += files.coming

    def _follow(self, copy: Database, other: Other, files: Files) -> dict[str, list[Where]]:
        """Let both archives erase what either did; return what is to be replaced in the files that come."""
        waiting = ledger.pending(self.db)
        there = Follower(copy, self._others_files(other, files), self.findings, here=False)
        here = Follower(self.db, self._warc_dir(), self.findings, here=True)
        there.records, here.records = ledger.pending(copy), waiting
        with transaction(copy):
            told = ledger.share(self.db, copy, self.findings)
            there.follow(files.stones_here())
            ledger.bring_rows(self.db, copy)
            here.follow(files.stones_there())
            ledger.bring_rows(copy, self.db)
            there.follow(())
            records = here.records | self._left(there.records, here.records, files)
            for uid, found in records.items():
                self.findings.erase(uid).records += len({where[:2] for where in found})
            ledger.settle(self.db, copy, told, records)
            unseal(copy, files.differing)
            unseal(copy, {file for found in there.records.values() for file, *_ in found})
            unseal(self.db, {file for found in records.values() for file, *_ in found})
        return there.records

    def _left(
        self, there: Mapping[str, Sequence[Where]], here: Mapping[str, Sequence[Where]], files: Files
    ) -> dict[str, list[Where]]:
        """Return what of the other's records is to be replaced in files that are here already, with our own of those.

        Raises ArchiveError where the file is not here.
        """
        found: dict[str, list[Where]] = {}
        folder = self.merger.warc_dir.resolve()
        done = {(files.name(path), stone.offset) for path, stone in files.stones_here()}
        for uid, records in there.items():
            for file, at, size, url in records:
                name = files.name(file)
                if folder / name in files.coming or (name, at) in done:
                    continue
                if not standing(folder / name).exists():
                    raise ArchiveError(
                        f"{file}: holds records of {uid}, which was erased; bring the file (--warc, without --no-copy)"
                    )
                found.setdefault(uid, [*here.get(uid, ())]).append((name, at, size, url))
        return found

    def _bury(self, records: Mapping[str, Sequence[Where]], files: Files) -> set[str]:
        """Replace in the files that come, before they are in their place, what was erased; return the files' names."""
        folder, changed = self.merger.warc_dir.resolve(), set[str]()
        for uid, found in records.items():
            named = [(files.name(file), at, size, url) for file, at, size, url in found]
            chosen = [where for where in named if folder / where[0] in files.coming]
            bury(folder, [(file + COMING, at, size, url) for file, at, size, url in chosen], stone_of(self.db, uid))
            self.findings.erase(uid).records += len(set(chosen))
            changed |= {file for file, *_ in chosen}
        return changed

    def _warc_dir(self) -> Path:
        """Return a folder in which our WARC files can be read, those too that are not in their place yet."""
        if not self.coming:
            return self.merger.warc_dir
        folder = self.merger.warc_dir.resolve()
        places = {*self.coming, *(path for path in folder.rglob("*.*arc*") if not path.name.endswith(COMING))}
        return self._view("warc", {place.relative_to(folder).as_posix(): standing(place) for place in places})

    def _others_files(self, other: Other, files: Files) -> Path:
        """Return a folder in which the other's WARC files can be read, ours where they are not beside it."""
        if not files.ours:
            return other.warc_dir
        folder = other.warc_dir.resolve()
        held = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*arc*")}
        return self._view("others", {**files.ours, **held})

    def _view(self, name: str, places: Mapping[str, Path]) -> Path:
        """Return a folder of links to files, by the paths they are to have."""
        view = self.folder / name
        shutil.rmtree(view, ignore_errors=True)
        for path, place in places.items():
            link = view / path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(place)
        return view


def _correcting(warc_dir: Path) -> set[str]:
    """Return the name of the lock under which corrections are written, where there are any."""
    return {CORRECTIONS} if (warc_dir / CORRECTIONS).is_dir() else set()


def _put_in_place(places: Sequence[Path]) -> None:
    for place in dict.fromkeys(places):
        place.with_name(place.name + COMING).replace(place)
        sync_folder(place.parent)


def _drop(places: Sequence[Path]) -> None:
    for place in places:
        place.with_name(place.name + COMING).unlink(missing_ok=True)


def _forget_unfinished(warc_dir: Path) -> None:
    """Remove what a killed merge left; no row points at it."""
    if warc_dir.is_dir():
        for path in warc_dir.rglob(f"*{COMING}"):
            path.unlink()


@contextmanager
def _work_folder(archive: Path) -> Iterator[Path]:
    """Make the folder for copies of other archives, beside ours, where the room is; one left by a kill is used."""
    folder = archive.with_name(f"{archive.name}{COMING}")
    folder.mkdir(exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
