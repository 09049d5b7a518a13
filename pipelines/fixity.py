"""Whether WARC files are, byte for byte, what they were: which are finished, their digests, the list to keep elsewhere.

Paths are relative to WARC_DIR, with slashes. The list has the form of ``sha256sum`` (``<64 hex>  <path>``), so
that a machine without this software can check it: ``cd warc && sha256sum -c LIST``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
"""How the names of WARC and ARC files end."""
COMING = ".merging"
"""Ending of WARC files that a merge copies and that are not in their place yet, and of the folder it works in."""
OURS = re.compile(r"(?P<paper>[^/]+)/(?P=paper)-(?P<day>\d{8})\.warc\.gz")
"""A file that a crawl writes: a paper's of one day (UTC)."""
LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9a-fA-F]{64}) [ *](?P<path>.+)")


class ManifestError(ValueError):
    """A list cannot be read or written; the text is one sentence: where, what was expected and found, what to do."""


def paper_of(path: str) -> str | None:
    """Return the paper whose crawls write the file, or None for a file of others."""
    ours = OURS.fullmatch(path)
    return ours["paper"] if ours else None


def is_finished(path: str, now: datetime) -> bool:
    """Say whether a file will not grow any more: another's, or one of ours of a day that is over (UTC)."""
    ours = OURS.fullmatch(path)
    return ours is None or ours["day"] < f"{now:%Y%m%d}"


def files_in(warc_dir: Path) -> Iterator[str]:
    """Give the WARC and ARC files below a folder, sorted by path."""
    found = (p.relative_to(warc_dir).as_posix() for p in warc_dir.rglob("*") if p.name.endswith(ENDINGS))
    return iter(sorted(path for path in found if (warc_dir / path).is_file()))


def paper_files(warc_dir: Path, paper: str) -> list[str]:
    """Return the files that crawls of a paper wrote, oldest first."""
    found = (p.relative_to(warc_dir).as_posix() for p in (warc_dir / paper).glob(f"{paper}-*.warc.gz"))
    return sorted(path for path in found if paper_of(path))


def sha256_of(path: Path) -> str:
    """Return the hex digest of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_disk(path: Path) -> None:
    """Wait until a file is on the disk as it is read now, whoever wrote it: what is noted of it must outlast the power.

    Raises OSError; a file on a medium that cannot be written is there already.
    """
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):
            raise
    finally:
        os.close(fd)


def outlasting(path: Path) -> tuple[int, str]:
    """Return size and hex digest of a file that is on the disk by then. Raises OSError."""
    to_disk(path)
    return path.stat().st_size, sha256_of(path)


def manifest(digests: Mapping[str, str]) -> str:
    """Return the list of files and their digests: sorted by path, the same for the same files, as sha256sum has it."""
    return "".join(_line(path, digests[path]) for path in sorted(digests))


def _line(path: str, digest: str) -> str:
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == path else chr(92)}{digest}  {escaped}\n"


def read_manifest(lines: Iterable[str], name: str) -> dict[str, str]:
    """Return the digests of a list by path; ``name`` names it in errors. Raises ManifestError."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        told = LINE.fullmatch(line.rstrip("\n"))
        if told is None:
            raise ManifestError(
                f"{name}, line {number}: expected '<64 hex digits>  <path>' as sha256sum writes it, found "
                f"{line.rstrip()[:60]!r}; give a list that 'scrapy verify --manifest' wrote"
            )
        path = told["path"]
        if told["escaped"]:
            path = re.sub(r"\\([nr\\])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), path)
        found[path.removeprefix("./")] = told["digest"].lower()
    return found
