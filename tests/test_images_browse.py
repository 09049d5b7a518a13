"""What a reader sees of the photographs that were kept, and what no stranger sees; and how they are taken out."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from datasette.app import Datasette

from crawler.papers import provinces
from pipelines.archive import Archive
from pipelines.archive.connection import sqlite3
from pipelines.archive.exporting import Selection, outlet
from pipelines.archive.warc_rows import indexed
from pipelines.exports.wacz import Packed, write_wacz
from pipelines.items import Article, Image, Paper, Reading, Visit
from pipelines.pictures import raster_type
from pipelines.stages import identified, normalised
from pipelines.verifying import Plan, verify
from tests.photo_paper import png
from tests.warc_files import page, writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PAPER = Paper("baothu", "Báo Thư", "Thanh Hóa", ("Thanh Hóa",), ("baothu.example",))
TEXT = "\n".join(f"Đoạn thứ {n} kể về bến đò, con thuyền và người chèo thuyền trên khúc sông này." for n in range(9))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
PICTURES = {
    "cau.png": ("image/png", png(1)),
    "rieng.png": ("image/png", png(2)),
    "bang.svg": ("image/svg+xml", SVG),
    "gia.jpg": ("image/jpeg", b"<html><script>alert(1)</script></html>"),
}


def at(name: str) -> str:
    return f"https://anh.baothu.example/{name}"


@dataclass
class Room:
    """An archive with a public and a private article and their pictures, in datasette, asked without a network."""

    folder: Path
    datasette: Datasette
    uid: str

    def get(self, path: str) -> Any:
        return asyncio.run(self.datasette.client.get(path))

    def rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "archive.db")) as db:
            return list(db.execute(sql).fetchall())

    def address(self, name: str) -> str:
        (digest,) = self.rows(f"SELECT payload_digest FROM images WHERE url = '{at(name)}' LIMIT 1")[0]
        return f"/-/image/{str(digest).removeprefix('sha256:')}"


def filled(folder: Path) -> str:
    """Write articles and their pictures as a crawl does, and return the public article's uid."""
    archive = Archive(folder / "archive.db", extractor="baotinh/test")
    archive.sync_directory([PAPER], provinces())
    uids = []
    with writer(folder / "warc") as out:
        for n, names in enumerate((("cau.png", "bang.svg", "gia.jpg", "chua.png"), ("rieng.png", "cau.png"))):
            images = tuple(Image(at(name), f"Cảnh {name}", "Lê Chụp") for name in names)
            url = f"https://baothu.example/ben-do-10{n}.html"
            reading = Reading(url=url, title=f"Bến đò số {n}", text=f"{TEXT}\nCâu {n}.", images=images)
            article = identified(Article(reading=normalised(replace(reading, noarchive=n == 1))), "baothu", url)
            capture = out.write(page(url=url, fetched_at=NOW + timedelta(minutes=n)))
            archive.record("baothu", capture)
            archive.submit(Visit(paper="baothu", url=url, kind="article", outcome="article", at=capture.fetched_at,
                                 capture=capture, article=article))  # fmt: skip
            uids.append(article.uid)
        for n, (name, (media, body)) in enumerate(PICTURES.items()):
            headers = ((b"Content-Type", media.encode()),)
            when = NOW + timedelta(hours=1, minutes=n)
            exchange = page(url=at(name), body=body, response_headers=headers, kind="image", fetched_at=when)
            capture = out.write(exchange)
            archive.record("baothu", capture)
            archive.submit(Visit(paper="baothu", url=at(name), kind="image", outcome="image/kept", at=when,
                                 capture=capture, size=len(body)))  # fmt: skip
    archive.close()
    return uids[0]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    uid = filled(tmp_path)
    made = Room(tmp_path, Datasette([str(tmp_path / "archive.db")]), uid)
    yield made
    for database in made.datasette.databases.values():
        database.close()
    made.datasette.executor.shutdown()


