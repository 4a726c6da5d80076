"""The record of a run: configuration, software and machine."""

import json
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pretended_gpus import answering
from textvae import __version__
from textvae.run.information import (
    Machine,
    configuration_yaml,
    information,
    information_page,
    software,
    this_machine,
)

keys = st.text(min_size=1, max_size=10)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(keys, values, max_size=4))
def test_configuration_is_read_back_unchanged(configuration):
    found = yaml.safe_load(configuration_yaml(configuration)) or {}
    assert found == configuration
    assert list(found) == list(configuration)


def test_record_as_json_and_page():
    machine = Machine("Linux-6", "A Fast One", 8, 31.2, ("H100, 80 GiB",))
    found = json.loads(json.dumps(information(machine, {"torch": "2.1"}, {"textvae.cells": "ab"})))
    assert found["machine"]["gpus"] == ["H100, 80 GiB"]
    assert (found["software"], found["code"]) == ({"torch": "2.1"}, {"textvae.cells": "ab"})
    page = information_page("targets: [<b>]\n  # indented\n", machine, {"<i>": "2.1+cpu"})
    for expected in (
        '<th scope="row">processor</th><td>A Fast One</td>',
        '<th scope="row">memory</th><td>31.2 GiB</td>',
        '<th scope="row">&lt;i&gt;</th><td>2.1+cpu</td>',
        "<pre>targets: [&lt;b&gt;]\n  # indented</pre>",
    ):
        assert expected in page
    unknown = information_page("", Machine("Linux", None, 1, None, ()), {})
    shown = dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', unknown))
    assert (shown["processor"], shown["memory"], shown["GPUs"]) == ("unknown", "unknown", "none")


def test_software_lists_the_package_and_python_first():
    found = software()
    assert list(found.items())[:2] == [
        ("textvae", __version__),
        ("Python", platform.python_version()),
    ]
    others = list(found)[2:]
    assert others == sorted(others, key=str.lower)
    assert found["torch"] == version("torch")


@pytest.mark.parametrize(
    ("text", "processor"),
    [
        ("processor\t: 0\nmodel name\t: One @ 3 GHz \nmodel name\t: Two\n", "One @ 3 GHz"),
        ("model name :\n", None),
        (None, None),
    ],
)
def test_machine_is_that_of_this_process(tmp_path, monkeypatch, text, processor):
    monkeypatch.setattr("platform.processor", lambda: "")
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    machine = this_machine(tmp_path / "cpuinfo")
    assert machine.processor == processor
    assert machine.cores == len(os.sched_getaffinity(0))
    kibibytes = int(re.search(r"MemTotal: *(\d+)", Path("/proc/meminfo").read_text())[1])
    assert machine.memory_gib == pytest.approx(kibibytes / 2**20, rel=0.1, abs=0.1)
    assert machine.system.startswith("Linux")


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("echo 'H100, 81559 MiB'; echo ' L4, 23034 MiB'", ("H100, 81559 MiB", "L4, 23034 MiB")),
        (None, ()),
        ("echo broken; exit 1", ()),
    ],
)
def test_gpus_are_those_of_nvidia_smi(tmp_path, monkeypatch, commands, expected):
    monkeypatch.setenv("PATH", str(tmp_path))
    if commands:
        answering(tmp_path, commands)
    assert this_machine().gpus == expected
