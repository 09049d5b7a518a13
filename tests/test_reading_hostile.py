"""Whatever stands in an address of the reading room: no failure of ours, no script in a page, no private row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.test_browse import PRIVATE, Site, fill
from tests.test_search import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
SCRIPTS = [
    "<script>alert(1)</script>",
    "'\"><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "{{7*7}}",
    "{% include 'base.html' %}",
    "${7*7}",
    "' onmouseover='alert(1)",
]
SQL = [
    "' OR 1=1 --",
    "1; DROP TABLE articles",
    "' UNION SELECT title FROM articles --",
    "1) OR (1=1",
    "x' AND visibility='private",
    "0x31",
    "1e3",
    "CAST(1 AS TEXT)",
    '"articles"',
    "%' OR '%",
]
PLACES = [
    "..",
    ".",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "\\..\\..",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "//evil.example/",
    "archive.db",
    "~2E~2E",
    "%00",
    "%",
    "%zz",
    "%25",
    "~",
    "~00",
    "a/b/c",
    "a.json",
    ".json",
    "x.atom",
    "?",
    "#",
    "&a=b",
    ";",
]
NUMBERS = [
    "0",
    "-1",
    "-0",
    "1.5",
    "1e9",
    "9" * 18,
    "9" * 40,
    "٣",
    "²",
    "１",
    "0001",
    "+1",
    " 1 ",
    "NaN",
    "Infinity",
    "9223372036854775808",
    "-9223372036854775809",
    "0b1",
    "1_000",
]
DAYS = [
    "2026-13-01",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2026-11-24T00:00",
    "2026-W48-2",
    "20261124",
    "2026-1-1",
    "-2026-01-01",
    "2026",
    "2026-11",
    "24/11/2026",
    "hôm nay",
]
LETTERS = [
    "",
    " ",
    "\t",
    "\n",
    "\r\nX-Injected: 1",
    "\x00",
    "\x7f",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\ufffe",
    "a\u0301" * 50,
    "đ" * 400,
    "🙂" * 100,
    "x" * 3000,
    "A" * 301,
    "\U0010ffff",
    "nghe-an\x00",
    "Nghệ An",
    "NGHE-AN",
    "ｎｇｈｅ",
]


def drawn(count: int) -> list[str]:
    """Return strings of signs drawn at random, always the same."""
    chance = random.Random("hostile addresses")
    signs = "abc019 '\"<>&;%/\\?#=+-_.~()[]{}*:|^$@!,`đườ\u0301\x00\x1b\u2028"
    return ["".join(chance.choices(signs, k=chance.randint(1, 24))) for _ in range(count)]


NAMED = list(dict.fromkeys([*SCRIPTS, *SQL, *PLACES, *NUMBERS, *DAYS, *LETTERS, *HOSTILE]))
VALUES = [*NAMED, *drawn(max(0, 200 - len(NAMED)))]
ADDRESSES = (
    "/search?q={0}",
    "/search.json?q={0}&sort={0}&page={0}",
    "/search.atom?q={0}&paper={0}",
    "/search?q=song&paper={0}&province={0}&year={0}",
    "/search?q=song&section={0}&source={0}&author={0}&from={0}&to={0}&page={0}",
    "/a/{0}",
    "/a/{0}.json",
    "/a/{0}/diff",
    "/a/{uid}/diff?from={0}&to={0}",
    "/a/{uid}/diff?with={0}",
    "/a/{uid}/diff.json?from={0}&with={0}",
    "/a/{uid}/warc?capture={0}",
    "/a/{0}/warc",
    "/a/{0}/raw",
    "/a/{uid}/raw?capture={0}",
    "/a/{0}/cite.bib",
    "/a/{0}/cite.json",
    "/s/{0}",
    "/s/{0}.json",
    "/p/{0}",
    "/p/{0}.json",
    "/p/baosong?year={0}&page={0}",
    "/p/{0}/feed.atom",
    "/papers?q={0}",
    "/province/{0}",
    "/province/{0}.json",
    "/province/{0}/feed.atom",
    "/author/{0}",
    "/author/{0}.json",
    "/d/{0}",
    "/d/{0}.json",
    "/d/2026-11-24?paper={0}",
    "/changed?paper={0}&page={0}",
    "/gone?paper={0}&page={0}",
    "/syndication?year={0}",
    "/feed.atom?paper={0}",
    "/sitemap-{0}.xml",
    "/about?x={0}",
    "/-/image/{0}",
    "/archive/front_page?_search={0}",
    "/archive/articles/{0}",
    "/archive/near_duplicates?paper={0}&at_least={0}",
    "/archive/former_province?province={0}",
    "/archive/articles?_timelimit={0}",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("hostile") / "archive.db"
    made = Site(path, fill(path))
    yield made
    for database in made.datasette.databases.values():
        database.close()
    made.datasette.executor.shutdown()


def test_there_are_two_hundred_values() -> None:
    assert len(VALUES) == len(set(VALUES)) >= 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_value_is_a_failure_a_script_or_a_way_to_private_rows(site: Site, address: str) -> None:
    uids = {"uid": site.uid["railway"]}
    for value in [*VALUES, site.uid["private"]]:
        path = address.format(quote(value.encode("utf-8", "surrogatepass"), safe=""), **uids)
        answer = site.get(path)
        assert answer.status_code < 500, path
        assert "tuyệt mật" not in answer.text, path
        assert PRIVATE.url not in answer.text, path
        if "html" in answer.headers.get("content-type", ""):
            for script in ("<script>alert", "onerror=alert(1)>", "<svg/onload", 'href="javascript:'):
                assert script not in answer.text.lower(), path
        assert "x-injected" not in answer.headers, path
