"""The rows of warc_files: what is known of each WARC file, and whether it is still what it was."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from pipelines.archive.connection import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from pipelines.archive.connection import Connection


class FileRow(NamedTuple):
    """What the archive knows of a file: ``records`` point into it, the last of them ends at byte ``end``."""

    path: str
    records: int
    end: int
    bytes: int | None
    sha256: str | None
    checked_at: str | None


class Row(NamedTuple):
    """Where a capture says its record stands, and what it says of it."""

    id: int
    url: str
    fetched_at: str
    status: int
    record: str
    file: str
    offset: int
    length: int
    payload_digest: str


ROW = "id, url, fetched_at, status, record, warc_file, warc_offset, warc_length, payload_digest"


def counts(db: Connection) -> tuple[int, int]:
    """Return how many articles and captures there are."""
    articles, captures = db.execute(
        "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM captures)"
    ).fetchone()
    return articles, captures


def rows_in(db: Connection, path: str) -> Iterator[Row]:
    """Give the captures whose records stand in a file, by offset."""
    for row in db.execute(f"SELECT {ROW} FROM captures WHERE warc_file = ? ORDER BY warc_offset", (path,)):
        yield Row(*row)


def indexed(db: Connection) -> Iterator[tuple[Row, str]]:
    """Give all captures with their headers (JSON), but 304s, which have no page, and those of private articles.

    A picture is private that private articles alone show.
    """
    columns = ", ".join(f"c.{name}" for name in ROW.split(", "))
    rows = db.execute(
        f"SELECT {columns}, c.headers FROM captures c LEFT JOIN articles a ON a.id = c.article_id "
        "WHERE a.visibility IS NOT 'private' AND c.status <> 304 AND (c.outcome IS NOT 'image/kept' OR EXISTS "
        "(SELECT 1 FROM images i JOIN articles a ON a.id = i.article_id WHERE i.url_key = c.url_key "
        "AND a.visibility = 'public')) ORDER BY c.id"
    )
    for row in rows:
        yield Row(*row[:-1]), row[-1]


def sorted_by_the_database(db: Connection, lines: Iterable[str]) -> Iterator[str]:
    """Give lines sorted as bytes of UTF-8, however many; they wait in a temporary file of SQLite's."""
    db.execute("CREATE TEMP TABLE lines (line TEXT)")
    try:
        db.execute("BEGIN")
        db.executemany("INSERT INTO temp.lines VALUES (?)", ((line,) for line in lines))
        db.execute("COMMIT")
        yield from (row[0] for row in db.execute("SELECT line FROM temp.lines ORDER BY line"))
    finally:
        db.execute("DROP TABLE temp.lines")


def sample(db: Connection, count: int, seed: int) -> list[Row]:
    """Return about ``count`` captures drawn at random, the same for the same seed and archive, by file and offset."""
    (last,) = db.execute("SELECT max(id) FROM captures").fetchone()
    draw = Random(seed)  # noqa: S311 - a sample, no secret
    drawn = draw.sample(range(1, last + 1), min(count, last)) if last else []
    rows = (db.execute(f"SELECT {ROW} FROM captures WHERE id >= ? ORDER BY id LIMIT 1", (n,)).fetchone() for n in drawn)
    return sorted({Row(*row) for row in rows if row}, key=lambda row: (row.file, row.offset))


def to_be_erased(db: Connection, path: str) -> set[int]:
    """Return where records stand in a file that an interrupted erasure has not replaced yet, or not noted so."""
    rows = db.execute(
        "SELECT json_extract(r.value, '$[1]') FROM takedowns t, json_each(t.records) r "
        "WHERE t.records IS NOT NULL AND json_extract(r.value, '$[0]') = ?",
        (path,),
    )
    return {row[0] for row in rows}


def knows_exchange(db: Connection, url: str, at: datetime) -> bool:
    """Say whether an exchange is in the archive, in whichever file."""
    row = db.execute("SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? LIMIT 1", (url, stamp(at))).fetchone()
    return row is not None


def wrote(db: Connection, paper: str, at: datetime, *, behind: bool) -> bool:
    """Say whether a crawl of the paper must have noted what was written at a moment.

    One that ended had noted all it wrote; one that began later takes up what stands ``behind`` the known records.
    """
    row = db.execute(
        "SELECT 1 FROM runs WHERE paper = ?1 AND ((started_at <= ?2 AND finished_at >= ?2) OR (?3 AND started_at > ?2))"
        " LIMIT 1",
        (paper, stamp(at), behind),
    ).fetchone()
    return row is not None


FILES = (
    "SELECT f.path, coalesce(c.records, 0), coalesce(c.end, 0), w.bytes, w.sha256, w.checked_at FROM "
    "(SELECT path FROM warc_files {0} UNION SELECT warc_file FROM captures {1}) f "
    "LEFT JOIN (SELECT warc_file, count(*) AS records, max(warc_offset + warc_length) AS end FROM captures {1} "
    "GROUP BY warc_file) c ON c.warc_file = f.path LEFT JOIN warc_files w ON w.path = f.path ORDER BY f.path"
)


def known(db: Connection) -> dict[str, FileRow]:
    """Return all files that a capture or a row of warc_files names, by path."""
    return {row[0]: FileRow(*row) for row in db.execute(FILES.format("", ""))}


def known_file(db: Connection, path: str) -> FileRow | None:
    """Return what the archive knows of one file, or None for one that nothing names."""
    row = db.execute(FILES.format("WHERE path = ?1", "WHERE warc_file = ?1"), (path,)).fetchone()
    return FileRow(*row) if row else None


def put(db: Connection, files: Iterable[tuple[str, int]]) -> None:
    """Note files (path, bytes) and the span of their captures; a file that has changed loses its digest.

    Runs in the caller's transaction.
    """
    db.executemany(
        "INSERT INTO warc_files (path, paper, bytes, first_at, last_at) "
        "SELECT ?1, min(paper), ?2, min(fetched_at), max(fetched_at) FROM captures WHERE warc_file = ?1 "
        "ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes, first_at = excluded.first_at, "
        "last_at = excluded.last_at, sha256 = iif(bytes = excluded.bytes, sha256, NULL), "
        "checked_at = iif(bytes = excluded.bytes, checked_at, NULL)",
        files,
    )


def sealed(db: Connection) -> set[str]:
    """Return the files whose digest is kept."""
    return {row[0] for row in db.execute("SELECT path FROM warc_files WHERE sha256 IS NOT NULL")}


def seal(db: Connection, path: str, size: int, sha256: str, at: datetime) -> None:
    """Keep the digest of a finished file, and that it was read whole at this moment.

    A digest that is there stays. Runs in the caller's transaction.
    """
    put(db, [(path, size)])
    db.execute(
        "UPDATE warc_files SET sha256 = coalesce(sha256, ?2), checked_at = ?3 WHERE path = ?1",
        (path, sha256, stamp(at)),
    )
