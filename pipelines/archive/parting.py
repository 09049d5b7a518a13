"""Parts what was taken for one: pages at which an address shows another article, and articles joined by such pages.

Captures that come in later may tell of an address that it had an article of its own before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from pipelines.archive.addresses import Place, article_at, own_place
from pipelines.archive.alike import link_again
from pipelines.archive.connection import moment
from pipelines.archive.copies import text_of
from pipelines.archive.histories import State, states, tell
from pipelines.archive.moves import settle
from pipelines.archive.revisions import FACTS
from pipelines.archive.takedowns import hide_too, shown_as
from pipelines.archive.twins import course, places, rivals, settle_twins, showings
from pipelines.archive.vanished import set_gone
from pipelines.showings import borrowed, own, went_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

ADDRESSES = (
    "SELECT paper, url_key FROM articles WHERE id = ?1 UNION ALL "
    "SELECT paper, url_key FROM aliases WHERE article_id = ?1 AND kind <> 'uid'"
)
READ = (
    "SELECT x.paper, x.url, x.url_key, x.uid, x.newsroom_id, coalesce((SELECT min(c.fetched_at) FROM captures c "
    "WHERE c.paper = x.paper AND c.url_key = x.url_key AND c.article_id = x.article_id AND c.outcome = 'article'), "
    "x.first_seen) FROM aliases x WHERE x.article_id = ? AND x.uid IS NOT NULL"
)
"""The aliases of an article at which it was read, as `Place`."""


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A state that an address showed of another article, and that article's row id."""

    state: State
    of: int


def shows_another(db: Database, article_id: int, new: State, number: str | None) -> int | None:
    """Return the article that a capture about to be added to an article shows instead, None if it shows its own.

    ``number``: the newsroom number of the capture's address.
    """
    (paper,) = db.conn.execute("SELECT paper FROM articles WHERE id = ?", (article_id,)).fetchone()
    others = rivals(db, paper, [(new.title, new.text_sha256)], but=article_id)
    if not others:
        return None
    named = places(db, article_id) | {new.address: number or " ".join(new.address)}
    found = _borrowed(db, article_id, [*states(db, article_id), new], named)
    return next((b.of for b in found if b.state is new), None)


def set_aside(db: Database, found: Iterable[Borrowed]) -> None:
    """Keep captures as refusals that show another article; what they show stays known, should it prove otherwise."""
    for one in found:
        s = one.state
        facts = json.loads(s.facts) | {"title": s.title, "lead": s.lead, "text_sha256": s.text_sha256}
        db.conn.execute(
            "UPDATE captures SET outcome = 'refused', article_id = ?, content_sha256 = ?, facts = ? WHERE id = ?",
            (one.of, s.content_sha256, json.dumps(facts, ensure_ascii=False), s.capture_id),
        )


def showing_pages_of(db: Database, article_id: int) -> set[int]:
    """Return the articles, it may be among them, at whose addresses pages of an article were set aside."""
    rows = db.conn.execute(
        "SELECT DISTINCT paper, url_key FROM captures WHERE article_id = ? AND outcome = 'refused' "
        "AND content_sha256 IS NOT NULL",
        (article_id,),
    )
    return {held for row in rows.fetchall() if (held := article_at(db, *row)) is not None}


def review(db: Database, article_ids: Iterable[int], *, late: bool, at: str | None = None) -> None:
    """Take out of articles what their addresses show of others, and part those that were joined by that.

    ``late``: a capture was added that is not its article's newest, so all that was judged by what came first is
    judged anew: each address, or number, is looked at by itself, and joined to the others in order of time.
    ``at``: the time of the capture that was added, if it is the newest, as all are in a replay.
    """
    known = [n for n in dict.fromkeys(article_ids) if _is_held(db, n)]
    parts = [p for n in known for p in (part(db, n, at) if late or stands_apart(db, n) else [n])]
    changed = [n for n in parts if _take_out(db, n, late=late)]
    again = [p for n in parts for p in (part(db, n, at) if n in changed else [n])]
    rejoin(db, again if len(again) > len(known) else changed)


def _is_held(db: Database, article_id: int) -> bool:
    return db.conn.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None


def rejoin(db: Database, parts: Iterable[int]) -> None:
    """Join articles again as far as they are one, in order of time."""
    for article_id in sorted(parts, key=lambda n: own_place(db, n).order):
        if _is_held(db, article_id):
            settle_twins(db, settle(db, article_id))


