"""Tells the history of an article that is read at several addresses, from all that its captures showed.

The history is the captures in order of time, equal neighbours joined (`revisions`); what another
address of the same text says of section or byline is kept with its capture (``captures.facts``) and
makes no revision, so that the history can be told again when addresses or articles are joined.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines.archive.addresses import counted
from pipelines.archive.connection import moment, stamp
from pipelines.archive.corrections import overlay
from pipelines.archive.revisions import FACTS, TOLD, make_room, name_kinds, put_authors
from pipelines.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from pipelines.archive.revisions import Version
    from pipelines.items import Visit


@dataclass(frozen=True, slots=True)
class State:
    """What one capture showed of an article, and at which address; ``read_by`` where it is what the article shows."""

    seen_at: str
    capture_id: int
    address: tuple[str, str]
    content_sha256: str
    text_sha256: str
    title: str
    lead: str | None
    text: str
    facts: str
    read_by: tuple[str | None, str, int | None] | None = None
    """Template, extractor and furniture version."""

    @classmethod
    def of(cls, visit: Visit, version: Version, extractor: str) -> State:
        """Return what the version that a visit read shows."""
        reading, article = version.reading, visit.article
        assert article is not None
        return cls(
            stamp(version.seen_at),
            version.capture_id,
            (visit.paper, article.url_key),
            version.content_sha256,
            version.text_sha256,
            reading.title or "",
            reading.lead,
            reading.text or "",
            version.facts,
            read_by=(reading.template, extractor, version.furniture),
        )


def states(db: Database, article_id: int) -> list[State]:
    """Return what each capture of an article showed, in order of time."""
    shown = db.conn.execute(
        "SELECT capture_id, template, extractor, furniture_version FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    revisions = told(db, article_id)
    of_capture = {r.capture_id: r for r in revisions}
    of_content = {r.content_sha256: r for r in revisions}
    last: dict[tuple[str, str], State] = {}
    found = []
    for capture_id, at, paper, key, content, facts, status in db.conn.execute(
        "SELECT id, fetched_at, paper, url_key, content_sha256, facts, status FROM captures "
        "WHERE article_id = ? AND content_sha256 IS NOT NULL AND outcome <> 'refused' ORDER BY fetched_at, id",
        (article_id,),
    ).fetchall():
        if content not in of_content:
            continue
        address = (paper, key)
        same = last.get(address) if status == 304 else None
        state = same or of_capture.get(capture_id) or _in_force(revisions, at, content) or of_content[content]
        state = replace(state, seen_at=at, capture_id=capture_id, address=address, facts=facts or state.facts)
        last[address] = replace(state, read_by=shown[1:] if capture_id == shown[0] else None)
        found.append(last[address])
    return found


def tell(db: Database, article_id: int, shown: Iterable[State], *, reread: bool = False) -> int:
    """Write the history that these states make, and let the article show the newest of it.

    ``reread``: the same captures may show something else than they did. What is no version that captures show
    (old readings, corrections) stays. Return the newest capture that counts: not another address' word on section
    and byline alone.
    """
    ordered = sorted(shown, key=lambda s: (s.seen_at, s.content_sha256, s.facts))
    kept, aside = _joined(ordered, counted(db, article_id))
    db.conn.execute(
        "UPDATE captures SET facts = NULL WHERE article_id = ? AND facts IS NOT NULL AND outcome <> 'refused'",
        (article_id,),
    )
    db.conn.executemany("UPDATE captures SET facts = ? WHERE id = ?", [(s.facts, s.capture_id) for s in aside])
    _display(db, article_id, kept[-1], reread=reread)
    before = [(r.seen_at, r.capture_id, r.content_sha256, r.facts) for r in told(db, article_id)]
    if before != [(s.seen_at, s.capture_id, s.content_sha256, s.facts) for s in kept]:
        db.conn.execute(f"DELETE FROM revisions WHERE article_id = ? AND {TOLD}", (article_id,))
        for state in kept:
            make_room(db, article_id, state.seen_at)
        db.conn.executemany(
            "INSERT INTO revisions (article_id, kind, seen_at, capture_id, content_sha256, text_sha256, title, lead, "
            "text, facts) VALUES (?, 'edit', ?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(article_id, s) for s in kept],
        )
    db.conn.execute(
        "UPDATE revisions SET text = NULL WHERE article_id = ? AND content_sha256 = ? AND text IS NOT NULL",
        (article_id, kept[-1].content_sha256),
    )
    name_kinds(db, article_id)
    overlay(db, article_id)
    return next(s.capture_id for s in reversed(ordered) if s not in aside)


def newest(db: Database, article_id: int, shown: Iterable[State]) -> tuple[State, list[State]]:
    """Return what the article shows by these states, and those that count, latest first."""
    ordered = sorted(shown, key=lambda s: (s.seen_at, s.content_sha256, s.facts))
    kept, aside = _joined(ordered, counted(db, article_id))
    return kept[-1], [s for s in reversed(ordered) if s not in aside]


def _row(article_id: int, s: State) -> tuple[Any, ...]:
    digests = (s.content_sha256, s.text_sha256)
    return (article_id, s.seen_at, s.capture_id, *digests, s.title, s.lead, s.text, s.facts)


def _joined(ordered: Sequence[State], addresses: set[tuple[str, str]]) -> tuple[list[State], list[State]]:
    """Return the states that are revisions, and those whose facts differ from the revision they stand in."""
    kept: list[State] = []
    aside: list[State] = []
    for state in ordered:
        before = kept[-1] if kept else None
        if before is None or state.content_sha256 != before.content_sha256:
            kept.append(_after(before, state))
        elif state.facts != before.facts:
            if state.address in addresses:
                kept.append(_after(before, state))
            else:
                aside.append(state)
    return kept, aside


def _after(before: State | None, state: State) -> State:
    """Return ``state`` a microsecond after the one before it where both are of one moment."""
    if before is None or state.seen_at > before.seen_at:
        return state
    at = moment(before.seen_at)
    assert at is not None
    return replace(state, seen_at=stamp(at + timedelta(microseconds=1)))


def told(db: Database, article_id: int) -> list[State]:
    """Return the versions that an article's captures show, in order of time."""
    rows = db.conn.execute(
        "SELECT r.seen_at, r.capture_id, r.content_sha256, r.text_sha256, r.title, r.lead, coalesce(r.text, t.text), "
        "r.facts FROM revisions r LEFT JOIN article_text t ON t.article_id = r.article_id "
        f"WHERE r.article_id = ? AND r.{TOLD} ORDER BY r.seen_at",
        (article_id,),
    )
    return [State(r[0], r[1], ("", ""), r[2], r[3], r[4], r[5], r[6] or "", r[7]) for r in rows.fetchall()]


