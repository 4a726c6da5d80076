#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-30.
#
# Behaviour: a null in a configuration file makes a section of the Snakefile's configuration null,
# but not if a later file of --configfile gives the section again: the files of the command line are
# merged first, in which the null is replaced without a trace, and what the Snakefile's file has in
# the section comes back beside the later file's keys.
# One would have guessed: files apply one after the other, so that the later file begins with an
# empty section, and a model that was to be defined anew has no setting of the old one.
#
# Output seen:
#   removal alone: None
#   removal, then another: {'batch': 32, 'beta': 2.0, 'hidden': 64}
#
# What to do: read workflow.configfiles in their order (the Snakefile's own is last there, and lowest),
# and remove from the merged configuration what a null was to remove.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log || { cat pip.log; exit 2; }

echo 'model: { beta: 2.0, batch: 32 }' > base.yaml
echo 'model: null' > removal.yaml
echo 'model: { hidden: 64 }' > another.yaml
cat > Snakefile <<'END'
configfile: "base.yaml"
model = config["model"]
print("model:", model and {key: model[key] for key in sorted(model)})
rule all:
    shell: "true"
END
model_of() {
  venv/bin/snakemake --cores 1 --dry-run --configfile "$@" > out.txt 2> err.txt || { cat err.txt; exit 2; }
  sed -n 's/^model: //p' out.txt
}
alone=$(model_of removal.yaml)
both=$(model_of removal.yaml another.yaml)
echo "removal alone: $alone"
echo "removal, then another: $both"
[ "$alone" = None ] && [ "$both" = "{'batch': 32, 'beta': 2.0, 'hidden': 64}" ] ||
  { echo "changed: a null between configuration files has another effect"; exit 1; }
