"""`textvae render figure1`: one tidy CSV into a figure in three formats and its numbers."""

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
DISTORTION = "yahoo,lstm,10,1,,,rate-distortion,test,10000,distortion_nats,300.5\n"
RATE = "yahoo,lstm,10,1,,,rate-distortion,test,10000,rate_nats,10.25\n"
LOGDETCOV = "yahoo,lstm,10,1,,,posterior,test,10000,logdetcov,\n"
KINDS = ("pdf", "svg", "png", "csv")


@pytest.fixture
def build(tmp_path):
    """Run the command on a CSV's text: its exit status; files go to figure1.{pdf,svg,png,csv}."""

    def build(text: str) -> int:
        (tmp_path / "measurements.csv").write_text(text)
        outputs = [
            argument
            for kind in KINDS
            for argument in (f"--{kind}", str(tmp_path / f"figure1.{kind}"))
        ]
        measurements = str(tmp_path / "measurements.csv")
        return main(
            ["render", "figure1", "--measurements", measurements, "--caption", "A title", *outputs]
        )

    return build


def test_writes_the_figure_and_its_numbers(build, tmp_path):
    assert build(HEADER + DISTORTION + RATE + LOGDETCOV) == 0
    starts = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG", "csv": b"corpus,model,C,seeds,"}
    for kind, start in starts.items():
        assert (tmp_path / f"figure1.{kind}").read_bytes().startswith(start)
    assert "\nyahoo,lstm,10,1,10.25,,300.5,,,,,,,,true\n" in (tmp_path / "figure1.csv").read_text()
    assert "<title>A title</title>" in (tmp_path / "figure1.svg").read_text()


def test_what_was_measured_of_generated_text_has_no_place_in_it(build, tmp_path):
    generated = "yahoo,lstm,10,1,greedy,1,fce,test,10000,fce_nats,99\n"
    assert build(HEADER + DISTORTION + RATE + LOGDETCOV + generated) == 0
    assert len((tmp_path / "figure1.csv").read_text().splitlines()) == 2
    assert build(HEADER + generated) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER, "measurements.csv: holds no measurement"),
        (
            HEADER + RATE + LOGDETCOV,
            "measurements.csv: yahoo/lstm/C10/seed1 has no distortion_nats",
        ),
        (HEADER + RATE + DISTORTION, "measurements.csv: yahoo/lstm/C10/seed1 has no logdetcov"),
        (HEADER + "yahoo\n", "measurements.csv: line 2: 1 fields, expected 11"),
    ],
)
def test_a_wrong_table_is_one_line_of_error(build, tmp_path, capsys, text, message):
    assert build(text) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not any((tmp_path / f"figure1.{kind}").exists() for kind in KINDS)
