"""A result depends on all modules that it imports, except those that affect no number."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from textvae import canonical, provenance
from textvae.provenance import all_modules, digest, digests, imports, modules, own_files
from textvae.registry import CLAIMS, EXHIBITS
from textvae.stages import STEPS, training_roots

SOURCE = Path(__file__).parents[1] / "src"


def write(folder, files):
    for name, text in {"__init__.py": "__version__ = 2", **files}.items():
        path = folder / "textvae" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_imports_are_followed_at_any_depth(tmp_path):
    files = {
        "a.py": "import json\nfrom textvae.package import inner\n",
        "package/__init__.py": '"""Does nothing, and is left out."""\n',
        "package/inner.py": "def late():\n    import textvae.deep.leaf\n",
        **dict.fromkeys(("package/other.py", "package/kernel.c", "package/kernel.h"), ""),
        "deep/__init__.py": "from textvae.back import name\n",
        "deep/leaf.py": "from textvae import a\n",
        "back.py": "name = 1\n",
        "elsewhere/other.c": "",
        "types.py": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from textvae import a\n",
    }
    folder = write(tmp_path, files)
    found = modules(folder, "textvae.a")
    assert list(found) == [
        *("textvae.a", "textvae.back", "textvae.deep", "textvae.deep.leaf"),
        *("textvae.package.inner", "textvae/package/kernel.c", "textvae/package/kernel.h"),
    ]
    assert found["textvae.deep"] == folder / "textvae/deep/__init__.py"
    assert [*modules(folder, "textvae.types")] == ["textvae.types"]
    for name in ("textvae.gone", str(tmp_path / "gone.py")):
        with pytest.raises(ModuleNotFoundError, match=re.escape(name)):
            modules(folder, name)


def test_excluded_modules_are_neither_listed_nor_followed(tmp_path):
    files = dict.fromkeys(("errors.py", "commands/run.py"), "from textvae import b\n")
    files["a.py"] = "from textvae.errors import InputError\nfrom textvae.commands import run\n"
    folder = write(tmp_path, files | {"b.py": "x = 1"})
    assert [*modules(folder, "textvae.a")] == ["textvae.a"]
    every = ["textvae.a", "textvae.b", "textvae.commands.run", "textvae.errors"]
    assert [*imports(folder, "textvae.a")] == every
    with pytest.raises(ValueError, match=r"textvae\.commands\.run: pass"):
        modules(folder, "textvae.commands.run")
    assert provenance.excluded("textvae.iodine") is None
    # All of them exist.
    for name in provenance.EXCLUDED:
        imports(SOURCE, name)


def test_file_outside_the_package_counts_without_its_folder(tmp_path):
    folder = write(tmp_path, {"a.py": "x = 1"})
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


def test_files_beside_a_file_outside_the_package_count_if_it_imports_them(tmp_path):
    folder = write(tmp_path / "package", {"a.py": "x = 1"})
    mine, helper, package = (tmp_path / name for name in ("mine.py", "helper.py", "parts/one.py"))
    package.parent.mkdir()
    mine.write_text("import numpy\nimport helper\nfrom parts import one\n")
    helper.write_text("x = 1\n")
    package.with_name("__init__.py").write_text("")
    package.write_text("y = 1\n")
    (tmp_path / "unused.py").write_text("z = 1\n")
    assert [*modules(folder, str(mine))] == sorted(map(str, (mine, helper, package)))
    for path in (helper, package):
        before = digest(folder, str(mine))
        path.write_text("x = y = 2\n")
        assert digest(folder, str(mine)) != before
    before = digest(folder, str(mine))
    (tmp_path / "unused.py").write_text("z = 2\n")
    assert digest(folder, str(mine)) == before


def test_folder_without_init_beside_a_file_counts_and_imports_from_there(tmp_path):
    mine, inner, helper = (tmp_path / name for name in ("mine.py", "lib/values.py", "helper.py"))
    inner.parent.mkdir()
    mine.write_text("from lib.values import y\n")
    inner.write_text("import helper\ny = helper.x\n")
    helper.write_text("x = 1\n")
    assert own_files(mine) == [mine, inner, helper]
    assert [*modules(tmp_path, str(mine))] == sorted(map(str, (mine, inner, helper)))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the package's sources; tests restore what they change."""
    folder = tmp_path_factory.mktemp("copy") / "src"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return folder


PARTS = {"encoder": "lstm", "decoder": "lstm", "objective": "rate-target"}
PARTS |= {"posterior": "diagonal-gaussian", "prior": "standard-normal", "strategy": "standard"}
ROOTS = {
    **STEPS,
    "train": training_roots(PARTS),
    "train elbo": training_roots(PARTS | {"objective": "elbo"}),
    "train cnn": training_roots(PARTS | {"decoder": "cnn"}),
    **{name: (f"textvae.measurements.{name}",) for name in ("posterior", "likelihood")},
    **{name: (f"textvae.paper.exhibits.{name}",) for name in ("table1", "table3")},
}


