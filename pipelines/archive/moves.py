"""Follows what addresses say of each other: redirects and canonical names, and the articles they prove to be one.

Each such word is kept in table ``pointers``, so that what it proves does not depend on which page
came in first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.archive.addresses import add_alias, alias_at, article_at, holder, numbers
from pipelines.archive.connection import moment, stamp
from pipelines.archive.histories import states, tell
from pipelines.archive.merging import merge
from pipelines.archive.revisions import TOLD
from pipelines.archive.vanished import set_gone
from pipelines.duplicates import Told, is_moved
from pipelines.urls import url_key

if TYPE_CHECKING:
    from sqlite_utils import Database

    from pipelines.archive.frontier import FrontierRows
    from pipelines.items import Visit


MOST_HOPS = 10
"""Addresses that redirects are followed over from one; browsers and fetchers give up at 5 to 20."""
SAME_URL = """
WITH RECURSIVE line (name, after) AS (
  SELECT successor, 1 FROM papers WHERE name = ?1 UNION SELECT name, 0 FROM papers WHERE successor = ?1
  UNION SELECT p.successor, 1 FROM papers p JOIN line l ON l.after AND p.name = l.name
  UNION SELECT p.name, 0 FROM papers p JOIN line l ON NOT l.after AND p.successor = l.name)
SELECT name, after FROM line WHERE name IN (
  SELECT paper FROM articles WHERE paper = name AND url_key = ?2 UNION ALL
  SELECT paper FROM aliases WHERE paper = name AND url_key = ?2 AND kind <> 'redirect')
"""
"""The papers before and after a paper (1) that hold an article at this address (2), too."""
NEVER = datetime.max.replace(tzinfo=UTC)
"""Later than any capture: leaves what is known of when as it is."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """One address' word that another is the article's: ``moved``, ``redirect`` (temporary) or ``canonical``."""

    source: tuple[str, str]
    url: str
    target: tuple[str, str]
    to_url: str
    kind: str
    at: datetime


def point(db: Database, paper: str, url: str, to_paper: str, to_url: str, kind: str, at: datetime) -> None:
    """Keep that ``url`` points at ``to_url``; runs in the caller's transaction."""
    db.conn.execute(
        "INSERT INTO pointers (paper, url_key, url, to_paper, to_key, to_url, kind, first_seen, last_seen) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT DO UPDATE SET "
        "first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)",
        (paper, url_key(url), url, to_paper, url_key(to_url), to_url, kind, stamp(at)),
    )


def meet(db: Database, paper: str, url: str, at: datetime) -> None:
    """Keep that an address on a host that a closed paper left to its successor was a page of both."""
    for other, after in db.conn.execute(SAME_URL, (paper, url_key(url))).fetchall():
        closed, successor = (paper, other) if after else (other, paper)
        point(db, closed, url, successor, url, "moved", at)


def follow(db: Database, paper: str, url: str, to_paper: str, to_url: str, at: datetime, *, moved: bool) -> None:
    """Keep a redirect of an article's address, and do what it proves; runs in the caller's transaction."""
    point(db, paper, url, to_paper, to_url, "moved" if moved else "redirect", at)
    for address in ((to_paper, url_key(to_url)), (paper, url_key(url))):
        held = article_at(db, *address)
        if held is not None:
            set_gone(db, settle(db, held))


def follow_visit(db: Database, visit: Visit, url: str, frontier: FrontierRows) -> None:
    """Keep where an article's address leads; an address of the successor is the successor's to fetch."""
    to_paper = visit.redirect_paper or visit.paper
    if url_key(url) == url_key(visit.url):
        return
    if to_paper != visit.paper:
        frontier.ensure(to_paper, url, "article", visit.at)
    follow(db, visit.paper, visit.url, to_paper, url, visit.at, moved=visit.moved)


def settle(db: Database, article_id: int) -> int:
    """Join to an article what points at its addresses, or its addresses point at, as far as that is proven.

    Returns the row id of the article that it is then.
    """
    going = article_id if _is_pointed(db, article_id) else None
    while going is not None:
        article_id = going
        joined = (_joined(db, article_id, pointer) for pointer in _pointers(db, article_id))
        going = next((stays for stays in joined if stays is not None), None)
    return article_id


def _joined(db: Database, article_id: int, pointer: Pointer) -> int | None:
    """Do what one pointer proves; return the article's row id if that changed anything."""
    source, target = holder(db, *pointer.source), holder(db, *pointer.target)
    onward = pointer.source[0] != pointer.target[0]
    if source is None or not _is_read(db, pointer.source):
        return _adopt(db, article_id, pointer, proven=target is not None and not onward)
    if pointer.kind == "redirect":
        return None
    for found, address, url in _destinations(db, pointer):
        if found == source:
            _name_better(db, source, pointer, address, url)
        elif is_moved(pointer.kind, _told(db, source), _told(db, found), onward=address[0] != pointer.source[0]):
            return merge(db, source, found, "same-text")
    return None


def _is_read(db: Database, address: tuple[str, str]) -> bool:
    """Say whether an article was read at an address, not only led to from there."""
    row = db.conn.execute(
        "SELECT 1 FROM captures WHERE paper = ? AND url_key = ? AND outcome = 'article' LIMIT 1", address
    ).fetchone()
    return row is not None


