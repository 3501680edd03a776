# Everything that is run by hand or by CI. Both environments are made once and then reused.

PYTHON ?= python3
BIN := .venv/bin
LAB_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test check unit benchmarks clean

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

lab: .venv/lab  ## open JupyterLab on the quickstart; it prints its address
	$(BIN)/jupyter lab $(LAB_ROOT) notebooks/01-quickstart.ipynb

test: .venv/test .venv/chromium check  ## run the whole suite, browser included
	$(BIN)/python -m pytest

check: .venv/test  ## run the linter, the formatter and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: .venv/test  ## run all tests but those in the browser
	$(BIN)/python -m pytest -m "not browser"

benchmarks: .venv/test  ## measure what the README claims
	$(BIN)/python -m tests.benchmarks

clean:  ## remove the environment and everything that was made
	rm -rf .venv build dist tests/artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/pip:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

.venv/lab: .venv/pip pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[server]' jupyterlab
	touch $@

.venv/test: .venv/pip pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[server]' --group dev
	touch $@

# An installed Chromium or Chrome will do; playwright fetches its own where there is none.
.venv/chromium: .venv/test
	command -v chromium chromium-browser google-chrome >/dev/null || $(BIN)/python -m playwright install chromium
	touch $@
