"""The command line: what is wrong is one line on stderr, and the exit status says so."""

import pytest

from textvae import __version__, cli


def test_every_command_has_a_module_with_arguments():
    for name in cli.COMMANDS:
        cli.build_parser(name)


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"textvae {__version__}\n"


def test_help_lists_the_commands_and_imports_none(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsys.readouterr().out
    assert set(cli.COMMANDS) <= set(out.split())


def test_a_wrong_input_is_one_line_and_status_1(tmp_path, capsys):
    status = cli.main(["score", "--reference", str(tmp_path / "gone"), "--hypothesis", "gone"])
    assert status == 1
    assert capsys.readouterr().err == f"textvae score: {tmp_path}/gone: no such file\n"


def test_what_the_system_refuses_is_one_line_too(tmp_path, capsys):
    (tmp_path / "file").touch()
    arguments = ["--train", "2", "--valid", "2", "--test", "2", "--seed", "1"]
    status = cli.main(["grammar", *arguments, "--output", str(tmp_path / "file" / "below")])
    assert status == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("textvae grammar: ")
    assert "Not a directory" in line


@pytest.mark.parametrize("arguments", [[], ["trian"], ["train", "--C", "three"]])
def test_wrong_arguments_are_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
