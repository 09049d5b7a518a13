"""Whatever bytes come, extraction ends soon, in little memory, with one of its outcomes, and always the same."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.gold import OWN, ROOT, GoldPage, directory, pages_of
from tests.hostile import Fault, faults, processes, with_or_without_template
from tests.mutations import PIECES, STRAYS, mutated, of_one_piece

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from pipelines.items import Reading

pytestmark = pytest.mark.slow
PAGES = pages_of(OWN, directory())
MUTATIONS = int(os.environ.get("BAOTINH_MUTATIONS", "0"))
"""Mutations of each page; without it `FULL` of one page of six newsroom systems, `SAMPLE` of the others."""
FULL, SAMPLE, SYSTEMS = 1000, 40, 6
PARTS = 50
EMPTY = GoldPage("random", b"", "https://baomau.example/tin-tuc/mot-bai-nao-do-123456.html", {})


def many() -> dict[str, int]:
    """Return how many mutations of each page are read."""
    found: dict[str, int] = {}
    systems: set[str] = set()
    for page in PAGES:
        system = page.template.name if page.template else "none"
        seen = system in systems or len(systems) >= SYSTEMS
        found[page.name] = MUTATIONS or (SAMPLE if seen else FULL)
        systems.add(system)
    return found


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes")


@pytest.fixture(scope="module")
def pool(notes: Path) -> Iterator[Executor]:
    with processes(notes) as made:
        yield made


def mutation(page: GoldPage, number: int) -> bytes:
    return mutated(page.page, number)


def truncation(page: GoldPage, number: int) -> bytes:
    return page.page[: len(page.page) * number // PARTS]


def noise(_: GoldPage, number: int) -> bytes:
    """Return random bytes, random characters, or random pieces of markup."""
    chance = random.Random(number)
    size = int(10 ** chance.uniform(0, 4.7))
    if number % 3 == 0:
        return chance.randbytes(size)
    if number % 3 == 1:
        return "".join(chr(chance.randrange(32, 0xD800)) for _ in range(size)).encode()
    words = (
        *STRAYS,
        "Sáng nay, bà con xã Mường Lống vui hội xuống đồng. ",
        " ",
        "\n",
        "Thứ Hai, 14/10/2019 | 08:30 GMT+7",
    )
    return ("<html><p>" + "".join(chance.choices(words, k=size // 10))).encode("utf-8", "replace")


def told(page: GoldPage, found: list[Fault], make: str) -> str:
    shown = "; ".join(f"{fault.number}: {fault.what}" for fault in found[:5])
    return f"{len(found)} faults of {page.name}: {shown}; make the page again with {make}(page, number)"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_mutated_page_is_read_or_refused(pool: Executor, notes: Path, page: GoldPage) -> None:
    found = faults(pool, notes, page, mutation, range(many()[page.name]))
    assert not found, told(page, found, "mutation")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_cut_off_anywhere_is_read_or_refused(pool: Executor, notes: Path, page: GoldPage) -> None:
    found = faults(pool, notes, page, truncation, range(PARTS + 1))
    assert not found, told(page, found, "truncation")


def test_random_bytes_are_read_or_refused(pool: Executor, notes: Path) -> None:
    found = faults(pool, notes, EMPTY, noise, range(600))
    assert not found, told(EMPTY, found, "noise")


def repetition(_: GoldPage, number: int) -> bytes:
    return of_one_piece(number)


def test_a_long_page_of_one_piece_over_and_over_is_read_or_refused(tmp_path: Path) -> None:
    with processes(tmp_path) as pool:
        found = faults(pool, tmp_path, EMPTY, repetition, range(len(PIECES)))
    assert not found, told(EMPTY, found, "repetition")


def test_at_least_six_pages_are_mutated_a_thousand_times() -> None:
    assert sum(number >= FULL for number in many().values()) >= SYSTEMS


def digest() -> str:
    """Return a digest of what is read on every page and some mutations of each."""
    made = hashlib.sha256()
    for page in PAGES:
        for number, body in enumerate([page.page, page.page, *(mutated(page.page, n) for n in range(3))]):
            made.update(repr(with_or_without_template(page, body, number)).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def test_every_process_reads_the_same() -> None:
    code = "from tests.test_extraction_properties import digest; print(digest())"
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code]
        found.add(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)
    assert found == {digest() + "\n"}


def raises(page: GoldPage, body: bytes, number: int) -> Reading:
    if number == 8:
        raise ZeroDivisionError(len(body))
    return with_or_without_template(page, body, number)


def devours(page: GoldPage, body: bytes, number: int) -> Reading:
    return with_or_without_template(page, body * 10**9 if number == 8 else body, number)


def wavers(page: GoldPage, body: bytes, number: int) -> Reading:
    return with_or_without_template(page, os.urandom(9).hex().encode() + body if number == 8 else body, 1)


@pytest.mark.parametrize(
    ("read", "says"), [(raises, "ZeroDivisionError"), (devours, "MemoryError"), (wavers, "read differently")]
)
def test_a_reader_that_fails_is_found_out(pool: Executor, notes: Path, read: object, says: str) -> None:
    page = PAGES[0]
    (fault,) = faults(pool, notes, page, truncation, range(5, 10), read)  # type: ignore[arg-type]
    assert (fault.name, fault.number) == (page.name, 8)
    assert says in fault.what


def test_a_page_that_kills_its_reader_is_named(tmp_path: Path) -> None:
    with processes(tmp_path) as doomed:
        found = faults(doomed, tmp_path, PAGES[0], truncation, [3], dies)
    assert (PAGES[0].name, 3) in {(fault.name, fault.number) for fault in found}


def dies(_: GoldPage, __: bytes, ___: int) -> Reading:
    os.abort()
