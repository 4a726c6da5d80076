"""`textvae render section3_2`: one tidy CSV into LaTeX, CSV and HTML."""

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
LINES = (
    "yelp,gru,100,1,,,posterior,test,10000,moment_matched_kl,8.25\n"
    "yelp,gru,100,1,,,posterior,test,10000,moment_matched_kl_bias,0.1072\n"
    "yelp,gru,100,1,,,rate-distortion,test,10000,rate_nats,99.9\n"
)


@pytest.fixture
def build(tmp_path):
    """Run the command on a CSV's text: its exit status; files go to out.{tex,csv,html}."""

    def build(text: str) -> int:
        (tmp_path / "measurements.csv").write_text(text)
        outputs = [word for kind in ("tex", "csv", "html") for word in flag(tmp_path, kind)]
        measurements = str(tmp_path / "measurements.csv")
        caption = ["--caption", "A caption & more"]
        return main(["render", "section3_2", "--measurements", measurements, *caption, *outputs])

    return build


def flag(folder, kind):
    return f"--{kind}", str(folder / f"out.{kind}")


def test_writes_all_three_from_the_same_numbers(build, tmp_path):
    assert build(HEADER + LINES) == 0
    tex, table, page = ((tmp_path / f"out.{kind}").read_text() for kind in ["tex", "csv", "html"])
    assert r"Yelp & 100 & 99.9 & 8.25 & 0.11 & 10000 & 8 \\" in tex
    assert r"\caption{A caption \& more}" in tex
    assert "yelp,gru,100,moment_matched_kl,8.25,1,,10000,8,0.25\n" in table
    assert "<td>8.25</td><td>0.11</td><td>10000</td><td>8</td>" in page


def test_nothing_measured(build, tmp_path, capsys):
    assert build(HEADER) == 1
    path = tmp_path / "measurements.csv"
    assert capsys.readouterr().err == f"textvae render section3_2: {path}: holds no measurement\n"
    assert not (tmp_path / "out.tex").exists()
