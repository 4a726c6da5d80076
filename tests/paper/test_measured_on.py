"""Notes on measurements of other text than the test split, and of many unknown words."""

from json_files import write
from reading import records

from textvae.cells import Cell
from textvae.paper.exhibits.table1 import table1, table1_csv
from textvae.paper.gathering import gather
from textvae.paper.measured_on import fewer_notes, notes_on, of_one_text
from textvae.paper.measurements import Measured
from textvae.paper.rows import rows_of


def measured(measurement, split, **values):
    given = Cell("own", "lstm", 3.0, 1), measurement, split, 100
    return [Measured(*given, metric, value) for metric, value in values.items()]


RATES = {"rate_nats": 3.0, "distortion_nats": 50.0}


def test_measurements_of_the_test_split_have_no_note():
    pairs = measured("syntax", "my pairs", **{"all.p1": 0.5})
    rows = [*measured("rate-distortion", "test", **RATES, unk_percent=9.5), *pairs]
    assert notes_on(rows) == []
    assert "measured_on" not in records(table1_csv(rows_of(rows)))[0]


def test_another_split_or_corpus_and_unknown_words_are_named():
    rows = [
        *measured("rate-distortion", "train", **RATES, unk_percent=21.5),
        *measured("posterior", "other: test", logdetcov=1.0),
        *measured("reconstruction", "test", bleu2_all=5.0),
    ]
    other, train, unknown = notes_on(rows)
    assert all(part in other for part in ("other: test", "posterior", "own/lstm/C3"))
    assert all(part in train for part in ("train", "rate-distortion", "own/lstm/C3"))
    assert "21.5%" in unknown
    shown = {line["metric"]: line["measured_on"] for line in records(table1_csv(rows_of(rows)))}
    texts = ("rate_nats", "logdetcov", "bleu2_all")
    assert [shown[metric] for metric in texts] == ["train", "other: test", "test"]


def test_measurements_of_one_text_are_kept_and_others_named():
    """The test split if anything of the corpus is measured on it, or the most frequent text."""
    test = measured("rate-distortion", "test", **RATES)
    others = measured("posterior", "my letters.txt", logdetcov=1.0)
    kept, [note] = of_one_text([*test, *others])
    assert kept.metric.tolist() == list(RATES)
    assert "“my letters.txt”" in note
    assert "own/lstm/C3" in note
    valid = measured("rate-distortion", "valid", **RATES)
    kept, [note] = of_one_text([*others, *valid])
    assert kept.metric.tolist() == list(RATES)
    pairs = measured("syntax", "my pairs", **{"all.p1": 0.5})
    for alike in (valid, others, [*test, *pairs]):
        kept, notes = of_one_text(alike)
        assert (len(kept), notes) == (len(alike), [])


def test_unknown_words_of_a_model_that_was_trained_on_none_are_named():
    """However few: any raises D."""
    for training, unk_percent, named in ((0, 3.75, True), (0, 0, False), (0.5, 3.75, False)):
        values = {"unk_percent": unk_percent, "training_unk_percent": training}
        notes = notes_on(measured("rate-distortion", "test", **RATES, **values))
        assert [note.startswith("UNTRAINED <unk>: up to 3.8%") for note in notes] == [True] * named


def test_measurement_of_fewer_sentences_than_requested_is_named(tmp_path):
    """From the note of the measurement file, through the table of an experiment."""
    content = {
        "cell": {"corpus": "own", "model": "lstm", "C": 3.0, "seed": 1},
        "measurement": "information",
        "split": "test",
        "sentences": 300,
        "settings": {"sentences": 5000},
        "values": {"mutual_information_nats": 1.5},
    }
    notes = {"notes": {"sentences": "5000 requested, measured on 300 of 300"}}
    few, enough = write(tmp_path / "few.json", content | notes), write(tmp_path / "a.json", content)
    assert fewer_notes(gather([enough])) == []
    (note,) = fewer_notes(gather([few]))
    assert all(part in note for part in ("information", "5,000", "on 300:", "own/lstm/C3"))


def test_table_1_has_the_share_of_unknown_words_and_reasons_for_dashes():
    rows = measured("any", "test", **RATES, unk_percent=1.25, bleu4_all=None, logdetcov=None)
    notes = table1(rows_of(rows), "Caption").notes
    assert any("own 1.25" in note for note in notes)
    (reason,) = (note for note in notes if "–" in note and "`" not in note)
    assert all(name in reason for name in ("BLn", "LogDetCov"))
