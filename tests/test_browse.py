"""What a reader sees of an archive in datasette, and what no stranger sees."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from datasette.app import Datasette

from browse.labels import columns, tables
from browse.moments import moment
from browse.pages import safe_href
from browse.versions import compared
from crawler.papers import provinces
from pipelines.archive import Archive, open_archive
from pipelines.archive.connection import transaction
from pipelines.archive.takedowns import follow, held
from pipelines.hidings import Hiding
from pipelines.items import Article, Capture, Image, Paper, Reading, Visit
from pipelines.queries import as_phrases, as_words
from pipelines.stages import identified, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PAPERS = (
    Paper("baosong", "Báo Sông", "Thanh Hóa", ("Thanh Hóa",), ("baosong.example",)),
    Paper("baonui", "Báo Núi", "Lai Châu", ("Lai Châu",), ("baonui.example",)),
)
LONG = " ".join(f"Câu thứ {n} kể về bến đò, con thuyền và người chèo thuyền trên khúc sông này." for n in range(1, 9))
RAILWAY = Reading(
    url="https://baosong.example/tau-hoa-100.html",
    title="Khởi công đường sắt ven sông",
    lead="Sáng nay, tuyến đường sắt dài 12 km được khởi công.",
    author="Trần Thị Bến",
    section="Thời sự",
    published="2026-11-24T06:30:00+07:00",
    published_precision="minute",
    language="vi",
    text=f"Đoàn tàu đầu tiên sẽ chạy qua cầu mới.\n{LONG}\n<script>alert('chữ')</script>",
    tags=("đường sắt", "khởi công"),
    images=(
        Image("https://baosong.example/anh.jpg", "Cây cầu mới nhìn từ bến đò", "Lê Chụp"),
        Image("javascript:alert(1)", "Ảnh có địa chỉ lạ"),
    ),
    provenance={"title": "jsonld", "text": "template"},
)
PRIVATE = replace(
    RAILWAY,
    url="https://baosong.example/rieng-101.html",
    title="Bài riêng tuyệt mật",
    lead="Sapo riêng tuyệt mật.",
    author="Người Riêng",
    text="Nội dung riêng tuyệt mật về đường sắt.",
    tags=("thẻ riêng tuyệt mật",),
    images=(),
    noarchive=True,
)
HARVEST = Reading(
    url="https://baonui.example/lua-1.html",
    title="Mùa lúa trên núi",
    section="Kinh tế",
    published="2026-11-23",
    published_precision="day",
    text="Bà con gặt lúa. Đường lên nương có sắt thép bỏ lại; 'lạ' \"thật\".",
)
COPY = replace(
    RAILWAY, url="https://baonui.example/tau-2.html", source="Báo Sông", published="2026-11-24T09:00:00+07:00"
)


def visit(paper: str, reading: Reading, at: datetime) -> Visit:
    """Return a visit of ``reading`` with a capture, as the stages hand it to the archive."""
    capture = Capture(
        reading.url,
        at,
        200,
        warc_file=f"{paper}/20261124.warc.gz",
        warc_offset=int(at.timestamp()) % 100_000 + len(reading.url),
        warc_length=2048,
        payload_digest=f"sha256:{len(str(reading.title)):064x}",
    )
    article = identified(Article(reading=normalised(reading)), paper, reading.url)
    return Visit(
        paper=paper, url=reading.url, kind="article", outcome="article", at=at, capture=capture, article=article
    )


def fill(path: Path) -> dict[str, str]:
    """Make an archive with a railway story, its copy, an edit and a private article; return their uids."""
    archive = Archive(path, extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    edited = replace(RAILWAY, title="Khởi công đường sắt ven sông dài 12 km")
    visits = [
        visit("baosong", RAILWAY, NOW),
        visit("baosong", PRIVATE, NOW + timedelta(minutes=1)),
        visit("baonui", HARVEST, NOW + timedelta(minutes=2)),
        visit("baonui", COPY, NOW + timedelta(minutes=3)),
        visit("baosong", edited, NOW + timedelta(days=1)),
    ]
    for one in visits:
        assert one.capture is not None
        archive.record(one.paper, one.capture)
        archive.submit(one)
    archive.close()
    names = ("railway", "private", "harvest", "copy")
    return {name: v.article.uid for name, v in zip(names, visits, strict=False) if v.article}


class Site:
    """The archive in datasette, asked without a network."""

    def __init__(self, path: Path, uids: dict[str, str], **options: Any) -> None:
        self.uid = uids
        self.datasette = Datasette([str(path)], settings={"suggest_facets": False}, **options)

    def get(self, path: str, actor: dict[str, str] | None = None) -> Any:
        """Return the answer to a GET of ``path``."""
        cookies = {"ds_actor": self.datasette.sign({"a": actor}, "actor")} if actor else {}
        return asyncio.run(self.datasette.client.get(path, cookies=cookies))

    def rows(self, path: str, actor: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the rows that a table's JSON shows."""
        answer = self.get(path, actor)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    path = tmp_path_factory.mktemp("browse") / "archive.db"
    return path, fill(path)


