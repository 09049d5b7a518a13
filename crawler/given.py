"""Checks what an operator gave with a command: settings that are numbers, the clock, spider arguments."""

from __future__ import annotations

from math import inf, nan
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.clock import clock_from
from crawler.naming import WrongUseError
from crawler.patience import Rest
from crawler.tables import nearest
from crawler.turn_files import TurnFiles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import BaseSettings

NUMBERS = (
    "BACKFILL_REQUESTS",
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "CRAWL_DELAY_MOST",
    "DAILY_REQUESTS",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "LEAVE_ALONE_FIRST",
    "LEAVE_ALONE_MOST",
    "LISTING_PAGES",
    "POLL_LONGEST",
    "POLL_PATIENCE",
    "POLL_SHORTEST",
    "DRIFT_SAMPLE",
    "RETRY_TIMES",
    "SITEMAP_CHILDREN",
    "SITEMAP_DAYS",
)
"""Settings that are numbers."""
ARGUMENTS = ("since", "until")
"""Spider arguments (``-a NAME=VALUE``)."""
SCHEDULERS = "_"
"""What scrapyd gives to a spider begins so (``_job``)."""


def check_numbers(settings: BaseSettings) -> None:
    """Raise WrongUseError for a setting that must be a number, 0 or more, and is none."""
    for name in NUMBERS:
        try:
            found = settings.getfloat(name)
        except (TypeError, ValueError):
            found = nan
        if not 0 <= found < inf:
            raise WrongUseError(f"setting {name}: expected a number, found {settings[name]!r}; correct it")


def check_manners(settings: BaseSettings) -> None:
    """Raise WrongUseError for a setting REST_HOURS that is no span of the day, or TURNS_DIR that cannot be written."""
    try:
        Rest.of(str(settings["REST_HOURS"] or ""))
        TurnFiles(Path(settings["TURNS_DIR"])).check()
    except (ValueError, OSError) as error:
        raise WrongUseError(str(error)) from None


def check_arguments(names: Iterable[str]) -> None:
    """Raise WrongUseError for a spider argument that no paper's spider knows."""
    for name in names:
        if name not in ARGUMENTS and not name.startswith(SCHEDULERS):
            remedy = nearest(name, ARGUMENTS) or "; correct it, or set a setting with -s"
            raise WrongUseError(f"-a: expected {' or '.join(ARGUMENTS)}, found {name!r}{remedy}")


def start_clock(settings: BaseSettings) -> None:
    """Make the one clock of this process. Raises WrongUseError for a setting CLOCK that is no moment."""
    try:
        settings.set("CLOCK", clock_from(settings["CLOCK"]), priority="cmdline")
    except ValueError as error:
        raise WrongUseError(str(error)) from None
