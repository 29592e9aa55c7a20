# Two commands are enough: `make up` opens the academy, `make test` runs everything that CI runs.
SHELL := /bin/bash
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
SOURCES := src tests benchmarks

.PHONY: up test lint bench doctor install install-dev format constraints clean

up: install
	@$(BIN)/factory-academy up

doctor: install
	@$(BIN)/factory-academy doctor

install: $(VENV)/.ready

install-dev: $(VENV)/.ready-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %s. Set PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment. To mend: apt-get install -y python3-venv" >&2; exit 1; }

$(VENV)/.ready: pyproject.toml constraints.txt hub_config/proxy/package-lock.json | $(BIN)/python
	@echo "Setting up (once): Python packages …"
	@$(PIP) --upgrade pip
	@$(PIP) --editable '.[hub,session]'
	@echo "Setting up (once): the hub's proxy …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --ignore-scripts --prefix hub_config/proxy
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "Setting up (once): what the tests need …"
	@$(PIP) --editable '.[hub,session,dev]'
	@tools/system-packages /usr/bin/chromium=chromium '/usr/lib/postgresql/*/bin/initdb=postgresql' gcc=gcc /usr/sbin/slurmctld=slurm-wlm /usr/sbin/munged=munge
	@touch $@

lint: install-dev
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: lint
	@mkdir -p build
	@$(BIN)/pytest --durations=15
	@$(BIN)/pytest --nbval-lax notebooks --no-header -q

bench: install-dev
	@$(BIN)/python benchmarks/first_look.py --json build/first_look.json
	@$(BIN)/python benchmarks/grading.py --json build/grading.json

format: install-dev
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

# Look at the floors of Python afterwards: what is pinned must install on 3.11.0, as on Debian 12.
constraints: install-dev
	@{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -viE '^(factory[-_]academy|pip|setuptools|wheel)=='; } > constraints.new
	@mv constraints.new constraints.txt

clean:
	@rm -rf $(VENV) build hub_config/proxy/node_modules
