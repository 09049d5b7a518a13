"""Knows an article's captures as they were stored: ``/a/<uid>/warc``, one record, and ``/a/<uid>/raw``, its page.

``capture`` is one of the article's captures by number; without it that which the article was read from. The page is
shown in a frame in which nothing runs and nothing is fetched.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.utils.asgi import Forbidden, NotFound, Response

from browse.answering import page, text_of
from browse.archive import rows
from browse.images import warc_dir
from browse.uids import UID, of_article
from browse.withheld import OWN, shows_others
from pipelines.charset import decode_vietnamese
from pipelines.codings import unpacked
from pipelines.records import RecordError, header, opened, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.records import Record

MEGABYTE = 1_000_000
LARGEST_PAGE = 5 * MEGABYTE
"""Bytes of a page that is shown."""
LARGEST_RECORD = 64 * MEGABYTE
"""Bytes of a record that is given out, as stored."""
NUMBER = re.compile(r"[0-9]{1,18}")
CAPTURE = (
    "SELECT c.id, c.url, c.fetched_at, c.status, c.record, c.warc_file, c.warc_offset, c.warc_length, "
    "c.payload_digest FROM captures c"
)
ONE = f"{CAPTURE} WHERE c.id = :capture AND {OWN}"
REPEATED = f"""
SELECT * FROM ({CAPTURE} WHERE c.payload_digest = :digest AND c.payload_digest <> '' AND c.record = 'response'
  AND (c.article_id IS NULL OR EXISTS (SELECT 1 FROM articles f WHERE f.id = c.article_id AND f.visibility = 'public'))
  ORDER BY c.fetched_at DESC LIMIT 1)
UNION ALL SELECT * FROM ({CAPTURE} WHERE c.article_id = :id AND c.url = :url AND c.record = 'response'
  AND c.status = 200 AND c.fetched_at <= :at AND {OWN} ORDER BY c.fetched_at DESC LIMIT 1)
"""
"""The answer whose body a revisit names, else, for one that only says that nothing changed, the one before it."""
NOTHING_RUNS = {
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
FRAME_STAYS = {"content-security-policy": "frame-src 'self'"}
"""A link in the framed page leads nowhere: the frame shows this site alone."""
CONNECTS = re.compile(r"<(link|iframe|frame)(?=[\s/>])", re.IGNORECASE)
STILL = {"link": 'rel="none"', "iframe": 'srcdoc="" src="about:blank"', "frame": 'src="about:blank"'}
"""No policy keeps Chromium from connecting, without asking anything, to what a frame or ``<link rel="preconnect">``
names. These tags get another target before their own: of an attribute that stands twice, browsers take the first."""
BEGUN = re.compile(r"^\s*(?:<!doctype[^>]*>)?", re.IGNORECASE)
"""What a page begins with: nothing may stand before its document type, or browsers draw it as of 1998."""
MARKUP = ("text/html", "application/xhtml+xml", "")
WORDS = ("text/", "application/json", "application/xml", "application/rss+xml", "application/atom+xml")
NO_CAPTURE = "Bài này không có bản chụp ấy. No such capture of this article."
AWAY = (
    "Tệp WARC giữ bản chụp này hiện không có ở đây, hay không đọc được. "
    "The WARC file that holds this capture is not here, or cannot be read."
)
WITHHELD = (
    "Trang này không được cho xem vì nó in cả nội dung của bài đã gỡ. "
    "This page is not shown: it shows some of an article that was taken down."
)
TOO_LARGE = (
    "Trang này lớn hơn 5 MB nên không mở ở đây; xin tải bản ghi WARC. "
    "This page is larger than 5 MB and is not shown here; download its WARC record."
)
NO_TEXT = (
    "Bản chụp này không phải trang chữ, xin tải bản ghi WARC. "
    "This capture is no page of text; download its WARC record."
)


@hookimpl(specname="register_routes")
def capture_routes() -> list[tuple[str, Any]]:
    """Give an article's WARC record and its page as captured their addresses."""
    return [
        (rf"^/a/{UID}(?P<rest>/warc)$", warc_record),
        (rf"^/a/{UID}(?P<rest>/raw)$", raw),
        (rf"^/a/{UID}(?P<rest>/raw/page)$", raw_page),
    ]


@of_article
async def warc_record(_datasette: Any, request: Any, database: Any, article: dict[str, Any]) -> Any:
    """Answer with one record, byte for byte as it stands in its file: where that is packed, a gzip member.

    Raises NotFound for what is no capture of the article, one that is withheld, and one whose file is away.
    """
    capture = await _capture(database, request, article)
    record = await _read(database, capture)
    if await shows_others(database, article, record):
        raise NotFound(WITHHELD)
    data = await asyncio.to_thread(_bytes, warc_dir(database), capture)
    at = datetime.fromisoformat(capture["fetched_at"])
    ending = re.search(r"\.(?:warc|arc)(?:\.gz)?$", capture["warc_file"])
    name = f"{article['uid']}-{at:%Y%m%dT%H%M%SZ}{ending[0] if ending else '.warc'}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(data, headers=headers, content_type="application/warc")


