# `make run` and `make test` do all their own set-up, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# On a machine with an NVIDIA GPU the default model is CogView4, which needs its extra.
RUN_EXTRAS := $(if $(shell command -v nvidia-smi 2>/dev/null),[cogview],)

.PHONY: run test check calibrations clean

run: $(VENV)/.run
	$(BIN)/python -m bench run --suite zh_text

test: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The calibrations that come with Glyphbench: to be made anew whenever the embedded reader, a metric or a suite changes.
calibrations: $(VENV)/.run
	rm -f bench/calibration/shipped/*.json
	OMP_NUM_THREADS=1 $(BIN)/python -m bench calibrate --suite smoke,launch,zh_text,en_text,regions --out bench/calibration/shipped

clean:
	rm -rf $(VENV) build dist *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".$(RUN_EXTRAS)"
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[all,dev]"
	# paddlex asks for an OpenCV that needs libGL; ours, put over it, does not (docs/readers.md)
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps opencv-python-headless
	touch $@
