"""`textvae measure description`: what can be counted of a synthetic corpus."""

import json

import pytest

from textvae.cells import Cell
from textvae.cli import main
from textvae.io import write_json
from textvae.measurements import description as diversity
from textvae.measurements import description as grammaticality
from textvae.paper.measurements import read_measurement

CELL = Cell("grammar", "lstm", 15, 1)
NAME = "grammar/lstm/C15/seed1, nucleus0.9, copy 2"
TEXT = "the author laughs\nthe author laugh\n\nthe <unk> laughs\nthe author laughs\n"


@pytest.fixture
def describe(tmp_path, monkeypatch, capsys):
    """Run the command on a text and the report beside it; the status, and what it printed."""

    def run(text, *options, report=None):
        monkeypatch.chdir(tmp_path)
        if text is not None:
            (tmp_path / "sentences.txt").write_text(text)
        content = {
            "cell": CELL.as_dict(),
            "decoding": "nucleus0.9",
            "copy": 2,
            "cut": 3,
            "longest": 9,
        }
        write_json(tmp_path / "report.json", content if report is None else report)
        files = ["--text", "sentences.txt", "--report", "report.json", "--output", "out.json"]
        status = main(["measure", "description", *files, *map(str, options)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def values(describe, tmp_path):
    """What the command wrote of a text."""

    def run(text, *options):
        assert describe(text, *options) == (0, "", "")
        return json.loads((tmp_path / "out.json").read_text())["values"]

    return run


def test_a_measurement_of_generated_text(describe, tmp_path):
    assert describe(TEXT) == (0, "", "")
    written = json.loads((tmp_path / "out.json").read_text())
    sentences = [line.split() for line in TEXT.splitlines()]
    assert written == {
        "cell": CELL.as_dict(),
        "decoding": "nucleus0.9",
        "copy": 2,
        "measurement": "description",
        "split": "synthetic",
        "sentences": 5,
        "settings": {"self_bleu_sentences": 10_000},
        "values": diversity.diversity(sentences, diversity.DescriptionSettings())
        | {"cut_sentences": 3, "cut_after_words": 9},
        "notes": {},
    }
    # It can be gathered.
    rows = {row.metric: row for row in read_measurement(tmp_path / "out.json")}
    assert {name: row.value for name, row in rows.items()} == written["values"]
    assert (rows["types"].decoding, rows["types"].copy) == ("nucleus0.9", 2)


def test_counts_by_hand(values):
    found = values(TEXT)
    assert found["types"] == len({"the", "author", "laughs", "laugh"})
    assert found["mean_length"] == (3 + 3 + 0 + 3 + 3) / 5
    assert (found["distinct_sentences"], found["empty_sentences"]) == (4, 1)
    assert found["cut_sentences"] == 3


def test_the_grammar_is_asked_where_the_text_is_of_it(values):
    found = values(TEXT, "--grammar")
    assert found["accepted_percent"] == 40
    one = grammaticality.grammaticality([["the", "author", "laughs"]])
    assert found["mean_log_probability"] == pytest.approx(one["mean_log_probability"])
    assert "accepted_percent" not in values(TEXT)


def test_self_bleu_is_of_so_many_sentences(values):
    found = values(TEXT, "--self-bleu-sentences", 2)
    assert found["self_bleu_sentences"] == 2
    assert found["mean_length"] == 12 / 5


def test_sentences_of_unknown_words_alone_are_counted_as_they_are(describe, tmp_path):
    """As are those of no words. Neither has a type, and the grammar accepts none."""
    for text, length in (("<unk> <unk>\n" * 4, 2), ("\n" * 4, 0)):
        assert describe(text, "--grammar") == (0, "", "")
        written = json.loads((tmp_path / "out.json").read_text())
        found = written["values"]
        assert (found["types"], found["mean_length"], found["distinct_sentences"]) == (0, length, 1)
        assert found["empty_sentences"] == (4 if length == 0 else 0)
        assert (found["accepted_percent"], found["mean_log_probability"]) == (0, None)
        assert written["notes"] == {"mean_log_probability": "not defined on these sentences"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"{NAME}: sentences.txt: empty, expected a sentence a line"),
        ("the author laughs\n", f"{NAME}: too few sentences to compare: 1, expected two or more"),
        ("\n", f"{NAME}: too few sentences to compare: 1, expected two or more"),
        (None, f"{NAME}: sentences.txt: no such file"),
    ],
)
def test_too_short_a_text_is_told_with_the_cell_s_name(describe, tmp_path, text, message):
    assert describe(text, "--grammar") == (1, "", f"textvae measure: {message}\n")
    assert not (tmp_path / "out.json").exists()


def test_a_report_of_something_else_is_refused(describe):
    status, _, err = describe(TEXT, report={"cell": CELL.as_dict(), "decoding": "greedy"})
    assert status == 1
    assert err == "textvae measure: report.json: not a report of `textvae sample` ('copy')\n"


def test_too_few_sentences_for_self_bleu_are_refused(describe):
    message = "--self-bleu-sentences: 1 is not a number of at least 2"
    assert describe(TEXT, "--self-bleu-sentences", 1)[2] == f"textvae measure: {message}\n"
