"""What a reader can do with one article: cite it, see what changed and who copied it, hold its record in hand."""

from __future__ import annotations

import asyncio
import gzip
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from datasette.app import Datasette
from warcio.archiveiterator import ArchiveIterator

from browse.diff_page import chosen
from browse.images import has_told
from crawler.papers import provinces
from pipelines.archive import Archive, open_archive
from pipelines.archive.connection import sqlite3, transaction
from pipelines.archive.takedowns import follow, held
from pipelines.bibliography import bibtex, csl
from pipelines.citation import Cited
from pipelines.hidings import Hiding
from pipelines.items import Article, Image, Paper, Reading, Visit
from pipelines.stages import identified, normalised
from tests.test_browse import free_port
from tests.test_reading_room import Visitor, browser
from tests.warc_files import page, writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["browser"]
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PAPERS = tuple(
    Paper(name, title, province, (province,), (f"{name}.example",))
    for name, title, province in (
        ("baosong", "Báo Sông", "Thanh Hóa"),
        ("baonui", "Báo Núi", "Lai Châu"),
        ("baobien", "Báo Biển", "Nghệ An"),
    )
)
PARAGRAPHS = [
    f"Đoạn thứ {n} kể về bến đò số {n * 7}, con thuyền và người chèo thuyền đã {n + 20} năm trên khúc sông này."
    for n in range(1, 13)
]
BRIDGE = Reading(
    url="https://baosong.example/cau-moi-100.html",
    title="Cầu mới qua sông",
    lead="Cây cầu dài 200 m được khởi công sáng nay.",
    author="Trần Thị Bến, Lê Hoa",
    section="Thời sự & xã hội",
    published="2026-11-24T06:30:00+07:00",
    published_precision="minute",
    language="vi",
    text="\n".join(PARAGRAPHS),
    tags=("cầu", 'thẻ "lạ"'),
    images=(
        Image("https://baosong.example/1.jpg", "Cầu lúc sáng. Ảnh: Lê Chụp", "Lê Chụp"),
        Image("https://baosong.example/2.jpg", "Cầu lúc chiều", "Lê Chụp"),
    ),
)
COPY = replace(
    BRIDGE,
    url="https://baonui.example/cau-moi-2.html",
    author=None,
    source="Báo Sông",
    published="2026-11-24T09:00:00+07:00",
    text="\n".join(PARAGRAPHS[:-2]),
    tags=(),
    images=(),
)
LATER = replace(COPY, url="https://baobien.example/cau-moi-3.html", published="2026-11-25", text=BRIDGE.text)
PRIVATE = replace(
    BRIDGE,
    url="https://baosong.example/rieng-101.html",
    title="Bài riêng tuyệt mật",
    lead="Sapo riêng tuyệt mật.",
    author="Người Riêng",
    text="\n".join(f"Câu riêng tuyệt mật thứ {n} nói về đêm trăng, mái hiên, cây bàng số {n}." for n in range(9)),
    noarchive=True,
)
ADDRESSES = (
    "/a/{0}",
    "/a/{0}.json",
    "/a/{0}/cite.bib",
    "/a/{0}/cite.json",
    "/a/{0}/diff",
    "/a/{0}/diff.json",
    "/a/{0}/diff?from=1&to=2",
    "/a/{0}/warc",
    "/a/{0}/raw",
    "/a/{0}/raw/page",
    "/s/{0}",
    "/s/{0}.json",
)


def html_of(reading: Reading) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in [reading.lead or "", *(reading.text or "").split("\n")])
    return f"<html><head><meta charset=utf-8></head><body><h1>{reading.title}</h1>{paragraphs}</body></html>".encode()


@dataclass
class Room:
    """An archive with its WARC files in datasette, asked without a network; ``uid``: by a name of the test's."""

    folder: Path
    datasette: Datasette
    uid: dict[str, str]

    def get(self, path: str) -> Any:
        return asyncio.run(self.datasette.client.get(path))

    def rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "archive.db")) as db:
            return list(db.execute(sql).fetchall())

    def change(self, sql: str) -> None:
        with closing(sqlite3.connect(self.folder / "archive.db")) as db, db:
            db.execute(sql)

    def take_down(self, name: str) -> None:
        with closing(open_archive(self.folder / "archive.db")) as db, transaction(db):
            (article,) = held(db, self.uid[name])
            follow(db, [Hiding(article.uid, article.url, NOW, "hidden", "theo yêu cầu")])


