"""The archive's tables, indexes, full-text search and views, as migrations.

Imports sqlite_utils alone, so that ``sqlite-utils migrate archive.db pipelines/migrations.py`` runs it too.
A revision's ``text`` is null where it is the article's current one (kept in article_text).
Times are text: ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` in UTC, but ``published`` and ``modified``, which are
what the paper printed, at +07:00 (or the day alone).
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("baotinh")

TABLES = """
CREATE TABLE provinces (
  before TEXT PRIMARY KEY,
  today TEXT NOT NULL
) STRICT;

CREATE TABLE papers (
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  province TEXT NOT NULL,
  provinces_before TEXT NOT NULL CHECK (json_valid(provinces_before)),
  hosts TEXT NOT NULL CHECK (json_valid(hosts)),
  template TEXT,
  language TEXT NOT NULL,
  until TEXT,
  successor TEXT,
  confidence TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  paper TEXT REFERENCES papers (name),
  command TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  reason TEXT,
  requests INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  counts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),
  settings_digest TEXT NOT NULL,
  versions TEXT NOT NULL CHECK (json_valid(versions)),
  warc_files TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warc_files))
) STRICT;

CREATE TABLE problems (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  at TEXT NOT NULL,
  paper TEXT NOT NULL,
  url TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX problems_by_run ON problems (run_id);

CREATE TABLE warc_files (
  path TEXT PRIMARY KEY,
  paper TEXT,
  bytes INTEGER NOT NULL,
  sha256 TEXT,
  first_at TEXT,
  last_at TEXT
) STRICT;

CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (name),
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL CHECK (json_valid(headers)),
  record TEXT NOT NULL CHECK (record IN ('response', 'revisit')),
  warc_file TEXT NOT NULL,
  warc_offset INTEGER NOT NULL,
  warc_length INTEGER NOT NULL,
  payload_digest TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  outcome TEXT,
  article_id INTEGER REFERENCES articles (id),
  content_sha256 TEXT,
  UNIQUE (warc_file, warc_offset)
) STRICT;
CREATE UNIQUE INDEX captures_once ON captures (url, fetched_at, status, payload_digest);
CREATE INDEX captures_by_payload ON captures (payload_digest);
CREATE INDEX captures_unjudged ON captures (paper) WHERE outcome IS NULL;
CREATE INDEX captures_by_key ON captures (paper, url_key, fetched_at);
CREATE INDEX captures_by_article ON captures (article_id, fetched_at) WHERE article_id IS NOT NULL;

CREATE TABLE urls (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (name),
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('article', 'feed', 'sitemap', 'section', 'robots')),
  state TEXT NOT NULL DEFAULT 'known'
    CHECK (state IN ('known', 'held', 'refused', 'redirect', 'unreadable', 'absent', 'failed')),
  due_at TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  discovered_from TEXT,
  discovered_at TEXT NOT NULL,
  depth INTEGER NOT NULL DEFAULT 0,
  fetched_at TEXT,
  refused_at TEXT,
  redirect_key TEXT,
  etag TEXT,
  last_modified TEXT,
  listed_modified TEXT,
  UNIQUE (paper, url_key)
) STRICT;
CREATE INDEX urls_due ON urls (paper, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX urls_by_redirect ON urls (paper, redirect_key) WHERE redirect_key IS NOT NULL;

CREATE TABLE stories (
  id INTEGER PRIMARY KEY,
  first_uid TEXT NOT NULL,
  articles INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  paper TEXT NOT NULL REFERENCES papers (name),
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  newsroom_id TEXT,
  title TEXT NOT NULL,
  lead TEXT,
  author TEXT,
  source TEXT,
  byline_printed TEXT,
  section TEXT,
  language TEXT,
  published TEXT,
  published_date TEXT,
  published_precision TEXT,
  modified TEXT,
  words INTEGER NOT NULL,
  revisions INTEGER NOT NULL DEFAULT 1,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  gone_at TEXT,
  story_id INTEGER REFERENCES stories (id),
  capture_id INTEGER NOT NULL REFERENCES captures (id),
  content_sha256 TEXT NOT NULL,
  text_sha256 TEXT NOT NULL,
  template TEXT,
  extractor TEXT NOT NULL,
  confidence TEXT,
  visibility TEXT NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'private')),
  furniture_version INTEGER,
  provenance TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(provenance)),
  CHECK (published_date IS substr(published, 1, 10)),
  UNIQUE (paper, url_key)
) STRICT;
CREATE UNIQUE INDEX articles_by_newsroom_id ON articles (paper, newsroom_id) WHERE newsroom_id IS NOT NULL;
CREATE INDEX articles_by_date ON articles (published_date);
CREATE INDEX articles_by_published ON articles (published);
CREATE INDEX articles_by_paper ON articles (paper, published);
CREATE INDEX articles_by_section ON articles (section);
CREATE INDEX articles_by_author ON articles (author);
CREATE INDEX articles_by_source ON articles (source);
CREATE INDEX articles_by_story ON articles (story_id) WHERE story_id IS NOT NULL;

CREATE TABLE article_text (
  article_id INTEGER PRIMARY KEY REFERENCES articles (id),
  text TEXT NOT NULL
) STRICT;

CREATE TABLE revisions (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id),
  kind TEXT NOT NULL CHECK (kind IN ('first', 'edit', 'meta', 'extraction', 'correction')),
  seen_at TEXT NOT NULL,
  capture_id INTEGER NOT NULL REFERENCES captures (id),
  content_sha256 TEXT NOT NULL,
  text_sha256 TEXT NOT NULL,
  title TEXT NOT NULL,
  lead TEXT,
  text TEXT,
  facts TEXT NOT NULL CHECK (json_valid(facts)),
  UNIQUE (article_id, seen_at)
) STRICT;
CREATE INDEX revisions_by_text ON revisions (text_sha256);

CREATE TABLE aliases (
  paper TEXT NOT NULL REFERENCES papers (name),
  url_key TEXT NOT NULL,
  url TEXT NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles (id),
  kind TEXT NOT NULL CHECK (kind IN ('redirect', 'newsroom-id', 'same-text', 'uid')),
  first_seen TEXT NOT NULL,
  PRIMARY KEY (paper, url_key)
) STRICT;
CREATE INDEX aliases_by_article ON aliases (article_id);

CREATE TABLE copies (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  first_id INTEGER NOT NULL REFERENCES articles (id),
  score REAL NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (article_id, first_id)
) STRICT;
CREATE INDEX copies_by_first ON copies (first_id);

CREATE TABLE authors (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  author TEXT NOT NULL,
  PRIMARY KEY (article_id, author)
) STRICT;
CREATE INDEX authors_by_name ON authors (author);

CREATE TABLE tags (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  tag TEXT NOT NULL,
  PRIMARY KEY (article_id, tag)
) STRICT;
CREATE INDEX tags_by_name ON tags (tag);

