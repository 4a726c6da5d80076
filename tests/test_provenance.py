"""What a result stands on is what it imports, however deep, but for what decides no number."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from textvae import provenance
from textvae.provenance import all_modules, digest, digests, imports, modules
from textvae.registry import CLAIMS, EXHIBITS
from textvae.stages import STEPS, training_roots

SOURCE = Path(__file__).parents[1] / "src"


def write(folder, files):
    for name, text in files.items():
        path = folder / "textvae" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_imports_are_followed_wherever_they_stand(tmp_path):
    folder = write(
        tmp_path,
        {
            "__init__.py": "__version__ = 2",
            "a.py": "import json\nfrom textvae.room import inner\n",
            "room/__init__.py": "",
            "room/inner.py": "def late():\n    import textvae.deep.leaf\n",
            "room/other.py": "",
            "deep/__init__.py": "from textvae.back import name\n",
            "deep/leaf.py": "from textvae import a\n",
            "back.py": "name = 1\n",
        },
    )
    assert modules(folder, "textvae.a") == {
        "textvae.a": folder / "textvae/a.py",
        "textvae.back": folder / "textvae/back.py",
        "textvae.deep": folder / "textvae/deep/__init__.py",
        "textvae.deep.leaf": folder / "textvae/deep/leaf.py",
        "textvae.room.inner": folder / "textvae/room/inner.py",
    }


def test_imports_for_type_checkers_are_not(tmp_path):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from textvae import b\n"
    folder = write(tmp_path, {"__init__.py": "", "a.py": text, "b.py": "x = 1"})
    assert [*modules(folder, "textvae.a")] == ["textvae.a"]


def test_sources_in_c_beside_a_module_are_part_of_it(tmp_path):
    files = {
        "__init__.py": "",
        "a.py": "from textvae.room import inner\n",
        "room/__init__.py": "",
        "room/inner.py": "x = 1",
        "room/loop.c": "",
        "room/number.h": "",
        "elsewhere/other.c": "",
    }
    found = [*modules(write(tmp_path, files), "textvae.a")]
    assert found == [
        "textvae.a",
        "textvae.room.inner",
        "textvae/room/loop.c",
        "textvae/room/number.h",
    ]


def test_packages_that_do_nothing_are_left_out(tmp_path):
    files = {
        "__init__.py": '"""The package."""\n',
        "room/__init__.py": '"""A package."""\n\nLIGHT = 1\n',
        "room/empty/__init__.py": '"""Another."""\n',
        "room/empty/inner.py": "x = 1",
    }
    assert [*modules(write(tmp_path, files), "textvae.room.empty.inner")] == [
        "textvae.room",
        "textvae.room.empty.inner",
    ]


def test_a_module_that_is_not_there(tmp_path):
    folder = write(tmp_path, {"__init__.py": ""})
    with pytest.raises(ModuleNotFoundError, match=r"no textvae\.gone below"):
        modules(folder, "textvae.gone")
    with pytest.raises(ModuleNotFoundError, match=r"no \S+gone\.py below"):
        modules(folder, str(tmp_path / "gone.py"))


def test_what_decides_no_number_is_neither_part_nor_followed(tmp_path):
    files = {
        "__init__.py": "",
        "a.py": "from textvae.errors import InputError\nfrom textvae.commands import run\n",
        "errors.py": "from textvae import b\n",
        "commands/__init__.py": "",
        "commands/run.py": "from textvae import b\n",
        "b.py": "x = 1",
    }
    folder = write(tmp_path, files)
    assert [*modules(folder, "textvae.a")] == ["textvae.a"]
    assert [*imports(folder, "textvae.a")] == [
        "textvae.a",
        "textvae.b",
        "textvae.commands.run",
        "textvae.errors",
    ]
    with pytest.raises(ValueError, match=r"no result stands on textvae\.commands\.run: pass"):
        modules(folder, "textvae.commands.run")


def test_every_exclusion_is_of_a_module_that_is_there():
    for name in provenance.EXCLUDED:
        imports(SOURCE, name)


def test_a_file_outside_the_package_counts_wherever_it_lies(tmp_path):
    folder = write(tmp_path, {"__init__.py": "", "a.py": "x = 1"})
    here, there = tmp_path / "mine.py", tmp_path / "elsewhere/mine.py"
    there.parent.mkdir()
    for path in (here, there):
        path.write_text("from textvae import a\ny = a.x\n")
    assert [*modules(folder, str(here))] == [str(here), "textvae.a"]
    before = digest(folder, str(here))
    assert digest(folder, str(there)) == before
    there.write_text('"""Mine."""\nfrom textvae import a\n\ny = a.x\n')
    assert digest(folder, str(there)) == before
    there.write_text("from textvae import a\ny = a.x + 1\n")
    assert digest(folder, str(there)) != before
    write(tmp_path, {"a.py": "x = 20"})
    assert digest(folder, str(here)) != before


@pytest.fixture
def source(tmp_path):
    """A copy of the package's sources."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(SOURCE, tmp_path / "src", ignore=ignored)
    return tmp_path / "src"


