# make demo    install, ingest the two seed articles, ask a question of them
# make test    run the tests
# make check   lint, types and tests
# make docs    refresh what the documents take from the program

DEMO_HOME := build/demo
QUESTION := Which village was hit?
BIN := .venv/bin
# Quiet but for errors; nothing here names an index: pip's own configuration stands.
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test lint check docs clean

help:
	@sed -n 's/^# make/make/p' Makefile

demo: .venv/installed
	@$(BIN)/dateline ingest seeds --home $(DEMO_HOME)
	@printf '\n$$ dateline ask "%s"\n\n' "$(QUESTION)"
	@$(BIN)/dateline ask "$(QUESTION)" --home $(DEMO_HOME)

test: .venv/installed-dev
	@$(BIN)/python -m pytest

lint: .venv/installed-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

check: lint test

docs: .venv/installed-dev
	@$(BIN)/python -m tools.docs

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamps are made last: an installation that was interrupted runs again.
.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Dateline into .venv (a few minutes the first time)"
	@$(INSTALL) -e .
	@touch $@

.venv/installed-dev: .venv/installed
	@echo "Installing what the tests need into .venv"
	@$(INSTALL) -e '.[dev,eval,otel]'
	@touch $@

# PYTHON=/path/to/python picks another one. Each candidate is run, because a name on the PATH may be an empty shim.
.venv/bin/python:
	@lacking=; for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || { lacking=$$python; continue; }; \
	    exec "$$python" -m venv --clear .venv; \
	done; \
	if [ -n "$$lacking" ]; then \
	    echo "make: $$lacking lacks the venv module; on Debian and Ubuntu: apt install python3-venv" >&2; \
	else \
	    echo "make: Dateline needs Python 3.11 or newer; install it, or name one: make PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1
