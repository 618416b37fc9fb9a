# make run and make test are the two commands; the rest serves them. make help lists everything.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-from

# The tests that docs/security.md names; all of them run in make test as well.
SECURITY := tests/web/test_access.py tests/web/test_visibility.py tests/web/test_security.py tests/web/test_hostile.py \
	tests/web/test_credentials.py tests/web/test_secrets.py tests/web/test_forgotten.py tests/web/test_openapi.py \
	tests/hostile tests/feel/test_limits.py tests/aftersales/test_http_hosts.py tests/aftersales/test_http_call.py \
	tests/runtime/test_sign_ins.py tests/runtime/test_second_factor.py tests/oidc

.DEFAULT_GOAL := help
.PHONY: help setup assets provider run test quick lint scenarios browser browser-tests properties check-migrations crash races replays schemathesis audit security moves conformance mining bench bench-quick insights-bench real-orders back-test screenshots sizes lock messages check-imports clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

# Processes start in half the time from compiled files; some environments forbid Python to leave them by itself.
setup: $(STAMP) assets ## Create the environment and build the front end (quick when nothing changed).
	@$(BIN)/python -m compileall -q engine web config tests

$(STAMP): requirements-dev.txt pyproject.toml hatch_build.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q uv==$$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements-dev.txt)
	$(BIN)/python -m uv pip install -q --compile-bytecode -p $(BIN)/python --require-hashes -r requirements-dev.txt
	$(BIN)/python -m uv pip install -q -p $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

assets: $(STAMP)
	@$(BIN)/python hatch_build.py

provider: $(STAMP) ## Install the provider of sign-ins that tests/oidc run against (npm, into var/).
	@$(BIN)/python -m tests.oidc.running

run: setup ## Start everything with the sample company and print the address and sign-ins.
	@$(BIN)/aftercare start --sample

test: setup browser provider audit ## Style, imports, lint, every scenario and every test: engine, business, web, killed processes, a real browser.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/aftercare lint
	$(BIN)/aftercare scenarios
	$(BIN)/python -m pytest -n 2 --dist loadgroup

quick: setup ## The fast tests only: no browser, nothing killed.
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser and not crash"

lint: setup ## Check diagrams, decision tables and forms as a deployment would.
	$(BIN)/aftercare lint

scenarios: setup ## Play every scenario and print the covered share of each diagram.
	$(BIN)/aftercare scenarios

browser: ## Make sure there is a Chromium for the browser tests; install it where the machine allows.
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y chromium fonts-noto-cjk >/dev/null; } \
	|| echo "NO CHROMIUM: the browser tests will not run. Install Chromium to run them." >&2

browser-tests: setup browser ## Only the tests in a real browser.
	$(BIN)/python -m pytest -m browser

properties: setup ## Many more random diagrams and paths than the tests try: restored, replayed, verified.
	$(BIN)/python -m pytest -n 2 --timeout 0 --hypothesis-profile=deep tests/properties

check-migrations: setup ## Migrations from the first schema lead to the current one.
	$(BIN)/python -m pytest -n 0 tests/store

crash: setup ## Kill web, worker and database at random, and between every two statements; counts into var/crash.json.
	AFTERCARE_CRASH_ROUNDS=$${AFTERCARE_CRASH_ROUNDS:-100} $(BIN)/python -m pytest -n 0 -s -m crash

moves: setup ## CASES=1000 running cases of two procedures, at every waiting point: moved, back, moved, finished; into var/moves.json.
	AFTERCARE_MOVES=$${CASES:-1000} $(BIN)/python -m pytest -n 0 -s --timeout 0 tests/moving/test_crowd.py

replays: setup ## CASES=200 or more of the sample company replayed at every event and held against what was recorded.
	AFTERCARE_PAST_CASES=$${CASES:-200} $(BIN)/python -m pytest -n 0 -s --timeout 0 tests/sample/test_company.py -k whole_company

races: setup ## Every two actions on one case at the same moment, many times; counts into var/races.json.
	AFTERCARE_RACE_ROUNDS=$${AFTERCARE_RACE_ROUNDS:-50} $(BIN)/python -m pytest -n 0 -s -m races

schemathesis: setup ## CASES=100 cases of each route, allowed and not, as each kind of visitor; SEED=1 says which. Takes long.
	AFTERCARE_SCHEMATHESIS_CASES=$${CASES:-100} AFTERCARE_SCHEMATHESIS_SEED=$${SEED:-1} $(BIN)/python -m pytest -n 2 --timeout 0 tests/web/test_openapi.py

audit: setup ## Known vulnerabilities of what is installed; says so where nobody can be asked.
	@$(BIN)/python -m tests.audit

security: setup provider audit ## What docs/security.md promises, with its counts: routes by roles, hostile lists, schemathesis, the provider of sign-ins.
	$(BIN)/python -m pytest -n 0 $(SECURITY)

real-orders: setup ## A real shop's export through import and the procedures; needs ../shared.
	$(BIN)/aftercare real-orders ../shared/data/online_retail_2010_12.csv

back-test: setup ## 300 finished cases through a lower refund limit, against a count from the records; into var/back-test.json.
	AFTERCARE_BACK_TEST_CASES=$${AFTERCARE_BACK_TEST_CASES:-300} $(BIN)/python -m pytest -n 0 -s tests/backtests/test_a_lower_limit.py

bench: setup ## Every figure of docs/scaling.md beside its floor; a table, and var/bench.json. Wants an idle machine.
	$(BIN)/python -m tests.bench

bench-quick: setup ## The same at a tenth of the size, in under three minutes.
	$(BIN)/python -m tests.bench --quick

insights-bench: setup ## The monthly figures over a year of 100,000 cases: every time the pages offer, in under 500 ms.
	$(BIN)/python -m tests.bench --only figures --json var/insights.json

conformance: setup ## Third-party models with what has to happen, scored; needs ../shared/conformance.
	@if test -d ../shared/conformance; then $(BIN)/aftercare conformance ../shared/conformance; \
	else echo "There is no ../shared/conformance beside this checkout: nothing to run. aftercare conformance FOLDER runs any other."; fi

mining: setup ## Open exported histories in pm4py (AGPL: an environment of its own, var/pm4py) and compare the counts of events.
	@test -x var/pm4py/bin/python || { $(BIN)/python -m uv venv -q var/pm4py && $(BIN)/python -m uv pip install -q -p var/pm4py/bin/python pm4py==2.7.23.11; }
	AFTERCARE_PM4PY=$$PWD/var/pm4py/bin/python $(BIN)/python -m pytest -n 0 -s tests/mining/test_in_pm4py.py

screenshots: setup browser ## A picture of every persona's pages into var/screenshots.
	$(BIN)/python -m tests.browser.screenshots

sizes: setup ## What the pages of the editors weigh, gzipped: docs/studio.md has the table.
	@$(BIN)/python -c "import pathlib, hatch_build; hatch_build.run(pathlib.Path('web/assets'), 'node', 'sizes.mjs')"

check-imports: setup ## Imports go one way.
	$(BIN)/lint-imports

lock: ## Resolve and hash the requirements anew.
	$(BIN)/python -m uv pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate --no-header requirements.in -o requirements.txt
	$(BIN)/python -m uv pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate --no-header requirements-dev.in -o requirements-dev.txt

messages: setup ## Collect the interface's texts into web/locale/messages.pot; a test names those without Chinese.
	$(BIN)/pybabel -q extract -F web/babel.cfg -k mark -k N_ -o web/locale/messages.pot web engine

clean: ## Remove what was built; keeps var/ and its data.
	rm -rf $(VENV) web/static engine/feel/feel.js web/assets/node_modules
