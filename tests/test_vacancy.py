"""Other files of a folder are not replaced; what a stopped run left there is."""

import json

import pytest

from raw_texts import TEXTS, write
from textvae.corpora import preparation
from textvae.corpora.preparation import prepare
from textvae.corpora.settings import Preparation
from textvae.errors import InputError
from textvae.io import write_json
from textvae.vacancy import check_corpus_folder, check_model_folder
from tiny import tiny_corpus

CONFIG = {"cell": {}, "architecture": {}, "training": {}}
STATISTICS = {"name": "mine", "splits": {}}
STEP = {"step": 1, "epoch": 0.5}


def fill(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"vocabulary.txt": "a text"}, "vocabulary.txt: would be replaced"),
        ({"config.json": {"mine": 1}}, "config.json: would be replaced"),
        *(({"config.json": x}, "config.json: would be replaced") for x in ({}, [], "no JSON")),
        ({"training.jsonl": '{"text": "a"}\n'}, "training.jsonl: would be replaced"),
        ({"training.jsonl": "a text"}, "training.jsonl: would be replaced"),
        ({"model.safetensors": "others"}, "model.safetensors: would be replaced"),
        ({"statistics.json": STATISTICS}, ": is a prepared corpus"),
        ({"statistics.json": STATISTICS, "config.json": CONFIG}, ": is a prepared corpus"),
    ],
)
def test_model_replaces_no_other_files(tmp_path, files, reason):
    with pytest.raises(InputError, match=f"^{tmp_path}/own.*{reason}.*expected .* folder"):
        check_model_folder(fill(tmp_path / "own", files))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"config.json": CONFIG, "vocabulary.txt": "a"},
        {"config.json": {"language_model": {}, "training": {}}, "vocabulary.txt": "a"},
        {"training.jsonl": STEP, "model.safetensors": "x", "vocabulary.txt": "a"},
        {"training.jsonl": "", "model.safetensors": "x"},
        {"statistics.json": {"of": "mine"}, "bound.json": {}},
    ],
)
def test_model_may_replace_what_a_training_left(tmp_path, files):
    check_model_folder(fill(tmp_path / "own", files))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"vocabulary.txt": "a text"}, "vocabulary.txt: would be replaced"),
        ({"statistics.json": {"of": "mine"}}, "statistics.json: would be replaced"),
        ({"config.json": CONFIG, "vocabulary.txt": "a"}, ": has a model"),
        ({"model.safetensors": "x", "statistics.json": STATISTICS}, ": has a model"),
    ],
)
def test_corpus_replaces_no_other_files(tmp_path, files, reason):
    with pytest.raises(InputError, match=f"^{tmp_path}/own.*{reason}.*expected .* folder"):
        check_corpus_folder(fill(tmp_path / "own", files), [])


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"statistics.json": STATISTICS, "vocabulary.txt": "a"},
        {"train.tokens.npy": "x", "vocabulary.txt": "a"},
        {"config.json": {"mine": 1}},
    ],
)
def test_corpus_may_replace_what_a_preparation_left(tmp_path, files):
    check_corpus_folder(fill(tmp_path / "own", files), [])


def test_words_are_not_replaced_by_the_vocabulary(tmp_path):
    paths, folder = write(tmp_path, TEXTS), tmp_path / "corpus"
    prepare("cats", paths, Preparation(), folder)
    words = folder / "vocabulary.txt"
    before = words.read_bytes()
    with pytest.raises(InputError, match=f"^{words}: would be replaced"):
        prepare("cats", paths, Preparation(), folder, words)
    # The workflow's words are in a folder below.
    (folder / "raw").mkdir()
    (folder / "raw/words.txt").write_bytes(before)
    prepare("cats", paths, Preparation(), folder, folder / "raw/words.txt")


def test_preparation_that_was_stopped_is_repeated(tmp_path, monkeypatch):
    paths, folder = write(tmp_path, TEXTS), tmp_path / "corpus"
    prepare("cats", paths, Preparation(), folder)
    for name in ("write_json", "repeats", "offsets_of"):
        with monkeypatch.context() as patch:
            patch.setattr(preparation, name, stop)
            with pytest.raises(KeyboardInterrupt):
                prepare("cats", paths, Preparation(), folder)
        prepare("cats", paths, Preparation(), folder)


def stop(*_):
    raise KeyboardInterrupt


def test_corpus_is_not_given_a_model(tmp_path):
    corpus = tiny_corpus(tmp_path / "corpus")
    with pytest.raises(InputError, match="is a prepared corpus"):
        check_model_folder(corpus.folder)
    write_json(corpus.folder / "config.json", CONFIG)
    with pytest.raises(InputError, match="has a model"):
        check_corpus_folder(corpus.folder, [])
