"""`textvae provenance`: the code that a result stands on, and what of it changed since a run."""

import json

import pytest

from textvae.cli import main
from textvae.provenance import SOURCE, all_modules, digest, digests
from textvae.registry import CLAIMS
from textvae.stages import STEPS


@pytest.fixture
def ask(capsys):
    """Run the command; its exit status, and what it printed."""

    def ask(*argv):
        status = main(["provenance", *map(str, argv)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return ask


def test_the_modules_of_a_step(ask):
    status, printed = ask("codes")
    first, *rest = printed.splitlines()
    assert status == 0
    assert first == f"codes: {digest(SOURCE, *STEPS['codes'])[:12]}"
    expected = digests(SOURCE, *STEPS["codes"])
    assert rest == [f"  {own[:12]}  {module}" for module, own in expected.items()]
    assert "textvae.generation.codes" in expected


def test_a_line_for_each_result(ask):
    status, printed = ask()
    lines = {line.split("  ")[0]: line for line in printed.splitlines()}
    assert status == 0
    assert {*STEPS, "exhibit table1", "exhibit probe"} <= set(lines)
    assert lines["split"].endswith(f"{len(digests(SOURCE, *STEPS['split']))} modules")


def test_a_registered_thing_with_or_without_its_kind(ask):
    whole = ask("exhibit table1")
    assert whole == ask("table1")
    lines = whole[1].splitlines()
    assert lines[0].startswith("exhibit table1: ")
    assert any(line.endswith("  textvae.paper.exhibits.table1") for line in lines)
    assert any(line.endswith("  textvae.paper.render.latex") for line in lines)


def test_claims_stand_on_every_claim(ask):
    _, printed = ask("exhibit claims")
    for one in CLAIMS.declared().values():
        assert f"  {one.module}\n" in printed + "\n"


def test_a_file_outside_the_package(ask, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from textvae import bootstrap\n")
    status, printed = ask(path)
    assert status == 0
    assert f"  {path}\n" in printed
    assert "  textvae.bootstrap\n" in printed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tran", "(did you mean 'train'?)"),
        ("textvae.gone", "textvae.gone: no textvae.gone below"),
        ("textvae.commands.run", "no result depends on textvae.commands.run: "),
        ("gone.py", "gone.py: no gone.py below"),
    ],
)
def test_a_name_that_is_none(ask, name, expected):
    status, printed = ask(name)
    assert status == 1
    assert printed.startswith("textvae provenance: ")
    assert expected in printed
    assert printed.count("\n") == 1


@pytest.fixture
def since(tmp_path):
    """Write the record of a run with the code of today but for what is changed."""

    def since(**changes):
        code = all_modules(SOURCE) | changes
        path = tmp_path / "information.json"
        path.write_text(json.dumps({"code": {name: own for name, own in code.items() if own}}))
        return path

    return since


def test_what_changed_since_a_run(ask, since):
    assert ask("--since", since()) == (0, "nothing has changed\n")
    module = "textvae.generation.codes"
    changed = since(**{module: "0" * 64})
    _, printed = ask("--since", changed)
    assert printed.startswith(f"changed: {module}: codes, sample, interpolate")
    assert ask("split", "codes", "--since", changed) == (0, f"changed: {module}: codes\n")
    # Only what is asked for is compared.
    assert ask("split", "--since", changed) == (0, "nothing has changed\n")
    new = since(**{module: None})
    assert ask("split", "codes", "--since", new) == (0, f"new: {module}: codes\n")


@pytest.mark.parametrize("content", ["[]", "{}", '{"code": 1}', '{"code": {"a": "b"}}', "{"])
def test_a_record_without_code(ask, tmp_path, content):
    path = tmp_path / "information.json"
    path.write_text(content)
    status, printed = ask("--since", path)
    assert status == 1
    assert printed.startswith(f"textvae provenance: {path}: ")
    assert printed.count("\n") == 1
