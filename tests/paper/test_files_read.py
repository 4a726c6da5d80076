"""Configurations, statistics of corpora, training records and homotopies, as files hold them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_files import check_refused, write

from textvae.cells import Cell
from textvae.paper.claims.evidence import ModelSpec
from textvae.paper.claims.samples import specs_of
from textvae.paper.descriptions import (
    ModelConfig,
    TrainedCell,
    read_cells,
    read_config,
    read_corpus_notes,
    read_sizes,
)
from textvae.paper.exhibits.curves import Point, read_record, read_records
from textvae.paper.homotopy import equal_to_neighbour, read_homotopies, read_homotopy

CONFIG = {
    "cell": {"corpus": "cbt", "model": "cnn", "C": 15.0, "seed": 1},
    "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
    "training": {"recipe": {"objective": "rate-target", "beta": 0, "epochs": 1}},
}
SPLITS = {
    "train": {"sentences": 300, "mean_length": 7},
    "valid": {"sentences": 20},
    "test": {"sentences": 60},
}
STATISTICS = {"name": "mine", "vocabulary": {"asked": 12, "reached": 10}, "splits": SPLITS}


def test_config_is_read(tmp_path):
    path = write(tmp_path / "a.json", CONFIG)
    config = ModelConfig("lstm", "cnn", "rate-target", 0.0)
    assert read_config(path) == TrainedCell(Cell("cbt", "cnn", 15, 1), config, 512, 64, 1)
    assert (config.architecture, config.has_target) == ("LSTM-CNN", True)
    spec = ModelSpec("lstm", "cnn", "rate-target", 0.0, hidden=512, latent=64)
    assert specs_of(read_cells([path])) == {Cell("cbt", "cnn", 15, 1): spec}
    elbo = read_config(write(path, CONFIG, {"training.recipe.objective": "elbo"})).config
    assert (elbo.has_target, elbo.title) == (False, "ELBO")
    for rate, aims in ((None, True), (0.1, False)):
        parts = {"architecture.posterior": "delta", "architecture.delta_rate": rate}
        changes = parts | {"training.recipe.objective": "elbo"}
        assert read_config(write(path, CONFIG, changes)).config.has_target == aims
    for floor, aims in ((None, True), (1.0, False)):
        recipe = {"objective": "free-bits-batch", "free_nats": floor}
        changes = {f"training.recipe.{name}": value for name, value in recipe.items()}
        assert read_config(write(path, CONFIG, changes)).config.has_target == aims


def test_setting_that_is_a_mapping_is_refused(tmp_path):
    path = write(tmp_path / "a.json", CONFIG, {"architecture.embedding_range": {}})
    check_refused(read_config, path, "a setting is {}")


def test_sizes_are_read_by_corpus(tmp_path):
    """The vocabulary is the one reached; the mean length is that of the test split."""
    a = write(tmp_path / "a.json", STATISTICS)
    b = write(tmp_path / "b.json", STATISTICS, {"name": "cbt", "splits.test.mean_length": 4})
    sizes = {"train_sentences": 300, "valid_sentences": 20, "test_sentences": 60}
    sizes |= {"vocabulary_size": 10}
    assert read_sizes([a, b]) == {"mine": sizes, "cbt": sizes | {"test_mean_length": 4}}


def test_corpus_notes_give_shares_of_repeated_sentences_and_unknown_words(tmp_path):
    counts = {"splits.valid.in_train": 1, "splits.test.in_train": 15, "splits.test.unk_percent": 2}
    path = write(tmp_path / "a.json", STATISTICS, counts)
    (note,) = read_corpus_notes([path])
    assert note.startswith("mine: ")
    assert "1 (5.0%) of valid, 15 (25.0%) of test" in note
    assert "2.0% of test" in note
    same = "valid and test are one file, so that measurements on them are the same"
    many = "of the sentences, 30.0% of test are also in valid"
    counts["notes"] = {"one_file": same, "in_valid": f"{many}; expected different sentences"}
    (note,) = read_corpus_notes([write(path, STATISTICS, counts)])
    assert note.endswith(f"2.0% of test; {same}; {many}.")
    assert read_corpus_notes([write(tmp_path / "old.json", STATISTICS)]) == ()


WRONG_CONFIG = {
    "cell.C": "x",
    "architecture.encoder": 3,
    "architecture.decoder": None,
    "training": [],
    "architecture.hidden": 0,
    "architecture.latent": 0,
    "training.recipe": None,
    "training.recipe.objective": "gan",
    "training.recipe.beta": -0.5,
    "training.recipe.epochs": 0,
}
WRONG_STATISTICS = {
    "name": 3,
    "splits": None,
    "splits.valid": None,
    "splits.train.sentences": -1,
    "splits.test.sentences": 10**400,
    "splits.test.mean_length": "x",
    "vocabulary": None,
    "vocabulary.reached": None,
}


@pytest.mark.parametrize(
    ("read", "content", "key", "value"),
    [
        *((read_config, CONFIG, key, value) for key, value in WRONG_CONFIG.items()),
        *((read_sizes, STATISTICS, key, value) for key, value in WRONG_STATISTICS.items()),
        (read_config, CONFIG, "training.recipe.beta", "x"),
        (read_config, CONFIG, "training.recipe.objective", None),
    ],
)
def test_invalid_file_is_refused_by_key_and_value(tmp_path, read, content, key, value):
    path = write(tmp_path / "a.json", content, {key: value})
    shown = "nothing" if value is None else f"{value!r:.50}"
    read_one = read if read is read_config else lambda path: read([path])
    check_refused(read_one, path, key.split(".")[-1], shown)


def test_second_file_of_a_cell_or_corpus_is_refused(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    check_refused(read_config, tmp_path / "list.json", "[1]")
    for content, read, name in (
        (CONFIG, read_cells, "cbt/cnn/C15/seed1"),
        (STATISTICS, read_sizes, "mine"),
    ):
        first, second = (write(tmp_path / name, content) for name in ("a.json", "b.json"))
        check_refused(lambda path, read=read, first=first: read([first, path]), second, name)


STEP = '{"epoch": 0.5, "C": 5.0, "D": 80, "R": 4}\n'
LAST = '{"step": 2, "epoch": 1.0, "C": 10.0, "D": 70.0, "R": 9.5}\n'
VALID = '{"step": 2, "epoch": 1.0, "split": "valid", "D": 72.0, "R": 9.75}\n'


@pytest.fixture
def write_cell(tmp_path):
    """Write a cell's folder with a configuration and a record."""

    def write_cell(name="cell", record=STEP + LAST + VALID, epochs=1, objective="rate-target"):
        (tmp_path / name).mkdir()
        recipe = {"objective": objective, "beta": 1.0, "epochs": epochs}
        write(tmp_path / name / "config.json", CONFIG, {"training.recipe": recipe})
        (tmp_path / name / "training.jsonl").write_text(record)
        return tmp_path / name

    return write_cell


