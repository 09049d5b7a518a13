"""Says in a few words what the network did instead of answering."""

from __future__ import annotations

from OpenSSL.SSL import Error as TlsError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionClosed

WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (CannotResolveHostError, "the host's name does not resolve; is there a network?"),
    (DownloadConnectionRefusedError, "the host refuses the connection"),
    (DownloadTimeoutError, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (ResponseDataLossError, "the answer was cut off"),
    (EOFError, "the answer was cut off"),
    (ConnectionClosed, "the host hung up before it had answered"),
)
PACKERS = frozenset({"zlib", "gzip", "brotli", "brotlicffi", "zstd"})
"""Modules whose errors say that a body is not packed as its Content-Encoding says."""


def too_large(error: BaseException) -> bool:
    """Say whether Scrapy gave a response up for its size (DOWNLOAD_MAXSIZE, before or after decompression)."""
    return isinstance(error, DownloadCancelledError) or (
        isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)
    )


def sentence(error: BaseException) -> str:
    """Return one line for a failed request, without control characters and at most 200 long."""
    reason = _reason(error)
    plain = f"{type(error).__name__}: {error}" if reason is error else f"the answer is no HTTP: {reason}"
    return printable(_words(reason) or plain)[:200]


def _reason(error: BaseException) -> BaseException:
    """Return the last of the reasons that Twisted gives for a failed download, the error itself where it gives none."""
    reasons = getattr(error.__cause__, "reasons", None) if isinstance(error, DownloadFailedError) else None
    value = getattr(reasons[-1], "value", None) if reasons else None
    return value if isinstance(value, BaseException) else error


def _words(error: BaseException) -> str | None:
    found = next((text for kind, text in WORDS if isinstance(error, kind)), None)
    if found or isinstance(error, IgnoreRequest):
        return found or str(error)
    if isinstance(error, TlsError):
        return f"no secure connection (TLS) could be made: {_told(error)}"
    if PACKERS.intersection(type(error).__module__.split(".")):
        return f"the answer cannot be unpacked, its Content-Encoding is wrong or it is damaged: {error}"
    return None


def _told(error: TlsError) -> str:
    """Return what OpenSSL says, the last of its reasons."""
    told = error.args[0] if error.args else ""
    return str(told[-1][-1]) if isinstance(told, list) and told else str(told)


def printable(text: str) -> str:
    """Return ``text`` as one line that no terminal takes for commands."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