Seen = tuple[str, str, Reading, bytes | None]
"""A visit: the article's name, its paper, what was read, the page's bytes (None: made of what was read)."""


def filled(folder: Path, seen: Iterable[Seen], headers: tuple[tuple[bytes, bytes], ...] = ()) -> dict[str, str]:
    """Crawl what is seen, hour by hour, and return the articles' permanent ids by name."""
    archive = Archive(folder / "archive.db", extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    uids: dict[str, str] = {}
    earlier: dict[str, datetime] = {}
    with writer(folder / "warc") as out:
        for n, (name, paper, reading, body) in enumerate(seen):
            article = identified(Article(reading=normalised(reading)), paper, reading.url)
            told = headers or ((b"Content-Type", b"text/html"),)
            shown = html_of(reading) if body is None else body
            at = NOW + timedelta(hours=n)
            exchange = page(url=reading.url, body=shown, response_headers=told, fetched_at=at)
            capture = out.write(exchange, lambda _, digest: earlier.get(digest))
            earlier.setdefault(capture.payload_digest, at)
            archive.record(paper, capture)
            archive.submit(
                Visit(paper=paper, url=reading.url, kind="article", outcome="article", at=at, capture=capture,
                      article=article)
            )  # fmt: skip
            archive.flush()
            uids.setdefault(name, article.uid)
    archive.close()
    return uids


def edits() -> list[Seen]:
    """Give an article in three versions, its copies in two papers, and a private one."""
    second = replace(BRIDGE, title="Cầu mới qua sông dài 200 m")
    third = replace(second, lead="Cây cầu dài 250 m được khởi công sáng nay.", section="Kinh tế")
    return [
        ("bridge", "baosong", BRIDGE, None),
        ("private", "baosong", PRIVATE, None),
        ("copy", "baonui", COPY, None),
        ("later", "baobien", LATER, None),
        ("bridge", "baosong", second, None),
        ("bridge", "baosong", third, None),
    ]


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Any]:
    """Give a function that opens an archive in datasette as a reader meets it."""
    opened: list[Room] = []

    def made(seen: Iterable[Seen] | None = None, **options: Any) -> Room:
        uids = filled(tmp_path, edits() if seen is None else seen, **options)
        room = Room(tmp_path, Datasette([str(tmp_path / "archive.db")]), uids)
        opened.append(room)
        return room

    yield made
    for room in opened:
        for database in room.datasette.databases.values():
            database.close()
        room.datasette.executor.shutdown()


@pytest.fixture
def room(rooms: Any) -> Room:
    made: Room = rooms()
    return made


# The article


def test_an_article_leads_on_to_its_author_section_paper_province_day_and_tags(room: Room) -> None:
    shown = room.get(f"/a/{room.uid['bridge']}").text
    for href in (
        "/author/Tr%E1%BA%A7n%20Th%E1%BB%8B%20B%E1%BA%BFn",
        "/author/L%C3%AA%20Hoa",
        "/p/baosong",
        "/province/thanh-hoa",
        "/search?paper=baosong&amp;section=Kinh%20t%E1%BA%BF",
        "/d/2026-11-24",
        "/search?q=%22c%E1%BA%A7u%22",
        "/search?q=%22th%E1%BA%BB%20%20l%E1%BA%A1%20%22",
    ):
        assert f'href="{href}"' in shown, href


def test_a_photographer_whom_the_caption_names_is_not_named_again(room: Room) -> None:
    shown = room.get(f"/a/{room.uid['bridge']}").text
    assert shown.count("Lê Chụp") == 2
    assert "<small>Lê Chụp</small>" in shown
    assert has_told("Cầu. (ẢNH: LÊ CHỤP)", "Lê Chụp")
    assert not has_told("Toàn cảnh", "An")
    assert not has_told(None, "An")


def test_no_picture_of_a_paper_is_loaded_from_its_site(room: Room) -> None:
    shown = room.get(f"/a/{room.uid['bridge']}").text
    assert not re.findall(r'src="(?!/)', shown)
    assert 'href="https://baosong.example/1.jpg"' in shown


def test_headings_are_in_order_and_the_first_link_leads_to_the_content(room: Room) -> None:
    for path in ("/a/{bridge}", "/a/{copy}", "/a/{bridge}/diff", "/a/{bridge}/raw", "/s/{bridge}"):
        shown = room.get(path.format(**room.uid)).text
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", shown)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), path
        first = re.search(r"<a [^>]*>[^<]*</a>", shown)
        assert first is not None
        assert first[0] == '<a class="skip" href="#content">Bỏ qua đến nội dung</a>'
        assert '<main class="content" id="content"' in shown


