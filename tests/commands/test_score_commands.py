"""`textvae score`, `self-bleu` and `gather`: files in, JSON or tables out."""

import json
import subprocess
import sys

import pytest

from textvae.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command on files a.txt and b.txt; return the status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(command, *texts):
        for name, text in zip(("a.txt", "b.txt"), texts, strict=False):
            (tmp_path / name).write_bytes(text)
        return main(command.split()), *capsys.readouterr()

    return run


SCORE = "score --reference a.txt --hypothesis b.txt"


def test_score_prints_json(run):
    reference = b"the cat sat on the mat\na b c d\n"
    status, out, err = run(SCORE, reference, b"the cat sat on the mat\r\na\n")
    scores = json.loads(out)
    assert (status, err) == (0, "")
    assert scores["sentences_all"] == scores["sentences_bucket1"] == 2
    assert scores["rouge2_all"] == pytest.approx(50)
    assert scores["bleu2_bucket3"] is None
    # A blank line is an empty reconstruction, also the last one.
    scores = json.loads(run(SCORE, b"a b\nc d\ne f", b"a b\n\n\n")[1])
    assert (scores["sentences_all"], scores["rouge2_all"]) == (3, pytest.approx(100 / 3))


def test_scores_of_many_sentences_without_4grams_are_warned_of(run):
    text = (
        b"go home now\nyes sir\nthe judge visits the pilot today\nno pilot visits the old judge\n"
    )
    _, out, err = run(SCORE, text, text)
    assert json.loads(out)["rouge4_all"] == pytest.approx(50)
    assert err.startswith("warning: a.txt: 2 of 4 originals have fewer than 4 words ")
    assert "would score 50.0 in bucket 1 and 50.0 in All" in err
    assert "sentences have fewer than 4 words" in run("self-bleu a.txt", text)[2]
    assert "1 of 8 words are <unk>" in run("self-bleu a.txt", b"a <unk> c d\ne f g h\n")[2]


def test_score_warns_of_what_is_not_words(run):
    status, out, err = run(SCORE, b"a b c d <unk>\n", b"a b c d <unk> </s>\n")
    # Of 4 bigrams one has <unk>, which matches nothing; </s> is a mark, not a word.
    assert (status, json.loads(out)["rouge2_all"]) == (0, pytest.approx(75))
    assert [line[:16] for line in err.splitlines()] == ["warning: a.txt: ", "warning: b.txt: "]
    assert err.count("1 of 5 words are <unk>") == 2
    _, _, err = run(SCORE, *[b'{"text": "a b"}\n' * 9] * 2)
    assert err.count("json-lines") == 2


def test_self_bleu_prints_json_of_the_first_sentences(run):
    text = b"a b c d e\na b c d f\n\na b c d e\n"
    status, out, err = run("self-bleu a.txt", text)
    assert (status, err.count("\n")) == (0, 1)
    assert json.loads(out) == {
        "self_bleu4": pytest.approx(100 * (2 + 0.2**0.25) / 4),
        "pairwise_bleu4": pytest.approx(100 * (2 + 4 * 0.2**0.25) / 12),
        "sentences": 4,
        "sentences_without_4grams": 1,
        "distinct_sentences": 3,
    }
    two = json.loads(run("self-bleu a.txt --sentences 2", text)[1])
    assert (two["sentences"], two["self_bleu4"]) == (2, pytest.approx(100 * 0.2**0.25))


@pytest.mark.parametrize(
    ("command", "texts", "messages"),
    [
        (SCORE, [b"a\nb\nc\n", b"a\nb\n"], ["a.txt has 3", "b.txt has 2"]),
        (SCORE, [b"", b""], ["a.txt: "]),
        (SCORE, [b"a\n \nb\n", b"a\nb\nc\n"], ["a.txt: line 2 "]),
        (SCORE, [b"a\n", b"\xff\n"], ["b.txt, line 1: "]),
        (SCORE, [b"a\n"], ["b.txt: no such file"]),
        ("self-bleu a.txt", [b"a b c d\n"], ["a.txt: ", "1"]),
        ("self-bleu a.txt --sentences 1", [b"a\nb\n"], ["--sentences: 1 "]),
        ("self-bleu a.txt", [b"a\n\xff\n"], ["a.txt, line 2: "]),
        ("self-bleu a.txt", [], ["a.txt: no such file"]),
    ],
)
def test_wrong_input_is_named_in_one_line(run, command, texts, messages):
    status, out, err = run(command, *texts)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert all(message in err for message in messages)


