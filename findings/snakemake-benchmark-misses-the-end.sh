#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-28.
#
# Behaviour: the `benchmark:` directive samples a job's processes every half second at first, then
# every 30 seconds, and not when the job ends. What a job of 16 to 45 seconds does in its second half
# is in none of the columns: CPU seconds and peak memory are those of the last sample.
# One would have guessed: cpu_time and max_rss are the job's own, as the operating system accounts for
# a finished process.
#
# Output seen (a job that allocates 300 MiB after 20 s and works for 28 s):
#   the job itself:  25.2 CPU s, peak 313 MiB
#   benchmark file:  14.6 CPU s, peak 13 MiB
#
# What to do: let the job record resource.getrusage at its end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log \
  || { cat pip.log; exit 2; }

cat > job.py <<'END'
import resource
import sys
import time

start, held = time.monotonic(), None
while (passed := time.monotonic() - start) < 28:
    sum(range(10_000))
    if held is None and passed > 20:
        held = b"x" * (300 << 20)
usage = resource.getrusage(resource.RUSAGE_SELF)
with open(sys.argv[1], "w") as file:
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=file)
END
cat > Snakefile <<'END'
rule all:
    output: "out.txt"
    benchmark: "benchmark.tsv"
    shell: "python3 job.py {output}"
END
venv/bin/snakemake --cores 1 > log.txt 2>&1 || { cat log.txt; exit 2; }

python3 - <<'END'
import csv
import sys

cpu, memory = map(float, open("out.txt").read().split())
(row,) = csv.DictReader(open("benchmark.tsv"), delimiter="\t")
print(f"the job itself:  {cpu:.1f} CPU s, peak {memory:.0f} MiB")
print(f"benchmark file:  {float(row['cpu_time']):.1f} CPU s, peak {float(row['max_rss']):.0f} MiB")
if float(row["max_rss"]) > 0.9 * memory and float(row["cpu_time"]) > 0.9 * cpu:
    sys.exit("changed: the benchmark file has the whole job now")
END