def test_an_article_tells_who_printed_it_first_and_who_copied_it_with_the_differences(room: Room) -> None:
    first, copy, later = (room.uid[name] for name in ("bridge", "copy", "later"))
    shown = room.get(f"/a/{first}").text
    assert "Báo khác đăng lại" in shown
    for uid in (copy, later):
        assert f'href="/a/{uid}"' in shown
        assert f'href="/a/{first}/diff?with={uid}"' in shown
    assert f'href="/s/{first}"' in shown
    shown = room.get(f"/a/{copy}").text
    assert "Báo in trước" in shown
    assert f'href="/a/{first}/diff?with={copy}"' in shown
    assert f'href="/s/{first}"' in shown


def test_each_version_leads_to_its_difference_from_the_one_before(room: Room) -> None:
    shown = room.get(f"/a/{room.uid['bridge']}").text
    for n in (1, 2):
        assert f'href="/a/{room.uid["bridge"]}/diff?from={n}&amp;to={n + 1}"' in shown
    assert "diff?from=0" not in shown


def test_an_article_is_found_without_a_look_at_every_alias(room: Room) -> None:
    from browse import article, uids  # noqa: PLC0415

    for sql in (article.ARTICLE, uids.ARTICLE, uids.TAKEN_DOWN):
        with closing(sqlite3.connect(room.folder / "archive.db")) as db:
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", {"uid": "x"})]
        assert not [step for step in plan if re.match(r"SCAN (a|x|m|aliases|articles|takedown_marks)\b", step)], plan


# References


def entry(room: Room, name: str) -> str:
    answer = room.get(f"/a/{room.uid[name]}/cite.bib")
    assert answer.headers["content-type"].startswith("application/x-bibtex")
    assert f'filename="{room.uid[name]}.bib"' in answer.headers["content-disposition"]
    return str(answer.text)


def test_an_article_is_cited_for_bibtex(room: Room) -> None:
    told = entry(room, "bridge")
    digest = room.get(f"/a/{room.uid['bridge']}.json").json()["capture"]["payload_digest"]
    assert told == (
        f"@article{{{room.uid['bridge']},\n"
        "  author = {{Trần Thị Bến} and {Lê Hoa}},\n"
        "  title = {{Cầu mới qua sông dài 200 m}},\n"
        "  journal = {Báo Sông},\n"
        "  date = {2026-11-24},\n"
        "  year = {2026},\n"
        "  month = {11},\n"
        "  url = {https://baosong.example/cau-moi-100.html},\n"
        "  urldate = {2026-11-24},\n"
        f"  note = {{Kho báo tỉnh: {room.uid['bridge']}, {digest}}},\n"
        "  langid = {vietnamese}\n}\n"
    )


def test_an_article_is_cited_for_zotero(room: Room) -> None:
    answer = room.get(f"/a/{room.uid['copy']}/cite.json")
    assert answer.headers["content-type"].startswith("application/vnd.citationstyles.csl+json")
    (item,) = answer.json()
    assert item["type"] == "article-newspaper"
    assert item["container-title"] == "Báo Núi"
    assert item["issued"] == {"date-parts": [[2026, 11, 24]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 24]]}
    assert (item["archive_location"], item["URL"]) == (room.uid["copy"], COPY.url)
    assert "credited to Báo Sông" in item["note"]
    assert "author" not in item


STRANGE = Cited(
    uid="baosong-0123456789ab",
    title="50% {lãi} & 1_000 $ #1 ~ ^ \\ 'x' \"y\" }{\nhết",
    paper="Báo A&B",
    url="https://baosong.example/a_b?x={1}&y=%20#z",
)


def test_no_sign_in_a_title_ends_a_bibtex_entry() -> None:
    told = bibtex(STRANGE)
    assert (
        "title = {{50\\% \\textbraceleft{}lãi\\textbraceright{} \\& 1\\_000 \\$ \\#1 \\textasciitilde{} "
        "\\textasciicircum{} \\textbackslash{} 'x' \"y\" \\textbraceright{}\\textbraceleft{} hết}}" in told
    )
    assert "url = {https://baosong.example/a_b?x=%7B1%7D&y=%20#z}" in told
    assert "journal = {Báo A\\&B}" in told
    depth = 0
    for sign in told:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert "date" not in told
    assert "author" not in told


