"""Knows the language of the search field: what a reader types becomes phrases, signs between them, and fields.

A run of plain words is one phrase, since a Vietnamese word is several syllables (shared FINDINGS 5). ``"…"`` is a
phrase too; ``OR`` and ``NOT`` (or ``-``) stand between phrases, ``AND`` may; ``field:value`` or ``field:"a value"``
asks of one field. No sign is a mistake: what has no meaning is left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from pipelines.text import fold

LONGEST = 200
"""Characters of a query that are read."""
TERMS = 24
"""Phrases and fields of a query that are read."""
COLUMNS = {"title": "title", "author": "author", "lead": "lead", "tieude": "title", "tacgia": "author"}
"""Fields whose words are looked for in one column of the index: in English, and in Vietnamese without marks."""
FILTERS = {
    "paper": "paper", "bao": "paper", "province": "province", "tinh": "province", "source": "source",
    "nguon": "source", "section": "section", "muc": "section", "year": "year", "nam": "year", "from": "from",
    "tu": "from", "to": "to", "den": "to",
}  # fmt: skip
"""Fields that narrow what is found, in English, and in Vietnamese without marks."""
PIECE = re.compile(r'(?P<no>-(?=[\w"]))?(?:(?P<field>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<plain>[^\s"]+))')
WORD = re.compile(r"\w+")
SIGNS = ("AND", "OR", "NOT")
VIETNAMESE_DAY = re.compile(r"(?:\d{1,2}/)?\d{1,2}/\d{4}", re.ASCII)
DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase: its ``words``, the ``column`` of the index it must stand in (None: any), and whether it must not."""

    words: tuple[str, ...]
    column: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed. ``groups``: alternatives, each phrases that must all be there or not be there.

    ``filters``: field (``paper``, ``province``, ``source``, ``section``, ``year``, ``from``, ``to``) and value.
    ``plain``: nothing but one run of words without quotes, which may be looked for one by one as well.
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    filters: dict[str, str] = field(default_factory=dict)
    plain: bool = False

    @property
    def words(self) -> list[str]:
        """Return the words that are to be found, in order."""
        return [word for group in self.groups for term in group if not term.negated for word in term.words]


def read(typed: str) -> Asked:
    """Read what was typed into a search field."""
    groups: list[list[Term]] = [[]]
    filters: dict[str, str] = {}
    run: list[str] = []
    negated = signs = False

    def close() -> None:
        nonlocal negated
        if run:
            groups[-1].append(Term(tuple(run), None, negated))
            run.clear()
            negated = False

    for piece in list(PIECE.finditer(unicodedata.normalize("NFC", typed[:LONGEST])))[: TERMS * 4]:
        said = piece["quoted"] if piece["quoted"] is not None else piece["plain"]
        name = fold(piece["field"] or "")
        if piece["plain"] in SIGNS and not name and not piece["no"]:
            close()
            signs = True
            negated = said == "NOT" or (negated and said == "AND")
            groups += [[]] if said == "OR" and groups[-1] else []
        elif name in FILTERS:
            close()
            filters[FILTERS[name]] = said.strip()
        elif words := WORD.findall(said if name in COLUMNS or not name else piece[0].replace(":", " ")):
            apart = piece["quoted"] is not None or piece["no"] or name in COLUMNS
            if apart:
                close()
                signs = True
                groups[-1].append(Term(tuple(words), COLUMNS.get(name), bool(piece["no"]) or negated))
                negated = False
            else:
                run += words
    close()
    kept = tuple(tuple(group[:TERMS]) for group in groups if any(not term.negated for term in group))
    return Asked(kept[:TERMS], filters, plain=len(kept) == 1 and not signs)


def expression(asked: Asked, *, exact: bool = False, apart: bool = False) -> str:
    """Return the FTS5 expression, or ``""`` where no word is asked for.

    ``exact``: for the index that keeps marks, with both places a tone may stand in; else for the folded one.
    ``apart``: all words of a phrase, wherever they stand.
    """
    return " OR ".join(f"({_group(group, exact=exact, apart=apart)})" for group in asked.groups)


