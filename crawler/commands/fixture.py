"""``scrapy fixture URL|FILE``: writes a trimmed page and what is read on it, for a person to review."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.clock import LOCAL
from crawler.discovery.links import paper_for
from crawler.extraction import extract
from crawler.fetching import Fetched, OnePage
from crawler.fixtures import REVIEWED, Read, is_reviewed, make, write
from crawler.given import check_settings
from crawler.naming import WrongUseError, known
from crawler.papers import DataError, Directory
from crawler.settings import ROOT
from pipelines.archive import ArchiveError
from pipelines.archive.lookup import newest_response
from pipelines.records import RecordError, header, read_record
from pipelines.urls import host_of, url_key

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from pipelines.items import Paper, Template

FOLDER = ROOT / "tests" / "pages"
"""Where fixtures are, and where the tests look for them."""


class UnreadError(RuntimeError):
    """The page could not be had; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Source:
    """A page and where it is from; ``day`` is when it was captured (local), None for today."""

    page: bytes
    url: str
    content_type: str = ""
    day: date | None = None


class Command(ScrapyCommand):
    """Exit 0 written; 1 the page could not be had, 2 wrong use or a reviewed fixture stands there, nothing written."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "ERROR"}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options] URL|FILE"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Write a trimmed page and its JSON into tests/pages, for a person to review"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--url", help="address a FILE was fetched from (default: the one it names itself)")
        parser.add_argument("--paper", help="paper the page is of (default: the one whose host the address has)")
        parser.add_argument("--template", metavar="NAME", help="newsroom system to read with (default: the paper's)")
        parser.add_argument("--out", metavar="DIR", help="folder for page and JSON (default: tests/pages)")
        parser.add_argument("--name", help="name of the two files (default: the FILE's, or paper and digest of URL)")
        parser.add_argument("--force", action="store_true", help="write over a fixture that was reviewed")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the fixture; one sentence on stderr for what prevents it."""
        try:
            self._run(args, opts)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (UnreadError, ArchiveError, RecordError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        check_settings(self.crawler_process.settings)
        if len(args) != 1:
            raise WrongUseError(f"expected one URL or FILE, found {len(args)}; name one")
        given = args[0]
        loader: Any = self.crawler_process.spider_loader
        directory: Directory = loader.directory
        paper = known("paper", opts.paper, directory.papers) if opts.paper else None
        template = known("template", opts.template, directory.templates) if opts.template else None
        out = Path(opts.out) if opts.out else FOLDER
        name = opts.name or _name(given, paper or paper_for(given, directory.papers.values()))
        if Path(name).name != name or name.startswith("."):
            raise WrongUseError(f"--name {name!r} is no file name; leave out slashes and a leading dot")
        if is_reviewed(out / f"{name}.json") and not opts.force:
            raise WrongUseError(f"{out / name}.json is reviewed; add --force to write over it, or give another --name")
        source = self._source(given, opts.url)
        paper = paper or paper_for(source.url, directory.papers.values())
        template = template or (directory.template_for(paper, source.day) if paper else None)
        _deliver(source, out, name, paper, template)

    def _source(self, given: str, url: str | None) -> Source:
        if not _is_url(given):
            return _from_file(Path(given), url)
        if url:
            raise WrongUseError(f"--url goes with a FILE, found the URL {given}; leave one out")
        assert self.settings is not None
        archive, warc_dir = Path(self.settings["ARCHIVE"]), Path(self.settings["WARC_DIR"])
        return _from_archive(archive, warc_dir, given) or self._fetched(given)

    def _fetched(self, url: str) -> Source:
        """Ask the network, robots.txt obeyed."""
        assert self.crawler_process is not None
        got = Fetched()
        self.crawler_process.crawl(OnePage, page=url, into=got)
        self.crawler_process.start()
        if got.failure:
            raise UnreadError(
                f"{url}: expected a page, found none: {got.failure}; save it by hand and name the FILE, with --url"
            )
        return Source(got.body, got.url, got.content_type)


def _is_url(given: str) -> bool:
    return re.match(r"https?://", given) is not None


def _name(given: str, paper: Paper | None) -> str:
    """Return a file's own name, or for an address its paper or host with a digest."""
    if not _is_url(given):
        return Path(given).stem
    owner = paper.name if paper else re.sub(r"[^\w.-]", "-", host_of(given)) or "page"
    return f"{owner}-{hashlib.sha256(url_key(given).encode()).hexdigest()[:8]}"


def _from_file(path: Path, url: str | None) -> Source:
    if not path.is_file():
        raise WrongUseError(f"{path}: no such file; correct the path")
    page = path.read_bytes()
    named = url or extract(page, "").canonical_url
    if not named:
        raise WrongUseError(f"{path}: the page does not name its address; add --url")
    return Source(page, named)


def _from_archive(archive: Path, warc_dir: Path, url: str) -> Source | None:
    """Return the latest capture of ``url``, read from its WARC file; None where the archive has none."""
    capture = newest_response(archive, url)
    if capture is None:
        return None
    record = read_record(warc_dir, capture.warc_file, capture.warc_offset)
    sys.stderr.write(f"{url}: as captured {capture.fetched_at:%Y-%m-%d %H:%M} UTC in {capture.warc_file}\n")
    content_type = header(record.headers, "Content-Type") or ""
    return Source(record.body(), capture.url, content_type, capture.fetched_at.astimezone(LOCAL).date())


def _deliver(source: Source, out: Path, name: str, paper: Paper | None, template: Template | None) -> None:
    trimmed, facts = make(source.page, Read(source.url, source.content_type, paper, template))
    for cut, differs in trimmed.refused:
        kept = f"{cut.what} ({cut.end - cut.start} bytes)"
        sys.stderr.write(f"{name}: {kept} stays: without it '{differs}' reads otherwise\n")
    page = write(out, name, trimmed.page, facts)
    sys.stdout.write(
        f"{page}: {len(trimmed.page)} of {len(source.page)} bytes, read as {facts['outcome']}\n"
        f"Compare {page.with_suffix('.json')} with the page as a reader sees it, correct what is wrong, "
        f'then set "{REVIEWED}": true\n'
    )
