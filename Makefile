# `make demo` and `make test` need Python 3.11 or newer and make; all else is installed into .venv.

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
REQUIREMENTS := envs/requirements.txt
PINS := $(REQUIREMENTS) envs/kenlm.txt envs/kenlm-build.txt envs/kenlm.sh

export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo test test-workflow test-package test-cluster check lock digest reference clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: .venv/installed ## the virtual environment, with all versions of envs/requirements.txt

.venv/installed: $(PINS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	pip install --quiet --disable-pip-version-check --no-deps --editable .
	@bash envs/kenlm.sh .venv
	@touch $@

demo: install ## every table and figure of the demo, in minutes, into results/demo
	snakemake --configfile config/demo.yaml --cores $(CORES)
	python tests/check_demo.py results/demo
	@ls results/demo/*.* results/demo/curves/*.png

test: install ## all tests, in two processes side by side
	@$(MAKE) --no-print-directory --jobs=2 test-workflow test-package

test-workflow: install
	pytest tests/workflow tests/training

test-package: install
	pytest --ignore=tests/workflow --ignore=tests/training

test-cluster: install ## the workflow on a real SLURM of one node; root on Debian installs it
	@if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && ! command -v slurmctld > /dev/null; then \
	  echo "installing slurm-wlm and munge"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends slurm-wlm munge > /dev/null; \
	fi
	pytest -m cluster

check: install ## lint and format
	snakemake --lint
	snakefmt --check Snakefile workflow
	ruff check
	ruff format --check

lock: ## resolve envs/requirements.in anew
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check -r envs/requirements.in
	{ echo "# Made by \`make lock\` from requirements.in: what conda, make and CI install."; \
	  echo "# What torch brings along for CUDA is pinned by torch itself, and only on such machines."; \
	  .venv-lock/bin/pip freeze --disable-pip-version-check | grep -viE '^(nvidia|triton|cuda)' | sed 's/+cpu$$//; s/ @ file:.*//'; } > $(REQUIREMENTS)
	rm -rf .venv-lock
	$(MAKE) digest

digest: ## after a change of a pin by hand: tell conda
	sed -i "s/^# pins: .*/# pins: $$(cat $(PINS) | sha256sum | cut -c1-16)/" envs/textvae.post-deploy.sh

reference: install ## config/README.md from the schema
	python workflow/schemas/reference.py config/README.md

clean: ## the demo's results; not the downloads, not the paper's results
	rm -rf results/demo
