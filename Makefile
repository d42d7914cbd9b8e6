# make demo   analyse a sample clip
# make test   run all tests
# Both make their own environment in .venv first; PYTHON=python3.12 chooses another interpreter.
.DEFAULT_GOAL := help
.PHONY: help demo test check app clean
PYTHON ?= python3
BIN := .venv/bin
SETUP := scripts/setup.sh pyproject.toml
DEMO := formcheck-out/demo

help:
	@echo 'make demo    analyse a sample clip and say where to look'
	@echo 'make test    run all tests'
	@echo 'make check   style and types'
	@echo 'make app     open the page'
	@echo 'make clean   remove the environment and what was made'

demo: .venv/.ready
	$(BIN)/formcheck analyze sample_videos/squat_faults.mp4 --out $(DEMO)
	@echo
	@echo 'Open $(DEMO)/report.html in a browser; $(DEMO)/annotated.mp4 shows the angles and verdicts.'

test: .venv/.ready-dev
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

app: .venv/.ready
	$(BIN)/formcheck app

.venv/.ready: $(SETUP)
	@PYTHON=$(PYTHON) scripts/setup.sh
	@touch $@

.venv/.ready-dev: $(SETUP)
	@PYTHON=$(PYTHON) scripts/setup.sh dev
	@touch $@ .venv/.ready

clean:
	rm -rf .venv formcheck-out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
