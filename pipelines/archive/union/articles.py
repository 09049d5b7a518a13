"""Brings the articles of another archive: whole where none of ours is the same one, else as more of its history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.archive.addresses import Place, add_alias, add_place, alias_at, own_place
from pipelines.archive.articles import OWN
from pipelines.archive.connection import moment
from pipelines.archive.corrections import overlay
from pipelines.archive.histories import states, tell
from pipelines.archive.merging import merge
from pipelines.archive.revisions import free_moment
from pipelines.archive.union.captures import version_of
from pipelines.archive.union.findings import UID, Row, insert, rows

if TYPE_CHECKING:
    from pipelines.archive.histories import State
    from pipelines.archive.union.findings import Brought

PARTS = ("authors", "tags", "images")
NO_PICTURE = {"capture_id": None, "payload_digest": None, "bytes": None}
"""What the row of an image is to be told anew here (`pipelines.archive.images.tell_found`)."""
IN_ORDER = "article_id = ? ORDER BY rowid"
"""An article's own rows in the page's order: that of writing."""
SMALL = ("modified", "provenance", "extractor", "template", "confidence")
"""Columns that are the newest capture's."""
READ = (
    "EXISTS (SELECT 1 FROM captures c WHERE c.paper = aliases.paper AND c.url_key = aliases.url_key "
    "AND c.article_id = aliases.article_id AND c.outcome = 'article')"
)
"""SQL: whether an article was read at its alias (row of ``aliases``)."""
LEADS = (
    f"kind IN ('moved', 'redirect') AND NOT {READ} AND EXISTS (SELECT 1 FROM pointers p "
    "WHERE p.paper = aliases.paper AND p.url_key = aliases.url_key AND p.kind <> 'canonical')"
)
"""SQL: whether an alias is told by redirects alone."""


def bring_articles(job: Brought) -> None:
    """Bring every article, the earliest first; what they prove of each other is settled afterwards."""
    found = job.other.conn.execute("SELECT id FROM articles ORDER BY first_seen, uid").fetchall()
    for (number,) in found:
        _bring(job, number)


def _bring(job: Brought, number: int) -> None:
    (theirs,) = rows(job.other, "articles", "id = ?", (number,))
    paper, joined = theirs["paper"], False
    captures = [
        r[0]
        for r in job.other.conn.execute(
            "SELECT id FROM captures WHERE article_id = ? AND outcome <> 'refused'", (number,)
        )
    ]
    mapped = {job.captures[capture] for capture in captures}
    news = mapped & (job.fresh | job.won)
    ours = _ours(job, number, theirs, mapped)
    if not ours:
        article_id = _insert(job, number, theirs)
        job.findings.count(paper, "articles")
    else:
        article_id = ours[0]
        for other in ours[1:]:
            article_id = merge(job.db, article_id, other, "newsroom-id")
        joined = _join(job, number, theirs, article_id, news, merged=len(ours) > 1)
        if joined:
            job.findings.count(paper, "articles_joined")
        else:
            job.findings.count(paper, "articles_known")
    changed = _bring_aliases(job, number, article_id)
    if not ours or joined or changed:
        job.touched.add(article_id)


def _ours(job: Brought, number: int, theirs: Row, captures: set[int]) -> list[int]:
    """Return our articles that are the other's article ``number``: by uid, address, number, or a capture of both."""
    db, paper = job.db.conn, theirs["paper"]
    own = [r[0] for r in db.execute(OWN, (theirs["uid"], paper, theirs["url_key"], theirs["newsroom_id"]))]
    own += [r[0] for r in _at(job, paper, theirs["url_key"])]
    found = [] if _is_parted(job, number, theirs) else own
    for row in rows(job.other, "aliases", f"article_id = ? AND (kind = 'uid' OR {READ})", (number,)):
        if _is_parted(job, number, row):
            continue
        if row["kind"] == "uid":
            found += [r[0] for r in db.execute(OWN, (row["url_key"], row["paper"], None, None))]
        else:
            found += [r[0] for r in db.execute(OWN, ("", row["paper"], row["url_key"], None))]
            found += [r[0] for r in _at(job, row["paper"], row["url_key"])]
    shown = "SELECT article_id FROM captures WHERE id = ? AND article_id IS NOT NULL AND outcome <> 'refused'"
    for capture in captures - job.fresh:
        found += [r[0] for r in db.execute(shown, (capture,))]
    same = list(dict.fromkeys(found or own))
    for article_id in same:
        uid, of = db.execute("SELECT uid, paper FROM articles WHERE id = ?", (article_id,)).fetchone()
        if uid == theirs["uid"] and of != paper:
            job.findings.differ(UID, uid, f"an article of {of} here, of {paper} there; it is one article of {of}")
    return same


