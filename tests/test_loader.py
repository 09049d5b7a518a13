from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.settings import Settings

from crawler import settings as project
from crawler.loader import PaperLoader
from crawler.spiders.newspaper import NewspaperSpider

ROOT = Path(__file__).parent.parent
PAPERS = """
[baomoi]
title = "Báo Mới"
province = "Huế"
hosts = ["baomau.vn", "127.0.0.1:8001"]
article = ['-a(?P<id>\\d+)\\.html$']

[baocu]
title = "Báo Cũ"
province = "Huế"
hosts = ["baomau.vn", "baocu.vn"]
article = ['\\.aspx']
until = 2025-06-30
successor = "baomoi"
"""


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    file = tmp_path / "mau.toml"
    file.write_text(PAPERS, "utf-8")
    return file


def loader(**changes: object) -> PaperLoader:
    settings = Settings()
    settings.setmodule(project)
    settings.setdict(changes)
    return PaperLoader.from_settings(settings)


def scrapy(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_every_paper_has_a_spider_class_of_its_own(papers: Path) -> None:
    ours = loader(PAPER_FILES=[str(papers)], ALLOW_LOOPBACK=True)
    cls = ours.load("baomoi")
    assert ours.list() == ["baocu", "baomoi"]
    assert issubclass(cls, NewspaperSpider)
    assert (cls.name, cls.paper.title, cls.allowed_domains) == ("baomoi", "Báo Mới", ["baomau.vn", "127.0.0.1"])
    assert cls.directory is ours.directory
    assert cls.__module__ == "crawler.spiders.newspaper"
    assert "baomoi" in repr(cls)
    assert not hasattr(NewspaperSpider, "paper")


def test_files_given_on_the_command_line_are_split_at_commas(papers: Path) -> None:
    both = loader(PAPER_FILES=f"{project.HERE / 'papers.toml'},{papers}", ALLOW_LOOPBACK="1")
    assert {"baothanhhoa", "baomoi"} < set(both.list())


def test_an_unknown_paper_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(KeyError, match="Spider not found: 'baothanhho'; did you mean 'baothanhhoa'"):
        loader().load("baothanhho")


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://www.baomau.vn/tin-a1.html", ["baomoi"]),
        ("http://127.0.0.1:8001/thoi-su/", ["baomoi"]),
        ("https://baomau.vn/12/Tin.aspx", ["baocu"]),
        ("https://baocu.vn/", ["baocu"]),
        ("https://other.vn/", []),
    ],
)
def test_an_address_finds_its_paper(papers: Path, url: str, names: list[str]) -> None:
    assert loader(PAPER_FILES=[str(papers)], ALLOW_LOOPBACK=True).find_by_request(Request(url)) == names


def test_the_directory_is_what_scrapy_lists() -> None:
    done = scrapy("list")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == loader().list()
    assert "baothanhhoa" in done.stdout.splitlines()


@pytest.mark.parametrize(
    "command", [["list"], ["parse", "https://baomau.vn/"], ["shell"], ["fetch", "https://baomau.vn/"]]
)
def test_wrong_data_ends_every_command_in_one_sentence(papers: Path, command: list[str]) -> None:
    papers.write_text(PAPERS.replace("hosts", "host", 1), "utf-8")
    done = scrapy(*command, "-s", f"PAPER_FILES={papers}")
    assert done.returncode == 2
    assert done.stderr == "mau.toml: [baomoi] has no key 'host'; did you mean 'hosts'?\n"
    assert done.stdout == ""
