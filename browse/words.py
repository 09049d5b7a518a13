"""Knows the words of a text, and each without its marks."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.text import fold

WORD = re.compile(r"\w+")


@lru_cache(maxsize=1 << 16)
def bare(word: str) -> str:
    """Return a word without its marks, in lower case: a language has few words, and they come again."""
    return fold(word)
