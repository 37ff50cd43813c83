# Everything runs through .venv/bin/python, so that a project path with a space does no harm. GNU make 3.81 suffices.

PYTHON_HERE := .venv/bin/python
DJANGOFMT := .venv/bin/djangofmt
HOST ?= 127.0.0.1
PORT ?= 8000
RESET ?=
SIZE ?=
OPERATIONS ?= 100000
ARGS ?=
DAY ?=
# All tests are shared out between as many processes as there are cores, at most 4; named tests need no others.
SHARED = --numprocesses logical --maxprocesses 4 --durations 15
CHECKS = format style types imports templates styles translations
TEST_ORDER = architecture unit database web browser
TESTS = $(foreach part,$(TEST_ORDER),$(wildcard tests/$(part)))

.PHONY: help demo test test-dates check format $(addprefix check-,$(CHECKS)) bench payers random chaos fuzz architecture accounts messages lock clean environment environment-develop translations

# Settings of a machine are not to meet the tools: PYTHONPATH and PYTHONHOME would bring in foreign packages.
unexport PYTHONHOME
unexport PYTHONPATH

.DEFAULT_GOAL := help
.NOTPARALLEL:

help: ## Show this list
	@echo "Marktplatz Münsterland. What make can do:"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

demo: environment translations ## Run everything here, with invented shops: HOST=, PORT=, RESET=1 starts afresh
	@HOST="$(HOST)" PORT="$(PORT)" RESET="$(RESET)" exec $(PYTHON_HERE) -m demo.launcher

test: environment-develop translations ## Run all tests, browser journeys included: DATABASE_URL= uses your PostgreSQL, ARGS= goes to pytest
	@CHROMIUM="$$($(PYTHON_HERE) scripts/browser.py)" && export CHROMIUM && \
	  echo "Browser: $$CHROMIUM" && \
	  $(PYTHON_HERE) -m pytest $(if $(filter-out -%,$(firstword $(ARGS))),,$(SHARED) $(TESTS)) $(ARGS)

test-dates: environment-develop translations ## Run what depends on the calendar on eight odd days (needs faketime): DAY=29 chooses, ARGS= goes to pytest
	@DAY="$(DAY)" $(PYTHON_HERE) -m tests.dates $(ARGS)

check: environment-develop ## Check format, style, types, import contracts, templates, style sheets and translations
	@$(MAKE) --no-print-directory --keep-going $(addprefix check-,$(CHECKS)) && echo "Everything is in order."

check-format:
	@echo "Format" && $(PYTHON_HERE) -m ruff format --check --quiet .
check-style:
	@echo "Style" && $(PYTHON_HERE) -m ruff check --quiet .
check-types:
	@echo "Types" && $(PYTHON_HERE) -m mypy
check-imports:
	@echo "Imports" && $(PYTHON_HERE) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
check-templates:
	@echo "Templates" && $(PYTHON_HERE) -m djlint --lint --quiet templates && $(DJANGOFMT) --quiet --check templates
check-styles:
	@echo "Style sheets" && $(PYTHON_HERE) -m scripts.style_sheets --check
check-translations:
	@echo "Translations" && $(PYTHON_HERE) -m scripts.translations --check

format: environment-develop ## Format Python, templates and style sheets
	@$(PYTHON_HERE) -m ruff format --quiet . && $(DJANGOFMT) --quiet templates && $(PYTHON_HERE) -m scripts.style_sheets

chaos: environment-develop translations ## Kill everything under load KILLS= (200) times, with a SEED= and FAULTS= of the provider, and compare the books
	@$(PYTHON_HERE) -m tests.chaos.run --kills $(or $(KILLS),200) --seed $(or $(SEED),1) $(if $(FAULTS),--faults $(FAULTS)) $(ARGS)

fuzz: environment-develop translations ## Call the interface for cash registers with EXAMPLES= (1000) inputs per operation, right and wrong
	@EXAMPLES="$(or $(EXAMPLES),1000)" $(PYTHON_HERE) -m pytest tests/web/api/test_schemathesis.py --timeout=7200 $(ARGS)

bench: environment-develop translations ## Measure the speed, write it to instance/bench.json: SIZE=1000000 asks what many vouchers cost
	@$(PYTHON_HERE) -m $(if $(SIZE),tests.load.scale --size $(SIZE),tests.load.bench) $(ARGS)

payers: environment-develop translations ## How many of LINES= (1000) transfers find their payment by themselves, and what LARGE= (20000) lines cost: SEED=
	@LINES="$(or $(LINES),1000)" LARGE="$(or $(LARGE),20000)" SEED="$(or $(SEED),8)" $(PYTHON_HERE) -m pytest tests/database/bank/test_payers.py -s $(ARGS)

random: environment-develop translations ## Random lives of vouchers against a plain model: OPERATIONS=100000 (nightly)
	@OPERATIONS="$(OPERATIONS)" $(PYTHON_HERE) -m pytest tests/database/vouchers/test_machine.py -k agree $(ARGS)

architecture: environment-develop ## Draw docs/architecture.md and its pictures from the code
	@$(PYTHON_HERE) -m scripts.architecture

accounts: environment-develop translations ## Play every money path with the real services and write docs/accounts/ and its list
	@WRITE_ACCOUNTS=1 $(PYTHON_HERE) -m pytest tests/database/accounts $(ARGS)

messages: environment-develop ## Bring the German texts of the sources into the translation files
	@$(PYTHON_HERE) -m scripts.translations --update

lock: environment-develop ## Renew requirements.lock and requirements-dev.lock from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --extra embedded pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra embedded --extra develop -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove .venv, caches and everything in instance/, databases included
	@if [ -x $(PYTHON_HERE) ] && [ -d instance ]; then $(PYTHON_HERE) -m demo.launcher --clean; fi
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

translations: environment
	@$(PYTHON_HERE) -m scripts.translations

environment:
	@sh scripts/environment.sh run

environment-develop:
	@sh scripts/environment.sh develop
