# Every recipe needs only python3 (3.11+), venv and make. `make check` is what CI runs.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LOCKS := requirements/uv.txt requirements/dev.txt
BENCH := build/bench

.PHONY: demo test check lint types layers law pages docs sbml bench bench-peers reference lock clean
.DEFAULT_GOAL := check

$(STAMP): pyproject.toml $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "stromal needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --compile-bytecode -e .
	touch $@

demo: $(STAMP)          ## run the three shipped studies; prints the paths of their reports
	$(BIN)/stromal demo

test: $(STAMP)          ## every test: units, cases, references, doctests, README, architecture
	$(BIN)/pytest --numprocesses auto

check: lint types layers docs test   ## what CI runs

lint: $(STAMP)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

law: $(STAMP)           ## the tests of the house alone, in seconds
	$(BIN)/pytest tests/architecture --deselect tests/architecture/test_readme.py

pages: $(STAMP)         ## write what docs/*.md say of rules, tables, analyses and units anew
	$(BIN)/python docs/_ext/pages.py

docs: $(STAMP)          ## the documentation as pages under build/docs; a warning is an error
	$(BIN)/sphinx-build -W -q -b html docs build/docs

sbml: $(STAMP)          ## every case of the SBML test suite on every back end
	STROMAL_SBML_BACKENDS=numpy,scalar,lanes $(BIN)/pytest --numprocesses auto tests/sbml_test_suite

# The peers of the benchmarks stand in a venv of their own, never beside the product (decisions/0004).
$(BENCH)/.installed: $(STAMP) requirements/bench.txt
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv --without-pip $(BENCH)
	$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --require-hashes --compile-bytecode -r requirements/bench.txt
	$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --no-deps --no-build-isolation --compile-bytecode -e .
	touch $@

bench: $(BENCH)/.installed  ## speed beside named peers, printed and never asserted
	$(BENCH)/bin/python benchmarks/run.py

# Peers without wheels, built with tools that the same lock pins; needs compilers of C, C++ and Fortran.
# AMICI takes any swig that it finds and needs a new one, so that it is told which.
$(BENCH)/.peers: $(BENCH)/.installed requirements/peers.txt
	$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --no-deps -c requirements/peers.txt swig
	SWIG=$(abspath $(BENCH))/bin/swig $(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --require-hashes \
	  --require-build-hashes --build-constraints requirements/peers.txt --compile-bytecode -r requirements/peers.txt
	touch $@

bench-peers: $(BENCH)/.peers  ## AMICI and numbalsoda, which benchmarks/ensemble.py races where it finds them

reference:              ## re-run the R scripts behind tests/reference (needs R and what tests/reference/README.md names)
	tests/reference/run.sh

COMPILE := uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
  --python-version 3.11

lock: $(STAMP)          ## resolve again; the locks name no registry
	$(BIN)/$(COMPILE) pyproject.toml --all-extras --group dev --group bench -o requirements/all.txt
	$(BIN)/$(COMPILE) pyproject.toml --group dev -c requirements/all.txt -o requirements/dev.txt
	$(BIN)/$(COMPILE) pyproject.toml --group bench -c requirements/all.txt -o requirements/bench.txt
	$(BIN)/$(COMPILE) pyproject.toml --group peers -c requirements/bench.txt -o requirements/peers.txt
	echo uv | $(BIN)/$(COMPILE) - -o requirements/uv.txt

clean:
	rm -rf .venv build runs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
