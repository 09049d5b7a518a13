"""Checks what an operator gave with a command: settings that are numbers, the clock, spider arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.clock import clock_from
from crawler.naming import WrongUseError
from crawler.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import BaseSettings

NUMBERS = (
    "BACKFILL_REQUESTS",
    "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_DELAY_JITTER",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
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
    """Raise WrongUseError for a setting that must be a number and is none."""
    for name in NUMBERS:
        try:
            settings.getfloat(name)
        except (TypeError, ValueError):
            raise WrongUseError(f"setting {name}: expected a number, found {settings[name]!r}; correct it") from None


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
