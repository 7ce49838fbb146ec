# make demo: train a network on penguins, and draw it; make test: everything that must hold.
# Each sets up what it needs in .venv the first time, and is quick afterwards.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo lab style test coverage bench scale notebooks slides pages docs format clean

help:
	@echo "make demo       trains a small network, prints its story, draws its graph: a quarter of a minute"
	@echo "make lab        opens the lectures and exercises in JupyterLab"
	@echo "make test       linters, type checker, tests and notebooks: under three minutes"
	@echo "make coverage   the tests, and which lines and branches they miss: ten minutes"
	@echo "make bench      speed beside micrograd, PyTorch, MyGrad, HIPS autograd and NumPy, in one run: eight minutes"
	@echo "make scale      measures the map of scale of lecture 08, from 10^3 to 10^7: twelve minutes on an idle machine"
	@echo "make notebooks  executes the lectures and solutions anew and keeps their outputs: twenty minutes"
	@echo "make slides     writes the lectures as slides into build/slides"
	@echo "make pages      writes the lectures as HTML that needs no network into build/pages"
	@echo "make docs       renders the documentation into build/docs"
	@echo "make format     writes the code in the project's style"
	@echo "Each sets up what it needs in $(VENV) the first time: half a minute more."

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

$(VENV)/.lab: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[notebooks]'
	touch $@ $(VENV)/.demo

$(VENV)/.docs: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/python -m nn.demo

style: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: style
	$(BIN)/pytest --numprocesses auto -m "not slow"

coverage: $(VENV)/.test
	$(BIN)/pytest --numprocesses auto -m "not slow" --cov --cov-report=term

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

scale: $(VENV)/.bench
	$(BIN)/python -m tests.bench.scale

notebooks: $(VENV)/.test
	$(BIN)/python notebooks/build.py execute
	$(BIN)/python notebooks/build.py exercises
	$(BIN)/python notebooks/build.py readme

lab: $(VENV)/.lab
	$(BIN)/jupyter lab notebooks

slides pages: $(VENV)/.lab
	$(BIN)/python notebooks/build.py $@

docs: $(VENV)/.docs
	$(BIN)/pdoc --docformat google --math --output-directory build/docs autograd autograd.docs nn '!autograd.jacobian'
	@echo "wrote build/docs/index.html"

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist demo-output bench.json .coverage*
