"""Nothing of an erased article is left, in whatever way the pages of its paper and of others showed it."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import unicodedata
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from pyarrow import parquet
from warcio.archiveiterator import ArchiveIterator

from pipelines.archive.connection import sqlite3
from pipelines.records import Record, page_of
from pipelines.runs_of_words import runs_of, shares_run
from tests.hidden_paper import served
from tests.quoted_papers import API, Stand, box, composed, entry, feed, listing, opened, page, story
from tests.test_takedown import Killed, kill_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.runs_of_words import Runs
    from tests.hidden_paper import Host
    from tests.quoted_papers import Story

pytestmark = pytest.mark.slow
DAYS = ("2026-11-24T06:00:00Z", "2026-11-26T06:00:00Z")
LISTED, NEXT, BOXED, QUOTED = (story(n, "doi-song") for n in (100002, 100003, 100004, 100005))
CODED, CODED_TOO = (story(n, "kinh-te") for n in (200001, 200002))
EDITED = "Sau bản tin đầu tiên phòng viên viết thêm một đoạn riêng cho lần sửa này thôi nhé."
OTHERS = [story(n, "x") for n in range(300001, 300006)]


def serve_all(host: Host, other: Host) -> None:
    """Show `LISTED` and `CODED` in every way: `LISTED` by relative links, `CODED` by what scripts make up."""
    beside, named, mute, copy, own = OTHERS
    host.missing, other.missing = (listing(entry(f"{host.base}{LISTED.path}", LISTED))[1] for _ in range(2))
    host.pages["/tin-bai/doi-song/"] = listing(*(entry(s.slug, s) for s in (LISTED, NEXT, BOXED, QUOTED)))
    host.pages[API] = composed(CODED, CODED_TOO)
    host.pages["/rss/moi.rss"] = feed(host.base, LISTED, NEXT)
    for one in (LISTED, NEXT, CODED, CODED_TOO):
        host.pages[one.path] = page(one)
    host.pages[BOXED.path] = page(BOXED, box(f"../doi-song/{LISTED.slug}", LISTED) + box("", CODED))
    said = (*QUOTED.paragraphs[:2], f"Xem thêm: {LISTED.title}. {LISTED.lead}", *QUOTED.paragraphs[2:])
    host.pages[QUOTED.path] = page(QUOTED, paragraphs=said)
    entries = [entry(f"/bai/{s.slug}", s) for s in OTHERS]
    other.pages["/muc/"] = listing(*entries, entry(f"//127.0.0.1:{host.port}{LISTED.path}", LISTED))
    other.pages[f"/bai/{beside.slug}"] = page(beside, box("", LISTED))
    other.pages[f"/bai/{named.slug}"] = page(named, box(f"{host.base}{CODED.path}", CODED))
    other.pages[f"/bai/{mute.slug}"] = page(mute)
    cut = (*LISTED.paragraphs[:3], *LISTED.paragraphs[4:])
    other.pages[f"/bai/{copy.slug}"] = page(copy, paragraphs=cut)
    other.pages[f"/bai/{own.slug}"] = page(own)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The two papers on two days, between which `LISTED` is edited and moves to another address."""
    with served() as (host, other):
        desk = opened(host, other, tmp_path_factory.mktemp("quotes") / "desk")
        serve_all(host, other)
        for day in DAYS:
            ended = desk.scrapy("crawlall", "thumot", "thuhai", CLOCK=day)
            assert ended.returncode == 0, ended.stderr
            host.tag = '"edited"'
            host.pages[LISTED.path] = page(LISTED, paragraphs=(*LISTED.paragraphs, EDITED))
        yield desk


@pytest.fixture
def desk(crawled: Stand, tmp_path: Path) -> Stand:
    shutil.copytree(crawled.folder, tmp_path / "desk")
    return Stand(tmp_path / "desk", crawled.sites)


def uid_of(desk: Stand, one: Story) -> str:
    (row,) = desk.rows("SELECT uid FROM articles WHERE url LIKE ?", f"%/{one.slug}")
    return str(row[0])


def runs(one: Story) -> Runs:
    return runs_of([*one.said, EDITED] if one is LISTED else one.said)


def take_down(desk: Stand, one: Story, *words: str) -> dict[str, list[str]]:
    ended = desk.at_once("takedown", uid_of(desk, one), "--reason", "thử", "--json", *words)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, list[str]] = json.loads(ended.stdout)
    return told


