"""`textvae render table1`: one tidy CSV into LaTeX, CSV and HTML."""

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
LINES = (
    "cbt,lstm,3,1,,,rate-distortion,test,12000,distortion_nats,63.5\n"
    "cbt,lstm,3,1,,,reconstruction,test,12000,bleu2_all,10.04\n"
)


@pytest.fixture
def build(tmp_path):
    """Run the command on a CSV's text: its exit status; files go to table1.{tex,csv,html}."""

    def build(text: str, caption: str = "A caption") -> int:
        (tmp_path / "measurements.csv").write_text(text)
        outputs = [
            argument
            for kind in ("tex", "csv", "html")
            for argument in (f"--{kind}", str(tmp_path / f"table1.{kind}"))
        ]
        measurements = str(tmp_path / "measurements.csv")
        return main(
            ["render", "table1", "--measurements", measurements, "--caption", caption, *outputs]
        )

    return build


def test_writes_all_three_from_the_same_numbers(build, tmp_path):
    assert build(HEADER + LINES) == 0
    tex, table, page = (
        (tmp_path / f"table1.{kind}").read_text() for kind in ["tex", "csv", "html"]
    )
    assert "CBT & 3 & 63.5 & -- &" in tex
    assert "10.04" in tex
    assert "cbt,lstm,3,distortion_nats,63.5,1,,12000,62,1.5\n" in table
    assert "<td>63.5</td>" in page
    assert "10.04/–" in page


def test_the_caption_is_plain_text_everywhere(build, tmp_path):
    assert build(HEADER + LINES, r"<b>50%</b> \input{x}") == 0
    tex = (tmp_path / "table1.tex").read_text()
    assert r"\caption{\textless{}b\textgreater{}50\%" in tex
    assert r"\input" not in tex
    assert "<b>" not in (tmp_path / "table1.html").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER, "measurements.csv: holds no measurement"),
        ("a,b\n", "measurements.csv: line 1: the first must be corpus,model"),
        (HEADER + "cbt\n", "measurements.csv: line 2: 1 fields, expected 11"),
    ],
)
def test_a_wrong_table_is_one_line_of_error(build, tmp_path, capsys, text, message):
    assert build(text) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "table1.tex").exists()
