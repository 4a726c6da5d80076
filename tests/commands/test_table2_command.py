"""`textvae render table2`: homotopies and one tidy CSV into LaTeX, CSV and HTML."""

import json

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
SENSITIVITY = (
    "cbt,lstm,3,1,,,sensitivity,prior,200,codes,7\n"
    "cbt,lstm,3,1,,,sensitivity,prior,200,distinct_interpolation,0.25\n"
    "cbt,lstm,3,1,,,sensitivity,prior,200,distinct_interpolation_standard_error,0.01\n"
    "cbt,lstm,3,1,,,sensitivity,prior,200,lines,200\n"
)


def homotopy(C: float, sentences=("it is .", "it is .", "was it ?")):
    return {
        "cell": {"corpus": "cbt", "model": "lstm", "C": C, "seed": 1},
        "decodings": {"nucleus0.9": ["", "a", "b"][: len(sentences)], "greedy": list(sentences)},
    }


@pytest.fixture
def build(tmp_path):
    """Run the command: its exit status; files go to out.{tex,csv,html}."""

    def build(*homotopies, measurements: str = HEADER + SENSITIVITY) -> int:
        (tmp_path / "measurements.csv").write_text(measurements)
        argv = ["render", "table2", "--homotopies"]
        for i, content in enumerate(homotopies):
            (tmp_path / f"{i}.json").write_text(json.dumps(content))
            argv.append(str(tmp_path / f"{i}.json"))
        for kind in ("tex", "csv", "html"):
            argv += [f"--{kind}", str(tmp_path / f"out.{kind}")]
        argv += ["--measurements", str(tmp_path / "measurements.csv")]
        return main([*argv, "--caption=A caption & more"])

    return build


def test_writes_all_three(build, tmp_path):
    assert build(homotopy(15.0), homotopy(3.0)) == 0
    tex, table, page = ((tmp_path / f"out.{kind}").read_text() for kind in ("tex", "csv", "html"))
    assert r" & $C$ &  & NS (p = 0.9) & Greedy \\" in tex
    assert r"CBT & 3 & 1 & $\emptyset$ & \cellcolor[gray]{.87}it is . \\" in tex
    assert r"\caption{A caption \& more}" in tex
    assert "cbt,lstm,3,1,greedy,1,it is .,1\n" in table
    assert '<td class="prose shaded">it is .</td>' in page
    assert "CBT, C = 3: 25.0 ± 1.0 / – / –; C = 15: – / – / –." in page


def test_the_sensitivities_are_an_exhibit_of_their_own(tmp_path):
    measurements, output = tmp_path / "measurements.csv", tmp_path / "sensitivity.csv"
    measurements.write_text(HEADER + SENSITIVITY)
    argv = ["render", "sensitivity", "--measurements", str(measurements)]
    assert main([*argv, "--caption", "A caption", "--csv", str(output)]) == 0
    assert output.read_text().splitlines() == [
        "corpus,model,C,seed,direction,lines,codes,distinct_share,standard_error",
        "cbt,lstm,3,1,interpolation,200,7,0.25,0.01",
    ]


@pytest.mark.parametrize(
    ("second", "measurements", "message"),
    [
        (homotopy(3.0), HEADER, "measurements.csv: holds no sensitivity of any cell"),
        (homotopy(3.0), "", "measurements.csv: line 1: the first must be corpus"),
        (homotopy(15.0), HEADER + SENSITIVITY, "1.json: describes cbt/lstm/C15/seed1, as "),
        ({}, HEADER + SENSITIVITY, "1.json: 'cell' must be a JSON object, got nothing"),
        (homotopy(3.0, ("a", "b")), HEADER + SENSITIVITY, "1.json: 2 sentences per decoding"),
    ],
)
def test_what_is_wrong_is_one_line_of_error(build, tmp_path, capsys, second, measurements, message):
    assert build(homotopy(15.0), second, measurements=measurements) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "out.tex").exists()
