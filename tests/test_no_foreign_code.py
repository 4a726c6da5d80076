"""No module of the package can execute code from a file.

Pickles are programs, as are the inputs of `eval`, of a shell and of some YAML readers. The pickles
of Marvin and Linzen are read by `textvae.corpora.plain_pickle`, which calls nothing.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen"),
    *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load"),
    *("pd.read_pickle", "pandas.read_pickle", "torch.load", "torch.jit.load", "torch.hub.load"),
}
# Loaders that make nothing but texts, numbers, lists and mappings.
SAFE_LOADERS = {"yaml.BaseLoader", "yaml.SafeLoader"}
# Keyword arguments with which any call is unsafe.
UNSAFE = {"allow_pickle": True, "shell": True, "weights_only": False}


def dangers(source: str) -> Iterator[str]:
    """Yield the names of the imports and calls in a module that could execute foreign code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in MODULES:
                yield node.module
            yield from CALLS & {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            loaders = {*map(ast.unparse, node.args[1:]), keywords.get("Loader")}
            if (
                name in CALLS
                and keywords.get("weights_only") != "True"
                and not loaders & SAFE_LOADERS
            ):
                yield name
            # A value that is not a literal could be unsafe.
            for key, value in UNSAFE.items():
                if keywords.get(key, repr(not value)) != repr(not value):
                    yield f"{name}({key}={keywords[key]})"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *(("import pickle", ["pickle"]), ("def late():\n    from joblib import load", ["joblib"])),
        *(("from torch import load", ["torch.load"]), ("torch.load(path)", ["torch.load"])),
        ("np.load(path, allow_pickle=maybe)", ["np.load(allow_pickle=maybe)"]),
        ("yaml.load(text, Loader=yaml.FullLoader)", ["yaml.load"]),
        *(
            ("yaml.load(text, yaml.BaseLoader)", []),
            ("yaml.load(text, Loader=yaml.SafeLoader)", []),
        ),
        *(("yaml.load(text)", ["yaml.load"]), ("eval(text)", ["eval"])),
        ("subprocess.run(line, shell=True)", ["subprocess.run(shell=True)"]),
        *(("model.eval()", []), ("from pickletools import genops", [])),
        *(("np.load(path, allow_pickle=False)", []), ("torch.load(path, weights_only=True)", [])),
        ("safetensors.torch.load(content)", []),
    ],
)
def test_unsafe_calls_are_recognised(source: str, expected: list[str]) -> None:
    assert list(dangers(source)) == expected


def test_package_has_no_unsafe_calls() -> None:
    modules = sorted(SOURCE.rglob("*.py"))
    assert len(modules) > 100
    assert {str(path): found for path in modules if (found := [*dangers(path.read_text())])} == {}
