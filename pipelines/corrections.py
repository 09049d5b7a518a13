"""A curator's corrections of what an article shows: their words, their form, and how long each stands.

A correction stands until the paper itself prints another value for the field: until a version seen after
it has a value that differs from the one in force when it was made. All of it is told from the versions that
captures show, so that it is the same in an archive made again, and after a re-extraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pipelines import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS = ("title", "lead", "author", "source", "section", "published")
"""What a curator may correct. Not the text: one that is read wrongly is mended in the rules, for all pages like it."""
LOCAL = timezone(timedelta(hours=7))
PRINTED = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?")
DAY = len("2025-03-30")


class CorrectionError(ValueError):
    """A value cannot be a field's; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of an article (``uid``) as a curator knows it; ``made_at`` is UTC, as the archive writes times."""

    uid: str
    field: str
    value: str | None
    reason: str
    made_by: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a version of an article shows in `FIELDS`, and since when (UTC, as the archive writes times)."""

    seen_at: str
    values: Mapping[str, str | None]


def as_value(field: str, typed: str, now: datetime) -> str | None:
    """Return what was typed for a field in the archive's form, None for nothing. Raises CorrectionError."""
    value = text.collapse(text.nfc(text.clean(typed))) or None
    if value is None and field == "title":
        raise CorrectionError("title: expected a title, found nothing; an article is cited by it")
    return _published(value, now) if field == "published" and value else value


def _published(value: str, now: datetime) -> str:
    """Return a time of publication as it is kept: at +07:00, or the day alone. Raises CorrectionError."""
    try:
        read = datetime.fromisoformat(value) if PRINTED.fullmatch(value) else None
    except ValueError:
        read = None
    if read is None:
        raise CorrectionError(
            "published: expected a day or a moment (2025-03-30, 2025-03-30T06:30, Vietnam's time unless it says "
            f"another), found {value!r}"
        )
    at = read.astimezone(LOCAL) if read.tzinfo else read.replace(tzinfo=LOCAL)
    if at > now:
        raise CorrectionError(f"published: expected a time that has been, found {value!r}")
    return at.date().isoformat() if len(value) == DAY else at.isoformat(timespec="seconds")


def standing(told: Sequence[Shown], made: Sequence[Correction]) -> list[tuple[Correction, dict[str, str | None]]]:
    """Return the corrections that changed anything, by time, each with all values as they stood then.

    ``told``: the article's versions in order of time, at least one; ``made``: its corrections in order of time.
    """
    found = []
    for n, one in enumerate(made):
        before, after = (values_at(told, so_far, one.made_at) for so_far in (made[:n], made[: n + 1]))
        if before != after:
            found.append((one, after))
    return found


def values_at(told: Sequence[Shown], made: Sequence[Correction], at: str | None = None) -> dict[str, str | None]:
    """Return what holds of the article at a moment, None for now: what it printed, and the corrections that stand."""
    values = dict((told[-1] if at is None else _in_force(told, at)).values)
    for one in made:
        ended = _ended(told, one)
        if ended is None or (at is not None and at < ended):
            values[one.field] = one.value
    return values


def _in_force(told: Sequence[Shown], at: str) -> Shown:
    return next((version for version in reversed(told) if version.seen_at <= at), told[0])


def _ended(told: Sequence[Shown], one: Correction) -> str | None:
    """Return when the paper printed another value than the one that was corrected, None if it has not."""
    printed = _in_force(told, one.made_at).values[one.field]
    later = (v.seen_at for v in told if v.seen_at > one.made_at and v.values[one.field] != printed)
    return next(later, None)
