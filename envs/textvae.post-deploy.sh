#!/usr/bin/env bash
# Run by Snakemake in a new conda environment, from the root of the workflow. The next line changes
# with every pin, so that Snakemake creates a new environment; `make digest` updates it.
# pins: 14554e5aa919233f
set -euo pipefail
pip install --quiet -r envs/requirements.txt
pip install --quiet --no-deps --editable .
bash envs/kenlm.sh "$(python -c 'import sys; print(sys.prefix)')"
