# `make demo` and `make test` need Python 3.11 or newer and make; the rest is installed into .venv.

PYTHON ?= python3
CORES ?= all
CONFIG ?= config/demo.yaml
BIN := .venv/bin
REQUIREMENTS := envs/requirements.txt
PINS := $(REQUIREMENTS) envs/kenlm.txt envs/kenlm-build.txt envs/kenlm.sh

export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo report archive reproduction test test-workflow test-package test-cluster benchmark benchmark-gpu check lock digest reference clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: .venv/installed ## create .venv with the versions of envs/requirements.txt

.venv/installed: $(PINS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	pip install --quiet --disable-pip-version-check --no-deps --editable .
	@bash envs/kenlm.sh .venv
	@touch $@

demo: install ## run the whole paper on small models: tables, figures, comparison, claims, report
	snakemake --configfile config/demo.yaml --cores $(CORES)
	python tests/check_demo.py results/demo
	@$(MAKE) --no-print-directory report CONFIG=config/demo.yaml
	@ls results/demo/*.* results/demo/curves/*.png

# Missing results are built first. The report includes the PDF, which needs LaTeX.
report: install ## write all results of the demo, or of CONFIG=mine.yaml, to one HTML file
	@test -f "$(CONFIG)" || { echo "$(CONFIG): no such file; make report CONFIG=FILE" >&2; exit 1; }
	@wanted=all; \
	if command -v pdflatex > /dev/null; then wanted="all paper"; \
	else echo "paper.pdf is left out: pdflatex is not installed"; fi; \
	snakemake --configfile "$(CONFIG)" --cores $(CORES) $$wanted || exit 1; \
	report=$$(python -c 'import sys, yaml; config = yaml.safe_load(open(sys.argv[1])) or {}; \
	  print(config.get("pathvars", {}).get("results", "results"))' "$(CONFIG)")/report.html; \
	log=$$(snakemake --configfile "$(CONFIG)" --cores 1 --report "$$report" $$wanted 2>&1) || \
	  { printf '%s\n' "$$log" >&2; exit 1; }; \
	ls -l "$$report"

# Missing results are built first.
archive: install ## write the run of the demo, or of CONFIG=mine.yaml, to one zip file, to publish
	@test -f "$(CONFIG)" || { echo "$(CONFIG): no such file; make archive CONFIG=FILE" >&2; exit 1; }
	@snakemake --configfile "$(CONFIG)" --cores $(CORES) -- archive
	@ls -l "$$(python -c 'import sys, yaml; config = yaml.safe_load(open(sys.argv[1])) or {}; \
	  print(config.get("pathvars", {}).get("results", "results"))' "$(CONFIG)")/archive.zip"

reproduction: install ## render the tables and figures of reproduction/ again, from what was measured
	python reproduction/render.py

test: install ## run all tests, in two parallel processes
	@$(MAKE) --no-print-directory --jobs=2 test-workflow test-package

test-workflow: install
	pytest tests/workflow tests/training

test-package: install
	pytest --ignore=tests/workflow --ignore=tests/training

test-cluster: install ## test the workflow on a one-node SLURM; as root on Debian installs it
	@if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && ! command -v slurmctld > /dev/null; then \
	  echo "installing slurm-wlm and munge"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends slurm-wlm munge > /dev/null; \
	fi
	pytest -m cluster

benchmark: install ## measure speed against a plain loop; SMALL=--small takes two minutes
	python -m benchmarks $(SMALL)

# Installs nothing: it runs on a machine with Python 3.11, torch 2.11 and NumPy.
benchmark-gpu: ## check and time trainings on a GPU, in at most 8 minutes
	$(PYTHON) -m benchmarks.gpu

check: install ## check lint and format
	snakemake --lint
	snakefmt --check Snakefile workflow
	ruff check
	ruff format --check

lock: ## resolve envs/requirements.in again
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check -r envs/requirements.in
	{ echo "# Made by \`make lock\` from requirements.in: what conda, make and CI install."; \
	  echo "# What torch brings along for CUDA is pinned by torch itself, and only on such machines."; \
	  .venv-lock/bin/pip freeze --disable-pip-version-check | grep -viE '^(nvidia|triton|cuda)' | sed 's/+cpu$$//; s/ @ file:.*//'; } > $(REQUIREMENTS)
	rm -rf .venv-lock
	$(MAKE) digest

digest: ## update the digest for conda after changing a pin by hand
	sed -i "s/^# pins: .*/# pins: $$(cat $(PINS) | sha256sum | cut -c1-16)/" envs/textvae.post-deploy.sh

reference: install ## generate config/README.md, config/schema.json and declarations.json
	python -m textvae.config.reference config/README.md config/schema.json

clean: ## delete the demo's results, but neither downloads nor the paper's results
	rm -rf results/demo
