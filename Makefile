# make demo | make test | make docs | make gallery | make fuzz | make clean | make constraints
# Needs Python 3.11 or newer and nothing else; everything is installed into .venv.

PYTHON ?= python3
SHOCK  ?= JPN:photoresist_all
SECONDS ?= 60
PAGE   := chainnet-demo.html

BIN     := .venv/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet
INPUTS  := pyproject.toml constraints.txt chainnet/_version.py

.PHONY: demo test docs gallery fuzz clean constraints
.DEFAULT_GOAL := demo

demo: .venv/demo.stamp
	@$(BIN)/chainnet disrupt $(SHOCK)
	@$(BIN)/chainnet plot layers $(SHOCK) -o $(PAGE)
	@echo "Open $(PAGE) in a browser."

test: .venv/test.stamp
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python tests/warm.py & $(BIN)/mypy; found=$$?; wait; exit $$found
	@$(BIN)/pytest --numprocesses auto --dist loadfile $(PYTEST_ARGS)

# The manual: docs/_build/index.html.
docs: .venv/test.stamp
	@$(BIN)/sphinx-build -q -W -n --keep-going docs docs/_build
	@echo "Open docs/_build/index.html in a browser."

# The pictures in docs/images, drawn anew.
gallery: .venv/test.stamp
	@$(BIN)/python docs/gallery.py

# Each reader of files under a fuzzer, for SECONDS (Linux). What breaks one is left here as crash-….
fuzz: .venv/fuzz.stamp
	@for reader in $$($(BIN)/python tests/readers.py); do \
		echo "$$reader"; \
		nice $(BIN)/python tests/fuzz.py $(SECONDS) $$reader > fuzz.log 2>&1 || { tail -n 40 fuzz.log; exit 1; }; \
	done; rm -f fuzz.log

clean:
	@rm -rf .venv build dist docs/_build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache $(PAGE)
	@find chainnet tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

.venv/fuzz.stamp: .venv/test.stamp
	@$(PIP) install --no-build-isolation --editable '.[fuzz]'
	@touch $@

# The pins of the whole test environment, made anew from what pyproject.toml asks for.
constraints:
	@rm -rf .venv-pins
	@$(PYTHON) -m venv .venv-pins
	@.venv-pins/bin/python -m pip --quiet install --editable '.[test]' setuptools
	@.venv-pins/bin/python -m pip freeze --all --exclude-editable | grep -v '^pip==' | sort -f > constraints.txt
	@rm -rf .venv-pins

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("chainnet needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/demo.stamp: $(INPUTS) | $(BIN)/python
	@echo "Installing chainnet into .venv ..."
	@$(PIP) install --constraint constraints.txt setuptools
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: $(INPUTS) | $(BIN)/python
	@echo "Installing chainnet and its test tools into .venv ..."
	@$(PIP) install --constraint constraints.txt setuptools
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[test]'
	@touch $@ .venv/demo.stamp
