# 常用命令 / the usual commands:
#   make run     环境 + 启动应用            environment, then the application
#   make test    全部测试(含浏览器)         every test, the browser's too
#   make quick   一分钟内的测试             what a minute can test: no browser, no page
#   make test-engines  合同库跑在 PostgreSQL 与 Spark 上  the register on both servers
#   make check   格式、类型、结构、许可、数据  format, types, structure, licences, data
# PYTHON=/path/to/python3.x picks the interpreter; ARGS="…" is handed to the program.

VENV ?= .venv
PYTHON ?=
ARGS ?=
BIN := $(VENV)/bin
STAMP := $(VENV)/.locked

# Byte code is kept: else each program that a test starts compiles every library anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test quick slow test-engines static check bench lock wheel clean browser
.NOTPARALLEL:

help:
	@sed -n '1,8s/^# \{0,1\}//p' Makefile

setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" scripts/setup.sh

run: setup
	$(BIN)/network-map serve $(ARGS)

browser:
	@scripts/browser.sh

# The browser's tests on one worker, which begins with them, all others beside them.
test: setup browser
	$(BIN)/python -m pytest -n 2 -m "not slow and not engine" $(ARGS)

# No browser, no page, few examples: for the minute between two edits.
quick: setup
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=quick \
	  -m "not (browser or page or promise or long or slow or engine)" $(ARGS)

slow: setup browser
	$(BIN)/python -m pytest -n 2 -m slow $(ARGS) || test $$? -eq 5 # 5: there are none

# The contract register on PostgreSQL and Spark: installs both servers' programs where missing.
test-engines: setup
	@scripts/engines.sh
	$(BIN)/python -m pytest -n 0 -m engine tests/engines $(ARGS)

static: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python scripts/check_licences.py
	$(BIN)/network-map check

check: static
	$(BIN)/python -m pytest -q -m promise

bench: setup browser
	$(BIN)/python -m benchmarks $(ARGS)

lock: setup
	scripts/lock.sh $(ARGS)

wheel: setup
	rm -rf dist
	$(BIN)/python -m hatchling build

clean:
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache \
	  tests/.artifacts benchmarks/.results
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +
