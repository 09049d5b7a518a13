"""Who wrote and who is credited, read from the line a newsroom prints for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction.credits import (
    AGENCIES,
    ANY_LABEL,
    BARE_LABEL,
    BRACKETED,
    DONE_BY,
    ENGLISH_BY,
    NAME_THEO,
    NAMELESS_SOURCE,
    NOTES,
    OF_PICTURES,
    OUTLET,
    OUTLET_ALONE,
    PICTURE_LABEL,
    PLACEHOLDERS,
    ROLES,
    SYLLABLE,
    THEO,
    WORKS_AT,
    WRITTEN_BY,
)
from crawler.extraction.persons import SENTENCE_END, is_name, is_place, person, writes
from crawler.extraction.text import key
from pipelines.text import fold

SHORT = 30
CREDIT_LONG = 50
"""Characters of the longest credit that is a link; what is longer is a headline."""
ITEM = re.compile(r"\s*[-–+•*]\s+\S.*\.\s*$")
"""An item of a list: a dash before a sentence."""
END_SIGN = re.compile(r"\s*\./\.?\s*$")
EDITORS = re.compile(r"(?:ban biên tập|bbt|t[oò]à? soạn)", re.IGNORECASE)
SIGNED_AT_END = re.compile(r"[.!?…”\"]\s*\((?P<who>[^()]{2,40})\)\s*[./]*\s*$")
QUOTED = re.compile(r"[”\"’»][.!?…]?\s*$")
"""The end of a quotation: whom brackets name behind it has said it."""
ENDED = re.compile(r"[.!?…”\"]$")
CREDIT_AT_END = re.compile(r"\((?:theo|nguồn)\s*:?\s+(?P<source>[^()]{2,50})\)\s*[./]*\s*$", re.IGNORECASE)
MAX_LINE = 110
"""Characters of the longest byline."""


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline says: ``author`` wrote, ``source`` is credited; photographers are neither."""

    author: str | None = None
    source: str | None = None
    labelled: bool = False
    """Whether the line says in words that it is a byline."""


@lru_cache(maxsize=64)  # the lines of a page, which several parts of its reading ask for
def parse(line: str) -> Byline | None:
    """Read a line as a byline; None where it cannot be one.

    ``Theo X`` and ``Nguồn: X`` credit X; ``X (Theo Y)`` and ``X/Y`` name author and source; ``Theo PV
    (A/B)`` credits ``A/B``; of labelled parts (``Tin: X - Ảnh: Y``) those that write count.
    """
    item = ITEM.match(line) is not None
    line = END_SIGN.sub("", line)
    line = line.strip().strip("•|*_").strip(" .,;:-–—\u2022") if not line.endswith("…") else line
    if not 1 < len(line) <= MAX_LINE or BARE_LABEL.match(line):
        return None
    if theo := THEO.match(line):
        rest = theo["rest"].strip()
        return _credited(rest.removesuffix(")") if line.startswith("(") else rest)
    of_pictures = OF_PICTURES.match(line) and line.lower().startswith("nguồn")
    if item or of_pictures:
        return Byline(labelled=True) if of_pictures else None
    if (nameless := NAMELESS_SOURCE.match(line)) and (
        AGENCIES.match(nameless["rest"]) or OUTLET.search(nameless["rest"])
    ):
        return _credited(nameless["rest"])
    if _is_labelled(line):
        return _labelled(line)
    return _named(line)


def _is_labelled(line: str) -> bool:
    """Return whether a line begins with a label, or with a name and then one; a film's or picture's title is none."""
    first = ANY_LABEL.search(line)
    if first is None:
        return False
    if first.start():
        return ":" in first.group() and person(line[: first.start()]) is not None
    rest = line[first.end() :].strip(" .,;)")
    if "của" in first.group().lower().split() or PICTURE_LABEL.match(first["label"]):
        return (
            is_name(BRACKETED.sub(r"\g<name>", rest)) or bool(OUTLET.search(rest)) or ANY_LABEL.search(rest) is not None
        )
    return True


def is_credit(line: str) -> bool:
    """Return whether a short line credits an outlet: ``Theo X``."""
    said = parse(line) if len(line) < CREDIT_LONG and THEO.match(line) else None
    return said is not None and said.source is not None