@pytest.fixture
def site(made: tuple[Path, dict[str, str]]) -> Iterator[Site]:
    site = Site(*made)
    yield site
    for database in site.datasette.databases.values():
        database.close()
    site.datasette.executor.shutdown()


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["title"]) for row in rows]


@pytest.mark.parametrize("table", ["articles", "front_page"])
@pytest.mark.parametrize("typed", ["duong sat", "đường sắt", "ĐƯỜNG SẮT", "Đường%20Sắt", '"duong sat"'])
def test_the_railway_is_found_with_and_without_marks(site: Site, table: str, typed: str) -> None:
    found = titles(site.rows(f"/archive/{table}.json?_search={typed}&_shape=objects"))
    assert sorted(found) == ["Khởi công đường sắt ven sông", "Khởi công đường sắt ven sông dài 12 km"]


def test_words_that_stand_apart_are_found_where_their_phrase_is_nowhere(site: Site) -> None:
    assert titles(site.rows("/archive/front_page.json?_search=lua+nuong&_shape=objects")) == ["Mùa lúa trên núi"]


@pytest.mark.parametrize("table", ["articles", "front_page", "changed", "gone", "syndication", "revision_texts"])
@pytest.mark.parametrize(
    "typed", ['"', "'", "(", "a:b", "NEAR(", "lua AND", "*", "-x", "^", "%00", "%F0%9F%8C%BE", "{"]
)
def test_no_sign_that_a_reader_types_is_a_mistake(site: Site, table: str, typed: str) -> None:
    assert site.get(f"/archive/{table}.json?_search={typed}").status_code == 200
    assert site.get(f"/archive/{table}?_search={typed}").status_code == 200


def test_an_empty_search_shows_everything(site: Site) -> None:
    for table in ("articles", "front_page"):
        assert len(site.rows(f"/archive/{table}.json?_search=&_shape=objects")) == 3


