"""Pages as servers, editors and broken lines maim them: seeded, so that each can be made again from its number."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

TAG = re.compile(r"<[^<>]{1,400}>")
OPENING = re.compile(r"<([a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\s[\w:-]+\s*=\s*("[^"]*"|'[^']*')""")
NUMBER = re.compile(r"\d+")
CHARSETS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1258",
    "cp1252",
    "iso-8859-1",
    "utf-7",
    "utf-32",
    "gb18030",
    "utf-8-sig",
)
LABELS = ("utf-16", "windows-1258", "hex", "rot13", "idna", "không-có", "unicode_escape", "base64", "", "x" * 300)
ENTITIES = (
    "&",
    "&#",
    "&#x;",
    "&#xD800;",
    "&#0;",
    "&#99999999999;",
    "&nbsp",
    "&lt;p&gt;",
    "&eacute",
    "&#x80;",
    "&bull;;;",
)
STRAYS = (
    "</html>",
    "</body>",
    "<body>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<script>",
    "</script>",
    "<style>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<template>",
    "<noscript>",
    "<svg>",
    "<math>",
    "<table>",
    "</table>",
    "<select>",
    "<iframe>",
    "<frameset>",
    "<form>",
    "</p>",
    "</div>",
    "<p>",
    "<div>",
    "<td>",
    "<li>",
    "<a href='x'>",
    "<b>",
    "<font color=red>",
    "<h1>",
    "<article>",
    "<!DOCTYPE html><html><body>",
    "<base href='http://['>",
    "<base href='//x:99999/'>",
    "<meta charset='hex'>",
    "<",
    ">",
    '"',
    "'",
    "<?php",
    "<%",
    "{{",
    "\x00",
    "\ufeff",
    "\u202e",
    "\u0301" * 40,
    "\x85",
    "\u2028",
    "😀",
    "\ud7ff",
    "<o:p>",
    "<time datetime='99'>",
)
VALUES = (
    "",
    "#",
    "javascript:void(0)",
    "http://[",
    "http://[::1",
    "//",
    "data:,",
    "x" * 3000,
    "\x00",
    "99/99/9999 99:99",
    "0000-00-00T00:00:00Z",
    "2026-02-30",
    "2026-13-01T25:61:61+99:99",
    "1/1/1 1:1:1 AM",
    "[]",
    "{}",
    "null",
    "-1",
    "1e999",
    "\ufdd0",
    "content-detail",
    "display:none",
    "http://user:pass@host:port/",
    "http://xn--a/",
    "\u0661\u0662/\u0663/\u0664\u0665\u0666\u0667",
)
"""What an attribute or a string of JSON-LD may hold."""


def mutated(page: bytes, number: int) -> bytes:
    """Return mutation ``number`` of a page: one to four things done to it, the last of them perhaps to its bytes."""
    chance = random.Random(number)
    text = page.decode("utf-8", "replace")
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(TEXT)(text, chance)
    return chance.choice(BYTES)(text, chance)


def _drop_tags(text: str, chance: random.Random) -> str:
    share = chance.choice((0.002, 0.05, 0.5))
    return TAG.sub(lambda m: "" if chance.random() < share else m[0], text)


def _double_tags(text: str, chance: random.Random) -> str:
    share = chance.choice((0.01, 0.2))
    return TAG.sub(lambda m: m[0] * 2 if chance.random() < share else m[0], text)


def _swap_tags(text: str, chance: random.Random) -> str:
    tags = TAG.findall(text) or ["<p>"]
    return TAG.sub(lambda m: chance.choice(tags) if chance.random() < 0.03 else m[0], text)


def _rename_tags(text: str, chance: random.Random) -> str:
    names = (
        "p",
        "div",
        "table",
        "td",
        "a",
        "b",
        "li",
        "h1",
        "script",
        "x-y",
        "form",
        "button",
        "template",
        "svg",
        "caption",
    )
    name = chance.choice(names)
    return OPENING.sub(lambda m: f"<{name}{m[0][1 + len(m[1]) :]}" if chance.random() < 0.05 else m[0], text)


def _nest(text: str, chance: random.Random) -> str:
    at, deep = chance.randrange(len(text) + 1), int(10 ** chance.uniform(0.5, 4.2))
    opening = chance.choice(
        ("<div>", "<p>", "<b>", "<a href=x>", "<table><tr><td>", "<ul><li>", "<font>", "<span>", "<blockquote>")
    )
    closing = "".join(f"</{name}>" for name in reversed(re.findall(r"<(\w+)", opening)))
    end = at + chance.randrange(len(text) - at + 1)
    close = chance.random() < 0.5
    return text[:at] + opening * deep + text[at:end] + (closing * deep if close else "") + text[end:]