def is_label(line: str) -> bool:
    """Return whether a line is a byline's label whose name stands in the next line."""
    return line.rstrip().endswith(":") and BARE_LABEL.match(line.strip(" :")) is not None


def credit_at_end(paragraph: str) -> Byline | None:
    """Return whom a last paragraph names in brackets at its end: ``… (Theo X)``, ``… (TTXVN)``, ``…. (Minh Anh)``."""
    if match := CREDIT_AT_END.search(paragraph):
        said = _credited(match["source"].strip())
        return Byline(source=said.source) if said and said.source else None
    match = SIGNED_AT_END.search(paragraph)
    if not match:
        return None
    who = match["who"].strip()
    if AGENCIES.fullmatch(who):
        return Byline(source=who)
    if QUOTED.search(paragraph[: match.start("who") - 1]):
        return None
    return Byline(who) if is_name(who) and " " in who and not OUTLET.search(who) and not is_place(who) else None


def without_credit(paragraph: str, styled: int) -> tuple[str, Byline | None]:
    """Return a last paragraph without who signs behind its last sentence, and who that is.

    That is an agency, outlet or writer in brackets, or what alone of the paragraph is set bold or slanted:
    ``styled`` tells how many characters are.
    """
    match = SIGNED_AT_END.search(paragraph)
    said = credit_at_end(paragraph) if match else None
    if match and said:
        return paragraph[: match.start() + 1], said
    for long in range(styled, min(styled + 3, len(paragraph))) if 1 < styled <= SHORT else ():
        text, who = paragraph[:-long].rstrip(), paragraph[-long:].strip(" .()")
        said = parse(who) if ENDED.search(text) and who else None
        full = " " in who or "." in who or who.isupper()
        if said and (said.source or said.labelled or (writes(said.author) and full)):
            return text, said
    return paragraph, None


def _labelled(line: str) -> Byline:
    """Read a line of labelled parts; a name before the first label has written too."""
    line = line.removeprefix("(").removesuffix(")") if line.startswith("(") else line
    labels = list(ANY_LABEL.finditer(line))
    said = [Byline(person(line[: labels[0].start()]))]
    for label, end in zip(labels, [m.start() for m in labels[1:]] + [len(line)], strict=True):
        if not PICTURE_LABEL.match(label["label"]):
            said.append(_after_label(line[label.end() : end].strip(" .,;-–—")))
    authors = dict.fromkeys(s.author for s in said if s.author)
    return Byline(" - ".join(authors) or None, next((s.source for s in said if s.source), None), labelled=True)


def _after_label(rest: str) -> Byline:
    if not rest or len(rest) > 60 or SENTENCE_END.search(rest):
        return Byline()
    return parse(rest) or Byline(rest)


def _credited(rest: str) -> Byline | None:
    """Read what follows ``Theo``: an outlet, or writer and outlet."""
    rest = rest.strip(" .,;")
    if (
        len(rest) > 70
        or len(rest.split()) > 9
        or re.match(
            r"(?:dõi|đó|ông|bà|đồng chí|quy định|kế hoạch|thống kê|báo cáo|lời"
            r"|nghị (?:định|quyết)|quyết định|thông tư|chỉ thị|công văn|luật|điều|kết luận|hợp đồng|lịch)\b",
            rest,
            re.IGNORECASE,
        )
    ):
        return None
    if match := BRACKETED.match(rest):
        name, inside = match["name"].strip(" -–"), match["inside"].strip()
        if key(inside) in NOTES:
            return Byline(source=name, labelled=True)
        if not name or ROLES.match(name):
            return Byline(source=inside, labelled=True)
        return Byline(name, inside, labelled=True) if is_name(name) else Byline(source=name, labelled=True)
    name, _, outlet = (part.strip() for part in rest.partition("/"))
    if outlet and ROLES.fullmatch(name):
        rest = outlet
    foreign = not all(map(SYLLABLE.fullmatch, fold(name).split()))
    outlets = foreign or AGENCIES.match(name) or OUTLET.search(name)
    if " " in name and is_name(name) and outlet[:1].isupper() and not outlets:
        return Byline(name, outlet, labelled=True)
    return Byline(source=rest, labelled=True) if not ROLES.fullmatch(rest) else Byline(labelled=True)


