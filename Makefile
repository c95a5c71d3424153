# The few commands a person needs. Each sets up what it lacks and redoes nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready

.PHONY: setup demo test coverage lint bench soak chaos mutants pictures clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Countersign needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=python3.12, say."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock names (once; about two minutes) ..."
	@# In two halves beside each other: no package needs another one to be put in place.
	@# Setuptools replaces the one that came with Python, so it comes when they are done.
	@awk -v to=$(VENV)/lock. 'BEGIN {part = 0} /^[a-zA-Z]/ {n++; part = /^setuptools=/ ? 2 : n % 2} {print > (to part)}' requirements.lock
	@echo $(VENV)/lock.0 $(VENV)/lock.1 | xargs -n 1 -P 2 $(PIP) --require-hashes --no-deps --no-compile -r
	@$(PIP) --require-hashes --no-deps --no-compile -r $(VENV)/lock.2
	@# On all cores; some packages carry templates that are no Python; those do no harm.
	@$(BIN)/python -W ignore -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/countersign demo $(if $(RESET),--reset)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

# Twice as long: which lines and branches no test reaches, with a floor.
coverage: setup
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q --both --cov --cov-report=term:skip-covered

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m tests.bench

# Ten times the stories that CI plays, other ones each time; about half an hour.
soak: setup
	@COUNTERSIGN_MODEL_EXAMPLES=$(or $(EXAMPLES),2000) $(BIN)/python -m pytest -s -q -n 2 tests/approvals/test_rail_model.py

# Two servers on one PostgreSQL, killed again and again: make chaos ARGS="--seed 7"
chaos: setup
	@$(BIN)/python -m tests.chaos $(ARGS)

# Changes the deciding code a little; lists what no test notices: make mutants ARGS=risk
mutants: setup
	@$(BIN)/python -m tests.mutation $(ARGS)

# The README's pictures anew, from the gallery of cards; needs Chromium.
pictures: setup
	@$(BIN)/python -m tests.pictures

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .coverage build *.egg-info
