"""Says in a few words what the network did instead of answering."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (CannotResolveHostError, "the host's name does not resolve; is there a network?"),
    (DownloadConnectionRefusedError, "the host refuses the connection"),
    (DownloadTimeoutError, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (ResponseDataLossError, "the answer was cut off"),
)


def too_large(error: BaseException) -> bool:
    """Say whether Scrapy gave a response up for its size (DOWNLOAD_MAXSIZE, before or after decompression)."""
    return isinstance(error, DownloadCancelledError) or (
        isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)
    )


def sentence(error: BaseException) -> str:
    """Return one line for a failed request, without control characters and at most 200 long."""
    words = next((text for kind, text in WORDS if isinstance(error, kind)), None)
    ours = str(error) if isinstance(error, IgnoreRequest) else f"{type(error).__name__}: {error}"
    found = words or ours
    return printable(found)[:200]


def printable(text: str) -> str:
    """Return ``text`` as one line that no terminal takes for commands."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
