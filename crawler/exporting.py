"""Knows how an export is asked for and where it goes: what is chosen, in which format, into a file that is whole."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from crawler.naming import WrongUseError
from crawler.tables import nearest
from pipelines.days import read_day
from pipelines.exports.columns import write_parquet
from pipelines.exports.lines import write_csv, write_jsonl
from pipelines.text import fold

if TYPE_CHECKING:
    from datetime import date

    from pipelines.exports.fields import Row

ROWS: dict[str, Callable[[Iterable[Row], BinaryIO], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
}
WACZ = "wacz"
FORMATS = (*ROWS, WACZ)
LINES = ("jsonl", "csv")
"""Formats that may go to standard output and into gzip."""
STDOUT = "-"
PACKED = ".gz"
RANK = re.compile(r"^(?:tinh|thanhpho|tp)(?=.)")


def chosen_format(given: str | None, out: str) -> str:
    """Return the format: the one given, else the one that ``out`` ends in. Raises WrongUseError."""
    if out == STDOUT and given not in LINES:
        found = f"{given} goes into a file" if given else "found none"
        raise WrongUseError(f"-: to standard output expected --format {' or '.join(LINES)}; {found}")
    ending = Path(out.removesuffix(PACKED)).suffix.lstrip(".")
    found = given or ending
    if found not in FORMATS:
        what = f"found {given!r}" if given else f"and {out!r} does not end in one"
        raise WrongUseError(f"--format: expected {', '.join(FORMATS)}, {what}{nearest(found, FORMATS) or '; add it'}")
    if found == WACZ and not out.endswith(f".{WACZ}"):
        raise WrongUseError(f"{out}: a WACZ has to be called ….wacz (its specification says so); change the name")
    if found not in LINES and out.endswith(PACKED):
        raise WrongUseError(f"{out}: {found} goes into a file and is compressed itself; name one like out.{found}")
    return found


def provinces_named(given: Iterable[str], today: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the provinces as they are written, of today or before 2025, however they were typed.

    Marks, capitals, spaces and signs do not count, nor do ``tỉnh`` and ``TP.`` before the name. Raises
    WrongUseError for one unknown.
    """
    names = {_letters(name): name for now, befores in today.items() for name in (now, *befores)}
    found = []
    for name in given:
        if _letters(name) not in names:
            close = [repr(names[key]) for key in get_close_matches(_letters(name), names, n=3, cutoff=0.6)]
            remedy = f"did you mean {' or '.join(close)}?" if close else "see crawler/provinces.toml"
            raise WrongUseError(f"--province: unknown province {name!r}; {remedy}")
        found.append(names[_letters(name)])
    return tuple(found)


def _letters(name: str) -> str:
    return RANK.sub("", re.sub(r"\W", "", fold(name)))


def days_named(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """Return first and last day, None where not given. Raises WrongUseError for what is no day or no range."""
    try:
        first = read_day("--since", since) if since is not None else None
        last = read_day("--until", until) if until is not None else None
    except ValueError as error:
        raise WrongUseError(str(error)) from None
    if first and last and last < first:
        raise WrongUseError(f"--until: expected {first} (--since) or a day after it, found {last}; change the two")
    return first, last


def check_place(out: str, *, force: bool) -> None:
    """Raise WrongUseError where ``out`` cannot be made, or is there already and ``force`` is not said."""
    path = Path(out)
    if out == STDOUT:
        return
    if not path.parent.is_dir():
        raise WrongUseError(f"{out}: the folder {path.parent} does not exist; make it or name another")
    if path.exists() and not path.is_file():
        raise WrongUseError(f"{out}: expected the name of a file, found something else there; name another")
    if path.exists() and not force:
        raise WrongUseError(f"{out}: is there already; name another, or write over it with --force")


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """Give a file to write that bears the name ``out`` only when it is whole and on the disk; else nothing is left.

    What an export that was killed left of the same name is removed.
    """
    _remove_left(out)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _remove_left(out: Path) -> None:
    for part in out.parent.iterdir():
        pid = part.name.removeprefix(f".{out.name}.").removesuffix(".part")
        if part.name == f".{out.name}.{pid}.part" and pid.isascii() and pid.isdecimal() and not _runs(int(pid)):
            part.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    """Say whether another process of this number runs."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


@contextmanager
def maybe_packed(out: BinaryIO, *, packed: bool) -> Iterator[BinaryIO]:
    """Give ``out``, or gzip into it, without name and time so that equal contents are equal bytes."""
    if not packed:
        yield out
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        yield cast("BinaryIO", file)


def digest_of(path: Path) -> str:
    """Return ``sha256:<hex>`` of a file."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