def _take_out(db: Database, article_id: int, *, late: bool) -> bool:
    """Set aside what an article's addresses show of others; ``late``: take back what they do not. Say if any was."""
    (versions,) = db.conn.execute("SELECT revisions FROM articles WHERE id = ?", (article_id,)).fetchone()
    aside = _set_aside_before(db, article_id) if late else []
    if versions < 2 and not aside:
        return False
    shown = states(db, article_id)
    found = _borrowed(db, article_id, [*shown, *aside], places(db, article_id))
    out = {b.state.capture_id for b in found}
    back = [s for s in aside if s.capture_id not in out]
    if not back and not any(s.capture_id in out for s in shown):
        return False
    set_aside(db, found)
    for s in back:
        db.conn.execute(
            "UPDATE captures SET outcome = iif(status = 304, 'unchanged', 'article'), article_id = ?, "
            "content_sha256 = ?, facts = NULL WHERE id = ?",
            (article_id, s.content_sha256, s.capture_id),
        )
    _forget_unread(db, article_id)
    _write(db, article_id, [*(s for s in shown if s.capture_id not in out), *back], shown)
    return True


def _borrowed(
    db: Database, article_id: int, shown: Iterable[State], named: dict[tuple[str, str], str]
) -> list[Borrowed]:
    """Return of what an article's addresses showed what is another's."""
    ordered = sorted(shown, key=lambda s: (s.seen_at, s.content_sha256, s.facts))
    told = showings(ordered, named)
    mine = set(map(id, own(told)))
    strange = {s.print for s in told if id(s) not in mine}
    if not strange:
        return []
    (paper,) = db.conn.execute("SELECT paper FROM articles WHERE id = ?", (article_id,)).fetchone()
    others = {other: course(db, other) for other in rivals(db, paper, strange, but=article_id)}
    whose = {s.print: other for other, theirs in reversed(others.items()) for s in own(theirs)}
    return [Borrowed(ordered[n], whose[told[n].print]) for n in borrowed(told, others.values())]


def _set_aside_before(db: Database, article_id: int) -> list[State]:
    """Return what was set aside of the pages at an article's addresses."""
    rows = db.conn.execute(
        "SELECT c.id, c.fetched_at, c.paper, c.url_key, c.content_sha256, c.facts FROM captures c "
        f"JOIN ({ADDRESSES}) o ON o.paper = c.paper AND o.url_key = c.url_key "
        "WHERE c.outcome = 'refused' AND c.content_sha256 IS NOT NULL",
        (article_id,),
    ).fetchall()
    found = []
    for number, at, paper, key, content, facts in rows:
        said = json.loads(facts)
        text = text_of(db, said["text_sha256"])
        kept = json.dumps({name: said[name] for name in FACTS}, ensure_ascii=False)
        digests = (content, said["text_sha256"])
        found.append(State(at, number, (paper, key), *digests, said["title"], said["lead"], text, kept))
    return [s for s in found if s.text]


def _forget_unread(db: Database, article_id: int) -> None:
    """Let go of addresses that were read and never showed the article, but not of those that have its number."""
    shown = (
        "EXISTS (SELECT 1 FROM captures c WHERE c.article_id = ?1 AND c.paper = {0}.paper AND c.url_key = {0}.url_key "
        "AND c.outcome = 'article')"
    )
    db.conn.execute(
        f"DELETE FROM aliases WHERE article_id = ?1 AND uid IS NOT NULL AND NOT {shown.format('aliases')} "
        "AND (newsroom_id IS NULL OR newsroom_id NOT IN (SELECT coalesce(newsroom_id, '') FROM articles "
        "WHERE id = ?1 UNION SELECT coalesce(x.newsroom_id, '') FROM aliases x WHERE x.article_id = ?1 "
        f"AND x.url_key <> aliases.url_key AND {shown.format('x')}))",
        (article_id,),
    )


def stands_apart(db: Database, article_id: int) -> bool:
    """Say whether an article's addresses, or numbers, show pages that have nothing of each other's."""
    groups = _groups(_read(db, article_id))
    if len(groups) < 2:
        return False
    shown, named = states(db, article_id), places(db, article_id)
    courses = [showings(_at(group, shown), named) for group in groups]
    return any(went_apart(one, other) for one, other in combinations(filter(None, courses), 2))


def part(db: Database, article_id: int, at: str | None = None) -> list[int]:
    """Make an article of each of its addresses, or numbers; return their row ids.

    One whose addresses were read before it was kept by what number stays whole.
    """
    groups = _groups(_read(db, article_id))
    if len(groups) < 2:
        return [article_id]
    shown = states(db, article_id)
    of = [_at(group, shown) for group in groups]
    if sum(map(len, of)) < len(shown) or not all(of):
        return [article_id]
    parts = [_split_off(db, article_id, group, s, at) for group, s in zip(groups[1:], of[1:], strict=True)]
    _write(db, article_id, of[0], shown)
    for number, s in zip(parts, of[1:], strict=True):
        _write(db, number, s, shown)
    return [article_id, *parts]


