"""How well a reading matches what a careful archivist keeps of a page: the measures, page by page and over all.

Body F1 counts runs of four words, as scrapinghub/article-extraction-benchmark does, after NFC; the lead
is taken out of both sides first, so that it may stand in the text or apart.
"""

from __future__ import annotations

import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

ICT = timezone(timedelta(hours=7))
UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
RUN = 4
"""Words of the runs that are counted."""
LONG = 4
"""Words from which a paragraph said twice, or a caption in the text, counts."""
LEAD_ENOUGH = 0.9
"""F1 from which a lead is found."""
RIGHT = ("title", "author", "source", "section", "minute", "day", "lead")
"""Measures of a page that are true or false; true is better."""
SHARES = ("p", "r", "f1", "tags", "captions")
"""Measures of a page from 0 to 1; more is better."""
WRONG = ("leaks", "dups", "caption_leaks", "extra_captions")
"""Lists of what is wrong on a page; none is best."""


def norm(value: object) -> str:
    """Return a text on one line: NFC, white space collapsed, unseen characters gone; None is empty."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", str(value or "")).translate(UNSEEN)).strip()


def tokens(value: object) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"\w+", norm(value))


def runs(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Return how often each run of `RUN` words stands in a text; a shorter text is one run."""
    return Counter(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1)) if words)


def without(words: list[str], part: list[str]) -> list[str]:
    """Return ``words`` with every occurrence of ``part`` taken out."""
    if not part:
        return words
    kept, here = [], 0
    while here < len(words):
        if words[here : here + len(part)] == part:
            here += len(part)
        else:
            kept.append(words[here])
            here += 1
    return kept


def shares(gold: Counter[Any], found: Counter[Any]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of two multisets."""
    common = sum((gold & found).values())
    precision = common / sum(found.values()) if found else float(not gold)
    recall = common / sum(gold.values()) if gold else 1.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def moment(value: object) -> datetime | None:
    """Return an ISO moment to the minute at +07:00; a naive one is local, a day is its midnight, else None."""
    try:
        at = datetime.fromisoformat(norm(value))
    except ValueError:
        return None
    at = at.replace(tzinfo=ICT) if at.tzinfo is None else at.astimezone(ICT)
    return at.replace(second=0, microsecond=0)


def holds(text: str, line: str) -> bool:
    """Return whether a normed line stands in a normed text, not within a word."""
    return re.search(rf"(?<!\w){re.escape(line)}(?!\w)", text) is not None


def score(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the measures of one page: `RIGHT`, `SHARES`, `WRONG`, ``lead_in_text`` and ``outcome``.

    ``gold`` has the keys of `bench.gold`, ``found`` those of ``scrapy extract``. A page that is no article
    is measured by its outcome alone.
    """
    if gold.get("outcome", "article") != "article":
        return {"outcome": found.get("outcome") == gold["outcome"]}
    return {
        "outcome": bool(found) and found.get("outcome", "article") == "article",
        **_text(gold, found),
        **_fields(gold, found),
        **_captions(gold, found),
    }


def _text(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    lead, text = tokens(gold.get("lead")), found.get("text") or ""
    words = tokens(text)
    rest = without(words, lead)
    precision, recall, f1 = shares(runs(without(tokens("\n".join(gold["body"])), lead)), runs(rest))
    flat, own = norm(text), _own(gold)
    mine = Counter(norm(p).casefold() for p in gold["body"])
    lines = Counter(norm(line).casefold() for line in text.splitlines() if len(line.split()) >= LONG)
    return {
        "p": precision,
        "r": recall,
        "f1": f1,
        "lead_in_text": bool(lead) and rest != words,
        "leaks": [line for line in map(norm, gold["noise"]) if holds(flat, line) and not holds(own, line)],
        "dups": [line for line, times in lines.items() if times > max(1, mine[line])],
    }


def _own(gold: Mapping[str, Any]) -> str:
    return norm(" ".join([gold["title"] or "", gold.get("lead") or "", *gold["body"]]))


def _fields(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    exact = ("title", "author", "source", "section")
    wanted, got = moment(gold["published"]), moment(found.get("published"))
    lead = tokens(gold.get("lead"))
    led = shares(runs(lead), runs(tokens(found.get("lead"))))[2] >= LEAD_ENOUGH if lead else not norm(found.get("lead"))
    return {
        **{key: norm(found.get(key)).casefold() == norm(gold.get(key)).casefold() for key in exact},
        "minute": got == wanted,
        "day": got is not None and wanted is not None and got.date() == wanted.date(),
        "lead": led,
        "tags": shares(_tags(gold), _tags(found))[2],
    }


def _tags(facts: Mapping[str, Any]) -> Counter[str]:
    return Counter({norm(tag).casefold() for tag in facts.get("tags") or []})


def _captions(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    captions, told = [norm(c) for c in gold["captions"]], found.get("captions") or []
    everything = norm(" \n ".join(c if isinstance(c, str) else json.dumps(c, ensure_ascii=False) for c in told))
    given = [norm(c if isinstance(c, str) else c.get("caption", "")) for c in told]
    flat, own = norm(found.get("text")), _own(gold)
    return {
        "captions": statistics.mean(holds(everything, c) for c in captions) if captions else None,
        "caption_leaks": [c for c in captions if len(c.split()) >= LONG and holds(flat, c) and not holds(own, c)],
        "extra_captions": [c for c in given if c and not any(c == o or holds(o, c) or holds(c, o) for o in captions)],
    }


def overall(pages: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the measures over all pages: means of `RIGHT` and `SHARES`, sums of `WRONG`, the worst body F1."""
    articles = [page for page in pages.values() if "f1" in page]
    told: dict[str, float] = {}
    for key in (*SHARES, *RIGHT):
        values = [float(page[key]) for page in articles if page[key] is not None]
        told[key] = round(statistics.mean(values), 4) if values else 1.0
    told |= {key: sum(len(page[key]) for page in articles) for key in WRONG}
    told["lead_in_text"] = sum(page["lead_in_text"] for page in articles)
    told["outcome"] = round(statistics.mean(float(page["outcome"]) for page in pages.values()), 4)
    told["pages"] = len(articles)
    told["f1_worst"] = round(min((page["f1"] for page in articles), default=1.0), 4)
    return told