def records(desk: Stand) -> Iterator[tuple[str, str]]:
    """Give address and body of every WARC record, and every file unpacked."""
    for path in sorted(desk.warc.rglob("*.gz")):
        yield path.name, gzip.decompress(path.read_bytes()).decode("utf-8", "ignore")
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                yield url, record.content_stream().read().decode("utf-8", "replace")


def cells(desk: Stand) -> Iterator[tuple[str, str]]:
    """Give every text of every table, with the table's name."""
    for (table,) in desk.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"):
        for row in desk.rows(f"SELECT * FROM {table}"):
            yield from ((table, value if isinstance(value, str) else value.decode("utf-8", "ignore"))
                        for value in row if isinstance(value, str | bytes))  # fmt: skip


def exported(desk: Stand, folder: Path) -> Iterator[tuple[str, str]]:
    """Give what leaves the archive, by format and, of a WACZ, by file in it or record."""
    for form in ("jsonl", "csv", "parquet", "wacz"):
        out = folder / f"out.{form}"
        ended = desk.at_once("export", str(out), "--private", "--force")
        assert ended.returncode == 0, ended.stderr
        if form == "parquet":
            yield from ((form, json.dumps(row, ensure_ascii=False, default=str))
                        for row in parquet.read_table(out).to_pylist())  # fmt: skip
        elif form != "wacz":
            yield from ((form, line) for line in out.read_text("utf-8").splitlines())
            continue
        else:
            yield from packed(out)


def packed(out: Path) -> Iterator[tuple[str, str]]:
    with ZipFile(out) as file:
        for name in file.namelist():
            data = file.read(name)
            if name.endswith(".warc.gz"):
                for record in ArchiveIterator(io.BytesIO(data)):
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    yield f"wacz {url}", record.content_stream().read().decode("utf-8", "replace")
            else:
                text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
                yield from (("wacz", line) for line in text.splitlines())


def holding(places: Iterator[tuple[str, str]], said: Runs) -> set[str]:
    return {name for name, text in places if shares_run(text, said)}


def test_what_lists_and_boxes_show_goes_or_is_named(desk: Stand, tmp_path: Path) -> None:
    """An article listed by relative links, in a feed, in boxes of its own and another paper, edited, copied."""
    beside, _, _, copy, _ = OTHERS
    stay = {
        name: uid_of(desk, one) for name, one in (("box", BOXED), ("text", QUOTED), ("other", beside), ("copy", copy))
    }
    section = desk.rows("SELECT DISTINCT url FROM captures WHERE url LIKE '%/muc/'")[0][0]
    missed = {url for (url,) in desk.rows("SELECT url FROM captures WHERE paper = 'thuhai' AND status = 404")}
    assert desk.rows("SELECT 1 FROM captures WHERE paper = 'thumot' AND status = 404")
    assert desk.rows("SELECT revisions FROM articles WHERE uid = ?", uid_of(desk, LISTED)) == [(2,)]
    done = take_down(desk, LISTED, "--erase")
    assert {c["uid"] for c in done["copies"]} == {stay["copy"]}  # type: ignore[index]
    assert missed
    assert {stay["box"], stay["other"], section, *missed} <= set(done["shown_by"])
    assert stay["text"] in done["said_by"]
    named = {*done["shown_by"], *done["said_by"], stay["copy"]}
    urls = {row[0] for uid in named for row in desk.rows("SELECT url FROM articles WHERE uid = ?", uid)} | named
    whole = {path.name for path in desk.warc.rglob("*.gz")}
    assert holding(records(desk), runs(LISTED)) - urls - whole == set()
    assert LISTED.unique not in "".join(text for _, text in records(desk))
    check_rows(desk, [stay["copy"], stay["text"]])
    found = holding(exported(desk, tmp_path), runs(LISTED))
    assert {name for name in found if name.startswith("wacz http")} <= {
        f"wacz {url}" for url in urls if copy.slug in url or QUOTED.slug in url
    }
    assert_clean(desk)