def test_an_address_that_is_none_is_in_no_reference() -> None:
    odd = replace(STRANGE, url="javascript:alert(1)", published="2009-01-21", captured_at="2026-11-24T20:00:00Z")
    assert "javascript" not in bibtex(odd)
    (item,) = csl(odd)
    assert "URL" not in item
    assert item["issued"] == {"date-parts": [[2009, 1, 21]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 25]]}


# Differences


def test_the_last_two_versions_are_compared_where_nothing_is_asked_for(room: Room) -> None:
    told = room.get(f"/a/{room.uid['bridge']}/diff.json").json()
    assert (told["from"]["number"], told["to"]["number"], told["versions_held"]) == (2, 3, 3)
    assert {"kind": "dropped", "text": " 200"} in told["lead"]
    assert {"kind": "added", "text": " 250"} in told["lead"]
    assert told["facts"] == [{"name": "section", "old": "Thời sự & xã hội", "new": "Kinh tế"}]
    assert told["words"]["added"] == told["words"]["dropped"] == 0


def test_any_two_versions_are_compared_and_any_may_be_picked(room: Room) -> None:
    shown = room.get(f"/a/{room.uid['bridge']}/diff?from=1&to=3").text
    assert "Cầu mới qua sông <ins>dài 200 m</ins>" in shown
    assert "<del>200</del> <ins>250</ins>" in shown
    assert "gạch dưới: thêm vào" in shown
    assert f'href="/a/{room.uid["bridge"]}/diff?from=2&amp;to=3"' in shown
    assert f'href="/a/{room.uid["bridge"]}/diff?from=1&amp;to=2"' in shown
    assert "10:00, 24/11/2026" in shown
    back = room.get(f"/a/{room.uid['bridge']}/diff?from=3&to=1").text
    assert "<del>dài 200 m</del>" in back


def test_a_version_there_is_not_is_the_nearest_there_is() -> None:
    assert chosen(3, "", "") == (2, 3)
    assert chosen(3, "0", "99") == (1, 3)
    assert chosen(3, "-5", "9" * 300) == (1, 3)
    assert chosen(3, "", "2") == (1, 2)
    assert chosen(3, "1", "") == (1, 3)
    assert chosen(3, "một", "٣") == (2, 3)
    assert chosen(1, "", "") == (1, 1)


def test_an_article_of_one_version_says_so(room: Room) -> None:
    assert "chỉ có một bản" in room.get(f"/a/{room.uid['copy']}/diff").text


def test_what_a_copy_cut_is_shown_paragraph_by_paragraph(room: Room) -> None:
    told = room.get(f"/a/{room.uid['bridge']}/diff.json?with={room.uid['copy']}").json()
    assert (told["from"]["paper"], told["to"]["paper"]) == ("baosong", "baonui")
    dropped = [run["text"] for paragraph in told["text"] for run in paragraph if run["kind"] == "dropped"]
    assert dropped == PARAGRAPHS[-2:]
    shown = room.get(f"/a/{room.uid['bridge']}/diff?with={room.uid['copy']}").text
    assert f"<del>{PARAGRAPHS[-1]}</del>" in shown
    assert "Báo Sông và Báo Núi" in shown


def test_an_article_of_no_story_or_another_is_compared_with_none(rooms: Any) -> None:
    alone = replace(COPY, url="https://baonui.example/khac-9.html", title="Khác", text="Chợ phiên đông vui. " * 20)
    room = rooms([*edits(), ("alone", "baonui", alone, None)])
    for other in (room.uid["alone"], room.uid["private"], room.uid["bridge"], "baosong-000000000000", "x" * 400, "%00"):
        answer = room.get(f"/a/{room.uid['bridge']}/diff?with={other}")
        assert answer.status_code == 404
        assert "không cùng chuỗi tin" in answer.text
    assert room.get(f"/a/{room.uid['alone']}/diff?with={room.uid['private']}").status_code == 404


HOSTILE = ("0", "-1", "1e9", "9" * 18, "9" * 40, "٣", "'", '"><script>alert(1)</script>', "%00", "%0d%0aX-A:1", "NaN")


@pytest.mark.parametrize("address", ["diff?from={0}&to={0}", "diff.json?from={0}", "diff?with={0}", "warc?capture={0}",
                                     "raw?capture={0}", "raw/page?capture={0}"])  # fmt: skip
def test_no_value_is_a_failure_or_a_script(room: Room, address: str) -> None:
    for value in HOSTILE:
        answer = room.get(f"/a/{room.uid['bridge']}/{address.format(value)}")
        assert answer.status_code in (200, 404), value
        assert "<script>alert" not in answer.text
        assert "x-a" not in answer.headers


