"""Who wrote and who is credited, read from the line a newsroom prints for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extraction.text import key

WRITERS = (
    r"tin|bài|tin,?\s?bài|nội dung|tác giả|thực hiện|ghi chép|text|lời|dịch|lược dịch|biên dịch"
    r"|tổng hợp|phóng sự|người viết|bài viết|by|theo dõi và ghi"
)
PICTURES = (
    r"ảnh|hình|ảnh minh họa|chùm ảnh|hình ảnh|video|clip|đồ họa|thiết kế|trình bày|photo|infographic"
    r"|kỹ thuật|quay phim|dựng phim|ảnh tư liệu"
)
ALSO = rf"(?:\s*(?:,|và|&|\+|-|–|/)\s*(?:{WRITERS}|{PICTURES}))*"
PICTURE_LABEL = re.compile(rf"^\(?\s*(?:{PICTURES})(?:\s*(?:,|và|&|\+)\s*(?:{PICTURES}))*\s*$", re.IGNORECASE)
BARE_LABEL = re.compile(rf"^(?:{WRITERS}|{PICTURES}){ALSO}$", re.IGNORECASE)
ANY_LABEL = re.compile(
    rf"(?:^|(?<=[\s(.;,/–—-]))(?P<label>(?:{WRITERS}|{PICTURES}){ALSO})\s*(?::|của\b)\s*", re.IGNORECASE
)
THEO = re.compile(
    r"^\(?\s*(?:(?:tin|bài|ảnh)?\s*theo|nguồn(?!\s+(?:ảnh|hình|video))(?:\s(?:tin|bài))?\s?:?)\s*:?\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
NAME_THEO = re.compile(
    r"^(?P<name>[^()]{2,60}?)\s*(?:\(\s*(?:theo|nguồn:?|dịch theo|lược dịch theo|tổng hợp theo"
    r"|tổng hợp từ)\s+(?P<source>[^()]+)\)|[-–,]?\s+(?:theo(?! dõi)|nguồn:)\s+(?P<source2>\S.{1,40}))$",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"^(?P<name>.*?)\s*\((?P<inside>[^()]*)\)\s*$")
ROLES = re.compile(
    r"^(?:nhóm\s+)?(?:p\.?v|pv|c\.?t\.?v|btv|phóng viên|cộng tác viên|biên tập viên|nhóm p\.?v"
    r"|nhóm phóng viên|pv, ctv|pv-ctv|pv - ctv|nhà báo|bút danh|tác giả)\.?(?=$|[\s:(])",
    re.IGNORECASE,
)
PLACEHOLDERS = {
    "bútdanh",
    "tácgiả",
    "têntácgiả",
    "author",
    "admin",
    "administrator",
    "quảntrị",
    "quảntrịviên",
    "bbt",
    "banbiêntập",
    "tòasoạn",
    "toàsoạn",
    "mediatech",
    "neko",
    "vnpt",
    "vdoc",
    "onecms",
    "user",
    "editor",
    "unknown",
    "none",
    "null",
}
NOTES = {
    "tổnghợp",
    "thựchiện",
    "lượcdịch",
    "dịch",
    "st",
    "sưutầm",
    "ghi",
    "lượcghi",
    "biêndịch",
    "ctv",
    "pv",
    "btv",
    "cungcấp",
    "bàivàảnh",
    "tinvàảnh",
    "tinảnh",
    "bàiảnh",
    "th",
    "t.h",
    "giớithiệu",
    "thựchiện)",
    "ảnh",
    "tin",
    "bài",
}
AGENCIES = re.compile(
    r"^(?:ttxvn|vov\d?|vtv\d*|vtc|tttxvn|bnews|vietnam\+|vietnamplus|vnexpress|vietnamnet|dân trí"
    r"|tuổi trẻ|thanh niên|tiền phong|lao động"
    r"|nhân dân|chinhphu\.vn|cổng ttđt.*|qđnd|cand|xinhua|reuters|afp|ap|bbc|cnn|tass|kyodo|yonhap|sputnik)\b.*$",
    re.IGNORECASE,
)
OUTLET = re.compile(
    r"\b(?:báo|tạp chí|đài|cổng|online|news|\w+\.(?:vn|com|net|org))\b|\+|\.vn\b|\.com\b", re.IGNORECASE
)
OUTLET_ALONE = re.compile(
    r"(?:(?:[Bb]áo|[Tt]ạp chí|[Đđ]ài|[Cc]ổng)(?:\s[\w&]+){1,4}|[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org))"
)
TITLES = (
    r"(?:BS|ThS|TS|PGS|GS|LS|KTS|CN|DS|NSƯT|NSND|Bác sĩ|Thạc sĩ|Tiến sĩ|Luật sư|BSCKI{1,2}"
    r"|BS\.?\s?CK\s?I{1,2}|Đại tá|Thượng tá|Trung tá|Nhà văn|Nhà thơ)"
)
UPPER = "".join(c for c in map(chr, range(0x41, 0x1EFA)) if c.isupper() and c.isalpha())
WORD = rf"[{UPPER}][\w'’]*\.?"
NAME = re.compile(rf"^(?:(?:{TITLES})[.,]?\s*)*{WORD}(?:(?:\s|(?<=\.)){WORD}){{0,6}}$")
TOGETHER = re.compile(r"\s*(?:,|;|&|\s[-–—]\s|\svà\s|/)\s*|\s[-–—]\s?|\s?[-–—]\s")
SENTENCE_END = re.compile(r"[^\W\d]{3,}[.!?…]$")
SHORT = 30
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


def parse(line: str) -> Byline | None:
    """Read a line as a byline; None where it cannot be one.

    ``Theo X`` and ``Nguồn: X`` credit X; ``X (Theo Y)`` and ``X/Y`` name author and source; ``Theo PV
    (A/B)`` credits ``A/B``; of labelled parts (``Tin: X - Ảnh: Y``) those that write count.
    """
    line = line.strip().strip("•|*_").strip(" .,;:-–—\u2022") if not line.endswith("…") else line
    if not 1 < len(line) <= MAX_LINE or BARE_LABEL.match(line):
        return None
    if theo := THEO.match(line):
        rest = theo["rest"].strip()
        return _credited(rest.removesuffix(")") if line.startswith("(") else rest)
    if _is_labelled(line):
        return _labelled(line)
    return _named(line)


def _is_labelled(line: str) -> bool:
    """Return whether a line begins with a label, or with a name and then one; a film's or picture's title is none."""
    first = ANY_LABEL.search(line)
    if first is None:
        return False
    if first.start():
        return ":" in first.group() and _person(line[: first.start()]) is not None
    rest = line[first.end() :].strip(" .,;)")
    if "của" in first.group().lower().split() or PICTURE_LABEL.match(first["label"]):
        return (
            is_name(BRACKETED.sub(r"\g<name>", rest)) or bool(OUTLET.search(rest)) or ANY_LABEL.search(rest) is not None
        )
    return True


def credit_at_end(paragraph: str) -> str | None:
    """Return the source that a last paragraph credits in brackets at its end: ``… (Theo X)``."""
    match = CREDIT_AT_END.search(paragraph)
    said = _credited(match["source"].strip()) if match else None
    return said.source if said else None


def is_name(text: str) -> bool:
    """Return whether every part of a line is written like a person's name or initials."""
    parts = [p for p in TOGETHER.split(text) if p]
    return bool(parts) and len(parts) <= 5 and all(NAME.match(p) and any(c.isalpha() for c in p) for p in parts)


