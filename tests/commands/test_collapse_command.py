"""`textvae render collapse`: one tidy CSV and configurations into LaTeX, CSV and HTML."""

import json

import pytest

from textvae.cli import main

LINES = (
    "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
    "cbt,elbo,0,1,,,rate-distortion,test,100,rate_nats,0.01\n"
    "cbt,elbo,0,1,,,posterior,test,100,active_units,0\n"
    "cbt,half,15,1,,,rate-distortion,test,100,rate_nats,17.5\n"
    "cbt,half,15,1,,,slope,test,100,slope,0.5\n"
)


def config(model, C, objective, beta):
    return {
        "cell": {"corpus": "cbt", "model": model, "C": C, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
        "training": {"recipe": {"objective": objective, "beta": beta, "epochs": 10}},
    }


CONFIGS = [config("half", 15.0, "rate-target", 0.5), config("elbo", 0.0, "elbo", 1.0)]


@pytest.fixture
def build(tmp_path):
    """Run the command on configurations: its exit status; files go to out.{tex,csv,html}."""

    def build(*configs) -> int:
        (tmp_path / "measurements.csv").write_text(LINES)
        argv = [
            "render",
            "collapse",
            "--measurements",
            str(tmp_path / "measurements.csv"),
            "--configs",
        ]
        for content in configs:
            folder = tmp_path / content["cell"]["model"]
            folder.mkdir()
            (folder / "config.json").write_text(json.dumps(content))
            argv.append(str(folder / "config.json"))
        for kind in ("tex", "csv", "html"):
            argv += [f"--{kind}", str(tmp_path / f"out.{kind}")]
        return main([*argv, "--caption", "A caption & more"])

    return build


def test_writes_all_three_from_the_same_numbers(build, tmp_path):
    assert build(*CONFIGS) == 0
    tex, table, page = ((tmp_path / f"out.{kind}").read_text() for kind in ["tex", "csv", "html"])
    assert r"CBT & LSTM-CNN & ELBO & 1 &  & -- & 0.0 & -- & 0 & -- \\" in tex
    assert r" & 0.5 & 15 & -- & 17.5{*} & -- & -- & 0.50 \\" in tex
    assert "cbt,half,15,LSTM-CNN,rate-target,0.5,1,,,17.5," in table
    assert "<td>17.5*</td>" in page
    assert "<p>The code collapsed (AU = 0) in 1 of 1 cells. ELBO, β = 1: CBT LSTM-CNN.</p>" in page


def test_a_cell_without_its_configuration_is_one_line_of_error(build, tmp_path, capsys):
    assert build(CONFIGS[0]) == 1
    error = capsys.readouterr().err
    line = "cbt/elbo/C0/seed1: is measured, but its config.json is not given"
    assert error == f"textvae render collapse: {line}\n"
    assert not (tmp_path / "out.tex").exists()


def test_no_such_configuration(build, tmp_path, capsys):
    gone = str(tmp_path / "gone.json")
    argv = ["render", "collapse", "--measurements", gone, "--configs", gone, "--caption", "x"]
    assert main([*argv, "--tex", "x", "--csv", "x", "--html", "x"]) == 1
    assert capsys.readouterr().err == f"textvae render collapse: {gone}: no such file\n"
