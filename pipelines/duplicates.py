"""Judges whether an article is new, the same, a revision, an alias or a copy, from candidates alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Literal

from pipelines.likeness import SHORT, SHORTEST
from pipelines.text import words
from pipelines.urls import numbers_disagree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.items import Article

VerdictKind = Literal["new", "same", "revised", "alias", "copied"]

ALIAS_WITHIN = timedelta(hours=48)
"""Two addresses of one paper with one title and text are one article only this close in time (DESIGN)."""
LONG_PARAGRAPH = 15
"""Syllables below which an equal paragraph proves nothing: a heading, a greeting, a line of the template."""


@dataclass(frozen=True, slots=True)
class Known:
    """An article the archive holds, as far as judging needs it."""

    id: int
    uid: str
    paper: str
    url_key: str
    newsroom: str | None
    title: str
    published: str | None
    first_seen: datetime
    content_sha256: str
    text_sha256: str
    aliases: frozenset[str] = frozenset()
    """Paper and `url_key` (or uid) of its other addresses, joined by a blank."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to the archive: its kind, and the article it belongs to or copies."""

    kind: VerdictKind
    of: Known | None = None
    alias_kind: Literal["newsroom-id", "same-text"] | None = None


def judge(article: Article, paper: str, seen_at: datetime, candidates: Iterable[Known]) -> Verdict:
    """Judge ``article`` of ``paper``, captured at ``seen_at``, against those that share a key with it.

    The rules are DESIGN's ("The path of a page", "Identity"): this article by uid or address first,
    then the same text at another address of the paper, then the same text in another paper.
    """
    known = list(candidates)
    own = next((k for k in known if is_this(article, paper, k)), None)
    if own is not None:
        return _own(article, paper, own)
    if article.words >= SHORTEST:
        same_text = [k for k in known if k.text_sha256 == article.text_sha256]
        reading = article.reading
        ours = (k for k in same_text if k.paper == paper)
        twin = next((k for k in ours if is_twin(reading.title, reading.published, seen_at, k)), None)
        if twin is not None:
            return Verdict("alias", twin, "same-text")
        others = [k for k in same_text if k.paper != paper and (article.words >= SHORT or k.title == reading.title)]
        if others:
            first = min(others, key=order)
            return Verdict("copied", first)
    return Verdict("new")


def order(known: Known) -> tuple[datetime, str]:
    """Sort key of who was first: the time printed, else the time first seen; then the uid.

    Of a day alone its end counts, but no later than the article was first seen.
    """
    if not known.published:
        return (known.first_seen, known.uid)
    printed = datetime.fromisoformat(known.published if "T" in known.published else f"{known.published}T23:59:59+07:00")
    return (printed if "T" in known.published else min(printed, known.first_seen), known.uid)


def gone_everywhere(visits: Iterable[tuple[str, datetime, bool]]) -> datetime | None:
    """Return when the last address of an article vanished; None while one at which it stood is left.

    ``visits`` are (address, moment, was it there) in order of time.
    """
    told: dict[str, list[tuple[datetime, bool]]] = {}
    for address, at, there in visits:
        told.setdefault(address, []).append((at, there))
    since = [gone_since(seen) for seen in told.values() if any(there for _, there in seen)]
    return max(filter(None, since)) if since and all(since) else None


def gone_since(visits: Iterable[tuple[datetime, bool]], confirm: timedelta = timedelta(hours=20)) -> datetime | None:
    """Return when an article vanished: the first refusal that another confirmed ``confirm`` later.

    ``visits`` are (moment, was it there) in order of time; being there again clears what was before.
    """
    first: datetime | None = None
    gone: datetime | None = None
    for at, there in visits:
        if there:
            first = gone = None
        elif first is None:
            first = at
        elif at - first >= confirm:
            gone = first
    return gone


