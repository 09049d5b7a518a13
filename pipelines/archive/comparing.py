"""Compares what an article shows with what today's rules read on the same captures. Reads only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipelines.archive.histories import State, newest, states, told
from pipelines.archive.revisions import FACTS, Version
from pipelines.rereads import Difference
from pipelines.text import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from pipelines.rereads import Reread

SMALL = (
    "SELECT template, modified, provenance, visibility, confidence, uid, paper, url, title FROM articles WHERE id = ?"
)
"""What is compared that is in no version, and what an article is named by."""


@dataclass(slots=True)
class Again:
    """An article read again: its versions before, what its captures show now, and captures that show it no more.

    ``version`` is what the newest capture that counts shows, None where that was not read again; ``lost`` maps
    captures to what they are found to be. ``difference`` is None where nothing changes.
    """

    article_id: int
    before: Sequence[State]
    states: list[State] = field(default_factory=list)
    lost: dict[int, str] = field(default_factory=dict)
    version: Version | None = None
    difference: Difference | None = None


def compare(db: Database, article_id: int, rereads: Mapping[int, Reread], extractor: str) -> Again:
    """Return what today's rules make of an article; of captures that could not be read the old reading stands."""
    shown = states(db, article_id)
    again = Again(article_id, told(db, article_id))
    again.states, again.lost = _now(db, shown, rereads, extractor)
    if not again.states:
        again.difference = _lost(db, article_id, again)
        return again
    display, counting = newest(db, article_id, again.states)
    again.version = next((version for s in counting if (version := _version(rereads.get(s.capture_id)))), None)
    again.difference = _difference(db, again, shown, display)
    return again


def _now(
    db: Database, shown: Sequence[State], rereads: Mapping[int, Reread], extractor: str
) -> tuple[list[State], dict[int, str]]:
    """Return what the captures show now, and those that show no article any more."""
    confirming = {
        row[0]
        for row in db.conn.execute(
            f"SELECT id FROM captures WHERE status = 304 AND id IN ({','.join(str(s.capture_id) for s in shown)})"
        )
    }
    found: list[State] = []
    lost: dict[int, str] = {}
    last: dict[tuple[str, str], State | None] = {}
    for old in shown:
        reread = rereads.get(old.capture_id)
        state: State | None = old
        if reread and reread.visit:
            state = _state(old, reread, extractor)
            if state is None:
                lost[old.capture_id] = reread.visit.outcome
        elif old.capture_id in confirming and old.address in last:
            before = last[old.address]
            state = before and replace(before, seen_at=old.seen_at, capture_id=old.capture_id)
            if state is None:
                lost[old.capture_id] = "unchanged"
        last[old.address] = state
        found += [state] if state else []
    return found, lost


def _state(old: State, reread: Reread, extractor: str) -> State | None:
    version = _version(reread)
    if version is None:
        return None
    reading = version.reading
    return replace(
        old,
        content_sha256=version.content_sha256,
        text_sha256=version.text_sha256,
        title=reading.title or "",
        lead=reading.lead,
        text=reading.text or "",
        facts=version.facts,
        read_by=(reading.template, extractor, version.furniture),
    )


def _version(reread: Reread | None) -> Version | None:
    if reread is None or reread.visit is None or reread.visit.article is None:
        return None
    return Version.of(reread.visit.article, reread.page.id, reread.page.capture.fetched_at)


def _lost(db: Database, article_id: int, again: Again) -> Difference | None:
    """Return the difference of an article that is found on none of its pages, None where that was known."""
    *_, confidence, uid, paper, url, title = db.conn.execute(SMALL, (article_id,)).fetchone()
    outcome = next(name for name in reversed(again.lost.values()) if name != "unchanged")
    if confidence == outcome:
        return None
    length = words(again.before[-1].text)
    return Difference("lost", uid, paper, url, title, words_before=length, outcome=outcome)


def _difference(db: Database, again: Again, shown: Sequence[State], display: State) -> Difference | None:
    old = again.before[-1]
    values: dict[str, tuple[Any, Any]] = {
        name: (getattr(old, name), getattr(display, name)) for name in ("title", "lead", "text")
    }
    was, now = json.loads(old.facts), json.loads(display.facts)
    values |= {name: (was.get(name), now.get(name)) for name in FACTS}
    template, modified, provenance, visibility, confidence, uid, paper, url, title = db.conn.execute(
        SMALL, (again.article_id,)
    ).fetchone()
    if again.version:
        reading = again.version.reading
        images = [(image.url, image.caption, image.credit) for image in reading.images]
        values["modified"] = (modified, reading.modified)
        values["tags"] = (_tags(db, again.article_id), sorted(set(reading.tags)))
        values["images"] = (_images(db, again.article_id), images)
        values["visibility"] = (visibility, "private" if reading.noarchive else visibility)
        values["provenance"] = (json.loads(provenance), dict(reading.provenance))
    if display.read_by:
        values["template"] = (template, display.read_by[0])
    examples = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
    fields = list(examples)
    if [_key(s) for s in shown] != [_key(s) for s in again.states] and not fields:
        fields.append("versions")
    fields += ["found"] if confidence else []
    if not fields:
        return None
    lengths = words(old.text), words(display.text)
    return Difference("changed", uid, paper, url, title, tuple(fields), *lengths, examples=examples)


def _key(state: State) -> tuple[int, str, str]:
    return state.capture_id, state.content_sha256, state.facts


def _tags(db: Database, article_id: int) -> list[Any]:
    return sorted(tag for (tag,) in db.conn.execute("SELECT tag FROM tags WHERE article_id = ?", (article_id,)))


def _images(db: Database, article_id: int) -> list[Any]:
    rows = db.conn.execute(
        "SELECT url, caption, credit FROM images WHERE article_id = ? ORDER BY position", (article_id,)
    )
    return rows.fetchall()
