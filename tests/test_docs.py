"""The documentation says what is there, and its examples run."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler import settings
from crawler.commands.extract import KEYS
from crawler.papers import load
from pipelines.archive import open_archive
from pipelines.exports.fields import FIELDS
from pipelines.items import OUTCOMES
from pipelines.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
COMMANDS = sorted(path.stem for path in (ROOT / "crawler/commands").glob("*.py") if path.stem != "__init__")
SETTINGS = sorted(name for name in vars(settings) if name.isupper() and name not in {"HERE", "ROOT"})
SHADOW = re.compile(r"(articles_fts|articles_exact)_(data|idx|docsize|config)|_?sqlite_\w+")
READMES = ("README.md", "README.vi.md")
CODE = re.compile(r"`([^`\n]+)`")


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return the code blocks of a page that are marked with ``language``."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def rows(name: str) -> list[list[str]]:
    """Return the cells of a page's table rows."""
    lines = (line for line in text(name).splitlines() if line.startswith("| ") and not line.startswith("| ---"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def sections(name: str, level: str) -> dict[str, str]:
    """Return a page's sections of one heading level by heading."""
    parts = re.split(rf"^{level} (.+)$", text(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Database]:
    database = open_archive(tmp_path / "archive.db")
    yield database
    database.close()


def test_every_table_and_view_is_described_with_all_its_columns(archive: Database) -> None:
    told = sections("docs/archive.md", "###")
    for table in archive.table_names():
        if SHADOW.fullmatch(table):
            continue
        section = next((body for heading, body in told.items() if table in heading.split(", ")), None)
        assert section is not None, f"docs/archive.md has no section for the table {table}"
        missing = {c.name for c in archive[table].columns} - set(CODE.findall(section))
        assert not missing, f"docs/archive.md, {table}: {missing}"
    for view in archive.view_names():
        assert f"`{view}`" in text("docs/archive.md")


def test_no_table_is_described_that_does_not_exist(archive: Database) -> None:
    tables = {table for heading in sections("docs/archive.md", "###") for table in heading.split(", ")}
    assert tables <= set(archive.table_names())
    views = set(re.findall(r"^\| `(\w+)`", sections("docs/archive.md", "##")["Views"], re.MULTILINE))
    assert views
    assert views <= set(archive.view_names())


@pytest.mark.parametrize("name", ["docs/archive.md", "docs/deploy.md", "README.md"])
def test_the_queries_of_the_documentation_run(name: str, archive: Database) -> None:
    queries = [q for block in blocks(name, "sql") for q in block.split(";") if q.strip()]
    assert queries
    for query in queries:
        archive.conn.execute(query).fetchall()


def test_every_command_and_each_of_its_options_is_described() -> None:
    told = sections("docs/commands.md", "##")
    for command in COMMANDS:
        assert command in told, f"docs/commands.md has no section for 'scrapy {command}'"
        for option in options(ROOT / f"crawler/commands/{command}.py"):
            assert option in told[command], f"docs/commands.md, {command}: {option}"


def test_no_command_is_described_that_does_not_exist() -> None:
    assert set(sections("docs/commands.md", "##")) == {*COMMANDS, "list", "Scrapy's own"}


def options(path: Path) -> Iterator[str]:
    """Give the options a command's module adds to Scrapy's."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            yield from (
                str(a.value) for a in node.args if isinstance(a, ast.Constant) and str(a.value).startswith("--")
            )


def test_every_outcome_and_key_of_extract_is_described() -> None:
    told = set(CODE.findall(sections("docs/commands.md", "##")["extract"]))
    assert {*OUTCOMES, *KEYS} <= told


def test_every_field_of_an_export_is_described_in_its_order() -> None:
    told = [name for row in rows("docs/commands.md") for name in CODE.findall(row[0])]
    assert [name for name in told if name in FIELDS] == list(FIELDS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_described_with_its_default(name: str) -> None:
    row = next((row for row in rows("docs/settings.md") if row[0] == f"`{name}`"), None)
    assert row is not None, f"docs/settings.md has no row for {name}"
    value: Any = getattr(settings, name)
    if isinstance(value, bool | int | float) or name in {"USER_AGENT", "BOT_NAME", "LOG_LEVEL", "NEXT_DUE"}:
        assert row[1] == f"`{value}`"


def test_no_setting_is_described_that_does_not_exist() -> None:
    told = {CODE.findall(row[0])[0] for row in rows("docs/settings.md") if row[0].startswith("`")}
    assert told == set(SETTINGS)


def test_addresses_are_compared_as_their_page_says() -> None:
    examples = [row for row in rows("docs/urls.md") if row[0].startswith("`http")]
    assert len(examples) >= 5
    for address, key in examples:
        assert url_key(address.strip("`")) == key.strip("`")
    rule = text("docs/urls.md").partition("5. ")[2].partition("6. ")[0]
    named = [name for name in CODE.findall(rule) if "*" not in name]
    assert len(named) > 20
    for name in named:
        assert url_key(f"https://baomau.example/tin?{name}=1") == "https://baomau.example/tin"


def test_the_paper_of_ten_lines_is_a_good_paper(tmp_path: Path) -> None:
    (entry,) = blocks("CONTRIBUTING.md", "toml")
    assert len(entry.splitlines()) <= 10
    mine = tmp_path / "mine.toml"
    mine.write_text(entry, encoding="utf-8")
    (paper,) = load([mine], settings.TEMPLATE_FILES).papers.values()
    assert any(pattern.search("/tin-tuc-a123456.html") for pattern in paper.article)
    keys = set(re.findall(r"`(\w+)`", "".join(row[0] for row in rows("CONTRIBUTING.md"))))
    assert set(re.findall(r"^(\w+) =", entry, re.MULTILINE)) <= keys


def test_every_make_target_is_named_in_the_readme() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert f"make {target}" in text("README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_vietnamese_readme_shows_the_same_commands() -> None:
    shown = [set(re.findall(r"scrapy (\w+)|(--\w+)", "".join(blocks(name, "sh")))) for name in READMES]
    assert shown[0] == shown[1] != set()