def test_record_is_read(write_cell):
    record = read_record(write_cell())
    assert (record.cell, record.has_target) == (Cell("cbt", "cnn", 15, 1), True)
    assert record.training == (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
    # C is that of the same step.
    assert record.validation == (Point(1, 10, 72, 9.75),)
    assert not read_record(write_cell("elbo", objective="elbo")).has_target


@pytest.mark.parametrize(
    ("text", "epochs", "message"),
    [
        ("", 1, "validated up to epoch 0 of 1"),
        (STEP + LAST + VALID, 3, "validated up to epoch 1 of 3"),
        (VALID, 1, "trained up to"),
        (STEP.replace("0.5", "0.0") + VALID, 1, "trained up to epoch 0 of 1"),
        ('{"step": 1, "ep', 1, "line 1: "),
        ("5\n", 1, "line 1: "),
        *((STEP.replace(f'"{key}"', '"x"'), 1, f"line 1: {key} ") for key in ("R", "C", "D")),
        (STEP.replace("80", "NaN"), 1, "line 1: D "),
        (STEP * 2 + STEP.replace("0.5", "0.25"), 1, "line 3: epoch 0.25 after epoch 0.5"),
    ],
)
def test_invalid_record_names_its_line_or_epoch(write_cell, text, epochs, message):
    folder = write_cell(record=text, epochs=epochs)
    check_refused(lambda path: read_record(folder), folder / "training.jsonl", message)


def test_missing_file_and_repeated_cell_are_refused(write_cell):
    first, second = write_cell("first"), write_cell("second")
    check_refused(lambda path: read_records([first, path]), second, "cbt/cnn/C15/seed1", first)
    for name in ("training.jsonl", "config.json"):
        (first / name).unlink()
        check_refused(lambda path: read_record(first), first / name, "no such file")


# A sentence may have no words.
GREEDY = ["it is .", "it is .", ""]
TOP = ["it was .", "who is it ?", "go !"]
HOMOTOPY = {
    "cell": {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1},
    "decodings": {"greedy": GREEDY, "top15": TOP},
}


def test_homotopies_are_in_the_order_of_a_table(tmp_path):
    """Decodings are in the order of the first file."""
    turned = {"cell.C": 15, "decodings": {"top15": TOP, "greedy": GREEDY}}
    changes = [{"cell.corpus": "zoo"}, turned, {"cell.seed": 2}, {}]
    paths = [write(tmp_path / f"{i}.json", HOMOTOPY, one) for i, one in enumerate(changes)]
    homotopies = read_homotopies(paths)
    assert [str(one.cell) for one in homotopies] == [
        *("cbt/lstm/C3/seed1", "cbt/lstm/C15/seed1", "cbt/lstm/C3/seed2", "zoo/lstm/C3/seed1")
    ]
    sentences = [("greedy", tuple(GREEDY)), ("top15", tuple(TOP))]
    assert all(list(one.sentences.items()) == sentences for one in homotopies)
    assert homotopies[0].codes == 3
    assert read_homotopies([]) == []


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["cbt/lstm/C3/seed1"]),
        ({"cell.C": 15, "decodings": {"greedy": GREEDY, "top5": TOP}}, ["greedy, top5", "top15"]),
        ({"cell.C": 15, "decodings": {"greedy": GREEDY[:2], "top15": TOP[:2]}}, ["2", "3"]),
    ],
)
def test_homotopies_of_a_table_must_agree(tmp_path, changes, parts):
    first = write(tmp_path / "a.json", HOMOTOPY)
    second = write(tmp_path / "b.json", HOMOTOPY, changes)
    check_refused(lambda path: read_homotopies([first, path]), second, first, *parts)