def writes(name: str | None, not_persons: frozenset[str] = frozenset()) -> bool:
    """Return whether a name can be a writer: no role, placeholder or address, nor one of ``not_persons`` (keys)."""
    if not name:
        return False
    folded = key(name)
    if not folded or folded in PLACEHOLDERS or folded in not_persons or ROLES.fullmatch(name.strip(". ")):
        return False
    if "@" in name or "//" in name or OUTLET.search(name):
        return False
    account = name.isascii() and " " not in name and name == name.lower()
    return not account and not any(c.isdigit() for c in name) and len(name) <= 80


def _labelled(line: str) -> Byline:
    """Read a line of labelled parts; a name before the first label has written too."""
    line = line.removeprefix("(").removesuffix(")") if line.startswith("(") else line
    labels = list(ANY_LABEL.finditer(line))
    said = [Byline(_person(line[: labels[0].start()]))]
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
        or re.match(r"(?:dõi|đó|ông|bà|đồng chí|quy định|kế hoạch|thống kê|báo cáo|lời)\b", rest, re.IGNORECASE)
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
    if " " in name and is_name(name) and (AGENCIES.match(outlet) or OUTLET.search(outlet)) and not OUTLET.search(name):
        return Byline(name, outlet, labelled=True)
    return Byline(source=rest, labelled=True) if not ROLES.fullmatch(rest) else Byline(labelled=True)


def _named(line: str) -> Byline | None:
    """Read a line that is only names: with what stands behind a stroke or in brackets."""
    readers = (_role, _with_theo, _agency_alone, _with_brackets, _with_stroke)
    said = next(filter(None, (read(line) for read in readers)), None)
    name = None if said else _person(line)
    return said or (Byline(name) if name else None)


def _with_theo(line: str) -> Byline | None:
    match = NAME_THEO.match(line)
    if not match:
        return None
    source = (match["source"] or match["source2"]).strip(" .,;)")
    name = _person(match["name"])
    if match["source2"] and (
        _credited(source) is None or "," in source or (name and " " not in name and not name.isupper())
    ):
        return None
    return Byline(name, source, labelled=True) if name or ROLES.match(match["name"]) else None


def _agency_alone(line: str) -> Byline | None:
    inside = line[1:-1].strip() if line.startswith("(") and line.endswith(")") else line
    if not (AGENCIES.fullmatch(inside) or OUTLET_ALONE.fullmatch(inside)) or len(inside) >= SHORT:
        return None
    return Byline(source=inside, labelled=inside != line)


def _with_brackets(line: str) -> Byline | None:
    match = BRACKETED.match(line)
    name = _person(match["name"]) if match else None
    if not match or not name:
        return None
    inside = match["inside"].strip()
    if key(inside) in NOTES:
        return Byline(name, labelled=True)
    outlet = AGENCIES.match(inside) or OUTLET.search(inside) or inside.isupper()
    return Byline(name, inside, labelled=True) if inside and outlet else None


def _with_stroke(line: str) -> Byline | None:
    left, stroke, right = (part.strip() for part in line.partition("/"))
    name = _person(left) if stroke else None
    if not right or not (name or ROLES.match(left)) or len(right) >= 50:
        return None
    if not right[:1].isupper() and not OUTLET.search(right):
        return None
    return Byline(name, right, labelled=bool(AGENCIES.match(right) or OUTLET.search(right)))


def _role(line: str) -> Byline | None:
    """Read a role that stands for nobody's name, with the agency it may belong to."""
    if not ROLES.fullmatch(line.split("(", maxsplit=1)[0].strip()) or key(line) in PLACEHOLDERS:
        return None
    match = BRACKETED.match(line)
    inside = match["inside"].strip() if match else ""
    return Byline(source=inside if inside and key(inside) not in NOTES else None, labelled=True)


def _person(text: str) -> str | None:
    text = ROLES.sub("", text).strip(" .:,;-–")
    return text if text and is_name(text) and not SENTENCE_END.search(text) else None
