"""Makes one spider class of every paper, so that ``scrapy list`` is the directory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery.links import paper_for
from crawler.given import check_logging
from crawler.naming import WrongUseError
from crawler.notes import paper_note
from crawler.papers import DataError, Directory, load, nearest
from crawler.spiders.newspaper import NewspaperSpider
from crawler.warc_reading import PAPER_NOTE

if TYPE_CHECKING:
    import builtins
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings

    from pipelines.items import Paper


class PaperLoader:
    """Scrapy's SPIDER_LOADER_CLASS: the spiders are the papers of PAPER_FILES."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._spiders = {name: spider_class(paper, directory) for name, paper in directory.papers.items()}

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Load the papers that the settings name.

        Every command of Scrapy comes here, and outside of its own error handling, before its log is set up: files
        that say something wrong, and a LOG_LEVEL that is none, end the program with their sentence on stderr and
        exit code 2 (wrong use).
        """
        try:
            check_logging(settings)
            return cls(directory_from(settings))
        except (DataError, WrongUseError) as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(2) from None

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of a paper. Raises KeyError with the nearest names for an unknown one."""
        if spider_name not in self._spiders:
            raise KeyError(f"Spider not found: {spider_name!r}{nearest(spider_name, self._spiders)}")
        return self._spiders[spider_name]

    def list(self) -> builtins.list[str]:
        """Return the names of the papers, sorted."""
        return sorted(self._spiders)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the paper whose address this is (`paper_for`), as a list of one name or none."""
        paper = paper_for(request.url, self.directory.papers.values())
        return [paper.name] if paper else []


def directory_from(settings: BaseSettings) -> Directory:
    """Load the papers and templates that PAPER_FILES and TEMPLATE_FILES name. Raises DataError."""
    return load(
        settings.getlist("PAPER_FILES"),
        settings.getlist("TEMPLATE_FILES"),
        allow_loopback=settings.getbool("ALLOW_LOOPBACK"),
    )


def spider_class(paper: Paper, directory: Directory) -> type[NewspaperSpider]:
    """Return the spider class of one paper. ``allowed_domains`` are its hosts without ports."""
    body = {
        "name": paper.name,
        "paper": paper,
        "directory": directory,
        "warc_info": {PAPER_NOTE: paper_note(paper)},
        "allowed_domains": [urlsplit(f"//{host}").hostname or host for host in paper.hosts],
        "__module__": NewspaperSpider.__module__,
        "__qualname__": f"{NewspaperSpider.__qualname__}[{paper.name}]",
        "__doc__": f"{paper.title} ({paper.province}).",
    }
    return type(NewspaperSpider.__name__, (NewspaperSpider,), body)
