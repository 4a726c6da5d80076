"""Each process claims its own GPU: which are visible, which is free, and when it is released."""

import os
import signal

import pytest

from other_processes import running
from pretended_gpus import UUIDS, answering, nvidia_smi
from textvae.errors import InputError
from textvae.runtime import gpus
from textvae.runtime.gpus import GPU, list_gpus, private_folder, visible

# Claims a GPU, prints what CUDA will see, and keeps it until it is killed or its input ends.
HOLD = """
import os, sys
from textvae.runtime.gpus import claim
claimed = claim(int(sys.argv[1]))
print("has", claimed and os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""
FOUR = {str(number): uuid for number, uuid in enumerate(UUIDS)}


@pytest.fixture
def start(tmp_path):
    """Start a process on a machine with fake GPUs; all are ended after the test."""
    processes = []
    (tmp_path / "tmp").mkdir()

    def start(programs, cells=1, **environment):
        environment |= {"PATH": str(programs), "TMPDIR": str(tmp_path / "tmp")}
        processes.append(running(HOLD, cells, **environment))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def shown(process):
    """Return the entry of the GPU that a process has claimed; it must not wait."""
    for line in process.stdout:
        if line.startswith("has "):
            return line.split()[1]
        assert "waiting" not in line
    raise AssertionError("ended without a claim")


@pytest.mark.parametrize(
    ("entries", "numbers"),
    [
        *((None, [0, 1, 2, 3]), (" 2 , 0 ", [2, 0]), (f"{UUIDS[3]},1", [3, 1])),
        *((invalid, []) for invalid in ("", "-1", "NoDevFiles", "GPU-1a2b3c4d-0000/../../x")),
        # A unique prefix of a UUID.
        *(("GPU-1a2b3", [0]), ("GPU-1a2b", [])),
        # Entries after an invalid one are ignored.
        *(("1,-1,2", [1]), ("1,4,2", [1]), ("1,,2", [1])),
        # A GPU that is named twice makes all entries invalid.
        *(("1,2,1", []), (f"1,{UUIDS[1]}", [])),
    ],
)
def test_visible_gpus_are_those_of_cuda(entries, numbers):
    assert [FOUR[str(n)] for n in numbers] == [gpu.uuid for gpu in visible(entries, FOUR)]


def test_unlisted_gpus_and_parts_are_taken_from_the_variable():
    assert visible("3,GPU-1a2b,x,0", None) == [GPU("3", None), GPU("GPU-1a2b", None)]
    assert visible(None, None) == visible(None, {}) == []
    for uuids in (FOUR, None):
        (part,) = visible("MIG-GPU-1a2b3c4d-0000/1/0", uuids)
        assert part.identity == "MIG-GPU-1a2b3c4d-0000_1_0"


@pytest.mark.parametrize(
    ("commands", "expected", "message"),
    [
        (f"echo '0, {UUIDS[0]}'\n", {"0": UUIDS[0]}, ""),
        ("printf 'No devices\\n0, [Unknown Error]\\n1, GPU-1a2b\\n'\n", {"1": "GPU-1a2b"}, ""),
        (None, None, ""),
        ("echo 'Failed to initialize'\necho more\nexit 9\n", None, "Failed to initialize"),
        ("exit 3\n", None, "exit status 3"),
        ("exec /bin/sleep 600\n", None, "no answer in 0.2 s"),
        ("\0", None, "Exec format error"),
    ],
)
def test_gpus_listed_by_nvidia_smi(tmp_path, monkeypatch, capsys, commands, expected, message):
    monkeypatch.setattr(gpus, "TIMEOUT", 0.2 if message.startswith("no answer") else 60)
    monkeypatch.setenv("PATH", str(tmp_path))
    if commands:
        program = answering(tmp_path, commands) / "nvidia-smi"
        if commands == "\0":
            program.write_bytes(b"\0")
    assert list_gpus() == expected
    printed = capsys.readouterr().err
    assert printed.startswith(f"nvidia-smi: {message}; ") if message else printed == ""


def test_processes_started_at_once_claim_one_gpu_each(start, tmp_path):
    programs = nvidia_smi(tmp_path / "bin", 4)
    processes = [start(programs) for _ in range(4)]
    assert {shown(process) for process in processes} == {"0", "1", "2", "3"}
    assert start(programs).stdout.readline().startswith("all 4 GPUs are taken; waiting (")


def test_waiting_process_claims_the_gpu_of_a_killed_one(start, tmp_path):
    programs = nvidia_smi(tmp_path / "bin", 1)
    first = start(programs)
    assert first.stdout.readline() == f"GPU 0 of 0 ({UUIDS[0]})\n"
    assert shown(first) == "0"
    second = start(programs)
    line = second.stdout.readline()
    assert line.startswith("the GPU is taken; waiting (")
    assert "--cells-per-gpu above 1" in line
    first.send_signal(signal.SIGKILL)
    assert second.stdout.readline() == f"GPU 0 of 0 ({UUIDS[0]})\n"


def test_least_used_gpu_is_shared_first(start, tmp_path):
    programs = nvidia_smi(tmp_path / "bin", 2)
    assert [shown(start(programs, cells=2)) for _ in range(4)] == ["0", "1", "0", "1"]
    assert "--cells-per-gpu above 2" in start(programs, cells=2).stdout.readline()


@pytest.mark.parametrize(
    ("count", "sees", "expected"),
    [
        (4, [f"3,{UUIDS[1]}"] * 2, ["3", UUIDS[1]]),
        # A number and a UUID of the same GPU.
        (4, ["2", f"{UUIDS[2]},0"], ["2", "0"]),
        # Without nvidia-smi.
        *((None, ["5,7"] * 2, ["5", "7"]), (None, [None], ["None"])),
        *((0, [None], ["None"]), (2, [""], ["None"])),
    ],
)
def test_only_visible_gpus_are_claimed(start, tmp_path, count, sees, expected):
    programs = tmp_path / "bin"
    programs.mkdir()
    if count is not None:
        nvidia_smi(programs, count)
    seen = [{} if see is None else {"CUDA_VISIBLE_DEVICES": see} for see in sees]
    assert [shown(start(programs, **see)) for see in seen] == expected
    assert ("None" in expected) == (not list((tmp_path / "tmp").iterdir()))


def test_cluster_jobs_that_all_see_number_0_do_not_wait(start, tmp_path):
    for uuid in UUIDS[:2]:
        programs = answering(tmp_path / uuid, f"echo '0, {uuid}'\n")
        process = start(programs, CUDA_VISIBLE_DEVICES="0")
        assert process.stdout.readline() == f"GPU 0 of 0 ({uuid})\n"


def test_claim_is_cached_until_released(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(nvidia_smi(tmp_path / "bin", 1)), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # Restored after the test, because a claim sets both.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    first = gpus.claim(1)
    assert gpus.claim(1) is first
    first.release()
    second = gpus.claim(1)
    assert second is not first
    assert second.gpu == first.gpu
    second.release()
    assert (tmp_path / f"textvae-gpus-{os.getuid()}").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_folder_that_another_user_may_control_is_refused(tmp_path, kind):
    path = tmp_path / "gpus"
    make = {
        "open to others": lambda: path.mkdir() or path.chmod(0o701),
        "a link": lambda: path.symlink_to(private_folder(tmp_path / "elsewhere")),
        "a file": lambda: path.touch(mode=0o600),
    }
    make[kind]()
    with pytest.raises(InputError, match=f"^{path}: .*TMPDIR"):
        private_folder(path)