def test_an_article_that_became_another_leads_to_it(tmp_path: Path) -> None:
    moved = replace(RAILWAY, url="https://baosong.example/moi-9.html", title="Tựa ở địa chỉ mới")
    old, new = visit("baosong", RAILWAY, NOW), visit("baosong", moved, NOW + timedelta(days=9))
    hop = replace(old, outcome="redirect", at=NOW + timedelta(days=10), capture=None, article=None)
    archive = Archive(tmp_path / "archive.db", extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    for one in (old, new, replace(hop, redirect_to=moved.url, moved=True)):
        if one.capture:
            archive.record(one.paper, one.capture)
        archive.submit(one)
    archive.close()
    assert old.article
    assert new.article
    site = Site(tmp_path / "archive.db", {})
    answer = site.get(f"/a/{new.article.uid}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/a/{old.article.uid}")
    assert site.get(f"/a/{new.article.uid}.json").json()["uid"] == old.article.uid
    page = site.get(f"/a/{old.article.uid}").text
    assert "moi-9.html" in page
    assert "Tựa ở địa chỉ mới" in page


def test_front_page_lists_the_newest_first(site: Site) -> None:
    rows = site.rows("/archive/front_page.json?_shape=objects")
    assert [row["paper"] for row in rows] == ["baonui", "baosong", "baonui"]
    assert titles(site.rows("/archive/articles.json?_shape=objects"))[-1] == "Mùa lúa trên núi"


def test_articles_are_faceted_by_paper_section_day_and_author(site: Site) -> None:
    facets = site.get("/archive/articles.json").json()["facet_results"]
    assert set(facets) == {"paper", "section", "published_date", "author"}
    counts = {value["value"]: value["count"] for value in facets["paper"]["results"]}
    assert counts == {"baosong": 1, "baonui": 2}


def test_the_tables_of_a_large_archive_are_not_counted_through_unasked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("browse.large.LARGE", 0)
    for table in ("articles", "front_page"):
        told = site.get(f"/archive/{table}.json").json()
        assert len(told["rows"]) == 3
        assert (told["filtered_table_rows_count"], told["facet_results"]) == (None, {})
        assert set(site.get(f"/archive/{table}.json?_facet=paper").json()["facet_results"]) >= {"paper"}
        assert site.get(f"/archive/{table}?paper=baosong").status_code == 200


def test_the_home_page_shows_headlines_papers_and_a_search_box(site: Site) -> None:
    page = site.get("/").text
    assert '<html lang="vi">' in page
    assert "Khởi công đường sắt ven sông dài 12 km" in page
    assert "Báo Núi" in page
    assert 'action="/search"' in page


def test_tables_carry_their_vietnamese_names_with_english_beside(site: Site) -> None:
    page = site.get("/archive/articles").text
    assert "Bài báo · Articles" in page
    assert "tiêu đề · headline as printed" in page
    assert "article_text" not in site.get("/archive").text


def test_an_article_reads_as_an_article(site: Site) -> None:
    page = site.get(f"/a/{site.uid['railway']}").text
    for shown in (
        "<h1>Khởi công đường sắt ven sông dài 12 km</h1>",
        "Sáng nay, tuyến đường sắt dài 12 km được khởi công.",
        "Trần Thị Bến",
        "06:30, 24/11/2026",
        "<p>Đoàn tàu đầu tiên sẽ chạy qua cầu mới.</p>",
        "Cây cầu mới nhìn từ bến đò",
        "tòa soạn sửa nội dung",
        site.uid["copy"],
    ):
        assert shown in page
    assert "<img" not in page


def test_an_article_proves_where_it_came_from(site: Site) -> None:
    page = site.get(f"/a/{site.uid['railway']}").text
    article = site.get(f"/a/{site.uid['railway']}.json").json()
    capture = article["capture"]
    assert capture["fetched_at"].startswith("2026-11-25")
    for shown in (
        capture["warc_file"],
        str(capture["warc_offset"]),
        capture["payload_digest"],
        article["content_sha256"],
    ):
        assert shown in page
    assert len(article["captures"]) == 2


def test_a_copy_leads_to_the_first(site: Site) -> None:
    assert f"/a/{site.uid['railway']}" in site.get(f"/a/{site.uid['copy']}").text


def test_a_day_alone_is_shown_as_a_day_alone(site: Site) -> None:
    page = site.get(f"/a/{site.uid['harvest']}").text
    assert "23/11/2026</time>" in page
    assert "00:00" not in page


def test_nothing_a_paper_wrote_runs_in_the_reader_s_browser(site: Site) -> None:
    page = site.get(f"/a/{site.uid['railway']}").text
    assert "&lt;script&gt;alert(" in page
    assert "javascript:" not in page
    assert safe_href("javascript:alert(1)") is None
    assert safe_href("https://baosong.example/") == "https://baosong.example/"
    assert safe_href("http://[") is None


def test_a_row_of_articles_leads_to_its_page(site: Site) -> None:
    row = site.rows("/archive/articles.json?_shape=objects&title__startswith=Mùa")[0]
    answer = site.get(f"/archive/articles/{row['id']}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/a/{site.uid['harvest']}")


def pages_of_every_kind(site: Site, private_id: int) -> Iterator[str]:
    """Give the addresses by which a stranger might try to reach the private article."""
    everything = ("", ".json", ".csv", ".json?_shape=objects&_labels=on")
    names = [*tables(), "article_text", "revisions", "captures", "authors", "tags", "urls", "aliases", "images"]
    names += ["articles_fts", "articles_exact", "articles_fts_source", "articles_exact_source", "stories", "copies"]
    for name in names:
        yield from (f"/archive/{name}{form}" for form in everything)
    for row in (f"{private_id}", f"{private_id}.json", f"{private_id}.csv", f"{private_id}.blob?_blob_column=lead"):
        yield from (
            f"/archive/{name}/{row}" for name in ("articles", "article_text", "~61rticles", "%61rticles", "ARTICLES")
        )
    for q in (
        "visibility=private",
        "_facet=visibility",
        "_facet=title",
        "_search=tuyet+mat",
        "_search=x&_searchmode=raw",
    ):
        yield from (f"/archive/articles{form}?{q}" for form in ("", ".json"))
    yield "/archive/articles.json?_where=1=1"
    yield "/archive/articles.json?_search_title=tuyet&_searchmode=raw"
    yield "/archive.json?sql=select+*+from+articles"
    yield "/archive?sql=select+text+from+article_text"
    yield "/archive.db"
    yield from ("/", "/-/search?q=tuyet", f"/a/{site.uid['private']}", f"/a/{site.uid['private']}.json")


def test_no_address_shows_a_stranger_a_private_article(site: Site, made: tuple[Path, dict[str, str]]) -> None:
    archive = Archive(made[0])
    private_id = archive.db.execute("SELECT id FROM articles WHERE visibility = 'private'").fetchone()[0]
    archive.close()
    seen = {path: site.get(path) for path in pages_of_every_kind(site, private_id)}
    leaks = [path for path, answer in seen.items() if "uyệt mật" in answer.text or "rieng-101" in answer.text]
    assert not leaks
    assert not [path for path, answer in seen.items() if answer.status_code >= 500]
    assert seen["/archive.db"].status_code == 403
    assert seen["/archive.json?sql=select+*+from+articles"].status_code == 403


def test_no_other_table_tells_of_private_articles(site: Site) -> None:
    asked = '{"table":"articles","column":"title","value":"%s"}'
    rows = [site.rows("/archive/papers.json?_through=" + quote(asked % title)) for title in (PRIVATE.title, "Không có")]
    assert rows[0] == rows[1]
    assert "foreign_key_tables" not in site.get("/archive/papers/baosong.json?_extras=foreign_key_tables").json()
    tables = {one["name"]: one["count"] for one in site.get("/archive.json").json()["tables"]}
    assert tables["articles"] is None


def test_an_article_that_was_taken_down_says_so_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    uids = fill(path)
    reason = "Người trong bài yêu cầu"
    with contextlib.closing(open_archive(path)) as db, transaction(db):
        (article,) = held(db, uids["railway"])
        follow(db, [Hiding(article.uid, article.url, NOW, "hidden", reason)])
    site = Site(path, uids)
    answer = site.get(f"/a/{uids['railway']}")
    assert answer.status_code == 410
    assert "Bài này đã được gỡ khỏi kho" in answer.text
    assert "was taken down" in answer.text
    for said in (reason, "đường sắt ven sông", "tau-hoa-100"):
        assert said not in answer.text
    told = site.get(f"/a/{uids['railway']}.json")
    assert (told.status_code, told.json()["uid"], told.json()["erased"]) == (410, uids["railway"], False)
    assert site.get(f"/a/{uids['private']}").status_code == 404
    for table in ("takedowns", "takedown_marks"):
        assert site.get(f"/archive/{table}.json").status_code == 403


def test_anybody_sees_how_the_papers_fare_and_what_is_held_of_their_days(site: Site) -> None:
    for view in ("health", "coverage"):
        assert site.get(f"/archive/{view}").status_code == 200
    assert [row["state"] for row in site.rows("/archive/health.json?_shape=objects")] == ["unknown"] * len(PAPERS)
    days = site.rows("/archive/coverage.json?_shape=objects&paper=baonui")
    assert [(row["day"], row["held"]) for row in days] == [("2026-11-24", 1), ("2026-11-23", 1)]
    for table in ("clock", "health_changes", "layout_changes", "lacking"):
        assert site.get(f"/archive/{table}").status_code == 403


def test_the_owner_sees_every_table_and_may_write_sql(site: Site) -> None:
    owner = {"id": "root"}
    assert site.get("/archive/captures", owner).status_code == 200
    found = site.rows("/archive.json?sql=select+title+from+articles+where+visibility='private'&_shape=objects", owner)
    assert titles(found) == ["Bài riêng tuyệt mật"]
    assert len(site.rows("/archive/articles.json?_shape=objects", owner)) == 4


def test_the_operator_s_metadata_may_allow_more(made: tuple[Path, dict[str, str]]) -> None:
    site = Site(*made, metadata={"databases": {"archive": {"allow_sql": {"id": "lan"}}}})
    path = "/archive.json?sql=select+count(*)+as+n+from+articles&_shape=objects"
    assert site.get(path).status_code == 403
    assert site.rows(path, {"id": "lan"}) == [{"n": 4}]
    assert site.get("/archive/captures", {"id": "lan"}).status_code == 200


def test_another_database_keeps_its_tables_and_its_sql(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "insert", str(path), "articles", "-"],
        input=b'{"id": 7, "visibility": "private"}',
        check=True,
    )
    site = Site(path, {})
    assert site.rows("/notes/articles.json?_shape=objects")[0]["id"] == 7
    assert site.get("/notes.json?sql=select+1").status_code == 200
    assert site.get("/").status_code == 200


