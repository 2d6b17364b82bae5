# What this project is built, tried and tested with. Needs make and Python >= 3.11; `make test` uses
# Java >= 17 and Maven where they are there. Everything goes to .venv, .cache and the folders that
# .gitignore lists; nothing else on the machine changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
# Any variable of pip's own (a proxy, a mirror) still holds; only what would break a .venv is set.
PIP := PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 $(PY) -m pip --disable-pip-version-check --no-input -q

# The first interpreter that is new enough; `make PYTHON=/path/to/python3.12 setup` names another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$python; break; }; done)

# Further arguments: `make test ARGS="-k intake"`, `make storm ARGS="--kills 3"`.
ARGS ?=

# Tests run beside each other, file by file; on two cores a third process has what to do while the
# two others wait for Kafka. `make test BESIDE=0` runs them one after another in one process.
BESIDE ?= 3
PYTEST := $(PY) -m pytest -n $(BESIDE) --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo test check bench storm four docs pages format lock clean

help: ## what each target does
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target does; do printf '%-14s %s\n' "$$target" "$$does"; done

# ------------------------------------------------------------------ what the others need

$(VENV)/.python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "error: no Python 3.11 or newer was found on the path" >&2; \
		echo "  hint: install one, or name it: make PYTHON=/path/to/python3.12 setup" >&2; exit 2; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "error: $(PYTHON) lacks the modules venv and ensurepip" >&2; \
		echo "  hint: on Debian and Ubuntu they are the package python3-venv" >&2; exit 2; }
	@echo "making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Pinned by hash throughout, the build back end too, so that what is installed is what was tried.
$(VENV)/.run: $(VENV)/.python requirements/build.txt requirements/run.txt pyproject.toml
	@echo "installing what tierlane runs with (once; about a minute)" >&2
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "installing what the tests and checks need" >&2
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@echo "installing the peers that the benchmarks compare with" >&2
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.dev requirements/docs.txt
	@echo "installing what the documentation site is built with" >&2
	@$(PIP) install --require-hashes -r requirements/docs.txt
	@touch $@

# ------------------------------------------------------------------ targets

setup: $(VENV)/.dev ## .venv with everything that running, testing and checking need, pinned
	@echo "ready: $(VENV)/bin/tierlane" >&2

demo: $(VENV)/.run ## the main job on an embedded broker, in under a minute once installed
	@$(VENV)/bin/tierlane demo $(ARGS)

test: $(VENV)/.dev ## every test, on real Apache Kafka where Java and Maven are there
	$(PYTEST) $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import contract, glossary, docs snippets
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTEST) -q tests/docs

bench: $(VENV)/.bench ## each figure against a floor and peers in the same run
	$(PY) -m benchmarks $(ARGS)

storm: $(VENV)/.dev ## the kill storm in large: 100 kills over 1,000,000 contacts
	$(PY) -m storm $(ARGS)

four: $(VENV)/.dev ## every timeline four ways, live on Kafka with a kill: 6 to 15 s each; ARGS: files, --results FILE
	$(PY) -m tests.four $(ARGS)

docs: $(VENV)/.docs ## the documentation site, into site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet && echo "the site is in site/" >&2

pages: $(VENV)/.dev ## write anew the reference pages that are made from the code
	$(PY) -m tests.docs.settings_page
	$(PY) -m tests.docs.topics_page
	$(PY) -m tests.docs.commands_page
	$(PY) -m tests.docs.lifecycle_page
	$(PY) -m tests.docs.desk_cells_page
	$(PY) -m tests.docs.practices_page
	$(PY) -m tests.docs.worked_page
	$(PY) -m tests.docs.four_page
	$(PY) -m tests.docs.schema_files
	$(PY) -m tests.docs.policy_schema

format: $(VENV)/.dev ## bring the code into its format
	$(PY) -m ruff format
	$(PY) -m ruff check --fix

# The sets nest (run in dev in bench), so that one .venv serves all: the largest is solved first and
# holds the versions of the others. Needs uv on the path; nothing else here does.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate
WITH := pyproject.toml --extra demo --extra replay --extra rocksdb
lock: ## solve requirements/*.txt anew from pyproject.toml (needs uv)
	$(LOCK) $(WITH) --group dev --group bench -o requirements/bench.txt
	$(LOCK) $(WITH) --group dev -c requirements/bench.txt -o requirements/dev.txt
	$(LOCK) $(WITH) -c requirements/bench.txt -o requirements/run.txt
	$(LOCK) pyproject.toml --extra rocksdb -c requirements/bench.txt -o requirements/image.txt
	$(LOCK) --group docs -c requirements/bench.txt -o requirements/docs.txt
	echo 'hatchling>=1.27' | $(LOCK) - -c requirements/bench.txt -o requirements/build.txt

clean: ## remove .venv, caches and what was built
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache \
		build dist site demo-output storm-output
