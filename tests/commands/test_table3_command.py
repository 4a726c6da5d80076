"""`textvae render table3`: one tidy CSV into LaTeX, CSV and HTML."""

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
RATE = "cbt,lstm,3,1,,,rate-distortion,test,12000,rate_nats,3\n"


def lines(decoding: str) -> str:
    text = f"cbt,lstm,3,1,{decoding},1,"
    return (
        f"{text}diversity,synthetic,192000,mean_length,15.5\n"
        f"{text}fce,test,12000,vocabulary_size,335\n"
        f"{text}fce,test,12000,fce_nats,87.1\n"
        f"{text}fce,test,12000,floor_nats,60.25\n"
        f"{text}fce,test,12000,kn5_fce_nats,\n"
    )


@pytest.fixture
def build(tmp_path):
    """Run the command on a CSV's text: its exit status; files go to out.{tex,csv,html}."""

    def build(text: str, *more: str) -> int:
        (tmp_path / "measurements.csv").write_text(text)
        outputs = [
            word
            for kind in ("tex", "csv", "html")
            for word in (f"--{kind}", str(tmp_path / f"out.{kind}"))
        ]
        measurements = str(tmp_path / "measurements.csv")
        argv = [
            "render",
            "table3",
            "--measurements",
            measurements,
            "--caption=A caption & more",
            *outputs,
        ]
        return main([*argv, *more])

    return build


def test_writes_all_three_from_the_same_numbers(build, tmp_path):
    """What was not generated is no row of this table."""
    assert build(HEADER + RATE + lines("greedy") + lines("nucleus0.9")) == 0
    tex, table, page = ((tmp_path / f"out.{kind}").read_text() for kind in ("tex", "csv", "html"))
    assert r"CBT & 3 & 335 & 87.1 & -- & not built & -- & -- & 15.5 & -- & -- & 335" in tex
    assert r" & Test & -- & 60.2 &" in tex
    assert r"\caption{A caption \& more}" in tex
    assert r"\label{tab:table3}" in tex
    assert "cbt,lstm,3,greedy,fce_nats,87.1,1,1,,12000,86.6,0.5\n" in table
    assert "cbt,lstm,,greedy,floor_nats,60.25,1,,,12000,,\n" in table
    assert "rate_nats" not in table
    assert "<td>335</td><td>87.1</td>" in page


def test_an_experiment_gives_its_name_to_the_label(build, tmp_path):
    text = HEADER + lines("greedy") + lines("top5") + lines("top15")
    assert build(text, "--name", "table3-all-decodings") == 0
    tex = (tmp_path / "out.tex").read_text()
    assert r"\label{tab:table3-all-decodings}" in tex
    assert "CBT, top-5 & 3 & 335 & 87.1" in tex


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        (HEADER, (), "measurements.csv: holds no measurement"),
        (HEADER + RATE, (), "measurements.csv: holds no measurement of generated text"),
        (HEADER + lines("greedy"), ("--name", "a}b"), "--name 'a}b': a name is made of letters"),
    ],
)
def test_what_is_wrong_is_one_line_of_error(build, tmp_path, capsys, text, more, message):
    assert build(text, *more) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "out.tex").exists()
