"""Tells the kinds of pictures that a page can show without running anything, by their first bytes."""

from __future__ import annotations

HEAD = 32
"""First bytes of a picture that are enough to tell its kind."""
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
BRANDS = (b"avif", b"avis")


def raster_type(body: bytes) -> str | None:
    """Return the media type of a JPEG, PNG, GIF, WebP or AVIF; None of anything else (SVG may hold scripts)."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and any(brand in body[8:HEAD] for brand in BRANDS):
        return "image/avif"
    return next((media for beginning, media in BEGINNINGS if body.startswith(beginning)), None)