def _at(job: Brought, paper: str, key: str) -> list[tuple[int]]:
    """Return our article that was read at this alias; one that only redirects here, unread, is an alias no more."""
    held = alias_at(job.db, paper, key)
    if held is None:
        return []
    leads = job.db.conn.execute(f"SELECT 1 FROM aliases WHERE paper = ? AND url_key = ? AND {LEADS}", (paper, key))
    if leads.fetchone() is None:
        return [(held[0],)]
    job.db.conn.execute(f"DELETE FROM aliases WHERE article_id = ? AND {LEADS}", (held[0],))
    job.touched.add(held[0])
    return []


def _insert(job: Brought, number: int, theirs: Row) -> int:
    """Write an article that we do not have, with its texts, versions and captures as they are."""
    version = theirs["furniture_version"]
    version = job.furniture.get((theirs["paper"], version), version)
    capture_id = job.captures[theirs["capture_id"]]
    row = theirs.but(story_id=None, capture_id=capture_id, furniture_version=version)
    article_id = insert(job.db, "articles", row)
    for table in ("article_text", *PARTS):
        for part in rows(job.other, table, IN_ORDER, (number,)):
            insert(job.db, table, part.but(article_id=article_id, **NO_PICTURE))
    for revision in rows(job.other, "revisions", "article_id = ?", (number,)):
        capture = job.captures[revision["capture_id"]]
        insert(job.db, "revisions", revision.but(article_id=article_id, capture_id=capture))
    _give_captures(job, number, article_id, all_of_them=True)
    overlay(job.db, article_id)
    return article_id


def _give_captures(job: Brought, number: int, article_id: int, *, all_of_them: bool) -> None:
    """Let the captures of the other's article show ours: those that were here keep what they were read as."""
    for capture, content, facts, outcome in job.other.conn.execute(
        "SELECT id, content_sha256, facts, outcome FROM captures WHERE article_id = ?", (number,)
    ).fetchall():
        ours = job.captures[capture]
        if ours in job.fresh or ours in job.won or (all_of_them and outcome != "refused" and not _is_aside(job, ours)):
            job.db.conn.execute(
                "UPDATE captures SET article_id = ?, content_sha256 = ?, facts = ? WHERE id = ?",
                (article_id, content, facts, ours),
            )


def _is_parted(job: Brought, number: int, alias: Row) -> bool:
    """Say whether all that the other's article was at one of its addresses is known here as another one's page."""
    read = job.other.conn.execute(
        "SELECT id FROM captures WHERE article_id = ?1 AND outcome = 'article' AND ((paper = ?2 AND url_key = ?3) "
        "OR (paper, url_key) IN (SELECT paper, url_key FROM aliases WHERE article_id = ?1 AND kind <> 'uid' "
        "AND uid = ?3))",
        (number, alias["paper"], alias["url_key"]),
    ).fetchall()
    return bool(read) and all(_is_aside(job, job.captures[capture]) for (capture,) in read)


def _is_aside(job: Brought, capture: int) -> bool:
    """Say whether a capture of ours is kept as a refusal that shows another article."""
    row = job.db.conn.execute(
        "SELECT 1 FROM captures WHERE id = ? AND outcome = 'refused' AND content_sha256 IS NOT NULL", (capture,)
    ).fetchone()
    return row is not None


def _join(job: Brought, number: int, theirs: Row, article_id: int, news: set[int], *, merged: bool) -> bool:
    """Add to our article what the other's was seen to be, and tell its history from the captures of both.

    ``merged``: ours were several until now. Return whether anything is told that was not.
    """
    db = job.db
    shown, taken = _shown_by_both(job, number, theirs, article_id, news)
    place = own_place(job.other, number)
    if taken or merged or news:
        add_place(db, article_id, place, _evidence(job, number, article_id, place))
        _give_captures(job, number, article_id, all_of_them=False)
        newest = tell(db, article_id, shown, reread=bool(taken))
        db.conn.execute(
            "UPDATE articles SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?2) WHERE id = ?3",
            (theirs["first_seen"], theirs["last_seen"], article_id),
        )
        if newest in taken:
            _take_small_facts(job, number, theirs, article_id)
            overlay(db, article_id)
    made = db.conn.execute(
        "UPDATE articles SET visibility = 'private' WHERE id = ? AND visibility <> 'private' AND ? = 'private'",
        (article_id, theirs["visibility"]),
    )
    old = _bring_old_readings(job, number, article_id)
    return bool(taken or merged or news or old or made.rowcount)