# Stories


def test_a_story_tells_who_printed_what_when_and_what_each_cut(room: Room) -> None:
    first = room.uid["bridge"]
    told = room.get(f"/s/{first}.json").json()
    assert (told["first"], told["papers"], told["more"]) == (first, ["baosong", "baonui", "baobien"], False)
    assert [one["uid"] for one in told["articles"]] == [first, room.uid["copy"], room.uid["later"]]
    words = sum(len(line.split()) for line in PARAGRAPHS)
    cut = sum(len(line.split()) for line in PARAGRAPHS[-2:])
    _, copy, later = told["articles"]
    assert copy["copied"]["kind"] == "near-text"
    assert copy["changed"] == {"cut": cut, "added": 0, "cut_percent": round(100 * cut / words), "added_percent": 0}
    assert (later["copied"]["kind"], later["copied"]["score"]) == ("same-text", 1.0)
    assert later["changed"]["cut"] == 0
    shown = room.get(f"/s/{first}").text
    assert f"bỏ {cut} chữ ({round(100 * cut / words)} %)" in shown
    assert "Không khác bài đầu chữ nào" in shown
    assert f'href="/a/{first}/diff?with={room.uid["copy"]}"' in shown
    assert "09:00, 24/11/2026" in shown


def test_a_story_s_number_and_its_other_articles_lead_to_its_first(room: Room) -> None:
    ((number,),) = room.rows("SELECT id FROM stories")
    for name in (number, room.uid["copy"], room.uid["later"]):
        answer = room.get(f"/s/{name}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"/s/{room.uid['bridge']}")
        answer = room.get(f"/s/{name}.json")
        assert (answer.status_code, answer.headers["location"]) == (302, f"/s/{room.uid['bridge']}.json")
    for number in ("0", "99", "9" * 18, "9" * 30):
        assert room.get(f"/s/{number}").status_code == 404


def test_a_story_whose_first_is_private_is_told_by_the_earliest_that_is_public(rooms: Any) -> None:
    room = rooms([(name, paper, replace(r, noarchive=name == "bridge"), body) for name, paper, r, body in edits()])
    ((number, first),) = room.rows("SELECT id, first_uid FROM stories")
    assert first == room.uid["bridge"]
    assert room.get(f"/s/{number}").headers["location"] == f"/s/{room.uid['copy']}"
    assert room.get(f"/s/{first}").status_code == 404
    for path in ("/s/{copy}", "/s/{copy}.json", "/a/{copy}", "/a/{copy}.json", "/a/{later}"):
        answer = room.get(path.format(**room.uid))
        assert answer.status_code == 200
        assert first not in answer.text
        assert BRIDGE.url not in answer.text
    told = room.get(f"/s/{room.uid['copy']}.json").json()
    assert [one["uid"] for one in told["articles"]] == [room.uid["copy"], room.uid["later"]]
    assert room.get(f"/a/{room.uid['copy']}/diff?with={first}").status_code == 404


def test_a_story_of_which_nothing_is_public_is_none(rooms: Any) -> None:
    room = rooms([(name, paper, replace(r, noarchive=True), body) for name, paper, r, body in edits()])
    assert room.get("/s/1").status_code == 404
    assert {room.get(f"/s/{uid}").status_code for uid in room.uid.values()} == {404}


def test_a_story_with_one_public_article_names_no_other(rooms: Any) -> None:
    room = rooms([(name, paper, replace(r, noarchive=name != "copy"), body) for name, paper, r, body in edits()])
    shown = room.get(f"/s/{room.uid['copy']}").text
    assert "không thấy báo nào khác" in shown
    assert "Chuỗi tin" not in room.get(f"/a/{room.uid['copy']}").text
    assert room.get(f"/a/{room.uid['copy']}.json").json()["story"] is None


def test_a_story_of_many_is_drawn_in_time(rooms: Any) -> None:
    room = rooms()
    with closing(sqlite3.connect(room.folder / "archive.db")) as db, db:
        db.execute("CREATE TEMP TABLE mine AS SELECT * FROM articles WHERE uid = ?", (room.uid["copy"],))
        (text,) = db.execute("SELECT text FROM article_text WHERE article_id = (SELECT id FROM mine)").fetchone()
        for n in range(250):
            db.execute("UPDATE mine SET id = ?, uid = ?, url_key = ?", (9000 + n, f"baonui-{n:012x}", f"k{n}"))
            db.execute("INSERT INTO articles SELECT * FROM mine")
            body = "\n".join(f"{line} thêm {n}" for line in text.split("\n") * 4)
            db.execute("INSERT INTO article_text VALUES (?, ?)", (9000 + n, body))
    begun = time.process_time()
    told = room.get(f"/s/{room.uid['bridge']}.json").json()
    assert time.process_time() - begun < 2
    assert (len(told["articles"]), told["more"]) == (200, True)
    assert sum("changed" in one for one in told["articles"]) == 30
    assert "Chỉ so chữ của 30 bài" in room.get(f"/s/{room.uid['bridge']}").text


# Captures


def test_a_record_is_given_out_byte_for_byte_as_it_stands_in_its_file(room: Room) -> None:
    uid = room.uid["bridge"]
    capture = room.get(f"/a/{uid}.json").json()["capture"]
    answer = room.get(f"/a/{uid}/warc")
    stored = (room.folder / "warc" / capture["warc_file"]).read_bytes()
    start = capture["warc_offset"]
    assert answer.content == stored[start : start + capture["warc_length"]]
    assert answer.headers["content-type"] == "application/warc"
    assert f'filename="{uid}-20261124T080000Z.warc.gz"' in answer.headers["content-disposition"]
    (record,) = ArchiveIterator(BytesIO(answer.content))
    assert record.rec_headers.get_header("WARC-Target-URI") == BRIDGE.url


def test_any_capture_of_the_article_may_be_asked_for_and_none_of_another(room: Room) -> None:
    captures = room.rows(f"SELECT id, article_id FROM captures WHERE url = '{BRIDGE.url}' ORDER BY id")
    others = room.rows(f"SELECT id FROM captures WHERE url <> '{BRIDGE.url}'")
    assert len({room.get(f"/a/{room.uid['bridge']}/warc?capture={n}").content for n, _ in captures}) == 3
    shown = room.get(f"/a/{room.uid['bridge']}/raw/page?capture={captures[0][0]}").text
    assert "<h1>Cầu mới qua sông</h1>" in shown
    for (number,) in others:
        for form in ("warc", "raw", "raw/page"):
            answer = room.get(f"/a/{room.uid['bridge']}/{form}?capture={number}")
            assert answer.status_code == 404
            assert "tuyệt mật" not in answer.text


def test_a_file_that_is_away_is_said_in_a_sentence(room: Room) -> None:
    for file in (room.folder / "warc").rglob("*.warc.gz"):
        file.unlink()
    for form in ("warc", "raw", "raw/page"):
        answer = room.get(f"/a/{room.uid['bridge']}/{form}")
        assert answer.status_code == 404
        assert "Tệp WARC giữ bản chụp này hiện không có ở đây" in answer.text
        assert str(room.folder) not in answer.text


def test_a_record_that_is_another_than_was_captured_is_not_given_out(room: Room) -> None:
    (other,) = room.rows(f"SELECT warc_offset, warc_length FROM captures WHERE url = '{PRIVATE.url}'")
    room.change(f"UPDATE captures SET warc_offset = -1 WHERE url = '{PRIVATE.url}'")
    room.change(
        f"UPDATE captures SET warc_offset = {other[0]}, warc_length = {other[1]} "
        f"WHERE id = (SELECT capture_id FROM articles WHERE uid = '{room.uid['bridge']}')"
    )
    for form in ("warc", "raw", "raw/page"):
        answer = room.get(f"/a/{room.uid['bridge']}/{form}")
        assert answer.status_code == 404
        assert "tuyệt mật" not in answer.text


def test_a_captured_page_runs_nothing_and_fetches_nothing(room: Room) -> None:
    answer = room.get(f"/a/{room.uid['bridge']}/raw/page")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    framed = room.get(f"/a/{room.uid['bridge']}/raw")
    assert framed.headers["content-security-policy"] == "frame-src 'self'"
    assert re.search(r'<iframe sandbox title="[^"]+"', framed.text)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("Cầu mới: ngày hội".encode("utf-16-le"), ((b"Content-Type", b"text/html"),)),
        (b"<meta charset=windows-1258><p>" + "Cầu mới: ngày hội".encode(), ((b"Content-Type", b"text/html"),)),
        (gzip.compress("Cầu mới: ngày hội".encode(), mtime=0),
         ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))),
    ],
)  # fmt: skip
def test_a_captured_page_is_read_in_its_own_charset_and_coding(
    rooms: Any, body: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    marked = b"\xff\xfe" + body if b"\x00" in body[:8] and not body.startswith(b"\x1f") else body
    room = rooms([("bridge", "baosong", BRIDGE, marked)], headers=headers)
    assert "Cầu mới: ngày hội" in room.get(f"/a/{room.uid['bridge']}/raw/page").text


def test_a_page_over_five_megabytes_is_refused_in_a_sentence_however_well_it_packs(rooms: Any) -> None:
    headers = ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))
    room = rooms([("bridge", "baosong", BRIDGE, gzip.compress(b"<p>lon</p>" * 600_000, mtime=0))], headers=headers)
    for form in ("raw", "raw/page"):
        answer = room.get(f"/a/{room.uid['bridge']}/{form}")
        assert answer.status_code == 403
        assert "lớn hơn 5 MB" in answer.text
    assert room.get(f"/a/{room.uid['bridge']}/warc").status_code == 200


