"""Processes that work for a command: they end with it, however it ends, and leave Ctrl-C and SIGTERM to it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT_TO_THE_COMMAND = {signal.SIGINT, signal.SIGTERM}


def pool_of(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of processes that do not outlive this one; give it work while `starting`."""
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_end_with_parent)


@contextmanager
def starting() -> Iterator[None]:
    """Let processes that are started meanwhile never see the signals that are this one's to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, LEFT_TO_THE_COMMAND)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """End when the process ends that started this one: killed, it cannot say so, and the queue stays open."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait, args=(parent.sentinel,), daemon=True).start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