def _named(line: str) -> Byline | None:
    """Read a line that is only names: with what stands behind a stroke or in brackets."""
    readers = (_role, _with_theo, _agency_alone, _done_by, _works_at, _with_brackets, _with_stroke)
    said = next(filter(None, (read(line) for read in readers)), None)
    name = None if said else person(line)
    return said or (Byline(name) if name else None)


def _with_theo(line: str) -> Byline | None:
    match = NAME_THEO.match(line)
    if not match:
        return None
    source = (match["source"] or match["source2"]).strip(" .,;)")
    name = person(match["name"])
    if OF_PICTURES.match(f"nguồn {source}"):
        return Byline(name, labelled=True) if name else None
    credited = source[:1].isupper() or bool(OUTLET.search(source)) or bool(AGENCIES.match(source))
    if match["source2"] and (
        _credited(source) is None or "," in source or not credited or (name and " " not in name and not name.isupper())
    ):
        return None
    return Byline(name, source, labelled=True) if name or ROLES.match(match["name"]) else None


def _done_by(line: str) -> Byline | None:
    """Read a name with what its bearer did: ``Hải Yến tổng hợp``, ``Reporting by A - Translating by B``."""
    match = ENGLISH_BY.match(line) or WRITTEN_BY.match(line) or DONE_BY.match(line)
    name = person(match["name"]) if match else None
    return Byline(name, labelled=True) if name and (" " in name or "." in name) else None


def _works_at(line: str) -> Byline | None:
    """Read a name with a role or with where its bearer works: ``X - Trung tâm Y``, ``X (Hội Y)``, ``X - CTV``."""
    match = re.match(r"(?P<name>.+?)\s+[-–]\s+(?P<where>\S.*)$", line) or re.match(
        r"(?P<name>[^()]+?)\s*\((?P<where>[^()]+)\)$", line
    )
    match = match or re.match(r"(?P<name>.+?)\s+(?:và|cùng)\s+(?P<where>nhóm .+)$", line, re.IGNORECASE)
    if not match or not (WORKS_AT.match(match["where"]) or ROLES.fullmatch(match["where"].strip(". "))):
        return None
    name = person(match["name"])
    return Byline(name, labelled=True) if name and not AGENCIES.match(name) else None


def _agency_alone(line: str) -> Byline | None:
    inside = line[1:-1].strip() if line.startswith("(") and line.endswith(")") else line
    if not (AGENCIES.fullmatch(inside) or OUTLET_ALONE.fullmatch(inside)) or len(inside) >= SHORT:
        return None
    return Byline(source=inside, labelled=inside != line)


def _with_brackets(line: str) -> Byline | None:
    match = BRACKETED.match(line)
    name = person(match["name"]) if match else None
    if not match or not name:
        return None
    inside = match["inside"].strip()
    if key(inside) in NOTES or OF_PICTURES.match(inside):
        return Byline(name, labelled=True)
    outlet = AGENCIES.match(inside) or OUTLET.search(inside) or inside.isupper()
    return Byline(name, inside, labelled=True) if inside and outlet else None


def _with_stroke(line: str) -> Byline | None:
    left, stroke, right = (part.strip() for part in line.partition("/"))
    if stroke and AGENCIES.fullmatch(left) and (AGENCIES.match(right) or OUTLET.search(right)):
        return Byline(source=line, labelled=True)
    name = person(left) if stroke else None
    if name and ROLES.fullmatch(right.strip(". ")):
        return Byline(name, labelled=True)
    if not right or not (name or ROLES.match(left)) or len(right) >= 50:
        return None
    if not right[:1].isupper() and not OUTLET.search(right):
        return None
    return Byline(name, right, labelled=bool(AGENCIES.match(right) or OUTLET.search(right)))


def _role(line: str) -> Byline | None:
    """Read a role that stands for nobody's name, with the agency it may belong to."""
    if EDITORS.fullmatch(line):
        return Byline(labelled=True)
    if not ROLES.fullmatch(line.split("(", maxsplit=1)[0].strip()) or key(line) in PLACEHOLDERS:
        return None
    match = BRACKETED.match(line)
    inside = match["inside"].strip() if match else ""
    return Byline(source=inside if inside and key(inside) not in NOTES else None, labelled=True)