def test_what_is_no_page_of_text_is_not_framed(rooms: Any) -> None:
    room = rooms([("bridge", "baosong", BRIDGE, b"%PDF-1.7")], headers=((b"Content-Type", b"application/pdf"),))
    assert room.get(f"/a/{room.uid['bridge']}/raw/page").status_code == 403
    room.change("UPDATE captures SET headers = '[]'")
    assert room.get(f"/a/{room.uid['bridge']}/raw").status_code == 403


def test_a_page_that_did_not_change_is_shown_from_the_answer_it_repeats(rooms: Any) -> None:
    room = rooms([("bridge", "baosong", BRIDGE, None), ("bridge", "baosong", BRIDGE, None)])
    kinds = room.rows("SELECT id, record FROM captures ORDER BY id")
    assert [kind for _, kind in kinds] == ["response", "revisit"]
    again = kinds[1][0]
    assert "<h1>Cầu mới qua sông</h1>" in room.get(f"/a/{room.uid['bridge']}/raw/page?capture={again}").text
    (record,) = ArchiveIterator(BytesIO(room.get(f"/a/{room.uid['bridge']}/warc?capture={again}").content))
    assert record.rec_type == "revisit"


# What strangers do not see


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_shows_a_private_article(room: Room, address: str) -> None:
    answer = room.get(address.format(room.uid["private"]))
    assert answer.status_code == 404
    unknown = room.get(address.format("baosong-000000000000"))
    assert answer.text == unknown.text.replace("baosong-000000000000", room.uid["private"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_of_an_article_that_was_taken_down_says_so(room: Room, address: str) -> None:
    room.take_down("bridge")
    answer = room.get(address.format(room.uid["bridge"]))
    assert answer.status_code == 410
    for said in (BRIDGE.title, BRIDGE.url, "theo yêu cầu", PARAGRAPHS[0]):
        assert said not in answer.text
    others = room.get(f"/s/{room.uid['copy']}")
    assert room.uid["bridge"] not in others.text
    assert room.get(f"/a/{room.uid['copy']}/diff?with={room.uid['bridge']}").status_code == 404


def test_an_address_that_showed_another_article_s_page_does_not_give_it_out(room: Room) -> None:
    ((private,),) = room.rows(f"SELECT id FROM articles WHERE uid = '{room.uid['private']}'")
    ((older, *_),) = room.rows(f"SELECT min(id) FROM captures WHERE url = '{BRIDGE.url}'")
    room.change(f"UPDATE captures SET article_id = {private}, outcome = 'refused' WHERE id = {older}")
    for form in ("warc", "raw", "raw/page"):
        assert room.get(f"/a/{room.uid['bridge']}/{form}?capture={older}").status_code == 404


def test_a_capture_at_a_private_article_s_address_is_not_given_out(room: Room) -> None:
    ((bridge,),) = room.rows(f"SELECT id FROM articles WHERE uid = '{room.uid['bridge']}'")
    ((number,),) = room.rows(f"SELECT id FROM captures WHERE url = '{PRIVATE.url}'")
    room.change(f"UPDATE captures SET article_id = {bridge} WHERE id = {number}")
    for path in ("/a/{bridge}", "/a/{bridge}.json"):
        assert "rieng-101" not in room.get(path.format(**room.uid)).text
    for form in ("warc", "raw", "raw/page"):
        answer = room.get(f"/a/{room.uid['bridge']}/{form}?capture={number}")
        assert answer.status_code == 404
        assert "tuyệt mật" not in answer.text


def test_a_page_that_shows_some_of_what_was_taken_down_is_not_given_out(rooms: Any) -> None:
    other = replace(BRIDGE, url="https://baosong.example/cho-7.html", title="Chợ phiên bến sông nay đông vui trở lại",
                    lead="Sau hai năm tạm dừng, chợ phiên bến sông mở cửa trở lại từ sáng thứ sáu tuần này.",
                    text="Người bán, người mua chen chân. " * 20)  # fmt: skip
    box = html_of(BRIDGE).replace(b"</body>", f"<aside><a>{other.title}</a><p>{other.lead}</p></aside></body>".encode())
    room = rooms([("bridge", "baosong", BRIDGE, box), ("market", "baosong", other, None)])
    assert room.get(f"/a/{room.uid['bridge']}/raw/page").status_code == 200
    room.take_down("market")
    for form in ("warc", "raw", "raw/page"):
        answer = room.get(f"/a/{room.uid['bridge']}/{form}")
        assert answer.status_code == 404
        assert "chợ phiên" not in answer.text.lower()
        assert "bài đã gỡ" in answer.text
    assert room.get(f"/a/{room.uid['bridge']}").status_code == 200


def test_a_page_that_repeats_the_article_s_own_words_is_given_out_whatever_else_was_taken_down(room: Room) -> None:
    room.take_down("copy")
    assert room.get(f"/a/{room.uid['bridge']}/raw/page").status_code == 200
    assert room.get(f"/a/{room.uid['bridge']}/warc").status_code == 200


# In a browser

LURES = """<!doctype html><html><head><meta charset=utf-8><base href="{0}/base/">
<link rel=preconnect href="{0}"><LINK rel="dns-prefetch" href="{0}"><link/rel=stylesheet href="{0}/a.css">
<link rel=preload as=image href="{0}/p.png"><link rel=icon href="{0}/i.png"><link rel=prefetch href="{0}/f.html">
<meta http-equiv=refresh content="0;url={0}/refresh"><script src="{0}/s.js"></script>
<script>fetch("{0}/fetch"); document.title = "đã chạy"</script>
<style>@import "{0}/b.css"; body {{ background: url({0}/bg.png); }}
@font-face {{ font-family: x; src: url({0}/f.woff) }}
p {{ font-family: x }}</style></head><body onload="location='{0}/onload'"><h1>Cầu mới</h1>
<img src="{0}/1.png" srcset="{0}/2.png 2x"><video src="{0}/v.mp4" poster="{0}/v.png" autoplay></video>
<iframe src="{0}/frame"></iframe><IFRAME/srcdoc="<link rel=preconnect href={0}>"/src="{0}/frame"></iframe>
<object data="{0}/o"></object><embed src="{0}/e" type=text/html><svg>
<image href="{0}/svg.png"/>
<use href="{0}/u.svg#a"/></svg><form action="{0}/form"><input autofocus name=a></form><audio src="{0}/a.mp3"></audio>
<p>Chữ<a id=out href="{0}/clicked" ping="{0}/ping">đi</a></p><picture><source srcset="{0}/pic.png"></picture>
<img src=x onerror="new Image().src='{0}/error'"></body></html>"""


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A host that notes every request, and every connection, that reaches it."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            seen.append("connection")
            super().setup()

        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def served(tmp_path: Path, trap: tuple[str, list[str]]) -> Iterator[tuple[str, str]]:
    """The address of a reading room whose one article's page is full of lures, and the article's permanent id."""
    uids = filled(tmp_path, [("bridge", "baosong", BRIDGE, LURES.format(trap[0]).encode())])
    port = free_port()
    command = [sys.executable, "-m", "datasette", str(tmp_path / "archive.db"), "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        assert any("running" in line for line in started.stderr)
        yield f"http://127.0.0.1:{port}", uids["bridge"]
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=20)


@pytest.mark.slow
def test_no_lure_in_a_captured_page_makes_a_browser_ask_or_run_anything(
    served: tuple[str, str], browser: Browser, trap: tuple[str, list[str]]
) -> None:
    room, uid = served
    for form in ("raw", "raw/page"):
        visitor = Visitor(browser, room)
        opened = visitor.go(f"/a/{uid}/{form}")
        opened.wait_for_load_state("networkidle")
        opened.wait_for_timeout(1500)
        (frame,) = [frame for frame in opened.frames if frame.url.startswith(f"{room}/a/{uid}/raw/page")]
        assert "Cầu mới" in frame.content()
        assert opened.title() != "đã chạy"
        assert trap[1] == [], form
        if form == "raw":
            frame.click("#out")
            opened.wait_for_timeout(800)
        assert set(trap[1]) <= {"connection"}, "a link that is clicked leads nowhere"
        trap[1].clear()
        visitor.context.close()
