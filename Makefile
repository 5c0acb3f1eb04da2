# Every command of the project; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes
# The packages of `make test` take about a gigabyte. Asked before, because pip says it in fifty lines.
PACKAGES_KB := 1200000
REQUIRE_SPACE = df -Pk . "$${TMPDIR:-/tmp}" | awk 'NR > 1 && $$4 < $(PACKAGES_KB) { \
	print "The disk is full: " int($$4 / 1024) " MB free on " $$6 ", and $(PACKAGES_KB) KB are needed."; exit 1 }' >&2
SERVICES := ats clearing notifications
COMPILE := pip compile pyproject.toml --generate-hashes --no-emit-index-url --universal --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help run start stop client conformance verify-audit test check demo show faults bench seed-jobs migrate pins clean python

help:  ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
		printf '  make %-11s %s\n' "$$name" "$$what"; done

run: $(VENV)/.run  ## Start the whole system and keep it in this terminal (BACKGROUND=1: in the background)
	@exec $(BIN)/python -m shared.embedded run $(if $(BACKGROUND),--background)

start:  ## Start the whole system in the background
	@$(MAKE) --no-print-directory run BACKGROUND=1

stop:  ## Stop what `make run` or `make start` left running; the data is kept
	@if ! $(BIN)/python -c 'import psutil, psycopg, redis, supervisor' 2>/dev/null; \
		then echo "Nothing is running: nothing is installed."; \
		else $(BIN)/python -m shared.embedded stop; fi

client:  ## Give a council's system access to the running system: NAME= EMPLOYER= (a code, or all) SCOPES=
	@test -n "$$NAME" && test -n "$$EMPLOYER" && test -n "$$SCOPES" \
		|| { echo "Say which: make client NAME='My system' EMPLOYER=SAW SCOPES='vacancies:read vacancies:write'" >&2; exit 2; }
	@test -n "$$ATS_DATABASE_URL" || { exported=$$($(BIN)/python -m shared.embedded env) && eval "$$exported"; } \
		&& $(BIN)/python -m services.ats.identity.cli client --name "$$NAME" \
		$(if $(filter all,$(EMPLOYER)),--region,$(EMPLOYER:%=--employer %)) $(SCOPES:%=--scope %)

conformance: $(VENV)/.run  ## Tick off the calls that a council's system must pass: URL= CLIENT= (its id; the secret is asked for)
	@test -n "$$URL" && test -n "$$CLIENT" \
		|| { echo "Say where and who: make conformance URL=http://127.0.0.1:8001 CLIENT=<client id>" >&2; exit 2; }
	@$(BIN)/python -m shared.conformance --url "$$URL" --client "$$CLIENT" \
		$(if $(EMPLOYER),--employer "$$EMPLOYER") $(if $(CLEARING),--clearing "$$CLEARING") \
		$(if $(NOTIFICATIONS),--notifications "$$NOTIFICATIONS") \
		$(if $(WEBHOOK),--webhook "$$WEBHOOK") $(if $(WEBHOOK_PORT),--webhook-port "$$WEBHOOK_PORT")

verify-audit: $(VENV)/.run  ## Was any entry of the audit changed, removed or added behind the services' back? Of the running system, or the environment's
	@test -n "$$ATS_DATABASE_URL" || { exported=$$($(BIN)/python -m shared.embedded env) && eval "$$exported"; } \
		&& ended=0 && for service in ats clearing; do \
		$(BIN)/python -m services.$$service.audit.sealing || ended=1; done && exit $$ended

test: $(VENV)/.dev  ## Run the tests on throwaway servers of their own (PYTEST_ARGS adds options)
	@$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: $(VENV)/.dev  ## Formatting, lint, types, import rules, sizes, and models against migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ty check
	$(BIN)/lint-imports
	$(BIN)/python tests/architecture/sizes.py
	$(BIN)/python -m shared.embedded.migration_check

demo: $(VENV)/.dev  ## Drive the whole journey on an instance of its own and write var/demo.json
	@$(BIN)/python -m tests.journeys.demo

show: $(VENV)/.dev  ## The same story for an audience, one step per Enter
	@$(BIN)/python -m tests.journeys.show

faults: $(VENV)/.dev  ## Kill, empty, restart and repeat every part under load; nothing lost, nothing doubled
	@FAULTS=full $(BIN)/python -m pytest tests/faults $(PYTEST_ARGS)

bench: $(VENV)/.dev  ## Measure and print the figures beside their targets
	@$(BIN)/python -m tests.bench

seed-jobs: $(VENV)/.dev  ## 10,000 live vacancies and 200,000 applications in an instance of its own (INTO=running: in the running one)
	@if test "$(INTO)" = running; then exported=$$($(BIN)/python -m shared.embedded env) && eval "$$exported" \
		&& $(BIN)/python -m tests.bench.seed_jobs load; else $(BIN)/python -m tests.bench.seed_jobs; fi

migrate: $(VENV)/.run  ## Bring the databases of the environment, or of the running system, to the newest revision
	@test -n "$$ATS_OWNER_DATABASE_URL" || { exported=$$($(BIN)/python -m shared.embedded env) && eval "$$exported"; } \
		&& for service in $(SERVICES); do \
		$(BIN)/python -m alembic -c migrations/alembic.ini -n $$service upgrade head || exit 1; done

pins:  ## Compile the pinned requirements from pyproject.toml, with hashes
	@uv=$$(command -v uv || command -v $(BIN)/uv) || { echo "Install uv first (any way you like): it compiles the pins." >&2; exit 1; }; \
		$$uv $(COMPILE) -o requirements.txt >/dev/null && $$uv $(COMPILE) --group dev -o requirements-dev.txt >/dev/null

clean: stop  ## Stop everything and remove the environment and caches; the data is kept
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Pinned packages are installed again only when their list changes; a run that was interrupted begins again.
$(VENV)/.run: requirements.txt | python
	@echo "Installing the pinned packages (only when their list has changed)"
	@$(REQUIRE_SPACE)
	@$(PIP) -r $<
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run | python
	@echo "Installing the packages for tests and checks (only when their list has changed)"
	@$(REQUIRE_SPACE)
	@$(PIP) -r $<
	@touch $@

python:
	@command -v $(PYTHON) >/dev/null \
		|| { echo "Python 3.11 or newer is needed: on Debian, apt install python3 python3-venv." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another with PYTHON=." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing: on Debian, apt install python3-venv." >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
