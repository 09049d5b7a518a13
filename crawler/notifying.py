"""Tells others when a paper begins to fail, fails otherwise, or fares well again: by a command, by an Atom feed."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from
from crawler.failures import printable
from pipelines.archive import ArchiveError
from pipelines.archive.connection import DatabaseError, explain, updating
from pipelines.archive.health import HealthChange, latest_changes, next_owed, note_changes, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings

    from crawler.clock import Clock
    from pipelines.archive.connection import Database

logger = logging.getLogger(__name__)

SECONDS = 30
"""How long the command may take for one change."""
ENTRIES = 50
"""Changes that the feed shows."""
ATOM = "http://www.w3.org/2005/Atom"


def notify(settings: BaseSettings) -> list[HealthChange]:
    """Keep and tell what changed since this was asked last; whatever goes wrong with telling is a line in the log.

    A change that HEALTH_COMMAND did not take is told again the next time, for a week at most. Nothing is kept where
    neither HEALTH_COMMAND nor HEALTH_FEED is set.
    """
    command, feed = str(settings["HEALTH_COMMAND"] or ""), str(settings["HEALTH_FEED"] or "")
    if not command and not feed:
        return []
    place, clock = Path(settings["ARCHIVE"]), clock_from(settings["CLOCK"])
    try:
        with updating(place) as db:
            changed = note_changes(db, clock.now(), owed=bool(command))
            entries = latest_changes(db, ENTRIES)
            if command:
                _tell(db, command, clock)
    except (ArchiveError, DatabaseError) as error:
        said = error if isinstance(error, ArchiveError) else explain(place, error)
        logger.warning("what changed in the papers' health was not told: %s", said)
        return []
    if feed:
        _write(Path(feed), entries)
    return changed


def write_again(settings: BaseSettings, db: Database) -> None:
    """Write the feed anew, if there is one: what it told names an address that nobody is to be told any more."""
    feed = Path(str(settings["HEALTH_FEED"] or ""))
    if feed.is_file():
        _write(feed, latest_changes(db, ENTRIES))


def _tell(db: Database, command: str, clock: Clock) -> None:
    """Run the operator's command for each change that is still to be told, until it fails once."""
    while owed := next_owed(db, clock.now()):
        number, change = owed
        wrong = _run(command, change)
        left = settle(db, number, told=wrong is None)
        if wrong is not None:
            said = f"setting HEALTH_COMMAND: {command!r} for {change.paper}: {wrong}"
            many = "1 change is" if left == 1 else f"{left} changes are"
            logger.warning("%s", printable(f"{said}; {many} to be told: the next round or 'scrapy status' tries again"))
            return


def _run(command: str, change: HealthChange) -> str | None:
    """Run the operator's command with one change as JSON on its standard input; return what went wrong."""
    text = json.dumps(asdict(change), ensure_ascii=False) + "\n"
    try:
        words = shlex.split(command)
        ended = subprocess.run(words, input=text.encode(), capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - the operator's
    except subprocess.TimeoutExpired:
        return f"took longer than {SECONDS} seconds and was ended"
    except (OSError, ValueError) as error:
        return f"cannot be run: {error}"
    if not ended.returncode:
        return None
    return f"ended with {ended.returncode}: {ended.stderr.decode('utf-8', 'replace')[:200]}"


def _write(path: Path, entries: Sequence[HealthChange]) -> None:
    """Write the feed whole or not at all, where it does not say this already."""
    partial, told = path.with_name(f"{path.name}.{os.getpid()}.partial"), atom(entries)
    try:
        if path.exists() and path.read_bytes() == told:
            return
        partial.write_bytes(told)
        partial.replace(path)
    except OSError as error:
        logger.warning("setting HEALTH_FEED: %s cannot be written (%s); correct it", path, error.strerror)


def atom(entries: Sequence[HealthChange]) -> bytes:
    """Return the changes, newest first, as an Atom feed (RFC 4287)."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")

    def put(parent: ET.Element, name: str, text: str) -> None:
        ET.SubElement(parent, f"{{{ATOM}}}{name}").text = printable(text)

    put(root, "id", "tag:baotinh,2026:health")
    put(root, "title", "baotinh: health of the papers")
    put(root, "updated", entries[0].at if entries else "2026-01-01T00:00:00Z")
    put(ET.SubElement(root, f"{{{ATOM}}}author"), "name", "baotinh")
    for one in entries:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        put(entry, "id", f"tag:baotinh,2026:health/{one.paper}/{one.at}")
        put(entry, "title", f"{one.paper}: {one.state}, before {one.before}")
        put(entry, "updated", one.at)
        put(entry, "content", one.said or f"{one.paper} fares well again")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
