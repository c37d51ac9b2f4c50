PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help

.PHONY: run
run: .venv/run ## Make what is missing, then serve the blog on http://127.0.0.1:8000
	@$(BIN)/blog migrate --sample
	@exec $(BIN)/blog serve

.PHONY: test
test: .venv/test ## Run all tests on SQLite and on a PostgreSQL that they start themselves
	@$(BIN)/python -m compileall -q blog migrations tests
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

.PHONY: check
check: .venv/test ## Lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: messages
messages: .venv/run ## Bring the catalogs of translations in line with the sentences in blog/ and templates/
	@$(BIN)/pybabel -q extract --mapping-file=blog/languages/babel.cfg --no-default-keywords --keyword=_ --keyword=gettext --keyword=ngettext:1,2 --keyword=pgettext:1c,2 --keyword=mark \
		--project=blog --add-location=file --sort-output --width=120 --output-file=.venv/messages.pot .
	@for catalog in blog/languages/*.po; do $(BIN)/pybabel -q update --input-file=.venv/messages.pot --output-file=$$catalog --locale=$$(basename $$catalog .po) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120 || exit 1; done

.PHONY: screenshots
screenshots: .venv/test ## Make the pictures of the documentation anew (needs Chromium)
	@$(BIN)/python docs/screenshots.py

.PHONY: bench
bench: .venv/test ## Measure pages per second and their cost on both databases, written to docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py $(SIZES)

.PHONY: steady
steady: .venv/test ## Watch the memory of workers while pages are asked for; ten minutes on each database, or MINUTES=
	@$(BIN)/python benchmarks/steady.py $(MINUTES)

.PHONY: audit
audit: .venv/test ## Lighthouse, HTML checks and weights of every kind of page, written to docs/audit.md (needs Chromium, Node.js, Java)
	@$(BIN)/python docs/audit.py $(FOLDERS)

.PHONY: advisories
advisories: .venv/test ## Look every locked package up among known vulnerabilities; fails for what could not be looked up
	@$(BIN)/python docs/advisories.py

.PHONY: lock
lock: ## Pin all requirements with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements/test.in -o requirements/test.txt

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "The blog needs Python 3.11 or newer; this is %d.%d. Name another with: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/made requirements/run.txt pyproject.toml
	@echo "Installing what the blog needs"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/test: .venv/run requirements/test.txt
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