def _in_force(revisions: Sequence[State], at: str, content: str) -> State | None:
    """Return the revision that a capture of this moment and content stands in."""
    return next((r for r in reversed(revisions) if r.seen_at <= at and r.content_sha256 == content), None)


def _display(db: Database, article_id: int, newest: State, *, reread: bool) -> None:
    """Let the article show a state, if it does not yet; its text goes to article_text."""
    facts = json.loads(newest.facts)
    old = db.conn.execute("SELECT capture_id, content_sha256 FROM articles WHERE id = ?", (article_id,)).fetchone()
    if tuple(old) == (newest.capture_id, newest.content_sha256) and not reread:
        return
    # Texts of the versions before are written with the revisions; they must not be lost before.
    text = db.conn.execute("SELECT text FROM article_text WHERE article_id = ?", (article_id,)).fetchone()
    db.conn.execute(
        "UPDATE revisions SET text = ? WHERE article_id = ? AND text IS NULL", (text[0] if text else "", article_id)
    )
    db.conn.execute(
        f"UPDATE articles SET title = ?, lead = ?, {', '.join(f'{name} = ?' for name in FACTS)}, published_date = ?, "
        "words = ?, capture_id = ?, content_sha256 = ?, text_sha256 = ? WHERE id = ?",
        (
            newest.title,
            newest.lead,
            *(facts[name] for name in FACTS),
            facts["published"][:10] if facts["published"] else None,
            words(newest.text),
            newest.capture_id,
            newest.content_sha256,
            newest.text_sha256,
            article_id,
        ),
    )
    if newest.read_by:
        db.conn.execute(
            "UPDATE articles SET template = ?, extractor = ?, furniture_version = ? WHERE id = ?",
            (*newest.read_by, article_id),
        )
    if text is None:
        db.conn.execute("INSERT INTO article_text (article_id, text) VALUES (?, ?)", (article_id, newest.text))
    elif text[0] != newest.text:
        db.conn.execute("UPDATE article_text SET text = ? WHERE article_id = ?", (newest.text, article_id))
    put_authors(db, article_id, facts["author"])
