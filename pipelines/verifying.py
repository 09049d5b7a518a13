"""Verifies an archive: the database, its rows among each other, and the WARC files byte for byte.

Reads only, whoever else writes. Each check runs over one state of the archive, gives its faults one by one,
and stands for itself, so that they run side by side in several processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from pipelines.archive import coherence, derived, likeness_rows, soundness, warc_rows
from pipelines.archive.connection import ArchiveError, Connection, DatabaseError, open_archive, reading, transaction
from pipelines.faults import REBUILD, RESTORE, Fault, Faults
from pipelines.fixity import COMING, files_in, is_finished, to_disk
from pipelines.processes import pool_of, starting
from pipelines.warc_check import BRING_BACK, MERGE_AGAIN, FileCheck, Reading, sampled_faults

CHECKS: dict[str, Callable[[Connection], Iterator[Fault]]] = {
    "pages and references of the database": soundness.database_faults,
    "schema": soundness.schema_faults,
    "search indexes": soundness.search_faults,
    "texts": coherence.text_faults,
    "articles and their captures": coherence.article_faults,
    "captures": coherence.capture_faults,
    "versions": coherence.revision_faults,
    "stories": coherence.story_faults,
    "images": coherence.image_faults,
    "signatures": likeness_rows.signature_faults,
    "copies": likeness_rows.copy_faults,
    "times of versions": derived.told_faults,
    "times of articles": derived.seen_faults,
    "addresses": derived.address_faults,
    "what articles show": derived.shown_faults,
    "files of runs": derived.file_faults,
    "views": coherence.view_faults,
    "counts": coherence.count_faults,
    "takedowns": coherence.takedown_faults,
}
"""The checks of the rows by what they look at; all run, quick or not."""
SAMPLE = 500
"""Records that a quick look reads."""
SHARE = 12
"""A quick look reads whole files up to one part in so many of all bytes: monthly, each is read within a year."""
SMALL = 64 * 1024 * 1024
"""Bytes of WARC files for which no further processes are started."""
AHEAD = 64
"""Tasks that wait in the queue of each process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to verify and how: ``quick`` samples the records by ``seed``; ``unsealed`` reads what has no digest."""

    archive: Path
    warc_dir: Path
    now: datetime
    quick: bool = False
    unsealed: bool = False
    seed: int = 0
    jobs: int = 1


@dataclass
class Outcome:
    """What was looked at, and what is wrong.

    ``digests`` are the sha256 of finished files by path, as kept, else as found in files that are whole;
    ``sound`` those of the files read whole in which nothing was wrong, with their length in bytes.
    """

    faults: Faults = field(default_factory=Faults)
    articles: int = 0
    captures: int = 0
    records: int = 0
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    growing: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    sound: dict[str, tuple[int, str]] = field(default_factory=dict)


def verify(plan: Plan, tell: Callable[[str], None] = lambda _line: None) -> Outcome:
    """Run all checks; ``tell`` hears what is done. Raises ArchiveError for an archive that cannot be opened."""
    outcome = Outcome()
    known: dict[str, warc_rows.FileRow] = {}
    rows: list[warc_rows.Row] = []
    with reading(plan.archive) as db:
        try:
            outcome.articles, outcome.captures = warc_rows.counts(db)
            known = warc_rows.known(db)
            rows = warc_rows.sample(db, SAMPLE, plan.seed) if plan.quick else []
        except DatabaseError as error:
            outcome.faults.add([_unreadable("captures", error)])
    present = _present(plan.warc_dir, known)
    outcome.files = len(present)
    outcome.faults.add(_missing(known.values(), set(present)))
    outcome.faults.add(_broken_off(plan))
    sizes = {path: _size(plan.warc_dir / path) for path in present}
    whole = chosen(known, sizes, unsealed=plan.unsealed) if plan.quick else present
    jobs = plan.jobs if sum(sizes[path] for path in whole) > SMALL else 1
    tasks: list[Callable[[], Faults | Reading]] = [partial(check_rows, plan.archive, name) for name in CHECKS]
    files = (partial(check_file, plan.archive, plan.warc_dir, path) for path in whole)
    with _running(jobs) as run:
        for number, done in enumerate(run((*tasks, *files)), 1):
            _take_up(outcome, done)
            tell(f"{number} of {len(tasks) + len(whole)} checks done, {outcome.faults.wrong} faults")
    if plan.quick:
        rows = [row for row in rows if row.file in sizes]
        outcome.faults.add(sampled_faults(plan.warc_dir, rows))
        outcome.records += len(rows)
    _conclude(outcome, known, present, plan.now)
    return outcome


def chosen(known: dict[str, warc_rows.FileRow], sizes: dict[str, int], *, unsealed: bool) -> list[str]:
    """Return the files that a quick look reads whole: the longest unchecked, a `SHARE` of all bytes, at least one.

    With ``unsealed`` also those that have no digest yet.
    """
    left = sum(sizes.values()) / SHARE
    kept = [row for path, row in known.items() if path in sizes and row.sha256 is not None]
    picked: list[str] = []
    for row in sorted(kept, key=lambda row: (row.checked_at or "", row.path)):
        if picked and left < sizes[row.path]:
            break
        picked.append(row.path)
        left -= sizes[row.path]
    others = set(sizes) - {row.path for row in kept} if unsealed else set()
    return sorted({*picked, *others})


def check_rows(archive: Path, name: str) -> Faults:
    """Run one check of the rows over the archive as it is now."""
    found = Faults()
    with reading(archive) as db:
        try:
            found.add(CHECKS[name](db))
        except DatabaseError as error:
            found.add([_unreadable(name, error)])
    return found


def check_file(archive: Path, warc_dir: Path, path: str) -> Reading:
    """Read one WARC file whole beside its rows, as they are now."""
    try:
        with reading(archive) as db:
            db.execute("BEGIN")
            return FileCheck(db, warc_dir, path, merging=_work_folder(archive).exists()).run()
    except OSError as error:
        fault = Fault("file", path, f"expected a file that can be read, found none ({error.strerror})", BRING_BACK)
    except ArchiveError as error:
        fault = _unreadable(path, error)
    broken = Reading(path, whole=False)
    broken.faults.add([fault])
    return broken


def _unreadable(what: str, error: Exception) -> Fault:
    return Fault("integrity", f"the rows of {what}", f"expected rows that can be read, found: {error}", REBUILD)


def seal(plan: Plan, sound: dict[str, tuple[int, str]]) -> None:
    """Keep the digests of files that were read whole and found sound, and when. Raises ArchiveError.

    The one thing of all this that writes to the archive.
    """
    for path in sound:
        to_disk(plan.warc_dir / path)
    with closing(open_archive(plan.archive)) as db, transaction(db):
        for path, (size, digest) in sound.items():
            warc_rows.seal(db.conn, path, size, digest, plan.now)


def against(digests: dict[str, str], listed: dict[str, str], name: str) -> Iterator[Fault]:
    """Give the files of a list kept elsewhere that are not here, or not what they were."""
    for path, digest in sorted(listed.items()):
        found = digests.get(path)
        if found is None:
            said = f"expected the file that {name} lists, found none that is whole"
            yield Fault("manifest", path, said, BRING_BACK)
        elif found != digest:
            said = f"expected the sha256 that {name} lists, {digest}, found {found}"
            yield Fault("manifest", path, said, f"{RESTORE} whose sha256 is that of the list")


def _take_up(outcome: Outcome, done: Faults | Reading) -> None:
    if isinstance(done, Faults):
        outcome.faults.join(done)
        return
    outcome.faults.join(done.faults)
    outcome.files_read += 1
    outcome.records += done.records
    outcome.bytes_read += done.bytes
    if done.whole and not done.faults.wrong:
        outcome.sound[done.path] = (done.bytes, done.sha256)


def _conclude(outcome: Outcome, known: dict[str, warc_rows.FileRow], present: list[str], now: datetime) -> None:
    for path in present:
        if not is_finished(path, now):
            outcome.growing += 1
            outcome.sound.pop(path, None)
            continue
        kept = known[path].sha256 if path in known else None
        read = outcome.sound.get(path)
        digest = kept or (read[1] if read else None)
        if digest:
            outcome.digests[path] = digest


def _present(warc_dir: Path, known: Iterable[str]) -> list[str]:
    """Return the WARC files there are: those found, and those known (behind a link, or with a name of their own)."""
    if not warc_dir.is_dir():
        return []
    return sorted({*files_in(warc_dir), *(p for p in known if not _leads_out(p) and (warc_dir / p).is_file())})


def _leads_out(path: str) -> bool:
    return Path(path).is_absolute() or ".." in Path(path).parts


def _missing(rows: Iterable[warc_rows.FileRow], present: set[str]) -> Iterator[Fault]:
    for row in rows:
        if row.path in present:
            continue
        found = "a path that leads out of it" if _leads_out(row.path) else "no such file"
        said = f"expected it below WARC_DIR, {row.records} captures have their records in it, found {found}"
        yield Fault("file", row.path, said, BRING_BACK)


def _work_folder(archive: Path) -> Path:
    """Return the folder that a merge makes beside the archive, and removes at its end."""
    return archive.with_name(archive.name + COMING)


def _broken_off(plan: Plan) -> Iterator[Fault]:
    folder = _work_folder(plan.archive)
    if folder.exists():
        copies = sum(1 for _ in plan.warc_dir.rglob(f"*{COMING}"))
        said = f"expected no merge under way, found this folder and {copies} copies of WARC files not in their place"
        remedy = f"if no merge runs, one was killed: {MERGE_AGAIN}, it removes both (or remove them by hand)"
        yield Fault("merge", str(folder), said, remedy, harmless=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextmanager
def _running(jobs: int) -> Iterator[Callable[[Iterable[Callable[[], Faults | Reading]]], Iterator[Faults | Reading]]]:
    if jobs < 2:
        yield lambda tasks: (task() for task in tasks)
        return
    with pool_of(jobs) as pool:
        yield partial(_in_order, pool, jobs * AHEAD)


def _in_order(
    pool: ProcessPoolExecutor, ahead: int, tasks: Iterable[Callable[[], Faults | Reading]]
) -> Iterator[Faults | Reading]:
    """Give what the tasks return in their order; only so many wait at a time."""
    left = iter(tasks)
    waiting = _begun(pool, left, ahead)
    while waiting:
        yield waiting.pop(0).result()
        waiting += _begun(pool, left, 1)


def _begun(
    pool: ProcessPoolExecutor, left: Iterator[Callable[[], Faults | Reading]], count: int
) -> list[Future[Faults | Reading]]:
    with starting():
        return [pool.submit(task) for task in islice(left, count)]
