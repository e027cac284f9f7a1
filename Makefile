# The two commands of the README are `make up` and `make test`; both do all set-up on a machine with Python and make.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: up ui test screenshots lint types bench lock clean help
# What the panel is built from.
UI := $(shell find ui -type f -not -path '*/node_modules/*' -not -path '*/generated/*' -not -name tokens.css 2>/dev/null) docs/openapi.json
PANEL := notice_center/static/index.html

help:
	@echo "make up      run everything on embedded storage (PORT=8000, DATA=directory)"
	@echo "make ui      build the panel (make up does it too)"
	@echo "make test    lint, types and the whole test suite (ARGS=\"-k name\")"
	@echo "make screenshots  pictures of every page (TO=directory)"
	@echo "make bench   benchmarks, each beside a peer"

up: $(VENV)/.app $(PANEL)
	@$(BIN)/alertwrap up --port $(PORT) $(if $(DATA),--data $(DATA))

ui: $(PANEL)

test: lint types $(PANEL)
	@$(BIN)/python hatch_build.py run --silent test
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: $(VENV)/.dev $(PANEL)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python hatch_build.py run --silent lint

types: $(VENV)/.dev $(PANEL)
	@$(BIN)/mypy
	@$(BIN)/python hatch_build.py run --silent types

bench: $(VENV)/.dev $(PANEL)
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/.dev $(PANEL)
	@$(BIN)/python -m tests.panel.pictures $(or $(TO),pictures)

# Built whenever a source is newer; needs no Node on the machine.
$(PANEL): $(VENV)/.app $(UI)
	@echo "building the panel (about 25 s the first time, 5 s after)"
	@$(BIN)/python hatch_build.py
	@touch $@

# Hash-checked locks; the package itself is installed in place.
$(VENV)/.app: requirements/app.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what alertwrap needs (about 20 s, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/app.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.app
	@echo "installing what the tests need (about 30 s, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is missing; install it, or say PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "make: cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }

# Needs uv (pip install uv). Universal: one file for every supported Python and platform.
lock: requirements/build.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --extra all requirements/build.in pyproject.toml -o requirements/app.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --extra all --group dev requirements/build.in pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) ui/node_modules notice_center/static
