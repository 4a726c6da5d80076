#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-29.
#
# Behaviour: a mapping given by --config has text for every value within it, numbers, true and null
# included; the same mapping in a configuration file, or a number at the top level of --config, has its
# type. So --config 'model={layers: null}' sets the text "null", and does not remove the value.
# One would have guessed: the types of YAML, as in a file.
#
# Output seen:
#   file:     int NoneType bool
#   --config: str str str
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log \
  || { cat pip.log; exit 2; }
cat > Snakefile <<'END'
print("types:", *(type(config["model"][key]).__name__ for key in ("n", "gone", "flag")))
rule all:
    input: []
END
echo "model: {n: 3, gone: null, flag: true}" > file.yaml
types() { venv/bin/snakemake --dry-run "$@" 2>&1 | sed -n 's/^types: //p'; }
file=$(types --configfile file.yaml)
given=$(types --config 'model={n: 3, gone: null, flag: true}')
echo "file:     $file"
echo "--config: $given"
if [ "$file" != "int NoneType bool" ] || [ "$given" != "str str str" ]; then
  echo "changed"
  exit 1
fi