def _shown_by_both(
    job: Brought, number: int, theirs: Row, article_id: int, news: set[int]
) -> tuple[list[State], set[int]]:
    """Return what the captures of both show, of one that both read what the newer rules did; and which are theirs."""
    known = {state.capture_id: state for state in states(job.db, article_id)}
    (extractor,) = job.db.conn.execute("SELECT extractor FROM articles WHERE id = ?", (article_id,)).fetchone()
    by_ours, by_theirs = version_of(extractor), version_of(theirs["extractor"])
    taken = set()
    for state in states(job.other, number):
        ours = job.captures[state.capture_id]
        held = known.get(ours)
        same = held is not None and held.content_sha256 == state.content_sha256
        better = same and held is not None and (by_theirs, state.facts) > (by_ours, held.facts)
        if ours in news or better or (held is None and not _is_aside(job, ours)):
            known[ours] = _renumbered(job, theirs["paper"], replace(state, capture_id=ours))
            taken.add(ours)
    return list(known.values()), taken


def _renumbered(job: Brought, paper: str, state: State) -> State:
    if state.read_by is None:
        return state
    template, extractor, version = state.read_by
    return replace(state, read_by=(template, extractor, job.furniture.get((paper, version or 0), version)))


def _evidence(job: Brought, number: int, article_id: int, place: Place) -> str:
    """Return by what the other's own address and ours are told to be one article's."""
    own = own_place(job.db, article_id)
    said = [
        db.conn.execute(
            "SELECT kind FROM aliases WHERE article_id = ? AND paper = ? AND url_key = ?", (owner, at.paper, at.url_key)
        ).fetchone()
        for db, owner, at in ((job.other, number, own), (job.db, article_id, place))
    ]
    kinds = [str(row[0]) for row in said if row and row[0] in ("newsroom-id", "same-text")]
    if kinds:
        return kinds[0]
    return "newsroom-id" if place.newsroom is not None and place.newsroom == own.newsroom else "same-text"


def _bring_old_readings(job: Brought, number: int, article_id: int) -> bool:
    """Bring what the other archive read by older rules, each reading once, at its earliest; return whether any is new.

    Its corrections are told again from their own table.
    """
    db, changed = job.db.conn, False
    text = job.other.conn.execute("SELECT text FROM article_text WHERE article_id = ?", (number,)).fetchone()
    for row in rows(job.other, "revisions", "article_id = ? AND kind = 'extraction' ORDER BY seen_at", (number,)):
        held = db.execute(
            "SELECT id, seen_at FROM revisions WHERE article_id = ? AND kind = 'extraction' AND content_sha256 = ? "
            "AND facts = ?",
            (article_id, row["content_sha256"], row["facts"]),
        ).fetchone()
        if held and held[1] <= row["seen_at"]:
            continue
        changed, at = True, free_moment(job.db, article_id, row["seen_at"])
        if held:
            db.execute("UPDATE revisions SET seen_at = ? WHERE id = ?", (at, held[0]))
            continue
        (shown,) = db.execute("SELECT content_sha256 FROM articles WHERE id = ?", (article_id,)).fetchone()
        said = None if row["content_sha256"] == shown else text[0] if row["text"] is None else row["text"]
        capture = job.captures[row["capture_id"]]
        insert(job.db, "revisions", row.but(article_id=article_id, capture_id=capture, seen_at=at, text=said))
    return changed


def _take_small_facts(job: Brought, number: int, theirs: Row, article_id: int) -> None:
    names = [name for name in SMALL if name in theirs.names]
    job.db.conn.execute(
        f"UPDATE articles SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        (*(theirs[name] for name in names), article_id),
    )
    for table in ("tags", "images"):
        job.db.conn.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
        for part in rows(job.other, table, IN_ORDER, (number,)):
            insert(job.db, table, part.but(article_id=article_id, **NO_PICTURE))


def _bring_aliases(job: Brought, number: int, article_id: int) -> bool:
    """Bring the addresses of the other's article; return whether any of them is new, or told better."""
    listed = "SELECT paper, url_key, kind, first_seen, uid, newsroom_id FROM aliases WHERE article_id = ? ORDER BY 1, 2"
    before = job.db.conn.execute(listed, (article_id,)).fetchall()
    uid = job.db.conn.execute("SELECT uid FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
    # Where an address only leads, what points at it decides (`judge_anew`): it may be an article's own here.
    for row in rows(job.other, "aliases", f"article_id = ? AND NOT ({LEADS})", (number,)):
        at = moment(row["first_seen"])
        assert at is not None
        if row["url_key"] != uid and not _is_parted(job, number, row):
            place = Place(row["paper"], row["url"], row["url_key"], row["uid"], row["newsroom_id"], at)
            read = place if row["uid"] else None
            add_alias(job.db, row["paper"], row["url"], row["url_key"], article_id, row["kind"], at, read)
    return bool(job.db.conn.execute(listed, (article_id,)).fetchall() != before)
