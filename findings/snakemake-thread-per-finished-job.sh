#!/usr/bin/env bash
# Package: snakemake 9.27.1 (PyPI). Seen: 2026-11-29.
#
# Behaviour: with the default limit of 100 jobs a second, the scheduler looks through all ready jobs
# once more a second after every look, from a thread of its own, and each job that ends begins a
# further series of looks. While jobs are ready there are as many threads, and as many looks a second,
# as jobs have ended: with thousands of jobs the scheduler alone needs a processor core, and longer
# than many of the jobs.
# One would have guessed: one look when a job ends, and one thread to wait for the limit.
#
# Output seen (100 jobs, one at a time; threads of Snakemake when the first and the last one ran):
#   default limit:   2 and 102 threads
#   without a limit: 2 and 2 threads
#
# What to do: in `onstart`, workflow.scheduler.job_rate_limiter = None. A long timespan is no way out:
# its threads keep Snakemake from ending until it is over.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 2> pip.log \
  || { cat pip.log; exit 2; }

cat > Snakefile <<'END'
rule all:
    input: expand("{i}.txt", i=range(100))
rule one:
    output: "{i}.txt"
    shell: "grep Threads: /proc/$PPID/status > {output}; sleep 0.1"
END
threads() {
  rm -rf .snakemake ./*.txt
  venv/bin/snakemake --cores 1 "$@" > log 2>&1 || { cat log; exit 2; }
  cut -f 2 ./*.txt | sort -n | sed -n '1p;$p' | tr '\n' ' '
}
read -r first last <<< "$(threads)"
echo "default limit:   $first and $last threads"
cat >> Snakefile <<'END'
onstart:
    workflow.scheduler.job_rate_limiter = None
END
read -r without_first without_last <<< "$(threads)"
echo "without a limit: $without_first and $without_last threads"
if (( last < 50 )); then
  echo "changed: threads no longer grow with the jobs that ended"
  exit 1
fi
