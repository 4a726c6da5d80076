"""`textvae split` says how many lines came where."""

from textvae.cli import main


def test_a_text_of_ones_own(tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("a b c\n" * 120)
    assert main(["split", "--text", str(text), "--output", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/out: lines of train 96, valid 12, test 12\n"


def test_no_text(tmp_path, capsys):
    assert main(["split", "--text", f"{tmp_path}/x.txt", "--output", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == f"textvae split: {tmp_path}/x.txt: no such file\n"
