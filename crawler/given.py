"""Checks what an operator gave with a command: names and values of settings, the clock, spider arguments."""

from __future__ import annotations

from functools import partial
from logging import getLevelNamesMapping
from math import inf
from pathlib import Path
from shlex import split
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.settings import SETTINGS_PRIORITIES, default_settings
from scrapy.utils.misc import load_object

from crawler import settings as project
from crawler.clock import clock_from
from crawler.naming import WrongUseError
from crawler.patience import Rest
from crawler.tables import nearest
from crawler.turn_files import TurnFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy.settings import BaseSettings

OURS = {name: value for name, value in vars(project).items() if name.isupper()}
"""The project's settings with their defaults."""
SCRAPYS = {name for name in vars(default_settings) if name.isupper()}
FOREIGN = ("PLAYWRIGHT_", "SCRAPYD_")
"""What settings of others, that our commands are given or give, begin with."""
ARGUMENTS = ("since", "until")
"""Spider arguments (``-a NAME=VALUE``)."""
COMMANDS = ("REPLAY_ONLY", "RUN_COMMAND", "RENDERER", "FEED_URI", "FEED_FORMAT")
"""Settings that commands give themselves."""
SECONDS = (
    "CRAWL_DELAY_MOST",
    "LEAVE_ALONE_FIRST",
    "LEAVE_ALONE_MOST",
    "DOWNLOAD_TIMEOUT",
    "POLL_SHORTEST",
    "POLL_LONGEST",
)
"""Settings that may have a fraction, though their default has none."""
FROM_ONE = ("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "CONCURRENT_ITEMS")
"""Settings by which a crawl would stand still at 0."""
SCHEDULERS = "_"
"""What scrapyd gives to a spider begins so (``_job``)."""


def check_settings(settings: BaseSettings) -> None:
    """Raise WrongUseError for a setting given by ``-s`` that nobody knows, and for a number or switch that is none."""
    for name in settings:
        given = (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["cmdline"]
        if given and name not in SCRAPYS | OURS.keys() and name not in COMMANDS and not name.startswith(FOREIGN):
            raise WrongUseError(f"-s: unknown setting {name!r}{nearest(name, OURS)}; docs/settings.md has all of ours")
    for name, default in OURS.items():
        if isinstance(default, bool):
            _check(settings, name, lambda n: settings.getbool(n) >= 0, "True or False")
        elif isinstance(default, int) and name not in SECONDS:
            least = int(name in FROM_ONE)
            _check(settings, name, partial(_is_whole, settings, least), f"a whole number from {least} up")
        elif isinstance(default, int | float):
            _check(settings, name, lambda n: 0 <= settings.getfloat(n) < inf, "a number from 0 up")
    _check_meanings(settings)


def check_logging(settings: BaseSettings) -> None:
    """Raise WrongUseError for a LOG_LEVEL that is none; Scrapy sets up its log by it before a command begins."""
    _check(
        settings,
        "LOG_LEVEL",
        lambda n: isinstance(settings[n], int) or settings[n] in getLevelNamesMapping(),
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    )


def _check_meanings(settings: BaseSettings) -> None:
    """Raise WrongUseError for a setting whose value nothing can be done with, though its type is right."""
    _check(settings, "DOWNLOAD_TIMEOUT", lambda n: settings.getfloat(n) > 0, "a number above 0")
    longest = settings.getfloat("POLL_LONGEST")
    _check(settings, "POLL_SHORTEST", lambda n: settings.getfloat(n) <= longest, f"POLL_LONGEST ({longest:g}) at most")
    _check(settings, "USER_AGENT", lambda n: bool(str(settings[n] or "").strip()), "a name for the crawler")
    _check(settings, "CONTACT_URL", lambda n: _is_contact(str(settings[n] or "")), "an http, https or mailto address")
    _check(settings, "HEALTH_COMMAND", lambda n: split(str(settings[n] or "")) is not None, "a command, quotes closed")
    _check(
        settings,
        "RETRY_HTTP_CODES",
        lambda n: all(100 <= int(code) <= 599 for code in settings.getlist(n)),
        "statuses from 100 to 599, with commas between",
    )
    check_logging(settings)
    _check(
        settings,
        "NEXT_DUE",
        lambda n: hasattr(load_object(settings[n]), "from_settings"),
        "the path of a class that has from_settings",
    )


def _is_whole(settings: BaseSettings, least: int, name: str) -> bool:
    return settings.getfloat(name) == settings.getint(name) >= least


def _is_contact(address: str) -> bool:
    parts = urlsplit(address)
    return not address or bool(parts.netloc if parts.scheme in ("http", "https") else parts.scheme == "mailto")


def _check(settings: BaseSettings, name: str, is_right: Callable[[str], bool], expected: str) -> None:
    try:
        right = is_right(name)
    except (TypeError, ValueError, OverflowError, ImportError, NameError):
        right = False
    if not right:
        raise WrongUseError(f"setting {name}: expected {expected}, found {settings[name]!r}; correct it")


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
    """Check the settings and make the one clock of this process.

    Raises WrongUseError for a setting that is wrong (`check_settings`), or a CLOCK that is no moment.
    """
    check_settings(settings)
    try:
        settings.set("CLOCK", clock_from(settings["CLOCK"]), priority="cmdline")
    except ValueError as error:
        raise WrongUseError(str(error)) from None