def test_the_article_page_shows_the_picture_from_its_record_with_caption_and_credit(room: Room) -> None:
    shown = room.get(f"/a/{room.uid}").text
    (address,) = set(re.findall(r'<img src="(/-/image/[0-9a-f]{64})"', shown)) - {room.address("gia.jpg")}
    assert address == room.address("cau.png")
    assert "Cảnh cau.png" in shown
    assert "Lê Chụp" in shown
    assert f'href="{at("chua.png")}"' in shown
    answer = room.get(address)
    assert answer.status_code == 200
    assert answer.content == PICTURES["cau.png"][1]
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age=31536000" in answer.headers["cache-control"]
    told = room.get(f"/a/{room.uid}.json").json()["images"]
    assert [image["bytes"] for image in told] == [len(PICTURES[n][1]) for n in ("cau.png", "bang.svg", "gia.jpg")] + [
        None
    ]
    assert [bool(image["path"]) for image in told] == [True, False, True, False]


def test_nothing_that_could_run_and_nothing_private_is_served(room: Room) -> None:
    for name in ("bang.svg", "gia.jpg", "rieng.png"):
        assert room.get(room.address(name)).status_code == 404, name
    assert room.get(f"/-/image/{'0' * 64}").status_code == 404
    (digest,) = room.rows("SELECT payload_digest FROM captures WHERE outcome = 'article' LIMIT 1")[0]
    assert room.get(f"/-/image/{digest.removeprefix('sha256:')}").status_code == 404


def test_a_picture_whose_record_is_damaged_or_missing_is_not_found(room: Room) -> None:
    address = room.address("cau.png")
    (file,) = (room.folder / "warc").rglob("*.warc.gz")
    ((offset, length),) = room.rows(f"SELECT warc_offset, warc_length FROM captures WHERE url = '{at('cau.png')}'")
    whole = file.read_bytes()
    file.write_bytes(whole[: offset + length // 2] + b"\0" * 40 + whole[offset + length // 2 + 40 :])
    assert room.get(address).status_code == 404
    file.unlink()
    assert room.get(address).status_code == 404
    assert room.get(f"/a/{room.uid}").status_code == 200


def test_a_package_holds_the_chosen_articles_pictures_and_an_index_none_that_are_private(room: Room) -> None:
    with outlet(room.folder / "archive.db") as out, (room.folder / "out.wacz").open("wb") as file:
        assert write_wacz(out, Selection(), room.folder / "warc", file) == Packed(articles=1)
    with ZipFile(room.folder / "out.wacz") as package:
        lines = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
    urls = {json.loads(line.split(" ", 2)[2])["url"] for line in lines}
    assert urls == {"https://baothu.example/ben-do-100.html", *map(at, ("cau.png", "bang.svg", "gia.jpg"))}
    with closing(sqlite3.connect(room.folder / "archive.db")) as db:
        assert {row.url for row, _ in indexed(db)} == urls


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE images SET payload_digest = 'sha256:0' WHERE position = 1",
        "UPDATE images SET bytes = bytes + 1 WHERE position = 2",
        "UPDATE images SET capture_id = NULL, payload_digest = NULL WHERE position = 3",
        "UPDATE images SET capture_id = 1 WHERE position = 1",
    ],
)
def test_rows_of_pictures_that_say_what_is_not_so_are_found(room: Room, damage: str) -> None:
    plan = Plan(archive=room.folder / "archive.db", warc_dir=room.folder / "warc", now=NOW)
    assert not verify(plan).faults.counts["image"]
    with closing(sqlite3.connect(room.folder / "archive.db", isolation_level=None)) as db:
        db.execute(damage)
    assert verify(plan).faults.counts["image"]


def test_kinds_of_pictures_are_told_by_their_first_bytes() -> None:
    assert raster_type(png(1)) == "image/png"
    assert raster_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert raster_type(b"GIF89a") == "image/gif"
    assert raster_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert raster_type(b"\0\0\0\x1cftypavif") == "image/avif"
    assert raster_type(SVG) is None
    assert raster_type(b"") is None
