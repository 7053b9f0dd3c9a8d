# What a person types, and what CI and the README type too. `make` alone lists it.
# `make env` needs nothing but Python >= 3.11 with venv; `make PYTHON=python3.13 env` picks one.

PYTHON ?= python3
VENV ?= .venv
LAKE ?= .venv-lake
BIN := $(VENV)/bin
STORE := build/demo.duckdb
# The demonstration needs little: without the environment of `make env` it gets a small one of its own.
DEMO := $(if $(wildcard $(BIN)/tachi-data),$(VENV),.venv-demo)
TACHI := $(DEMO)/bin/tachi-data --store $(STORE)
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--python-version 3.11 --no-emit-index-url --custom-compile-command "make lock"
# The locks are constraints, too: else pip (23.2) takes the newest `x` for somebody's `x[extra]`.
PIP := -m pip --disable-pip-version-check install --quiet --quiet
UV := -m uv pip install --quiet --compile-bytecode

.DEFAULT_GOAL := help
.PHONY: help env demo test lint check flows lab notebooks-html thorough fuzz torture bench docs env-lake test-lake lock

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.installed ## Make .venv with exactly what requirements-dev.lock says

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	$(call new-venv,$(VENV))
	$(call install,$(VENV),requirements-dev.lock,--no-build-isolation)
	@touch $@

demo: $(DEMO)/bin/tachi-data ## Import a sample file, let the catalogue grow, and see orphans become scores
	@rm -rf $(STORE)*
	@mkdir -p $(dir $(STORE))
	@$(TACHI) catalogue load data/sample/catalogue > build/demo.txt
	@echo "1. A file of scores is imported; what is no score has a reason:"
	$(TACHI) import $(DEMO_FILE) --type file/batch-manual --user 1 | sed -n '1,16p;$$p'
	@echo "2. The ImportDocument that programs get (the only import has every beginning):"
	$(TACHI) imports show "" | sed -n '1,14p'
	@echo "3. Unknown songs wait as orphans:"
	$(TACHI) orphans why
	@echo "4. The catalogue grows, and orphans become scores:"
	$(TACHI) catalogue load data/sample/catalogue-newer | sed -n '1,3p'
	$(TACHI) orphans reprocess

$(DEMO)/bin/tachi-data:
	$(call new-venv,$(DEMO))
	@mkdir -p build
	@sed -e '/--hash/d' -e 's/ \\$$//' requirements.lock > build/constraints.txt
	$(DEMO)/bin/python $(PIP) -c build/constraints.txt --editable .

# The first BATCH-MANUAL sample, whatever its name.
DEMO_FILE = $(firstword $(wildcard data/sample/imports/*batch-manual*.json))

test: env ## Run all tests but the benchmarks, those of DuckLake, and the thorough ones
	$(BIN)/pytest -m "not bench and not lake and not thorough" $(ARGS)
	@if ls notebooks/*.ipynb >/dev/null 2>&1; then $(BIN)/pytest -n 2 -p nbmake --nbmake notebooks; fi

lint: env ## Check formatting, style, types, the layers, and that notebooks hold no output
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files -z '*.ipynb' | xargs -0 -r $(BIN)/nbstripout --verify

check: lint test ## Everything that must hold before a change goes in

flows: env ## Start a Prefect server and the deployments of pipelines/schedules.py
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", 4200)).close()' 2>/dev/null || \
		{ echo "Port 4200 is taken: another Prefect server, or another program. End it first." >&2; exit 1; }
	@PREFECT_API_URL=http://127.0.0.1:4200/api; export PREFECT_API_URL; \
	$(BIN)/prefect server start & trap "kill $$!" EXIT INT TERM; \
	until $(BIN)/python -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:4200/api/health")' 2>/dev/null; \
	do sleep 1; done; $(BIN)/python -m pipelines.schedules

lab: env ## Start JupyterLab on the notebooks
	$(BIN)/tachi-data lab notebooks

notebooks-html: env ## Run the notebooks and write HTML copies into build/notebooks
	$(BIN)/jupyter nbconvert --log-level WARN --execute --to html --output-dir build/notebooks \
		--NbConvertBase.display_data_priority="$(SHOWN_IN_COPIES)" notebooks/*.ipynb

# No widgets: they need a running notebook, and show HTML instead.
SHOWN_IN_COPIES = ['application/javascript', 'text/html', 'image/svg+xml', 'image/png', 'text/plain']

thorough: env ## Run the tests that take minutes each: whole catalogues, all recorded cases on v3
	$(BIN)/pytest -m thorough $(ARGS)

fuzz: env ## Try 100,000 broken inputs of all types; ARGS="5000 7" gives another number and seed
	$(BIN)/python -m tests.import_types.fuzzing $(ARGS)

torture: env ## Kill processes and fail disks 500 times and at each write (hours); ARGS goes to pytest
	TACHI_TORTURE=$${TACHI_TORTURE:-500} $(BIN)/pytest -n 2 tests/torture \
		tests/backlog/test_killed_workers.py tests/upkeep/test_killed_moves.py $(ARGS)

bench: env ## Measure speed
	$(BIN)/pytest -n 0 -m bench $(ARGS)

docs: env ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

env-lake: $(LAKE)/.installed ## Make .venv-lake, with DuckDB 1.5.5 and DuckLake

$(LAKE)/.installed: requirements-lake.lock pyproject.toml
	$(call new-venv,$(LAKE))
	$(call install,$(LAKE),requirements-lake.lock)
	@touch $@

test-lake: env-lake ## Run the tests of DuckLake (they need PostgreSQL)
	$(LAKE)/bin/pytest tests -n 0 -m "lake and not bench" $(ARGS)

lock: env ## Pin the newest versions that pyproject.toml allows
	$(COMPILE) --upgrade --extra api --extra grpc -o requirements.lock
	$(COMPILE) --upgrade --group dev --group docs --extra api --extra grpc --extra pipelines \
		--extra notebooks -o requirements-dev.lock
	$(COMPILE) --upgrade --group test --extra grpc --extra lake --extra pipelines -o requirements-lake.lock

# A virtual environment, with a clear word where Python is too old or lacks venv.
define new-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 env" >&2; exit 1; }
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1) || \
		{ echo "Python's venv module is needed (Debian: apt-get install python3-venv)" >&2; exit 1; }
endef

# Exactly what a lock file says, and the project itself. uv takes 40 s of processor time for it, pip takes 140 s; pip
# fetches uv, and does it all where uv cannot (where only pip's settings name a package index that is reached).
define install
	@awk '/^uv==/, !/\\$$/' requirements-dev.lock > $(1)/uv.txt
	$(1)/bin/python $(PIP) --require-hashes -r $(1)/uv.txt
	$(1)/bin/python $(UV) --python $(1) --require-hashes -r $(2) || \
		$(1)/bin/python $(PIP) --require-hashes -c $(2) -r $(2)
	$(1)/bin/python $(PIP) --no-deps $(3) --editable .
endef
