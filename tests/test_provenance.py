"""What a step stands on is what it imports, however deep, and nothing else."""

import re
from pathlib import Path

import pytest

from textvae.provenance import source_files

SOURCE = Path(__file__).parents[1] / "src"


def write(folder, files):
    for name, text in files.items():
        path = folder / "textvae" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def names(folder, *modules):
    return [str(path.relative_to(folder / "textvae")) for path in source_files(folder, *modules)]


def test_imports_are_followed_wherever_they_stand(tmp_path):
    folder = write(
        tmp_path,
        {
            "__init__.py": "",
            "a.py": "import json\nfrom textvae.room import inner\n",
            "room/__init__.py": "",
            "room/inner.py": "def late():\n    import textvae.deep.leaf\n",
            "room/other.py": "",
            "deep/__init__.py": "from textvae.back import name\n",
            "deep/leaf.py": "from textvae import a\n",
            "back.py": "name = 1\n",
        },
    )
    assert names(folder, "textvae.a") == [
        "a.py",
        "back.py",
        "deep/__init__.py",
        "deep/leaf.py",
        "room/inner.py",
    ]


def test_imports_for_type_checkers_are_not(tmp_path):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from textvae import b\n"
    folder = write(tmp_path, {"__init__.py": "", "a.py": text, "b.py": ""})
    assert names(folder, "textvae.a") == ["a.py"]


def test_sources_in_c_beside_a_module_are_part_of_it(tmp_path):
    files = {
        "__init__.py": "",
        "a.py": "from textvae.room import inner\n",
        "room/__init__.py": "",
        "room/inner.py": "",
        "room/loop.c": "",
        "room/number.h": "",
        "elsewhere/other.c": "",
    }
    found = names(write(tmp_path, files), "textvae.a")
    assert found == ["a.py", "room/inner.py", "room/loop.c", "room/number.h"]


def test_files_that_only_open_a_room_are_left_out(tmp_path):
    files = {
        "__init__.py": '"""The house."""\n',
        "room/__init__.py": '"""A room."""\n\nLIGHT = 1\n',
        "room/inner.py": "",
    }
    assert names(write(tmp_path, files), "textvae.room.inner") == [
        "room/__init__.py",
        "room/inner.py",
    ]


def test_a_module_that_is_not_there(tmp_path):
    with pytest.raises(ModuleNotFoundError, match=r"no textvae\.gone below"):
        source_files(write(tmp_path, {"__init__.py": ""}), "textvae.gone")


def rooms(*modules):
    return {
        path.relative_to(SOURCE / "textvae").parts[0] for path in source_files(SOURCE, *modules)
    }


def test_the_rooms_stand_on_each_other_without_circles():
    # corpora stands on the ground; models above it, optimisation above that; then what trains,
    # measures, generates and learns, not on each other; the paper reads files alone.
    stages = {"training", "evaluation", "generation", "fce", "syntax"}
    upstairs = {"optimisation", "paper", *stages}
    assert rooms("textvae.corpora.preparation").isdisjoint({"models", *upstairs})
    assert rooms("textvae.models.vae").isdisjoint(upstairs)
    assert rooms("textvae.training.loop").isdisjoint({"paper", *stages})
    for stage, module in (
        ("training", "cell"),
        ("evaluation", "likelihood"),
        ("generation", "sensitivity"),
        ("fce", "training"),
        ("syntax", "preferences"),
        ("syntax", "probe"),
    ):
        assert rooms(f"textvae.{stage}.{module}").isdisjoint({"paper", *stages} - {stage})
    for module in (
        "table1",
        "table2",
        "table3",
        "table4",
        "section3_2",
        "collapse",
        "figure1",
        "curves",
    ):
        assert rooms(f"textvae.paper.{module}").isdisjoint({"models", *upstairs} - {"paper"})


@pytest.mark.parametrize(
    "command",
    [
        *("grammar", "fetch", "prepare", "score", "gather"),
        *("codes", "describe", "self_bleu", "common_dictionary", "kneser_ney"),
        *("table1", "table2", "table3", "section3_2", "collapse", "figure1", "curves"),
    ],
)
def test_what_needs_no_torch_does_not_import_it(command):
    for path in source_files(SOURCE, f"textvae.commands.{command}"):
        # `from torch import nn` and `import safetensors.torch` as well.
        imports = re.search(r"^ *(from|import)\b.*\btorch\b", path.read_text(), re.MULTILINE)
        assert not imports, path
