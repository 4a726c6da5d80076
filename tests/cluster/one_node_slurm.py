"""A real SLURM on one node, with two GPUs that are none, for as long as the tests take.

It needs Debian's slurm-wlm and munge, and root. Its configuration lies in /etc/slurm, because jobs
start `srun` without SLURM_CONF; where another SLURM is configured there, nothing is touched.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

MARK = "# Of textvae's tests; may be deleted."
ETC = Path("/etc/slurm")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol")
# Debian puts daemons where not everyone looks.
SEARCHED = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])

CONFIGURATION = """{mark}
ClusterName=textvae
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={run}/munge.sock
StateSaveLocation={run}/state
SlurmdSpoolDir={run}/spool
SlurmctldPidFile={run}/slurmctld.pid
SlurmdPidFile={run}/slurmd.pid
SlurmctldLogFile={run}/slurmctld.log
SlurmdLogFile={run}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
JobRequeue=1
KillWait=10
MinJobAge=7200
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmdParameters=config_overrides
GresTypes=gpu
# Whoever takes more memory than was asked for is killed; looked at every second.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
# SLURM's own record: a line for each job that ended, also for one that ended to be queued again.
JobCompType=jobcomp/filetxt
JobCompLoc={run}/completed.txt
NodeName={host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=16000 Gres=gpu:a100:1,gpu:h100:1
PartitionName=cpu Nodes={host} Default=YES MaxTime=2-00:00:00 DefMemPerCPU=200 PriorityTier=10
PartitionName=gpu Nodes={host} MaxTime=2-00:00:00 DefMemPerCPU=200 PriorityTier=10 PreemptMode=OFF
# What runs here makes room for what is urgent, after ten seconds of grace.
PartitionName=gpu-scavenge Nodes={host} MaxTime=2-00:00:00 PriorityTier=10 GraceTime=10
PartitionName=gpu-urgent Nodes={host} MaxTime=2-00:00:00 PriorityTier=20 PreemptMode=OFF
"""


def missing() -> str | None:
    """Why there can be no SLURM here, or None."""
    if os.geteuid() != 0:
        return "a SLURM of its own takes root"
    absent = [name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None]
    if absent:
        return f"there is no {', '.join(absent)} (Debian: apt-get install slurm-wlm munge)"
    configured = ETC / "slurm.conf"
    if configured.exists() and MARK not in configured.read_text():
        return f"{configured} is of another SLURM"
    return None


def _socket_of_tests(munged: psutil.Process) -> bool:
    configured = (ETC / "slurm.conf").read_text()
    sockets = [word for word in munged.info["cmdline"] if word.startswith("--socket=")]
    return any(socket.removeprefix("--") in configured for socket in sockets)


class Cluster:
    """The daemons, and what SLURM itself says of its jobs."""

    def __init__(self, run: Path) -> None:
        """Start it; its logs and state go to the folder `run`."""
        self.run = run
        # What a test run that was killed left behind: `missing` made sure that it is ours.
        if (ETC / "slurm.conf").exists():
            left = [
                process
                for process in psutil.process_iter(["name", "cmdline"])
                if process.info["name"] in ("slurmctld", "slurmd")
                or (process.info["name"] == "munged" and _socket_of_tests(process))
            ]
            for process in left:
                process.kill()
            psutil.wait_procs(left, timeout=20)
        self._daemons: list[subprocess.Popen] = []
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (run / name).mkdir(parents=True)
        ETC.mkdir(exist_ok=True)
        (ETC / "slurm.conf").write_text(CONFIGURATION.format(mark=MARK, host=host, run=run))
        lines = []
        for model in ("a100", "h100"):
            (run / model).symlink_to("/dev/null")
            lines.append(f"Name=gpu Type={model} File={run / model}")
        (ETC / "gres.conf").write_text("\n".join([MARK, *lines, ""]))
        key = run / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self._start(
            "munged",
            "--foreground",
            "--force",
            f"--key-file={key}",
            f"--socket={run / 'munge.sock'}",
            f"--pid-file={run / 'munged.pid'}",
            f"--log-file={run / 'munged.log'}",
            f"--seed-file={run / 'munged.seed'}",
        )
        self._await(lambda: (run / "munge.sock").exists(), "munge")
        self._start("slurmctld", "-D", "-c")
        self._start("slurmd", "-D")
        self._await(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%t"), "an idle node")

    def stop(self) -> None:
        """End all jobs and daemons, and take the configuration away."""
        self.ask("scancel", "--user=root")
        for daemon in reversed(self._daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in self._daemons:
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
        for name in ("slurm.conf", "gres.conf"):
            (ETC / name).unlink()

    def ask(self, *command: str) -> str:
        """What one of SLURM's commands prints; nothing where it fails."""
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def jobs(self) -> list[dict[str, str]]:
        """SLURM's record of each job: JobId, JobState, Comment, TimeLimit, TRES, Restarts ..."""
        lines = self.ask("scontrol", "--oneliner", "--details", "show", "jobs").splitlines()
        return [dict(re.findall(r"(\w[\w/:]*)=(.*?) *(?= \w[\w/:]*=|$)", line)) for line in lines]

    def completed(self) -> list[dict[str, str]]:
        """SLURM's record of each time a job ended: JobId, JobState, Partition, TimeLimit ..."""
        path = self.run / "completed.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]

    def _start(self, program: str, *arguments: str) -> None:
        path = shutil.which(program, path=SEARCHED)
        with (self.run / f"{program}.out").open("wb") as out:
            self._daemons.append(
                subprocess.Popen([path, *arguments], stdout=out, stderr=out, cwd=self.run)
            )

    def _await(self, there: Callable[[], bool], what: str) -> None:
        for _ in range(300):
            if there():
                return
            if any(daemon.poll() is not None for daemon in self._daemons):
                break
            time.sleep(0.1)
        said = "".join(path.read_text()[-2000:] for path in self.run.glob("*.out"))
        self.stop()
        raise RuntimeError(f"{what} did not come up: {said}")
