"""How large corpora are, as their preparation counted."""

import json

import pytest

from textvae.errors import InputError
from textvae.paper.descriptions import read_sizes


def statistics(name="mine", **changed):
    splits = {"train": {"sentences": 300}, "valid": {"sentences": 20}, "test": {"sentences": 60}}
    return {"name": name, "vocabulary": {"asked": 12, "reached": 10}, "splits": splits} | changed


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        (tmp_path / name).write_text(json.dumps(content))
        return tmp_path / name

    return write


def test_what_section_3_prints_of_each_corpus(write):
    paths = [write("a.json", statistics()), write("b.json", statistics("cbt"))]
    sizes = {
        "train_sentences": 300,
        "valid_sentences": 20,
        "test_sentences": 60,
        "vocabulary_size": 10,  # the words that it has, not those that were asked for
    }
    assert read_sizes(paths) == {"mine": sizes, "cbt": sizes}
    assert read_sizes([]) == {}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": 3}, "'name' must be a text, got 3"),
        ({"splits": None}, "'splits' must be a JSON object, got nothing"),
        ({"splits": {"train": {"sentences": 1}}}, "'valid' of 'splits' must be a JSON object"),
        ({"splits": {"train": {"sentences": -1}}}, "'sentences' of 'train' must be a whole number"),
        ({"splits": {"train": {"sentences": 10**400}}}, "'sentences' of 'train' must be a finite"),
        ({"vocabulary": {}}, "'reached' of 'vocabulary' must be a whole number, got nothing"),
    ],
)
def test_a_file_that_tells_of_no_corpus(write, changed, message):
    path = write("a.json", statistics(**changed))
    with pytest.raises(InputError) as error:
        read_sizes([path])
    assert str(error.value).startswith(f"{path}: {message}")


def test_two_files_of_one_corpus(write):
    paths = [write("a.json", statistics()), write("b.json", statistics())]
    with pytest.raises(InputError, match=r"b\.json: describes the corpus mine, as .*a\.json does"):
        read_sizes(paths)
