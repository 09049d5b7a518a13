"""Knows the pictures that were captured with articles: shown from their WARC records, ``/-/image/<sha256>``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response

from browse.archive import first_archive, rows
from pipelines.pictures import raster_type
from pipelines.records import WARC_DIR, RecordError, header, read_record

IMAGE = "/-/image/"
WORD = re.compile(r"\w+")
UNSHOWN = ("image/svg", "image/tiff", "image/heic", "image/heif", "image/bmp", "image/x-")
"""Media types of pictures that are kept and not shown: SVG may hold scripts, others few browsers know."""
HELD = """
SELECT c.warc_file, c.warc_offset FROM captures c WHERE c.payload_digest = :digest AND c.record = 'response'
AND c.status = 200 AND c.truncated IS NULL AND EXISTS (SELECT 1 FROM images i JOIN articles a ON a.id = i.article_id
  WHERE i.payload_digest = :digest AND a.visibility = 'public')
ORDER BY c.fetched_at
"""
FOR_GOOD = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
}
"""What is named by its digest never changes, and nothing in it is ever run."""


def told(image: dict[str, Any]) -> dict[str, Any]:
    """Return what a page says of an article's picture; ``path`` is where it is shown, None for one that is not."""
    headers = json.loads(image.pop("headers") or "[]")
    media = (header(headers, "Content-Type") or "").strip().lower()
    digest = image["payload_digest"]
    shown = digest and not media.startswith(UNSHOWN)
    return image | {"path": IMAGE + digest.removeprefix("sha256:") if shown else None}


def has_told(caption: str | None, credit: str | None) -> bool:
    """Say whether a caption names who took the picture itself, so that the credit would say it twice."""
    said, named = (f" {' '.join(WORD.findall((text or '').casefold()))} " for text in (caption, credit))
    return named in said


async def image_file(datasette: Any, request: Any) -> Any:
    """Answer with a picture of a public article. Raises NotFound for any other, and for one that cannot be read."""
    await datasette.ensure_permissions(request.actor, ["view-instance"])
    database, digest = first_archive(datasette), f"sha256:{request.url_vars['digest']}"
    found = rows(await database.execute(HELD, {"digest": digest})) if database else []
    for row in found:
        body = await asyncio.to_thread(_body, warc_dir(database), row, digest)
        media = raster_type(body) if body else None
        if body and media:
            return Response(body, headers={"content-length": str(len(body)), **FOR_GOOD}, content_type=media)
    raise NotFound("Không có ảnh này. No such picture.")


def warc_dir(database: Any) -> Path:
    """Return where the WARC files of an archive are: where `WARC_DIR` says, else in ``warc`` beside it."""
    return Path(os.environ.get(WARC_DIR) or Path(database.path).resolve().parent / "warc")


def _body(folder: Path, row: dict[str, Any], digest: str) -> bytes | None:
    """Return the picture in a record; None where it cannot be read, or is not what its digest says."""
    try:
        record = read_record(folder, row["warc_file"], row["warc_offset"])
        proved = f"sha256:{hashlib.sha256(record.payload).hexdigest()}" == digest
        return record.body() if proved else None
    except RecordError:
        return None
