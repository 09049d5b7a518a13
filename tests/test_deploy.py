"""What deploy/ holds runs: scrapyd crawls a paper on request, units and lines are taken, a backup is an archive."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.crawling import ROOT, Desk, clock

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY = ROOT / "deploy"
SCRAPYD = Path(sys.prefix).parent / ".venv-scrapyd" / "bin"
"""scrapyd and its client with baotinh, which `make test` installs beside .venv."""
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
LINES = re.compile(r"scrapy ([a-z]+)((?: --?[a-z-]+)*)$", re.MULTILINE)
LACKING = "{} is not installed here; CI installs it: apt-get install {}"


def needs(program: str, package: str) -> None:
    """Skip a test where a program of the system is not there, but not in CI."""
    if shutil.which(program):
        return
    if os.environ.get("CI"):
        pytest.fail(LACKING.format(program, package))
    pytest.skip(LACKING.format(program, package))


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scrapyd(folder: Path) -> Iterator[str]:
    """Run scrapyd as deploy/scrapyd says, on a free port, and deploy to it; give its address."""
    assert (SCRAPYD / "scrapyd").exists(), f"{SCRAPYD} is not there; run 'make .venv-scrapyd/.ready'"
    shutil.copytree(DEPLOY / "scrapyd", folder)
    port = str(free_port())
    for name in ("scrapy.cfg", "scrapyd.conf"):
        file = folder / name
        file.write_text(file.read_text().replace("6800", port).replace("poll_interval = 5.0", "poll_interval = 0.2"))
    programs = {**os.environ, "PATH": f"{SCRAPYD}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    with (folder / "scrapyd.log").open("wb") as log:
        started = subprocess.Popen(
            [SCRAPYD / "scrapyd", "--pidfile="], cwd=folder, env=programs, stdout=log, stderr=log
        )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                asked(f"{base}/daemonstatus.json")
                break
            except URLError:
                time.sleep(0.1)
        told = subprocess.run(
            [SCRAPYD / "scrapyd-deploy"], cwd=folder, env=programs, capture_output=True, text=True, check=False
        )
        assert '"status": "ok"' in told.stdout + told.stderr, told.stderr
        yield base
    finally:
        started.terminate()
        started.wait(20)


def asked(url: str, **values: str | list[str]) -> dict[str, Any]:
    """Return what scrapyd's HTTP interface answers; with values they are posted."""
    body = urlencode(values, doseq=True).encode() if values else None
    with urlopen(url, body, timeout=30) as answer:
        found = json.load(answer)
    assert found["status"] == "ok", found
    return dict(found)


def finished(base: str, job: str) -> dict[str, Any]:
    """Wait for a job's end and return what scrapyd lists of it."""
    for _ in range(600):
        jobs = asked(f"{base}/listjobs.json?project=baotinh")["finished"]
        if found := next((one for one in jobs if one["id"] == job), None):
            return dict(found)
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not end")


@pytest.mark.slow
def test_scrapyd_crawls_a_paper_into_the_archive_on_request(
    crawled: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, crawled.sites)
    monkeypatch.setattr(desk.sites, "day", 1)
    # scrapyd knows the papers of the project's own file; one of them is printed on this machine today.
    here = tmp_path / "here.toml"
    here.write_text((tmp_path / "papers.toml").read_text().replace("[demo-songnguon]", "[baothanhhoa]"))
    given = {**desk.settings, "CLOCK": clock(1), "PAPER_FILES": str(here)}
    with scrapyd(tmp_path / "scrapyd") as base:
        settings = [f"{name}={value}" for name, value in given.items()]
        job = asked(f"{base}/schedule.json", project="baotinh", spider="baothanhhoa", setting=settings)["jobid"]
        finished(base, job)
    assert desk.rows("SELECT count(*) > 3 FROM articles") == [(1,)]
    assert desk.rows("SELECT paper, reason FROM runs") == [("baothanhhoa", "finished")]
    assert desk.scrapy("verify").returncode == 0


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_units(unit: Path) -> None:
    needs("systemd-analyze", "systemd")
    told = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    said = [line for line in told.stderr.splitlines() if unit.name in line and "is not executable" not in line]
    assert said == []


