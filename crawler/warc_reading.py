"""What stands in WARC and ARC files: every capture of one, the papers' own notes, and what a crash left."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

from pipelines.archive.connection import stamp
from pipelines.corrections import FIELDS, Correction
from pipelines.days import Days
from pipelines.fixity import to_disk
from pipelines.hidings import STATES, Hiding
from pipelines.items import Capture, Kind, RecordKind
from pipelines.records import Entry, RecordError, TornRecordError, entries, header
from pipelines.tombstones import ARC_SCHEME, Tombstone, read_tombstone

logger = logging.getLogger(__name__)

KINDS = get_args(Kind)
DAY = "[0-9]" * 8
PAPER_NOTE = "baotinh-paper"
"""Field of a ``warcinfo``: a JSON object, paper name to its table as in papers.toml."""

CORRECTION_NOTE = "baotinh-correction"
"""Field of a ``metadata`` record: a JSON object, a `Correction`."""
HIDING_NOTE = "baotinh-hiding"
"""The same of a `Hiding`, but for its address, which is the record's."""


def index(path: Path, warc_file: str | None = None) -> Iterator[Capture]:
    """Give every HTTP response and revisit of a WARC or ARC file, gzip or not, in the file's order.

    ``warc_file`` is what captures call the file (its path relative to WARC_DIR; default its name). A
    digest that is not ``sha256:`` is computed, and revisits that name the foreign one are given ours.
    A file cut or damaged gives what stands before, then one warning with file and offset.
    Raises RecordError for a file that cannot be opened.
    """
    reader = _Captures(warc_file or path.name)
    try:
        with path.open("rb") as file:
            for entry in entries(file, reader.warc_file):
                if capture := reader.read(entry):
                    yield capture
    except RecordError as error:
        logger.warning("%s", error)
    except OSError as error:
        raise RecordError(f"{path}: not readable ({error.strerror}); correct the path") from error


def recover(warc_dir: Path, paper: str, after: Mapping[str, int]) -> tuple[Capture, ...]:
    """Return the captures a paper's files hold beyond what the archive knows, and cut what a crash tore.

    ``after`` maps a file (relative to ``warc_dir``) to the end of its last known record, bytes; a file
    not named is read whole. Call it under the `PaperLock`, before anything is written. Raises
    RecordError for a file that ends before what the archive knows of it.
    """
    found: list[Capture] = []
    for path in sorted((warc_dir / paper).glob(f"{paper}-{DAY}.warc.gz")):
        name = path.relative_to(warc_dir).as_posix()
        start, size = after.get(name, 0), path.stat().st_size
        if size < start:
            raise RecordError(
                f"{path}: expected {start} bytes, which the archive knows of, found {size}; "
                "restore the file from a copy"
            )
        found += _recovered(path, name, start)
    return tuple(found)


def _recovered(path: Path, name: str, end: int) -> list[Capture]:
    reader = _Captures(name)
    found = []
    try:
        with path.open("rb") as file:
            for entry in entries(file, name, end):
                capture = reader.read(entry)
                end = entry.offset + entry.finish()
                found += [capture] if capture else []
    except RecordError as error:
        _cut(path, end, keep=not isinstance(error, TornRecordError))
    if found:
        to_disk(path)
    return found


@dataclass(frozen=True, slots=True)
class Notes:
    """What a file notes of papers and of pages.

    ``papers``: the papers' tables of its ``warcinfo`` records (`PAPER_NOTE`), a later one stands.
    ``uids``: WARC-Record-ID of an answer to the permanent id that a ``metadata`` record says its article
    was given; the first stands, for a uid is never computed again. ``corrections``: what curators corrected.
    ``hidings``: what they hid or showed again. ``stones``: what stands where records of articles that were
    erased stood.
    """

    papers: dict[str, dict[str, Any]] = field(default_factory=dict)
    uids: dict[str, str] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    hidings: list[Hiding] = field(default_factory=list)
    stones: list[Tombstone] = field(default_factory=list)


def notes_in(path: Path) -> Notes:
    """Return what a file notes of papers and pages.

    A file cut or damaged gives what stands before; `index` says so. Notes that are no JSON object are
    left out with a warning. Raises RecordError for a file that cannot be opened.
    """
    notes = Notes()
    try:
        with path.open("rb") as file:
            for entry in entries(file, path.name):
                said = said_alone(entry)
                if said and (stone := read_tombstone(said, entry.url, entry.date)):
                    notes.stones.append(stone)
                    continue
                answer = entry.stated("WARC-Refers-To") if entry.kind == "metadata" else None
                if answer and (uid := _fields(entry).get("uid")):
                    notes.uids.setdefault(answer, uid)
                elif entry.kind == "metadata" and not answer and not entry.stated("WARC-Concurrent-To"):
                    notes.corrections.extend(_corrections(dict(said), entry, path.name))
                    notes.hidings.extend(_hidings(dict(said), entry, path.name))
                elif entry.kind == "warcinfo":
                    notes.papers.update(_notes(entry, path.name))
    except RecordError as error:
        logger.debug("%s", error)
    except OSError as error:
        raise RecordError(f"{path}: not readable ({error.strerror}); correct the path") from error
    return notes


def said_alone(entry: Entry) -> list[tuple[str, str]]:
    """Return what a record says that notes something and tells of no other record."""
    about = entry.stated("WARC-Refers-To") or entry.stated("WARC-Concurrent-To")
    alone = entry.kind == "metadata" and not about
    return _pairs(entry) if alone or entry.url.startswith(ARC_SCHEME) else []