def _destinations(db: Database, pointer: Pointer) -> list[tuple[int, tuple[str, str], str]]:
    """Return the articles that a pointer is to, and the addresses (paper and key, URL) at which they are.

    Where it moved to an address at which nothing was read, those that permanent redirects ever led to from there.
    """
    found = []
    seen, waiting = {pointer.source}, [(pointer.target, pointer.to_url)]
    for _ in range(MOST_HOPS):
        address, url = next(((a, url) for a, url in waiting if a not in seen), (None, ""))
        if address is None:
            break
        seen.add(address)
        if _is_read(db, address) or pointer.kind != "moved":
            held = holder(db, *address)
            found += [(held, address, url)] if held is not None else []
            continue
        rows = db.conn.execute(
            "SELECT to_paper, to_key, to_url FROM pointers WHERE paper = ? AND url_key = ? AND kind = 'moved' "
            "ORDER BY first_seen, to_key",
            address,
        ).fetchall()
        waiting += [((row[0], row[1]), row[2]) for row in rows]
    return found


def _adopt(db: Database, article_id: int, pointer: Pointer, *, proven: bool) -> int | None:
    """Make an address at which no article was read, and that redirects here, an alias."""
    if pointer.kind == "canonical" or article_at(db, *pointer.target) != article_id:
        return None
    kind, paper, key = pointer.kind if proven else "redirect", *pointer.source
    known = alias_at(db, paper, key)
    if _leads_to(db, paper, key) != article_id:
        return None
    if known and known[0] != article_id:
        db.conn.execute("DELETE FROM aliases WHERE paper = ? AND url_key = ?", (paper, key))
    add_alias(db, paper, pointer.url, key, article_id, kind, _since(db, pointer.source) or pointer.at)
    return None if alias_at(db, paper, key) == known else article_id


def _since(db: Database, address: tuple[str, str]) -> datetime | None:
    """Return when an address was first seen to lead anywhere."""
    row = db.conn.execute(
        "SELECT min(first_seen) FROM pointers WHERE paper = ? AND url_key = ? AND kind <> 'canonical'", address
    ).fetchone()
    return moment(row[0])


def _leads_to(db: Database, paper: str, key: str) -> int | None:
    """Return the article that an address was last seen to redirect to."""
    rows = db.conn.execute(
        "SELECT to_paper, to_key FROM pointers WHERE paper = ? AND url_key = ? AND kind <> 'canonical' "
        "ORDER BY last_seen DESC, to_key",
        (paper, key),
    ).fetchall()
    return next((held for row in rows if (held := article_at(db, *row)) is not None), None)


def _name_better(db: Database, article_id: int, pointer: Pointer, end: tuple[str, str], end_url: str) -> None:
    """Call an alias by the better evidence that a pointer is; where it moved, its small facts count from now on."""
    moved = False
    for address, url in {pointer.source: pointer.url, pointer.target: pointer.to_url, end: end_url}.items():
        known = alias_at(db, *address)
        if known is not None and known[0] == article_id:
            add_alias(db, address[0], url, address[1], article_id, pointer.kind, _since(db, address) or NEVER)
            moved = moved or (pointer.kind == "moved" and known[1] != "moved")
    if moved:
        tell(db, article_id, states(db, article_id))


def _is_pointed(db: Database, article_id: int) -> bool:
    """Say whether there is anything to follow: most articles have one address, and nothing points at it."""
    row = db.conn.execute(
        "SELECT 1 FROM articles a WHERE a.id = ?1 AND ("
        "EXISTS (SELECT 1 FROM aliases x WHERE x.article_id = ?1) "
        "OR EXISTS (SELECT 1 FROM pointers p WHERE p.paper = a.paper AND p.url_key = a.url_key) "
        "OR EXISTS (SELECT 1 FROM pointers p WHERE p.to_paper = a.paper AND p.to_key = a.url_key))",
        (article_id,),
    ).fetchone()
    return row is not None


def _pointers(db: Database, article_id: int) -> list[Pointer]:
    """Return the pointers from and to an article's addresses, those that say most first.

    Also to addresses at which nothing was read, and that moved to one of these. CROSS JOIN: SQLite is to look
    pointers up by these addresses, not to go through all there are.
    """
    columns = "p.paper, p.url_key, p.url, p.to_paper, p.to_key, p.to_url, p.kind, p.first_seen"
    rows = db.conn.execute(
        "WITH RECURSIVE own (paper, url_key) AS (SELECT paper, url_key FROM articles WHERE id = ?1 UNION "
        "SELECT paper, url_key FROM aliases WHERE article_id = ?1 AND kind <> 'uid' UNION "
        "SELECT q.paper, q.url_key FROM own o CROSS JOIN pointers q ON q.to_paper = o.paper AND q.to_key = o.url_key "
        "WHERE q.kind = 'moved' AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.paper = q.paper "
        "AND c.url_key = q.url_key AND c.outcome = 'article')) "
        f"SELECT {columns} FROM own o CROSS JOIN pointers p ON p.paper = o.paper AND p.url_key = o.url_key UNION "
        f"SELECT {columns} FROM own o CROSS JOIN pointers p ON p.to_paper = o.paper AND p.to_key = o.url_key",
        (article_id,),
    ).fetchall()
    found = [Pointer((r[0], r[1]), r[2], (r[3], r[4]), r[5], r[6], at) for r in rows if (at := moment(r[7]))]
    return sorted(found, key=lambda p: (p.kind != "moved", p.at, p.source, p.target))


def _told(db: Database, article_id: int) -> Told:
    (paper,) = db.conn.execute("SELECT paper FROM articles WHERE id = ?", (article_id,)).fetchone()
    rows = db.conn.execute(
        "SELECT r.title, r.text_sha256, coalesce(r.text, t.text), json_extract(r.facts, '$.published') "
        "FROM revisions r JOIN article_text t ON t.article_id = r.article_id "
        f"WHERE r.article_id = ? AND r.{TOLD}",
        (article_id,),
    ).fetchall()
    return Told.of(paper, numbers(db, article_id), rows)
