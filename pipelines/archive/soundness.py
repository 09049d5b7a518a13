"""Whether the database itself is sound: its pages, its references, its schema, its search indexes."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from sqlite_utils import Database

from pipelines.archive.connection import DatabaseError, sqlite3
from pipelines.faults import REBUILD, Fault
from pipelines.migrations import COLUMNS, migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.archive.connection import Connection

MOST = 100
"""Messages that SQLite's own check is asked for."""
NAMED = 5
"""Rows with a reference that leads nowhere that are named, of each reference."""
INDEXES = ("articles_fts", "articles_exact")
"""The full-text indexes over public articles."""
INDEX_AGAIN = "write the index anew: sqlite-utils ARCHIVE \"INSERT INTO {0} ({0}) VALUES ('rebuild')\""
SCHEMA_AGAIN = "copy its SQL from a new archive's schema (sqlite3 NEW.db .schema), or " + REBUILD


def database_faults(db: Connection) -> Iterator[Fault]:
    """Give what SQLite finds wrong with its pages and indexes, and references that lead nowhere."""
    for (message,) in db.execute(f"PRAGMA integrity_check({MOST})"):
        if message != "ok":
            yield Fault("integrity", "the database", f"expected sound pages, found: {message}", REBUILD)
    broken: dict[tuple[str, str, int], list[int]] = {}
    more: Counter[tuple[str, str, int]] = Counter()
    for table, rowid, parent, number in db.execute("PRAGMA foreign_key_check"):
        rows = broken.setdefault((table, parent, number), [])
        if rowid is None or len(rows) == NAMED:
            more[table, parent, number] += 1
        else:
            rows.append(rowid)
    for key, rows in broken.items():
        table, parent, number = key
        columns = {row[0]: row[3] for row in db.execute(f"PRAGMA foreign_key_list({table})")}
        others = f" and {more[key]} more" if more[key] else ""
        place = f"{table}, row {', '.join(map(str, rows))}{others}"
        yield Fault("reference", place, f"expected its {columns[number]} in {parent}, found none there", REBUILD)


def schema_faults(db: Connection) -> Iterator[Fault]:
    """Give tables, indexes, views and triggers that are missing or not as the migrations make them.

    ``sqlite-utils transform`` drops triggers, and with them what feeds the search.
    """
    with closing(sqlite3.connect(":memory:")) as memory:
        migrations.apply(Database(memory))
        expected = _schema(memory)
    found = _schema(db)
    for (kind, name), sql in expected.items():
        if (kind, name) not in found:
            yield Fault("schema", f"{kind} {name}", "expected it in the schema, found none", SCHEMA_AGAIN)
        elif found[kind, name] != sql:
            yield Fault(
                "schema", f"{kind} {name}", "expected it as the migrations make it, found other SQL", SCHEMA_AGAIN
            )


def _schema(db: Connection) -> dict[tuple[str, str], str]:
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND name NOT LIKE '\\_sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
    )
    return {(kind, name): " ".join(sql.split()) for kind, name, sql in rows}


def search_faults(db: Connection) -> Iterator[Fault]:
    """Give articles that the indexes hold and should not, or should and do not, and words that are not the text's.

    FTS5 checks a copy of each index (in a temporary file of SQLite's, about 2 kB an article) against the texts, word
    by word and place by place. Where they differ the text is indexed again and compared, to say in what: which
    articles, how many words of each by column, how often each word is found in all. Reads one state of the archive,
    and writes nothing to it.
    """
    for index in INDEXES:
        db.execute("BEGIN")
        try:
            yield from _index_faults(db, index)
        finally:
            db.execute("COMMIT")
            for name in ("held", "again", "now_words", "again_words"):
                db.execute(f"DROP TABLE IF EXISTS temp.{name}")
            db.execute("DROP VIEW IF EXISTS temp.held_source")