def _read(db: Database, article_id: int) -> list[Place]:
    """Return the addresses at which an article was read, its own first; not those read before that was kept."""
    rows = db.conn.execute(READ, (article_id,)).fetchall()
    others = (Place(row[0], row[1], row[2], row[3], row[4], at) for row in rows if (at := moment(row[5])))
    return [own_place(db, article_id), *others]


def _at(group: Iterable[Place], shown: Iterable[State]) -> list[State]:
    addresses = {(p.paper, p.url_key) for p in group}
    return [s for s in shown if s.address in addresses]


def _groups(read: Sequence[Place]) -> list[list[Place]]:
    """Return the addresses that are told to be one by their number or uid; that of the first place first."""
    groups: list[list[Place]] = []
    for place in read:
        same = [g for g in groups if any(_is_one(place, p) for p in g)]
        groups = [g for g in groups if g not in same]
        joined = [p for g in same for p in g] + [place]
        groups.insert(0 if read[0] in joined else len(groups), joined)
    return groups


def _is_one(one: Place, other: Place) -> bool:
    numbered = one.newsroom is not None and one.newsroom == other.newsroom
    return one.uid == other.uid or (one.paper == other.paper and numbered)


def _split_off(db: Database, article_id: int, group: Sequence[Place], shown: Sequence[State], at: str | None) -> int:
    """Make an article of some of another's addresses; what it shows is written by `_write`."""
    first, newest = min(group, key=lambda p: p.order), max(shown, key=lambda s: (s.seen_at, s.capture_id))
    hide_too(db, own_place(db, article_id).uid, first.uid, first.url, at)
    visibility = shown_as(db, article_id, first.uid)
    for key in (first.url_key, first.uid):
        db.conn.execute("DELETE FROM aliases WHERE paper = ? AND url_key = ?", (first.paper, key))
    made = db.conn.execute(
        "INSERT INTO articles (uid, paper, url, url_key, newsroom_id, title, words, first_seen, last_seen, capture_id, "
        "content_sha256, text_sha256, extractor, visibility, template, furniture_version, modified, provenance) "
        "SELECT ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12, extractor, coalesce(?13, visibility), template, "
        "furniture_version, iif(capture_id = ?10, modified, NULL), iif(capture_id = ?10, provenance, '{}') "
        "FROM articles WHERE id = ?1",
        (
            article_id,
            *(first.uid, first.paper, first.url, first.url_key, first.newsroom),
            *(newest.title, shown[0].seen_at, newest.seen_at, newest.capture_id),
            *(newest.content_sha256, newest.text_sha256, visibility),
        ),
    )
    number = made.lastrowid
    assert number is not None
    for p in group:
        db.conn.execute(
            "UPDATE aliases SET article_id = ?1 WHERE article_id = ?2 AND paper = ?3 AND url_key IN (?4, ?5)",
            (number, article_id, p.paper, p.url_key, p.uid),
        )
        db.conn.execute(
            "UPDATE captures SET article_id = ?1 WHERE article_id = ?2 AND paper = ?3 AND url_key = ?4",
            (number, article_id, p.paper, p.url_key),
        )
    _move_parts(db, article_id, number)
    return number


def _move_parts(db: Database, article_id: int, number: int) -> None:
    """Give an article what was read on its captures: old readings, and tags and images if they show what was shown."""
    owned = "(SELECT id FROM captures WHERE article_id = ?1)"
    db.conn.execute(
        "UPDATE revisions SET article_id = ?1, text = coalesce(text, (SELECT text FROM article_text "
        f"WHERE article_id = ?2)) WHERE article_id = ?2 AND kind = 'extraction' AND capture_id IN {owned}",
        (number, article_id),
    )
    for table in ("tags", "images"):
        db.conn.execute(
            f"UPDATE {table} SET article_id = ?1 WHERE article_id = ?2 AND "
            f"(SELECT capture_id FROM articles WHERE id = ?2) IN {owned}",
            (number, article_id),
        )


def _write(db: Database, article_id: int, now: Sequence[State], before: Sequence[State]) -> None:
    """Write an article's history as these states tell it; ``before`` are those that it was told by."""
    (shown,) = db.conn.execute("SELECT capture_id FROM articles WHERE id = ?", (article_id,)).fetchone()
    if shown not in {s.capture_id for s in now}:
        for table in ("tags", "images"):
            db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
        db.conn.execute("UPDATE articles SET modified = NULL, provenance = '{}' WHERE id = ?", (article_id,))
    tell(db, article_id, [replace(s, read_by=None) for s in now], reread=True)
    db.conn.execute(
        "UPDATE articles SET (first_seen, last_seen) = (SELECT min(fetched_at), max(fetched_at) FROM captures "
        "WHERE article_id = ?1 AND outcome IN ('article', 'unchanged')) WHERE id = ?1",
        (article_id,),
    )
    set_gone(db, article_id)
    link_again(db, article_id, {s.text_sha256 for s in before})
