"""The machine of this very process."""

import os
import stat

import pytest

from textvae.run.information import this_machine


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """A machine whose nvidia-smi is this shell script, or one without."""

    def make(script):
        (tmp_path / "bin").mkdir(exist_ok=True)
        if script is not None:
            program = tmp_path / "bin/nvidia-smi"
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    return make


def test_cores_and_memory_are_those_of_the_system():
    machine = this_machine()
    assert 1 <= machine.cores <= os.cpu_count()
    assert machine.memory_gib > 0.1
    assert machine.system.startswith("Linux")


def test_the_processor_by_the_name_that_linux_gives_it(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: A Fast One @ 3 GHz \nmodel name\t: Other\n")
    assert this_machine(cpuinfo).processor == "A Fast One @ 3 GHz"


@pytest.mark.parametrize("text", [None, "", "processor : 0\n", "model name :\n"])
def test_a_system_that_does_not_name_it(tmp_path, monkeypatch, text):
    cpuinfo = tmp_path / "cpuinfo"
    if text is not None:
        cpuinfo.write_text(text)
    monkeypatch.setattr("platform.processor", lambda: "")
    assert this_machine(cpuinfo).processor is None


def test_gpus_as_nvidia_smi_tells_them(nvidia_smi):
    nvidia_smi("echo 'NVIDIA H100, 81559 MiB'; echo 'NVIDIA L4, 23034 MiB'")
    assert this_machine().gpus == ("NVIDIA H100, 81559 MiB", "NVIDIA L4, 23034 MiB")


@pytest.mark.parametrize("script", [None, "exit 9", "echo broken >&2; exit 1"])
def test_no_gpu_where_it_is_not_there_or_fails(nvidia_smi, script):
    nvidia_smi(script)
    assert this_machine().gpus == ()
