"""What can go wrong at an address: faults that tests and the bad-input rounds hang on a site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.demo.edition import Reply


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer and how it is mishandled: seconds before it, no answer at all, bytes after which it is cut.

    ``reset``: the connection is reset after that, not closed. ``raw``: bytes that are sent instead of an answer.
    """

    reply: Reply
    delay: float = 0
    silent: bool = False
    cut_at: int | None = None
    reset: bool = False
    raw: bytes | None = None


Fault = Callable[[Reply], Trouble]


def slow(seconds: float) -> Fault:
    """Answer rightly, but after ``seconds``."""
    return lambda reply: Trouble(reply, delay=seconds)


def silent() -> Fault:
    """Accept the request and never answer."""
    return lambda reply: Trouble(reply, silent=True)


def status(code: int, *headers: tuple[str, str]) -> Fault:
    """Answer ``code`` with a short page, e.g. ``status(503, ("Retry-After", "3"))``."""
    body = f"<html><body><h1>{code}</h1></body></html>".encode()
    return lambda _: Trouble(Reply(body, code, headers=headers))


def huge(megabytes: int) -> Fault:
    """Answer with an HTML page of that many megabytes."""
    line = "<p>Một dòng chữ lặp lại mãi không thôi.</p>\n".encode()
    body = b"<html><body>" + line * (megabytes * 1_000_000 // len(line) + 1)
    return lambda _: Trouble(Reply(body))


def instead(body: str, content_type: str = "text/html; charset=utf-8") -> Fault:
    """Answer 200 with ``body``: HTML where a feed should be, a feed cut in the middle, nothing at all."""
    return lambda _: Trouble(Reply(body.encode(), content_type=content_type))


def cut(at: int) -> Fault:
    """Promise the whole answer, send ``at`` bytes of it and hang up."""
    return lambda reply: Trouble(reply, cut_at=at)


def reset(at: int) -> Fault:
    """Promise the whole answer, send ``at`` bytes of it and reset the connection."""
    return lambda reply: Trouble(reply, cut_at=at, reset=True)


def raw(sent: bytes) -> Fault:
    """Send these bytes, whatever they are, and hang up."""
    return lambda reply: Trouble(reply, raw=sent)
