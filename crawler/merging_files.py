"""What becomes of an archive's WARC files when it is merged: what each is called here, and which are copied."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.correcting import FOLDER as CORRECTIONS
from crawler.warc_alike import Alike, alike, carry, stones_in
from pipelines.archive.connection import ArchiveError
from pipelines.archive.union.files import are_one, first_record
from pipelines.archive.union.findings import WARC
from pipelines.archive.warc_rows import FileRow, known, rows_in
from pipelines.fixity import COMING, sha256_of
from pipelines.warc_check import sampled_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crawler.warc_alike import Stone
    from pipelines.archive.connection import Database
    from pipelines.archive.union.findings import Findings

CHUNK = 1024 * 1024
APART = re.compile(r"-[0-9a-f]{12}(?=\.)")
"""What `_apart` puts into a name."""
BEGINNING = 64 * 1024
"""Bytes, at most, by whose content a file is told from another of its name: its warcinfo, which has an id."""


@dataclass(frozen=True, slots=True)
class Other:
    """An archive to bring, and the folder of its WARC files."""

    archive: Path
    warc_dir: Path


@dataclass
class Files:
    """What is done with an archive's WARC files.

    ``names`` there to names here; ``coming``: place to the file that is copied there; ``differing``: name there to
    the tombstones that only one of both has, where there are any; ``notes``: names here that no row is to tell of;
    ``ours``: name there to our file, where the other archive has it not beside it.
    """

    names: dict[str, str] = field(default_factory=dict)
    coming: dict[Path, Path] = field(default_factory=dict)
    differing: dict[str, Alike] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    ours: dict[str, Path] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """Return what a file of the other archive is called here."""
        return self.names.get(path, path)

    def stones_here(self) -> Iterator[tuple[str, Stone]]:
        """Give the tombstones that the other archive's files lack, with their names there."""
        return ((path, stone) for path, found in self.differing.items() for stone in found.here)

    def stones_there(self) -> Iterator[tuple[str, Stone]]:
        """Give the tombstones that our files lack, with their names here."""
        return ((self.name(path), stone) for path, found in self.differing.items() for stone in found.there)


@dataclass
class Planner:
    """Says what becomes of each file of ``other``, whose rows are ``copy``; ``copying``: files come, not rows alone."""

    db: Database
    copy: Database
    other: Other
    here: Path
    copying: bool
    findings: Findings
    _held: Held = field(init=False)

    def plan(self) -> Files:
        """Return it. Raises ArchiveError for files that are missing or not what they were sealed as, and OSError."""
        files, missing = Files(), list[str]()
        ours, theirs = known(self.db.conn), known(self.copy.conn)
        self._held = Held(self.here, ours.values())
        for path, row in {**self._notes(theirs), **theirs}.items():
            if Path(path).is_absolute() or ".." in Path(path).parts:
                raise ArchiveError(
                    f"{self.other.archive}: {path!r} leads out of its WARC_DIR; correct table warc_files"
                )
            source = self.other.warc_dir / path
            if source.is_file():
                self._plan_file(path, source, row, ours, files)
            elif not self._is_absent(path, row, ours, files) and self.copying:
                missing.append(path)
            if path not in theirs:
                files.notes.add(files.name(path))
        if missing:
            raise ArchiveError(
                f"{self.other.archive}: {len(missing)} of its WARC files are not in {self.other.warc_dir} "
                f"({missing[0]}, ...); name their folder with --warc, or bring rows alone with --no-copy and the "
                "files by other means"
            )
        return files

    def _notes(self, theirs: Mapping[str, FileRow]) -> dict[str, FileRow]:
        """Return the files of the other's corrections, of which no row tells."""
        found = (self.other.warc_dir / CORRECTIONS).glob(f"{CORRECTIONS}-*.warc.gz")
        names = sorted(path.relative_to(self.other.warc_dir).as_posix() for path in found)
        return {name: FileRow(name, 0, 0, None, None, None) for name in names if name not in theirs}

    def _plan_file(self, path: str, source: Path, row: FileRow, ours: Mapping[str, FileRow], files: Files) -> None:
        sealed = self._held.sealed_alike(source, row, ours.get(path))
        if sealed is not None:
            self._call(path, sealed, ours, files)
            return
        name, comes, found = _named(
            source, self.here, path, self._held.family(path), one=are_one(self.db, self.copy, path)
        )
        if comes:
            _check_digest(source, row)
        if self.copying:
            _check_length(source, row, held=None if comes else standing(self.here / name))
        if comes and self.copying:
            self._check_records(path, source, row)
        if found != Alike():
            files.differing[path] = found
        self._call(path, name, ours, files)
        twin = files.coming.get(self.here / name)
        if comes and self.copying and (twin is None or twin.stat().st_size < source.stat().st_size):
            files.coming[self.here / name] = source

    def _check_records(self, path: str, source: Path, row: FileRow) -> None:
        """Raise ArchiveError for a file without a digest that holds a record otherwise than its row says."""
        if row.sha256 and source.stat().st_size == row.bytes:
            return
        faults = list(sampled_faults(self.other.warc_dir, list(rows_in(self.copy.conn, path))))
        if faults:
            raise ArchiveError(
                f"{source}: expected the records of {row.records} captures of the other archive, found {len(faults)} "
                f"damaged, the first at {faults[0].place} ({faults[0].said}); restore the file from a copy, or bring "
                "rows alone with --no-copy"
            )

    def _is_absent(self, path: str, row: FileRow, ours: Mapping[str, FileRow], files: Files) -> bool:
        """Name a file that the other archive has not beside it; return whether all of it is here."""
        one, place = are_one(self.db, self.copy, path), self.here / path
        if not one and place.is_file():
            stones = stones_in(place)
            one = bool(stones) and are_one(self.db, self.copy, path, {stone.offset for stone in stones})
            if one:
                files.differing[path] = Alike(here=tuple(stones))
        self._call(path, path if one else _apart(path, first_record(self.copy, path)), ours, files)
        whole = one and place.is_file() and place.stat().st_size >= row.end
        if whole:
            files.ours[path] = place
        return whole

    def _call(self, path: str, name: str, ours: Mapping[str, FileRow], files: Files) -> None:
        """Note what a file is called here, and say so the first time."""
        if name == path:
            return
        files.names[path] = name
        if name not in ours and not (self.here / name).exists():
            self.findings.differ(WARC, path, f"another file of this name is here; the other's is {name}")


