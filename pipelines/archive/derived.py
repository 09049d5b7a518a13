"""Whether what rows say follows from the rows they were told from: captures, versions, corrections, runs.

Each check gives faults one by one, so that memory does not grow with the archive, and reads only.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlite_utils import Database

from pipelines.archive.coherence import BY_RULES, ROWS_AGAIN
from pipelines.archive.corrections import told_of
from pipelines.archive.revisions import FACTS, names_in
from pipelines.corrections import FIELDS, standing, values_at
from pipelines.faults import REBUILD, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipelines.archive.connection import Connection

BESIDE = timedelta(milliseconds=1)
"""Versions that captures of one moment show are kept less than so long after it, a microsecond after each other."""
SHOWS = "outcome IN ('article', 'unchanged')"
"""SQL: whether a capture shows its article."""
CORRECTED = (
    "(SELECT a.id FROM corrections k JOIN articles a ON a.uid = k.uid UNION SELECT x.article_id FROM corrections k "
    "JOIN aliases x ON x.kind = 'uid' AND x.url_key = k.uid)"
)
"""SQL: the articles that curators corrected."""

KEPT = (
    "SELECT title, lead, json_extract(facts, '$.author'), json_extract(facts, '$.source'), "
    "json_extract(facts, '$.section'), json_extract(facts, '$.published') FROM revisions "
    "WHERE article_id = ? AND kind = 'correction'"
)
"""What versions of kind correction say in `FIELDS`."""


def told_faults(db: Connection) -> Iterator[Fault]:
    """Give versions that their capture does not show at their time, and versions called by another kind of change."""
    rows = db.execute(
        "SELECT a.uid, r.id, r.seen_at, r.capture_id, c.fetched_at, c.article_id IS r.article_id "
        f"AND c.{SHOWS} AND c.content_sha256 IS r.content_sha256 FROM revisions r "
        "JOIN articles a ON a.id = r.article_id "
        f"LEFT JOIN captures c ON c.id = r.capture_id WHERE r.kind IN {BY_RULES} ORDER BY r.id"
    )
    for uid, number, seen_at, capture, fetched_at, shows in rows:
        place = f"article {uid}, revision {number}"
        if not shows:
            said = f"expected its capture {capture} to show this version, found it does not"
            yield Fault("revision", place, said, REBUILD)
        elif seen_at != fetched_at and not _is_beside(seen_at, fetched_at):
            said = f"expected it seen at the time of its capture {capture}, {fetched_at}, found {seen_at}"
            yield Fault("revision", place, said, REBUILD)
    rows = db.execute(
        "SELECT a.uid, r.id, r.kind, r.told FROM (SELECT *, iif(lag(id) OVER w IS NULL, 'first', "
        "iif(lag(content_sha256) OVER w <> content_sha256, 'edit', iif(lag(facts) OVER w <> facts, 'meta', 'none'))) "
        f"AS told FROM revisions WHERE kind IN {BY_RULES} WINDOW w AS (PARTITION BY article_id ORDER BY seen_at)) r "
        "JOIN articles a ON a.id = r.article_id WHERE r.kind <> r.told ORDER BY r.id"
    )
    for uid, number, kind, told in rows:
        said = f"expected it to be of kind {told}, by what it changed, found {kind}"
        yield Fault("revision", f"article {uid}, revision {number}", said, ROWS_AGAIN)


def _is_beside(seen_at: str, fetched_at: str) -> bool:
    try:
        return timedelta(0) <= datetime.fromisoformat(seen_at) - datetime.fromisoformat(fetched_at) < BESIDE
    except (ValueError, TypeError):  # no moment, or one without its zone
        return False


def seen_faults(db: Connection) -> Iterator[Fault]:
    """Give articles whose first_seen or last_seen is not that of the captures that show them.

    A page that had not changed (304) counts for the first only where a page before it is held.
    """
    rows = db.execute(
        "SELECT a.uid, a.first_seen, a.last_seen, s.page, s.first, s.last FROM articles a JOIN (SELECT article_id, "
        "min(fetched_at) FILTER (WHERE outcome = 'article') AS page, min(fetched_at) AS first, "
        f"max(fetched_at) AS last FROM captures WHERE article_id IS NOT NULL AND {SHOWS} GROUP BY article_id) s "
        "ON s.article_id = a.id WHERE a.first_seen NOT IN (s.first, coalesce(s.page, s.first)) "
        "OR a.last_seen <> s.last ORDER BY a.id"
    )
    for uid, first, last, page, earliest, newest in rows:
        if last != newest:
            said = f"expected last_seen to be the time of its newest capture, {newest}, found {last}"
        else:
            said = f"expected first_seen to be the time of its first capture, {page or earliest}, found {first}"
        yield Fault("article", f"article {uid}", said, ROWS_AGAIN)


def address_faults(db: Connection) -> Iterator[Fault]:
    """Give articles at whose address captures have other URLs alone."""
    rows = db.execute(
        "SELECT uid, url, url_key FROM articles a WHERE EXISTS (SELECT 1 FROM captures c WHERE c.paper = a.paper "
        "AND c.url_key = a.url_key) AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.paper = a.paper "
        "AND c.url_key = a.url_key AND c.url = a.url) ORDER BY id"
    )
    for uid, url, key in rows:
        said = f"expected a capture of its address {url}, found captures at {key} of others alone"
        yield Fault("article", f"article {uid}", said, ROWS_AGAIN)


def shown_faults(db: Connection) -> Iterator[Fault]:
    """Give articles that show other small facts than their newest version and the corrections that stand.

    Also those whose authors are not the names of their author, and whose images are gone.
    """
    differ = [f"a.{name} IS NOT json_extract(r.facts, '$.{name}')" for name in FACTS]
    rows = db.execute(
        f"SELECT a.uid, {', '.join(differ)} FROM articles a JOIN (SELECT *, row_number() OVER "
        f"(PARTITION BY article_id ORDER BY seen_at DESC) AS place FROM revisions WHERE kind IN {BY_RULES}) r "
        f"ON r.article_id = a.id AND r.place = 1 WHERE a.id NOT IN {CORRECTED} "
        f"AND ({' OR '.join(differ)}) ORDER BY a.id"
    )
    for uid, *differs in rows:
        names = ", ".join(name for name, is_other in zip(FACTS, differs, strict=True) if is_other)
        said = f"expected what its newest version says, found another {names}"
        yield Fault("article", f"article {uid}", said, ROWS_AGAIN)
    yield from _corrected(db)
    rows = db.execute(
        "SELECT a.uid, a.author, (SELECT json_group_array(author) FROM authors WHERE article_id = a.id), "
        "json_extract(a.provenance, '$.images') IS NULL OR EXISTS (SELECT 1 FROM images WHERE article_id = a.id) "
        "FROM articles a ORDER BY a.id"
    )
    for uid, author, listed, pictured in rows:
        signed = names_in(author)
        if sorted(signed) != sorted(json.loads(listed)):
            said = f"expected {', '.join(signed) or 'nobody'} in authors, as its author says, found {listed}"
            yield Fault("article", f"article {uid}", said, ROWS_AGAIN)
        if not pictured:
            yield Fault("image", f"article {uid}", "expected images, as its provenance says, found none", REBUILD)


def _corrected(db: Connection) -> Iterator[Fault]:
    """Give corrected articles that do not show what their corrections come to, or do not keep it as versions."""
    db.execute("BEGIN")
    try:
        columns = ", ".join(FIELDS)
        rows = db.execute(f"SELECT id, uid, {columns} FROM articles WHERE id IN {CORRECTED} ORDER BY id").fetchall()
        for article_id, uid, *shown in rows:
            _, told, made = told_of(Database(db), article_id)
            if told and tuple(shown) != _fields(values_at(told, made)):
                said = "expected what its corrections that stand come to, found something else shown"
                yield Fault("article", f"article {uid}", said, ROWS_AGAIN)
            kept = db.execute(KEPT, (article_id,)).fetchall()
            if told and Counter(kept) != Counter(_fields(values) for _, values in standing(told, made)):
                said = "expected a version of each of its corrections that changed anything, found others"
                yield Fault("revision", f"article {uid}", said, ROWS_AGAIN)
    finally:
        db.execute("COMMIT")


def _fields(values: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return tuple(values[name] for name in FIELDS)


def file_faults(db: Connection) -> Iterator[Fault]:
    """Give WARC files that a run noted when it ended, that captures have their records in, and that have no row."""
    rows = db.execute(
        "SELECT DISTINCT j.value FROM runs r, json_each(r.warc_files) j WHERE r.finished_at IS NOT NULL "
        "AND j.value NOT IN (SELECT path FROM warc_files) "
        "AND EXISTS (SELECT 1 FROM captures c WHERE c.warc_file = j.value) ORDER BY 1"
    )
    for (path,) in rows:
        said = "expected a row in warc_files, as a run that ended wrote it, found none"
        yield Fault("file", path, said, "note it anew: scrapy verify --seal, or " + REBUILD)
