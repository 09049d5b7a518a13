"""Ends a command in order that somebody stops: by Ctrl-C or SIGTERM, with a sentence, and nothing half-done."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class StoppedError(Exception):
    """Somebody stopped the command; ``code`` is what it exits with (128 and the signal's number)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"stopped by {signal.Signals(code - 128).name}")
        self.code = code


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM undo what is under way, then raise StoppedError."""

    def stop(number: int, _frame: object) -> None:
        raise _Stop(number)

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    except _Stop as stopped:
        raise StoppedError(128 + stopped.number) from None
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def say(error: StoppedError, what_now: str) -> int:
    """Say that a command was stopped, and what is to be known then; return its exit code."""
    sys.stderr.write(f"{error}; {what_now}\n")
    return error.code


class _Stop(BaseException):
    """As KeyboardInterrupt is: nothing on the way takes it for an error of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
