#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-28.
#
# Behaviour: a rule's params are compared between runs as a set of values without names. If two
# params swap their values, Snakemake finds nothing to do, although the shell command changes.
# One would have guessed: params are named in the Snakefile, so a value that moves from one name to
# another is a change, and the job reruns ("params" is among the default rerun triggers).
#
# Output seen:
#   first run: train 1 test 2
#   swapped params: Nothing to be done
#   one new value: the job reruns
#
# What to do: put the name into the value ("train=1") where it matters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log || { cat pip.log; exit 2; }

snakefile() { # train, test
  cat > Snakefile <<END
rule all:
    output: "out.txt"
    params: train=$1, test=$2
    shell: "echo train {params.train} test {params.test} > {output}"
END
}
run() { venv/bin/snakemake --cores 1 --quiet rules > log.txt 2>&1 || { cat log.txt; exit 2; }; }

snakefile 1 2
run
echo "first run: $(cat out.txt)"

snakefile 2 1
venv/bin/snakemake --cores 1 --dry-run > log.txt 2>&1
if grep -q 'Nothing to be done' log.txt; then
  echo "swapped params: Nothing to be done"
else
  echo "changed: swapped params are noticed now"
  exit 1
fi

snakefile 3 1
venv/bin/snakemake --cores 1 --dry-run > log.txt 2>&1
grep -q 'Nothing to be done' log.txt && { echo "changed: no param is noticed"; exit 1; }
echo "one new value: the job reruns"
