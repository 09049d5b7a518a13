"""Whether the rows say one thing: articles with texts, captures, versions, copies, stories and views.

Each check gives faults one by one, so that memory does not grow with the archive, and reads only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.faults import AGAIN, REBUILD, Fault
from pipelines.text import content_digest, text_digest, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.archive.connection import Connection

ROWS_AGAIN = "see what changed the row (sqlite3, sqlite-utils, a program of yours), and " + REBUILD
COUNT_AGAIN = (
    'count anew: sqlite-utils ARCHIVE "DELETE FROM article_counts", then '
    'sqlite-utils ARCHIVE "INSERT INTO article_counts SELECT * FROM counted_articles"'
)
BY_RULES = "('first', 'edit', 'meta')"
"""Kinds of revision that are told from the captures; others are what somebody did."""

VIEWS = {
    "front_page": ("count(*)", "SELECT count(*) FROM articles WHERE visibility = 'public'"),
    "revision_texts": (
        "count(*)",
        "SELECT count(*) FROM revisions r JOIN articles a ON a.id = r.article_id WHERE a.visibility = 'public'",
    ),
    "changed": (
        "count(*)",
        (
            "SELECT count(DISTINCT article_id) FROM revisions r JOIN articles a ON a.id = r.article_id "
            "WHERE r.kind = 'edit' AND a.visibility = 'public'"
        ),
    ),
    "gone": ("count(*)", "SELECT count(*) FROM articles WHERE gone_at IS NOT NULL AND visibility = 'public'"),
    "syndication": (
        "count(*)",
        (
            "SELECT count(*) FROM copies WHERE (SELECT visibility FROM articles WHERE id = article_id) = 'public' "
            "AND (SELECT visibility FROM articles WHERE id = first_id) = 'public'"
        ),
    ),
    "layout_days": ("coalesce(sum(pages), 0)", "SELECT count(*) FROM layout_stats"),
}
"""What each view counts, and how many that must be by the tables."""


def text_faults(db: Connection) -> Iterator[Fault]:
    """Give articles without a text, and those whose title, lead or text is not what their digests were made of.

    Where a curator corrected an article, title and lead are those of the version that its capture shows.
    """
    rows = db.execute(
        "SELECT a.uid, iif(r.id, r.title, a.title), iif(r.id, r.lead, a.lead), a.words, a.content_sha256, "
        "a.text_sha256, t.text FROM articles a LEFT JOIN article_text t ON t.article_id = a.id "
        "LEFT JOIN revisions r ON r.id = (SELECT v.id FROM revisions v WHERE v.article_id = a.id "
        f"AND v.kind IN {BY_RULES} AND EXISTS (SELECT 1 FROM revisions o WHERE o.article_id = a.id "
        "AND o.kind = 'correction') ORDER BY v.seen_at DESC LIMIT 1) ORDER BY a.id"
    )
    for uid, title, lead, length, content, digest, text in rows:
        place = f"article {uid}"
        if text is None:
            yield Fault("text", place, "expected a row in article_text, found none", REBUILD)
            continue
        if (text_digest(text) or content_digest(title, lead, None)) != digest:
            said = "expected the text that text_sha256 was made of, found another text"
            yield Fault("text", place, said, ROWS_AGAIN)
        elif content_digest(title, lead, text) != content:
            said = "expected the title and lead that content_sha256 was made of, found others"
            yield Fault("text", place, said, ROWS_AGAIN)
        elif words(text) != length:
            yield Fault("text", place, f"expected words to be {words(text)}, found {length}", ROWS_AGAIN)


def article_faults(db: Connection) -> Iterator[Fault]:
    """Give articles whose capture is missing, another's or none of an article, and captures of articles without one."""
    rows = db.execute(
        "SELECT a.uid, a.capture_id, c.id, c.article_id, o.uid, c.outcome, c.content_sha256 IS a.content_sha256 "
        "FROM articles a LEFT JOIN captures c ON c.id = a.capture_id LEFT JOIN articles o ON o.id = c.article_id "
        "WHERE c.article_id IS NOT a.id OR c.outcome NOT IN ('article', 'unchanged') OR c.outcome IS NULL "
        "OR c.content_sha256 IS NOT a.content_sha256 ORDER BY a.id"
    )
    for uid, number, capture, owner, other, outcome, same in rows:
        said = f"expected its capture {number} "
        if capture is None:
            said += "in captures, found none"
        elif owner is None:
            said += "to show this article, found one that shows none"
        elif other != uid:
            said += f"to show this article, found one that shows {other or 'an article that is not there'}"
        elif outcome not in ("article", "unchanged"):
            said += f"to be an article's page, found outcome {outcome!r}"
        elif not same:
            said += "to show this version, found one that shows another"
        else:
            continue
        yield Fault("article", f"article {uid}", said, REBUILD)


