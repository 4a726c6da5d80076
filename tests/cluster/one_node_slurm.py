"""A real SLURM on one node with two fake GPUs, which runs as long as the tests.

It needs root, and Debian's slurm-wlm and munge. Its configuration is in /etc/slurm, because jobs
start `srun` without SLURM_CONF; the configuration of another SLURM is never overwritten.
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

MARK = "# Written by textvae's tests; may be deleted."
ETC = Path("/etc/slurm")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol")
# Debian installs daemons in folders that are not in every PATH.
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
# Jobs that use more memory than requested are killed; checked every second.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
# A line for each job that ended, also for one that is then queued again.
JobCompType=jobcomp/filetxt
JobCompLoc={run}/completed.txt
NodeName={host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=16000 Gres=gpu:a100:1,gpu:h100:1
PartitionName=cpu Nodes={host} Default=YES MaxTime=2-00:00:00 DefMemPerCPU=200 PriorityTier=10
PartitionName=gpu Nodes={host} MaxTime=2-00:00:00 DefMemPerCPU=200 PriorityTier=10 PreemptMode=OFF
# Urgent jobs preempt jobs of this partition, after ten seconds of grace.
PartitionName=gpu-scavenge Nodes={host} MaxTime=2-00:00:00 PriorityTier=10 GraceTime=10
PartitionName=gpu-urgent Nodes={host} MaxTime=2-00:00:00 PriorityTier=20 PreemptMode=OFF
"""


def missing() -> str | None:
    """Return why SLURM cannot be started here, or None."""
    if os.geteuid() != 0:
        return "SLURM must be started as root"
    absent = [name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None]
    if absent:
        return f"{', '.join(absent)} missing (Debian: apt-get install slurm-wlm munge)"
    configured = ETC / "slurm.conf"
    if configured.exists() and MARK not in configured.read_text():
        return f"{configured} belongs to another SLURM"
    return None


def _socket_of_tests(munged: psutil.Process) -> bool:
    configured = (ETC / "slurm.conf").read_text()
    sockets = [word for word in munged.info["cmdline"] if word.startswith("--socket=")]
    return any(socket.removeprefix("--") in configured for socket in sockets)


class Cluster:
    """The daemons of SLURM, and its records of jobs."""

    def __init__(self, run: Path) -> None:
        """Start the daemons, with logs and state in the folder `run`."""
        self.run = run
        # Daemons of a test run that was killed; `missing` ensures that the file is ours.
        if (ETC / "slurm.conf").exists():
            leftover = [
                process
                for process in psutil.process_iter(["name", "cmdline"])
                if process.info["name"] in ("slurmctld", "slurmd")
                or (process.info["name"] == "munged" and _socket_of_tests(process))
            ]
            for process in leftover:
                process.kill()
            psutil.wait_procs(leftover, timeout=20)
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
        """End all jobs and daemons, and delete the configuration."""
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
        """Return what a command of SLURM prints; "" if it fails."""
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def jobs(self) -> list[dict[str, str]]:
        """Return JobId, JobState, Comment, TimeLimit, TRES, Restarts ... of each job."""
        lines = self.ask("scontrol", "--oneliner", "--details", "show", "jobs").splitlines()
        return [dict(re.findall(r"(\w[\w/:]*)=(.*?) *(?= \w[\w/:]*=|$)", line)) for line in lines]

    def completed(self) -> list[dict[str, str]]:
        """Return JobId, JobState, Partition, TimeLimit ... for each end of a job."""
        path = self.run / "completed.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]

    def _start(self, program: str, *arguments: str) -> None:
        path = shutil.which(program, path=SEARCHED)
        with (self.run / f"{program}.out").open("wb") as out:
            self._daemons.append(
                subprocess.Popen([path, *arguments], stdout=out, stderr=out, cwd=self.run)
            )

    def _await(self, condition: Callable[[], bool], name: str) -> None:
        for _ in range(300):
            if condition():
                return
            if any(daemon.poll() is not None for daemon in self._daemons):
                break
            time.sleep(0.1)
        output = "".join(path.read_text()[-2000:] for path in self.run.glob("*.out"))
        self.stop()
        raise RuntimeError(f"no {name}: {output}")