def check_rows(desk: Stand, allowed: list[str]) -> None:
    """Hold all tables against what is left to be said: by a copy, and by an article that quotes it itself."""
    marks = ", ".join("?" * len(allowed))
    said = desk.rows(
        "SELECT r.title, r.lead, coalesce(r.text, t.text) FROM revisions r JOIN articles a ON a.id = r.article_id "
        f"JOIN article_text t ON t.article_id = a.id WHERE a.uid IN ({marks})",
        *allowed,
    )
    left = runs(LISTED) - runs_of(part for row in said for part in row if part)
    assert holding(cells(desk), left) == set()
    assert {t for t, text in cells(desk) if shares_run(text, runs(LISTED))} <= {"article_text", "revisions", "articles"}
    with closing(sqlite3.connect(desk.archive)) as db:
        for index in ("articles_fts", "articles_exact"):
            db.execute(f"CREATE VIRTUAL TABLE temp.words_{index} USING fts5vocab(main, {index}, row)")
            assert not db.execute(f"SELECT 1 FROM words_{index} WHERE term = ?", (LISTED.unique,)).fetchall()
    raw = b"".join(path.read_bytes() for path in desk.folder.glob("archive.db*"))
    assert LISTED.unique.encode() not in raw


def assert_clean(desk: Stand) -> None:
    ended = desk.at_once("verify")
    assert ended.returncode == 0, ended.stdout


def test_a_list_whose_addresses_scripts_make_up_goes_and_no_export_shows_it(desk: Stand, tmp_path: Path) -> None:
    done = take_down(desk, CODED, "--erase")
    assert set(done["shown_by"]) == {uid_of(desk, BOXED), uid_of(desk, OTHERS[1])}
    urls = {row[0] for uid in done["shown_by"] for row in desk.rows("SELECT url FROM articles WHERE uid = ?", uid)}
    whole = {path.name for path in desk.warc.rglob("*.gz")}
    assert holding(records(desk), runs(CODED)) - urls - whole == set()
    assert holding(cells(desk), runs(CODED)) == set()
    assert holding(exported(desk, tmp_path), runs(CODED)) == set()
    assert_clean(desk)


def test_lines_that_furniture_is_learned_from_go_whatever_stands_before_the_title(desk: Stand) -> None:
    held = [line[0] for (lines,) in desk.rows("SELECT lines FROM furniture_pages") for line in json.loads(lines)]
    assert [line for line in held if line.lower().startswith("xem thêm") and shares_run(line, runs(LISTED))]
    take_down(desk, LISTED, "--erase")
    held = [
        (paper, line[0])
        for paper, lines in desk.rows("SELECT paper, lines FROM furniture_pages")
        for line in json.loads(lines)
    ]
    assert holding(iter(held), runs(LISTED)) == set()


def test_a_wacz_shows_no_hidden_article_in_the_boxes_of_others(desk: Stand, tmp_path: Path) -> None:
    before = {name for name in holding(exported(desk, tmp_path), runs(CODED)) if name.startswith("wacz http")}
    assert len(before) == 3
    take_down(desk, CODED)
    assert holding(exported(desk, tmp_path), runs(CODED)) == set()
    names = {name for name, _ in packed(tmp_path / "out.wacz")}
    assert any(NEXT.slug in name for name in names)
    assert not any(BOXED.slug in name for name in names)
    ended = desk.at_once("takedown", uid_of(desk, CODED), "--undo")
    assert ended.returncode == 0
    assert {n for n in holding(exported(desk, tmp_path), runs(CODED)) if n.startswith("wacz http")} == before


