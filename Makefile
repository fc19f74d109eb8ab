# `make run` opens Carrel; `make test` runs every check. Both set up what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL := resources/models/SmolLM2-135M-Instruct.Q4_1.gguf

# packages are built with an environment of their own: its llama.cpp runs on any processor
PACKAGING := build/venv
WHEELS := build/wheels

.PHONY: run test bench sample package clean

run: $(VENV)/installed $(MODEL)
	$(BIN)/python packaging/run.py

test: $(VENV)/installed-for-tests $(MODEL)
	$(BIN)/python packaging/system_libraries.py --for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/installed-for-tests $(MODEL)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[bench]"
	$(BIN)/python -m tests.benchmarks

package: $(PACKAGING)/installed $(MODEL)
	$(PACKAGING)/bin/python packaging/package.py

sample: $(VENV)/installed
	$(BIN)/python packaging/make_sample.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) packaging/check_machine.py
	$(PYTHON) -m venv $(VENV)

# llama.cpp is compiled here, for this machine: it takes some minutes, once
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	@touch $@

$(PACKAGING)/bin/python:
	$(PYTHON) packaging/check_machine.py
	$(PYTHON) -m venv $(PACKAGING)

# llama.cpp is compiled for every family of processors: some twenty minutes, once
$(PACKAGING)/installed: pyproject.toml constraints.txt packaging/llama_wheel.py | $(PACKAGING)/bin/python
	$(PACKAGING)/bin/python packaging/llama_wheel.py $(WHEELS) build/llama
	$(PACKAGING)/bin/python -m pip install --quiet -c constraints.txt $(WHEELS)/llama_cpp_python-*.whl
	$(PACKAGING)/bin/python -m pip install --quiet -c constraints.txt -e ".[train,package]"
	@touch $@

$(MODEL): packaging/starter_model.py | $(VENV)/bin/python
	$(BIN)/python packaging/starter_model.py $@
