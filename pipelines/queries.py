"""Knows how readers type: plain words are one phrase, marks may be left out, no sign is a mistake."""

from __future__ import annotations

import re
import unicodedata

INDEX = "articles_fts"
"""The full-text index that the expressions are for."""
PIECE = re.compile(r'"([^"]*)(?:"|$)|([^"]+)')
WORD = re.compile(r"\w+")
LONGEST = 200
"""Characters of a query that are read."""
NOTHING = '""'
"""An expression that finds nothing and is no mistake."""


def phrases(typed: str) -> list[list[str]]:
    """Return the phrases of what was typed, each a list of words: those in quotes, and each run between."""
    folded = unicodedata.normalize("NFC", typed[:LONGEST]).replace("đ", "d").replace("Đ", "D")
    pieces = (WORD.findall(quoted or plain) for quoted, plain in PIECE.findall(folded))
    return [words for words in pieces if words]


def as_phrases(typed: str) -> str:
    """Return the FTS5 expression that finds all phrases of ``typed``."""
    return " AND ".join(f'"{" ".join(words)}"' for words in phrases(typed)) or NOTHING


def as_words(typed: str) -> str:
    """Return the FTS5 expression that finds all words of ``typed``, wherever they stand."""
    return " AND ".join(f'"{word}"' for words in phrases(typed) for word in words) or NOTHING
