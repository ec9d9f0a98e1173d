# Everything is done through `make`; `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

PORT ?= 8000
# How many processes run the tests; `make test PYTEST_PROCESSES=0 PYTEST="-k mailbox -x"` for a close look.
PYTEST_PROCESSES ?= auto
PYTEST ?=
# The python3 that `.venv` is made from.
SYSTEM_PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
INSTALLED := $(VENV)/installed
DEV_INSTALLED := $(VENV)/installed-dev
MESSAGES := $(wildcard cms/locale/*/LC_MESSAGES/*.po)
CATALOGUES := $(MESSAGES:.po=.mo)
TEMPLATES := $(shell find templates */templates -name '*.html' 2>/dev/null)
BENCHMARKS := $(shell grep -l "__main__" bench/*.py)

# pip says nothing for a minute or talks without end; this prints a line for every ten packages, and
# all that pip says from an error on.
PROGRESS := awk -v total="$$(grep -c '^[^ \#].*==' $$requirements)" \
	'/^Collecting /{n++; if (n % 10 == 0) {print "  " n " of about " total " packages"; fflush()}} \
	 /^Installing collected/{print "  unpacking"; fflush()} \
	 /ERROR|error:/{failed = 1} failed {print > "/dev/stderr"}'
PIP_INSTALL = $(PYTHON) -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: install
install: $(INSTALLED) $(CATALOGUES) ## Build the environment (.venv) and compile the translations

.PHONY: install-dev
install-dev: $(DEV_INSTALLED) $(CATALOGUES) ## The same with what tests, linters and benchmarks need

.PHONY: run
run: install ## Start the site and its worker on http://127.0.0.1:8000 (PORT=… for another port)
	@export SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}" PYTHONUNBUFFERED=1; \
	export PATH="$(CURDIR)/$(BIN):$$PATH"; \
	python manage.py get_ready; \
	exec python -m honcho start --port $(PORT)

.PHONY: test
test: install-dev ## Run the whole suite, browser tests included (PYTEST="…" for pytest's own options)
	@$(PYTHON) -m tests.e2e.chromium
	@$(PYTHON) -m pytest -n $(PYTEST_PROCESSES) --dist worksteal $(PYTEST)

.PHONY: test-long
test-long: install-dev ## The same with the long profiles of the property, fault and concurrency tests
	@$(PYTHON) -m tests.e2e.chromium
	@$(PYTHON) -m pytest -n $(PYTEST_PROCESSES) --dist worksteal --long $(PYTEST)

.PHONY: bench
bench: install-dev ## Run every benchmark; fails when a figure falls short of its bar
	@short=0; \
	for script in $(BENCHMARKS:.py=); do \
		echo "$$script.py"; \
		$(PYTHON) -m "$${script//\//.}" || short=1; \
	done; \
	exit $$short

.PHONY: lint
lint: install-dev ## Check style, templates, the direction of imports and that no migration is missing
	@echo "ruff"; $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@echo "djhtml"; [ -z "$(TEMPLATES)" ] || $(PYTHON) -m djhtml --tabwidth 4 --check $(TEMPLATES)
	@echo "import-linter"; $(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports --no-logo
	@echo "makemigrations --check"; $(PYTHON) manage.py makemigrations --check --dry-run

.PHONY: format
format: install-dev ## Put code and templates into shape
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .
	@[ -z "$(TEMPLATES)" ] || $(PYTHON) -m djhtml --tabwidth 4 $(TEMPLATES)

GATHER := makemessages --locale zh_Hans --locale zh_Hant --locale en \
	--no-obsolete --no-wrap --add-location file --ignore .venv --ignore var --ignore tests --ignore bench

.PHONY: messages
messages: install-dev ## Gather the texts to translate into cms/locale (needs gettext)
	@$(PYTHON) manage.py $(GATHER) --verbosity 0

.PHONY: check-messages
check-messages: install-dev ## Fail when a text of the sources has no translation (needs gettext)
	@[ -n "$(MESSAGES)" ] || { echo "cms/locale holds no catalogue" >&2; exit 1; }
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
	git ls-files -coz --exclude-standard | tar --create --null --files-from=- --ignore-failed-read 2>/dev/null | \
		tar --extract -C "$$copy"; \
	(cd "$$copy" && DATA_DIR="$$copy/var" "$(CURDIR)/$(PYTHON)" manage.py $(GATHER) --keep-pot --verbosity 0); \
	for catalogue in $(MESSAGES); do \
		msgcmp "$$catalogue" "$$copy/cms/locale/django.pot"; \
	done

COMPILE := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--universal --python-version 3.11 --custom-compile-command "make requirements"

.PHONY: requirements
requirements: install-dev ## Pin what requirements*.in name (UPGRADE=--upgrade for the newest releases)
	@$(COMPILE) $(UPGRADE) requirements.in -o requirements.txt
	@$(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.txt

$(PYTHON):
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, and $(SYSTEM_PYTHON) is not that." >&2; exit 1; }
	@$(SYSTEM_PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(SYSTEM_PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt | $(PYTHON)
	@echo "Installing what the site runs on"
	@requirements=requirements.txt; $(PIP_INSTALL) -r $$requirements 2>&1 | $(PROGRESS)
	@touch $@

$(DEV_INSTALLED): requirements-dev.txt $(INSTALLED)
	@echo "Installing what the tests and linters need"
	@requirements=requirements-dev.txt; $(PIP_INSTALL) -r $$requirements 2>&1 | $(PROGRESS)
	@touch $@

%.mo: %.po | $(INSTALLED)
	@$(PYTHON) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@