def change(source, name, old, new):
    path = source / "textvae" / name
    text = path.read_text()
    assert text.count(old) >= 1, f"{name} has no {old!r}"
    path.write_text(text.replace(old, new, 1))


PARTS = {
    "encoder": "lstm",
    "decoder": "lstm",
    "posterior": "diagonal-gaussian",
    "prior": "standard-normal",
    "objective": "rate-target",
    "strategy": "standard",
}
STANDING = {
    **STEPS,
    "train": training_roots(PARTS),
    "train elbo": training_roots(PARTS | {"objective": "elbo"}),
    "train cnn": training_roots(PARTS | {"decoder": "cnn"}),
    "posterior": ("textvae.measurements.posterior",),
    "likelihood": ("textvae.measurements.likelihood",),
    "table1": ("textvae.paper.exhibits.table1",),
    "table3": ("textvae.paper.exhibits.table3",),
}


def changed_steps(source):
    """The steps, measurements and exhibits whose digests differ from those of this checkout."""
    return {
        name for name, roots in STANDING.items() if digest(source, *roots) != digest(SOURCE, *roots)
    }


@pytest.mark.parametrize("name", ["posterior.py", "likelihood.py"])
def test_a_changed_measurement_concerns_itself_alone(source, name):
    change(source, f"measurements/{name}", "mean(", "sum(")
    assert changed_steps(source) == {name.removesuffix(".py")}


def test_a_changed_exhibit_concerns_itself_alone(source):
    change(source, "paper/exhibits/table1.py", "import", "import math\nimport")
    assert changed_steps(source) == {"table1"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("training/objectives/elbo.py", {"train elbo"}),
        ("training/objectives/rate_target.py", {"train", "train cnn"}),
        ("models/decoders/convolutional.py", {"train cnn"}),
    ],
)
def test_a_changed_part_concerns_what_is_trained_with_it(source, name, expected):
    change(source, name, "return ", "return 2 * ")
    assert changed_steps(source) == expected


def test_a_changed_loop_in_c_concerns_what_runs_models(source):
    path = source / "textvae/models/kernels/lstm.c"
    path.write_text(f"/* Loops. */\n{path.read_text()}")
    assert changed_steps(source) == set()
    change(source, "models/kernels/lstm.c", " + ", " - ")
    changed = changed_steps(source)
    assert {"train", "language-model", "sample", "measure", "posterior"} <= changed
    assert changed.isdisjoint({"prepare", "codes", "gather", "table", "table1", "claims"})


def test_reworded_messages_and_other_progress_concern_nothing(source):
    for path in [*source.rglob("runtime/progress.py"), source / "textvae/errors.py"]:
        path.write_text(f"{path.read_text()}\nUNUSED = 1\n")
    for path in source.rglob("*.py"):
        text = path.read_text()
        text = re.sub(r'raise InputError\(f"', 'raise InputError(f"Well, ', text)
        path.write_text(f"{text}\n# The end.\n")
    assert changed_steps(source) == set()


def test_digests_of_a_whole_plan_read_each_file_once():
    provenance._read.cache_clear()
    found = all_modules(SOURCE)
    for name in found:
        if not name.startswith("textvae/"):
            digest(SOURCE, name)
    assert provenance._read.cache_info().misses <= len(list(SOURCE.glob("textvae/**/*.*")))
    assert digests(SOURCE, "textvae.cells").items() <= found.items()


def packages(*roots):
    """The packages within textvae that a result of these roots stands on."""
    return {
        path.relative_to(SOURCE / "textvae").parts[0] for path in modules(SOURCE, *roots).values()
    }


# In order: corpora, models, training, then what measures and generates, then fce and paper.
def test_the_stages_stand_on_each_other_without_circles():
    later = {"measurements", "generation", "fce", "paper"}
    assert packages("textvae.corpora.preparation").isdisjoint({"models", "training", *later})
    assert packages("textvae.models.vae").isdisjoint({"training", *later})
    assert packages("textvae.training.cell").isdisjoint(later)
    for name in ("posterior", "likelihood", "syntax", "probe"):
        assert packages(f"textvae.measurements.{name}").isdisjoint({"training", "paper"})
    assert packages("textvae.generation.synthesis").isdisjoint({"training", "fce", "paper"})
    assert packages("textvae.fce.training").isdisjoint({"paper"})
    for path in (SOURCE / "textvae/paper/exhibits").glob("*.py"):
        below = packages(f"textvae.paper.exhibits.{path.stem}")
        assert below.isdisjoint({"models", "training", "measurements", "generation", "fce"})


WITHOUT_TORCH = (
    *("grammar", "split", "prepare", "pairs", "codes", "common-dictionary", "kneser-ney"),
    *("measure-text", "gather", "table", "figure", "document", "costs"),
)


def test_what_needs_no_torch_does_not_import_it():
    roots = [root for step in WITHOUT_TORCH for root in STEPS[step]]
    roots += [one.module for kind in (EXHIBITS, CLAIMS) for one in kind.declared().values()]
    program = f"import sys, {', '.join(roots)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
