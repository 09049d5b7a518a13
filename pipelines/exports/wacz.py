"""Knows WACZ 1.1.1: articles' WARC records, copied byte for byte, with an index, a list of pages and a manifest.

https://specs.webrecorder.net/wacz/1.1.1/. py-wacz makes one from whole WARC files and writes the hour
into it; this one holds the chosen records alone and is the same bytes for the same archive.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from pipelines.archive.exporting import Held, Outlet, Selection
from pipelines.cdxj import SortedLines, line
from pipelines.exports.fields import Row, rows
from pipelines.exports.members import Place, members, pieces
from pipelines.exports.mentions import Mentions, mentions
from pipelines.records import header, opened

VERSION = "1.1.1"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the package: the earliest that ZIP knows. The hour of packing says nothing."""
BLOCK = 1024
"""Index lines packed together; a reader fetches one block."""
ZIP64 = 1 << 31
NO_NAME = re.compile(r"[^a-z0-9._-]+")
ARC = (".arc", ".arc.gz")


class EmptyError(ValueError):
    """There is nothing to pack; the text is one sentence."""


@dataclass
class Packed:
    """What a package came to: articles listed, and left out since only an ARC file or a page of mentions proves them.

    ``records`` were left out since they show some of what was taken down (`pipelines.exports.mentions`).
    """

    articles: int = 0
    in_arc: int = 0
    naming: int = 0
    records: int = 0


class Package:
    """A ZIP that is the same bytes for the same contents, and knows digest and length of each file put in."""

    def __init__(self, out: BinaryIO) -> None:
        self._zip = ZipFile(out, "w")
        self.resources: list[dict[str, Any]] = []

    def put(self, path: str, contents: Iterable[bytes], size: int, *, packed: bool = False) -> None:
        """Add a file of ``size`` bytes, stored as it is, or ``packed``."""
        info = ZipInfo(path, EPOCH)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.create_system, info.external_attr = 3, 0o100644 << 16
        digest, length = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=size >= ZIP64) as file:
            for piece in contents:
                digest.update(piece)
                length += len(piece)
                file.write(piece)
        name = NO_NAME.sub("-", PurePosixPath(path).name.lower())
        told = {"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": length}
        self.resources.append(told)

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        """Write the ZIP's own list of files."""
        self._zip.close()


def write_wacz(outlet: Outlet, selection: Selection, warc_dir: Path, out: BinaryIO) -> Packed:
    """Write the chosen articles as a WACZ; return what came of it.

    It holds the records of the articles' captures of all versions, and those of the same WARC file that tell of
    them (`members`). Left out are articles that an ARC file alone proves, for WACZ takes WARC, and records that
    show what was taken down, with the articles that were read from them. Raises RecordError for a record that cannot
    be read, EmptyError where no record is left: a WACZ holds one at least.
    """
    naming = mentions(outlet.captures(selection), warc_dir, outlet)
    packed = Packed()
    with Package(out) as package:
        with closing(SortedLines()) as index:
            packed.records = _put_archive(package, outlet, selection, warc_dir, index, naming)
            if not package.resources:
                raise EmptyError("no article with a WARC record is chosen, and a WACZ needs one; choose others")
            _put_index(package, index)
        _put_pages(package, outlet, selection, naming, packed)
        manifest = _manifest(package.resources, packed)
        package.put("datapackage.json", [manifest], len(manifest))
        digest = _json({"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(manifest).hexdigest()}"})
        package.put("datapackage-digest.json", [digest], len(digest))
    return packed


def _put_archive(
    package: Package, outlet: Outlet, selection: Selection, warc_dir: Path, index: SortedLines, naming: Mentions
) -> int:
    """Put the records, file by file; return how many are left out since they show what was taken down."""
    left = 0
    for warc_file, group in groupby(outlet.captures(selection), lambda held: held.warc_file):
        if warc_file.endswith(ARC):
            continue
        all_of_it = {held.warc_offset: held for held in group}
        wanted = {at: held for at, held in all_of_it.items() if not naming.hold(warc_file, at, *_payload(held))}
        left += len(all_of_it) - len(wanted)
        if not wanted:
            continue
        with opened(warc_dir, warc_file) as file:
            taken = members(file, warc_file, wanted, outlet.records(warc_file))
            name = _name(warc_file, file)
            copied = _copied(file, taken, wanted, name, index)
            package.put(f"archive/{name}", copied, sum(place.length for place in taken))
    return left


