# make demo: train a network on penguins, and draw it; make test: everything that must hold.
# Each sets up what it needs in .venv the first time, and is quick afterwards.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test bench notebooks format clean

help:
	@echo "make demo    train a small network, print its story, draw its graph (under two minutes)"
	@echo "make test    linters, type checker, tests and notebooks (under two minutes)"
	@echo "make bench   speed beside micrograd, PyTorch, MyGrad, HIPS autograd and NumPy, in one run (three minutes)"
	@echo "make notebooks  execute the lectures anew and keep their outputs"
	@echo "make format  write the code in the project's style"

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.demo

$(VENV)/.bench: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m pip install --quiet --upgrade --target $(VENV)/hips --no-deps "autograd==1.8.0"
	touch $@

demo: $(VENV)/.demo
	$(BIN)/python -m nn.demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto -m "not slow"

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

notebooks: $(VENV)/.test
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist demo-output bench.json
