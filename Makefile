# Two commands on a fresh machine with only Python and make: `make run`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test coverage lint bench soak clean

run: $(VENV)/.ready
	$(BIN)/pricetrail sync --offline

# Some tests wait for processes and browsers of theirs, so there is one more worker than
# the usual two cores; each takes tests that follow each other, and so share fixtures.
test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n 3 --dist worksteal

# Of the quick tests only: measuring makes the processes that tests start twice as slow.
coverage: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -q -n 2 tests/unit --cov=tracker.domain --cov-report=term

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q tests crawler tracker storage

bench: $(VENV)/.ready-dev
	$(BIN)/python -m benchmarks

ROUNDS ?= 200
SEED ?= 1

soak: $(VENV)/.ready-dev
	$(BIN)/python -m tests.soak --rounds $(ROUNDS) --seed $(SEED)

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
		--group test --group lint --editable '.[postgresql]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache
