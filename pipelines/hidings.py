"""The words of hiding an article and of showing it again, so that archive and WARC files say them alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from datetime import datetime

State = Literal["hidden", "undone"]
STATES = get_args(State)


@dataclass(frozen=True, slots=True)
class Hiding:
    """That the article ``uid`` at ``url`` was hidden for a reason, or shown again (``undone``), and when (UTC)."""

    uid: str
    url: str
    at: datetime
    state: State
    reason: str = ""