@dataclass(frozen=True, slots=True)
class Told:
    """All that an article's captures told, for judging whether it is another one too."""

    paper: str
    numbers: frozenset[str]
    """The newsroom numbers of all its addresses (`newsroom_id`)."""
    titles: frozenset[tuple[str, str | None]]
    """Its titles, each with when it said it was printed."""
    texts: frozenset[str]
    """Digests of its texts of `SHORTEST` syllables or more."""
    paragraphs: frozenset[str]
    """Its paragraphs of `LONG_PARAGRAPH` syllables or more."""

    @classmethod
    def of(cls, paper: str, numbers: frozenset[str], versions: Iterable[tuple[str, str, str, str | None]]) -> Told:
        """Return what an article's versions told: title, digest of its text, text, and when it was printed."""
        told = list(versions)
        lines = {line for _, _, text, _ in told for line in text.splitlines()}
        return cls(
            paper,
            numbers,
            titles=frozenset((title, at) for title, _, _, at in told),
            texts=frozenset(digest for _, digest, text, _ in told if words(text) >= SHORTEST),
            paragraphs=frozenset(line for line in lines if words(line) >= LONG_PARAGRAPH),
        )

    def is_numbered_apart(self, other: Told) -> bool:
        """Say whether the newsroom counted the two as two: by different numbers of one system, and none in common."""
        pairs = product(self.numbers, other.numbers)
        return self.numbers.isdisjoint(other.numbers) and any(numbers_disagree(*pair) for pair in pairs)


def is_moved(kind: str, source: Told, target: Told, *, onward: bool) -> bool:
    """Say whether two articles are one because an address of ``source`` points at one of ``target``.

    Both had the same title or text at some time: themes get ``canonical`` wrong, and newsrooms send what
    they drop to a notice or the day's lead. Where a paper says ``moved`` of its own address (a permanent
    redirect, and not ``onward`` to its successor), half of the paragraphs of ``source`` are enough: it may have
    been edited with the move. Titles count only where they were not printed `ALIAS_WITHIN` apart: columns
    and prices keep theirs. Never two numbers of one newsroom system, whichever of its addresses carry them.
    """
    if source.paper == target.paper and source.is_numbered_apart(target):
        return False
    both = source.paragraphs & target.paragraphs
    edited = kind == "moved" and not onward and both and 2 * len(both) >= len(source.paragraphs)
    return bool(source.texts & target.texts or edited or _share_title(source, target))


def _share_title(one: Told, other: Told) -> bool:
    days = [
        (_moment(mine), _moment(theirs))
        for title, mine in one.titles
        for other_title, theirs in other.titles
        if title == other_title
    ]
    return any(a is None or b is None or abs(a - b) <= ALIAS_WITHIN for a, b in days)


def is_this(article: Article, paper: str, known: Known) -> bool:
    """Say whether a page of ``paper`` is an article the archive holds: by uid, number or address."""
    own = known.paper == paper and (
        article.uid == known.uid
        or article.url_key == known.url_key
        or (article.newsroom is not None and article.newsroom == known.newsroom)
    )
    return own or bool(known.aliases & {f"{paper} {article.uid}", f"{paper} {article.url_key}"})


def _own(article: Article, paper: str, known: Known) -> Verdict:
    at_home = known.paper == paper and article.url_key == known.url_key
    if not at_home and f"{paper} {article.url_key}" not in known.aliases:
        return Verdict("alias", known, "newsroom-id")
    return Verdict("same" if known.content_sha256 == article.content_sha256 else "revised", known)


def is_twin(title: str | None, published: str | None, seen_at: datetime, known: Known) -> bool:
    """Say whether a page with the text of ``known``, first seen at ``seen_at``, is the same article elsewhere.

    It has the same title and is not `ALIAS_WITHIN` apart: as printed, else as first seen.
    """
    return known.title == title and is_close(published, seen_at, known.published, known.first_seen)


def is_close(one: str | None, one_seen: datetime, other: str | None, other_seen: datetime) -> bool:
    """Say whether two pages are not `ALIAS_WITHIN` apart: as printed, else as seen."""
    mine, theirs = _moment(one), _moment(other)
    if mine is None or theirs is None:
        return abs(one_seen - other_seen) <= ALIAS_WITHIN
    return abs(mine - theirs) <= ALIAS_WITHIN


def _moment(published: str | None) -> datetime | None:
    """Read what the paper printed; a day alone is its midnight at +07:00."""
    if not published:
        return None
    return datetime.fromisoformat(published if "T" in published else f"{published}T00:00:00+07:00")