def test_labels_name_every_column_that_readers_see(made: tuple[Path, dict[str, str]]) -> None:
    archive = Archive(made[0])
    try:
        for name, table in tables().items():
            assert list(table.columns) == [column.name for column in archive.db[name].columns], name
            assert set(table.columns) <= set(columns()), name
    finally:
        archive.close()


def test_typed_words_become_one_phrase_and_quotes_keep_theirs_apart() -> None:
    assert as_phrases("Đường sắt, Bắc-Nam!") == '"Dường sắt Bắc Nam"'
    assert as_phrases('"bến đò" mới') == '"bến dò" AND "mới"'
    assert as_words("bến đò") == '"bến" AND "dò"'
    assert as_phrases("?!") == '""'


def test_times_are_written_as_vietnam_reads_them() -> None:
    assert moment("2026-11-24T01:30:00.000000Z") == "08:30, 24/11/2026"
    assert moment("2009-01-21") == "21/01/2009"
    assert moment(None) == ""


def browse(archive: Path, port: int) -> subprocess.Popen[str]:
    """Start ``scrapy browse`` as a reader does."""
    command = [sys.executable, "-m", "scrapy", "browse", "--port", str(port), "-s", f"ARCHIVE={archive}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_browse_without_an_archive_says_what_to_do(tmp_path: Path) -> None:
    with browse(tmp_path / "none.db", free_port()) as started:
        shown, said = started.communicate()
    assert (started.returncode, shown) == (1, "")
    assert "make crawl" in said
    assert "make demo" in said
    assert len(said.splitlines()) == 1


def test_browse_at_a_port_in_use_says_so(made: tuple[Path, dict[str, str]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with browse(made[0], int(other.getsockname()[1])) as started:
            _, said = started.communicate()
    assert started.returncode == 1
    assert "--port" in said
    assert len(said.splitlines()) == 1


def test_browse_opens_the_archive_until_it_is_stopped(made: tuple[Path, dict[str, str]]) -> None:
    port = free_port()
    with browse(made[0], port) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        assert f"http://127.0.0.1:{port}/" in started.stdout.readline()
        assert any("running" in line for line in started.stderr)
        page = httpx.get(f"http://127.0.0.1:{port}/archive/front_page?_search=duong+sat", trust_env=False).text
        refused = httpx.get(f"http://127.0.0.1:{port}/archive.json?sql=select+1", trust_env=False).status_code
        started.send_signal(signal.SIGINT)
        started.communicate()
    assert "Khởi công đường sắt" in page
    assert refused == 403
    assert started.returncode == 0


def test_article_json_is_whole(site: Site) -> None:
    article = site.get(f"/a/{site.uid['railway']}.json").json()
    assert article["tags"] == ["đường sắt", "khởi công"]
    assert article["provenance"] == {"title": "jsonld", "text": "template"}
    assert [v["kind"] for v in article["versions"]] == ["first", "edit"]
    assert json.dumps(article)


def test_an_edit_is_shown_word_by_word_and_not_by_colour_alone(site: Site) -> None:
    page = site.get(f"/a/{site.uid['railway']}").text
    assert "Khởi công đường sắt ven sông <ins>dài 12 km</ins>" in page
    css = site.get("/-/static-plugins/baotinh/baotinh.css").text
    assert "ins::before" in css
    assert "line-through" in css


def test_what_an_edit_changed_can_be_read_by_a_program(site: Site) -> None:
    first, edit = site.get(f"/a/{site.uid['railway']}.json").json()["versions"]
    assert first["changes"] == {}
    assert edit["changes"] == {
        "title": [
            {"kind": "kept", "text": "Khởi công đường sắt ven sông"},
            {"kind": "added", "text": " dài 12 km"},
        ]
    }


def test_unchanged_paragraphs_are_counted_and_changed_facts_named() -> None:
    old = {"kind": "first", "seen_at": "2026-11-24", "title": "Tin", "lead": None, "text": "Một.\nHai.\nBa.\nBốn."}
    new = old | {"kind": "edit", "lead": "Sapo mới.", "text": "Một.\nHai.\nBa ba.\nBốn."}
    facts = {"author": None, "section": "Thời sự"}
    versions = [old | {"facts": json.dumps(facts)}, new | {"facts": json.dumps(facts | {"author": "Trần Thị Bến"})}]
    changes = compared(versions)[1]["changes"]
    assert changes["lead"] == [{"kind": "added", "text": "Sapo mới."}]
    assert changes["text"][0] == 2
    assert [run["kind"] for run in changes["text"][1]] == ["dropped", "added"]
    assert changes["text"][2] == 1
    assert changes["facts"] == [{"name": "author", "old": None, "new": "Trần Thị Bến"}]


def test_an_article_is_cited_in_vietnamese_with_english_beside_it(site: Site) -> None:
    uid = site.uid["harvest"]
    page = site.get(f"/a/{uid}").text
    assert f"Kho báo tỉnh, {uid}, lưu lúc 10:02:00 24/11/2026 (+07:00), sha256:" in page
    assert f"{uid}, captured 2026-11-24T03:02:00Z, sha256:" in page
    assert "Báo Núi, 23/11/2026. https://baonui.example/lua-1.html." in page
