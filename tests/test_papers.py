from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from crawler import settings
from crawler.notes import paper_note, paper_of_note
from crawler.papers import DataError, Directory, load, paper_from_table, provinces

GOOD = """
[baomau]
title = "Báo Mẫu"
province = "Đắk Lắk"
provinces_before = ["Phú Yên"]
hosts = ["baomau.vn", "baomau.com.vn"]
template = "moi"
templates_before = [{ template = "cu", until = 2019-12-31 }, { template = "giua", until = 2024-06-30 }]
feeds = ["https://baomau.vn/rss/thoi-su", "https://rss.baomau.vn/kinh-te"]
article = ['-(?P<id>\\d+)\\.html$', '-a(?P<cu>\\d+)\\.htm$']
confidence = "high"
expect = { per_day = 30, byline = 0.8 }
"""
TEMPLATES = "[cu]\n[giua]\n[moi]\npager = '?p={n}'\nfields = { title = ['h1.title', 'h1'] }\n"


def data(
    tmp_path: Path, papers: str | bytes = GOOD, templates: str = TEMPLATES, *, loopback: bool = False
) -> Directory:
    files = (tmp_path / "mau.toml", tmp_path / "he.toml")
    files[0].write_bytes(papers.encode() if isinstance(papers, str) else papers)
    files[1].write_text(templates, "utf-8")
    return load(files[:1], files[1:], allow_loopback=loopback)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("bodi = ['div']", r"has no key 'bodi'; did you mean 'body'"),
        ("body = ['div[']", r"body: 'div\[' is no CSS selector"),
    ],
)
def test_a_template_that_names_no_place_or_no_selector_is_refused(tmp_path: Path, fields: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        data(tmp_path, templates=f"[cu]\n[giua]\n[moi]\nfields = {{ {fields} }}\n")


def test_a_paper_is_what_its_table_says(tmp_path: Path) -> None:
    paper = data(tmp_path).papers["baomau"]
    assert (paper.title, paper.province, paper.hosts[0], paper.language) == ("Báo Mẫu", "Đắk Lắk", "baomau.vn", "vi")
    assert [p.pattern for p in paper.article] == [r"-(?P<id>\d+)\.html$", r"-a(?P<cu>\d+)\.htm$"]
    assert paper.expect == {"per_day": 30.0, "byline": 0.8}


@pytest.mark.parametrize(
    ("day", "template"),
    [(None, "moi"), (date(2019, 12, 31), "cu"), (date(2020, 1, 1), "giua"), (date(2024, 7, 1), "moi")],
)
def test_a_paper_is_read_with_the_system_of_the_day(tmp_path: Path, day: date | None, template: str) -> None:
    directory = data(tmp_path)
    found = directory.template_for(directory.papers["baomau"], day)
    assert found is not None
    assert found.name == template


def test_a_closed_paper_may_share_a_host_with_its_successor(tmp_path: Path) -> None:
    closed = "[baocu]\ntitle='Cũ'\nprovince='Huế'\nhosts=['baomau.vn']\nuntil=2025-06-30\nsuccessor='baomau'\n"
    assert list(data(tmp_path, GOOD + closed).papers) == ["baocu", "baomau"]


def test_loopback_is_for_those_who_ask(tmp_path: Path) -> None:
    local = GOOD.replace('"baomau.com.vn"', '"127.0.0.1:8001"')
    assert data(tmp_path, local, loopback=True).papers["baomau"].hosts[1] == "127.0.0.1:8001"
    with pytest.raises(DataError, match="set ALLOW_LOOPBACK for a test site"):
        data(tmp_path, local)


@pytest.mark.parametrize(
    ("written", "size"),
    [('"20 MB"', 20_000_000), ('"1.5GB"', 1_500_000_000), ('"500 kB"', 500_000), ("4096", 4096), ("0", 0)],
)
def test_the_days_bytes_of_pictures_are_written_as_a_size(tmp_path: Path, written: str, size: int) -> None:
    paper = data(tmp_path, f"{GOOD}images = {written}\n").papers["baomau"]
    assert paper.images == size
    told = json.loads(paper_note(paper))["baomau"]
    assert paper_of_note("baomau", told, "file", data(tmp_path)).images == size


OPEN = "[baohai]\ntitle='Hai'\nprovince='Huế'\nhosts=['baomau.com.vn']\n"
WRONG = [
    *(
        ("expect =", f"images = {wrong}\nexpect =", ": 'images' must be a size in kB, MB or GB, found")
        for wrong in ('"20"', '"20 mb"', '"many"', '"-1 MB"', "-1", '"0 MB"', '""')
    ),
    ("expect =", "images = true\nexpect =", ": 'images' must be a size like \"20 MB\", found True; correct it"),
    ("feeds =", "feed =", " has no key 'feed'; did you mean 'feeds'?"),
    ("confidence", "xyzzy", " has no key 'xyzzy'; remove it"),
    ("Đắk Lắk", "Dak Lak", ": unknown province 'Dak Lak', one of the 34 of today is expected"),
    (
        "Đắk Lắk",
        "Phú Yên",
        ": unknown province 'Phú Yên', one of the 34 of today is expected; it has been part of Đắk Lắk",
    ),
    ('["Phú Yên"]', '["Hà Tây"]', ": 'Hà Tây' is none of the provinces before that make up Đắk Lắk (Phú Yên, Đắk Lắk)"),
    ('title = "Báo Mẫu"\n', "", " has no 'title'; every paper needs one"),
    ('province = "Đắk Lắk"', 'province = ""', " has no 'province'; every paper needs one: one of the 34 of today"),
    ('"Báo Mẫu"', "3", ": 'title' must be a string, found 3; correct it"),
    ('["baomau.vn", "baomau.com.vn"]', "[]", " has no 'hosts'; every paper needs one"),
    (
        '["baomau.vn", "baomau.com.vn"]',
        '"baomau.vn"',
        ": 'hosts' must be a list of strings, found 'baomau.vn'; correct it",
    ),
    ('"baomau.com.vn"', "7", ": 'hosts' must be a list of strings, found ['baomau.vn', 7]; correct it"),
    ('"baomau.com.vn"', '["x.vn"]', ": 'hosts' must be a list of strings, found ['baomau.vn', ['x.vn']]; correct it"),
    (
        "baomau.com.vn",
        "https://x.vn/",
        ": 'https://x.vn/' is no host name in lower case without scheme, 'www.' and port",
    ),
    ("baomau.com.vn", "www.x.vn", ": 'www.x.vn' is no host name in lower case without scheme, 'www.' and port"),
    ("baomau.com.vn", "X.vn", ": 'X.vn' is no host name in lower case"),
    ("baomau.com.vn", "x.vn:80", ": 'x.vn:80' is no host name in lower case"),
    ("baomau.com.vn", "baomau.vn", ": 'hosts' lists 'baomau.vn' twice; remove one"),
    (
        "https://rss.baomau.vn/kinh-te",
        "http://www.baomau.vn/rss/thoi-su/",
        ": 'http://www.baomau.vn/rss/thoi-su/' is listed by [baomau] already; keep it in one place",
    ),
    (
        "https://rss.baomau.vn/kinh-te",
        "https://other.vn/rss",
        ": feeds: 'https://other.vn/rss' is on none of the paper's hosts (baomau.vn, baomau.com.vn); add the host",
    ),
    (
        "https://rss.baomau.vn/kinh-te",
        "https://khongphaibaomau.vn/rss",
        ": feeds: 'https://khongphaibaomau.vn/rss' is on none",
    ),
    ("https://rss.baomau.vn/kinh-te", "/rss", ": feeds: '/rss' is no http(s) URL; write it whole, with https://"),
    ("https://rss.baomau.vn/kinh-te", "https://[x/rss", ": feeds: 'https://[x/rss' is no http(s) URL"),
    ("\\d+)\\.html$", "\\d+\\.html$", ": article pattern '-(?P<id>\\\\d+\\\\.html$' does not compile: missing )"),
    (
        "?P<id>",
        "?P<idd>",
        ": article pattern '-(?P<idd>\\\\d+)\\\\.html$' has an unknown group 'idd'; did you mean 'id'?",
    ),
    ('template = "moi"', 'template = "moii"', ": unknown template 'moii'; did you mean 'moi'?"),
    (
        '{ template = "cu", until = 2019-12-31 }',
        '{ template = "cu" }',
        ": templates_before needs 'template' and 'until' (its last day), found {'template': 'cu'}; add them",
    ),
    ('"high"', '"hihg"', ": confidence 'hihg' is not one of high, medium, low; correct it"),
    ("per_day = 30", 'per_day = "30"', ": 'expect.per_day' must be a number from 0 up, found '30'; correct it"),
    ("2024-06-30", "'2024-06-30'", ": templates_before: 'until' must be a date like 2025-06-30, found '2024-06-30'"),
    (
        "2024-06-30",
        "2024-06-30T00:00:00",
        ": templates_before: 'until' must be a date like 2025-06-30, found 2024-06-30 00:00",
    ),
    ('confidence = "high"', 'noarchive = "yes"', ": noarchive 'yes' is neither private nor public; correct it"),
    ('confidence = "high"', 'successor = "baomoi"', ": unknown successor 'baomoi'; did you mean 'baomau'?"),
    ('confidence = "high"', 'successor = "baomau"', ": 'successor' names the paper itself;"),
    ("[baomau]", "[Báo_Mẫu]", "mau.toml: not readable as TOML:"),
    (
        "[baomau]",
        "[Bao_Mau]",
        "mau.toml: [Bao_Mau]: a name is lower-case letters, digits and hyphens; rename the table",
    ),
    ("[baomau]", "x = 1\n[baomau]", "mau.toml: key 'x' stands outside any table; put it under a [name]"),
    ("hosts = [", "hosts = ", "mau.toml: not readable as TOML:"),
    (
        "[baomau]",
        OPEN + "[baomau]",
        ": host 'baomau.com.vn' belongs to [baohai] too and both are open; remove it from one",
    ),
    (
        "[baomau]",
        OPEN.replace("com.vn']", "com.vn', 'baomau.vn']\nfeeds=['https://baomau.vn/rss/thoi-su']") + "[baomau]",
        ": 'https://baomau.vn/rss/thoi-su' is listed by [baohai] already; keep it in one place",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), WRONG)
def test_what_is_wrong_is_said_with_place_and_remedy(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    assert right in GOOD
    with pytest.raises(DataError) as error:
        data(tmp_path, GOOD.replace(right, wrong, 1))
    place = "" if sentence.startswith("mau.toml") else "mau.toml: [baomau]"
    assert str(error.value).startswith(place + sentence)
    assert "\n" not in str(error.value)
    assert any(mark in str(error.value) for mark in ("; ", "did you mean"))


@pytest.mark.parametrize(
    ("templates", "sentence"),
    [
        ("[moi]\npagr = '?p={n}'", "he.toml: [moi] has no key 'pagr'; did you mean 'pager'?"),
        ("[moi]\npager = '?p='", "he.toml: [moi]: 'pager' must name the page once as {n}, found '?p='; write '?p={n}'"),
        ("[moi]\nfields = { title = 'h1' }", "he.toml: [moi]: fields: 'title' must be a list of strings, found 'h1'"),
        ("[moi]\nsince = 2025-01-02\nuntil = 2025-01-01", "he.toml: [moi]: 'since' 2025-01-02 is after 'until'"),
    ],
)
def test_templates_are_checked_likewise(tmp_path: Path, templates: str, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        data(tmp_path, GOOD, templates)
    assert str(error.value).startswith(sentence)


def test_one_paper_in_two_files_and_a_missing_file_are_said(tmp_path: Path) -> None:
    data(tmp_path)
    first, second = tmp_path / "mau.toml", tmp_path / "them.toml"
    second.write_text(GOOD, "utf-8")
    with pytest.raises(DataError, match=r"them.toml: \[baomau\] stands already in mau.toml; keep one of the two"):
        load([first, second], [tmp_path / "he.toml"])
    with pytest.raises(DataError, match=r"khong.toml: no such file; correct PAPER_FILES or TEMPLATE_FILES"):
        load([tmp_path / "khong.toml"], [])
    with pytest.raises(DataError, match=r"mau.toml: not readable as TOML: .*codec"):
        data(tmp_path, b"\xff\xfe[a]")


def test_a_paper_out_of_a_warc_is_checked_too() -> None:
    table = {"title": "Báo Mẫu", "province": "Huế", "hosts": ["127.0.0.1:8001"]}
    assert paper_from_table("baomau", table, "x.warc.gz").hosts == ("127.0.0.1:8001",)
    with pytest.raises(DataError, match=r"x.warc.gz: \[baomau\] has no 'title'"):
        paper_from_table("baomau", {**table, "title": ""}, "x.warc.gz")


def test_our_own_papers_are_right_and_name_where_they_know_it_from() -> None:
    papers = load(settings.PAPER_FILES, settings.TEMPLATE_FILES).papers
    assert "baothanhhoa" in papers
    assert [p.name for p in papers.values() if not (p.evidence and p.confidence and p.provinces_before)] == []


def test_the_provinces_are_the_34_of_today_made_of_the_63_before() -> None:
    before = [name for names in provinces().values() for name in names]
    assert (len(provinces()), len(before), len(set(before))) == (34, 63, 63)
