"""``scrapy extract``: prints what extraction reads on saved pages, one JSON object a page."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.discovery.links import paper_for
from crawler.extraction import extract
from crawler.given import check_settings
from crawler.naming import WrongUseError, known
from crawler.papers import DataError, Directory, load

if TYPE_CHECKING:
    import argparse

    from pipelines.items import Paper, Reading, Template

KEYS = (
    "url", "canonical_url", "paper", "template", "outcome", "reason", "language", "title", "lead", "author", "source",
    "published", "published_precision", "modified", "section", "tags", "captions", "images", "text", "provenance",
)  # fmt: skip
"""The keys of a page's JSON object, in this order (DESIGN, contracts)."""
NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """One page to read; ``name`` is its file in --out."""

    path: Path
    url: str | None
    name: str = ""


def as_json(reading: Reading) -> dict[str, Any]:
    """Return a reading as the JSON object of the contract: null or [] where nothing was found."""
    facts = asdict(reading)
    return {key: facts[key] for key in KEYS}


class Command(ScrapyCommand):
    """Exit 0 when every page was read, whatever its outcome; 2 for wrong use, with nothing written."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[options] FILE… | --batch TSV --out DIR"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Read saved pages and print title, text and all other fields as JSON"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--url", help="address the page was fetched from (default: the one it names itself)")
        parser.add_argument("--paper", help="paper the pages are of (default: the one whose host the address has)")
        parser.add_argument(
            "--template",
            metavar="NAME|none",
            help="newsroom system to read with (default: the paper's); none: use no paper data at all",
        )
        parser.add_argument("--batch", metavar="TSV", help="file of lines id<TAB>path<TAB>url")
        parser.add_argument("--out", metavar="DIR", help="folder for one <id>.json a line of --batch")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the pages and print or write them; one sentence on stderr for what prevents it."""
        try:
            self._run(args, opts)
        except (WrongUseError, DataError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        check_settings(self.settings)
        get = self.settings.getlist
        directory = load(get("PAPER_FILES"), get("TEMPLATE_FILES"), allow_loopback=True)
        chosen = _Choice.of(directory, opts)
        tasks = _batch(opts) if opts.batch else _files(args, opts)
        for task in tasks:
            if not task.path.is_file():
                raise WrongUseError(f"{task.path}: no such file; correct the path")
        out = _folder(opts)
        for task in tasks:
            _deliver(task, json.dumps(as_json(chosen.read(task)), ensure_ascii=False), out)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which paper and template the pages are read with."""

    directory: Directory
    paper: Paper | None
    template: Template | None
    bare: bool

    @classmethod
    def of(cls, directory: Directory, opts: argparse.Namespace) -> _Choice:
        paper = known("paper", opts.paper, directory.papers) if opts.paper else None
        bare = opts.template == NONE
        template = known("template", opts.template, directory.templates) if opts.template and not bare else None
        return cls(directory, paper, template, bare)

    def read(self, task: Task) -> Reading:
        body = task.path.read_bytes()
        url = task.url or extract(body, "").canonical_url or task.path.resolve().as_uri()
        if self.bare:
            return extract(body, url)
        paper = self.paper or paper_for(url, self.directory.papers.values())
        template = self.template or (self.directory.template_for(paper) if paper else None)
        return extract(body, url, paper=paper, template=template)


def _files(args: list[str], opts: argparse.Namespace) -> list[Task]:
    if not args:
        raise WrongUseError("expected FILE… or --batch TSV --out DIR, found neither")
    if opts.url and len(args) > 1:
        raise WrongUseError(f"--url names one page, found {len(args)} files; use --batch for several")
    return [Task(Path(arg), opts.url) for arg in args]


def _batch(opts: argparse.Namespace) -> list[Task]:
    """Read the lines of --batch. Raises WrongUseError with file and line for the first that is wrong."""
    if not opts.out:
        raise WrongUseError("--batch needs --out DIR for the results; add it")
    try:
        lines = Path(opts.batch).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        sentence = f"{opts.batch}: not readable as lines of text: {error}; correct the file"
        raise WrongUseError(sentence) from None
    tasks = [_line(opts.batch, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    names = [t.name for t in tasks]
    for name in names:
        if names.count(name) > 1:
            raise WrongUseError(f"{opts.batch}: id {name!r} stands on several lines; give each its own")
    return tasks


def _line(file: str, number: int, line: str) -> Task:
    place = f"{file}, line {number}"
    parts = line.split("\t")
    if len(parts) != 3 or not all(p.strip() for p in parts):
        raise WrongUseError(f"{place}: expected id<TAB>path<TAB>url, found {line[:80]!r}; correct the line")
    name, path, url = (p.strip() for p in parts)
    if Path(name).name != name or name in (".", ".."):
        raise WrongUseError(f"{place}: id {name!r} is no file name; leave out slashes")
    return Task(Path(path), url, name)


def _folder(opts: argparse.Namespace) -> Path | None:
    if not opts.out:
        return None
    if not opts.batch:
        raise WrongUseError("--out goes with --batch TSV; add it, or leave --out away")
    out = Path(opts.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"{out}: cannot be a folder for the results: {error.strerror}; name another"
        raise WrongUseError(sentence) from None
    return out


def _deliver(task: Task, text: str, out: Path | None) -> None:
    """Print one line, or write one file whole: it is there complete or not at all."""
    if out is None:
        sys.stdout.write(text + "\n")
        return
    unfinished = out / f".{task.name}.part"
    unfinished.write_text(text + "\n", "utf-8")
    unfinished.replace(out / f"{task.name}.json")
