# One verb per chore. Each makes .venv by itself; nothing else need be prepared.
PYTHON ?= python3
BIN := .venv/bin
# Days pass in minutes there, with real servers: they want the machine for themselves.
ALONE := tests/e2e/test_demo.py tests/truth
# The sandbox's week that the tests of the desk begin with: played alone as well.
WEEK := $(CURDIR)/.venv/week
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run test check format golden words pictures bench measure soak lock clean

run: .venv/.run            ## the daemon in the sandbox world; ARGS=--once for one round
	$(BIN)/deliverwatch demo $(ARGS)

test: .venv/.dev           ## the whole suite, with the real servers
	sh scripts/install-test-servers
ifdef ARGS
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)
else
	$(BIN)/python -m pytest $(ALONE)
	rm -rf $(WEEK)
	PYTHONPATH=tests $(BIN)/python -m servers.sandbox_week $(WEEK)
	DELIVERWATCH_WEEK=$(WEEK)/played $(BIN)/python -m pytest -n auto --dist worksteal $(ALONE:%=--ignore=%)
endif

check: .venv/.dev          ## format, lint, types, import contracts, dependency audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	MYPYPATH=src $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deliverwatch lists check
	$(BIN)/python scripts/audit.py requirements/run.lock

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: .venv/.dev         ## regenerate what people read, for review as text
	DELIVERWATCH_UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/render tests/forms
	git diff --stat -- tests/golden forms

words: .venv/.dev          ## the sentences of the report into reports/locales/*.po, for whoever translates them
	$(BIN)/python scripts/words.py

pictures: .venv/.dev       ## the weekly report and the desk as README and docs show them, drawn in Chromium; look at each
	$(BIN)/python scripts/pictures.py
	$(BIN)/python scripts/desk_pictures.py

bench: .venv/.dev          ## the benchmarks, as ratios measured in one run; writes bench/results.md
	sh scripts/install-bench-tools
	$(BIN)/python bench/run.py

measure: .venv/.run        ## scores `classify` on labelled replies; DATA=folder with replies.jsonl
	$(BIN)/python scripts/measure.py "$(DATA)"

soak: .venv/.dev           ## the long runs (hours): crashes, a month and twenty seeds held against the truth, spoilt replies and records
	DELIVERWATCH_KILLS=1000 $(BIN)/python -m pytest tests/crash $(ARGS)
	DELIVERWATCH_DAYS=30 $(BIN)/python -m pytest tests/truth $(ARGS)
	DELIVERWATCH_SEEDS=20 $(BIN)/python -m pytest tests/truth $(ARGS)
	DELIVERWATCH_MUTATIONS=5000000 $(BIN)/python -m pytest tests/lookup/test_wire.py --timeout=1800 $(ARGS)
	DELIVERWATCH_HOSTILE=all $(BIN)/python -m pytest tests/hostile --timeout=7200 $(ARGS)
	DELIVERWATCH_MUTATIONS=200000 $(BIN)/python -m pytest tests/sources/test_contract.py --timeout=3600 $(ARGS)
	DELIVERWATCH_EXAMPLES=2000 $(BIN)/python -m pytest tests/web/api/test_schema.py --timeout=7200 -n auto $(ARGS)

lock:                      ## renew the locked versions (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group dev -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml --group build -c requirements/dev.lock -o requirements/run.lock

clean:
	rm -rf .venv build dist

.venv/.run: requirements/run.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/run.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/.dev: requirements/dev.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@ .venv/.run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "deliverwatch needs Python 3.11 or later; $(PYTHON) is older. Name another: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
