"""``scrapy parse URL``: fetches one page and prints what its paper's spider makes of it; stands in for Scrapy's own."""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.commands.parse import Command as ScrapysParse
from scrapy.exceptions import ScrapyDeprecationWarning

from crawler.commands.extract import as_json
from crawler.discovery.links import WEB
from crawler.failures import printable
from pipelines.urls import host_of

if TYPE_CHECKING:
    import argparse

    from pipelines.items import Visit


class Command(ScrapysParse):
    """Exit 0 the page was asked for, 2 wrong use. The archive is not touched."""

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Fetch a page and print what its paper's spider makes of it, as JSON"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch and print; one sentence on stderr for an address that is none."""
        if len(args) != 1 or not args[0].startswith((*WEB, "file://")):
            found = repr(args[0]) if len(args) == 1 else len(args)
            sys.stderr.write(
                f"expected one address like https://baovidu.example/tin-1.html, found {found}; correct it\n"
            )
            self.exitcode = 2
            return
        if unknown := self._unknown(args[0], opts):
            sys.stderr.write(f"{printable(unknown)}\n")
            self.exitcode = 2
            return
        with warnings.catch_warnings():
            # Scrapy's own parse wraps a spider's callback in one that returns a Deferred, and warns of that.
            warnings.filterwarnings("ignore", ".* returned a Deferred", ScrapyDeprecationWarning)
            super().run(args, opts)

    def _unknown(self, url: str, opts: argparse.Namespace) -> str | None:
        """Return in one sentence that ``url`` is on no paper's host; None where it is, or --spider names the paper."""
        assert self.crawler_process is not None
        host = host_of(url)
        if opts.spider or not host or self.crawler_process.spider_loader.find_by_request(Request(url)):
            return None
        return (
            f"{url}: expected an address on a host of the papers, found {host}, which is none's; correct it, "
            f"name the paper with --spider, or have an entry written: scrapy discover {host}"
        )

    def print_results(self, opts: argparse.Namespace) -> None:
        """Print each visit as one JSON object."""
        for visit in (item for items in self.items.values() for item in items):
            shown = as_object(visit, links=not opts.nolinks)
            sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")


def as_object(visit: Visit, *, links: bool = True) -> dict[str, Any]:
    """Return what a page is: an article as ``scrapy extract`` prints it, anything else with its ``links``."""
    if visit.article:
        return as_json(visit.article.reading)
    facts = ("url", "paper", "kind", "outcome", "reason", "redirect_to")
    shown = {name: getattr(visit, name) for name in facts}
    if links:
        shown["links"] = [{"kind": link.kind, "url": link.url, "modified": link.modified} for link in visit.links]
    return shown
