"""Nothing in the package can be made to run what stands in a file.

Pickles are programs, and so are what `eval`, a shell and some readers of YAML are given. Marvin and
Linzen's are read by a machine of our own (`textvae.corpora.plain_pickle`), which has no instruction
that calls anything.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# Modules that unpickle, or whose whole purpose is to bring code along.
MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
# By the name under which they are called; what they may be called with.
CALLS = {
    "eval": {},
    "exec": {},
    "compile": {},
    "__import__": {},
    "os.system": {},
    "os.popen": {},
    "yaml.load": {},
    "yaml.load_all": {},
    "yaml.full_load": {},
    "yaml.unsafe_load": {},
    "pd.read_pickle": {},
    "pandas.read_pickle": {},
    "torch.load": {"weights_only": True},
    "torch.jit.load": {},
    "torch.hub.load": {},
}
# Never so, whoever is called.
SETTINGS = {"allow_pickle": True, "shell": True, "weights_only": False}


def dangers(source: str) -> Iterator[str]:
    """What in a module could run foreign code, by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if root(alias.name) in MODULES)
        elif isinstance(node, ast.ImportFrom):
            if root(node.module or "") in MODULES:
                yield node.module
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from sorted(full & CALLS.keys())
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            needed = CALLS.get(name)
            if needed is not None and not (
                needed and all(given.get(key) == repr(value) for key, value in needed.items())
            ):
                yield name
            # Where the value is not written out, it might be anything.
            for key, forbidden in SETTINGS.items():
                if given.get(key, repr(not forbidden)) != repr(not forbidden):
                    yield f"{name}({key}={given[key]})"


def root(module: str) -> str:
    return module.split(".")[0]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", "pickle"),
        ("def late():\n    from joblib import load", "joblib"),
        ("from torch import load", "torch.load"),
        ("torch.load(path)", "torch.load"),
        ("torch.load(path, weights_only=safe)", "torch.load"),
        ("np.load(path, allow_pickle=True)", "np.load(allow_pickle=True)"),
        ("np.lib.format.open_memmap(path, allow_pickle=maybe)", None),
        ("yaml.load(text)", "yaml.load"),
        ("eval(text)", "eval"),
        ("subprocess.run(line, shell=True)", "subprocess.run(shell=True)"),
    ],
)
def test_each_danger_would_be_found(source: str, found: str | None) -> None:
    said = list(dangers(source))
    assert said
    assert found is None or found in said


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()",
        "re.compile(text)",
        "from pickletools import genops",
        "np.load(path, allow_pickle=False)",
        "torch.load(path, weights_only=True)",
        "yaml.safe_load(text)",
        "safetensors.torch.load(content)",
    ],
)
def test_what_only_looks_like_one_is_none(source: str) -> None:
    assert not list(dangers(source))


def test_the_package_has_none() -> None:
    modules = sorted(SOURCE.rglob("*.py"))
    assert len(modules) > 100
    found = {str(path): said for path in modules if (said := list(dangers(path.read_text())))}
    assert found == {}