@pytest.mark.parametrize("step", ["bury", "half a tombstone", "digests", "scrub"])
def test_an_erasure_that_was_interrupted_tells_at_last_what_stays(
    desk: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shutil.copytree(desk.folder, tmp_path / "other")
    aside = desk.warc / "thumot" / "thumot-20261120.warc.gz.damaged-7"
    aside.write_bytes(b"x")
    (tmp_path / "other" / "warc" / "thumot" / aside.name).write_bytes(b"x")
    uid, words = uid_of(desk, LISTED), ("--reason", "thử", "--erase", "--json")
    whole = json.loads(Stand(tmp_path / "other", desk.sites).at_once("takedown", uid, *words).stdout)

    with monkeypatch.context() as patch:
        kill_at(step, patch)
        with pytest.raises(Killed):
            desk.at_once("takedown", uid, *words)
    assert desk.rows("SELECT state FROM takedowns") == [("erasing",)]
    told = json.loads(desk.at_once("takedown", uid, *words).stdout)
    assert told == whole | {"records": 0 if step == "scrub" else whole["records"]}
    assert all(whole[name] for name in ("copies", "shown_by", "said_by", "aside"))


@pytest.mark.parametrize("second", ["foreign/0123456789ab-{}", "thumot/{}"])
def test_a_file_that_is_there_twice_holds_nothing_of_it_in_either(desk: Stand, second: str) -> None:
    """As merges of before brought a file under a second name."""
    (first, *_), *_ = desk.rows("SELECT DISTINCT warc_file FROM captures WHERE url LIKE ?", f"%/{CODED.slug}")
    twin = desk.warc / second.format(first.rpartition("/")[2].replace(".warc", ".0123456789ab.warc"))
    twin.parent.mkdir(exist_ok=True)
    shutil.copy(desk.warc / first, twin)
    take_down(desk, CODED, "--erase")
    urls = {row[0] for row in desk.rows("SELECT url FROM articles")}
    whole = {path.name for path in desk.warc.rglob("*.gz")}
    assert holding(records(desk), runs(CODED)) - urls - whole == set()


def test_the_feed_of_health_is_written_anew_without_the_address(desk: Stand) -> None:
    feed, (url,) = (
        desk.folder / "health.atom",
        desk.rows("SELECT url FROM articles WHERE uid = ?", uid_of(desk, NEXT))[0],
    )
    with closing(sqlite3.connect(desk.archive)) as db, db:
        said = f"its pages changed: unread 1.00, before 0.00, since 2026-11-24T06:00Z, first at {url}; correct it"
        db.execute(
            "INSERT INTO health_changes (paper, at, before, state, said) VALUES ('thumot', ?, 'ok', 'drifted', ?)",
            (DAYS[0], said),
        )
    feed.write_text(url)
    ended = desk.at_once("takedown", uid_of(desk, NEXT), "--reason", "thử", HEALTH_FEED=str(feed))
    assert ended.returncode == 0, ended.stderr
    assert "its pages changed" in feed.read_text("utf-8")
    assert url not in feed.read_text("utf-8")


def test_pages_of_days_before_an_article_could_be_had_are_looked_through(tmp_path: Path) -> None:
    """It was listed on a day on which its own address answered 429, and had four days later."""
    late, beside, far = (story(n, "doi-song") for n in (400001, 400002, 400003))
    with served() as (host, other):
        desk = opened(host, other, tmp_path / "desk")
        host.busy = {late.path}
        host.pages["/tin-bai/doi-song/"] = listing(entry(beside.slug, beside), entry(late.slug, late))
        other.pages["/muc/"] = listing(entry(f"/bai/{far.slug}", far))
        host.pages |= {late.path: page(late), beside.path: page(beside, box("", late))}
        other.pages[f"/bai/{far.slug}"] = page(far, box("", late))
        for day in ("2026-11-20T06:00:00Z", DAYS[0]):
            ended = desk.scrapy("crawlall", "thumot", "thuhai", CLOCK=day)
            assert ended.returncode == 0, ended.stderr
            host.busy, host.tag = set(), '"later"'
            host.pages[beside.path], other.pages[f"/bai/{far.slug}"] = page(beside), page(far)
    done = take_down(desk, late, "--erase")
    assert set(done["shown_by"]) == {uid_of(desk, beside), uid_of(desk, far)}


def in_1258(text: str) -> bytes:
    """Return a text as newsrooms wrote it before UTF-8: letters, and their tones after them."""
    out = bytearray()
    for one in text:
        try:
            out += one.encode("cp1258")
        except UnicodeEncodeError:
            letter, *marks = list(unicodedata.normalize("NFD", one))
            tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
            plain = unicodedata.normalize("NFC", letter + "".join(m for m in marks if m not in tones))
            out += (plain + "".join(tones)).encode("cp1258")
    return bytes(out)


@pytest.mark.parametrize("told", ["header", "page", "nowhere", "wrongly"])
def test_a_page_in_windows_1258_is_read_in_it(told: str) -> None:
    head = '<meta charset="windows-1258">' if told == "page" else "<!-- " + "x" * 40_000 + " -->"
    kind = {"header": "text/html; charset=windows-1258", "wrongly": "text/html; charset=utf-8"}.get(told, "text/html")
    assert shares_run(page_of(held(kind, in_1258(listing(entry("", LISTED), head=head)[1]))), runs(LISTED))


def test_a_sitemap_that_is_a_gzip_file_is_unpacked_and_what_only_begins_like_one_is_read() -> None:
    text = feed("https://bao.test", LISTED)[1].encode()
    assert shares_run(page_of(held("application/x-gzip", gzip.compress(text))), runs(LISTED))
    assert shares_run(page_of(held("text/html", b"\x1f\x8b " + text)), runs(LISTED))


def held(kind: str, payload: bytes) -> Record:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return Record("response", "https://bao.test/", at, 200, (("Content-Type", kind),), payload, None, (), len(payload))