def _named(source: Path, here: Path, path: str, family: Iterable[str], *, one: bool) -> tuple[str, bool, Alike]:
    """Return what a file is called here, whether it is to be copied, and in which tombstones it differs.

    It is not copied where all of it is here already, under one of the names of its ``family``.
    ``one``: the rows of both archives can be of one file.
    """
    for name in family:
        place = standing(here / name)
        if place.samefile(source):
            return name, False, Alike()
        if found := alike(place, source):
            return name, source.stat().st_size > place.stat().st_size, found
    for name in (path, _apart(path, _beginning(source)), _apart(path, sha256_of(source))):
        if not standing(here / name).exists() and (name != path or one):
            return name, True, Alike()
    raise ArchiveError(f"{place}: expected the bytes its name says, found others; move it away")


class Held:
    """The files that are here before a merge, so that one is found under whatever name it has."""

    def __init__(self, here: Path, rows: Iterable[FileRow]) -> None:
        self._here = here
        self._sealed = {row.sha256: row for row in rows if row.sha256 is not None}
        self._families: dict[str, dict[str, list[str]]] = {}

    def sealed_alike(self, source: Path, theirs: FileRow, ours: FileRow | None) -> str | None:
        """Return the name here of a file that is as it is there by both digests, so that it need not be read."""
        if theirs.sha256 is None or source.stat().st_size != theirs.bytes:
            return None
        for row in filter(None, (ours, self._sealed.get(theirs.sha256))):
            place = self._here / row.path
            same = (row.sha256, row.bytes) == (theirs.sha256, theirs.bytes)
            if same and place.is_file() and place.stat().st_size == row.bytes:
                return row.path
        return None

    def family(self, path: str) -> list[str]:
        """Return the files that can be this one: of its name, and of the names that merges make of it."""
        folder, slash, name = path.rpartition("/")
        if folder not in self._families:
            found: dict[str, list[str]] = {}
            self._families[folder] = found
            beside = (self._here / folder).iterdir() if (self._here / folder).is_dir() else iter(())
            for other in sorted({place.name.removesuffix(COMING) for place in beside}):
                found.setdefault(APART.sub("", other), []).append(other)
        made = self._families[folder].get(APART.sub("", name), [])
        return [f"{folder}{slash}{other}" for other in sorted(made, key=lambda other: other != name)]


def _apart(path: str, what: str) -> str:
    """Return another name for a file, the same each time for the same ``what``."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.partition(".")
    return f"{folder}{slash}{stem}-{hashlib.sha256(what.encode()).hexdigest()[:12]}{dot}{ending}"


def _beginning(path: Path) -> str:
    """Return what a file is known by while it grows: the digest of its first record."""
    with path.open("rb") as file:
        raw = file.read(BEGINNING)
    if raw.startswith(b"\x1f\x8b"):
        raw = zlib.decompressobj(31).decompress(raw, BEGINNING)
    return hashlib.sha256(raw).hexdigest()


def _check_digest(source: Path, row: FileRow) -> None:
    if row.sha256 and source.stat().st_size == row.bytes and sha256_of(source) != row.sha256:
        raise ArchiveError(f"{source}: expected sha256 {row.sha256}, found another; restore the file from a copy")


def _check_length(source: Path, row: FileRow, held: Path | None) -> None:
    """Raise ArchiveError for a file that lost its end; ``held`` is ours where we have all that is left of it."""
    found = source.stat().st_size
    least = max(row.end, row.bytes or 0)
    if max(found, held.stat().st_size if held else 0) < least:
        raise ArchiveError(
            f"{source}: expected at least {least} bytes, in which {row.records} captures of the other archive have "
            f"their records, found {found}; restore the file from a copy (see what 'scrapy verify' says there)"
        )


def copy_in(source: Path, place: Path, stones: Iterable[Stone]) -> None:
    """Copy a file beside its place, with these tombstones of the one that is there, and bring it to the disk."""
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f"{place.name}.new{COMING}")
    with source.open("rb") as file, new.open("wb") as copy:
        shutil.copyfileobj(file, copy, CHUNK)
    carry(stones, standing(place), new)
    with new.open("rb+") as copy:
        os.fsync(copy.fileno())
    new.replace(place.with_name(place.name + COMING))


def standing(place: Path) -> Path:
    """Return where the bytes of a place are: beside it while the merge is not complete."""
    coming = place.with_name(place.name + COMING)
    return coming if coming.exists() else place