def _payload(held: Held) -> tuple[str, str]:
    return held.record, held.payload_digest


def _name(warc_file: str, file: BinaryIO) -> str:
    """Return a WARC file's name in the flat folder: without its folder where the name begins with that's."""
    path = PurePosixPath(warc_file)
    plain = path.name if path.name.startswith(f"{path.parent.name}-") else warc_file.replace("/", "--")
    file.seek(0)
    ending = ".warc.gz" if file.read(2) == b"\x1f\x8b" else ".warc"
    return plain if plain.endswith(ending) else plain + ending


def _copied(
    file: BinaryIO, taken: Iterable[Place], wanted: dict[int, Held], name: str, index: SortedLines
) -> Iterator[bytes]:
    """Give the bytes of the records one after the other, and tell the index where the captures come to stand."""
    end = 0
    for place in taken:
        digest = hashlib.sha256()
        for piece in pieces(file, place):
            digest.update(piece)
            yield piece
        held = wanted.get(place.offset)
        if held and held.record != "conversion":
            facts = _facts(held) | {"length": str(place.length), "offset": str(end), "filename": name}
            index.add(line(held.url, held.fetched_at, facts | {"recordDigest": f"sha256:{digest.hexdigest()}"}))
        end += place.length


def _facts(held: Held) -> dict[str, str]:
    told = header(json.loads(held.headers), "Content-Type") or ""
    mime = "warc/revisit" if held.record == "revisit" else re.split(r"[;\s]", told.strip(), maxsplit=1)[0]
    digest = {"digest": held.payload_digest} if held.payload_digest else {}
    return {"mime": mime or "unk", "status": str(held.status), **digest}


def _put_index(package: Package, lines: Iterable[str]) -> None:
    """Put the index as blocks of gzip, and the list of the blocks by which a reader finds one."""
    remaining, blocks, end = iter(lines), ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n'], 0
    with TemporaryFile() as packed:
        while block := list(islice(remaining, BLOCK)):
            data = _gzip("".join(block).encode())
            key = block[0].partition("{")[0].strip()
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            blocks.append(f"{key} {json.dumps({'offset': end, 'length': len(data), 'digest': digest})}\n")
            packed.write(data)
            end += len(data)
        package.put("indexes/index.cdx.gz", _from_start(packed), end)
    listed = "".join(blocks).encode()
    package.put("indexes/index.idx", [listed], len(listed), packed=True)


def _put_pages(package: Package, outlet: Outlet, selection: Selection, naming: Mentions, packed: Packed) -> None:
    """Put the list of the articles, each with its text so that a reader can search the package; count them."""
    with TemporaryFile() as pages:
        pages.write(_json({"format": "json-pages-1.0", "id": "pages", "title": "Bài báo", "hasText": True}) + b"\n")
        for row in rows(outlet.articles(selection)):
            place = (row["warc_file"], row["warc_offset"], row["capture_record"], row["payload_digest"])
            if row["warc_file"].endswith(ARC):
                packed.in_arc += 1
            elif naming.hold(*place):
                packed.naming += 1
            else:
                pages.write(_json(_page(row)) + b"\n")
                packed.articles += 1
        package.put("pages/pages.jsonl", _from_start(pages), pages.tell(), packed=True)


def _page(row: Row) -> dict[str, Any]:
    text = "\n".join(part for part in (row["lead"], row["text"]) if part)
    return {
        "id": row["uid"],
        "url": row["capture_url"],
        "ts": f"{row['captured_at'][:19]}Z",
        "title": row["title"],
        "text": text,
        "citation": row["citation_vi"],
    }


def _manifest(resources: list[dict[str, Any]], packed: Packed) -> bytes:
    """Return datapackage.json. It names no ``created``: the contents say what they are, whenever they are packed."""
    said = "Articles of Vietnam's provincial press, as captured; `id` and `citation` of each page cite it."
    if packed.records:
        said += f" {packed.records} records are left out: their pages show an article that was taken down."
    told = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": "Kho báo tỉnh",
        "description": said,
        "software": "baotinh",
        "resources": resources,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _from_start(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(1 << 20):
        yield piece


def _gzip(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return engine.compress(data) + engine.flush()


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()
