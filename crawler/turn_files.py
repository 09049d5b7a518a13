"""Keeps a small file a host, by which all crawls of this machine take turns at it.

A turn is a lock on the file, which the system frees when its holder dies; the file's time is when the host was last
seen to be busy with us, so that a pause outlives the process that made it.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path


class Turn:
    """One host's turn, ours from `try_take` to `give_back` or `close`; ``path``: its file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def try_take(self, pause: float) -> bool:
        """Take the turn if nobody has it and no pause of so many seconds is left."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if self.left(pause) <= 0:
            return True
        self.give_back()
        return False

    def left(self, pause: float) -> float:
        """Return the seconds that are left of a pause of so many since the host was last busy with us."""
        found = os.fstat(self._file)
        return min(found.st_mtime + pause - time.time(), pause) if found.st_size else 0.0

    def mark(self) -> None:
        """Write down that the host is busy with us now."""
        if not os.fstat(self._file).st_size:
            os.write(self._file, b"1")
        now = time.time_ns()  # the system's own stamp may be some milliseconds old
        os.utime(self._file, ns=(now, now))

    def give_back(self) -> None:
        """Let others have the turn."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the turn up."""
        os.close(self._file)


class TurnFiles:
    """The folder of the turns' files, the operator's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self) -> None:
        """Make the folder. Raises OSError with a sentence where it cannot be written."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise PermissionError(0, "it is another user's")
        except OSError as error:
            raise OSError(
                f"setting TURNS_DIR: {self._folder} cannot be written ({error.strerror}); correct it"
            ) from error

    def turn(self, host: str) -> Turn:
        """Open a host's turn. Raises OSError with a sentence where that cannot be done."""
        self.check()
        return Turn(self._folder / quote(host, safe="")[:200])
