"""The walls of the house (DESIGN, the rooms) and its measures, read from the code itself."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("browse", "crawler", "pipelines")
SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|PRAGMA\s|BEGIN\s+IMMEDIATE"
    r"|SAVEPOINT\s|CREATE\s+(TABLE|VIEW|INDEX|UNIQUE|TRIGGER|VIRTUAL)\s)",
    re.IGNORECASE,
)
LONGEST_FUNCTION = 40
LONGEST_MODULE = 320
HISTORY = {"pipelines/migrations.py"}
"""Only ever added to."""
NO_NAMES = {"utils", "util", "helpers", "helper", "base", "manager", "managers", "common", "misc"}

DATABASE = ("pipelines.archive", "pipelines.migrations")
OWNERS = {
    "trafilatura": ("crawler.extraction",),
    "htmldate": ("crawler.extraction",),
    "warcio": ("crawler.warc", "pipelines.records"),
    "sqlite_utils": DATABASE,
    "sqlite3": (*DATABASE, "browse"),
    "pysqlite3": DATABASE,
    "datasette": ("browse", "crawler.commands.browse"),
    "pyarrow": ("pipelines.exports.columns",),
}
"""Which rooms may import a package that only they know."""

NEVER = {
    "pipelines": ("crawler", "browse", "tests"),
    "crawler": ("browse", "tests"),
    "browse": ("crawler", "pipelines.stages", "pipelines.archive", "tests"),
    "crawler.discovery": ("scrapy", "twisted", "pipelines.archive"),
    "crawler.extraction": ("scrapy", "twisted", "pipelines.archive"),
    "pipelines.duplicates": ("scrapy", "twisted", "pipelines.archive"),
}
"""What a room must not know."""


@dataclass(frozen=True)
class Module:
    """One module of the project: its dotted name, its path and its parsed text."""

    name: str
    path: Path
    tree: ast.Module

    def imports(self, *, at_run_time: bool = False) -> Iterator[str]:
        """Give the dotted names it imports; only those a running program needs ``at_run_time``."""
        skipped = set(map(id, _type_checking(self.tree))) if at_run_time else set()
        for node in ast.walk(self.tree):
            if id(node) in skipped:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from (inner for statement in node.body for inner in ast.walk(statement))


@cache
def modules() -> tuple[Module, ...]:
    found = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return tuple(Module(_name(path), path, ast.parse(path.read_text(encoding="utf-8"))) for path in found)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def within(name: str, rooms: tuple[str, ...]) -> bool:
    """Say whether ``name`` is one of ``rooms`` or inside one (``crawler.warc_reading`` is in ``crawler.warc``)."""
    return any(name == room or name.startswith((f"{room}.", f"{room}_")) for room in rooms)


def offenders(wrong: Callable[[Module, str], bool]) -> list[str]:
    return sorted({f"{m.name} imports {i}" for m in modules() for i in m.imports() if wrong(m, i)})


@pytest.mark.parametrize("package", OWNERS)
def test_only_its_own_room_knows_a_package(package: str) -> None:
    assert not offenders(lambda m, i: within(i, (package,)) and not within(m.name, OWNERS[package]))


@pytest.mark.parametrize("room", NEVER)
def test_a_room_does_not_look_where_it_must_not(room: str) -> None:
    assert not offenders(lambda m, i: within(m.name, (room,)) and within(i, NEVER[room]))


def test_migrations_run_without_the_project() -> None:
    migrations = next(m for m in modules() if m.name == "pipelines.migrations")
    assert {i.partition(".")[0] for i in migrations.imports()} == {"sqlite_utils"}


def test_no_module_needs_itself() -> None:
    names = {m.name for m in modules()}
    graph = {m.name: {_owner(i, names) for i in m.imports(at_run_time=True)} - {"", m.name} for m in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("modules import each other in a circle: " + " -> ".join(error.args[1]))


def _owner(imported: str, names: set[str]) -> str:
    """Return the module of ours that ``imported`` is, or is defined in; ``""`` for another's."""
    return next((name for name in (imported, imported.rpartition(".")[0]) if name in names), "")


def test_sql_is_written_only_where_the_archive_is_known() -> None:
    found = [
        f"{m.path.relative_to(ROOT)}:{text.lineno}: {str(text.value).strip()[:60]}"
        for m in modules()
        if not within(m.name, (*DATABASE, "browse"))
        for text in _texts(m.tree)
        if SQL.match(str(text.value))
    ]
    assert not found


def _texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Give the string constants that are no docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{m.path.relative_to(ROOT)}:{f.lineno}: {f.name} has {lines} lines"
        for m in modules()
        for f in ast.walk(m.tree)
        if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (f.end_lineno or f.lineno) - f.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not long


def test_modules_are_read_in_one_sitting_and_named_for_what_they_know() -> None:
    lengths = {str(m.path.relative_to(ROOT)): len(m.path.read_text(encoding="utf-8").splitlines()) for m in modules()}
    assert not {path: n for path, n in lengths.items() if n > LONGEST_MODULE and path not in HISTORY}
    assert not [path for path in lengths if Path(path).stem in NO_NAMES]


def test_no_paper_has_code_of_its_own() -> None:
    papers = set(tomllib.loads((ROOT / "crawler/papers.toml").read_text(encoding="utf-8")))
    named = [f"{m.name}: {t.value!r}" for m in modules() for t in _texts(m.tree) if t.value in papers]
    assert not named