def test_each_timer_starts_a_service_that_is_there() -> None:
    timers = {path.stem for path in UNITS if path.suffix == ".timer"}
    assert timers == {path.stem for path in UNITS if path.suffix == ".service"}


@pytest.mark.parametrize("name", ["crontab", *(path.name for path in UNITS if path.suffix == ".service")])
def test_commands_and_options_of_units_and_lines_are_ours(name: str, crawled: Desk) -> None:
    lines = LINES.findall((DEPLOY / name).read_text())
    assert lines or "deploy/backup" in (DEPLOY / name).read_text()
    for command, options in lines:
        told = crawled.scrapy(command, "-h").stdout
        assert all(option in told for option in options.split()), (command, options, told)


def backup(desk: Desk, *words: str) -> subprocess.CompletedProcess[str]:
    given = {
        "ARCHIVE": str(desk.archive),
        "WARC_DIR": str(desk.warc),
        "SQLITE_UTILS": str(Path(sys.executable).parent / "sqlite-utils"),
    }
    return subprocess.run(
        [DEPLOY / "backup", *words], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )


def test_a_backup_is_an_archive_that_verifies(crawled: Desk, tmp_path: Path) -> None:
    needs("rsync", "rsync")
    kept = tmp_path / "kept"
    kept.mkdir()
    for _ in range(2):
        told = backup(crawled, str(kept))
        assert told.returncode == 0, told.stderr
    copy = Desk(tmp_path, crawled.sites)
    copy.settings |= {"ARCHIVE": str(kept / "archive.db"), "WARC_DIR": str(kept / "warc")}
    verified = copy.scrapy("verify")
    assert verified.returncode == 0, verified.stdout
    assert sorted(path.name for path in kept.iterdir()) == ["archive.db", "warc"]


def test_a_damaged_file_does_not_take_the_place_of_its_copy(crawled: Desk, tmp_path: Path) -> None:
    needs("rsync", "rsync")
    shutil.copytree(crawled.folder, tmp_path / "desk")
    desk, kept = Desk(tmp_path / "desk", crawled.sites), tmp_path / "kept"
    kept.mkdir()
    assert backup(desk, str(kept)).returncode == 0
    assert desk.scrapy("verify", "--quick", "--seal").returncode == 0
    (name,) = desk.rows("SELECT path FROM warc_files WHERE sha256 IS NOT NULL ORDER BY path LIMIT 1")[0]
    whole = (desk.warc / name).read_bytes()
    (desk.warc / name).write_bytes(whole[:200] + b"?" + whole[201:])
    told = backup(desk, str(kept))
    assert told.returncode == 1
    assert f"/{name}" in told.stderr
    assert (kept / "warc" / name).read_bytes() == whole


@pytest.mark.parametrize("words", [(), ("/nowhere/there",)])
def test_a_backup_to_nowhere_is_refused_in_a_sentence(crawled: Desk, words: tuple[str, ...]) -> None:
    told = backup(crawled, *words)
    assert told.returncode == 2
    assert "expected a folder" in told.stderr


def test_settings_of_ones_own_hold_for_every_command_that_is_told_of_their_module(tmp_path: Path) -> None:
    (tmp_path / "site_settings.py").write_text(
        "from crawler.settings import *\n\nCONTACT_URL = 'https://kho.example/x'\n"
    )
    (tmp_path / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
    told = subprocess.run(
        [sys.executable, "-m", "scrapy", "settings", "--get", "CONTACT_URL"],
        cwd=tmp_path,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "site_settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout, told.stderr) == ("https://kho.example/x\n", "")
