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


def test_replicates_go_into_a_table_of_their_own(tmp_path):
    files = [
        measurement(tmp_path, "a.json", bootstrap={"active_units": [8, 7.5]}),
        measurement(tmp_path, "b.json", values={"logdetcov": -0.5}),
    ]
    tables = [tmp_path / "measurements.csv", tmp_path / "replicates.csv"]
    flags = ["--output", str(tables[0]), "--bootstrap-output", str(tables[1])]
    assert main(["gather", *files, *flags]) == 0
    assert len(tables[0].read_text().splitlines()) == 3
    assert tables[1].read_text().splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,metric,replicates",
        "cbt,lstm,3,1,,,posterior,active_units,8 7.5",
    ]


def test_wrong_replicates_are_one_line_and_no_table(tmp_path, capsys):
    file = measurement(tmp_path, "a.json", bootstrap={"active_units": 8})
    output = ["--output", str(tmp_path / "a.csv"), "--bootstrap-output", str(tmp_path / "b.csv")]
    assert main(["gather", file, *output]) == 1
    assert capsys.readouterr().err == (
        f"textvae gather: {file}: replicates of 'active_units' must be a list of numbers, got 8\n"
    )
    assert list(tmp_path.glob("*.csv")) == []
