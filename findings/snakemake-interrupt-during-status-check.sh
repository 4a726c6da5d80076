#!/usr/bin/env bash
# Packages: snakemake 9.27.1, snakemake-interface-executor-plugins 9.4.0,
# snakemake-executor-plugin-cluster-generic 1.0.9 (PyPI). Seen: 2026-11-29.
#
# Behaviour: Snakemake takes jobs off its list of active jobs while it asks the cluster for their state,
# and puts them back afterwards. If it is interrupted (Ctrl-C, SIGINT) in between, it cancels what is on
# the list: nothing. It ends without a word about the jobs, which go on. This is in the interface that
# all plugins for clusters share: with `sacct`, which takes seconds on a busy cluster, or a status command
# of one's own, the moment is not a short one.
# One would have guessed: an interrupt cancels every job that was submitted and has not ended.
#
# Output seen (one job of a minute; its status takes five seconds to find out, every three seconds):
#   interrupted between two checks: cancelled, the job has ended
#   interrupted during a check:     not cancelled, the job goes on
#
# What to do: look at the queue after an interrupt.
set -euo pipefail
folder=$(mktemp -d)
trap 'pkill -f "$folder" || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check snakemake==9.27.1 \
  snakemake-interface-executor-plugins==9.4.0 \
  snakemake-executor-plugin-cluster-generic==1.0.9 2> pip.log || { cat pip.log; exit 2; }

cat > Snakefile <<'END'
rule one:
    output: "one.txt"
    shell: "sleep 60; touch {output}"
END
# A cluster: jobs are processes of this machine, their ids are process ids.
cat > submit <<'END'
#!/usr/bin/env bash
setsid bash "$1" > /dev/null 2>&1 &
echo $! | tee job
END
cat > status <<'END'
#!/usr/bin/env bash
date +%s > checking
sleep 5
rm checking
touch checked
kill -0 "$1" 2> /dev/null && echo running || echo success
END
cat > cancel <<'END'
#!/usr/bin/env bash
touch cancelled
for id in "$@"; do kill -- "-$id"; done
END
chmod +x submit status cancel

# Interrupts a run as soon as a file is there ($1), and prints what became of its job.
interrupt() {
  rm -rf .snakemake job checking checked cancelled
  env --default-signal=INT venv/bin/snakemake one.txt --jobs 1 --executor cluster-generic --cluster-generic-submit-cmd ./submit \
    --cluster-generic-status-cmd ./status --cluster-generic-cancel-cmd ./cancel \
    --seconds-between-status-checks 3 > log 2>&1 &
  run=$!
  for _ in $(seq 600); do
    [ -e "$1" ] && break
    sleep 0.1
  done
  [ -e "$1" ] || { cat log; exit 2; }
  sleep 1
  kill -INT $run
  wait $run || true
  sleep 1
  [ -e cancelled ] && printf 'cancelled, ' || printf 'not cancelled, '
  kill -0 "$(cat job)" 2> /dev/null && echo "the job goes on" || echo "the job has ended"
  kill -- "-$(cat job)" 2> /dev/null || true
}
between=$(interrupt checked)
echo "interrupted between two checks: $between"
during=$(interrupt checking)
echo "interrupted during a check:     $during"
if [ "$between" != "cancelled, the job has ended" ] \
  || [ "$during" != "not cancelled, the job goes on" ]; then
  echo "changed"
  exit 1
fi
