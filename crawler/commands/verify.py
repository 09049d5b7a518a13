"""``scrapy verify``: says whether the archive and its WARC files are what they should be."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.clock import clock_from
from crawler.failures import printable
from crawler.given import check_settings
from crawler.stopping import StoppedError, say, stoppable
from pipelines import warc_index
from pipelines.archive import ArchiveError
from pipelines.archive.connection import reading
from pipelines.faults import Fault
from pipelines.fixity import ManifestError, manifest, read_manifest
from pipelines.verifying import Outcome, Plan, against, seal, verify

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

JSON_KEYS = ("articles", "captures", "records", "files", "files_read", "bytes_read", "growing")


class Command(ScrapyCommand):
    """Exit 0 when nothing is wrong, 1 when something is or the archive cannot be read, 2 wrong use."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[--quick] [options]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Say whether archive and WARC files are sound, and name what is not"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command."""
        super().add_options(parser)
        parser.add_argument("--quick", action="store_true", help="read a sample of the records, not all of them")
        parser.add_argument("--seed", type=int, help="draw the sample that an earlier --quick printed this number of")
        parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
        parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
        parser.add_argument("--seal", action="store_true", help="keep the sha256 of finished WARC files in the archive")
        parser.add_argument("--manifest", metavar="FILE", help="write the sha256 of all finished WARC files to FILE")
        parser.add_argument("--against", metavar="FILE", help="compare the WARC files with a list of --manifest")
        parser.add_argument("--cdxj", metavar="FILE", help="write the index by which pywb finds the captures to FILE")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Verify, write what is asked for, and set the exit code."""
        plan = self._plan(args, opts)
        try:
            with stoppable():
                outcome = _verified(plan, opts)
        except StoppedError as error:
            self.exitcode = say(error, "nothing was found out")
            return
        except (ArchiveError, ManifestError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 1
            return
        sys.stdout.write(f"{_as_json(outcome, plan) if opts.json else _told(outcome, plan)}\n")
        self.exitcode = 1 if outcome.faults.wrong else 0

    def _plan(self, args: list[str], opts: argparse.Namespace) -> Plan:
        assert self.settings is not None
        if args:
            raise UsageError(f"expected options alone, found {args[0]!r}; the archive is the setting ARCHIVE")
        if opts.seed is not None and not opts.quick:
            raise UsageError("--seed: only a sample is drawn; add --quick", print_help=False)
        if opts.jobs is not None and opts.jobs < 1:
            raise UsageError(f"--jobs: expected 1 or more, found {opts.jobs}", print_help=False)
        try:
            check_settings(self.settings)
            now = clock_from(self.settings["CLOCK"]).now()
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        return Plan(
            archive=Path(self.settings["ARCHIVE"]),
            warc_dir=Path(self.settings["WARC_DIR"]),
            now=now,
            quick=opts.quick,
            unsealed=opts.seal,
            seed=int(f"{now:%Y%m%d}") if opts.seed is None else opts.seed,
            jobs=opts.jobs or os.cpu_count() or 1,
        )


def _verified(plan: Plan, opts: argparse.Namespace) -> Outcome:
    """Verify, and write what is asked for."""
    listed = _listed(opts.against)
    outcome = verify(plan, _progress if sys.stderr.isatty() else lambda _line: None)
    if listed is not None:
        outcome.faults.add(against(outcome.digests, listed, opts.against))
    if opts.seal:
        seal(plan, outcome.sound)
    if opts.manifest:
        _write(Path(opts.manifest), [manifest(outcome.digests)])
        _tell_left_out(outcome, opts.manifest)
    if opts.cdxj:
        with reading(plan.archive) as db:
            _write(Path(opts.cdxj), (f"{line}\n" for line in warc_index.lines(db)))
    return outcome


def _listed(name: str | None) -> dict[str, str] | None:
    """Return the list of digests that is compared with. Raises UsageError for what is none."""
    if name is None:
        return None
    try:
        with Path(name).open(encoding="utf-8") as file:
            return read_manifest(file, name)
    except ManifestError as error:
        raise UsageError(str(error), print_help=False) from None
    except (OSError, UnicodeDecodeError) as error:
        told = f"{name}: expected a list of digests, found none ({error}); correct --against"
        raise UsageError(told, print_help=False) from None


def _tell_left_out(outcome: Outcome, name: str) -> None:
    left = outcome.files - outcome.growing - len(outcome.digests)
    if left:
        sys.stderr.write(
            f"{name}: without {left} finished WARC files, which have no digest that is sure; verify without --quick, "
            "and see what is wrong with them\n"
        )


def _write(path: Path, parts: Iterable[str]) -> None:
    """Write a file whole or not at all. Raises ManifestError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ManifestError(f"{path}: cannot be written ({error.strerror}); correct the path or make room") from None


def _told(outcome: Outcome, plan: Plan) -> str:
    found = outcome.faults
    lines = [printable(f"{'note: ' if fault.harmless else ''}{fault}") for fault in found.shown]
    for harmless, counts in ((False, found.counts), (True, found.notes)):
        for check, count in sorted(counts.items()):
            shown = sum(f.check == check and f.harmless == harmless for f in found.shown)
            if count > shown:
                lines.append(f"{'note: ' if harmless else ''}{check}: {count - shown} more of this kind")
    lines.append(
        f"{outcome.articles} articles, {outcome.captures} captures, {outcome.files} WARC files; read {outcome.records} "
        f"records and {outcome.files_read} whole files of {outcome.bytes_read} bytes"
        + (f" (a sample, --seed {plan.seed})" if plan.quick else "")
        + f": {f'{found.wrong} things wrong' if found.wrong else 'nothing wrong'}"
    )
    return "\n".join(lines)


def _as_json(outcome: Outcome, plan: Plan) -> str:
    found = outcome.faults
    said: dict[str, Any] = {name: getattr(outcome, name) for name in JSON_KEYS}
    said |= {"quick": plan.quick, "seed": plan.seed if plan.quick else None}
    said |= {"wrong": found.wrong, "counts": dict(found.counts), "notes": dict(found.notes)}
    return json.dumps(said | {"faults": [_fault(f) for f in found.shown]}, ensure_ascii=False)


def _fault(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


def _progress(line: str) -> None:
    sys.stderr.write(f"\r{line}")