@pytest.mark.parametrize(
    ("key", "value", "parts"),
    [
        ("cell", None, ["'cell'"]),
        ("decodings", None, ["'decodings'"]),
        ("decodings", {}, ["'decodings'"]),
        ("decodings", {"": TOP}, ["''"]),
        ("decodings", {"greedy": ["it", 3]}, ["2", "'greedy'", "3"]),
        ("decodings", {"greedy": ["it"]}, ["'greedy'", "1", "2"]),
        ("decodings", {"greedy": GREEDY, "top15": TOP[:2]}, ["'top15'", "2", "3", "'greedy'"]),
    ],
)
def test_malformed_homotopy_is_refused(tmp_path, key, value, parts):
    check_refused(read_homotopy, write(tmp_path / "a.json", HOMOTOPY, {key: value}), *parts)


@given(st.lists(st.sampled_from("ab"), min_size=1))
def test_only_adjacent_equal_sentences_are_neighbours(made):
    near = [[j for j in (i - 1, i + 1) if 0 <= j < len(made)] for i in range(len(made))]
    expected = [any(made[j] == made[i] for j in js) for i, js in enumerate(near)]
    assert equal_to_neighbour(tuple(made)) == expected
    # As in the greedy column of C = 3 in the paper's Table 2.
    equal = equal_to_neighbour(tuple("abccdee"))
    assert equal == [False, False, True, True, False, True, True]