def capture_faults(db: Connection) -> Iterator[Fault]:
    """Give captures that were judged an article's and name none, and revisits whose original is gone."""
    rows = db.execute(
        "SELECT id, warc_file, warc_offset, url FROM captures WHERE outcome = 'article' "
        "AND (article_id IS NULL OR content_sha256 IS NULL) ORDER BY id"
    )
    for number, file, offset, url in rows:
        said = f"expected capture {number} of {url} to name the article that it shows, found none"
        yield Fault("capture", f"{file}, offset {offset}", said, REBUILD)
    rows = db.execute(
        "SELECT id, warc_file, warc_offset, url, payload_digest, coalesce(outcome, 'failed') "
        "IN ('failed', 'robots', 'part') FROM captures c WHERE record = 'revisit' AND status <> 304 "
        "AND NOT EXISTS (SELECT 1 FROM captures o WHERE o.payload_digest = c.payload_digest AND o.record = 'response') "
        "ORDER BY id"
    )
    for number, file, offset, url, digest, unread in rows:
        yield Fault(
            "capture",
            f"{file}, offset {offset}",
            f"expected the response that capture {number} of {url} is a revisit of ({digest}), found none",
            "replay the earlier WARC files that hold it, or " + REBUILD,
            harmless=bool(unread),
        )


def revision_faults(db: Connection) -> Iterator[Fault]:
    """Give articles whose versions are missing, miscounted or not told in order, and versions with another text."""
    rows = db.execute(
        "SELECT a.uid, a.revisions, a.content_sha256, count(r.id), "
        "count(*) FILTER (WHERE r.content_sha256 IS NOT r.before), count(*) FILTER (WHERE r.kind = 'first'), "
        "min(r.seen_at) FILTER (WHERE r.kind = 'first') IS min(r.seen_at), "
        "max(r.newest) FROM articles a LEFT JOIN (SELECT *, "
        "lag(content_sha256) OVER (PARTITION BY article_id ORDER BY seen_at) AS before, "
        "last_value(content_sha256) OVER (PARTITION BY article_id ORDER BY seen_at "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS newest FROM revisions "
        f"WHERE kind IN {BY_RULES}) r "
        "ON r.article_id = a.id GROUP BY a.id ORDER BY a.id"
    )
    for uid, told, content, versions, changes, firsts, in_order, newest in rows:
        said = ""
        if not versions:
            said = "expected its first version in revisions, found none"
        elif firsts != 1 or not in_order:
            said = f"expected the earliest version, and no other, to be of kind 'first', found {firsts} of this kind"
        elif newest != content:
            said = "expected it to show its newest version, found another shown"
        elif changes != told:
            said = f"expected revisions to be {changes}, found {told}"
        if said:
            yield Fault("revision", f"article {uid}", said, REBUILD)
    yield from _version_texts(db)


def _version_texts(db: Connection) -> Iterator[Fault]:
    # What is just as the article shows it is looked at by `text_faults`.
    rows = db.execute(
        "SELECT a.uid, r.id, r.title, r.lead, coalesce(r.text, t.text), r.content_sha256, r.text_sha256, "
        "r.text IS NULL AND r.content_sha256 <> a.content_sha256, r.kind FROM revisions r "
        "JOIN articles a ON a.id = r.article_id LEFT JOIN article_text t ON t.article_id = a.id "
        "WHERE NOT (r.text IS NULL AND r.content_sha256 = a.content_sha256 AND r.text_sha256 = a.text_sha256 "
        "AND r.title = a.title AND r.lead IS a.lead) ORDER BY r.id"
    )
    for uid, number, title, lead, text, content, of_text, lacks, kind in rows:
        place = f"article {uid}, revision {number}"
        if lacks:
            said = "expected its text, which is not the one the article shows, found none"
            yield Fault("revision", place, said, REBUILD)
        elif text is not None and content_digest(title, lead, text) != content:
            said = "expected the title, lead and text that content_sha256 was made of, found others"
            yield Fault("revision", place, said, ROWS_AGAIN)
        elif text and kind != "correction" and text_digest(text) not in (of_text, None):
            said = "expected the text that text_sha256 was made of, found another text"
            yield Fault("revision", place, said, ROWS_AGAIN)


def story_faults(db: Connection) -> Iterator[Fault]:
    """Give stories that are miscounted or led by none of theirs, copies outside their story, addresses told unseen."""
    rows = db.execute(
        "SELECT s.id, s.articles, count(a.id), s.first_uid, max(a.uid IS s.first_uid) FROM stories s "
        "LEFT JOIN articles a ON a.story_id = s.id GROUP BY s.id ORDER BY s.id"
    )
    for number, told, members, first, led in rows:
        if told != members:
            said = f"expected {members} articles, as many as name it, found {told}"
            yield Fault("story", f"story {number}", said, REBUILD)
        elif not led:
            said = f"expected its first article {first} among its own, found it is not"
            yield Fault("story", f"story {number}", said, REBUILD)
    rows = db.execute(
        "SELECT a.uid, f.uid FROM copies c JOIN articles a ON a.id = c.article_id JOIN articles f ON f.id = c.first_id "
        "WHERE a.id = f.id OR a.story_id IS NULL OR a.story_id IS NOT f.story_id ORDER BY a.id"
    )
    for uid, first in rows:
        said = f"expected it in the story of {first}, which it is a copy of, found it is not"
        yield Fault("story", f"article {uid}", said, REBUILD)
    yield from _unjoined(db)
    rows = db.execute(
        "SELECT x.url_key, a.uid FROM aliases x JOIN articles a ON a.paper = x.paper AND a.url_key = x.url_key"
    )
    for key, uid in rows:
        said = f"expected {key} to be its address alone, found it is an alias as well"
        yield Fault("story", f"article {uid}", said, REBUILD)
    rows = db.execute(
        "SELECT paper, url, to_url FROM pointers p WHERE NOT EXISTS "
        "(SELECT 1 FROM captures c WHERE c.paper = p.paper AND c.url_key = p.url_key)"
    )
    for paper, url, to_url in rows:
        said = f"expected a capture of {url}, which shows that it points at {to_url}, found none"
        yield Fault("story", f"pointers, paper {paper}", said, REBUILD)