def _index_faults(db: Connection, index: str) -> Iterator[Fault]:
    (sql,) = db.execute("SELECT sql FROM main.sqlite_schema WHERE name = ?", (index,)).fetchone() or ("",)
    tokenize = re.search(r'tokenize="([^"]*)"', sql)
    if tokenize is None:
        return
    said = _said_by_fts5(db, index, tokenize[1])
    if not said:
        return
    names, remedy = ", ".join(COLUMNS), INDEX_AGAIN.format(index)
    db.execute(f"CREATE VIRTUAL TABLE temp.again USING fts5 ({names}, content='', tokenize=\"{tokenize[1]}\")")
    db.execute(f"INSERT INTO temp.again (rowid, {names}) SELECT id, {names} FROM main.{index}_source")
    found = [Fault("search", f"{index}, {place}", said, remedy) for place, said in _documents(db, index)]
    found = found or list(_words(db, index, remedy))
    if not found:
        said = f"expected each word at its place in the article that has it, found some at others' (FTS5 says: {said})"
        found = [Fault("search", index, said, remedy)]
    yield from found


def _said_by_fts5(db: Connection, index: str, tokenize: str) -> str:
    """Return what FTS5's own check finds wrong with an index, ``""`` for nothing.

    It is a statement that writes, so it runs over a copy of the index: https://www.sqlite.org/fts5.html, 6.5.
    """
    db.execute(f"CREATE TEMP VIEW held_source AS SELECT * FROM main.{index}_source")
    db.execute(
        f"CREATE VIRTUAL TABLE temp.held USING fts5 ({', '.join(COLUMNS)}, content='held_source', content_rowid='id', "
        f'tokenize="{tokenize}")'
    )
    for part in ("data", "idx", "docsize", "config"):
        db.execute(f"DELETE FROM temp.held_{part}")
        db.execute(f"INSERT INTO temp.held_{part} SELECT * FROM main.{index}_{part}")
    try:
        db.execute("INSERT INTO temp.held (held, rank) VALUES ('integrity-check', 1)")
    except DatabaseError as error:
        return str(error).replace('"held"', f'"{index}"')
    return ""


def _documents(db: Connection, index: str) -> Iterator[tuple[str, str]]:
    rows = db.execute(
        "SELECT coalesce(n.id, i.id), n.id IS NULL, i.id IS NULL, a.uid, a.visibility FROM "
        f"temp.again_docsize n FULL JOIN main.{index}_docsize i ON i.id = n.id "
        "LEFT JOIN articles a ON a.id = coalesce(n.id, i.id) WHERE n.sz IS NOT i.sz ORDER BY 1"
    )
    for number, unexpected, missing, uid, visibility in rows:
        article = f"article {uid}" if uid else f"row {number}"
        if unexpected:
            why = "is private" if visibility == "private" else "has no text" if uid else "is not in articles"
            yield article, f"expected it not to be found (it {why}), found it indexed"
        elif missing:
            yield article, "expected it to be found by its words, found it is not indexed"
        else:
            yield article, "expected as many words as its title, lead, author and text have, found others indexed"


def _words(db: Connection, index: str, remedy: str) -> Iterator[Fault]:
    db.execute(f"CREATE VIRTUAL TABLE temp.now_words USING fts5vocab(main, {index}, col)")
    db.execute("CREATE VIRTUAL TABLE temp.again_words USING fts5vocab(temp, again, col)")
    wrong = db.execute(
        "SELECT term, col FROM (SELECT term, col, doc, cnt, 1 AS n FROM temp.now_words UNION ALL "
        "SELECT term, col, doc, cnt, -1 FROM temp.again_words) GROUP BY term, col, doc, cnt HAVING sum(n) <> 0 LIMIT 3"
    ).fetchall()
    if wrong:
        words = ", ".join(sorted({repr(term) for term, _ in wrong}))
        said = f"expected the words of the articles' texts, found others or others' numbers ({words} among them)"
        yield Fault("search", index, said, remedy)
