#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-29.
#
# Behaviour: a key that occurs twice in a configuration file loses its first value without a message.
# Numbers are read by YAML 1.1, so that 010 is 8 and 1:30 is 90, while 1e-3 is a text.
# One would have guessed: a repeated key is an error, and a learning rate of 1e-3 is a number.
#
# Output seen:
#   experiments: ['figure']
#   seed: 8, C: 90, learning_rate: '1e-3'
#
# What to do: read workflow.configfiles once more with a loader that refuses repeated keys and such
# numbers before any job is planned; write 1.0e-3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log || { cat pip.log; exit 2; }

cat > config.yaml <<'END'
experiments: { table: { seeds: [1] } }
training: { seed: 010, C: 1:30, learning_rate: 1e-3 }
experiments: { figure: { seeds: [1] } }
END
cat > Snakefile <<'END'
configfile: "config.yaml"
training = config["training"]
print("experiments:", list(config["experiments"]))
print(f"seed: {training['seed']}, C: {training['C']}, learning_rate: {training['learning_rate']!r}")
rule all:
    shell: "true"
END
venv/bin/snakemake --cores 1 --dry-run > out.txt 2> err.txt || { cat err.txt; echo "changed: refused"; exit 1; }
grep -E '^(experiments|seed):' out.txt
grep -q "^experiments: \['figure'\]" out.txt &&
  grep -q "^seed: 8, C: 90, learning_rate: '1e-3'" out.txt &&
  ! grep -qiE 'duplicate|twice' out.txt err.txt ||
  { echo "changed: keys or numbers are read otherwise"; exit 1; }
