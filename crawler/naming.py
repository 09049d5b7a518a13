"""Finds papers and templates by the names an operator types, and says in a sentence what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from crawler.tables import nearest

T = TypeVar("T")
ALL = {"paper": "'scrapy list' shows all", "template": "templates.toml has all"}


class WrongUseError(ValueError):
    """A command was given something wrong; the text is one sentence: where, what, remedy."""


def known(kind: str, name: str, all_known: Mapping[str, T]) -> T:
    """Return what ``name`` names, ``kind`` being ``paper`` or ``template``. Raises WrongUseError with the nearest."""
    if name not in all_known:
        raise WrongUseError(f"unknown {kind} {name!r}{nearest(name, all_known)}; {ALL[kind]}")
    return all_known[name]
