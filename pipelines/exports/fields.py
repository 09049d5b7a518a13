"""Knows the fields of an exported article: their order, their types, and the line it is cited by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pipelines.citation import Cited, citation

Type = Literal["text", "number", "moment", "day", "texts", "images", "map"]
"""``moment``: UTC; ``day``: local; ``images``: url, caption, credit, payload_digest, bytes; ``map``: text to text."""
Row = Mapping[str, Any]

FIELDS: dict[str, Type] = {
    "uid": "text",
    "paper": "text",
    "paper_title": "text",
    "province": "text",
    "provinces_before": "texts",
    "url": "text",
    "title": "text",
    "lead": "text",
    "author": "text",
    "authors": "texts",
    "source": "text",
    "byline_printed": "text",
    "published": "text",
    "published_date": "day",
    "published_precision": "text",
    "modified": "text",
    "section": "text",
    "tags": "texts",
    "language": "text",
    "words": "number",
    "text": "text",
    "captions": "texts",
    "images": "images",
    "citation_vi": "text",
    "citation_en": "text",
    "captured_at": "moment",
    "capture_url": "text",
    "capture_record": "text",
    "http_status": "number",
    "payload_digest": "text",
    "warc_file": "text",
    "warc_offset": "number",
    "warc_length": "number",
    "first_seen": "moment",
    "last_seen": "moment",
    "gone_at": "moment",
    "revisions": "number",
    "copy_of": "texts",
    "story": "text",
    "other_urls": "texts",
    "other_uids": "texts",
    "url_key": "text",
    "newsroom_id": "text",
    "content_sha256": "text",
    "text_sha256": "text",
    "template": "text",
    "extractor": "text",
    "furniture_version": "number",
    "confidence": "text",
    "provenance": "map",
    "visibility": "text",
}
"""Every field, in the order of the files. ``published`` and ``modified`` are as printed, at +07:00 or the day alone."""
STRUCTURED: tuple[Type, ...] = ("texts", "images", "map")
"""Types that the archive's rows and CSV hold as JSON."""


def rows(articles: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Give each article as all `FIELDS`, lists and maps as such. The articles are as the archive gives them."""
    for article in articles:
        cited = Cited.of(article)
        known = dict(article) | {"citation_vi": citation(cited, "vi"), "citation_en": citation(cited, "en")}
        yield {name: _value(known[name], kind) for name, kind in FIELDS.items()}


def _value(stored: Any, kind: Type) -> Any:
    return json.loads(stored) if kind in STRUCTURED else stored
