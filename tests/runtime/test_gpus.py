"""Each process its own GPU: which are visible, which is free, and who lets go of it when."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretended_gpus import UUIDS, answering, nvidia_smi
from textvae.errors import InputError
from textvae.runtime import gpus
from textvae.runtime.gpus import GPU, listed, private_folder, visible

SOURCE = Path(__file__).parents[2] / "src"
# Claims a GPU, says what CUDA will see, and has it until it is killed or its input ends.
HOLD = """
import os, sys
from textvae.runtime.gpus import claim
claimed = claim(int(sys.argv[1]))
print("has", claimed and os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""
FOUR = {str(number): uuid for number, uuid in enumerate(UUIDS)}


class Machine:
    """Processes that claim GPUs of one pretended machine, under one temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tmp").mkdir()
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *, has: int | None = 2, cells: int = 1, see: str | None = None):
        """A process on a machine that has so many GPUs, None for one without nvidia-smi."""
        programs = self.folder / f"has-{has}"
        programs.mkdir(exist_ok=True)
        if has is not None:
            nvidia_smi(programs, has)
        return self.start_with(programs, cells, see)

    def start_with(self, programs: Path, cells: int = 1, see: str | None = None):
        """A process that finds no programs but those of a folder."""
        environment = {
            "PATH": str(programs),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(SOURCE),
        }
        if see is not None:
            environment["CUDA_VISIBLE_DEVICES"] = see
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(cells)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.started.append(process)
        return process

    def claim(self, **how) -> str:
        """What a new process is shown of the GPUs, once it has one."""
        return self.shown(self.start(**how))

    @staticmethod
    def shown(process) -> str:
        """The entry that it has, read from the last line that it says; it must not wait."""
        for line in process.stdout:
            if line.startswith("has "):
                return line.split()[1]
            assert "waiting" not in line
        raise AssertionError("ended without a claim")

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.end()


# Which GPUs are visible.


def test_all_are_where_nothing_is_said():
    assert [gpu.uuid for gpu in visible(None, FOUR)] == list(UUIDS)
    assert visible(None, None) == []
    assert visible(None, {}) == []


@pytest.mark.parametrize(
    ("entries", "numbers"),
    [
        ("", []),
        ("-1", []),
        ("2", [2]),
        ("2,0", [2, 0]),
        (" 2 , 0 ", [2, 0]),
        (UUIDS[3], [3]),
        (f"{UUIDS[3]},1", [3, 1]),
        # As much of a UUID as tells it apart.
        ("GPU-1a2b3", [0]),
        ("GPU-1a2b", []),
        ("GPU-7", []),
        # What follows an invalid entry does not count.
        ("1,-1,2", [1]),
        ("1,4,2", [1]),
        ("1,none,2", [1]),
        ("1,,2", [1]),
        # One that is named twice makes all of it void.
        ("1,2,1", []),
        (f"1,{UUIDS[1]}", []),
        ("NoDevFiles", []),
        ("GPU-1a2b3c4d-0000/../../x", []),
    ],
)
def test_what_cuda_would_show(entries, numbers):
    shown = visible(entries, FOUR)
    assert [gpu.uuid for gpu in shown] == [UUIDS[number] for number in numbers]


def test_a_part_of_a_gpu_is_known_by_its_own_name_alone():
    parts = "MIG-GPU-1a2b3c4d-0000/1/0,MIG-5a5a-77"
    for uuids in (FOUR, None):
        assert [gpu.identity for gpu in visible(parts, uuids)] == [
            "MIG-GPU-1a2b3c4d-0000_1_0",
            "MIG-5a5a-77",
        ]


def test_entries_are_taken_at_their_word_where_nobody_tells_of_gpus():
    assert visible("3,GPU-1a2b,x,0", None) == [GPU("3", None), GPU("GPU-1a2b", None)]


entry = st.sampled_from(["0", "3", "4", "-1", "", "x", *UUIDS, "GPU-1a2b", "MIG-1/2", "MIG-1"])


@given(
    entries=st.lists(entry | st.text("0123-GPUMIGa/., "), max_size=5),
    uuids=st.sampled_from([None, {}, FOUR]),
)
def test_the_visible_are_the_first_of_what_is_named_and_no_two_are_one(entries, uuids):
    text = ",".join(entries)
    shown = visible(text, uuids)
    named = [part.strip() for part in text.split(",")]
    for gpu, name in zip(shown, named, strict=False):
        assert gpu.entry == (str(int(name)) if name.isdigit() else name)
        # Each becomes the name of a file.
        assert re.fullmatch(r"[\w-]+", gpu.identity)
    assert len({gpu.identity for gpu in shown}) == len(shown)


# What nvidia-smi says, and whether it does.


def test_numbers_and_uuids_of_nvidia_smi(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(nvidia_smi(tmp_path, 2)), prepend=":")
    assert listed() == {"0": UUIDS[0], "1": UUIDS[1]}


def test_without_nvidia_smi_nobody_tells(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert listed() is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ("echo 'Failed to initialize NVML'\necho more\nexit 9\n", "Failed to initialize NVML"),
        ("exit 3\n", "exit status 3"),
        ("exec sleep 600\n", "no answer in 0.2 s"),
    ],
)
def test_one_that_fails_or_hangs_is_told_in_a_line(tmp_path, monkeypatch, capsys, commands, why):
    monkeypatch.setattr(gpus, "PATIENCE", 0.2 if "sleep" in commands else 60)
    monkeypatch.setenv("PATH", str(answering(tmp_path, commands)), prepend=":")
    assert listed() is None
    assert capsys.readouterr().err == f"nvidia-smi: {why}; several processes may use the same GPU\n"


def test_one_that_cannot_be_started(tmp_path, monkeypatch, capsys):
    program = answering(tmp_path, "") / "nvidia-smi"
    program.write_bytes(b"\x00")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert listed() is None
    assert capsys.readouterr().err.startswith("nvidia-smi: Exec format error; ")


def test_lines_that_name_no_gpu_are_passed_over(tmp_path, monkeypatch):
    text = "No devices were found\\n0, [Unknown Error]\\n1, GPU-1a2b\\n"
    monkeypatch.setenv("PATH", str(answering(tmp_path, f"printf '{text}'\n")), prepend=":")
    assert listed() == {"1": "GPU-1a2b"}


# Which GPU a process gets.


def test_each_process_gets_its_own(machine):
    assert {machine.claim(), machine.claim()} == {"0", "1"}


def test_several_started_at_once_get_one_each(machine):
    started = [machine.start(has=4) for _ in range(4)]
    assert {machine.shown(process) for process in started} == {"0", "1", "2", "3"}


def test_it_says_which_and_shows_no_other(machine):
    process = machine.start()
    assert process.stdout.readline() == f"GPU 0 of 0, 1 ({UUIDS[0]})\n"
    assert machine.shown(process) == "0"


def test_a_third_waits_says_so_once_and_follows_one_that_was_killed(machine):
    first, second = machine.start(), machine.start()
    had = {machine.shown(first): first, machine.shown(second): second}
    third = machine.start()
    assert third.stdout.readline() == (
        "all 2 GPUs are taken; waiting (a --cells-per-gpu above 1 lets more share one)\n"
    )
    had["1"].send_signal(signal.SIGKILL)
    assert third.stdout.readline() == f"GPU 1 of 0, 1 ({UUIDS[1]})\n"


def test_of_one_it_is_not_said_that_all_are_taken(machine):
    machine.claim(has=1)
    line = machine.start(has=1).stdout.readline()
    assert line.startswith("the GPU is taken; waiting (")


def test_an_emptier_gpu_is_shared_first(machine):
    shown = [machine.claim(cells=2) for _ in range(4)]
    assert shown == ["0", "1", "0", "1"]
    line = machine.start(cells=2).stdout.readline()
    assert "a --cells-per-gpu above 2 lets more share one" in line


def test_only_the_visible_are_given_out(machine):
    shown = [machine.claim(has=4, see=f"3,{UUIDS[1]}") for _ in range(2)]
    assert shown == ["3", UUIDS[1]]


def test_a_number_and_a_uuid_of_one_gpu_are_one_gpu(machine):
    assert machine.claim(has=4, see="2") == "2"
    assert machine.claim(has=4, see=f"{UUIDS[2]},0") == "0"


def test_jobs_of_a_cluster_that_all_see_a_number_0_do_not_wait_for_each_other(machine):
    for uuid in UUIDS[:2]:
        programs = answering(machine.folder / uuid, f"echo '0, {uuid}'\n")
        process = machine.start_with(programs, see="0")
        assert process.stdout.readline() == f"GPU 0 of 0 ({uuid})\n"


def test_without_nvidia_smi_the_entries_are_shared_out(machine):
    assert [machine.claim(has=None, see="5,7") for _ in range(2)] == ["5", "7"]


@pytest.mark.parametrize("how", [{"has": None}, {"has": 0}, {"see": ""}, {"see": "-1"}])
def test_where_there_are_none_none_is_claimed(machine, how):
    assert machine.claim(**how) == "None"
    assert not list((machine.folder / "tmp").iterdir())


def test_one_is_never_given_to_more_than_may_share_it(machine, monkeypatch):
    """Threads that come and go as processes do: a lock is a lock for them too."""
    (folder := machine.folder / "locks").mkdir()
    both = visible(None, {"0": UUIDS[0], "1": UUIDS[1]})
    inside: dict[str, int] = {"0": 0, "1": 0}
    most, guard = [], threading.Lock()

    def come_and_go():
        for _ in range(30):
            while (claimed := gpus._first_free(both, 2, folder)) is None:
                pass
            with guard:
                inside[claimed.gpu.entry] += 1
                most.append(max(inside.values()))
            with guard:
                inside[claimed.gpu.entry] -= 1
            claimed.release()

    threads = [threading.Thread(target=come_and_go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 180
    assert max(most) <= 2


@pytest.fixture
def one_gpu(tmp_path, monkeypatch):
    """A machine with one GPU, for this very process."""
    monkeypatch.setenv("PATH", str(nvidia_smi(tmp_path / "bin", 1)), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # Put back as it was: a claim sets both.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    yield tmp_path
    if gpus._own is not None:
        gpus._own.release()


def never(seconds):
    raise AssertionError("waits")


def test_a_process_does_not_wait_for_itself(one_gpu):
    first = gpus.claim(1, never)
    assert gpus.claim(1, never) is first


def test_one_that_let_go_can_have_it_again(one_gpu):
    first = gpus.claim(1, never)
    first.release()
    second = gpus.claim(1, never)
    assert second is not first
    assert second.gpu == first.gpu


# Where the locks lie.


def test_the_folder_is_the_users_alone(one_gpu):
    gpus.claim(1)
    (folder,) = one_gpu.glob("textvae-gpus-*")
    assert folder.name == f"textvae-gpus-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_someone_else_may_have_put_there_is_refused(tmp_path, kind):
    path = tmp_path / "gpus"
    if kind == "open to others":
        path.mkdir()
        path.chmod(0o777)
    elif kind == "a link":
        private_folder(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.touch(mode=0o600)
    with pytest.raises(InputError) as error:
        private_folder(path)
    assert (
        str(error.value) == f"{path}: not a private folder of this user; remove it, or set TMPDIR"
    )