CREATE TABLE images (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  caption TEXT,
  credit TEXT,
  PRIMARY KEY (article_id, position)
) STRICT;
"""

# đ folds under no tokenizer setting, and remove_diacritics 1 is wrong for Vietnamese, so the folded
# index reads a view that has đ replaced and strips the rest by itself (shared FINDINGS 5).
FOLD = "replace(replace({0}, 'đ', 'd'), 'Đ', 'D')"
COLUMNS = ("title", "lead", "author", "text")


def _search(index: str, tokenize: str, wrap: str) -> str:
    """Return the SQL of one index over public articles: its view, table and triggers."""
    names = ", ".join(COLUMNS)
    shown = ", ".join(f"{wrap.format(('t.' if c == 'text' else 'a.') + c)} AS {c}" for c in COLUMNS)

    def values(article: str, text: str) -> str:
        return ", ".join(wrap.format((text if c == "text" else article) + "." + c) for c in COLUMNS)

    def put(article: str, text: str) -> str:
        return f"INSERT INTO {index} (rowid, {names}) SELECT {article}.id, {values(article, text)}"

    def drop(article: str, text: str) -> str:
        return f"INSERT INTO {index} ({index}, rowid, {names}) SELECT 'delete', {article}.id, {values(article, text)}"

    join = "FROM articles a WHERE a.id = {0}.article_id AND a.visibility = 'public'"
    text_of = "FROM article_text t WHERE t.article_id = {0}.id AND {0}.visibility = 'public'"
    return f"""
CREATE VIEW {index}_source AS SELECT a.id, {shown} FROM articles a
  JOIN article_text t ON t.article_id = a.id WHERE a.visibility = 'public';
CREATE VIRTUAL TABLE {index} USING fts5 ({names},
  content='{index}_source', content_rowid='id', tokenize="{tokenize}");
CREATE TRIGGER {index}_text_insert AFTER INSERT ON article_text BEGIN
  {put("a", "new")} {join.format("new")};
END;
CREATE TRIGGER {index}_text_delete AFTER DELETE ON article_text BEGIN
  {drop("a", "old")} {join.format("old")};
END;
CREATE TRIGGER {index}_text_update AFTER UPDATE OF text ON article_text BEGIN
  {drop("a", "old")} {join.format("old")};
  {put("a", "new")} {join.format("new")};
END;
CREATE TRIGGER {index}_update AFTER UPDATE OF title, lead, author, visibility ON articles BEGIN
  {drop("old", "t")} {text_of.format("old")};
  {put("new", "t")} {text_of.format("new")};
END;
"""


SEARCH = _search("articles_fts", "unicode61 remove_diacritics 2", FOLD) + _search(
    "articles_exact", "unicode61 remove_diacritics 0", "{0}"
)

VIEWS = """
CREATE VIEW front_page AS
SELECT a.uid, a.title, a.lead, p.title AS paper_title, p.province, a.section, a.author, a.published, a.url,
  a.paper, a.published_date
FROM articles a JOIN papers p ON p.name = a.paper
WHERE a.visibility = 'public' ORDER BY a.published DESC, a.id DESC;

CREATE VIEW revision_texts AS
SELECT a.uid, a.paper, r.kind, r.seen_at, r.title, r.lead, coalesce(r.text, t.text) AS text,
  r.content_sha256, r.facts, r.id AS revision_id, r.article_id, r.capture_id
FROM revisions r JOIN articles a ON a.id = r.article_id JOIN article_text t ON t.article_id = a.id
WHERE a.visibility = 'public' ORDER BY r.article_id, r.seen_at;

CREATE VIEW changed AS
SELECT a.uid, a.paper, a.title, a.revisions, max(r.seen_at) AS changed_at, a.url
FROM articles a JOIN revisions r ON r.article_id = a.id AND r.kind = 'edit'
WHERE a.visibility = 'public' GROUP BY a.id ORDER BY changed_at DESC;

CREATE VIEW gone AS
SELECT a.uid, a.paper, a.title, a.gone_at, a.first_seen, a.last_seen, a.url
FROM articles a WHERE a.gone_at IS NOT NULL AND a.visibility = 'public' ORDER BY a.gone_at DESC;

CREATE VIEW syndication AS
SELECT c.kind, c.score, f.paper AS first_paper, f.uid AS first_uid, f.published AS first_published,
  a.paper AS copied_by, a.uid, a.published, a.title, a.source, a.story_id
FROM copies c JOIN articles a ON a.id = c.article_id JOIN articles f ON f.id = c.first_id
WHERE a.visibility = 'public' AND f.visibility = 'public' ORDER BY a.published DESC;
"""


@migrations(transactional=False)
def m001_write_ahead_log(db: Database) -> None:
    """Readers never wait for the crawl (shared FINDINGS 5)."""
    db.enable_wal()


@migrations()
def m002_first_tables(db: Database) -> None:
    """The tables of the path from a front page to datasette."""
    for script in (TABLES, SEARCH, VIEWS):
        db.executescript(script)


FURNITURE = """
CREATE TABLE furniture (
  paper TEXT NOT NULL REFERENCES papers (name),
  line TEXT NOT NULL,
  since_version INTEGER NOT NULL,
  until_version INTEGER,
  learned_at TEXT NOT NULL,
  dropped_at TEXT,
  PRIMARY KEY (paper, line, since_version)
) STRICT;

CREATE TABLE furniture_pages (
  paper TEXT NOT NULL REFERENCES papers (name),
  number INTEGER NOT NULL,
  uid TEXT NOT NULL,
  section TEXT NOT NULL,
  author TEXT NOT NULL,
  lines TEXT NOT NULL CHECK (json_valid(lines)),
  PRIMARY KEY (paper, number)
) STRICT;
"""


@migrations()
def m003_furniture(db: Database) -> None:
    """What is learned of a paper's template: the lines by version, and the latest pages they are learned from."""
    db.executescript(FURNITURE)


@migrations()
def m004_conversions(db: Database) -> None:
    """A capture may be the page that a browser made of a response.

    Only the table's CHECK changes, for which SQLite has this way and no ALTER TABLE
    (https://www.sqlite.org/lang_altertable.html, 7).
    """
    was, now = "('response', 'revisit')", "('response', 'revisit', 'conversion')"
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'captures'", (was, now))
    db.execute("PRAGMA writable_schema = RESET")


@migrations()
def m005_truncated(db: Database) -> None:
    """A capture says why its body is not whole, so that it is not read as if it were."""
    db.execute("ALTER TABLE captures ADD COLUMN truncated TEXT")


# The index holds all that layout_days shows, so that a million pages are summed without reading their rows.
LAYOUT = """
CREATE TABLE layout_stats (
  capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
  paper TEXT NOT NULL REFERENCES papers (name),
  template TEXT,
  at TEXT NOT NULL,
  day TEXT NOT NULL,
  by_template INTEGER CHECK (by_template IN (0, 1)),
  words INTEGER NOT NULL,
  provenance TEXT NOT NULL CHECK (json_valid(provenance)),
  disagreement REAL CHECK (disagreement BETWEEN 0 AND 1)
) STRICT;
CREATE INDEX layout_by_day ON layout_stats (paper, template, day, by_template, disagreement);
CREATE INDEX layout_sampled ON layout_stats (paper, template, at) WHERE disagreement IS NOT NULL;

CREATE VIEW layout_days AS
SELECT paper, template, day, count(*) AS pages, count(by_template) AS articles,
  coalesce(sum(by_template), 0) AS by_template,
  CASE WHEN template IS NULL THEN 0 ELSE count(by_template) - coalesce(sum(by_template), 0) END AS fell_back,
  count(disagreement) AS sampled, avg(disagreement) AS disagreement
FROM layout_stats GROUP BY paper, template, day;
"""


@migrations()
def m006_layout(db: Database) -> None:
    """How each page was read, by which a redesign is noticed."""
    db.executescript(LAYOUT)