@pytest.mark.parametrize(
    ("closed", "status", "printed"),
    [("stdout", 1, "standard output is closed"), ("stderr", 0, '"self_bleu4"')],
)
def test_closed_stream_loses_no_result_in_silence(tmp_path, closed, status, printed):
    (tmp_path / "a.txt").write_text('{"text": "a b c d e"}\n' * 3)
    program = f"import sys; sys.{closed} = None; from textvae.cli import main;"
    program += " sys.exit(main(['self-bleu', 'a.txt']))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert printed in (done.stderr if closed == "stdout" else done.stdout)
    assert closed == "stdout" or json.loads(done.stdout)["sentences"] == 3


def test_commands_import_neither_torch_nor_pandas(tmp_path):
    """Commands that count words answer at once."""
    (tmp_path / "a.txt").write_text("a b\n" * 3)
    code = (
        "import sys; from textvae.cli import main; import textvae.measurements.overlap;"
        " import textvae.fce.kneser_ney; status = main(['self-bleu', sys.argv[1]]);"
        " status |= main('codes --latent 2 --lines 3 --output'.split() + [sys.argv[1]]);"
        " sys.exit(status or bool({'torch', 'pandas'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.txt")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def measurement(**changes):
    content = {"cell": {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1}, "split": "test"}
    content |= {"measurement": "posterior", "sentences": 100, "values": {"active_units": 8}}
    return json.dumps(content | changes).encode()


GATHER = "gather a.txt b.txt --output new/values.csv --bootstrap-output new/replicates.csv"


def test_gather_warns_of_unlike_settings(run):
    few, many = (measurement(settings={"draws": n, "noise_seed": 1}) for n in (5, 50))
    other = json.loads(many) | {"values": {"other": 1}}
    status, _, err = run(GATHER, few, json.dumps(other).encode())
    assert status == 0
    assert err.count("warning: ") == 1
    assert all(part in err for part in ("b.txt: posterior with draws 50", "5 in ", "a.txt"))


def test_gather_warns_of_texts_of_unlike_sizes(run):
    """What they are counted in is no setting of a measurement, but the text's own size."""
    text = {"decoding": "greedy", "copy": 1, "measurement": "description", "values": {"types": 9}}
    other = {"cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1}}
    status, _, err = run(
        GATHER, measurement(**text, sentences=60), measurement(**text, **other, sentences=400)
    )
    assert (status, err.count("warning: ")) == (0, 1)
    assert "b.txt: description with sentences 400, unlike 60 in " in err


def test_gather_writes_tables_of_values_and_replicates(run, tmp_path):
    first = measurement(bootstrap={"active_units": [8, 7.5]})
    second = measurement(values={"logdetcov": -0.5})
    assert run(GATHER, first, second) == (0, "", "")
    assert (tmp_path / "new/values.csv").read_text().splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,split,sentences,weights,corpus_sha256,metric,value",
        "cbt,lstm,3,1,,,posterior,test,100,,,active_units,8",
        "cbt,lstm,3,1,,,posterior,test,100,,,logdetcov,-0.5",
    ]
    assert (tmp_path / "new/replicates.csv").read_text().splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,weights,metric,replicates",
        "cbt,lstm,3,1,,,posterior,,active_units,8 7.5",
    ]
    assert run("gather a.txt --output values.csv") == (0, "", "")
    assert {path.name for path in tmp_path.glob("*.csv")} == {"values.csv"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"split": 3}, "'split'"), ({"bootstrap": {"active_units": 8}}, "'active_units'")],
)
def test_gather_wrong_file_is_named_and_no_table_is_written(run, tmp_path, changes, message):
    status, _, err = run(GATHER, measurement(values={"logdetcov": 1}), measurement(**changes))
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith("textvae gather: b.txt: ")
    assert message in err
    assert list(tmp_path.rglob("*.csv")) == []