def _unjoined(db: Connection) -> Iterator[Fault]:
    """Give articles that are said to be of a story and that no copy joins to any."""
    rows = db.execute(
        "SELECT a.uid, a.story_id FROM articles a WHERE a.story_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM copies WHERE article_id = a.id) AND NOT EXISTS (SELECT 1 FROM copies WHERE first_id = a.id) "
        "ORDER BY a.id"
    )
    for uid, story in rows:
        said = f"expected a copy that joins it to story {story}, found none"
        yield Fault("story", f"article {uid}", said, REBUILD)


def takedown_faults(db: Connection) -> Iterator[Fault]:
    """Give erasures that were interrupted, and articles that were taken down and are there or shown all the same."""
    again = "run 'scrapy takedown' with it again"
    for (uid,) in db.execute("SELECT uid FROM takedowns WHERE state = 'erasing' ORDER BY uid"):
        yield Fault("takedown", f"article {uid}", "expected it to be erased, found that this was interrupted", AGAIN)
    rows = db.execute(
        "SELECT a.uid, t.state FROM articles a JOIN takedowns t ON t.uid = a.uid "
        "WHERE t.state IN ('erasing', 'erased') OR (t.state = 'hidden' AND a.visibility <> 'private') ORDER BY 1"
    )
    for uid, state in rows:
        yield Fault(
            "takedown", f"article {uid}", f"expected it to be {state}, found it in the archive's articles", again
        )


def image_faults(db: Connection) -> Iterator[Fault]:
    """Give pictures whose row names another capture than the first of their address, or says of it what it is not."""
    rows = db.execute(
        "SELECT a.uid, i.position, i.url, i.capture_id, c.id, c.id = i.capture_id AND c.payload_digest IS "
        "i.payload_digest AND c.bytes IS i.bytes FROM images i JOIN articles a ON a.id = i.article_id "
        "LEFT JOIN captures c ON c.id = (SELECT k.id FROM captures k WHERE k.url_key = i.url_key "
        "AND k.outcome = 'image/kept' ORDER BY k.fetched_at, k.id LIMIT 1) "
        "WHERE i.capture_id IS NOT NULL OR c.id IS NOT NULL ORDER BY a.id, i.position"
    )
    for uid, number, url, told, capture, same in rows:
        if not same:
            said = f"expected capture {capture or 'none'} of {url} with its digest and length, found {told or 'none'}"
            said += " or others of it" if told == capture else ""
            yield Fault("image", f"article {uid}, image {number}", said, REBUILD)


def view_faults(db: Connection) -> Iterator[Fault]:
    """Give views that show more or fewer rows than their tables hold."""
    for view, (counted, expected) in VIEWS.items():
        db.execute("BEGIN")
        try:
            (shown,) = db.execute(f"SELECT {counted} FROM {view}").fetchone()
            (held,) = db.execute(expected).fetchone()
        finally:
            db.execute("COMMIT")
        if shown != held:
            said = f"expected {held} rows by its tables, found {shown}"
            yield Fault("view", f"view {view}", said, REBUILD)


def count_faults(db: Connection) -> Iterator[Fault]:
    """Give papers whose articles are miscounted (paper ``''``: all together), each with its first wrong span."""
    rows = db.execute(
        "SELECT paper, span, sum(published), sum(archived), sum(printed), sum(seen) FROM "
        "(SELECT paper, span, published, archived, 0 AS printed, 0 AS seen FROM article_counts UNION ALL "
        "SELECT paper, span, 0, 0, published, archived FROM counted_articles) "
        "GROUP BY 1, 2 HAVING sum(published) <> sum(printed) OR sum(archived) <> sum(seen) ORDER BY 1, 2"
    )
    before = None
    for paper, span, published, archived, printed, seen in rows:
        if paper != before:
            place = f"article_counts, paper {paper or 'all'}, {span or 'altogether'}"
            said = f"expected {printed} articles printed and {seen} first seen, found {published} and {archived}"
            yield Fault("count", place, said, COUNT_AGAIN)
        before = paper


def has(db: Connection, table: str) -> bool:
    """Say whether the archive has this table."""
    return db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is not None
