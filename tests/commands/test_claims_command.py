"""`textvae render claims` from files to files."""

import csv
import json
import subprocess
import sys

import pytest

from textvae.cli import main

HEAD = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = "".join(
        f"mine,lstm,{C},1,,,rate-distortion,test,200,{metric},{value}\n"
        for C, D in ((3, 60), (15, 50))
        for metric, value in (("distortion_nats", D), ("rate_nats", C))
    )
    (tmp_path / "measurements.csv").write_text(HEAD + lines)
    (tmp_path / "replicates.csv").write_text(
        "corpus,model,C,seed,decoding,copy,measurement,metric,replicates\n"
        + "".join(
            f"mine,lstm,{C},1,,,rate-distortion,distortion_nats,{D - 1} {D} {D + 1}\n"
            for C, D in ((3, 60), (15, 50))
        )
    )
    configs = []
    for C in (3, 15):
        configs.append(f"config{C}.json")
        content = {
            "cell": {"corpus": "mine", "model": "lstm", "C": C, "seed": 1},
            "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
            "training": {"recipe": {"objective": "rate-target", "beta": 1, "epochs": 10}},
        }
        (tmp_path / configs[-1]).write_text(json.dumps(content))
    return [
        *(
            "render",
            "claims",
            "--measurements",
            "measurements.csv",
            "--bootstrap",
            "replicates.csv",
        ),
        *("--configs", *configs, "--caption", "Claims."),
        *("--tex", "claims.tex", "--csv", "claims.csv", "--html", "claims.html"),
    ]


def test_files_to_files(arguments, tmp_path):
    assert main(arguments) == 0
    with (tmp_path / "claims.csv").open(newline="") as file:
        found = {record["claim"]: record for record in csv.DictReader(file)}
    assert found["distortion-falls"]["verdict"] == "holds"
    assert found["distortion-falls"]["basis"] == "one seed; 3 resamples of 200"
    assert found["active-units-grow"]["verdict"] == "not enough data"
    assert r"\label{tab:claims}" in (tmp_path / "claims.tex").read_text()
    assert "distortion falls at every step of C" in (tmp_path / "claims.html").read_text()


def test_a_model_without_its_configuration(arguments, tmp_path, capsys):
    path = tmp_path / "measurements.csv"
    path.write_text(path.read_text() + "mine,gru,3,1,,,posterior,test,200,active_units,3\n")
    assert main(arguments) == 1
    line = (
        "textvae render claims: mine/gru/C3/seed1: is measured, but its config.json is not given\n"
    )
    assert capsys.readouterr().err == line


def test_no_torch_is_loaded(arguments):
    code = (
        "import sys; from textvae.cli import main; main(sys.argv[1:]);"
        " sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