class _Captures:
    """Turns the entries of one file into captures, remembering what one entry says of the next."""

    def __init__(self, warc_file: str) -> None:
        self.warc_file = warc_file
        self._about: tuple[str, dict[str, str]] = ("", {})
        self._ours: dict[str, str] = {}

    def read(self, entry: Entry) -> Capture | None:
        """Return the capture of a response or revisit, None of anything else. Raises RecordError."""
        if entry.kind == "metadata":
            self._about = (entry.stated("WARC-Concurrent-To") or "", _fields(entry))
        rendered = _is_rendering(entry)
        status = 200 if rendered else entry.status
        if status is None or not (rendered or entry.kind in ("response", "revisit")):
            return None
        date = entry.date
        if date is None:
            logger.warning("%s: expected a WARC-Date, found none; the record is left out", entry.where)
            return None
        digest = self._digest(entry)
        length = entry.finish()
        record_id, about = self._about
        told = about if record_id and record_id == entry.stated("WARC-Record-ID") else {}
        return Capture(
            url=entry.url,
            fetched_at=date,
            status=status,
            headers=entry.headers,
            warc_file=self.warc_file,
            warc_offset=entry.offset,
            warc_length=length,
            payload_digest=digest,
            etag="" if rendered else header(entry.headers, "ETag"),
            last_modified="" if rendered else header(entry.headers, "Last-Modified"),
            record=cast("RecordKind", entry.kind),
            truncated=entry.stated("WARC-Truncated"),
            kind="article" if rendered else _kind(told.get("kind")),
            via=told.get("via"),
            record_id=entry.stated("WARC-Record-ID") or "",
            backfill=_days(told.get("backfill")),
        )

    def _digest(self, entry: Entry) -> str:
        stated = entry.stated("WARC-Payload-Digest") or ""
        if stated.startswith("sha256:") and len(stated) == len("sha256:") + 64:
            return stated
        if entry.kind == "revisit":
            return self._ours.get(stated, stated)
        computed = entry.sha256()
        if stated:
            self._ours[stated] = computed
        return computed


def _is_rendering(entry: Entry) -> bool:
    """Say whether a record is what a browser made of a page; others' conversions (WET's plain text) are none."""
    return (
        entry.kind == "conversion"
        and entry.url.startswith(("http:", "https:"))
        and entry.stated("WARC-Refers-To") is not None
        and (entry.stated("Content-Type") or "").startswith("text/html")
    )


def _days(told: str | None) -> str | None:
    """Return the days of a backfill if they are such."""
    try:
        return str(Days.read(told)) if told else None
    except ValueError:
        return None


def _kind(told: str | None) -> Kind | None:
    return cast("Kind", told) if told in KINDS else None


def _fields(entry: Entry) -> dict[str, str]:
    return dict(_pairs(entry))


def _pairs(entry: Entry) -> list[tuple[str, str]]:
    lines = entry.payload().decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines)
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon]


def _notes(entry: Entry, place: str) -> dict[str, dict[str, Any]]:
    note = _fields(entry).get(PAPER_NOTE)
    if not note:
        return {}
    try:
        tables = json.loads(note)
    except ValueError:
        tables = None
    if isinstance(tables, dict) and all(isinstance(table, dict) for table in tables.values()):
        return tables
    _left_out(entry, place, PAPER_NOTE, "of tables", note)
    return {}


def _corrections(said: Mapping[str, str], entry: Entry, place: str) -> list[Correction]:
    told = said.get(CORRECTION_NOTE)
    if not told:
        return []
    try:
        found = Correction(**json.loads(told))
        sound = found.field in FIELDS and all(isinstance(v, str) for n, v in asdict(found).items() if n != "value")
        moment = datetime.fromisoformat(found.made_at)
    except (ValueError, TypeError):
        sound = False
    if sound and moment.tzinfo and isinstance(found.value, str | None):
        return [replace(found, made_at=stamp(moment))]
    _left_out(entry, place, CORRECTION_NOTE, "of a correction", told)
    return []


def _hidings(said: Mapping[str, str], entry: Entry, place: str) -> list[Hiding]:
    told = said.get(HIDING_NOTE)
    if not told:
        return []
    try:
        found = json.loads(told)
        uid, reason, state = found["uid"], found.get("reason", ""), found["state"]
        at = datetime.fromisoformat(found["at"])
    except (ValueError, TypeError, KeyError, AttributeError):
        uid = None
    if isinstance(uid, str) and isinstance(reason, str) and state in STATES and at.tzinfo:
        return [Hiding(uid, entry.url, at.astimezone(UTC), state, reason)]
    _left_out(entry, place, HIDING_NOTE, "of a takedown", told)
    return []


def _left_out(entry: Entry, place: str, name: str, what: str, told: str) -> None:
    logger.warning(
        "%s, offset %d: expected %s to be a JSON object %s, found %.60r; it is left out",
        place,
        entry.offset,
        name,
        what,
        told,
    )


def _cut(path: Path, end: int, *, keep: bool) -> None:
    """Truncate a file behind its last whole record; damage that is no mere torn end is set aside first."""
    excess = path.stat().st_size - end
    if keep:
        aside = path.with_name(f"{path.name}.damaged-{end}")
        with path.open("rb") as file, aside.open("wb") as copy:
            file.seek(end)
            shutil.copyfileobj(file, copy)
        logger.warning("%s: %d damaged bytes behind offset %d were moved to %s", path, excess, end, aside.name)
    else:
        logger.warning("%s: a torn record of %d bytes at offset %d was cut", path, excess, end)
    with path.open("r+b") as file:
        file.truncate(end)
