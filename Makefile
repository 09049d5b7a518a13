# Everything installs into .venv, by itself: any target can be the first command on a fresh machine.
# PYTHON=python3.12 make ... takes another Python.

PYTHON ?= python3
PAPERS ?= baothanhhoa
BIN := .venv/bin

.PHONY: help setup crawl demo browse test check bench bench-million bench-month pictures torture

help:
	@echo "make crawl [PAPERS=\"baothanhhoa baocantho\"]   fetch the papers' latest into archive.db (needs a network)"
	@echo "make demo     the same without a network: three made-up newspapers, crawled on this machine"
	@echo "make browse   open archive.db in the browser"
	@echo "make test     run the tests        make check    ruff and mypy"
	@echo "make bench    measure the archive's write path, and extraction beside trafilatura, newspaper4k, readability"
	@echo "make bench-million   among a million articles of shared/corpora's sentences: near-duplicates, searches and pages"
	@echo "              beside a crawl (25 minutes; 45 and 30 GB of disk the first time)"
	@echo "make bench-month   a month of twelve made-up papers crawled by one clock: what is archived how late (10 minutes)"
	@echo "make torture  a thousand mutations of every page the tests have, crawls killed at 300 moments (20 minutes)"
	@echo "make pictures  the reading room in headless Chromium, pictures for the docs"
	@echo "make setup    only install (every target does so by itself)"

setup: .venv/.ready
	@echo "Ready: .venv holds all that is needed"

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "baotinh needs Python 3.11 or newer, found: $$($(PYTHON) --version 2>&1 | head -n 1); install one, then: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module; install it (Debian, Ubuntu: apt-get install python3-venv), then again" >&2; exit 1; }
	@echo "Installing into .venv, once; a minute or two ..."
	@rm -rf .venv/.ready; $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.ready

crawl: .venv/.ready
	@$(BIN)/scrapy crawlall $(PAPERS); status=$$?; \
	if [ $$status -eq 1 ]; then echo "make crawl: not every paper could be read; without a network try: make demo" >&2; fi; \
	if [ $$status -ne 0 ]; then exit $$status; fi; \
	echo; echo "Done. Read it in the browser: make browse"

demo: .venv/.ready
	@$(BIN)/python -m tests.demo

browse: .venv/.ready
	@$(BIN)/scrapy browse

test: .venv/.ready .venv-wacz/.ready .venv-scrapyd/.ready
	@$(BIN)/pytest -q -n 2 --dist loadfile

check: .venv/.ready
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: .venv/.ready .venv-bench/.ready
	@$(BIN)/python -m bench.write_path
	@echo
	@.venv-bench/bin/python -m bench.extraction

# Those of the wide window, as docs/first-visit.md shows them.
pictures: .venv/.ready
	@BAOTINH_PICTURES=.pictures $(BIN)/pytest -q tests/test_reading_room.py -k whole
	@for name in front search article diff story paper day; do cp .pictures/$$name-wide.png docs/pictures/$$name.png; done

torture: .venv/.ready
	@BAOTINH_MUTATIONS=1000 $(BIN)/python -m pytest -q -n auto --dist worksteal tests/test_extraction_properties.py
	@BAOTINH_KILLS=300 $(BIN)/python -m pytest -q -n auto --dist worksteal tests/test_torture.py

bench-million: .venv/.ready
	@$(BIN)/python -m bench.duplicates --stored 1000000
	@echo
	@$(BIN)/python -m bench.reading

bench-month: .venv/.ready
	@$(BIN)/python -m bench.month

# The readers of others that extraction is measured beside; they want older packages than ours.
.venv-bench/.ready: requirements-bench.lock
	@echo "Installing the readers of others into .venv-bench, once; a minute or two ..."
	@rm -rf .venv-bench/.ready; $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@touch .venv-bench/.ready

# Judges our WACZ packages in the tests; brings much that nobody else here needs.
.venv-wacz/.ready: requirements-wacz.lock
	@echo "Installing wacz, which judges our packages, into .venv-wacz, once ..."
	@rm -rf .venv-wacz/.ready; $(PYTHON) -m venv .venv-wacz
	@.venv-wacz/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-wacz.lock
	@touch .venv-wacz/.ready

# scrapyd with us beside it, as deploy/scrapyd says; it wants an older setuptools than we have.
.venv-scrapyd/.ready: requirements-scrapyd.lock pyproject.toml
	@echo "Installing scrapyd, which the tests start, into .venv-scrapyd, once; a minute or two ..."
	@rm -rf .venv-scrapyd/.ready; $(PYTHON) -m venv .venv-scrapyd
	@.venv-scrapyd/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-scrapyd.lock
	@.venv-scrapyd/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv-scrapyd/.ready
