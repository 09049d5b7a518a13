"""Checks what an operator gave with a command: names and values of settings, the clock, spider arguments."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES, default_settings

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
        elif isinstance(default, int | float):
            _check(settings, name, lambda n: 0 <= settings.getfloat(n) < inf, "a number from 0 up")


def _check(settings: BaseSettings, name: str, is_right: Callable[[str], bool], expected: str) -> None:
    try:
        right = is_right(name)
    except (TypeError, ValueError):
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
