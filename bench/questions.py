"""What readers ask an archive for: addresses by kind, drawn of its articles and of the corpora's words."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from pipelines.archive.connection import reading
from pipelines.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bench.sentences import Sentences
    from pipelines.archive.connection import Connection

SEARCH, PAGE, FRONT = 150.0, 300.0, 100.0
"""Milliseconds within which 95 of 100 searches, pages and front pages are to be answered."""
FLOOR = "nothing (/-/actor.json)"
"""The kind that costs what datasette costs: no page of ours is faster."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of address, with some of them; ``bound`` in milliseconds, None where nothing is asked of it."""

    name: str
    addresses: list[str]
    bound: float | None


def kinds(path: Path, sentences: Sentences, each: int) -> list[Kind]:
    """Return all kinds, with ``each`` addresses of each search and a quarter as many of each page."""
    chance = random.Random("questions")
    with reading(path) as db:
        return [
            Kind(FLOOR, ["/-/actor.json"] * each, None),
            *_searches(sentences, chance, each),
            *_pages(db, each // 4),
        ]


def _searches(sentences: Sentences, chance: random.Random, each: int) -> Iterable[Kind]:
    def said(many: int) -> str:
        return sentences.words(chance, many)

    def apart(many: int) -> str:
        return " ".join(said(1) for _ in range(many))

    def name() -> str:
        return next(filter(None, (_name(chance.choice(sentences.held)) for _ in count())))

    asked: dict[str, Callable[[], dict[str, str]]] = {
        "search, 1 word": lambda: {"q": said(1)},
        "search, 2 words of a text": lambda: {"q": said(2)},
        "search, 3 words of a text": lambda: {"q": said(3)},
        "search, 2 words of different texts": lambda: {"q": apart(2)},
        "search, 3 words of different texts": lambda: {"q": apart(3)},
        "search, a name": lambda: {"q": name()},
        "search, 1 to 3 words without marks": lambda: {"q": fold(said(chance.randint(1, 3)))},
        "search, 1 to 3 words, newest first": lambda: {"q": said(chance.randint(1, 3)), "sort": "date"},
        "search, 1 to 3 words and a paper": lambda: {"q": said(chance.randint(1, 3)), "paper": "baothanhhoa"},
        "search, 1 to 3 words and a province": lambda: {"q": said(chance.randint(1, 3)), "province": "Lào Cai"},
        "search, 1 to 3 words and a year": lambda: {"q": said(chance.randint(1, 3)), "year": "2019"},
        "search, 1 to 3 words and a section": lambda: {"q": said(chance.randint(1, 3)), "section": "Y tế"},
        "search, filters alone": lambda: {"paper": "baothanhhoa", "year": str(chance.randint(2015, 2026))},
        "search, a later page": lambda: {"q": said(2), "page": str(chance.randint(2, 20))},
    }
    for kind, ask in asked.items():
        yield Kind(kind, ["/search?" + urlencode(ask()) for _ in range(each)], SEARCH)
    for form in (".json", ".atom"):
        some = [f"/search{form}?" + urlencode({"q": said(chance.randint(1, 3))}) for _ in range(each // 2)]
        yield Kind(f"/search{form}", some, SEARCH)


def _name(sentence: str) -> str:
    """Return the first words in a row of a sentence, but its first, that are written as names are; ``""`` for none."""
    words = re.findall(r"\w+|[^\w\s]+", sentence)[1:]
    runs = (list(run) for is_name, run in groupby(words, lambda word: word.istitle()) if is_name)
    return next((" ".join(run) for run in runs if 2 <= len(run) <= 4), "")


SAMPLES = {
    "uid": "SELECT uid FROM articles WHERE id % (SELECT max(id) / 2000 + 1 FROM articles) = 0",
    "edited": "SELECT uid FROM articles WHERE id IN (SELECT article_id FROM revisions WHERE kind = 'edit' LIMIT 500)",
    "story": "SELECT first_uid FROM stories LIMIT 500",
    "paper": "SELECT name FROM papers",
    "province": "SELECT today FROM provinces",
    "author": "SELECT DISTINCT author FROM authors LIMIT 500",
    "day": "SELECT DISTINCT published_date FROM articles WHERE id % 997 = 5",
}
PAGES = {
    "article": "/a/{uid}",
    "article, JSON": "/a/{uid}.json",
    "what an edit changed": "/a/{edited}/diff?from=1&to=2",
    "story": "/s/{story}",
    "paper": "/p/{paper}",
    "province": "/province/{province}",
    "author": "/author/{author}",
    "day": "/d/{day}",
    "changed": "/changed?page={page}",
    "gone": "/gone?page={page}",
    "syndication": "/syndication?page={page}",
    "papers": "/papers",
    "feed": "/feed.atom",
    "feed of a paper": "/p/{paper}/feed.atom",
    "feed of a province": "/province/{province}/feed.atom",
    "sitemap": "/sitemap.xml",
    "a sitemap's part": "/sitemap-1.xml",
    "table front_page": "/{db}/front_page",
    "table front_page, a paper": "/{db}/front_page?paper={paper}",
    "table front_page, searched": "/{db}/front_page?_search={words}",
    "table articles": "/{db}/articles",
    "table articles, a paper": "/{db}/articles?paper={paper}",
    "table articles, searched": "/{db}/articles?_search={words}",
    "table changed": "/{db}/changed",
    "table gone": "/{db}/gone",
    "table syndication": "/{db}/syndication",
    "table revision_texts": "/{db}/revision_texts",
    "table papers": "/{db}/papers",
    "table runs": "/{db}/runs",
    "table health": "/{db}/health",
    "table coverage": "/{db}/coverage",
    "table layout_days": "/{db}/layout_days",
    "tables": "/{db}",
}
"""Addresses of pages, with what is drawn for each."""


def _pages(db: Connection, each: int) -> Iterable[Kind]:
    chance = random.Random("pages")
    held = {name: [row[0] for row in db.execute(sql)] for name, sql in SAMPLES.items()}
    held["province"] = [fold(name).replace(" ", "-") for name in held["province"]]
    held["author"] = [quote(name) for name in held["author"]]
    (file,) = (row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main")
    fixed = {"db": file.rpartition("/")[2].removesuffix(".db")}
    yield Kind("front page", ["/"] * each, FRONT)
    for name, form in PAGES.items():
        some = []
        for _ in range(each):
            drawn = {key: chance.choice(values) for key, values in held.items() if values}
            words = quote(chance.choice(("đường sắt", "bệnh viện", "thanh hoa", "năm", "giá vàng")))
            some.append(form.format(**drawn, **fixed, page=chance.randint(1, 9), words=words))
        yield Kind(name, some, PAGE)