def _group(group: tuple[Term, ...], *, exact: bool, apart: bool) -> str:
    wanted = " AND ".join(_term(term, exact=exact, apart=apart) for term in group if not term.negated)
    unwanted = "".join(f" NOT {_term(term, exact=exact, apart=False)}" for term in group if term.negated)
    return f"({wanted}){unwanted}" if unwanted else wanted


def _term(term: Term, *, exact: bool, apart: bool) -> str:
    words = [word.replace("_", " ") for word in term.words]
    column = f"{{{term.column}}} : " if term.column else ""
    if apart:
        return " AND ".join(f'{column}"{word if exact else _bare(word)}"' for word in words)
    phrase = " ".join(words)
    spelled = spellings(phrase) if exact else [_bare(phrase)]
    found = " OR ".join(f'{column}"{one}"' for one in spelled)
    return f"({found})" if len(spelled) > 1 else found


def spellings(phrase: str) -> list[str]:
    """Return a phrase with its tones in either place they may stand in: ``hoà`` and ``hòa``."""
    return sorted({phrase, _new_style(phrase), _old_style(phrase)})


def _bare(phrase: str) -> str:
    """Replace đ, which no tokenizer folds; the index does the rest."""
    return phrase.replace("đ", "d").replace("Đ", "D")


_TONES = "[\u0300\u0301\u0303\u0309\u0323]"
"""Huyền, sắc, ngã, hỏi, nặng."""
_OLD = re.compile(rf"(?<![qQ])(?:([oO])({_TONES})([aAeE])|([uU])({_TONES})([yY]))(?![\w\u0300-\u036f])")
_NEW = re.compile(rf"(?<![qQ])(?:([oO])([aAeE])({_TONES})|([uU])([yY])({_TONES}))(?![\w\u0300-\u036f])")


def _new_style(phrase: str) -> str:
    """Write ``hòa`` as ``hoà``: the tone over the main vowel."""
    return _restyled(_OLD, phrase)


def _old_style(phrase: str) -> str:
    """Write ``hoà`` as ``hòa``: the tone over the first vowel."""
    return _restyled(_NEW, phrase)


def _restyled(pattern: re.Pattern[str], phrase: str) -> str:
    """Let the last two of each three characters found change places."""

    def moved(found: re.Match[str]) -> str:
        one, two, three = (part for part in found.groups() if part)
        return one + three + two

    return unicodedata.normalize("NFC", pattern.sub(moved, unicodedata.normalize("NFD", phrase)))


def has_marks(words: list[str]) -> bool:
    """Say whether any word has a mark of Vietnamese, so that what is written with it comes first."""
    return any(unicodedata.normalize("NFD", _bare(word)) != word for word in words)


def day_from(value: str, *, last: bool = False) -> str | None:
    """Return the first day (or the last one) of a year, month or day that was typed, as ``2026-11-24``; else None.

    Also as Vietnam writes them: ``24/11/2026``, ``11/2026``.
    """
    written = VIETNAMESE_DAY.fullmatch(value.strip())
    parts = [part.zfill(2) for part in reversed(written[0].split("/"))] if written else []
    found = DAY.match("-".join(parts) or value.strip())
    if not found or not ("01" <= (found[2] or "01") <= "12" and "01" <= (found[3] or "01") <= "31"):
        return None
    month = found[2] or ("12" if last else "01")
    day = found[3] or ("31" if last else "01")
    return f"{found[1]}-{month}-{day}"


def unclear(filters: dict[str, str]) -> dict[str, str]:
    """Return those of the filters by time whose value is no year, month or day."""
    return {name: filters[name] for name in ("from", "to", "year") if name in filters and not day_from(filters[name])}