BACKFILLS = """
CREATE TABLE backfills (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (name),
  days TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  UNIQUE (paper, days)
) STRICT;

CREATE TABLE backfill_urls (
  backfill_id INTEGER NOT NULL REFERENCES backfills (id),
  url_id INTEGER NOT NULL REFERENCES urls (id),
  due_at TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  listed_at TEXT,
  visited_at TEXT,
  day TEXT,
  published TEXT,
  system TEXT,
  number INTEGER,
  door INTEGER REFERENCES urls (id),
  PRIMARY KEY (backfill_id, url_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX backfill_urls_due ON backfill_urls (backfill_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX backfill_urls_numbered ON backfill_urls (backfill_id, system, number) WHERE number IS NOT NULL;
CREATE INDEX backfill_urls_by_url ON backfill_urls (url_id);

CREATE TABLE backfill_shown (
  backfill_id INTEGER NOT NULL REFERENCES backfills (id),
  door INTEGER NOT NULL REFERENCES urls (id),
  url_id INTEGER NOT NULL REFERENCES urls (id),
  PRIMARY KEY (backfill_id, door, url_id)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m007_backfills(db: Database) -> None:
    """Ranges of days that were asked for, and what each has yet to fetch: apart from what a normal crawl owes."""
    db.executescript(BACKFILLS)


MOVES = """
CREATE TABLE pointers (
  paper TEXT NOT NULL REFERENCES papers (name),
  url_key TEXT NOT NULL,
  url TEXT NOT NULL,
  to_paper TEXT NOT NULL REFERENCES papers (name),
  to_key TEXT NOT NULL,
  to_url TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('moved', 'redirect', 'canonical')),
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  PRIMARY KEY (paper, url_key, to_paper, to_key, kind)
) STRICT;
CREATE INDEX pointers_by_target ON pointers (to_paper, to_key);
INSERT INTO pointers SELECT u.paper, u.url_key, u.url, u.paper, u.redirect_key, u.redirect_key,
  iif(c.status IN (301, 308), 'moved', 'redirect'), c.fetched_at, c.fetched_at
  FROM urls u JOIN captures c ON c.id = (SELECT id FROM captures WHERE paper = u.paper AND url_key = u.url_key
    AND outcome = 'redirect' ORDER BY fetched_at DESC LIMIT 1)
  WHERE u.redirect_key IS NOT NULL AND u.redirect_key <> u.url_key AND u.kind = 'article';
UPDATE aliases SET kind = 'moved' WHERE kind = 'redirect' AND EXISTS (SELECT 1 FROM pointers p
  WHERE p.paper = aliases.paper AND p.url_key = aliases.url_key AND p.kind = 'moved');
ALTER TABLE captures ADD COLUMN facts TEXT;
"""


@migrations()
def m008_moves(db: Database) -> None:
    """What addresses say of each other is kept, and an alias may be where an article moved (CHECK as in m004)."""
    was, now = "('redirect', 'newsroom-id'", "('moved', 'canonical', 'redirect', 'newsroom-id'"
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'aliases'", (was, now))
    db.execute("PRAGMA writable_schema = RESET")
    db.executescript(MOVES)


@migrations()
def m009_leaps(db: Database) -> None:
    """Pages of a section that a backfill passes over, all of them newer than its days."""
    db.executescript(
        "ALTER TABLE backfill_urls ADD COLUMN leap INTEGER; ALTER TABLE backfill_urls ADD COLUMN instead TEXT;"
        "ALTER TABLE backfill_urls ADD COLUMN leap_day TEXT"
    )


# A band is all in its key, so the table is its own index; it is found from the signature, so it needs no second
# one, nor a reference that would be looked up by scanning. What is kept of the text is 8 bytes of its digest.
LIKENESS = """
CREATE TABLE signatures (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id),
  digest BLOB NOT NULL,
  algorithm INTEGER NOT NULL,
  signature BLOB NOT NULL,
  UNIQUE (article_id, digest)
) STRICT;

