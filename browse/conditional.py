"""Knows when a document that a program asks for again and again need not be sent again (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from datasette.utils.asgi import Response


def unless_known(request: Any, body: bytes, media: str, changed: datetime | None = None) -> Any:
    """Answer with ``body``, or with 304 where the visitor says that it has it: by its ETag, else by its time."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag}
    if changed:
        headers["last-modified"] = format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True)
    if _is_known(request.headers, etag, changed):
        return Response("", status=304, headers=headers, content_type=media)
    return Response(body, headers=headers, content_type=media)


def _is_known(headers: Any, etag: str, changed: datetime | None) -> bool:
    named = headers.get("if-none-match")
    if named is not None:
        return named.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in named.split(","))
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since") or "")
    except ValueError:
        return False
    if changed is None:
        return False
    return changed.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))