@of_article
async def raw(datasette: Any, request: Any, database: Any, article: dict[str, Any]) -> Any:
    """Answer with a page that frames the captured one, or says why it is not shown."""
    capture = await _capture(database, request, article)
    await _shown(database, article, capture)
    told = {"article": article, "capture": capture, "database": database.name}
    answer = await page(datasette, request, "raw.html", told)
    answer.headers.update(FRAME_STAYS)
    return answer


@of_article
async def raw_page(_datasette: Any, request: Any, database: Any, article: dict[str, Any]) -> Any:
    """Answer with the captured page in UTF-8, under a policy by which nothing runs and nothing is fetched.

    Raises NotFound as `warc_record`, Forbidden for a page over `LARGEST_PAGE` and for what is no text.
    """
    media, text = await _shown(database, article, await _capture(database, request, article))
    kind = "text/html" if media in MARKUP else "text/plain"
    body = stilled(text) if media in MARKUP else text
    return Response(body.encode("utf-8", "replace"), headers=NOTHING_RUNS, content_type=f"{kind}; charset=utf-8")


def stilled(html: str) -> str:
    """Return a page with what makes a browser connect before any policy is asked pointed at nothing.

    Its links want a window of their own, which the frame does not get: they are dead, not led to pages of ours.
    """
    stilled = CONNECTS.sub(lambda tag: f"{tag[0]} {STILL[tag[1].lower()]}", html)
    return BEGUN.sub(lambda begun: f'{begun[0]}<base target="_blank">', stilled, count=1)


async def _capture(database: Any, request: Any, article: dict[str, Any]) -> dict[str, Any]:
    """Return the capture that is asked for. Raises NotFound for one that is none of the article, or withheld."""
    typed = text_of(request, "capture")
    number = int(typed) if NUMBER.fullmatch(typed) else None if typed else article["capture_id"]
    found = await database.execute(ONE, {"capture": number, "id": article["id"]}) if number is not None else None
    if found is None or not found.rows:
        raise NotFound(NO_CAPTURE)
    return dict(found.rows[0])


async def _read(database: Any, capture: dict[str, Any]) -> Record:
    """Return the record of a capture. Raises NotFound where it cannot be read, or is another."""
    try:
        record = await asyncio.to_thread(read_record, warc_dir(database), capture["warc_file"], capture["warc_offset"])
    except RecordError:
        raise NotFound(AWAY) from None
    if not _is_that(record, capture):
        raise NotFound(AWAY)
    return record


def _is_that(record: Record, capture: dict[str, Any]) -> bool:
    """Say whether a record is the one that was captured: the file may have been put back wrongly, or erased."""
    if record.kind != capture["record"] or record.length != capture["warc_length"]:
        return False
    digest = capture["payload_digest"]
    proved = record.kind == "revisit" or not digest.startswith("sha256:")
    return proved or f"sha256:{hashlib.sha256(record.payload).hexdigest()}" == digest


def _bytes(folder: Path, capture: dict[str, Any]) -> bytes:
    if capture["warc_length"] > LARGEST_RECORD:
        raise Forbidden("Bản ghi này lớn hơn 64 MB. This record is larger than 64 MB.")
    with opened(folder, capture["warc_file"]) as file:
        file.seek(capture["warc_offset"])
        return file.read(capture["warc_length"])


async def _shown(database: Any, article: dict[str, Any], capture: dict[str, Any]) -> tuple[str, str]:
    """Return media type and text of a captured page. Raises as `raw_page`."""
    if capture["record"] == "revisit":
        capture = await _repeated(database, article, capture)
    record = await _read(database, capture)
    if await shows_others(database, article, record):
        raise NotFound(WITHHELD)
    media = (header(record.headers, "Content-Type") or "").partition(";")[0].strip().lower()
    if media not in MARKUP and not media.startswith(WORDS):
        raise Forbidden(NO_TEXT)
    return media, await asyncio.to_thread(_text, record)


async def _repeated(database: Any, article: dict[str, Any], revisit: dict[str, Any]) -> dict[str, Any]:
    """Return the capture that has the body of a revisit. Raises NotFound where there is none."""
    asked = {"digest": revisit["payload_digest"], "at": revisit["fetched_at"], "url": revisit["url"]}
    found = rows(await database.execute(REPEATED, {**asked, "id": article["id"]}))
    if not found:
        raise NotFound(AWAY)
    return found[0]


def _text(record: Record) -> str:
    """Return a record's body as text. Raises NotFound where its coding is broken, Forbidden beyond `LARGEST_PAGE`."""
    if len(record.payload) > LARGEST_PAGE:
        raise Forbidden(TOO_LARGE)
    try:
        body = unpacked(record.body(), LARGEST_PAGE + 1)
    except RecordError:
        raise NotFound(AWAY) from None
    if len(body) > LARGEST_PAGE:
        raise Forbidden(TOO_LARGE)
    return decode_vietnamese(body, header(record.headers, "Content-Type") or "")