CREATE TABLE bands (
  key INTEGER NOT NULL,
  signature_id INTEGER NOT NULL,
  PRIMARY KEY (key, signature_id)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m010_likeness(db: Database) -> None:
    """By what near-duplicates are found."""
    db.executescript(LIKENESS)


@migrations()
def m011_fixity(db: Database) -> None:
    """When a WARC file was last read whole and found as it was, so that the longest unread comes first."""
    db.execute("ALTER TABLE warc_files ADD COLUMN checked_at TEXT")


@migrations()
def m012_stale(db: Database) -> None:
    """How long a section's pages have shown nothing new, by which the end of its walk is told from its growth."""
    db.execute("ALTER TABLE backfill_urls ADD COLUMN stale INTEGER NOT NULL DEFAULT 0")


CORRECTIONS = """
CREATE TABLE corrections (
  uid TEXT NOT NULL,
  field TEXT NOT NULL CHECK (field IN ('title', 'lead', 'author', 'source', 'section', 'published')),
  value TEXT,
  reason TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at TEXT NOT NULL,
  PRIMARY KEY (uid, made_at, field)
) STRICT;
"""


@migrations()
def m013_corrections(db: Database) -> None:
    """What a curator corrected; by uid, for it may be known before the article is (a replay)."""
    db.executescript(CORRECTIONS)


# ``records`` is what is still to be done when an erasure was interrupted: the WARC records to be replaced.
TAKEDOWNS = """
CREATE TABLE takedowns (
  uid TEXT PRIMARY KEY,
  paper TEXT NOT NULL,
  url TEXT NOT NULL,
  at TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('hidden', 'undone', 'erasing', 'erased')),
  was TEXT CHECK (was IN ('public', 'private')),
  text_sha256 TEXT,
  records TEXT CHECK (json_valid(records)),
  erased_at TEXT
) STRICT;

CREATE TABLE takedown_marks (
  paper TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('url', 'uid', 'text')),
  value TEXT NOT NULL,
  uid TEXT NOT NULL REFERENCES takedowns (uid),
  PRIMARY KEY (paper, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX takedown_marks_by_uid ON takedown_marks (uid);
"""


@migrations()
def m014_takedowns(db: Database) -> None:
    """What was taken down, why, and by what it is known again; its addresses are fetched no more (CHECK as in m004)."""
    was, now = "('known', 'held', 'refused',", "('known', 'held', 'withdrawn', 'refused',"
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'urls'", (was, now))
    db.execute("PRAGMA writable_schema = RESET")
    db.executescript(TAKEDOWNS)


IMAGES = """
ALTER TABLE captures ADD COLUMN bytes INTEGER;
ALTER TABLE images ADD COLUMN url_key TEXT;
ALTER TABLE images ADD COLUMN capture_id INTEGER REFERENCES captures (id);
ALTER TABLE images ADD COLUMN payload_digest TEXT;
ALTER TABLE images ADD COLUMN bytes INTEGER;
CREATE INDEX captures_of_images ON captures (paper, fetched_at) WHERE outcome GLOB 'image/*';
CREATE INDEX captures_kept_images ON captures (url_key, fetched_at) WHERE outcome = 'image/kept';
CREATE INDEX images_by_key ON images (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX images_by_capture ON images (capture_id) WHERE capture_id IS NOT NULL;
CREATE INDEX images_by_payload ON images (payload_digest) WHERE payload_digest IS NOT NULL;
"""


@migrations()
def m015_images(db: Database) -> None:
    """Pictures of articles are fetched as addresses of the frontier (CHECK as in m004), and their rows say where."""
    was, now = "'section', 'robots')", "'section', 'robots', 'image')"
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'urls'", (was, now))
    db.execute("PRAGMA writable_schema = RESET")
    db.executescript(IMAGES)


@migrations()
def m016_read_addresses(db: Database) -> None:
    """By what number and uid the pages at an alias are known, so that addresses can be told apart again."""
    db.executescript("ALTER TABLE aliases ADD COLUMN uid TEXT; ALTER TABLE aliases ADD COLUMN newsroom_id TEXT")


RHYTHMS = """
CREATE TABLE rhythms (
  url_id INTEGER NOT NULL REFERENCES urls (id),
  hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
  articles REAL NOT NULL,
  hours REAL NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (url_id, hour)
) STRICT, WITHOUT ROWID;
ALTER TABLE urls ADD COLUMN listed_edited TEXT;
"""


@migrations()
def m017_rhythms(db: Database) -> None:
    """At what hours a listing shows new articles, by which it is due; what listings say of an article's last edit."""
    db.executescript(RHYTHMS)


HOSTS = """
CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  kind TEXT CHECK (kind IN ('asked', 'blocked', 'unreachable')),
  not_before TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  reason TEXT,
  since TEXT,
  refused_at TEXT,
  answered_at TEXT
) STRICT;

CREATE TABLE host_days (
  host TEXT NOT NULL,
  day TEXT NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (host, day)
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m018_hosts(db: Database) -> None:
    """Which hosts must be left alone until when, and how many requests each had on a day."""
    db.executescript(HOSTS)


RUNS = """
ALTER TABLE runs ADD COLUMN days TEXT;
ALTER TABLE runs ADD COLUMN problem TEXT;
CREATE INDEX runs_by_paper ON runs (paper, started_at);
UPDATE runs SET problem = 'no listing could be read; the crawl ended as ''' || reason || ''''
  WHERE finished_at IS NOT NULL AND command IN ('crawl', 'crawlall') AND paper IS NOT NULL
  AND json_extract(counts, '$."listing/read"') IS NULL AND json_extract(counts, '$."listing/unchanged"') IS NULL;
"""


@migrations()
def m019_runs(db: Database) -> None:
    """Why a crawl failed as a whole, and the days that it was asked for; of older ones as far as it can be told."""
    db.executescript(RUNS)


# What is usual is told from the same weekday and hour of the weeks before, so the windows end at the paper's last
# good crawl: nothing later can be known. A crawl that asked no listing (none was due, it was stopped, the host rests)
# tells nothing. An article's moment is the printed one, where only a day is printed the hour
# it was found in, if that is soon after. Everything is asked as of ``clock.now``, which commands set.
HEALTH = """
CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  now TEXT NOT NULL
) STRICT;
INSERT INTO clock SELECT 1, coalesce(max(coalesce(finished_at, started_at)), '2026-01-01T00:00:00.000000Z') FROM runs;
ALTER TABLE papers ADD COLUMN expect TEXT NOT NULL DEFAULT '{}';
CREATE INDEX articles_by_first_seen ON articles (paper, first_seen);

CREATE VIEW crawls AS
SELECT id, paper, started_at, finished_at, problem FROM runs
WHERE days IS NULL AND command IN ('crawl', 'crawlall') AND coalesce(finished_at, reason) IS NOT NULL
  AND (problem IS NOT NULL OR coalesce(counts ->> '$."listing/read"', counts ->> '$."listing/unchanged"') > 0);

CREATE VIEW paper_crawls AS
SELECT p.name AS paper,
  (SELECT finished_at FROM crawls WHERE paper = p.name AND problem IS NULL ORDER BY started_at DESC, id DESC LIMIT 1)
    AS last_good,
  (SELECT started_at FROM crawls WHERE paper = p.name ORDER BY started_at DESC, id DESC LIMIT 1) AS last_crawl,
  (SELECT problem FROM crawls WHERE paper = p.name ORDER BY started_at DESC, id DESC LIMIT 1) AS problem,
  (SELECT count(DISTINCT substr(started_at, 1, 10)) FROM runs WHERE paper = p.name AND days IS NULL
    AND command IN ('crawl', 'crawlall') AND problem IS NULL
    AND started_at >= (SELECT date(now, '-60 days') FROM clock)) AS days_crawled,
  (SELECT min(due_at) FROM urls WHERE paper = p.name AND due_at IS NOT NULL AND kind <> 'image') AS next_due
FROM papers p;

CREATE VIEW paper_rhythm AS
WITH ends AS MATERIALIZED (
  SELECT c.paper, julianday(c.last_good) AS at, date(c.last_good, '-37 days') AS since,
    julianday((SELECT finished_at FROM runs WHERE paper = c.paper AND problem IS NULL AND finished_at IS NOT NULL
      ORDER BY started_at LIMIT 1)) AS begun,
    (SELECT json_extract(expect, '$.per_day') FROM papers WHERE name = c.paper) AS per_day
  FROM paper_crawls c WHERE c.last_good IS NOT NULL
), recent AS MATERIALIZED (
  SELECT a.paper, a.published, a.published_precision, a.first_seen
    FROM ends e JOIN articles a ON a.paper = e.paper AND a.published >= e.since
  UNION ALL
  SELECT a.paper, NULL, NULL, a.first_seen FROM ends e JOIN articles a ON a.paper = e.paper AND a.published IS NULL
    WHERE a.first_seen >= e.since
), moments AS MATERIALIZED (
  SELECT paper, min(julianday(first_seen), CASE WHEN published_precision = 'minute' THEN julianday(published)
    WHEN published IS NULL OR julianday(first_seen) < julianday(published) + 2 THEN julianday(first_seen)
    ELSE julianday(published) + 0.2 END) AS at FROM recent
), weeks AS MATERIALIZED (
  SELECT m.paper, CAST((e.at - m.at) / 7 AS INTEGER) AS week, count(*) AS in_week,
    sum((e.at - m.at) - 7 * CAST((e.at - m.at) / 7 AS INTEGER) < 1) AS in_day
  FROM moments m JOIN ends e ON e.paper = m.paper WHERE m.at <= e.at GROUP BY 1, 2
), numbers (week) AS (VALUES (1), (2), (3), (4)),
spans (span, earlier) AS (VALUES ('day', 0), ('week', 6)),
before AS MATERIALIZED (
  SELECT *, count(*) OVER g AS weeks, row_number() OVER (g ORDER BY articles) AS nth FROM (
    SELECT e.paper, s.span, coalesce(iif(s.span = 'day', w.in_day, w.in_week), 0) AS articles
    FROM ends e JOIN numbers n JOIN spans s ON e.begun <= e.at - 7 * n.week - s.earlier
    LEFT JOIN weeks w ON w.paper = e.paper AND w.week = n.week
  ) WINDOW g AS (PARTITION BY paper, span)
), medians AS MATERIALIZED (
  SELECT paper, span, max(weeks) AS weeks, avg(articles) AS articles FROM before
  WHERE nth IN ((weeks + 1) / 2, (weeks + 2) / 2) GROUP BY paper, span
)
SELECT e.paper, coalesce(w.in_day, 0) AS new_24h, coalesce(w.in_week, 0) AS new_7d,
  round(iif(d.weeks >= 2, d.articles, coalesce(e.per_day, d.articles)), 1) AS usual_24h,
  round(iif(k.weeks >= 2, k.articles, coalesce(e.per_day * 7, k.articles)), 1) AS usual_7d
FROM ends e LEFT JOIN weeks w ON w.paper = e.paper AND w.week = 0
LEFT JOIN medians d ON d.paper = e.paper AND d.span = 'day'
LEFT JOIN medians k ON k.paper = e.paper AND k.span = 'week';

CREATE VIEW paper_fields AS
WITH latest AS MATERIALIZED (
  SELECT p.name AS paper, a.id, a.byline_printed, a.author, a.source, a.section, a.lead, a.published, a.words,
    row_number() OVER (PARTITION BY p.name ORDER BY a.first_seen DESC, a.id DESC) AS place
  FROM papers p JOIN articles a ON a.id IN
    (SELECT id FROM articles WHERE paper = p.name ORDER BY first_seen DESC, id DESC LIMIT 250)
), lengths AS MATERIALIZED (
  SELECT paper, place <= 50 AS late, words, count(*) OVER g AS pages, row_number() OVER (g ORDER BY words) AS nth
  FROM latest WINDOW g AS (PARTITION BY paper, place <= 50)
), medians AS MATERIALIZED (
  SELECT paper, late, avg(words) AS words FROM lengths WHERE nth IN ((pages + 1) / 2, (pages + 2) / 2) GROUP BY 1, 2
), lines AS MATERIALIZED (
  SELECT l.paper, l.id, j.value AS line FROM latest l JOIN article_text t ON t.article_id = l.id,
    json_each('[' || replace(json_quote(replace(t.text, char(10), char(31))), '\\u001f', '","') || ']') j
  WHERE l.place <= 50 AND length(j.value) > 3 GROUP BY 1, 2, 3
), left_over AS MATERIALIZED (
  SELECT paper, sum(times) AS lines FROM
    (SELECT paper, count(*) AS times FROM lines GROUP BY paper, line HAVING count(*) >= 5) GROUP BY paper
)
SELECT l.paper, count(*) FILTER (WHERE place <= 50) AS articles,
  avg(coalesce(byline_printed, author, source) IS NOT NULL) FILTER (WHERE place <= 50) AS byline,
  avg(section IS NOT NULL) FILTER (WHERE place <= 50) AS section,
  avg(lead IS NOT NULL) FILTER (WHERE place <= 50) AS lead,
  avg(published IS NOT NULL) FILTER (WHERE place <= 50) AS published,
  (SELECT words FROM medians m WHERE m.paper = l.paper AND late) AS words,
  round(coalesce((SELECT lines FROM left_over f WHERE f.paper = l.paper), 0) * 1.0
    / count(*) FILTER (WHERE place <= 50), 2) AS furniture,
  count(*) FILTER (WHERE place > 50) AS articles_before,
  avg(coalesce(byline_printed, author, source) IS NOT NULL) FILTER (WHERE place > 50) AS byline_before,
  avg(section IS NOT NULL) FILTER (WHERE place > 50) AS section_before,
  avg(lead IS NOT NULL) FILTER (WHERE place > 50) AS lead_before,
  avg(published IS NOT NULL) FILTER (WHERE place > 50) AS published_before,
  (SELECT words FROM medians m WHERE m.paper = l.paper AND NOT late) AS words_before
FROM latest l GROUP BY l.paper;

CREATE TABLE layout_changes (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (name),
  template TEXT NOT NULL,
  signal TEXT NOT NULL,
  before REAL NOT NULL,
  after REAL NOT NULL,
  capture_id INTEGER REFERENCES captures (id),
  since TEXT NOT NULL,
  found_at TEXT NOT NULL,
  ended_at TEXT,
  ended_by TEXT CHECK (ended_by IN ('pages', 'operator')),
  UNIQUE (paper, template, signal, since)
) STRICT;
CREATE INDEX layout_latest ON layout_stats (paper, template, at);

CREATE INDEX urls_listings ON urls (paper) WHERE kind IN ('feed', 'sitemap', 'section');

CREATE VIEW health AS
WITH asked AS (
  SELECT now, julianday(now) AS at, date(now, '+7 hours') AS today,
    strftime('%Y-%m-%dT%H:%M:%fZ', now, '-1 day') AS yesterday FROM clock
), crawls AS MATERIALIZED (SELECT * FROM paper_crawls), rhythm AS MATERIALIZED (SELECT * FROM paper_rhythm),
filled AS MATERIALIZED (SELECT * FROM paper_fields), kinds AS MATERIALIZED (
  SELECT r.paper, q.outcome, count(*) AS pages FROM papers p JOIN runs r ON r.paper = p.name
    AND r.started_at > (SELECT yesterday FROM asked) JOIN problems q ON q.run_id = r.id GROUP BY 1, 2
), errors AS MATERIALIZED (
  SELECT paper, json_group_object(outcome, pages) AS errors, sum(pages) FILTER (WHERE outcome IN
    ('failed', 'page/no-body', 'page/body-hidden', 'page/login', 'page/challenge', 'page/too-slow')) AS unread
  FROM kinds GROUP BY paper
), readings AS MATERIALIZED (
  SELECT r.paper, sum(j.value) AS pages FROM papers p JOIN runs r ON r.paper = p.name
    AND r.started_at > (SELECT yesterday FROM asked) JOIN json_each(r.counts) j ON j.key LIKE 'article/%'
    AND j.key <> 'article/gone' GROUP BY 1
), doors AS MATERIALIZED (
  SELECT paper, url, failures, row_number() OVER (PARTITION BY paper ORDER BY failures DESC, url) AS nth FROM urls
  WHERE kind IN ('feed', 'sitemap', 'section') AND discovered_from = 'papers.toml' AND state = 'unreadable'
    AND failures >= 3
), changes AS MATERIALIZED (
  SELECT paper, max(found_at), group_concat(printf('%s %.2f, before %.2f', signal, after, before), '; ') AS signals,
    min(since) AS since, capture_id FROM layout_changes WHERE ended_at IS NULL GROUP BY paper
), fields AS MATERIALIZED (
  SELECT f.paper, j.value ->> 0 AS field, j.value ->> 1 AS now, j.value ->> 2 AS usual, f.articles,
    p.expect ->> ('$.' || (j.value ->> 0)) AS expected, f.articles_before
  FROM filled f JOIN papers p ON p.name = f.paper, json_each(json_array(
    json_array('byline', f.byline, f.byline_before), json_array('section', f.section, f.section_before),
    json_array('lead', f.lead, f.lead_before), json_array('published', f.published, f.published_before))) j
), misread AS MATERIALIZED (
  SELECT paper, group_concat(printf('%s on %d%% of the last %d articles, %s %d%%', field, round(100 * now), articles,
    iif(usual >= 0.5 AND articles_before >= 50, 'before', 'expected'),
    round(100 * iif(usual >= 0.5 AND articles_before >= 50, usual, expected))), '; ') AS said
  FROM fields WHERE articles >= 20 AND ((usual >= 0.5 AND articles_before >= 50 AND now < usual / 2)
    OR (articles_before < 50 AND now < expected / 2)) GROUP BY paper
), refusing AS MATERIALIZED (
  SELECT p.name AS paper, h.kind, coalesce(h.reason, 'the host refuses us')
    || coalesce('; left alone until ' || substr(h.not_before, 1, 16) || 'Z', '') AS why
  FROM papers p JOIN hosts h ON h.host = p.hosts ->> 0 WHERE h.kind IS NOT NULL
), found AS MATERIALIZED (
  SELECT p.name AS paper, p.title, p.until, c.last_good, c.last_crawl, c.problem, c.days_crawled, c.next_due,
    r.new_24h, r.usual_24h, r.new_7d, r.usual_7d, f.*, coalesce(e.errors, '{}') AS errors, e.unread,
    coalesce(d.pages, 0) AS pages, o.url AS door, o.failures, g.signals, g.since, g.capture_id, m.said AS misread,
    asked.*, w.kind, w.why, last_good IS NULL OR julianday(last_good) < at - 0.25 AS is_old,
    coalesce(r.usual_24h >= 5 AND r.new_24h < r.usual_24h / 4, 0) AS is_quiet,
    coalesce(r.usual_24h >= 5, 0) AS is_usual
  FROM asked JOIN papers p JOIN crawls c ON c.paper = p.name LEFT JOIN rhythm r ON r.paper = p.name
  LEFT JOIN filled f ON f.paper = p.name LEFT JOIN errors e ON e.paper = p.name
  LEFT JOIN readings d ON d.paper = p.name LEFT JOIN doors o ON o.paper = p.name AND o.nth = 1
  LEFT JOIN changes g ON g.paper = p.name LEFT JOIN misread m ON m.paper = p.name
  LEFT JOIN refusing w ON w.paper = p.name
), judged AS (
  SELECT *, CASE
    WHEN until < today THEN 'closed'
    WHEN last_crawl IS NULL THEN 'unknown'
    WHEN kind = 'blocked' AND is_old THEN 'blocked'
    WHEN problem IS NOT NULL AND is_old THEN 'failing'
    WHEN julianday(last_crawl) < at - 1.5 THEN 'late'
    WHEN signals IS NOT NULL THEN 'drifted'
    WHEN unread >= 10 AND unread > pages THEN 'unreadable'
    WHEN misread IS NOT NULL THEN 'misread'
    WHEN new_7d = 0 AND usual_7d >= 7 THEN 'silent'
    WHEN door IS NOT NULL THEN 'door'
    WHEN is_quiet THEN iif(sum(is_quiet) OVER () * 2 >= sum(is_usual) OVER () AND sum(is_quiet) OVER () >= 3,
      'holiday', 'quiet')
    ELSE 'ok' END AS state FROM found
)
SELECT h.paper, h.title, h.state,
  (h.state IN ('blocked', 'failing', 'drifted', 'unreadable', 'misread', 'silent')
    OR (h.state = 'late' AND h.days_crawled >= 3) OR (h.state = 'door' AND h.is_quiet)) AS fails,
  CASE h.state
    WHEN 'closed' THEN 'closed on ' || h.until
    WHEN 'unknown' THEN 'never crawled'
    WHEN 'blocked' THEN h.why
    WHEN 'failing' THEN h.problem
      || coalesce('; last good crawl ' || substr(h.last_good, 1, 16) || 'Z', '; no crawl was good')
    WHEN 'late' THEN 'nobody has crawled it since ' || substr(h.last_crawl, 1, 16) || 'Z; '
      || coalesce(h.why, 'see that the timer runs')
    WHEN 'drifted' THEN 'its pages changed: ' || h.signals || ', since ' || substr(h.since, 1, 16) || 'Z'
      || coalesce(', first at ' || x.url, '') || '; correct templates.toml, or say that they are good as they are '
      || '(status --accept)'
    WHEN 'unreadable' THEN printf('of %d pages looked at in a day %d could not be read: %s',
      h.pages + h.unread, h.unread, h.errors)
    WHEN 'misread' THEN h.misread || '; look at its pages'
    WHEN 'silent' THEN printf('nothing new for 7 days, usual %g, though its listings are read; see that they are the '
      || 'ones the paper fills today', h.usual_7d)
    WHEN 'door' THEN printf('%s could not be read %d times in a row; correct papers.toml', h.door, h.failures)
    WHEN 'quiet' THEN printf('%d new in 24 hours, usual %g on this weekday; its listings are read',
      h.new_24h, h.usual_24h)
    WHEN 'holiday' THEN printf('%d new in 24 hours, usual %g on this weekday; most papers are as quiet',
      h.new_24h, h.usual_24h)
  END AS said,
  h.last_good, h.next_due, h.new_24h, h.usual_24h, h.new_7d, h.usual_7d, coalesce(h.articles, 0) AS articles,
  round(h.byline, 2) AS byline, round(h.byline_before, 2) AS byline_before,
  round(h.section, 2) AS section, round(h.section_before, 2) AS section_before,
  round(h.lead, 2) AS lead, round(h.lead_before, 2) AS lead_before,
  round(h.published, 2) AS published, round(h.published_before, 2) AS published_before,
  h.words, h.words_before, h.furniture, h.errors, h.now AS as_of
FROM judged h LEFT JOIN captures x ON x.id = h.capture_id AND NOT EXISTS
  (SELECT 1 FROM articles a WHERE a.id = x.article_id AND a.visibility = 'private')
ORDER BY fails DESC, h.state = 'unknown', h.state = 'closed', h.paper;
"""


@migrations()
def m020_health(db: Database) -> None:
    """What is wrong with a paper's crawls and articles, as of the moment in ``clock``; its one definition."""
    db.executescript(HEALTH)


# A day is Vietnam's: of what a listing says with a zone it is converted, of anything else it is what stands there.
COVERAGE = """
CREATE INDEX urls_lacking ON urls (paper, state, listed_modified)
  WHERE kind = 'article' AND state IN ('known', 'failed', 'refused', 'unreadable');

CREATE VIEW lacking AS
SELECT u.id, u.paper, u.url, u.state, u.due_at, coalesce(
  (SELECT min(published) FROM backfill_urls b WHERE b.url_id = u.id AND length(b.published) = 10),
  CASE WHEN u.listed_modified GLOB '*Z' OR u.listed_modified GLOB '*[+-]??:??' THEN date(u.listed_modified, '+7 hours')
    WHEN length(u.listed_modified) >= 10 THEN substr(u.listed_modified, 1, 10) END) AS day
FROM urls u WHERE u.kind = 'article' AND u.state IN ('known', 'failed', 'refused', 'unreadable')
  AND NOT EXISTS (SELECT 1 FROM takedown_marks m WHERE m.paper = u.paper AND m.kind = 'url' AND m.value = u.url_key);

CREATE VIEW coverage AS
SELECT paper, day, count(*) AS listed, sum(state = 'held') AS held, sum(state IN ('known', 'failed')) AS missing,
  sum(state = 'refused') AS refused, sum(state = 'unreadable') AS no_article
FROM (
  SELECT paper, substr(published, 1, 10) AS day, 'held' AS state FROM articles WHERE published IS NOT NULL
  UNION ALL
  SELECT paper, day, state FROM lacking WHERE day IS NOT NULL
) GROUP BY paper, day;
"""


@migrations()
def m021_coverage(db: Database) -> None:
    """What listings say was published on a day, against what is held of it."""
    db.executescript(COVERAGE)


HEALTH_CHANGES = """
CREATE TABLE health_changes (
  id INTEGER PRIMARY KEY,
  paper TEXT NOT NULL REFERENCES papers (name),
  at TEXT NOT NULL,
  before TEXT NOT NULL,
  state TEXT NOT NULL,
  said TEXT
) STRICT;
CREATE INDEX health_changes_by_paper ON health_changes (paper, id);
"""


@migrations()
def m022_health_changes(db: Database) -> None:
    """What was told of papers' health, so that nothing is told twice."""
    db.executescript(HEALTH_CHANGES)


# ``page``: a page that shows some of an erased article, with the digest of its bytes; ``text``: an article that says
# some of it in its own text; ``copy``: another paper's. ``named`` is a uid, or the address of a page of no article.
STAYS = """
CREATE TABLE takedown_stays (
  uid TEXT NOT NULL REFERENCES takedowns (uid),
  kind TEXT NOT NULL CHECK (kind IN ('copy', 'page', 'text')),
  named TEXT NOT NULL,
  payload_digest TEXT NOT NULL DEFAULT '',
  score REAL,
  PRIMARY KEY (uid, kind, named, payload_digest)
) STRICT, WITHOUT ROWID;
"""
PRIVATE_PAGE = """EXISTS (SELECT 1 FROM articles a WHERE a.visibility = 'private' AND (a.id = x.article_id
    OR (a.paper = x.paper AND a.url_key = x.url_key) OR a.id IN (SELECT s.article_id FROM aliases s
      WHERE s.paper = x.paper AND s.url_key = x.url_key)))
  AND NOT EXISTS (SELECT 1 FROM takedown_marks m WHERE m.paper = x.paper AND m.kind = 'url' AND m.value = x.url_key)"""


@migrations()
def m023_takedown_stays(db: Database) -> None:
    """What stays of an erased article; no sentence on a paper's health names the address of one taken down."""
    db.executescript(STAYS)
    was = "EXISTS\n  (SELECT 1 FROM articles a WHERE a.id = x.article_id AND a.visibility = 'private')"
    (health,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'health'").fetchone()
    db.execute("DROP VIEW health")
    db.execute(health.replace(was, PRIVATE_PAGE))
    told = db.execute("SELECT id, said FROM health_changes WHERE said LIKE '%, first at http%'").fetchall()
    places = db.execute(
        "SELECT url FROM takedowns WHERE state <> 'undone' AND url <> '' UNION SELECT value FROM takedown_marks "
        "WHERE kind = 'url' UNION SELECT url FROM articles WHERE visibility = 'private' UNION SELECT x.url "
        "FROM aliases x JOIN articles a ON a.id = x.article_id WHERE a.visibility = 'private' AND x.kind <> 'uid'"
    ).fetchall()
    bare = {_bare(url) for (url,) in places}
    for number, said in told:
        head, _, rest = said.partition(", first at ")
        url, _, tail = rest.partition("; ")
        if _bare(url) in bare:
            db.execute("UPDATE health_changes SET said = ? WHERE id = ?", [f"{head}; {tail}", number])


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


UNTOLD = """
ALTER TABLE health_changes ADD COLUMN tries INTEGER;
ALTER TABLE health_changes ADD COLUMN tried_at TEXT;
CREATE INDEX health_changes_owed ON health_changes (paper, id) WHERE tries IS NOT NULL;
CREATE INDEX runs_open ON runs (paper) WHERE finished_at IS NULL AND reason IS NULL;
"""


@migrations()
def m024_untold(db: Database) -> None:
    """How often a change was told in vain, so that it is told again; runs that never ended are found at once."""
    db.executescript(UNTOLD)


# An address whose article is held, whatever became of it since, lacks nothing. A crawl that was stopped before it read
# any article tells nothing of its paper.
HELD_ONCE = """
DROP VIEW lacking;
CREATE VIEW lacking AS
SELECT u.id, u.paper, u.url, u.state, u.due_at, coalesce(
  (SELECT min(published) FROM backfill_urls b WHERE b.url_id = u.id AND length(b.published) = 10),
  CASE WHEN u.listed_modified GLOB '*Z' OR u.listed_modified GLOB '*[+-]??:??' THEN date(u.listed_modified, '+7 hours')
    WHEN length(u.listed_modified) >= 10 THEN substr(u.listed_modified, 1, 10) END) AS day
FROM urls u WHERE u.kind = 'article' AND u.state IN ('known', 'failed', 'refused', 'unreadable')
  AND NOT EXISTS (SELECT 1 FROM takedown_marks m WHERE m.paper = u.paper AND m.kind = 'url' AND m.value = u.url_key)
  AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.paper = u.paper AND a.url_key = u.url_key)
  AND NOT EXISTS (SELECT 1 FROM aliases s WHERE s.paper = u.paper AND s.url_key = u.url_key);

DROP VIEW crawls;
CREATE VIEW crawls AS
SELECT id, paper, started_at, finished_at, problem FROM runs
WHERE days IS NULL AND command IN ('crawl', 'crawlall') AND coalesce(finished_at, reason) IS NOT NULL
  AND (problem IS NOT NULL OR coalesce(counts ->> '$."listing/read"', counts ->> '$."listing/unchanged"') > 0)
  AND (reason IS NOT 'shutdown' OR EXISTS (SELECT 1 FROM json_each(counts) WHERE key GLOB 'article/*'));
"""


@migrations()
def m025_held_once(db: Database) -> None:
    """A gone article is not lacking as well; a crawl that was stopped before any article is no good one."""
    db.executescript(HELD_ONCE)


# A listing whose answers were new so often before that eight more were to be expected since, and that gave none for
# three days while the paper printed articles that were found elsewhere, is dead: it answers, with what is old.
DEAD_FEEDS = """
CREATE VIEW paper_doors AS
WITH named AS (
  SELECT paper, url, url_key, state, failures FROM urls
  WHERE kind IN ('feed', 'sitemap', 'section') AND discovered_from = 'papers.toml'
), unchanged AS MATERIALIZED (
  SELECT n.paper, n.url, n.url_key, julianday(now) AS at, (SELECT max(fetched_at) FROM captures c
    WHERE c.paper = n.paper AND c.url_key = n.url_key AND c.status = 200 AND c.record = 'response') AS since
  FROM clock JOIN named n ON n.state = 'held' AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.paper = n.paper
    AND c.url_key = n.url_key AND c.fetched_at > strftime('%Y-%m-%dT%H:%M:%fZ', now, '-3 days')
    AND c.status = 200 AND c.record = 'response')
), dead AS (
  SELECT *, (SELECT count(*) FROM articles a WHERE a.paper = unchanged.paper AND a.published >= date(since, '+2 days'))
    AS articles FROM unchanged WHERE (at - julianday(since)) / 14 * (SELECT count(*) FROM captures c
      WHERE c.paper = unchanged.paper AND c.url_key = unchanged.url_key AND c.fetched_at <= since
      AND c.fetched_at > strftime('%Y-%m-%dT%H:%M:%fZ', since, '-14 days') AND c.status = 200
      AND c.record = 'response') >= 8
), doors AS (
  SELECT paper, url, failures, printf('%s could not be read %d times in a row', url, failures) AS said FROM named
  WHERE state = 'unreadable' AND failures >= 3
  UNION ALL
  SELECT paper, url, 0, printf('%s has shown nothing new since %sZ, though %d articles printed later were found '
    || 'elsewhere', url, substr(since, 1, 16), articles) FROM dead WHERE articles >= 5
)
SELECT paper, url, said || '; correct papers.toml' AS said,
  row_number() OVER (PARTITION BY paper ORDER BY failures DESC, url) AS nth FROM doors;
"""


@migrations()
def m026_dead_feeds(db: Database) -> None:
    """A feed that answers with what is old is named, as one is that cannot be read."""
    db.executescript(DEAD_FEEDS)
    (health,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'health'").fetchone()
    begin, end = health.index("), doors AS MATERIALIZED ("), health.index("), changes AS MATERIALIZED (")
    health = health[:begin] + health[end:]
    told = health.index("    WHEN 'door' THEN"), health.index("    WHEN 'quiet' THEN printf")
    health = health[: told[0]] + "    WHEN 'door' THEN h.door\n" + health[told[1] :]
    health = health.replace("o.url AS door, o.failures,", "o.said AS door,").replace(
        "JOIN doors o", "JOIN paper_doors o"
    )
    db.execute("DROP VIEW health")
    db.execute(health)


# What readers are shown of each paper and of all together (paper ''), by the span of time: '' altogether, a month
# '2026-11' or a day '2026-11-24' of Vietnam. Counting a million rows anew takes a second; this is kept as they change.
COUNTS = """
CREATE TABLE article_counts (
  paper TEXT NOT NULL,
  span TEXT NOT NULL,
  published INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (paper, span)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER articles_counted AFTER INSERT ON articles WHEN new.visibility = 'public' BEGIN
  {more};
END;

CREATE TRIGGER articles_uncounted AFTER DELETE ON articles WHEN old.visibility = 'public' BEGIN
  {less};
  {empty};
END;

CREATE TRIGGER articles_recounted AFTER UPDATE OF paper, published_date, first_seen, visibility ON articles
WHEN (old.paper, old.published_date, old.first_seen, old.visibility)
  IS NOT (new.paper, new.published_date, new.first_seen, new.visibility) BEGIN
  {less} AND old.visibility = 'public' {again};
  {more} AND new.visibility = 'public' {again};
  {empty};
END;

CREATE VIEW counted_articles AS
SELECT owner.value AS paper, s.span, sum(s.published) AS published, sum(s.archived) AS archived FROM (
  SELECT paper, '' AS span, published_date IS NOT NULL AS published, 1 AS archived FROM articles
    WHERE visibility = 'public'
  UNION ALL SELECT paper, substr(published_date, 1, 7), 1, 0 FROM articles
    WHERE visibility = 'public' AND published_date IS NOT NULL
  UNION ALL SELECT paper, published_date, 1, 0 FROM articles
    WHERE visibility = 'public' AND published_date IS NOT NULL
  UNION ALL SELECT paper, substr(date(first_seen, '+7 hours'), 1, 7), 0, 1 FROM articles WHERE visibility = 'public'
  UNION ALL SELECT paper, date(first_seen, '+7 hours'), 0, 1 FROM articles WHERE visibility = 'public'
) s, json_each(json_array('', s.paper)) owner GROUP BY 1, 2;

INSERT INTO article_counts (paper, span, published, archived) SELECT * FROM counted_articles;

CREATE INDEX revisions_of_edits ON revisions (seen_at) WHERE kind = 'edit';
CREATE INDEX articles_gone ON articles (gone_at) WHERE gone_at IS NOT NULL;
"""
COUNTED_ONE = """INSERT INTO article_counts (paper, span, published, archived)
  SELECT owner.value, s.value ->> 0, {sign}(s.value ->> 1), {sign}(s.value ->> 2)
  FROM json_each(json_array('', {row}.paper)) owner, json_each(json_array(
    json_array('', {row}.published_date IS NOT NULL, 1),
    json_array(substr({row}.published_date, 1, 7), 1, 0), json_array({row}.published_date, 1, 0),
    json_array(substr(date({row}.first_seen, '+7 hours'), 1, 7), 0, 1),
    json_array(date({row}.first_seen, '+7 hours'), 0, 1))) s
  WHERE s.value ->> 0 IS NOT NULL"""
COUNTED_AGAIN = """
  ON CONFLICT DO UPDATE SET published = published + excluded.published, archived = archived + excluded.archived"""


@migrations()
def m027_counts(db: Database) -> None:
    """What readers are shown is counted as it changes, and the newest edits and refusals are found at once."""
    more, less = (COUNTED_ONE.format(row=row, sign=sign) for row, sign in (("new", ""), ("old", "-")))
    empty = "DELETE FROM article_counts WHERE paper IN ('', old.paper) AND published = 0 AND archived = 0"
    script = COUNTS.replace("{again}", COUNTED_AGAIN).replace("{empty}", empty)
    script = script.replace("{more};", more + COUNTED_AGAIN + ";").replace("{less};", less + COUNTED_AGAIN + ";")
    db.executescript(script.replace("{more}", more).replace("{less}", less))


# Not of public rows alone: SQLite would take an index for few rows that is for nearly all.
NARROWED = "CREATE INDEX articles_narrowed ON articles (id, published, paper, section, source, author, visibility)"


@migrations()
def m028_narrowed(db: Database) -> None:
    """What search counts articles by and narrows them by, apart from all else that their rows hold."""
    db.execute(NARROWED)


HOPS = """
SELECT u.paper, u.url_key, u.state, coalesce((SELECT p.to_paper FROM pointers p WHERE p.paper = u.paper
    AND p.url_key = u.url_key AND p.to_key = u.redirect_key AND p.kind <> 'canonical'
  ORDER BY p.last_seen DESC LIMIT 1), u.paper), u.redirect_key
FROM urls u WHERE u.kind = 'article' AND u.state IN ('redirect', 'failed') AND u.redirect_key IS NOT NULL
"""


@migrations()
def m029_circles(db: Database) -> None:
    """Articles' redirects that lead in a circle, or into one, are failed: their listing wakes them."""
    led: dict[tuple[str, str], list[tuple[str, str]]] = {}
    states: dict[tuple[str, str], str] = {}
    for paper, key, state, to_paper, to_key in db.execute(HOPS).fetchall():
        states[paper, key] = state
        led.setdefault((to_paper, to_key), []).append((paper, key))
    ends = [address for address in led if address not in states]
    while ends:
        ends += led.pop(ends.pop(), [])
    stuck = [address for sources in led.values() for address in sources if states[address] == "redirect"]
    for address in stuck:
        db.execute("UPDATE urls SET state = 'failed' WHERE paper = ? AND url_key = ?", address)


# Read from its newest row on, so that a page of a million articles' edits is no sum of all of them; days are counted
# already, and of public articles alone.
READ_AT_ONCE = """
DROP VIEW changed;
CREATE VIEW changed AS
SELECT a.uid, a.paper, a.title, a.revisions, r.seen_at AS changed_at, a.url
FROM revisions r CROSS JOIN articles a ON a.id = r.article_id
WHERE r.kind = 'edit' AND a.visibility = 'public' AND NOT EXISTS (SELECT 1 FROM revisions n
  WHERE n.article_id = r.article_id AND n.seen_at > r.seen_at AND n.kind = 'edit')
ORDER BY r.seen_at DESC;

DROP VIEW coverage;
CREATE VIEW coverage AS
SELECT paper, day, sum(listed) AS listed, sum(held) AS held, sum(missing) AS missing, sum(refused) AS refused,
  sum(no_article) AS no_article
FROM (
  SELECT paper, span AS day, published AS listed, published AS held, 0 AS missing, 0 AS refused, 0 AS no_article
    FROM article_counts WHERE paper <> '' AND length(span) = 10 AND published > 0
  UNION ALL
  SELECT paper, day, 1, 0, state IN ('known', 'failed'), state = 'refused', state = 'unreadable' FROM lacking
    WHERE day IS NOT NULL
) GROUP BY paper, day;
"""


@migrations()
def m030_read_at_once(db: Database) -> None:
    """Edits and covered days of a large archive are shown without reading all of it."""
    db.executescript(READ_AT_ONCE)
