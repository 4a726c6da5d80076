"""`textvae gather`: many JSON files into one CSV."""

import json

from textvae.cli import main


def measurement(tmp_path, name, **changes):
    content = {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1},
        "measurement": "posterior",
        "split": "test",
        "sentences": 100,
        "values": {"active_units": 8},
    }
    (tmp_path / name).write_text(json.dumps(content | changes))
    return str(tmp_path / name)


def test_writes_a_tidy_table(tmp_path):
    files = [
        measurement(tmp_path, "a.json"),
        measurement(tmp_path, "b.json", values={"logdetcov": -0.5}),
    ]
    output = tmp_path / "folder" / "measurements.csv"
    assert main(["gather", *files, "--output", str(output)]) == 0
    assert output.read_text().splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value",
        "cbt,lstm,3,1,,,posterior,test,100,active_units,8",
        "cbt,lstm,3,1,,,posterior,test,100,logdetcov,-0.5",
    ]


def test_a_wrong_file_is_one_line_and_no_table(tmp_path, capsys):
    files = [measurement(tmp_path, "a.json"), measurement(tmp_path, "b.json", split=3)]
    output = tmp_path / "measurements.csv"
    assert main(["gather", *files, "--output", str(output)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error == f"textvae gather: {files[1]}: 'split' must be a text, got 3\n"
    assert not output.exists()
