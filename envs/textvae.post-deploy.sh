#!/usr/bin/env bash
# Run by Snakemake in a new conda environment, from the root of the workflow. The next line makes
# Snakemake see a new environment when the lock changes; `make lock` keeps it.
# requirements.txt: bbe0b21cebed84e1
set -euo pipefail
pip install --quiet -r envs/requirements.txt
pip install --quiet --no-deps --editable .
