"""``scrapy discover``: from a host's name to an entry with which the paper is crawled completely."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from crawler.papers import load
from crawler.settings import TEMPLATE_FILES
from tests import doors
from tests.crawling import OURS, ROOT, Desk, clock
from tests.demo.edition import Edition, Reply
from tests.demo.expected import EXPECTED
from tests.demo.faults import Trouble, instead, status
from tests.demo.server import serve
from tests.demo.sites import SYSTEMS
from tests.demo.stories import DAYS, NAMES, newspapers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.demo.faults import Fault
    from tests.demo.server import Site

pytestmark = pytest.mark.slow
FIRST, DAY = DAYS[0], DAYS[-1]
FAR = {"LISTING_PAGES": "99", "SITEMAP_CHILDREN": "999", "SITEMAP_DAYS": "9999"}
"""A crawl that goes as far back as each door reaches."""
PAGES = 27
"""Requests of one discovery at most: 25 pages, and robots.txt of one or two hosts."""


class Office:
    """A folder in which a person discovers papers and crawls them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mine = folder / "mine.toml"

    def scrapy(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = {
            "PAPER_FILES": f"{OURS},{self.mine}" if self.mine.exists() else str(OURS),
            "ALLOW_LOOPBACK": "1",
            "DOWNLOAD_DELAY": "0",
            "CLOCK": clock(DAY),
            "ARCHIVE": str(self.folder / "archive.db"),
            "WARC_DIR": str(self.folder / "warc"),
            **settings,
        }
        flags = [part for name, value in chosen.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", *words, *flags]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)

    def paste(self, entries: str) -> list[str]:
        """Write entries to a file of papers, with the provinces that were not found; return their names."""
        self.mine.write_text(entries.replace('province = ""', 'province = "Nghệ An"'), "utf-8")
        return list(load([self.mine], TEMPLATE_FILES, allow_loopback=True).papers)

    def held(self, sql: str) -> set[str]:
        desk = Desk.__new__(Desk)
        desk.folder = self.folder
        return {value for (value,) in desk.rows(sql)}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as sites:
        sites.day = DAY
        yield sites[NAMES[0]]


@dataclass(frozen=True)
class Found:
    """What `test_a_paper...` reads: the sites, the office, by site what was asked before its crawl, and told of it."""

    sites: Mapping[str, doors.DoorSite]
    office: Office
    asked: Mapping[str, Counter[str]]
    reports: Mapping[str, str]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """Discover every made-up paper by its host alone, paste the entries into one file, crawl them all."""
    office = Office(tmp_path_factory.mktemp("country"))
    with doors.serve() as sites:
        entries = [office.scrapy("discover", site.host) for site in sites.values()]
        assert {entry.returncode for entry in entries} == {0}, [entry.stderr for entry in entries if entry.returncode]
        asked = {name: Counter(site.log) for name, site in sites.items()}
        names = office.paste("\n".join(entry.stdout for entry in entries))
        ended = office.scrapy("crawlall", *names, **FAR)
        assert ended.returncode == 0, ended.stderr
        yield Found(sites, office, asked, {n: e.stderr for n, e in zip(sites, entries, strict=True)})


@pytest.mark.parametrize("name", doors.NAMES)
def test_the_report_says_which_sections_turn_their_pages(name: str, country: Found) -> None:
    told = [line for line in country.reports[name].splitlines() if line.startswith("section ")]
    turning = name in ("cua-p", "cua-trang", "cua-page", "cua-aspx", "he-bbg", "he-laichau", "he-ninhbinh", "he-sonla")
    assert {line.rpartition(", ")[2] for line in told} <= {f"names {'the' if turning else 'no'} page after it"}
    assert told or not turning


@pytest.mark.parametrize("name", [name for name in doors.NAMES if name.startswith("he-")])
def test_the_system_is_told_of_two_that_keep_things_in_like_places(name: str, country: Found) -> None:
    (told,) = (line for line in country.reports[name].splitlines() if line.startswith("system "))
    assert told.split()[1] == country.sites[name].paper.plan.template


@pytest.mark.parametrize("name", doors.NAMES)
def test_a_paper_is_found_and_crawled_completely_from_its_hosts_name_alone(name: str, country: Found) -> None:
    site, asked = country.sites[name], country.asked[name]
    assert set(asked.values()) == {1}
    assert asked.total() <= PAGES
    fetched = Counter(site.log) - asked
    assert not {url for url, times in fetched.items() if times > 1}
    held = country.office.held("SELECT url FROM articles")
    assert {url for url in held if url.startswith(site.base)} == set(site.articles)


@pytest.mark.parametrize("name", NAMES)
def test_the_demos_papers_are_found_as_they_are(name: str, office: Office) -> None:
    with serve() as sites:
        sites.day = FIRST
        site = sites[name]
        found = office.scrapy("discover", f"http://{site.host}/")
        assert found.returncode == 0, found.stderr
        (entry,) = tomllib.loads(found.stdout).values()
        written = next(paper for paper in newspapers() if paper.name == name)
        assert entry["template"] == written.system
        assert entry["article"][0].partition("(?P<id>")[1]
        assert entry.get("prefixes", []) == ([written.prefix] if written.prefix else [])
        told = SYSTEMS[written.system].listings(Edition(written, FIRST, site.base))
        assert {key: set(entry.get(key, [])) for key in told} == {key: set(urls) for key, urls in told.items()}
        asked = len(site.log)
        assert office.scrapy("crawl", *office.paste(found.stdout), **FAR, CLOCK=clock(FIRST)).returncode == 0
        fetched = [e.path for e in site.log[asked:] if e.path != "/robots.txt"]
        assert sorted(fetched) == sorted(set(fetched))
        titles = {article.title for article in EXPECTED[name, FIRST].articles}
        assert office.held("SELECT title FROM articles") == titles


def test_the_report_shows_doors_system_and_one_article_and_nothing_is_written(site: Site, office: Office) -> None:
    found = office.scrapy("discover", site.host)
    for line in (
        "robots.txt of:",
        "the oldest day named on it 2026-11",
        ": lists ",
        " article address",
        "system  onecms (onecms ",
        "published 2026-11-2",
    ):
        assert line in found.stderr
    shown = [a for a in EXPECTED[NAMES[0], DAY].articles if f"title     {a.title}" in found.stderr]
    assert [a.lead[:99] in found.stderr for a in shown] == [True]
    assert [path.name for path in office.folder.iterdir()] == []
    agents = {exchange.header("User-Agent") for exchange in site.log}
    assert agents == {"baotinh/0.1 (archive of Vietnam's provincial press)"}


def test_programs_get_an_object(site: Site, office: Office) -> None:
    found = json.loads(office.scrapy("discover", site.host, "--json").stdout)
    assert found["system"] == "onecms"
    assert found["requests"] == len(site.log)
    assert found["known_as"] is None
    assert {door["kind"] for door in found["doors"]} == {"feed", "sitemap", "section"}
    assert found["articles"][0]["text"]
    (entry,) = found["entry"].values()
    assert entry["hosts"] == [site.host]


def test_no_more_is_asked_than_was_said(site: Site, office: Office) -> None:
    office.scrapy("discover", site.host, "--requests", "4")
    assert len(site.log) == 5


def test_what_robots_txt_forbids_is_not_asked_for(site: Site, office: Office) -> None:
    site.faults["/robots.txt"] = instead("User-agent: *\nDisallow: /rss\nDisallow: /sitemap\n", "text/plain")
    found = office.scrapy("discover", site.host)
    assert found.returncode == 0
    assert "/rss: robots.txt does not allow it" in found.stderr
    assert not [e.path for e in site.log if e.path.startswith(("/rss", "/sitemap"))]
    assert not {"feeds", "sitemaps"} & set(next(iter(tomllib.loads(found.stdout).values())))


def test_a_paper_that_is_known_is_compared_with_its_entry(site: Site, office: Office) -> None:
    office.mine.write_text(
        f'[demo]\ntitle = "Báo Sông Nguồn"\nprovince = "Nghệ An"\nhosts = ["{site.host}"]\ntemplate = "vdoc"\n'
        f'feeds = ["{site.base}/rss/thoi-su"]\nsections = ["{site.base}/thoi-su", "{site.base}/tin-moi-nhat"]\n'
        "article = ['-a(?P<id>\\d+)\\.html$']\n",
        "utf-8",
    )
    found = office.scrapy("discover", site.host)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("[demo]\n")
    for difference in (
        "this is [demo] of the paper files",
        "template is 'vdoc', found 'onecms'",
        f"feeds lacks {site.base}/rss/kinh-te",
        f"sitemaps lacks {site.base}/sitemap.xml",
        f"sections names {site.base}/tin-moi-nhat, which is gone",
        "articles read not, such as",
        "prefixes lacks (Baosongnguon.vn)",
    ):
        assert difference in found.stderr


def test_what_a_crawl_wrote_to_warc_files_is_enough(site: Site, office: Office) -> None:
    first = office.scrapy("discover", site.host)
    (name,) = office.paste(first.stdout)
    assert office.scrapy("crawl", name).returncode == 0
    office.mine.unlink()
    asked = len(site.log)
    found = office.scrapy("discover", site.host, "--warc", str(office.folder / "warc"))
    assert found.returncode == 0, found.stderr
    assert len(site.log) == asked
    live, kept = (tomllib.loads(text)[name] for text in (first.stdout, found.stdout))
    for key in ("title", "hosts", "template", "sitemaps", "article", "prefixes"):
        assert kept[key] == live[key]
    assert set(kept["feeds"]) == set(live["feeds"])


def test_a_few_articles_of_a_foreign_warc_file_are_enough(site: Site, office: Office) -> None:
    (name,) = office.paste(office.scrapy("discover", site.host).stdout)
    assert office.scrapy("crawl", name).returncode == 0
    office.mine.unlink()
    (whole,) = (office.folder / "warc").rglob("*.warc.gz")
    part = office.folder / "part.warc.gz"
    _keep_articles(whole, part)
    found = office.scrapy("discover", "--warc", str(part), site.host)
    assert found.returncode == 0, found.stderr
    (entry,) = tomllib.loads(found.stdout).values()
    assert entry["template"] == "onecms"
    assert entry["article"][0].startswith("^/[^/]+-(?P<id>")
    assert "not in the WARC files" in found.stderr


def _keep_articles(whole: Path, part: Path) -> None:
    with whole.open("rb") as source, part.open("wb") as target:
        writer = WARCWriter(target, gzip=True)
        for record in ArchiveIterator(source):
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            if url.endswith(".html") and record.rec_type == "response":
                writer.write_record(record)


def moved(to: str) -> Fault:
    return lambda _: Trouble(Reply(b"", 301, headers=(("Location", to),)))


def test_a_host_that_moved_is_found_where_it_went(office: Office) -> None:
    with serve() as sites:
        sites.day = DAY
        old, new = sites[NAMES[1]], sites[NAMES[0]]
        old.faults["/"] = moved(f"{new.base}/")
        found = office.scrapy("discover", old.host)
        assert found.returncode == 0, found.stderr
        (entry,) = tomllib.loads(found.stdout).values()
        assert entry["hosts"] == [new.host, old.host]
        assert f"{old.host} leads to {new.host}" in found.stderr
        assert [e.path for e in old.log] == ["/robots.txt", "/"]


CHALLENGE = "<html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>"
ABOUT_FISH = "<html><head><title>Cửa hàng cá cảnh</title></head><body><h1>Cá cảnh</h1><p>Bán cá cảnh.</p></body></html>"


@pytest.mark.parametrize(
    ("target", "fault", "said"),
    [
        ("/robots.txt", instead("User-agent: *\nDisallow: /\n", "text/plain"), "robots.txt does not allow us"),
        ("/robots.txt", status(503), "robots.txt answers HTTP 503"),
        ("/", status(404), "expected a front page, found none (HTTP 404)"),
        ("/", status(429, ("Retry-After", "60")), "HTTP 429: it asks us to wait"),
        ("/", instead(CHALLENGE), "asks the visitor to prove to be no robot"),
        ("/", moved("/"), "expected a front page"),
    ],
)
def test_a_host_of_which_nothing_can_be_said_is_a_sentence(
    target: str, fault: Fault, said: str, site: Site, office: Office
) -> None:
    for address in ("/sitemap.xml", "/rss"):
        site.faults[address] = status(404)
    site.faults[target] = fault
    if target == "/":
        site.faults["/robots.txt"] = status(404)
    ended = office.scrapy("discover", site.host)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr
    assert "stays due" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_site_that_is_no_newspaper_is_said_to_be_none(site: Site, office: Office) -> None:
    class Anywhere(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:  # noqa: ARG002
            return instead(ABOUT_FISH)

    site.faults = Anywhere()  # type: ignore[assignment]
    ended = office.scrapy("discover", site.host)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no newspaper: " in ended.stderr


def test_a_host_that_does_not_answer_is_said_not_to(office: Office) -> None:
    with serve() as sites:
        host = sites[NAMES[0]].host
    ended = office.scrapy("discover", host)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the host refuses the connection" in ended.stderr


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        ((), {}, "expected one HOST, found 0"),
        (("baomau.example", "baokhac.example"), {}, "expected one HOST, found 2"),
        (("Báo Mẫu",), {}, "expected a HOST like baovidu.example"),
        (("127.0.0.1:8451",), {"ALLOW_LOOPBACK": "0"}, "set ALLOW_LOOPBACK"),
        (("baomau.example", "--requests", "few"), {}, "--requests: expected a number"),
        (("baomau.example", "--warc", "/no/such.warc.gz"), {}, "no such file"),
        (("--warc", "/no/such.warc.gz", "baomau.example"), {}, "/no/such.warc.gz: no such file"),
        (("--warc", "/no/such.warc.gz"), {}, "expected one HOST, found 0"),
        (("baomau.example:8080",), {}, "expected a HOST without a port, found baomau.example:8080"),
        (("https://baomau.example:8080/tin",), {}, "a newspaper answers at baomau.example"),
        (
            ("baomau.example",),
            {"DOWNLOAD_DELAY": "slow"},
            "setting DOWNLOAD_DELAY: expected a number from 0 up, found 'slow'",
        ),
        (("baomau.example",), {"CLOCK": "noon"}, "setting CLOCK"),
    ],
)
def test_wrong_use_is_told(words: tuple[str, ...], settings: dict[str, str], said: str, office: Office) -> None:
    ended = office.scrapy("discover", *words, **settings)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
