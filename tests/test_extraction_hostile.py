"""Whatever the bytes: an outcome of the closed list, and never an exception."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.extraction import extract
from crawler.extraction.text import clean
from crawler.papers import load
from crawler.settings import PAPER_FILES, TEMPLATE_FILES
from pipelines.charset import decode
from pipelines.items import OUTCOMES

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
TEMPLATES = [*load(PAPER_FILES, TEMPLATE_FILES).templates.values(), None]
TAG = re.compile(rb"<[^>]*>")
URLS = ["https://vac.vn/mot-hai-ba-bon-nam-12345.html", "https://vac.vn/tag/x", "http://[", "", "x:y"]
TYPES = ["", "text/html; charset=utf-8", "text/html; charset=hex", "text/html; charset=utf-7", "image/gif"]


def mutated(page: bytes, draw: random.Random) -> bytes:
    """Cut, double, nest, drop or re-encode a part of a page."""
    tags = list(TAG.finditer(page))
    if not tags or draw.random() < 0.1:
        return draw.randbytes(draw.randrange(2_000))
    one, other = sorted((draw.choice(tags), draw.choice(tags)), key=lambda m: m.start())
    start, end = one.start(), other.start()
    ways: list[Callable[[], bytes]] = [
        lambda: page[: draw.randrange(len(page))],
        lambda: page[:start] + draw.randbytes(40) + page[start:],
        lambda: page[:start] + page[one.end() :],
        lambda: page[: one.end()] + one.group() * draw.choice([1, 3, 300]) + page[one.end() :],
        lambda: page[:start] + page[end:],
        lambda: page[:end] + page[start:],
        lambda: page.replace(b" ", b"&nbsp;", draw.randrange(200)).replace(b"<", b"&lt;", draw.randrange(3)),
        lambda: page.decode("utf-8", "replace").encode(draw.choice(["utf-16", "cp1258", "latin-1"]), "replace"),
    ]
    return draw.choice(ways)()


def torture(path: Path, times: int) -> None:
    draw = random.Random(path.name)
    whole = path.read_bytes()
    for _ in range(times):
        page = whole
        for _ in range(draw.randrange(1, 5)):
            page = mutated(page, draw)
        reading = extract(page, draw.choice(URLS), content_type=draw.choice(TYPES), template=draw.choice(TEMPLATES))
        assert reading.outcome in OUTCOMES
        assert (reading.outcome == "article") == (reading.text is not None)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_a_damaged_page_gets_an_outcome(path: Path) -> None:
    torture(path, 25)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_a_thousand_mutations_of_a_page_each_get_an_outcome(path: Path) -> None:
    torture(path, 1_000)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\x00" * 500,
        b"<" * 5_000,
        b"<div>" * 10_000,
        b"<p>" + b"a" * 500_000,
        b"<h1>x y z</h1>" + b"<a href=/x>tin</a>" * 20_000,
        b"<h1>x y z</h1><p>" + b"A." * 55 + b"!</p>" + b"<p>" + b"{a" * 100,
        b'<script type="application/ld+json">' + b"[" * 50_000 + b"</script>",
        b"<h1>x y z</h1>" + b"<table><tr><td>" * 700 + b"x",
        b"\xff\xfe" + "<p>chữ</p>".encode("utf-16-le") + b"\xff",
    ],
)
def test_a_hostile_page_gets_an_outcome(page: bytes) -> None:
    assert extract(page, URLS[0]).outcome in OUTCOMES


SENTENCE = "Đường sắt Bắc Nam chạy qua những cánh đồng lúa chín vàng ươm."


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        (SENTENCE.encode(), ""),
        (b"\xef\xbb\xbf" + SENTENCE.encode(), "text/html; charset=windows-1252"),
        (b"<meta charset=windows-1252>" + SENTENCE.encode(), ""),
        (b"<title>" + SENTENCE.encode() * 20 + b"</title><meta charset=utf-8>\xff", ""),
        ("\ufeff".encode("utf-16-le") + SENTENCE.encode("utf-16-le"), ""),
        (SENTENCE.encode("utf-16-le"), "text/html; charset=utf-16le"),
    ],
)
def test_the_real_charset_is_found(page: bytes, content_type: str) -> None:
    assert SENTENCE in decode(page, content_type)


def in_windows_1258(text: str) -> bytes:
    """Spell letters as windows-1258 does: the vowel's own mark with the letter, the tone behind it."""
    spelt = unicodedata.normalize("NFD", text)
    for tone in "\u0300\u0301\u0303\u0309\u0323":
        spelt = spelt.replace(f"{tone}\u0302", f"\u0302{tone}").replace(f"{tone}\u0306", f"\u0306{tone}")
    for letter in "âêôăơưÂÊÔĂƠƯ":
        spelt = spelt.replace(unicodedata.normalize("NFD", letter), letter)
    return spelt.encode("cp1258")


def test_windows_1258_is_read_with_and_without_being_declared() -> None:
    text = "Tối nay, các bạn nhỏ lại rủ nhau ra sân đình làng Vạc xem hát chèo. " * 3
    for declared in ("text/html; charset=windows-1258", ""):
        assert decode(in_windows_1258(text), declared) == text


def test_text_is_nfc_on_one_line_without_what_no_reader_sees() -> None:
    spelt = unicodedata.normalize("NFD", "Hội  nghị\n về\u200b nước\u0092 sạch\ufeff\u00ad")
    assert clean(spelt) == "Hội nghị về nước sạch"
