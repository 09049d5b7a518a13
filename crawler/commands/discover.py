"""``scrapy discover HOST``: finds out what a newspaper's site is like and prints its entry for papers.toml."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.clock import LOCAL, clock_from
from crawler.discovery.entry import as_json, as_toml, report
from crawler.discovery.findings import Findings, findings, obstacle
from crawler.discovery.probing import Survey
from crawler.failures import printable
from crawler.given import check_settings
from crawler.naming import WrongUseError
from crawler.papers import HOST, LOOPBACK, provinces
from crawler.replaying import warc_files
from crawler.surveying import SurveySpider, WarcPages
from pipelines.records import RecordError
from pipelines.urls import host_of

if TYPE_CHECKING:
    import argparse

    from crawler.papers import Directory

REQUESTS = 25
"""Pages asked for at most, beside robots.txt."""


class UnknownError(RuntimeError):
    """Nothing can be said of the host; the text is one sentence."""


class Command(ScrapyCommand):
    """Exit 0 an entry is printed, 1 nothing can be said of the host, 2 wrong use."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_LEVEL": "ERROR", "RETRY_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options] HOST"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Look at a newspaper's site and print the papers.toml entry it would add"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--warc", nargs="+", metavar="FILE", help="look into WARC or ARC files, not at the network")
        parser.add_argument("--requests", default=str(REQUESTS), metavar="N", help=f"pages to ask for (max {REQUESTS})")
        parser.add_argument("--json", action="store_true", help="print all that was found as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look at the host and print; one sentence on stderr for what prevents it."""
        try:
            self._deliver(self._found(args, opts), as_object=opts.json)
        except WrongUseError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except (UnknownError, RecordError, OSError) as error:
            sys.stderr.write(f"{printable(str(error))}\n")
            self.exitcode = 1

    def _found(self, args: list[str], opts: argparse.Namespace) -> Findings:
        assert self.settings is not None
        assert self.crawler_process is not None
        host = self._host(args or _host_behind(opts))
        check_settings(self.settings)
        if not opts.requests.isdecimal() or int(opts.requests) < 1:
            raise WrongUseError(f"--requests: expected a number from 1 up, found {opts.requests!r}")
        try:
            today = clock_from(self.settings["CLOCK"]).now().astimezone(LOCAL).date()
        except ValueError as error:
            raise WrongUseError(str(error)) from None
        loader: Any = self.crawler_process.spider_loader
        directory: Directory = loader.directory
        rules = tuple(rule for template in directory.templates.values() for rule in template.lists)
        survey = self._survey(Survey(host, int(opts.requests), rules=rules), opts.warc)
        if wrong := obstacle(survey):
            raise UnknownError(wrong)
        return findings(survey, directory, provinces(), today)

    def _host(self, args: list[str]) -> str:
        """Return the host named, as papers.toml writes it. Raises WrongUseError."""
        assert self.settings is not None
        if len(args) != 1:
            raise WrongUseError(
                f"expected one HOST, found {len(args)}; name one: scrapy discover baovidu.example [--warc FILE …]"
            )
        given = args[0].strip().lower()
        host = host_of(given if "://" in given else f"https://{given}")
        if LOOPBACK.fullmatch(host) and not self.settings.getbool("ALLOW_LOOPBACK"):
            raise WrongUseError(f"{host} is this machine; set ALLOW_LOOPBACK for a test site")
        name, _, port = host.partition(":")
        if HOST.fullmatch(name) and port and not LOOPBACK.fullmatch(host):
            raise WrongUseError(f"expected a HOST without a port, found {host}; a newspaper answers at {name}")
        if not HOST.fullmatch(host) and not LOOPBACK.fullmatch(host):
            raise WrongUseError(f"expected a HOST like baovidu.example, found {args[0]!r}; correct it")
        return host

    def _survey(self, survey: Survey, files: list[str] | None) -> Survey:
        """Ask all there is to ask. Raises UnknownError where the host wants no more requests."""
        assert self.crawler_process is not None
        if files:
            try:
                pages = WarcPages.of(warc_files(map(Path, files)))
            except FileNotFoundError as error:
                raise WrongUseError(str(error)) from None
            survey = replace(survey, offered=pages.addresses(survey.asked_host))
            if not survey.offered:
                raise UnknownError(
                    f"{survey.asked_host}: the WARC files hold no page of it; name others, or another host"
                )
            pages.survey(survey)
            return survey
        told_to_wait: list[int] = []
        self.crawler_process.crawl(SurveySpider, survey=survey, told_to_wait=told_to_wait)
        self.crawler_process.start()
        if told_to_wait:
            asked = f"{survey.asked_host} answers HTTP {told_to_wait[0]}"
            raise UnknownError(f"{asked}: it asks us to wait; try again in an hour")
        return survey

    def _deliver(self, found: Findings, *, as_object: bool) -> None:
        if as_object:
            sys.stdout.write(json.dumps(as_json(found), ensure_ascii=False) + "\n")
            return
        sys.stderr.write("".join(f"{_shown(line)}\n" for line in report(found)))
        sys.stdout.write(as_toml(found))


def _host_behind(opts: argparse.Namespace) -> list[str]:
    """Return the HOST that stands behind the files of --warc (``--warc FILE HOST``) and was taken for one of them."""
    last = opts.warc[-1] if opts.warc and len(opts.warc) > 1 else ""
    if (HOST.fullmatch(last) or LOOPBACK.fullmatch(last)) and not Path(last).exists():
        return [opts.warc.pop()]
    return []


def _shown(line: str) -> str:
    """Return a line of the report in which no terminal finds commands; spaces stay."""
    return "".join(c if c.isprintable() else " " for c in line)
