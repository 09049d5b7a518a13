"""``scrapy browse``: opens the archive in datasette, for a reader on this machine."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from crawler.given import check_settings
from crawler.naming import WrongUseError
from pipelines.records import WARC_DIR

if TYPE_CHECKING:
    import argparse

PORT = 8001
CONTACT = "BAOTINH_CONTACT"
"""Where the reading room finds whom to write to (`browse.about`)."""
OPTIONS = {
    "suggest_facets": "off",
    "default_allow_sql": "off",
    "allow_download": "off",
    "allow_csv_stream": "off",
    "sql_time_limit_ms": "2000",
    "facet_time_limit_ms": "1000",
    "max_returned_rows": "1000",
}
"""datasette's settings for an archive that strangers may read (shared FINDINGS 5)."""


class Command(ScrapyCommand):
    """Exit 0 when the reader stops it, 1 without an archive or when datasette fails, 2 wrong use."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--port N]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Open the archive in datasette, on this machine"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the port."""
        super().add_options(parser)
        parser.add_argument("--port", type=int, default=PORT, help=f"port on this machine (default {PORT})")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until stopped; sets the exit code."""
        assert self.settings is not None
        try:
            check_settings(self.settings)
            check_words(args, opts.port)
        except WrongUseError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
            return
        archive = Path(self.settings["ARCHIVE"])
        wrong = problem(archive, opts.port)
        if wrong:
            sys.stderr.write(wrong + "\n")
            self.exitcode = 1
            return
        sys.stdout.write(f"{archive.name} opens at http://127.0.0.1:{opts.port}/ (stop with Ctrl-C)\n")
        sys.stdout.flush()
        os.environ[WARC_DIR] = str(Path(self.settings["WARC_DIR"]).resolve())
        os.environ[CONTACT] = self.settings["CONTACT_URL"]
        self.exitcode = serve(archive, opts.port)


def check_words(args: list[str], port: int) -> None:
    """Raise WrongUseError for an argument, or a port that is none."""
    if args:
        raise WrongUseError(f"expected no argument, found {args[0]!r}; the archive is the setting ARCHIVE")
    if not 0 < port < 65536:
        raise WrongUseError(f"expected a port from 1 to 65535, found {port}; correct it")


def problem(archive: Path, port: int) -> str | None:
    """Return in a sentence why the archive cannot be opened at ``port``, or None."""
    if not archive.is_file():
        return f"{archive}: no archive yet; fill it with 'make crawl', or without a network with 'make demo'"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return f"port {port} cannot be used ({error.strerror}); choose another with --port"
    return None


def serve(archive: Path, port: int) -> int:
    """Run datasette on ``archive`` until it is stopped; return the exit code.

    Scrapy imports every command's module before it runs one; datasette would be a quarter of each command's start.
    """
    from click import ClickException  # noqa: PLC0415
    from datasette.cli import cli  # noqa: PLC0415

    options = [part for name, value in OPTIONS.items() for part in ("--setting", name, value)]
    try:
        cli(["serve", str(archive), "--port", str(port), *options], standalone_mode=False)
    except KeyboardInterrupt:
        return 0
    except ClickException as error:
        sys.stderr.write(f"{archive}: {error.format_message()}\n")
        return 1
    return 0