def _strays(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(STRAYS) + text[at:]
    return text


def _entities(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(ENTITIES) + text[at:]
    return text


def _attributes(text: str, chance: random.Random) -> str:
    def spoil(match: re.Match[str]) -> str:
        if chance.random() > 0.08:
            return match[0]
        value = chance.choice(VALUES)
        whole = match[0][: -len(match[1])]
        return chance.choice((f'{whole}"{value}"', f"{whole}{value}", f'{whole}"{value}', whole, "", match[0] * 2))

    return ATTRIBUTE.sub(spoil, text)


def _numbers(text: str, chance: random.Random) -> str:
    values = ("0", "00", "99", "9" * 40, "-1", "٣", "²", "13", "2026", "1")
    return NUMBER.sub(lambda m: chance.choice(values) if chance.random() < 0.1 else m[0], text)


def _data(text: str, chance: random.Random) -> str:
    """Break JSON-LD: a stretch out, a value of another kind in, or nested beyond reason."""
    at = text.find("ld+json")
    if at < 0:
        return _strays(text, chance)
    at += chance.randrange(600)
    deep = int(10 ** chance.uniform(0, 4))
    put = chance.choice(
        ("", '"', "{", "[" * deep, '{"a":' * deep, *(f'"{v}"' for v in VALUES), "null", "1", "[[]]", '\\u12"', "\n")
    )
    return text[:at] + put + text[at + chance.randrange(40) :]


def _move(text: str, chance: random.Random) -> str:
    start, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    end = min(len(text), start + chance.randrange(4000))
    piece = text[start:end]
    return chance.choice(
        (text[:to] + piece + text[to:], text[:start] + text[end:], text[:start] + piece * 30 + text[end:])
    )


def _quotes(text: str, chance: random.Random) -> str:
    quote = chance.choice("\"'=><")
    return "".join("" if char == quote and chance.random() < 0.03 else char for char in text)


def _as_is(text: str, chance: random.Random) -> bytes:  # noqa: ARG001 - like its siblings
    return text.encode("utf-8", "replace")


def _recoded(text: str, chance: random.Random) -> bytes:
    label = chance.choice(LABELS)
    text = re.sub(r"charset=[\"']?[\w-]+", f"charset={label}", text) if chance.random() < 0.6 else text
    return text.encode(chance.choice(CHARSETS), "xmlcharrefreplace")


def _bad_bytes(text: str, chance: random.Random) -> bytes:
    page = bytearray(text.encode("utf-8", "replace"))
    for _ in range(int(10 ** chance.uniform(0, 3.5))):
        if page:
            page[chance.randrange(len(page))] = chance.randrange(256)
    return bytes(page)


def _cut(text: str, chance: random.Random) -> bytes:
    page = text.encode("utf-8", "replace")
    return page[chance.randrange(len(page) + 1) :] if chance.random() < 0.3 else page[: chance.randrange(len(page) + 1)]


TEXT: tuple[Callable[[str, random.Random], str], ...] = (
    _drop_tags,
    _double_tags,
    _swap_tags,
    _rename_tags,
    _nest,
    _strays,
    _entities,
    _attributes,
    _numbers,
    _data,
    _move,
    _quotes,
)
BYTES: tuple[Callable[[str, random.Random], bytes], ...] = (_as_is, _as_is, _as_is, _recoded, _bad_bytes, _cut)


PIECES = (
    "<p>Sáng nay, bà con xã Mường Lống vui hội xuống đồng.</p>",
    "Sáng nay, bà con xã Mường Lống vui hội xuống đồng. ",
    *(
        "a",
        "1",
        "1 ",
        "1/",
        "12:",
        "Ab ",
        "A+/",
        "A, ",
        "ÁO ",
        " - ",
        ". ",
        "(",
        "[[",
        "{{",
        '"',
        "&",
        "&#",
        "<",
        " x=",
        "á\u0301",
    ),
    *(
        "\u200b",
        "&nbsp;",
        "<b>",
        "<font>",
        "<div>",
        "<span>",
        "<p>",
        "<li>",
        "<h1>",
        "<pre>a\n",
        "<blockquote>",
        "<button>",
        "<nobr>",
    ),
    *(
        "x<br>",
        "<i>x</i>",
        "<td>x</td>",
        "<table><tr><td>",
        "<ul><li>x",
        "<dl><dt>x<dd>y",
        "<select><option>x",
        "<svg><g>",
        "<template>",
    ),
    *(
        "</html>",
        "<html><body>",
        "<!--",
        "<!-- x -->",
        "<base href='http://x/'>",
        '<meta name="a" content="b">',
        "<img src=x.jpg>",
    ),
    *(
        "<a href='/x'>",
        "<a href='/x-123456.html'>Một tin nào đó khá dài</a>",
        "<a href='/tag/x'>thẻ</a>",
        "<h1>Mường Lống vào hội</h1>",
    ),
    *(
        "<figure><img src=a.jpg><figcaption>Ảnh: A</figcaption></figure>",
        "<p><strong>Ảnh: Lầu Bá</strong></p>",
        "Theo PV (",
        "Ảnh: ",
    ),
    *(
        "Thứ Hai, 14/10/2019 | 08:30 GMT+7 ",
        '<time datetime="2026-01-01T00:00">01/01/2026</time>',
        "Giấy phép số 1 ",
        "a@b.",
        "http://a.vn/",
    ),
    *(
        '<script type="application/ld+json">[',
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x"}</script>',
    ),
    *(
        "<script>document.cookie='a=1';location.reload()</script>",
        "<form><input type=password>",
        "<div class='content-detail related'>x",
    ),
    *("<div style='display:none'>x</div>", "<iframe src='https://youtube.com/embed/x'></iframe>"),
)
"""What a page can be made of beyond all measure."""
HEAD = """<html><head><title>Mường Lống vào hội xuống đồng</title><script type="application/ld+json">{"@type":
"NewsArticle","headline":"Mường Lống vào hội xuống đồng"}</script></head><body><h1>Mường Lống vào hội xuống đồng</h1>"""
LENGTH = 200_000
"""Characters of a page of one piece: enough that time growing with the square of it is noticed."""


def of_one_piece(number: int) -> bytes:
    """Return the head of an article's page and after it one piece, over and over."""
    piece = PIECES[number]
    return (HEAD + piece * (LENGTH // len(piece))).encode()
