"""The canonical text of a source file: what can affect a number, alike on all Python versions."""

import ast
import subprocess
from pathlib import Path

import pytest

from textvae import canonical

SOURCE = Path(__file__).parents[1] / "src"

CODE = '''\
"""Distances."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textvae.cells import Cell


class Unit(Base):
    """A unit."""

    scale: float = setting(2.0, "by which numbers are multiplied", ge=0)


@MEASUREMENTS.register("distance", summary="how far it is", title="distance")
def distance(values: list[float], name: str) -> float:
    """Return the distance."""
    if not values:
        raise InputError(f"{name}: no values, expected " + "some")
    assert len(values) < 10, "too many"
    print("found", len(values), {"first": values[0]}["first"], name == "any")
    # The largest minus the smallest.
    return {"distance": max(values) - min(values), "text": f"{name:.3f} of {len(values)}"}
'''


def python(text):
    return canonical.python(ast.parse(text))


C = """\
#include <math.h>
#define STEP 4 /* values */
// Adds.
float add(float a, float b) { return a + b * 1.5e-3f; }
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Distances."""', '"""How far apart two numbers are.\n\nOn a line."""'),
        *(('    """A unit."""\n\n', ""), ("# The largest minus the smallest.", "# The range.")),
        ("    # The largest minus the smallest.\n", ""),
        ("if TYPE_CHECKING:\n    from textvae.cells import Cell\n", ""),
        ('"by which numbers are multiplied"', 'description="a factor"'),
        *(("how far it is", "the largest difference"), (', summary="how far it is"', "")),
        ('f"{name}: no values, expected " + "some"', '"there are no values"'),
        *(('"too many"', 'f"{len(values)} are too many"'), (', "too many"', "")),
        ('"found"', '"there are"'),
        ("max(values) - min(values)", "(\n        max(values)\n        - min(values)\n    )"),
        *(("{name:.3f} of", '{name:.3f}" f" of'), ("2.0", "2.00")),
    ],
)
def test_wording_and_layout_do_not_count(old, new):
    assert old in CODE
    assert python(CODE.replace(old, new)) == python(CODE)
    assert python('"""A."""\n# later\n"""B."""\n') == ""


def test_sentence_of_a_claim_counts():
    """It is in the table of claims."""
    claims = CODE.replace("@MEASUREMENTS", "@CLAIMS")
    assert python(claims) != python(CODE)
    for text in (claims, CODE):
        same = python(text.replace("how far it is", "how near")) == python(text)
        assert same == (text is CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("max(values) - min(values)", "max(values) + min(values)"), ("2.0", "2")),
        *(('["first"]', '["last"]'), ('name == "any"', 'name == "all"')),
        *(("ge=0", "ge=1"), ("InputError", "ValueError"), ("not values", "values")),
        *(("< 10", "< 11"), ('"distance": max', '"range": max'), (".3f", ".4f")),
        *((" of {len(values)}", " in {len(values)}"), ('title="distance"', 'title="range"')),
        *(('"distance", summary', '"range", summary'), ("(Base)", "(Other)")),
        ("from typing import TYPE_CHECKING", "from typing import TYPE_CHECKING, Any"),
    ],
)
def test_code_counts(old, new):
    assert old in CODE
    assert python(CODE.replace(old, new)) != python(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("// Adds.\n", "/* Adds\n * two. */\n"), (" /* values */", "")),
        ("{ return a + b * 1.5e-3f; }", "{\n    return a+b*1.5e-3f;   // at once\n}"),
        ("STEP 4", "STEP \\\n    4"),
    ],
)
def test_comments_and_layout_of_c_do_not_count(old, new):
    assert old in C
    assert canonical.c(C.replace(old, new)) == canonical.c(C)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        *((C, C.replace("a + b", "a - b")), (C, C.replace("1.5e-3f", "1.5e-4f"))),
        *((C, C.replace("STEP 4", "STEP 8")), ("#define A 1\nint b;", "#define A 1 int b;")),
        *(("a++b", "a+ +b"), ('x = "/* no comment */";', 'x = "";')),
        *(('x = "a // b"; // c', 'x = "a"; // c'), ('x = "a  b";', 'x = "a b";')),
        ("int x;", "intx;"),
    ],
)
def test_tokens_of_c_count(text, other):
    assert canonical.c(text) != canonical.c(other)


# Python versions parse f-strings, adjacent texts and newer characters in different ways.
ODD = """\
def f(x):
    return f"{x!r:>{width}}{{}} a" "b" f"{x=} {x:}" "\\U0001fae8 \\xe9", u"c", b"\\xff", 1e400, 2j
class A:
    pass
match x:
    case {"a": None, **rest} | [1, *_]: pass
async def g(a, /, b=1, *c, d, e=None, **h): lambda: (yield)
"""


PROGRAM = """
import ast, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from textvae import canonical, provenance
print(sys.version_info[:2], file=sys.stderr)
print(canonical.python(ast.parse(sys.argv[2])))
for name, digest in provenance.all_modules(Path(sys.argv[1])).items():
    print(name, digest)
"""


def test_python_versions_agree():
    texts = {}
    for version in ("3.11", "3.12", "3.13"):
        installed = (Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python")
        for command in (f"python{version}", *map(str, installed)):
            argv = [command, "-c", PROGRAM, str(SOURCE), ODD]
            try:
                done = subprocess.run(argv, capture_output=True, text=True, check=False)
            except OSError:
                continue
            if done.returncode == 127:  # a shim of pyenv without its version
                continue
            assert done.returncode == 0, done.stderr
            texts[done.stderr] = done.stdout
            break
    if len(texts) < 2:
        pytest.skip("only one version of Python is installed")
    assert len(set(texts.values())) == 1
