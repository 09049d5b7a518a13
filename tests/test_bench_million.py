"""The archive that reading is measured by is one as a crawl would have made it, and the readers' waiting is told."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bench.million import built
from bench.questions import kinds
from bench.rows import first_of
from bench.sentences import FILES, Sentences
from bench.write_path import SYLLABLES
from pipelines.verifying import CHECKS, check_rows

ARTICLES = 300


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, chance = tmp_path_factory.mktemp("corpora"), random.Random(1)
    for name, field in FILES:
        texts = (" ".join(_sentence(chance) for _ in range(20)) for _ in range(20))
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps({field: text}, ensure_ascii=False) + "\n" for text in texts)
    return folder


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(SYLLABLES, k=chance.randint(8, 30))).capitalize() + " của Lò Thị Mận."


@pytest.fixture(scope="module")
def archive(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ARTICLES, corpora, tmp_path_factory.mktemp("million"))


@pytest.mark.parametrize("check", CHECKS)
def test_verify_finds_nothing_wrong_with_it(archive: Path, check: str) -> None:
    assert check_rows(archive, check).wrong == 0


def test_no_two_articles_share_a_paragraph_but_those_that_are_said_to_be_copies(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as db:
        texts = dict(db.execute("SELECT article_id, text FROM article_text"))
        copies = {row[0] for row in db.execute("SELECT article_id FROM copies")}
    assert len(texts) == ARTICLES
    assert copies == {number for number in texts if first_of(number)}
    said = Counter(line for number, text in texts.items() if number not in copies for line in text.split("\n"))
    assert max(said.values()) == 1


def test_it_is_built_once(archive: Path, corpora: Path) -> None:
    before = archive.stat().st_mtime_ns
    assert built(ARTICLES, corpora, archive.parent) == archive
    assert archive.stat().st_mtime_ns == before


def test_readers_ask_for_words_that_are_there_and_for_articles_that_are_held(archive: Path, corpora: Path) -> None:
    asked = {kind.name: kind.addresses for kind in kinds(archive, Sentences.of(corpora), 20)}
    assert all(asked.values())
    assert "/search?q=L%C3%B2+Th%E1%BB%8B+M%E1%BA%ADn" in asked["search, a name"]
    with closing(sqlite3.connect(archive)) as db:
        uids = {row[0] for row in db.execute("SELECT uid FROM articles")}
    assert {address.removeprefix("/a/") for address in asked["article"]} <= uids