@pytest.fixture(scope="module")
def before():
    return {name: digest(SOURCE, *roots) for name, roots in ROOTS.items()}


@pytest.fixture
def changed(source, before):
    """Change files of the copy; return the steps, measurements and exhibits that depend on it."""
    originals = {}

    def change(edits):
        for path, text in edits.items():
            originals.setdefault(path, path.read_text())
            assert text != path.read_text()
            path.write_text(text)
        return {name for name, roots in ROOTS.items() if digest(source, *roots) != before[name]}

    yield change
    for path, text in originals.items():
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("measurements/posterior.py", "mean(", "sum(", {"posterior"}),
        ("measurements/likelihood.py", "mean(", "sum(", {"likelihood"}),
        ("paper/exhibits/table1.py", "import", "import math\nimport", {"table1"}),
        ("training/objectives/elbo.py", "return ", "return 2 * ", {"train elbo", "choose-C"}),
        (
            *("training/objectives/rate_target.py", "return ", "return 2 * "),
            {"train", "train cnn", "choose-C"},
        ),
        ("models/decoders/convolutional.py", "return ", "return 2 * ", {"train cnn"}),
        ("models/kernels/lstm.c", "#include", "/* Loops. */\n#include", set()),
    ],
)
def test_change_affects_only_what_depends_on_it(source, changed, name, old, new, expected):
    path = source / "textvae" / name
    assert changed({path: path.read_text().replace(old, new, 1)}) == expected


def test_change_of_a_c_kernel_affects_all_uses_of_models(source, changed):
    path = source / "textvae/models/kernels/lstm.c"
    steps = changed({path: path.read_text().replace(" + ", " - ", 1)})
    assert {"train", "language-model", "sample", "measure", "posterior"} <= steps
    assert steps.isdisjoint({"prepare", "codes", "gather", "table", "table1", "claims"})


def test_changes_of_messages_and_excluded_modules_affect_nothing(source, changed):
    edits = {
        path: re.sub(r'raise InputError\(f"', 'raise InputError(f"Well, ', path.read_text())
        + "\n# The end.\n"
        for path in source.rglob("*.py")
    }
    for name in ("runtime/progress.py", "errors.py"):
        edits[source / "textvae" / name] += "UNUSED = 1\n"
    assert changed(edits) == set()


def test_digests_of_a_whole_plan_read_each_file_once(source, monkeypatch):
    # No other test, and no earlier run of this one, has files of this content: none is cached.
    end = f"# {uuid4()}\n"
    copy = source.with_name("again")
    shutil.copytree(source, copy)
    for path in copy.rglob("*.py"):
        path.write_text(path.read_text() + end)
    monkeypatch.setenv("XDG_CACHE_HOME", str(source.with_name("cache")))
    calls = []
    python = canonical.python
    monkeypatch.setattr(canonical, "python", lambda tree: calls.append(tree) or python(tree))
    found = all_modules(copy)
    for name in found:
        if not name.startswith("textvae/"):
            digest(copy, name)
    assert 100 < len(calls) <= len(list(copy.rglob("*.py")))
    assert digests(copy, "textvae.cells").items() <= found.items()


def test_unchanged_files_are_not_parsed_by_the_next_process(tmp_path):
    folder = write(tmp_path, {"a.py": "x = 1", "b.py": "from textvae import a\n"})
    program = (
        "import pathlib, sys; from textvae import canonical, provenance;"
        "python = canonical.python;"
        "canonical.python = lambda tree: (print('parsed'), python(tree))[1];"
        "print(provenance.digest(pathlib.Path(sys.argv[1]), 'textvae.b'))"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def words():
        command = [sys.executable, "-c", program, str(folder)]
        return subprocess.check_output(command, text=True, env=environment).split()

    *parsed, first = words()
    assert len(parsed) == 2
    assert words() == [first]
    (folder / "textvae/a.py").write_text("x = 2")
    again, changed = words()
    assert (again, changed == first) == ("parsed", False)
    # As without the cache.
    shutil.rmtree(tmp_path / "cache")
    assert words()[-1] == changed


def packages(*roots):
    """Return the packages within textvae that a result of these roots depends on."""
    paths = modules(SOURCE, *roots).values()
    return {path.relative_to(SOURCE / "textvae").parts[0] for path in paths}


# In order: corpora, models, training, measurements and generation, fce and paper.
def test_stages_import_only_earlier_stages():
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


def test_steps_without_torch_do_not_import_it():
    roots = [root for step in WITHOUT_TORCH for root in STEPS[step]]
    roots += [one.module for kind in (EXHIBITS, CLAIMS) for one in kind.declared().values()]
    program = f"import sys, {', '.join(roots)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
